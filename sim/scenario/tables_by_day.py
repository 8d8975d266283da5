"""The model's tables from each day of a run on which they change: by the scenario's changes, and by
rivals that follow the firm's prices."""

import math

import numpy as np

from sim.model.columns import Tables
from sim.scenario.arrays import make_tables, pair_names
from sim.scenario.levers import timeline
from sim.scenario.offers import Competitor
from sim.scenario.schema import Scenario


def tables_by_day(scenario: Scenario) -> list[tuple[int, Tables]]:
    """The tables from each day of the run on which they change, day 0 first.

    A rival that follows the firm's prices does so after its delay, wherever that falls.
    """
    pairs, states = pair_names(scenario), timeline(scenario)
    found = [(day, make_tables(state, pairs)) for day, state in states]
    ordered = max(t.ordered for _, t in found)  # what is required later may be met before
    found = [(day, t._replace(ordered=ordered)) for day, t in found]
    before = scenario.before
    rivals = [c for c in scenario.competitors.values() for _ in c.offers]
    if not any(rival.follows_price > 0.0 for rival in rivals):
        return found
    first = _mean_price(before)
    prices = [(day, _mean_price(state)) for day, state in states]
    days = {day for day, _ in prices}
    for rival in rivals:
        if rival.follows_price > 0.0:
            days |= {day + rival.follows_after_days for day, _ in prices}
    followed: list[tuple[int, Tables]] = []
    since = {day for day, _ in found}
    for day in sorted(day for day in days if day < scenario.days):
        t = [tables for begins, tables in found if begins <= day][-1]
        factors = [
            1.0 + r.follows_price * (_price_seen(prices, r, first=first, day=day) - 1.0)
            for r in rivals
        ]
        now = np.ascontiguousarray(t.rival_price * np.array(factors))
        if day not in since and np.array_equal(now, followed[-1][1].rival_price):
            continue  # there was nothing to follow
        cheapest = float(now[t.rival_period > 0].min(initial=math.inf))
        followed.append((day, t._replace(rival_price=now, cheapest_rival=cheapest)))
    return followed


def _mean_price(scenario: Scenario) -> float:
    """The firm's mean price."""
    offers = scenario.offers.values()
    return sum(offer.price for offer in offers) / len(offers)


def _price_seen(
    prices: list[tuple[int, float]], rival: Competitor, *, first: float, day: int
) -> float:
    """The firm's mean price that a rival has followed by a day, as a factor on the first."""
    seen = first
    for since, price in prices:
        if since + rival.follows_after_days <= day:
            seen = price
    return seen / first if first > 0.0 else 1.0
