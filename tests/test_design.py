"""Designs: against SALib and scipy themselves, and distributions against their moments."""

import itertools
import math

import numpy as np
import pytest
from SALib.sample import morris, sobol
from scipy import integrate, stats
from scipy.stats import qmc

from sim.questions.levers.design import (
    HIGH_SHARE,
    LOW_SHARE,
    Spread,
    distribution_of,
    make_design,
    rows_of,
    unit_problem,
)
from sim.questions.levers.study import DesignPart, Distribution, Method, Range, Scale
from sim.runs.plan import Value

RANGES = {
    "a": Range(low=2.0, high=4.0),
    "b": Range(low=1.0, high=100.0, scale=Scale.LOG),
    "c": Range(distribution=Distribution.NORMAL, mean=5.0, sd=2.0),
    "d": Range(distribution=Distribution.TRIANGULAR, low=0.0, high=4.0, mode=1.0),
}
SPREADS = {name: Spread(given) for name, given in RANGES.items()}


def rows(part: DesignPart, spreads: dict[str, Spread] = SPREADS) -> list[tuple[Value, ...]]:
    design = make_design(part, spreads)
    assert design.size == rows_of(part, spreads)
    return [design.row(number) for number in range(design.size)]


def test_a_grid_is_every_combination_the_last_fastest() -> None:
    spreads = {
        "a": Spread(Range(values=[True, False])),
        "b": Spread(Range(low=0.0, high=1.0, points=3)),
        "c": Spread(Range(low=1.0, high=100.0, scale=Scale.LOG, points=3)),
    }
    found = rows(DesignPart(), spreads)
    expected = list(itertools.product([True, False], [0.0, 0.5, 1.0], [1.0, 10.0, 100.0]))
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    np.testing.assert_allclose([row[2] for row in found], [row[2] for row in expected], rtol=1e-15)


def test_a_grid_of_a_million_rows_is_not_kept() -> None:
    spreads = {name: Spread(Range(low=0.0, high=9.0, points=10)) for name in "abcdef"}
    design = make_design(DesignPart(), spreads)
    assert design.size == 10**6
    assert design.row(123_456) == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)


def test_one_at_a_time_leaves_the_others_at_the_base() -> None:
    spreads = {"a": Spread(Range(values=[1, 2])), "b": Spread(Range(low=0.0, high=1.0, points=3))}
    part = DesignPart(method=Method.ONE_AT_A_TIME)
    design = make_design(part, spreads, {"a": 7, "b": 0.25})
    assert design.size == rows_of(part, spreads) == 6
    assert [design.row(n) for n in range(6)] == [
        (7, 0.25),
        (1, 0.25),
        (2, 0.25),
        (7, 0.0),
        (7, 0.5),
        (7, 1.0),
    ]


def test_a_latin_hypercube_is_that_of_scipy() -> None:
    found = np.array(rows(DesignPart(method=Method.LATIN_HYPERCUBE, samples=40, seed=3)))
    unit = qmc.LatinHypercube(4, seed=3).random(40)
    np.testing.assert_allclose(found[:, 0], 2.0 + 2.0 * unit[:, 0], rtol=1e-14)
    np.testing.assert_allclose(found[:, 1], 100.0 ** unit[:, 1], rtol=1e-13)
    np.testing.assert_allclose(found[:, 2], stats.norm.ppf(unit[:, 2], 5.0, 2.0), rtol=1e-12)
    # of each lever's range every fortieth part is met exactly once
    assert sorted(np.floor((found[:, 0] - 2.0) * 20.0)) == list(range(40))


@pytest.mark.parametrize("second_order", [False, True])
def test_a_sobol_design_is_that_of_salib_scaling_included(second_order: bool) -> None:
    part = DesignPart(method=Method.SOBOL, samples=16, seed=5, second_order=second_order)
    problem = {
        "num_vars": 4,
        "names": list("abcd"),
        "bounds": [[2.0, 4.0], [1.0, 100.0], [5.0, 2.0], [0.0, 4.0, 1.0]],
        "dists": ["unif", "logunif", "norm", "triang"],
    }
    problem["bounds"][3] = [0.0, 4.0, 0.25]  # SALib: width is high, peak a share of it
    expected = sobol.sample(problem, 16, calc_second_order=second_order, seed=5)
    found = np.array(rows(part))
    assert len(found) == 16 * (10 if second_order else 6)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_morris_design_is_that_of_salib() -> None:
    part = DesignPart(method=Method.MORRIS, samples=7, seed=2)
    found = np.array(rows(part))
    unit = morris.sample(unit_problem(list("abcd")), 7, num_levels=4, seed=2)
    np.testing.assert_allclose(found[:, 0], 2.0 + 2.0 * unit[:, 0], rtol=1e-14)
    ends = stats.norm.ppf([LOW_SHARE, HIGH_SHARE], 5.0, 2.0)
    assert found[:, 2].min() == pytest.approx(ends[0], rel=1e-12)
    assert found[:, 2].max() == pytest.approx(ends[1], rel=1e-12)
    trajectories = found.reshape(7, 5, 4)
    moved = (np.diff(trajectories, axis=1) != 0.0).sum(axis=2)
    assert (moved == 1).all()  # one lever at a time


def test_the_seed_of_the_design_decides_it() -> None:
    for method in (Method.LATIN_HYPERCUBE, Method.SOBOL, Method.MORRIS):
        one, same, other = (rows(DesignPart(method=method, samples=8, seed=s)) for s in (0, 0, 1))
        assert one == same
        assert one != other


@pytest.mark.parametrize(
    "given",
    [
        Range(distribution=Distribution.NORMAL, mean=-1.0, sd=0.5),
        Range(distribution=Distribution.LOGNORMAL, mean=3.0, sd=2.0),
        Range(distribution=Distribution.GAMMA, mean=3.0, sd=2.0),
        Range(distribution=Distribution.BETA, mean=0.3, sd=0.1),
        Range(distribution=Distribution.BETA, mean=2.0, sd=0.5, low=1.0, high=5.0),
    ],
    ids=lambda given: str(given.distribution),
)
def test_a_distribution_has_its_mean_and_its_sd(given: Range) -> None:
    """Its quantiles, integrated over the share: E x = int F^-1(u) du."""
    spread = Spread(given)

    def power(n: int) -> float:
        def inner(u: float) -> float:
            return float(spread.quantile(np.array([u]))[0]) ** n

        return integrate.quad(inner, 0.0, 1.0, limit=400)[0]

    mean = power(1)
    assert mean == pytest.approx(given.mean, rel=1e-4)
    assert math.sqrt(power(2) - mean**2) == pytest.approx(given.sd, rel=2e-3)


def test_bounds_cut_a_distribution_and_keep_its_shape() -> None:
    given = Range(distribution=Distribution.NORMAL, mean=0.0, sd=1.0, low=-0.5, high=2.0)
    shares = np.linspace(0.0, 1.0, 101)
    expected = stats.truncnorm(-0.5, 2.0).ppf(shares)
    np.testing.assert_allclose(Spread(given).quantile(shares), expected, atol=1e-9)


def test_endless_distributions_stay_finite_at_the_edges() -> None:
    for kind in (Distribution.NORMAL, Distribution.LOGNORMAL, Distribution.GAMMA):
        given = Range(distribution=kind, mean=1.0, sd=1.0)
        assert np.isfinite(Spread(given).quantile(np.array([0.0, 1.0]))).all()


def test_whole_numbers_have_the_same_chance_each() -> None:
    spread = Spread(Range(low=1.0, high=4.0), whole=True)
    found = spread.at((np.arange(4000) + 0.5) / 4000)
    assert all(isinstance(value, int) for value in found)
    assert [found.count(n) for n in (1, 2, 3, 4)] == [1000] * 4
    assert spread.at(np.array([0.0, 1.0])) == [1, 4]
    assert Spread(Range(low=1.0, high=3.0, points=5), whole=True).levels() == [1, 2, 3]


def test_a_list_is_met_in_equal_parts() -> None:
    spread = Spread(Range(values=["x", None, "z"]))
    found = spread.at(np.array([0.0, 0.3, 0.34, 0.66, 0.67, 1.0]))
    assert found == ["x", "x", None, None, "z", "z"]
    assert spread.levels() == ["x", None, "z"]


def test_parameters_that_allow_no_distribution_are_told() -> None:
    wrong = {
        "mean above 0": Range(distribution=Distribution.GAMMA, mean=-1.0, sd=1.0),
        "needs a smaller sd": Range(distribution=Distribution.BETA, mean=0.5, sd=0.6),
        "mean between": Range(distribution=Distribution.BETA, mean=2.0, sd=0.1),
        "mode from low to high": Range(
            distribution=Distribution.TRIANGULAR, low=0.0, high=1.0, mode=2.0
        ),
        "lacks": Range(distribution=Distribution.NORMAL, mean=2.0),
    }
    for words, given in wrong.items():
        with pytest.raises(ValueError, match=words):
            distribution_of(given)
