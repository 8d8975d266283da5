"""Common random numbers: how much less a difference varies when both sides share a seed."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import Figure, market
from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.scenario.levers import get, with_settings
from sim.scenario.schema import Scenario

AGENTS = 20_000
TOUCHPOINT = "organic_search"
PHASES = ("interest", "desire")
STEP = 0.05


def purchases(scenario: Scenario) -> int:
    """Purchases in a run."""
    return int(run_fast(scenario, threads=1).counts[:, :, Count.PURCHASES].sum())


def raised_quality(scenario: Scenario) -> Scenario:
    """One touchpoint's mean quality 0.05 higher: 5 % of the way from usual to perfect."""
    path = f"touchpoints.{TOUCHPOINT}.quality.mean"
    return with_settings(scenario, [f"{path}={float(get(scenario, path)) + STEP}"])


def raised_reach(scenario: Scenario) -> Scenario:
    """The same touchpoint's reach 5 % higher wherever it has any."""
    reach = scenario.touchpoints[TOUCHPOINT].reach
    settings = [
        f"touchpoints.{TOUCHPOINT}.reach.{phase}={min(1.0, chance * (1.0 + STEP))}"
        for phase, chance in reach.items()
    ]
    return with_settings(scenario, settings)


def ratio(base: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Variance of the difference between independent seeds, by that between shared ones.

    Independent seeds: the sum of both sides' variances, which is what pairing each run with
    every other seed's run estimates.
    """
    independent = base.var(ddof=1) + other.var(ddof=1)
    return float(independent / (other - base).var(ddof=1))


def luck(quick: bool) -> list[Figure]:
    """Variance ratios over paired seeds at 20,000 customers."""
    seeds = 8 if quick else 30
    days = 90 if quick else 365
    markets = [market(AGENTS, days, seed) for seed in range(1, seeds + 1)]
    base = np.array([purchases(m) for m in markets], dtype=np.float64)
    quality = np.array([purchases(raised_quality(m)) for m in markets], dtype=np.float64)
    reach = np.array([purchases(raised_reach(m)) for m in markets], dtype=np.float64)
    where = f"{seeds} seeds, {AGENTS:,} customers x {days} days"
    return [
        Figure(
            f"variance ratio, +{STEP:g} quality of {TOUCHPOINT}, {where}",
            ratio(base, quality),
            "ratio",
            100.0,
            at_most=False,
        ),
        Figure(
            f"variance ratio, +5 % reach of {TOUCHPOINT}, {where}",
            ratio(base, reach),
            "ratio",
            50.0,
            at_most=False,
        ),
    ]
