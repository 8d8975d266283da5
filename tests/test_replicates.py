"""Means and intervals of several seeds."""

import math
from typing import Any

import numpy as np
import pytest

from sim.measures.replicates import combine


def seed(number: int, new: float | None) -> dict[str, Any]:
    return {
        "scenario": "s",
        "seed": number,
        "agents": 10,
        "population": 20,
        "days": 5,
        "currency": "DKK",
        "engine": "fast",
        "threads": 1,
        "seconds": 2.0,
        "customer_days_per_second": 25.0,
        "customers": {"new": new},
        "touchpoints": {"web": {"spend": 4.0}},
        "undefined": {} if new is not None else {"customers.new": "nobody"},
    }


def test_interval_of_three_replicates() -> None:
    joint = combine([seed(7, 1.0), seed(8, 2.0), seed(9, 3.0)])
    assert joint["customers"]["new"] == 2.0
    half = 4.302653 / math.sqrt(3)  # Student's t, two degrees of freedom; deviation 1
    assert joint["intervals"]["customers.new"] == pytest.approx([2 - half, 2 + half], rel=1e-6)
    assert joint["intervals"]["touchpoints.web.spend"] == [4.0, 4.0]
    assert (joint["seed"], joint["seeds"]) == (7, [7, 8, 9])
    assert (joint["seconds"], joint["customer_days_per_second"]) == (6.0, 25.0)


def test_replicates_cover_the_truth_as_often_as_they_say() -> None:
    """Of 2,000 sets of 4 normal values, 95 % of the intervals must hold the mean, 0."""
    luck = np.random.default_rng(1)
    held = 0
    for _ in range(2000):
        joint = combine([seed(number, float(luck.normal())) for number in range(4)])
        low, high = joint["intervals"]["customers.new"]
        held += low <= 0.0 <= high
    error = math.sqrt(0.95 * 0.05 / 2000)
    assert abs(held / 2000 - 0.95) < 4 * error


def test_a_figure_that_one_replicate_lacks_has_no_mean() -> None:
    joint = combine([seed(1, 1.0), seed(2, None)])
    assert joint["customers"]["new"] is None
    assert "customers.new" not in joint["intervals"]
    assert joint["undefined"]["customers.new"] == "in 1 of 2 replicates: nobody"
    assert combine([seed(1, None), seed(2, None)])["undefined"]["customers.new"] == "nobody"


def test_one_replicate_is_none() -> None:
    with pytest.raises(ValueError, match="at least two"):
        combine([seed(1, 1.0)])
