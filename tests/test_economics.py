"""Costs, returns, profit over time and money by segment: by hand, and from a run's tables."""

from functools import cache

import numpy as np
import pytest

from sim.measures import economics
from sim.measures.economics import break_even_month, first_lasting, profit_over_time, profit_table
from sim.measures.figure import Undefined
from sim.measures.segments_money import (
    money_by_segment,
    paid_for,
    segments_table,
    spend_by_segment,
)
from sim.model.columns import Cohort, Count, Touch
from sim.records.recorder import Records
from sim.runs.run import Run, run
from sim.scenario.touchpoints import Cost
from sim.vocabulary import Purpose
from worlds.by_hand import SHOP, WEB, by_hand, nothing_happened, unmeasured, win
from worlds.markets import LONG_TOWN

PAID = {"starts": "pull", "control": "paid", "reach": {"look": 0.5}, "cost": {"per_click": 1.0}}
OWN = {"starts": "pull", "reach": {"look": 0.5}, "cost": {"per_day": 1.0}}
CARE = {"starts": "pull", "purpose": "retention", "control": "paid", "reach": {"own": 0.5}}
THREE = {"search": PAID, "site": OWN, "care": CARE}
SEARCH, SITE, CARING = range(3)


def spent(**fields: object) -> Records:
    """Four new customers (eight people), 300 of paid and 100 of own work to win them, 60 to keep.

    Margin: 70 a first purchase, 40 in all of other purchases.
    """
    records = nothing_happened(by_hand(touchpoints=THREE, **fields))
    win(records, 3, 4)
    records.counts[3, 0, Count.MARGIN] = records.counts[3, 0, Count.NEW_MARGIN] = 4 * 7_000
    records.counts[9, 0, Count.MARGIN] = 4_000
    records.spend[0, SEARCH], records.spend[1, SITE], records.spend[2, CARING] = 300, 100, 60
    records.active[:, 0, 1] = 3
    return records


def test_costs_and_returns_by_hand() -> None:
    records = spent()
    years = 60 / 365
    assert economics.cac(records) == 400 / 8
    assert economics.cac_paid(records) == 300 / 8  # what is paid to keep customers is not in it
    assert economics.keeping_cost(records) == pytest.approx(60 / (6 * years))
    assert economics.keep_to_win(records) == pytest.approx(60 / (6 * years) / (400 / 8))
    assert economics.margin_for(records, Purpose.ACQUISITION) == 560
    assert economics.margin_for(records, Purpose.RETENTION) == 80
    assert economics.return_by_purpose(records) == {
        "acquisition": 560 / 400,
        "retention": 80 / 60,
    }


def test_costs_that_do_not_exist_say_why() -> None:
    nothing = nothing_happened(by_hand(touchpoints=THREE))
    assert economics.cac_paid(nothing) == Undefined("no new customer was acquired")
    assert economics.keep_to_win(nothing) == Undefined("there were no customers to retain")
    assert economics.return_by_purpose(nothing) == {
        "acquisition": "nothing was spent on acquisition",
        "retention": "nothing was spent on retention",
    }
    nothing = unmeasured(nothing)
    nothing.active[:, 0, 0] = 1
    assert economics.keep_to_win(nothing) == Undefined("no new customer was acquired")
    nothing = unmeasured(nothing)
    win(nothing, 0, 1)
    assert economics.keep_to_win(nothing) == Undefined("nothing was spent on acquisition")


def test_profit_by_month_by_hand() -> None:
    """45 days: month 0 is days 0 to 30, and of month 1 the run sees 14 days."""
    records = nothing_happened(by_hand(days=45))
    records.counts[30, 0, Count.REVENUE], records.counts[30, 0, Count.MARGIN] = 9_000, 5_000
    records.counts[31, 0, Count.REVENUE], records.counts[31, 0, Count.MARGIN] = 40_000, 30_000
    records.spend[:31, WEB], records.spend[40, SHOP] = 10.0, 25.0
    first, second = profit_over_time(records)
    assert first == (0, 31, True, 180.0, 100.0, 310.0, 0.0, 0.0, 310.0, -210.0, -210.0)
    assert second == (1, 14, False, 800.0, 600.0, 0.0, 25.0, 0.0, 25.0, 575.0, 365.0)
    assert break_even_month(records) == 2.0
    assert list(profit_table(records).profit) == [-210.0, 575.0]


@pytest.mark.parametrize(
    ("cumulative", "month"),
    [
        ([1.0, 2.0], 1.0),
        ([0.0], 1.0),
        ([-1.0, 0.0, 3.0], 2.0),
        ([5.0, -1.0, -2.0, 4.0], 4.0),  # what is lost again was no break-even
    ],
)
def test_break_even_lasts(cumulative: list[float], month: float) -> None:
    assert first_lasting(cumulative) == month


def test_no_break_even_says_why() -> None:
    found = first_lasting([3.0, -0.01])
    assert found == Undefined("cumulative profit is below zero at the end of the run")


TWO = {"many": {"share": 0.75}, "few": {"share": 0.25}}


def test_spend_is_split_by_what_it_is_paid_for() -> None:
    records = nothing_happened(by_hand(segments=TWO, touchpoints=THREE))
    records.start[:, 0] = [9, 3]
    rows = np.zeros((2, len(Touch)), dtype=np.int64)
    rows[:, Touch.VISITS], rows[:, Touch.ENCOUNTERS], rows[:, Touch.CONTACTS] = [
        [1, 3],
        [6, 4],
        [5, 5],
    ]
    records.touch[4, :, SEARCH] = rows
    records.touch[4, :, SITE] = rows
    records.spend[4] = [80.0, 50.0, 12.0]
    split = spend_by_segment(records)
    assert split[SEARCH] == pytest.approx([20.0, 60.0])  # paid by click: visits
    assert split[SITE] == pytest.approx([30.0, 20.0])  # own work: encounters
    assert split[CARING] == pytest.approx([9.0, 3.0])  # nobody met it: people
    assert split.sum(axis=1) == pytest.approx(records.spend.sum(axis=0))


@pytest.mark.parametrize(
    ("cost", "basis"),
    [
        ({"per_contact": 1.0, "per_day": 9.0}, Touch.CONTACTS),
        ({"per_click": 1.0}, Touch.VISITS),
        ({"per_visit": 1.0, "per_day": 9.0}, Touch.VISITS),
        ({"per_order_share": 0.1}, Touch.VISITS),
        ({"per_staff_hour": 200.0}, Touch.ENCOUNTERS),
        ({}, Touch.ENCOUNTERS),
    ],
)
def test_what_a_touchpoint_is_paid_for(cost: dict[str, float], basis: Touch) -> None:
    assert paid_for(Cost(**cost)) == basis


def test_segments_by_hand() -> None:
    """Two people to a customer; the spend goes by people, as nobody met a touchpoint."""
    records = nothing_happened(by_hand(days=45, segments=TWO, touchpoints=THREE))
    records.start[:, 0] = [9, 3]
    records.counts[3, :, Count.NEW_CUSTOMERS] = [4, 0]
    records.counts[3, :, Count.NEW_MARGIN] = [20_000, 0]
    records.counts[3, :, Count.MARGIN] = [28_000, 1_000]
    records.cohorts[0, 1, 0, Cohort.MARGIN] = 28_000
    records.spend[0] = [100.0, 60.0, 40.0]
    many, few = money_by_segment(records)
    assert many[:8] == ("many", 8.0, 560.0, 120.0, 30.0, 0.0, 50.0, 15.0)
    assert many.clv_realised == 70.0
    assert few[:6] == ("few", 0.0, 20.0, 40.0, 10.0, 0.0)
    assert set(few[6:]) == {"no new customer was acquired"}
    assert isinstance(many.clv_projected, Undefined)
    assert many.clv_cac_ratio == many.clv_projected
    assert segments_table(records).cac.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("given", "purpose"),
    [
        ({}, Purpose.ACQUISITION),
        ({"starts": "service", "capacity": {"servers": 1}}, Purpose.DELIVERY),
        ({"starts": "triggered", "trigger": "purchase"}, Purpose.DELIVERY),
        ({"starts": "triggered", "trigger": "need"}, Purpose.ACQUISITION),
        ({"starts": "triggered", "trigger": "purchase", "purpose": "retention"}, Purpose.RETENTION),
    ],
)
def test_a_desk_and_a_parcel_deliver_unless_said_otherwise(
    given: dict[str, object], purpose: Purpose
) -> None:
    scenario = by_hand(touchpoints={"one": OWN | given})
    assert scenario.touchpoints["one"].spend_purpose == purpose


def test_delivery_is_cost_to_serve_neither_winning_nor_keeping() -> None:
    """What is spent to deliver lowers profit and moves no other figure of the purposes."""
    with_parcel = THREE | {"parcel": OWN | {"purpose": "delivery"}}
    bare, served = (
        nothing_happened(by_hand(touchpoints=touchpoints)) for touchpoints in (THREE, with_parcel)
    )
    for records in (bare, served):
        win(records, 3, 4)
        records.counts[3, 0, Count.PURCHASES] = 4
        records.counts[5, 0, Count.RENEWALS] = 1
        records.active[:, 0, 1] = 3
        records.spend[0, :3] = 300, 100, 60
    served.spend[3, 3] = 50
    for figure in (economics.cac, economics.keeping_cost, economics.keep_to_win):
        assert figure(served) == figure(bare)
    assert economics.return_by_purpose(served) == economics.return_by_purpose(bare)
    assert economics.profit(served) == economics.profit(bare) - 50
    assert economics.serving_cost(bare) == 0.0
    assert economics.serving_cost(served) == 50 / (5 * 2)  # each stands for two people


@cache
def town() -> Run:
    return run(LONG_TOWN)


def test_segments_add_up_to_the_whole() -> None:
    rows, records = money_by_segment(town().records), town().records
    assert len(rows) == 2
    assert sum(row.spend_acquisition for row in rows) == pytest.approx(
        economics.spend_for(records, Purpose.ACQUISITION)
    )
    assert sum(row.new_customers for row in rows) == economics.new_customers(records)
    worth = sum(row.new_customers * float(row.clv_realised) for row in rows)
    whole = town().summary["economics"]["clv_realised"]
    assert worth / economics.new_customers(records) == pytest.approx(whole)


def test_segments_from_the_tables() -> None:
    """The cost of a new customer anew: spend of each touchpoint by its contacts or the like."""
    tables, scenario = town().tables, town().scenario
    met = (
        tables["touchpoints"]
        .groupby(["touchpoint", "segment"], observed=False)
        .sum(numeric_only=True)
    )
    spend = tables["spend"].groupby("touchpoint", observed=False).spend.sum()
    new = tables["daily"].groupby("segment", observed=False).new_customers.sum()
    paid = dict.fromkeys(scenario.segments, 0.0)
    for name, touchpoint in scenario.touchpoints.items():
        if touchpoint.spend_purpose != Purpose.ACQUISITION or not spend.get(name, 0.0):
            continue
        cost = touchpoint.cost
        basis = "contacts" if cost.per_contact else "encounters"
        if not cost.per_contact and (cost.per_click or cost.per_visit or cost.per_order_share):
            basis = "visits"
        for segment in paid:
            share = met.loc[(name, segment), basis] / met.loc[name][basis].sum()
            paid[segment] += spend[name] * share
    by_segment = town().summary["economics"]["by_segment"]
    for segment, amount in paid.items():
        assert by_segment[segment]["cac"] == pytest.approx(amount / new[segment])


def test_profit_from_the_tables() -> None:
    daily, spend = town().tables["daily"], town().tables["spend"]
    rows = profit_table(town().records)
    month = daily.day * 12 // 365
    assert rows.margin.to_numpy() == pytest.approx(daily.groupby(month).margin.sum().to_numpy())
    by_month = spend.groupby(spend.day * 12 // 365).spend.sum()
    assert rows.spend.to_numpy() == pytest.approx(by_month.to_numpy())
    assert rows.cumulative_profit.iloc[-1] == pytest.approx(town().summary["economics"]["profit"])
    assert rows.days.sum() == 200
