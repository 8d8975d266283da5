"""Retention: who is still a customer, and who buys again.

A cohort is the customers of one month of first purchase in the run. Months are twelve
equal ones a year.

- *retention after k months* = people of the cohorts who are customers at the end of the
  k-th month after the cohort's / people in these cohorts, over the cohorts for which the
  run saw the whole of that month. Their age is then k to k + 1 months. Whoever lapsed and
  came back is a customer again.
- *repeat rate within d days* = people who bought again at most d days after their first
  purchase / people whose first purchase the run follows for d days.

A funnel ends at the purchase: there nobody is kept, and neither figure exists. Without
cohorts old enough they do not exist either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.measures.figure import Figure, Undefined, in_months, ratio
from sim.measures.once import once
from sim.model.columns import Count, Integers, month_of, months_in
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, NEVER, Shape

FUNNEL = "a funnel ends at the purchase: nobody is kept"


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
        return Undefined(
            "the run is too short to see anybody {months} after", months=in_months(months)
        )
    seen = lives_of(records)
    return ratio(int(seen.still[months]), int(seen.won[months]), "no customer was won in time")


def repeat_rate(records: Records, within_days: int = DAYS_PER_YEAR) -> Figure:
    """Share of buyers, followed for so many days, who bought again within them."""
    if is_funnel(records):
        return Undefined(FUNNEL)
    last_day = records.scenario.days - 1
    first = records.customers["first_day"].astype(np.int64)
    second = records.customers["second_day"].astype(np.int64)
    followed = (first >= 0) & (first + within_days <= last_day)
    again = followed & (second > NEVER) & (second - first <= within_days)
    why = Undefined("no first purchase in time")
    if last_day < within_days:
        why = Undefined(
            "the run is too short: nobody is followed for {days} days", days=within_days
        )
    return ratio(int(np.count_nonzero(again)), int(np.count_nonzero(followed)), why)


def customers_at_start(records: Records) -> float:
    """People who were customers on day 0."""
    first = records.customers["first_day"]
    return int(np.count_nonzero(first < NEVER)) * records.people_per_agent


def customers_at_end(records: Records) -> float:
    """People who are customers at the end of the run."""
    return int(records.active[-1].sum()) * records.people_per_agent
