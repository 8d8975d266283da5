"""The report of a run: its sections in their order, and those that are short.

Every figure is one of the run's summary or measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.measures.spread import LEAST_BUYERS
from sim.pages.assumptions import assumptions_section, methods_section
from sim.pages.blocks import Cards, Figures, Page, Section, TableColumn, figures, table
from sim.pages.charts.amounts import money_by_touchpoint
from sim.pages.charts.flow import flow_section
from sim.pages.charts.over_time import phase_charts
from sim.pages.charts.render import drawn
from sim.pages.conversion import conversion_section
from sim.pages.findings import with_findings
from sim.pages.journey_map import journey_map_section, sentiment_section
from sim.pages.keeping import keeping_section
from sim.pages.money import money_section
from sim.pages.next_krone import next_krone_section
from sim.pages.opening import LARGE, opening_section
from sim.pages.parts import guarded, in_this_language, reproduce_section
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE, headlines
from sim.pages.words.language import prose, say
from sim.runs.run import Run


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
        Page(
            say("journeysim report"),
            names.title(run.scenario),
            _lead(run, run.summary if summary is None else summary),
            sections,
            names.description(run.scenario),
        )
    )


def report_sections(run: Run, summary: Mapping[str, Any] | None = None) -> list[Section]:
    """The sections of a run's report in their order; `summary` as for `make_report`."""
    figures = run.summary if summary is None else summary
    return with_findings(run.scenario, figures, _sections(run, figures))


def _sections(run: Run, figures: Mapping[str, Any]) -> list[Section]:
    return [
        *guarded("opening", opening_section, run.scenario, figures, run.next_krone),
        *guarded("flow", flow_section, run.records),
        *guarded("headline", _headline, figures),
        *guarded("phases", _phases, run),
        *guarded("journey-map", journey_map_section, run.records),
        *guarded("sentiment", sentiment_section, run.records),
        *guarded("conversion", conversion_section, run.records),
        *guarded("keeping", keeping_section, run.records),
        *guarded("money", money_section, run, figures),
        *guarded("next-krone", _next_krone, run),
        *guarded("touchpoints", _touchpoints, run),
        *guarded("methods", methods_section, run, figures),
        *guarded("assumptions", assumptions_section, run.scenario),
        *guarded("reproduce", _reproduce, run, figures),
    ]


def _lead(run: Run, summary: Mapping[str, Any]) -> str:
    scenario = run.scenario
    seeds = summary.get("seeds", [scenario.seed])
    draws = say("Seed {seed}.", seed=seeds[0])
    if len(seeds) > 1:
        draws = say("{count} replicates.", count=len(seeds))
    if "economics.margin" not in summary["intervals"]:
        draws += " " + say(
            "Fewer than {least} simulated customers bought, so amounts of money are mostly random"
            " variation.",
            least=numbers.exact(LEAST_BUYERS),
        )
    return say(
        "{people}, represented by {customers}, over {length}. {draws}",
        people=numbers.people(scenario.population),
        customers=numbers.simulated_customers(scenario.agents),
        length=numbers.length(scenario.days),
        draws=draws,
    )


def _headline(summary: Mapping[str, Any]) -> Section:
    """The headline figures that do not stand in the opening."""
    shown = Cards(headlines(summary)[LARGE:])
    return Section("headline", say("Key metrics"), [shown, _certainty(summary)])


def _certainty(summary: Mapping[str, Any]) -> str:
    seeds = summary.get("seeds")
    if seeds:
        return prose("report.replicates", count=len(seeds), first=seeds[0], last=seeds[-1])
    return prose("report.one_run")


def _phases(run: Run) -> Section:
    return Section(
        "phases",
        say("People by phase over time"),
        [
            prose("report.phases"),
            Figures([drawn(chart) for chart in phase_charts(run.records)]),
        ],
    )


def _touchpoints(run: Run) -> Section:
    """Every touchpoint with what it cost, what it did and how it felt."""
    scenario, found = run.scenario, run.summary["touchpoints"]
    title = say("Spend and experience by touchpoint")
    if not found:
        why = say("Not shown: the scenario has no touchpoints.")
        return Section("touchpoints", title, [why])
    rows = [
        [
            names.touchpoint_name(scenario, name),
            names.purpose_name(scenario.touchpoints[name].spend_purpose),
            *(own[key] for key in ("spend", "encounters", "visits", "quality")),
            None if own["quality"] is None else own["bad_share"],
        ]
        for name, own in sorted(
            found.items(), key=lambda one: (-one[1]["spend"], -one[1]["encounters"])
        )
    ]
    columns = [
        TableColumn(say("Touchpoint")),
        TableColumn(say("Purpose"), words=True),
        TableColumn(say("Spend, {currency}", currency=scenario.currency), numbers.whole),
        TableColumn(say("Encounters"), numbers.whole),
        TableColumn(say("Visits"), numbers.whole),
        TableColumn(say("Quality"), numbers.decimal),
        TableColumn(say("Bad"), numbers.percent),
    ]
    caption = prose("report.touchpoints_table", none=NONE)
    chart = money_by_touchpoint(run.records)
    drawing = figures(None if chart is None else drawn(chart))
    shown = table(caption, columns, rows, fold=say("Spend, encounters and quality by touchpoint"))
    return Section("touchpoints", title, [drawing, shown])


def _next_krone(run: Run) -> list[Section]:
    tried = run.next_krone
    return [] if tried is None else [next_krone_section(run.scenario, tried)]


def _reproduce(run: Run, summary: Mapping[str, Any]) -> Section:
    manifest = run.manifest
    seeds = summary.get("seeds", [manifest.seed])
    command = f"journeysim run scenario.yaml --seed {manifest.seed} --engine {manifest.engine}"
    if len(seeds) > 1:
        command += f" --replicates {len(seeds)}"
    versions = ", ".join(f"{name} {number}" for name, number in manifest.versions.items())
    text = prose("report.reproduce")
    facts = {
        say("Scenario"): say(
            "{name}, hash {hash}", name=manifest.scenario, hash=manifest.scenario_hash
        ),
        say("Model"): say("source code hash {hash}", hash=manifest.source_hash),
        say("Versions"): versions,
    }
    return reproduce_section(text, in_this_language(command), facts)
