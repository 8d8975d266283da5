"""What it means to have more or less of a touchpoint."""

from typing import Any

import pytest

from sim.engine.day import run_fast
from sim.measures.figure import Undefined
from sim.model.columns import Touch
from sim.questions import scaling as scale
from sim.questions.scaling import Scaling, is_costly, levers_without, scaled, scaling
from sim.scenario.levers import get
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
