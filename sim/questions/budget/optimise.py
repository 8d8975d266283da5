"""Optimise: the best split of a budget, and what it gains, on seeds that the search never saw.

    parts of the budget (plans)  ->  search on the search seeds (search)
      ->  today's plan, simple splits, the best plan and the frontier, on fresh seeds (trials)

The *total* is what all parts together spend within the window: from day D to the end of the run.
Compared on the fresh seeds, all with the same luck:

- *today*: the budgets as they are, whatever they spend;
- *scaled*: today's split, scaled to the total (left out where today spends the total);
- *equal*: the same amount for every part;
- *last_click*: by what last click credits each part with (`sim.measures.attribution`), as found
  in today's market with everybody in the panel; parts without a trail get nothing;
- *optimised*: the plan that the search found;
- *frontier*: a share k of the total on the parts that keep customers, the rest on those that win
  them, k = 0, 10, ... 100 %, each side split by the response curves of the search's first round.
  A share is left out where the parts cannot spend it.

All plans keep to what parts can spend: a touchpoint's reach is at most 1, a paid search ends where
all who search have clicked, and no part gets more than `MOST_TIMES` what it has today (in
proportion more if the total is more) unless a bound says so; simple splits do not keep to the lower
bounds that were asked for. The *marginal return* of a part is what its last and its next krone do
at the optimised plan.

Gains have 95% intervals from the spread between fresh seeds (Student's t); marginal returns from
the spread between customers, of `MARGINAL_SEEDS` fresh seeds.

**Marginal returns.** Each part has a little more and a little less of it, the others staying where
they are:

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

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.measures.figure import Undefined
from sim.measures.incrementality import UNSEEN
from sim.measures.intervals import Effect, Estimate, over_customers
from sim.questions.budget.plans import Divided
from sim.questions.budget.request import (
    OPTIMISED,
    PlanFound,
    PlanRuns,
    SplitRequest,
    check_request,
    shares_of,
)
from sim.questions.budget.search import Limits, SearchFound, Tried, search, told
from sim.questions.budget.trials import between
from sim.runs.progress import Progress
from sim.runs.store import Store
from sim.scenario.schema import Scenario

# --- marginal returns ---

# Assumptions: as small as the noise between customers lets it be.
STEP = 0.2
FIRST = 0.01  # of the total
NEAR = 0.002  # of the total: as near to a bound as makes no difference
NOTHING = 1e-6  # of the total: as good as no money
LOW, HIGH = "low", "high"
NO_MONEY = "it has no money"
NO_MORE = "what it can spend is used up"


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
    if factor == 0.0 or amount <= NOTHING * total:
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


# --- optimise ---

MARGINAL_SEEDS = 2  # assumption: as customers are compared one by one, few do


@dataclass(frozen=True)
class Optimised:
    """All that was found."""

    scenario: Scenario
    request: SplitRequest
    divided: Divided
    total: float
    worth: float  # of a customer at the end, in currency
    searched: SearchFound
    search_seeds: Sequence[int]
    fresh_seeds: Sequence[int]
    plans: Sequence[PlanFound]
    frontier: Sequence[PlanFound]
    shares: Sequence[float]  # of the total on keeping customers, of each plan of the frontier
    marginals: Mapping[str, Marginal]
    left_out: Mapping[str, Undefined]  # plans that could not be made
    runs: int
    seconds: float = 0.0  # that it took; the manifest keeps it, the answer does not

    def has(self, name: str) -> bool:
        """Whether a plan of this name was made."""
        return any(plan.name == name for plan in self.plans)

    def plan(self, name: str) -> PlanFound:
        """The plan of this name. Raises KeyError if it was not made."""
        return {plan.name: plan for plan in self.plans}[name]


def most_runs(request: SplitRequest, parts: int) -> int:
    """How many runs `optimise` makes at most."""
    plans = 5 + len(shares_of()) * request.frontier
    corrections = 3 * (2 + len(shares_of()) * request.frontier)
    steps = 2 * parts * MARGINAL_SEEDS
    return 3 + request.evaluations + corrections + plans * request.replicates + steps


def optimise(
    scenario: Scenario,
    request: SplitRequest,
    store: Store | None = None,
    *,
    progress: Progress | None = None,
) -> Optimised:
    """Carry out a request. The result does not depend on `threads`.

    `progress`: called with the number of runs done, fractions included, and of all at most.
    `finished`: where finished runs are kept, and taken from. Raises `InputError` if the request
    is wrong, or no split of the total keeps to its bounds.
    """
    divided = check_request(scenario, request)
    began, everything = time.perf_counter(), float(most_runs(request, len(divided.parts)))

    def tell(runs: int) -> None:
        if progress is not None:
            progress(min(runs, everything), everything)

    work = PlanRuns(scenario, request, divided, store=store or Store(), tell=tell)
    work.check_total()
    searched = search(work.try_out, work.total, work.limits, evaluations=request.evaluations)
    plans, left_out = work.simple_plans()
    plans[OPTIMISED] = searched.best.factors
    sides = work.frontier_plans(searched) if request.frontier else {}
    fresh = range(scenario.seed + 1, scenario.seed + 1 + request.replicates)
    found = work.compare({**plans, **{_frontier_name(k): f for k, f in sides.items()}}, fresh)
    returns = marginals(work, searched.best, fresh[:MARGINAL_SEEDS])
    if progress is not None:
        progress(everything, everything)
    return Optimised(
        scenario,
        request,
        divided,
        work.total,
        work.worth,
        told(searched),
        [scenario.seed],
        fresh,
        [plan for plan in found if plan.name in plans],
        [plan for plan in found if plan.name not in plans],
        list(sides),
        returns,
        left_out,
        work.trials.done,
        time.perf_counter() - began,
    )


def best_share(made: Optimised, outcome: str) -> Estimate:
    """The share on retention with the highest gain in an outcome, one of `COMPARED`.

    Its ends are the least and the largest share whose gain is not lower for sure: whose interval
    reaches up to that of the best. Raises ValueError if there is no frontier.
    """
    gains = [plan.gain.of(outcome) for plan in made.frontier]
    best = max(gains, key=lambda gain: gain.value)
    near = [share for share, gain in zip(made.shares, gains, strict=True) if gain.high >= best.low]
    return Estimate(made.shares[gains.index(best)], min(near), max(near))


def _frontier_name(share: float) -> str:
    return f"keep {share:.0%}"
