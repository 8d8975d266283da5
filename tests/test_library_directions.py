"""Directions that every market that ships must show, in paired runs: the same people and luck.

A change is judged by its total over customers and the standard error of that total
(`sim.measures.incrementality`): "never lower" is not lower by more than three errors. Customers
share queues, budgets and talk, so the error is a little too small; three is for that.
"""

from collections.abc import Callable
from functools import cache

import pytest

from sim import load_scenario
from sim.engine.day import run_fast
from sim.measures.incrementality import effects
from sim.records.recorder import Records
from sim.scenario.levers import from_today
from sim.scenario.library import library_names
from sim.scenario.schema import Scenario
from sim.vocabulary import Control

CERTAIN = 3.0  # standard errors
STEP = 0.1  # of quality and performance, on -1 to 1
SIZE = {"agents": 2_500, "days": 270}


@cache
def today(name: str) -> Records:
    return run_fast(load_scenario(name, **SIZE), threads=1)


def ours(market: Scenario) -> list[str]:
    """The touchpoints that the firm can better."""
    return [
        name
        for name, one in market.touchpoints.items()
        if one.enabled and one.control in (Control.OWNED, Control.PAID)
    ]


def dearer(market: Scenario) -> list[str]:
    return [f"offers.{name}.price*=1.1" for name in market.offers]


def better_goods(market: Scenario) -> list[str]:
    return [
        f"offers.{name}.performance.mean={min(1.0, offer.performance.mean + STEP):.6f}"
        for name, offer in market.offers.items()
    ]


def better_touchpoints(market: Scenario) -> list[str]:
    return [
        f"touchpoints.{name}.quality.mean="
        f"{min(1.0, market.touchpoints[name].quality.mean + STEP):.6f}"
        for name in ours(market)
    ]


def more_reach(market: Scenario) -> list[str]:
    return [
        f"touchpoints.{name}.budget_per_day*=1.5"
        for name in ours(market)
        if market.touchpoints[name].budget_per_day
    ]


def more_servers(market: Scenario) -> list[str]:
    return [
        f"touchpoints.{name}.capacity.servers={one.capacity.servers + 1}"
        for name in ours(market)
        if (one := market.touchpoints[name]).capacity is not None
    ]


def change(name: str, of: Callable[[Scenario], list[str]], outcome: str) -> float:
    """How many standard errors a change lies above 0; 0 where there is nothing to change."""
    settings = of(load_scenario(name, **SIZE))
    if not settings:
        return 0.0
    after = run_fast(from_today(load_scenario(name, **SIZE), settings), threads=1)
    found = effects(today(name), after)[outcome]
    if found.se == 0.0:
        assert found.value == 0.0
        return 0.0
    return found.value / found.se


@pytest.mark.parametrize("of", [better_goods, better_touchpoints, more_reach, more_servers])
@pytest.mark.parametrize("name", library_names())
def test_what_is_better_never_sells_less(name: str, of: Callable[[Scenario], list[str]]) -> None:
    assert change(name, of, "purchases") >= -CERTAIN


@pytest.mark.parametrize("name", library_names())
def test_a_higher_price_never_sells_more(name: str) -> None:
    assert change(name, dearer, "purchases") <= CERTAIN


@pytest.mark.parametrize("name", library_names())
def test_better_goods_never_make_customers_less_satisfied(name: str) -> None:
    market = load_scenario(name, **SIZE)
    if market.journey.shape == "funnel":
        return  # nobody owns anything long enough to judge it
    after = run_fast(from_today(market, better_goods(market)), threads=1)
    scores = [
        records.customers["satisfaction"][records.customers["purchases"] > 0].mean()
        for records in (today(name), after)
    ]
    assert scores[1] > scores[0]


def test_there_is_something_to_better_in_every_market() -> None:
    for name in library_names():
        market = load_scenario(name, **SIZE)
        assert better_goods(market)
        assert better_touchpoints(market)
