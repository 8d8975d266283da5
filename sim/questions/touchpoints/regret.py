"""What it costs to let an attribution model split the budget.

A *plan* splits what today's plan spends in another way, over the whole run. It may do what the
optimiser's plans may do (`sim.questions.budget`), by the same rules: the same touchpoints take
part, none gets more than it can spend or than so many times what it has today, and money that is no
budget is found by runs. The total stays the same:

    amount of c = total x weight of c / sum of the weights,

weights below 0 counting as 0. A touchpoint without weight gets nothing; there is no floor. What
one cannot have goes to the others by the same rule, and only if all with a weight are full does
money stay unspent.

- *today*: the amounts as they are.
- a *model*'s plan: weights = its credit (`sim.measures.attribution`).
- *truth*: weights = the margin that each truly adds, found without it (knock-out).
- *next_krone*: weights = the margin that a step more of each adds (`effects`), the same share of
  what each has. Where a response is a power of its amount, the step's margin is in proportion to
  elasticity x margin, which is how the best split of a total goes (Dorfman & Steiner 1954).
  Responses here are no powers, so it is a step towards the best, not the best. A touchpoint of
  which no step more can be had keeps what it has.

The truth's plan pays each touchpoint for what all of it brings, the first krone with the last; as
returns fall, what is best depends on the last one only. So it need not be the best plan, nor beat
every model's.

- *misplaced* = 1/2 sum of |amount of c - its amount in the truth's plan|: the money that is
  elsewhere.
- *gain* = profit with the plan - profit today, of runs that share their luck.
- *regret* = profit with the best of all plans tried - profit with the plan. The best is chosen
  by the same runs, so that regrets are a little too large where plans are nearly equal.

Profit is margin less what was spent, on all touchpoints; money left unspent is saved. Intervals
as in `sim.measures.incrementality`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.measures.attribution import MODELS, CreditRow
from sim.measures.figure import Undefined
from sim.measures.intervals import Effect, interval
from sim.questions.budget.plans import divide
from sim.questions.budget.request import TODAY, NothingSpent, PlanRuns, SplitRequest
from sim.questions.budget.search import CORRECTIONS
from sim.questions.budget.trials import PROFIT, between
from sim.questions.contrasts import Found
from sim.questions.scaling import divisible
from sim.questions.touchpoints.effects import KNOCK_OUT, STEP, EffectsStudy
from sim.runs.store import Store
from sim.scenario.schema import Scenario

TRUTH, NEXT_KRONE = "truth", "next_krone"
TOO_FEW = "fewer than two touchpoints can be given more or less: there is nothing to split"
NOTHING_SPENT = "the touchpoints whose money can be split spend nothing"
NO_WEIGHT = "none of the touchpoints whose money can be split gets anything"

Amounts = Mapping[str, float]  # over the run, in currency
Progress = Callable[[float], None]


class SplitPlan(NamedTuple):
    """A split of the total, over the run: of a model, or `today`, `truth`, `next_krone`."""

    name: str
    budgets: Amounts


class SplitPlanFound(NamedTuple):
    """What came of a plan; effects by seed, of the whole population."""

    name: str
    budgets: Amounts
    misplaced: float | Undefined
    spent: float  # on the touchpoints that take part, mean over seeds
    gain: Sequence[Effect]  # of profit, against today
    regret: Sequence[Effect]  # of profit


@dataclass(frozen=True)
class Regret:
    """All plans tried, the best of them, and why others could not be made."""

    plans: Sequence[SplitPlanFound]
    best: str
    ceilings: Amounts  # the most that each can have
    left_out: Mapping[str, Undefined]
    runs: int

    def of(self, name: str) -> SplitPlanFound:
        """The plan of this name. Raises KeyError if it was not tried."""
        return {plan.name: plan for plan in self.plans}[name]


def misplaced(budgets: Amounts, right: Amounts) -> float:
    """The money that is not where `right` has it: half the sum of the differences."""
    return math.fsum(abs(budgets[name] - amount) for name, amount in right.items()) / 2.0


def most_runs(scenario: Scenario, seeds: int) -> int:
    """How many runs `regret` makes at most: for what can be spent, for plans that spend their
    amounts, and of the plans."""
    if len(divisible(scenario)[0]) < 2:
        return 0
    plans = len(MODELS) + 2
    return 2 + plans * (1 + CORRECTIONS) + seeds * (plans + 1)


def regret(
    made: EffectsStudy,
    credits: Sequence[CreditRow],
    store: Store | None = None,
    *,
    progress: Progress | None = None,
) -> Regret | Undefined:
    """Try out the plan of every model of `credits`, and of the truth that `made` found.

    `store`: where runs are made and kept. `progress`: called with the number of runs done.
    Undefined if there is nothing to split.
    """

    def tell(runs: int) -> None:
        if progress is not None:
            progress(float(runs))

    divided = divide(made.scenario)
    if len(divided.parts) < 2:
        return Undefined(TOO_FEW)
    try:
        work = PlanRuns(made.scenario, SplitRequest(), divided, store=store or Store(), tell=tell)
    except NothingSpent:
        return Undefined(NOTHING_SPENT)
    plans, left_out = _plans(made, credits, work)
    factors = {
        plan.name: {} if plan.name == TODAY else work.placed(plan.budgets).factors for plan in plans
    }
    spent, between_plans = _profits(work, factors, made.seeds)
    gains = {
        plan.name: interval([seed[plan.name, TODAY] for seed in between_plans]).value
        for plan in plans
    }
    best = max(gains, key=lambda name: gains[name])
    right = {plan.name: plan.budgets for plan in plans}.get(TRUTH)
    found = [
        SplitPlanFound(
            plan.name,
            plan.budgets,
            left_out[TRUTH] if right is None else misplaced(plan.budgets, right),
            spent[plan.name],
            [seed[plan.name, TODAY] for seed in between_plans],
            [seed[best, plan.name] for seed in between_plans],
        )
        for plan in plans
    ]
    return Regret(found, best, work.can, left_out, work.trials.done)


def _profits(
    work: PlanRuns, factors: Mapping[str, Mapping[str, float]], seeds: Sequence[int]
) -> tuple[dict[str, float], list[dict[tuple[str, str], Effect]]]:
    """What each plan spends, mean over seeds; and by seed the profit of each less each other's."""
    keys = {name: tuple(plan.items()) for name, plan in factors.items()}
    different = {key: factors[name] for name, key in keys.items()}  # plans that share a run
    spent = dict.fromkeys(factors, 0.0)
    by_seed: list[dict[tuple[str, str], Effect]] = []
    for seed in seeds:
        made = dict(zip(different, work.results(list(different.values()), seed), strict=True))
        by_name = {name: made[key] for name, key in keys.items()}
        for name, one in by_name.items():
            spent[name] += math.fsum(one.spent.values()) / len(seeds)
        by_seed.append(
            {
                (a, b): between(by_name[b], by_name[a], work.worth)[PROFIT]
                for a in by_name
                for b in by_name
            }
        )
    return spent, by_seed


def _plans(
    made: EffectsStudy, credits: Sequence[CreditRow], work: PlanRuns
) -> tuple[list[SplitPlan], dict[str, Undefined]]:
    """Every plan that can be made, today's first, and why the others cannot."""
    now = work.today.spent
    weights: dict[str, dict[str, float] | Undefined] = {}
    added = {seeds[0].contrast.name: _margin(seeds) for seeds in made.of(KNOCK_OUT)}
    weights[TRUTH] = {name: added[name] for name in now}
    more = {seeds[0].contrast.name: _margin(seeds) for seeds in made.of(STEP)}
    weights[NEXT_KRONE] = {name: more.get(name, 0.0) for name in now}
    for model in dict.fromkeys(row.model for row in credits):
        mine = {row.touchpoint: row.share for row in credits if row.model == model}
        shares = {name: mine[name] for name in now}
        why = next((one for one in shares.values() if isinstance(one, Undefined)), None)
        weights[model] = (
            why if why is not None else {name: float(share) for name, share in shares.items()}
        )
    plans, left_out = [SplitPlan(TODAY, now)], dict[str, Undefined]()
    for name, given in weights.items():
        kept = {one: now[one] for one in now if name == NEXT_KRONE and one not in more}
        if isinstance(given, Undefined):
            left_out[name] = given
        elif max(given.values()) <= 0.0:
            left_out[name] = Undefined(NO_WEIGHT)
        else:
            plans.append(SplitPlan(name, work.split(given, kept)))
    return plans, left_out


def _margin(seeds: Sequence[Found]) -> float:
    """The margin of a contrast, mean over seeds."""
    return interval([one.outcomes["margin"] for one in seeds]).value
