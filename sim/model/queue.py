"""A service touchpoint's draws, in minutes. The queue itself is what the engines differ in."""

import math

from sim.compiled import rule
from sim.elementary import log1p
from sim.vocabulary import MINUTES_PER_DAY, Outcome

ENDLESS = 1e9  # minutes of patience of those who never give up
GAVE_UP, SERVED, SENT_HOME = (int(outcome) for outcome in Outcome)


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
    if mean >= ENDLESS:
        return ENDLESS
    return -mean * log1p(-u)


@rule
def outcome_of(minute: float, patience: float, start: float, shuts: float) -> int:
    """How the visit of somebody ends who came at `minute` and whose turn is at `start`.

    A wait as long as the patience is still borne. At the minute `shuts` those who wait go home.
    """
    if start - minute > patience and patience <= shuts - minute:
        return GAVE_UP
    if start >= shuts:
        return SENT_HOME
    return SERVED


@rule
def minutes_waited(
    outcome: int, minute: float, patience: float, start: float, shuts: float
) -> float:
    """How long a visitor waited until its turn, or until it left or was sent home."""
    if outcome == GAVE_UP:
        return patience
    if outcome == SENT_HOME:
        return shuts - minute
    return start - minute


@rule
def answer_day(day: int, response_minutes: float) -> int:
    """The day on which the answer to somebody served on `day` has come.

    A whole day for every 1,440 minutes; what is shorter has come by the end of the day.
    """
    return day + int(response_minutes / MINUTES_PER_DAY)
