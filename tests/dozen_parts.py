"""The parts of the dozen's scenario: phases, offers and touchpoints; see `dozen`."""

from typing import Any

PHASES: dict[str, dict[str, Any]] = {
    "unaware": {"kind": "latent", "pace_per_day": 1.0, "bias": -50.0, "weights": {"trust": 100.0}},
    "aware": {"kind": "latent"},
    "look": {
        "kind": "consider",
        "pace_per_day": 1.0,
        "bias": -50.0,
        "weights": {"trust": 100.0},
        "skip": 1.0,
    },
    "doubt": {"kind": "consider", "leave_per_day": 1.0},
    "weigh": {"kind": "consider", "pace_per_day": 1.0, "bias": 50.0, "back_after_bad": 1.0},
    "buy": {"kind": "purchase", "pace_per_day": 1.0},
    "own": {
        "kind": "relate",
        "pace_per_day": 1.0,
        "bias": -80.0,
        "weights": {"satisfaction": 100.0},
    },
    "praise": {"kind": "advocate", "back_after_bad": 1.0},
}
WANTS = ("basic", "basic_or_copy", "plus", "plus_or_copy", "club")


def attributes(*wanted: str) -> dict[str, float]:
    """Fits those who want it, and nobody else."""
    return {want: float(want in wanted) for want in WANTS}


OFFERS: dict[str, dict[str, Any]] = {
    "basic": {
        "price": 100.0,
        "unit_cost": 60.0,
        "appeal": 33.0,
        "attributes": attributes("basic", "basic_or_copy"),
        "performance": {"mean": 1.0},
        "judgement_days": 0,
    },
    "plus": {
        "price": 200.0,
        "unit_cost": 120.0,
        "appeal": 33.0,
        "attributes": attributes("plus", "plus_or_copy"),
        "performance": {"mean": -1.0},
        "judgement_days": 0,
        "add_ons": {
            "wrap": {"price": 20.0, "unit_cost": 5.0, "chance": 1.0},
            "insurance": {"price": 1000.0, "chance": 1.0},
        },
    },
    "club": {
        "price": 50.0,
        "unit_cost": 20.0,
        "appeal": 33.0,
        "attributes": attributes("club"),
        "performance": {"mean": 1.0},
        "subscription_days": 30,
        "judgement_days": 7,
    },
}


def once(start: int, days: int = 1) -> dict[str, int]:
    """A flight of so many days."""
    return {"start_day": start, "days_on": days, "days_off": 7300}


RETENTION = {"purpose": "retention"}
TOUCHPOINTS: dict[str, dict[str, Any]] = {
    "poster": {
        "starts": "push",
        "control": "paid",
        "reach": {"unaware": 1.0, "aware": 1.0},
        "quality": {"mean": 1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_contact": 2.0},
        "flight": once(5, 2),
    },
    "brochure": {
        "starts": "push",
        "reach": {"look": 1.0},
        "quality": {"mean": 1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_contact": 4.0},
        "flight": once(1),
    },
    "search": {
        "starts": "pull",
        "control": "paid",
        "reach": {"look": 1.0},
        "quality": {"mean": 1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_click": 5.0, "per_order_share": 0.2},
        "budget_per_day": 30.0,
        "flight": once(100, 3),
        "tracking": "click",
        "click_chance": 1.0,
    },
    "site": {
        "starts": "pull",
        "reach": {"look": 1.0, "weigh": 1.0},
        "quality": {"mean": 1.0},
        "cost": {"per_day": 2.5, "per_visit": 0.5},
        "click_chance": 1.0,
    },
    "call": {
        "starts": "push",
        "reach": {"weigh": 1.0},
        "quality": {"mean": -1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_contact": 1.0},
    },
    "form": {
        "starts": "pull",
        "reach": {"look": 1.0},
        "quality": {"mean": -0.5},
        "effects": {"friction": 10.0},
    },
    "reminder": {
        "starts": "triggered",
        "trigger": "checkout_abandoned",
        "reach": {"buy": 1.0},
        "quality": {"mean": 0.5},
        "effects": {"friction": -10.0},
        "cost": {"per_contact": 0.5},
    },
    "friends": {
        "starts": "earned",
        "control": "earned",
        "reach": {"look": 1.0},
        "quality": {"mean": 1.0},
        "personalised": True,
        "effects": {"awareness": 1.0, "trust": 1.0},
        "flight": {"start_day": 40},
    },
    "reviews": {
        "starts": "pull",
        "control": "earned",
        "reach": {"weigh": 1.0},
        "shows_rating": True,
    },
    "desk": {  # opens for a moment, so that all come at the same minute
        "starts": "service",
        "reach": {"buy": 1.0},
        "capacity": {
            "servers": 1,
            "opens_hour": 9.0,
            "closes_hour": 9.000001,
            "service_minutes": 60.0,
            "service_constant": True,
            "comfort": 0.25,
        },
        "flight": once(2, 2),
    },
    "mail": RETENTION
    | {
        "starts": "service",
        "reach": {"own": 1.0},
        "quality": {"mean": 1.0},
        "capacity": {
            "servers": 1,
            "opens_hour": 9.0,
            "closes_hour": 17.0,
            "service_minutes": 0.0,
            "response_minutes": 120.0,
            "comfort": 0.5,
        },
        "cost": {"per_staff_hour": 12.0},
        "flight": once(20, 5),
    },
    "thanks": RETENTION
    | {
        "starts": "triggered",
        "trigger": "purchase",
        "delay_days": 2,
        "reach": {"own": 1.0},
        "quality": {"mean": 1.0},
        "cost": {"per_contact": 1.5},
    },
    "recovery": RETENTION
    | {
        "starts": "triggered",
        "trigger": "bad_experience",
        "delay_days": 2,
        "audience": "customers",
        "reach": {"buy": 1.0, "own": 1.0},
        "quality": {"mean": 0.25},
        "cost": {"per_contact": 10.0},
    },
    "win_back": RETENTION
    | {
        "starts": "triggered",
        "trigger": "lapse",
        "audience": "lapsed",
        "reach": {"look": 1.0},
        "cost": {"per_contact": 3.0},
    },
    "support": RETENTION
    | {
        "starts": "pull",
        "reach": {"own": 1.0, "praise": 1.0},
        "quality": {"mean": -1.0},
        "flight": once(70, 10),
    },
    "newsletter": RETENTION
    | {
        "starts": "push",
        "audience": "permitted",
        "reach": {"own": 1.0, "praise": 1.0},
        "quality": {"mean": 0.5},
        "cost": {"per_contact": 0.25},
        "flight": {"start_day": 10, "days_on": 1, "days_off": 49},
    },
    "catalogue": RETENTION
    | {
        "starts": "push",
        "audience": "customers",
        "reach": {"buy": 1.0},
        "quality": {"mean": 1.0},
        "cost": {"per_contact": 5.0},
        "flight": {"start_day": 100, "days_on": 1, "days_off": 99},
    },
}
