"""The arrays that tables are made of: integers are int64, reals float64."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Fields = dict[str, Any]  # some fields of `sim.scenario.tables.Tables`, by name

QUANTILE_CELLS = 1024  # cells of a table of quantiles, in its middle and in either tail


def reals(values: ArrayLike) -> Reals:
    """Values as an array of reals, of their own shape."""
    return np.array(values, dtype=np.float64)


def integers(values: ArrayLike) -> Integers:
    """Values as an array of integers, of their own shape."""
    return np.array(values, dtype=np.int64)
