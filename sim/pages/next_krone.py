"""Where the next krone would do most, as a section of a run's report."""

from __future__ import annotations

from typing import NamedTuple

from sim.measures.figure import Undefined
from sim.measures.incrementality import cac_marginal, extra_profit, step_return
from sim.measures.intervals import Estimate
from sim.pages.blocks import Section, TableBlock, TableColumn, figures, table
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Whisker
from sim.pages.parts import estimates, purpose_group
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, prose, say
from sim.records.steps import NextKrone, Step
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose


class _Row(NamedTuple):
    """A step, what it is called, and what it gives."""

    step: Step
    name: str
    one: Estimate | Undefined


def next_krone_section(scenario: Scenario, found: NextKrone) -> Section:
    """The return of a step up of each touchpoint, and of all with a purpose."""
    rows = [_Row(step, _called(scenario, step), step_return(step)) for step in found.steps]
    if not rows:
        text = say("Nothing is shown: no touchpoint that costs anything can be scaled.")
        return Section("next-krone", _title(), [text])
    share = _share(found)
    paragraphs = [
        prose(
            "report.next_krone",
            share=share,
            customers=numbers.exact(found.customers),
            currency=scenario.currency,
        )
    ]
    if any(row.step.assumed for row in rows):
        paragraphs.append(prose("report.next_krone_assumed"))
    paragraphs.append(_winning(scenario, found))
    left_out = _left_out(scenario, found)
    if left_out:
        paragraphs.append(left_out)
    drawing = figures(_drawing(scenario, rows))
    return Section("next-krone", _title(), [*paragraphs, drawing, _table(scenario, rows)])


def _title() -> str:
    return say("Where the next krone would do most")


def _share(found: NextKrone) -> str:
    return numbers.short_percent(found.factor - 1.0)


def _called(scenario: Scenario, step: Step) -> str:
    if step.together:
        return {
            Purpose.ACQUISITION: say("All that win"),
            Purpose.RETENTION: say("All that keep"),
            Purpose.DELIVERY: say("All that deliver"),
        }[step.purpose]
    return names.touchpoint_name(scenario, step.name) + ("*" if step.assumed else "")


def _winning(scenario: Scenario, found: NextKrone) -> str:
    """What one more new customer costs."""
    cost = cac_marginal(found)
    if isinstance(cost, Undefined):
        return say("What one more new customer costs is not known: {why}.", why=explain(cost))
    return say(
        "With {share} more on everything that is to win customers, each further new customer cost"
        " {cost} (95 % interval {interval}).",
        share=_share(found),
        cost=numbers.money(cost.value, scenario.currency),
        interval=numbers.interval_of(cost, lambda end: numbers.money(end, scenario.currency)),
    )


def _left_out(scenario: Scenario, found: NextKrone) -> str:
    called: dict[str, list[str]] = {}
    for name, why in found.left_out.items():
        called.setdefault(explain(why), []).append(names.touchpoint_in_text(scenario, name))
    reasons = "; ".join(f"{', '.join(those)} ({why})" for why, those in called.items())
    return say("Not tried: {touchpoints}.", touchpoints=reasons) if reasons else ""


def _drawing(scenario: Scenario, rows: list[_Row]) -> Drawing | None:
    """The returns, the highest first: of what can be bought, of what only an assumption scales, and
    of purposes; None if there is none."""
    found = [
        (
            (step.together, step.assumed),
            Whisker(name, *one, numbers.decimal(one.value), purpose_group(step.purpose)),
        )
        for step, name, one in rows
        if not isinstance(one, Undefined)
    ]
    lines = [line for _, line in sorted(found, key=lambda pair: (pair[0], -pair[1].value))]
    title = say("Extra profit per extra {currency}", currency=scenario.currency)
    over = say("{currency} of profit for one more {currency} placed", currency=scenario.currency)
    return estimates("next-krone", title, lines, over=over, tick=numbers.short, by_purpose=True)


def _table(scenario: Scenario, rows: list[_Row]) -> TableBlock:
    columns = [
        TableColumn(say("Touchpoint")),
        TableColumn(say("Purpose"), words=True),
        TableColumn(say("Placed, {currency}", currency=scenario.currency), numbers.whole),
        TableColumn(say("New customers"), numbers.whole),
        TableColumn(say("Profit, {currency}", currency=scenario.currency), numbers.whole),
        TableColumn(say("Per {currency}", currency=scenario.currency), numbers.decimal),
        TableColumn(say("95 % interval")),
    ]
    cells: list[list[numbers.Cell]] = [
        [
            name,
            names.purpose_name(step.purpose),
            step.placed,
            step.new_customers,
            extra_profit(step).value,
            *_with_ends(one),
        ]
        for step, name, one in rows
    ]
    unknown = sorted({explain(row.one) for row in rows if isinstance(row.one, Undefined)})
    note = "".join(f". {NONE}: {why}" for why in unknown)
    caption = say("What a step up of each touchpoint added in the run") + note
    return table(caption, columns, cells)


def _with_ends(one: Estimate | Undefined) -> list[numbers.Cell]:
    """A return, and its interval."""
    if isinstance(one, Undefined):
        return [None, None]
    return [one.value, numbers.interval_of(one, numbers.decimal)]
