"""Stocks that fade. They stand at the day they last changed; until then they are only read.

Looking at a customer therefore leaves no trace in its numbers, however often one looks.
"""

import numpy as np

from sim.compiled import part
from sim.engine.state import Row, State, i8
from sim.model.columns import Tables
from sim.model.money import refilled

f8 = np.float64


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
