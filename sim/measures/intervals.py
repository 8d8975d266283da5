"""Intervals: how surely a figure is known. All are 95% intervals, in the unit of their figure.

| of | interval | by |
|---|---|---|
| a mean of replicates | m -/+ t s / sqrt(R) | Student 1908 |
| a difference of means of other replicates | d -/+ t sqrt(a + b) | Welch 1947 |
| a total over customers, of one seed | sum -/+ z s sqrt(n) | the central limit theorem |
| a ratio of totals | r -/+ t or z SE(part - r whole) / whole | the delta method |
| a share | Wilson's score interval | Wilson 1927 |
| a difference of two shares | of their Wilson intervals | Newcombe 1998, method 10 |
| a share of lives that are cut off | on the scale log(-log) | Greenwood 1926; \
Kalbfleisch & Prentice 1980 |

m is a mean, s a standard deviation (n - 1), R the number of replicates, n that of simulated
customers; t is Student's 97.5 % point with the degrees of freedom that the variances have, z the
normal's.

**Without spread.** One value shows no luck: there is no interval of a mean (`mean_half` and
`difference_half` give None), and one seed is known by the spread between its customers. Values that
are all the same give an interval of no width: no luck was seen, which is not to say that there is
none. So has a total over a single customer, or over customers of whom none differs. Whoever shows
an interval leaves one of no width out (`sim.pages.words.numbers`), and what a change does is
no figure where no customer differs (`sim.measures.incrementality`). Shares have no such gap:
Wilson's interval of 0 or all of n has a width, and of nobody there is none (ZeroDivisionError);
Greenwood's is 0 to 1 where nobody, or everybody, has come to the event.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.distributions import student_quantile
from sim.elementary import exp, log, square

CONFIDENCE = 0.95
NORMAL_975 = 1.959963984540054  # the normal's 97.5 % point


class Estimate(NamedTuple):
    """A figure and its 95% interval."""

    value: float
    low: float
    high: float


class Effect(NamedTuple):
    """A figure and its standard error."""

    value: float
    se: float


def student(freedom: float) -> float:
    """Student's t: the point that a value exceeds with a chance of 2.5 %.

    `freedom` > 0: degrees of freedom, whole or not; NaN for none.
    """
    return student_quantile(freedom, 0.5 - CONFIDENCE / 2.0)


def around(value: float, half: float) -> Estimate:
    """A figure whose interval goes as far to each side."""
    return Estimate(value, value - half, value + half)


def normal_interval(found: Effect) -> Estimate:
    """A figure with a standard error that is well known: value -/+ z SE."""
    return around(found.value, NORMAL_975 * found.se)


# --- means of replicates ---


def mean_of(values: Sequence[float]) -> float:
    """The mean, exact before it is rounded. Raises ZeroDivisionError for no values."""
    return math.fsum(values) / len(values)


def variance_of(values: Sequence[float]) -> float:
    """The variance (n - 1). Raises ZeroDivisionError for fewer than two values."""
    mean = mean_of(values)
    return math.fsum(square(value - mean) for value in values) / (len(values) - 1)


def mean_half(values: Sequence[float]) -> float | None:
    """Half the interval of a mean of R values, t s / sqrt(R); None for one value."""
    count = len(values)
    if count < 2:
        return None
    return student(count - 1) * math.sqrt(variance_of(values)) / math.sqrt(count)


def error_of_mean(values: Sequence[float]) -> float:
    """The standard error of a mean, sqrt(s^2 / R). Raises ZeroDivisionError for fewer than two."""
    return math.sqrt(variance_of(values) / len(values))


def difference_half(x: Sequence[float], y: Sequence[float], paired: bool) -> float | None:
    """Half the interval of mean y - mean x; None if either is of one value.

    `paired`: value by value with the same luck, so that the differences are looked at. Otherwise
    with a = s_x^2 / R and b = s_y^2 / Q: t sqrt(a + b), with
    (a + b)^2 / (a^2 / (R - 1) + b^2 / (Q - 1)) degrees of freedom (Welch 1947).
    """
    if len(x) < 2 or len(y) < 2:
        return None
    if paired:
        changes = [after - before for before, after in zip(x, y, strict=True)]
        return student(len(x) - 1) * error_of_mean(changes)
    a, b = variance_of(x) / len(x), variance_of(y) / len(y)
    if a + b == 0.0:
        return 0.0
    freedom = square(a + b) / (a * a / (len(x) - 1) + b * b / (len(y) - 1))
    return student(freedom) * math.sqrt(a + b)


# --- effects: of one seed over its customers, of several over seeds ---


def error_of_total(own: NDArray[np.float64]) -> float:
    """The standard error of a sum over n customers, s sqrt(n); 0 of a single one.

    It takes customers for independent of one another.
    """
    spread = float(own.std(ddof=1)) if len(own) > 1 else 0.0
    return spread * math.sqrt(len(own))


def over_seeds(found: Sequence[Effect]) -> Effect:
    """The mean over seeds, and its standard error; of one seed, that over customers.

    Seeds share no luck, so their spread holds all that an error over customers leaves out.
    """
    seeds = len(found)
    if seeds == 1:
        return found[0]
    values = [each.value for each in found]
    return Effect(mean_of(values), math.sqrt(variance_of(values)) / math.sqrt(seeds))


def quantile(seeds: int) -> float:
    """Standard errors to each side of a 95% interval: Student's for seeds, else the normal's."""
    return NORMAL_975 if seeds == 1 else student(seeds - 1)


def interval(found: Sequence[Effect]) -> Estimate:
    """The mean over seeds and its 95% interval."""
    mean, error = over_seeds(found)
    return around(mean, quantile(len(found)) * error)


def over_customers(found: Sequence[Effect]) -> Estimate:
    """The mean over seeds, with the interval from the spread between customers alone."""
    half = NORMAL_975 * math.sqrt(math.fsum(square(one.se) for one in found)) / len(found)
    return around(mean_of([one.value for one in found]), half)


def ratio_interval(parts: Sequence[Effect], wholes: Sequence[float]) -> Estimate | None:
    """Sum of parts / sum of wholes over seeds and its 95% interval; None unless wholes > 0.

    With ratio r of totals, the error of r is that of the mean of part - r whole, divided by
    the mean whole (the delta method; of one seed the whole is taken as it was found).
    """
    whole = mean_of(wholes)
    if whole <= 0.0:
        return None
    ratio = mean_of([part.value for part in parts]) / whole
    rest = [
        Effect(part.value - ratio * each, part.se) for part, each in zip(parts, wholes, strict=True)
    ]
    return around(ratio, quantile(len(parts)) * over_seeds(rest).se / whole)


# --- shares ---


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson's interval for the chance behind `count` of `of` > 0, in 0 to 1.

    (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n) (Wilson 1927).
    Raises ZeroDivisionError for a share of nobody.
    """
    p, z2 = count / of, square(NORMAL_975)
    half = NORMAL_975 * math.sqrt(p * (1.0 - p) / of + z2 / (4.0 * of * of))
    middle, scale = p + z2 / (2.0 * of), 1.0 + z2 / of
    low, high = (middle - half) / scale, (middle + half) / scale
    # at none and at all the formula is exactly 0 and 1; rounding must not show
    return (0.0 if count == 0 else low), (1.0 if count == of else high)


def newcombe(one: tuple[int, int], other: tuple[int, int]) -> Estimate:
    """The difference of two shares, and its interval (Newcombe 1998, method 10).

    d - sqrt((p - l)^2 + (u' - p')^2) to d + sqrt((u - p)^2 + (p' - l')^2), of the Wilson intervals
    (l, u) and (l', u'). A share is (count, of how many). Raises as `wilson` does.
    """
    p, p2 = one[0] / one[1], other[0] / other[1]
    (low, high), (low2, high2) = wilson(*one), wilson(*other)
    difference = p - p2
    return Estimate(
        difference,
        difference - math.hypot(p - low, high2 - p2),
        difference + math.hypot(high - p, p2 - low2),
    )


def greenwood_interval(not_yet: float, variance: float) -> tuple[float, float]:
    """The interval of 1 - `not_yet`; `variance`: Greenwood's sum, without the square of it.

    Where nobody or everybody has come to the event there is no variance to go by: 0 to 1.
    """
    if not 0.0 < not_yet < 1.0:
        return 0.0, 1.0
    level = log(-log(not_yet))
    half = NORMAL_975 * math.sqrt(variance) / -log(not_yet)
    return 1.0 - exp(-exp(level - half)), 1.0 - exp(-exp(level + half))
