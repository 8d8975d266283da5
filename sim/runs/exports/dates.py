"""Dates of a run's days: the season stays on its date.

The model's year has 365 days, so its calendar has no 29 February: in a leap year 1 March follows
28 February. A day of the year, which is what a season's peak is, then has the same date in every
year of a run, however long it is.
"""

from __future__ import annotations

from calendar import isleap
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import Integers
from sim.records.people import EPOCH
from sim.vocabulary import DAYS_PER_YEAR

FIRST_YEAR = np.datetime64(EPOCH.year - 1970, "Y")  # its first day is day 0
LEAP_DAY = 59  # the day of the year, 0-based, that 29 February would be
FIRST_LEAP_YEAR = next(year for year in count(EPOCH.year) if isleap(year))
# The first day of a run that follows a 29 February.
FIRST_LEAP_DAY = (FIRST_LEAP_YEAR - EPOCH.year) * DAYS_PER_YEAR + LEAP_DAY


def dates_of(days: Integers) -> NDArray[np.datetime64]:
    """The date of each day of a run, in days; `days`: since day 0."""
    year, day = np.divmod(days.astype(np.int64), DAYS_PER_YEAR)
    first, following = (FIRST_YEAR + year).astype("M8[D]"), (FIRST_YEAR + year + 1).astype("M8[D]")
    is_leap = (following - first).astype(np.int64) > DAYS_PER_YEAR
    dates: NDArray[Any] = first + day + (is_leap & (day >= LEAP_DAY))
    return dates
