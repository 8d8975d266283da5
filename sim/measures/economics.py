"""Economics: what winning and keeping customers costs, what the money brings back, and when.

- *margin* = revenue - unit costs; *profit* = margin - marketing spend. All in the
  scenario's currency, for the whole population.
- *spend for acquisition, for retention, for delivery* = spend of the touchpoints with that purpose.
  Delivery (a cashier, a nurse, a parcel) is cost to serve: part of marketing spend and of profit,
  of no cost of winning or keeping.
- *cac*, blended = acquisition spend / new customers won in the same window.
- *cac, paid* = acquisition spend on touchpoints under paid control / new customers won in the
  same window: all of them, whoever won them. It is the part of the blended cac that is paid to
  others for contacts, and never more than it; the rest is own and earned work. It does not say
  what a customer won by advertising cost: for that one would have to know which customers would
  not have come by themselves, and dividing by those that tracking credits to advertising would
  pass a rule of attribution off as knowledge.
- *cost of keeping* = retention spend / customer-years; customer-years = customers at the
  ends of the months, averaged, x years of the run.
- *keep to win* = cost of keeping a customer for a year / blended cac. An outcome of the market
  and the plan; there is no figure that it ought to be.
- *return by purpose* = margin / spend, as plain accounting. Acquisition: margin of new
  customers' first purchases / acquisition spend. Retention: all other margin, that of returning
  customers' purchases and of renewals / retention spend. It is no causal return: much of either
  margin would have come without the spend, and each spend helps the other's margin.

In a funnel every purchase is a stranger's: all margin is that of first purchases.

Month by month, a *month* being a twelfth of a year of 365 days, the last of which may be cut short:

- *profit of a month* = margin - marketing spend, both of that month; *cumulative profit* = profit
  of the months so far.
- *break-even month* = the first month at whose end, and at the end of every later month of the
  run, cumulative profit is zero or more, counted from 1. A run starts with the customers that
  the scenario gives it, who were won before: this is the break-even of the run, not that of
  building the firm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.measures.figure import Figure, Undefined, ratio, tidy
from sim.measures.once import once
from sim.measures.totals import counts, of_segment, people, total
from sim.model.columns import Count, month_of, months_in
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, Control, Purpose

if TYPE_CHECKING:
    import pandas as pd


NO_NEW = "no new customer was acquired"
NOTHING_TO_WIN = "nothing was spent on acquisition"
NOTHING_TO_KEEP = "nothing was spent on retention"


def money(records: Records, count: Count) -> float:
    """A daily money counter for the whole run and population, in currency."""
    return total(records, count) / MINOR_UNITS * records.people_per_agent


@once
def spend_for(records: Records, purpose: Purpose, control: Control | None = None) -> float:
    """Money spent on touchpoints with the purpose; `control`: only on those under it."""
    mine = np.array(
        [
            touchpoint.spend_purpose == purpose and control in (None, touchpoint.control)
            for touchpoint in records.scenario.touchpoints.values()
        ],
        dtype=np.bool_,
    )
    return float(records.spend[:, mine].sum())


def spend(records: Records) -> float:
    """Money spent on all touchpoints."""
    return float(records.spend.sum())


def profit(records: Records) -> float:
    """Margin less marketing spend."""
    return money(records, Count.MARGIN) - spend(records)


def new_customers(records: Records) -> float:
    """People won as new customers in the run."""
    return people(records, Count.NEW_CUSTOMERS)


def cac(records: Records) -> Figure:
    """Acquisition spend / new customers."""
    return ratio(spend_for(records, Purpose.ACQUISITION), new_customers(records), NO_NEW)


def cac_paid(records: Records) -> Figure:
    """Acquisition spend under paid control / new customers, all of them."""
    spent = spend_for(records, Purpose.ACQUISITION, Control.PAID)
    return ratio(spent, new_customers(records), NO_NEW)


def customer_years(records: Records) -> float:
    """People who are customers, times the years of the run in which they are."""
    customers = float(records.active.sum(axis=(1, 2)).mean()) * records.people_per_agent
    return customers * records.scenario.days / DAYS_PER_YEAR


def keeping_cost(records: Records) -> Figure:
    """Retention spend per customer and year."""
    spent = spend_for(records, Purpose.RETENTION)
    return ratio(spent, customer_years(records), "there were no customers to retain")


def serving_cost(records: Records) -> Figure:
    """Delivery spend per purchase and renewal."""
    served = people(records, Count.PURCHASES) + people(records, Count.RENEWALS)
    return ratio(spend_for(records, Purpose.DELIVERY), served, "nothing was bought")


def keep_to_win(records: Records) -> Figure:
    """Cost of keeping a customer for a year / cost of winning one."""
    keep, win = keeping_cost(records), cac(records)
    if isinstance(keep, Undefined):
        return keep
    if isinstance(win, Undefined):
        return win
    return ratio(keep, win, NOTHING_TO_WIN)


def margin_for(records: Records, purpose: Purpose) -> float:
    """Margin set against winning (of new customers' first purchases) or keeping (all other)."""
    first = money(records, Count.NEW_MARGIN)
    return first if purpose == Purpose.ACQUISITION else money(records, Count.MARGIN) - first


def return_by_purpose(records: Records) -> dict[str, Figure]:
    """Margin / spend of winning and of keeping: accounting, no causal return."""
    win, keep = Purpose.ACQUISITION, Purpose.RETENTION
    return {
        str(win): ratio(margin_for(records, win), spend_for(records, win), NOTHING_TO_WIN),
        str(keep): ratio(margin_for(records, keep), spend_for(records, keep), NOTHING_TO_KEEP),
    }


def first_margin(records: Records, segment: int | None = None) -> Figure:
    """Margin of a new customer's first order, in currency; of one segment, or of all."""
    mine = of_segment(counts(records), segment)
    return ratio(mine[Count.NEW_MARGIN] / MINOR_UNITS, int(mine[Count.NEW_CUSTOMERS]), NO_NEW)


# --- month by month ---


class ProfitRow(NamedTuple):
    """One month's money, in currency, of the whole population."""

    month: int  # from 0
    days: int  # that the run saw of it
    whole: bool  # whether the run saw all of it
    revenue: float
    margin: float
    spend_acquisition: float
    spend_retention: float
    spend_delivery: float
    spend: float
    profit: float
    cumulative_profit: float


@once
def profit_over_time(records: Records) -> list[ProfitRow]:
    """Every month of the run, in order."""
    days = records.scenario.days
    month = np.array([month_of(day) for day in range(days)])
    daily = records.counts.sum(axis=1)
    purposes = np.array([str(t.spend_purpose) for t in records.scenario.touchpoints.values()])
    rows: list[ProfitRow] = []
    for m in range(months_in(days)):
        mine = month == m
        scale = records.people_per_agent / MINOR_UNITS
        margin = float(daily[mine, Count.MARGIN].sum()) * scale
        by_touchpoint = records.spend[mine].sum(axis=0)
        spent = {
            purpose: float(
                sum(s for s, p in zip(by_touchpoint, purposes, strict=True) if p == purpose)
            )
            for purpose in Purpose
        }
        spend = sum(spent.values())
        profit = margin - spend
        rows.append(
            ProfitRow(
                month=m,
                days=int(mine.sum()),
                whole=month_of(days) > m,
                revenue=float(daily[mine, Count.REVENUE].sum()) * scale,
                margin=margin,
                spend_acquisition=spent[Purpose.ACQUISITION],
                spend_retention=spent[Purpose.RETENTION],
                spend_delivery=spent[Purpose.DELIVERY],
                spend=spend,
                profit=profit,
                cumulative_profit=profit + (rows[-1].cumulative_profit if rows else 0.0),
            )
        )
    return rows


def profit_table(records: Records) -> pd.DataFrame:
    """`profit_over_time` as a tidy table."""
    return tidy(ProfitRow, profit_over_time(records))


def break_even_month(records: Records) -> Figure:
    """The month from whose end on cumulative profit stays at zero or more, from 1."""
    return first_lasting([row.cumulative_profit for row in profit_over_time(records)])


def first_lasting(cumulative: list[float]) -> Figure:
    """The first month from whose end on the sums stay at zero or more, from 1."""
    below = [month for month, so_far in enumerate(cumulative, start=1) if so_far < 0.0]
    if not below:
        return 1.0
    if below[-1] == len(cumulative):
        return Undefined("cumulative profit is below zero at the end of the run")
    return float(below[-1] + 1)
