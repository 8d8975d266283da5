"""Stays of the panel: each time a customer of the event log was in a phase, and how that ended.

A stay begins with a move into the phase and ends with the move out of it. By the moves of the
model, it ended in
- an *advance*, to a later phase before the purchase, or a later one after it; or a *fall back*;
- a *purchase*, a *loss* to a competitor's offer, or by *giving up* (also at the checkout);
- a *need*, which takes the owner into a new journey, or in the customer's *stopping*;
- or not, when the run did.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import Integers
from sim.records.recorder import Records
from sim.vocabulary import NEVER, EventCode


class Ending(IntEnum):
    """How a stay ended."""

    STILL_THERE = 0
    ADVANCED = 1
    FELL_BACK = 2
    BOUGHT = 3
    GAVE_UP = 4
    LOST = 5
    NEEDED = 6
    STOPPED = 7


LEFT = (Ending.GAVE_UP, Ending.LOST, Ending.STOPPED)


class Stays(NamedTuple):
    """The panel's stays by customer and time, a row each, and the events behind them."""

    customer: Integers
    phase: Integers
    began: Integers  # day of the move into the phase; NEVER if before the first event
    ended: Integers  # day of the move out of it; NEVER if it did not
    ending: Integers  # `Ending`
    rival: Integers  # the rival offer that it was lost to, or NEVER
    at_checkout: NDArray[np.bool_]  # the checkout was abandoned on the day on which it ended
    events: NDArray[np.void]  # of the log, by customer and time
    stay: Integers  # of each event: its row


def stays_of_panel(records: Records) -> Stays:
    """The stays that the log of the run tells of."""
    log = records.events
    events = log[np.argsort(log["customer"], kind="stable")]  # they are by day already
    count = len(events)
    moved = events["event"] == EventCode.MOVE
    first = np.ones(count, dtype=np.bool_)  # of its stay
    same_customer = events["customer"][1:] == events["customer"][:-1]
    first[1:] = ~same_customer | moved[:-1]
    begins = np.flatnonzero(first)
    ends = np.append(begins[1:], count) - 1 if count else begins
    known = np.zeros(len(begins), dtype=np.bool_)  # whether the log tells how it began
    known[1:] = same_customer[begins[1:] - 1]
    began = np.where(known, events["day"][np.maximum(begins - 1, 0)], NEVER)
    over = moved[ends]
    before = events[np.maximum(ends - 1, begins)]  # what led to the move
    lost = over & (before["event"] == EventCode.LOST_TO_COMPETITOR)
    return Stays(
        customer=events["customer"][ends].astype(np.int64),
        phase=events["phase"][ends].astype(np.int64),
        began=began.astype(np.int64),
        ended=np.where(over, events["day"][ends], NEVER).astype(np.int64),
        ending=_endings(records, events[ends], before=before, over=over),
        rival=np.where(lost, before["offer"], NEVER).astype(np.int64),
        at_checkout=_abandoned(events, begins, ends, lost=lost) & over,
        events=events,
        stay=np.cumsum(first) - 1,
    )


def _endings(
    records: Records,
    last: NDArray[np.void],
    *,
    before: NDArray[np.void],
    over: NDArray[np.bool_],
) -> Integers:
    """The ending of each stay, by its last event and the one before it."""
    phases = records.scenario.journey.phases.values()
    searches = np.array([phase.kind.searches for phase in phases])
    waits = np.array([phase.kind.waits for phase in phases])
    here, there = last["phase"].astype(np.int64), last["to_phase"].astype(np.int64)
    searching, to_search = searches[here], searches[there]
    step = np.where(there > here, Ending.ADVANCED, Ending.FELL_BACK)
    event = before["event"]
    # a journey that ends takes the customer out of the search
    journey = np.select(
        [event == EventCode.PURCHASE, event == EventCode.LOST_TO_COMPETITOR],
        [Ending.BOUGHT, Ending.LOST],
        Ending.GAVE_UP,
    )
    owner = np.select([to_search, waits[there]], [Ending.NEEDED, Ending.STOPPED], default=step)
    ending = np.where(searching, np.where(to_search, step, journey), owner)
    ending = np.where(waits[here], step, ending)
    found: Integers = np.where(over, ending, Ending.STILL_THERE).astype(np.int64)
    return found


def _abandoned(
    events: NDArray[np.void], begins: Integers, ends: Integers, *, lost: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether an abandoned checkout led straight to the end of each stay."""
    place = np.maximum(ends - 1 - lost, begins)
    same_day = events["day"][place] == events["day"][ends]
    found: NDArray[np.bool_] = same_day & (events["event"][place] == EventCode.CHECKOUT_ABANDONED)
    return found
