"""What `journeysim experiment` does, from options to files and printed lines."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.cli.asking import Output
from sim.cli.commands.common import print_object
from sim.cli.commands.questions import ask_split_study
from sim.errors import BadOption, InputError, Problem
from sim.folders import RESULTS
from sim.locks import at_work
from sim.pages.sweep_page import write_page
from sim.pages.words.language import ENGLISH, check_language, speaking
from sim.questions.budget.split_study import has_kind
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study_file import load_study
from sim.questions.question import Means
from sim.runs.dataset import RUNS
from sim.runs.many import Cluster, Processes, Runner
from sim.runs.room import check_room
from sim.runs.run import is_compiled, run
from sim.runs.sweep import Progress, sweep
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario

MOST_WORKERS = 1024


@dataclass(frozen=True)
class ExperimentOptions:
    """The options of `journeysim experiment`."""

    file: str
    workers: int | None = None
    dask: str | None = None
    resume: bool = False
    out: Path | None = None
    as_json: bool = False
    quiet: bool = False
    language: str = ENGLISH

    def again(self) -> str:
        """The command that goes on with this study."""
        words = ["journeysim", "experiment", self.file, "--resume"]
        for option, value in (
            ("--workers", self.workers),
            ("--dask", self.dask),
            ("--out", self.out),
            ("--language", None if self.language == ENGLISH else self.language),
        ):
            if value is not None:
                words += [option, str(value)]
        return shlex.join(words)


def experiment_command(options: ExperimentOptions) -> None:
    """Do the runs of a study file, write its folder and print where it is.

    The folder is `--out`, by default `results/` and the name of the study. Raises
    `JourneysimError` for whatever goes wrong; the finished runs are kept then.
    """
    check_language(options.language)
    problems = _wrong_options(options)
    if problems:
        raise InputError(problems=problems)
    if has_kind(options.file):
        means = Means(options.workers, options.dask, options.resume, options.again())
        output = Output(options.out, options.language, as_json=options.as_json, quiet=options.quiet)
        ask_split_study(options.file, means, output)
        return
    study, scenario = load_study(options.file)
    plan = market_plan(study, scenario)
    place = RESULTS / study.name if options.out is None else options.out
    runner = _runner(options)
    if isinstance(runner, Processes):
        less = "fewer agents or days in the study, or --workers, need less"
        check_room(scenario, runner.workers, in_processes=True, less=less)
    began = time.perf_counter()
    with at_work(place), _progress(options.quiet or options.as_json) as show:
        if isinstance(runner, Processes) and not is_compiled():
            _compile(scenario, options)
        table = sweep(
            plan,
            market_run(plan, scenario),
            runner,
            place=place,
            resume=options.resume,
            progress=show,
            again=options.again(),
        )
        with speaking(options.language):
            report = write_page(place, study, scenario, plan=plan, table=table)
    seconds = time.perf_counter() - began
    if options.as_json:
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
    if not options.quiet:
        runs, rows = table["run"].nunique(), plan.design.size
        print(
            f"{study.title or study.name}: {rows} rows, {runs} runs, {len(plan.measures)} measures."
        )
        print(place / RUNS)
    print(report)


def _wrong_options(options: ExperimentOptions) -> list[Problem]:
    problems: list[Problem] = []
    if options.workers is not None and not 1 <= options.workers <= MOST_WORKERS:
        given, allowed = str(options.workers), f"1 to {MOST_WORKERS}"
        problems.append(BadOption(field="workers", given=given, allowed=allowed))
    if options.workers is not None and options.dask is not None:
        allowed = "either --workers or --dask"
        problems.append(BadOption(field="dask", given=options.dask, allowed=allowed))
    return problems


def _runner(options: ExperimentOptions) -> Runner:
    if options.dask is not None:
        return Cluster(options.dask)
    return Processes(options.workers or _cores())


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _compile(scenario: Scenario, options: ExperimentOptions) -> None:
    """Compile the engine once, before every worker would."""
    if not options.quiet and not options.as_json:
        print("Compiling the engine, once; this takes about a minute ...", file=sys.stderr)
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
