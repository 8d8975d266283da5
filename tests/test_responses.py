"""Responses of a sweep: by hand, and the page that shows them."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.cli import main
from sim.pages.sweep_page import make_page
from sim.pages.words.language import speaking
from sim.pages.words.studies import Words
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.responses import ROWS_OF_A_GROUP, Sweep, heat, response, response_by
from sim.questions.levers.study_file import parse_study
from sim.runs.many import Here
from sim.runs.sweep import sweep
from sim.scenario.load import load_scenario
from worlds.studies import TINY, write_tiny

NONE = math.nan


def table(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns)


GRID = table(
    row=[0, 0, 1, 1, 2, 2, 3, 3],
    replicate=[0, 1] * 4,
    a=[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0],
    b=[5.0, 5.0, 6.0, 6.0] * 2,
    y=[1.0, 3.0, 2.0, 6.0, 10.0, 14.0, 20.0, NONE],
)


def test_a_mean_and_its_band_by_hand() -> None:
    """At a = 1 the replicates' means are 1.5 and 4.5: 3 -/+ t (3 / sqrt 2) / sqrt 2."""
    one, two = response(Sweep(GRID), "y", "a")
    half = stats.t.ppf(0.975, 1) * 1.5
    assert (one.level, one.mean, one.runs) == (1.0, 3.0, 4)
    assert one.low == pytest.approx(3.0 - half, rel=1e-12)
    assert one.high == pytest.approx(3.0 + half, rel=1e-12)
    assert (two.level, two.mean, two.low) == (2.0, None, None)  # a run has no figure


def test_a_band_over_drawn_rows_by_hand() -> None:
    """At a = 1 the rows' means are 2 and 4: 3 -/+ t (sqrt 2) / sqrt 2."""
    one, _ = response(Sweep(GRID, drawn=True), "y", "a")
    assert one.high == pytest.approx(3.0 + stats.t.ppf(0.975, 1), rel=1e-12)


def test_a_single_seed_has_no_band() -> None:
    one, _ = response(Sweep(GRID[GRID["replicate"] == 0]), "y", "a")
    assert (one.mean, one.low, one.high) == (1.5, None, None)


def test_lines_and_cells_by_hand() -> None:
    lines = response_by(Sweep(GRID), "y", "a", by="b")
    assert {line: [point.mean for point in points] for line, points in lines.items()} == {
        5.0: [2.0, 12.0],
        6.0: [4.0, None],
    }
    cells = heat(Sweep(GRID), "y", "a", y="b")
    np.testing.assert_array_equal(cells.to_numpy(), [[2.0, 12.0], [4.0, NONE]])
    assert list(cells.columns) == [1.0, 2.0]
    assert list(cells.index) == [5.0, 6.0]


def test_one_at_a_time_compares_with_the_base() -> None:
    rows = table(
        row=[0, 1, 2, 3], replicate=[0] * 4, a=[1, 2, 1, 1], b=[5, 5, 6, 7], y=[0.0, 1.0, 9.0, 99.0]
    )
    found = response(Sweep(rows, base={"a": 1, "b": 5}), "y", "a")
    assert [(point.level, point.mean) for point in found] == [(1, 0.0), (2, 1.0)]


def test_many_values_are_put_into_equal_groups() -> None:
    x = np.repeat(np.linspace(0.0, 1.0, 120), 2)  # two replicates each
    rows = table(row=list(np.repeat(np.arange(120), 2)), x=list(x), y=list(3.0 * x))
    rows["replicate"] = np.tile([0, 1], 120)
    found = response(Sweep(rows, drawn=True), "y", "x")
    assert [point.runs for point in found] == [24] * 10
    for point in found:
        assert isinstance(point.level, float)
        assert point.mean == pytest.approx(3.0 * point.level, rel=1e-12)
    few = rows[rows["row"] < 5 * ROWS_OF_A_GROUP]
    assert len(response(Sweep(few, drawn=True), "y", "x")) == 5


def test_words_of_a_scenario(tmp_path: Path) -> None:
    words = Words(load_scenario("webshop_loop"))
    assert words.lever("offers.everyday.price") == "Price (Everyday)"
    assert words.lever("touchpoints.newsletter.quality.mean") == "Quality (Newsletter)"
    assert words.lever("touchpoints.newsletter.quality.sd") == "Quality, spread (Newsletter)"
    assert (
        words.lever("touchpoints.newsletter.reach.loyalty") == "Exposure rate, loyalty (Newsletter)"
    )
    assert words.lever("segments.busy_families.need.rate_per_year") == (
        "Needs per year (Busy families)"
    )
    assert words.lever("journey.phases.desire.bias") == "Base readiness (Desire)"
    assert words.lever("competitors.marketplace.offers.cheap.price") == "Cheap, price (Marketplace)"
    assert words.lever("talk.per_day") == "Word of mouth per day"
    assert words.lever("agents") == "Simulated customers"
    assert words.lever("nothing.of_it") == "Nothing, of it"
    assert words.measure("economics.cac") == "Customer acquisition cost (CAC)"
    assert words.measure_and_unit("touchpoints.newsletter.spend") == "Spend (Newsletter), DKK"
    with speaking("da"):
        assert words.lever("offers.everyday.price") == "Pris (Hverdagsvarer)"
        assert (
            words.lever("touchpoints.newsletter.quality.sd") == "Kvalitet, spredning (Nyhedsbrev)"
        )
        cheap = "competitors.marketplace.offers.cheap.price"
        assert words.lever(cheap) == "Billigt, pris (Onlinemarkedsplads)"
        wrap = "offers.everyday.add_ons.gift_wrap.price"
        assert words.lever(wrap) == "Gaveindpakning, pris (Hverdagsvarer)"
        assert words.measure("conversion.leaving.to_competitor.marketplace.cheap") == (
            "Personer, der gik til den (Onlinemarkedsplads, Billigt)"
        )
        assert words.lever("journey.phases.desire.bias") == "Grundlæggende parathed (Ønske)"
        assert words.measure_and_unit("customers.new") == "Nye kunder, personer"


DRAW = """\
draw:
  - {kind: heat_map, measure: economics.profit, x: offers.basic.price,
     y: touchpoints.search.budget_per_day}
  - {measure: customers.new, x: offers.basic.price, by: touchpoints.search.budget_per_day}
"""


@pytest.mark.parametrize("draw", ["", DRAW])
def test_the_page_shows_the_figures_of_the_table(tmp_path: Path, draw: str) -> None:
    write_tiny(tmp_path)
    study, scenario = parse_study(TINY + draw, "tiny.yaml", tmp_path)
    plan = market_plan(study, scenario)
    found = sweep(plan, market_run(plan, scenario), Here(), place=tmp_path / "study")
    page = make_page(study, scenario, plan, table=found)
    assert page == make_page(study, scenario, plan, table=found)
    assert "24 runs of the scenario" in page
    assert page.count("<svg role=") == (2 if draw else 3)
    assert 'id="heat-map-1-' in page
    assert page.count('<tr><th scope="row">') == 2 + 12  # the levers and the rows
    assert "nan" not in page.lower().replace("finance", "")
    with speaking("da"):
        danish = make_page(study, scenario, plan, table=found)
    assert 'lang="da"' in danish
    assert "Varierede faktorer" in danish


def test_the_command_writes_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_tiny(tmp_path)
    assert main(["experiment", "tiny.yaml", "--workers", "1"]) == 0
    *lines, table_file, page = capsys.readouterr().out.splitlines()
    answer = next(line for line in lines if line.startswith("Profit is highest, "))
    assert table_file == str(Path("results") / "tiny" / "runs.parquet")
    assert page == str(Path("results") / "tiny" / "report.html")
    assert Path(page).read_text().startswith("<!DOCTYPE html>")
    assert answer in Path(page).read_text()
    runs = pd.read_parquet(table_file)
    assert len(runs) == 24
    best = int(runs.groupby("row")["economics.profit"].mean().idxmax())
    budget = runs[runs["row"] == best]["touchpoints.search.budget_per_day"].iloc[0]
    assert f"Budget per day (Search) {budget:g};" in answer
