"""Optimise: the best split of a budget, and what it gains, on seeds that the search never saw.

    parts of the budget (plans)  ->  search on the search seeds (search, surrogate)
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
at the optimised plan (`sim.questions.budget.marginals`).

Gains have 95 % intervals from the spread between fresh seeds (Student's t); marginal returns from
the spread between customers, of `MARGINAL_SEEDS` fresh seeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sim.measures.figure import Undefined
from sim.questions.budget.frontier import shares_of
from sim.questions.budget.marginals import Marginal, marginals
from sim.questions.budget.plans import Divided
from sim.questions.budget.request import Request, check_request
from sim.questions.budget.runs import OPTIMISED, PlanFound, PlanRuns
from sim.questions.budget.search import SearchFound, search, told
from sim.runs.store import Store
from sim.scenario.schema import Scenario

MARGINAL_SEEDS = 2  # assumption: as customers are compared one by one, few do

Progress = Callable[[float, float], None]


@dataclass(frozen=True)
class Optimised:
    """All that was found."""

    scenario: Scenario
    request: Request
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


def most_runs(request: Request, parts: int) -> int:
    """How many runs `optimise` makes at most."""
    plans = 5 + len(shares_of()) * request.frontier
    corrections = 3 * (2 + len(shares_of()) * request.frontier)
    steps = 2 * parts * MARGINAL_SEEDS
    return 3 + request.evaluations + corrections + plans * request.replicates + steps


def optimise(
    scenario: Scenario,
    request: Request,
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


def _frontier_name(share: float) -> str:
    return f"keep {share:.0%}"
