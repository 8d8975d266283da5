"""Test data for media mix models: they add up, their truth is true, and one can learn from them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.questions.mix.mmm import FACTORS, STEP, MixData, MixRequest, mix_data
from sim.questions.mix.regions import LEAST_ON, MOST_OFF, MOST_ON, media_of, region, whole_weeks
from sim.questions.mix.tables import truth, weekly
from sim.records.recorder import Records
from sim.runs.run import run
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.vocabulary import MAX_SEED, MINOR_UNITS
from worlds.help_desk import helped
from worlds.street import (
    CONTACT,
    CONTACTS,
    DESK,
    FLYER,
    PER_KRONE,
    POSTER,
    of,
    read,
    street,
    write_street,
)


@pytest.fixture(scope="module")
def data() -> MixData:
    """Two regions of a small street for a year, with the truth."""
    return mix_data(street(600), MixRequest(regions=2, years=1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in files."""
    return write_street(tmp_path_factory.mktemp("mmm"))


def two_on_a_day(made: MixData) -> float:
    """What is lost of PER_KRONE, at most, because who gets two flyers on a day buys once.

    If m flyers fall at random on n people, n (1 - exp(-m / n)) get one, a share m / 2n fewer. A
    round takes 1 / (1 - exp(-1)) days until a need, one day to compare and one at the checkout,
    so that at least a quarter of all people are there.
    """
    most = max(
        (market.region.scenario.touchpoints["flyer"].budget_per_day or 0.0)
        / (CONTACT * 0.25 * market.region.scenario.population)
        for market in made.markets
    )
    return PER_KRONE * most / 2.0


def direct(folder: Path, name: str, levers: Mapping[str, Any] | None = None) -> Records:
    """A region run by itself, from its own file, with levers moved."""
    scenario = load_scenario(folder / f"scenario-{name}.yaml")
    return run(with_settings(scenario, overrides=levers)).records


def revenue(records: Records) -> float:
    minor = int(records.customers["revenue"].astype(np.int64).sum())
    return minor * records.people_per_agent / MINOR_UNITS


def spend(records: Records, name: str) -> float:
    return float(records.spend[:, list(records.scenario.touchpoints).index(name)].sum())


# One can learn from them.


def test_a_regression_finds_what_the_flyer_does_and_that_the_poster_does_nothing() -> None:
    """Least squares without adstock or saturation: nothing carries over, and hardly anybody gets
    two flyers on a day, so sales are linear in spend, by PER_KRONE.

    `two_on_a_day` of them is added to the tolerance.
    """
    scenario = street(6000)
    made = mix_data(scenario, MixRequest(regions=4, years=3, truth=False))
    weeks = weekly(made).to_pandas()
    names = ["flyer", "poster"]
    regions = pd.get_dummies(weeks.region).to_numpy(dtype=float)
    X = np.column_stack([*(weeks[f"{name}_spend"] for name in names), regions])
    y = weeks.revenue.to_numpy()
    inverse = np.linalg.inv(X.T @ X)
    slopes = inverse @ X.T @ y
    # weeks with more sales scatter more: White's standard errors
    rest = (y - X @ slopes)[:, None] * X
    error = np.sqrt(np.diag(inverse @ (rest.T @ rest) @ inverse))
    bias = two_on_a_day(made)
    assert bias < 0.015 * PER_KRONE
    assert error[0] < 0.015 * PER_KRONE
    assert abs(slopes[0] - PER_KRONE) < 3.5 * error[0] + bias
    assert error[1] < 0.03 * PER_KRONE
    assert abs(slopes[1]) < 3.5 * error[1]


def test_spend_on_media_varies_and_is_not_in_step(data: MixData) -> None:
    for _, weeks in weekly(data).to_pandas().groupby("region"):
        flyer, poster = weeks.flyer_spend, weeks.poster_spend
        assert flyer.std() > 0.2 * flyer.mean()
        assert poster.std() > 0.2 * poster.mean()
        assert abs(np.corrcoef(flyer, poster)[0, 1]) < 0.6


# They add up.


def test_weeks_add_up_to_the_run_of_the_region(folder: Path) -> None:
    weeks = read(folder, "weekly")
    for name in ("region_1", "region_2"):
        made = run(load_scenario(folder / f"scenario-{name}.yaml"))
        own = of(weeks, region=name)
        daily = made.daily
        assert len(own) == 52
        assert made.scenario.days == 364
        assert own.purchases.sum() == pytest.approx(daily.purchases.sum(), rel=1e-12)
        assert own.revenue.sum() == pytest.approx(daily.revenue.sum(), rel=1e-12)
        assert own.new_customers.sum() == pytest.approx(daily.new_customers.sum(), rel=1e-12)
        for touchpoint in made.scenario.touchpoints:
            assert own[f"{touchpoint}_spend"].sum() == pytest.approx(
                spend(made.records, touchpoint), rel=1e-12
            )
        assert set(own.population) == {made.scenario.population}
        assert own.revenue.sum() > 0.0


def test_parts_add_up_in_every_week(folder: Path) -> None:
    weeks, parts = read(folder, "weekly"), read(folder, "weekly_truth")
    for outcome in ("revenue", "purchases", "new_customers"):
        table = parts.assign(kind=parts.kind.where(parts.kind == "observed", "part")).pivot_table(
            index=["region", "date_week"], columns="kind", values=outcome, aggfunc="sum"
        )
        assert table.observed.to_numpy() == pytest.approx(table.part.to_numpy(), abs=1e-6)
        assert table.observed.to_numpy() == pytest.approx(weeks[outcome].to_numpy(), rel=1e-12)


def test_the_truth_is_the_sum_of_its_weeks(folder: Path) -> None:
    found, parts = read(folder, "truth"), read(folder, "weekly_truth")
    keys = ["region", "kind", "touchpoint"]
    sums = parts.groupby(keys, dropna=False)[["revenue", "purchases", "new_customers"]].sum()
    regions = found[found.region != "all"].set_index(keys)
    assert len(sums) == len(regions) == 10
    for key, row in sums.iterrows():
        for outcome in sums.columns:
            assert row[outcome] == pytest.approx(regions.loc[key, outcome], abs=1e-6)
    assert (regions.revenue != 0.0).sum() >= 6


def test_all_regions_are_the_sum_and_their_errors_add_in_squares(folder: Path) -> None:
    found = read(folder, "truth")
    for kind, touchpoint in (("observed", None), ("base", None), ("contribution", "flyer")):
        rows = of(found, kind=kind)
        if touchpoint:
            rows = of(rows, touchpoint=touchpoint)
        apart, together = rows[rows.region != "all"], of(rows, region="all").iloc[0]
        assert together.revenue == pytest.approx(apart.revenue.sum(), rel=1e-12)
        assert together.spend == pytest.approx(apart.spend.sum(min_count=1), rel=1e-12, nan_ok=True)
        if touchpoint:
            half = (apart.revenue_high - apart.revenue_low) / 2.0
            found_half = (together.revenue_high - together.revenue_low) / 2.0
            assert found_half == pytest.approx(math.hypot(*half), rel=1e-9)
            ratio = together.revenue / together.spend
            assert together.roas_on_own_spend == pytest.approx(ratio, rel=1e-12)


# The truth is true.


def test_a_contribution_is_a_pair_of_runs(folder: Path) -> None:
    for name in ("region_1", "region_2"):
        row = of(read(folder, "truth"), region=name, touchpoint="flyer").iloc[0]
        with_it = direct(folder, name)
        without = direct(folder, name, {"touchpoints.flyer.enabled": False})
        gain = revenue(with_it) - revenue(without)
        assert gain > 0.0
        assert row.revenue == pytest.approx(gain, rel=1e-12)
        assert row.spend == pytest.approx(spend(with_it, "flyer"), rel=1e-12)
        assert row.roas_on_own_spend == pytest.approx(gain / spend(with_it, "flyer"), rel=1e-12)
        saved = float(with_it.spend.sum() - without.spend.sum())
        assert row.roas == pytest.approx(gain / saved, rel=1e-9)
        assert row.share == pytest.approx(gain / revenue(with_it), rel=1e-12)


def test_base_and_interaction_are_what_they_are_called(folder: Path) -> None:
    found = of(read(folder, "truth"), region="region_1")
    off = {"touchpoints.flyer.enabled": False, "touchpoints.poster.enabled": False}
    base = of(found, kind="base").revenue.item()
    assert base == pytest.approx(revenue(direct(folder, "region_1", off)), rel=1e-12)
    rest = of(found, kind="interaction").revenue.item()
    added = of(found, kind="contribution").revenue.sum()
    observed = of(found, kind="observed").revenue.item()
    assert observed == pytest.approx(base + added + rest, rel=1e-12)


def test_media_that_stand_in_for_one_another_have_an_interaction_above_zero() -> None:
    """Two flyers at the same checkout, each reaching nearly all: without either the other does
    the work, so the contributions are small and the interaction is nearly everything."""
    everybody = {**FLYER, "budget_per_day": 40_000.0}
    made = helped(200, 40, 5, one=everybody, other=everybody)
    found = truth(mix_data(made, MixRequest(1, 1, vary=0.0))).to_pandas()
    row = of(found, region="region_1").set_index("kind").revenue
    assert row["base"] == 0.0
    assert (row["contribution"] < 0.05 * row["observed"]).all()
    assert row["interaction"] > 0.9 * row["observed"]


def test_a_step_is_a_tenth_more_budget(folder: Path) -> None:
    row = of(read(folder, "truth"), region="region_1", touchpoint="flyer").iloc[0]
    before = direct(folder, "region_1")
    budget = before.scenario.touchpoints["flyer"].budget_per_day
    assert budget is not None
    more = {"touchpoints.flyer.budget_per_day": budget * (1.0 + STEP)}
    after = direct(folder, "region_1", more)
    gain, placed = revenue(after) - revenue(before), spend(after, "flyer") - spend(before, "flyer")
    assert placed == pytest.approx(0.1 * row.spend, rel=1e-9)
    assert row.mroas_on_own_spend == pytest.approx(gain / placed, rel=1e-9)


def test_response_curves_are_runs_with_other_budgets(folder: Path) -> None:
    curves, found = read(folder, "response_curves"), read(folder, "truth")
    own = of(curves, region="region_2", touchpoint="flyer").set_index("factor")
    assert list(own.index) == list(FACTORS)
    assert tuple(own.loc[0.0, ["spend", "revenue", "revenue_low", "revenue_high"]]) == (0,) * 4
    row = of(found, region="region_2", touchpoint="flyer").iloc[0]
    for name in ("spend", "revenue", "revenue_low", "revenue_high", "purchases"):
        assert own.loc[1.0, name] == row[name]
    budget = load_scenario(folder / "scenario-region_2.yaml").touchpoints["flyer"].budget_per_day
    assert budget is not None
    twice = direct(folder, "region_2", {"touchpoints.flyer.budget_per_day": 2.0 * budget})
    none = direct(folder, "region_2", {"touchpoints.flyer.enabled": False})
    gain = revenue(twice) - revenue(none)
    assert own.loc[2.0, "revenue"] == pytest.approx(gain, rel=1e-12)
    assert own.loc[2.0, "spend"] == pytest.approx(2.0 * row.spend, rel=1e-9)
    assert of(curves, region="all", touchpoint="flyer", factor=2.0).spend.item() == pytest.approx(
        of(curves, touchpoint="flyer", factor=2.0)
        .loc[lambda rows: rows.region != "all", "spend"]
        .sum()
    )


def test_the_flyer_returns_its_closed_form(data: MixData) -> None:
    """Interval and standard error are over customers; 3.5 of them leave 1 chance in 2,000."""
    row = of(truth(data).to_pandas(), region="all", touchpoint="flyer").iloc[0]
    error = (row.roas_on_own_spend_high - row.roas_on_own_spend_low) / 2.0 / 1.96
    assert 0.0 < error < 0.05 * PER_KRONE
    bias = two_on_a_day(data)
    assert bias < 0.1 * PER_KRONE
    assert -3.5 * error - bias < row.roas_on_own_spend - PER_KRONE < 3.5 * error


def test_the_poster_adds_exactly_nothing(folder: Path) -> None:
    rows = of(read(folder, "truth"), touchpoint="poster")
    assert len(rows) == 3
    ratios = ("roas", "mroas", "roas_on_own_spend", "mroas_on_own_spend")
    for name in ("revenue", "purchases", "new_customers"):  # parts add up to what is observed
        assert (rows[name] == 0.0).all()
    for name in ("revenue", "purchases", "new_customers", *ratios):
        assert rows[f"{name}_low"].isna().all()
        assert rows[f"{name}_high"].isna().all()
    assert rows[list(ratios)].isna().all(axis=None)
    assert (rows.spend > 0.0).all()
    assert (of(read(folder, "weekly_truth"), touchpoint="poster").revenue == 0.0).all()


# Regions.


def test_one_more_region_or_touchpoint_changes_no_other() -> None:
    small = street(600)
    more = helped(600, 40, 5, other=POSTER, flyer=FLYER, poster=POSTER, clerk=DESK)
    for number in (1, 2, 3):
        one, other = (region(s, number, 1, vary=0.5).scenario for s in (small, more))
        assert one.touchpoints["flyer"] == other.touchpoints["flyer"]
        assert (one.seed, one.population) == (other.seed, other.population)
        assert one.touchpoints["flyer"].flight != one.touchpoints["poster"].flight
    made = [region(small, number, 1, vary=0.5).scenario for number in range(1, 41)]
    assert len({one.seed for one in made}) == 40
    assert all(0 <= one.seed <= MAX_SEED for one in made)


def test_sizes_and_budgets_stay_within_their_bounds() -> None:
    scenario, vary = street(1000), 0.5
    spreads = []
    for number in range(1, 61):
        made = region(scenario, number, 2, vary=vary).scenario
        flyer = made.touchpoints["flyer"]
        flight, size = flyer.flight, made.population / scenario.population
        assert made.days == whole_weeks(2) == 728
        assert made.population / made.agents == scenario.population / scenario.agents
        assert 1.0 - vary / 2.0 - 1e-3 <= size <= 1.0 + vary / 2.0 + 1e-3
        assert LEAST_ON <= flight.days_on <= MOST_ON
        assert 0 <= flight.start_day <= flight.days_off <= vary * MOST_OFF
        on = flight.days_on / (flight.days_on + flight.days_off)
        assert flyer.budget_per_day is not None
        level = flyer.budget_per_day * on / size / (CONTACTS * CONTACT)
        assert 1.0 - vary <= level <= 1.0 + vary
        assert made.touchpoints["clerk"] == scenario.touchpoints["clerk"]
        spreads.append((size, level, flight.days_on, flight.days_off))
    # uniform on a width w: standard deviation w / sqrt 12, of 60 values off by a tenth or so
    sd = np.std(spreads, axis=0) * math.sqrt(12.0)
    assert sd == pytest.approx([vary, 2 * vary, MOST_ON - LEAST_ON, vary * MOST_OFF], rel=0.3)


def test_without_variation_only_the_luck_differs() -> None:
    scenario = street(600)
    made = region(scenario, 7, 1, vary=0.0).scenario
    same = {"name": scenario.name, "days": scenario.days, "seed": scenario.seed}
    assert with_settings(made, overrides=same) == scenario
    assert made.seed != scenario.seed


def test_media_are_the_budgets_that_are_switched_on() -> None:
    shop = load_scenario("webshop_loop", ["touchpoints.display.enabled=false"])
    rest = ["sponsorship", "retargeting", "paid_search_generic", "paid_search_brand"]
    assert media_of(shop) == ["paid_social", *rest]
