"""What people asked by a survey say, and two chances that their intentions are made of."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.elementary import exp


@rule
def stated_importance(weight: float, needs: int, levelling: float) -> float:
    """What people say a need weighs, of so many: drawn towards all the same by `levelling`.

    (1 - levelling) x weight + levelling / needs, so that what is said adds up to 1 too. The form
    is an assumption.
    """
    return (1.0 - levelling) * weight + levelling / needs


@rule
def stated_intention(intention: float, kept: float) -> float:
    """The chance to buy that people state, of which they mean the share `kept`; at most 1.

    That intentions overstate: Chandon, Morwitz & Reinartz (2005); the form is an assumption.
    """
    return min(1.0, intention / kept)


@rule
def need_within(
    rate_per_day: float, season_cumulative: NDArray[np.float64], today: int, days: int
) -> float:
    """Chance that a need arises on one of the `days` after `today`; see `need.need_day`."""
    mass = rate_per_day * (season_cumulative[today + days + 1] - season_cumulative[today + 1])
    return 1.0 - exp(-mass)


@rule
def considered_then(owns: bool, loyalty: float, known: float) -> float:
    """Chance that a need that arises leads to the brand: out of loyalty, or by what is `known`."""
    loyal = 0.0
    if owns:
        loyal = min(1.0, loyalty)
    return loyal + (1.0 - loyal) * known
