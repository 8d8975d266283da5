"""The fast and the reference engine leave the same records, to the last bit."""

import importlib
import pkgutil
import random
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

import sim.engine
from sim.bundles import bundle
from sim.engine.day import FastMarket, run_fast
from sim.engine.service import serve_queues
from sim.engine.state import Cursor, Desks, new_arrivals
from sim.errors import ScenarioErrors
from sim.model.columns import Cohort, Count, Touch
from sim.model.conservation import ConservationError
from sim.records.recorder import Records, has_met
from sim.reference.customer import Customer
from sim.reference.market import Market, run_reference
from sim.reference.service import Desk, Visit
from sim.scenario.levers import levers, with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode, Outcome, Relationship, Route, Starts
from tools.differences import differences
from tools.lever_values import value_of
from worlds.markets import MARKETS, market

CROWDED = ["town", "club", "stall", "clinic", "theatre"]
CHUNK = 50  # customers: several chunks even in a toy market


@cache
def by_reference(name: str) -> Records:
    return run_reference(MARKETS[name], check=True)


@cache
def by_fast(name: str) -> Records:
    return run_fast(MARKETS[name], threads=1, check=True)


@pytest.mark.parametrize("name", MARKETS)
def test_engines_leave_the_same_records(name: str) -> None:
    assert differences(by_fast(name), by_reference(name)) == []


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("name", CROWDED)
def test_threads_and_chunks_do_not_show(name: str, threads: int) -> None:
    records = run_fast(MARKETS[name], threads=threads, check=True, chunk=CHUNK)
    assert differences(records, by_fast(name)) == []


def backwards(customers: Sequence[Customer]) -> list[Customer]:
    return list(reversed(customers))


def shuffled(customers: Sequence[Customer]) -> list[Customer]:
    """Another order at each call; the shuffle's own seed is arbitrary."""
    return shuffler.sample(list(customers), len(customers))


shuffler = random.Random(0)


@pytest.mark.parametrize("order", [backwards, shuffled])
@pytest.mark.parametrize("name", CROWDED)
def test_the_order_of_customers_does_not_show(name: str, order: Any) -> None:
    assert differences(run_reference(MARKETS[name], order=order), by_reference(name)) == []


def test_another_seed_is_another_market() -> None:
    """The comparison would not see two empty runs as different; so it must see these."""
    other = MARKETS["stall"].model_copy(update={"seed": 8})
    assert differences(run_fast(other, threads=1), by_fast("stall"))


# That the toy markets exercise everything, so that agreement says something.


def everything(field: str, axis: tuple[int, ...]) -> Any:
    """A counter, summed over days, segments and markets."""
    return sum(getattr(by_fast(name), field).sum(axis=axis) for name in CROWDED)


def test_every_counter_is_used_by_some_market() -> None:
    counts = everything("counts", (0, 1))
    assert [column.name for column in Count if counts[column] == 0] == []
    touch = everything("touch", (0, 1, 2))
    assert [column.name for column in Touch if touch[column] == 0] == []
    cohorts = everything("cohorts", (0, 1, 2))
    assert [column.name for column in Cohort if cohorts[column] == 0] == []
    routes = everything("purchases", (0, 1, 2))
    assert [route.name for route in Route if route and routes[route] == 0] == []
    assert everything("messages", (0,)).min() > 0
    assert everything("stars", (0,)).sum() > 0
    assert everything("scores", (0, 1)).sum() > 0
    assert by_fast("town").commission.sum() > 0
    assert np.count_nonzero(by_fast("town").add_ons.sum(axis=(0, 1, 2))) == 2
    assert np.count_nonzero(by_fast("town").losses.sum(axis=(0, 1))) == 3


def test_every_event_relation_and_touchpoint_occurs_in_some_market() -> None:
    seen = {int(code) for name in CROWDED for code in by_fast(name).events["event"]}
    assert seen == {int(code) for code in EventCode}
    relations = {int(r) for name in CROWDED for r in by_fast(name).customers["relationship"]}
    assert relations == {int(relationship) for relationship in Relationship}
    for name in CROWDED:
        for j, (touchpoint, what) in enumerate(MARKETS[name].touchpoints.items()):
            assert has_met(by_fast(name), j).any() == what.enabled, touchpoint


def test_a_paid_search_hits_its_budget_and_a_pushed_one_its_flight() -> None:
    records, names = by_fast("town"), list(MARKETS["town"].touchpoints)
    search = MARKETS["town"].touchpoints["search"]
    spent = np.cumsum(records.spend[:, names.index("search")])
    assert search.budget_per_day is not None
    budget = search.budget_per_day * np.arange(1, len(spent) + 1)
    assert np.all(spent <= budget * (1 + 1e-12))
    assert np.isclose(spent, budget, rtol=1e-12).any()  # there was a day on which it ran out
    display = records.spend[:, names.index("display")]
    assert np.all(display[10:15] == 0.0)
    assert np.all(display[:10] > 0.0)


def test_toy_markets_have_all_kinds_of_start() -> None:
    starts = {t.starts for scenario in MARKETS.values() for t in scenario.touchpoints.values()}
    assert starts == set(Starts)


# Random markets: any levers of a toy market, anywhere within their bounds.

FIXED = ("agents", "days", "population")


@st.composite
def random_markets(draw: st.DrawFn) -> Scenario:
    base = MARKETS[draw(st.sampled_from(CROWDED))]
    small = {"agents": 60, "days": 25, "population": draw(st.sampled_from([60, 1000]))}
    movable = [lever for lever in levers(base) if lever.path not in FIXED]
    chosen = draw(st.lists(st.sampled_from(movable), max_size=25, unique_by=lambda v: v.path))
    new = {lever.path: draw(value_of(lever)) for lever in chosen if lever.value is not None}
    try:
        return with_settings(base, overrides={**new, **small})
    except ScenarioErrors:
        assume(False)
        raise


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(random_markets())
def test_engines_agree_on_random_markets(scenario: Scenario) -> None:
    fast = run_fast(scenario, threads=1, check=True)
    assert differences(fast, run_reference(scenario, check=True)) == []


def test_kernels_are_compiled_once_whatever_the_scenario() -> None:
    for scenario in MARKETS.values():
        run_fast(scenario.model_copy(update={"days": 1}), threads=1)
    kernels = {}
    for module_info in pkgutil.iter_modules(sim.engine.__path__):
        module = importlib.import_module(f"sim.engine.{module_info.name}")
        for name, thing in vars(module).items():
            if isinstance(thing, Dispatcher) and not thing.targetoptions.get("forceinline"):
                kernels[name] = len(thing.signatures)
    assert kernels == {"run_days": 1}


# Queues.

TIMES = st.integers(0, 12)


class OneDesk(NamedTuple):
    """What a queue takes from the market's tables: one touchpoint, number 0, that serves."""

    desks: np.ndarray
    servers: np.ndarray
    response: np.ndarray
    shuts: np.ndarray


@settings(deadline=None, derandomize=True, database=None)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(TIMES, TIMES, TIMES | st.just(10**9)), min_size=1, max_size=30),
    st.sampled_from([1.0, 0.1]),
    TIMES | st.just(10**18),
)
def test_queues_agree_when_much_happens_in_the_same_minute(
    servers: int, people: list[tuple[int, int, int]], unit: float, shuts: int
) -> None:
    """Whole minutes collide, with closing too; tenths collide up to rounding."""
    people = [(min(came, shuts), *times) for came, *times in people]
    visits = [
        Visit(key, 0, 0, minute * unit, service * unit, patience * unit)
        for key, (minute, service, patience) in enumerate(people)
    ]
    Desk(servers, shuts * unit).serve(reversed(visits))
    minute, service, patience = (np.array(times) * unit for times in zip(*people, strict=True))
    many = len(people)
    came = new_arrivals(many)
    came.customer[:] = np.arange(many)
    came.minute[:], came.service[:], came.patience[:] = minute, service, patience
    whole = np.array([0, many]), np.zeros(1, dtype=np.int64), np.array([many])
    one = np.zeros(1, dtype=np.int64)
    desks = Desks(free=np.zeros((1, servers)), day=one, order=np.zeros(many, dtype=np.int64))
    desk = OneDesk(one, np.array([servers]), np.zeros(1), np.array([shuts * unit]))
    serve_queues(bundle(desk), bundle(came), bundle(Cursor(*whole)), bundle(desks))
    assert [visit.wait for visit in visits] == came.wait.tolist()
    assert [visit.outcome for visit in visits] == came.outcome.tolist()


def test_a_wait_as_long_as_the_patience_is_borne() -> None:
    people = [(1.0, 4.0, 0.0), (2.0, 1.0, 3.0), (2.0, 1.0, 3.5)]
    visits = [Visit(key, 0, 0, *times) for key, times in enumerate(people)]
    Desk(servers=1, shuts=1e18).serve(visits)
    assert [(visit.wait, visit.outcome) for visit in visits] == [
        (0.0, Outcome.SERVED),
        (3.0, Outcome.SERVED),
        (3.5, Outcome.GAVE_UP),
    ]


# What the two engines disagreed about, or both did not do.


def owners(**touchpoints: Any) -> dict[str, Any]:
    """Everybody owns something and nobody needs anything."""
    return {
        "name": "owners",
        "population": 40,
        "agents": 40,
        "days": 6,
        "panel": 1.0,
        "journey": {
            "phases": {
                "wait": {"kind": "latent"},
                "look": {"kind": "consider", "pace_per_day": 1.0, "bias": 100.0},
                "buy": {"kind": "purchase", "pace_per_day": 1.0},
                "use": {"kind": "relate", "pace_per_day": 1.0, "bias": 100.0},
                "love": {"kind": "relate", "back_after_bad": 1.0},
            },
            "checkout": {"abandon": 0.0},
        },
        "segments": {
            "all": {"share": 1.0, "need": {"rate_per_year": 0.0}, "start": {"customers": 1.0}}
        },
        "offers": {"thing": {"price": 1.0}},
        "touchpoints": touchpoints,
    }


def both(scenario: Scenario) -> list[Records]:
    return [run_fast(scenario, threads=1, check=True), run_reference(scenario, check=True)]


def test_a_bad_encounter_throws_an_owner_back_too() -> None:
    bad = {"starts": "pull", "reach": {"love": 1.0}, "quality": {"mean": -1.0}}
    for records in both(market(**owners(bad=bad))):
        there, back = records.flows[:, 0, 3, 4], records.flows[:, 0, 4, 3]
        assert there.tolist() == [40, 0, 40, 0, 40, 0]
        assert back.tolist() == [0, 40, 0, 40, 0, 40]


def test_who_bought_today_talks_as_the_stranger_of_this_morning() -> None:
    """A sign makes everybody aware for a day, and a buyer is fully satisfied at once.

    Strangers who are aware may talk. On the day of its purchase nobody is aware any more
    (a thousandth is left after ten half-lives), so nobody talks; as an owner everybody does.
    """
    fields = owners()
    fields["days"] = 20
    fields["journey"]["behaviour"] = {
        "awareness_half_life_days": 0.1,
        "performance_weight": 1.0,
        "satisfaction_speed": 1.0,
    }
    fields["journey"]["choice"] = {"waiting": -100.0}
    fields["offers"]["thing"] |= {"performance": {"mean": 1.0}, "judgement_days": 0}
    fields["segments"]["all"] |= {"need": {"rate_per_year": 100.0}, "start": {}}
    fields["touchpoints"]["sign"] = {
        "starts": "pull",
        "reach": {"look": 1.0},
        "effects": {"awareness": 1.0},
    }
    fields["talk"] = {"per_day": 1.0, "fan_per_day": 0.4, "half_life_days": None}
    for records in both(market(**fields)):
        talks = records.events[records.events["event"] == EventCode.TALK]
        first_days = records.customers["first_day"]
        assert np.count_nonzero(first_days >= 0) > 30
        for key in np.flatnonzero(first_days >= 0):
            first = int(first_days[key])
            days = talks["day"][(talks["customer"] == key) & (talks["day"] >= first)]
            assert days.tolist() == list(range(first + 1, 20))


def test_both_engines_notice_a_lost_customer() -> None:
    scenario = MARKETS["stall"]
    market_of_objects = Market(scenario, check=True)
    market_of_objects.step()
    market_of_objects.customers[0].phase = 1 - market_of_objects.customers[0].phase
    with pytest.raises(ConservationError, match="day 1"):
        market_of_objects.step()
    market_of_arrays = FastMarket(scenario, check=True)
    market_of_arrays.tick(0)
    phases = market_of_arrays.state.customers["phase"]
    phases[0] = 1 - phases[0]
    with pytest.raises(ConservationError, match="day 1"):
        market_of_arrays.tick(1)
