"""The opening of a report: the answer in three sentences, built from the figures by rule.

- *What happened*: profit and revenue, customers won and their price, what a new customer is
  worth. "But ... only" where that is less than the price. Without a projection it is worth what
  customers won have brought so far.
- *What drives it*: first, the plainest of these that holds: sales do not cover their own unit
  costs; marketing costs more than sales bring; a funnel sells to strangers only; the larger part
  of the margin, that of first orders (first order margin x new customers / margin) or the rest.
  Then, where sales have a margin, the place where leaving and falling back cost most
  (`sim.measures.bottlenecks`, the checkout if it equals a phase). Without any sale: the phase
  that most people left.
- *Where the next krone would do most*: of the touchpoints that can be bought, that with the highest
  return (`sim.measures.incrementality`) and how sure that is; how many others of them have an
  interval that reaches into its own; what would do more, if only an assumption says that more of it
  can be had; and the one that surely loses most, if any. Returns are profit per krone, so that 0
  is a krone that just comes back.

Of figures that are equal, the scenario's first counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.measures.bottlenecks import CHECKOUT, SHARE_KEPT
from sim.pages.blocks import Section, Sentence
from sim.pages.words import names, numbers
from sim.pages.words.language import say, say_number
from sim.records.steps import NextKrone
from sim.scenario.schema import Scenario
from sim.vocabulary import Shape

KRONER = ("DKK", "NOK")  # currencies whose unit is a krone
HALF = 0.5

Summary = Mapping[str, Any]


class _Return(NamedTuple):
    """Profit per krone placed on a touchpoint, with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float


def opening_section(scenario: Scenario, summary: Summary, tried: NextKrone | None) -> Section:
    """The three sentences. `summary`: of a run or of replicates; `tried`: the run's steps."""
    sentences = [
        Sentence(say("What happened"), _happened(scenario, summary)),
        Sentence(say("What drives it"), _drives(scenario, summary)),
        Sentence(_one_more(scenario.currency), _next_krone(scenario, summary, tried)),
    ]
    return Section("opening", say("In three sentences"), sentences)


def _happened(scenario: Scenario, summary: Summary) -> str:
    return say("{earned}; {won}.", earned=_earned(scenario, summary), won=_won(scenario, summary))


def _earned(scenario: Scenario, summary: Summary) -> str:
    economics, length = summary["economics"], numbers.length(scenario.days)
    profit = float(economics["profit"])

    def cash(amount: float) -> str:
        return numbers.money(amount, scenario.currency)

    if not _sold(summary):
        if economics["spend"] > 0.0:
            return say(
                "In {length} nobody bought, and the firm lost the {spend} it spent on marketing",
                length=length,
                spend=cash(economics["spend"]),
            )
        return say("In {length} nobody bought, and the firm spent nothing", length=length)
    revenue = cash(economics["revenue"])
    low, high = summary.get("intervals", {}).get("economics.profit", (None, None))
    if profit > 0.0:
        return say(
            "In {length} the firm earned {profit} after unit costs and marketing, on a revenue of"
            " {revenue}",
            length=length,
            profit=_with_interval(scenario, profit, (low, high)),
            revenue=revenue,
        )
    if profit < 0.0:
        ends = (None, None) if low is None or high is None else (-high, -low)
        return say(
            "In {length} the firm lost {loss} after unit costs and marketing, on a revenue of"
            " {revenue}",
            length=length,
            loss=_with_interval(scenario, -profit, ends),
            revenue=revenue,
        )
    return say(
        "In {length} the firm neither earned nor lost, on a revenue of {revenue}",
        length=length,
        revenue=revenue,
    )


def _with_interval(
    scenario: Scenario, amount: float, ends: tuple[float | None, float | None]
) -> str:
    """An amount, and the interval of replicates if there is one."""
    text = numbers.money(amount, scenario.currency)
    low, high = ends
    if low is None or high is None:
        return text
    return say(
        "{figure} (95 % interval {interval})",
        figure=text,
        interval=_interval(scenario, low, high),
    )


def _interval(scenario: Scenario, low: float, high: float) -> str:
    """From one amount to another."""
    return numbers.interval(low, high, lambda end: numbers.money(end, scenario.currency))


def _won(scenario: Scenario, summary: Summary) -> str:
    economics, new = summary["economics"], summary["customers"]["new"]
    if new == 0:
        return say("it won no new customer")
    price = economics["cac"]
    won = say_number(
        "it won 1 new customer without spending on it",
        "it won {count} new customers without spending on it",
        new,
        count=numbers.count(new),
    )
    if price:
        won = say_number(
            "it won 1 new customer at {price}",
            "it won {count} new customers at {price} each",
            new,
            count=numbers.count(new),
            price=numbers.money(price, scenario.currency),
        )
    worth = _worth(scenario, summary, price or 0.0)
    return say("{won}, {worth}", won=won, worth=worth) if worth else won


def _worth(scenario: Scenario, summary: Summary, price: float) -> str:
    """What a new customer is worth; empty where that does not exist."""
    economics = summary["economics"]
    projected, realised = economics["clv_projected"], economics["clv_realised"]
    value = realised if projected is None else projected
    if value is None:
        return ""
    worth = numbers.money(value, scenario.currency)
    short = value < price
    if scenario.journey.shape == Shape.FUNNEL:
        if short:
            return say("but the one order of a new customer brings only {worth}", worth=worth)
        return say("and the one order of a new customer brings {worth}", worth=worth)
    if projected is None:
        if short:
            return say("but a new customer has brought only {worth} so far", worth=worth)
        return say("and a new customer has brought {worth} so far", worth=worth)
    months = numbers.months(int(economics["clv_horizon_months"]))
    if short:
        return say(
            "but a new customer is worth only {worth} over {months}",
            worth=worth,
            months=months,
        )
    return say("and a new customer is worth {worth} over {months}", worth=worth, months=months)


def _drives(scenario: Scenario, summary: Summary) -> str:
    if not _sold(summary):
        return _nobody_bought(scenario, summary)
    driver, leak = _driver(scenario, summary), _leak(scenario, summary)
    return say("{driver}; {leak}.", driver=driver, leak=leak) if leak else f"{driver}."


def _driver(scenario: Scenario, summary: Summary) -> str:
    economics = summary["economics"]
    margin, spend = float(economics["margin"]), float(economics["spend"])
    if margin <= 0.0:
        return say("What is sold does not cover its own unit costs")
    if margin < spend:
        return say(
            "Marketing costs {spend}, more than the {margin} that sales leave after unit costs",
            spend=numbers.money(spend, scenario.currency),
            margin=numbers.money(margin, scenario.currency),
        )
    if scenario.journey.shape == Shape.FUNNEL:
        return say("Every sale is to a stranger, as a funnel keeps nobody")
    first = (economics["first_order_margin"] or 0.0) * summary["customers"]["new"] / margin
    if first > HALF:
        return say(
            "First orders bring {share} of the margin, repeat business the rest",
            share=numbers.percent(min(first, 1.0)),
        )
    return say(
        "Repeat business brings {share} of the margin, first orders the rest",
        share=numbers.percent(min(1.0 - first, 1.0)),
    )


def _leak(scenario: Scenario, summary: Summary) -> str:
    """The place where leaving and falling back cost most margin; empty if none does."""
    found = summary["conversion"]["bottlenecks"]
    places = {CHECKOUT: found["checkout"], **found["by_phase"]}
    worths = {where: row["worth"] or 0.0 for where, row in places.items()}
    where = max(worths, key=lambda name: worths[name])
    if worths[where] <= 0.0:
        return ""
    kept = numbers.whole_percent(SHARE_KEPT)
    worth = numbers.money(worths[where], scenario.currency)
    if where == CHECKOUT:
        return say(
            "most is lost at the checkout: keeping {kept} of those who abandon it would bring"
            " {worth} of margin",
            kept=kept,
            worth=worth,
        )
    return say(
        "most is lost in the {phase} phase: keeping {kept} of those who leave it or fall back"
        " would bring {worth} of margin",
        phase=names.phase_in_text(scenario, where),
        kept=kept,
        worth=worth,
    )


def _nobody_bought(scenario: Scenario, summary: Summary) -> str:
    if summary["conversion"]["overall"] is None:
        return say("No need arose, so nobody set out on the journey.")
    phases = summary["conversion"]["bottlenecks"]["by_phase"]
    left = {name: row["left"] for name, row in phases.items()}
    where = max(left, key=lambda name: left[name])
    if not left[where]:
        return say("Whoever set out on the journey was still on the way at the end.")
    return say(
        "Of those who set out on the journey, most were lost in the {phase} phase: {count} of"
        " them left there.",
        phase=names.phase_in_text(scenario, where),
        count=numbers.count(left[where]),
    )


def _next_krone(scenario: Scenario, summary: Summary, tried: NextKrone | None) -> str:
    if tried is None:
        return say(
            "Where it would do most was not tried out; journeysim run --next-krone does that."
        )
    returns = _returns(scenario, summary)
    if not returns:
        return say("It has no place: no touchpoint that costs anything can have more of it.")
    assumed = {step.name for step in tried.steps if step.assumed and not step.together}
    bought = [one for one in returns if one.name not in assumed]
    best = max(bought or returns, key=lambda one: one.value)
    clauses = [_best(scenario, best, not bought)]
    rivals = [one for one in bought or returns if one is not best and one.high >= best.low]
    if len(rivals) == 1:
        clauses.append(
            say("{touchpoint} may do as much", touchpoint=_named(scenario, rivals[0].name))
        )
    elif rivals:
        clauses.append(
            say("{count} other touchpoints may do as much", count=numbers.exact(len(rivals)))
        )
    free = max(returns, key=lambda one: one.value)
    if bought and free.name in assumed:
        clauses.append(_if_there_were_more(scenario, free))
    worst = min(returns, key=lambda one: one.value)
    if worst.high < 0.0 < best.value:
        clauses.append(
            say(
                "{touchpoint} does least: a loss of {loss}",
                touchpoint=_named(scenario, worst.name),
                loss=numbers.money(-worst.value, scenario.currency),
            )
        )
    return "; ".join(clauses) + "."


def _returns(scenario: Scenario, summary: Summary) -> list[_Return]:
    """The touchpoints whose return exists, in the scenario's order."""
    found = summary["next_krone"]
    cells = [(name, found[name]) for name in scenario.touchpoints if name in found]
    return [
        _Return(name, cell["return"], cell["low"], cell["high"])
        for name, cell in cells
        if cell["return"] is not None
    ]


def _best(scenario: Scenario, best: _Return, assumed: bool) -> str:
    """What the next krone does at the best touchpoint, and how sure that is."""

    def cash(amount: float) -> str:
        return numbers.money(amount, scenario.currency)

    touchpoint = _named(scenario, best.name)
    if assumed:
        touchpoint = say("{touchpoint} (if more of it can be bought)", touchpoint=touchpoint)
    values = {
        "touchpoint": touchpoint,
        "interval": _interval(scenario, best.low, best.high),
    }
    if best.low > 0.0:
        return say(
            "It does most at {touchpoint}: {gain} of profit by the end of the run (95 %"
            " interval {interval})",
            gain=cash(best.value),
            **values,
        )
    if best.value > 0.0:
        return say(
            "It seems to do most at {touchpoint}: {gain} of profit by the end of the run, but"
            " perhaps a loss (95 % interval {interval})",
            gain=cash(best.value),
            **values,
        )
    if best.high < 0.0:
        return say(
            "It does not come back in full anywhere by the end of the run: even at"
            " {touchpoint} it loses {loss} (95 % interval {interval})",
            loss=cash(-best.value),
            **{**values, "interval": _interval(scenario, -best.high, -best.low)},
        )
    return say(
        "It seems to come back in full nowhere by the end of the run: at {touchpoint}, the"
        " best place, it loses {loss}, or perhaps gains (95 % interval of the profit {interval})",
        loss=cash(-best.value),
        **values,
    )


def _if_there_were_more(scenario: Scenario, best: _Return) -> str:
    """What would do more than all that can surely be bought, if it could be."""
    return say(
        "if more of it could be had, {touchpoint} would do more: {profit} ({interval})",
        touchpoint=_named(scenario, best.name),
        profit=numbers.money(best.value, scenario.currency),
        interval=_interval(scenario, best.low, best.high),
    )


def _one_more(currency: str) -> str:
    if currency in KRONER:
        return say("The next krone")
    return say("The next {currency}", currency=currency)


def _named(scenario: Scenario, name: str) -> str:
    return names.touchpoint_in_text(scenario, name)


def _sold(summary: Summary) -> bool:
    """Whether anybody bought, or renewed a subscription."""
    return bool(summary["customers"]["purchases"] or summary["customers"]["renewals"])
