"""A market with everything switched off, from which each limiting case switches on its own."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.records.recorder import Records
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario

Engine = Callable[[Scenario], Records]
Piece = dict[str, Any]

LASTING = 1e6  # days: the longest half-life a scenario may have; nothing fades in a short run
CERTAIN_BIAS = 50.0  # logit at which the chance rounds to 1
SURE = 100.0  # appeal of an offer that is always chosen
MOST_NEEDS = 1000.0  # per year: most customers feel a need each day


def _bare(name: str) -> Piece:
    """No needs, no decay, no touchpoints; a sure and free purchase for who gets that far."""
    return {
        "name": name,
        "panel": 0.0,
        "journey": {
            "shape": "funnel",
            "phases": {
                "latent": {"kind": "latent"},
                "consider": {"kind": "consider", "pace_per_day": 0.0},
                "purchase": {"kind": "purchase", "pace_per_day": 1.0},
            },
            "checkout": {"abandon": 0.0},
            "choice": {"waiting": -SURE},
            "behaviour": {
                "awareness_half_life_days": LASTING,
                "engagement_half_life_days": LASTING,
                "loyalty_half_life_days": LASTING,
                "familiarity_half_life_days": LASTING,
            },
        },
        "segments": {"all": {"share": 1.0, "need": {"rate_per_year": 0.0}}},
        "offers": {"offer": {"price": 0.0, "judgement_days": 0}},
    }


def merged(base: Piece, change: Piece) -> Piece:
    """`base` with the keys of `change` laid over it, level by level.

    A piece under `only` replaces what was there instead of joining it.
    """
    result = dict(base)
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            if "only" in value:
                result[key] = value["only"]
            else:
                result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def market(name: str, agents: int, days: int, **parts: Piece | float) -> Scenario:
    """A valid scenario: the bare market with `parts` (as in a scenario file) laid over it.

    One agent stands for one person unless `population` says otherwise. Raises ValueError
    where the parts break a rule.
    """
    sizes: Piece = {"agents": agents, "population": agents, "days": days}
    scenario = Scenario.model_validate(merged(_bare(name), {**sizes, **parts}))
    findings = cross_check(scenario)
    if findings:
        raise ValueError(f"{name}: {findings}")
    return scenario


def phases_by_night(records: Records) -> NDArray[np.int64]:
    """Customers in each phase at the end of each day, (D, P)."""
    flows = records.flows.sum(axis=1)
    change = flows.sum(axis=1) - flows.sum(axis=2)
    nights: NDArray[np.int64] = records.start.sum(axis=0) + np.cumsum(change, axis=0)
    return nights


def by_customer(records: Records) -> NDArray[np.void]:
    """The panel's events, customer by customer, each in the order in which they happened."""
    events = records.events
    return events[np.argsort(events["customer"], kind="stable")]
