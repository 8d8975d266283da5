"""What it means to have more or less of a touchpoint."""

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.engine.day import run_fast
from sim.measures.figure import Undefined
from sim.model.columns import Touch
from sim.questions import scaling as scale
from sim.questions.scaling import (
    TINY,
    Scaling,
    divisible,
    is_costly,
    is_paid_search,
    levers_without,
    most_factor,
    scaled,
    scaling,
    share_out,
)
from sim.scenario.levers import get, with_settings
from worlds.help_desk import HELP, helped
from worlds.markets import MARKETS

TOWN = MARKETS["town"]


def levers_of(name: str, factor: float) -> dict[str, Any]:
    found = scaling(TOWN, name, factor)
    assert isinstance(found, Scaling)
    return dict(found.levers)


def test_a_budget_is_scaled_and_nothing_else() -> None:
    assert levers_of("display", 1.5) == {"touchpoints.display.budget_per_day": 600.0}
    assert levers_of("search", 0.0) == {"touchpoints.search.budget_per_day": 0.0}
    found = scaling(TOWN, "display", 1.5)
    assert isinstance(found, Scaling)
    assert not found.assumed
    assert not found.clipped


def test_reach_is_scaled_with_its_fixed_cost_and_stops_at_one() -> None:
    found = scaling(TOWN, "newsletter", 1.5)
    assert isinstance(found, Scaling)
    reach = {
        f"touchpoints.newsletter.reach.{phase}": 0.05 * 1.5
        for phase in TOWN.touchpoints["newsletter"].reach
    }
    assert found.levers == {**reach, "touchpoints.newsletter.cost.per_day": 15.0}
    assert found.assumed  # that a fixed cost buys reach in proportion
    assert not found.clipped
    guide = scaling(TOWN, "guide", 2.0)  # from 0.9 and 0.5
    assert isinstance(guide, Scaling)
    assert guide.clipped
    assert not guide.assumed
    assert set(guide.levers.values()) == {1.0}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("talk", scale.EARNED),
        ("station", scale.UNCONTROLLED),
        ("phone", scale.SERVICE),
        ("closed", scale.OFF),
    ],
)
def test_what_cannot_be_scaled_says_why(name: str, why: str) -> None:
    assert scaling(TOWN, name, 1.1) == Undefined(why)


def test_no_room_and_nothing_to_scale() -> None:
    full = helped(help={**HELP, "reach": {"purchase": 1.0}})
    assert scaling(full, "help", 1.1) == Undefined(scale.ALL_REACHED)
    assert isinstance(scaling(full, "help", 0.5), Scaling)
    none = helped(help={**HELP, "reach": {"purchase": 0.0}})
    assert scaling(none, "help", 1.1) == Undefined(scale.NO_REACH)
    paid = {"starts": "push", "control": "paid", "cost": {"per_contact": 1.0}, "budget_per_day": 0}
    assert scaling(helped(help=paid), "help", 2.0) == Undefined(scale.NO_BUDGET)


def test_a_scaled_scenario_is_valid_and_spends_in_proportion() -> None:
    market = helped(agents=200, days=10)
    found = scaling(market, "help", 1.25)
    assert isinstance(found, Scaling)
    more = scaled(market, [found])
    assert get(more, "touchpoints.help.reach.purchase") == 0.5
    before, after = run_fast(market).spend.sum(), run_fast(more).spend.sum()
    assert before == 10 * 30.0
    assert after == 10 * 37.5


def test_without_means_never_met_and_free() -> None:
    market = helped(agents=500, days=10)
    assert levers_without(["help"]) == {"touchpoints.help.enabled": False}
    off = scaled(market, [Scaling(levers_without(["help"]), False, False)])
    records = run_fast(off)
    assert records.spend.sum() == 0.0
    met = run_fast(market).touch[..., Touch.ENCOUNTERS].sum()
    assert 0 < records.touch[..., Touch.ENCOUNTERS].sum() < met  # the poster is still there


def test_what_costs_something() -> None:
    costly = {name for name in TOWN.touchpoints if is_costly(TOWN, name)}
    assert costly == {"display", "search", "newsletter", "retarget", "phone"}


# --- what can be split, and how ---


def test_what_can_be_split_costs_can_be_scaled_and_runs() -> None:
    taking, left_out = divisible(TOWN)
    assert taking == ["display", "search", "retarget"]
    assert left_out["newsletter"] == scale.FIXED
    assert left_out["guide"] == scale.FREE
    assert left_out["phone"] == scale.SERVICE
    assert "newsletter" in divisible(TOWN, ["newsletter"])[0]
    late = with_settings(TOWN, overrides={"touchpoints.display.flight.start_day": TOWN.days})
    assert divisible(late)[1]["display"] == scale.IDLE


def test_a_budget_has_no_upper_end_and_a_reach_has() -> None:
    assert most_factor(TOWN, "display") == math.inf
    assert most_factor(TOWN, "newsletter") == pytest.approx(20.0)
    assert is_paid_search(TOWN, "search")
    assert not is_paid_search(TOWN, "display")


def test_todays_split_of_todays_total_comes_back_to_the_bit() -> None:
    weights = {"a": 0.1, "b": 0.2, "c": 0.7000000000000001}
    none, most = dict.fromkeys(weights, 0.0), dict.fromkeys(weights, math.inf)
    assert share_out(weights, math.fsum(weights.values()), none, high=most) == weights


AMOUNTS = st.floats(0.0, 100.0)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=5), st.floats(0, 1))
@example([(2.225073858507e-311, 1.0, 1.0)], 0.0)
@example([(2.225073858507e-311, 1.0, 1.0), (1.0, 0.0, 5.0)], 0.5)
@example([(1.0, 0.0, 1.0), (1.1e-190, 0.0, 1.0)], 0.25)
def test_a_total_is_shared_within_bounds_by_one_factor(
    parts: list[tuple[float, float, float]], share: float
) -> None:
    weights = {str(place): weight for place, (weight, _, _) in enumerate(parts)}
    low = {str(place): one for place, (_, one, _) in enumerate(parts)}
    high = {str(place): one + more for place, (_, one, more) in enumerate(parts)}
    least = math.fsum(low.values())
    most = math.fsum(high[name] if weights[name] > 0.0 else low[name] for name in weights)
    total = least + share * (most - least)
    found = share_out(weights, total, low, high=high)
    assert math.fsum(found.values()) == pytest.approx(total)
    least_weight = TINY * max(weights.values())
    factors = {n: found[n] / max(w, least_weight) for n, w in weights.items() if w > 0.0}
    for name in factors:
        assert low[name] - 1e-9 <= found[name] <= high[name] * (1.0 + 1e-12) + 1e-9
        if low[name] < found[name] * (1.0 - 1e-9) and found[name] < high[name] * (1.0 - 1e-9):
            others = [n for n in factors if found[n] < high[n] * (1.0 - 1e-9)]
            assert all(factors[n] >= factors[name] * (1.0 - 1e-6) for n in others)


def test_more_than_all_can_take_stays_unplaced_and_lower_bounds_hold() -> None:
    weights, none = {"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 0.0}
    assert share_out(weights, 9.0, none, high={"a": 4.0, "b": 4.0}) == {"a": 4.0, "b": 0.0}
    low = {"a": 2.0, "b": 3.0}
    assert share_out(weights, 1.0, low, high={"a": 4.0, "b": 4.0}) == low
