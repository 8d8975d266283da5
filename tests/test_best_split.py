"""The best split of a budget as a measure of a study: its figures."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measures.intervals import student
from sim.questions.budget.best_split import (
    GAIN,
    KEEPING,
    SHARE,
    SLOPE,
    keys_for,
    multiplier,
    parts_of,
    shares_of_plan,
    split_figures,
    split_request,
)
from sim.questions.budget.optimise import optimise
from sim.questions.budget.plans import PURPOSE
from sim.questions.budget.request import PlanRuns, SplitRequest
from sim.questions.budget.search import (
    LOGARITHMIC,
    Curve,
    Limits,
    Round,
    Searched,
    gain,
    least_evaluations,
    search,
    told,
)
from sim.questions.levers.study import By, OptimisePart
from sim.runs.store import Store
from worlds.help_desk import PRICE, UNIT_COST
from worlds.hyperbolas import HALF, SIZES, TOTAL, searched
from worlds.two_posters import BUDGETS, DAILY, KEEPS, checkouts, margin_of, scales, two_posters

SEEDS = range(3, 11)


@pytest.mark.parametrize(
    "request_",
    [
        SplitRequest(replicates=2, frontier=False),
        SplitRequest(by=PURPOSE, evaluations=21, replicates=2, frontier=False),
        SplitRequest(total=30_000.0, bounds={"one": (0.0, 8_000.0)}, replicates=2, frontier=False),
        SplitRequest(from_day=15, goal="customer_value", replicates=2, frontier=False),
    ],
)
def test_the_shares_are_those_of_the_plan_that_optimise_finds(request_: SplitRequest) -> None:
    scenario = two_posters(agents=400, **KEEPS)
    found = split_figures(scenario, request_)
    made = optimise(scenario, request_, Store(threads=2))
    work = PlanRuns(
        scenario, request_, made.divided, store=Store(threads=2), tell=lambda runs: None
    )
    work.check_total()
    again = search(work.try_out, work.total, work.limits, evaluations=request_.evaluations)
    assert told(again) == made.searched  # what the answer keeps of it
    best, start, last = again.best, again.start, again.rounds[-1]
    whole = max(made.total, sum(best.spent.values()))
    assert {key: found[key] for key in found if key.startswith(SHARE + ".")} == {
        f"{SHARE}.{name}": amount / whole for name, amount in best.spent.items()
    }
    keeps = "retention" if request_.by == PURPOSE else "two"
    assert found[KEEPING] == found[f"{SHARE}.{keeps}"]
    assert found[GAIN] == gain(start, best, last.slope).value
    # the total is spent to the krone here: the gain is the difference of the goal itself
    assert found[GAIN] == pytest.approx(best.worth - start.worth, abs=1e-6 * start.worth)
    parts = parts_of(scenario, OptimisePart(by=By(request_.by)))
    assert set(found) == {key for keys in keys_for(parts).values() for key in keys}


def test_the_known_best_split_and_its_multiplier() -> None:
    """Lagrange: q / s exp(-b / s) = m for both posters, so b = s (ln(q / s) - ln m)."""
    off, exact = [], []
    for seed in SEEDS:
        scenario = two_posters(seed=seed, **KEEPS)
        scale, wanted = scales(scenario), checkouts(scenario)
        inside = sum(s * math.log(wanted[n] / s) for n, s in scale.items())
        log_m = (inside - DAILY) / sum(scale.values())
        best = {n: s * (math.log(wanted[n] / s) - log_m) for n, s in scale.items()}
        figures = split_figures(scenario, SplitRequest(evaluations=60))
        budgets = {n: DAILY * (figures[f"{SHARE}.{n}"] or 0.0) for n in BUDGETS}
        assert sum(budgets.values()) == pytest.approx(DAILY, rel=1e-4)
        assert margin_of(budgets, scenario) > 0.99 * margin_of(best, scenario)
        exact.append((PRICE - UNIT_COST) * math.exp(log_m) - 1.0)
        off.append((figures[SLOPE] or 0.0) - exact[-1])
    error = float(np.std(off, ddof=1)) / math.sqrt(len(off))
    assert abs(np.mean(off)) < student(len(off) - 1) * 2.0 * error  # about five standard errors
    assert student(len(off) - 1) * 2.0 * error < 0.1 * min(exact)  # a tenth more would be seen


def test_the_multiplier_of_hyperbolas() -> None:
    """A h / (a + h)^2 = m, the same for all that have money; not a family that the curves have."""
    limits = {name: Limits(high=TOTAL) for name in SIZES}
    found = searched(limits)
    slopes = [SIZES[n] * HALF[n] / (found.best.spent[n] + HALF[n]) ** 2 for n in "abc"]
    m = multiplier(found, limits, TOTAL)
    assert m is not None
    # the slopes at the plan differ by a tenth or two: the multiplier is between them
    assert 0.95 * min(slopes) < m < 1.05 * max(slopes)


def one_round(curves: Mapping[str, Curve]) -> Searched:
    """A search whose last round found these curves; all else of it says nothing."""
    nothing: Any = None
    last = Round(nothing, {}, dict(curves), {}, 0.0, 0.0, nothing)
    return Searched(nothing, nothing, {}, [last], 0)


def test_who_is_held_by_the_total_alone_could_take_the_next_krone() -> None:
    # A ln(1 + a/s): all 60 go to the first, whose slope there is 3/70; the second's first krone
    # would bring 0.1/10
    curves = {"one": Curve(LOGARITHMIC, 3.0, 10.0, 0.0), "two": Curve(LOGARITHMIC, 0.1, 10.0, 0.0)}
    free = {name: Limits(high=60.0) for name in curves}
    assert multiplier(one_round(curves), free, 60.0) == pytest.approx(3.0 / 70.0, rel=1e-9)
    # a bound of its own holds the first at 59: the second has the last krone and the next
    held = {"one": Limits(high=59.0), "two": Limits(high=60.0)}
    assert multiplier(one_round(curves), held, 60.0) == pytest.approx(0.1 / 11.0, rel=1e-9)
    # both free: a + s in proportion to A, with the sum 60
    alike = {**curves, "two": Curve(LOGARITHMIC, 1.0, 10.0, 0.0)}
    assert multiplier(one_round(alike), free, 60.0) == pytest.approx(4.0 / 80.0, rel=1e-9)
    # nobody can take it: there is none
    full = {"one": Limits(high=30.0), "two": Limits(high=30.0)}
    assert multiplier(one_round(curves), full, 60.0) is None
    assert multiplier(one_round(curves)._replace(rounds=[]), free, 60.0) is None


def test_of_new_customers_the_krone_itself_is_not_taken_off() -> None:
    scenario = two_posters(agents=400, **KEEPS)
    in_people = split_figures(scenario, SplitRequest(goal="new_customers", evaluations=21))
    in_money = split_figures(scenario, SplitRequest(evaluations=21))
    # each sale brings the margin of one purchase, whoever buys; people are at most the purchases
    assert in_money[SLOPE] is not None
    assert in_people[SLOPE] is not None
    assert 0.0 < in_people[SLOPE] <= (in_money[SLOPE] + 1.0) / (PRICE - UNIT_COST) * 1.25


@given(
    st.dictionaries(st.text(min_size=1), st.floats(0.0, 1e12), min_size=2),
    st.floats(1.0, 1e12),
)
def test_shares_add_up_to_no_more_than_all(spent: dict[str, float], total: float) -> None:
    shares = shares_of_plan(spent, total)
    placed = math.fsum(spent.values())
    assert all(0.0 <= share <= 1.0 for share in shares.values())
    assert math.fsum(shares.values()) <= 1.0 + 1e-12
    assert math.fsum(shares.values()) == pytest.approx(min(1.0, placed / total), rel=1e-9)


def test_bounds_bound_the_shares() -> None:
    asked = OptimisePart.model_validate({"bounds": {"one": {"high": 4_500.0}}, "budget": 30_000.0})
    scenario = two_posters(agents=300, **KEEPS)
    found = split_figures(scenario, split_request(scenario, asked))
    assert (found[f"{SHARE}.one"] or 0.0) <= 0.15 * 1.0001
    assert found[KEEPING] == pytest.approx(0.85, rel=1e-3)


@pytest.mark.parametrize(
    "change",
    [
        {"touchpoints.two.enabled": False},  # one part is left
        {"touchpoints.two.budget_per_day": 0.0},
        {"touchpoints.one.flight.start_day": 100, "touchpoints.two.flight.start_day": 100},
    ],
)
@pytest.mark.parametrize("total", [None, 1000.0])
def test_what_cannot_be_split_has_no_figures(change: dict[str, Any], total: float | None) -> None:
    scenario = two_posters(agents=50, **KEEPS, **change)
    found = split_figures(scenario, SplitRequest(total=total, evaluations=21))
    assert found
    assert set(found.values()) == {None}


def test_left_open_the_evaluations_are_those_of_one_round() -> None:
    scenario = two_posters(agents=50)
    request = split_request(scenario, OptimisePart())
    assert request.evaluations == least_evaluations(2)
    assert not request.frontier
    assert split_request(scenario, OptimisePart(evaluations=99)).evaluations == 99
