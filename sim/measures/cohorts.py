"""Cohorts: who of those won in a month is still a customer, how sure that is, who comes back.

A cohort is the customers of one month of first purchase in the run. Its *age* is the number
of months that have passed after that month, at whose end it is counted. Only months that the
run saw to their end count.

- *share still customers*, cohort c at age k = people of c who are customers at the end of
  month c + k / people in c. Whoever stopped and came back is a customer again.
- *survival at age k* = the same over all cohorts seen at that age: sum of customers / sum of
  people won, the retention after k months. Old ages rest on the oldest cohorts alone.
- *band of survival*: Wilson's 95 % interval for a share (Wilson 1927) of so many simulated
  customers. It takes them for independent: it tells the luck of the customers in this market,
  not that of the market. Replicates tell both.
- *churn at age k* = 1 - customers at the end of age k / customers at the end of age k - 1,
  each over the cohorts seen at age k. It is net of those who came back, so it is negative
  where more came back than stopped.
- *reactivation* = purchases by people who had stopped being customers / times that somebody
  stopped, in the run. Who stopped late had little time to come back.

In a funnel nobody is kept: none of these exist there.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.elementary import square
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.once import once
from sim.measures.retention import (
    FUNNEL,
    active_by_age,
    cohort_sizes,
    is_funnel,
    lives_of,
    whole_months,
)
from sim.measures.totals import total
from sim.model.columns import Count
from sim.records.recorder import Records

LEAST_MONTHS = 3  # whole months of a run with a table worth the name: two ages after the first
NORMAL_975 = 1.959963984540054  # the normal's 97.5 % point, for a 95 % interval
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
    low: float  # the 95 % band
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
            "the run is too short: cohorts need {least} whole months, and it has {months}",
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
        SurvivalRow(age, followed, still, still / followed, *band(still, followed))
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
    share = ratio(back, stopped, "nobody stopped being a customer")
    return Reactivation(stopped * people, back * people, share)


def band(count: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval for the chance behind `count` of `of` > 0, in 0 to 1.

    (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n) (Wilson 1927).
    """
    p, z2 = count / of, square(NORMAL_975)
    half = NORMAL_975 * math.sqrt(p * (1.0 - p) / of + z2 / (4.0 * of * of))
    middle, scale = p + z2 / (2.0 * of), 1.0 + z2 / of
    low, high = (middle - half) / scale, (middle + half) / scale
    # at none and at all the formula is exactly 0 and 1; rounding must not show
    return (0.0 if count == 0 else low), (1.0 if count == of else high)
