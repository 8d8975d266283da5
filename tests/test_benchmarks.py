"""The benchmarks compare what is the same; no test here looks at the clock."""

import pytest

from benchmarks.common import Figure, in_turns, market
from benchmarks.touchpoints import COUNTS, SAME, encounters, split
from sim.engine.day import run_fast
from sim.scenario.schema import Scenario


@pytest.mark.parametrize("count", COUNTS)
def test_more_touchpoints_bring_the_same_encounters(count: int) -> None:
    base = market(10_000, 60)
    more = split(base, count)
    assert len(more.touchpoints) == count
    met = encounters(run_fast(base, threads=1))
    assert met > 10_000  # three standard errors of such a count are three per cent
    assert abs(encounters(run_fast(more, threads=1)) / met - 1.0) < SAME


@pytest.mark.parametrize("count", COUNTS)
def test_copies_of_a_touchpoint_share_its_budget_and_its_daily_cost(count: int) -> None:
    def paid(scenario: Scenario) -> tuple[float, float]:
        all_of_them = scenario.touchpoints.values()
        return (
            sum(each.budget_per_day or 0.0 for each in all_of_them),
            sum(each.cost.per_day for each in all_of_them),
        )

    base = market(100, 5)
    assert paid(split(base, count)) == pytest.approx(paid(base))


def test_a_market_larger_than_its_people_meets_each_customer_as_often() -> None:
    def per_customer(scenario: Scenario) -> float:
        return encounters(run_fast(scenario, threads=1)) / scenario.agents

    base, more = market(100_000, 5), market(510_000, 5)
    assert more.population == 2 * base.population
    assert per_customer(more) == pytest.approx(per_customer(base), rel=SAME)


def test_measurements_in_turns_take_turns() -> None:
    order: list[str] = []

    def note(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turns([lambda: note("a"), lambda: note("b")], 2)
    assert order == ["a", "b", "a", "b"]
    assert found == [[1.0, 3.0], [2.0, 4.0]]


def test_a_line_says_whether_the_goal_was_reached() -> None:
    assert Figure("cost", 1.0, "ratio", 2.0).line().endswith("goal <= 2: reached")
    assert Figure("gain", 1.0, "ratio", 2.0, at_most=False).line().endswith("goal >= 2: MISSED")
    assert "goal" not in Figure("cost", 1.0, "ratio").line()
