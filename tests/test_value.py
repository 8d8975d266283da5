"""Customer value: realised, projected and paid back, by hand, in closed form and in long runs."""

import math

import pytest
from hand import WEB, by_hand, first_bought, nothing_happened, win

from sim.measures import economics, retention, value
from sim.measures.figure import Undefined
from sim.recorder import Records
from sim.records import Cohort, Count


def yearly_subscription(years: int, stay: float, won: int) -> Records:
    """Customers won on day 0 who renew each year with chance `stay`; 100 of margin a time."""
    records = nothing_happened(by_hand(days=365 * years))
    win(records, 0, won)
    records.counts[0, 0, Count.NEW_MARGIN] = won * 10_000
    for year in range(years):
        left = round(won * stay**year)
        records.cohorts[0, 1, 12 * year, Cohort.MARGIN] = left * 10_000
        records.active[12 * year : 12 * year + 12, 0, 1] = left
    return records


def test_realised_value_is_the_geometric_sum() -> None:
    stay, rate, years = 0.8, 0.1, 19
    records = yearly_subscription(years, stay, 10**9)
    step = stay / (1 + rate)
    exact = 100.0 * (1 - step**years) / (1 - step)
    assert value.clv_realised(records) == pytest.approx(exact, rel=1e-7)
    # the endless sum is m (1 + d) / (1 + d - r): 366.67 for r = .8, d = .1
    endless = 100.0 * (1 + rate) / (1 + rate - stay)
    assert endless == pytest.approx(366.67, abs=0.005)
    assert endless - exact == pytest.approx(endless * step**years, rel=1e-9)


def test_value_of_36_months_needs_no_projection_in_a_long_run() -> None:
    step = 0.8 / 1.1
    found = value.clv_projected(yearly_subscription(5, 0.8, 10**9))
    assert found == pytest.approx(100.0 * (1 + step + step**2), rel=1e-8)


def leavers(months: int, stay: float, margin: float) -> Records:
    """A cohort each month; of it a share `stay` is left after each month, worth `margin` each."""
    won = 10**9
    records = nothing_happened(by_hand(days=math.ceil(months * 365 / 12)))
    for cohort in range(months):
        win(records, math.ceil(cohort * 365 / 12), won)
        for age in range(months - cohort):
            left = round(won * stay**age)
            records.active[cohort + age, 0, cohort + 1] = left
            records.cohorts[0, cohort + 1, age, Cohort.MARGIN] = left * round(margin * 100)
    return records


@pytest.mark.parametrize("months", [6, 13, 24])
def test_projection_of_constant_leaving_is_exact(months: int) -> None:
    stay, margin, rate = 0.93, 7.5, 0.1
    step = stay * (1 + rate) ** (-1 / 12)
    exact = margin * (1 - step**36) / (1 - step)
    assert value.clv_projected(leavers(months, stay, margin)) == pytest.approx(exact, rel=1e-7)


def test_projection_needs_four_months_of_life() -> None:
    found = value.clv_projected(leavers(4, 0.9, 1.0))
    assert isinstance(found, Undefined)
    assert "4 whole months" in found
    assert isinstance(value.clv_projected(leavers(5, 0.9, 1.0)), float)


def test_projection_waits_for_a_whole_subscription_period() -> None:
    yearly = {"club": {"price": 100.0, "subscription_days": 365}}
    records = nothing_happened(by_hand(days=365, offers=yearly))
    win(records, 0, 10)
    found = value.clv_projected(records)
    assert isinstance(found, Undefined)
    assert "13 whole months" in found


def test_payback_by_hand() -> None:
    # the first order brings 40, the rest of the first month 10, then 25 a month; cost 80
    records = nothing_happened(by_hand(days=365))
    won = 100
    win(records, 0, won)
    records.counts[0, 0, Count.NEW_MARGIN] = won * 4_000
    records.cohorts[0, 1, 0, Cohort.MARGIN] = won * 5_000
    records.cohorts[0, 1, 1:12, Cohort.MARGIN] = won * 2_500
    records.active[:, 0, 1] = won
    records.spend[0, WEB] = 80.0 * won * records.people_per_agent
    assert economics.cac(records) == 80.0
    assert value.payback_days(records) == pytest.approx((2 + 5 / 25) * 365 / 12)
    records.spend[0, WEB] = 45.0 * won * records.people_per_agent
    assert value.payback_days(records) == pytest.approx(0.5 * 365 / 12)
    records.spend[0, WEB] = 40.0 * won * records.people_per_agent
    assert value.payback_days(records) == 0.0
    records.spend[0, WEB] = 10_000.0 * won
    found = value.payback_days(records)
    assert isinstance(found, Undefined)
    assert "36 months" in found


def test_in_a_funnel_a_customer_is_worth_one_order() -> None:
    records = nothing_happened(by_hand(days=800, loop=False))
    win(records, 5, 3)
    win(records, 700, 1)
    records.counts[5, 0, Count.NEW_MARGIN] = 9_000
    records.counts[700, 0, Count.NEW_MARGIN] = 1_000
    first_bought(records, 0, 5, 40)
    assert value.clv_realised(records) == 25.0
    assert value.clv_projected(records) == 25.0
    assert isinstance(retention.retention(records, 1), Undefined)
    assert isinstance(retention.repeat_rate(records), Undefined)
