"""What it costs to let an attribution model split the budget.

A *plan* splits the money that can be ordered (`sim.questions.scaling`), that of the touchpoints
with a budget, over the whole run, in another way. The total stays the same:

    budget of c = total x weight of c / sum of the weights,

weights below 0 counting as 0. A touchpoint without weight gets nothing; there is no floor. Paid
search cannot spend more than all who search would cost: what is beyond that goes to the other
touchpoints by the same rule, and only if all with a weight are full does money stay unspent.
How much each search can spend is found in one run in which each has the whole total.

- *today*: the budgets as they are.
- a *model*'s plan: weights = its credit (`sim.measures.attribution`).
- *truth*: weights = the margin that each truly adds, found without it (knock-out).
- *next_krone*: weights = the margin that a step more of each adds (`effects`),
  the same share of each budget. Where a response is a power of its budget, the step's margin is
  in proportion to elasticity x margin, which is how the best split of a total goes (Dorfman &
  Steiner 1954). Responses here are no powers, so it is a step towards the best, not the best.

The truth's plan pays each touchpoint for what all of its budget brings, the first krone with the
last; as returns fall, what is best depends on the last one only. So it need not be the best plan,
nor beat every model's.

- *misplaced* = 1/2 sum of |budget of c - its budget in the truth's plan|: the money that is
  elsewhere.
- *gain* = profit with the plan - profit today, of runs that share their luck.
- *regret* = profit with the best of all plans tried - profit with the plan. The best is chosen
  by the same runs, so that regrets are a little too large where plans are nearly equal.

Profit is margin less what was spent, on all touchpoints; money left unspent is saved. Intervals
as in `sim.measures.incrementality`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.attribution import MODELS, CreditRow
from sim.measures.figure import Undefined
from sim.measures.incrementality import effect, own_outcomes, spend_on
from sim.measures.intervals import Effect, interval
from sim.questions.contrasts import Found
from sim.questions.scaling import Scaling, divisible, is_paid_search, scaling, share_out
from sim.questions.touchpoints.effects import KNOCK_OUT, STEP, EffectsStudy
from sim.runs.run import Run
from sim.runs.store import Keep, Store, pack_arrays, unpack_arrays
from sim.scenario.arrays import make_tables
from sim.scenario.levers import from_today
from sim.scenario.schema import Scenario

TODAY, TRUTH, NEXT_KRONE = "today", "truth", "next_krone"
TOO_FEW = "fewer than two touchpoints have a budget: there is nothing to split"
NO_WEIGHT = "none of the touchpoints with a budget gets anything"
FULL = 0.999  # of a budget: whoever spends less could not spend it

Budgets = Mapping[str, float]  # over the run, in currency
Levers = Mapping[str, Any]  # dotted path: value
Try = Callable[[Collection[Levers], int], "list[PlanTried]"]  # plans, with a seed
Progress = Callable[[float], None]


class SplitPlan(NamedTuple):
    """A split of the budgets, over the run: of a model, or `today`, `truth`, `next_krone`."""

    name: str
    budgets: Budgets


class SplitPlanFound(NamedTuple):
    """What came of a plan; effects by seed, of the whole population."""

    name: str
    budgets: Budgets
    misplaced: float | Undefined
    spent: float  # on the touchpoints with a budget, mean over seeds
    gain: Sequence[Effect]  # of profit, against today
    regret: Sequence[Effect]  # of profit


@dataclass(frozen=True)
class Regret:
    """All plans tried, the best of them, and why others could not be made."""

    plans: Sequence[SplitPlanFound]
    best: str
    ceilings: Budgets  # what a search can spend at most, where less than everything
    left_out: Mapping[str, Undefined]
    runs: int

    def of(self, name: str) -> SplitPlanFound:
        """The plan of this name. Raises KeyError if it was not tried."""
        return {plan.name: plan for plan in self.plans}[name]


def budgets_of(scenario: Scenario) -> dict[str, float]:
    """The budgets that a split can order, over the whole run and its flights."""
    tables, names = make_tables(scenario), list(scenario.touchpoints)
    found: dict[str, float] = {}
    for name in divisible(scenario, ordered=True)[0]:
        days = float(tables.flight[names.index(name)].sum())
        if days > 0.0:
            found[name] = (scenario.touchpoints[name].budget_per_day or 0.0) * days
    return found


def split(total: float, weights: Budgets, ceilings: Budgets) -> dict[str, float] | Undefined:
    """The total by the weights, none above its ceiling; undefined if no weight is above 0.

    `ceilings`: of those that have one. The names are those of `weights`.
    """
    if max(weights.values(), default=0.0) <= 0.0:
        return Undefined(NO_WEIGHT)
    high = {name: ceilings.get(name, math.inf) for name in weights}
    return share_out(weights, total, dict.fromkeys(weights, 0.0), high=high)


def misplaced(budgets: Budgets, right: Budgets) -> float:
    """The money that is not where `right` has it: half the sum of the differences."""
    return math.fsum(abs(budgets[name] - amount) for name, amount in right.items()) / 2.0


def levers_of(scenario: Scenario, budgets: Budgets) -> dict[str, Any]:
    """The levers that give these budgets over the run. Raises KeyError for one without."""
    now = budgets_of(scenario)
    levers: dict[str, Any] = {}
    for name, amount in budgets.items():
        found = scaling(scenario, name, amount / now[name])
        if isinstance(found, Scaling):
            levers |= found.levers
    return levers


def most_runs(scenario: Scenario, seeds: int) -> int:
    """How many runs `regret` makes at most."""
    if len(budgets_of(scenario)) < 2:
        return 0
    return 1 + seeds * (len(MODELS) + 3)


def regret(
    made: EffectsStudy,
    credits: Sequence[CreditRow],
    store: Store | None = None,
    *,
    progress: Progress | None = None,
) -> Regret | Undefined:
    """Try out the plan of every model of `credits`, and of the truth that `made` found.

    `store`: where runs are made and kept. `progress`: called with the number of runs done,
    fractions included. Undefined if there is nothing to split.
    """
    scenario = made.scenario
    now = budgets_of(scenario)
    if len(now) < 2:
        return Undefined(TOO_FEW)
    done, runs, keep = 0, store or Store(), keep_of(list(now))

    def tried(plans: Collection[Levers], seed: int) -> list[PlanTried]:
        nonlocal done
        before = done

        def tell(runs: float) -> None:
            if progress is not None:
                progress(before + runs)

        markets = [from_today(scenario, overrides={**plan, "seed": seed}) for plan in plans]
        with closing(runs.results(markets, keep, tell)) as found:
            made = list(found)
        done += len(plans)
        return made

    ceilings = _ceilings(scenario, now, tried)
    plans, left_out = _plans(made, credits, now, ceilings=ceilings)
    different: dict[tuple[float, ...], Levers] = {}  # plans that share budgets share a run
    for plan in plans:
        levers = {} if plan.name == TODAY else levers_of(scenario, plan.budgets)
        different.setdefault(tuple(plan.budgets.values()), levers)
    spent = {plan.name: 0.0 for plan in plans}
    between: list[dict[tuple[str, str], Effect]] = []
    for seed in made.seeds:
        by_budgets = dict(zip(different, tried(different.values(), seed), strict=True))
        by_name = {plan.name: by_budgets[tuple(plan.budgets.values())] for plan in plans}
        for name, one in by_name.items():
            spent[name] += one.spent / len(made.seeds)
        between.append(
            {(a, b): _profit_between(by_name[a], by_name[b]) for a in by_name for b in by_name}
        )
    gains = {
        plan.name: interval([seed[plan.name, TODAY] for seed in between]).value for plan in plans
    }
    best = max(gains, key=lambda name: gains[name])
    right = {plan.name: plan.budgets for plan in plans}.get(TRUTH)
    found = [
        SplitPlanFound(
            plan.name,
            plan.budgets,
            left_out[TRUTH] if right is None else misplaced(plan.budgets, right),
            spent[plan.name],
            [seed[plan.name, TODAY] for seed in between],
            [seed[best, plan.name] for seed in between],
        )
        for plan in plans
    ]
    return Regret(found, best, ceilings, left_out, done)


class PlanTried(NamedTuple):
    """A run with a plan."""

    margin: NDArray[np.float64]  # (n,) of each simulated customer, in minor units
    scale: float  # people each
    spend: float  # on all touchpoints, in currency
    spent: float  # on those with a budget
    spent_by: Mapping[str, float]  # on each of them


def _tried(one: Run, names: Sequence[str]) -> PlanTried:
    records = one.records
    return PlanTried(
        own_outcomes(records)["margin"],
        records.people_per_agent,
        float(records.spend.sum()),
        spend_on(records, list(names)),
        {name: spend_on(records, [name]) for name in names},
    )


def keep_of(names: Sequence[str]) -> Keep[PlanTried]:
    """What is kept of a run with a plan for the budgets of the touchpoints `names`."""
    what = f"margin, and spend on {', '.join(names)}"
    return Keep(what, partial(_tried, names=names), _pack, partial(_unpack, names=names))


def _pack(found: PlanTried) -> bytes:
    amounts = [found.scale, found.spend, found.spent, *found.spent_by.values()]
    return pack_arrays({"margin": found.margin, "amounts": np.array(amounts)})


def _unpack(content: bytes, names: Sequence[str]) -> PlanTried:
    found = unpack_arrays(content)
    scale, spend, spent, *each = found["amounts"].tolist()
    return PlanTried(found["margin"], scale, spend, spent, dict(zip(names, each, strict=True)))


def _profit_between(one: PlanTried, other: PlanTried) -> Effect:
    """Profit of one run less that of another with the same luck."""
    margin = effect("margin", one.margin - other.margin, one.scale)
    return Effect(margin.value - (one.spend - other.spend), margin.se)


def _ceilings(scenario: Scenario, now: Budgets, tried: Try) -> dict[str, float]:
    """What each search can spend at most, where that is less than the total."""
    total = math.fsum(now.values())
    searches = [name for name in now if is_paid_search(scenario, name)]
    if not searches:
        return {}
    full = levers_of(scenario, dict.fromkeys(searches, total))
    (found,) = tried([full], scenario.seed)
    spent = {name: found.spent_by[name] for name in searches}
    return {name: amount for name, amount in spent.items() if amount < FULL * total}


def _plans(
    made: EffectsStudy, credits: Sequence[CreditRow], now: Budgets, *, ceilings: Budgets
) -> tuple[list[SplitPlan], dict[str, Undefined]]:
    """Every plan that can be made, today's first, and why the others cannot."""
    total = math.fsum(now.values())
    weights: dict[str, dict[str, float] | Undefined] = {}
    for kind, name in ((KNOCK_OUT, TRUTH), (STEP, NEXT_KRONE)):
        found = {seeds[0].contrast.name: _margin(seeds) for seeds in made.of(kind)}
        weights[name] = {one: found[one] for one in now}
    for model in dict.fromkeys(row.model for row in credits):
        mine = {row.touchpoint: row.share for row in credits if row.model == model}
        shares = {name: mine[name] for name in now}
        why = next((one for one in shares.values() if isinstance(one, Undefined)), None)
        weights[model] = (
            why if why is not None else {name: float(share) for name, share in shares.items()}
        )
    plans, left_out = [SplitPlan(TODAY, now)], {}
    for name, given in weights.items():
        budgets = given if isinstance(given, Undefined) else split(total, given, ceilings)
        if isinstance(budgets, Undefined):
            left_out[name] = budgets
        else:
            plans.append(SplitPlan(name, budgets))
    return plans, left_out


def _margin(seeds: Sequence[Found]) -> float:
    """The margin of a contrast, mean over seeds."""
    return interval([one.outcomes["margin"] for one in seeds]).value
