"""What a search with a budget costs: the price of its clicks, as far as its budgets go."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.model.columns import Touch
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.schema import Scenario
from sim.theory.bare import market

PEOPLE, PRICE, REACH, AGENTS, DAYS = 3, 2.0, 0.5, 400, 200


def search_for_ever(clicks_a_day: float) -> Scenario:
    """Everybody searches with chance REACH every day; the budget buys so many clicks."""
    return market(
        "searchers",
        AGENTS,
        DAYS,
        population=AGENTS * PEOPLE,
        touchpoints={
            "search": {
                "starts": "pull",
                "control": "paid",
                "cost": {"per_click": PRICE},
                "budget_per_day": clicks_a_day * PEOPLE * PRICE,
                "reach": {"latent": REACH},
                "click_chance": 1.0,
            }
        },
    )


def clicks_of(records: Records) -> np.ndarray:
    found: np.ndarray = records.touch[:, :, :, Touch.VISITS].sum(axis=(1, 2))
    return found


@pytest.mark.parametrize("engine", [run_fast, run_reference])
def test_a_run_never_costs_more_than_its_budgets_and_clicks_beyond_them_are_free(
    engine: Callable[[Scenario], Records],
) -> None:
    """Spend so far = cost so far - max(0, the most by which cost has been ahead of budget)."""
    scenario = search_for_ever(clicks_a_day=AGENTS * REACH / 2.0)
    records = engine(scenario)
    cost = np.cumsum(clicks_of(records)) * PEOPLE * PRICE
    budget = np.arange(1, DAYS + 1) * scenario.touchpoints["search"].budget_per_day
    forgiven = np.maximum.accumulate(np.maximum(0.0, cost - budget))
    assert forgiven[-1] > 0.0  # it ran out now and then
    spent = np.cumsum(records.spend[:, 0])
    assert spent == pytest.approx(cost - forgiven, rel=1e-12)
    assert np.all(spent <= budget * (1.0 + 1e-12))


def test_a_search_that_is_always_short_of_money_spends_it() -> None:
    """The unspent rest is how far a random walk is below its maximum: mean s sqrt(2 T / pi)."""
    served = AGENTS * REACH / 2.0
    spread = math.sqrt(served * (1.0 - served / AGENTS))  # of a day's clicks, binomial
    records = run_fast(search_for_ever(served))
    unspent = served * DAYS - records.spend.sum() / (PEOPLE * PRICE)
    mean, sd = (spread * math.sqrt(DAYS * x) for x in (2.0 / math.pi, 1.0 - 2.0 / math.pi))
    assert abs(unspent - mean) < 4.0 * sd
    assert unspent < 0.02 * served * DAYS


def test_money_beyond_all_clicks_is_not_spent() -> None:
    records = run_fast(search_for_ever(clicks_a_day=AGENTS * 1.0))
    clicks = clicks_of(records)
    assert records.spend[:, 0] == pytest.approx(clicks * PEOPLE * PRICE, rel=1e-12)
    sd = math.sqrt(DAYS * AGENTS * REACH * (1.0 - REACH))
    assert abs(clicks.sum() - DAYS * AGENTS * REACH) < 4.0 * sd
