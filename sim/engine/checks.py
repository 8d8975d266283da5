"""Conservation: what flowed must be what is counted."""

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import FLAGS
from sim.model.conservation import ConservationError


def check_flow_is_census(
    day: int,
    phases: NDArray[np.integer],
    segments: NDArray[np.integer],
    before: NDArray[np.int64],
    flows: NDArray[np.int64],
    census: NDArray[np.int64],
) -> None:
    """Raise unless customers counted by phase are last night's plus inflow less outflow.

    `phases`, `segments` (n,): tonight's state; `before` (S, P); `flows` (S, P, P);
    `census` (cells,): tonight's, as kept up by changes.
    """
    shape = before.shape
    counted = np.zeros(shape, dtype=np.int64)
    np.add.at(counted, (segments, phases), 1)
    expected = before + flows.sum(axis=1) - flows.sum(axis=2)
    if not np.array_equal(counted, expected):
        raise ConservationError(f"day {day}: phases hold {counted} but flows say {expected}")
    kept = census.reshape(*shape, FLAGS).sum(axis=2)
    if not np.array_equal(counted, kept):
        raise ConservationError(f"day {day}: phases hold {counted} but cells say {kept}")
