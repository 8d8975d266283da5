"""What `journeysim run` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sim.cli.commands.common import loaded, print_object, problems_of, refuse
from sim.errors import BadOption, InputError, JourneysimError, Problem
from sim.folders import RESULTS, writing
from sim.pages.words.language import ENGLISH, check_language, speaking
from sim.runs.many import Cluster
from sim.runs.progress import progress_bar
from sim.runs.room import check_room
from sim.runs.run import Run, check_options, make_manifest, run, scenario_hash
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED

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
    dask: str | None = None  # the scheduler of a cluster that makes the replicates


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
    scenarios = [with_settings(scenario, overrides={"seed": seed}) for seed in seeds]
    check_room(scenario, folders=_folders(options, place), place=place)
    if options.dask is not None:
        Cluster(options.dask).reach()
    trial = _trial(options, scenario, place)
    everything = scenario.days * len(scenarios) * trial.work
    silent = options.quiet or options.as_json
    compiles = options.engine == "fast"
    with writing(place), progress_bar(silent, "simulating", compiles) as show:
        try:
            with speaking(options.language):
                report, summary = _work(
                    options, scenarios, place, trial=trial, show=lambda day: show(day, everything)
                )
        except MemoryError:
            raise JourneysimError(
                f"there is not enough memory for {scenario.agents:,} simulated customers;"
                " fewer --agents need less."
            ) from None
    _tell(options, report, summary)


def _checked(options: RunOptions) -> Scenario:
    """The scenario to run. Raises `InputError` with all that is wrong with it and the options."""
    problems = problems_of(
        lambda: check_options(options.engine, options.threads),
        lambda: check_language(options.language),
    )
    if not 1 <= options.replicates <= MOST_REPLICATES:
        given, allowed = str(options.replicates), f"1 to {MOST_REPLICATES}"
        problems.append(BadOption(field="replicates", given=given, allowed=allowed))
    if options.dask is not None:
        problems += _wrong_for_a_cluster(options, options.dask)
    sizes = {"agents": options.agents, "days": options.days, "seed": options.seed}
    scenario = loaded(options.scenario, options.settings, problems, **sizes)
    refuse(problems)
    return scenario


def _wrong_for_a_cluster(options: RunOptions, address: str) -> Iterator[Problem]:
    """What does not go with --dask."""
    for wrong, allowed in (
        (options.replicates == 1, "with --replicates 2 or more"),
        (options.threads is not None, "either --threads or --dask"),
        (options.engine != "fast", "with the fast engine"),
        (options.check, "without --check"),
    ):
        if wrong:
            yield BadOption(field="dask", given=address, allowed=allowed)


def default_place(scenario: Scenario, options: RunOptions) -> Path:
    """Where a result goes if nothing is said: the same command, the same folder."""
    last = scenario.seed + options.replicates - 1
    name = f"{scenario.name}-seed{scenario.seed}" + (f"-{last}" if options.replicates > 1 else "")
    if options.settings or options.agents is not None or options.days is not None:
        name += f"-{scenario_hash(scenario)[:6]}"
    return RESULTS / name


def _folders(options: RunOptions, place: Path | None) -> int:
    """How many result folders are to be written; replicates that are kept are there already."""
    if place is None:
        return 0
    kept = Path(f"{place.resolve()}.partial").glob("replicate-*") if options.replicates > 1 else ()
    return max(1, options.replicates - len(list(kept)))


class Trial(NamedTuple):
    """How the next krone is tried out in each replicate."""

    customers: int | None  # on how many; None if it is not tried out
    share: float  # the work of one of its runs, in runs of the scenario
    work: float  # that of all, with the run itself


def _trial(options: RunOptions, scenario: Scenario, place: Path | None) -> Trial:
    wanted = options.next_krone
    if not (place is not None if wanted is None else wanted):
        return Trial(None, 0.0, 1.0)
    from sim.questions.touchpoints.next_krone import customers_for, runs_needed

    customers = customers_for(scenario, options.replicates)
    share = customers / scenario.agents
    return Trial(customers, share, 1.0 + share * runs_needed(scenario, options.replicates))


def _work(
    options: RunOptions,
    scenarios: Sequence[Scenario],
    place: Path | None,
    *,
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
        from sim.questions.touchpoints.next_krone import try_next_krone

        found = try_next_krone(
            made,
            options.threads,
            options.replicates,
            progress=lambda runs: show(before + days * (1.0 + trial.share * runs)),
        )
        return replace(made, next_krone=found)

    if len(scenarios) == 1:
        result = make(0)
        if place is None:
            return None, result.summary
        from sim.pages.folder import write_folder

        return write_folder(result, place), result.summary

    def make_these(numbers: Sequence[int]) -> Iterator[Run]:
        if options.dask is None:
            yield from map(make, numbers)
            return
        wanted = [scenarios[number] for number in numbers]
        tried = None if trial.customers is None else options.replicates
        before = (len(scenarios) - len(wanted)) * days * trial.work
        yield from _on_a_cluster(
            options.dask, wanted, tried, show=lambda runs: show(before + runs * days * trial.work)
        )

    if place is None:
        return None, _joint(make_these(range(len(scenarios))))
    from sim.pages.replicates import write_replicates

    expected = [make_manifest(scenario, options.engine, 1, seconds=0.0) for scenario in scenarios]
    return write_replicates(place, expected, make_these, tried_on=trial.customers)


def _on_a_cluster(
    address: str, scenarios: Sequence[Scenario], tried: int | None, *, show: Progress
) -> Iterator[Run]:
    """A run of each scenario, in order. `tried`: how many seeds share the work of the next krone;
    None if it is not tried out."""
    from functools import partial

    from sim.runs.store import Store
    from sim.runs.whole import keep_whole

    runner = Cluster(address)
    keep = keep_whole(f"next krone shared by {tried}", partial(_whole, tried=tried))
    with closing(Store(runner=runner).results(scenarios, keep, show)) as found:
        yield from found


def _whole(made: Run, tried: int | None) -> Run:
    if tried is None:
        return made
    from sim.questions.touchpoints.next_krone import try_next_krone

    return replace(made, next_krone=try_next_krone(made, 1, tried))


def _joint(runs: Iterator[Run]) -> dict[str, Any]:
    """The joint summary of replicates; their tables are not kept."""
    from sim.measures.incrementality import with_next_krone
    from sim.measures.replicates import combine
    from sim.records.steps import joined

    summaries, steps = [], []
    for each in runs:
        summaries.append(each.summary)
        steps += [each.next_krone] if each.next_krone is not None else []
    summary = combine(summaries)
    return with_next_krone(summary, joined(steps)) if steps else summary


def _tell(options: RunOptions, report: Path | None, summary: dict[str, Any]) -> None:
    if options.as_json:
        print_object(summary)
        return
    if not options.quiet:
        from sim.pages.words.headlines import as_text

        with speaking(options.language):
            print("\n".join(as_text(summary)), end="\n\n")
    if report is not None:
        print(report)
