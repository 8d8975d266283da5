"""A study that measures the best split of a budget: its table, and its page."""

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

import sim.questions.levers.market
from sim.cli import main
from sim.errors import Interrupted
from sim.pages.sweep_page import make_page
from sim.pages.words.language import speaking
from sim.pages.words.studies import Words
from sim.questions.budget.best_split import (
    GAIN,
    KEEPING,
    SHARE,
    SLOPE,
    split_figures,
    split_request,
)
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study import Goal, OptimisePart
from sim.questions.levers.study_file import parse_study
from sim.runs.dataset import RUNS
from sim.runs.identity import search_version
from sim.runs.many import Here, Processes
from sim.runs.plan import Job
from sim.runs.sweep import sweep
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from worlds.split_study import STUDY, WITH_PROFIT, made, write_posters


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the market of two posters."""
    return write_posters(tmp_path_factory.mktemp("posters"))


# --- the table ---


@pytest.fixture(scope="module")
def undisturbed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, made in one process."""
    place = tmp_path_factory.mktemp("here") / "study"
    made(folder, WITH_PROFIT, Here(), place)
    return place


def test_a_row_is_the_split_of_its_scenario(folder: Path, undisturbed: Path) -> None:
    table = parquet.read_table(undisturbed / RUNS).to_pandas()
    assert len(table) == 8
    assert (table[f"{SHARE}.two"] == table[KEEPING]).all()
    for place in (0, 7):
        row = table.iloc[place]
        levers = ["touchpoints.one.budget_per_day", "offers.offer.unit_cost"]
        scenario = load_scenario(
            folder / "posters.yaml", [f"{name}={row[name]}" for name in levers], seed=row["seed"]
        )
        found = split_figures(scenario, split_request(scenario, OptimisePart()))
        assert {key: row[key] for key in found} == found
    assert table["source"].unique().tolist() == [search_version()]


def test_the_same_table_from_two_workers_and_after_an_interruption(
    folder: Path, undisturbed: Path, tmp_path: Path
) -> None:
    wanted = (undisturbed / RUNS).read_bytes()
    made(folder, WITH_PROFIT, Processes(2), tmp_path / "two")
    assert (tmp_path / "two" / RUNS).read_bytes() == wanted

    def stop(what: str, done: int, of: int) -> None:
        if what == "simulating" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="3 of 8 runs are finished"):
        made(folder, WITH_PROFIT, Here(), tmp_path / "cut", progress=stop)
    made(folder, WITH_PROFIT, Processes(2), tmp_path / "cut", resume=True)
    assert (tmp_path / "cut" / RUNS).read_bytes() == wanted


def test_the_plain_run_is_made_only_where_it_is_measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[Scenario] = []
    plain = sim.questions.levers.market.run
    monkeypatch.setattr(
        sim.questions.levers.market,
        "run",
        lambda one, threads: runs.append(one) or plain(one, threads=1),
    )
    for text, count in ((STUDY, 0), (WITH_PROFIT, 1)):
        study, scenario = parse_study(text, "tiny.yaml", folder)
        plan = market_plan(study, scenario)
        outcome = market_run(plan, scenario)(Job("any", plan.values(0), 3))
        assert len(runs) == count
        assert None not in outcome


def test_a_row_without_a_split_has_null(folder: Path, tmp_path: Path) -> None:
    text = STUDY.replace(
        "offers.offer.unit_cost: [40, 70]", "touchpoints.two.enabled: [true, false]"
    )
    table = made(folder, text.replace("[500, 700]", "[700]"), Here(), tmp_path / "study")
    columns = [KEEPING, f"{SHARE}.one", f"{SHARE}.two", GAIN, SLOPE]
    assert table[columns].notna().all(axis=1).tolist() == [True, False]
    assert table[columns].isna().all(axis=1).tolist() == [False, True]


# --- the page ---


def test_measures_have_names_and_units() -> None:
    words = Words(load_scenario("webshop_loop"))
    assert words.measure_and_unit(KEEPING) == "Optimal retention share"
    assert words.measure(f"{SHARE}.display") == "Optimal share: display"
    assert words.measure(f"{SHARE}.acquisition") == "Optimal share: acquisition"
    assert words.measure_and_unit(GAIN) == "Gain from the optimal allocation, DKK"
    assert words.unit(SLOPE) == "DKK per DKK"
    in_people = Words(words.scenario, Goal.NEW_CUSTOMERS)
    assert (in_people.unit(GAIN), in_people.unit(SLOPE)) == ("people", "people per DKK")
    with speaking("da"):
        assert words.measure(f"{SHARE}.display") == "Bedste andel: Displayannoncer"
        assert words.unit(SLOPE) == "kr. pr. kr."


@pytest.mark.parametrize("design", ["{method: one_at_a_time}", "{method: morris, samples: 2}"])
def test_the_page_tells_shares_in_per_cent(design: str, folder: Path, tmp_path: Path) -> None:
    text = WITH_PROFIT.replace("[500, 700]", "{low: 500, high: 700, points: 2}")
    text = text.replace("[40, 70]", "{low: 40, high: 70, points: 2}") + f"design: {design}\n"
    study, scenario = parse_study(text, "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    table = sweep(plan, market_run(plan, scenario), Here(), place=tmp_path / "study")
    page = make_page(study, scenario, plan, table=table)
    assert 'id="best-split"' in page
    assert "Each run searched for the allocation of current spend that maximises profit" in page
    assert "with at most 21 plans" in page
    mean = table[table["row"] == 0][KEEPING].mean()
    assert f"{mean * 100.0:.1f}%" in page
    with speaking("da"):
        danish = make_page(study, scenario, plan, table=table)
    sentences = [line for line in page.splitlines() if line.startswith("<p>")]
    assert len(sentences) > 5
    assert [line for line in sentences if line in danish] == []


def test_the_command_makes_the_page_again_from_its_folder(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    (tmp_path / "tiny.yaml").write_text(
        STUDY.replace("posters.yaml", str(folder / "posters.yaml")).replace("[500, 700]", "[700]")
        + "optimise: {by: purpose, bounds: {retention: {low: 1_000, high: 9_000}}}\n"
    )
    place = tmp_path / "made"
    arguments = ["experiment", str(tmp_path / "tiny.yaml"), "--workers", "1"]
    assert main([*arguments, "--out", str(place), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["measures"][0] == KEEPING
    page = (place / "report.html").read_bytes()
    (place / "report.html").unlink()
    assert main(["report", str(place), "--quiet"]) == 0
    assert (place / "report.html").read_bytes() == page
    assert main(["experiment", str(place / "study.yaml"), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / RUNS).read_bytes() == (place / RUNS).read_bytes()
    capsys.readouterr()
