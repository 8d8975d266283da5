"""What it means to have more, or less, of a touchpoint.

- A touchpoint with a *budget*: `budget_per_day` times the factor. Nothing else moves; what the
  money buys follows from the rules of reach.
- Any other *push, pull or triggered* touchpoint: its reach in every phase times the factor, at
  most 1, and with it its fixed cost a day. What each contact, click, visit or order costs
  follows by itself. Assumption: a fixed cost buys reach in proportion. `Scaling.assumed` says
  where it was needed.
- A *service* touchpoint is not scaled: its servers are whole people, and its arrivals are the
  customers' own wish. So is *word of mouth*, which other customers cause, and whatever is not
  under the firm's control.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sim.measures.figure import Undefined
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import Control, Starts

OFF = "it is switched off"
EARNED = "other customers cause it: a firm cannot buy more of it"
UNCONTROLLED = "it is not under the firm's control"
SERVICE = "its servers are whole people: it has no small step"
NO_BUDGET = "its budget is 0: there is nothing to scale"
NO_REACH = "it meets nobody: there is nothing to scale"
ALL_REACHED = "it meets everybody it can already: its reach has no room"


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
    return with_settings(scenario, overrides=levers)


def levers_without(names: Iterable[str]) -> dict[str, Any]:
    """The levers that switch touchpoints off: nobody meets them, nothing is spent on them."""
    return {f"touchpoints.{name}.enabled": False for name in names}


def is_costly(scenario: Scenario, name: str) -> bool:
    """Whether the touchpoint can cost anything at all."""
    touchpoint = scenario.touchpoints[name]
    prices = touchpoint.cost.model_dump().values()
    return bool(touchpoint.budget_per_day) or any(price > 0.0 for price in prices)
