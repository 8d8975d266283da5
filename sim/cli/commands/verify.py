"""What `journeysim verify` prints."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sim.cli.commands.common import print_object
from sim.runs.progress import tell_if_compiling
from sim.runs.run import check_options
from sim.theory import CASES, verify_all
from sim.theory.check import Check
from sim.theory.table import WIDTH, as_json, as_table, summary


def verify_command(engine: str, json_wanted: bool, quiet: bool) -> bool:
    """Run every limiting case and print a line a check; returns whether all passed.

    `json_wanted`: one object with passed, engine, seconds and checks. `quiet`: the checks that
    fail and the last line only. Progress is shown on a terminal, on standard error. Raises
    InputError if there is no such engine.
    """
    check_options(engine, None)
    began = time.perf_counter()
    checks = _with_progress(engine, hidden=json_wanted or quiet)
    passed = all(check.passed for check in checks)
    if json_wanted:
        seconds = time.perf_counter() - began
        found = {
            "passed": passed,
            "engine": engine,
            "seconds": seconds,
            "checks": as_json(checks),
        }
        print_object(found)
        return passed
    console = Console(width=WIDTH, highlight=False)
    shown = [check for check in checks if not (quiet and check.passed)]
    if shown:
        console.print(as_table(shown))
    console.print(summary(checks))
    return passed


def _with_progress(engine: str, hidden: bool) -> list[Check]:
    if not hidden and engine == "fast":
        tell_if_compiling()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    ) as bar:
        cases = bar.add_task("limiting cases", total=len(CASES))
        return verify_all(lambda _name, _checks: bar.advance(cases), engine)
