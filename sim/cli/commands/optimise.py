"""What `journeysim optimise` does, from options to files and printed lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.commands.common import kept_runs, loaded, print_object, problems_of, refuse, short_name
from sim.disk import write_text
from sim.errors import BadOption
from sim.folders import RESULTS, put_folder, writing
from sim.pages.folder import SUMMARY, add_pages, summary_text
from sim.pages.optimise_page import optimise_page
from sim.pages.words import names, numbers
from sim.pages.words.language import ENGLISH, check_language, speaking
from sim.questions.budget.optimise import Optimised, optimise
from sim.questions.budget.request import Request, check_request
from sim.questions.budget.runs import OPTIMISED, SCALED, TODAY
from sim.questions.budget.tables import curves_table, plans_table, summary
from sim.records import write_frame
from sim.runs.progress import progress_bar
from sim.runs.room import check_pairs
from sim.runs.run import SCENARIO, check_options, make_manifest, scenario_hash
from sim.runs.store import asked_for
from sim.scenario.dump import dump_scenario
from sim.scenario.schema import Scenario

PAGE = "optimise.html"
PLAN = "plan.yaml"  # the scenario with the optimised plan
TABLES = {"plans": plans_table, "curves": curves_table}


@dataclass(frozen=True)
class OptimiseOptions:
    """The options of `journeysim optimise`; None where the scenario's value holds.

    `bounds`: texts NAME=LOW..HIGH, instead of those of the request.
    """

    scenario: str
    request: Request
    bounds: Sequence[str] = ()
    settings: Sequence[str] = ()
    agents: int | None = None
    days: int | None = None
    seed: int | None = None
    threads: int | None = None
    out: Path | None = None
    language: str = ENGLISH
    as_json: bool = False
    quiet: bool = False
    resume: bool = False


def optimise_command(options: OptimiseOptions) -> None:
    """Find the best split of a budget, write the folder and print, as the options say.

    The folder is `--out`, by default `results/` and a name made of the scenario and a hash of
    what is asked. With `--json` and without `--out` nothing is written. Raises `JourneysimError`
    for whatever goes wrong; of the folder nothing is left behind then, and finished runs are kept
    beside it.
    """
    check_language(options.language)
    scenario, request = _checked(options)
    place = options.out
    if place is None and not options.as_json:
        asked = short_name(scenario_hash(scenario), request)
        place = RESULTS / f"{scenario.name}-optimise-{asked}"
    check_pairs([scenario], options.threads)
    asked_now = asked_for("optimise", [scenario], vars(request))
    with kept_runs(place, asked_now, options.resume) as finished:
        with progress_bar(options.quiet or options.as_json) as show:
            made = optimise(scenario, request, options.threads, show, finished)
        found = summary(made)
        if place is not None:
            with speaking(options.language):
                write_optimised(made, found, place)
    if options.as_json:
        print_object(found)
        return
    if not options.quiet:
        print("\n".join(as_text(made)), end="\n\n")
    if place is not None:
        print(place / PAGE)


def _checked(options: OptimiseOptions) -> tuple[Scenario, Request]:
    """The scenario and the request. Raises `InputError` with all that is wrong with them."""
    problems = problems_of(lambda: check_options("fast", options.threads))
    bounds: dict[str, tuple[float, float]] = {}
    for text in options.bounds:
        read = _bound(text)
        if read is None:
            problems.append(
                BadOption(field="bounds", given=text, allowed="NAME=LOW..HIGH, in currency")
            )
        else:
            bounds[read[0]] = read[1:]
    sizes = {"agents": options.agents, "days": options.days, "seed": options.seed}
    scenario = loaded(options.scenario, options.settings, problems, **sizes)
    refuse(problems)
    request = Request(**{**vars(options.request), "bounds": bounds})
    check_request(scenario, request)
    return scenario, request


def _bound(text: str) -> tuple[str, float, float] | None:
    """Name, least and most of `NAME=LOW..HIGH`; None if it is no such text."""
    name, equals, rest = text.partition("=")
    low, dots, high = rest.partition("..")
    try:
        return (name.strip(), float(low or 0.0), float(high)) if equals and dots else None
    except ValueError:
        return None


def command_of(made: Optimised) -> str:
    """The command that makes it again, in its folder."""
    request = made.request
    command = f"journeysim optimise {SCENARIO} --budget {made.total:.12g}"
    command += f" --goal {request.goal} --by {request.by}"
    for name, (low, high) in request.bounds.items():
        command += f" --bounds {name}={low:g}..{high:g}"
    if request.from_day:
        command += f" --from-day {request.from_day}"
    command += f" --evaluations {request.evaluations} --replicates {request.replicates}"
    return command


def write_optimised(made: Optimised, found: Mapping[str, Any], place: Path) -> None:
    """Write the folder: scenario, scenario with the plan, manifest, tables, summary and page.

    The page is in the language of the surrounding `speaking`. Raises as
    `sim.folders.put_folder` does.
    """

    def fill(folder: Path) -> dict[str, Any]:
        write_text(folder / SCENARIO, dump_scenario(made.scenario))
        best = made.divided.market(made.searched.best.factors, made.scenario.seed)
        write_text(folder / PLAN, dump_scenario(best))
        for name, table in TABLES.items():
            write_frame(table(made), folder / f"{name}.parquet")
        write_text(folder / SUMMARY, summary_text(found))
        market = make_manifest(made.scenario, "fast", 1, made.seconds).as_dict()
        return {
            "study": "optimise",
            "command": command_of(made),
            "seeds": [*made.search_seeds, *made.fresh_seeds],
            "runs": made.runs,
            "seconds": made.seconds,
            "market": {k: market[k] for k in ("scenario", "scenario_hash", "source_hash")},
            "versions": market["versions"],
        }

    with writing(place):
        put_folder(place, fill)
        add_pages(place, lambda: {PAGE: optimise_page(made, command_of(made)).encode()})


def as_text(made: Optimised) -> list[str]:
    """What a terminal shows: the plan beside today's, and what it gains."""
    head = ("", "today", "optimised")
    rows = [head]
    today, best = made.plan(TODAY), made.plan(OPTIMISED)
    for part in made.divided.parts:
        called = numbers.name(part.name)
        if part.name in made.scenario.touchpoints:
            called = names.touchpoint_name(made.scenario, part.name)
        amounts = today.spent[part.name], best.spent[part.name]
        rows.append((called, numbers.whole(amounts[0]), numbers.whole(amounts[1])))
    totals = [sum(plan.spent.values()) for plan in (today, best)]
    rows.append(("total", numbers.whole(totals[0]), numbers.whole(totals[1])))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
    goal = made.request.goal
    compared = [("today's plan", best.gain.of(goal))]
    if made.has(SCALED):
        compared.append(("today's split of this total", made.plan(SCALED).behind.of(goal)))
    gains = [
        f"Gain over {name} ({goal.replace('_', ' ')}): {numbers.whole(gain.value)}, 95 % interval"
        f" {numbers.whole(gain.low)} to {numbers.whole(gain.high)},"
        f" on {len(made.fresh_seeds)} fresh seeds."
        for name, gain in compared
    ]
    return [
        f"{made.scenario.name}: spend by touchpoint in {made.scenario.currency}",
        "",
        *lines,
        "",
        *gains,
    ]
