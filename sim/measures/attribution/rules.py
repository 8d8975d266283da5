"""Rules of thumb: each conversion is shared among the touches of its own path.

With the touches of a path numbered 1 to n in order of time and d_i the days from touch i to
the conversion, the share of touch i is

- *last click*: 1 for i = n, else 0;
- *last non-direct click*: the same after direct visits are left out of every path that has
  any other touch (Google's rule; a purchase with direct visits only stays direct);
- *first click*: 1 for i = 1, else 0;
- *linear*: 1 / n;
- *position-based*: .4 for the first and the last, .2 / (n - 2) for each between them; of two
  touches .5 each; of one 1 (as Google Analytics did);
- *time decay*: 2^(-d_i / 7) / sum over j of 2^(-d_j / 7): a half-life of seven days.

The credit of a touchpoint is the sum of its shares times the conversions of the path. It adds
up to the conversions; paths without one play no part. Credit is not incremental effect.
"""

from __future__ import annotations

import numpy as np

from sim.elementary import power
from sim.measures.attribution.paths import DIRECT, Paths, Reals, summed

HALF_LIFE_DAYS = 7.0  # of time decay, as in Google Analytics
ENDS = 0.4  # share of the first and of the last of three or more touches


def credit_of(paths: Paths, shares: Reals) -> Reals:
    """Credit of each touchpoint, (K,) conversions, from the share of each touch, (T,)."""
    worth = shares * paths.conversions[paths.path]
    return summed(paths.touch, worth, len(paths.names))


def last_click(paths: Paths) -> Reals:
    """All to the last touch. (K,) conversions."""
    return credit_of(paths, (paths.place == paths.lengths[paths.path] - 1).astype(np.float64))


def last_non_direct_click(paths: Paths) -> Reals:
    """All to the last touch that is not direct, if there is one. (K,) conversions."""
    return last_click(paths.without(DIRECT))


def first_click(paths: Paths) -> Reals:
    """All to the first touch. (K,) conversions."""
    return credit_of(paths, (paths.place == 0).astype(np.float64))


def linear(paths: Paths) -> Reals:
    """The same to every touch. (K,) conversions."""
    return credit_of(paths, 1.0 / paths.lengths[paths.path])


def position_based(paths: Paths) -> Reals:
    """40 % to the first, 40 % to the last, the rest between them. (K,) conversions."""
    n, place = paths.lengths[paths.path], paths.place
    is_end = (place == 0) | (place == n - 1)
    long = np.where(is_end, ENDS, (1.0 - 2.0 * ENDS) / np.maximum(1, n - 2))
    return credit_of(paths, np.where(n > 2, long, 1.0 / n))


def time_decay(paths: Paths) -> Reals:
    """Half as much for each seven days further back. (K,) conversions."""
    # counted from the last touch, so that no path has weights that are all too small
    since_last = paths.days - paths.days[paths.start[1:] - 1][paths.path]
    days, place = np.unique(since_last, return_inverse=True)
    weight = np.array([power(0.5, day / HALF_LIFE_DAYS) for day in days.tolist()])[place]
    whole = summed(paths.path, weight, len(paths))
    return credit_of(paths, weight / whole[paths.path])
