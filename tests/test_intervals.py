"""Intervals: against closed forms and published figures; what they say without spread."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.measures.intervals import (
    NORMAL_975,
    Effect,
    Estimate,
    around,
    difference_half,
    error_of_total,
    greenwood_interval,
    interval,
    mean_half,
    mean_of,
    newcombe,
    normal_interval,
    over_customers,
    student,
    variance_of,
    wilson,
)

VALUES, OTHERS = [3.0, 5.0, 4.0, 8.5], [2.0, 2.5, 7.0]


def test_quantiles_are_those_of_tables() -> None:
    assert student(1) == pytest.approx(12.7062, abs=5e-5)
    assert student(9) == pytest.approx(2.2622, abs=5e-5)
    assert pytest.approx(float(stats.norm.ppf(0.975)), rel=1e-15) == NORMAL_975


def test_a_mean_is_known_as_scipy_says() -> None:
    half = mean_half(VALUES)
    assert half is not None
    known = stats.ttest_1samp(VALUES, 0.0).confidence_interval(0.95)
    assert around(mean_of(VALUES), half)[1:] == pytest.approx((known.low, known.high))


@pytest.mark.parametrize("paired", [True, False])
def test_a_difference_is_known_as_scipy_says(paired: bool) -> None:
    x, y = (VALUES, [4.0, 4.5, 4.0, 9.5]) if paired else (VALUES, OTHERS)
    tested = stats.ttest_rel(y, x) if paired else stats.ttest_ind(y, x, equal_var=False)
    known = tested.confidence_interval(0.95)
    half = difference_half(x, y, paired)
    assert half is not None
    assert around(mean_of(y) - mean_of(x), half)[1:] == pytest.approx((known.low, known.high))


def test_newcombes_own_example() -> None:
    # Newcombe 1998, Statistics in Medicine 17: 873, table II, row (a), method 10
    found = newcombe((56, 70), (48, 80))
    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


# --- without spread ---


def test_one_value_has_no_interval() -> None:
    assert mean_half([4.0]) is None
    assert difference_half([4.0], [5.0], paired=True) is None
    assert difference_half([4.0, 5.0], [5.0], paired=False) is None
    with pytest.raises(ZeroDivisionError):
        variance_of([4.0])


def test_one_seed_is_known_by_its_customers() -> None:
    assert interval([Effect(10.0, 2.0)]) == normal_interval(Effect(10.0, 2.0))
    assert over_customers([Effect(10.0, 2.0)]) == normal_interval(Effect(10.0, 2.0))


def test_values_that_are_the_same_give_an_interval_of_no_width() -> None:
    assert mean_half([4.0, 4.0]) == 0.0
    assert difference_half([4.0, 4.0], [5.0, 5.0], paired=True) == 0.0
    assert difference_half([4.0, 4.0], [5.0, 5.0], paired=False) == 0.0
    assert interval([Effect(4.0, 1.0), Effect(4.0, 1.0)]) == Estimate(4.0, 4.0, 4.0)
    assert error_of_total(np.array([7.0])) == 0.0
    assert error_of_total(np.full(5, 7.0)) == 0.0


def test_shares_are_never_certain() -> None:
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 1)[0] < 0.25
    assert greenwood_interval(1.0, 0.0) == greenwood_interval(0.0, math.inf) == (0.0, 1.0)
    with pytest.raises(ZeroDivisionError):
        wilson(0, 0)
