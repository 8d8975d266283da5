"""A service touchpoint's draws, in minutes. The queue itself is what the engines differ in."""

import math

from sim.compiled import rule


@rule
def arrival_minute(opens: float, closes: float, u: float) -> float:
    """Minute of the day of an arrival: uniform within the opening hours."""
    return opens + (closes - opens) * u


@rule
def service_minutes(mean: float, constant: int, u: float) -> float:
    """Time a service takes: exponential around the mean, or the mean itself."""
    if constant:
        return mean
    return -mean * math.log1p(-u)


@rule
def patience_minutes(mean: float, u: float) -> float:
    """How long a customer waits before leaving: exponential around the customer's mean."""
    return -mean * math.log1p(-u)
