"""What one step more of a touchpoint did: plain data that a run carries and its folder keeps.

A step is a pair of runs with the same luck, one of them with more of something. It is tried
out by `sim.questions.touchpoints.next_krone` and judged by `sim.measures.incrementality`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from sim.folders import parse_json
from sim.vocabulary import Purpose

FILE = "next_krone.json"  # in a result folder


@dataclass(frozen=True)
class Step:
    """More of one touchpoint, or of all with a purpose; people and money of the population.

    Each figure is that of the run with more, less that of the run without. `*_se` are standard
    errors over simulated customers.
    """

    name: str  # the touchpoint, or the purpose
    together: bool  # whether it is all touchpoints with the purpose
    purpose: Purpose
    assumed: bool  # whether a fixed cost was taken to buy reach in proportion
    clipped: bool  # whether a reach would have gone beyond 1, and stayed there
    placed: float  # money spent on what was scaled
    spend: float  # money spent on all touchpoints
    spend_acquisition: float  # of it, on those that are to win customers
    margin: float
    margin_se: float
    new_customers: float
    new_customers_se: float


@dataclass(frozen=True)
class NextKrone:
    """All steps of a run.

    `factor`: the size of a step, 1.25 being a quarter more; `customers`: how many simulated
    customers it was tried out on; `left_out`: touchpoints without a step, and why.
    """

    factor: float
    customers: int
    steps: Sequence[Step]
    left_out: Mapping[str, str]


def as_text(found: NextKrone) -> str:
    """The steps as JSON; `from_text` gives the very same back."""
    return json.dumps(asdict(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_text(text: bytes, touchpoints: Container[str]) -> NextKrone:
    """The steps that `as_text` wrote, of a scenario with these touchpoints.

    Raises ValueError, KeyError or TypeError for others.
    """
    content = parse_json(text)
    found: NextKrone = TypeAdapter(NextKrone).validate_python(content)
    named = [step.name for step in found.steps if not step.together] + [*found.left_out]
    for name in named:
        if name not in touchpoints:
            raise ValueError(f"it names {name!s:.60}, which is no touchpoint")
    if found.customers < 1 or not found.factor > 0.0:
        raise ValueError("it was tried out on nobody")
    if any(min(step.margin_se, step.new_customers_se) < 0.0 for step in found.steps):
        raise ValueError("a standard error lies below 0")
    return found


def joined(found: Sequence[NextKrone]) -> NextKrone:
    """The steps of several seeds as one: means, and standard errors of means.

    The seeds share no luck, so variances add: SE = sqrt(sum of SE^2) / seeds. A step that some
    seed lacks is left out.
    """
    first, seeds = found[0], len(found)
    steps = []
    for step in first.steps:
        same = [
            other
            for each in found
            for other in each.steps
            if (other.name, other.together) == (step.name, step.together)
        ]
        if len(same) < seeds:
            continue
        figures: dict[str, Any] = {}
        for name in ("placed", "spend", "spend_acquisition", "margin", "new_customers"):
            figures[name] = math.fsum(getattr(other, name) for other in same) / seeds
        for name in ("margin_se", "new_customers_se"):
            figures[name] = math.hypot(*(getattr(other, name) for other in same)) / seeds
        steps.append(Step(**{**asdict(step), **figures}))
    return NextKrone(first.factor, sum(each.customers for each in found), steps, first.left_out)
