"""What is asked of `optimise`, and the runs that it takes: its plans, and what comes of them.

A request has a total, a goal, the parts, bounds and the window. Every plan is factors of the parts,
by name (`sim.questions.budget.plans`).

**The frontier**: the best plan for each share of the total that is spent on keeping customers. For
a share k, the parts that win customers split (1 - k) of the total among them, and those that keep
customers split k of it, each side by Lagrange's condition on the response curves that were measured
around today's plan. Far from it the curves are carried on, which is an assumption; what the plans
truly do is found by runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.errors import BadOption, InputError, Problem, nearest
from sim.measures.attribution import tracked_paths
from sim.measures.attribution.table import model_shares
from sim.measures.figure import Undefined
from sim.measures.intervals import Effect
from sim.questions.budget.plans import BY, TOUCHPOINT, BudgetPart, Divided, divide
from sim.questions.budget.search import (
    Curve,
    Limits,
    Searched,
    SpendMap,
    Tried,
    best_split,
    least_evaluations,
    place,
)
from sim.questions.budget.trials import (
    GOALS,
    PROFIT,
    Gain,
    TrialResult,
    Trials,
    between,
    gain_over_seeds,
    tried,
)
from sim.questions.scaling import is_paid_search, share_out
from sim.runs.run import Run
from sim.runs.store import Keep, Store, pack_json, unpack_json
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED, Purpose

# Assumptions.
EVALUATIONS = 120  # up to four rounds of eleven parts
REPLICATES = 5  # fresh seeds: of fewer, Student's interval is very wide
MOST_REPLICATES = 100
MOST_PER_DAY = 1e8
TOO_FEW = "fewer than two parts of the budget can change, so there is nothing to split"


@dataclass(frozen=True)
class SplitRequest:
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


def check_request(scenario: Scenario, request: SplitRequest) -> Divided:
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
        problems.append(_too_high(f"{lowest:g}", f"{request.total:g} {scenario.currency}"))
    least = least_evaluations(len(names))
    if request.evaluations < least:
        refuse("evaluations", request.evaluations, f"{least} or more for {len(names)} parts")
    if problems:
        raise InputError(problems=problems)
    return divided


def _too_high(lowest: str, total: str) -> BadOption:
    """The problem of lower bounds that are more than the total."""
    detail = f"the lower bounds add up to {lowest}"
    allowed = f"at most the total budget, {total}"
    return BadOption(field="bounds", given=lowest, detail=detail, allowed=allowed)


# --- the frontier ---

POINTS = 10  # steps from 0 to 100 %


class PurposeSide(NamedTuple):
    """The parts with one purpose, their curves, and how far each can go."""

    names: Sequence[str]
    curves: Mapping[str, Curve]
    limits: Mapping[str, Limits]

    def split(self, total: float) -> dict[str, float]:
        """The best amounts of these parts that add up to the total, as far as they can."""
        curves = {name: self.curves[name] for name in self.names}
        high = {name: min(total, self.limits[name].high) for name in self.names}
        low = {name: min(self.limits[name].low, high[name]) for name in self.names}
        return best_split(curves, total, low, high=high).amounts


def shares_of() -> list[float]:
    """The shares that are tried: 0, 0.1, ... 1."""
    return [step / POINTS for step in range(POINTS + 1)]


def sides_at(sides: Sequence[PurposeSide], total: float, share: float) -> dict[str, float]:
    """The amounts with `share` of the total on the second side, the rest on the first."""
    winning, keeping = sides
    return winning.split(total * (1.0 - share)) | keeping.split(total * share)


# --- runs ---

TODAY, SCALED, EQUAL, LAST_CLICK, OPTIMISED = (
    "today",
    "scaled",
    "equal",
    "last_click",
    "optimised",
)
# Assumptions.
SAME_TOTAL = 0.002  # today spends the total, as near as makes no difference
MOST_TIMES = 4.0  # as much as today: beyond, nothing says that prices stay as they are
UNNOTICED = 0.01  # of an amount: by as much luck moves what a part can spend
UNPLACED = 0.03  # of the total: a share of the frontier that leaves more unspent is left out
LAST_CLICK_AGENTS = 20_000  # are enough to see which part gets how many clicks


class PlanFound(NamedTuple):
    """A plan on the fresh seeds: what it spent (mean), and what it gains over today's."""

    name: str
    factors: Mapping[str, float]
    spent: Mapping[str, float]
    gain: Gain
    behind: Gain  # what the optimised plan does better than it
    share_kept: float  # of what was spent, on parts that keep customers


class NothingSpent(InputError):
    """The parts of the budget spend nothing in the window: there is no total to split."""


class PlanRuns:
    """The runs of a request; every plan is factors of the parts, by name."""

    def __init__(
        self,
        scenario: Scenario,
        request: SplitRequest,
        divided: Divided,
        *,
        store: Store,
        tell: Callable[[int], None],
    ) -> None:
        """`store`: where runs are made and kept; `tell`: as for `Trials`.

        Raises `NothingSpent` if the parts spend nothing today.
        """
        self.scenario, self.request, self.divided = scenario, request, divided
        self.trials = Trials(store, tell)
        result = self.results([{}], scenario.seed)[0]
        self.worth = result.worth
        self.today = self._as_tried(result, self._all(1.0))
        placed = math.fsum(a for n, a in self.today.spent.items() if n not in divided.faint)
        self.total = placed if request.total is None else request.total
        if placed <= 0.0:
            raise NothingSpent(f"{scenario.name} spends nothing in the window: nothing to split.")
        self.can = self._ceilings()
        self.limits = {part.name: self._limits_of(part) for part in divided.parts}
        self._physical = {
            name: limit._replace(low=0.0, high=self.can[name])
            for name, limit in self.limits.items()
        }

    def check_total(self) -> None:
        """Raise `InputError` unless some split of the total keeps to all bounds."""
        problems: list[Problem] = []

        def refuse(name: str, given: str, allowed: str) -> None:
            problems.append(BadOption(field=name, given=given, allowed=allowed))

        total, currency = self.total, self.scenario.currency
        for name, (low, _) in self.request.bounds.items():
            can = self.can[name]
            if low > can * (1.0 + UNNOTICED):
                allowed = f"at most {can:.0f} {currency}, the total or all that it can spend"
                refuse("bounds", f"{name}={low:.0f} or more", allowed)
        lowest, most = math.fsum(r.low for r in self.limits.values()), math.fsum(self.can.values())
        if not problems and lowest > total * (1.0 + UNNOTICED):
            problems.append(_too_high(f"{lowest:.0f}", f"{total:.0f} {currency}"))
        if most < total * (1.0 - UNNOTICED):
            allowed = f"at most {most:.0f} {currency}, all that the parts can spend"
            refuse("budget", f"{total:.0f}", allowed)
        if problems:
            raise InputError(problems=problems)

    def _all(self, factor: float) -> dict[str, float]:
        return {part.name: factor for part in self.divided.parts}

    def _limits_of(self, part: BudgetPart) -> Limits:
        low, high = self.request.bounds.get(part.name, (0.0, math.inf))
        most, exact, can = self.divided.most(part), self.divided.is_exact(part), self.can[part.name]
        return Limits(min(low, can), min(high, can), most, exact)

    def _ceilings(self) -> dict[str, float]:
        """The most that each part can spend; of a paid search, found in a run in which each
        search has that much."""
        found: dict[str, float] = {}
        times = MOST_TIMES * max(1.0, self.total / self.today.placed)
        searches: dict[str, float] = {}
        for part in self.divided.parts:
            spent, most = self.today.spent[part.name], self.divided.most(part)
            asked = self.request.bounds.get(part.name, (0.0, times * spent))[1]
            found[part.name] = min(self.total, asked, most * spent) if spent > 0.0 else 0.0
            is_search = all(is_paid_search(self.divided.scenario, one) for one in part.scaled)
            if spent > 0.0 and is_search:
                searches[part.name] = max(1.0, found[part.name] / spent)
        if searches:
            full = self.results([{**self._all(1.0), **searches}], self.scenario.seed)[0]
            found |= {name: min(found[name], full.spent[name]) for name in searches}
        return found

    def _as_tried(self, result: TrialResult, factors: Mapping[str, float]) -> Tried:
        found = tried(self.request.goal, [result], factors, worth=self.worth)
        # what is next to nothing buys no click; what it would spend is known all the same
        for name, amount in self.divided.faint.items():
            if factors[name] == 1.0 and found.spent[name] == 0.0:
                found.spent[name] = amount
        return found

    def results(self, plans: Sequence[Mapping[str, float]], seed: int) -> list[TrialResult]:
        """A run of each plan."""
        markets = [self.divided.market(factors, seed) for factors in plans]
        return self.trials.results(markets, self.divided)

    def try_out(self, plans: Sequence[Mapping[str, float]]) -> list[Tried]:
        """Plans on the search seed."""
        results = self.results(plans, self.scenario.seed)
        return [self._as_tried(r, f) for r, f in zip(results, plans, strict=True)]

    def placed(self, amounts: Mapping[str, float]) -> Tried:
        """A plan that spends the amounts, as near as parts can."""
        maps = {
            name: SpendMap([(1.0, self.today.spent[name])], limit.most)
            for name, limit in self.limits.items()
        }
        return place(
            lambda one: self.try_out([one])[0],
            amounts,
            maps,
            limits=self._physical,
            total=self.total,
        )

    def split(
        self, weights: Mapping[str, float], kept: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """The total by weights, none above what the part can spend.

        `kept`: amounts of parts without a weight, which get nothing otherwise.
        """
        low = dict.fromkeys(self.can, 0.0) | dict(kept or {})
        return share_out(weights, self.total, low, high=self.can)

    def simple_plans(self) -> tuple[dict[str, Mapping[str, float]], dict[str, Undefined]]:
        """Today's plan and the simple splits; why one could not be made."""
        plans: dict[str, Mapping[str, float]] = {TODAY: self._all(1.0)}
        left_out: dict[str, Undefined] = {}
        if abs(self.today.placed - self.total) > SAME_TOTAL * self.total:
            plans[SCALED] = self.placed(self.split(self.today.spent)).factors
        equal = self.split(dict.fromkeys(self.limits, 1.0))
        plans[EQUAL] = self.placed(equal).factors
        weights = self._last_click()
        if isinstance(weights, Undefined):
            left_out[LAST_CLICK] = weights
        else:
            plans[LAST_CLICK] = self.placed(self.split(weights)).factors
        return plans, left_out

    def _last_click(self) -> dict[str, float] | Undefined:
        """What last click credits each part with, as shares of all purchases."""
        market = self.divided.market({}, self.scenario.seed)
        agents = min(market.agents, LAST_CLICK_AGENTS)
        market = with_settings(market, overrides={"panel": 1.0, "agents": agents})
        credit = self.trials.make([market], CREDIT)[0]
        if isinstance(credit, Undefined):
            return credit
        found = {
            part.name: float(sum(credit.get(name, 0.0) for name in part.counted))
            for part in self.divided.parts
        }
        if not any(found.values()):
            return Undefined("last click credits no part of the budget")
        return found

    def frontier_plans(self, searched: Searched) -> dict[float, Mapping[str, float]]:
        """A plan for each share of the total that is spent on keeping customers."""
        if not searched.rounds:
            return {}
        curves = searched.rounds[0].curves
        sides = [
            PurposeSide(
                [p.name for p in self.divided.parts if (p.purpose == Purpose.RETENTION) == keeps],
                curves,
                self.limits,
            )
            for keeps in (False, True)
        ]
        if not all(side.names for side in sides):
            return {}
        plans: dict[float, Mapping[str, float]] = {}
        for share in shares_of():
            amounts = sides_at(sides, self.total, share)
            found = self.placed(amounts)
            if abs(found.placed - self.total) <= UNPLACED * self.total:
                plans[share] = found.factors
        return plans

    def compare(
        self, plans: Mapping[str, Mapping[str, float]], seeds: Sequence[int]
    ) -> list[PlanFound]:
        """Every plan on every seed, against today's and against the optimised one."""
        gains: dict[str, list[dict[str, Effect]]] = {name: [] for name in plans}
        behind: dict[str, list[dict[str, Effect]]] = {name: [] for name in plans}
        spent = {name: dict.fromkeys(self.limits, 0.0) for name in plans}
        for seed in seeds:
            keys = {name: tuple(factors.values()) for name, factors in plans.items()}
            different = {key: plans[name] for name, key in keys.items()}
            made = dict(zip(different, self.results(list(different.values()), seed), strict=True))
            results = {name: made[key] for name, key in keys.items()}
            for name, one in results.items():
                for part, amount in one.spent.items():
                    if part in self.divided.faint and plans[name][part] == 1.0:
                        continue  # it has nothing today
                    spent[name][part] += amount / len(seeds)
            for name, one in results.items():
                gains[name].append(between(results[TODAY], one, self.worth))
                behind[name].append(between(one, results[OPTIMISED], self.worth))
        return [
            PlanFound(
                name,
                factors,
                spent[name],
                gain_over_seeds(gains[name]),
                gain_over_seeds(behind[name]),
                self.share_kept(spent[name]),
            )
            for name, factors in plans.items()
        ]

    def share_kept(self, spent: Mapping[str, float]) -> float:
        """The share of what is spent that is to keep customers; 0 if nothing is."""
        keeps = [p.name for p in self.divided.parts if p.purpose == Purpose.RETENTION]
        total = math.fsum(spent.values())
        return math.fsum(spent[name] for name in keeps) / total if total else 0.0


def _last_click_credit(one: Run) -> dict[str, float] | Undefined:
    """The share of all purchases that last click credits each touchpoint with."""
    paths = tracked_paths(one.records)
    shares = model_shares(paths, LAST_CLICK)
    if isinstance(shares, Undefined):
        return shares
    return dict(zip(paths.names, shares.tolist(), strict=True))


CREDIT = Keep("credit of last click", _last_click_credit, pack_json, unpack_json)
