"""Concave response curves, fitted to a few paired runs, and the best split of a total over them.

A curve says what a part of a budget brings, v(a), for the amount a spent on it, as a difference
from the amount a0 at which it was measured. Two families, both concave and rising if A > 0:

- *saturating*: v(a) = A (exp(-a0/s) - exp(-a/s)): what random contacts do to those not yet met;
- *logarithmic*: v(a) = A (ln(1 + a/s) - ln(1 + a0/s)): returns that fall, but slowly.

For each s of a grid, A is the weighted least-squares fit to the measured differences (weights 1 /
squared standard error); the family and s with the smallest sum of weighted squares win, ties going
to the straighter curve. Where the best A is below 0, more does harm: a straight line falls through
the points instead.

The best split of a total over concave curves satisfies Lagrange's condition: every amount that is
not held by a bound has the same slope v'(a) = m, those at their lower bound have a smaller one and
those at their upper bound a larger one. m is found by bisection, as the sum of the amounts at a
slope falls with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.elementary import exp, log, log1p, power

SATURATING, LOGARITHMIC, STRAIGHT = "saturating", "logarithmic", "straight"
# Assumptions: scales from a twentieth of the largest amount tried, where nearly all of it is
# wasted, to twenty times as much, which is a straight line within the points.
SCALES = np.array([20.0 * power(0.05 / 20.0, step / 120.0) for step in range(121)])
LEAST_ERROR = 1e-3  # of the largest difference: no point counts as surer than this
STEPS = 200  # of a bisection: far beyond double precision


class Point(NamedTuple):
    """An amount that was tried, and the difference from the centre that it made."""

    amount: float
    value: float
    se: float


class Curve(NamedTuple):
    """A response curve; see the module. `size` is A, or the slope of a straight line."""

    family: str
    size: float
    scale: float
    centre: float

    def value(self, amount: float) -> float:
        """v(amount), in the units of the points; 0 at the centre."""
        return self._rise(amount) - self._rise(self.centre)

    def slope(self, amount: float) -> float:
        """v'(amount), per krone."""
        if self.family == STRAIGHT:
            return self.size
        if self.family == SATURATING:
            return self.size / self.scale * exp(-amount / self.scale)
        return self.size / (self.scale + amount)

    def amount_at(self, slope: float, low: float, high: float) -> float:
        """The amount between `low` and `high` whose slope is nearest to `slope`."""
        if self.slope(low) <= slope:
            return low
        if self.slope(high) >= slope:
            return high
        if self.family == SATURATING:
            return self.scale * log(self.size / (self.scale * slope))
        return self.size / slope - self.scale

    def _rise(self, amount: float) -> float:
        if self.family == STRAIGHT:
            return self.size * amount
        if self.family == SATURATING:
            return -self.size * exp(-amount / self.scale)
        return self.size * log1p(amount / self.scale)


class Split(NamedTuple):
    """Amounts by name, and the slope that all amounts not held by a bound share."""

    amounts: dict[str, float]
    slope: float


def fit_curve(centre: float, points: Sequence[Point]) -> Curve:
    """The curve through the centre that fits the points best; flat if there are none."""
    away = [point for point in points if point.amount != centre]
    if not away:
        return Curve(STRAIGHT, 0.0, 1.0, centre)
    amount = np.array([point.amount for point in away])
    value = np.array([point.value for point in away])
    floor = LEAST_ERROR * float(np.abs(value).max()) or 1.0
    weight = 1.0 / np.square(np.maximum([point.se for point in away], floor))
    largest = max(float(amount.max()), centre)
    best: tuple[float, Curve] | None = None
    for family in (SATURATING, LOGARITHMIC):
        for scale in SCALES * largest:
            unit = Curve(family, 1.0, float(scale), centre)
            rise = np.array([unit.value(a) for a in amount])
            size = float((weight * rise * value).sum() / (weight * rise * rise).sum())
            left = float((weight * np.square(value - size * rise)).sum())
            if best is None or left < best[0] * (1.0 - 1e-9):
                best = left, unit._replace(size=size)
    assert best is not None  # there are scales
    if best[1].size > 0.0:
        return best[1]
    rise = amount - centre
    size = float((weight * rise * value).sum() / (weight * rise * rise).sum())
    return Curve(STRAIGHT, min(0.0, size), 1.0, centre)


def best_split(
    curves: Mapping[str, Curve],
    total: float,
    low: Mapping[str, float],
    *,
    high: Mapping[str, float],
) -> Split:
    """The amounts between their bounds that add up to `total` and bring most.

    If the bounds leave no limit for it, all amounts are at their bounds: the lower ones if the
    total is too small, the upper ones if it is too large.
    """

    def at(slope: float) -> dict[str, float]:
        return {name: c.amount_at(slope, low[name], high[name]) for name, c in curves.items()}

    steep = max((curve.slope(low[name]) for name, curve in curves.items()), default=0.0)
    flat = min((curve.slope(high[name]) for name, curve in curves.items()), default=0.0)
    if math.fsum(high.values()) <= total:
        return Split(dict(high), flat)
    if math.fsum(low.values()) >= total:
        return Split(dict(low), steep)
    # at a slope above the steepest all are at their lower bound, below the flattest at the upper
    edge = 1.0 + abs(steep) + abs(flat)
    above, below = steep + edge, flat - edge
    for _ in range(STEPS):
        middle = (above + below) / 2.0
        if math.fsum(at(middle).values()) > total:
            below = middle
        else:
            above = middle
    amounts, more = at(above), at(below)
    # straight lines of this very slope take what is left, in their order
    for name in curves:
        left = total - math.fsum(amounts.values())
        limit = more[name] - amounts[name]
        if left > 0.0 and limit > 0.0:
            amounts[name] += min(left, limit)
    return Split(amounts, above)


def proportional(
    weights: Mapping[str, float],
    total: float,
    low: Mapping[str, float],
    *,
    high: Mapping[str, float],
) -> dict[str, float]:
    """The total by the weights, each amount kept between its bounds.

    Amounts are clip(k x weight, low, high) with the k that makes them add up to the total, so
    what one cannot take goes to the others in proportion. Where nobody with a weight has limit
    left, less than the total is placed.
    """

    def at(factor: float) -> dict[str, float]:
        return {n: min(max(w * factor, low[n]), high[n]) for n, w in weights.items()}

    positive = [weight for weight in weights.values() if weight > 0.0]
    if not positive:
        return at(0.0)
    few, many = 0.0, (total + 1.0) / min(positive)
    if math.fsum(at(many).values()) <= total:
        return at(many)
    for _ in range(STEPS):
        middle = (few + many) / 2.0
        if math.fsum(at(middle).values()) > total:
            many = middle
        else:
            few = middle
    return at(few)
