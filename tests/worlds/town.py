"""The toy market that has most of the model in it.

A loop with nine phases, several of a kind; random mixing; touchpoints of every start, trigger
and audience; budgets, flights and seasons; add-ons, rivals, reviews; queues with patience.
"""

from typing import Any

BAD = {"mean": -0.5, "sd": 0.4}
FAIR = {"mean": 0.2, "sd": 0.4}
GOOD = {"mean": 0.5, "sd": 0.3}


def town() -> dict[str, Any]:
    """The fields of the scenario."""
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
    return {
        "name": "town",
        "population": 2200,
        "agents": 220,
        "days": 75,
        "seed": 0,
        "panel": 1.0,
        "journey": {
            "needs": ["price", "fit"],
            "phases": phases,
            "checkout": {"abandon": 0.5, "retry": 0.5, "to_competitor": 0.4},
            "behaviour": {"memory": {"peak": 0.5, "end": 0.3, "mean": 0.2}},
        },
        "segments": {
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
        "offers": {
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
        "competitors": {
            "rival": {
                "strength": 0.3,
                "offers": {
                    "cheap": {"price": 250.0, "attributes": {"price": 0.9, "fit": 0.2}},
                    "dear": {"price": 600.0, "attributes": {"price": 0.1, "fit": 1.0}},
                },
            },
            "other": {"offers": {"thing": {"price": 320.0}}},
        },
        "touchpoints": {
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
                "tracking": "view",
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
                "tracking": "click",
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
        "talk": {"per_day": 0.2, "fan_per_day": 0.02},
        "reviews": {"chance": 0.5, "start_count": 10, "usual_rating": 3.5},
    }
