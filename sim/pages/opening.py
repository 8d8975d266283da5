"""The opening of a report: the result, what to do and what drives it, from the figures by rule.

- *Result*: profit and revenue, customers acquired and their CAC, their CLV. "But ... only" where
  that is less than the CAC. Without a projection it is the margin that they have brought so far.
  With fewer than `LEAST_BUYERS` simulated buyers it says that so few cannot show it.
- *Main driver*: the plainest of these that holds: sales do not cover their own unit costs;
  marketing costs more than sales bring; in a funnel every purchase is a first one; the larger part
  of the margin, that of first purchases (first order margin x new customers / margin) or the rest.
  Without any sale: the phase with most drop-offs.
- *What to do*: the touchpoint with the highest marginal return of those that can be bought
  (`sim.measures.incrementality`), how sure that is, how many others have an interval that reaches
  into its own, and what would return more, if only an assumption says that more of it can be had;
  the costliest drop-off (`sim.measures.bottlenecks`, the checkout if it equals a phase), where
  sales have a margin; and the touchpoint that significantly loses most. Returns are profit per
  unit of currency, so that 0 just breaks even.

Of figures that are equal, the scenario's first counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.measures.bottlenecks import CHECKOUT, SHARE_KEPT
from sim.measures.spread import LEAST_BUYERS
from sim.pages.blocks import Actions, Cards, Section, Sentence
from sim.pages.words import names, numbers
from sim.pages.words.headlines import headlines
from sim.pages.words.language import currency_noun, say, say_number
from sim.records.steps import NextKrone
from sim.scenario.schema import Scenario
from sim.vocabulary import Shape

KRONER = ("DKK", "NOK")  # currencies whose unit is a krone
HALF = 0.5
LARGE = 4  # of the headline figures stand in the opening

Summary = Mapping[str, Any]


class _Return(NamedTuple):
    """Profit per unit of currency placed on a touchpoint, with its 95% interval."""

    name: str
    value: float
    low: float
    high: float


def opening_section(scenario: Scenario, summary: Summary, tried: NextKrone | None) -> Section:
    """Result, actions and driver. `summary`: of a run or of replicates; `tried`: its steps."""
    return Section(
        "opening",
        say("Summary"),
        [
            Sentence(say("Result"), _result(scenario, summary)),
            Cards(headlines(summary)[:LARGE]),
            Actions(say("What to do"), _actions(scenario, summary, tried)),
            Sentence(say("Main driver"), _drives(scenario, summary)),
        ],
    )


# --- the result ---


def _result(scenario: Scenario, summary: Summary) -> str:
    sentences = [_earned(scenario, summary), _won(scenario, summary)]
    if _sold(summary) and "economics.profit" not in summary.get("intervals", {}):
        sentences.append(
            say(
                "Fewer than {least} simulated customers bought, too few to show profit or loss"
                " reliably.",
                least=numbers.exact(LEAST_BUYERS),
            )
        )
    return " ".join(sentences)


def _earned(scenario: Scenario, summary: Summary) -> str:
    economics, length = summary["economics"], numbers.length_in_text(scenario.days)
    profit = float(economics["profit"])

    def cash(amount: float) -> str:
        return numbers.money(amount, scenario.currency)

    if not _sold(summary):
        if economics["spend"] > 0.0:
            return say(
                "In {length} nobody bought, and the firm lost the {spend} it spent on marketing.",
                length=length,
                spend=cash(economics["spend"]),
            )
        return say("In {length} nobody bought, and the firm spent nothing.", length=length)
    revenue = cash(economics["revenue"])
    low, high = summary.get("intervals", {}).get("economics.profit", (None, None))
    if profit > 0.0:
        return say(
            "In {length} the firm earned {profit} after unit costs and marketing, on revenue of"
            " {revenue}.",
            length=length,
            profit=_with_interval(scenario, profit, (low, high)),
            revenue=revenue,
        )
    if profit < 0.0:
        ends = (None, None) if low is None or high is None else (-high, -low)
        return say(
            "In {length} the firm lost {loss} after unit costs and marketing, on revenue of"
            " {revenue}.",
            length=length,
            loss=_with_interval(scenario, -profit, ends),
            revenue=revenue,
        )
    return say(
        "In {length} the firm broke even, on revenue of {revenue}.", length=length, revenue=revenue
    )


def _with_interval(
    scenario: Scenario, amount: float, ends: tuple[float | None, float | None]
) -> str:
    """An amount, and its interval if there is one."""
    text = numbers.money(amount, scenario.currency)
    low, high = ends
    if low is None or high is None:
        return text
    return say(
        "{figure} (95% confidence interval {interval})",
        figure=text,
        interval=_interval(scenario, low, high),
    )


def _interval(scenario: Scenario, low: float, high: float) -> str:
    """From one amount to another."""
    return numbers.interval(low, high, lambda end: numbers.money(end, scenario.currency))


def _won(scenario: Scenario, summary: Summary) -> str:
    economics, new = summary["economics"], summary["customers"]["new"]
    if new == 0:
        return say("It acquired no new customers.")
    price = economics["cac"]
    won = say_number(
        "It acquired 1 new customer at no acquisition cost",
        "It acquired {count} new customers at no acquisition cost",
        new,
        count=numbers.count(new),
    )
    if price:
        won = say_number(
            "It acquired 1 new customer at a customer acquisition cost (CAC) of {price}",
            "It acquired {count} new customers at a customer acquisition cost (CAC) of {price}",
            new,
            count=numbers.count(new),
            price=numbers.money(price, scenario.currency),
        )
    worth = _worth(scenario, summary, price or 0.0)
    return say("{won}, {worth}.", won=won, worth=worth) if worth else say("{won}.", won=won)


def _worth(scenario: Scenario, summary: Summary, price: float) -> str:
    """The value of a new customer; empty where that does not exist."""
    economics = summary["economics"]
    projected, realised = economics["clv_projected"], economics["clv_realised"]
    value = realised if projected is None else projected
    if value is None:
        return ""
    worth = numbers.money(value, scenario.currency)
    short = value < price
    if scenario.journey.shape == Shape.FUNNEL:
        if short:
            return say("but each brings a margin of only {worth}", worth=worth)
        return say("and each brings a margin of {worth}", worth=worth)
    if projected is None:
        if short:
            return say("but each has brought a margin of only {worth} so far", worth=worth)
        return say("and each has brought a margin of {worth} so far", worth=worth)
    months = numbers.months(int(economics["clv_horizon_months"]))
    if short:
        return say(
            "but customer lifetime value (CLV) over {months} is only {worth}",
            worth=worth,
            months=months,
        )
    return say(
        "and customer lifetime value (CLV) over {months} is {worth}", worth=worth, months=months
    )


# --- its main driver ---


def _drives(scenario: Scenario, summary: Summary) -> str:
    return _driver(scenario, summary) if _sold(summary) else _nobody_bought(scenario, summary)


def _driver(scenario: Scenario, summary: Summary) -> str:
    economics = summary["economics"]
    margin, spend = float(economics["margin"]), float(economics["spend"])
    if margin <= 0.0:
        return say("Sales do not even cover their unit costs.")
    if margin < spend:
        return say(
            "Marketing costs {spend}, more than the contribution margin of {margin}.",
            spend=numbers.money(spend, scenario.currency),
            margin=numbers.money(margin, scenario.currency),
        )
    if scenario.journey.shape == Shape.FUNNEL:
        return say("Every purchase is a first purchase, because a funnel retains nobody.")
    first = (economics["first_order_margin"] or 0.0) * summary["customers"]["new"] / margin
    if first > HALF:
        return say(
            "First purchases bring {share} of the margin, repeat purchases the rest.",
            share=numbers.percent(min(first, 1.0)),
        )
    if summary["customers"]["renewals"] > 0.0:
        return say(
            "Renewals and repeat purchases bring {share} of the margin, first purchases the rest.",
            share=numbers.percent(min(1.0 - first, 1.0)),
        )
    return say(
        "Repeat purchases bring {share} of the margin, first purchases the rest.",
        share=numbers.percent(min(1.0 - first, 1.0)),
    )


def _nobody_bought(scenario: Scenario, summary: Summary) -> str:
    if summary["conversion"]["overall"] is None:
        return say("No need arose, so no journey began.")
    phases = summary["conversion"]["bottlenecks"]["by_phase"]
    left = {name: row["left"] for name, row in phases.items()}
    where = max(left, key=lambda name: left[name])
    if not left[where]:
        return say("Every journey that began was still in progress at the end.")
    return say(
        "Most drop-offs were in the {phase} phase: {people}.",
        phase=names.phase_in_text(scenario, where),
        people=numbers.count_of_people(left[where]),
    )


# --- what to do ---


def _actions(scenario: Scenario, summary: Summary, tried: NextKrone | None) -> Sequence[Sentence]:
    """What is significant first, then the costliest drop-off, then what to spend less on."""
    leak = _leak(scenario, summary) if _sold(summary) else None
    leaks = [] if leak is None else [leak]
    if tried is None:
        text = say("Not estimated in this run; journeysim run --marginal-return does it.")
        return [*leaks, Sentence(say("Marginal return"), text)]
    returns = _returns(scenario, summary)
    if not returns:
        text = say("No touchpoint that costs anything can be scaled.")
        return [*leaks, Sentence(say("Marginal return"), text)]
    assumed = {step.name for step in tried.steps if step.assumed and not step.together}
    bought = [one for one in returns if one.name not in assumed]
    best = _highest(bought or returns)
    more = _more(scenario, returns, bought)
    actions = [more, *leaks] if best.low > 0.0 else [*leaks, more]
    worst = min(returns, key=lambda one: one.value)
    if worst.high < 0.0 < best.value:
        actions.append(
            Sentence(
                say("Spend less"),
                say(
                    "{touchpoint} has the lowest marginal return: a loss of {loss} per extra"
                    " {unit} (95% CI {interval}).",
                    touchpoint=_named(scenario, worst.name),
                    loss=numbers.money(-worst.value, scenario.currency),
                    unit=currency_noun(scenario.currency),
                    interval=_interval(scenario, -worst.high, -worst.low),
                ),
            )
        )
    return actions


def _leak(scenario: Scenario, summary: Summary) -> Sentence | None:
    """The place where drop-offs cost most margin, if any does."""
    found = summary["conversion"]["bottlenecks"]
    places = {CHECKOUT: found["checkout"], **found["by_phase"]}
    worths = {where: row["worth"] or 0.0 for where, row in places.items()}
    where = max(worths, key=lambda name: worths[name])
    if worths[where] <= 0.0:
        return None
    kept = numbers.whole_percent(SHARE_KEPT)
    worth = numbers.money(worths[where], scenario.currency)
    if where == CHECKOUT:
        text = say(
            "Checkout is the costliest drop-off: recovering {kept} of abandoned checkouts would"
            " add {worth} of margin.",
            kept=kept,
            worth=worth,
        )
    else:
        text = say(
            "The costliest drop-off is in the {phase} phase: {kept} fewer would add {worth} of"
            " margin.",
            phase=names.phase_in_text(scenario, where),
            kept=kept,
            worth=worth,
        )
    return Sentence(say("Reduce drop-off"), text)


def _highest(returns: Sequence[_Return]) -> _Return:
    return max(returns, key=lambda one: one.value)


def _returns(scenario: Scenario, summary: Summary) -> list[_Return]:
    """The touchpoints whose return exists, in the scenario's order."""
    found = summary["next_krone"]
    cells = [(name, found[name]) for name in scenario.touchpoints if name in found]
    return [
        _Return(name, cell["return"], cell["low"], cell["high"])
        for name, cell in cells
        if cell["return"] is not None
    ]


def _more(scenario: Scenario, returns: Sequence[_Return], bought: Sequence[_Return]) -> Sentence:
    """Whether to spend more on the best touchpoint, how sure that is, and what may be as good."""
    best = _highest(bought or returns)
    about, text = _best(scenario, best, not bought)
    sentences = [text]
    rivals = [one for one in bought or returns if one is not best and one.high >= best.low]
    if len(rivals) == 1:
        sentences.append(
            say(
                "The CI of {touchpoint} overlaps with it.",
                touchpoint=_named(scenario, rivals[0].name),
            )
        )
    elif rivals:
        sentences.append(
            say(
                "The CIs of {count} other touchpoints overlap with it.",
                count=numbers.exact(len(rivals)),
            )
        )
    free = _highest(returns)
    if bought and free not in bought:
        sentences.append(
            say(
                "If more of it could be bought, {touchpoint} would return more: {profit}"
                " ({interval}).",
                touchpoint=_named(scenario, free.name),
                profit=numbers.money(free.value, scenario.currency),
                interval=_interval(scenario, free.low, free.high),
            )
        )
    return Sentence(about, " ".join(sentences))


def _best(scenario: Scenario, best: _Return, assumed: bool) -> tuple[str, str]:
    """What more spend on the best touchpoint does: what to do, and what shows it."""

    def cash(amount: float) -> str:
        return numbers.money(amount, scenario.currency)

    touchpoint = _named(scenario, best.name)
    if assumed:
        touchpoint = say("{touchpoint} (if more of it can be bought)", touchpoint=touchpoint)
    values = {
        "touchpoint": touchpoint,
        "unit": currency_noun(scenario.currency),
        "interval": _interval(scenario, best.low, best.high),
    }
    if best.low > 0.0:
        return say("Spend more"), say(
            "{touchpoint} has the highest marginal return: {gain} of profit per extra {unit} by"
            " the end of the run (95% CI {interval}).",
            gain=cash(best.value),
            **values,
        )
    if best.value > 0.0:
        return say("Test more spend"), say(
            "{touchpoint} has the highest marginal return, {gain} of profit per extra {unit} by"
            " the end of the run, but it is not significant (95% CI {interval}).",
            gain=cash(best.value),
            **values,
        )
    if best.high < 0.0:
        return say("Do not spend more"), say(
            "No touchpoint recovers its extra cost by the end of the run. Even the best,"
            " {touchpoint}, loses {loss} per extra {unit} (95% CI {interval}).",
            loss=cash(-best.value),
            **{**values, "interval": _interval(scenario, -best.high, -best.low)},
        )
    return say("Do not spend more"), say(
        "No touchpoint significantly recovers its extra cost by the end of the run. The best"
        " estimate is {touchpoint}, with a loss of {loss} per extra {unit} (95% CI of the profit"
        " {interval}).",
        loss=cash(-best.value),
        **values,
    )


def _named(scenario: Scenario, name: str) -> str:
    return names.touchpoint_name(scenario, name)


def _sold(summary: Summary) -> bool:
    """Whether anybody bought, or renewed a subscription."""
    return bool(summary["customers"]["purchases"] or summary["customers"]["renewals"])
