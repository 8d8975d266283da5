"""Conservation: what flowed must be what is counted."""

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import FLAGS
from sim.model.conservation import ConservationError


def check_flow_is_census(
    day: int,
    customers: NDArray[np.void],
    *,
    before: NDArray[np.int64],
    flows: NDArray[np.int64],
    census: NDArray[np.int64],
) -> None:
    """Raise unless customers counted by phase are last night's plus inflow less outflow.

    `customers` (n,) of `CUSTOMER`: tonight's state; `before` (S, P): last night's census; `flows`
    (S, P, P); `census` (cells,): tonight's, as kept up by changes. Raises `ConservationError`.
    """
    shape = before.shape
    counted = np.zeros(shape, dtype=np.int64)
    np.add.at(counted, (customers["segment"], customers["phase"]), 1)
    expected = before + flows.sum(axis=1) - flows.sum(axis=2)
    if not np.array_equal(counted, expected):
        raise ConservationError(f"day {day}: phases hold {counted} but flows say {expected}")
    kept = census.reshape(*shape, FLAGS).sum(axis=2)
    if not np.array_equal(counted, kept):
        raise ConservationError(f"day {day}: phases hold {counted} but cells say {kept}")
