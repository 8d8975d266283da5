"""Measures against figures computed by hand and closed forms."""

import math
from dataclasses import replace
from typing import Any
from unittest.mock import ANY

import pytest
from scipy.special import beta

from sim.measures import conversion, experience, retention
from sim.measures.catalogue import KEYS
from sim.measures.figure import Undefined, plain, ratio
from sim.model.columns import BEFORE_START, Count, Touch, months_in
from sim.records.recorder import Records
from sim.records.steps import NextKrone, Step
from sim.runs.run import summarise
from sim.scenario.surveys import Survey
from sim.vocabulary import FIXED_POINT, Purpose, Relationship, Route
from worlds.by_hand import (
    BUY,
    COMPARE,
    IDLE,
    LOOK,
    OWN,
    PRAISE,
    SHOP,
    WEB,
    by_hand,
    first_bought,
    nothing_happened,
    run_of,
    win,
)

MILLION = 1_000_000


def a_dozen() -> Records:
    """Twelve customers, two people each, 60 days: every figure below is counted on fingers.

    Ten feel a need, six of them go on to compare, five of these to buy, one falls back and
    gives up; of five in the purchase phase three buy (one of them twice), one is lost, one
    stays. Two buyers go on to praise, one lapses.
    """
    rival = {"other": {"offers": {"copy": {"price": 90.0}}}}
    records = nothing_happened(by_hand(competitors=rival))
    flows = records.flows
    flows[0, 0, IDLE, LOOK] = 8
    flows[1, 0, IDLE, LOOK] = 2
    flows[2, 0, LOOK, COMPARE] = 7  # one of them twice
    flows[2, 0, LOOK, IDLE] = 3
    flows[3, 0, COMPARE, BUY] = 5
    flows[3, 0, COMPARE, LOOK] = 1
    flows[4, 0, BUY, OWN] = 3
    flows[4, 0, BUY, IDLE] = 1
    flows[5, 0, OWN, PRAISE] = 2
    flows[6, 0, OWN, IDLE] = 1
    flows[7, 0, PRAISE, BUY] = 1  # by the loyalty shortcut
    flows[8, 0, BUY, OWN] = 1
    counts = records.counts
    counts[0, 0, Count.NEEDS], counts[7, 0, Count.NEEDS] = 10, 1
    counts[4, 0, Count.CHECKOUTS_STARTED], counts[4, 0, Count.CHECKOUTS_ABANDONED] = 7, 4
    counts[8, 0, Count.CHECKOUTS_STARTED] = 1
    counts[4, 0, Count.PURCHASES], counts[8, 0, Count.PURCHASES] = 3, 1
    counts[4, 0, Count.NEW_CUSTOMERS] = 3
    counts[4, 0, Count.REVENUE], counts[4, 0, Count.MARGIN] = 40_000, 24_000  # 400 and 240
    counts[4, 0, Count.NEW_REVENUE], counts[4, 0, Count.NEW_MARGIN] = 40_000, 24_000
    counts[8, 0, Count.REVENUE], counts[8, 0, Count.MARGIN] = 10_000, 6_000
    counts[6, 0, Count.LAPSED] = 1
    records.purchases[4, 0, 0, Route.INITIAL] = 2
    records.purchases[4, 0, 1, Route.ADDED] = 1
    records.purchases[8, 0, 0, Route.LOYALTY] = 1
    records.sales[4, 0, 0, Route.INITIAL] = 20_000
    records.sales[8, 0, 0, Route.LOYALTY] = 10_000
    records.sales[4, 0, 1, Route.ADDED] = 20_000
    records.cohorts[0, 1, 0] = [4, 50_000, 30_000]
    records.active[0, 0, 1], records.active[1, 0, 1] = 2, 2
    records.spend[:4, WEB], records.spend[5, SHOP] = 30.0, 50.0
    records.touch[2, 0, WEB, :8] = [8, 8, 5, 6, -2 * FIXED_POINT, 2, 0, 0]
    records.touch[3, 0, SHOP, :8] = [2, 2, 0, 2, FIXED_POINT, 0, 6 * FIXED_POINT, 1]
    counts[9, 0, Count.JUDGEMENTS], counts[9, 0, Count.SATISFACTION] = 4, FIXED_POINT
    records.scores[9, 0, [10, 9, 7, 3]] = 1
    records.rating[:] = 4.5
    for place in range(10):
        records.customers[place]["need_began"] = 0
    for place, second in ((0, 8), (1, -1), (2, -1)):
        first_bought(records, place, 4, second)
    records.customers["phase"][:3] = [OWN, PRAISE, IDLE]
    records.customers["relationship"][2] = Relationship.LAPSED
    return records


def test_the_dozen_counts_every_customer_once() -> None:
    records = a_dozen()
    moves = {move.phase: move for move in conversion.phase_moves(records)}
    assert moves["idle"][2:] == (17, 10, 0, 0, 0, 7)
    assert moves["look"][2:] == (11, 7, 0, 0, 3, 1)
    assert moves["compare"][2:] == (7, 5, 1, 0, 0, 1)
    assert moves["buy"][2:] == (6, 4, 0, 0, 1, 1)
    assert moves["own"][2:] == (4, 2, 0, 0, 1, 1)
    assert moves["praise"][2:] == (2, 0, 0, 1, 0, 1)
    assert sum(move.still_there for move in moves.values()) == 12


def about(figure: float) -> Any:
    return pytest.approx(figure, rel=1e-12)


def test_the_dozen_by_hand() -> None:
    found = summarise(run_of(a_dozen()))
    assert found["conversion"] == {
        "overall": 3 / 10,
        # ten began in look, one in buy; their chances are worked out below
        "per_need": about((10 * 28 / 53 + 0.8) / 11),
        "per_need_low": ANY,
        "per_need_high": ANY,
        "under_way": 3 / 11,
        "by_phase": {
            "idle": 10 / 17,
            "look": 7 / 11,
            "compare": 5 / 7,
            "buy": 4 / 6,
            "own": 2 / 4,
            "praise": None,
        },
        "by_segment": {"all": 3 / 10},
        "by_offer": {
            "small": {"purchases": 6.0, "share": 3 / 4, "revenue": 600.0},
            "large": {"purchases": 2.0, "share": 1 / 4, "revenue": 400.0},
        },
        "by_route": {"initial": 2 / 4, "added": 1 / 4, "loyalty": 1 / 4},
        "checkout_abandonment": 4 / 8,
        "visit_conversion": 4 / 5,
        "days_in_phase": {
            # nights by departures; whoever is there at the end has stayed until night 59
            "idle": (2 * 60 + 2 + 3 * 58 + 56 + 54) / 10,
            "look": (8 * 2 + 2 + 57) / 10,
            "compare": (7 + 57) / 6,
            "buy": (4 * 1 + 57 + 1) / 5,
            "own": (1 + 1 + 2 + 52) / 3,
            "praise": (2 + 55) / 1,
        },
        "leaving": {
            "by_phase": {"look": 6.0, "compare": 0.0, "buy": 2.0, "own": 2.0, "praise": 0.0},
            "gave_up": 0.0,
            "to_competitor": {"other": {"copy": 0.0}},
        },
        # 75 of margin a purchase; buy: 4 / 5; compare: 5/6 of that and 1/6 of look; look: .7
        # of compare; customers buy in 1 of 1 need, others in 3 of 10, 2 of 3 owners have one
        "bottlenecks": {
            "by_phase": {
                "look": {
                    "left": 6.0,
                    "fell_back": 0.0,
                    "chance": about(28 / 53),
                    "worth": about(45 * 28 / 53),
                },
                "compare": {
                    "left": 0.0,
                    "fell_back": 2.0,  # to look, where the chance is .7 of that
                    "chance": about(12 / 53),
                    "worth": about(15 * 12 / 53),
                },
                "buy": {"left": 2.0, "fell_back": 0.0, "chance": about(0.8), "worth": about(12.0)},
                "own": {
                    "left": 2.0,
                    "fell_back": 0.0,
                    "chance": about(0.7 * 2 / 3),
                    "worth": about(7.0),
                },
                "praise": {"left": 0.0, "fell_back": 0.0, "chance": None, "worth": 0.0},
            },
            "checkout": {"left": 8.0, "chance": 1.0, "worth": about(60.0)},
        },
    }
    assert found["customers"] == {
        "new": 6.0,
        "active_start": 0.0,
        "active_end": 4.0,
        "lapsed": 2.0,
        "reactivated": 0.0,
        "purchases": 8.0,
        "renewals": 0.0,
    }
    money = found["economics"]
    assert (money["revenue"], money["margin"]) == (1000.0, 600.0)
    assert (money["spend_acquisition"], money["spend_retention"]) == (120.0, 50.0)
    assert (money["spend"], money["profit"]) == (170.0, 430.0)
    assert (money["margin_first"], money["margin_returning"]) == (480.0, 600.0 - 480.0)
    assert money["cac"] == 120.0 / 6
    assert money["first_order_margin"] == 480.0 / 6
    assert money["clv_realised"] == 600.0 / 6
    assert money["keeping_cost_per_year"] == pytest.approx(50.0 / (4 * 60 / 365))
    assert money["payback_days"] == 0.0
    assert money["clv_projected"] is None
    assert found["experience"] == {
        "mean_satisfaction": 0.25,
        "recommendation_score": 25.0,
        "bad_share": 0.2,
        "rating": 4.5,
    }
    assert found["touchpoints"]["web"] == {
        "encounters": 16.0,
        "contacts": 16.0,
        "visits": 10.0,
        "spend": 120.0,
        "quality": -0.25,
        "bad_share": 0.25,
        "wait_minutes": 0.0,
    }
    assert found["touchpoints"]["shop"]["quality"] == 0.5
    assert found["touchpoints"]["shop"]["wait_minutes"] == 3.0
    assert found["retention"]["month_1"] is None  # the second month is not over on day 59
    assert found["retention"]["repeat_rate"] is None


def test_a_person_who_buys_often_converts_once() -> None:
    records = nothing_happened(by_hand(agents=4))
    records.customers["need_began"] = [3, 3, 3, -1]
    records.customers["purchases"] = [5, 0, 0, 0]
    assert conversion.conversion(records) == pytest.approx(1 / 3)


def test_retention_counts_only_cohorts_seen_long_enough() -> None:
    # 150 days are four whole months (to day 121) and part of a fifth
    records = nothing_happened(by_hand(days=150))
    for day, won in ((10, 100), (40, 50), (70, 30), (100, 20), (130, 10)):
        win(records, day, won)
    kept = [[100, 80, 60, 50, 45], [50, 40, 30, 5], [30, 24, 1], [20, 2], [10]]
    for cohort, row in enumerate(kept):
        for age, left in enumerate(row):
            records.active[cohort + age, 0, cohort + 1] = left
    records.active[:, 0, 0] = 1000  # customers from before the run are no cohort of it
    assert retention.retention(records, 1) == (80 + 40 + 24) / 180
    assert retention.retention(records, 2) == (60 + 30) / 150
    assert retention.retention(records, 3) == 50 / 100
    assert isinstance(retention.retention(records, 4), Undefined)


def test_retention_follows_the_shifted_beta_geometric() -> None:
    # Fader & Hardie 2007, "High End": alpha .668, beta 3.806
    alpha, gamma, won = 0.668, 3.806, 10**9
    records = nothing_happened(by_hand(days=730))
    share = [beta(alpha, gamma + t) / beta(alpha, gamma) for t in range(24)]
    for cohort in range(24):
        win(records, math.ceil(cohort * 365 / 12), won)
        for age in range(24 - cohort):
            records.active[cohort + age, 0, cohort + 1] = round(won * share[age])
    for months in (1, 6, 12):
        assert retention.retention(records, months) == pytest.approx(share[months], rel=1e-8)


def test_repeat_rate_follows_each_buyer_for_a_year() -> None:
    records = nothing_happened(by_hand(days=500))
    first_bought(records, 0, 100, 465)  # exactly 365 days later: counts
    first_bought(records, 1, 100, 466)  # a day too late
    first_bought(records, 2, 134, 135)  # followed for exactly 365 days: counts
    first_bought(records, 3, 135, 136)  # followed for 364: is left out
    first_bought(records, 4, 0)  # never again
    first_bought(records, 5, BEFORE_START, 20)  # a customer from before is no new buyer
    assert retention.repeat_rate(records) == 2 / 4
    assert retention.repeat_rate(records, within_days=1) == 2 / 5


def test_customers_of_day_zero() -> None:
    records = nothing_happened(by_hand())
    records.customers["first_day"][:6] = BEFORE_START  # one had bought, and had stopped
    records.customers["began_as"][:5] = Relationship.CUSTOMER
    assert retention.customers_at_start(records) == 5 * records.people_per_agent


def test_a_funnel_converts_in_its_last_phase() -> None:
    records = nothing_happened(by_hand(loop=False))
    idle, look, buy = range(3)
    records.flows[0, 0, idle, look] = 8
    records.flows[1, 0, look, buy] = 5
    records.flows[2, 0, buy, idle] = 4
    records.counts[2, 0, Count.PURCHASES] = 3
    moves = conversion.phase_moves(records)
    assert conversion.phase_conversion(moves) == {"idle": 8 / 16, "look": 5 / 8, "buy": 3 / 5}
    assert moves[buy].left == 1


def test_what_does_not_exist_is_null_and_says_why() -> None:
    found = summarise(run_of(nothing_happened(by_hand(days=1))))
    nulls = {key for key, value in leaves(found) if value is None}
    assert nulls == set(found["undefined"])
    assert "conversion.overall" in nulls
    assert "economics.cac" in nulls
    assert "touchpoints.web.quality" in nulls
    assert all(found["undefined"].values())
    assert not [key for key, value in leaves(found) if isinstance(value, float) and value != value]


def leaves(nested: dict[str, Any], path: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, value in nested.items():
        if isinstance(value, dict) and key != "undefined":
            found += leaves(value, f"{path}{key}.")
        elif key != "undefined":
            found.append((f"{path}{key}", value))
    return found


def test_every_key_is_documented_and_every_documented_key_is_there() -> None:
    names = {"web", "shop", *by_hand().journey.phases, "initial", "added", "loyalty"}
    names |= {"all", "small", "large", "other", "copy"}
    purpose = Purpose.ACQUISITION
    names |= {"all", *(str(purpose) for purpose in Purpose)}
    found = set()
    steps = [
        Step(name, together, purpose, False, False, 10.0, 10.0, 10.0, 15.0, 1.0, 2.0, 0.5)
        for name, together in (("web", False), (purpose.value, True))
    ]
    dozen = a_dozen()
    asking = dozen.scenario.model_copy(update={"surveys": {"all": Survey(day=1)}})
    made = run_of(replace(dozen, scenario=asking))
    made = replace(made, next_krone=NextKrone(1.25, 12, steps, {}))
    told = {name: value for name, value in summarise(made).items() if name != "intervals"}
    for key, _ in leaves(told):
        parts = key.split(".")
        inner = ["*" if part in names and place else part for place, part in enumerate(parts)]
        found.add(".".join(inner))
    assert found | {"intervals.*", "undefined.*"} == set(KEYS)


def test_ratio_of_nothing_says_why() -> None:
    assert ratio(1, 4, "why") == 0.25
    assert ratio(0, 0, "no whole") == Undefined("no whole")
    stripped, reasons = plain({"a": {"b": Undefined("because")}, "c": 1.0})
    assert stripped == {"a": {"b": None}, "c": 1.0}
    assert reasons == {"a.b": "because"}


def test_recommendation_scores_by_hand() -> None:
    records = nothing_happened(by_hand())
    records.scores[3, 0] = [1, 0, 0, 0, 0, 0, 1, 4, 4, 5, 5]  # 2 detractors, 10 promoters of 20
    assert experience.recommendation_score(records) == 40.0


def test_touchpoints_add_up_over_phases_and_segments() -> None:
    two = {"a": {"share": 0.5}, "b": {"share": 0.5}}
    wide = {"web": {"starts": "pull", "reach": {"look": 0.5, "buy": 0.5}}}
    records = nothing_happened(by_hand(segments=two, touchpoints=wide))
    records.touch[0, :, :, Touch.ENCOUNTERS] = [[1, 2], [3, 4]]
    assert experience.touchpoint_figures(records)["web"].encounters == 20.0


def test_months_of_the_hand_made_records() -> None:
    """The hand-made figures above rest on this calendar."""
    assert months_in(150) == 5
    assert retention.whole_months(nothing_happened(by_hand(days=150))) == 4
    assert retention.whole_months(nothing_happened(by_hand(days=730))) == 24
