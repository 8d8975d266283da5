"""What is required must be met: desks that serve so many, close, and take their time."""

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.day import run_fast
from sim.model.columns import Count, Touch
from sim.model.queue import (
    ENDLESS,
    GAVE_UP,
    SENT_HOME,
    SERVED,
    answer_day,
    minutes_waited,
    outcome_of,
    patience_minutes,
)
from sim.records.recorder import Records
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import market
from sim.vocabulary import FIXED_POINT, EventCode
from tools.paired import CERTAIN, count, score, values
from worlds.markets import market as valid

SURE = 4.0
bought = count(Count.PURCHASES)
SEEDS = range(6)
DESK = "touchpoints.desk.capacity"

# One desk, eight hours a day, half an hour each: sixteen a day.
TICKETS = valid(
    name="tickets",
    population=2000,
    agents=2000,
    days=100,
    panel=1.0,
    journey={
        "phases": {
            "home": {"kind": "latent"},
            "think": {"kind": "consider", "pace_per_day": 1.0, "bias": 100.0},
            "gate": {"kind": "purchase", "pace_per_day": 1.0, "requires": ["desk"]},
            "after": {"kind": "relate"},
        },
        "checkout": {"abandon": 0.0},
        "choice": {"waiting": -100.0},
        "behaviour": {"awareness_half_life_days": 1_000_000.0},
    },
    segments={"all": {"share": 1.0, "need": {"rate_per_year": 36.0}, "start": {"awareness": 1.0}}},
    offers={"ticket": {"price": 100.0}},
    touchpoints={
        "desk": {
            "starts": "service",
            "reach": {"gate": 1.0},
            "cost": {"per_staff_hour": 200.0},
            "capacity": {
                "servers": 1,
                "opens_hour": 9.0,
                "closes_hour": 17.0,
                "service_minutes": 30.0,
            },
        }
    },
)
QUIET = {"segments.all.need.rate_per_year": 0.5}  # nobody waits for anybody else


def tickets(**more: Any) -> Scenario:
    """With settings; a path's dots are written as two underscores."""
    return with_settings(
        TICKETS, overrides={path.replace("__", "."): value for path, value in more.items()}
    )


def run(**more: Any) -> Records:
    """The run with settings; asked for again, the same one."""
    return run_of(tickets(**more).model_dump_json())


@cache
def run_of(text: str) -> Records:
    return run_fast(Scenario.model_validate_json(text), threads=1)


def at_desk(records: Records, column: Touch) -> np.ndarray:
    """A count of each day, (D,); minutes are no fractions of them."""
    counted = records.touch[:, 0, :, column].sum(axis=1)
    return counted / FIXED_POINT if column in (Touch.WAIT, Touch.SERVICE) else counted


def served(records: Records) -> np.ndarray:
    came = at_desk(records, Touch.ENCOUNTERS)
    return came - at_desk(records, Touch.GAVE_UP) - at_desk(records, Touch.SENT_HOME)


# --- nobody gets around it ---


@pytest.mark.parametrize("patience", [None, 1.0, 60.0])
def test_nobody_buys_who_was_not_served(patience: float | None) -> None:
    """In each journey of the panel: served before it bought, and once."""
    records = run(segments__all__patience_minutes=patience and {"mean": patience})
    totals = records.counts.sum(axis=(0, 1))
    assert 0 < totals[Count.PURCHASES] <= served(records).sum()
    # sixteen a day and the last one; who cannot be served has not bought
    assert totals[Count.PURCHASES] < 1700 + SURE * math.sqrt(1700)
    events = records.events
    came = np.zeros(TICKETS.agents, dtype=int)
    for event in events:
        who, code = int(event["customer"]), event["event"]
        if code == EventCode.NEED:
            came[who] = 0
        elif code == EventCode.ENCOUNTER:
            came[who] += 1
        elif code == EventCode.PURCHASE:
            assert came[who] >= 1
    assert (served(records) >= 0).all()


def test_as_it_was_nobody_is_held_back_where_nothing_is_required() -> None:
    free = run(journey__phases__gate__requires=[])
    assert bought(free) > 5 * served(free).sum()
    assert bought(free) > 5 * bought(run())


def test_a_desk_serves_a_day_what_it_can_and_the_last_one_beyond() -> None:
    """Its work is done within the opening hours, but for what the last one takes."""
    constant = run(touchpoints__desk__capacity__service_constant=True)
    assert served(constant).max() <= 17
    assert served(constant)[10:].min() >= 15  # it is crowded: hardly ever idle
    work = at_desk(constant, Touch.SERVICE)
    assert work == pytest.approx(30.0 * served(constant))
    assert work.max() <= 480.0 + 30.0
    spread = run()
    longest = 30.0 * math.log(100 * TICKETS.agents)  # none of so many exponentials is longer
    assert at_desk(spread, Touch.SERVICE).max() <= 480.0 + longest
    error = 30.0 * 4.0  # of a day's work: sqrt(16) services
    mean = at_desk(spread, Touch.SERVICE)[10:].mean()
    assert 480.0 - 30.0 < mean < 480.0 + 30.0 + SURE * error / math.sqrt(90)


def test_at_closing_the_queue_goes_home() -> None:
    closed, open_end = run(), run(touchpoints__desk__capacity__overtime=True)
    home = at_desk(closed, Touch.SENT_HOME)
    assert home.sum() > 1000
    assert at_desk(closed, Touch.GAVE_UP).sum() == 0
    # nobody waits longer than the desk is open
    came = at_desk(closed, Touch.ENCOUNTERS)
    assert (at_desk(closed, Touch.WAIT) <= 480.0 * came).all()
    # as before: everybody who comes is served, at whatever hour
    assert at_desk(open_end, Touch.SENT_HOME).sum() == 0
    assert (served(open_end) == at_desk(open_end, Touch.ENCOUNTERS)).all()
    crowded = at_desk(open_end, Touch.WAIT).sum() / at_desk(open_end, Touch.ENCOUNTERS).sum()
    assert crowded > 480.0


def test_who_was_sent_home_tries_again() -> None:
    records = run()
    journeys = records.counts[:, :, Count.NEEDS].sum()
    assert at_desk(records, Touch.ENCOUNTERS).sum() > 3 * journeys
    assert records.counts[:, :, Count.LEFT].sum() == 0


def test_leaving_unserved_leaves_a_bad_memory() -> None:
    """Below the usual, and below the threshold of bad; who is served at once feels nothing."""
    records = run(touchpoints__desk__capacity__service_constant=True)
    bad = at_desk(records, Touch.BAD)
    assert (bad >= at_desk(records, Touch.SENT_HOME)).all()
    alone = run(**{key.replace(".", "__"): value for key, value in QUIET.items()})
    assert at_desk(alone, Touch.BAD).sum() < 0.2 * at_desk(alone, Touch.ENCOUNTERS).sum()
    assert bad.sum() > 0.8 * at_desk(records, Touch.ENCOUNTERS).sum()


# --- patience ---


def test_endless_patience_is_endless() -> None:
    for overtime in (False, True):
        records = run(touchpoints__desk__capacity__overtime=overtime)
        assert at_desk(records, Touch.GAVE_UP).sum() == 0
    assert patience_minutes(ENDLESS, 0.0) == patience_minutes(ENDLESS, 1.0 - 2.0**-53) == ENDLESS


def test_less_patience_never_sells_more() -> None:
    """Of those who leave, half give the journey up."""
    leaves = {f"{DESK}.unserved_leave": 0.5, "agents": 600, "population": 600}
    sold = []
    for patience in (1.0, 15.0, 120.0, None):
        mean = None if patience is None else {"mean": patience}
        scenario = with_settings(TICKETS, overrides={**leaves, "panel": 0.0})
        if mean:
            scenario = with_settings(scenario, overrides={"segments.all.patience_minutes": mean})
        sold.append(values(scenario, bought, SEEDS))
    for less, more in itertools.pairwise(sold):
        assert score(less - more) < CERTAIN
    assert score(sold[0] - sold[-1]) < -CERTAIN


def test_without_patience_and_a_second_try_it_is_a_loss_system() -> None:
    """Whoever does not get a turn at once is lost: Erlang B, of busy servers and a load.

    As many people as make the arrivals of a day thousands of services; needs come once.
    """
    servers, load = 3, 2.0
    agents, days = 12_000, 30
    per_day = agents * (1.0 - math.exp(-12.0 / 365.0))
    minutes = load * 1440.0 / per_day
    scenario = market(
        "loss",
        agents,
        days,
        journey={
            "phases": {
                "consider": {"pace_per_day": 1.0, "bias": 100.0},
                "purchase": {"pace_per_day": 0.0, "requires": ["desk"]},
            }
        },
        segments={
            "all": {
                "need": {"rate_per_year": 12.0},
                "start": {"awareness": 1.0},
                "patience_minutes": {"mean": 0.0},
            }
        },
        touchpoints={
            "desk": {
                "starts": "service",
                "reach": {"consider": 1.0},
                "capacity": {
                    "servers": servers,
                    "opens_hour": 0.0,
                    "closes_hour": 24.0,
                    "overtime": True,
                    "service_minutes": minutes,
                    "unserved_leave": 1.0,
                },
            }
        },
    )
    # who was served goes on to where no sale is made, and needs nothing any more; so the run is
    # short against the time between needs, and the load is that of the arrivals counted
    records = run_fast(scenario)
    came = at_desk(records, Touch.ENCOUNTERS).astype(float)
    lost = at_desk(records, Touch.GAVE_UP).astype(float)
    assert np.array_equal(lost, records.counts[:, :, Count.LEFT].sum(axis=1))
    exact = np.array([theory.erlang_b(servers, n * minutes / 1440.0) for n in came])
    shares = lost / came
    error = shares.std(ddof=1) / math.sqrt(days)
    assert abs((shares - exact).mean()) < SURE * error
    assert error < 0.02 * exact.mean() + 0.01


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    st.floats(0.0, 1440.0), st.floats(0.0, 2000.0), st.floats(0.0, 2000.0), st.floats(0.0, 1440.0)
)
def test_how_a_visit_ends(minute: float, patience: float, wait: float, left: float) -> None:
    """Served only if its turn comes within its patience and before closing; one of the three."""
    start, shuts = minute + wait, minute + left
    outcome = outcome_of(minute, patience, start, shuts)
    waited = minutes_waited(outcome, minute, patience, start, shuts)
    assert 0.0 <= waited <= max(start - minute, 0.0)
    if outcome == SERVED:
        assert start - minute <= patience or patience > shuts - minute
        assert start < shuts
    elif outcome == GAVE_UP:
        assert waited == patience < start - minute
    else:
        assert outcome == SENT_HOME
        assert start >= shuts
    # the more patience, never the less served
    if outcome == SERVED:
        assert outcome_of(minute, patience + 1.0, start, shuts) == SERVED


# --- the answer takes its time ---


@cache
def answered(minutes: float) -> Records:
    """A quiet desk at which everybody is served at once; one needs something once or twice."""
    settings_ = {
        **QUIET,
        f"{DESK}.service_minutes": 0.0,
        f"{DESK}.response_minutes": minutes,
        "touchpoints.desk.quality.mean": 0.0,
        "segments.all.start.trust": 0.5,
        "days": 200,
    }
    return run_fast(with_settings(TICKETS, overrides=settings_), threads=1)


def days_at_the_gate(records: Records) -> np.ndarray:
    """Days from being served to buying, of each purchase of the panel."""
    waits, when = [], {}
    for event in records.events:
        who, day = int(event["customer"]), int(event["day"])
        if event["event"] == EventCode.ENCOUNTER:
            when.setdefault(who, day)
        elif event["event"] == EventCode.PURCHASE:
            waits.append(day - when.pop(who))
    return np.array(waits)


@pytest.mark.parametrize(
    ("minutes", "days"), [(0.0, 0), (60.0, 0), (1439.0, 0), (1440.0, 1), (2879.0, 1), (43200.0, 30)]
)
def test_a_purchase_waits_for_the_answer(minutes: float, days: int) -> None:
    """Exactly so many days later: whoever is answered decides at once."""
    found = days_at_the_gate(answered(minutes))
    assert len(found) > 200
    assert (found == days).all()
    assert answer_day(7, minutes) == 7 + days


def small_desk(agents: int, days: int, phase: str, **capacity: Any) -> Scenario:
    """Everybody needs something at once; a desk in the phase, which the purchase may require."""
    rival = {"rival": {"strength": -50.0, "offers": {"it": {"price": 1.0}}}}
    return market(
        "small_desk",
        agents,
        days,
        panel=1.0,
        journey={
            "phases": {
                "consider": {"pace_per_day": float(phase == "purchase"), "bias": 100.0},
                "purchase": {"requires": ["desk"] if phase == "purchase" else []},
            }
        },
        segments={"all": {"need": {"rate_per_year": 1000.0}, "start": {"awareness": 1.0}}},
        competitors={} if phase == "purchase" else rival,
        touchpoints={
            "desk": {
                "starts": "service",
                "reach": {phase: 0.5 if phase == "purchase" else 1.0},
                "capacity": {"servers": 1, "service_constant": True, **capacity},
            }
        },
    )


def test_nobody_gets_around_a_small_desk() -> None:
    """Each purchase comes exactly two days after the desk was met, whose answer takes as long."""
    records = run_fast(
        small_desk(30, 30, "purchase", service_minutes=0.0, response_minutes=3000.0), threads=1
    )
    served: dict[int, int | None] = {}
    waits = []
    for event in records.events:
        who, day = int(event["customer"]), int(event["day"])
        if event["event"] == EventCode.NEED:
            served[who] = None
        elif event["event"] == EventCode.ENCOUNTER:
            assert served[who] is None  # one asks once
            served[who] = day
        elif event["event"] == EventCode.PURCHASE:
            asked = served[who]
            assert asked is not None
            waits.append(day - asked)
    assert len(waits) > 60
    assert set(waits) == {2}


def test_whoever_a_small_desk_sends_home_gives_up_or_goes_to_a_rival() -> None:
    """One is served, all others are sent home: of these .8 give up, three in four to the rival."""
    chances = {"unserved_leave": 0.8, "unserved_to_competitor": 0.75}
    records = run_fast(small_desk(500, 1, "consider", service_minutes=500.0, **chances), threads=1)
    totals = records.counts.sum(axis=(0, 1))
    home = float(at_desk(records, Touch.SENT_HOME).sum())
    assert home == at_desk(records, Touch.ENCOUNTERS).sum() - 1 > 400
    ended = float(totals[Count.LOST] + totals[Count.LEFT])
    assert ended / home == pytest.approx(0.8, abs=SURE * math.sqrt(0.8 * 0.2 / home))
    assert totals[Count.LOST] / ended == pytest.approx(
        0.75, abs=SURE * math.sqrt(0.75 * 0.25 / ended)
    )


def test_a_longer_response_never_sells_more() -> None:
    sold = [bought(answered(minutes)) for minutes in (0.0, 60.0, 1440.0, 10_080.0, 43_200.0)]
    assert sold == sorted(sold, reverse=True)
    assert sold[-1] < sold[0]


def test_one_asks_once_and_waits() -> None:
    """Nobody comes to the desk again while the answer is on its way."""
    records = answered(43_200.0)
    assert at_desk(records, Touch.ENCOUNTERS).sum() <= records.counts[:, :, Count.NEEDS].sum()


# --- one after the other ---


@cache
def in_order() -> Scenario:
    """A letter after the clerk, a visit after the letter; and a phase that asks for the visit."""
    return valid(
        name="order",
        population=800,
        agents=800,
        days=120,
        panel=1.0,
        journey={
            "phases": {
                "home": {"kind": "latent"},
                "think": {
                    "kind": "consider",
                    "pace_per_day": 0.6,
                    "requires": ["visit"],
                    "leave_per_day": 0.05,
                },
                "pay": {"kind": "purchase", "pace_per_day": 0.5},
                "own": {"kind": "relate"},
            },
            "checkout": {"abandon": 0.0},
        },
        segments={
            "all": {"share": 1.0, "need": {"rate_per_year": 12.0}, "start": {"awareness": 0.7}}
        },
        offers={"thing": {"price": 1.0}},
        touchpoints={
            "visit": {"starts": "pull", "reach": {"think": 0.6}, "requires": ["letter"]},
            "clerk": {
                "starts": "service",
                "reach": {"think": 0.5},
                "capacity": {"servers": 1, "service_minutes": 20.0, "response_minutes": 1500.0},
            },
            "letter": {"starts": "pull", "reach": {"think": 0.7}, "requires": ["clerk"]},
            "banner": {"starts": "push", "reach": {"home": 0.2, "think": 0.2}},
        },
    )


def test_the_order_of_touchpoints_is_always_kept() -> None:
    records = run_fast(in_order(), threads=1)
    names = list(in_order().touchpoints)
    needs = {name: set(touchpoint.requires) for name, touchpoint in in_order().touchpoints.items()}
    met: dict[int, set[str]] = {}
    answered_on: dict[int, int] = {}
    kept = moved = 0
    for event in records.events:
        who, day = int(event["customer"]), int(event["day"])
        if event["event"] == EventCode.NEED:
            met[who] = set()
        elif event["event"] == EventCode.ENCOUNTER and who in met:
            name = names[event["touchpoint"]]
            assert needs[name] <= met[who]
            kept += bool(needs[name])
            if name == "clerk":
                # left unserved or served: which, the panel does not say; unserved it is felt bad
                assert "clerk" not in met[who] or event["value"] < 0.0
                answered_on[who] = day + 1
            met[who].add(name)
        elif event["event"] == EventCode.MOVE and who in met and event["phase"] == 1:
            if event["to_phase"] == 2 and event["route"] != 0:
                moved += 1
                assert "visit" in met[who]
                assert answered_on[who] <= day
    assert kept > 300
    assert moved > 50


def test_each_journey_begins_anew() -> None:
    """What was met for the last purchase does not count for the next."""
    records = run_fast(in_order(), threads=1)
    events = records.events
    purchases = events["customer"][events["event"] == EventCode.PURCHASE]
    twice = np.flatnonzero(np.bincount(purchases, minlength=800) >= 2)
    assert len(twice) > 5
    names = list(in_order().touchpoints)
    for who in twice:
        mine = events[events["customer"] == who]
        since: set[str] = set()
        for event in mine:
            if event["event"] == EventCode.NEED:
                since = set()
            elif event["event"] == EventCode.ENCOUNTER:
                since.add(names[event["touchpoint"]])
            elif event["event"] == EventCode.PURCHASE:
                assert {"clerk", "letter", "visit"} <= since


def test_rivals_ask_for_nothing() -> None:
    """Who does not consider the firm is held up by none of its desks."""
    rival = with_settings(
        TICKETS,
        overrides={
            "competitors": {"rival": {"offers": {"it": {"price": 1.0}}}},
            "segments.all.start.awareness": 0.0,
            "touchpoints.desk.enabled": False,
        },
    )
    totals = run_fast(rival, threads=1).counts.sum(axis=(0, 1))
    assert totals[Count.PURCHASES] == 0
    assert totals[Count.LOST] > 0.8 * totals[Count.NEEDS]


def test_unserved_customers_go_to_a_rival_by_the_share_that_was_said() -> None:
    """All who leave give up; of these three in four buy from the rival."""
    rival = with_settings(
        TICKETS,
        overrides={
            "competitors": {"rival": {"strength": -50.0, "offers": {"it": {"price": 1.0}}}},
            f"{DESK}.unserved_leave": 1.0,
            f"{DESK}.unserved_to_competitor": 0.75,
            "segments.all.patience_minutes": {"mean": 5.0},
        },
    )
    records = run_fast(rival, threads=1)
    totals = records.counts.sum(axis=(0, 1))
    left = at_desk(records, Touch.GAVE_UP).sum() + at_desk(records, Touch.SENT_HOME).sum()
    assert totals[Count.LOST] + totals[Count.LEFT] == left > 1000
    error = math.sqrt(0.75 * 0.25 / left)
    assert totals[Count.LOST] / left == pytest.approx(0.75, abs=SURE * error)


def test_patience_is_exponential_around_its_mean() -> None:
    """Half of them bear log 2 of the mean, nine in ten log 10 of it."""
    assert patience_minutes(20.0, 0.5) == pytest.approx(20.0 * math.log(2.0))
    assert patience_minutes(20.0, 0.9) == pytest.approx(20.0 * math.log(10.0))
