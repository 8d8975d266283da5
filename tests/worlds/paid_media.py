"""Paid touchpoints at the checkout of `help_desk`, of which half the budget is wasted."""

from typing import Any

from sim.scenario.schema import Scenario
from worlds.help_desk import FALL, helped

BUDGET = 60.0  # a day, of each


def paid(**more: Any) -> dict[str, Any]:
    """A paid touchpoint at the checkout that half of those who meet it click on."""
    return {
        "starts": "push",
        "control": "paid",
        "reach": {"purchase": 1.0},
        "quality": {"mean": 0.0, "sd": 0.0},
        "cost": {"per_contact": 1.0},
        "budget_per_day": BUDGET,
        "tracking": "click",
        "click_chance": 0.5,
        **more,
    }


def useful_and_useless(**more: Any) -> Scenario:
    """One that makes purchases, and one that is met by the same people and does nothing."""
    return helped(
        agents=1000,
        useful=paid(effects={"friction": -FALL}, **more),
        useless=paid(),
    )
