"""The marginal return of each touchpoint, as a section of a run's report."""

from __future__ import annotations

from typing import NamedTuple

from sim.measures.figure import Undefined
from sim.measures.incrementality import cac_marginal, extra_profit, step_return
from sim.measures.intervals import Estimate
from sim.pages.blocks import Aside, Block, Section, TableBlock, TableColumn, figures, table
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
        text = say("Not shown: no touchpoint that costs anything can be scaled.")
        return Section("next-krone", _title(), [text])
    share = _share(found)
    paragraphs = [
        prose("report.next_krone", share=share, currency=scenario.currency),
        _winning(scenario, found),
    ]
    if any(row.step.assumed for row in rows):
        paragraphs.append(prose("report.next_krone_assumed"))
    drawing = figures(_drawing(scenario, rows))
    notes: list[Block] = []
    left_out = _left_out(scenario, found)
    if left_out:
        notes.append(Aside(say("Touchpoints without a marginal return"), [left_out]))
    blocks = [*paragraphs, drawing, _table(scenario, found, rows), *notes]
    return Section("next-krone", _title(), blocks)


def _title() -> str:
    return say("Marginal return by touchpoint")


def _share(found: NextKrone) -> str:
    return numbers.short_percent(found.factor - 1.0)


def _called(scenario: Scenario, step: Step) -> str:
    if step.together:
        return {
            Purpose.ACQUISITION: say("All acquisition"),
            Purpose.RETENTION: say("All retention"),
            Purpose.DELIVERY: say("All delivery"),
        }[step.purpose]
    return names.touchpoint_name(scenario, step.name) + ("*" if step.assumed else "")


def _winning(scenario: Scenario, found: NextKrone) -> str:
    """What one more new customer costs."""
    cost = cac_marginal(found)
    if isinstance(cost, Undefined):
        return say("Marginal CAC is not available: {why}.", why=explain(cost))
    return say(
        "With {share} more on all acquisition touchpoints, marginal CAC is {cost} (95% CI"
        " {interval}).",
        share=_share(found),
        cost=numbers.money(cost.value, scenario.currency),
        interval=numbers.interval_of(cost, lambda end: numbers.money(end, scenario.currency)),
    )


def _left_out(scenario: Scenario, found: NextKrone) -> str:
    called: dict[str, list[str]] = {}
    for name, why in found.left_out.items():
        called.setdefault(explain(why), []).append(names.touchpoint_name(scenario, name))
    reasons = "; ".join(f"{', '.join(those)} ({why})" for why, those in called.items())
    return say("Not estimated: {touchpoints}.", touchpoints=reasons) if reasons else ""


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
    title = say("Marginal return, with 95% CI")
    over = say("{currency} of profit per extra {currency}", currency=scenario.currency)
    return estimates("next-krone", title, lines, over=over, tick=numbers.short, by_purpose=True)


def _table(scenario: Scenario, found: NextKrone, rows: list[_Row]) -> TableBlock:
    columns = [
        TableColumn(say("Touchpoint")),
        TableColumn(say("Purpose"), words=True),
        TableColumn(say("Extra spend, {currency}", currency=scenario.currency), numbers.whole),
        TableColumn(say("Extra new customers"), numbers.whole),
        TableColumn(say("Extra profit, {currency}", currency=scenario.currency), numbers.whole),
        TableColumn(say("Marginal return"), numbers.decimal),
        TableColumn(say("95% CI")),
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
    share = _share(found)
    caption = say("Change over the run with {share} more of each touchpoint", share=share) + note
    return table(
        caption, columns, cells, fold=say("Extra spend, customers and profit by touchpoint")
    )


def _with_ends(one: Estimate | Undefined) -> list[numbers.Cell]:
    """A return, and its interval."""
    if isinstance(one, Undefined):
        return [None, None]
    return [one.value, numbers.interval_of(one, numbers.decimal)]
