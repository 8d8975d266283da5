"""Headline figures of one run: their intervals are as wide as luck makes the figures differ."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.measures.spread import LEAST_BUYERS, intervals_of_one_run
from sim.runs.run import Run, run
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from worlds.markets import MARKETS

SEEDS = 60
SIZE = {"agents": 500, "days": 400}  # so long that buyers are followed for a year
SURE = 4.0  # standard errors


@cache
def one(seed: int) -> Run:
    return run(load_scenario("webshop_loop", ["past_days=0", "panel=0"], seed=seed, **SIZE))


def figure(made: Run, key: str) -> float | None:
    value: Any = made.summary
    for part in key.split("."):
        value = value[part]
    return None if value is None else float(value)


@cache
def of_all(key: str) -> tuple[np.ndarray, np.ndarray]:
    """Figures (n,) and the ends of their intervals (n, 2), of the seeds that have both."""
    found = []
    for seed in range(1, SEEDS + 1):
        made = one(seed)
        value, ends = figure(made, key), intervals_of_one_run(made.records).get(key)
        if value is not None and ends is not None:
            found.append((value, *ends))
    rows = np.array(found)
    return rows[:, 0], rows[:, 1:]


KEYS = (
    *("economics.revenue", "economics.margin", "economics.profit", "economics.cac"),
    *("customers.new", "customers.active_end", "experience.recommendation_score"),
    "conversion.per_need",
)


@pytest.mark.parametrize("key", KEYS)
def test_intervals_of_one_run_hold_the_mean_of_many(key: str) -> None:
    """At 500 customers: in 95 of 100, as far as sixty seeds can tell."""
    values, ends = of_all(key)
    assert len(values) > 0.9 * SEEDS
    held = float(np.mean((ends[:, 0] <= values.mean()) & (values.mean() <= ends[:, 1])))
    assert abs(held - 0.95) < SURE * math.sqrt(0.05 * 0.95 / len(values))


@pytest.mark.parametrize("key", KEYS)
def test_they_are_as_wide_as_seeds_differ(key: str) -> None:
    """The standard deviation of sixty seeds is known to 1 / root 120, nine per cent."""
    values, ends = of_all(key)
    told = float(np.mean(ends[:, 1] - ends[:, 0])) / (2.0 * 1.96)
    assert told == pytest.approx(values.std(ddof=1), rel=SURE / math.sqrt(2.0 * SEEDS))


@pytest.mark.parametrize("name", MARKETS)
def test_each_is_of_a_figure_and_holds_it(name: str) -> None:
    made = run(MARKETS[name])
    intervals = made.summary["intervals"]
    assert intervals
    for key, (low, high) in intervals.items():
        value = figure(made, key)
        assert value is not None, key
        assert low <= value * (1.0 + 1e-12) + 1e-9, key
        assert high >= value * (1.0 - 1e-12) - 1e-9, key


def test_totals_over_people_are_the_run_s() -> None:
    """What the intervals stand on adds up to the figures, in a loop and in a funnel."""
    for scenario in (MARKETS["town"], MARKETS["stall"], load_scenario("webshop_loop", **SIZE)):
        made = run(scenario)
        for key in ("economics.revenue", "economics.margin", "customers.new"):
            ends = intervals_of_one_run(made.records).get(key)
            if ends is not None and (key != "customers.new" or made.scenario.name == "stall"):
                assert sum(ends) / 2.0 == pytest.approx(figure(made, key), rel=1e-9)


def few(buyers: int) -> Scenario:
    """Hardly anybody buys."""
    return with_settings(MARKETS["stall"], overrides={"agents": buyers, "days": 3})


def test_few_buyers_give_no_interval_of_money() -> None:
    made = run(few(10))
    assert np.count_nonzero(made.records.customers["purchases"]) < LEAST_BUYERS
    assert not [key for key in made.summary["intervals"] if key.startswith("economics.")]
