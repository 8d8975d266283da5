"""The search for a split: curves, Lagrange's condition, and functions whose best split is known."""

import math
from collections.abc import Mapping, Sequence

import pytest

from sim.questions.budget.search import (
    LOGARITHMIC,
    SATURATING,
    STRAIGHT,
    Curve,
    Limits,
    Point,
    Tried,
    best_split,
    fit_curve,
    least_evaluations,
    search,
    without_dust,
)
from sim.questions.scaling import share_out
from worlds.hyperbolas import HALF, SIZES, TOTAL, best_of_hyperbolas, hyperbolas, searched

# --- curves and splits ---


@pytest.mark.parametrize("family", [SATURATING, LOGARITHMIC])
def test_a_curve_is_found_again(family: str) -> None:
    true = Curve(family, 40.0, 200.0, 100.0)
    points = [Point(a, true.value(a), 0.0) for a in (0.0, 50.0, 200.0, 400.0)]
    found = fit_curve(100.0, points)
    assert found.family == family
    for amount in (0.0, 100.0, 300.0):
        # the grid of scales is 5 % apart, so slopes come within a few per cent
        assert found.slope(amount) == pytest.approx(true.slope(amount), rel=0.05)


def test_what_does_harm_is_a_falling_line() -> None:
    found = fit_curve(10.0, [Point(0.0, 5.0, 0.0), Point(20.0, -5.0, 0.0)])
    assert found == Curve(STRAIGHT, -0.5, 1.0, 10.0)
    assert fit_curve(10.0, []).slope(3.0) == 0.0


def test_the_best_split_of_logarithms_is_by_their_sizes() -> None:
    # A ln(1 + a/s) with the same s: Lagrange gives a + s in proportion to A
    curves = {"one": Curve(LOGARITHMIC, 3.0, 10.0, 0.0), "two": Curve(LOGARITHMIC, 1.0, 10.0, 0.0)}
    low, high = dict.fromkeys(curves, 0.0), dict.fromkeys(curves, math.inf)
    found = best_split(curves, 60.0, low, high=dict.fromkeys(high, 60.0))
    assert found.amounts["one"] == pytest.approx(50.0, rel=1e-9)
    assert found.amounts["two"] == pytest.approx(10.0, rel=1e-9)
    assert found.slope == pytest.approx(3.0 / 60.0, rel=1e-9)
    bounded = best_split(curves, 60.0, low, high={"one": 30.0, "two": 60.0})
    assert bounded.amounts == {"one": pytest.approx(30.0), "two": pytest.approx(30.0)}
    assert bounded.slope == pytest.approx(1.0 / 40.0, rel=1e-9)


def test_what_next_to_nothing_had_goes_to_the_others() -> None:
    low = {"a": 0.0, "b": 0.0, "c": 0.0, "d": 1.0}
    amounts = {"a": 598.0, "b": 400.0, "c": 1.0, "d": 1.0}  # d is next to nothing, by a bound
    free = dict.fromkeys(amounts, 1000.0)
    shared = without_dust(amounts, 1000.0, low, high=free)
    assert shared["c"] == 0.0
    assert shared["a"] / shared["b"] == pytest.approx(598.0 / 400.0)
    assert math.fsum(shared.values()) == pytest.approx(1000.0, abs=1e-9)
    # where one is full the other takes all of it, and where both are it stays
    one_full = without_dust(amounts, 1000.0, low, high=free | {"a": 598.0, "d": 1.0})
    assert one_full == {"a": 598.0, "b": pytest.approx(401.0), "c": 0.0, "d": 1.0}
    full = without_dust(amounts, 1000.0, low, high=amounts)
    assert full == amounts


def test_straight_lines_go_to_their_bounds() -> None:
    curves = {name: Curve(STRAIGHT, size, 1.0, 0.0) for name, size in (("a", 2.0), ("b", 1.0))}
    low, high = {"a": 0.0, "b": 5.0}, {"a": 30.0, "b": 100.0}
    found = best_split(curves, 50.0, low, high=high)
    assert found.amounts == {"a": pytest.approx(30.0), "b": pytest.approx(20.0)}
    assert best_split(curves, 1000.0, low, high=high).amounts == high
    assert best_split(curves, 1.0, low, high=high).amounts == low


def test_what_one_cannot_take_goes_to_the_others_in_proportion() -> None:
    weights, low = {"a": 6.0, "b": 3.0, "c": 1.0}, dict.fromkeys("abc", 0.0)
    found = share_out(weights, 100.0, low, high={"a": 20.0, "b": 100.0, "c": 100.0})
    assert found == {"a": pytest.approx(20.0), "b": pytest.approx(60.0), "c": pytest.approx(20.0)}


# --- the search, on functions whose best split is known ---


def test_the_known_optimum_is_found_within_a_hundredth_of_its_value() -> None:
    best = best_of_hyperbolas()
    most = sum(SIZES[n] * a / (a + HALF[n]) for n, a in best.items())
    found = searched()
    assert found.best.worth == pytest.approx(most, rel=0.01)
    assert found.best.worth > found.start.worth * 1.05  # there was something to find
    assert found.best.placed == pytest.approx(TOTAL, rel=1e-6)
    slopes = [SIZES[n] * HALF[n] / (found.best.spent[n] + HALF[n]) ** 2 for n in "abc"]
    assert max(slopes) < 1.25 * min(slopes)  # about equal, from 1.00 and 0.35 at the start


def test_bounds_are_kept_and_the_rest_is_split_as_well_as_can_be() -> None:
    limits = {"a": Limits(high=200.0), "b": Limits(), "c": Limits(), "d": Limits(low=30.0)}
    found = searched(limits)
    assert found.best.spent["a"] <= 200.0 + 1e-6
    assert found.best.spent["d"] >= 30.0 - 1e-6
    assert found.best.placed == pytest.approx(TOTAL, rel=1e-6)
    roots = {n: math.sqrt(SIZES[n] * HALF[n]) for n in "bc"}
    scale = (TOTAL - 230.0 + HALF["b"] + HALF["c"]) / sum(roots.values())
    best = {"a": 200.0, "d": 30.0} | {n: roots[n] * scale - HALF[n] for n in "bc"}
    most = sum(SIZES[n] * a / (a + HALF[n]) for n, a in best.items())
    assert found.best.worth == pytest.approx(most, rel=0.01)


def test_no_more_evaluations_than_asked_for() -> None:
    least = least_evaluations(len(SIZES))
    for evaluations in (least, least + 5, 60):
        found = searched(evaluations=evaluations)
        assert found.evaluations <= evaluations
        assert len(found.rounds) >= 1


def test_money_that_only_follows_from_the_factor_is_placed_all_the_same() -> None:
    def bent(plans: Sequence[Mapping[str, float]]) -> list[Tried]:
        slower = hyperbolas([{n: f**0.8 for n, f in plan.items()} for plan in plans])
        return [one._replace(factors=dict(plan)) for one, plan in zip(slower, plans, strict=True)]

    found = search(bent, TOTAL, {name: Limits(exact=False) for name in SIZES}, evaluations=200)
    most = sum(SIZES[n] * a / (a + HALF[n]) for n, a in best_of_hyperbolas().items())
    assert found.best.placed == pytest.approx(TOTAL, rel=0.005)
    assert found.best.worth == pytest.approx(most, rel=0.01)
