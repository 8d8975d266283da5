"""Cohorts, survival with its band, churn and reactivation: by hand, and from the tables."""

import math
from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from sim.measures.figure import Undefined, tidy
from sim.measures.intervals import wilson
from sim.measures.retention import (
    ChurnRow,
    CohortRow,
    Reactivation,
    SurvivalRow,
    churn_by_tenure,
    cohort_table,
    lives,
    reactivation,
    retention,
    survival,
    why_no_cohorts,
)
from sim.model.columns import Count
from sim.records import frame
from sim.records.recorder import Records
from sim.runs.run import run
from worlds.by_hand import by_hand, nothing_happened, unmeasured, win
from worlds.markets import MARKETS

FOUR_MONTHS = 122  # days 0 to 121: month 4 would begin on day 121.67
FIRST_DAYS = (0, 31, 61, 92)  # in months 0, 1, 2, 3


def four_months() -> Records:
    """Cohorts of 10, 0, 20 and 5 of 40 customers, two people each."""
    records = nothing_happened(by_hand(days=FOUR_MONTHS, agents=40))
    for day, won in zip(FIRST_DAYS, (10, 0, 20, 5), strict=True):
        win(records, day, won)
    # by month's end and cohort; column 0: customers from before day 0
    records.active[0, 0, :2] = [7, 9]
    records.active[1, 0, :3] = [7, 6, 0]
    records.active[2, 0, :4] = [6, 5, 0, 18]
    records.active[3, 0, :5] = [6, 6, 0, 12, 5]  # one of the first cohort came back
    return records


def test_cohorts_by_hand() -> None:
    rows = cohort_table(four_months())
    shares = {(row.cohort, row.age): row.share for row in rows}
    assert shares == {
        (0, 0): 0.9,
        (0, 1): 0.6,
        (0, 2): 0.5,
        (0, 3): 0.6,
        (1, 0): "nobody bought for the first time",
        (1, 1): "nobody bought for the first time",
        (1, 2): "nobody bought for the first time",
        (2, 0): 0.9,
        (2, 1): 0.6,
        (3, 0): 1.0,
    }
    assert rows[0] == CohortRow(0, 1, 0, 20.0, 18.0, 0.9)
    assert isinstance(shares[1, 0], Undefined)
    assert tidy(CohortRow, rows).share.isna().sum() == 3


def test_cohorts_taken_together_by_hand() -> None:
    assert cohort_table(four_months(), 2) == [
        CohortRow(0, 2, 0, 20.0, 18.0, 0.9),
        CohortRow(0, 2, 2, 20.0, 10.0, 0.5),
        CohortRow(2, 2, 0, 50.0, 46.0, 23 / 25),
    ]


def test_survival_by_hand() -> None:
    rows = survival(four_months())
    assert [row[:3] for row in rows] == [(0, 35, 32), (1, 30, 18), (2, 10, 5), (3, 10, 6)]
    for row in rows:
        assert row.share == row.still / row.followed
        assert (row.low, row.high) == wilson(row.still, row.followed)
        assert retention(four_months(), row.age) == row.share


def test_churn_by_hand() -> None:
    """Age 1 of the cohorts 0, 1, 2; age 3 of cohort 0 alone, where one came back."""
    rows = churn_by_tenure(four_months())
    assert [row[:3] for row in rows] == [(1, 27, 18), (2, 6, 5), (3, 5, 6)]
    assert [row.churn for row in rows] == pytest.approx([1 / 3, 1 / 6, -1 / 5])


def test_a_month_that_the_run_did_not_see_to_its_end_does_not_count() -> None:
    records = nothing_happened(by_hand(days=FOUR_MONTHS - 1, agents=40))
    for day in FIRST_DAYS:
        win(records, day, 10)
    records.active[3, 0, 1:5] = 10
    assert {row.cohort + row.age for row in cohort_table(records)} == {0, 1, 2}
    assert max(row.age for row in survival(records)) == 2


def test_why_there_are_no_cohorts() -> None:
    def why(records: Records) -> str:
        reason = why_no_cohorts(records)
        assert reason is not None
        empty: list[CohortRow | SurvivalRow | ChurnRow] = []
        assert cohort_table(records) == empty
        assert survival(records) == empty
        assert churn_by_tenure(records) == empty
        return str(reason)

    assert "a funnel ends at the purchase" in why(nothing_happened(by_hand(200, loop=False)))
    assert why(nothing_happened(by_hand(200))) == "nobody bought for the first time"
    short = nothing_happened(by_hand(90))
    win(short, 0, 3)
    assert why(short) == "cohorts need 3 whole months, and this run has 2"
    assert why_no_cohorts(four_months()) is None


def test_reactivation_by_hand() -> None:
    records = four_months()
    found = reactivation(records)
    assert isinstance(found, Reactivation)
    assert found == (0.0, 0.0, "nobody churned")
    records = unmeasured(records)
    records.counts[50, 0, Count.LAPSED], records.counts[99, 0, Count.REACTIVATIONS] = 8, 2
    assert reactivation(records) == (16.0, 4.0, 0.25)
    assert isinstance(reactivation(nothing_happened(by_hand(loop=False))), Undefined)


@pytest.mark.parametrize(("count", "of"), [(0, 10), (3, 10), (10, 10), (50, 100), (999, 1000)])
def test_the_band_solves_the_score_equation(count: int, of: int) -> None:
    """Wilson's limits are the chances p at which |count/of - p| is 1.96 standard errors of p."""
    low, high = wilson(count, of)
    assert 0.0 <= low <= count / of <= high <= 1.0
    for limit in (low, high):
        if 0.0 < limit < 1.0:
            error = math.sqrt(limit * (1 - limit) / of)
            assert abs(count / of - limit) / error == pytest.approx(1.959963984540054)


@pytest.mark.parametrize("chance", [0.1, 0.45, 0.8])
def test_the_band_holds_the_truth_as_often_as_it_says(chance: float) -> None:
    """Exact coverage, summed over the binomial of 200: near 95 % (Brown, Cai & DasGupta 2001)."""
    of = 200
    held = [k for k in range(of + 1) if wilson(k, of)[0] <= chance <= wilson(k, of)[1]]
    assert binom.pmf(held, of, chance).sum() == pytest.approx(0.95, abs=0.015)


@cache
def club() -> Records:
    return run(
        MARKETS["club"].model_copy(update={"days": 200, "agents": 400, "population": 800})
    ).records


def test_cohorts_from_the_tables() -> None:
    table = frame(club(), "cohorts")
    own = table[table.cohort.notna()].groupby(["cohort", "age_months"]).sum(numeric_only=True)
    rows = cohort_table(club())
    assert {(row.cohort, row.age) for row in rows} == {
        (c, a) for c in range(6) for a in range(6 - c)
    }
    for row in rows:
        line = own.loc[(row.cohort, row.age)]
        assert row.new_customers == pytest.approx(line.new_customers)
        assert row.customers == pytest.approx(line.customers)
    assert sum(row.new_customers for row in rows if row.age == 0) > 100


def test_reactivation_from_the_tables() -> None:
    daily = frame(club(), "daily")
    found = reactivation(club())
    assert isinstance(found, Reactivation)
    assert found.stopped == pytest.approx(daily.lapsed.sum())
    assert found.share == pytest.approx(daily.reactivations.sum() / daily.lapsed.sum())
    assert found.came_back > 0


def test_lives_are_sums_over_the_cohorts_seen_at_an_age() -> None:
    # 3 months were seen; cohorts of 10, 6 and 5
    active = np.array([[9, 7, 4], [6, 3, 0], [5, 0, 0]])
    assert [counts.tolist() for counts in lives(active, np.array([10, 6, 5]), 3)] == [
        [21, 16, 10],
        [21, 15, 7],
        [20, 10, 4],
    ]
    assert [counts.tolist() for counts in lives(active, np.array([10, 6, 5]), 0)] == [[]] * 3
