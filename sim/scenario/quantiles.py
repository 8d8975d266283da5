"""Distributions of traits as tables of quantiles, so that one draw gives one value."""

import numpy as np
from scipy import stats
from scipy.stats.distributions import rv_frozen

from sim.scenario.arrays import QUANTILE_CELLS, Reals
from sim.scenario.customers import Segment
from sim.scenario.parts import BetaShare, Positive
from sim.vocabulary import DAYS_PER_YEAR


def quantile_table(distribution: rv_frozen) -> Reals:
    """Quantiles of a frozen scipy distribution on a grid that is finer in both tails.

    Row 0 covers 0..1 in 1024 cells; row 1 the lowest cell, row 2 the highest, again in
    1024. `sim.model.traits.quantile` interpolates linearly; what lies beyond the
    outermost 2**-22 is cut. Shape (3, 1025).
    """
    grid = np.arange(QUANTILE_CELLS + 1) / QUANTILE_CELLS
    outermost = 2.0**-22
    low = np.clip(grid / QUANTILE_CELLS, outermost, None)
    main = np.clip(grid, outermost, 1.0 - outermost)
    table = np.stack([distribution.ppf(main), distribution.ppf(low), distribution.isf(low[::-1])])
    return np.ascontiguousarray(table, dtype=np.float64)


def constant_table(value: float) -> Reals:
    """The quantiles of a trait that all share, (3, 1025)."""
    return np.full((3, QUANTILE_CELLS + 1), value)


def beta_table(share: BetaShare) -> Reals:
    """The quantiles of a chance that differs between customers, (3, 1025)."""
    if share.concentration is None or share.mean in (0.0, 1.0):
        return constant_table(share.mean)
    a = share.mean * share.concentration
    return quantile_table(stats.beta(a, share.concentration - a))


def need_rate_table(segment: Segment) -> Reals:
    """The quantiles of needs per day, gamma around the segment's rate, (3, 1025)."""
    per_day = segment.need.rate_per_year / DAYS_PER_YEAR
    shape = segment.need.gamma_shape
    if shape is None or per_day == 0.0:
        return constant_table(per_day)
    return quantile_table(stats.gamma(shape, scale=per_day / shape))


def log_parameters(trait: Positive) -> tuple[float, float]:
    """Mean and sd of the logarithm of a lognormal with this mean and cv; mean 0 gives -inf."""
    if trait.mean == 0.0:
        return -np.inf, 0.0
    variance = np.log1p(trait.cv**2)
    return float(np.log(trait.mean) - variance / 2.0), float(np.sqrt(variance))
