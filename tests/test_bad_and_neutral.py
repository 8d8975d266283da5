"""What is bad does not sell, and what is neutral leaves everything as it was."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.day import run_fast
from sim.errors import ScenarioErrors
from sim.model.columns import Count, Touch
from sim.model.ownership import withdrawal_chance
from sim.model.perception import (
    adding_chance,
    awareness_after,
    consider_chance,
    doubt_after,
    end_after,
    engagement_after,
    peak_after,
    put_off,
    recalled_share,
    remembered,
    trust_after,
)
from sim.records.recorder import Records
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.theory.bare import LASTING, market
from sim.vocabulary import EventCode, Relationship
from tools.paired import CERTAIN, count, runs, score, values
from worlds.markets import market as valid

SURE = 4.0
bought, margin = count(Count.PURCHASES), count(Count.MARGIN)
SEEDS = range(6)

# A market in which one is asked how it was, and nothing else matters.
PLAIN = valid(
    name="plain",
    population=4000,
    agents=4000,
    days=300,
    journey={
        "phases": {
            "home": {"kind": "latent"},
            "think": {"kind": "consider", "pace_per_day": 1.0, "bias": 100.0},
            "buy": {"kind": "purchase", "pace_per_day": 1.0},
            "own": {"kind": "relate"},
        },
        "checkout": {"abandon": 0.0},
    },
    segments={"all": {"share": 1.0, "need": {"rate_per_year": 4.0}, "start": {"awareness": 1.0}}},
    offers={"thing": {"price": 100.0}},
    competitors={"rival": {"strength": 2.0, "offers": {"thing": {"price": 100.0}}}},
    touchpoints={
        "note": {
            "starts": "triggered",
            "trigger": "purchase",
            "delay_days": 3,
            "reach": {"own": 1.0},
            "quality": {"mean": 0.6},
        },
        "banner": {"enabled": False, "starts": "push", "reach": {"own": 0.5, "home": 0.5}},
        "ad": {
            "enabled": False,
            "starts": "push",
            "reach": {"think": 1.0},
            "quality": {"mean": -1.0},
            "effects": {"engagement": 1.0},
        },
    },
)
BANNER, AD = "touchpoints.banner", "touchpoints.ad"

# Coffee by post: a small firm that lives from talk.
SEARCH = {"leave_per_day": 0.05}
COFFEE = valid(
    name="coffee_club",
    population=50_000,
    agents=2000,
    days=365,
    journey={
        "needs": ["price", "taste"],
        "phases": {
            "unaware": {"kind": "latent"},
            "compare": {"kind": "consider", "pace_per_day": 0.3, "weights": {"trust": 1.0}}
            | SEARCH,
            "order": {"kind": "purchase", "pace_per_day": 0.5} | SEARCH,
            "drink": {"kind": "relate", "pace_per_day": 0.02},
            "praise": {"kind": "advocate"},
        },
        "checkout": {"abandon": 0.6, "retry": 0.5},
    },
    segments={
        "thrifty": {
            "share": 0.7,
            "need": {"rate_per_year": 6.0},
            "need_weights": {"price": {"mean": 0.8}, "taste": {"mean": 0.2}},
            "budget": {"mean": 300.0, "cv": 0.3},
            "start": {"awareness": 0.1},
            "lapse": {"per_day": 0.002},
        },
        "gourmets": {
            "share": 0.3,
            "need": {"rate_per_year": 10.0, "gamma_shape": 2.0},
            "need_weights": {"price": {"mean": 0.2}, "taste": {"mean": 0.8}},
            "budget": {"mean": 600.0, "cv": 0.3},
            "start": {"awareness": 0.2, "customers": 0.1, "satisfaction": 0.4},
            "lapse": {"per_day": 0.001},
        },
    },
    offers={
        "bag": {
            "price": 120.0,
            "unit_cost": 60.0,
            "attributes": {"price": 0.5, "taste": 0.9},
            "performance": {"mean": -1.0},  # every product fails
        }
    },
    competitors={
        "supermarket": {
            "strength": 1.0,
            "offers": {"tin": {"price": 60.0, "attributes": {"price": 0.9, "taste": 0.3}}},
        }
    },
    touchpoints={
        "billboard": {
            "starts": "push",
            "control": "paid",
            "budget_per_day": 400.0,
            "cost": {"per_contact": 0.05},
            "reach": {"unaware": 1.0, "compare": 1.0},
            "message": {"taste": 1.0},
            "effects": {"awareness": 0.02, "expectation": 0.02},
            "promise": 0.5,
        },
        "website": {
            "starts": "pull",
            "reach": {"compare": 0.4, "order": 0.6},
            "quality": {"mean": 0.3, "sd": 0.2},
            "norm": 0.1,
            "effects": {"engagement": 0.3, "trust": 0.1, "friction": -0.1},
            "click_chance": 1.0,
        },
        "friends": {
            "starts": "earned",
            "control": "earned",
            "reach": {"unaware": 1.0, "compare": 1.0},
            "quality": {"mean": 0.5, "sd": 0.2},
            "effects": {"awareness": 0.3, "trust": 0.1},
        },
    },
    talk={"per_day": 0.0},
)


def changed(scenario: Scenario, **more: Any) -> Scenario:
    """With settings; a path's dots are written as two underscores."""
    return with_settings(
        scenario, overrides={path.replace("__", "."): value for path, value in more.items()}
    )


# --- warnings ---


@pytest.mark.parametrize("per_day", [0.01, 0.05, 0.2])
def test_where_every_product_fails_more_talk_earns_less(per_day: float) -> None:
    silent = values(COFFEE, margin, SEEDS)
    talking = values(with_settings(COFFEE, overrides={"talk.per_day": per_day}), margin, SEEDS)
    told = runs(with_settings(COFFEE, overrides={"talk.per_day": per_day}), SEEDS)
    assert sum(r.counts[:, :, Count.TALKS_NEGATIVE].sum() for r in told) > 50
    assert score(talking - silent) < (CERTAIN if per_day < 0.05 else -CERTAIN)
    assert talking.mean() <= silent.mean()


@pytest.mark.parametrize("per_day", [0.05, 0.2])
def test_warnings_win_nobody_new(per_day: float) -> None:
    won = count(Count.NEW_CUSTOMERS)
    talking = with_settings(COFFEE, overrides={"talk.per_day": per_day})
    assert score(values(talking, won, SEEDS) - values(COFFEE, won, SEEDS)) < -CERTAIN


def test_that_bad_news_sells_the_unknown_is_a_parameter() -> None:
    talking = with_settings(COFFEE, overrides={"talk.per_day": 0.2})
    sells = with_settings(talking, overrides={"talk.sells_unknown": 1.0})
    won = count(Count.NEW_CUSTOMERS)
    assert score(values(sells, won, SEEDS) - values(talking, won, SEEDS)) > CERTAIN


UNIT = st.floats(0.0, 1.0)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(UNIT, UNIT, UNIT, UNIT, UNIT, UNIT)
def test_a_warning_never_raises_the_chance_to_consider(
    known: float, doubted: float, gain: float, fit: float, bad: float, deters: float
) -> None:
    doubt = doubted * known
    after = awareness_after(known, gain, fit, 1)
    now = doubt_after(doubt, known, after, put_off(deters, -bad), 0.0)
    assert consider_chance(after, now) <= consider_chance(known, doubt) + 1e-12
    assert doubt - 1e-12 <= now <= after + 1e-12
    # and the more of its news sells, the higher it may be
    half = doubt_after(doubt, known, after, put_off(deters, -bad), 0.5)
    assert consider_chance(after, half) >= consider_chance(after, now) - 1e-12


# --- an unpleasant encounter ---


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.floats(0.0, 50.0), UNIT, UNIT, st.floats(0.0, 10.0), st.floats(-1.0, 0.0), UNIT)
def test_unpleasant_encounters_only_take(
    stock: float, gain: float, fit: float, takes: float, felt: float, known: float
) -> None:
    neutral = engagement_after(stock, gain, fit, 1, 0.0, takes)
    worse = engagement_after(stock, gain, fit, 1, felt, takes)
    assert worse <= neutral
    assert worse >= 0.0
    if takes * felt <= -1.0:
        assert worse <= stock
    assert trust_after(known, gain, felt, 2.0) <= known
    assert adding_chance(known, 0.0, felt, takes) <= known


def test_a_terrible_encounter_sells_nothing() -> None:
    """With interest for its effect, and without: never more is bought than without it."""
    base = values(PLAIN, bought, SEEDS)
    for engagement in (1.0, 0.0):
        terrible = changed(
            PLAIN, touchpoints__ad__enabled=True, touchpoints__ad__effects__engagement=engagement
        )
        difference = values(terrible, bought, SEEDS) - base
        assert score(difference) < CERTAIN
        assert difference.mean() <= 0.0


def test_a_terrible_encounter_sells_no_more_than_its_awareness_alone() -> None:
    start = changed(PLAIN, segments__all__start__awareness=0.2)
    effects = {"awareness": 0.5, "engagement": 2.0, "trust": 0.5}
    quality = {f"{AD}.quality.mean": -1.0, f"{AD}.reach": {"home": 0.05, "think": 0.5}}
    bad = with_settings(
        start, overrides={**quality, f"{AD}.effects": effects, f"{AD}.enabled": True}
    )
    only = with_settings(
        bad, overrides={f"{AD}.quality.mean": 0.0, f"{AD}.effects": {"awareness": 0.5}}
    )
    known, terrible, none = (values(each, bought, SEEDS) for each in (only, bad, start))
    assert score(terrible - known) < -CERTAIN
    assert score(known - none) > CERTAIN  # awareness alone does sell


# --- a neutral one ---

OF_PEOPLE = ("flows", "counts", "purchases", "losses", "scores", "stars", "messages")


@cache
def of_plain(**more: Any) -> Records:
    return run_fast(changed(PLAIN, **more), threads=1)


@pytest.mark.parametrize("salience", [None, 0.0, 0.5, 0.99])
def test_a_neutral_encounter_without_effects_changes_nothing_at_all(salience: float | None) -> None:
    base, with_it = (
        of_plain(),
        of_plain(touchpoints__banner__enabled=True, touchpoints__banner__salience=salience),
    )
    assert with_it.touch[..., Touch.ENCOUNTERS].sum() > 2 * base.touch[..., Touch.ENCOUNTERS].sum()
    for name in OF_PEOPLE:
        assert np.array_equal(getattr(base, name), getattr(with_it, name)), name


def test_what_everybody_recalls_dilutes_the_memory() -> None:
    """At salience 1 a neutral encounter is one of those that are remembered."""
    base, with_it = (
        of_plain(),
        of_plain(touchpoints__banner__enabled=True, touchpoints__banner__salience=1.0),
    )

    def satisfaction(records: Records) -> float:
        total = records.counts.sum(axis=(0, 1))
        return float(total[Count.SATISFACTION] / total[Count.JUDGEMENTS])

    assert satisfaction(with_it) < satisfaction(base)


def test_a_neutral_encounter_off_the_usual_quality_is_none() -> None:
    """It is the distance from the usual that is felt: the same for any pair of them."""
    moved = {f"touchpoints__banner__{name}": 0.4 for name in ("quality__mean", "norm")}
    one, other = (
        of_plain(touchpoints__banner__enabled=True),
        of_plain(touchpoints__banner__enabled=True, **moved),
    )
    for name in OF_PEOPLE:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


# --- memory ---

QUALITIES = {"near": (0.2, 0.4), "far": (-0.3, 0.5), "fair": (0.0, 0.1)}
WEIGHTS = (0.5, 0.3, 0.2)


@cache
def rememberers(salience: float | None) -> Records:
    """Everybody searches on and on, and meets three touchpoints."""
    return run_fast(
        market(
            "memory",
            800,
            40,
            panel=1.0,
            journey={
                "phases": {"consider": {"pace_per_day": 0.0}},
                "behaviour": {"memory": dict(zip(("peak", "end", "mean"), WEIGHTS, strict=True))},
            },
            segments={"all": {"need": {"rate_per_year": 60.0}}},
            touchpoints={
                name: {
                    "starts": "pull",
                    "reach": {"consider": 0.3},
                    "quality": {"mean": mean, "sd": sd},
                    "salience": salience,
                }
                for name, (mean, sd) in QUALITIES.items()
            },
        )
    )


@pytest.mark.parametrize("salience", [1.0, 0.6, 0.05])
def test_the_memory_of_a_journey_is_what_the_panel_told_of_it(salience: float) -> None:
    """Worked out encounter by encounter; at salience 1 it is the plain peak, end and mean."""
    records = rememberers(salience)
    events = records.events[records.events["event"] == EventCode.ENCOUNTER]
    seen = 0
    for number, person in enumerate(records.customers):
        felt = [float(q) for q in events["value"][events["customer"] == number]]
        if salience == 1.0:
            kept = [1.0] * len(felt)
        else:
            kept = [salience * abs(q) / (1.0 - salience + salience * abs(q)) for q in felt]
        peak, end, total = 0.0, 0.0, 0.0
        for q, share in zip(felt, kept, strict=True):
            if abs(share * q) >= abs(peak):  # kept in single precision, so that ties agree
                peak = float(np.float32(share * q))
            end += share * (q - end)
            total += share * q
        if salience == 1.0 and felt:
            assert peak == max(reversed(felt), key=abs)
            assert end == felt[-1]
            mean = sum(felt) / len(felt)
        else:
            mean = total / max(1.0, sum(kept))
        stored = [float(person[name]) for name in ("peak", "end", "total", "recalled")]
        assert stored == pytest.approx([peak, end, total, sum(kept)], abs=2e-5)
        expected = WEIGHTS[0] * peak + WEIGHTS[1] * end + WEIGHTS[2] * mean
        assert remembered(*stored, *WEIGHTS) == pytest.approx(expected, abs=1e-5)
        seen += len(felt)
    assert seen > 10_000


SIGNED = st.floats(-1.0, 1.0)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(UNIT, SIGNED, SIGNED, SIGNED)
def test_memory_never_leaves_its_range_and_what_is_not_recalled_leaves_no_trace(
    salience: float, felt: float, peak: float, end: float
) -> None:
    share = recalled_share(salience, felt)
    assert 0.0 <= share <= 1.0
    assert share <= salience + 1e-12 or salience == 1.0
    assert abs(peak_after(peak, felt, share)) <= 1.0
    between = sorted((end, felt))
    assert between[0] - 1e-12 <= end_after(end, felt, share) <= between[1] + 1e-12
    if salience < 1.0:
        assert recalled_share(salience, 0.0) == 0.0
    if share == 0.0:
        assert (peak_after(peak, felt, share), end_after(end, felt, share)) == (peak, end)
    assert recalled_share(salience, -felt) == share


# --- permission ---


@pytest.mark.parametrize(("quality", "chance"), [(0.0, 0.02), (0.5, 0.02), (-1.0, 0.06)])
def test_permission_ends_after_a_geometric_number_of_contacts(
    quality: float, chance: float
) -> None:
    """(1 - q)^t are left after t contacts; an unpleasant one ends it three times as often."""
    agents, days = 20_000, 60
    records = run_fast(
        market(
            "letters",
            agents,
            days,
            segments={"all": {"start": {"permission_prospects": 1.0}}},
            touchpoints={
                "mail": {
                    "starts": "push",
                    "audience": "permitted",
                    "reach": {"latent": 1.0},
                    "quality": {"mean": quality},
                    "unsubscribe": 0.02,
                }
            },
        )
    )
    met = records.touch[:, 0, 0, Touch.ENCOUNTERS]
    for day in (1, 20, 59):
        left = (1.0 - chance) ** day
        error = math.sqrt(agents * left * (1.0 - left))
        assert met[day] == pytest.approx(agents * left, abs=SURE * error), day
    assert withdrawal_chance(0.02, quality, 2.0) == pytest.approx(chance)
    assert records.customers["permission"].sum() == pytest.approx(
        agents * (1.0 - chance) ** days, abs=SURE * math.sqrt(agents * 0.25)
    )


def test_only_who_is_written_to_by_permission_takes_it_back() -> None:
    everybody = {
        "starts": "push",
        "reach": {"latent": 1.0},
        "unsubscribe": 1.0,
        "quality": {"mean": -1.0},
    }
    records = run_fast(
        market(
            "posters",
            500,
            10,
            segments={"all": {"start": {"permission_prospects": 1.0}}},
            touchpoints={"poster": everybody},
        )
    )
    assert records.customers["permission"].all()


# --- talk, and what is forgotten ---


def owners(agents: int, days: int, **parts: Any) -> Records:
    """Everybody owns something and needs nothing."""
    segment = {"start": {"customers": 1.0, **parts.pop("start", {})}, **parts.pop("segment", {})}
    behaviour = parts.pop("behaviour", {})
    return run_fast(
        market(
            "owners",
            agents,
            days,
            journey={
                "shape": "loop",
                "phases": {"relate": {"kind": "relate", "pace_per_day": 0.0}},
                "behaviour": behaviour,
            },
            segments={"all": segment},
            **parts,
        )
    )


@pytest.mark.parametrize(("satisfaction", "factor"), [(1.0, 1.0), (-0.8, 1.2)])
@pytest.mark.parametrize("half_life", [10.0, None])
def test_talk_fades_by_its_half_life(
    satisfaction: float, factor: float, half_life: float | None
) -> None:
    """The dissatisfied talk one and a half times as often, and stop no later."""
    agents, days, per_day = 20_000, 41, 0.2
    records = owners(
        agents,
        days,
        start={"satisfaction": satisfaction},
        talk={"per_day": per_day, "half_life_days": half_life},
    )
    column = Count.TALKS_POSITIVE if satisfaction > 0 else Count.TALKS_NEGATIVE
    talks = records.counts[:, 0, column]
    for day in (0, 10, 20, 40):
        fresh = 1.0 if half_life is None else 0.5 ** (day / half_life)
        chance = per_day * factor * fresh
        error = math.sqrt(agents * chance * (1.0 - chance))
        assert talks[day] == pytest.approx(agents * chance, abs=SURE * error), day


@pytest.mark.parametrize("forgets", [0.0, 0.25, 1.0])
def test_who_stops_being_a_customer_forgets_a_share(forgets: float) -> None:
    start = {"awareness": 0.8, "engagement": 2.0, "satisfaction": 0.6, "loyalty": 0.5}
    records = owners(
        400,
        50,
        start=start,
        segment={"lapse": {"per_day": 0.05, "forgets": forgets}},
        behaviour={"awareness_half_life_days": LASTING, "engagement_half_life_days": LASTING},
    )
    gone = records.customers["relationship"] == Relationship.LAPSED
    assert 100 < gone.sum() < 400
    for stock in ("awareness", "engagement", "satisfaction"):
        found = records.customers[stock]
        assert found[gone] == pytest.approx(start[stock] * (1.0 - forgets), rel=1e-4, abs=1e-9)
        assert found[~gone] == pytest.approx(start[stock], rel=1e-4)
    assert (records.customers["loyalty"][gone] == 0.0).all()


# --- small enough to be worked out ---


def test_an_unpleasant_encounter_takes_interest_by_hand() -> None:
    """Felt as -.1, each of three adds .5 (1 - 4 x .1); felt as -.5, it takes as much as it adds."""
    assert engagement_after(2.0, 0.5, 1.0, 1, -0.1, 4.0) == pytest.approx(2.3)
    assert engagement_after(2.0, 0.5, 1.0, 1, -0.5, 4.0) == pytest.approx(1.5)
    assert adding_chance(0.8, 0.3, -0.1, 4.0) == pytest.approx(0.5 * 0.6)
    sign = {
        "starts": "pull",
        "reach": {"latent": 1.0},
        "quality": {"mean": -0.1},
        "effects": {"engagement": 0.5},
    }
    records = run_fast(
        market(
            "sour",
            3,
            3,
            journey={"behaviour": {"bad_takes": 4.0}},
            segments={"all": {"start": {"engagement": 2.0}}},
            touchpoints={"sign": sign},
        )
    )
    assert records.customers["engagement"] == pytest.approx(2.0 + 3 * 0.3, abs=1e-4)


def test_each_warning_turns_a_share_into_doubt_and_out_of_the_set() -> None:
    """Felt as -.5 and counting .6: three in ten each time, of what is known and of the set."""
    kept = 0.7
    records = run_fast(
        market(
            "warned",
            600,
            5,
            panel=1.0,
            journey={"shape": "loop", "phases": {"relate": {"kind": "relate"}}},
            segments={
                "only": {
                    "cross": {"share": 0.5, "start": {"customers": 1.0, "satisfaction": -1.0}},
                    "seekers": {
                        "share": 0.5,
                        "need": {"rate_per_year": 1000.0},
                        "start": {"awareness": 1.0},
                    },
                }
            },
            touchpoints={
                "friends": {
                    "starts": "earned",
                    "control": "earned",
                    "reach": {"consider": 1.0},
                    "quality": {"mean": 0.5},
                }
            },
            talk={
                "per_day": 1.0,
                "listeners_negative": 2,
                "fan_per_day": 0.0,
                "half_life_days": None,
                "deters": 0.6,
            },
        )
    )
    events = records.events[records.events["event"] == EventCode.ENCOUNTER]
    heard = np.bincount(events["customer"], minlength=600)
    people = records.customers
    seekers = (people["segment"] == 1) & (heard > 0)
    assert seekers.sum() > 200
    left = kept ** heard[seekers]
    assert people["doubt"][seekers] == pytest.approx(1.0 - left, abs=1e-4)
    error = math.sqrt(float((left * (1.0 - left)).sum()))
    assert people["considered"][seekers].sum() == pytest.approx(left.sum(), abs=SURE * error)


def test_what_a_warning_makes_known_is_doubt_but_for_what_sells() -> None:
    """A half of .4 known without doubt, and three quarters of the .1 that it made known."""
    assert doubt_after(0.1, 0.5, 0.6, 0.5, 0.25) == pytest.approx(0.1 + 0.2 + 0.075)


def test_doubt_counts_against_what_is_known() -> None:
    assert consider_chance(0.8, 0.3) == pytest.approx(0.5)
    assert adding_chance(0.8, 0.3, 0.2, 4.0) == pytest.approx(0.5)


@pytest.mark.parametrize(("starts", "salience"), [("push", 0.05), ("pull", 0.3)])
def test_an_advertisement_is_remembered_less_than_a_service(starts: str, salience: float) -> None:
    """By default: s |q| / (1 - s + s |q|) of a moment of quality .5."""
    sign = {"starts": starts, "reach": {"latent": 1.0}, "quality": {"mean": 0.5}}
    records = run_fast(market("remembered", 3, 1, touchpoints={"sign": sign}))
    share = salience * 0.5 / (1.0 - salience * 0.5)
    assert records.customers["recalled"] == pytest.approx(share, abs=1e-6)
    assert records.customers["peak"] == pytest.approx(share * 0.5, abs=1e-6)


@pytest.mark.parametrize(("quality", "chance"), [(0.0, 0.1), (-0.5, 0.2)])
def test_who_is_written_to_badly_takes_permission_back(quality: float, chance: float) -> None:
    """One in ten; after what is felt as -.5, twice as many."""
    agents, days = 2500, 6
    mail = {
        "starts": "push",
        "audience": "permitted",
        "reach": {"latent": 1.0},
        "quality": {"mean": quality},
        "unsubscribe": 0.1,
    }
    records = run_fast(
        market(
            "letters",
            agents,
            days,
            segments={"all": {"start": {"permission_prospects": 1.0}}},
            touchpoints={"mail": mail},
        )
    )
    left = (1.0 - chance) ** days
    error = math.sqrt(left * (1.0 - left) / agents)
    assert records.customers["permission"].mean() == pytest.approx(left, abs=SURE * error)


# --- what others say ---


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"quality.mean": -0.8}, "friends.quality.mean` is -0.8"),
        ({"quality_in": {"compare": {"mean": -0.1}}}, "quality_in.compare.mean` is -0.1"),
        ({"quality.mean": 0.3, "norm": -0.4}, "friends.norm` is -0.4"),
    ],
)
def test_a_warning_cannot_be_made_to_please(settings: dict[str, Any], said: str) -> None:
    """It is felt at -mean - norm: with either far below 0 it would sell."""
    heard = COFFEE.touchpoints["friends"]
    assert heard.carries_talk
    with pytest.raises(ScenarioErrors) as caught:
        with_settings(
            COFFEE, overrides={f"touchpoints.friends.{k}": v for k, v in settings.items()}
        )
    assert said in str(caught.value)
