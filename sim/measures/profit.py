"""Profit over time: what came in and what was spent, month by month.

- A *month* is a twelfth of a year of 365 days; the last one of a run may be cut short.
- *profit of a month* = margin - marketing spend, both of that month.
- *cumulative profit* = profit of the months so far.
- *break-even month* = the first month at whose end, and at the end of every later month of the
  run, cumulative profit is zero or more, counted from 1. A run starts with the customers that
  the scenario gives it, who were won before: this is the break-even of the run, not that of
  building the firm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.measures.figure import Figure, Undefined, tidy
from sim.measures.once import once
from sim.model.columns import Count, month_of, months_in
from sim.records.recorder import Records
from sim.vocabulary import MINOR_UNITS, Purpose

if TYPE_CHECKING:
    import pandas as pd


class ProfitRow(NamedTuple):
    """One month's money, in currency, of the whole population."""

    month: int  # from 0
    days: int  # that the run saw of it
    whole: bool  # whether the run saw all of it
    revenue: float
    margin: float
    spend_acquisition: float
    spend_retention: float
    spend: float
    profit: float
    cumulative_profit: float


@once
def profit_over_time(records: Records) -> list[ProfitRow]:
    """Every month of the run, in order."""
    days = records.scenario.days
    month = np.array([month_of(day) for day in range(days)])
    daily = records.counts.sum(axis=1)
    purposes = np.array([str(t.purpose) for t in records.scenario.touchpoints.values()])
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
