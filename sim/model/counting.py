"""Turning what is counted into integers, so that no order of addition can show."""

import math

from sim.compiled import rule
from sim.vocabulary import FIXED_POINT


@rule
def fixed(value: float) -> int:
    """A real number as an integer count of fixed-point fractions, rounded half up."""
    return int(math.floor(value * FIXED_POINT + 0.5))
