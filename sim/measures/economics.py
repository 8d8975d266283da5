"""Economics: what winning and keeping customers costs, and what they are worth.

- *margin* = revenue - unit costs; *profit* = margin - marketing spend. All in the
  scenario's currency, for the whole population.
- *spend for acquisition, for retention* = spend of the touchpoints with that purpose.
- *cac*, blended = acquisition spend / new customers won in the same window.
- *Customer value* (clv) = margin per new customer, from the first purchase on, discounted
  to it: margin at the age of a whole months counts (1 + rate)^(-a / 12), with the
  scenario's discount rate per year. Acquisition spend is not taken off.
  *Realised*: what the customers won in the run brought until its end, young or old: the
  horizon is the run. *Projected*: over the first 36 months of a customer.
- *Projection.* At ages that the run saw in full, margin per new customer is that of the
  cohorts it saw them of (a ratio of sums). Beyond the last such age A,
      margin(a) = margin per active customer x S(A) x r^(a - A),
  S(A) being the share still customers, a product of month-to-month shares, each over all
  cohorts that show it; r their geometric mean, and margin per active customer the average,
  over the last W observed ages (W = 12, or the longest subscription period; less where the
  run saw less). Assumption: beyond the run, customers go on leaving and buying as in its
  last year. It needs four ages, and one whole subscription period.
- *cost of keeping* = retention spend / customer-years; customer-years = customers at the
  ends of the months, averaged, x years of the run.
- *payback* = days from the first purchase until a new customer's undiscounted margin covers
  the cac, on the same curve; 0 if the first order does, straight lines within a month.

In a funnel every purchase is a stranger's: its margin is all that a customer is worth.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.conversion import total
from sim.measures.figure import Figure, Undefined, in_months, ratio
from sim.measures.retention import active_by_age, cohort_sizes, is_funnel, whole_months
from sim.recorder import Records
from sim.records import Cohort, Count
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, MONTHS_PER_YEAR, Purpose

HORIZON_MONTHS = 36
LEAST_AGES = 4
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
NO_NEW = "no new customer was won"
PROJECTED = Undefined("")  # there is a projection


class Value(NamedTuple):
    """Margin of a new customer by age in months, undiscounted, in currency."""

    observed: NDArray[np.float64]  # at ages that the run saw in full
    projected: NDArray[np.float64]  # at ages 0 .. 35; empty where there is no projection
    why: Undefined  # why there is no projection


def money(records: Records, count: Count) -> float:
    """A daily money counter for the whole run and population, in currency."""
    return total(records, count) / MINOR_UNITS * records.people_per_agent


def spend_for(records: Records, purpose: Purpose) -> float:
    """Money spent on touchpoints with the purpose."""
    touchpoints = records.scenario.touchpoints.values()
    mine = np.array([touchpoint.purpose == purpose for touchpoint in touchpoints], dtype=np.bool_)
    return float(records.spend[:, mine].sum())


def new_customers(records: Records) -> float:
    """People won as new customers in the run."""
    return total(records, Count.NEW_CUSTOMERS) * records.people_per_agent


def cac(records: Records) -> Figure:
    """Acquisition spend / new customers."""
    return ratio(spend_for(records, Purpose.ACQUISITION), new_customers(records), NO_NEW)


def keeping_cost(records: Records) -> Figure:
    """Retention spend per customer and year."""
    customers = float(records.active.sum(axis=(1, 2)).mean()) * records.people_per_agent
    years = records.scenario.days / DAYS_PER_YEAR
    spent = spend_for(records, Purpose.RETENTION)
    return ratio(spent, customers * years, "there were no customers to keep")


def discounts(rate_per_year: float, months: int) -> NDArray[np.float64]:
    """The worth today of one unit of money at the age of 0, 1, ... months."""
    return np.array(
        [math.exp(-math.log1p(rate_per_year) * age / MONTHS_PER_YEAR) for age in range(months)]
    )


def _margin_by_age(records: Records) -> NDArray[np.float64]:
    """Margin in currency, of simulated customers, by cohort and age in months, (M, M)."""
    months = len(records.active)
    margin = records.cohorts[:, 1:, :, Cohort.MARGIN].sum(axis=0)
    by_age: NDArray[np.float64] = margin[:months, :months] / MINOR_UNITS
    return by_age


def first_margin(records: Records) -> Figure:
    """Margin of a new customer's first order."""
    return ratio(money(records, Count.NEW_MARGIN), new_customers(records), NO_NEW)


def clv_realised(records: Records) -> Figure:
    """Discounted margin per new customer until the end of the run."""
    if is_funnel(records):
        return first_margin(records)
    margin = _margin_by_age(records)
    worth = margin.sum(axis=0) @ discounts(records.scenario.discount_rate_per_year, len(margin))
    return ratio(float(worth), int(cohort_sizes(records).sum()), NO_NEW)


def clv_projected(records: Records) -> Figure:
    """Discounted margin per new customer over 36 months, projected where the run ends."""
    if not cohort_sizes(records).any():
        return Undefined(NO_NEW)
    value = value_by_age(records)
    if not len(value.projected):
        return value.why
    factors = discounts(records.scenario.discount_rate_per_year, HORIZON_MONTHS)
    return float(value.projected @ factors)


def value_by_age(records: Records) -> Value:
    """Margin of a new customer at each age, as seen and as projected."""
    nothing = np.zeros(0)
    first = first_margin(records)
    if isinstance(first, Undefined):
        return Value(nothing, nothing, first)
    if is_funnel(records):
        curve = np.zeros(HORIZON_MONTHS)
        curve[0] = first
        return Value(curve[:1], curve, PROJECTED)
    margin, active, sizes = _margin_by_age(records), active_by_age(records), cohort_sizes(records)
    # cohort c is seen at the whole of age a if month c + a + 1 has ended
    ages = whole_months(records) - 1
    seen = [ages - age for age in range(ages)]  # how many cohorts
    won = [int(sizes[:n].sum()) for n in seen]
    ages = sum(1 for count in won if count > 0)
    observed = np.array([margin[: seen[a], a].sum() / won[a] for a in range(ages)])
    periods = [offer.subscription_days or 0 for offer in records.scenario.offers.values()]
    period = math.ceil(max(periods) / DAYS_PER_MONTH)
    least = max(LEAST_AGES, period + 1)
    if ages < least:
        return Value(
            observed,
            nothing,
            Undefined(
                "the run is too short: a projection needs {least} whole months of customers' lives,"
                " and this run has {ages}",
                least=least,
                ages=ages,
            ),
        )
    window = range(ages - min(ages - 1, max(MONTHS_PER_YEAR, period)), ages)
    bought = sum(float(margin[: seen[a], a].sum()) for a in window)
    customers = sum(int(active[: seen[a], a].sum()) for a in window)
    share, survival = active[: seen[0], 0].sum() / won[0], []
    for age in range(ages):
        if age > 0:
            before = active[: seen[age], age - 1].sum()
            share *= active[: seen[age], age].sum() / before if before else 0.0
        survival.append(float(share))
    earlier = survival[window[0] - 1]
    stay = min(1.0, (survival[-1] / earlier) ** (1.0 / len(window))) if earlier > 0 else 0.0
    each = bought / customers if customers else 0.0
    beyond = [each * survival[-1] * stay ** (a - ages + 1) for a in range(ages, HORIZON_MONTHS)]
    return Value(observed, np.concatenate([observed, beyond])[:HORIZON_MONTHS], PROJECTED)


def payback_days(records: Records) -> Figure:
    """Days until a new customer's margin has covered the cost of acquiring it."""
    cost, first = cac(records), first_margin(records)
    if isinstance(cost, Undefined) or isinstance(first, Undefined):
        return Undefined(NO_NEW)
    if first >= cost:
        return 0.0
    value = value_by_age(records)
    curve = value.projected if len(value.projected) else value.observed
    paid = first
    for age, margin in enumerate(curve):
        step = float(margin) - (first if age == 0 else 0.0)
        if step > 0.0 and paid + step >= cost:
            return (age + (cost - paid) / step) * DAYS_PER_MONTH
        paid += max(0.0, step)
    return Undefined(
        "a new customer's margin does not cover the cost in {months}", months=in_months(len(curve))
    )
