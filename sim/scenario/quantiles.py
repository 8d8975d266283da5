"""Distributions of traits as tables of quantiles, so that one draw gives one value."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.scenario.arrays import QUANTILE_CELLS, Reals
from sim.scenario.customers import Segment
from sim.scenario.parts import BetaShare, Positive
from sim.vocabulary import DAYS_PER_YEAR

Inverse = Callable[[Reals], NDArray[np.floating[Any]]]


def quantile_table(from_below: Inverse, from_above: Inverse) -> Reals:
    """Quantiles of a distribution on a grid that is finer in both tails.

    `from_below` and `from_above` give the value that has a chance below, or above, it.
    Row 0 covers 0..1 in 1024 cells; row 1 the lowest cell, row 2 the highest, again in
    1024. `sim.model.traits.quantile` interpolates linearly; what lies beyond the
    outermost 2**-22 is cut. Shape (3, 1025).
    """
    grid = np.arange(QUANTILE_CELLS + 1) / QUANTILE_CELLS
    outermost = 2.0**-22
    low = np.clip(grid / QUANTILE_CELLS, outermost, None)
    main = np.clip(grid, outermost, 1.0 - outermost)
    table = np.stack([from_below(main), from_below(low), from_above(low[::-1])])
    return np.ascontiguousarray(table, dtype=np.float64)


def normal_table() -> Reals:
    """The quantiles of the standard normal distribution, (3, 1025)."""
    return quantile_table(special.ndtri, lambda chance: -special.ndtri(chance))


def constant_table(value: float) -> Reals:
    """The quantiles of a trait that all share, (3, 1025)."""
    return np.full((3, QUANTILE_CELLS + 1), value)


def beta_table(share: BetaShare) -> Reals:
    """The quantiles of a chance that differs between customers, (3, 1025)."""
    if share.concentration is None or share.mean in (0.0, 1.0):
        return constant_table(share.mean)
    a = share.mean * share.concentration
    b = share.concentration - a
    return quantile_table(
        lambda chance: special.betaincinv(a, b, chance),
        lambda chance: special.betainccinv(a, b, chance),
    )


def need_rate_table(segment: Segment) -> Reals:
    """The quantiles of needs per day, gamma around the segment's rate, (3, 1025)."""
    per_day = segment.need.rate_per_year / DAYS_PER_YEAR
    shape = segment.need.gamma_shape
    if shape is None or per_day == 0.0:
        return constant_table(per_day)
    scale = per_day / shape
    return quantile_table(
        lambda chance: special.gammaincinv(shape, chance) * scale,
        lambda chance: special.gammainccinv(shape, chance) * scale,
    )


def log_parameters(trait: Positive) -> tuple[float, float]:
    """Mean and sd of the logarithm of a lognormal with this mean and cv; mean 0 gives -inf."""
    if trait.mean == 0.0:
        return -math.inf, 0.0
    variance = math.log1p(trait.cv**2)
    return math.log(trait.mean) - variance / 2.0, math.sqrt(variance)
