"""Where the next krone would do most, as a section of a run's report."""

from __future__ import annotations

from typing import NamedTuple

from sim.measures.figure import Undefined
from sim.measures.incrementality import Estimate, cac_marginal, extra_profit, step_return
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Whisker, whiskers
from sim.pages.charts.render import drawn
from sim.pages.sections import Section, Table
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
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
        say(
            "Each touchpoint was given {share} more, in a run of {customers} of the simulated"
            " customers with the same luck, and nothing else was changed. Shown is what one more"
            " {currency} placed on it added to profit by the end of the run: at 0 it just comes"
            " back. The interval holds the true figure with 95 % confidence, as far as the luck of"
            " these customers goes. What comes after the end of the run is left out.",
            share=share,
            customers=numbers.exact(found.customers),
            currency=scenario.currency,
        )
    ]
    if any(row.step.assumed for row in rows):
        paragraphs.append(
            say(
                "* An assumption: a touchpoint without a budget was given more reach in every"
                " phase, and its fixed cost a day grew in proportion. Whether such reach can be"
                " bought is for you to judge."
            )
        )
    paragraphs.append(_winning(scenario, found))
    left_out = _left_out(scenario, found)
    if left_out:
        paragraphs.append(left_out)
    drawing = _drawing(scenario, rows)
    drawings = [] if drawing is None else [drawing]
    return Section(
        "next-krone", _title(), paragraphs, drawings=drawings, tables=[_table(scenario, rows)]
    )


def _title() -> str:
    return say("Where the next krone would do most")


def _share(found: NextKrone) -> str:
    return f"{numbers.short(round((found.factor - 1.0) * 100.0, 6))}{numbers.SPACE}%"


def _called(scenario: Scenario, step: Step) -> str:
    if step.together:
        return {
            Purpose.ACQUISITION: say("All that win"),
            Purpose.RETENTION: say("All that keep"),
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
        interval=numbers.interval(
            *(numbers.money(end, scenario.currency) for end in (cost.low, cost.high))
        ),
    )


def _left_out(scenario: Scenario, found: NextKrone) -> str:
    called: dict[str, list[str]] = {}
    for name, why in found.left_out.items():
        called.setdefault(explain(why), []).append(names.touchpoint_in_text(scenario, name))
    reasons = "; ".join(f"{', '.join(those)} ({why})" for why, those in called.items())
    return say("Not tried: {touchpoints}.", touchpoints=reasons) if reasons else ""


def _interval(one: Estimate) -> str:
    return say("{low} to {high}", low=numbers.decimal(one.low), high=numbers.decimal(one.high))


def _drawing(scenario: Scenario, rows: list[_Row]) -> Drawing | None:
    """The returns, the highest first, then those of purposes; None if there is none."""
    found = [
        (step.together, Whisker(name, *one, numbers.decimal(one.value), _group(step.purpose)))
        for step, name, one in rows
        if not isinstance(one, Undefined)
    ]
    if not found:
        return None
    lines = [line for _, line in sorted(found, key=lambda pair: (pair[0], -pair[1].value))]
    figures = ", ".join(f"{line.name} {line.text}" for line in lines)
    groups = [names.purpose_name(purpose) for purpose in Purpose]
    title = say("Extra profit per extra {currency}", currency=scenario.currency)
    alt = say(
        "Extra profit per extra {currency}: {figures}", currency=scenario.currency, figures=figures
    )
    over = say("{currency} of profit for one more {currency} placed", currency=scenario.currency)
    told = "next-krone", title, alt
    return drawn(whiskers(told, lines, over, tick=numbers.short, groups=groups))


def _group(purpose: Purpose) -> int:
    return list(Purpose).index(purpose)


def _table(scenario: Scenario, rows: list[_Row]) -> Table:
    purpose = say("Purpose")
    head = [
        say("Touchpoint"),
        purpose,
        say("Placed, {currency}", currency=scenario.currency),
        say("New customers"),
        say("Profit, {currency}", currency=scenario.currency),
        say("Per {currency}", currency=scenario.currency),
        say("95 % interval"),
    ]
    cells = []
    for step, name, one in rows:
        cells.append(
            [
                name,
                names.purpose_name(step.purpose),
                numbers.whole(step.placed),
                numbers.whole(step.new_customers),
                numbers.whole(extra_profit(step).value),
                NONE if isinstance(one, Undefined) else numbers.decimal(one.value),
                NONE if isinstance(one, Undefined) else _interval(one),
            ]
        )
    unknown = sorted({explain(row.one) for row in rows if isinstance(row.one, Undefined)})
    note = "".join(f". {NONE}: {why}" for why in unknown)
    caption = say("What a step up of each touchpoint added in the run") + note
    return Table(caption, head, cells, [purpose])
