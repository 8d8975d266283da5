"""A market has a past, and what is changed from today on is changed out of it."""

import copy
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import sim.engine.day as engine
from sim.engine.day import FastMarket, Past, Pasts, run_fast
from sim.errors import ScenarioErrors
from sim.model.columns import BEFORE_START, NOT_YET, Count, Touch
from sim.questions.compare.variants import make_variants
from sim.records.recorder import DAILY, Records, end_of_day, has_met
from sim.reference.market import run_reference
from sim.runs.run import read_folder, run, scenario_hash
from sim.scenario.levers import from_today, levers, with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode
from tools.differences import differences
from tools.lever_values import value_of
from worlds.markets import MARKETS

CHANGING = MARKETS["theatre"]  # on two days of the run
THEATRE = with_settings(CHANGING, overrides={"changes": []})
PAST, DAYS = THEATRE.past_days, THEATRE.days
YEAR = 365
# Waves of needs and of a touchpoint, and a budget whose unspent money is kept for later days.
WAVES = {
    "segments.fans.need.season": {"amplitude": 0.8, "peak_day": 20},
    "segments.others.need.season": {"amplitude": 0.5, "peak_day": 300},
    "touchpoints.poster.flight.season": {"amplitude": 0.9, "peak_day": 350},
    "touchpoints.mail.flight": {"days_on": 3, "days_off": 2},  # five days divide the past
    "touchpoints.letter.control": "paid",
    "touchpoints.letter.budget_per_day": 600.0,
    "touchpoints.letter.cost.per_click": 5.0,
    "touchpoints.letter.click_chance": 0.6,
    "panel": 1.0,
}


@pytest.fixture(autouse=True)
def _no_past_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of another test lends its past."""
    monkeypatch.setattr(engine, "PASTS", Pasts())


def moved(peak_day: int, by: int) -> int:
    """The peak of a wave in a run that begins so many days earlier."""
    return (peak_day + by) % YEAR


def with_past(**more: Any) -> Scenario:
    return with_settings(CHANGING, overrides={**WAVES, **more})


def at_once(scenario: Scenario) -> Scenario:
    """The same market without a past: its run begins where the past began, and tells all."""
    by = scenario.past_days
    text: dict[str, Any] = {"past_days": 0, "days": by + scenario.days}
    text["changes"] = [{"day": change.day + by, "set": change.set} for change in scenario.changes]
    text["day_states.payday.first_day"] = scenario.day_states["payday"].first_day + by
    text["offers.balcony.launch_day"] = scenario.offers["balcony"].launch_day + by
    for name, segment in scenario.segments.items():
        text[f"segments.{name}.need.season.peak_day"] = moved(segment.need.season.peak_day, by)
    for name, touchpoint in scenario.touchpoints.items():
        place = f"touchpoints.{name}.flight.season.peak_day"
        text[place] = moved(touchpoint.flight.season.peak_day, by)
    return with_settings(scenario, overrides=text)


@cache
def both_ways(turnover: float) -> tuple[Records, Records]:
    """The run after its past, and the one long run."""
    scenario = with_past(turnover_per_year=turnover)
    return run_fast(scenario, threads=1, check=True), run_fast(at_once(scenario), threads=1)


# --- the window of a longer run ---


@pytest.mark.parametrize("turnover", [0.0, 0.6])
def test_a_run_after_a_past_is_the_window_of_one_long_run(turnover: float) -> None:
    """To the bit: counters, money, rating; `FIRST_MET` alone counts from day 0."""
    window, long = both_ways(turnover)
    for name in (*DAILY, "spend", "rating"):
        here, there = getattr(window, name), getattr(long, name)[PAST:]
        if name == "touch":
            here, there = (np.delete(part, Touch.FIRST_MET, axis=-1) for part in (here, there))
        assert here.tobytes() == np.ascontiguousarray(there).tobytes(), name
    assert np.array_equal(window.start, end_of_day(long)[PAST - 1])
    assert window.counts[:, :, Count.PURCHASES].sum() > 30


@pytest.mark.parametrize("turnover", [0.0, 0.6])
def test_the_panel_tells_the_same_of_these_days(turnover: float) -> None:
    window, long = both_ways(turnover)
    mine = window.events.copy()
    theirs = long.events[long.events["day"] >= PAST].copy()
    theirs["day"] -= PAST
    if turnover:  # people have other numbers there: they are counted from an earlier day
        for events in (mine, theirs):
            events["customer"] = 0
            events.sort(order=events.dtype.names)
    assert len(mine) > 3000
    for column in mine.dtype.names:
        assert mine[column].tobytes() == theirs[column].tobytes(), column


def test_who_a_customer_is_at_the_end_does_not_depend_on_where_the_run_began() -> None:
    window, long = both_ways(0.0)
    for column in window.customers.dtype.names:
        here, there = window.customers[column], long.customers[column]
        if column in ("revenue", "margin", "purchases", "began_as", "leave_day"):
            continue  # of the window; nobody leaves
        if column in ("first_day", "last_day"):
            then = np.where(there < PAST, BEFORE_START, there - PAST)
            assert np.array_equal(here, np.where(there == NOT_YET, NOT_YET, then)), column
        elif column == "second_day":
            continue  # the second purchase of the window
        elif column.endswith("_day") or column in ("need_began", "born"):
            if column != "stocks_day":  # stocks that nobody touched stand at day 0 there
                assert np.array_equal(here[here >= 0], there[here >= 0] - PAST), column
                assert (there[here < 0] < PAST).all(), column
        elif column not in ("awareness", "engagement", "loyalty", "habit", "doubt"):
            assert here.tobytes() == there.tobytes(), column


@pytest.mark.parametrize("turnover", [0.0, 0.6])
def test_whom_a_touchpoint_met_first_is_counted_from_day_0(turnover: float) -> None:
    window, long = both_ways(turnover)
    names = list(THEATRE.touchpoints)
    pairs = [
        names.index(name)
        for phase in THEATRE.journey.phases
        for name in names
        if THEATRE.touchpoints[name].reach.get(phase, 0.0) > 0.0
    ]
    first = window.touch[..., Touch.FIRST_MET].sum(axis=(0, 1))
    meetings = window.events[window.events["event"] == EventCode.ENCOUNTER]
    for j in range(len(names)):
        met = has_met(window, j)
        assert first[np.array(pairs) == j].sum() == met.sum()
        told = np.unique(meetings["customer"][meetings["touchpoint"] == j])
        assert np.array_equal(told, np.flatnonzero(met))
    assert first.sum() > long.touch[PAST:, ..., Touch.FIRST_MET].sum()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_and_chunks_do_not_show_in_a_past_or_in_turnover(threads: int) -> None:
    """Newcomers' numbers too."""
    one = run_fast(with_past(), threads=1)
    engine.PASTS = Pasts()  # put back by the fixture
    several = run_fast(with_past(), threads=threads, check=True, chunk=50)
    assert differences(several, one) == []


# --- from today on ---

FROM_TODAY: dict[str, dict[str, Any]] = {
    "a price": {"offers.ticket.price": 25.0},
    "a budget of traits": {"segments.fans.patience_minutes.mean": 5.0},
    "what dulls": {"touchpoints.umbrella.habituation": 0.5, "touchpoints.letter.habituation": 0.5},
    "more servers": {"touchpoints.clerk.capacity.servers": 5},
    "fewer servers": {"touchpoints.clerk.capacity.servers": 1},
    "overtime": {
        "touchpoints.clerk.capacity.overtime": True,
        "touchpoints.clerk.capacity.service_minutes": 90.0,
    },
    "a new place to meet": {"touchpoints.mail.reach": {"home": 0.2, "pay": 0.3}},
    "a network": {"talk.mixing": "network"},
    "another requirement": {"touchpoints.stars.requires": ["poster"]},
    "no requirement": {
        "journey.phases.try.requires": [],
        "journey.phases.pay.requires": [],
        "touchpoints.letter.requires": [],
    },
    "an add-on": {"offers.ticket.add_ons": {"drink": {"price": 3.0, "chance": 0.5}}},
    "a shorter memory": {"journey.behaviour.awareness_half_life_days": 10.0},
    "a need more": {"journey.needs": ["fun", "price", "ease"]},
    "a touchpoint less": {"touchpoints.letter.enabled": False},
    "all of them seen": {"panel": 1.0},
    "an earlier letter": {"touchpoints.letter.delay_days": 2},
    "a timeline": {"changes": [{"day": 12, "set": ["offers.ticket.price=20"]}]},
}
# Where the base lets the past go another way: without a requirement, with what dulls, a network.
BASES = {
    "theatre": {},
    "unordered": FROM_TODAY["no requirement"],
    "dulling": FROM_TODAY["what dulls"],
    "network": FROM_TODAY["a network"],
    "triggered": {
        "touchpoints.letter.starts": "triggered",
        "touchpoints.letter.trigger": "purchase",
        "touchpoints.letter.reach": {"home": 1.0, "come": 1.0, "rave": 1.0},
        "touchpoints.letter.delay_days": 9,
        "touchpoints.letter.requires": [],
        "journey.phases.pay.requires": [],
    },
}
SMALL = {"agents": 80, "population": 800, "days": 24, "past_days": 30}


@cache
def base_market(name: str) -> Scenario:
    return with_settings(THEATRE, overrides={**SMALL, **BASES[name]})


CASES = [("theatre", change) for change in FROM_TODAY if change != "an earlier letter"]
CASES += [("unordered", "another requirement"), ("dulling", "a network")]
CASES += [("dulling", "a price"), ("network", "a price"), ("triggered", "an earlier letter")]


@pytest.mark.parametrize(("base", "change"), CASES)
def test_the_engines_agree_on_what_is_changed_from_today_on(base: str, change: str) -> None:
    scenario = base_market(base)
    variant = from_today(scenario, overrides=FROM_TODAY[change])
    assert (variant.before == scenario) == (change != "all of them seen")
    fast = run_fast(variant, threads=1, check=True)
    assert differences(fast, run_reference(variant, check=True)) == []
    as_it_was = run_fast(scenario, threads=1)
    if change not in ("all of them seen", "a need more"):
        assert not np.array_equal(fast.counts, as_it_was.counts)
    assert np.array_equal(fast.start, as_it_was.start)  # everybody stood there on day 0


def test_what_is_required_later_may_be_met_before() -> None:
    """Without a past too: a requirement of the timeline counts what journeys under way had met."""
    later = {
        **BASES["unordered"],
        "past_days": 0,
        "changes": [{"day": 12, "set": ["journey.phases.pay.requires=[letter]"]}],
    }
    scenario = with_settings(base_market("theatre"), overrides=later)
    assert differences(run_fast(scenario, threads=1), run_reference(scenario)) == []


def test_a_network_of_today_from_none_and_back() -> None:
    back = from_today(base_market("network"), overrides={"talk.mixing": "random"})
    assert differences(run_fast(back, threads=1), run_reference(back)) == []


@st.composite
def changed_today(draw: st.DrawFn) -> Scenario:
    """Any levers of the theatre, changed from today on, out of any past of it."""
    small = {"agents": 60, "days": 15, "past_days": 20, "population": 600}

    def some(scenario: Scenario) -> dict[str, Any]:
        movable = [
            lever
            for lever in levers(scenario)
            if lever.path not in (*small, "seed", "turnover_per_year", "variants")
        ]
        chosen = draw(st.lists(st.sampled_from(movable), max_size=8, unique_by=lambda v: v.path))
        return {lever.path: draw(value_of(lever)) for lever in chosen if lever.value is not None}

    try:
        base = with_settings(THEATRE, overrides={**some(THEATRE), **small})
        return from_today(base, overrides=some(base))
    except ScenarioErrors:
        assume(False)
        raise


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(changed_today())
def test_the_engines_agree_whatever_is_changed_from_today_on(scenario: Scenario) -> None:
    fast = run_fast(scenario, threads=1, check=True)
    assert differences(fast, run_reference(scenario, check=True)) == []


def test_what_is_changed_to_nothing_is_the_base() -> None:
    same = from_today(THEATRE, overrides={"offers.ticket.price": 30.0})
    assert differences(run_fast(same, threads=1), run_fast(THEATRE, threads=1)) == []


def test_a_change_of_today_is_another_market_than_one_of_always() -> None:
    change = {"touchpoints.poster.effects.awareness": 0.9}
    today, always = from_today(THEATRE, overrides=change), with_settings(THEATRE, overrides=change)
    assert today.model_dump() == always.model_dump()
    assert today != always
    assert len({scenario_hash(each) for each in (THEATRE, today, always)}) == 3
    runs = [run_fast(each, threads=1) for each in (THEATRE, today, always)]
    assert np.array_equal(runs[0].start, runs[1].start)
    assert not np.array_equal(runs[0].start, runs[2].start)
    assert not np.array_equal(runs[1].counts, runs[2].counts)


def test_a_market_may_say_that_its_variants_always_were_so() -> None:
    base = with_settings(THEATRE, overrides={"variants": "always"})
    change = {"offers.ticket.price": 25.0}
    variant, long_so = from_today(base, overrides=change), with_settings(base, overrides=change)
    assert variant.before is variant
    assert scenario_hash(variant) == scenario_hash(long_so)
    assert differences(run_fast(variant, threads=1), run_fast(long_so, threads=1)) == []


def test_without_a_past_today_is_always() -> None:
    bare = with_settings(THEATRE, overrides={"past_days": 0})
    variant = from_today(bare, overrides={"offers.ticket.price": 25.0})
    assert variant.before is variant


def test_another_seed_is_another_past_too() -> None:
    change = {"offers.ticket.price": 25.0}
    variant = from_today(THEATRE, overrides=change)
    other = with_settings(variant, overrides={"seed": 5})
    assert (other.seed, other.before.seed) == (5, 5)
    assert other.before.offers["ticket"].price == 30.0
    meant = from_today(with_settings(THEATRE, overrides={"seed": 5}), overrides=change)
    assert scenario_hash(other) == scenario_hash(meant) != scenario_hash(variant)
    fast = run_fast(other, threads=1)
    assert differences(fast, run_fast(meant, threads=1)) == []
    assert differences(fast, run_reference(other)) == []
    assert not np.array_equal(fast.start, run_fast(variant, threads=1).start)


def test_what_makes_a_run_holds_for_the_past_too() -> None:
    made = {"agents": 70, "population": 700, "days": 20, "panel": 1.0, "past_days": 30}
    base = with_settings(THEATRE, overrides={"offers.balcony.launch_day": 0})
    variant = from_today(base, overrides={**made, "offers.ticket.price": 25.0})
    for name, value in made.items():
        assert getattr(variant, name) == getattr(variant.before, name) == value
    assert variant.before.offers["ticket"].price == 30.0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("touchpoints", {}),
        ("offers", {"other": {"price": 1.0}}),
        ("segments", {"all": {"share": 1.0}}),
    ],
)
def test_people_find_again_what_they_come_out_of_the_past_with(path: str, value: Any) -> None:
    base = with_settings(MARKETS["stall"], overrides={"past_days": 10})
    with pytest.raises(ScenarioErrors, match="from day 0 on it must be"):
        from_today(base, overrides={path: value})
    assert with_settings(base, overrides={path: value})  # as if it had always been so: why not


# --- how often it is lived ---


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pasts that were lived through, by the hash of their market."""
    told: list[str] = []
    live_past = FastMarket.live_past

    def counted(self: FastMarket, *arguments: Any) -> Past:
        told.append(scenario_hash(self.scenario))
        return live_past(self, *arguments)

    monkeypatch.setattr(FastMarket, "live_past", counted)
    return told


def test_a_past_is_lived_once_for_a_base_and_a_seed(lived: list[str]) -> None:
    given_variants = ["dear:offers.ticket.price=40", "quiet:talk.per_day=0"]
    variants = make_variants([THEATRE], [], given_variants)
    assert len(variants) == 3
    for seed in (1, 2):
        for variant in variants:
            run_fast(with_settings(variant.scenario, overrides={"seed": seed}), threads=1)
    bases = [with_settings(THEATRE, overrides={"seed": seed}) for seed in (1, 2)]
    assert lived == [scenario_hash(base) for base in bases]


def test_a_past_is_lived_for_each_market_that_always_was_another(lived: list[str]) -> None:
    for price in (30.0, 40.0, 30.0):
        run_fast(with_settings(THEATRE, overrides={"offers.ticket.price": price}), threads=1)
    assert len(lived) == 2


def test_without_a_past_none_is_lived(lived: list[str]) -> None:
    run_fast(with_settings(THEATRE, overrides={"past_days": 0}), threads=1)
    assert lived == []


def test_a_run_leaves_the_past_as_it_was(lived: list[str]) -> None:
    """The second run out of it is the same as the first."""
    one, two = (run_fast(THEATRE, threads=1) for _ in range(2))
    assert differences(one, two) == []
    assert len(lived) == 1


def test_pasts_beyond_the_memory_for_them_are_lived_again(
    lived: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PASTS", Pasts(most_bytes=1))
    other = with_settings(THEATRE, overrides={"seed": 3})
    first = run_fast(THEATRE, threads=1)
    run_fast(other, threads=1)
    again = run_fast(THEATRE, threads=1)
    assert differences(first, again) == []
    assert len(lived) == 3


# --- what travels ---


@pytest.mark.parametrize("way", [lambda s: pickle.loads(pickle.dumps(s)), copy.deepcopy])
def test_a_variant_takes_its_past_along(way: Any) -> None:
    """To the worker that runs it."""
    variant = from_today(THEATRE, overrides={"offers.ticket.price": 25.0})
    assert scenario_hash(way(variant)) == scenario_hash(variant)
    assert way(THEATRE).before == THEATRE


def test_a_market_with_a_past_survives_its_folder(tmp_path: Path) -> None:
    """People who left and newcomers among the rows; the second run of its file is the same."""
    from sim.pages.folder import write_folder

    made = run(THEATRE)
    write_folder(made, tmp_path / "theatre")
    back = read_folder(tmp_path / "theatre")
    assert back.summary == made.summary
    assert len(back.records.customers) == len(made.records.customers) > THEATRE.agents
    for column in ("number", "born", "leave_day", "first_day", "began_as", "purchases"):
        assert np.array_equal(back.records.customers[column], made.records.customers[column])
    assert differences(run_fast(back.scenario, threads=1), made.records) == []
