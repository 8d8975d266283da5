"""Who a customer is: values drawn once, from the segment's distributions."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.elementary import exp
from sim.model.columns import QUANTILE_CELLS

CELLS, LAST_CELL = float(QUANTILE_CELLS), QUANTILE_CELLS - 1
NORMAL_LIMIT = 5.0  # lognormal traits are cut at five standard deviations of their logarithm
SOCIABILITY_CAP = 3.0  # times the segment's mean: gives the daily chance to talk an upper bound


@rule
def quantile(table: NDArray[np.float64], u: float) -> float:
    """The `u`-quantile, 0 <= u < 1, of a table made by `sim.scenario.quantiles.quantile_table`.

    Inverting the distribution uses one draw a trait and is monotone in it, so that a lever
    on the distribution moves every customer smoothly.
    """
    row = 0
    position = u * CELLS
    if position < 1.0:
        row = 1
        position = position * CELLS
    elif position >= CELLS - 1.0:
        row = 2
        position = (position - (CELLS - 1.0)) * CELLS
    cell = int(position)
    if cell > LAST_CELL:
        cell = LAST_CELL
    left: float = table[row, cell]
    right: float = table[row, cell + 1]
    return left + (right - left) * (position - cell)


@rule
def segment_of(u: float, share_cumulative: NDArray[np.float64]) -> int:
    """The segment whose slice of 0..1 holds `u`."""
    last = len(share_cumulative) - 1
    for s in range(last):
        if u < share_cumulative[s]:
            return s
    return last


@rule
def lognormal(log_mean: float, log_sd: float, z: float) -> float:
    """exp(log_mean + log_sd z), with z cut at +-5; a log_mean of -inf gives 0."""
    z = min(max(z, -NORMAL_LIMIT), NORMAL_LIMIT)
    return exp(log_mean + log_sd * z)


@rule
def need_weight(mean: float, sd: float, z: float) -> float:
    """Weight of a need attribute before normalisation: normal, cut at 0."""
    return max(0.0, mean + sd * z)


@rule
def own_affinity(spread: float, u: float) -> float:
    """The customer's own factor on a touchpoint's rate: uniform on 1 - spread .. 1 + spread."""
    return 1.0 + spread * (2.0 * u - 1.0)
