"""Stocks that fade. They stand at the day they last changed; until then they are only read.

Looking at a customer therefore leaves no trace in its numbers, however often one looks.
"""

import numpy as np

from sim.compiled import part

f8 = np.float64


@part
def awareness_now(t, c, day):  # type: ignore[no-untyped-def]
    """Awareness, faded to today."""
    return f8(c.awareness) * t.awareness_decay[day - np.int64(c.stocks_day)]


@part
def engagement_now(t, c, day):  # type: ignore[no-untyped-def]
    """Engagement, faded to today."""
    return f8(c.engagement) * t.engagement_decay[day - np.int64(c.stocks_day)]


@part
def loyalty_now(t, c, day):  # type: ignore[no-untyped-def]
    """Loyalty, faded to today."""
    return f8(c.loyalty) * t.loyalty_decay[day - np.int64(c.stocks_day)]


@part
def settle(t, state, c, i, day):  # type: ignore[no-untyped-def]
    """Bring what fades, and money, up to today: something is about to change them."""
    elapsed = day - np.int64(c.stocks_day)
    if elapsed <= 0:
        return
    c.awareness = awareness_now(t, c, day)
    c.engagement = engagement_now(t, c, day)
    c.loyalty = loyalty_now(t, c, day)
    c.money = min(f8(c.budget), f8(c.money) + f8(c.income) * elapsed)
    left = t.familiarity_decay[elapsed]
    for h in range(state.familiarity.shape[1]):
        state.familiarity[i, h] = f8(state.familiarity[i, h]) * left
    c.stocks_day = day
