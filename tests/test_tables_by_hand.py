"""What the engines read of a scenario's fields, worked out by hand.

Both engines read the same tables, so a field that is read wrongly is wrong in both alike.
"""

import math
from typing import Any

import numpy as np
import pytest

from sim.model.columns import Tables
from sim.scenario.arrays import NEVER_SHUTS, make_tables
from sim.scenario.levers import with_settings
from sim.scenario.tables_by_day import tables_by_day
from sim.theory.bare import market
from sim.vocabulary import NEVER

about = pytest.approx
PAST, DAYS = 20, 60
CAPACITY = {
    "servers": 2,
    "opens_hour": 9.0,
    "closes_hour": 17.0,
    "service_minutes": 12.0,
    "response_minutes": 3000.0,
    "comfort": 0.25,
    "unserved_leave": 0.5,
    "unserved_to_competitor": 0.75,
}
EVERYWHERE = {"latent": 0.1, "consider": 0.2}


def touchpoints() -> dict[str, Any]:
    """One of each kind of field."""
    later = {"starts": "triggered", "reach": EVERYWHERE}
    return {
        "desk": {"starts": "service", "reach": EVERYWHERE, "capacity": CAPACITY},
        "open_end": {
            "starts": "service",
            "reach": EVERYWHERE,
            "capacity": CAPACITY | {"overtime": True},
        },
        "sign": {
            "starts": "pull",
            "reach": EVERYWHERE,
            "segments": ["ours"],
            "quality": {"mean": 0.5, "sd": 0.1},
            "quality_in": {"consider": {"mean": -0.25}},
            "effects": {"awareness": 0.4},
            "effects_in": {"consider": {"awareness": 0.6}},
            "accompanied": True,
            "norm_follows_per_year": 0.9,
            "requires": ["desk"],
            "only_on": ["wet"],
        },
        "mail": {
            "starts": "push",
            "audience": "permitted",
            "reach": EVERYWHERE,
            "unsubscribe": 0.02,
            "personalised": True,
            "habituation": 3.0,
            "annoys_after": 8.0,
        },
        "poster": {
            "starts": "push",
            "control": "paid",
            "reach": EVERYWHERE,
            "cost": {"per_contact": 0.5},
            "budget_per_day": 10.0,
            "frequency_cap": 2,
            "exposure_shape": 0.5,
            "unsubscribe": 0.5,
            "message": {"ease": 0.6, "price": 0.2},
            "promise": 0.7,
            "flight": {"start_day": 10, "days_on": 5, "days_off": 5},
        },
        "period": later | {"trigger": "period", "trigger_every_days": 9},
        "entered": later | {"trigger": "phase", "trigger_phase": "consider", "delay_days": 2},
        "after": later | {"trigger": "encounter", "trigger_touchpoint": "sign", "delay_days": 3},
    }


def tables(**more: Any) -> Tables:
    """Of a market with a field of each kind; `more`: settings, dots written as two underscores."""
    half = {
        "share": 0.5,
        "need": {"rate_per_year": 36.5},
        "need_weights": {"ease": {"mean": 0.8}, "price": {"mean": 0.2}},
        "lapse": {"per_day": 0.1, "satisfaction_effect": 1.5, "forgets": 0.3},
        "renewal": {
            "churn": {"mean": 0.2},
            "satisfaction_effect": 1.25,
            "loyalty_effect": 2.0,
            "price_effect": 4.0,
            "switching_cost": 15.0,
            "looks_around": 0.6,
        },
        "companion_share": 0.4,
        "companion_weight": 0.3,
        "affinities": {"poster": 0.5},
    }
    extras = {
        "wrap": {"price": 5.0, "chance": 0.2, "chance_of_customers": 0.7, "need": "ease"},
        "card": {"price": 1.0, "chance": 0.3},
    }
    scenario = market(
        "by_hand",
        10,
        DAYS,
        past_days=PAST,
        turnover_per_year=0.5,
        journey={
            "needs": ["ease", "price"],
            "shape": "loop",
            "phases": {
                "purchase": {"requires": ["desk", "open_end"], "pace_per_day": 0.8},
                "relate": {"kind": "relate"},
            },
            "behaviour": {
                "awareness_half_life_days": 10.0,
                "engagement_half_life_days": 20.0,
                "loyalty_half_life_days": 5.0,
                "familiarity_half_life_days": 4.0,
                "habit_gain": 0.35,
                "loyalty_gain": 0.45,
                "bad_takes": 3.0,
                "unserved_penalty": 0.55,
                "wait_penalty_per_hour": 1.5,
                "score": {"neutral": 6.0, "slope": 4.0},
            },
            "choice": {"habit": 1.75},
        },
        segments={"only": {"ours": half, "others": half}},
        offers={
            "offer": {
                "price": 100.0,
                "paid_by_others": 50.0,
                "unit_cost": 30.0,
                "launch_day": 7,
                "basket": {"cv": 1.0, "between": 0.25},
                "add_ons": extras,
            },
            "club": {"price": 20.0, "subscription_days": 30},
        },
        competitors={
            "rival": {
                "strength": 1.0,
                "offers": {
                    "copy": {"price": 8.0, "appeal": 0.5},
                    "card": {"price": 12.0, "subscription_days": 30},
                },
            }
        },
        touchpoints=touchpoints(),
        talk={"half_life_days": 15.0, "deters": 0.3, "sells_unknown": 0.2},
        day_states={
            "wet": {
                "every_days": 4,
                "needs": 0.5,
                "reach": {"mail": 3.0},
                "waiting": {"desk": 2.0},
            }
        },
    )
    overrides = {path.replace("__", "."): value for path, value in more.items()}
    return make_tables(with_settings(scenario, overrides=overrides))


T = tables()
DESK, OPEN_END, SIGN, MAIL, POSTER, PERIOD, ENTERED, AFTER = range(8)


def test_a_past_is_lived_before_day_0() -> None:
    assert (T.past, T.days) == (PAST, PAST + DAYS)
    assert T.flight.shape == (8, PAST + DAYS)


def test_a_share_a_year_is_a_rate_a_day() -> None:
    assert T.leave_rate == about(math.log(2.0) / 365.0)
    assert T.norm_follows[SIGN] == about(1.0 - 0.1 ** (1.0 / 365.0))
    assert T.lapse_rate == about(-math.log(0.9))
    assert T.need_rate_quantiles[0, 0, 500] == about(0.1)


def test_stocks_fade_by_their_half_lives() -> None:
    for name, half_life in (
        ("awareness_decay", 10),
        ("engagement_decay", 20),
        ("loyalty_decay", 5),
        ("familiarity_decay", 4),
        ("talk_decay", 15),
    ):
        assert getattr(T, name)[[0, half_life, 2 * half_life]] == about([1.0, 0.5, 0.25])
    still = make_tables(market("still", 1, 5, talk={"half_life_days": None}))
    assert (still.talk_decay == 1.0).all()


def test_behaviour_is_as_written() -> None:
    assert (T.habit_gain, T.loyalty_gain, T.bad_takes) == (0.35, 0.45, 3.0)
    assert (T.unserved_penalty, T.wait_penalty) == (0.55, 1.5 / 60.0)
    assert (T.score_neutral, T.score_slope) == (6.0, 4.0)
    assert (T.deters, T.sells_unknown, T.choice_weights[8]) == (0.3, 0.2, 1.75)


def test_segments_are_as_written() -> None:
    assert T.forgets == about(0.3)
    assert T.lapse_effect == about(1.5)
    assert T.renewal_effect == about(1.25)
    assert (T.renewal_loyalty[0], T.renewal_price[0], T.switching_cost[0]) == (2.0, 4.0, 15.0)
    assert T.looks_around == about(0.6)
    assert T.companion_share == about(0.4)
    assert T.companion_weight == about(0.3)
    assert T.affinity[:, POSTER] == about(0.5)


def test_an_offer_is_bought_from_its_launch_and_others_may_pay_for_it() -> None:
    assert T.launch.tolist() == [PAST + 7, 0]
    assert T.price.tolist() == [100.0, 20.0]
    assert T.price_minor.tolist() == [15_000, 2_000]
    assert T.cost_minor[0] == 3_000
    assert T.basket[0] == about([math.sqrt(share * math.log(2.0)) for share in (0.25, 0.75)])


def test_customers_take_add_ons_by_a_chance_of_their_own() -> None:
    assert T.add_on_chance[0].tolist() == [0.2, 0.3]
    assert T.add_on_chance_own[0].tolist() == [0.7, 0.3]
    assert T.add_on_need[0].tolist() == [0, NEVER]


def test_a_subscription_is_compared_with_the_cheapest_of_the_rivals() -> None:
    assert T.cheapest_rival == 12.0
    assert T.rival_strength.tolist() == [1.5, 1.0]


def test_a_desk_is_open_as_long_as_it_says() -> None:
    assert (T.opens[DESK], T.closes[DESK], T.shuts[DESK]) == (540.0, 1020.0, 1020.0)
    assert T.shuts[OPEN_END] == NEVER_SHUTS
    assert (T.response[DESK], T.comfort[DESK]) == (3000.0, 0.25)
    assert (T.unserved_leave[DESK], T.unserved_to_competitor[DESK]) == (0.5, 0.75)


def test_what_is_required_has_its_bit() -> None:
    assert T.phase_requires[:, 0].tolist() == [0, 0, 0b11, 0]
    assert T.requires[:, 0].tolist() == [0, 0, 0b1, 0, 0, 0, 0, 0]
    assert T.ordered == 1
    assert T.once.tolist() == [True, True] + 6 * [False]


def test_a_touchpoint_is_for_its_segments_and_differs_by_phase() -> None:
    assert T.affinity[:, SIGN].tolist() == [1.0, 0.0]
    assert T.quality[:2, SIGN, 0].tolist() == [0.5, -0.25]
    assert T.effects[:2, SIGN, 0].tolist() == [0.4, 0.6]
    assert T.own_quality[SIGN] == 0.5
    assert T.accompanied.tolist() == [0, 0, 1, 0, 0, 0, 0, 0]


def test_only_mail_to_the_permitted_is_unsubscribed_from() -> None:
    assert T.unsubscribe.tolist() == [0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0, 0.0]


def test_salience_is_that_of_who_starts() -> None:
    assert T.salience.tolist() == [0.9, 0.9, 0.3, 0.05, 0.05, 0.3, 0.3, 0.3]


def test_messages_and_promises() -> None:
    assert T.message[0, MAIL] == about([0.8, 0.2])
    assert T.message[0, POSTER] == about([0.75, 0.25])
    assert T.message[0, SIGN] == about([0.5, 0.5])
    assert T.promise[POSTER] == 0.7


def test_contacts_are_capped_and_dull_and_annoy_and_some_see_more() -> None:
    assert T.cap.tolist() == [0, 0, 0, 0, 2, 0, 0, 0]
    assert T.habituation[MAIL] == 3.0
    assert T.annoys[MAIL] == 8.0
    assert T.habit.tolist() == [NEVER, NEVER, NEVER, 0, NEVER, NEVER, NEVER, NEVER]
    assert T.exposure.tolist() == [NEVER, NEVER, NEVER, NEVER, 0, NEVER, NEVER, NEVER]
    table = T.exposure_quantiles[0]
    assert T.most_exposure[POSTER] == table.max() > 4.0 > table[0, 512] > 0.0


def test_triggers() -> None:
    assert T.trigger_every[PERIOD] == 9
    assert (T.trigger_phase[ENTERED], T.delay[ENTERED]) == (1, 2)
    assert (T.trigger_source[AFTER], T.source[SIGN], T.delay[AFTER]) == (0, 0, 3)
    assert T.triggered.tolist() == [PERIOD, ENTERED, AFTER]


def test_states_of_the_day_are_factors() -> None:
    wet = (np.arange(-PAST, DAYS) % 4) == 0
    assert ((T.flight[SIGN] > 0.0) == wet).all()
    assert T.flight[MAIL] == about(np.where(wet, 3.0, 1.0))
    assert T.waiting[DESK] == about(np.where(wet, 2.0, 1.0))
    assert np.diff(T.season_cumulative[0])[:-1] == about(np.where(wet, 0.5, 1.0))


def test_a_flight_runs_in_turns_from_its_start_and_not_in_the_past() -> None:
    on = np.flatnonzero(T.flight[POSTER]) - PAST
    assert on.tolist() == [day for day in range(10, DAYS) if day % 10 < 5]
    always = tables(touchpoints__poster__flight={"start_day": 0, "days_on": 5, "days_off": 5})
    assert np.flatnonzero(always.flight[POSTER])[0] == 0


def test_a_season_is_a_wave() -> None:
    t = tables(
        touchpoints__poster__flight={"season": {"amplitude": 0.4, "peak_day": 10}}, past_days=0
    )
    assert t.flight[POSTER, 10] == about(1.4)


def test_what_changes_on_a_day_holds_from_that_day_on() -> None:
    scenario = market(
        "plan", 1, 30, offers={"offer": {"price": 100.0}}, changes=[
            {"day": 10, "set": ["offers.offer.price=120"]},
            {"day": 20, "set": ["journey.behaviour.bad_takes=1"]},
        ]
    )  # fmt: skip
    found = [(day, t.price[0], t.bad_takes) for day, t in tables_by_day(scenario)]
    assert found == [(0, 100.0, 4.0), (10, 120.0, 4.0), (20, 120.0, 1.0)]
