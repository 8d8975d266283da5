"""Who buys again: Kaplan and Meier's estimate by hand, without censoring, and in theory."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binom

from sim.measures.figure import Undefined
from sim.measures.intervals import greenwood_interval
from sim.measures.retention import (
    repeat_rate,
    repurchase,
    repurchase_by_cohort,
    repurchase_share,
    repurchase_table,
)
from sim.model.columns import BEFORE_START
from sim.records.recorder import Records
from sim.vocabulary import NEVER
from worlds.by_hand import by_hand, first_bought, nothing_happened, run_of

Z = 1.959963984540054


def bought(days: int, *lives: tuple[int, int]) -> Records:
    """Customers with the days of their first and second purchase."""
    records = nothing_happened(by_hand(days=days, agents=max(12, len(lives))))
    for place, (first, second) in enumerate(lives):
        first_bought(records, place, first, second)
    return records


def test_kaplan_and_meier_by_hand() -> None:
    """100 days; a month ends 30, 60 and 91 days after the purchase.

    Bought again at 20, 50 and 50 days; followed without it for 99, 89, 40 and 10 days.
    """
    records = bought(
        100, (0, 20), (0, 50), (40, 90), (0, NEVER), (10, NEVER), (59, NEVER), (89, NEVER)
    )
    one, two, three = repurchase(records)
    # at 20 days six are left, one of seven having been followed for ten days only
    assert one.share == pytest.approx(1 / 6)
    # at 50 days four are left, two of whom buy
    assert two.share == pytest.approx(1 - 5 / 6 * 2 / 4)
    assert three.share == two.share
    assert [row.again for row in (one, two, three)] == [1, 3, 3]
    assert [row.followed for row in (one, two, three)] == [6, 4, 3]
    assert [row[:3] for row in (one, two, three)] == [(0, 4, 1), (0, 4, 2), (0, 4, 3)]
    greenwood = 1 / (6 * 5) + 2 / (4 * 2)
    assert (two.low, two.high) == pytest.approx(greenwood_interval(1 - two.share, greenwood))


def test_the_last_day_of_a_month_of_age_counts() -> None:
    assert repurchase(bought(31, (0, 30)))[0].share == 1.0
    assert repurchase(bought(32, (0, 31)))[0].share == 0.0
    assert repurchase(bought(30, (0, 5))) == []  # followed for 29 days


def test_customers_from_before_the_start_are_no_new_customers() -> None:
    assert repurchase(bought(100, (BEFORE_START, 20))) == []
    assert len(repurchase(bought(100, (0, 5), (BEFORE_START, 20)))) == 3
    assert repurchase(bought(100, (0, 5), (BEFORE_START, 20)))[0].share == 1.0


def test_without_censoring_it_is_the_plain_share() -> None:
    """All are won on day 0, so each share is a count of the whole, its variance p q / n."""
    ages = [3, 17, 17, 44, 61, 90, 200]
    records = bought(365, *((0, age) for age in ages), *((0, NEVER) for _ in range(13)))
    for row in repurchase(records):
        again = sum(age <= row.age * 365 // 12 for age in ages)
        assert row.share == pytest.approx(again / 20)
        assert row.followed == 20
        p = 1 - again / 20
        variance = (1 - p) / p / 20  # of the logarithm of p, by the delta method
        assert (row.low, row.high) == pytest.approx(greenwood_interval(p, variance))


def test_a_year_s_share_is_the_repeat_rate_where_all_are_followed_for_a_year() -> None:
    lives = [(day, day + 30 * day if day % 3 else NEVER) for day in range(12)]
    records = bought(400, *lives)
    assert repurchase_share(records, 12) == pytest.approx(repeat_rate(records))


def test_the_band_is_symmetric_on_its_scale() -> None:
    low, high = greenwood_interval(0.7, 0.01)
    middle = math.log(-math.log(0.7))
    ends = [math.log(-math.log(1 - end)) for end in (low, high)]
    half = Z * 0.1 / -math.log(0.7)
    assert ends == pytest.approx([middle - half, middle + half])
    assert greenwood_interval(1.0, 0.0) == (0.0, 1.0)
    assert greenwood_interval(0.0, math.inf) == (0.0, 1.0)


@pytest.mark.parametrize("chance", [0.1, 0.3, 0.6])
def test_the_band_holds_the_truth_as_often_as_it_says(chance: float) -> None:
    """Exact coverage without censoring, summed over the binomial of 300."""
    of = 300
    held = []
    for again in range(1, of):
        p = 1 - again / of
        low, high = greenwood_interval(p, (1 - p) / p / of)
        if low <= chance <= high:
            held.append(again)
    assert binom.pmf(held, of, chance).sum() == pytest.approx(0.95, abs=0.015)


def test_censoring_does_not_bend_a_constant_chance() -> None:
    """Each day's second purchases are a share 1/64 of those still without one: S = (63/64)^t.

    64^2 customers are won each day until the end, so the estimate is that of the law to the
    rounding of a head; counting only who has bought again by the end would give far less.
    """
    lives: list[tuple[int, int]] = []
    for first in range(0, 120, 10):
        left = 4096.0
        waiting = 4096
        for age in range(1, 120 - first):
            left *= 63 / 64
            now = waiting - round(left)
            lives += [(first, first + age)] * now
            waiting -= now
        lives += [(first, NEVER)] * waiting
    rows = repurchase(bought(120, *lives))
    for row in rows:
        assert row.share == pytest.approx(1 - (63 / 64) ** (row.age * 365 // 12), abs=5e-4)
        assert row.low < row.share < row.high
    plain = sum(second != NEVER for _, second in lives) / len(lives)
    assert plain < rows[-1].share - 0.1


def test_cohorts_are_told_apart() -> None:
    records = bought(130, (0, 10), (5, NEVER), (40, 45), (45, 50), (100, 110))
    rows = repurchase_by_cohort(records)
    share = {(row.cohort, row.age): row.share for row in rows}
    assert share[0, 1] == 0.5
    assert share[1, 1] == 1.0
    assert {cohort for cohort, _ in share} == {0, 1}  # month 3's is followed for 29 days
    assert share == {
        (row.cohort, row.age): row.share for c in range(4) for row in repurchase(records, c, 1)
    }
    table = repurchase_table(records)
    assert _ages(table.age.tolist()) == _ages([row.age for row in rows])


def _ages(ages: Sequence[int]) -> list[int]:
    return np.asarray(ages).tolist()


def test_there_is_no_curve_where_there_is_nothing_to_see() -> None:
    funnel = nothing_happened(by_hand(days=400, loop=False))
    first_bought(funnel, 0, 5, 40)
    assert repurchase(funnel) == []
    assert isinstance(repurchase_share(funnel, 3), Undefined)
    found = repurchase_share(bought(60, (0, 5)), 3)
    assert found == "this needs 3 months of follow-up"


def test_a_long_run_without_customers_is_not_called_short() -> None:
    """Nobody is followed for a year for want of customers, which is not for want of days."""
    records = nothing_happened(by_hand(days=400))
    for age in (3, 6, 12):
        assert repurchase_share(records, age) == "no customer was acquired early enough"
    late = bought(400, (380, NEVER))
    assert repurchase_share(late, 3) == "no customer was acquired early enough"
    assert repurchase_share(bought(91, (0, NEVER)), 3) == ("this needs 3 months of follow-up")
    assert repurchase_share(bought(92, (0, NEVER)), 3) == 0.0
    reasons = run_of(records).summary["undefined"]
    assert [key for key, why in reasons.items() if "of follow-up" in why] == []
