"""Toy markets: small scenarios that together use every part of the model, and a comparison.

`town` has most of it; `club` lives from subscriptions and from talk among friends; `stall`
is a funnel; `clinic` is all queues; `hermit` is the smallest market there can be.
"""

import dataclasses
from typing import Any

import numpy as np

from sim.recorder import Records
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario

Part = dict[str, Any]

BAD = {"mean": -0.5, "sd": 0.4}
FAIR = {"mean": 0.2, "sd": 0.4}
GOOD = {"mean": 0.5, "sd": 0.3}


def market(**fields: Any) -> Scenario:
    """A scenario that breaks no rule."""
    scenario = Scenario.model_validate(fields)
    assert cross_check(scenario) == []
    return scenario


def town() -> Scenario:
    """Loop with nine phases, random mixing, all five triggers, all audiences, budgets, queues."""
    leaving = {"leave_per_day": 0.03, "leave_to_competitor": 0.5}
    phases = {
        "unaware": {"kind": "latent", "pace_per_day": 0.1, "weights": {"awareness": 3.0}},
        "aware": {"kind": "latent"},
        "look": {
            "kind": "consider",
            "pace_per_day": 0.4,
            "weights": {"awareness": 1.0, "engagement": 1.0, "experience": 0.5},
            "skip": 0.3,
            **leaving,
        },
        "compare": {"kind": "consider", "pace_per_day": 0.5, "back_after_bad": 0.3, **leaving},
        "decide": {"kind": "consider", "pace_per_day": 0.6, "back_per_day": 0.1, **leaving},
        "buy": {"kind": "purchase", "pace_per_day": 0.7, "back_per_day": 0.05, **leaving},
        "use": {
            "kind": "relate",
            "pace_per_day": 0.2,
            "weights": {"satisfaction": 3.0, "trust": 1.0, "loyalty": 1.0},
        },
        "return": {"kind": "relate", "pace_per_day": 0.1, "back_per_day": 0.02},
        "praise": {"kind": "advocate", "back_per_day": 0.02, "back_after_bad": 0.8},
    }
    searching = {"look": 0.3, "compare": 0.3, "decide": 0.3}
    owning = {"use": 0.1, "return": 0.1, "praise": 0.1}
    everywhere = dict.fromkeys(phases, 0.05)
    return market(
        name="town",
        population=2200,
        agents=220,
        days=75,
        seed=0,
        panel=1.0,
        journey={
            "needs": ["price", "fit"],
            "phases": phases,
            "checkout": {"abandon": 0.5, "retry": 0.5, "to_competitor": 0.4},
            "behaviour": {"memory": {"peak": 0.5, "end": 0.3, "mean": 0.2}},
        },
        segments={
            "many": {
                "share": 0.6,
                "need": {
                    "rate_per_year": 8.0,
                    "gamma_shape": 1.5,
                    "season": {"amplitude": 0.3, "peak_day": 330},
                },
                "need_weights": {
                    "price": {"mean": 0.7, "sd": 0.2},
                    "fit": {"mean": 0.3, "sd": 0.2},
                },
                "budget": {"mean": 900.0, "cv": 0.5},
                "income_per_day": {"mean": 30.0, "cv": 0.3},
                "price_sensitivity": {"mean": 1.0, "cv": 0.3},
                "patience_minutes": {"mean": 15.0, "cv": 0.5},
                "sociability": {"mean": 1.0, "cv": 1.5},
                "affinities": {"site": 1.4, "display": 0.7},
                "affinity_spread": 0.5,
                "devices": 3,
                "start": {
                    "awareness": 0.2,
                    "customers": 0.3,
                    "engagement": 0.3,
                    "loyalty": 0.5,
                    "satisfaction": 0.2,
                    "permission": 0.5,
                    "permission_prospects": 0.1,
                },
                "lapse": {"per_day": 0.004, "per_purchase": {"mean": 0.2, "concentration": 5.0}},
            },
            "few": {
                "share": 0.4,
                "need": {"rate_per_year": 12.0},
                "need_weights": {"price": {"mean": 0.2}, "fit": {"mean": 0.8}},
            },
        },
        offers={
            "basic": {
                "price": 300.0,
                "unit_cost": 180.0,
                "attributes": {"price": 0.8, "fit": 0.4},
                "performance": {"mean": 0.1, "sd": 0.6},
                "judgement_days": 3,
                "add_ons": {
                    "wrap": {"price": 30.0, "unit_cost": 5.0, "chance": 0.4},
                    "insurance": {"price": 200.0, "chance": 0.5},
                },
            },
            "plus": {
                "price": 499.95,
                "unit_cost": 250.0,
                "attributes": {"price": 0.3, "fit": 0.9},
                "performance": {"mean": 0.3, "sd": 0.3},
                "appeal": 0.2,
                "judgement_days": 0,
            },
        },
        competitors={
            "rival": {
                "strength": 0.3,
                "offers": {
                    "cheap": {"price": 250.0, "attributes": {"price": 0.9, "fit": 0.2}},
                    "dear": {"price": 600.0, "attributes": {"price": 0.1, "fit": 1.0}},
                },
            },
            "other": {"offers": {"thing": {"price": 320.0}}},
        },
        touchpoints={
            "display": {
                "starts": "push",
                "control": "paid",
                "budget_per_day": 400.0,
                "cost": {"per_contact": 1.0},
                "reach": {"unaware": 1.0, "aware": 1.0, "look": 0.5},
                "quality": {"sd": 0.3},
                "habituation": 4.0,
                "message": {"price": 1.0},
                "effects": {"awareness": 0.1, "engagement": 0.1, "expectation": 0.3},
                "promise": 0.8,
                "click_chance": 0.05,
                "flight": {"days_on": 10, "days_off": 5, "season": {"amplitude": 0.5}},
            },
            "search": {
                "starts": "pull",
                "control": "paid",
                "budget_per_day": 40.0,
                "cost": {"per_click": 5.0, "per_order_share": 0.05},
                "reach": searching,
                "quality": FAIR,
                "norm": 0.1,
                "effects": {"awareness": 0.2, "engagement": 0.4, "trust": 0.1},
                "effects_in": {"decide": {"trust": 0.3, "friction": -0.2}},
                "click_chance": 0.6,
            },
            "newsletter": {
                "starts": "push",
                "audience": "permitted",
                "personalised": True,
                "reach": everywhere,
                "quality": FAIR,
                "habituation": 10.0,
                "effects": {"engagement": 0.2},
                "cost": {"per_contact": 0.02, "per_day": 10.0},
                "flight": {"start_day": 7},
            },
            "site": {
                "starts": "pull",
                "reach": {**searching, "buy": 0.8},
                "quality": FAIR,
                "effects": {"engagement": 0.3, "trust": 0.1, "permission": 0.2, "friction": 0.1},
                "click_chance": 0.9,
            },
            "welcome": {
                "starts": "push",
                "audience": "prospects",
                "reach": {"look": 0.2},
                "effects": {"awareness": 0.3},
            },
            "win_back": {
                "starts": "push",
                "audience": "lapsed",
                "reach": {"aware": 0.2, "unaware": 0.2},
                "effects": {"awareness": 0.5, "trust": 0.5},
            },
            "retarget": {
                "starts": "push",
                "audience": "visitors",
                "control": "paid",
                "budget_per_day": 60.0,
                "cost": {"per_contact": 2.0},
                "reach": searching,
                "effects": {"engagement": 0.2},
            },
            "guide": {
                "starts": "triggered",
                "trigger": "need",
                "delay_days": 0,
                "reach": {"look": 0.9, "buy": 0.5},
                "effects": {"engagement": 0.2},
            },
            "reminder": {
                "starts": "triggered",
                "trigger": "checkout_abandoned",
                "delay_days": 1,
                "reach": {"buy": 0.8},
                "effects": {"friction": -0.3, "engagement": 0.3},
            },
            "thanks": {
                "starts": "triggered",
                "trigger": "purchase",
                "delay_days": 2,
                "reach": owning | {"use": 0.9},
                "quality": GOOD,
                "effects": {"trust": 0.2},
            },
            "recovery": {
                "starts": "triggered",
                "trigger": "bad_experience",
                "delay_days": 2,
                "audience": "customers",
                "reach": {"use": 0.7, "return": 0.7, "praise": 0.7},
                "quality": GOOD,
                "effects": {"recovery": 0.6},
            },
            "survey": {
                "starts": "triggered",
                "trigger": "lapse",
                "delay_days": 3,
                "reach": {"unaware": 0.9, "aware": 0.9},
                "quality": BAD,
            },
            "reviews": {
                "starts": "pull",
                "control": "earned",
                "shows_rating": True,
                "reach": {"compare": 0.4},
                "effects": {"trust": 0.3},
            },
            "talk": {
                "starts": "earned",
                "control": "earned",
                "reach": {"unaware": 1.0, "aware": 1.0, **searching},
                "quality": {"mean": 0.6, "sd": 0.2},
                "effects": {"awareness": 0.3, "trust": 0.2},
            },
            "phone": {
                "starts": "service",
                "capacity": {"servers": 2, "service_minutes": 60.0, "comfort": 0.2},
                "reach": {"compare": 0.3, **owning},
                "quality": FAIR,
                "effects": {"trust": 0.2},
                "cost": {"per_staff_hour": 200.0},
            },
            "mail": {
                "starts": "service",
                "capacity": {
                    "servers": 1,
                    "opens_hour": 0.0,
                    "closes_hour": 24.0,
                    "service_minutes": 5.0,
                    "service_constant": True,
                    "response_minutes": 90.0,
                    "comfort": 0.5,
                },
                "reach": owning,
                "quality": GOOD,
                "norm": 0.2,
                "habituation": 3.0,
            },
            "station": {
                "starts": "pull",
                "control": "uncontrolled",
                "reach": {"use": 0.2, "praise": 0.2},
                "quality": BAD,
            },
            "closed": {"enabled": False, "starts": "pull", "reach": everywhere},
        },
        talk={"per_day": 0.2, "fan_per_day": 0.02},
        reviews={"chance": 0.5, "start_count": 10, "usual_rating": 3.5},
    )


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


MARKETS = {scenario.name: scenario for scenario in (town(), club(), stall(), clinic(), hermit())}


def differences(one: Records, other: Records) -> list[str]:
    """Where two runs' records differ by as much as a bit: array, column, first place, values."""
    found = []
    for field in dataclasses.fields(one):
        if field.name == "scenario":
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        if a.shape != b.shape or a.dtype != b.dtype:
            found.append(f"{field.name}: {a.dtype}{a.shape} and {b.dtype}{b.shape}")
            continue
        for column in a.dtype.names or ("",):
            x, y = (a[column], b[column]) if column else (a, b)
            bits = f"u{x.dtype.itemsize}"
            unequal = np.argwhere(
                np.ascontiguousarray(x).view(bits) != np.ascontiguousarray(y).view(bits)
            )
            if len(unequal):
                first = tuple(unequal[0])
                place = f"{field.name} {column} {[int(k) for k in first]}"
                found.append(f"{place}: {x[first]!r} and {y[first]!r}, {len(unequal)} differ")
    return found
