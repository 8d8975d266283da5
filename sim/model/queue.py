"""A service touchpoint's draws, in minutes. The queue itself is what the engines differ in."""

import math

from sim.compiled import rule
from sim.elementary import log1p


@rule
def queue_time(day: int, u: float, people_per_agent: float) -> float:
    """When an arrival falls on the queue's own calendar, in its opening days since day 0.

    An agent stands for many people, but the servers are real: with 25 people an agent, the
    agents who come on one day are a 25th of a day's customers, and fill a 25th of the opening
    hours. The next day of the run goes on there, with the queue as it was left. So arrivals
    are as dense as in reality, and waits do not depend on how many agents are simulated.
    """
    return (day + u) / people_per_agent


@rule
def queue_day(time: float) -> int:
    """Which of the queue's opening days holds a `queue_time`; each begins with no queue."""
    return math.floor(time)


@rule
def arrival_minute(opens: float, closes: float, time: float) -> float:
    """Minute of the queue's day of an arrival: uniform within the opening hours."""
    return opens + (closes - opens) * (time - math.floor(time))


@rule
def service_minutes(mean: float, constant: int, u: float) -> float:
    """Time a service takes: exponential around the mean, or the mean itself."""
    if constant:
        return mean
    return -mean * log1p(-u)


@rule
def patience_minutes(mean: float, u: float) -> float:
    """How long a customer waits before leaving: exponential around the customer's mean."""
    return -mean * log1p(-u)
