"""Chances and quantiles: against mpmath, exact laws and scipy, over all that a scenario allows.

A quantile x of a chance p is held against the truth at x: its relative error is
(F(x) - p) / (x f(x)), with F and its density f in 40 digits.
"""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from scipy import special

from sim import distributions
from sim.distributions import (
    beta_below,
    beta_quantiles,
    fill_beta,
    gamma_below,
    gamma_quantiles,
    log_gamma,
    normal_below,
    normal_quantiles,
    student_quantile,
)
from sim.model.columns import QUANTILE_CELLS
from sim.scenario.customers import Need, Segment
from sim.scenario.parts import BetaShare
from sim.scenario.quantiles import beta_table, need_rate_table, normal_table

CLOSE = 1e-12
CHANCES = [2.0**-40, 2.0**-22, 1e-3, 0.3, 0.5]
SHAPES = [0.001, 0.01, 0.3, 1.0, 7.5, 1e3, 1e6]
MEANS = [(0.3, 0.01), (0.1, 0.1), (0.02, 20.0), (0.3, 5.0), (0.5, 1000.0), (1e-3, 1e6)]
DIGITS = 30


def gamma_truth(shape: float, x: float) -> tuple[Any, Any]:
    """F(x) and x f(x), by the series of positive terms."""
    a, x = mpf(shape), mpf(x)
    term = total = 1 / a
    while term > total * mpf(10) ** -DIGITS:
        a += 1
        term *= x / a
        total += term
    density = mpmath.exp(mpf(shape) * mpmath.log(x) - x - mpmath.loggamma(shape))
    return density * total, density


def beta_truth(a: float, b: float, x: float) -> tuple[Any, Any]:
    """F(x) and x f(x), by the series of positive terms (DLMF 8.17.8), which likes a small x."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    term = total = 1 / a
    n = 0
    while term > total * (1 - x) * mpf(10) ** -DIGITS:
        term *= x * (a + b + n) / (a + 1 + n)
        n += 1
        total += term
    logs = a * mpmath.log(x) + b * mpmath.log1p(-x)
    density = mpmath.exp(logs + mpmath.loggamma(a + b) - mpmath.loggamma(a) - mpmath.loggamma(b))
    return density * total, density / (1 - x)


@pytest.mark.parametrize("shape", SHAPES)
def test_gamma_quantiles_are_the_truth(shape: float) -> None:
    bound = CLOSE if shape > 0.001 else 5.0 * CLOSE
    with mpmath.workdps(40):
        for is_upper in (False, True):
            chances = CHANCES[1:] if shape > 1e4 else CHANCES
            for p, x in zip(
                chances, gamma_quantiles(shape, chances, is_upper=is_upper), strict=True
            ):
                if x < 1e-300:
                    assert shape < 0.1  # x^shape is p: too small for a double
                    continue
                below, density = gamma_truth(shape, float(x))
                found = 1 - below if is_upper else below
                assert abs(found - p) / density < bound, (p, is_upper)


@pytest.mark.parametrize(("mean", "concentration"), MEANS)
def test_beta_quantiles_are_the_truth(mean: float, concentration: float) -> None:
    a = mean * concentration
    b = concentration - a
    with mpmath.workdps(40):
        for is_upper in (False, True):
            for p, x in zip(CHANCES, beta_quantiles(a, b, CHANCES, is_upper=is_upper), strict=True):
                if x < 1e-300 or x > 0.9:
                    continue  # the first have no precision, the others are those of 1 - x
                below, density = beta_truth(a, b, float(x))
                found = 1 - below if is_upper else below
                assert abs(found - p) / density < 5.0 * CLOSE, (p, is_upper)


def test_normal_quantiles_are_the_truth() -> None:
    chances = [2.0**-40, 2.0**-22, 1e-3, 0.2, 0.25, 0.3, 0.4999, 0.5, 0.6, 0.9, 1.0 - 2.0**-22]
    with mpmath.workdps(40):
        for p, z in zip(chances, normal_quantiles(chances), strict=True):
            error = mpmath.ncdf(mpf(float(z))) - mpf(p)
            assert abs(error) <= CLOSE * abs(float(z)) * mpmath.npdf(mpf(float(z)))
        for z in (-37.0, -8.0, -1.0, -1e-3, 0.0, 0.5, 5.0):
            assert normal_below(z) == pytest.approx(float(mpmath.ncdf(z)), rel=CLOSE)
    assert normal_below(-math.inf) == normal_below(-1e200) == 0.0
    assert normal_below(math.inf) == 1.0


def test_laws_that_have_a_formula() -> None:
    chances = np.array([2.0**-30, 0.01, 0.3, 0.5, 0.77, 0.999])
    left = np.log1p(-chances)
    close = {"rtol": 1e-13}
    np.testing.assert_allclose(gamma_quantiles(1.0, chances), -left, **close)
    np.testing.assert_allclose(beta_quantiles(1.0, 1.0, chances), chances, **close)
    for power in (0.01, 0.5, 3.0, 200.0):
        np.testing.assert_allclose(
            beta_quantiles(power, 1.0, chances), chances ** (1.0 / power), rtol=CLOSE
        )
        np.testing.assert_allclose(
            beta_quantiles(1.0, power, chances), -np.expm1(left / power), rtol=CLOSE
        )
    arcsine = np.sin(chances * math.pi / 2.0) ** 2
    np.testing.assert_allclose(beta_quantiles(0.5, 0.5, chances), arcsine, **close)
    cauchy, two = math.tan(0.475 * math.pi), 0.95 * math.sqrt(2.0 / (1.0 - 0.95**2))
    assert student_quantile(1.0, 0.025) == pytest.approx(cauchy, rel=1e-13)
    assert student_quantile(2.0, 0.025) == pytest.approx(two, rel=1e-13)


@pytest.mark.parametrize("freedom", [1.0, 2.0, 5.0, 9.5, 99.0, 9999.0, 1e8])
def test_student(freedom: float) -> None:
    assert student_quantile(freedom, 0.025) == pytest.approx(
        special.stdtrit(freedom, 0.975), rel=CLOSE
    )


@pytest.mark.parametrize("z", [1e-300, 1e-3, 0.5, 1.0, 2.0, 9.99, 10.0, 123.4, 1e6])
def test_log_gamma(z: float) -> None:
    assert log_gamma(z) == pytest.approx(math.lgamma(z), rel=1e-14, abs=2e-15)


@pytest.mark.parametrize("shape", [0.01, 0.5, 3.0, 1e4])
def test_chances_and_quantiles_undo_each_other(shape: float) -> None:
    chances = np.array([1e-6, 0.1, 0.5, 0.9, 0.999])
    found = [gamma_below(shape, x) for x in gamma_quantiles(shape, chances)]
    np.testing.assert_allclose(
        found, np.where(gamma_quantiles(shape, chances) > 0, chances, 0), rtol=1e-11
    )
    for other in (0.3, 2.0, 5e3):
        values = beta_quantiles(shape, other, chances)
        inside = (values > 0.0) & (values < 0.999)
        found = [beta_below(shape, other, x) for x in values[inside]]
        np.testing.assert_allclose(found, chances[inside], rtol=1e-10)
        turned = 1.0 - beta_quantiles(other, shape, chances, is_upper=True)
        np.testing.assert_allclose(values, turned, atol=1e-15)


def test_edges() -> None:
    assert gamma_quantiles(2.0, [0.0, 1.0]).tolist() == [0.0, math.inf]
    assert gamma_quantiles(2.0, [0.0, 1.0], is_upper=True).tolist() == [math.inf, 0.0]
    assert beta_quantiles(2.0, 3.0, [0.0, 1.0]).tolist() == [0.0, 1.0]
    assert beta_quantiles(2.0, 3.0, [0.0, 1.0], is_upper=True).tolist() == [1.0, 0.0]
    assert normal_quantiles([0.0, 0.5, 1.0]).tolist() == [-math.inf, 0.0, math.inf]
    assert math.isnan(normal_quantiles([1.5])[0])
    assert gamma_below(2.0, -1.0) == gamma_below(2.0, 0.0) == beta_below(2.0, 3.0, 0.0) == 0.0
    assert gamma_below(2.0, math.inf) == beta_below(2.0, 3.0, 1.0) == 1.0


# --- the tables of a market ---


def need_rates(shape: float) -> Any:
    need = Need(rate_per_year=365.0, gamma_shape=shape)
    return need_rate_table(Segment(share=1.0, need=need))


@pytest.mark.parametrize("concentration", [1e-300, 1e-6, 0.01, 0.5, 2.0, 30.0, 1e4, 1e6])
def test_tables_rise_whatever_a_scenario_says(concentration: float) -> None:
    for mean in (1e-6, 0.02, 0.5, 0.97, 1.0 - 1e-9):
        table = beta_table(BetaShare(mean=mean, concentration=concentration))
        assert (np.diff(table, axis=1) >= 0.0).all()
        assert ((table >= 0.0) & (table <= 1.0)).all()
        assert table[0, 1] == table[1, -1]
        assert table[0, -2] == pytest.approx(table[2, 0], rel=1e-9)
    if concentration >= 0.01:
        table = need_rates(concentration)
        assert (np.diff(table, axis=1) >= 0.0).all()
        assert table[0, 1] == table[1, -1]
        assert table[0, -2] == pytest.approx(table[2, 0], rel=1e-9)
    assert (np.diff(normal_table(), axis=1) > 0.0).all()


def test_tables_are_those_of_scipy_where_scipy_is_good() -> None:
    grid = np.arange(QUANTILE_CELLS + 1) / QUANTILE_CELLS
    outermost = 2.0**-22
    main = np.clip(grid, outermost, 1.0 - outermost)
    low = np.clip(grid / QUANTILE_CELLS, outermost, None)
    for shape in (0.5, 2.0, 40.0):
        wanted = [
            special.gammaincinv(shape, main),
            special.gammaincinv(shape, low),
            special.gammainccinv(shape, low[::-1]),
        ]
        np.testing.assert_allclose(need_rates(shape), np.stack(wanted) / shape, rtol=CLOSE)
    for mean, size in ((0.02, 20.0), (0.4, 3.0), (0.9, 50.0)):
        a = mean * size
        b = size - a
        wanted = [
            special.betaincinv(a, b, main),
            special.betaincinv(a, b, low),
            special.betainccinv(a, b, low[::-1]),
        ]
        table = beta_table(BetaShare(mean=mean, concentration=size))
        np.testing.assert_allclose(table, np.stack(wanted), rtol=CLOSE)
    ends = [special.ndtri(main), special.ndtri(low), -special.ndtri(low[::-1])]
    np.testing.assert_allclose(normal_table(), np.stack(ends), rtol=CLOSE, atol=1e-15)


def test_python_and_machine_code_give_the_same_bits() -> None:
    chances = np.array([2.0**-22, 0.01, 0.3, 0.8, 1.0 - 2.0**-22, 0.0])
    plain: Any = distributions
    for a, b in ((0.02, 1.3), (7.0, 0.4), (30.0, 400.0)):
        for is_upper in (False, True):
            found, expected = np.empty(6), np.empty(6)
            for kernel, given in (
                (fill_beta, (a, b, chances, is_upper)),
                (plain.fill_gamma, (a, chances, is_upper)),
            ):
                kernel(*given, found)
                kernel.py_func(*given, expected)
                assert found.tobytes() == expected.tobytes()
    plain.fill_normal(chances, found)
    plain.fill_normal.py_func(chances, expected)
    assert found.tobytes() == expected.tobytes()


def test_a_quantile_depends_on_its_chance_alone() -> None:
    chances = np.array([0.9, 0.3, 2.0**-22, 0.31, 0.5, 0.9999, 1e-5, 0.3])
    for shape in (0.05, 3.0, 900.0):
        alone = [float(gamma_quantiles(shape, [p])[0]) for p in chances]
        assert gamma_quantiles(shape, chances).tolist() == alone
        alone = [float(beta_quantiles(shape, 2.0, [p])[0]) for p in chances]
        assert beta_quantiles(shape, 2.0, chances).tolist() == alone
    alone = [float(normal_quantiles([p])[0]) for p in chances]
    assert normal_quantiles(chances).tolist() == alone


def test_what_is_given_is_not_what_is_kept() -> None:
    first = normal_table()
    first[:] = 0.0
    assert normal_table()[0, -1] > 5.0
