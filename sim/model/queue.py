"""A service touchpoint's draws, in minutes. The queue itself is what the engines differ in."""

import math

from sim.compiled import rule


@rule
def arrival_minute(opens, closes, u):  # type: ignore[no-untyped-def]
    """Minute of the day of an arrival: uniform within the opening hours."""
    return opens + (closes - opens) * u


@rule
def service_minutes(mean, constant, u):  # type: ignore[no-untyped-def]
    """Time a service takes: exponential around the mean, or the mean itself."""
    if constant:
        return mean
    return -mean * math.log1p(-u)


@rule
def patience_minutes(mean, u):  # type: ignore[no-untyped-def]
    """How long a customer waits before leaving: exponential around the customer's mean."""
    return -mean * math.log1p(-u)
