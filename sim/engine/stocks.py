"""Stocks that fade. They stand at the day they last changed; until then they are only read.

Looking at a customer therefore leaves no trace in its numbers, however often one looks.
"""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.engine.state import Row, State, i8
from sim.model.columns import MET_BITS, Tables
from sim.model.money import refilled

f8 = np.float64
u64 = np.uint64
ONE = u64(1)


@part
def awareness_now(t: Tables, c: Row, day: int) -> float:
    """Awareness, faded to today."""
    now: float = f8(c.awareness) * t.awareness_decay[day - i8(c.stocks_day)]
    return now


@part
def engagement_now(t: Tables, c: Row, day: int) -> float:
    """Engagement, faded to today."""
    now: float = f8(c.engagement) * t.engagement_decay[day - i8(c.stocks_day)]
    return now


@part
def loyalty_now(t: Tables, c: Row, day: int) -> float:
    """Loyalty, faded to today."""
    now: float = f8(c.loyalty) * t.loyalty_decay[day - i8(c.stocks_day)]
    return now


@part
def has_all(state: State, i: int, required: NDArray[np.uint64]) -> bool:
    """Whether the customer has met all that is required (words,) in this journey."""
    for word in range(len(required)):
        if state.done[i, word] & required[word] != required[word]:
            return False
    return True


@part
def may_move_on(t: Tables, state: State, c: Row, i: int, day: int) -> bool:
    """Whether nothing that this phase requires of those who consider the firm is missing."""
    if not t.ordered or (t.searches[c.phase] and not c.considered):
        return True
    return i8(c.answer_day) <= day and has_all(state, i, t.phase_requires[c.phase])


@part
def may_come(t: Tables, state: State, c: Row, i: int, j: int, day: int) -> bool:
    """Whether the order of touchpoints lets the customer meet touchpoint `j` today."""
    if not t.ordered:
        return True
    if t.once[j]:
        is_done = state.done[i, j // MET_BITS] >> u64(j % MET_BITS) & ONE
        if is_done or i8(c.answer_day) > day:
            return False
    return has_all(state, i, t.requires[j])


@part
def doubt_now(t: Tables, c: Row, day: int) -> float:
    """Doubt, faded to today: as awareness does."""
    now: float = f8(c.doubt) * t.awareness_decay[day - i8(c.stocks_day)]
    return now


@part
def settle(t: Tables, state: State, c: Row, i: int, day: int) -> None:
    """Bring what fades, and money, up to today: something is about to change them."""
    elapsed = day - i8(c.stocks_day)
    if elapsed <= 0:
        return
    c.awareness = awareness_now(t, c, day)
    c.engagement = engagement_now(t, c, day)
    c.loyalty = loyalty_now(t, c, day)
    c.habit = f8(c.habit) * t.loyalty_decay[elapsed]
    c.doubt = doubt_now(t, c, day)
    c.money = refilled(f8(c.money), f8(c.income), elapsed, f8(c.budget))
    left = t.familiarity_decay[elapsed]
    for h in range(state.familiarity.shape[1]):
        state.familiarity[i, h] = f8(state.familiarity[i, h]) * left
    c.stocks_day = day
