"""A small shop with every lever: two segments, an offer, a rival, a touchpoint of each kind.

A loop of six phases with queues, talk, reviews and a newsletter, for 150 days. The numbers are
assumptions, chosen so that every lever matters in a few thousand customers.
"""

from sim.scenario.schema import Scenario
from sim.theory.bare import Piece, market, merged

AGENTS, DAYS = 3000, 150
GOOD = {"mean": 0.3, "sd": 0.3}
SEARCHING = {"interest": 0.3, "desire": 0.3}


def _segment(share: float, price: float, fit: float) -> Piece:
    return {
        "share": share,
        "need": {"rate_per_year": 5.0, "gamma_shape": 2.0},
        "need_weights": {"price": {"mean": price, "sd": 0.1}, "fit": {"mean": fit, "sd": 0.1}},
        "price_sensitivity": {"mean": 1.0, "cv": 0.3},
        "affinity_spread": 0.3,
        "patience_minutes": {"mean": 60.0},
        "start": {"awareness": 0.2, "customers": 0.1, "loyalty": 0.3, "permission": 0.5},
        "lapse": {"per_day": 0.003, "per_purchase": {"mean": 0.1}},
    }


SHOP: Piece = {
    "journey": {
        "shape": "loop",
        "needs": ["price", "fit"],
        "phases": {
            "awareness": {"kind": "latent"},
            "interest": {
                "kind": "consider",
                "pace_per_day": 0.4,
                "weights": {"awareness": 1.0, "engagement": 2.0, "trust": 1.0},
                "bias": -1.0,
                "leave_per_day": 0.06,
                "leave_to_competitor": 0.5,
            },
            "desire": {
                "kind": "consider",
                "pace_per_day": 0.4,
                "weights": {"engagement": 2.0, "trust": 2.0, "experience": 1.0},
                "bias": -2.0,
                "leave_per_day": 0.06,
                "leave_to_competitor": 0.5,
                "back_after_bad": 0.3,
            },
            "purchase": {"kind": "purchase", "pace_per_day": 0.6, "leave_per_day": 0.1},
            "loyalty": {
                "kind": "relate",
                "pace_per_day": 0.05,
                "bias": -2.0,
                "weights": {"satisfaction": 3.0},
            },
            "advocacy": {"kind": "advocate", "back_per_day": 0.02},
        },
        "checkout": {"abandon": 0.4, "retry": 0.3, "to_competitor": 0.3},
        "choice": {"waiting": 0.0, "experience": 1.0, "trust": 2.0},
        "behaviour": {"loyalty_half_life_days": 365.0, "awareness_half_life_days": 60.0},
    },
    "segments": {"thrifty": _segment(0.5, 0.8, 0.2), "fussy": _segment(0.5, 0.2, 0.8)},
    "offers": {
        "offer": {
            "price": 300.0,
            "unit_cost": 150.0,
            "attributes": {"price": 0.6, "fit": 0.6},
            "performance": {"mean": 0.2, "sd": 0.4},
        }
    },
    "competitors": {
        "rival": {"offers": {"it": {"price": 290.0, "attributes": {"price": 0.6, "fit": 0.5}}}}
    },
    "touchpoints": {
        "display": {
            "starts": "push",
            "control": "paid",
            "budget_per_day": 150.0,
            "cost": {"per_contact": 0.5},
            "reach": {"awareness": 1.0, "interest": 1.0},
            "effects": {"awareness": 0.15, "engagement": 0.2},
        },
        "search": {
            "starts": "pull",
            "control": "paid",
            "budget_per_day": 60.0,
            "cost": {"per_click": 3.0},
            "click_chance": 0.5,
            "reach": SEARCHING,
            "effects": {"awareness": 0.2, "engagement": 0.3},
        },
        "site": {
            "starts": "pull",
            "reach": {**SEARCHING, "purchase": 0.6},
            "quality": GOOD,
            "effects": {"engagement": 0.3, "trust": 0.2, "permission": 0.1},
        },
        "talk": {
            "starts": "earned",
            "control": "earned",
            "reach": {"awareness": 1.0, **dict.fromkeys(SEARCHING, 1.0)},
            "quality": {"mean": 0.6, "sd": 0.2},
            "effects": {"awareness": 0.3, "trust": 0.3},
        },
        "letter": {
            "starts": "push",
            "audience": "permitted",
            "reach": {"awareness": 0.05, "interest": 0.1, "loyalty": 0.05},
            "quality": GOOD,
            "habituation": 8.0,
            "effects": {"awareness": 0.3, "engagement": 0.3},
        },
        "phone": {
            "starts": "service",
            "capacity": {"servers": 1, "service_minutes": 12.0, "comfort": 0.2},
            "reach": {"interest": 0.1, "desire": 0.2},
            "quality": GOOD,
            "effects": {"trust": 0.4, "engagement": 0.3},
        },
        "care": {
            "starts": "push",
            "purpose": "retention",
            "audience": "customers",
            "reach": {"loyalty": 0.03, "advocacy": 0.03},
            "quality": GOOD,
            "effects": {"trust": 0.2, "engagement": 0.1},
        },
        "recovery": {
            "starts": "triggered",
            "purpose": "retention",
            "trigger": "bad_experience",
            "delay_days": 2,
            "audience": "customers",
            "reach": {"loyalty": 0.8, "advocacy": 0.8},
            "quality": {"mean": 0.5},
            "effects": {"recovery": 0.8},
        },
    },
    "talk": {"per_day": 0.03},
    "reviews": {"chance": 0.1},
}


def shop(*changes: Piece) -> Scenario:
    """The shop with changes laid over it, one after the other."""
    parts: Piece = {"agents": AGENTS, "days": DAYS, **SHOP}
    for change in changes:
        parts = merged(parts, change)
    agents, days = parts.pop("agents"), parts.pop("days")
    # nothing of the bare market's own phases and segments
    parts["journey"] = {**parts["journey"], "phases": {"only": parts["journey"]["phases"]}}
    parts["segments"] = {"only": parts["segments"]}
    return market("shop", agents, days, **parts)
