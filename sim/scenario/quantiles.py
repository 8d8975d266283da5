"""What tells customers apart, as quantiles: a trait is one draw and one interpolation."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from sim.distributions import beta_quantiles, gamma_quantiles, normal_quantiles
from sim.elementary import log, log1p
from sim.model.columns import QUANTILE_CELLS, Reals
from sim.scenario.customers import Segment
from sim.scenario.parts import BetaShare, Positive
from sim.vocabulary import DAYS_PER_YEAR

TABLES_KEPT = 200  # of a kind; a study makes the tables of many scenarios that share most of them
# long before these a chance is 0 or 1; they keep 1 / shape within the range of doubles
LEAST_CONCENTRATION, LEAST_SHAPE = 1e-100, 1e-200
MOST_EXPOSURE = 4.0  # times the mean (assumption): at shape 1, 2 % of people would see more

Inverse = Callable[[Reals], Reals]


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


@lru_cache(TABLES_KEPT)
def _normal_table() -> Reals:
    return quantile_table(normal_quantiles, lambda chance: -normal_quantiles(chance))


@lru_cache(TABLES_KEPT)
def _beta_table(a: float, b: float) -> Reals:
    return quantile_table(
        lambda chance: beta_quantiles(a, b, chance),
        lambda chance: beta_quantiles(a, b, chance, is_upper=True),
    )


@lru_cache(TABLES_KEPT)
def _gamma_table(shape: float) -> Reals:
    return quantile_table(
        lambda chance: gamma_quantiles(shape, chance),
        lambda chance: gamma_quantiles(shape, chance, is_upper=True),
    )


def normal_table() -> Reals:
    """The quantiles of the standard normal distribution, (3, 1025)."""
    return _normal_table().copy()


def constant_table(value: float) -> Reals:
    """The quantiles of a trait that all share, (3, 1025)."""
    return np.full((3, QUANTILE_CELLS + 1), value)


def beta_table(share: BetaShare) -> Reals:
    """The quantiles of a chance that differs between customers, (3, 1025)."""
    if share.concentration is None or share.mean in (0.0, 1.0):
        return constant_table(share.mean)
    size = max(share.concentration, LEAST_CONCENTRATION)
    a = max(share.mean * size, LEAST_SHAPE)
    return _beta_table(a, max(size - a, LEAST_SHAPE)).copy()


def need_rate_table(segment: Segment) -> Reals:
    """The quantiles of needs per day, gamma around the segment's rate, (3, 1025)."""
    per_day = segment.need.rate_per_year / DAYS_PER_YEAR
    shape = segment.need.gamma_shape
    if shape is None or per_day == 0.0:
        return constant_table(per_day)
    return _gamma_table(shape) * (per_day / shape)


def log_parameters(trait: Positive) -> tuple[float, float]:
    """Mean and sd of the logarithm of a lognormal with this mean and cv; mean 0 gives -inf."""
    if trait.mean == 0.0:
        return -math.inf, 0.0
    variance = log1p(trait.cv * trait.cv)
    return log(trait.mean) - variance / 2.0, math.sqrt(variance)


def exposure_table(shape: float) -> Reals:
    """The quantiles of customers' own factors on a rate of encounters, mean 1, (3, 1025).

    Gamma: with Poisson contacts, the negative binomial model of exposure (Ehrenberg 1959; Danaher
    2007). Cut at `MOST_EXPOSURE` times the mean, so that the filter has a bound.
    """
    factors = np.minimum(_gamma_table(shape) / shape, MOST_EXPOSURE)
    middle = (factors[:, 1:] + factors[:, :-1]) / 2.0
    tails = middle[1:].mean(axis=1)  # of the lowest and the highest cell
    mean = (middle[0, 1:-1].sum() + tails.sum()) / QUANTILE_CELLS
    return np.ascontiguousarray(factors / mean)
