"""Customer value: what a new customer brings, realised in the run and projected beyond it.

*Customer value* (clv) = margin per new customer, from the first purchase on, discounted to it:
margin at the age of a whole months counts (1 + rate)^(-a / 12), with the scenario's discount
rate per year. Acquisition spend is not taken off.

- *realised*: what the customers won in the run brought until its end, young or old: the
  horizon is the run.
- *projected*: over the first 36 months of a customer. At ages that the run saw in full, margin
  per new customer is that of the cohorts it saw them of (a ratio of sums). Beyond, a chain of
  two states gives it: a customer is one now, or has lapsed and may come back (customer
  migration: Dwyer 1989; as a Markov chain: Pfeifer & Carraway 2000, J. Interactive Marketing
  14(2)). With S(a) the share of those won who are customers at the end of age a,

      S(a) = S(a - 1) (1 - h(a)) + (1 - S(a - 1)) b
      margin(a) = S(a) m + (1 - S(a)) b e

  b: purchases by lapsed customers / months that people spent lapsed, in the whole run;
  e: margin of a purchase that is not a customer's first, renewals aside;
  m: margin per customer and month, what lapsed people's purchases brought taken off, over the
  last 12 ages seen (the first two ages are left out if enough others are there: in them the
  first purchase is delivered and judged);
  h(a): share of customers who stop at age a. With L(a) of N(a) customers stopping (those lost,
  plus those who came back by b), h(a) = h / (1 + g k), k being how many months the age lies
  beyond the first that is used. g = 0 is a constant share; g > 0 is the shifted-beta-geometric
  model, whose share is alpha / (alpha + beta + t - 1) (Fader & Hardie 2007): those who stay are
  those who stay longest, not customers who learn. h and g maximise the Poisson likelihood of
  the L(a); g stays 0 unless the gain passes the one-sided 5 % test for a parameter on its
  boundary (likelihood ratio over 2.71: Self & Liang 1987). It counts simulated customers: they
  are what was drawn, so more of them can find a fall that fewer cannot.
  S starts from the share seen at the last age: carried on from age to age, over all cohorts
  seen at each, by the share of customers who stopped on balance (the product of shares kept), or
  where more came back than stopped, of the lapsed who came back.
- A *subscription* is paid and given up at its renewals, so with a longest period of P months
  all of this holds for each place in the period by itself: ages a, a + P, ... have their own h
  and m, and k counts periods.
- It needs four ages, and one whole subscription period. It takes today's market to last: what
  lapsed customers do, the season of the year over which it was seen, and who is won.
- *payback* = days from the first purchase until a new customer's undiscounted margin covers
  the cac, on the same curve; 0 if the first order does, straight lines within a month.

For a *segment* everything is counted in that segment alone. In a funnel every purchase is a
stranger's: its margin is all that a customer is worth.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.elementary import exp, log, log1p
from sim.measures.economics import NO_NEW, cac, first_margin
from sim.measures.figure import Figure, Undefined, in_months, ratio
from sim.measures.once import once
from sim.measures.retention import (
    Lives,
    active_by_age,
    cohort_sizes,
    is_funnel,
    lives,
    segment_sum,
    whole_months,
)
from sim.model.columns import Cohort, Count, Integers, Reals
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, MONTHS_PER_YEAR, NEVER, Relationship

HORIZON_MONTHS = 36
LEAST_AGES = 4
YOUNG_AGES = 2  # left out of the rates where at least as many older ones were seen
FALLING_SIGNIFICANTLY = 2.706  # chi-squared, 10 %: 5 % on one side (Self & Liang 1987)
STEEPEST = 4.0  # of g: h then falls to a fifth in one step
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR
PROJECTED = Undefined("")  # there is a projection


class Value(NamedTuple):
    """Margin of a new customer by age in months, undiscounted, in currency."""

    observed: Reals  # at ages that the run saw in full
    projected: Reals  # at ages 0 .. 35; empty where there is no projection
    why: Undefined  # why there is no projection


def discounts(rate_per_year: float, months: int) -> Reals:
    """The worth today of one unit of money at the age of 0, 1, ... months, (months,)."""
    return np.array([exp(-log1p(rate_per_year) * age / MONTHS_PER_YEAR) for age in range(months)])


def _margin_by_age(records: Records, segment: int | None) -> Reals:
    """Margin in currency, of simulated customers, by cohort and age in months, (M, M)."""
    months = len(records.active)
    margin = segment_sum(records.cohorts[..., Cohort.MARGIN], 0, segment)
    by_age: Reals = margin[1 : months + 1, :months] / MINOR_UNITS
    return by_age


@once
def clv_realised(records: Records, segment: int | None = None) -> Figure:
    """Discounted margin per new customer until the end of the run, in currency."""
    if is_funnel(records):
        return first_margin(records, segment)
    margin = _margin_by_age(records, segment)
    factors = discounts(records.scenario.discount_rate_per_year, len(margin))
    worth = (margin.sum(axis=0) * factors).sum()
    return ratio(float(worth), int(cohort_sizes(records, segment).sum()), NO_NEW)


@once
def clv_projected(records: Records, segment: int | None = None) -> Figure:
    """Discounted margin per new customer over 36 months, projected where the run ends."""
    if not cohort_sizes(records, segment).any():
        return Undefined(NO_NEW)
    value = value_by_age(records, segment)
    if not len(value.projected):
        return value.why
    factors = discounts(records.scenario.discount_rate_per_year, HORIZON_MONTHS)
    return float((value.projected * factors).sum())


def value_to_cost(worth: Figure, cost: Figure) -> Figure:
    """Projected value / cac."""
    if isinstance(cost, Undefined):
        return cost
    if isinstance(worth, Undefined):
        return worth
    return ratio(worth, cost, "acquisition cost nothing")


@once
def value_by_age(records: Records, segment: int | None = None) -> Value:
    """Margin of a new customer at each age, as seen and as projected.

    `segment`: of that segment's customers alone, by its place in the scenario.
    """
    nothing = np.zeros(0)
    first = first_margin(records, segment)
    if isinstance(first, Undefined):
        return Value(nothing, nothing, first)
    if is_funnel(records):
        curve = np.zeros(HORIZON_MONTHS)
        curve[0] = first
        return Value(curve[:1], curve, PROJECTED)
    life, margin = _life(records, segment)
    ages = len(life.won)
    observed = margin / life.won
    period = _period_months(records)
    least = max(LEAST_AGES, period + 1)
    if ages < least:
        why = Undefined(
            "a projection needs {least} whole months of customer data, and this run has {ages}",
            least=least,
            ages=ages,
        )
        return Value(observed, nothing, why)
    if ages >= HORIZON_MONTHS:
        return Value(observed, observed[:HORIZON_MONTHS], PROJECTED)
    back, order = _return_rate(records, segment)
    beyond = _beyond(life, margin, period=period, back=back, order=order)
    return Value(observed, np.concatenate([observed, beyond]), PROJECTED)


def _life(records: Records, segment: int | None) -> tuple[Lives, Reals]:
    """Customers' lives at the ages that the run saw in full, and their margin, (ages,)."""
    margin, active = _margin_by_age(records, segment), active_by_age(records, segment)
    # cohort c is seen at the whole of age a if month c + a + 1 has ended
    months = max(0, whole_months(records) - 1)
    seen = lives(active, cohort_sizes(records, segment), months)
    ages = int(np.count_nonzero(seen.won))
    brought = np.array([margin[: months - age, age].sum() for age in range(ages)])
    return Lives(*(counts[:ages] for counts in seen)), brought


def _period_months(records: Records) -> int:
    """Whole months of the longest subscription period, at least 1."""
    periods = [offer.subscription_days or 0 for offer in records.scenario.offers.values()]
    return max(1, math.ceil(max(periods) / DAYS_PER_MONTH))


def _return_rate(records: Records, segment: int | None) -> tuple[float, float]:
    """b and e: purchases per lapsed customer and month, and the margin of one, in currency."""
    counts = segment_sum(records.counts, 1, segment)
    stopped, back = counts[:, Count.LAPSED], counts[:, Count.REACTIVATIONS]
    lapsed = int(np.cumsum(stopped - back).sum()) + _lapsed_from_start(records, segment)
    per_month = float(back.sum()) / lapsed * DAYS_PER_MONTH if lapsed > 0 else 0.0
    run = counts.sum(axis=0)
    orders = int(run[Count.PURCHASES] - run[Count.NEW_CUSTOMERS])
    margin = int(run[Count.MARGIN] - run[Count.NEW_MARGIN] - run[Count.RENEWAL_MARGIN])
    return min(1.0, per_month), margin / orders / MINOR_UNITS if orders > 0 else 0.0


def _lapsed_from_start(records: Records, segment: int | None) -> int:
    """Customer-days of those lapsed on day 0, less those after a lapsed customer moved away."""
    rows, days = records.customers, records.scenario.days
    if segment is not None:
        rows = rows[rows["segment"] == segment]
    there = rows["number"] < records.scenario.agents
    before = int(np.count_nonzero(there & (rows["began_as"] == Relationship.LAPSED)))
    gone = (rows["leave_day"] != NEVER) & (rows["relationship"] == Relationship.LAPSED)
    return before * days - int((days - rows["leave_day"][gone].astype(np.int64)).sum())


def _beyond(life: Lives, margin: Reals, *, period: int, back: float, order: float) -> Reals:
    """Margin per new customer at the ages from the last seen to the horizon."""
    ages = len(life.won)
    start = max(1, min(YOUNG_AGES, ages - max(period, YOUNG_AGES)))
    used = np.arange(start, ages)
    lapsed_before, lapsed = life.won - life.before, life.won - life.still
    lost = np.maximum(0.0, life.before - life.still + back * lapsed_before)
    place, step = used % period, (used - start) // period
    stop, fall = _leaving(lost[used], life.before[used], place=place, step=step, period=period)
    each = np.zeros(period)
    for p in range(period):
        recent = used[(place == p) & (used >= ages - max(MONTHS_PER_YEAR, period))]
        bought = margin[recent].sum() - back * order * lapsed[recent].sum()
        customers = life.still[recent].sum()
        each[p] = max(0.0, bought / customers) if customers else 0.0
    share, margins = _share_at_the_end(life), []
    for age in range(ages, HORIZON_MONTHS):
        leaving = stop[age % period] / (1.0 + fall * ((age - start) // period))
        share = share * (1.0 - leaving) + (1.0 - share) * back
        margins.append(share * each[age % period] + (1.0 - share) * back * order)
    return np.array(margins)


def _share_at_the_end(life: Lives) -> float:
    """Share still customers at the last age seen, carried on from age to age.

    Each step rests on all cohorts seen at that age, not on the oldest alone. On balance some of
    the customers stop, or some of the lapsed come back, also where no customer was left.
    """
    share = 1.0
    for won, before, active in zip(*life, strict=True):
        if active <= before:
            share *= float(active) / float(before) if before else 1.0
        else:
            share += (1.0 - share) * float(active - before) / float(won - before)
    return share


def _leaving(
    lost: Reals, at_risk: Integers, *, place: Integers, step: Integers, period: int
) -> tuple[Reals, float]:
    """h of each place in the period, (period,), and g. All others (ages used,)."""

    def fitted(fall: float) -> tuple[Reals, float]:
        """h and the log-likelihood, for this g."""
        weight = 1.0 / (1.0 + fall * step)
        stop = np.zeros(period)
        for p in range(period):
            mine = place == p
            exposed = float((at_risk[mine] * weight[mine]).sum())
            stop[p] = min(1.0, lost[mine].sum() / exposed) if exposed > 0.0 else 0.0
        rate = stop[place] * weight
        some = (lost > 0.0) & (rate > 0.0)
        logs = np.array([log(one) for one in rate[some].tolist()])
        return stop, float((lost[some] * logs).sum() - (at_risk * rate).sum())

    from scipy.optimize import minimize_scalar

    stop, likelihood = fitted(0.0)
    if step.max(initial=0) == 0 or not lost.sum():
        return stop, 0.0
    best = minimize_scalar(lambda fall: -fitted(fall)[1], bounds=(0.0, STEEPEST), method="bounded")
    fall = float(best.x)
    falling, gained = fitted(fall)
    if 2.0 * (gained - likelihood) > FALLING_SIGNIFICANTLY:
        return falling, fall
    return stop, 0.0


def clv_to_cac(records: Records) -> Figure:
    """Projected value of a new customer / cac."""
    return value_to_cost(clv_projected(records), cac(records))


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
        "a new customer's margin does not cover CAC within {months}", months=in_months(len(curve))
    )
