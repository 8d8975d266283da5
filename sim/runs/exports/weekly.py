"""A row a week: spend, contacts and visits of each touchpoint, sales, and controls.

The wide form that media mix models read. A week is seven days of the run, the first one from
day 0. Weeks must be of one length, or the model takes a short one for a slump: days after the
last whole week are left out. Counts are added up as the whole numbers that they are and then
scaled once, spend exactly (`math.fsum`): a total over weeks is that of the run's tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from sim.errors import InputError
from sim.model.columns import Count, Integers, Reals, Touch
from sim.records.names import Names
from sim.records.people import EPOCH
from sim.records.recorder import Records
from sim.records.table import MONEY, NUMBER, PEOPLE, TIME, Column, Table
from sim.scenario.arrays import season_factors
from sim.vocabulary import MINOR_UNITS

DAYS_PER_WEEK = 7
DATE = "date_week"
TOUCHPOINT = "<touchpoint>"  # in the name of a column that there is for each touchpoint


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name=name, kind=NUMBER, unit=unit, meaning=meaning)


OF_MARKET = (
    _number("purchases", PEOPLE, "purchases of the firm's offers, without renewals"),
    _number("revenue", MONEY, "purchases, add-ons and renewals"),
    _number("new_customers", PEOPLE, "first purchases"),
    _number("need_season", "factor", "season of the need: 1 is its mean over a year"),
    _number("competitor_purchases", PEOPLE, "journeys that ended in a competitor's purchase"),
    _number(
        "mean_price", MONEY, "list price of what was bought; if nothing was, of what is offered"
    ),
)
OF_TOUCHPOINTS = (
    _number(f"{TOUCHPOINT}_spend", MONEY, "spend of the touchpoint"),
    _number(f"{TOUCHPOINT}_contacts", "contacts", "contacts of the touchpoint"),
    _number(f"{TOUCHPOINT}_visits", "visits", "visits of the touchpoint"),
)
WEEKLY = Table(
    name="weekly",
    meaning="One row for each whole week of the run; no cell is ever empty.",
    columns=(
        Column(name=DATE, kind=TIME, meaning="first day of the week"),
        *OF_MARKET,
        *OF_TOUCHPOINTS,
    ),
)


def for_touchpoints(table: Table, touchpoints: Iterable[str]) -> Table:
    """The table with the columns of these touchpoints; all others come before them."""
    those = [column for column in table.columns if TOUCHPOINT in column.name]
    columns = [column for column in table.columns if column not in those]
    for touchpoint in touchpoints:
        columns += [
            replace(column, name=column.name.replace(TOUCHPOINT, touchpoint)) for column in those
        ]
    return replace(table, columns=tuple(columns))


def days_left_out(days: int) -> int:
    """Days of a run after its last whole week."""
    return days % DAYS_PER_WEEK


def week_table(records: Records) -> Any:
    """The weeks as an Arrow table; money and people are of the whole population.

    Raises `InputError` if the run is shorter than a week.
    """
    weeks = records.scenario.days // DAYS_PER_WEEK
    if weeks == 0:
        days = records.scenario.days
        raise InputError(f"a run of {days} day{'s' * (days > 1)} has no whole week to export.")
    names = Names(records.scenario)
    people = records.people_per_agent
    counts = by_week(records.counts.sum(axis=1))
    columns = [
        counts[:, Count.PURCHASES] * people,
        counts[:, Count.REVENUE] * people / MINOR_UNITS,
        counts[:, Count.NEW_CUSTOMERS] * people,
        _need_season(records),
        counts[:, Count.LOST] * people,
        _mean_price(records),
    ]
    touch = _touchpoints(records, names) * people
    for place in range(len(names.touchpoints)):
        columns += [_spend(records, place), touch[:, place, 0], touch[:, place, 1]]
    dates = [EPOCH + timedelta(days=DAYS_PER_WEEK * week) for week in range(weeks)]
    arrays = [pa.array(dates, TIME), *(pa.array(values, NUMBER) for values in columns)]
    return pa.Table.from_arrays(arrays, schema=for_touchpoints(WEEKLY, names.touchpoints).schema)


def by_week(daily: Integers) -> Integers:
    """Sums over each whole week of counts by day, (D, ...) -> (W, ...)."""
    weeks = len(daily) // DAYS_PER_WEEK
    whole = daily[: weeks * DAYS_PER_WEEK]
    summed: Integers = whole.reshape(weeks, DAYS_PER_WEEK, *daily.shape[1:]).sum(axis=1)
    return summed


def _touchpoints(records: Records, names: Names) -> Integers:
    """Contacts and visits, simulated, (W, J, 2)."""
    by_pair = by_week(records.touch.sum(axis=1))
    found = np.zeros((len(by_pair), len(names.touchpoints), 2), dtype=np.int64)
    for row, (_, touchpoint) in enumerate(names.pairs):
        found[:, touchpoint] += by_pair[:, row, [Touch.CONTACTS, Touch.VISITS]]
    return found


def _spend(records: Records, touchpoint: int) -> Reals:
    daily = records.spend[:, touchpoint]
    starts = range(0, len(daily) - DAYS_PER_WEEK + 1, DAYS_PER_WEEK)
    return np.array([math.fsum(daily[day : day + DAYS_PER_WEEK]) for day in starts])


def _need_season(records: Records) -> Reals:
    """Mean over the week of the factor on needs; a segment weighs share x rate."""
    scenario = records.scenario
    segments = scenario.segments.values()
    weights = np.array([s.share * s.need.rate_per_year for s in segments])
    if weights.sum() == 0.0:  # nobody has needs: all count by their share
        weights = np.array([s.share for s in segments])
    factors = np.array([season_factors(s.need.season, scenario.days) for s in segments])
    weeks = scenario.days // DAYS_PER_WEEK
    whole = ((weights / weights.sum())[:, None] * factors[:, : weeks * DAYS_PER_WEEK]).sum(axis=0)
    mean: Reals = whole.reshape(weeks, DAYS_PER_WEEK).mean(axis=1)
    return mean


def _mean_price(records: Records) -> Reals:
    prices = np.array([offer.price for offer in records.scenario.offers.values()])
    bought = by_week(records.purchases.sum(axis=(1, 3)))
    sold = bought.sum(axis=1)
    paid = (bought * prices).sum(axis=1)
    mean: Reals = np.where(sold > 0, paid / np.maximum(sold, 1), prices.mean())
    return mean
