"""Marginal returns: what a krone more, or less, of each part of a budget does at a plan.

Each part has a little more and a little less of it, the others staying where they are:

    marginal return = (goal with more - goal with less) / (what the part spends with more - less)

per krone of the part's own spend; the goal (profit) has the spend already taken off.

- Between its bounds: a fifth more and a fifth less, no further than the bound.
- At its upper bound: the plan and a fifth less. A krone more is not to be had.
- At a lower bound that was asked for: the plan and a fifth more.
- Without money: a hundredth of the total and none: what its first krone would bring.

At the best split, the marginal return is the same for all parts between their bounds (Lagrange's
condition), not larger for those at their lower bound, and not smaller for those at their upper one.

Two runs with the same luck are compared customer by customer (`sim.measures.incrementality`): the
interval is from the spread between customers, and leaves out how they hang together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.measures.figure import Undefined
from sim.measures.intervals import Effect, Estimate, over_customers
from sim.questions.budget.search import Limits, Tried
from sim.questions.budget.trials import between

if TYPE_CHECKING:
    from sim.questions.budget.runs import PlanRuns

# Assumptions: as small as the noise between customers lets it be.
STEP = 0.2
FIRST = 0.01  # of the total
NEAR = 0.002  # of the total: as near to a bound as makes no difference
LOW, HIGH = "low", "high"
NO_MONEY = "it has no money"
NO_MORE = "what it can spend is used up"
UNSEEN = "not one simulated customer did anything else: there are too few of them to see it"


class Marginal(NamedTuple):
    """The marginal return of a part: goal for each krone more, and where its amount stands."""

    value: Estimate | Undefined
    held: str  # "low" or "high" where a bound holds it, otherwise empty


class Ends(NamedTuple):
    """The two factors between which a part's return is measured."""

    less: float
    more: float


def held(limit: Limits, best: Tried, name: str, *, total: float) -> str:
    """Which bound holds a part's amount: "low", "high", or none (empty)."""
    amount = best.spent[name]
    if amount <= limit.low + NEAR * total:
        return LOW
    full = best.factors[name] >= limit.most * (1.0 - 1e-9)
    return HIGH if full or amount >= limit.high - NEAR * total else ""


def ends_of(
    limit: Limits, best: Tried, name: str, *, total: float, today: float
) -> Ends | Undefined:
    """Between which factors to measure; `today`: what the part spends at factor 1."""
    factor, amount = best.factors[name], best.spent[name]
    if factor == 0.0 or amount == 0.0:
        if today == 0.0:
            return Undefined(NO_MONEY)
        return Ends(0.0, min(limit.most, FIRST * total / today))
    less, more = factor * (1.0 - STEP), factor * (1.0 + STEP)
    where = held(limit, best, name, total=total)
    if where == HIGH:
        return Ends(less, factor)
    if where == LOW:
        less = factor
    return Ends(
        max(less, factor * limit.low / amount),
        min(limit.most, more, factor * limit.high / amount),
    )


def marginals(work: PlanRuns, best: Tried, seeds: Sequence[int]) -> dict[str, Marginal]:
    """The marginal return of every part at a plan, over the seeds."""
    goal, found = work.request.goal, dict[str, Marginal]()
    plans: dict[str, tuple[Mapping[str, float], Mapping[str, float]]] = {}
    where = {name: held(limit, best, name, total=work.total) for name, limit in work.limits.items()}
    for name, limit in work.limits.items():
        ends = ends_of(limit, best, name, total=work.total, today=work.today.spent[name])
        if isinstance(ends, Undefined):
            found[name] = Marginal(ends, where[name])
        else:
            less, greater = ({**best.factors, name: factor} for factor in ends)
            plans[name] = less, greater
    different = {tuple(plan.values()): plan for pair in plans.values() for plan in pair}
    effects: dict[str, list[Effect]] = {name: [] for name in plans}
    more = dict.fromkeys(plans, 0.0)
    for seed in seeds:
        made = dict(zip(different, work.results(list(different.values()), seed), strict=True))
        for name, pair in plans.items():
            before, after = (made[tuple(plan.values())] for plan in pair)
            effects[name].append(between(before, after, work.worth)[goal])
            more[name] += (after.spent[name] - before.spent[name]) / len(seeds)
    for name in plans:
        if more[name] <= 0.0:
            found[name] = Marginal(Undefined(NO_MORE), where[name])
            continue
        one = over_customers(effects[name])
        if one.low == one.high:
            found[name] = Marginal(Undefined(UNSEEN), where[name])
        else:
            found[name] = Marginal(Estimate(*(cell / more[name] for cell in one)), where[name])
    return {name: found[name] for name in work.limits}
