"""A market whose best split of a budget is known: two segments, a poster for each."""

import math
from collections.abc import Mapping
from typing import Any

from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.theory.bare import market
from worlds.help_desk import FALL, GIVES_UP, PRICE, UNIT_COST

CONTACT = 0.5  # what one costs
SHARES = {"east": 0.75, "west": 0.25}
RATES = {"east": 20.0, "west": 60.0}  # needs per year
POSTERS = {"one": "east", "two": "west"}
DAYS = 40
BUDGETS = {"one": 700.0, "two": 200.0}  # krone a day
DAILY = 900.0  # of both
# Changes: west's poster is there to keep customers, by its label; west's people need nothing.
KEEPS: dict[str, Any] = {"touchpoints.two.purpose": "retention"}
IDLE_WEST: dict[str, Any] = {"segments.west.need.rate_per_year": 0.0}


def two_posters(agents: int = 4000, seed: int = 3, **change: Any) -> Scenario:
    """Two segments, each with a poster that the other never notices.

    Everybody at the checkout gives up, unless the poster is met there on that day; then the
    chance to give up is exp(-FALL). A budget b buys b / c contacts a day that fall on the n people
    of its segment at random, in whatever phase they are, so a checkout succeeds with the chance
    1 - exp(-b / (c n)). Who gives up and who buys starts again as a stranger: the number of
    checkouts does not depend on the budgets.
    """

    def poster(budget: float) -> dict[str, Any]:
        return {
            "starts": "push",
            "control": "paid",
            "budget_per_day": budget,
            "cost": {"per_contact": CONTACT},
            "reach": {"latent": 1.0, "consider": 1.0, "purchase": 1.0},
            "effects_in": {"purchase": {"friction": -FALL}},
        }

    def segment(name: str, other: str) -> dict[str, Any]:
        return {
            "share": SHARES[name],
            "need": {"rate_per_year": RATES[name]},
            "affinities": {other: 0.0},
            "start": {"awareness": 1.0},
        }

    made = market(
        "two_posters",
        agents,
        DAYS,
        seed=seed,
        journey=GIVES_UP,
        segments={"only": {"east": segment("east", "two"), "west": segment("west", "one")}},
        offers={"offer": {"price": PRICE, "unit_cost": UNIT_COST}},
        touchpoints={name: poster(budget) for name, budget in BUDGETS.items()},
    )
    return with_settings(made, overrides=change)


def scales(scenario: Scenario) -> dict[str, float]:
    """c n, by poster: the krone a day that buy one contact a head."""
    return {name: CONTACT * SHARES[of] * scenario.population for name, of in POSTERS.items()}


def checkouts(scenario: Scenario) -> dict[str, float]:
    """Checkouts a day that each poster can save, counted in a run of the market."""
    counted = run_fast(scenario).counts[:, :, Count.CHECKOUTS_STARTED].sum(axis=0) / DAYS
    return {name: float(counted[list(SHARES).index(of)]) for name, of in POSTERS.items()}


def margin_of(budgets: Mapping[str, float], scenario: Scenario) -> float:
    """Expected margin a day of budgets a day."""
    scale, wanted = scales(scenario), checkouts(scenario)
    return sum(
        (PRICE - UNIT_COST) * wanted[name] * -math.expm1(-budget / scale[name])
        for name, budget in budgets.items()
    )
