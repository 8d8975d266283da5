"""What plans and their parts are called, and winning against keeping: the frontier."""

from __future__ import annotations

from sim.measures.incrementality import Estimate
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import OnPlane, frontier_chart
from sim.pages.sections import Section, Table
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.questions.budget.optimise import Optimised
from sim.questions.budget.plans import Divided, Part
from sim.questions.budget.runs import EQUAL, LAST_CLICK, OPTIMISED, SCALED, TODAY
from sim.questions.budget.trials import CUSTOMER_VALUE, KEPT, NEW_CUSTOMERS, PROFIT
from sim.scenario.schema import Scenario


def part_names(divided: Divided) -> dict[str, str]:
    """What the parts of a budget are called."""
    return {part.name: _called(divided.scenario, part) for part in divided.parts}


def plan_name(name: str) -> str:
    """What a plan is called."""
    known = {
        TODAY: say("today's plan"),
        SCALED: say("today's split of the total"),
        EQUAL: say("the same for all"),
        LAST_CLICK: say("by last click"),
        OPTIMISED: say("the optimised plan"),
    }
    return known[name]


def outcome_name(name: str) -> str:
    """What an outcome of a plan is called."""
    known = {
        PROFIT: say("Profit"),
        NEW_CUSTOMERS: say("New customers"),
        KEPT: say("Customers at the end"),
        CUSTOMER_VALUE: say("Customer value"),
    }
    return known[name]


def amount(outcome: str, value: float, currency: str) -> str:
    """An outcome as text: money or people."""
    if outcome in (PROFIT, CUSTOMER_VALUE):
        return numbers.money(value, currency)
    return numbers.count(value)


def interval_text(outcome: str, one: Estimate, currency: str) -> str:
    """The 95 % interval of an outcome as text."""
    return numbers.interval(amount(outcome, one.low, currency), amount(outcome, one.high, currency))


def _called(scenario: Scenario, part: Part) -> str:
    if part.name in scenario.touchpoints:
        return names.touchpoint_name(scenario, part.name)
    return numbers.capital(names.purpose_name(part.purpose))


def in_text_of(scenario: Scenario, part: Part) -> str:
    """What a part is called inside a sentence."""
    if part.name in scenario.touchpoints:
        return names.touchpoint_in_text(scenario, part.name)
    return names.purpose_name(part.purpose)


def pm(one: Estimate) -> str:
    """An estimate with half its 95 % interval."""
    half = numbers.whole((one.high - one.low) / 2.0)
    return f"{numbers.whole(one.value)}{numbers.SPACE}±{numbers.SPACE}{half}"


def frontier_sections(made: Optimised) -> list[Section]:
    """Profit and growth against the share of the total that is spent on keeping customers."""
    if len(made.frontier) < 2:
        return []
    currency = made.scenario.currency
    drawings = []
    for name in (PROFIT, NEW_CUSTOMERS, KEPT):
        points = [
            OnPlane("", share, plan.gain.of(name))
            for share, plan in zip(made.shares, made.frontier, strict=True)
        ]
        marks = [
            OnPlane(plan_name(plan.name), plan.share_kept, plan.gain.of(name))
            for plan in (made.plan(TODAY), made.plan(OPTIMISED))
        ]
        unit = say("{currency} against today", currency=currency)
        if name != PROFIT:
            unit = say("people against today")
        told = f"frontier-{name}", outcome_name(name)
        drawings.append(drawn(frontier_chart(told, points, marks, unit=unit)))
    best = max(
        zip(made.shares, made.frontier, strict=True), key=lambda one: one[1].gain.of(PROFIT).value
    )
    paragraphs = [
        say(
            "The whole total is split anew for each share spent on keeping customers, from none to"
            " all of it; the rest goes to winning them. Profit is highest at {share}, {profit}"
            " compared with today.",
            share=numbers.whole_percent(best[0]),
            profit=numbers.money(best[1].gain.of(PROFIT).value, currency),
        ),
        say(
            "Within each share the split follows the response curves that the search measured; what"
            " the plans truly do was then found on fresh seeds, and the bands are 95 %"
            " intervals."
        ),
    ]
    if len(made.shares) < 11:
        paragraphs.append(
            say(
                "Shares beyond {first} to {last} are left out: the touchpoints cannot spend that.",
                first=numbers.whole_percent(min(made.shares)),
                last=numbers.whole_percent(max(made.shares)),
            )
        )
    title = say("Winning against keeping")
    return [
        Section("frontier", title, paragraphs, drawings=drawings, tables=[_frontier_table(made)])
    ]


def _frontier_table(made: Optimised) -> Table:
    outcomes = (PROFIT, NEW_CUSTOMERS, KEPT, CUSTOMER_VALUE)
    head = [say("Share on keeping"), *(outcome_name(name) for name in outcomes)]
    rows = [
        [numbers.whole_percent(share), *(pm(plan.gain.of(name)) for name in outcomes)]
        for share, plan in zip(made.shares, made.frontier, strict=True)
    ]
    caption = say(
        "The best split at each share against today's plan, money in {currency}, with half the"
        " 95 % interval",
        currency=made.scenario.currency,
    )
    return Table(caption, head, rows)
