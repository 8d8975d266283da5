"""What `journeysim run` and `journeysim report` do, from options to files and printed lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import BadOption, InputError, JourneysimError, Problem
from sim.folders import check_place, read_manifest
from sim.report.language import ENGLISH, check_language, speaking
from sim.run import Run, check_options, is_compiled, make_manifest, run, scenario_hash
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED

RESULTS = Path("results")
MOST_REPLICATES = 999

Progress = Callable[[float], None]


@dataclass(frozen=True)
class RunOptions:
    """The options of `journeysim run`; None where the scenario's value holds."""

    scenario: str
    settings: Sequence[str] = ()
    agents: int | None = None
    days: int | None = None
    seed: int | None = None
    replicates: int = 1
    engine: str = "fast"
    threads: int | None = None
    out: Path | None = None
    check: bool = False
    as_json: bool = False
    quiet: bool = False
    language: str = ENGLISH
    next_krone: bool | None = None  # None: where a result folder is written


def run_command(options: RunOptions) -> None:
    """Run, write the result folder and print, as the options say.

    The folder is `--out`, by default `results/` and a name made of the scenario and the seed
    (and, if an option changed the scenario, of its hash). With `--json` and without `--out`
    nothing is written. Raises `JourneysimError` for whatever goes wrong.
    """
    scenario = _checked(options)
    seeds = range(scenario.seed, scenario.seed + options.replicates)
    if seeds[-1] > MAX_SEED:
        allowed = f"at most {MAX_SEED} in the last replicate"
        raise InputError(problems=[BadOption(field="seed", given=str(seeds[0]), allowed=allowed)])
    place = options.out
    if place is None and not options.as_json:
        place = default_place(scenario, options)
    if place is not None:
        check_place(place)
    scenarios = [with_settings(scenario, overrides={"seed": seed}) for seed in seeds]
    trial = _trial(options, scenario, place)
    with _progress(options, scenario.days * len(scenarios) * trial.work) as show:
        try:
            with speaking(options.language):
                report, summary = _work(options, scenarios, place, trial, show)
        except MemoryError:
            raise JourneysimError(
                f"there is not enough memory for {scenario.agents:,} simulated customers;"
                " fewer --agents need less."
            ) from None
    _tell(options, report, summary)


def _checked(options: RunOptions) -> Scenario:
    """The scenario to run. Raises `InputError` with all that is wrong with it and the options."""
    problems: list[Problem] = []
    try:
        check_options(options.engine, options.threads)
    except InputError as error:
        problems += error.problems
    try:
        check_language(options.language)
    except InputError as error:
        problems += error.problems
    if not 1 <= options.replicates <= MOST_REPLICATES:
        given, allowed = str(options.replicates), f"1 to {MOST_REPLICATES}"
        problems.append(BadOption(field="replicates", given=given, allowed=allowed))
    overrides = {"agents": options.agents, "days": options.days, "seed": options.seed}
    try:
        scenario = load_scenario(options.scenario, options.settings, **overrides)
    except InputError as error:
        raise InputError(problems=[*error.problems, *problems]) from error
    if problems:
        raise InputError(problems=problems)
    return scenario


def default_place(scenario: Scenario, options: RunOptions) -> Path:
    """Where a result goes if nothing is said: the same command, the same folder."""
    last = scenario.seed + options.replicates - 1
    name = f"{scenario.name}-seed{scenario.seed}" + (f"-{last}" if options.replicates > 1 else "")
    if options.settings or options.agents is not None or options.days is not None:
        name += f"-{scenario_hash(scenario)[:6]}"
    return RESULTS / name


class Trial(NamedTuple):
    """How the next krone is tried out in each replicate."""

    customers: int | None  # on how many; None if it is not tried out
    share: float  # the work of one of its runs, in runs of the scenario
    work: float  # that of all, with the run itself


def _trial(options: RunOptions, scenario: Scenario, place: Path | None) -> Trial:
    wanted = options.next_krone
    if not (place is not None if wanted is None else wanted):
        return Trial(None, 0.0, 1.0)
    from sim.studies.next_krone import customers_for, runs_needed

    customers = customers_for(scenario, options.replicates)
    share = customers / scenario.agents
    return Trial(customers, share, 1.0 + share * runs_needed(scenario, options.replicates))


def _work(
    options: RunOptions,
    scenarios: Sequence[Scenario],
    place: Path | None,
    trial: Trial,
    show: Progress,
) -> tuple[Path | None, dict[str, Any]]:
    """Run and write; returns the report's path, if any, and the summary."""
    days = scenarios[0].days

    def make(number: int) -> Run:
        before = number * days * trial.work
        made = run(
            scenarios[number],
            engine=options.engine,
            threads=options.threads,
            check=options.check,
            progress=lambda day: show(before + day),
        )
        if trial.customers is None:
            return made
        from sim.studies.next_krone import try_next_krone

        found = try_next_krone(
            made,
            options.threads,
            options.replicates,
            lambda runs: show(before + days * (1.0 + trial.share * runs)),
        )
        return replace(made, next_krone=found)

    if len(scenarios) == 1:
        result = make(0)
        if place is None:
            return None, result.summary
        from sim.report.folder import write_folder

        return write_folder(result, place), result.summary
    if place is None:
        return None, _joint(make(number) for number in range(len(scenarios)))
    from sim.report.replicates import write_replicates

    expected = [make_manifest(scenario, options.engine, 1, 0.0) for scenario in scenarios]
    return write_replicates(place, expected, make, trial.customers)


def _joint(runs: Iterator[Run]) -> dict[str, Any]:
    """The joint summary of replicates; their tables are not kept."""
    from sim.measures.incrementality import with_next_krone
    from sim.measures.replicates import combine
    from sim.steps import joined

    summaries, steps = [], []
    for each in runs:
        summaries.append(each.summary)
        steps += [each.next_krone] if each.next_krone is not None else []
    summary = combine(summaries)
    return with_next_krone(summary, joined(steps)) if steps else summary


def _tell(options: RunOptions, report: Path | None, summary: dict[str, Any]) -> None:
    if options.as_json:
        print(json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False))
        return
    if not options.quiet:
        from sim.report.headlines import as_text

        with speaking(options.language):
            print("\n".join(as_text(summary)), end="\n\n")
    if report is not None:
        print(report)


@contextmanager
def _progress(options: RunOptions, days: float) -> Iterator[Progress]:
    """A bar with the time left, on a terminal; and word of the one long compilation."""
    silent = options.quiet or options.as_json
    if not silent and options.engine == "fast" and not is_compiled():
        print("Compiling the engine, once; this takes about a minute ...", file=sys.stderr)
    if silent or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("simulating", total=days)
        yield lambda day: bar.update(task, completed=day)


def report_command(
    folders: Sequence[Path],
    as_json: bool,
    quiet: bool,
    language: str = ENGLISH,
    out: Path | None = None,
) -> None:
    """Make the report of each folder anew, in a language, and print its path.

    A folder holds a run, replicates or a finished study. Of several runs, also make the page
    that shows them side by side, `out` or beside the first; its path is printed last. Raises
    `InputError` if there is no such language, if the folders cannot be shown side by side, or
    if one is not a result folder; those before it are done then.
    """
    from sim.report.folder import remake_report
    from sim.report.remake_study import remake_study
    from sim.report.replicates import remake_replicates
    from sim.report.side_by_side import check_place_of_page, write_side_by_side
    from sim.studies.dataset import read_study

    check_language(language)
    together = len(folders) > 1 or out is not None
    if together:
        check_place_of_page(folders, out)
    made = []
    for folder in folders:
        manifest = read_manifest(folder) or {}
        several = "replicates" in manifest
        with speaking(language):
            for name in manifest.get("replicates", []):
                remake_report(folder / name, figures=False)
            if read_study(folder) is not None:
                made.append(remake_study(folder))
            else:
                made.append(remake_replicates(folder) if several else remake_report(folder))
        if not as_json and not quiet:
            print(made[-1])
    page = None
    if together:
        with speaking(language):
            page = write_side_by_side(folders, out)
        if not as_json and not quiet:
            print(page)
    if as_json:
        found: dict[str, Any] = {"reports": [str(report) for report in made]}
        if page is not None:
            found["side_by_side"] = str(page)
        print(json.dumps(found, indent=2))
