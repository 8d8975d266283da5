"""Paired runs: the same seeds with and without a change, by default of the shop."""

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.theory.bare import Piece
from worlds.shop import shop

SEEDS = range(10)
CERTAIN = 3.0  # standard errors of a mean paired difference


@cache
def _runs(text: str, seeds: tuple[int, ...]) -> list[Records]:
    scenario = Scenario.model_validate_json(text)
    return [run_fast(scenario.model_copy(update={"seed": seed})) for seed in seeds]


def runs(scenario: Scenario, seeds: Sequence[int] = SEEDS) -> list[Records]:
    """A run of the scenario per seed; asked for again, the same ones."""
    return _runs(scenario.model_dump_json(), tuple(seeds))


Figure = Callable[[Records], float]


def values(scenario: Scenario, figure: Figure, seeds: Sequence[int] = SEEDS) -> NDArray[np.float64]:
    """The figure of each replicate."""
    return np.array([figure(records) for records in runs(scenario, seeds)])


def score(differences: NDArray[np.float64]) -> float:
    """Mean of paired differences in standard errors of it; 0 if nothing differs at all."""
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread == 0.0:
        return math.copysign(math.inf, mean) if mean else 0.0
    return mean / (spread / math.sqrt(len(differences)))


def without(name: str) -> Piece:
    """The change that switches a touchpoint off."""
    return {"touchpoints": {name: {"enabled": False}}}


def effect(change: Piece, figure: Figure, *base: Piece) -> float:
    """What a change does to a figure, in standard errors of the mean paired difference."""
    return score(values(shop(*base, change), figure) - values(shop(*base), figure))


def count(column: Count) -> Figure:
    """A total of the run, in simulated customers or minor units."""
    return lambda records: float(records.counts[:, :, column].sum())


def mean_satisfaction(records: Records) -> float:
    """Mean satisfaction over all judgements, in fixed-point units."""
    totals = records.counts.sum(axis=(0, 1))
    return float(totals[Count.SATISFACTION] / totals[Count.JUDGEMENTS])


def profit(records: Records) -> float:
    """Margin less spend, of the whole population, in currency."""
    margin = float(records.counts[:, :, Count.MARGIN].sum()) / 100.0
    return margin * records.people_per_agent - float(records.spend.sum())
