"""Toy markets: small scenarios that together use every part of the model.

`town` has most of it; `club` lives from subscriptions and from talk among friends; `stall`
is a funnel; `clinic` is all queues; `hermit` is the smallest market there can be; `theatre` has a
past, turnover, and everything that must happen in an order.
"""

from typing import Any

from sim.scenario.levers import with_settings
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from worlds.town import BAD, FAIR, GOOD, town


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


def theatre() -> Scenario:
    """A market with a past, where people come and go, orders differ, and service decides."""
    buying = {"leave_per_day": 0.02, "leave_to_competitor": 0.5}
    return market(
        name="theatre",
        population=1600,
        agents=160,
        days=70,
        past_days=50,
        turnover_per_year=0.6,
        seed=11,
        panel=0.4,
        day_states={
            "wet": {
                "share": 0.4,
                "mean_days": 3.0,
                "needs": 0.5,
                "reach": {"clerk": 0.5, "stars": 2.0},
                "waiting": {"clerk": 3.0},
            },
            "payday": {"every_days": 14, "first_day": 3, "lasts_days": 2, "needs": 3.0},
        },
        changes=[
            {"day": 25, "set": ["offers.ticket.price=36", "touchpoints.gossip.norm=0.1"]},
            {"day": 50, "set": ["journey.phases.try.requires=[]"]},
        ],
        journey={
            "needs": ["fun", "price"],
            "phases": {
                "home": {"kind": "latent"},
                "look": {"kind": "consider", "pace_per_day": 0.6, **buying},
                "try": {
                    "kind": "consider",
                    "pace_per_day": 0.7,
                    "tentative": True,
                    "requires": ["clerk"],
                    **buying,
                },
                "pay": {
                    "same_day": True,
                    "kind": "purchase",
                    "pace_per_day": 0.8,
                    "requires": ["letter"],
                    **buying,
                },
                "come": {
                    "kind": "relate",
                    "same_day": True,
                    "pace_per_day": 0.2,
                    "weights": {"satisfaction": 2},
                },
                "rave": {"kind": "advocate", "same_day": True, "back_per_day": 0.05},
            },
            "checkout": {"abandon": 0.2, "retry": 0.5},
            "choice": {"habit": 2.0, "waiting": -3.0},
            "behaviour": {
                "habit_gain": 0.5,
                "owners_go_back": True,
                "score": {"neutral": 6.0, "slope": 6.0},
            },
        },
        segments={
            "fans": {
                "share": 0.6,
                "need": {"rate_per_year": 25.0, "gamma_shape": 0.8},
                "income_per_day": {"mean": 20.0, "cv": 0.5},
                "patience_minutes": {"mean": 40.0},
                "companion_share": 0.4,
                "companion_weight": 0.7,
                "start": {"customers": 0.3, "awareness": 0.6, "permission": 0.5},
                "lapse": {"per_day": 0.01, "forgets": 0.5},
                "renewal": {
                    "churn": {"mean": 0.3, "concentration": 3.0},
                    "loyalty_effect": 1.0,
                    "price_effect": 4.0,
                    "switching_cost": 5.0,
                    "looks_around": 0.7,
                },
            },
            "others": {
                "share": 0.4,
                "need": {"rate_per_year": 15.0},
                "start": {"awareness": 0.3, "permission_prospects": 0.5},
                "lapse": {"per_day": 0.02},
            },
        },
        offers={
            "season": {
                "price": 120.0,
                "unit_cost": 30.0,
                "subscription_days": 20,
                "judgement_days": 3,
                "performance": {"mean": 0.3, "sd": 0.8},
                "attributes": {"fun": 0.9},
            },
            "balcony": {
                "price": 60.0,
                "subscription_days": 20,
                "paid_by_others": 15.5,
                "launch_day": 10,
            },
            "ticket": {
                "price": 30.0,
                "unit_cost": 9.99,
                "basket": {"cv": 0.9, "between": 0.4},
                "add_ons": {
                    "wine": {"price": 8.0, "unit_cost": 2.0, "chance": 0.3, "need": "fun"},
                    "coat": {"price": 2.0, "chance": 0.1, "chance_of_customers": 0.7},
                },
                "performance": {"mean": 0.0, "sd": 0.9},
                "judgement_days": 1,
            },
        },
        competitors={
            "cinema": {
                "follows_price": 0.8,
                "follows_after_days": 9,
                "offers": {
                    "film": {"price": 12.0, "appeal": -1.0},
                    "card": {"price": 50.0, "subscription_days": 20, "appeal": 0.5},
                },
            },
            "opera": {"strength": -1.0, "offers": {"seat": {"price": 90.0}}},
        },
        touchpoints={
            "poster": {
                "starts": "push",
                "reach": {"home": 0.1, "look": 0.2},
                "quality": BAD,
                "effects": {"awareness": 0.3, "engagement": 1.0, "trust": 0.2},
                "salience": 0.5,
            },
            "clerk": {
                "starts": "service",
                "accompanied": True,
                "capacity": {
                    "servers": 2,
                    "opens_hour": 12.0,
                    "closes_hour": 16.0,
                    "service_minutes": 15.0,
                    "response_minutes": 2000.0,
                    "unserved_leave": 0.2,
                    "unserved_to_competitor": 0.5,
                },
                "reach": {"look": 0.3, "try": 0.8},
                "quality": FAIR,
            },
            "letter": {
                "starts": "pull",
                "reach": {"try": 0.8, "pay": 0.9},
                "requires": ["clerk"],
                "quality": GOOD,
                "effects": {"permission": 0.3, "trust": 0.2},
            },
            "mail": {
                "starts": "push",
                "audience": "permitted",
                "reach": {"home": 0.1, "come": 0.1, "rave": 0.1},
                "quality": BAD,
                "unsubscribe": 0.1,
                "effects": {"awareness": 0.2},
            },
            "gossip": {
                "starts": "earned",
                "control": "earned",
                "reach": {"home": 1.0, "look": 1.0, "try": 1.0, "pay": 1.0},
                "quality": {"mean": 0.6, "sd": 0.2},
                "effects": {"awareness": 0.5, "trust": 0.3},
            },
            "stars": {"starts": "pull", "reach": {"look": 0.5}, "shows_rating": True},
            "banner": {
                "starts": "push",
                "control": "paid",
                "cost": {"per_contact": 0.05},
                "budget_per_day": 60.0,
                "frequency_cap": 2,
                "exposure_shape": 0.5,
                "reach": {"home": 1.0, "look": 1.0},
                "segments": ["fans"],
                "quality": GOOD,
                "annoys_after": 4.0,
                "norm_follows_per_year": 0.9,
                "effects": {"awareness": 0.1, "engagement": 0.2},
            },
            "umbrella": {
                "starts": "pull",
                "only_on": ["wet"],
                "reach": {"look": 0.4, "come": 0.4},
                "quality_in": {"look": {"mean": 0.8}, "come": {"mean": -0.4, "sd": 0.2}},
                "effects": {"trust": 0.2},
            },
            "thanks": {
                "starts": "triggered",
                "trigger": "encounter",
                "trigger_touchpoint": "umbrella",
                "delay_days": 2,
                "reach": {"home": 0.9, "look": 0.9, "come": 0.9, "rave": 0.9},
                "quality": FAIR,
                "click_chance": 0.5,
            },
            "nudge": {
                "starts": "triggered",
                "trigger": "phase",
                "trigger_phase": "try",
                "delay_days": 1,
                "reach": {"look": 1.0, "try": 1.0},
                "effects": {"engagement": 0.5},
            },
            "check_up": {
                "starts": "triggered",
                "trigger": "period",
                "trigger_every_days": 12,
                "reach": {"home": 0.8, "come": 0.8, "rave": 0.8},
                "quality": FAIR,
            },
            "notice": {
                "starts": "triggered",
                "trigger": "renewal",
                "delay_days": 3,
                "reach": {"home": 1.0, "come": 1.0, "rave": 1.0},
                "quality": GOOD,
                "effects": {"trust": 0.3},
            },
        },
        talk={"per_day": 0.4, "half_life_days": 10.0, "deters": 0.9, "sells_unknown": 0.2},
        reviews={"chance": 0.8, "extremity": 0.7, "stars": {"neutral": 3.5, "slope": 3.0}},
    )


MARKETS = {
    scenario.name: scenario
    for scenario in (market(**town()), club(), stall(), clinic(), hermit(), theatre())
}
# The town for studies of many runs; and over 200 days, long enough for cohorts.
SHORT_TOWN = with_settings(MARKETS["town"], overrides={"agents": 300, "days": 40})
LONG_TOWN = MARKETS["town"].model_copy(update={"days": 200, "agents": 600, "population": 6000})
LONG_CLUB = MARKETS["club"].model_copy(update={"days": 200, "agents": 300})
