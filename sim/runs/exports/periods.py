"""A row a day, or a week: spend, contacts and visits of each touchpoint, sales, and controls.

The wide form that spreadsheets and media mix models read. A week is seven days of the run, the
first one from day 0. Weeks must be of one length, or the model takes a short one for a slump: days
after the last whole week are left out. Counts are added up as the whole numbers that they are and
then scaled once, spend exactly (`math.fsum`): a total over days or weeks is that of the run's
tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from sim.errors import InputError
from sim.model.columns import Count, Integers, Reals, Touch
from sim.records.names import Names
from sim.records.recorder import Records
from sim.records.table import MONEY, NUMBER, PEOPLE, TIME, Column, Table
from sim.runs.exports.dates import dates_of
from sim.scenario.arrays import season_factors
from sim.vocabulary import MINOR_UNITS

DAYS_PER_WEEK = 7
DAY, WEEK = "date", "date_week"
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
DAILY = Table(
    name="daily",
    meaning="One row for each day of the run; no cell is ever empty.",
    columns=(
        Column(name=DAY, kind=TIME, meaning="the day"),
        *OF_MARKET,
        *OF_TOUCHPOINTS,
    ),
)
WEEKLY = Table(
    name="weekly",
    meaning="One row for each whole week of the run; no cell is ever empty.",
    columns=(
        Column(name=WEEK, kind=TIME, meaning="first day of the week"),
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


def day_table(records: Records) -> Any:
    """The days as an Arrow table, `DAILY`; money and people are of the whole population."""
    return _table(records, DAILY, length=1)


def week_table(records: Records) -> Any:
    """The weeks as an Arrow table, `WEEKLY`; money and people are of the whole population.

    Raises `InputError` if the run is shorter than a week.
    """
    days = records.scenario.days
    if days < DAYS_PER_WEEK:
        raise InputError(f"a run of {days} day{'s' * (days > 1)} has no whole week to export.")
    return _table(records, WEEKLY, length=DAYS_PER_WEEK)


def _table(records: Records, table: Table, *, length: int) -> Any:
    """The table with a row for each period of so many days (`length`)."""
    names = Names(records.scenario)
    people = records.people_per_agent
    counts = by_period(records.counts.sum(axis=1), length)
    columns = [
        counts[:, Count.PURCHASES] * people,
        counts[:, Count.REVENUE] * people / MINOR_UNITS,
        counts[:, Count.NEW_CUSTOMERS] * people,
        _need_season(records, length),
        counts[:, Count.LOST] * people,
        _mean_price(records, length),
    ]
    touch = _touchpoints(records, names, length) * people
    for place in range(len(names.touchpoints)):
        columns += [_spend(records, place, length), touch[:, place, 0], touch[:, place, 1]]
    dates = dates_of(length * np.arange(len(counts)))
    arrays = [
        pa.array(dates.astype("M8[ms]"), TIME),
        *(pa.array(values, NUMBER) for values in columns),
    ]
    return pa.Table.from_arrays(arrays, schema=for_touchpoints(table, names.touchpoints).schema)


def by_period(daily: Integers, length: int) -> Integers:
    """Sums over each whole period of `length` days of counts by day, (D, ...) -> (N, ...)."""
    periods = len(daily) // length
    whole = daily[: periods * length]
    summed: Integers = whole.reshape(periods, length, *daily.shape[1:]).sum(axis=1)
    return summed


def _touchpoints(records: Records, names: Names, length: int) -> Integers:
    """Contacts and visits, simulated, (N, J, 2)."""
    by_pair = by_period(records.touch.sum(axis=1), length)
    found = np.zeros((len(by_pair), len(names.touchpoints), 2), dtype=np.int64)
    for row, (_, touchpoint) in enumerate(names.pairs):
        found[:, touchpoint] += by_pair[:, row, [Touch.CONTACTS, Touch.VISITS]]
    return found


def _spend(records: Records, touchpoint: int, length: int) -> Reals:
    daily = records.spend[:, touchpoint]
    starts = range(0, len(daily) - length + 1, length)
    return np.array([math.fsum(daily[day : day + length]) for day in starts])


def _need_season(records: Records, length: int) -> Reals:
    """Mean over each period of the factor on needs; a segment weighs share x rate."""
    scenario = records.scenario
    segments = scenario.segments.values()
    weights = np.array([s.share * s.need.rate_per_year for s in segments])
    if weights.sum() == 0.0:  # nobody has needs: all count by their share
        weights = np.array([s.share for s in segments])
    factors = np.array([season_factors(s.need.season, scenario.days) for s in segments])
    periods = scenario.days // length
    whole = ((weights / weights.sum())[:, None] * factors[:, : periods * length]).sum(axis=0)
    mean: Reals = whole.reshape(periods, length).mean(axis=1)
    return mean


def _mean_price(records: Records, length: int) -> Reals:
    prices = np.array([offer.price for offer in records.scenario.offers.values()])
    bought = by_period(records.purchases.sum(axis=(1, 3)), length)
    sold = bought.sum(axis=1)
    paid = (bought * prices).sum(axis=1)
    mean: Reals = np.where(sold > 0, paid / np.maximum(sold, 1), prices.mean())
    return mean
