"""The sections of a run's report, and the page made of them.

`sim.pages.sections` says what a section is made of. Every figure is one of the run's summary
or measures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim.pages.assumptions import assumptions_section
from sim.pages.charts.amounts import money_by_touchpoint
from sim.pages.charts.flow import flow_section
from sim.pages.charts.over_time import phase_charts
from sim.pages.charts.render import drawn
from sim.pages.conversion import conversion_section
from sim.pages.journey_map import journey_map_section, sentiment_section
from sim.pages.keeping import keeping_section
from sim.pages.money import money_section
from sim.pages.next_krone import next_krone_section
from sim.pages.opening import opening_section
from sim.pages.sections import Section, Table, guarded
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE, headlines
from sim.pages.words.language import ENGLISH, language, say
from sim.runs.run import Run

TEMPLATES = Path(__file__).parent / "templates"
COMMAND = re.compile(r"((?:journeysim [a-z]+ )?--[a-z][a-z-]*(?: \d+)?)")


def make_report(run: Run, summary: Mapping[str, Any] | None = None) -> str:
    """The report of a run as one HTML page, in the language of the surrounding `speaking`.

    The same run and language give the same bytes.

    `summary`: that of several replicates (`sim.measures.replicates`), of which `run` is the
    first; by default the run's own.
    """
    return render_report(run, summary, report_sections(run, summary))


def render_report(run: Run, summary: Mapping[str, Any] | None, sections: Sequence[Section]) -> str:
    """The page of a run, made of the sections that `report_sections` gave."""
    return render(
        kind=say("journeysim report"),
        title=names.title(run.scenario),
        description=names.description(run.scenario),
        lead=_lead(run, run.summary if summary is None else summary),
        sections=sections,
    )


def render(kind: str, title: str, description: str, lead: str, sections: Sequence[Section]) -> str:
    """A page in the language of the surrounding `speaking`: what it is, and its sections."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["with_commands"] = _with_commands
    return environment.get_template("report.html.j2").render(
        language=language(),
        kind=kind,
        title=title,
        description=description,
        lead=lead,
        sections=sections,
    )


def _with_commands(text: str) -> list[tuple[str, bool]]:
    """The text in parts, each with whether it is a command or an option; no line ends at a `%`."""
    text = text.replace(" %", f"{numbers.SPACE}%").replace("%-", f"%{numbers.HYPHEN}")
    return [(part, COMMAND.fullmatch(part) is not None) for part in COMMAND.split(text) if part]


def report_sections(run: Run, summary: Mapping[str, Any] | None = None) -> list[Section]:
    """The sections of a run's report in their order; `summary` as for `make_report`."""
    figures = run.summary if summary is None else summary
    return [
        *guarded("opening", opening_section, run.scenario, figures, run.next_krone),
        *guarded("headline", _headline, figures),
        *guarded("flow", flow_section, run.records),
        *guarded("phases", _phases, run),
        *guarded("journey-map", journey_map_section, run.records),
        *guarded("sentiment", sentiment_section, run.records),
        *guarded("conversion", conversion_section, run.records),
        *guarded("keeping", keeping_section, run.records),
        *guarded("money", money_section, run, figures),
        *guarded("next-krone", _next_krone, run),
        *guarded("touchpoints", _touchpoints, run),
        *guarded("assumptions", assumptions_section, run.scenario),
        *guarded("reproduce", _reproduce, run, figures),
    ]


def _lead(run: Run, summary: Mapping[str, Any]) -> str:
    scenario = run.scenario
    seeds = summary.get("seeds", [scenario.seed])
    luck = say("Seed {seed}.", seed=seeds[0])
    if len(seeds) > 1:
        luck = say("{count} replicates.", count=len(seeds))
    return say(
        "{people}, represented by {customers}, over {length}. {luck}",
        people=numbers.people(scenario.population),
        customers=numbers.simulated_customers(scenario.agents),
        length=numbers.length(scenario.days),
        luck=luck,
    )


def _headline(summary: Mapping[str, Any]) -> Section:
    return Section("headline", say("Headline figures"), [_certainty(summary)], headlines(summary))


def _certainty(summary: Mapping[str, Any]) -> str:
    seeds = summary.get("seeds")
    if seeds:
        return say(
            "Means of {count} replicates (seeds {first} to {last}), with the interval that holds"
            " the true mean with 95 % confidence. Drawings and tables show seed {first}.",
            count=len(seeds),
            first=seeds[0],
            last=seeds[-1],
        )
    return say(
        "This is one run: it shows one outcome of luck, without intervals."
        " Replicates (--replicates 10) tell how sure a figure is."
    )


def _phases(run: Run) -> Section:
    return Section(
        "phases",
        say("Customers in each phase over time"),
        [
            say(
                "Each drawing has a scale of its own, starting at zero: most people feel no need"
                " at the moment, and on a common scale they would hide all others."
            )
        ],
        drawings=[drawn(chart) for chart in phase_charts(run.records)],
    )


def _touchpoints(run: Run) -> Section:
    """Every touchpoint with what it cost, what it did and how it felt."""
    scenario, figures = run.scenario, run.summary["touchpoints"]
    purpose = say("Purpose")
    head = [say("Touchpoint"), purpose, say("Spend, {currency}", currency=scenario.currency)]
    head += [say("Encounters"), say("Visits"), say("Quality"), say("Bad")]
    rows = []
    for name in sorted(figures, key=lambda n: (-figures[n]["spend"], -figures[n]["encounters"])):
        own = figures[name]
        met = own["quality"] is not None
        rows.append(
            [
                names.touchpoint_name(scenario, name),
                names.purpose_name(scenario.touchpoints[name].purpose),
                numbers.whole(own["spend"]),
                numbers.whole(own["encounters"]),
                numbers.whole(own["visits"]),
                numbers.decimal(own["quality"]) if met else NONE,
                numbers.percent(own["bad_share"]) if met else NONE,
            ]
        )
    caption = say(
        "Touchpoints by spend. Quality: as perceived, −1 to 1, 0 being what is usual. Bad: share"
        " of encounters that felt bad. {none}: nobody met it",
        none=NONE,
    )
    if not rows:
        why = say("There is none: the scenario has no touchpoints.")
        return Section("touchpoints", say("Touchpoints"), [why])
    table = Table(caption, head, rows, [purpose])
    chart = money_by_touchpoint(run.records)
    return Section(
        "touchpoints",
        say("Touchpoints"),
        drawings=[] if chart is None else [drawn(chart)],
        tables=[table],
    )


def _next_krone(run: Run) -> list[Section]:
    tried = run.next_krone
    return [] if tried is None else [next_krone_section(run.scenario, tried)]


def _reproduce(run: Run, summary: Mapping[str, Any]) -> Section:
    manifest = run.manifest
    seeds = summary.get("seeds", [manifest.seed])
    command = f"journeysim run scenario.yaml --seed {manifest.seed} --engine {manifest.engine}"
    if len(seeds) > 1:
        command += f" --replicates {len(seeds)}"
    if language() != ENGLISH:
        command += f" --language {language()}"
    versions = ", ".join(f"{name} {number}" for name, number in manifest.versions.items())
    return Section(
        "reproduce",
        say("How to reproduce this"),
        [
            say(
                "The folder of this report holds the complete scenario (scenario.yaml), every table"
                " (Parquet files) and all figures (summary.json). In it, this command makes the"
                " same run again, on any number of threads:"
            )
        ],
        commands=[command],
        facts={
            say("Scenario"): say(
                "{name}, hash {hash}", name=manifest.scenario, hash=manifest.scenario_hash
            ),
            say("Model"): say("hash of its source code {hash}", hash=manifest.source_hash),
            say("Versions"): versions,
        },
    )
