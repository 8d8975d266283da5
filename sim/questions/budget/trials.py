"""Trying out plans in a market: what comes of factors, and which of two plans does better.

Goals, all over the window (from day D to the end of the run):

- *profit* = margin - marketing spend;
- *new_customers* = people whose first purchase falls into it (in a funnel: purchases);
- *customer_value* = profit + w x people who are customers at its end: what the window earned and
  what it leaves behind. w, the worth of a customer at the end, is found in today's market: with
  m = margin of purchases that are nobody's first / months that people were customers,
  h = (lapses - returns of lapsed customers) / these months, both over the last 12 months of the
  run, d = the discount per month,

      w = sum over k = 0 .. 35 of m ((1 - h) / d)^k.

  It takes customers for alike, whoever won them: m r / (1 + d - r) cut off after 36 months (Gupta,
  Lehmann & Stuart 2004, J. Marketing Research 41(1)). In a funnel nobody is kept: w = 0.

Two plans with the same seed are compared customer by customer (`sim.measures.incrementality`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import accumulate, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np

from sim.elementary import power
from sim.measures.incrementality import effect, own_outcomes
from sim.measures.intervals import Effect, Estimate, interval
from sim.measures.retention import is_funnel
from sim.measures.value import HORIZON_MONTHS
from sim.model.columns import Count, Reals, month_of, months_in
from sim.questions.budget.plans import Divided
from sim.questions.budget.search import Tried
from sim.questions.levers.study import Goal
from sim.records.recorder import Records
from sim.runs.run import Run
from sim.runs.store import Keep, Store, pack_arrays, unpack_arrays
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, MONTHS_PER_YEAR

PROFIT, NEW_CUSTOMERS, CUSTOMER_VALUE = GOALS = tuple(goal.value for goal in Goal)
KEPT = "retained_customers"
COMPARED = (PROFIT, NEW_CUSTOMERS, KEPT, CUSTOMER_VALUE)  # what is told of every plan

OWN = ("margin", NEW_CUSTOMERS, KEPT)  # of each customer

Kept = TypeVar("Kept")  # what is kept of a run


class TrialResult(NamedTuple):
    """One run of a plan: each customer's own outcomes, and money spent in the window."""

    own: Mapping[str, Reals]  # the outcomes of `OWN`; (n,) each
    scale: float  # people a simulated customer stands for
    spent: dict[str, float]  # on each part
    spend: float  # on all touchpoints
    worth: float  # of a customer at the end, in currency
    profit_by_month: Reals  # (months,) of the whole run, in currency


class Gain(NamedTuple):
    """What a plan does better than another, by seed, for each of `COMPARED`."""

    effects: Mapping[str, Sequence[Effect]]

    def of(self, outcome: str) -> Estimate:
        """The gain and its 95% interval."""
        return interval(self.effects[outcome])


def gain_over_seeds(seeds: Sequence[Mapping[str, Effect]]) -> Gain:
    """The gain of a plan, of what it did better in each seed."""
    return Gain({name: [one[name] for one in seeds] for name in COMPARED})


class Trials:
    """Has plans tried out by a store, and counts the runs."""

    def __init__(self, store: Store, tell: Callable[[int], None]) -> None:
        """`tell`: called with the number of runs done so far, those that were kept included."""
        self._store, self._tell = store, tell
        self.done = 0

    def make(self, markets: Sequence[Scenario], keep: Keep[Kept]) -> list[Kept]:
        """What is kept of the run of each market, in their order."""
        if len(markets) < 2:
            return [self._count(self._store.alone(one, keep)) for one in markets]
        with closing(self._store.results(markets, keep)) as found:
            return [self._count(one) for one in found]

    def results(self, markets: Sequence[Scenario], divided: Divided) -> list[TrialResult]:
        """What came of the run of each market, which is that of `divided` with a plan."""
        return self.make(markets, keep_of(divided))

    def _count(self, kept: Kept) -> Kept:
        self.done += 1
        self._tell(self.done)
        return kept


def worth_of_a_customer(records: Records) -> float:
    """w, in currency; see the module. 0 where nobody is or was a customer."""
    if is_funnel(records):
        return 0.0
    last_days = slice(max(0, records.scenario.days - DAYS_PER_YEAR), None)
    first_month = month_of(max(0, records.scenario.days - DAYS_PER_YEAR))
    counts = records.counts[last_days].sum(axis=(0, 1))
    days_of_month = DAYS_PER_YEAR / MONTHS_PER_YEAR
    months = len(range(records.scenario.days)[last_days]) / days_of_month
    customers = float(records.active[first_month:].sum(axis=(1, 2)).mean())
    if customers == 0.0:
        return 0.0
    margin = float(counts[Count.MARGIN] - counts[Count.NEW_MARGIN]) / MINOR_UNITS
    per_month = margin / (customers * months)
    lost = float(counts[Count.LAPSED] - counts[Count.REACTIVATIONS]) / (customers * months)
    kept = min(1.0, max(0.0, 1.0 - lost))
    discount = power(1.0 + records.scenario.discount_rate_per_year, 1.0 / MONTHS_PER_YEAR)
    left = accumulate(repeat(kept / discount, HORIZON_MONTHS - 1), operator.mul, initial=1.0)
    return math.fsum(per_month * share for share in left)


def result_of(records: Records, divided: Divided) -> TrialResult:
    """What came of a run of a plan."""
    names = list(records.scenario.touchpoints)
    spend = records.spend[divided.from_day :].sum(axis=0)
    own = own_outcomes(records)
    return TrialResult(
        {name: own[name] for name in OWN},
        records.people_per_agent,
        {
            part.name: float(sum(spend[names.index(one)] for one in part.counted))
            for part in divided.parts
        },
        float(spend.sum()),
        worth_of_a_customer(records),
        profit_by_month(records),
    )


def profit_by_month(records: Records) -> Reals:
    """Margin - marketing spend of each month of the run, (months,) in currency."""
    days = records.scenario.days
    margin = records.counts[:, :, Count.MARGIN].sum(axis=1)
    daily = margin * (records.people_per_agent / MINOR_UNITS) - records.spend.sum(axis=1)
    months = [month_of(day) for day in range(days)]
    return np.bincount(months, weights=daily, minlength=months_in(days)).astype(np.float64)


def keep_of(divided: Divided) -> Keep[TrialResult]:
    """How the results of plans for a budget are kept: as plain arrays, to the last bit."""
    parts = [(part.name, part.counted) for part in divided.parts]
    what = f"result from day {divided.from_day} of {parts}"
    return Keep(what, partial(_result_of_run, divided=divided), _pack, _unpack)


def _result_of_run(one: Run, divided: Divided) -> TrialResult:
    return result_of(one.records, divided)


def _pack(result: TrialResult) -> bytes:
    arrays: dict[str, Any] = {
        **result.own,
        "scale": np.float64(result.scale),
        "parts": np.array(list(result.spent), dtype=np.str_),
        "spent": np.array(list(result.spent.values()), dtype=np.float64),
        "spend": np.float64(result.spend),
        "worth": np.float64(result.worth),
        "profit_by_month": result.profit_by_month,
    }
    return pack_arrays(arrays)


def _unpack(content: bytes) -> TrialResult:
    found = unpack_arrays(content)
    return TrialResult(
        {name: found[name] for name in OWN},
        float(found["scale"]),
        dict(zip(found["parts"].tolist(), found["spent"].tolist(), strict=True)),
        float(found["spend"]),
        float(found["worth"]),
        found["profit_by_month"],
    )


def tried(
    goal: str, results: Sequence[TrialResult], factors: Mapping[str, float], *, worth: float
) -> Tried:
    """The mean of what came of factors over seeds, as the search for a goal wants it."""
    share = 1.0 / len(results)
    parts = list(results[0].spent)
    spent = {name: math.fsum(one.spent[name] for one in results) * share for name in parts}
    if goal == NEW_CUSTOMERS:
        # the goal counts no money: what other touchpoints spend is left to them
        own = [one.own[NEW_CUSTOMERS] * one.scale * share for one in results]
        return Tried(dict(factors), spent, np.concatenate(own), 0.0)
    kept = worth if goal == CUSTOMER_VALUE else 0.0
    own = [
        (one.own["margin"] / MINOR_UNITS + kept * one.own[KEPT]) * one.scale * share
        for one in results
    ]
    elsewhere = math.fsum(one.spend for one in results) * share - math.fsum(spent.values())
    return Tried(dict(factors), spent, np.concatenate(own), -elsewhere)


def between(before: TrialResult, after: TrialResult, worth: float) -> dict[str, Effect]:
    """What a run of one plan did better than one of another with the same luck."""
    scale, more = before.scale, after.spend - before.spend
    margin = after.own["margin"] - before.own["margin"]
    new = after.own[NEW_CUSTOMERS] - before.own[NEW_CUSTOMERS]
    kept = after.own[KEPT] - before.own[KEPT]
    earned = effect("margin", margin, scale)
    value = effect("margin", margin + worth * MINOR_UNITS * kept, scale)
    return {
        PROFIT: Effect(earned.value - more, earned.se),
        NEW_CUSTOMERS: effect(NEW_CUSTOMERS, new, scale),
        KEPT: effect(KEPT, kept, scale),
        CUSTOMER_VALUE: Effect(value.value - more, value.se),
    }
