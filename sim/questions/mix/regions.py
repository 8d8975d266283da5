"""Regions: independent markets made of one scenario, which differ in size, luck and budgets.

A media mix model can learn what a touchpoint does only where its spend varies. A scenario gives
a touchpoint one budget a day, a yearly season of it and one rhythm of days on and off, so the
budgets of a region vary in these ways, and in no others (there is no plan week by week):

- *size*: agents and population x s, s uniform on 1 -+ vary / 2, and every budget with them, so
  that it stays the same money a head. What is not a budget (fixed costs, servers) stays as it is;
- *level*: the budget of a touchpoint x l, l uniform on 1 -+ vary, drawn for each touchpoint;
- *bursts*: each touchpoint is on for a whole number of days, uniform on LEAST_ON to MOST_ON, then
  off for one, uniform on 0 to vary x MOST_OFF, over and over, the first time after a wait that is
  uniform on 0 to the days off (and whatever wait the scenario has). A day on is budgeted
  (on + off) / on times as high, so that bursts do not change what is spent in the long run. Days
  rather than weeks, so that a week is anything from off to on;
- *season* of the budgets: as in the scenario, alike in all regions.

*Media* are the touchpoints with a budget above 0 that are switched on: only their spend is
varied. With vary = 0 regions differ in nothing but their luck, and flights are the scenario's.

**Draws.** Every number is `sim.draws.u01` at the address (the scenario's seed, PURPOSE, number of
the region, what is drawn, CRC-32 of the touchpoint's name), a purpose that no draw of a customer
has. So one more region or touchpoint changes nothing about the others. The seed of region r is the
first 63 bits of the block (r, SEED, PURPOSE, 0).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple
from zlib import crc32

from sim.draws import philox, u01
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario

PURPOSE = 1 << 20  # far beyond every `sim.draws.Draw`
SEED, SIZE, LEVEL, ON, OFF, WAIT = range(6)  # what is drawn

# Assumptions: a burst of advertising lasts one to eight weeks, and so does the quiet after it.
LEAST_ON, MOST_ON = 7, 56
MOST_OFF = 56
DAYS_PER_WEEK = 7
DAYS_PER_YEAR = 365


class Region(NamedTuple):
    """A market of its own: its name, region_1 and so on, and its complete scenario."""

    name: str
    scenario: Scenario


def media_of(scenario: Scenario) -> list[str]:
    """The names of the touchpoints whose budgets are varied, in the order of the scenario."""
    return [
        name
        for name, one in scenario.touchpoints.items()
        if one.enabled and one.budget_per_day is not None and one.budget_per_day > 0.0
    ]


def whole_weeks(years: int) -> int:
    """Days in the whole weeks of so many years of 365 days."""
    return years * DAYS_PER_YEAR // DAYS_PER_WEEK * DAYS_PER_WEEK


def region(scenario: Scenario, number: int, years: int, *, vary: float) -> Region:
    """Region `number` (from 1 on) of a scenario, over the whole weeks of `years`.

    `vary`: 0 to below 1, how far sizes and budgets may depart from the scenario's. Raises
    `sim.errors.ScenarioErrors` if a number leaves the bounds of a scenario.
    """
    seed = scenario.seed
    size = _around(vary / 2.0, u01(seed, PURPOSE, number, SIZE, 0))
    agents = max(1, round(scenario.agents * size))
    population = max(1, round(scenario.population * agents / scenario.agents))
    levers: dict[str, Any] = {
        "name": _named(scenario.name, number),
        "agents": agents,
        "population": population,
        "days": whole_weeks(years),
        "seed": region_seed(seed, number),
    }
    if vary > 0.0:
        for name in media_of(scenario):
            levers |= _budget(
                scenario, name, number, vary=vary, size=population / scenario.population
            )
    return Region(f"region_{number}", with_settings(scenario, overrides=levers))


def region_seed(seed: int, number: int) -> int:
    """The seed of a region: 0 to 2^63 - 1."""
    high, low, _, _ = philox(number, SEED, PURPOSE, 0, seed)
    return (high << 31) | (low >> 1)


def _budget(
    scenario: Scenario, name: str, number: int, *, vary: float, size: float
) -> Mapping[str, Any]:
    """The levers that give a touchpoint its budget and flight in a region of relative `size`."""
    touchpoint = scenario.touchpoints[name]
    assert touchpoint.budget_per_day is not None  # media have one

    def u(what: int) -> float:
        return u01(scenario.seed, PURPOSE, number, what, crc32(name.encode()))

    on = LEAST_ON + math.floor(u(ON) * (MOST_ON - LEAST_ON + 1))
    off = math.floor(u(OFF) * (math.floor(vary * MOST_OFF) + 1))
    wait = math.floor(u(WAIT) * (off + 1))
    level = _around(vary, u(LEVEL))
    place = f"touchpoints.{name}"
    return {
        f"{place}.budget_per_day": touchpoint.budget_per_day * size * level * (on + off) / on,
        f"{place}.flight.days_on": on,
        f"{place}.flight.days_off": off,
        f"{place}.flight.start_day": touchpoint.flight.start_day + wait,
    }


def _around(width: float, u: float) -> float:
    """The number at the share `u` of the way from 1 - width to 1 + width."""
    return 1.0 + width * (2.0 * u - 1.0)


def _named(name: str, number: int) -> str:
    """A scenario's name with the region's; a name is at most 40 long."""
    ending = f"_region_{number}"
    return name[: 40 - len(ending)] + ending
