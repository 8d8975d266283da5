"""Marginal returns at a plan: closed forms, bounds, and Lagrange's condition at an optimum."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from sim.measures.figure import Undefined
from sim.measures.intervals import Estimate
from sim.questions.budget.optimise import (
    FIRST,
    HIGH,
    LOW,
    STEP,
    Ends,
    Marginal,
    ends_of,
    marginals,
)
from sim.questions.budget.request import PlanRuns, SplitRequest, check_request
from sim.questions.budget.search import Limits, Tried, search
from sim.runs.store import Store
from worlds.help_desk import PRICE, UNIT_COST
from worlds.two_posters import BUDGETS, DAYS, IDLE_WEST, checkouts, scales, two_posters

TOTAL = 1000.0


def plan(**spent: float) -> Tried:
    """A plan of parts that spend 100 for each factor."""
    return Tried({n: a / 100.0 for n, a in spent.items()}, spent, np.zeros(1), 0.0)


@pytest.mark.parametrize(
    ("room", "amount", "less", "more"),
    [
        (Limits(), 500.0, 4.0, 6.0),
        (Limits(high=550.0), 500.0, 4.0, 5.5),  # no further than the bound
        (Limits(most=5.2), 500.0, 4.0, 5.2),
        (Limits(high=500.0), 500.0, 4.0, 5.0),  # at the bound: only the last krone
        (Limits(most=5.0), 500.0, 4.0, 5.0),
        (Limits(low=500.0), 500.0, 5.0, 6.0),  # only the next krone
        (Limits(low=450.0), 500.0, 4.5, 6.0),
        (Limits(), 0.0, 0.0, FIRST * TOTAL / 100.0),  # the first krone
        (Limits(most=0.05), 0.0, 0.0, 0.05),
    ],
)
def test_a_fifth_to_either_side_within_the_bounds(
    room: Limits, amount: float, less: float, more: float
) -> None:
    found = ends_of(room, plan(part=amount), "part", total=TOTAL, today=100.0)
    assert isinstance(found, Ends)
    assert found == pytest.approx((less, more))


def test_who_never_spends_anything_has_no_return() -> None:
    found = ends_of(Limits(), plan(part=0.0), "part", total=TOTAL, today=0.0)
    assert isinstance(found, Undefined)
    assert str(found) == "it has no money"


def at(budgets: Mapping[str, float], bounds: Mapping[str, tuple[float, float]]) -> PlanRuns:
    """The runs of the market of two posters; and nothing searched."""
    scenario = two_posters()
    request = SplitRequest(replicates=2, frontier=False, bounds=bounds)
    return PlanRuns(
        scenario,
        request,
        check_request(scenario, request),
        store=Store(threads=2),
        tell=lambda runs: None,
    )


def exact(name: str, less: float, more: float) -> float:
    """Return between two budgets a day: the checkouts saved between them, less the money."""
    scenario = two_posters()
    scale, wanted = scales(scenario)[name], checkouts(scenario)[name]
    rise = math.exp(-less / scale) - math.exp(-more / scale)
    return (PRICE - UNIT_COST) * wanted * rise / (more - less) - 1.0


def check(found: Marginal, value: float) -> None:
    """Within four standard errors, which are small beside the differences told apart here."""
    assert isinstance(found.value, Estimate)
    half = (found.value.high - found.value.low) / 2.0
    assert abs(found.value.value - value) < 2.0 * half
    assert half < 0.1 * (1.0 + value)  # of the margin that a krone brings


def test_returns_are_those_of_the_closed_form() -> None:
    work = at(BUDGETS, {})
    found = marginals(work, work.today, (4, 5))
    for name, budget in BUDGETS.items():
        assert found[name].held == ""
        check(found[name], exact(name, (1.0 - STEP) * budget, (1.0 + STEP) * budget))


def test_returns_of_the_last_and_of_the_first_krone() -> None:
    work = at(BUDGETS, {"one": (0.0, BUDGETS["one"] * DAYS)})
    factors = {"one": 1.0, "two": 0.0}
    (best,) = work.try_out([factors])
    found = marginals(work, best, (4, 5, 6))
    assert (found["one"].held, found["two"].held) == (HIGH, LOW)
    check(found["one"], exact("one", (1.0 - STEP) * BUDGETS["one"], BUDGETS["one"]))
    first = FIRST * work.total / DAYS
    assert isinstance(found["two"].value, Estimate)
    # so little money meets few: a wide interval, but the closed form is far above the plan's
    half = (found["two"].value.high - found["two"].value.low) / 2.0
    assert abs(found["two"].value.value - exact("two", 0.0, first)) < 2.0 * half
    assert found["two"].value.low > exact("two", BUDGETS["two"], 2.0 * BUDGETS["two"])


def test_at_the_optimum_returns_are_the_same() -> None:
    """Lagrange's condition: apart from luck, and far nearer to each other than in today's plan."""
    work = at(BUDGETS, {})
    best = search(work.try_out, work.total, work.limits, evaluations=work.request.evaluations).best
    seeds = (4, 5, 6)
    gaps = {}
    for name, plan_of in (("today", work.today), ("best", best)):
        one, two = (found.value for found in marginals(work, plan_of, seeds).values())
        assert isinstance(one, Estimate)
        assert isinstance(two, Estimate)
        error = math.hypot(one.high - one.low, two.high - two.low) / 4.0
        gaps[name] = abs(one.value - two.value) / error
    assert gaps["best"] < 3.0  # standard errors, and what the search leaves
    assert gaps["today"] > 6.0


def test_what_no_simulated_customer_answers_to_is_not_told_as_certain() -> None:
    """With no needs in a segment its poster changes nothing, and no interval could be drawn."""
    scenario = two_posters(agents=400, **IDLE_WEST)
    request = SplitRequest(replicates=2, frontier=False)
    work = PlanRuns(
        scenario,
        request,
        check_request(scenario, request),
        store=Store(threads=2),
        tell=lambda runs: None,
    )
    found = marginals(work, work.today, (4, 5))
    assert isinstance(found["one"].value, Estimate)
    assert isinstance(found["two"].value, Undefined)
    assert str(found["two"].value).startswith("no simulated customer behaved differently")
