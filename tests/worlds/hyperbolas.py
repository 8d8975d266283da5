"""Four returns that bend like hyperbolas, whose best split is known: no market, a function."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sim.questions.budget.search import Limits, Searched, Tried, search

SIZES = {"a": 900.0, "b": 500.0, "c": 250.0, "d": 20.0}
HALF = {"a": 300.0, "b": 80.0, "c": 40.0, "d": 100.0}
TOTAL = 600.0


def hyperbolas(plans: Sequence[Mapping[str, float]]) -> list[Tried]:
    return [hyperbola(factors) for factors in plans]


def hyperbola(factors: Mapping[str, float]) -> Tried:
    """Worth sum of A a / (a + h), a family the surrogate does not have; 150 each at factor 1."""
    spent = {name: 150.0 * factors[name] for name in SIZES}
    worth = sum(SIZES[n] * a / (a + HALF[n]) for n, a in spent.items())
    return Tried(dict(factors), spent, np.array([worth]), 0.0)


def best_of_hyperbolas() -> dict[str, float]:
    """By Lagrange: A h / (a + h)^2 = m, so a = sqrt(A h / m) - h, none below 0 (d is out)."""
    inside = ["a", "b", "c"]
    roots = {n: math.sqrt(SIZES[n] * HALF[n]) for n in inside}
    scale = (TOTAL + sum(HALF[n] for n in inside)) / sum(roots.values())
    assert SIZES["d"] / HALF["d"] < 1.0 / scale**2  # its first krone brings less than the last
    return {n: roots[n] * scale - HALF[n] for n in inside} | {"d": 0.0}


def searched(limits: Mapping[str, Limits] | None = None, evaluations: int = 200) -> Searched:
    return search(
        hyperbolas, TOTAL, limits or {name: Limits() for name in SIZES}, evaluations=evaluations
    )
