"""Retention: who is still a customer, how sure that is, who comes back, and who buys again.

A *cohort* is the customers of one month of first purchase in the run, or of several. Months are
twelve equal ones a year. The *age* of a cohort is the number of months that have passed after that
month, at whose end it is counted. Only months that the run saw to their end count.

- *share still customers*, cohort c at age k = people of c who are customers at the end of
  month c + k / people in c. Whoever stopped and came back is a customer again.
- *retention after k months*, or *survival at age k* = the same over all cohorts seen at that age:
  sum of customers / sum of people won. Their age is then k to k + 1 months. Old ages rest on the
  oldest cohorts alone.
- *band of survival*: Wilson's 95% interval for a share of so many simulated customers. It takes
  them for independent: it tells the luck of the customers in this market, not that of the market.
  Replicates tell both.
- *churn at age k* = 1 - customers at the end of age k / customers at the end of age k - 1,
  each over the cohorts seen at age k. It is net of those who came back, so it is negative
  where more came back than stopped.
- *reactivation* = purchases by people who had stopped being customers / times that somebody
  stopped, in the run. Who stopped late had little time to come back.
- *repeat rate within d days* = people who bought again at most d days after their first
  purchase / people whose first purchase the run follows for d days.
- *repurchase share at age t* = chance that a customer has bought a second time at most t days
  after the first purchase. Renewals of a subscription are no purchases. Customers won late are
  followed for a short time only: their lives are cut off by the end of the run (right-censored),
  at the age of last day - first day. The Kaplan-Meier estimate uses everybody for as long as they
  are followed (Kaplan & Meier 1958): with d(u) of n(u) customers followed at age u, who had not
  bought again before, buying again at that age,

      share(t) = 1 - product over u <= t of (1 - d(u) / n(u)).

  That is right if those won later behave, at the same age, as those won earlier. The curve has a
  row at the end of each month of age while somebody is followed so far.
- *band of repurchase*: 95% interval from Greenwood's variance, sum of d / (n (n - d)), on the
  scale log(-log(1 - share)), which keeps it within 0 to 1. It tells the luck of the customers in
  this market, as that of survival does.

A funnel ends at the purchase: there nobody is kept, every purchase is a first one, and none of
these exist. Without cohorts old enough they do not exist either.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.figure import Figure, Undefined, in_months, ratio, tidy
from sim.measures.intervals import greenwood_interval, wilson
from sim.measures.once import once
from sim.measures.totals import total
from sim.model.columns import Count, Integers, Reals, month_of, months_in
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR, NEVER, Relationship, Shape

if TYPE_CHECKING:
    import pandas as pd


FUNNEL = "a funnel ends at the purchase"


def is_funnel(records: Records) -> bool:
    """Whether the journey ends at the purchase."""
    return records.scenario.journey.shape == Shape.FUNNEL


def segment_sum(counts: Integers, axis: int, segment: int | None) -> Integers:
    """Counters of one segment, by its place in the scenario, or of all; `axis`: of segments."""
    if segment is None:
        summed: Integers = counts.sum(axis=axis)
        return summed
    one: Integers = counts.take([segment], axis=axis).sum(axis=axis)
    return one


@once
def cohort_sizes(records: Records, segment: int | None = None) -> Integers:
    """New customers by month, (M,), simulated. In a funnel every buyer is a new customer."""
    days = records.scenario.days
    daily = segment_sum(records.counts[..., Count.NEW_CUSTOMERS], 1, segment)
    months = np.array([month_of(day) for day in range(days)])
    sizes: Integers = np.zeros(months_in(days), dtype=np.int64)
    np.add.at(sizes, months, daily)
    return sizes


def whole_months(records: Records) -> int:
    """How many months the run saw from the first day to the last."""
    return month_of(records.scenario.days)


@once
def active_by_age(records: Records, segment: int | None = None) -> Integers:
    """Customers at the end of the a-th month after the cohort's, (cohort M, age M); simulated."""
    by_month = segment_sum(records.active, 1, segment)  # (month, cohort + 1)
    months = len(by_month)
    active: Integers = np.zeros((months, months), dtype=np.int64)
    for cohort in range(months):
        for age in range(months - cohort):
            active[cohort, age] = by_month[cohort + age, cohort + 1]
    return active


class Lives(NamedTuple):
    """Simulated customers at each age in months, over the cohorts seen at it, (ages,)."""

    won: Integers
    before: Integers  # customers at the end of the age before; of age 0: those won
    still: Integers  # at its end


def lives(active: Integers, sizes: Integers, months: int) -> Lives:
    """What `months` months saw of customers' lives: of cohort c the ages below months - c.

    `active` (M, M): customers of a cohort at the end of an age; `sizes` (M,): people won.
    """
    seen = np.add.outer(np.arange(len(sizes)), np.arange(months)) < months
    at_ends = np.column_stack([sizes, active])
    return Lives(
        (sizes[:, None] * seen).sum(axis=0),
        (at_ends[:, :months] * seen).sum(axis=0),
        (at_ends[:, 1 : months + 1] * seen).sum(axis=0),
    )


def lives_of(records: Records) -> Lives:
    """The lives that the run saw."""
    return lives(active_by_age(records), cohort_sizes(records), whole_months(records))


def retention(records: Records, months: int) -> Figure:
    """Share of new customers who still are customers so many months after."""
    if is_funnel(records):
        return Undefined(FUNNEL)
    if whole_months(records) <= months:
        return Undefined("this needs {months} of follow-up", months=in_months(months))
    seen = lives_of(records)
    return ratio(
        int(seen.still[months]), int(seen.won[months]), "no customer was acquired early enough"
    )


def repeat_rate(records: Records, within_days: int = DAYS_PER_YEAR) -> Figure:
    """Share of buyers, followed for so many days, who bought again within them."""
    if is_funnel(records):
        return Undefined(FUNNEL)
    why = Undefined("no first purchase was early enough")
    if records.scenario.days - 1 < within_days:
        why = Undefined("this needs {days} days of follow-up", days=within_days)
    return ratio(*buyers_again(records, within_days), why)


def buyers_again(records: Records, within_days: int = DAYS_PER_YEAR) -> tuple[int, int]:
    """Simulated buyers who bought again within so many days, and all who were followed as long."""
    last_day = last_seen(records)
    first = records.customers["first_day"].astype(np.int64)
    second = records.customers["second_day"].astype(np.int64)
    followed = (first >= 0) & (first + within_days <= last_day)
    again = followed & (second > NEVER) & (second - first <= within_days)
    return int(np.count_nonzero(again)), int(np.count_nonzero(followed))


def customers_at_start(records: Records) -> float:
    """People who were customers on day 0."""
    there = records.customers["number"] < records.scenario.agents
    owned = there & (records.customers["began_as"] == Relationship.CUSTOMER)
    return int(np.count_nonzero(owned)) * records.people_per_agent


def last_seen(records: Records) -> Integers:
    """The last day on which each simulated customer was in the market, (n,)."""
    left = records.customers["leave_day"].astype(np.int64)
    return np.where(left == NEVER, records.scenario.days - 1, left)


def customers_at_end(records: Records) -> float:
    """People who are customers at the end of the run."""
    return int(records.active[-1].sum()) * records.people_per_agent


# --- cohorts by age ---

LEAST_MONTHS = 3  # whole months of a run with a table worth the name: two ages after the first
NOBODY_WON = "nobody bought for the first time"


class CohortRow(NamedTuple):
    """Customers of some cohorts at one age; people of the whole population."""

    cohort: int  # the first month of first purchase, from 0
    months: int  # how many months' cohorts, from that one on
    age: int  # months
    new_customers: float
    customers: float
    share: Figure


class SurvivalRow(NamedTuple):
    """The share still customers at one age, over all cohorts seen at it."""

    age: int
    followed: int  # simulated customers
    still: int  # of these
    share: float
    low: float  # the 95% band
    high: float


class ChurnRow(NamedTuple):
    """Net churn in the month that leads to an age, over all cohorts seen at it."""

    age: int
    at_risk: int  # simulated customers at the end of the month before
    still: int  # at its end
    churn: float


class Reactivation(NamedTuple):
    """Customers who stopped and came back, as counts of the whole population."""

    stopped: float
    came_back: float
    share: Figure


def why_no_cohorts(records: Records) -> Undefined | None:
    """Why there is no table of cohorts; None if there is one."""
    if is_funnel(records):
        return Undefined(FUNNEL)
    months = whole_months(records)
    if months < LEAST_MONTHS:
        return Undefined(
            "cohorts need {least} whole months, and this run has {months}",
            least=LEAST_MONTHS,
            months=months,
        )
    if not cohort_sizes(records)[:months].any():
        return Undefined(NOBODY_WON)
    return None


@once
def cohort_table(records: Records, step: int = 1) -> list[CohortRow]:
    """Each cohort at each age that the run saw; empty if there are none (`why_no_cohorts`).

    `step`: so many months' cohorts together, at every so many months of age, where all of
    them were seen.
    """
    if why_no_cohorts(records) is not None:
        return []
    active, sizes, seen = active_by_age(records), cohort_sizes(records), whole_months(records)
    people = records.people_per_agent
    rows = []
    for cohort in range(0, seen - step + 1, step):
        mine = slice(cohort, cohort + step)
        won = int(sizes[mine].sum())
        for age in range(0, seen - cohort - step + 1, step):
            still = int(active[mine, age].sum())
            share = ratio(still, won, NOBODY_WON)
            rows.append(CohortRow(cohort, step, age, won * people, still * people, share))
    return rows


@once
def survival(records: Records) -> list[SurvivalRow]:
    """The share still customers at each age, with its band; empty as `cohort_table`."""
    if why_no_cohorts(records) is not None:
        return []
    won, _, kept = (counts.tolist() for counts in lives_of(records))
    return [
        SurvivalRow(age, followed, still, still / followed, *wilson(still, followed))
        for age, (followed, still) in enumerate(zip(won, kept, strict=True))
        if followed
    ]


@once
def churn_by_tenure(records: Records) -> list[ChurnRow]:
    """Net churn in each month of age from 1 on; empty as `cohort_table`."""
    if why_no_cohorts(records) is not None:
        return []
    _, before, kept = (counts.tolist() for counts in lives_of(records))
    return [
        ChurnRow(age, at_risk, still, 1.0 - still / at_risk)
        for age, (at_risk, still) in enumerate(zip(before, kept, strict=True))
        if age and at_risk
    ]


def reactivation(records: Records) -> Reactivation | Undefined:
    """How many of those who stopped being customers came back; undefined in a funnel."""
    if is_funnel(records):
        return Undefined(FUNNEL)
    stopped, back = total(records, Count.LAPSED), total(records, Count.REACTIVATIONS)
    people = records.people_per_agent
    share = ratio(back, stopped, "nobody churned")
    return Reactivation(stopped * people, back * people, share)


# --- who buys again ---


class RepurchaseRow(NamedTuple):
    """The share of some cohorts that has bought again by the end of a month of age."""

    cohort: int  # the first month of first purchase, from 0
    months: int  # how many months' cohorts, from that one on
    age: int  # months
    followed: int  # simulated customers followed to this age, bought again or not
    again: int  # simulated customers seen to buy again up to this age
    share: float
    low: float  # the 95% band
    high: float


@once
def repurchase(records: Records, cohort: int = 0, months: int | None = None) -> list[RepurchaseRow]:
    """The curve of the cohorts `cohort` to `cohort + months - 1`; by default of all.

    Empty in a funnel, and where nobody was won or is followed for a whole month.
    """
    if is_funnel(records):
        return []
    last_day = records.scenario.days - 1
    months = months_in(records.scenario.days) - cohort if months is None else months
    first = records.customers["first_day"].astype(np.int64)
    won = first >= 0
    month = first * MONTHS_PER_YEAR // DAYS_PER_YEAR
    mine = won & (month >= cohort) & (month < cohort + months)
    first = first[mine]
    second = records.customers["second_day"][mine].astype(np.int64)
    bought = second > NEVER
    followed = last_seen(records)[mine] - first
    age = np.where(bought, second - first, followed)
    bought_again, not_again, variance = kaplan_meier(age, bought, last_day)
    rows: list[RepurchaseRow] = []
    for k in range(1, months_in(last_day + 1) + 1):
        end = _days_of(k)
        count = int(np.count_nonzero(followed >= end))
        if count == 0:
            break
        share = 1.0 - float(not_again[end])
        low, high = greenwood_interval(float(not_again[end]), float(variance[end]))
        again = int(bought_again[: end + 1].sum())
        rows.append(RepurchaseRow(cohort, months, k, count, again, share, low, high))
    return rows


def kaplan_meier(
    age: Integers, bought: NDArray[np.bool_], last_day: int
) -> tuple[Integers, Reals, Reals]:
    """By age in days, (last_day + 1,): who bought, the share that has not so far, its variance.

    `age` (n,): of each customer when it bought, or when it was last seen if it did not; the
    variance is Greenwood's sum, without the square of the share.
    """
    events = np.bincount(age[bought], minlength=last_day + 1)
    cut = np.bincount(age[~bought], minlength=last_day + 1)
    at_risk = len(age) - np.concatenate([[0], np.cumsum(events + cut)[:-1]])
    left = at_risk - events
    hazard = np.divide(events, at_risk, out=np.zeros(len(events)), where=events > 0)
    step = np.divide(hazard, left, out=np.full(len(events), math.inf), where=left > 0)
    return events, np.cumprod(1.0 - hazard), np.cumsum(np.where(events > 0, step, 0.0))


def repurchase_by_cohort(records: Records, months: int = 1) -> list[RepurchaseRow]:
    """The curves of the cohorts, of so many months each, that the run saw to their end."""
    rows = []
    for cohort in range(0, month_of(records.scenario.days) - months + 1, months):
        rows += repurchase(records, cohort, months)
    return rows


def repurchase_table(records: Records, months: int = 1) -> pd.DataFrame:
    """`repurchase_by_cohort` as a tidy table."""
    return tidy(RepurchaseRow, repurchase_by_cohort(records, months))


def repurchase_share(records: Records, age: int) -> Figure:
    """Share of all customers won that has bought again at most so many months after."""
    if is_funnel(records):
        return Undefined(FUNNEL)
    for row in repurchase(records):
        if row.age == age:
            return row.share
    if records.scenario.days <= _days_of(age):
        return Undefined("this needs {months} of follow-up", months=in_months(age))
    return Undefined("no customer was acquired early enough")


def _days_of(age: int) -> int:
    """Days from a purchase to the end of a month of age."""
    return age * DAYS_PER_YEAR // MONTHS_PER_YEAR
