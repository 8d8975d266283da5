"""The best split of a budget as figures of a run, so that a study can measure what drives it.

For a scenario and its seed the split is looked for as `optimise` does it (the total,
the goal, the parts, bounds and the window: `sim.questions.budget.request`), and only looked for: no
fresh seeds, no other plans, no frontier. With T = the total, a_i = what part i of the budget spends
under the best plan that was tried, on the seed of the search, and S = max(T, sum of all a_i), as
money that is no budget may miss the total by some per mille:

    best_split.share.i       = a_i / S
    best_split.share_keeping = sum of a_i / S over the parts that are to keep customers
    best_split.gain          = goal of the best plan - goal of today's split of the same total
    best_split.slope         = what one more krone of the total would add to the goal, its own cost
                               taken off where the goal counts money

so shares add up to 1, or to less where the parts cannot spend the total. Today's split is kept
within the bounds; the few kroner that one plan spends more than the other are valued as
`sim.questions.budget.search` values them.

*The gain is a little too large*: both plans ran on the seed that the best one was chosen on, so
that part of it is luck which no other seed would repeat. `journeysim optimise` tries plans on fresh
seeds; a study compares gains between its rows, where the same luck is in all of them.

*The slope* is Lagrange's multiplier m for the response curves of the search's last round: the slope
that all parts share which no bound holds. A part that only the total holds back could take one more
krone of it, so it counts as free. Curves tell what a part brings before its own cost: for the goals
in money m - 1 is the marginal return of `docs/optimise.md`, and below 0 spending less would earn
more. For new customers m itself is told, people for one krone.

None of it exists where fewer than two parts can be given more or less, where they spend nothing
today, or where no split of the total keeps to the bounds; no share of a part that is none in this
scenario; no slope where no part can take more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.errors import InputError
from sim.questions.budget.plans import BudgetPart, Divided, divide
from sim.questions.budget.request import PlanRuns, SplitRequest, check_request
from sim.questions.budget.search import (
    Limits,
    Searched,
    best_split,
    gain,
    least_evaluations,
    search,
)
from sim.questions.budget.trials import NEW_CUSTOMERS
from sim.questions.levers.study import OptimisePart
from sim.runs.store import Store
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

GROUP = "best_split"
KEEPING, SHARE, GAIN, SLOPE = (
    f"{GROUP}.{end}" for end in ("share_keeping", "share", "gain", "slope")
)

KEYS: dict[str, str] = {
    KEEPING: "share of the total that the best split spends on parts that keep customers",
    f"{SHARE}.*": "share of the total that the best split spends on the part",
    GAIN: "what the best split gains over today's, on the seed of the search; unit of the goal",
    SLOPE: "what one more krone adds to the goal at the best split, its cost taken off",
}


def is_of_split(key: str) -> bool:
    """Whether a key of a measure is one of the best split's, or meant to be."""
    return key == GROUP or key.startswith(f"{GROUP}.")


def parts_of(scenario: Scenario, asked: OptimisePart) -> Sequence[BudgetPart]:
    """The parts of the budget that would share the total."""
    return divide(scenario, asked.by, asked.bounds).parts


def keys_for(parts: Sequence[BudgetPart]) -> dict[str, list[str]]:
    """Every key of a split into these parts, and those that the key with the star means."""
    shares = [f"{SHARE}.{part.name}" for part in parts]
    return {key: shares if key.endswith("*") else [key] for key in KEYS} | {
        key: [key] for key in shares
    }


def split_request(scenario: Scenario, asked: OptimisePart) -> SplitRequest:
    """The request of a study file; left open, the evaluations are those of one round."""
    evaluations = asked.evaluations or least_evaluations(len(parts_of(scenario, asked)))
    bounds = {
        name: (bound.low, math.inf if bound.high is None else bound.high)
        for name, bound in asked.bounds.items()
    }
    return SplitRequest(
        total=asked.budget,
        goal=asked.goal,
        by=asked.by,
        bounds=bounds,
        from_day=asked.from_day,
        evaluations=evaluations,
        frontier=False,
    )


def check_split(scenario: Scenario, request: SplitRequest) -> Divided | None:
    """The parts of a valid request; None if there are fewer than two, and so nothing to split.

    Raises `InputError` with all that is wrong with it.
    """
    if len(divide(scenario, request.by, request.bounds).parts) < 2:
        return None
    # no fresh seeds are asked for, so that the last seed there is will do as well
    return check_request(scenario.model_copy(update={"seed": 0}), request)


def split_figures(scenario: Scenario, request: SplitRequest) -> dict[str, float | None]:
    """The figures of `KEYS` for a scenario and its seed, a share for each part; on one thread.

    None: there is no such figure. Raises `InputError` if the request is wrong.
    """
    none: dict[str, float | None] = dict.fromkeys((KEEPING, GAIN, SLOPE))
    divided = check_split(scenario, request)
    if divided is None:
        return none
    try:
        work = PlanRuns(scenario, request, divided, store=Store(threads=1), tell=lambda runs: None)
        work.check_total()
    except InputError:  # nothing is spent today, or the total does not go with the bounds
        return none | {f"{SHARE}.{part.name}": None for part in divided.parts}
    searched = search(work.try_out, work.total, work.limits, evaluations=request.evaluations)
    shares = shares_of_plan(searched.best.spent, work.total)
    keeps = [part.name for part in divided.parts if part.purpose == Purpose.RETENTION]
    slope = multiplier(searched, work.limits, work.total)
    own_cost = 0.0 if request.goal == NEW_CUSTOMERS else 1.0  # of the krone itself
    return {
        KEEPING: math.fsum(shares[name] for name in keeps),
        GAIN: gained(searched),
        SLOPE: None if slope is None else slope - own_cost,
        **{f"{SHARE}.{name}": share for name, share in shares.items()},
    }


def shares_of_plan(spent: Mapping[str, float], total: float) -> dict[str, float]:
    """What each part spends as a share of the total, or of what was spent if that is more."""
    whole = max(total, math.fsum(spent.values()))
    return {name: amount / whole for name, amount in spent.items()}


def gained(searched: Searched) -> float:
    """What the best plan does better than the one that the search began with."""
    price = searched.rounds[-1].slope if searched.rounds else 0.0
    return gain(searched.start, searched.best, price).value


def multiplier(searched: Searched, limits: Mapping[str, Limits], total: float) -> float | None:
    """Lagrange's multiplier at the best split, before any cost; None where no part can take more.

    See the module.
    """
    if not searched.rounds:
        return None
    curves = searched.rounds[-1].curves
    high = {name: math.inf if limit.high >= total else limit.high for name, limit in limits.items()}
    if math.fsum(high.values()) <= total:
        return None
    # as much room as one could want, and a number that can be counted with
    high = {name: min(most, 2.0 * total) for name, most in high.items()}
    low = {name: min(limit.low, high[name]) for name, limit in limits.items()}
    return best_split(curves, total, low, high=high).slope
