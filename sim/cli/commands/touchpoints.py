"""What `journeysim touchpoints` does, from options to files and printed lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.commands.common import loaded, print_object, problems_of, refuse, short_name
from sim.disk import write_text
from sim.folders import RESULTS, put_folder, writing
from sim.pages.credit import credit_sections, credit_text
from sim.pages.folder import SUMMARY, add_pages, summary_text
from sim.pages.touchpoints import touchpoints_page
from sim.pages.words import names, numbers
from sim.pages.words.language import ENGLISH, check_language, speaking
from sim.questions.touchpoints.attribution import (
    Beside,
    beside,
    beside_summary,
    credit_table,
    models_table,
    most_runs_beside,
    plans_table,
    regret_table,
)
from sim.questions.touchpoints.effects import Request, Study, check_request, plan, study
from sim.questions.touchpoints.tables import effects_table, money_table, replicates_table, summary
from sim.records import write_frame
from sim.runs.progress import progress_bar
from sim.runs.room import check_pairs
from sim.runs.run import SCENARIO, check_options, make_manifest, scenario_hash
from sim.scenario.dump import dump_scenario
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

PAGE = "touchpoints.html"
TABLES: dict[str, Callable[[Study], pd.DataFrame]] = {
    "effects": effects_table,
    "money": money_table,
    "replicates": replicates_table,
}
CREDIT_TABLES: dict[str, Callable[[Beside], pd.DataFrame]] = {
    "credit": credit_table,
    "models": models_table,
    "plans": plans_table,
    "regret": regret_table,
}


@dataclass(frozen=True)
class TouchpointsOptions:
    """The options of `journeysim touchpoints`; None where the scenario's value holds."""

    scenario: str
    request: Request
    settings: Sequence[str] = ()
    agents: int | None = None
    days: int | None = None
    seed: int | None = None
    threads: int | None = None
    out: Path | None = None
    language: str = ENGLISH
    as_json: bool = False
    quiet: bool = False
    attribution: bool = True


def touchpoints_command(options: TouchpointsOptions) -> None:
    """Study the touchpoints, write the folder and print, as the options say.

    The folder is `--out`, by default `results/` and a name made of the scenario and a hash of
    what is asked. With `--json` and without `--out` nothing is written. Raises `JourneysimError`
    for whatever goes wrong; nothing is left behind then.
    """
    check_language(options.language)
    scenario = _checked(options)
    place = options.out
    if place is None and not options.as_json:
        asked = short_name(scenario_hash(scenario), options.request, options.attribution)
        place = RESULTS / f"{scenario.name}-touchpoints-{asked}"
    check_pairs([scenario], options.threads, held=1)
    with writing(place):
        with progress_bar(options.quiet or options.as_json) as show:
            made, credited = _studied(scenario, options, show)
        found = summary(made)
        if credited is not None:
            found |= {"attribution": beside_summary(credited)}
        if place is not None:
            with speaking(options.language):
                write_study(made, found, place, credited)
    if options.as_json:
        print_object(found)
        return
    if not options.quiet:
        print("\n".join(as_text(made, found)), end="\n\n")
        if credited is not None:
            print("\n".join(credit_text(credited)), end="\n\n")
    if place is not None:
        print(place / PAGE)


def _studied(
    scenario: Scenario, options: TouchpointsOptions, show: Callable[[float, float], None]
) -> tuple[Study, Beside | None]:
    """The study, and analytics beside it if that is wanted. `show`: runs done, and of how many."""
    if not options.attribution:
        return study(scenario, options.request, options.threads, show), None
    markets = len(plan(scenario, options.request).markets)
    first = most_runs_beside(scenario, 1)
    more = most_runs_beside(scenario, 2) - first  # of each further seed

    def show_first(done: float, total: float) -> None:
        show(done, total + first + more * (total / markets - 1.0))

    made = study(scenario, options.request, options.threads, show_first)
    total = float(made.runs + most_runs_beside(scenario, len(made.seeds)))
    return made, beside(made, options.threads, lambda done: show(made.runs + done, total))


def _checked(options: TouchpointsOptions) -> Scenario:
    """The scenario to study. Raises `InputError` with all that is wrong with it and the options."""
    problems = problems_of(lambda: check_options("fast", options.threads))
    sizes = {"agents": options.agents, "days": options.days, "seed": options.seed}
    scenario = loaded(options.scenario, options.settings, problems, **sizes)
    refuse(problems + problems_of(lambda: check_request(scenario, options.request)))
    return scenario


def command_of(made: Study, with_attribution: bool = True) -> str:
    """The command that makes the study again, in its folder."""
    request = made.request
    command = f"journeysim touchpoints {SCENARIO} --replicates {len(made.seeds)}"
    command += f" --step {request.step:g}"
    if request.players:
        command += f" --shapley {','.join(request.players)}"
    command += " --curves" if request.curves else ""
    return command + ("" if with_attribution else " --no-attribution")


def write_study(
    made: Study, found: Mapping[str, Any], place: Path, credited: Beside | None = None
) -> None:
    """Write the folder of a study: scenario, manifest, tables, summary and page.

    `credited`: analytics beside the study, if that was asked for.

    The page is in the language of the surrounding `speaking`. Raises as
    `sim.folders.put_folder` does.
    """

    command = command_of(made, credited is not None)

    def fill(folder: Path) -> dict[str, Any]:
        write_text(folder / SCENARIO, dump_scenario(made.scenario))
        for name, table in TABLES.items():
            write_frame(table(made), folder / f"{name}.parquet")
        if credited is not None:
            for name, credit in CREDIT_TABLES.items():
                write_frame(credit(credited), folder / f"{name}.parquet")
        write_text(folder / SUMMARY, summary_text(found))
        market = make_manifest(made.scenario, "fast", 1, made.seconds).as_dict()
        return {
            "study": "touchpoints",
            "command": command,
            "seeds": list(made.seeds),
            "runs": made.runs,
            "seconds": made.seconds,
            "market": {k: market[k] for k in ("scenario", "scenario_hash", "source_hash")},
            "versions": market["versions"],
        }

    def page() -> dict[str, bytes]:
        sections = [] if credited is None else credit_sections(credited)
        return {PAGE: touchpoints_page(made, command, sections).encode()}

    with writing(place):
        put_folder(place, fill)
        add_pages(place, page)


def as_text(made: Study, found: Mapping[str, Any]) -> list[str]:
    """What a terminal shows: a line a touchpoint, then how sure it is and what that took."""
    scenario = made.scenario
    head = ("touchpoint", "margin it adds", "95 % interval", "spend", "return", "of the next")
    rows = [head]
    order = sorted(
        found["touchpoints"].items(), key=lambda item: -item[1]["knock_out"]["margin"][0]
    )
    for name, figures in order:
        whole, step = figures["knock_out"], figures["step"]
        margin = whole["margin"]
        rows.append(
            (
                names.touchpoint_name(scenario, name),
                numbers.whole(margin[0]),
                f"{numbers.whole(margin[1])} to {numbers.whole(margin[2])}",
                numbers.whole(whole["spend"]),
                _ratio(whole["return"]),
                _ratio(step["return"] if step else None),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        f"{row[0]:<{widths[0]}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    group = found["groups"].get("every")
    if group is not None:
        amounts = [numbers.whole(group[kind]["margin"][0]) for kind in ("all", "parts")]
        lines += ["", f"All at once add {amounts[0]}, one by one {amounts[1]}."]
    return [
        f"{scenario.name}: amounts in {scenario.currency}, by day {scenario.days:,};"
        f" return: profit per {scenario.currency} spent on it",
        "",
        *lines,
        "",
        *_cost(found),
    ]


def _ratio(cell: Sequence[float] | None) -> str:
    return "\u2013" if cell is None else numbers.decimal(cell[0])


def _cost(found: Mapping[str, Any]) -> list[str]:
    """How precise it is, how long it took, and how long without shared luck."""
    seeds = len(found["seeds"])
    took = f"{found['runs']:,} runs, {seeds} seed{'s' * (seeds != 1)}: {_time(found['seconds'])}"
    if found["precision"] is None or found["independent_factor"] is None:
        return [f"{took}."]
    share = numbers.percent(found["precision"])
    return [
        f"{took}; the largest standard error of a margin is {share} of the largest effect.",
        "With luck of its own in each run the same precision would take"
        f" {numbers.decimal(found['independent_factor'], 1)} times as many runs,"
        f" {_time(found['independent_seconds'])}.",
    ]


def _time(seconds: float) -> str:
    if seconds < 120.0:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60.0:.0f} minutes" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} hours"
