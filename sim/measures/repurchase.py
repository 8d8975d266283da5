"""Repurchase: how many of those won have bought again, by the age of the relation.

- *repurchase share at age t* = chance that a customer has bought a second time at most t days
  after the first purchase. Renewals of a subscription are no purchases.
- Customers won late are followed for a short time only: their lives are cut off by the end of
  the run (right-censored), at the age of last day - first day. The Kaplan-Meier estimate uses
  everybody for as long as they are followed (Kaplan & Meier 1958): with d(u) of n(u) customers
  followed at age u, who had not bought again before, buying again at that age,

      share(t) = 1 - product over u <= t of (1 - d(u) / n(u)).

  That is right if those won later behave, at the same age, as those won earlier.
- *band*: 95 % interval from Greenwood's variance, sum of d / (n (n - d)), on the scale
  log(-log(1 - share)), which keeps it within 0 to 1 (Greenwood 1926; Kalbfleisch & Prentice
  1980). It tells the luck of the customers in this market, as that of survival does.
- A *cohort* is the customers won in one month of the run, or in several. A month of age is a
  twelfth of 365 days; the curve has a row at the end of each while somebody is followed so far.

A funnel ends at the purchase: every purchase is a first one, and there is no curve.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.elementary import exp, log
from sim.measures.cohorts import NORMAL_975
from sim.measures.figure import Figure, Undefined, in_months, tidy
from sim.measures.once import once
from sim.measures.retention import FUNNEL, is_funnel
from sim.model.columns import Integers, Reals, month_of, months_in
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR, NEVER

if TYPE_CHECKING:
    import pandas as pd


class RepurchaseRow(NamedTuple):
    """The share of some cohorts that has bought again by the end of a month of age."""

    cohort: int  # the first month of first purchase, from 0
    months: int  # how many months' cohorts, from that one on
    age: int  # months
    followed: int  # simulated customers followed to this age, bought again or not
    again: int  # simulated customers seen to buy again up to this age
    share: float
    low: float  # the 95 % band
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
    followed = last_day - first
    age = np.where(bought, second - first, followed)
    bought_again, not_again, variance = kaplan_meier(age, bought, last_day)
    rows: list[RepurchaseRow] = []
    for k in range(1, months_in(last_day + 1) + 1):
        end = k * DAYS_PER_YEAR // MONTHS_PER_YEAR
        count = int(np.count_nonzero(followed >= end))
        if count == 0:
            break
        share = 1.0 - float(not_again[end])
        low, high = greenwood_band(float(not_again[end]), float(variance[end]))
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


def greenwood_band(not_again: float, variance: float) -> tuple[float, float]:
    """The 95 % band of 1 - `not_again`; `variance`: Greenwood's sum, without the square of it.

    Where nobody or everybody has bought again there is no variance to go by: 0 to 1.
    """
    if not 0.0 < not_again < 1.0:
        return 0.0, 1.0
    level = log(-log(not_again))
    half = NORMAL_975 * math.sqrt(variance) / -log(not_again)
    return 1.0 - exp(-exp(level - half)), 1.0 - exp(-exp(level + half))


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
    return Undefined("the run is too short to see anybody {months} after", months=in_months(age))
