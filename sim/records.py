"""What a run counts: names, types and units of every column, in one place.

All sums are integers (people, minor units of money, fixed-point fractions), so that no
order of addition can show in them.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model.state import FLAGS
from sim.scenario.tables import Tables
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

SCORES = 11  # answers 0 to 10
STARS = 5
ROUTES = 4


class Count(IntEnum):
    """Columns counted per day and segment."""

    NEEDS = 0
    NEEDS_CONSIDERED = 1  # of these, with the brand in the set from the start
    NEEDS_LOYAL = 2  # of these, straight to the purchase phase
    ADDED = 3  # the brand came into the set on the way
    CHECKOUTS_STARTED = 4
    CHECKOUTS_ABANDONED = 5
    PURCHASES = 6
    NEW_CUSTOMERS = 7
    REACTIVATIONS = 8
    RENEWALS = 9
    CHURNED = 10  # subscribers who did not renew
    LAPSED = 11  # customers who stopped, subscribers included
    LEFT = 12  # journeys given up, without buying anywhere
    LOST = 13  # journeys that ended in a competitor's purchase
    WAITED = 14  # decisions to buy nothing today
    REVENUE = 15  # minor units, renewals included
    MARGIN = 16  # revenue less unit costs
    NEW_REVENUE = 17  # of first purchases
    NEW_MARGIN = 18
    RENEWAL_REVENUE = 19
    RENEWAL_MARGIN = 20
    TALKS_POSITIVE = 21
    TALKS_NEGATIVE = 22
    JUDGEMENTS = 23
    SATISFACTION = 24  # fixed point, summed over judgements
    REVIEWS = 25
    STARS = 26  # summed over reviews


class Touch(IntEnum):
    """Columns counted per day, segment, phase and touchpoint."""

    ENCOUNTERS = 0
    CONTACTS = 1
    VISITS = 2
    FIRST_MET = 3  # customers who met it for the first time in the run
    QUALITY = 4  # fixed point, summed over encounters: perceived, before habituation
    BAD = 5
    WAIT = 6  # minutes, fixed point, of service touchpoints
    GAVE_UP = 7  # left the queue; counted in the encounters too


class Cohort(IntEnum):
    """Columns counted per segment, cohort and age in months."""

    PURCHASES = 0
    REVENUE = 1
    MARGIN = 2


EVENT = np.dtype(
    [
        ("customer", np.uint32),
        ("day", np.int16),
        ("event", np.int8),
        ("touchpoint", np.int8),
        ("phase", np.int8),
        ("to_phase", np.int8),
        ("offer", np.int8),
        ("route", np.int8),
        ("device", np.int8),
        ("visit", np.int8),
        ("value", np.float32),
    ],
    align=True,
)


class Tally(NamedTuple):
    """Integer counters; axis 0 is the chunk of customers that filled them."""

    census: NDArray[np.int64]  # (chunk, cells) change of the census
    flows: NDArray[np.int64]  # (chunk, S, P, P) moves from, to
    counts: NDArray[np.int64]  # (chunk, S, Count)
    purchases: NDArray[np.int64]  # (chunk, S, O, Route)
    add_ons: NDArray[np.int64]  # (chunk, S, O, A)
    losses: NDArray[np.int64]  # (chunk, S, R) to each rival offer
    touch: NDArray[np.int64]  # (chunk, S, pairs, Touch)
    commission: NDArray[np.int64]  # (chunk, J) revenue of orders by last click, minor units
    scores: NDArray[np.int64]  # (chunk, S, 11)
    stars: NDArray[np.int64]  # (chunk, 5)
    messages: NDArray[np.int64]  # (chunk, 2) listeners told good and bad
    cohorts: NDArray[np.int64]  # (chunk, S, months + 1, months + 1, Cohort); not zeroed daily


def month_of(day: int) -> int:
    """The month (0-based, twelve equal ones a year) that holds a day."""
    return day * MONTHS_PER_YEAR // DAYS_PER_YEAR


def months_in(days: int) -> int:
    """How many months a run of `days` touches."""
    return month_of(days - 1) + 1


def new_tally(t: Tables, chunks: int) -> Tally:
    """Zeroed counters for so many chunks."""
    segments, phases = len(t.share_cumulative), len(t.kind)
    offers, rivals = len(t.price), len(t.rival_price)
    pairs = int(t.pair.max(initial=-1)) + 1
    months = months_in(t.days) + 1

    def zeros(*shape: int) -> NDArray[np.int64]:
        return np.zeros((chunks, *shape), dtype=np.int64)

    return Tally(
        census=zeros(segments * phases * FLAGS),
        flows=zeros(segments, phases, phases),
        counts=zeros(segments, len(Count)),
        purchases=zeros(segments, offers, ROUTES),
        add_ons=zeros(segments, offers, t.add_on_price.shape[1]),
        losses=zeros(segments, max(1, rivals)),
        touch=zeros(segments, max(1, pairs), len(Touch)),
        commission=zeros(max(1, len(t.starts))),
        scores=zeros(segments, SCORES),
        stars=zeros(STARS),
        messages=zeros(2),
        cohorts=zeros(segments, months, months, len(Cohort)),
    )
