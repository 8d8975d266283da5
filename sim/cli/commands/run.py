"""What `journeysim run` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sim.cli.commands.common import MarketOptions, Output, print_object, problems_of, refuse
from sim.errors import BadOption, InputError, JourneysimError, Problem, note
from sim.folders import RESULTS, writing
from sim.pages.words.language import check_language, speaking
from sim.runs.many import Cluster, Means
from sim.runs.progress import progress_bar
from sim.runs.room import check_room
from sim.runs.run import Run, check_options, make_manifest, run, scenario_hash
from sim.scenario.doubts import doubts
from sim.scenario.levers import with_settings
from sim.scenario.load import scenario_file
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin
from sim.vocabulary import MAX_SEED

MOST_REPLICATES = 999

Progress = Callable[[float], None]


@dataclass(frozen=True)
class RunRequest:
    """What is asked of `journeysim run`, beside a market.

    `next_krone`: whether it is tried out; None: where a result folder is written.
    """

    replicates: int = 1
    engine: str = "fast"
    check: bool = False
    next_krone: bool | None = None


def run_command(
    market: MarketOptions, request: RunRequest, *, means: Means, output: Output
) -> None:
    """Run, write the result folder and print, as the options say.

    The folder is `--out`, by default `results/` and a name made of the scenario and the seed
    (and, if an option changed the scenario, of its hash). With `--json` and without `--out`
    nothing is written. Raises `JourneysimError` for whatever goes wrong.
    """
    scenario = _checked(market, request, means, output=output)
    seeds = range(scenario.seed, scenario.seed + request.replicates)
    if seeds[-1] > MAX_SEED:
        allowed = f"at most {MAX_SEED} in the last replicate"
        raise InputError(problems=[BadOption(field="seed", given=str(seeds[0]), allowed=allowed)])
    place = output.out
    if place is None and not output.as_json:
        place = default_place(scenario, market, request.replicates)
    scenarios = [with_settings(scenario, overrides={"seed": seed}) for seed in seeds]
    check_room(scenario, folders=_folders(request.replicates, place), place=place)
    if means.dask is not None:
        Cluster(means.dask).reach()
    trial = _trial(request, scenario, place)
    everything = scenario.days * len(scenarios) * trial.work
    silent = output.silent
    compiles = request.engine == "fast"
    with writing(place), progress_bar(silent, "simulating", compiles) as show:
        if not silent:
            _tell_doubts(market, scenario)
        try:
            with speaking(output.language):
                report, summary = _work(
                    request,
                    scenarios,
                    place,
                    means=means,
                    trial=trial,
                    show=lambda day: show(day, everything),
                )
        except MemoryError:
            raise JourneysimError(
                f"there is not enough memory for {scenario.agents:,} simulated customers;"
                " use fewer --agents."
            ) from None
    _tell(output, report, summary)


def _checked(
    market: MarketOptions, request: RunRequest, means: Means, *, output: Output
) -> Scenario:
    """The scenario to run. Raises `InputError` with all that is wrong with it and the options."""
    problems = problems_of(
        lambda: check_options(request.engine, means.threads),
        lambda: check_language(output.language),
    )
    if not 1 <= request.replicates <= MOST_REPLICATES:
        given, allowed = str(request.replicates), f"1 to {MOST_REPLICATES}"
        problems.append(BadOption(field="replicates", given=given, allowed=allowed))
    if means.dask is not None:
        problems += _wrong_for_a_cluster(request, means, means.dask)
    scenario = market.loaded(problems)
    refuse(problems)
    return scenario


def _tell_doubts(market: MarketOptions, scenario: Scenario) -> None:
    """Say what is valid and doubtful about the scenario, on standard error."""
    origin = Origin(str(scenario_file(market.source)))
    for each in doubts(scenario, origin):
        note(each.sentence())


def _wrong_for_a_cluster(request: RunRequest, means: Means, address: str) -> Iterator[Problem]:
    """What does not go with --dask."""
    for wrong, allowed in (
        (request.replicates == 1, "with --replicates 2 or more"),
        (means.threads is not None, "either --threads or --dask"),
        (request.engine != "fast", "with the fast engine"),
        (request.check, "without --check"),
    ):
        if wrong:
            yield BadOption(field="dask", given=address, allowed=allowed)


def default_place(scenario: Scenario, market: MarketOptions, replicates: int) -> Path:
    """Where a result goes if nothing is said: the same command, the same folder."""
    last = scenario.seed + replicates - 1
    name = f"{scenario.name}-seed{scenario.seed}" + (f"-{last}" if replicates > 1 else "")
    if market.settings or market.agents is not None or market.days is not None:
        name += f"-{scenario_hash(scenario)[:6]}"
    return RESULTS / name


def _folders(replicates: int, place: Path | None) -> int:
    """How many result folders are to be written; replicates that are kept are there already."""
    if place is None:
        return 0
    kept = Path(f"{place.resolve()}.partial").glob("replicate-*") if replicates > 1 else ()
    return max(1, replicates - len(list(kept)))


class Trial(NamedTuple):
    """How the next krone is tried out in each replicate."""

    customers: int | None  # on how many; None if it is not tried out
    share: float  # the work of one of its runs, in runs of the scenario
    work: float  # that of all, with the run itself


def _trial(request: RunRequest, scenario: Scenario, place: Path | None) -> Trial:
    wanted = request.next_krone
    if not (place is not None if wanted is None else wanted):
        return Trial(None, 0.0, 1.0)
    from sim.questions.touchpoints.next_krone import customers_for, runs_needed

    customers = customers_for(scenario, request.replicates)
    share = customers / scenario.agents
    return Trial(customers, share, 1.0 + share * runs_needed(scenario, request.replicates))


def _work(
    request: RunRequest,
    scenarios: Sequence[Scenario],
    place: Path | None,
    *,
    means: Means,
    trial: Trial,
    show: Progress,
) -> tuple[Path | None, dict[str, Any]]:
    """Run and write; returns the report's path, if any, and the summary."""
    days = scenarios[0].days

    def make(number: int) -> Run:
        before = number * days * trial.work
        made = run(
            scenarios[number],
            engine=request.engine,
            threads=means.threads,
            check=request.check,
            progress=lambda day: show(before + day),
        )
        if trial.customers is None:
            return made
        from sim.questions.touchpoints.next_krone import try_next_krone

        found = try_next_krone(
            made,
            means.threads,
            request.replicates,
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
        if means.dask is None:
            yield from map(make, numbers)
            return
        wanted = [scenarios[number] for number in numbers]
        tried = None if trial.customers is None else request.replicates
        before = (len(scenarios) - len(wanted)) * days * trial.work
        yield from _on_a_cluster(
            means.dask,
            wanted,
            tried,
            show=lambda runs: show(before + runs * days * trial.work),
        )

    if place is None:
        return None, _joint(make_these(range(len(scenarios))))
    from sim.pages.folder import write_replicates

    expected = [make_manifest(scenario, request.engine, 1, seconds=0.0) for scenario in scenarios]
    return write_replicates(place, expected, make_these, tried_on=trial.customers)


def _on_a_cluster(
    address: str, scenarios: Sequence[Scenario], tried: int | None, *, show: Progress
) -> Iterator[Run]:
    """A run of each scenario, in order. `tried`: how many seeds share the work of the next krone;
    None if it is not tried out."""
    from functools import partial

    from sim.runs.store import Store, keep_whole

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


def _tell(output: Output, report: Path | None, summary: dict[str, Any]) -> None:
    if output.as_json:
        print_object(summary)
        return
    if not output.quiet:
        from sim.pages.words.headlines import as_text

        with speaking(output.language):
            print("\n".join(as_text(summary)), end="\n\n")
    if report is not None:
        print(report)
