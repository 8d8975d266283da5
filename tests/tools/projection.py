"""The projection of customer value written a second time, from its description in the docs."""

from collections.abc import Sequence

import numpy as np

HORIZON = 36  # months


def projected_margins(
    won: Sequence[float],
    margin: Sequence[float],
    active: Sequence[float],
    before: Sequence[float],
    back: float,
    order: float,
    period: int,
) -> list[float]:
    """Margin of a new customer at ages 0 to 35, as `docs/measures.md` and `sim.measures.value` say.

    By age in whole months, over the cohorts seen at it: people `won`, their `margin`, how many
    were customers at its end (`active`) and at the end of the age `before`. `back`: purchases
    of a lapsed customer a month, `order` the margin of one; `period`: of the longest
    subscription, in months. People are simulated customers: what is certain of g hangs on how
    many were seen.
    """
    ages = len(won)
    age = np.arange(ages)
    w, m, s, s0 = (np.array(each, dtype=float) for each in (won, margin, active, before))
    first = max(
        1, min(2, ages - max(period, 2))
    )  # the first ages are left out, if others are there
    used = age >= first
    lost = np.maximum(0.0, s0 - s + back * (w - s0))
    k = (age - first) // period

    def fit(g: float) -> tuple[list[float], float]:
        """h of each place in the period, and the Poisson likelihood (its logarithm)."""
        h, total = [], 0.0
        for place in range(period):
            mine = used & (age % period == place)
            exposure = (s0[mine] / (1 + g * k[mine])).sum()
            h.append(min(1.0, lost[mine].sum() / exposure) if exposure else 0.0)
            rate = h[-1] / (1 + g * k[mine])
            heard = (lost[mine] > 0) & (rate > 0)
            total += (lost[mine] * np.log(np.where(heard, rate, 1.0)))[heard].sum()
            total -= (s0[mine] * rate).sum()
        return h, total

    low, high, best = 0.0, 4.0, 0.0
    for _ in range(12):  # ever finer around the best
        grid = np.linspace(low, high, 41)
        best = float(grid[np.argmax([fit(g)[1] for g in grid])])
        step = (high - low) / 40
        low, high = max(0.0, best - step), min(4.0, best + step)
    if 2 * (fit(best)[1] - fit(0.0)[1]) <= 2.706:  # a constant share will do
        best = 0.0
    h = fit(best)[0]
    each = []
    for place in range(period):
        mine = used & (age % period == place) & (age >= ages - max(12, period))
        money = m[mine].sum() - back * order * (w - s)[mine].sum()
        each.append(max(0.0, money / s[mine].sum()) if s[mine].sum() else 0.0)
    share, curve = 1.0, list(m / w)
    for people, now, then in zip(w, s, s0, strict=True):
        gone, come = max(then - now, 0.0), max(now - then, 0.0)
        share -= share * gone / then if gone else 0.0
        share += (1 - share) * come / (people - then) if come else 0.0
    for a in range(ages, HORIZON):
        leaves = h[a % period] / (1 + best * ((a - first) // period))
        share = share * (1 - leaves) + (1 - share) * back
        curve.append(share * each[a % period] + (1 - share) * back * order)
    return curve[:HORIZON]
