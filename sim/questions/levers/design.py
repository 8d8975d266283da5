"""Designs: which values the levers take in each row of a study.

- **grid**: every combination; the last lever changes fastest.
- **one at a time**: the scenario as it is, then each lever at each of its levels while all
  others stay.
- **Latin hypercube**: n rows; of each lever's range every n-th part is met exactly once
  (McKay, Beckman & Conover 1979; scipy.stats.qmc).
- **Sobol**: Saltelli's sample of n (d + 2) rows, with `second_order` n (2 d + 2), for variance
  based indices (Saltelli 2002; SALib, scrambled).
- **Morris**: n trajectories of d + 1 rows in which one lever moves at a time (Morris 1991;
  SALib).

The last three are drawn on the unit cube and taken to the levers' values. A grid is not kept: its
rows are made when they are asked for.

**Values** of one lever, as a function of a share u, 0 to 1. A list has its values in equal parts: u
falls on value number floor(u n). Two bounds give

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

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
from sim.errors import check_installed
from sim.questions.levers.study import DesignPart, Distribution, Method, Range, Scale
from sim.runs.plan import Design, Value

# --- the values of one lever ---

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
            raise ValueError("needs a smaller sd: no beta distribution is this wide")
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


# --- rows ---

Unit = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Every combination of the levels of each lever."""

    levels: Sequence[Sequence[Value]]

    @property
    def size(self) -> int:
        return math.prod(len(values) for values in self.levels)

    def row(self, number: int) -> tuple[Value, ...]:
        found: list[Value] = []
        for values in reversed(self.levels):
            number, place = divmod(number, len(values))
            found.append(values[place])
        return tuple(reversed(found))


@dataclass(frozen=True)
class OneAtATime:
    """The base, then each lever at each of its levels while the others stay at the base."""

    base: Sequence[Value]
    levels: Sequence[Sequence[Value]]

    @property
    def size(self) -> int:
        return 1 + sum(len(values) for values in self.levels)

    def row(self, number: int) -> tuple[Value, ...]:
        found = list(self.base)
        number -= 1
        if number < 0:
            return tuple(found)
        for lever, values in enumerate(self.levels):
            if number < len(values):
                found[lever] = values[number]
                break
            number -= len(values)
        return tuple(found)


@dataclass(frozen=True)
class Columns:
    """Rows that are kept, a column a lever."""

    columns: Sequence[Sequence[Value]]

    @property
    def size(self) -> int:
        return len(self.columns[0])

    def row(self, number: int) -> tuple[Value, ...]:
        return tuple(column[number] for column in self.columns)


def make_design(
    part: DesignPart, spreads: Mapping[str, Spread], base: Mapping[str, Value] | None = None
) -> Design:
    """The design of the levers in `spreads`.

    `base`: the value of each lever in the scenario, which one at a time needs. `part.samples`
    must be given for the methods that draw. Raises ValueError where a method has no design,
    with the reason.
    """
    if part.method == Method.GRID:
        return Grid([spread.levels() for spread in spreads.values()])
    if part.method == Method.ONE_AT_A_TIME:
        if base is None:
            raise ValueError("one at a time needs the base that it departs from")
        levels = [spread.levels() for spread in spreads.values()]
        return OneAtATime([base[name] for name in spreads], levels)
    points = unit_points(part, list(spreads))
    columns = []
    for lever, spread in enumerate(spreads.values()):
        shares = points[:, lever]
        if part.method == Method.MORRIS and spread.range.values is None:
            shares = spread.stretched(shares)
        columns.append(spread.at(shares))
    return Columns(columns)


def unit_points(part: DesignPart, names: Sequence[str]) -> Unit:
    """The rows of a drawn design on the unit cube, as scipy or SALib makes them: rows x levers."""
    if part.samples is None:
        raise ValueError(f"{part.method} needs the number of samples")
    if part.method == Method.LATIN_HYPERCUBE:
        from scipy.stats import qmc

        return np.asarray(qmc.LatinHypercube(len(names), seed=part.seed).random(part.samples))
    check_installed(f"a design of {part.method}", "studies")
    problem = unit_problem(names)
    if part.method == Method.SOBOL:
        from SALib.sample import sobol

        return np.asarray(
            sobol.sample(problem, part.samples, calc_second_order=part.second_order, seed=part.seed)
        )
    from SALib.sample import morris

    return np.asarray(morris.sample(problem, part.samples, num_levels=part.levels, seed=part.seed))


def unit_problem(names: Sequence[str]) -> dict[str, Any]:
    """The unit cube in SALib's words; its analyses take the same."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def rows_of(part: DesignPart, spreads: Mapping[str, Spread]) -> int:
    """How many rows the design will have, without making it."""
    samples, levers = part.samples or 0, len(spreads)
    if part.method in (Method.GRID, Method.ONE_AT_A_TIME):
        counts = [len(spread.levels()) for spread in spreads.values()]
        return math.prod(counts) if part.method == Method.GRID else 1 + sum(counts)
    if part.method == Method.SOBOL:
        return samples * (2 * levers + 2 if part.second_order else levers + 2)
    return samples * (levers + 1) if part.method == Method.MORRIS else samples
