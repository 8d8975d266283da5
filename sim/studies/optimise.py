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
bounds that were asked for. The *marginal
return* of a part is what a quarter more of it adds to the goal for each krone it takes, at the
optimised plan. At a best split it is the same for all parts that no bound holds.

Gains have 95 % intervals from the spread between fresh seeds (Student's t); marginal returns from
the spread between customers, of `MARGINAL_SEEDS` fresh seeds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.errors import BadOption, InputError, Problem, nearest
from sim.measures.attribution import tracked_paths
from sim.measures.attribution.table import model_shares
from sim.measures.figure import Undefined
from sim.measures.incrementality import Effect, Estimate
from sim.recorder import Records
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.studies.frontier import Side, shares_of, sides_at
from sim.studies.plans import BY, TOUCHPOINT, Divided, Part, divide
from sim.studies.search import (
    Room,
    Searched,
    SpendMap,
    Tried,
    least_evaluations,
    place,
    search,
)
from sim.studies.surrogate import proportional
from sim.studies.trials import (
    GOALS,
    NEW_CUSTOMERS,
    PROFIT,
    Gain,
    Result,
    Runner,
    between,
    over_customers,
    result_of,
    tried,
    worth_of_a_customer,
)
from sim.vocabulary import MAX_SEED, Purpose, Starts

TODAY, SCALED, EQUAL, LAST_CLICK, OPTIMISED = (
    "today",
    "scaled",
    "equal",
    "last_click",
    "optimised",
)
# Assumptions.
EVALUATIONS = 120  # up to four rounds of eleven parts
REPLICATES = 5  # fresh seeds: of fewer, Student's interval is very wide
MOST_REPLICATES = 100
MARGINAL_SEEDS = 2
STEP = 1.25  # a quarter more
SAME_TOTAL = 0.002  # today spends the total, as near as makes no difference
MOST_TIMES = 4.0  # as much as today: beyond, nothing says that prices stay as they are
UNPLACED = 0.03  # of the total: a share of the frontier that leaves more unspent is left out
MOST_PER_DAY = 1e8
LAST_CLICK_AGENTS = 20_000  # are enough to see which part gets how many clicks
TOO_FEW = "fewer than two parts can be given more or less: there is nothing to split"

Progress = Callable[[float, float], None]


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


class PlanFound(NamedTuple):
    """A plan on the fresh seeds: what it spent (mean), and what it gains over today's."""

    name: str
    factors: Mapping[str, float]
    spent: Mapping[str, float]
    gain: Gain
    behind: Gain  # what the optimised plan does better than it
    share_kept: float  # of what was spent, on parts that keep customers


class Marginal(NamedTuple):
    """The marginal return of a part: goal for each krone more, and where its amount stands."""

    value: Estimate | Undefined
    held: str  # "low" or "high" where a bound holds it, otherwise empty


@dataclass(frozen=True)
class Optimised:
    """All that was found."""

    scenario: Scenario
    request: Request
    divided: Divided
    total: float
    worth: float  # of a customer at the end, in currency
    searched: Searched
    search_seeds: Sequence[int]
    fresh_seeds: Sequence[int]
    plans: Sequence[PlanFound]
    frontier: Sequence[PlanFound]
    shares: Sequence[float]  # of the total on keeping customers, of each plan of the frontier
    marginals: Mapping[str, Marginal]
    left_out: Mapping[str, Undefined]  # plans that could not be made
    runs: int
    seconds: float

    def plan(self, name: str) -> PlanFound:
        """The plan of this name. Raises KeyError if it was not made."""
        return {plan.name: plan for plan in self.plans}[name]


def check_request(scenario: Scenario, request: Request) -> Divided:
    """The parts of a valid request; raises `InputError` with all that is wrong with it."""
    problems: list[Problem] = []

    def refuse(name: str, given: object, allowed: str, near: str | None = None) -> None:
        problems.append(BadOption(field=name, given=str(given), allowed=allowed, nearest=near))

    most = MOST_PER_DAY * scenario.days
    if request.total is not None and not 0.0 < request.total <= most:
        refuse("budget", f"{request.total:g}", f"above 0, at most {most:g}")
    if request.goal not in GOALS:
        refuse("goal", request.goal, ", ".join(GOALS), nearest(request.goal, GOALS))
    if request.by not in BY:
        refuse("by", request.by, " or ".join(BY), nearest(request.by, BY))
    if not 0 <= request.from_day < scenario.days:
        refuse("from-day", request.from_day, f"0 to {scenario.days - 1}, a day of the run")
    if not 2 <= request.replicates <= MOST_REPLICATES:
        refuse("replicates", request.replicates, f"2 to {MOST_REPLICATES}")
    if scenario.seed + request.replicates > MAX_SEED:
        refuse("seed", scenario.seed, f"at most {MAX_SEED} in the last replicate")
    if problems:
        raise InputError(problems=problems)
    divided = divide(scenario, request.by, request.bounds, request.from_day)
    names = [part.name for part in divided.parts]
    if len(names) < 2:
        raise InputError(f"{scenario.name}: {TOO_FEW}.")
    for name, (low, high) in request.bounds.items():
        if name not in names:
            why = divided.left_out.get(name)
            allowed = "names of parts of the budget" + (f" ({why})" if why else "")
            refuse("bounds", name, allowed, nearest(name, names))
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


def most_runs(request: Request, parts: int) -> int:
    """How many runs `optimise` makes at most."""
    plans = 5 + len(shares_of()) * request.frontier
    corrections = 3 * (2 + len(shares_of()) * request.frontier)
    return (
        3 + request.evaluations + corrections + plans * request.replicates + parts * MARGINAL_SEEDS
    )


def optimise(
    scenario: Scenario,
    request: Request,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Optimised:
    """Carry out a request. The result does not depend on `threads`.

    `progress`: called with the number of runs done, fractions included, and of all at most.
    Raises `InputError` if the request is wrong.
    """
    divided = check_request(scenario, request)
    began, everything = time.perf_counter(), float(most_runs(request, len(divided.parts)))

    def tell(runs: int) -> None:
        if progress is not None:
            progress(min(runs, everything), everything)

    work = Work(scenario, request, divided, threads, tell)
    searched = search(work.try_out, work.total, work.rooms, request.evaluations)
    plans, left_out = work.simple_plans()
    plans[OPTIMISED] = searched.best.factors
    sides = work.frontier_plans(searched) if request.frontier else {}
    fresh = range(scenario.seed + 1, scenario.seed + 1 + request.replicates)
    found = work.compare({**plans, **{_frontier_name(k): f for k, f in sides.items()}}, fresh)
    marginals = work.marginals(searched, fresh[:MARGINAL_SEEDS])
    if progress is not None:
        progress(everything, everything)
    return Optimised(
        scenario,
        request,
        divided,
        work.total,
        work.worth,
        searched,
        [scenario.seed],
        fresh,
        [plan for plan in found if plan.name in plans],
        [plan for plan in found if plan.name not in plans],
        list(sides),
        marginals,
        left_out,
        work.runner.done,
        time.perf_counter() - began,
    )


def _frontier_name(share: float) -> str:
    return f"keep {share:.0%}"


class Work:
    """The runs of a request; every plan is factors of the parts, by name."""

    def __init__(
        self,
        scenario: Scenario,
        request: Request,
        divided: Divided,
        threads: int | None,
        tell: Callable[[int], None],
    ) -> None:
        self.scenario, self.request, self.divided = scenario, request, divided
        self.runner = Runner(threads, tell)
        market = divided.market({}, scenario.seed)

        def look(records: Records) -> tuple[Result, float]:
            return result_of(records, divided), worth_of_a_customer(records)

        result, self.worth = self.runner.make([market], look)[0]
        self.today = self._as_tried(result, self._all(1.0))
        self.total = self.today.placed if request.total is None else request.total
        if self.total <= 0.0:
            raise InputError(f"{scenario.name} spends nothing in the window: give a total.")
        self.can = self._ceilings()
        self.rooms = {part.name: self._room(part) for part in divided.parts}
        self._physical = {
            name: room._replace(low=0.0, high=self.can[name]) for name, room in self.rooms.items()
        }

    def _all(self, factor: float) -> dict[str, float]:
        return {part.name: factor for part in self.divided.parts}

    def _room(self, part: Part) -> Room:
        low, high = self.request.bounds.get(part.name, (0.0, math.inf))
        most, exact, can = self.divided.most(part), self.divided.is_exact(part), self.can[part.name]
        return Room(min(low, can), min(high, can), most, exact)

    def _ceilings(self) -> dict[str, float]:
        """The most that each part can spend; of a paid search, found in a run in which each
        search has that much."""
        found: dict[str, float] = {}
        times = MOST_TIMES * max(1.0, self.total / self.today.placed)
        searches: dict[str, float] = {}
        touchpoints = self.divided.scenario.touchpoints
        for part in self.divided.parts:
            spent, most = self.today.spent[part.name], self.divided.most(part)
            asked = self.request.bounds.get(part.name, (0.0, times * spent))[1]
            found[part.name] = min(self.total, asked, most * spent) if spent > 0.0 else 0.0
            is_search = all(touchpoints[one].starts == Starts.PULL for one in part.scaled)
            if spent > 0.0 and is_search and self.divided.is_exact(part):
                searches[part.name] = max(1.0, found[part.name] / spent)
        if searches:
            full = self.results([{**self._all(1.0), **searches}], self.scenario.seed)[0]
            found |= {name: min(found[name], full.spent[name]) for name in searches}
        return found

    def _as_tried(self, result: Result, factors: Mapping[str, float]) -> Tried:
        return tried(self.request.goal, [result], factors, self.worth)

    def results(self, plans: Sequence[Mapping[str, float]], seed: int) -> list[Result]:
        """A run of each plan."""
        markets = [self.divided.market(factors, seed) for factors in plans]
        return self.runner.make(markets, lambda records: result_of(records, self.divided))

    def try_out(self, plans: Sequence[Mapping[str, float]]) -> list[Tried]:
        """Plans on the search seed."""
        results = self.results(plans, self.scenario.seed)
        return [self._as_tried(r, f) for r, f in zip(results, plans, strict=True)]

    def placed(self, amounts: Mapping[str, float]) -> Tried:
        """A plan that spends the amounts, as near as parts can."""
        maps = {
            name: SpendMap([(1.0, self.today.spent[name])], room.most)
            for name, room in self.rooms.items()
        }
        return place(lambda one: self.try_out([one])[0], amounts, maps, self._physical, self.total)

    def split(self, weights: Mapping[str, float]) -> dict[str, float]:
        """The total by weights, none above what the part can spend."""
        high = {name: can if weights[name] > 0.0 else 0.0 for name, can in self.can.items()}
        return proportional(weights, self.total, dict.fromkeys(high, 0.0), high)

    def simple_plans(self) -> tuple[dict[str, Mapping[str, float]], dict[str, Undefined]]:
        """Today's plan and the simple splits; why one could not be made."""
        plans: dict[str, Mapping[str, float]] = {TODAY: self._all(1.0)}
        left_out: dict[str, Undefined] = {}
        if abs(self.today.placed - self.total) > SAME_TOTAL * self.total:
            plans[SCALED] = self.placed(self.split(self.today.spent)).factors
        equal = self.split(dict.fromkeys(self.rooms, 1.0))
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
        paths = self.runner.make([market], tracked_paths)[0]
        shares = model_shares(paths, LAST_CLICK)
        if isinstance(shares, Undefined):
            return shares
        credit = dict(zip(paths.names, shares, strict=True))
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
            Side(
                [part.name for part in self.divided.parts if part.purpose == purpose],
                curves,
                self.rooms,
            )
            for purpose in (Purpose.ACQUISITION, Purpose.RETENTION)
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
        spent = {name: dict.fromkeys(self.rooms, 0.0) for name in plans}
        for seed in seeds:
            keys = {name: tuple(factors.values()) for name, factors in plans.items()}
            different = {key: plans[name] for name, key in keys.items()}
            made = dict(zip(different, self.results(list(different.values()), seed), strict=True))
            results = {name: made[key] for name, key in keys.items()}
            for name, one in results.items():
                for part, amount in one.spent.items():
                    spent[name][part] += amount / len(seeds)
            for name, one in results.items():
                gains[name].append(between(results[TODAY], one, self.worth))
                behind[name].append(between(one, results[OPTIMISED], self.worth))
        return [
            PlanFound(
                name,
                factors,
                spent[name],
                _gain(gains[name]),
                _gain(behind[name]),
                self._share_kept(spent[name]),
            )
            for name, factors in plans.items()
        ]

    def _share_kept(self, spent: Mapping[str, float]) -> float:
        keeps = [p.name for p in self.divided.parts if p.purpose == Purpose.RETENTION]
        total = math.fsum(spent.values())
        return math.fsum(spent[name] for name in keeps) / total if total else 0.0

    def marginals(self, searched: Searched, seeds: Sequence[int]) -> dict[str, Marginal]:
        """The marginal return of each part that has any money."""
        best = searched.best
        goal = self.request.goal
        effects: dict[str, list[Effect]] = {name: [] for name in self.rooms}
        more = dict.fromkeys(self.rooms, 0.0)
        steps = {
            name: {**best.factors, name: min(room.most, best.factors[name] * STEP)}
            for name, room in self.rooms.items()
            if min(room.most, best.factors[name] * STEP) > best.factors[name]
        }
        for seed in seeds:
            base, *others = self.results([best.factors, *steps.values()], seed)
            for name, step in zip(steps, others, strict=True):
                effects[name].append(between(base, step, self.worth)[goal])
                more[name] += (step.spent[name] - base.spent[name]) / len(seeds)
        found: dict[str, Marginal] = {}
        for name in self.rooms:
            held = self._held(name, searched)
            if not effects[name]:
                why = "it has no money" if best.factors[name] == 0.0 else "it cannot be given more"
                found[name] = Marginal(Undefined(why), held)
            elif more[name] <= 0.0:
                found[name] = Marginal(Undefined("what it can spend is used up"), held)
            else:
                one = over_customers(effects[name])
                found[name] = Marginal(Estimate(*(value / more[name] for value in one)), held)
        return found

    def _held(self, name: str, searched: Searched) -> str:
        """Whether a bound holds the amount of a part."""
        room, amount = self.rooms[name], searched.best.spent[name]
        near = SAME_TOTAL * self.total
        if amount <= room.low + near:
            return "low"
        full = searched.best.factors[name] >= room.most * (1.0 - 1e-9)
        return "high" if full or amount >= room.high - near else ""


def _gain(seeds: Sequence[Mapping[str, Effect]]) -> Gain:
    return Gain({name: [one[name] for one in seeds] for name in seeds[0]})


__all__ = [
    "NEW_CUSTOMERS",
    "Marginal",
    "Optimised",
    "PlanFound",
    "Request",
    "check_request",
    "optimise",
]
