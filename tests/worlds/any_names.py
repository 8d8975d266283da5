"""A tiny loop whose parts may be called anything: two segments, two posters and a desk.

One or two of everything that has a name, in English and Danish; for pages that must hold whatever
names, and for the pictures of every kind of page.
"""

from collections.abc import Callable

from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario

SIZE = {"agents": 150, "population": 1500, "days": 200}

Named = Callable[[str], str]


def plain(name: str) -> str:
    """The name as it is."""
    return name


def market(named: Named = plain) -> Scenario:
    """A small loop with one or two of everything that has a name; `named`: what all are called."""
    poster = {
        "starts": "push",
        "control": "paid",
        "budget_per_day": 60.0,
        "cost": {"per_contact": 0.5},
        "reach": {named(phase): 0.5 for phase in ("idle", "look", "own")},
        "quality": {"mean": 0.2, "sd": 0.5},
        "effects": {"awareness": 0.5, "engagement": 0.5},
        "click_chance": 0.5,
    }
    desk = {
        "starts": "service",
        "reach": {named("buy"): 0.6, named("own"): 0.1},
        "capacity": {"servers": 1, "service_minutes": 30.0},
        "quality": {"mean": -0.2, "sd": 0.5},
    }
    phases = {
        "idle": {"kind": "latent"},
        "look": {"kind": "consider", "pace_per_day": 0.3, "leave_per_day": 0.05},
        "buy": {"kind": "purchase", "pace_per_day": 0.5, "leave_per_day": 0.1},
        "own": {"kind": "relate"},
    }
    needs = [named("fit"), named("looks")]
    made = Scenario.model_validate(
        {
            "name": named("market"),
            "seed": 3,
            "panel": 1.0,
            **SIZE,
            "journey": {
                "needs": needs,
                "phases": {named(phase): fields for phase, fields in phases.items()},
                "checkout": {"abandon": 0.3, "to_competitor": 0.5},
            },
            "segments": {
                named("many"): {"share": 0.6, "need": {"rate_per_year": 20.0}},
                named("few"): {"share": 0.4, "need": {"rate_per_year": 20.0}},
            },
            "offers": {
                named("basic"): {
                    "price": 300.0,
                    "unit_cost": 100.0,
                    "attributes": dict.fromkeys(needs, 0.5),
                    "add_ons": {named("wrap"): {"price": 30.0, "chance": 0.5}},
                },
                named("plus"): {"price": 400.0, "unit_cost": 150.0},
            },
            "competitors": {named("rival"): {"offers": {named("thing"): {"price": 300.0}}}},
            "touchpoints": {
                named("poster"): poster,
                named("letter"): {**poster, "purpose": "retention", "budget_per_day": 30.0},
                named("desk"): desk,
            },
        }
    )
    assert cross_check(made) == []
    return made


def danish(scenario: Scenario, name: str) -> Scenario:
    """The scenario with the same Danish name for every part that has one, and as its title."""
    called = scenario.model_dump(mode="json")
    for parts in (called["journey"]["phases"], *(called[p] for p in ("segments", "offers"))):
        for fields in parts.values():
            fields["name_da"] = name
    for fields in (*called["touchpoints"].values(), *called["competitors"].values()):
        fields["name_da"] = name
    for offer in called["offers"].values():
        for fields in offer["add_ons"].values():
            fields["name_da"] = name
    for competitor in called["competitors"].values():
        for fields in competitor["offers"].values():
            fields["name_da"] = name
    texts = dict.fromkeys(("title", "title_da", "description", "description_da"), name)
    return Scenario.model_validate({**called, **texts})
