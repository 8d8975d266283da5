"""Normal, gamma, beta and Student's distribution: chances, and quantiles, alike on every machine.

Made of `sim.elementary` alone, for the reason that is given there. Every quantile is found in a
variable in which the distribution's density is log-concave: log x for the gamma, log x / (1 - x)
for the beta. Then both tails are log-concave too, F(v) and 1 - F(v), and Newton's steps on the
logarithm of a tail come home from wherever they start: no bracket is needed (Boyd & Vandenberghe
2004, section 3.5). With D the density of the variable, a step wants log D and the ratio of the tail
to D, and series or continued fractions give the ratio itself: nothing underflows. Newton begins at
the nearest of the quantiles of 1/2, 1/4, 1/8, ..., and these at each other, so that a quantile
depends on its chance alone, whatever else is asked for with it.

Quantiles are within 1e-12 of themselves (relative; where they are not denormal) for shapes of .01
to 1e6 and chances from 2^-40 on either side, and within 2e-15 / shape for smaller shapes, where
1e-300 and .1 are neighbours. `tests/test_distributions.py` shows it. A table of 3,075 quantiles
takes 1 to 3 ms, some 60 for a shape of 1e6; the three kernels compile in 4 s, once.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.compiled import kernel, ratio, rule
from sim.elementary import (
    INFINITY,
    LOG1P_HIGH,
    LOG1P_LOW,
    NOT_A_NUMBER,
    exp,
    log,
    log1p,
    log_rest,
)

Reals = NDArray[np.float64]

HALF_LOG_TURN = 0.9189385332046727  # log(2 pi) / 2
STIRLING_FROM = 10.0  # the series below is exact to the last bit from here
MOST_TERMS = 1_000_000
SMALLEST_TERM = 2.0**-54  # relative to a sum that it cannot change any more
FARTHEST = 746.0  # exp(-FARTHEST) is 0
NEAR = 3e-6  # of the logarithm of a chance: the next step, of third order, ends below 2^-53
CURVED = 0.5  # up to this the step of third order is taken, beyond Newton's
MOST_STEPS = 2000


@rule
def stirling(z: float) -> float:
    """log Gamma(z) - ((z - 1/2) log z - z + log(2 pi) / 2), z > 0: what Stirling leaves out.

    The series sum B_2k / (2k (2k - 1) z^(2k - 1)) from STIRLING_FROM on (Abramowitz & Stegun 1964,
    6.1.40); below it by the recurrence of Gamma, s(z) = s(z + 1) + (z + 1/2) log(1 + 1/z) - 1.
    """
    left = 0.0
    while z < STIRLING_FROM:
        left = left + ((z + 0.5) * log1p(ratio(1.0, z)) - 1.0)
        z = z + 1.0
    w = ratio(1.0, z)
    w2 = w * w
    high = 1.0 / 1188.0 + w2 * (-691.0 / 360360.0 + w2 * (1.0 / 156.0))
    low = -1.0 / 360.0 + w2 * (1.0 / 1260.0 + w2 * (-1.0 / 1680.0 + w2 * high))
    return left + w * (1.0 / 12.0 + w2 * low)


@rule
def log_gamma(z: float) -> float:
    """log Gamma(z), z > 0."""
    return (z - 0.5) * log(z) - z + HALF_LOG_TURN + stirling(z)


@rule
def bent(part: float, log_value: float, log_mean: float) -> float:
    """log(value / mean) - (value / mean - 1), where `part` is value / mean - 1."""
    if LOG1P_LOW < part < LOG1P_HIGH:
        return -log_rest(part)
    return (log_value - log_mean) - part


@rule
def next_place(place: float, short: float, per_log: float, slope: float, highest: float) -> float:
    """Where the logarithm of a tail is larger by `short`, to third order (Halley's method).

    `per_log`: tail / density, with the sign of the way in which the tail grows; `slope`: of the
    logarithm of the density; `highest`: no quantile lies beyond it.
    """
    step = per_log * short
    if abs(short) < CURVED:
        step = step * (1.0 + 0.5 * short * (1.0 - slope * per_log))
    return min(max(place + step, -FARTHEST), highest)


# --- gamma ---


@rule
def gamma_constant(shape: float) -> float:
    """log(shape^shape e^-shape / Gamma(shape)), the log density of log X at X = shape."""
    return 0.5 * log(shape) - HALF_LOG_TURN - stirling(shape)


@rule
def gamma_series(shape: float, x: float) -> float:
    """Chance below x / (x density at x): sum of x^n / (a (a + 1) ... (a + n)), for x < a + 1."""
    term = ratio(1.0, shape)
    total = term
    below = shape
    for _ in range(MOST_TERMS):
        below = below + 1.0
        term = term * ratio(x, below)
        total = total + term
        if not term >= total * SMALLEST_TERM:  # nan ends it too
            break
    return total


@rule
def gamma_fraction(shape: float, x: float) -> float:
    """Chance above x / (x density at x), for x >= a + 1: Legendre's continued fraction.

    1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...))) (Abramowitz & Stegun
    6.5.31, even part), by Lentz's method (Press et al. 2007, section 5.2).
    """
    below = x + 1.0 - shape
    value = below
    c = below
    d = 0.0
    for n in range(1, MOST_TERMS):
        above = n * (shape - n)
        below = below + 2.0
        d = ratio(1.0, below + above * d)
        c = below + ratio(above, c)
        change = c * d
        value = value * change
        if not abs(change - 1.0) >= 2.0 * SMALLEST_TERM:  # nan ends it too
            break
    return ratio(1.0, value)


@rule
def gamma_tail(
    shape: float, constant: float, log_x: float, is_upper: bool
) -> tuple[float, float, float]:
    """Log of the chance below, or above, x; that chance / density of log X; slope of its log.

    `constant`: of `gamma_constant`.
    """
    x = exp(log_x)
    log_density = constant + shape * bent(ratio(x - shape, shape), log_x, log(shape))
    series = x < shape + 1.0
    per_density = gamma_series(shape, x) if series else gamma_fraction(shape, x)
    slope = shape - x
    if series != is_upper:
        return log_density + log(per_density), per_density, slope
    density = exp(log_density)
    other = max(1.0 - density * per_density, SMALLEST_TERM)
    return log(other), ratio(other, density), slope


@rule
def log_gamma_quantile(
    shape: float, constant: float, chance: float, is_upper: bool, start: float
) -> float:
    """log x of the x that has this chance below, or above, it; from near `start`, of that too."""
    log_chance = log(chance)
    # the chance above 2 a + 2 c is below e^-c (Chernoff's bound)
    highest = log(2.0 * shape + 2.0 * FARTHEST)
    place = start
    for _ in range(MOST_STEPS):
        log_tail, per_density, slope = gamma_tail(shape, constant, place, is_upper)
        short = log_chance - log_tail
        before = place
        place = next_place(place, short, -per_density if is_upper else per_density, slope, highest)
        if not abs(short) >= NEAR or place == before:  # nan ends it too
            break
    return place


@rule
def log_gamma_rung(
    shape: float, constant: float, chance: float, is_upper: bool, rung: float, place: float
) -> tuple[float, float]:
    """The least of 1/2, 1/4, 1/8, ... that is not below a chance, and log x of its quantile.

    `rung` and `place`: such a pair, of this tail, to go on from; a rung of 0: none.
    """
    if rung < chance:
        rung = 0.5
        place = log_gamma_quantile(shape, constant, rung, is_upper, log(shape))
    while 0.5 * rung >= chance:
        rung = 0.5 * rung
        place = log_gamma_quantile(shape, constant, rung, is_upper, place)
    return rung, place


@rule
def gamma_below(shape: float, x: float) -> float:
    """Chance that a standard gamma variable of this shape is below x."""
    if x <= 0.0:
        return 0.0
    if x == INFINITY:
        return 1.0
    log_tail, _, _ = gamma_tail(shape, gamma_constant(shape), log(x), False)
    return exp(log_tail)


@kernel
def fill_gamma(shape: float, chances: Reals, is_upper: bool, found: Reals) -> None:
    """The x that have these chances below, or above, them, for a scale of 1. Each (n,)."""
    constant = gamma_constant(shape)
    way, rung, start = False, 0.0, 0.0
    for i in range(len(chances)):
        chance = chances[i]
        if not 0.0 < chance < 1.0:
            found[i] = edge(chance, is_upper, 0.0, INFINITY)
            continue
        other = chance > 0.5
        tail = 1.0 - chance if other else chance
        if way != (is_upper != other):
            way, rung = not way, 0.0
        rung, start = log_gamma_rung(shape, constant, tail, way, rung, start)
        found[i] = exp(log_gamma_quantile(shape, constant, tail, way, start))


@rule
def edge(chance: float, is_upper: bool, low: float, high: float) -> float:
    """The quantile of a chance of 0 or 1; what is no chance gives nan."""
    if chance == 0.0:
        return high if is_upper else low
    if chance == 1.0:
        return low if is_upper else high
    return NOT_A_NUMBER


# --- normal ---


@rule
def normal_below(z: float) -> float:
    """Chance that a standard normal variable is below z: Z^2 / 2 is gamma of shape 1/2."""
    if z == 0.0:
        return 0.5
    half = 0.5 * z * z
    if half == INFINITY:
        return 1.0 if z > 0.0 else 0.0
    log_tail, _, _ = gamma_tail(0.5, gamma_constant(0.5), log(half), True)
    outside = 0.5 * exp(log_tail)
    return 1.0 - outside if z > 0.0 else outside


@kernel
def fill_normal(chances: Reals, found: Reals) -> None:
    """The z that have these chances below them, (n,): Z^2 / 2 is gamma of shape 1/2."""
    constant = gamma_constant(0.5)
    way, rung, start = False, 0.0, 0.0
    for i in range(len(chances)):
        chance = chances[i]
        if not 0.0 < chance < 1.0:
            found[i] = edge(chance, False, -INFINITY, INFINITY)
            continue
        outer = min(chance, 1.0 - chance)
        if outer == 0.5:
            found[i] = 0.0
            continue
        if way != (outer < 0.25):
            way, rung = not way, 0.0
        tail = 2.0 * outer if way else 1.0 - 2.0 * outer
        rung, start = log_gamma_rung(0.5, constant, tail, way, rung, start)
        size = math.sqrt(2.0 * exp(log_gamma_quantile(0.5, constant, tail, way, start)))
        found[i] = -size if chance < 0.5 else size


# --- beta ---


@rule
def log_share(logit: float) -> float:
    """log of 1 / (1 + exp(-logit))."""
    if logit < 0.0:
        return logit - log1p(exp(logit))
    return -log1p(exp(-logit))


@rule
def share_of(logit: float) -> float:
    """1 / (1 + exp(-logit))."""
    if logit < 0.0:
        odds = exp(logit)
        return ratio(odds, 1.0 + odds)
    return ratio(1.0, 1.0 + exp(-logit))


@rule
def beta_constant(a: float, b: float) -> float:
    """log(m^a (1 - m)^b / B(a, b)), m = a / (a + b): log density of the logit at m."""
    lesser, greater = min(a, b), max(a, b)
    size = a + b
    root = 0.5 * (log(lesser) + log(ratio(greater, size))) - HALF_LOG_TURN
    return root + (stirling(size) - stirling(lesser) - stirling(greater))


@rule
def beta_fraction(a: float, b: float, x: float, left: float) -> float:
    """Chance below x / density of its logit, for x up to about the mean; `left` is 1 - x.

    The even part of the continued fraction of DLMF 8.17.22 (DiDonato & Morris 1992, "Algorithm
    708", eq. 9), by Lentz's method.
    """
    lean = a * left - b * x + 1.0  # a - (a + b) x + 1
    value = ratio(a * lean, a + 1.0)
    c = value
    d = 0.0
    for n in range(1, MOST_TERMS):
        odd = a + 2.0 * n - 1.0
        part = ratio(n * (b - n) * x, odd)
        above = ratio((a + n - 1.0) * (a + b + n - 1.0) * x, odd) * part
        below = n + part + ratio((a + n) * (lean + n * (1.0 + left)), odd + 2.0)
        d = ratio(1.0, below + above * d)
        c = below + ratio(above, c)
        change = c * d
        value = value * change
        if not abs(change - 1.0) >= 2.0 * SMALLEST_TERM:  # nan ends it too
            break
    return ratio(1.0, value)


@rule
def beta_tail(
    a: float, b: float, constant: float, logit: float, is_upper: bool
) -> tuple[float, float, float]:
    """Log of the chance below, or above, x; that chance / density of the logit; slope of its log.

    For a <= b; `constant`: of `beta_constant`.
    """
    x, left, size = share_of(logit), share_of(-logit), a + b
    mean, rest = ratio(a, size), ratio(b, size)
    away = x - mean
    log_density = constant + (
        a * bent(ratio(away, mean), log_share(logit), log(mean))
        + b * bent(ratio(-away, rest), log_share(-logit), log(rest))
    )
    series = x * (size + 2.0) < a + 1.0
    per_density = beta_fraction(a, b, x, left) if series else beta_fraction(b, a, left, x)
    slope = a * left - b * x
    if series != is_upper:
        return log_density + log(per_density), per_density, slope
    density = exp(log_density)
    other = max(1.0 - density * per_density, SMALLEST_TERM)
    return log(other), ratio(other, density), slope


@rule
def logit_quantile(
    a: float, b: float, constant: float, chance: float, is_upper: bool, start: float
) -> float:
    """The logit of the x that has this chance below, or above, it; a <= b; from near `start`."""
    log_chance = log(chance)
    place = start
    for _ in range(MOST_STEPS):
        log_tail, per_density, slope = beta_tail(a, b, constant, place, is_upper)
        short = log_chance - log_tail
        before = place
        place = next_place(place, short, -per_density if is_upper else per_density, slope, FARTHEST)
        if not abs(short) >= NEAR or place == before:  # nan ends it too
            break
    return place


@rule
def logit_rung(
    a: float, b: float, constant: float, chance: float, is_upper: bool, rung: float, place: float
) -> tuple[float, float]:
    """The least of 1/2, 1/4, 1/8, ... that is not below a chance, and the logit of its quantile.

    As `log_gamma_rung`.
    """
    if rung < chance:
        rung = 0.5
        place = logit_quantile(a, b, constant, rung, is_upper, log(ratio(a, b)))
    while 0.5 * rung >= chance:
        rung = 0.5 * rung
        place = logit_quantile(a, b, constant, rung, is_upper, place)
    return rung, place


@rule
def beta_below(a: float, b: float, x: float) -> float:
    """Chance that a Beta(a, b) variable is below x: the regularised incomplete beta function."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    logit = log(x) - log1p(-x)
    constant = beta_constant(a, b)
    if a <= b:
        log_tail, _, _ = beta_tail(a, b, constant, logit, False)
    else:
        log_tail, _, _ = beta_tail(b, a, constant, -logit, True)
    return exp(log_tail)


@kernel
def fill_beta(a: float, b: float, chances: Reals, is_upper: bool, found: Reals) -> None:
    """The x that have these chances below, or above, them. Each (n,)."""
    lesser, greater = min(a, b), max(a, b)
    constant = beta_constant(a, b)
    turned = a > b  # 1 - x is Beta(b, a)
    way, rung, start = False, 0.0, 0.0
    for i in range(len(chances)):
        chance = chances[i]
        if not 0.0 < chance < 1.0:
            found[i] = edge(chance, is_upper, 0.0, 1.0)
            continue
        other = chance > 0.5
        tail = 1.0 - chance if other else chance
        if way != ((is_upper != other) != turned):
            way, rung = not way, 0.0
        rung, start = logit_rung(lesser, greater, constant, tail, way, rung, start)
        place = logit_quantile(lesser, greater, constant, tail, way, start)
        found[i] = share_of(-place if turned else place)


# --- quantiles of many chances ---


def gamma_quantiles(shape: float, chances: ArrayLike, *, is_upper: bool = False) -> Reals:
    """The values with these chances below, or above, them; gamma of scale 1. (n,)."""
    given = np.ascontiguousarray(chances, dtype=np.float64)
    found = np.empty_like(given)
    fill_gamma(float(shape), given, is_upper, found)
    return found


def beta_quantiles(a: float, b: float, chances: ArrayLike, *, is_upper: bool = False) -> Reals:
    """The values with these chances below, or above, them; Beta(a, b). (n,)."""
    given = np.ascontiguousarray(chances, dtype=np.float64)
    found = np.empty_like(given)
    fill_beta(float(a), float(b), given, is_upper, found)
    return found


def normal_quantiles(chances: ArrayLike) -> Reals:
    """The values with these chances below them; standard normal. (n,)."""
    given = np.ascontiguousarray(chances, dtype=np.float64)
    found = np.empty_like(given)
    fill_normal(given, found)
    return found


def student_quantile(freedom: float, above: float) -> float:
    """The value that Student's t exceeds with this chance, `above` below 1/2.

    With n degrees of freedom, n / (n + t^2) is Beta(n / 2, 1/2), and falls short of its quantile
    with chance 2 `above`; what it lacks of 1 is Beta(1/2, n / 2).
    """
    half, outside = freedom / 2.0, [2.0 * above]
    share = float(beta_quantiles(half, 0.5, outside)[0])
    rest = float(beta_quantiles(0.5, half, outside, is_upper=True)[0])
    return math.sqrt(freedom * rest / share)
