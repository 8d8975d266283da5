"""A season stays on its date, in every year of a run, in every export."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from sim.runs.exports import daily, event_log, weekly
from sim.runs.exports.dates import FIRST_LEAP_DAY, dates_of
from sim.scenario.arrays import make_tables
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode
from worlds.by_hand import by_hand, nothing_happened, run_of

YEARS = 12  # leap years among them
SUMMER = {"amplitude": 0.9, "peak_day": 180}  # 30 June: the 181st day


def with_seasons(days: int, past_days: int = 0) -> Scenario:
    """Needs and a budget with a season each."""
    ad = {
        "starts": "push",
        "control": "paid",
        "reach": {"idle": 0.5},
        "budget_per_day": 100.0,
        "cost": {"per_contact": 1.0},
        "flight": {"season": {"amplitude": 0.5, "peak_day": 59}},
    }
    return by_hand(
        days=days,
        past_days=past_days,
        segments={"all": {"share": 1.0, "need": {"season": SUMMER}}},
        touchpoints={"ad": ad},
    )


def test_dates_of_days() -> None:
    found = dates_of(np.arange(20 * 365)).tolist()
    assert found[0] == date(2025, 1, 1)
    assert found[FIRST_LEAP_DAY - 1 : FIRST_LEAP_DAY + 1] == [date(2028, 2, 28), date(2028, 3, 1)]
    for year in range(20):
        first = date(2025 + year, 1, 1)
        own = [first + timedelta(days=day) for day in range(366)]
        own = [day for day in own if day.year == first.year and (day.month, day.day) != (2, 29)]
        assert found[365 * year : 365 * year + 365] == own


def test_needs_have_the_same_season_on_the_same_date_of_every_year() -> None:
    days = daily(run_of(nothing_happened(with_seasons(365 * YEARS))))
    by_date = days.groupby([days.date.dt.month, days.date.dt.day]).need_season
    assert (by_date.count() == YEARS).all()
    assert (by_date.nunique() == 1).all()
    assert by_date.first().idxmax() == (6, 30)
    assert by_date.first().max() == pytest.approx(1.9, rel=1e-12)


@pytest.mark.parametrize("past", [0, 100])
def test_a_budget_has_the_same_season_on_the_same_date_of_every_year(past: int) -> None:
    """What the model itself reads, by the date that the day is exported with."""
    tables = make_tables(with_seasons(365 * YEARS, past))
    flight = pd.Series(tables.flight[0, past:])
    dates = pd.DatetimeIndex(dates_of(np.arange(365 * YEARS)))
    by_date = flight.groupby([dates.month, dates.day])
    assert (by_date.nunique() == 1).all()
    assert by_date.first().idxmax() == (3, 1)  # the 60th day
    need = pd.Series(np.diff(tables.season_cumulative[0])[past : past + 365 * YEARS])
    found = daily(run_of(nothing_happened(with_seasons(365 * YEARS, past))))
    np.testing.assert_allclose(found.need_season, need, rtol=1e-9)


def test_a_week_has_the_date_of_its_first_day() -> None:
    market = run_of(nothing_happened(with_seasons(365 * YEARS)))
    days, weeks = daily(market), weekly(market)
    assert list(weeks.date_week) == list(days.date.iloc[: 7 * len(weeks) : 7])
    apart = weeks.date_week.diff().dropna().dt.days
    assert (apart == 8).sum() == 3  # 2028, 2032 and 2036
    assert (apart[apart != 8] == 7).all()


def test_events_have_the_dates_of_their_days() -> None:
    records = nothing_happened(by_hand(days=365 * YEARS))
    on = [0, FIRST_LEAP_DAY - 1, FIRST_LEAP_DAY, 365 * YEARS - 1]
    events = np.zeros(len(on), dtype=records.events.dtype)
    events["day"], events["event"] = on, EventCode.NEED
    found = event_log(run_of(replace(records, events=events))).timestamp
    dates = ["2025-01-01", "2028-02-28", "2028-03-01", "2036-12-31"]
    assert list(found) == [pd.Timestamp(each) for each in dates]
