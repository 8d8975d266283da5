"""Belief: what it costs to split a budget in the belief that the market is another one.

Two firms have the same total over the run. One knows the true market and optimises there
(`optimise`). The other takes another market, the *believed* one, for true and optimises
in that: it sees parts that exist there only, and takes its responses for real. Both plans are then
tried out in the true market, on fresh seeds that neither search saw. Three plans beside today's:

- *knows*: optimised in the true market;
- *believes*: optimised in the believed market; parts that it does not have get nothing;
- *believes_wins*: the same, but the parts that keep customers stay as they are today, and only the
  rest of the total is split by the believed responses.

- *regret* of a plan = profit of `knows` - profit of the plan, over the run;
- *regret so far* = the same over the first m months (twelve equal ones a year);
- *parting month* = the first month from which on the 95% interval of the regret so far of
  `believes` does not hold 0, to the end of the run; None if there is none.

All parts have the same bounds in both markets: at most what they could have in the true one.
Intervals are from the spread between fresh seeds (Student's t).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sim.errors import InputError
from sim.measures.intervals import Effect, Estimate, interval
from sim.model.columns import Reals
from sim.questions.budget.plans import Divided
from sim.questions.budget.request import TODAY, PlanRuns, SplitRequest, check_request
from sim.questions.budget.search import Searched, best_split, search
from sim.questions.budget.trials import Gain, between, gain_over_seeds
from sim.runs.progress import Progress
from sim.runs.store import Store
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

KNOWS, BELIEVES, BELIEVES_WINS = "knows", "believes", "believes_wins"
PLANS = (TODAY, KNOWS, BELIEVES, BELIEVES_WINS)


class Believed(NamedTuple):
    """A plan in the true market, on the fresh seeds."""

    name: str
    factors: Mapping[str, float]
    spent: Mapping[str, float]  # mean, by part of the true market
    share_kept: float
    gain: Gain  # against today's plan
    regret: Gain  # of `knows` against it
    regret_so_far: Sequence[Estimate]  # of profit, by month, from the first on


@dataclass(frozen=True)
class BeliefFound:
    """All that was found."""

    scenario: Scenario
    believed: Scenario
    divided: Divided
    request: SplitRequest
    total: float
    worth: float
    plans: Sequence[Believed]
    search_seed: int
    fresh_seeds: Sequence[int]
    parting_month: int | None
    runs: int
    seconds: float = 0.0  # that it took; the manifest keeps it, the answer does not

    def plan(self, name: str) -> Believed:
        """The plan of this name. Raises KeyError if there is none."""
        return {plan.name: plan for plan in self.plans}[name]


def belief(
    scenario: Scenario,
    believed: Scenario,
    request: SplitRequest,
    *,
    store: Store | None = None,
    progress: Progress | None = None,
) -> BeliefFound:
    """Carry out the study; `request` is of the true market. The result does not depend on
    `threads`.

    `progress`: called with the number of runs done, and of all at most. `finished`: where
    finished runs are kept, and taken from. Raises `InputError` if the request is wrong, or the two
    markets have no part of the budget in common.
    """
    divided = check_request(scenario, request)
    began = time.perf_counter()
    everything = float(2 * request.evaluations + len(PLANS) * request.replicates + 12)
    runs, before = store or Store(), 0

    def tell(runs: int) -> None:
        if progress is not None:
            progress(min(float(before + runs), everything), everything)

    true = PlanRuns(scenario, request, divided, store=runs, tell=tell)
    knows = search(true.try_out, true.total, true.limits, evaluations=request.evaluations)
    before = true.trials.done
    other, believes = _in_belief(true, believed, runs, tell=tell)
    plans = {
        TODAY: dict.fromkeys(true.limits, 1.0),
        KNOWS: knows.best.factors,
        BELIEVES: true.placed(_everywhere(true, believes.amounts)).factors,
        BELIEVES_WINS: true.placed(_winning(true, other, believes)).factors,
    }
    before = other.trials.done
    fresh = range(scenario.seed + 1, scenario.seed + 1 + request.replicates)
    found = _compare(true, plans, fresh)
    if progress is not None:
        progress(everything, everything)
    return BeliefFound(
        scenario,
        believed,
        divided,
        request,
        true.total,
        true.worth,
        found,
        scenario.seed,
        fresh,
        parting_month(found[PLANS.index(BELIEVES)].regret_so_far),
        true.trials.done + other.trials.done,
        time.perf_counter() - began,
    )


def parting_month(so_far: Sequence[Estimate]) -> int | None:
    """The first month (from 1) from which on no interval holds 0, to the end."""
    first: int | None = None
    for month, one in enumerate(so_far, 1):
        if one.low <= 0.0 <= one.high:
            first = None
        elif first is None:
            first = month
    return first


def _in_belief(
    true: PlanRuns,
    believed: Scenario,
    store: Store,
    *,
    tell: Callable[[int], None],
) -> tuple[PlanRuns, Searched]:
    """The search for the whole total in the believed market, within the true one's limits."""
    known = {name: (0.0, true.can[name]) for name in true.limits}
    asked = replace(true.request, total=true.total, bounds={})
    names = {part.name for part in check_request(believed, asked).parts}
    common = {name: bound for name, bound in known.items() if name in names}
    if len(common) < 2:
        raise InputError(
            f"{true.scenario.name} and {believed.name} have fewer than two parts of the budget in"
            " common; at least two are needed."
        )
    asked = replace(asked, bounds=common)
    work = PlanRuns(believed, asked, check_request(believed, asked), store=store, tell=tell)
    limits = {name: limit for name, limit in work.limits.items() if name in common}
    return work, search(work.try_out, true.total, limits, evaluations=asked.evaluations)


def _everywhere(true: PlanRuns, amounts: Mapping[str, float]) -> dict[str, float]:
    return {name: amounts.get(name, 0.0) for name in true.limits}


def _winning(true: PlanRuns, other: PlanRuns, believes: Searched) -> dict[str, float]:
    """What keeps customers as it is today; the rest by the believed responses."""
    purposes = {part.name: part.purpose for part in true.divided.parts}
    kept = {n: a for n, a in true.today.spent.items() if purposes[n] == Purpose.RETENTION}
    last = believes.rounds[0]  # over the widest range of amounts
    names = [name for name in last.curves if name not in kept]
    low = {name: other.limits[name].low for name in names}
    high = {name: other.limits[name].high for name in names}
    rest = true.total - math.fsum(kept.values())
    curves = {name: last.curves[name] for name in names}
    return _everywhere(true, best_split(curves, rest, low, high=high).amounts | kept)


def _compare(
    true: PlanRuns, plans: Mapping[str, Mapping[str, float]], seeds: Sequence[int]
) -> list[Believed]:
    names = list(plans)
    gains: dict[str, list[Mapping[str, Effect]]] = {name: [] for name in names}
    regrets: dict[str, list[Mapping[str, Effect]]] = {name: [] for name in names}
    so_far: dict[str, list[Reals]] = {name: [] for name in names}
    spent = {name: dict.fromkeys(true.limits, 0.0) for name in names}
    for seed in seeds:
        markets = [true.divided.market(plans[name], seed) for name in names]
        made = true.trials.results(markets, true.divided)
        by_name = dict(zip(names, made, strict=True))
        for name, one in by_name.items():
            gains[name].append(between(by_name[TODAY], one, true.worth))
            regrets[name].append(between(one, by_name[KNOWS], true.worth))
            so_far[name].append(np.cumsum(by_name[KNOWS].profit_by_month - one.profit_by_month))
            for part, amount in one.spent.items():
                spent[name][part] += amount / len(seeds)
    return [
        Believed(
            name,
            plans[name],
            spent[name],
            true.share_kept(spent[name]),
            gain_over_seeds(gains[name]),
            gain_over_seeds(regrets[name]),
            [
                interval([Effect(float(value), 0.0) for value in month])
                for month in zip(*so_far[name], strict=True)
            ],
        )
        for name in names
    ]
