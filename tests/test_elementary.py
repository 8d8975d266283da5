"""The own elementary functions: close to the truth, and the same bits in Python and machine code.

The truth is mpmath's, in 160 bits. Errors are in units in the last place of the truth; below 1 the
result is the correctly rounded one or its neighbour. Arguments are drawn with the project's own
draws: uniform where a function is used, of every size, and where an argument passes from one step
of the range reduction to the next.
"""

import math
import struct
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numba import njit

from benchmarks.coefficients import lines
from sim import elementary
from sim.compiled import OPTIONS, bits_of, of_bits, ratio
from sim.draws import u01
from sim.elementary import cosine, exp, expm1, log, log1p, power, square

SEED = 20_250_601
MANY = 100_000
FEW = 250
TURN = math.log(2.0)
INF, NAN = math.inf, math.nan

# largest error, in units in the last place, that the docstrings promise
PROMISED = {exp: 0.75, expm1: 0.8, log: 0.9, log1p: 0.8}
TRUTH = {exp: mpmath.exp, expm1: mpmath.expm1, log: mpmath.log, log1p: mpmath.log1p}
FUNCTIONS = pytest.mark.parametrize("function", PROMISED, ids=lambda f: f.__name__)


def draws(count: int, item: int) -> Iterator[float]:
    for i in range(count):
        yield u01(SEED, 77, i, 0, item)


def sized(count: int, item: int, low: float, high: float) -> Iterator[float]:
    """Numbers whose exponents of 2 are uniform."""
    for u in draws(count, item):
        yield 2.0 ** math.floor(low + (high - low) * u) * (1.0 + (u * 7919.0) % 1.0)


def between(count: int, item: int, low: float, high: float) -> Iterator[float]:
    for u in draws(count, item):
        yield low + (high - low) * u


def around(places: Iterator[float], count: int = 1) -> Iterator[float]:
    """Places and their neighbours."""
    for place in places:
        yield place
        below = above = place
        for _ in range(count):
            below, above = math.nextafter(below, -INF), math.nextafter(above, INF)
            yield from (below, above)


def arguments(function: Callable[..., float], count: int) -> list[float]:
    """About four times `count` arguments of a function, in its domain."""
    if function in (exp, expm1):
        low = -745.1 if function is exp else -45.0
        found = [
            *between(count, 0, low, 709.78),
            *between(count, 1, -1.0, 1.0),
            *sized(count // 2, 2, -1074.0, 9.0),
            *(-x for x in sized(count // 2, 3, -1074.0, 9.0)),
        ]
        turns = [-1075, -1074, -1022, -1021, -54, -40, -2, -1, 0, 1, 2, 40, 41, 53, 1000, 1022]
        return found + list(around((k + 0.5) * TURN for k in turns))
    sizes = [*sized(count, 0, -1074.0, 1023.0), *between(count, 1, 0.5, 2.0)]
    close = [*between(count // 2, 2, 0.70, 0.72), *between(count // 2, 3, 1.40, 1.43)]
    near = [1.0 + (-1.0 if x > 0.1 else 1.0) * x for x in sized(count, 4, -53.0, -1.0)]
    found = sizes + close + near + list(around(math.sqrt(2.0**k) for k in range(-3, 4)))
    if function is log:
        return found
    small = [*sized(count // 2, 5, -1074.0, -2.0), *(-x for x in sized(count // 2, 6, -1074, -2))]
    return [x - 1.0 for x in found if x - 1.0 > -1.0] + small + list(around(iter((-0.25, 0.375))))


def error(found: float, truth: Any) -> float:
    """In units in the last place of the truth."""
    nearest = float(truth)
    if math.isinf(nearest) or math.isinf(found):
        return 0.0 if found == nearest else INF
    return float(abs(mpmath.mpf(found) - truth) / mpmath.mpf(math.ulp(nearest)))


def over(function: Callable[..., float]) -> Callable[..., None]:
    """A kernel that calls the function for every element, as the engine's kernels would."""

    @njit(**OPTIONS)
    def loop(given: Any, found: Any) -> None:
        for i in range(len(given)):
            found[i] = function(given[i])

    return loop


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


# --- the truth ---


@FUNCTIONS
def test_errors_are_as_promised(function: Callable[[float], float]) -> None:
    with mpmath.workprec(160):
        for x in arguments(function, FEW):
            truth = TRUTH[function](mpmath.mpf(x))
            found = function(x)
            denormal = abs(found) < 2.0**-1022
            assert error(found, truth) < (1.0 if denormal else PROMISED[function]), x


def test_a_cosine_is_close_and_turns_exactly() -> None:
    with mpmath.workprec(160):
        for u, v in zip(draws(2 * FEW, 0), draws(2 * FEW, 1), strict=True):
            whole = 365 if u < 0.5 else 1 + int(2.0 ** (30.0 * u))
            part = int((2.0 * v - 1.0) * 1e6)
            truth = mpmath.cospi(2 * mpmath.mpf(part) / whole)
            assert abs(cosine(part, whole) - truth) <= 0.9 * math.ulp(float(truth)), (part, whole)
    for whole in (1, 2, 3, 4, 7, 365, 1000):
        assert cosine(0, whole) == 1.0
        for part in range(-whole, whole):
            found = cosine(part, whole)
            assert found == cosine(-part, whole) == cosine(part + 5 * whole, whole)
            assert found == -cosine(2 * part + whole, 2 * whole)
            assert (found == 0.0) == (4 * part % whole == 0 and 4 * part // whole % 2 == 1)
    assert [cosine(part, 6) for part in range(7)] == [1.0, 0.5, -0.5, -1.0, -0.5, 0.5, 1.0]


def test_a_power_is_close_and_exact_where_it_can_be() -> None:
    with mpmath.workprec(160):
        for u, v in zip(draws(FEW, 0), draws(FEW, 1), strict=True):
            base, exponent = 2.0 ** (40.0 * u - 20.0), 60.0 * v - 30.0
            truth = mpmath.mpf(base) ** mpmath.mpf(exponent)
            assert error(power(base, exponent), truth) < 0.7 + abs(exponent) / 16.0
    for base in (0.5, 2.0, 3.0, 10.0, 100.0, 1.25):
        for whole in (0, 1, 2, 3, 5):
            assert power(base, float(whole)) == base**whole
    assert power(0.5, 1074.0) == 5e-324
    assert power(100.0, 0.5) == 10.0
    assert power(2.0, 1100.0) == INF
    assert power(2.0, -1100.0) == 0.0
    assert square(-1.5) == 2.25


# --- the edges ---

EDGES: dict[Callable[[float], float], list[tuple[float, float]]] = {
    exp: [(0.0, 1.0), (-0.0, 1.0), (-INF, 0.0), (710.0, INF), (-746.0, 0.0), (5e-324, 1.0)],
    expm1: [(0.0, 0.0), (-0.0, 0.0), (-INF, -1.0), (710.0, INF), (-746.0, -1.0), (5e-324, 5e-324)],
    log: [(0.0, -INF), (-0.0, -INF), (-INF, NAN), (-1.0, NAN), (1.0, 0.0), (-5e-324, NAN)],
    log1p: [(0.0, 0.0), (-0.0, -0.0), (-INF, NAN), (-1.0, -INF), (-1.5, NAN), (5e-324, 5e-324)],
}


@FUNCTIONS
def test_edges_are_as_said(function: Callable[[float], float]) -> None:
    compiled = njit(**OPTIONS)(lambda x: function(x))
    for x, wanted in [*EDGES[function], (INF, INF), (NAN, NAN)]:
        for found in (function(x), compiled(x)):
            same = bits(found) == bits(wanted)
            assert same or (math.isnan(found) and math.isnan(wanted)), (x, found)


def test_the_largest_and_the_smallest_results() -> None:
    largest = 709.782712893384  # the last double whose exp is finite
    assert math.isfinite(exp(largest))
    assert exp(math.nextafter(largest, INF)) == INF
    smallest = -745.1332191019411  # the last double whose exp is more than half of 5e-324
    assert exp(smallest) == 5e-324
    assert exp(math.nextafter(smallest, -INF)) == 0.0
    assert log(5e-324) == pytest.approx(-1074.0 * TURN, rel=1e-15)
    assert log(math.nextafter(INF, 0.0)) == pytest.approx(1024.0 * TURN, rel=1e-15)


@FUNCTIONS
def test_functions_rise_where_one_step_meets_the_next(function: Callable[[float], float]) -> None:
    """Over a hundred neighbouring doubles on either side of every seam."""
    seams: list[float]
    if function in (exp, expm1):
        low = -1074 if function is exp else -56
        seams = [(k + 0.5) * TURN for k in range(low, 1024, 1 if low > -100 else 13)]
    elif function is log:
        seams = [math.sqrt(0.5) * 2.0**k for k in range(-1020, 1024, 17)] + [2.0**-1022, 1.0]
    else:
        seams = [math.sqrt(0.5) * 2.0**k - 1.0 for k in range(-40, 1024, 17)] + [-0.25, 0.375, 1.0]
    loop = over(function)
    for seam in seams:
        near = np.array(sorted(set(around(iter((seam,)), 100))))
        found = np.empty_like(near)
        loop(near, found)
        assert (np.diff(found) >= 0.0).all(), seam


# --- the same bits ---


@FUNCTIONS
def test_python_and_machine_code_give_the_same_bits(function: Callable[[float], float]) -> None:
    given = np.array([*arguments(function, MANY // 3), *(x for x, _ in EDGES[function])])
    assert len(given) >= MANY
    found = np.empty_like(given)
    over(function)(given, found)
    expected = np.array([function(x) for x in given.tolist()])
    assert np.array_equal(found, expected, equal_nan=True)
    known = ~np.isnan(found)
    assert np.array_equal(np.signbit(found[known]), np.signbit(expected[known]))
    assert all(type(function(x)) is float for x in (1.5, np.float64(1.5), np.float32(1.5), 2))


def test_cosines_and_powers_too() -> None:
    wave, raised = njit(**OPTIONS)(cosine), njit(**OPTIONS)(power)
    for u, v in zip(draws(2000, 0), draws(2000, 1), strict=True):
        part, whole = int((2.0 * v - 1.0) * 1e6), 1 + int(2.0 ** (30.0 * u))
        assert wave(part, whole) == cosine(part, whole)
        base, exponent = 2.0 ** (40.0 * u - 20.0), 200.0 * v - 100.0
        assert raised(base, exponent) == power(base, exponent)


def test_compiled_code_calls_no_library() -> None:
    """No function of C, no memory, no exception: what a target without a library can run."""
    for function in (exp, expm1, log, log1p, cosine, power):
        compiled = njit(**OPTIONS)(function)
        compiled(*((1, 3) if function is cosine else (2.0, 1.5) if function is power else (0.5,)))
        (text,) = compiled.inspect_llvm().values()
        name = function.__name__
        declared = {line for line in text.splitlines() if line.startswith("declare")}
        for word in (
            "@exp",
            "@log",
            "@pow",
            "@cos",
            "@floor",
            "@fmod",
            "@NRT",
            "llvm.exp",
            "llvm.log",
        ):
            assert not any(word in line for line in declared), (name, word)


def test_bits_of_a_double_there_and_back() -> None:
    there, back, divide = (
        njit(**OPTIONS)(one)
        for one in (lambda x: bits_of(x), lambda n: of_bits(n), lambda x, y: ratio(x, y))
    )
    for x in (0.0, -0.0, 1.0, -1.5, INF, -INF, 5e-324, math.pi):
        assert there(x) == bits_of(x) == struct.unpack("<q", bits(x))[0]
        assert bits(back(bits_of(x))) == bits(of_bits(bits_of(x))) == bits(x)
        assert divide(x, 3.0) == ratio(x, 3.0) == x / 3.0


# --- the constants ---


@cache
def made() -> list[str]:
    return list(lines())


def test_constants_are_what_the_command_makes() -> None:
    """`python -m benchmarks.coefficients` prints the lines of the module, letter by letter."""
    text = Path(elementary.__file__).read_text(encoding="utf-8")
    between_marks = text.split("benchmarks.coefficients\n")[1].split("# end of what is made")[0]
    assert between_marks.splitlines() == made()


def test_the_polynomials_are_short_of_the_last_bit() -> None:
    errors = [line.split("2^")[1] for line in made() if line.startswith("#")]
    assert len(errors) == 4
    assert all(float(size) < -55.0 for size in errors)
