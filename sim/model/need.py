"""When a need arises."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.elementary import log1p
from sim.vocabulary import NEVER

NO_DAY = int(NEVER)


@rule
def waiting_mass(u: float) -> float:
    """A standard exponential from a uniform: the need mass until the next need."""
    return -log1p(-u)


@rule
def need_day(
    rate_per_day: float, mass: float, season_cumulative: NDArray[np.float64], today: int
) -> int:
    """First day after `today` on which the need has arisen, or -1 if not within the run.

    The need is a Poisson process of intensity rate x season(day): it has arisen when the
    intensity added up since tomorrow reaches an exponential `mass` (time rescaling; Cinlar
    1975, ch. 4). So a need arises on day t with chance 1 - exp(-rate season(t)), exactly.
    `season_cumulative[d]`: sum of the season's factors before day d, for d = 0 .. D + 1.
    """
    if rate_per_day <= 0.0:
        return NO_DAY
    goal = season_cumulative[today + 1] + mass / rate_per_day
    last = len(season_cumulative) - 1
    if season_cumulative[last] < goal:
        return NO_DAY
    low = today + 1
    high = last
    while low < high:
        middle = (low + high) // 2
        if season_cumulative[middle] < goal:
            low = middle + 1
        else:
            high = middle
    return max(low - 1, today + 1)
