"""When touchpoints meet whom: triggers, states of the day, caps, launches, copies, heavy viewers.

Each rule against what it must do to the day, worked out by hand or in closed form.
"""

from typing import Any

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.model.columns import Count, Touch
from sim.records.recorder import Records
from sim.scenario.days import most_share
from sim.scenario.drawn_days import days_of
from sim.scenario.levers import with_settings
from sim.scenario.quantiles import exposure_table
from sim.scenario.tables_by_day import tables_by_day
from sim.theory.bare import LASTING, SURE, market
from sim.vocabulary import FIXED_POINT, EventCode

LOOP = {"shape": "loop", "phases": {"relate": {"kind": "relate", "pace_per_day": 0.0}}}
ALWAYS_NEEDS = {"need": {"rate_per_year": 1000.0}, "start": {"awareness": 1.0}}


def days_met(records: Records, customer: int, touchpoint: int = 0) -> list[int]:
    """The days on which somebody of the panel met a touchpoint."""
    events = records.events
    mine = (events["customer"] == customer) & (events["event"] == EventCode.ENCOUNTER)
    return events["day"][mine & (events["touchpoint"] == touchpoint)].tolist()


def days_of_event(records: Records, customer: int, code: EventCode) -> list[int]:
    """The days on which something happened to somebody of the panel."""
    events = records.events
    return events["day"][(events["customer"] == customer) & (events["event"] == code)].tolist()


def letter(*more: str, **fields: Any) -> dict[str, Any]:
    """A triggered touchpoint that reaches everybody whom its event brings, in `more` phases too."""
    everywhere = dict.fromkeys(("latent", "consider", "purchase", *more), 1.0)
    return {"letter": {"starts": "triggered", "reach": everywhere} | fields}


# Triggers.


def test_a_period_comes_back_until_the_next_purchase() -> None:
    records = run_fast(
        market(
            "period",
            40,
            120,
            panel=1.0,
            journey=LOOP | {"phases": LOOP["phases"] | {"consider": {"pace_per_day": 1.0}}},
            segments={"all": ALWAYS_NEEDS | {"need": {"rate_per_year": 12.0}}},
            touchpoints=letter("relate", trigger="period", trigger_every_days=9),
        )
    )
    seen = 0
    for key in range(40):
        bought = days_of_event(records, key, EventCode.PURCHASE)
        expected = []
        for first, following in zip(bought, [*bought[1:], 120], strict=True):
            # on the day of the next purchase the letter comes first
            expected += list(range(first + 9, min(following, 119) + 1, 9))
        assert days_met(records, key) == expected
        seen += len(expected)
    assert seen > 100


def test_a_coming_renewal_is_told_so_many_days_before() -> None:
    records = run_fast(
        market(
            "notice",
            40,
            100,
            panel=1.0,
            journey=LOOP,
            segments={"all": {"start": {"customers": 1.0}, "renewal": {"churn": {"mean": 0.1}}}},
            offers={"offer": {"subscription_days": 20}},
            touchpoints=letter("relate", trigger="renewal", delay_days=5),
        )
    )
    for key in range(40):
        due = days_of_event(records, key, EventCode.RENEWAL)
        due += days_of_event(records, key, EventCode.LAPSE)
        met = days_met(records, key)
        assert [day for day in met if day + 5 < 100] == [day - 5 for day in sorted(due) if day >= 5]


def test_a_phase_entered_starts_what_it_triggers_unless_it_was_left() -> None:
    records = run_fast(
        market(
            "entered",
            200,
            60,
            panel=1.0,
            segments={"all": ALWAYS_NEEDS},
            journey={"phases": {"consider": {"pace_per_day": 0.4, "bias": 50.0}}},
            touchpoints=letter(trigger="phase", trigger_phase="consider", delay_days=2),
        )
    )
    events = records.events
    some = 0
    for key in range(200):
        mine = events[events["customer"] == key]
        needs = mine["day"][mine["event"] == EventCode.NEED].tolist()
        left = mine[(mine["event"] == EventCode.MOVE) & (mine["phase"] == 1)]["day"].tolist()
        # who moves on does so after the day's encounters, so on that day it is still there
        waited = [n for n, out in zip(needs, [*left, 60], strict=False) if n + 2 <= min(out, 59)]
        assert days_met(records, key) == [need + 2 for need in waited]
        some += len(waited)
    assert some > 200


def test_an_encounter_starts_what_it_triggers() -> None:
    touchpoints = letter(trigger="encounter", trigger_touchpoint="sign", delay_days=3)
    touchpoints["sign"] = {"starts": "pull", "reach": {"latent": 0.02}}
    records = run_fast(market("after", 200, 60, panel=1.0, touchpoints=touchpoints))
    for key in range(200):
        met = set(days_met(records, key, 1))
        # a second encounter within the delay starts it anew
        starts = {day for day in met if not met & {day + 1, day + 2, day + 3}}
        again = {day for day in met if day + 3 in met and not met & {day + 1, day + 2}}
        assert set(days_met(records, key)) == {d + 3 for d in starts | again if d + 3 < 60}


# States of the day.


def test_what_runs_on_rainy_days_alone_meets_nobody_on_others() -> None:
    wet = {"share": 0.4, "mean_days": 3.0, "needs": 0.0, "reach": {"sign": 0.0}}
    scenario = market(
        "rain",
        100,
        200,
        past_days=30,
        segments={"all": ALWAYS_NEEDS},
        journey={"phases": {"consider": {"leave_per_day": 1.0}}},
        touchpoints={
            "umbrella": {"starts": "pull", "reach": {"latent": 1.0}, "only_on": ["wet"]},
            "sign": {"starts": "pull", "reach": {"latent": 1.0}},
        },
        day_states={"wet": wet},
    )
    state = scenario.day_states["wet"]
    holds = np.array(days_of(state, 0, seed=scenario.seed, past=30, days=200)[30:])
    records = run_fast(scenario)
    met = records.touch[..., Touch.ENCOUNTERS].sum(axis=1)
    assert ((met[:, 0] > 0) == holds).all()
    assert ((met[:, 1] > 0) == ~holds).all()
    assert ((records.counts[:, 0, Count.NEEDS] > 0) == ~holds).all()
    assert 40 < holds.sum() < 120


def test_a_calendar_counts_from_day_0_in_the_past_too() -> None:
    state = market("pay", 1, 1, day_states={"pay": {"every_days": 7, "first_day": 2}})
    found = days_of(state.day_states["pay"], 0, seed=5, past=10, days=20)
    assert [day - 10 for day, holds in enumerate(found) if holds] == [-5, 2, 9, 16]


@pytest.mark.parametrize("mean_days", [1.0, 2.0, 10.0])
def test_the_largest_share_leaves_one_day_between_spells(mean_days: float) -> None:
    share = most_share(mean_days)
    assert 1.0 / mean_days * share / (1.0 - share) == pytest.approx(1.0)


def test_a_factor_on_waiting_is_that_of_the_penalty() -> None:
    desk = {
        "starts": "service",
        "reach": {"latent": 1.0},
        "capacity": {"servers": 1, "service_minutes": 0.5, "overtime": True},
    }
    parts: dict[str, Any] = {"touchpoints": {"desk": desk}}
    twice = {"every_days": 1, "waiting": {"desk": 2.0}}
    by_day = run_fast(market("waits", 600, 20, **parts, day_states={"twice": twice}))
    by_penalty = run_fast(
        market("waits", 600, 20, **parts, journey={"behaviour": {"wait_penalty_per_hour": 2.0}})
    )
    assert np.array_equal(by_day.touch, by_penalty.touch)
    assert by_day.touch[..., Touch.QUALITY].sum() < 0


# Contacts.


def test_who_sees_too_much_is_annoyed() -> None:
    """Every day one contact of quality .5, felt as .5 (1 - k / 4) on day k; trust follows."""
    records = run_fast(
        market(
            "too_much",
            3,
            7,
            segments={"all": {"start": {"trust": 0.5}}},
            touchpoints={
                "sign": {
                    "starts": "pull",
                    "reach": {"latent": 1.0},
                    "quality": {"mean": 0.5},
                    "annoys_after": 4.0,
                    "effects": {"trust": 0.1},
                }
            },
        )
    )
    trust = [0.5]
    for seen in range(7):
        felt = 0.5 * (1.0 - seen / 4.0)
        room = 0.1 * (1.0 - trust[-1]) if felt >= 0.0 else 0.2 * trust[-1]
        trust.append(trust[-1] + felt * room)
    assert records.customers["trust"] == pytest.approx(trust[-1], abs=1e-5)
    assert trust[-1] < max(trust)


def test_a_cap_is_kept_and_what_it_saves_is_not_spent() -> None:
    banner = {
        "starts": "push",
        "control": "paid",
        "reach": {"latent": 1.0},
        "cost": {"per_contact": 0.25},
        "budget_per_day": 1500.0,
    }
    free = run_fast(market("free", 2000, 20, touchpoints={"banner": banner}))
    capped = run_fast(
        market("capped", 2000, 20, touchpoints={"banner": banner | {"frequency_cap": 2}})
    )
    met, contacts = (capped.touch[..., c].sum() for c in (Touch.ENCOUNTERS, Touch.CONTACTS))
    assert met == free.touch[..., Touch.ENCOUNTERS].sum()
    assert met < contacts <= 2 * met
    assert capped.spend.sum() == pytest.approx(0.25 * contacts)
    assert free.spend.sum() == pytest.approx(20 * 1500.0)


def test_a_cap_is_kept_in_a_small_market() -> None:
    """Twenty contacts a head and day are bought; two are made, and paid."""
    banner = {
        "starts": "push",
        "control": "paid",
        "reach": {"latent": 1.0},
        "cost": {"per_contact": 0.25},
        "budget_per_day": 250.0,
        "frequency_cap": 2,
    }
    records = run_fast(market("small_cap", 50, 5, touchpoints={"banner": banner}))
    assert records.touch[..., Touch.CONTACTS].sum() == 2 * 50 * 5
    assert records.spend.sum() == pytest.approx(0.25 * 2 * 50 * 5)


@pytest.mark.parametrize(("salience", "recalled"), [(0.6, 3.0 / 7.0), (1.0, 1.0), (0.0, 0.0)])
def test_what_is_salient_is_what_is_remembered(salience: float, recalled: float) -> None:
    """Of an encounter at .5: .6 x .5 / (.4 + .6 x .5), and so each day."""
    sign = {
        "starts": "pull",
        "reach": {"latent": 1.0},
        "quality": {"mean": 0.5},
        "salience": salience,
    }
    people = run_fast(market("salient", 3, 4, touchpoints={"sign": sign})).customers
    assert people["recalled"] == pytest.approx(4.0 * recalled, abs=1e-6)
    assert people["total"] == pytest.approx(2.0 * recalled, abs=1e-6)


def test_a_copied_nicety_becomes_the_usual_one() -> None:
    """What is usual moves a share k of the way each night: perceived (1 - k)^day."""
    records = run_fast(
        market(
            "copied",
            5,
            50,
            touchpoints={
                "sign": {
                    "starts": "pull",
                    "reach": {"latent": 1.0},
                    "quality": {"mean": 1.0},
                    "norm_follows_per_year": 0.9,
                }
            },
        )
    )
    follows = 1.0 - 0.1 ** (1.0 / 365.0)
    felt = records.touch[:, 0, 0, Touch.QUALITY] / FIXED_POINT / 5
    assert felt == pytest.approx((1.0 - follows) ** np.arange(50), abs=1e-5)


def test_heavy_viewers_leave_fewer_reached() -> None:
    """Never met after T days: the mean over customers of exp(-rate T own factor)."""
    sign = {"starts": "pull", "reach": {"latent": 0.02}, "exposure_shape": 0.6}
    people, days = 20_000, 60
    records = run_fast(market("viewers", people, days, touchpoints={"sign": sign}))
    factors = exposure_table(0.6)
    assert factors.max() == factors[2, -1] < 6.0
    grid = (factors[0, 1:] + factors[0, :-1]) / 2.0
    expected = float(np.exp(np.log1p(-0.02) * days * grid).mean())
    alike = 0.98**days
    reached = records.touch[..., Touch.FIRST_MET].sum() / people
    error = np.sqrt(expected * (1.0 - expected) / people)
    assert abs(1.0 - reached - expected) < 4.0 * error + 1e-3
    assert expected > alike + 20.0 * error
    met = records.touch[..., Touch.ENCOUNTERS].sum() / people / days
    assert met == pytest.approx(-np.expm1(np.log1p(-0.02) * grid).mean(), rel=0.02)


def test_what_is_for_a_segment_meets_no_other_and_quality_is_that_of_the_phase() -> None:
    half = {"share": 0.5, **ALWAYS_NEEDS}
    records = run_fast(
        market(
            "for_some",
            400,
            40,
            segments={"only": {"ours": half, "others": half}},
            journey={"phases": {"consider": {"pace_per_day": 0.3, "bias": 50.0}}},
            touchpoints={
                "sign": {
                    "starts": "pull",
                    "reach": {"latent": 0.5, "consider": 0.5},
                    "segments": ["ours"],
                    "quality": {"mean": 0.5},
                    "quality_in": {"consider": {"mean": -0.25}},
                }
            },
        )
    )
    met = records.touch[..., Touch.ENCOUNTERS].sum(axis=0)
    quality = records.touch[..., Touch.QUALITY].sum(axis=0) / FIXED_POINT
    assert (met[0] > 50).all()
    assert (met[1] == 0).all()
    assert quality[0] == pytest.approx(met[0] * [0.5, -0.25], rel=1e-5)


# Offers.


def test_nothing_is_bought_before_its_launch() -> None:
    parts: dict[str, Any] = {
        "segments": {"all": ALWAYS_NEEDS},
        "journey": {"phases": {"consider": {"pace_per_day": 1.0, "bias": 50.0}}},
        "offers": {"offer": {}, "later": {"price": 0.0, "appeal": SURE, "launch_day": 30}},
    }
    for past in (0, 25):
        records = run_fast(market("launch", 300, 50, past_days=past, **parts))
        sold = records.purchases.sum(axis=(1, 3))
        assert sold[:30, 1].sum() == 0
        assert (sold[31:, 1] > 0).all()
        assert sold[31:, 0].sum() == 0


def test_add_ons_for_customers_and_by_need() -> None:
    extras = {
        "first": {"price": 1.0, "chance": 0.0, "chance_of_customers": 1.0},
        "by_need": {"price": 1.0, "chance": 0.4, "need": "fun"},
    }
    records = run_fast(
        market(
            "extras",
            4000,
            60,
            journey=LOOP
            | {
                "needs": ["fun", "price"],
                "phases": LOOP["phases"] | {"consider": {"pace_per_day": 1.0, "bias": 50.0}},
                "behaviour": {"loyalty_half_life_days": LASTING},
            },
            segments={
                "all": ALWAYS_NEEDS
                | {
                    "need": {"rate_per_year": 20.0},
                    "need_weights": {"fun": {"mean": 0.75}, "price": {"mean": 0.25}},
                }
            },
            offers={"offer": {"add_ons": extras}},
        )
    )
    bought = records.counts[..., Count.PURCHASES].sum()
    again = bought - records.counts[..., Count.NEW_CUSTOMERS].sum()
    sold = records.add_ons.sum(axis=(0, 1, 2))
    assert sold[0] == again > 500
    chance = 0.4 * 0.75 * 2
    error = np.sqrt(chance * (1.0 - chance) / bought)
    assert abs(sold[1] / bought - chance) < 4.0 * error


def test_a_rival_follows_the_price_after_its_delay() -> None:
    rival = {"follows_price": 0.5, "follows_after_days": 10, "offers": {"copy": {"price": 80.0}}}
    scenario = market(
        "followed",
        10,
        100,
        offers={"offer": {"price": 100.0}},
        competitors={"rival": rival, "other": {"offers": {"copy": {"price": 90.0}}}},
    )
    changed = with_settings(
        scenario,
        overrides={
            "changes": [
                {"day": 20, "set": ["offers.offer.price=120"]},
                {"day": 25, "set": ["offers.offer.price=90"]},
            ]
        },
    )
    found = {day: t.rival_price.round(9).tolist() for day, t in tables_by_day(changed)}
    assert found == {
        0: [80.0, 90.0],
        20: [80.0, 90.0],
        25: [80.0, 90.0],
        30: [88.0, 90.0],
        35: [76.0, 90.0],
    }
