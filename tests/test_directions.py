"""Directions that the model must show, in paired runs: the same seeds with and without a change.

A figure's change is the mean of the paired differences over ten seeds, judged in standard
errors of that mean. "Never lower" is not significantly lower (three standard errors);
"raises" is significantly higher. What must be equal is compared to the last bit.
"""

from functools import partial

import numpy as np
import pytest

from sim.model.columns import Count, Touch
from sim.theory.bare import Piece
from tools.paired import (
    CERTAIN,
    SEEDS,
    Figure,
    count,
    effect,
    mean_satisfaction,
    profit,
    runs,
    score,
    values,
)
from worlds.shop import shop

bought, converted = count(Count.PURCHASES), count(Count.NEW_CUSTOMERS)


def touchpoint(name: str, **change: object) -> Piece:
    return {"touchpoints": {name: change}}


ROOM = touchpoint("phone", capacity={"servers": 6})  # nobody waits
NEVER_LOWER = {
    "more display": touchpoint("display", budget_per_day=225.0),
    "more search": touchpoint("search", budget_per_day=120.0),
    "more site": touchpoint("site", reach={"interest": 0.45, "desire": 0.45, "purchase": 0.8}),
    "more letters": touchpoint("letter", reach={"awareness": 0.1, "interest": 0.2}),
    "more care": touchpoint("care", reach={"loyalty": 0.06, "advocacy": 0.06}),
    "more recovery": touchpoint("recovery", reach={"loyalty": 1.0, "advocacy": 1.0}),
    "better display": touchpoint("display", quality={"mean": 0.3}),
    "better search": touchpoint("search", quality={"mean": 0.3}),
    "better site": touchpoint("site", quality={"mean": 0.5}),
    "better letters": touchpoint("letter", quality={"mean": 0.6}),
    "better phone": touchpoint("phone", quality={"mean": 0.6}),
    "better care": touchpoint("care", quality={"mean": 0.6}),
    "better recovery": touchpoint("recovery", quality={"mean": 0.8}),
    "comfort": touchpoint("phone", capacity={"comfort": 0.8}),
    "servers": touchpoint("phone", capacity={"servers": 3}),
}
RAISE = [
    "more display",
    "more search",
    "more site",
    "better search",
    "better site",
    "better phone",
    "comfort",
    "servers",
]


@pytest.mark.parametrize("change", NEVER_LOWER)
@pytest.mark.parametrize("figure", [bought, converted], ids=["purchases", "new customers"])
def test_reach_quality_comfort_and_servers_never_lower_conversion(
    change: str, figure: Figure
) -> None:
    assert effect(NEVER_LOWER[change], figure) >= -CERTAIN


@pytest.mark.parametrize("change", RAISE)
def test_where_they_matter_they_raise_conversion(change: str) -> None:
    assert effect(NEVER_LOWER[change], bought) > CERTAIN


def test_a_better_advertisement_raises_conversion_as_far_as_it_is_remembered() -> None:
    better = NEVER_LOWER["better display"]
    remembered = touchpoint("display", salience=1.0)
    assert effect(better, bought, remembered) > CERTAIN
    assert effect(better, bought) >= -CERTAIN


STRONGER = touchpoint("talk", quality={"mean": 0.9})  # whichever way it is meant


@pytest.mark.parametrize(("performance", "sign"), [(0.9, 1.0), (-0.9, -1.0)])
def test_stronger_words_help_who_pleases_and_harm_who_disappoints(
    performance: float, sign: float
) -> None:
    goods: Piece = {
        "offers": {"offer": {"performance": {"mean": performance, "sd": 0.0}}},
        "talk": {"per_day": 0.1},
        **touchpoint("talk", quality={"mean": 0.3}),
    }
    for figure in (bought, converted):
        assert sign * effect(STRONGER, figure, goods) > CERTAIN


def test_more_calls_raise_conversion_where_they_are_answered_but_not_in_a_crowd() -> None:
    """Reach is felt by its quality, and a wait is part of that."""
    more = touchpoint("phone", reach={"interest": 0.15, "desire": 0.3})
    assert effect(more, bought, ROOM) > CERTAIN
    assert effect(more, bought) < -CERTAIN
    assert all(records.touch[:, :, :, Touch.GAVE_UP].sum() < 10 for records in runs(shop(ROOM)))


@pytest.mark.parametrize("price", [303.0, 330.0, 400.0])
def test_a_higher_price_never_raises_units_sold(price: float) -> None:
    dearer = {"offers": {"offer": {"price": price}}}
    assert effect(dearer, bought) <= CERTAIN
    if price > 320.0:
        assert effect(dearer, bought) < -CERTAIN


@pytest.mark.parametrize("minutes", [5.0, 15.0, 30.0])
def test_a_faster_reply_raises_conversion(minutes: float) -> None:
    slow = touchpoint("phone", capacity={"response_minutes": 60.0})
    faster = touchpoint("phone", capacity={"response_minutes": minutes})
    assert effect(faster, bought, slow) > CERTAIN
    assert effect(faster, converted, slow) > CERTAIN


# The memory of a journey: it meets four touchpoints, for certain and one after the other.

STEPS = {"peak": ("interest", 0.5), "middle": ("interest", 0.1), "next": ("desire", 0.1)}
STEPS |= {"end": ("purchase", 0.3)}


def a_journey(better: str = "") -> Piece:
    met = {
        name: {
            "starts": "pull",
            "reach": {phase: 1.0},
            "quality": {"mean": quality + 0.15 * (name == better), "sd": 0.1},
        }
        for name, (phase, quality) in STEPS.items()
    }
    at_once = {"pace_per_day": 1.0, "bias": 50.0}
    memory = {"peak": 0.4, "end": 0.4, "mean": 0.2}
    return {
        "touchpoints": {"only": met},
        "journey": {
            "behaviour": {"memory": memory},
            "phases": {"interest": at_once, "desire": at_once},
        },
    }


@pytest.mark.parametrize("moment", ["peak", "end"])
def test_a_better_peak_or_end_raises_satisfaction_more_than_a_better_middle(moment: str) -> None:
    middle = values(shop(a_journey("middle")), mean_satisfaction)
    assert score(values(shop(a_journey(moment)), mean_satisfaction) - middle) > CERTAIN
    assert score(middle - values(shop(a_journey()), mean_satisfaction)) > CERTAIN


@pytest.mark.parametrize("pleasant", [0.25, 0.75])
def test_a_touchpoint_as_good_as_usual_earns_nothing_from_being_pleasant(pleasant: float) -> None:
    def as_usual(quality: float) -> Piece:
        return touchpoint("site", quality={"mean": quality, "sd": 0.0}, norm=quality)

    plain, nice = (runs(shop(as_usual(quality))) for quality in (0.0, pleasant))
    for one, other in zip(plain, nice, strict=True):
        assert np.array_equal(one.customers, other.customers)
        assert np.array_equal(one.counts, other.counts)
    # while what is better than usual does earn something
    better = touchpoint("site", quality={"mean": pleasant, "sd": 0.0}, norm=0.0)
    assert effect(better, bought, as_usual(0.0)) > CERTAIN


# Messages: the same money, and so as many contacts a head, whoever is meant.

NO_DISPLAY = touchpoint("display", enabled=False)


def campaign(budget: float, **message: object) -> Piece:
    return {
        "starts": "push",
        "control": "paid",
        "budget_per_day": budget,
        "cost": {"per_contact": 0.5},
        "reach": {"awareness": 1.0, "interest": 1.0, "desire": 1.0},
        "effects": {"awareness": 0.15, "engagement": 0.4},
        **message,
    }


TO_ALL = {"touchpoints": {"broad": campaign(150.0, message={"price": 0.5, "fit": 0.5})}}
TO_EACH: Piece = {
    "touchpoints": {
        "cheap": campaign(75.0, message={"price": 0.8, "fit": 0.2}),
        "fine": campaign(75.0, message={"price": 0.2, "fit": 0.8}),
    },
    "segments": {"thrifty": {"affinities": {"fine": 0.0}}, "fussy": {"affinities": {"cheap": 0.0}}},
}
PERSONAL = {"touchpoints": {"broad": campaign(150.0, personalised=True)}}


@pytest.mark.parametrize("aimed", [TO_EACH, PERSONAL], ids=["two messages", "personalised"])
def test_a_message_to_everyone_does_less_than_one_to_each_segment(aimed: Piece) -> None:
    spread, meant = shop(NO_DISPLAY, TO_ALL), shop(NO_DISPLAY, aimed)
    assert score(values(meant, bought) - values(spread, bought)) > CERTAIN

    def contacts(records: object) -> float:
        return float(records.touch[:, :, :, Touch.CONTACTS].sum())

    ratio = values(meant, contacts).sum() / values(spread, contacts).sum()
    assert ratio == pytest.approx(1.0, abs=0.05)


# After the purchase.

BETTER_PRODUCT = {"offers": {"offer": {"performance": {"mean": 0.4}}}}


def test_more_satisfied_customers_give_more_recommendations() -> None:
    assert effect(BETTER_PRODUCT, mean_satisfaction) > CERTAIN
    assert effect(BETTER_PRODUCT, count(Count.TALKS_POSITIVE)) > CERTAIN
    assert effect(BETTER_PRODUCT, count(Count.TALKS_NEGATIVE)) < -CERTAIN


def subscribing(price: float, cost: float) -> Piece:
    """The offer as a subscription, whose renewals depend on satisfaction, for both segments."""
    renewal = {"churn": {"mean": 0.15}, "satisfaction_effect": 2.0}
    return {
        "offers": {"offer": {"price": price, "unit_cost": cost, "subscription_days": 30}},
        "segments": {segment: {"renewal": renewal} for segment in ("thrifty", "fussy")},
        "competitors": {"rival": {"offers": {"it": {"price": price}}}},
    }


NO_RECOVERY = touchpoint("recovery", enabled=False)
POOR_PRODUCT = {"offers": {"offer": {"performance": {"mean": -0.1}}}}


def test_recovering_bad_experiences_lowers_churn() -> None:
    recover = touchpoint("recovery", enabled=True)
    without = (NO_RECOVERY, POOR_PRODUCT)
    assert effect(recover, count(Count.LAPSED), *without) < -CERTAIN
    subscribed = (*without, subscribing(60.0, 30.0))
    assert effect(recover, count(Count.CHURNED), *subscribed) < -CERTAIN


BUDGET = 400.0
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
FEWER_SEEDS = SEEDS[:5]


def spent_after(share: float) -> Piece:
    """The whole budget for a year: a share on care of customers, the rest on display."""
    return {
        "days": 365,
        "touchpoints": {
            "display": {
                "budget_per_day": BUDGET * (1.0 - share),
                "audience": "prospects",
                "reach": {"desire": 1.0},
            },
            "care": {
                "control": "paid",
                "budget_per_day": BUDGET * share,
                "cost": {"per_contact": 2.0},
                "reach": {"loyalty": 1.0, "advocacy": 1.0},
                "quality": {"mean": 0.5, "sd": 0.2},
            },
        },
    }


def test_subscriptions_move_the_best_budget_towards_after_the_purchase() -> None:
    def best_share(*market: Piece) -> np.ndarray:
        earned = partial(values, figure=profit, seeds=FEWER_SEEDS)
        table = np.array([earned(shop(*market, spent_after(share))) for share in SHARES])
        return np.array(SHARES)[table.argmax(axis=0)]

    once, subscribed = best_share(), best_share(subscribing(60.0, 30.0))
    assert score(subscribed - once) > CERTAIN
    assert 0.0 < once.mean() < subscribed.mean() < 1.0
