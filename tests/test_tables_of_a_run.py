"""The tables of a result folder: every figure of the summary follows from them in a few lines."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.pages.folder import write_folder
from sim.runs.run import Run, run
from worlds.markets import MARKETS


@cache
def made(name: str) -> Run:
    return run(MARKETS[name])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results") / "town"
    write_folder(made("town"), place)
    return place


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def of_journeys(folder: Path) -> float:
    """Purchases and what journeys under way are expected to bring, by journeys."""
    journey = made("town").scenario.journey.phases
    search = [name for name, phase in journey.items() if phase.kind.searches]
    flows = read(folder, "flows").pivot_table(
        "customers", "from_phase", "to_phase", "sum", fill_value=0.0, observed=False
    )
    moved = flows.loc[search, search].to_numpy(float)
    began = flows.drop(search)[search].sum().to_numpy(float)
    bought = [
        read(folder, "daily").purchases.sum() if journey[name].kind.decides else 0.0
        for name in search
    ]
    out = np.diag(flows.loc[search].sum(axis=1).to_numpy(float))
    return float(began @ np.linalg.solve(out - moved, bought) / began.sum())


def test_conversion_from_the_tables(folder: Path) -> None:
    found = made("town").summary["conversion"]
    people, daily = read(folder, "customers"), read(folder, "daily")
    needing = people.last_need_day.notna()
    assert found["overall"] == ((people.purchases > 0) & needing).sum() / needing.sum()
    assert found["per_need"] == pytest.approx(of_journeys(folder), rel=1e-12)
    abandoned = daily.checkouts_abandoned.sum() / daily.checkouts_started.sum()
    assert found["checkout_abandonment"] == pytest.approx(abandoned)
    visits = read(folder, "touchpoints").visits.sum()
    assert found["visit_conversion"] == pytest.approx(daily.purchases.sum() / visits)
    routes = read(folder, "purchases").groupby("route", observed=True).purchases.sum()
    for route, share in found["by_route"].items():
        assert share == pytest.approx(routes[route] / routes.sum())


def test_phase_conversion_from_the_tables(folder: Path) -> None:
    found = made("town").summary["conversion"]["by_phase"]
    flows, phases = read(folder, "flows"), read(folder, "phases")
    moved = flows.groupby(["from_phase", "to_phase"], observed=True).customers.sum()
    first = flows[flows.day == 0]
    at_end_of_day_0 = phases[phases.day == 0].groupby("phase", observed=True).customers.sum()
    names = list(found)
    for place, name in enumerate(names):
        came = first[first.to_phase == name].customers.sum()
        went = first[first.from_phase == name].customers.sum()
        entered = at_end_of_day_0[name] - came + went + moved[:, name].sum()
        if name == "buy":
            advanced = read(folder, "daily").purchases.sum()
        else:
            ways_on = names[place + 1 :] if place > 5 else names[place + 1 : 6]
            advanced = sum(moved.get((name, to), 0.0) for to in ways_on)
        if place < len(names) - 1:
            assert found[name] == pytest.approx(advanced / entered), name
    assert found["praise"] is None


def test_money_from_the_tables(folder: Path) -> None:
    found = made("town").summary
    daily, spend = read(folder, "daily"), read(folder, "spend")
    purposes = {n: str(t.spend_purpose) for n, t in made("town").scenario.touchpoints.items()}
    by_purpose = spend.groupby(spend.touchpoint.map(purposes), observed=True).spend.sum()
    money = found["economics"]
    assert money["revenue"] == pytest.approx(daily.revenue.sum())
    assert money["margin"] == pytest.approx(daily.margin.sum())
    assert money["spend"] == pytest.approx(spend.spend.sum())
    assert money["spend_acquisition"] == pytest.approx(by_purpose["acquisition"])
    assert money["spend_retention"] == pytest.approx(by_purpose.get("retention", 0.0))
    assert money["profit"] == pytest.approx(daily.margin.sum() - spend.spend.sum())
    new = daily.new_customers.sum()
    assert found["customers"]["new"] == new
    assert money["cac"] == pytest.approx(by_purpose["acquisition"] / new)
    assert money["first_order_margin"] == pytest.approx(daily.new_margin.sum() / new)
    own = read(folder, "cohorts").dropna(subset="cohort")
    worth = (own.margin * 1.1 ** (-own.age_months / 12)).sum()
    assert money["clv_realised"] == pytest.approx(worth / new)
    # each customer's own figures add up to the same
    people = read(folder, "customers")
    assert people.revenue.sum() * 10 == pytest.approx(daily.revenue.sum())
    assert people.margin.sum() * 10 == pytest.approx(daily.margin.sum())


def test_customers_and_retention_from_the_tables(folder: Path) -> None:
    found = made("town").summary
    people, daily, cohorts = (read(folder, n) for n in ("customers", "daily", "cohorts"))
    assert found["customers"]["active_end"] == 10 * (people.relationship == "customer").sum()
    assert found["customers"]["active_start"] == 10 * people.before_start.sum()
    assert found["customers"]["lapsed"] == daily.lapsed.sum()
    assert found["customers"]["reactivated"] == daily.reactivations.sum()
    assert found["customers"]["purchases"] == 10 * people.purchases.sum()
    # 75 days: months 0 and 1 are whole, so one month after is seen of month 0 only
    month_0 = cohorts[(cohorts.cohort == 0) & (cohorts.age_months == 1)]
    share = month_0.customers.sum() / month_0.new_customers.sum()
    assert found["retention"]["month_1"] == pytest.approx(share)


def test_experience_from_the_tables(folder: Path) -> None:
    found = made("town").summary
    daily, scores, touch = (read(folder, n) for n in ("daily", "scores", "touchpoints"))
    mean = daily.satisfaction_sum.sum() / daily.judgements.sum()
    assert found["experience"]["mean_satisfaction"] == pytest.approx(mean)
    answers = scores.groupby("score").judgements.sum()
    lead = answers[answers.index >= 9].sum() - answers[answers.index <= 6].sum()
    score = 100 * lead / answers.sum()
    assert found["experience"]["recommendation_score"] == pytest.approx(score)
    assert found["experience"]["rating"] == read(folder, "market").rating.iloc[-1]
    assert found["experience"]["bad_share"] == pytest.approx(
        touch.bad.sum() / touch.encounters.sum()
    )
    spend = read(folder, "spend").groupby("touchpoint", observed=True).spend.sum()
    sums = touch.groupby("touchpoint", observed=True).sum(numeric_only=True)
    for name, figures in found["touchpoints"].items():
        assert figures["spend"] == pytest.approx(spend.get(name, 0.0))
        if name in sums.index:
            own = sums.loc[name]
            assert figures["encounters"] == own.encounters
            assert figures["contacts"] == own.contacts
            assert figures["visits"] == own.visits
            assert figures["quality"] == pytest.approx(own.quality_sum / own.encounters)
            assert figures["bad_share"] == pytest.approx(own.bad / own.encounters)
            assert figures["wait_minutes"] == pytest.approx(own.wait_minutes / own.encounters)
        else:
            assert (figures["encounters"], figures["quality"]) == (0.0, None)


def test_the_tables_agree_with_each_other(folder: Path) -> None:
    daily, people = read(folder, "daily"), read(folder, "customers")
    by_day = daily.groupby("day").purchases.sum()
    bought = read(folder, "purchases").groupby("day").purchases.sum()
    assert (bought.reindex(by_day.index, fill_value=0.0) == by_day).all()
    assert read(folder, "losses").customers.sum() == daily.lost.sum()
    phases = read(folder, "phases")
    assert (phases.groupby("day").customers.sum() == 2200.0).all()
    last = phases[phases.day == phases.day.max()].groupby("phase", observed=True).customers.sum()
    for phase, count in people.phase.value_counts().items():
        assert last[phase] == 10 * count
    new = daily.groupby(daily.day * 12 // 365).new_customers.sum()
    sizes = read(folder, "cohorts").query("age_months == 0").groupby("cohort").new_customers.sum()
    assert new.to_dict() == dict(sizes.items())
    told = read(folder, "market")
    assert sum(told[f"reviews_{n}"].sum() for n in range(1, 6)) == daily.reviews.sum()
    assert sum(n * told[f"reviews_{n}"].sum() for n in range(1, 6)) == daily.stars_sum.sum()
    sold = read(folder, "add_ons")
    assert set(sold.add_on) == {"wrap", "insurance"}


def test_a_customer_who_never_did_has_no_day(folder: Path) -> None:
    people = read(folder, "customers")
    never = people.purchases == 0
    assert never.any()
    for column in ("first_purchase_day", "second_purchase_day", "last_purchase_day", "offer"):
        assert people[never][column].isna().all(), column
    new = ~never & ~people.before_start
    assert people[new].first_purchase_day.notna().all()
    assert (people[people.purchases == 1].query("~before_start").second_purchase_day.isna()).all()
    assert people[people.relationship == "none"].satisfaction.isna().all()
    days = people[["first_purchase_day", "last_purchase_day", "last_need_day"]]
    assert days.min().min() >= 0
    assert days.max().max() < 75


def test_stocks_stand_at_the_last_day(folder: Path) -> None:
    records, people = made("town").records, read(folder, "customers")
    half_life = made("town").scenario.journey.behaviour.awareness_half_life_days
    elapsed = 74 - records.customers["stocks_day"].astype(float)
    assert len(set(elapsed)) > 5
    decayed = records.customers["awareness"] * 0.5 ** (elapsed / half_life)
    np.testing.assert_allclose(people.awareness, decayed, rtol=1e-6)


def test_the_panel_is_an_event_log(folder: Path) -> None:
    panel, daily = read(folder, "panel"), read(folder, "daily")
    assert list(panel.columns[:3]) == ["case_id", "timestamp", "event"]
    assert not panel.duplicated(["case_id", "timestamp"]).any()
    assert panel.timestamp.min() >= pd.Timestamp("2025-01-01")
    assert panel.timestamp.max() < pd.Timestamp("2025-01-01") + pd.Timedelta(days=75)
    # everybody is in this market's panel, so the log counts what the tables count
    count = panel.event.value_counts()
    assert 10 * count["purchase"] == daily.purchases.sum()
    assert 10 * count["need"] == daily.needs.sum()
    assert 10 * count["lost_to_competitor"] == daily.lost.sum()
    assert 10 * count["encounter"] == read(folder, "touchpoints").encounters.sum()
    lost = panel[panel.event == "lost_to_competitor"]
    assert set(lost.offer) <= {"rival.cheap", "rival.dear", "other.thing"}
    assert panel[panel.event == "purchase"].offer.isin(["basic", "plus"]).all()
    moves = panel[panel.event == "move"]
    assert (moves.to_phase.notna() & (moves.to_phase.astype(str) != moves.phase.astype(str))).all()
    # in order, each customer's next phase is where the last move led
    for _, case in moves.groupby("case_id"):
        case = case.sort_values("timestamp")
        assert list(case.phase.astype(str)[1:]) == list(case.to_phase.astype(str)[:-1])
