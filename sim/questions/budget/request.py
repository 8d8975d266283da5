"""What is asked of `optimise`: a total, a goal, the parts, bounds and the window."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.errors import BadOption, InputError, Problem, nearest
from sim.questions.budget.plans import BY, TOUCHPOINT, Divided, divide
from sim.questions.budget.search import least_evaluations
from sim.questions.budget.trials import GOALS, PROFIT
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED

# Assumptions.
EVALUATIONS = 120  # up to four rounds of eleven parts
REPLICATES = 5  # fresh seeds: of fewer, Student's interval is very wide
MOST_REPLICATES = 100
MOST_PER_DAY = 1e8
TOO_FEW = "fewer than two parts can be given more or less: there is nothing to split"


@dataclass(frozen=True)
class Request:
    """What is asked; see `check_request`. `total`: None for what today's plan spends.

    `bounds`: the least and the most of a part's amount, by its name.
    """

    total: float | None = None
    goal: str = PROFIT
    by: str = TOUCHPOINT
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    from_day: int = 0
    evaluations: int = EVALUATIONS
    replicates: int = REPLICATES
    frontier: bool = True


def check_request(scenario: Scenario, request: Request) -> Divided:
    """The parts of a valid request; raises `InputError` with all that is wrong with it."""
    problems: list[Problem] = []

    def refuse(name: str, given: object, allowed: str, *, near: str | None = None) -> None:
        problems.append(BadOption(field=name, given=str(given), allowed=allowed, nearest=near))

    most = MOST_PER_DAY * scenario.days
    if request.total is not None and not 1.0 <= request.total <= most:
        refuse("budget", f"{request.total:g}", f"1 to {most:g} {scenario.currency}")
    if request.goal not in GOALS:
        refuse("goal", request.goal, ", ".join(GOALS), near=nearest(request.goal, GOALS))
    if request.by not in BY:
        refuse("by", request.by, " or ".join(BY), near=nearest(request.by, BY))
    if not 0 <= request.from_day < scenario.days:
        refuse("from-day", request.from_day, f"0 to {scenario.days - 1}, a day of the run")
    if not 2 <= request.replicates <= MOST_REPLICATES:
        refuse("replicates", request.replicates, f"2 to {MOST_REPLICATES}")
    if scenario.seed + request.replicates > MAX_SEED:
        refuse("seed", scenario.seed, f"at most {MAX_SEED} in the last replicate")
    if problems:
        raise InputError(problems=problems)
    divided = divide(scenario, request.by, request.bounds, from_day=request.from_day)
    names = [part.name for part in divided.parts]
    if len(names) < 2:
        raise InputError(f"{scenario.name}: {TOO_FEW}.")
    for name, (low, high) in request.bounds.items():
        if name not in names:
            why = divided.left_out.get(name)
            allowed = "names of parts of the budget" + (f" ({why})" if why else "")
            refuse("bounds", name, allowed, near=nearest(name, names))
        elif not 0.0 <= low <= high or math.isnan(high):
            refuse("bounds", f"{name}={low:g}..{high:g}", "0 or more, the lower one first")
    lowest = math.fsum(low for low, _ in request.bounds.values())
    if not problems and request.total is not None and lowest > request.total:
        refuse("bounds", f"{lowest:g} at least", f"at most the total, {request.total:g}")
    least = least_evaluations(len(names))
    if request.evaluations < least:
        refuse("evaluations", request.evaluations, f"{least} or more for {len(names)} parts")
    if problems:
        raise InputError(problems=problems)
    return divided
