"""Make the constants of `sim/elementary.py`: `python -m benchmarks.coefficients`.

Each polynomial is the best there is of its degree: the one whose largest error over the interval,
relative to the function that it is a part of, is smallest. Remez's exchange finds it (Cheney 1966,
"Introduction to Approximation Theory", ch. 3), in numbers of DIGITS digits; then the coefficients
are rounded to doubles. The errors that are printed are those after the rounding.

What is printed stands between two marks in `sim/elementary.py`, letter by letter; a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mpmath import atanh, cos, expm1, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt

Number = Any  # of mpmath
Function = Callable[[Number], Number]

DIGITS = 40
POINTS = 400  # where the error is looked at
LEVEL = 1.01  # largest / smallest peak of an error that counts as level
MOST_EXCHANGES = 20
DOUBLE_BITS = 53
HIGH_BITS = 42  # of log 2: its product with a whole number below 2^11 is exact
TURN_BITS = 27  # of 2 pi: its product with a number of 26 bits is exact


@dataclass(frozen=True)
class Fit:
    """A polynomial p for p(x) close to `wanted(x)`, from `low` to `high`.

    `weight(x)`: how much an error of p(x) counts, relative to the function it is a part of.
    """

    name: str
    count: int  # of coefficients
    low: Number
    high: Number
    wanted: Function
    weight: Function

    def points(self, count: int) -> list[Number]:
        """Points of the interval, denser towards its ends; none where nothing counts."""
        middle, half = (self.high + self.low) / 2, (self.high - self.low) / 2
        found = [middle - half * cos(pi * k / count) for k in range(count + 1)]
        return [x for x in found if abs(self.weight(x)) > mpf(10) ** (-DIGITS // 2)]

    def error(self, coefficients: Sequence[Number], x: Number) -> Number:
        """What p(x) is wrong by, as far as it counts."""
        value = mpf(0)
        for coefficient in reversed(coefficients):
            value = value * x + coefficient
        return (value - self.wanted(x)) * self.weight(x)


def level(fit: Fit) -> list[Number]:
    """The coefficients whose largest error is smallest: all its peaks are equally high.

    Raises ValueError if the exchange does not end.
    """
    grid = fit.points(POINTS)
    chosen = [grid[(2 * k + 1) * len(grid) // (2 * fit.count + 2)] for k in range(fit.count + 1)]
    for _ in range(MOST_EXCHANGES):
        rows, right = matrix(fit.count + 1, fit.count + 1), matrix(fit.count + 1, 1)
        for row, x in enumerate(chosen):
            for power in range(fit.count):
                rows[row, power] = x**power
            rows[row, fit.count] = (-1) ** row / fit.weight(x)
            right[row] = fit.wanted(x)
        found = list(lu_solve(rows, right))[: fit.count]
        peaks = alternating([(x, fit.error(found, x)) for x in grid], fit.count + 1)
        sizes = [abs(size) for _, size in peaks]
        if max(sizes) < LEVEL * min(sizes):
            return found
        chosen = [x for x, _ in peaks]
    raise ValueError(f"{fit.name}: no level error was found")


def alternating(errors: Sequence[tuple[Number, Number]], count: int) -> list[tuple[Number, Number]]:
    """The largest error of each stretch of one sign; of these the `count` that are largest."""
    peaks: list[tuple[Number, Number]] = []
    for x, size in errors:
        if peaks and (size > 0) == (peaks[-1][1] > 0):
            if abs(size) > abs(peaks[-1][1]):
                peaks[-1] = x, size
        else:
            peaks.append((x, size))
    while len(peaks) > count:  # an end is left out, so that signs go on alternating
        peaks.pop(0 if abs(peaks[0][1]) < abs(peaks[-1][1]) else -1)
    return peaks


def rounded(value: Number, bits: int) -> Number:
    """The nearest number of so many bits."""
    with mp.workprec(bits):
        return +value


def fits() -> list[Fit]:
    """Every polynomial of `sim/elementary.py`."""
    most = log(2) / 2 * (1 + mpf(10) ** -6)  # an argument may lie beyond by a rounding
    root = sqrt(2) - 1
    shift = (root / (2 + root)) ** 2
    eighth = (pi / 4) ** 2
    return [
        Fit(
            "EXP",
            10,
            -most,
            most,
            cache(lambda r: (expm1(r) - r - r * r / 2) / r**3),
            cache(lambda r: abs(r**3 / expm1(r)) if r else mpf(0)),
        ),
        Fit(
            "LOG",
            7,
            mpf(0),
            shift,
            cache(lambda z: 2 * (atanh(sqrt(z)) / sqrt(z) - 1) / z),
            cache(lambda z: z * sqrt(z) / (2 * atanh(sqrt(z))) if z else mpf(0)),
        ),
        Fit(
            "SINE",
            6,
            mpf(0),
            eighth,
            cache(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z),
            cache(lambda z: z * sqrt(z) / sin(sqrt(z)) if z else mpf(0)),
        ),
        Fit(
            "COSINE",
            6,
            mpf(0),
            eighth,
            cache(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2),
            cache(lambda z: z**2 / cos(sqrt(z))),
        ),
    ]


def constant(name: str, value: Number) -> str:
    """A constant as a line of Python."""
    return f'{name} = float.fromhex("{float(value).hex()}")'


def lines() -> Iterator[str]:
    """What stands in `sim/elementary.py`."""
    with mp.workdps(DIGITS):
        high, turn = rounded(log(2), HIGH_BITS), rounded(2 * pi, TURN_BITS)
        yield constant("LOG2_HIGH", high)
        yield constant("LOG2_LOW", log(2) - high)
        yield constant("PER_LOG2", 1 / log(2))
        yield constant("TURN_HIGH", turn)
        yield constant("TURN_LOW", 2 * pi - turn)
        for fit in fits():
            found = [rounded(value, DOUBLE_BITS) for value in level(fit)]
            worst = max(abs(fit.error(found, x)) for x in fit.points(3 * POINTS))
            yield f"# largest error, of the whole function: 2^{float(log(worst, 2)):.1f}"
            for number, value in enumerate(found):
                yield constant(f"{fit.name}_{number}", value)


def main() -> None:
    """Print them."""
    print("\n".join(lines()))


if __name__ == "__main__":
    main()
