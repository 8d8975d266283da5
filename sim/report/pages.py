"""The sections of a run's report, and the page made of them.

`sim.report.sections` says what a section is made of. Every figure is one of the run's summary
or measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim.measures.conversion import phase_moves
from sim.report import numbers
from sim.report.figures import (
    PURPOSE_WORDS,
    conversion_by_phase,
    customers_per_phase,
    money_by_touchpoint,
)
from sim.report.headlines import NONE, headlines
from sim.report.journey_map import journey_map_section, sentiment_section
from sim.report.keeping import keeping_section
from sim.report.sections import Section, Table
from sim.run import Run
from sim.vocabulary import DAYS_PER_YEAR, Shape

TEMPLATES = Path(__file__).parent / "templates"


def make_report(run: Run, summary: Mapping[str, Any] | None = None) -> str:
    """The report of a run as one HTML page; the same run gives the same bytes.

    `summary`: that of several replicates (`sim.measures.replicates`), of which `run` is the
    first; by default the run's own.
    """
    figures = run.summary if summary is None else summary
    scenario = run.scenario
    page = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    ).get_template("report.html.j2")
    return page.render(
        title=scenario.title or numbers.name(scenario.name),
        description=scenario.description,
        lead=_lead(run, figures),
        sections=[
            _headline(figures),
            _phases(run),
            journey_map_section(run.records),
            sentiment_section(run.records),
            _conversion(run),
            keeping_section(run.records),
            _money(run, figures),
            _reproduce(run, figures),
        ],
    )


def _lead(run: Run, summary: Mapping[str, Any]) -> str:
    scenario = run.scenario
    years = scenario.days / DAYS_PER_YEAR
    length = f"{scenario.days:,} days"
    if years >= 1.0:
        length += f" ({years:.3g} year{'' if years == 1.0 else 's'})"
    seeds = summary.get("seeds", [scenario.seed])
    luck = f"Seed {seeds[0]}." if len(seeds) == 1 else f"{len(seeds)}{numbers.SPACE}replicates."
    return (
        f"{scenario.population:,} people, represented by {scenario.agents:,} simulated"
        f" customers, over {length}. {luck}"
    )


def _headline(summary: Mapping[str, Any]) -> Section:
    return Section("headline", "Headline figures", [_certainty(summary)], headlines(summary))


def _certainty(summary: Mapping[str, Any]) -> str:
    seeds = summary.get("seeds")
    if seeds:
        return (
            f"Means of {len(seeds)} replicates (seeds {seeds[0]} to {seeds[-1]}), with the interval"
            f" that holds the true mean with 95 % confidence. Drawings and tables show seed"
            f" {seeds[0]}."
        )
    return (
        "This is one run: it shows one outcome of luck, without intervals."
        " Replicates (--replicates 10) tell how sure a figure is."
    )


def _phases(run: Run) -> Section:
    return Section(
        "phases",
        "Customers in each phase over time",
        [
            "Each drawing has a scale of its own, starting at zero: most people feel no need at"
            " the moment, and on a common scale they would hide all others."
        ],
        drawings=customers_per_phase(run.records),
    )


def _conversion(run: Run) -> Section:
    moves = phase_moves(run.records)
    people = run.records.people_per_agent
    loop = run.scenario.journey.shape == Shape.LOOP
    head = ["Phase", "Entered", "Advanced", "Rate", "Fell back", "New need", "Left", "There at end"]
    rows = []
    for move in moves:
        rate = numbers.percent(move.advanced / move.entered) if move.entered else NONE
        if move is moves[-1] and loop:
            rate = NONE
        rows.append(
            [numbers.name(move.phase), *(numbers.whole(n * people) for n in move[2:4]), rate]
            + [
                numbers.whole(n * people)
                for n in (move.fell_back, move.needed, move.left, move.still_there)
            ]
        )
    text = [
        "People who advanced, of those who entered the phase (or were there on day 0). Out of the"
        " purchase phase, to advance is to buy from the firm."
    ]
    if loop:
        text.append(
            "The last phase has no rate: the way on from there is a new need, which starts the"
            " journey again. Left: gave up, went to a competitor, or stopped being customers."
        )
    caption = "How people came into each phase and left it"
    return Section(
        "conversion",
        "Conversion by phase",
        text,
        drawings=[conversion_by_phase(moves)],
        tables=[Table(caption, head, rows)],
    )


def _money(run: Run, summary: Mapping[str, Any]) -> Section:
    currency = run.scenario.currency
    economics, won = summary["economics"], summary["customers"]["new"]

    def each(amount: float | None, what: str) -> str:
        return f", {numbers.money(amount, currency)} {what}" if amount else ""

    paragraphs = [
        f"To win customers: {numbers.money(economics['spend_acquisition'], currency)}"
        + each(economics["cac"], f"for each of {numbers.count(won)} new customers")
        + f". To keep customers: {numbers.money(economics['spend_retention'], currency)}"
        + each(economics["keeping_cost_per_year"], "for each customer and year")
        + "."
    ]
    drawing = money_by_touchpoint(run.records)
    if drawing is None:
        paragraphs.append("No touchpoint cost anything.")
    head = ["Touchpoint", "Purpose", f"Spend, {currency}", "Encounters", "Visits", "Quality", "Bad"]
    rows = []
    figures = run.summary["touchpoints"]
    for name in sorted(figures, key=lambda n: (-figures[n]["spend"], -figures[n]["encounters"])):
        own = figures[name]
        met = own["quality"] is not None
        rows.append(
            [
                numbers.name(name),
                PURPOSE_WORDS[run.scenario.touchpoints[name].purpose],
                numbers.whole(own["spend"]),
                numbers.whole(own["encounters"]),
                numbers.whole(own["visits"]),
                numbers.decimal(own["quality"]) if met else NONE,
                numbers.percent(own["bad_share"]) if met else NONE,
            ]
        )
    caption = (
        "Touchpoints by spend. Quality: as perceived, \u22121 to 1, 0 being what is usual. Bad:"
        " share of encounters that felt bad"
    )
    return Section(
        "money",
        "Money by touchpoint",
        paragraphs,
        drawings=[] if drawing is None else [drawing],
        tables=[Table(caption, head, rows, ["Purpose"])] if rows else [],
    )


def _reproduce(run: Run, summary: Mapping[str, Any]) -> Section:
    manifest = run.manifest
    seeds = summary.get("seeds", [manifest.seed])
    command = f"journeysim run scenario.yaml --seed {manifest.seed} --engine {manifest.engine}"
    if len(seeds) > 1:
        command += f" --replicates {len(seeds)}"
    versions = ", ".join(f"{name} {number}" for name, number in manifest.versions.items())
    return Section(
        "reproduce",
        "How to reproduce this",
        [
            "The folder of this report holds the complete scenario (scenario.yaml), every table"
            " (Parquet files) and all figures (summary.json). In it, this command makes the same"
            " run again, on any number of threads:"
        ],
        commands=[command],
        facts={
            "Scenario": f"{manifest.scenario}, hash {manifest.scenario_hash}",
            "Model": f"hash of its source code {manifest.source_hash}",
            "Versions": versions,
        },
    )
