"""What it means to have more, or less, of a touchpoint, and how a total is split over them.

- A touchpoint with a *budget*: `budget_per_day` times the factor. Nothing else moves; what the
  money buys follows from the rules of reach.
- Any other *push, pull or triggered* touchpoint: its reach in every phase times the factor, at
  most 1, and with it its fixed cost a day. What each contact, click, visit or order costs
  follows by itself. Assumption: a fixed cost buys reach in proportion. `Scaling.assumed` says
  where it was needed.
- A *service* touchpoint is not scaled: its servers are whole people, and its arrivals are the
  customers' own wish. So is *word of mouth*, which other customers cause, and whatever is not
  under the firm's control.

**What can be split.** The money of a touchpoint that can be scaled, costs something and runs at
some time. One with a fixed cost a day takes part only if it is named: a fixed cost is people and
systems, and that it buys reach in proportion is an assumption which somebody should make
knowingly. One whose budget is 0 takes part only if it is named, too: there is nothing to scale,
but a budget is an amount of money, and what it would buy follows from the rules of reach
(`awake`). Money that is no budget cannot be ordered, only found by runs.

**Within which bounds.** A budget has no upper end, a reach ends at 1 (`most_factor`). A paid search
ends where all who search have clicked: how much that is, is found in a run in which it has more
than it can spend (`is_paid_search`).

**How it is shared.** In proportion to weights, each amount kept between its bounds (`share_out`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sim.measures.figure import Undefined
from sim.scenario.levers import from_today, with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import Control, Starts

OFF = "it is switched off"
EARNED = "other customers cause it, so a firm cannot buy more of it"
UNCONTROLLED = "it is not under the firm's control"
SERVICE = "its staff changes in whole numbers only"
NO_BUDGET = "its budget is 0"
NO_REACH = "nobody meets it"
FREE = "it costs nothing, so it has no marginal return"
FIXED = "it has a fixed cost a day; name it in a bound to let it take part"
ASLEEP = "its budget is 0; name it in a bound to let the search try it"
IDLE = "it begins after the end of the run, so there is nothing to split"
ALL_REACHED = "it already reaches everyone it can"


# Weights below this share of the largest count as this share.
TINY, LIFT = 2.0**-600, 2.0**800


class Scaling(NamedTuple):
    """How to scale a touchpoint: levers and their values, and what to know about it."""

    levers: Mapping[str, Any]  # dotted path: value
    assumed: bool  # a fixed cost is taken to buy reach in proportion
    clipped: bool  # some reach would have gone beyond 1, and stayed there


def scaling(scenario: Scenario, name: str, factor: float) -> Scaling | Undefined:
    """How to have `factor` >= 0 times as much of the touchpoint; undefined if it cannot be.

    Raises KeyError if the scenario has no such touchpoint.
    """
    touchpoint = scenario.touchpoints[name]
    place = f"touchpoints.{name}"
    if not touchpoint.enabled:
        return Undefined(OFF)
    if touchpoint.starts == Starts.EARNED:
        return Undefined(EARNED)
    if touchpoint.control == Control.UNCONTROLLED:
        return Undefined(UNCONTROLLED)
    if touchpoint.starts == Starts.SERVICE:
        return Undefined(SERVICE)
    budget = touchpoint.budget_per_day
    if budget is not None:
        if budget == 0.0:
            return Undefined(NO_BUDGET)
        return Scaling({f"{place}.budget_per_day": budget * factor}, False, False)
    reach = {phase: chance for phase, chance in touchpoint.reach.items() if chance > 0.0}
    if not reach:
        return Undefined(NO_REACH)
    wanted = {phase: chance * factor for phase, chance in reach.items()}
    given = {phase: min(1.0, chance) for phase, chance in wanted.items()}
    if factor > 1.0 and given == reach:
        return Undefined(ALL_REACHED)
    levers: dict[str, Any] = {f"{place}.reach.{phase}": chance for phase, chance in given.items()}
    fixed = touchpoint.cost.per_day
    if fixed > 0.0:
        levers[f"{place}.cost.per_day"] = fixed * factor
    return Scaling(levers, fixed > 0.0, given != wanted)


def scaled(scenario: Scenario, scalings: Iterable[Scaling]) -> Scenario:
    """The scenario with all the scalings applied."""
    levers: dict[str, Any] = {}
    for each in scalings:
        levers |= each.levers
    return from_today(scenario, overrides=levers)


def levers_without(names: Iterable[str]) -> dict[str, Any]:
    """The levers that switch touchpoints off: nobody meets them, nothing is spent on them."""
    return {f"touchpoints.{name}.enabled": False for name in names}


def is_costly(scenario: Scenario, name: str) -> bool:
    """Whether the touchpoint can cost anything at all."""
    touchpoint = scenario.touchpoints[name]
    prices = touchpoint.cost.model_dump().values()
    return bool(touchpoint.budget_per_day) or any(price > 0.0 for price in prices)


# --- what can be split, how far each can go, and how a total is shared ---


def divisible(
    scenario: Scenario, named: Collection[str] = ()
) -> tuple[list[str], dict[str, Undefined]]:
    """The touchpoints whose money can be split, and why the others' cannot.

    `named`: those that take part though they have a fixed cost. Of budgets that are 0 see `awake`.
    """
    taking: list[str] = []
    left_out: dict[str, Undefined] = {}
    for name in scenario.touchpoints:
        why = _why_not(scenario, name, named)
        if why is None:
            taking.append(name)
        else:
            left_out[name] = why
    return taking, left_out


def _why_not(scenario: Scenario, name: str, named: Collection[str]) -> Undefined | None:
    touchpoint = scenario.touchpoints[name]
    if not is_costly(scenario, name):
        return Undefined(FREE)
    found = scaling(scenario, name, 0.5)  # less is possible even where more is not
    if isinstance(found, Undefined):
        return Undefined(ASLEEP) if found == NO_BUDGET else found
    if touchpoint.flight.start_day >= scenario.days:
        return Undefined(IDLE)
    if found.assumed and name not in named:
        return Undefined(FIXED)
    return None


FAINT = 1e-9  # currency a day: all the money of it reaches nobody in a million runs


def awake(scenario: Scenario, named: Collection[str]) -> tuple[Scenario, list[str]]:
    """The scenario with next to nothing for each of `named` whose budget is 0, and their names.

    What is next to nothing can be scaled, and nobody meets it.
    """
    asleep = [
        name
        for name, one in scenario.touchpoints.items()
        if name in named and one.budget_per_day == 0.0
    ]
    levers = {f"touchpoints.{name}.budget_per_day": FAINT for name in asleep}
    return (with_settings(scenario, overrides=levers) if asleep else scenario), asleep


def most_factor(scenario: Scenario, name: str) -> float:
    """The factor beyond which a touchpoint that can be scaled grows no more; infinite: none."""
    touchpoint = scenario.touchpoints[name]
    if touchpoint.budget_per_day is not None:
        return math.inf
    return 1.0 / min(chance for chance in touchpoint.reach.values() if chance > 0.0)


def is_paid_search(scenario: Scenario, name: str) -> bool:
    """Whether a touchpoint has a budget of which those who search may leave some unspent."""
    touchpoint = scenario.touchpoints[name]
    return touchpoint.starts == Starts.PULL and touchpoint.budget_per_day is not None


def _in_range(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights > 0 of which none is so small that an amount divided by it would be infinite."""
    largest = max(weights.values(), default=1.0)
    lifted = LIFT if largest < TINY else 1.0  # a power of 2: it changes no proportion
    return {name: max(weight * lifted, largest * lifted * TINY) for name, weight in weights.items()}


def share_out(
    weights: Mapping[str, float],
    total: float,
    low: Mapping[str, float],
    *,
    high: Mapping[str, float],
) -> dict[str, float]:
    """The total by the weights, each amount kept between its bounds.

    Amounts are clip(k x weight, low, high) with the k that makes them add up to the total, so
    what one cannot take goes to the others in proportion; weights below 0 count as 0, those below
    `TINY` of the largest as that. Where all
    with a weight are at their upper bounds, less than the total is placed; where the lower bounds
    are more than the total, these are the amounts. Weights that add up to what is to be shared
    come back to the bit.
    """
    low = {name: min(low[name], high[name]) for name in weights}
    free = _in_range({name: weight for name, weight in weights.items() if weight > 0.0})
    # the k at which an amount begins to grow, and at which it is full
    begins = {name: low[name] / weight for name, weight in free.items()}
    ends = {name: high[name] / weight for name, weight in free.items()}
    for edge in sorted({*begins.values(), *ends.values()}):
        growing = [name for name in free if begins[name] < edge <= ends[name]]
        still = {n: high[n] if n in free and ends[n] < edge else low[n] for n in weights}
        left = total - math.fsum(amount for name, amount in still.items() if name not in growing)
        whole = math.fsum(free[name] for name in growing)
        if growing and left <= edge * whole:
            if left < math.fsum(low[name] for name in growing):
                return low
            shares = {n: free[n] if left == whole else left * free[n] / whole for n in growing}
            return still | shares
    return {name: high[name] if name in free else low[name] for name in weights}
