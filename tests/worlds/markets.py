"""Toy markets: small scenarios that together use every part of the model.

`town` has most of it; `club` lives from subscriptions and from talk among friends; `stall`
is a funnel; `clinic` is all queues; `hermit` is the smallest market there can be.
"""

from typing import Any

from sim.scenario.levers import with_settings
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from worlds.town import FAIR, GOOD, town


def market(**fields: Any) -> Scenario:
    """A scenario that breaks no rule."""
    scenario = Scenario.model_validate(fields)
    assert cross_check(scenario) == []
    return scenario


def club() -> Scenario:
    """Subscriptions that churn and talk along a network; nobody loses patience."""
    return market(
        name="club",
        population=180,
        agents=180,
        days=90,
        seed=2**63 - 1,
        panel=1.0,
        journey={
            "phases": {
                "wait": {"kind": "latent"},
                "think": {"kind": "consider", "pace_per_day": 0.5, "leave_per_day": 0.02},
                "join": {"kind": "purchase", "pace_per_day": 0.8, "leave_per_day": 0.1},
                "belong": {"kind": "relate", "pace_per_day": 0.2, "weights": {"satisfaction": 2}},
                "rave": {"kind": "advocate", "back_per_day": 0.05},
            },
            "checkout": {"abandon": 0.2},
        },
        segments={
            "all": {
                "share": 1.0,
                "need": {"rate_per_year": 20.0, "gamma_shape": 0.7},
                "start": {"customers": 0.4, "satisfaction": -0.2, "awareness": 0.3},
                "renewal": {"churn": {"mean": 0.3, "concentration": 2.0}},
            }
        },
        offers={
            "monthly": {
                "price": 99.0,
                "unit_cost": 20.5,
                "performance": {"mean": 0.1, "sd": 0.7},
                "subscription_days": 14,
                "judgement_days": 1,
            },
            "single": {"price": 10.0, "appeal": -1.0},
        },
        touchpoints={
            "friends": {
                "starts": "earned",
                "control": "earned",
                "reach": {"wait": 0.9, "think": 0.9},
                "quality": {"mean": 0.5, "sd": 0.5},
                "effects": {"awareness": 0.4, "engagement": 0.3, "trust": 0.3},
            },
            "court": {
                "starts": "service",
                "capacity": {"servers": 1, "service_minutes": 45.0, "comfort": 0.9},
                "reach": {"belong": 0.2, "rave": 0.2},
                "quality": FAIR,
                "effects": {"recovery": 0.3},
            },
            "trial": {
                "starts": "triggered",
                "trigger": "lapse",
                "reach": {"wait": 1.0},
                "effects": {"awareness": 1.0},
                "click_chance": 1.0,
            },
        },
        talk={
            "per_day": 0.4,
            "fan_per_day": 0.05,
            "mixing": "network",
            "friends": 5,
            "far_share": 0.3,
            "listeners_positive": 3,
        },
    )


def stall() -> Scenario:
    """A funnel: what follows a purchase is a stranger's next need."""
    return market(
        name="stall",
        population=10_000,
        agents=150,
        days=60,
        seed=7,
        panel=0.3,
        journey={
            "shape": "funnel",
            "needs": ["taste", "looks", "price"],
            "phases": {
                "pass": {"kind": "latent"},
                "stop": {"kind": "consider", "pace_per_day": 0.9, "back_after_bad": 0.5},
                "pay": {"kind": "purchase", "pace_per_day": 1.0, "leave_per_day": 0.1},
            },
            "checkout": {"abandon": 0.1, "to_competitor": 1.0},
        },
        segments={
            "locals": {"share": 0.5, "need": {"rate_per_year": 100.0}, "budget": {"mean": 50.0}},
            "guests": {
                "share": 0.5,
                "need": {"rate_per_year": 30.0, "gamma_shape": 0.2},
                "need_weights": {"taste": {"mean": 0.1, "sd": 1.0}},
                "start": {"trust": 0.1},
            },
        },
        offers={"bun": {"price": 45.0, "unit_cost": 12.0, "attributes": {"taste": 0.9}}},
        competitors={"van": {"offers": {"hot_dog": {"price": 40.0}, "gift": {"price": 0.0}}}},
        touchpoints={
            "smell": {
                "starts": "pull",
                "reach": {"pass": 0.2, "stop": 1.0},
                "quality": {"mean": 0.0, "sd": 1.0},
                "message": {"taste": 1.0},
                "effects": {"awareness": 0.5, "engagement": 2.0, "permission": 0.5},
                "click_chance": 0.5,
            },
            "queue": {
                "starts": "service",
                "capacity": {
                    "servers": 3,
                    "opens_hour": 11.0,
                    "closes_hour": 13.5,
                    "service_minutes": 0.0,
                },
                "reach": {"pay": 1.0},
                "effects": {"trust": 0.5},
            },
        },
        talk={"fan_per_day": 0.5},
    )


def clinic() -> Scenario:
    """Crowded queues: short hours, little patience, three servers, certain arrivals."""
    capacity = {"servers": 3, "opens_hour": 8.0, "closes_hour": 8.5, "service_minutes": 12.0}
    return market(
        name="clinic",
        population=300,
        agents=120,
        days=40,
        seed=11,
        panel=1.0,
        journey={
            "phases": {
                "well": {"kind": "latent"},
                "ill": {"kind": "consider", "pace_per_day": 0.3},
                "visit": {"kind": "purchase", "pace_per_day": 0.5},
                "cured": {"kind": "relate"},
            },
            "checkout": {"abandon": 0.0},
        },
        segments={
            "hasty": {
                "share": 0.7,
                "need": {"rate_per_year": 60.0},
                "patience_minutes": {"mean": 10.0, "cv": 1.0},
                "start": {"awareness": 0.9},
            },
            "calm": {"share": 0.3, "need": {"rate_per_year": 60.0}, "start": {"awareness": 0.5}},
        },
        offers={"cure": {"price": 1.0, "performance": {"mean": 0.5, "sd": 0.5}}},
        touchpoints={
            "desk": {
                "starts": "service",
                "capacity": capacity,
                "reach": {"ill": 1.0, "visit": 1.0, "cured": 0.3},
                "quality": FAIR,
                "effects": {"trust": 0.3, "engagement": 0.3},
            },
            "ward": {
                "starts": "service",
                "capacity": {**capacity, "servers": 2, "service_constant": True},
                "reach": {"ill": 0.8, "cured": 0.2},
                "quality": GOOD,
            },
        },
    )


def hermit() -> Scenario:
    """One customer, one day, no touchpoint, no rival."""
    return market(
        name="hermit",
        population=1,
        agents=1,
        days=1,
        panel=1.0,
        journey={
            "shape": "funnel",
            "phases": {
                "idle": {"kind": "latent"},
                "look": {"kind": "consider"},
                "buy": {"kind": "purchase"},
            },
        },
        segments={"self": {"share": 1.0, "need": {"rate_per_year": 1000.0}}},
        offers={"peace": {"price": 1.0}},
    )


MARKETS = {
    scenario.name: scenario for scenario in (market(**town()), club(), stall(), clinic(), hermit())
}
# The town for studies of many runs; and over 200 days, long enough for cohorts.
SHORT_TOWN = with_settings(MARKETS["town"], overrides={"agents": 300, "days": 40})
LONG_TOWN = MARKETS["town"].model_copy(update={"days": 200, "agents": 600, "population": 6000})
LONG_CLUB = MARKETS["club"].model_copy(update={"days": 200, "agents": 300})
