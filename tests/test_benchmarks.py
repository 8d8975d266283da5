"""The benchmarks compare what is the same; no test here looks at the clock."""

from collections.abc import Callable
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

import pytest

from benchmarks.before import before, taken_out
from benchmarks.common import Figure, in_turns, market
from benchmarks.peers import in_the_engine, scenario_of
from benchmarks.peers_by_hand import SMALL, Small, Sums, by_hand, whole_arrays
from benchmarks.stages import BEGIN, END, PAGE, ROWS, table, with_figures
from benchmarks.touchpoints import COUNTS, SAME, encounters, split
from sim.engine.day import run_fast
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario

SEEDS = range(1, 17)
AGENTS, DAYS = 2_000, 90
FAR = 3.0  # standard errors of a difference

Way = Callable[..., Sums]


@pytest.fixture(scope="module")
def sums() -> dict[Way, list[Sums]]:
    """What each way to write the small market comes to, for every seed."""
    return {
        way: [way(SMALL, AGENTS, DAYS, seed=seed) for seed in SEEDS]
        for way in (in_the_engine, by_hand, whole_arrays)
    }


@pytest.mark.parametrize("what", ["purchases", "encounters"])
@pytest.mark.parametrize(
    ("one", "other"),
    [(in_the_engine, by_hand), (in_the_engine, whole_arrays), (by_hand, whole_arrays)],
)
def test_the_ways_to_write_the_small_market_agree(
    sums: dict[Way, list[Sums]], what: str, one: Way, other: Way
) -> None:
    """Means over seeds, within three standard errors, which must be small to say anything."""
    a, b = ([float(getattr(each, what)) for each in sums[way]] for way in (one, other))
    error = sqrt((stdev(a) ** 2 + stdev(b) ** 2) / len(SEEDS))
    assert error < 0.04 * mean(a)
    assert abs(mean(a) - mean(b)) < FAR * error


@pytest.mark.parametrize("way", [in_the_engine, by_hand, whole_arrays])
def test_nobody_buys_who_needs_nothing(way: Way) -> None:
    assert way(Small(need=0.0), 300, 30, seed=1).purchases == 0


@pytest.mark.parametrize("way", [in_the_engine, by_hand, whole_arrays])
def test_one_seed_gives_the_same_market_again(way: Way) -> None:
    assert way(SMALL, 300, 30, seed=4) == way(SMALL, 300, 30, seed=4)


def test_the_small_market_has_six_phases_and_twelve_touchpoints() -> None:
    scenario = scenario_of(SMALL, 10, 5, seed=1)
    assert (len(scenario.journey.phases), len(scenario.touchpoints)) == (6, 12)


@pytest.mark.parametrize("count", COUNTS)
def test_more_touchpoints_bring_the_same_encounters(count: int) -> None:
    base = market(10_000, 60)
    more = split(base, count)
    assert len(more.touchpoints) == count
    met = encounters(run_fast(base, threads=1))
    assert met > 10_000  # three standard errors of such a count are three per cent, and see SAME
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


def test_a_version_that_cannot_be_had_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.before.BEFORE", "0" * 7)
    assert before(quick=True) == []
    assert "left out, that commit cannot be had here" in capsys.readouterr().out


def test_without_git_no_version_is_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert not taken_out(tmp_path)


def test_a_market_larger_than_its_people_meets_each_customer_as_often() -> None:
    def per_customer(scenario: Scenario) -> float:
        return encounters(run_fast(scenario, threads=1)) / scenario.agents

    base, more = (
        with_settings(market(agents, 5), overrides={"past_days": 0})
        for agents in (100_000, 510_000)
    )
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


def test_the_page_of_stages_has_its_marks_and_a_row_for_each() -> None:
    page = PAGE.read_text(encoding="utf-8")
    between = page.split(BEGIN)[1].split(END)[0]
    assert [row for row in ROWS.values() if row not in between] == []
    assert with_figures(page, between) == page
    rows = dict.fromkeys(ROWS, 1.0)
    assert table({10: rows, 20: rows}).count("\n") == len(ROWS) + 1


def test_a_page_without_marks_has_no_place_for_figures() -> None:
    with pytest.raises(ValueError, match="the page has not once"):
        with_figures("# Another page\n", "figures")
