"""What `journeysim experiment` does, from options to files and printed lines."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from sim.cli.commands.common import Output, print_object
from sim.cli.commands.questions import ask_claims, ask_study
from sim.errors import BadOption, InputError, Problem
from sim.folders import RESULTS
from sim.locks import at_work
from sim.pages.sweep_page import study_answer, write_page
from sim.pages.terminal import study_text
from sim.pages.words.language import ENGLISH, check_language, speaking
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study_file import load_study
from sim.questions.studies import has_kind
from sim.runs.dataset import RUNS
from sim.runs.many import Cluster, Means, Processes, Runner
from sim.runs.room import check_room
from sim.runs.run import is_compiled, run
from sim.runs.sweep import Progress, sweep
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario

MOST_WORKERS = 1024
EVERY = "--all"


class What(NamedTuple):
    """What is to be done: a study file or a study's name, or every claim; from which seed."""

    file: str | None
    every: bool = False
    seed: int | None = None


def _again(what: What, means: Means, output: Output) -> str:
    """The command that goes on with a study; None: with all claims."""
    words = ["journeysim", "experiment", what.file or EVERY, "--resume"]
    for option, value in (
        ("--seed", what.seed),
        ("--workers", means.threads),
        ("--dask", means.dask),
        ("--out", output.out),
        ("--language", None if output.language == ENGLISH else output.language),
    ):
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)


def experiment_command(what: What, means: Means, output: Output) -> None:
    """Do the runs of a study file, write its folder and print where it is.

    `means.threads`: processes, by default one for each core.
    The folder is `--out`, by default `results/` and the name of the study. Raises
    `JourneysimError` for whatever goes wrong; the finished runs are kept then.
    """
    check_language(output.language)
    problems = _wrong_options(means)
    file = what.file
    if file is not None and what.every:
        problems.append(BadOption(field="all", given=file, allowed="either a FILE or --all"))
    if file is None and not what.every:
        detail = "name a study file, a study of the library, or --all."
        raise InputError(detail)
    if problems:
        raise InputError(problems=problems)
    means = replace(means, again=_again(what, means, output))
    if file is None:
        ask_claims(what.seed, means, output)
        return
    if has_kind(file):
        ask_study(file, what.seed, means, output=output)
        return
    study, scenario = load_study(file, what.seed)
    plan = market_plan(study, scenario)
    place = RESULTS / study.name if output.out is None else output.out
    runner = _runner(means)
    if isinstance(runner, Processes):
        less = "use fewer agents or days in the study, or fewer --workers"
        check_room(scenario, runner.workers, in_processes=True, less=less)
    began = time.perf_counter()
    with at_work(place), _progress(output.silent) as show:
        if isinstance(runner, Processes) and not is_compiled():
            _compile(scenario, output)
        table = sweep(
            plan,
            market_run(plan, scenario),
            runner,
            place=place,
            resume=means.resume,
            progress=show,
            again=means.again,
        )
        with speaking(output.language):
            report = write_page(place, study, scenario, plan=plan, table=table)
    seconds = time.perf_counter() - began
    if output.as_json:
        found = {
            "study": study.name,
            "folder": str(place),
            "table": str(place / RUNS),
            "report": str(report),
            "rows": len(table),
            "runs": int(table["run"].nunique()),
            "replicates": study.replicates,
            "levers": list(plan.columns),
            "measures": list(plan.measures),
            "seconds": seconds,
        }
        print_object(found)
        return
    if not output.quiet:
        runs, rows = int(table["run"].nunique()), plan.design.size
        with speaking(output.language):
            print(study_text(study, rows=rows, runs=runs, measures=len(plan.measures)))
            for line in study_answer(study, scenario, plan, table=table):
                print(line)
        print(place / RUNS)
    print(report)


def _wrong_options(means: Means) -> list[Problem]:
    problems: list[Problem] = []
    if means.threads is not None and not 1 <= means.threads <= MOST_WORKERS:
        given, allowed = str(means.threads), f"1 to {MOST_WORKERS}"
        problems.append(BadOption(field="workers", given=given, allowed=allowed))
    if means.threads is not None and means.dask is not None:
        allowed = "either --workers or --dask"
        problems.append(BadOption(field="dask", given=means.dask, allowed=allowed))
    return problems


def _runner(means: Means) -> Runner:
    if means.dask is not None:
        return Cluster(means.dask)
    return Processes(means.threads or _cores())


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _compile(scenario: Scenario, output: Output) -> None:
    """Compile the engine once, before every worker would."""
    if not output.silent:
        print("Compiling the engine (once, about a minute) ...", file=sys.stderr)
    run(with_settings(scenario, overrides={"agents": 100, "days": 2}))


@contextmanager
def _progress(silent: bool) -> Iterator[Progress]:
    """A bar with the time left, on a terminal."""
    if silent or not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking", total=None)
        current = "checking"

        def show(what: str, done: int, of: int) -> None:
            nonlocal current
            if what != current:  # the time left is that of the present work
                bar.reset(task, description=what, total=of, completed=0)
                current = what
            bar.update(task, completed=done, total=of)

        yield show
