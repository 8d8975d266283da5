"""Several moments on one day: phases that are lived on the day they are entered.

In closed form where the chances are constant, and the same in both engines.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.day import run_fast
from sim.errors import ScenarioErrors
from sim.model.movement import MOMENT_DAYS, day_of_moment, goes_on_today
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode
from tools.differences import differences
from worlds.markets import market

SURE = 4.0  # standard errors
PACE = {"plan": 0.5, "board": 0.8, "pay": 0.9}
MET = {"plan": 0.4, "board": 0.3, "ride": 0.7}  # chance to meet the guard in a moment there
SETTLED = {"kind": "consider", "bias": 50.0}  # readiness 1: the pace alone decides
PHASES: tuple[str, ...] = ("home", "plan", "board", "pay", "ride")


def trip(agents: int = 4000, *, same_day: bool = True, **overrides: Any) -> Scenario:
    """A ticket and a ride: nobody leaves, nobody doubts, everybody knows the railway."""
    lived = {"same_day": same_day}
    return market(
        name="trip",
        population=agents,
        agents=agents,
        days=30,
        seed=5,
        panel=1.0,
        journey={
            "phases": {
                "home": {"kind": "latent"},
                "plan": SETTLED | {"pace_per_day": PACE["plan"]},
                "board": SETTLED | {"pace_per_day": PACE["board"]} | lived,
                "pay": {"kind": "purchase", "pace_per_day": PACE["pay"]} | lived,
                "ride": {"kind": "relate", "pace_per_day": 0.0} | lived,
            },
            "checkout": {"abandon": 0.0},
            "choice": {"waiting": -100.0},
            "behaviour": {"awareness_half_life_days": 1e6, "bad_threshold": -1.0},
        },
        segments={
            "all": {"share": 1.0, "need": {"rate_per_year": 60.0}, "start": {"awareness": 1.0}}
        },
        offers={"ticket": {"price": 0.0, "judgement_days": 365}},
        touchpoints={"guard": {"starts": "pull", "reach": MET}},
        **overrides,
    )


@cache
def lived(same_day: bool) -> Records:
    return run_fast(trip(same_day=same_day), threads=1)


def events(run: Records, code: EventCode, phase: str | None = None) -> NDArray[np.int64]:
    """(n, 2): customer and day of the events of a kind, in a phase."""
    found = run.events[run.events["event"] == code]
    if phase is not None:
        found = found[found["phase"] == PHASES.index(phase)]
    return np.stack([found["customer"].astype(np.int64), found["day"].astype(np.int64)], axis=1)


def pairs(rows: NDArray[np.int64]) -> set[tuple[int, int]]:
    return {(int(who), int(day)) for who, day in rows}


def close(hits: int, of: int, chance: float) -> bool:
    """Whether so many hits are as many as a chance gives."""
    return abs(hits / of - chance) < SURE * math.sqrt(chance * (1.0 - chance) / of)


def test_a_whole_trip_on_one_day_has_the_product_of_the_paces() -> None:
    run = lived(same_day=True)
    needs = pairs(events(run, EventCode.NEED))
    bought = pairs(events(run, EventCode.PURCHASE))
    assert len(needs) > 10_000
    assert close(len(needs & bought), len(needs), math.prod(PACE.values()))


def test_without_it_a_trip_takes_a_day_for_each_phase() -> None:
    run = lived(same_day=False)
    bought = pairs(events(run, EventCode.PURCHASE))
    needs = {(who, day) for who, day in pairs(events(run, EventCode.NEED)) if day < 28}
    assert needs & bought == set()
    at_best = sum((who, day + len(PACE) - 1) in bought for who, day in needs)
    assert close(at_best, len(needs), math.prod(PACE.values()))


def test_a_later_moment_has_luck_of_its_own() -> None:
    """Who met the guard while planning meets it on board as often as who did not."""
    run = lived(same_day=True)
    needs = pairs(events(run, EventCode.NEED))
    moved = run.events[
        (run.events["event"] == EventCode.MOVE) & (run.events["to_phase"] == PHASES.index("board"))
    ]
    boarded = {(int(e["customer"]), int(e["day"])) for e in moved} & needs
    planned = pairs(events(run, EventCode.ENCOUNTER, "plan"))
    met = pairs(events(run, EventCode.ENCOUNTER, "board"))
    for group in (boarded & planned, boarded - planned):
        assert close(len(group & met), len(group), MET["board"])
    assert close(len(boarded & planned), len(boarded), MET["plan"])


def test_the_ride_is_on_the_day_of_the_ticket() -> None:
    bought = pairs(events(lived(same_day=True), EventCode.PURCHASE))
    met = pairs(events(lived(same_day=True), EventCode.ENCOUNTER, "ride"))
    assert close(len(bought & met), len(bought), MET["ride"])
    later = lived(same_day=False)
    on_the_day = pairs(events(later, EventCode.PURCHASE)) & pairs(
        events(later, EventCode.ENCOUNTER, "ride")
    )
    assert on_the_day == set()


@pytest.mark.parametrize("guard", [{}, {"tracking": "click", "click_chance": 0.5}])
def test_both_engines_live_the_same_day(guard: dict[str, Any]) -> None:
    settings = {f"touchpoints.guard.{name}": value for name, value in guard.items()}
    scenario = with_settings(trip(300), overrides=settings)
    assert differences(run_reference(scenario), run_fast(scenario, threads=1)) == []


def test_what_is_bought_or_queued_for_is_met_once_a_day() -> None:
    """A budget and a desk belong to the first moment: its lots are drawn in the morning."""
    push = {"starts": "push", "budget_per_day": 50.0, "cost": {"per_contact": 0.01}}
    touchpoints = {
        "poster": push | {"reach": {"plan": 1.0, "board": 1.0}},
        "desk": {
            "starts": "service",
            "capacity": {"servers": 50, "service_minutes": 1.0},
            "reach": {"board": 1.0},
        },
    }
    scenario = trip(500).model_copy()
    data = scenario.model_dump() | {"touchpoints": touchpoints}
    run = run_fast(Scenario.model_validate(data), threads=1)
    on_board = run.events[run.events["event"] == EventCode.ENCOUNTER]
    entered = run.events[run.events["event"] == EventCode.MOVE]
    entered = entered[entered["to_phase"] == PHASES.index("board")]
    days = {(int(e["customer"]), int(e["day"])) for e in entered}
    met = {(int(e["customer"]), int(e["day"])) for e in on_board if e["phase"] == 2}
    assert len(met) > 100
    assert met & days == set()


def test_the_log_has_room_for_a_day_of_many_moments() -> None:
    """Six phases, an encounter and a move in each, and all on the day of the need."""
    way = {f"step_{k}": SETTLED | {"pace_per_day": 1.0, "same_day": k > 0} for k in range(6)}
    data = trip(40).model_dump()
    phases = data["journey"]["phases"]
    data["journey"]["phases"] = {
        "home": phases["home"],
        **way,
        "pay": phases["pay"] | {"pace_per_day": 1.0},
        "ride": phases["ride"],
    }
    data["touchpoints"] = {"guard": {"starts": "pull", "reach": dict.fromkeys(way, 1.0)}}
    scenario = Scenario.model_validate(data)
    run = run_fast(scenario, threads=1)
    assert differences(run_reference(scenario), run) == []
    bought = pairs(events(run, EventCode.PURCHASE))
    assert bought == pairs(events(run, EventCode.NEED))
    met = run.events[run.events["event"] == EventCode.ENCOUNTER]
    assert len(met) == len(way) * len(bought)


@pytest.mark.parametrize(
    ("here", "there", "same_day", "searched", "searches", "bought", "goes_on"),
    [
        (1, 2, 1, 1, 1, False, True),  # on, on the way
        (1, 2, 0, 1, 1, False, False),  # the phase is not lived today
        (2, 1, 1, 1, 1, False, False),  # back
        (2, 2, 1, 1, 1, False, False),  # nowhere
        (3, 4, 1, 1, 0, True, True),  # bought
        (3, 4, 1, 1, 0, False, False),  # gave up, and is an owner still
        (4, 5, 1, 0, 0, False, True),  # an owner moves on
    ],
)
def test_when_a_day_goes_on(
    here: int, there: int, same_day: int, searched: int, searches: int, bought: bool, goes_on: bool
) -> None:
    assert bool(goes_on_today(here, there, same_day, searched, searches, bought)) == goes_on


def test_no_moment_shares_an_address() -> None:
    longest = Scenario.model_fields["days"], Scenario.model_fields["past_days"]
    most = sum(next(m.le for m in field.metadata if hasattr(m, "le")) for field in longest)
    assert most < MOMENT_DAYS
    assert day_of_moment(7, 0) == 7
    assert day_of_moment(most, 1) < day_of_moment(0, 2)


@pytest.mark.parametrize("phase", ["home", "plan"])
def test_it_is_refused_where_no_move_leads(phase: str) -> None:
    """In latent phases, and in the first consider phase: a need leads there."""
    with pytest.raises(ScenarioErrors, match="same_day"):
        with_settings(trip(), overrides={f"journey.phases.{phase}.same_day": True})
