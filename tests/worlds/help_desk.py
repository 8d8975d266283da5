"""A linear toy market for what touchpoints add: every effect has a closed form.

Everybody who reaches the checkout gives up (abandon: 1), unless the help desk is met that day,
with chance REACH; then friction falls by FALL and the chance to give up is exp(-FALL). Whoever
gives up and whoever buys starts again as a stranger, so that needs do not depend on the help,
and the purchases are binomial: each checkout succeeds with chance REACH x (1 - exp(-FALL)).
The poster has no effect on anything.
"""

import math
from typing import Any

from sim.scenario.schema import Scenario
from sim.theory.bare import CERTAIN_BIAS, market

REACH, FALL = 0.4, 10.0
PRICE, UNIT_COST = 100.0, 40.0
GIVES_UP: dict[str, Any] = {  # everybody, at once, unless friction falls
    "phases": {"consider": {"pace_per_day": 1.0, "bias": CERTAIN_BIAS}},
    "checkout": {"abandon": 1.0, "retry": 0.0},
}
BUYS = REACH * (1.0 - math.exp(-FALL))
DAILY = 30.0  # what the help desk costs
HELP: dict[str, Any] = {
    "starts": "pull",
    "reach": {"purchase": REACH},
    "effects": {"friction": -FALL},
    "cost": {"per_day": DAILY},
}
POSTER: dict[str, Any] = {
    "starts": "push",
    "reach": {"latent": 0.3, "consider": 0.2},
    "quality": {"mean": 0.0, "sd": 0.0},
}


def helped(agents: int = 2000, days: int = 40, seed: int = 3, **touchpoints: Any) -> Scenario:
    """The market with a help desk and a poster, or with other touchpoints."""
    given = touchpoints or {"help": HELP, "poster": POSTER}
    made = market(
        "helped",
        agents,
        days,
        population=2 * agents,
        seed=seed,
        journey=GIVES_UP,
        segments={
            "all": {"share": 1.0, "need": {"rate_per_year": 30.0}, "start": {"awareness": 1.0}}
        },
        offers={"offer": {"price": PRICE, "unit_cost": UNIT_COST}},
        touchpoints=given,
    )
    return made
