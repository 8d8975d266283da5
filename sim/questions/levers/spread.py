"""The values that one lever can take, as a function of a share u, 0 to 1.

A list has its values in equal parts: u falls on value number floor(u n). Two bounds give

    low + u (high - low)                on a linear scale
    low (high / low)^u                  on a logarithmic one

and a distribution its quantile F^-1(u) (`sim.distributions`). Cut to [low, high] that is
F^-1(F(low) + u (F(high) - F(low))). Parameters follow from mean m and standard deviation s:

    lognormal   sigma^2 = ln(1 + s^2 / m^2), mu = ln m - sigma^2 / 2
    beta        on [low, high], by default [0, 1]; k = p (1 - p) (w / s)^2 - 1 with
                w = high - low and p = (m - low) / w; alpha = p k, beta = (1 - p) k
    gamma       shape (m / s)^2, scale s^2 / m

A whole-number lever between two bounds takes each number with the same chance; otherwise
the value is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.distributions import (
    beta_below,
    beta_quantiles,
    gamma_below,
    gamma_quantiles,
    normal_below,
    normal_quantiles,
)
from sim.elementary import exp, log, log1p, power, square
from sim.questions.levers.study import Distribution, Range, Scale
from sim.runs.plan import Value

Shares = NDArray[np.float64]

# Where a distribution has no end, levels are spread between these quantiles, and a share
# stays this far from 0 and 1. Assumptions: nine of ten possible worlds lie between them.
LOW_SHARE, HIGH_SHARE = 0.05, 0.95
EDGE = 2.0**-40


@dataclass(frozen=True)
class Spread:
    """The values of one lever. `whole`: it takes whole numbers only."""

    range: Range
    whole: bool = False

    def at(self, shares: Shares) -> list[Value]:
        """The value at each share, 0 to 1."""
        values = self.range.values
        if values is not None:
            places = np.minimum((shares * len(values)).astype(int), len(values) - 1)
            return [values[place] for place in places]
        if self.whole and self.range.distribution is None and self.range.scale == Scale.LINEAR:
            low, high = math.ceil(self._low), math.floor(self._high)
            found = np.minimum(low + np.floor(shares * (high - low + 1)), high)
        else:
            found = self.quantile(shares)
        return _plain(found, self.whole)

    def levels(self, count: int | None = None) -> list[Value]:
        """The values that a grid visits: all of a list, otherwise `count` (or `points`).

        From bound to bound; of a distribution from its 5 % to its 95 % point.
        """
        if self.range.values is not None:
            return list(self.range.values)
        found = self.quantile(self.stretched(np.linspace(0.0, 1.0, count or self.range.points)))
        return list(dict.fromkeys(_plain(found, self.whole)))  # rounding may make two one

    def stretched(self, shares: Shares) -> Shares:
        """Evenly spaced shares as a design of levels uses them: away from endless tails."""
        if self.range.distribution in (None, Distribution.UNIFORM):
            return shares
        return LOW_SHARE + shares * (HIGH_SHARE - LOW_SHARE)

    def quantile(self, shares: Shares) -> Shares:
        """The value at each share, not rounded. Not for a list."""
        if self.range.distribution not in (None, Distribution.UNIFORM):
            law = distribution_of(self.range)
            low, high = self.range.low, self.range.high
            first = 0.0 if low is None else law.below(low)
            last = 1.0 if high is None else law.below(high)
            inner = np.clip(shares, EDGE, 1.0 - EDGE)
            return law.quantiles(first + inner * (last - first))
        found: Shares
        if self.range.scale == Scale.LOG:
            steps = self._high / self._low
            found = np.array([self._low * power(steps, share) for share in shares.tolist()])
        else:
            found = self._low + shares * (self._high - self._low)
        return np.clip(found, self._low, self._high)  # rounding may lead past a bound

    @property
    def _low(self) -> float:
        assert self.range.low is not None  # the checks of a study file see to it
        return self.range.low

    @property
    def _high(self) -> float:
        assert self.range.high is not None
        return self.range.high


def _plain(found: Shares, whole: bool) -> list[Value]:
    """Python's own numbers, whole where the lever is."""
    return [int(value) if whole else float(value) for value in (np.rint(found) if whole else found)]


@dataclass(frozen=True)
class Law:
    """A distribution: the chance below a value, and the values below which shares lie."""

    below: Callable[[float], float]
    quantiles: Callable[[Shares], Shares]

    def moved(self, place: float, size: float) -> Law:
        """The law of `place` + `size` x what this one is of."""
        return Law(
            lambda value: self.below((value - place) / size),
            lambda shares: place + size * self.quantiles(shares),
        )


def distribution_of(given: Range) -> Law:
    """The distribution of a range, before it is cut to its bounds.

    Raises ValueError, with the rest of a sentence, if the parameters allow no distribution.
    """
    mean, sd = given.mean, given.sd
    if given.distribution == Distribution.TRIANGULAR:
        low, high, mode = _all(given.low, given.high, given.mode)
        if not low <= mode <= high:
            raise ValueError("needs a mode from low to high")
        return _triangular((mode - low) / (high - low)).moved(low, high - low)
    mean, sd = _all(mean, sd)
    if given.distribution == Distribution.NORMAL:
        return Law(normal_below, normal_quantiles).moved(mean, sd)
    if given.distribution == Distribution.BETA:
        low = 0.0 if given.low is None else given.low
        width = (1.0 if given.high is None else given.high) - low
        place = (mean - low) / width
        if not 0.0 < place < 1.0:
            raise ValueError("needs a mean between low and high")
        size = place * (1.0 - place) * square(width / sd) - 1.0
        if size <= 0.0:
            raise ValueError("needs an sd that is smaller: no beta distribution spreads so far")
        a, b = place * size, (1.0 - place) * size
        return Law(partial(beta_below, a, b), partial(beta_quantiles, a, b)).moved(low, width)
    if mean <= 0.0:
        raise ValueError("needs a mean above 0")
    if given.distribution == Distribution.LOGNORMAL:
        variance = log1p(square(sd / mean))
        normal = Law(normal_below, normal_quantiles)
        logs = normal.moved(log(mean) - variance / 2.0, math.sqrt(variance))
        return Law(
            lambda value: logs.below(log(value)) if value > 0.0 else 0.0,
            lambda shares: np.array([exp(value) for value in logs.quantiles(shares)]),
        )
    shape = square(mean / sd)
    return Law(partial(gamma_below, shape), partial(gamma_quantiles, shape)).moved(
        0.0, square(sd) / mean
    )


def _triangular(mode: float) -> Law:
    """On 0 to 1; F(x) = x^2 / mode up to the mode, 1 - (1 - x)^2 / (1 - mode) beyond it."""

    def below(value: float) -> float:
        value = min(max(value, 0.0), 1.0)
        if value < mode:
            return square(value) / mode
        return 1.0 - square(1.0 - value) / (1.0 - mode) if value < 1.0 else 1.0

    def quantiles(shares: Shares) -> Shares:
        rising = np.sqrt(shares * mode)
        falling = 1.0 - np.sqrt((1.0 - shares) * (1.0 - mode))
        found: Shares = np.where(shares < mode, rising, falling)
        return found

    return Law(below, quantiles)


def _all(*values: float | None) -> tuple[float, ...]:
    if any(value is None for value in values):
        raise ValueError("lacks a parameter")
    return tuple(value for value in values if value is not None)
