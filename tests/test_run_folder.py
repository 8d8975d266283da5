"""Runs, and what their result folders hold."""

import dataclasses
import json
import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
import pytest

import sim
import sim.folders
import sim.records.people
from sim.errors import InputError, Note
from sim.model.columns import Count, Touch
from sim.pages.folder import CLOCKS, write_folder
from sim.records import TABLES
from sim.records.recorder import Records
from sim.runs.run import Run, read_folder, run, scenario_hash
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.vocabulary import EventCode
from tools.changed_folders import as_of_before
from worlds.by_hand import alone, nothing_happened, run_of
from worlds.markets import MARKETS

FILES = {
    "manifest.json",
    "report.html",
    "scenario.yaml",
    "summary.json",
    *(f"{name}.parquet" for name in TABLES),
}
SETTLED = ("awareness", "engagement", "loyalty", "stocks_day")  # brought up to the last day


@cache
def made(name: str) -> Run:
    return run(MARKETS[name], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results") / "town"
    write_folder(made("town"), place)
    return place


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def hidden(around: Path) -> list[str]:
    return [name for name in os.listdir(around) if name.startswith(".")]


# --- what is in it ---


def test_the_folder_holds_what_it_should(folder: Path) -> None:
    assert set(os.listdir(folder)) == FILES
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"manifest.json", *manifest["files"]} == FILES
    scenario = made("town").scenario
    assert manifest["scenario_hash"] == scenario_hash(scenario)
    assert manifest["seed"] == scenario.seed == 0
    assert manifest["people_per_agent"] == 10.0
    assert manifest["engine"] == "fast"
    assert manifest["cores"] == os.cpu_count()
    assert set(manifest["versions"]) == {"journeysim", "numpy", "numba", "python"}
    assert manifest["customer_days_per_second"] == pytest.approx(
        scenario.agents * scenario.days / manifest["seconds"]
    )
    timeless = {k: v for k, v in made("town").summary.items() if k not in CLOCKS}
    assert json.loads((folder / "summary.json").read_text()) == timeless


def test_the_scenario_in_it_gives_the_same_run_again(folder: Path) -> None:
    again = run(load_scenario(folder / "scenario.yaml"))
    assert_same(made("town").records, again.records)


def assert_same(one: Records, other: Records, restored: bool = False) -> None:
    for field in dataclasses.fields(Records):
        if restored and field.name == "met":  # no table holds it
            continue
        here, there = getattr(one, field.name), getattr(other, field.name)
        if not isinstance(here, np.ndarray):
            assert here == there
        elif here.dtype.names is None:
            assert here.dtype == there.dtype, field.name
            np.testing.assert_array_equal(here, there, err_msg=field.name)
        else:
            for column in there.dtype.names:
                if not (restored and column in SETTLED):
                    known = np.s_[:]
                    if restored and column == "offer" and field.name == "customers":
                        known = one.customers["purchases"] > 0  # of the past no table tells it
                    np.testing.assert_array_equal(
                        here[column][known], there[column][known], err_msg=column
                    )


@pytest.mark.parametrize("name", list(MARKETS))
def test_a_folder_read_back_is_the_run(name: str, tmp_path: Path) -> None:
    written = made(name)
    write_folder(written, tmp_path / name)
    back = read_folder(tmp_path / name)
    assert back.scenario == written.scenario
    assert back.manifest == written.manifest
    assert_same(written.records, back.records, restored=True)
    assert back.summary == written.summary
    for table, frame in written.tables.items():
        pd.testing.assert_frame_equal(frame, back.tables[table])


def test_records_of_nothing_survive_the_folder(tmp_path: Path) -> None:
    lonely = alone()
    write_folder(run_of(nothing_happened(lonely)), tmp_path / "nothing")
    back = read_folder(tmp_path / "nothing")
    assert_same(nothing_happened(lonely), back.records, restored=True)


def test_two_runs_differ_in_nothing_but_their_duration(folder: Path, tmp_path: Path) -> None:
    write_folder(run(MARKETS["town"]), tmp_path / "again")
    for name in FILES - {"manifest.json"}:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    one, other = (
        json.loads((f / "manifest.json").read_text()) for f in (folder, tmp_path / "again")
    )
    for content in (one, other):
        del content["seconds"], content["customer_days_per_second"], content["manifest_sha256"]
    assert one == other


def test_every_column_is_as_documented(folder: Path) -> None:
    for name, table in TABLES.items():
        stored = parquet.read_schema(folder / f"{name}.parquet")
        assert table.name == name
        assert table.meaning
        assert stored.equals(table.schema)
        for column in table.columns:
            assert column.meaning, column.name
            assert stored.field(column.name).metadata == {
                b"unit": column.unit.encode(),
                b"meaning": column.meaning.encode(),
            }


def test_every_counter_has_a_column() -> None:
    assert [column.name.removesuffix("_sum") for column in TABLES["daily"].columns[2:]] == [
        count.name.lower() for count in Count
    ]
    assert len(TABLES["touchpoints"].columns) == 4 + len(Touch)


def test_tables_are_attributes_too() -> None:
    town = made("town")
    assert town.daily is town.tables["daily"]
    assert set(town.tables) == set(TABLES)
    assert set(TABLES) <= set(dir(town))
    with pytest.raises(AttributeError, match="dailly"):
        _ = town.dailly
    with pytest.raises(KeyError):
        _ = town.tables["dailly"]


def test_large_tables_are_written_in_slices(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.records.people, "SLICE", 50)
    write_folder(made("town"), tmp_path / "slices")
    for name in ("customers", "panel"):
        file = parquet.ParquetFile(tmp_path / "slices" / f"{name}.parquet")
        sizes = [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)]
        assert len(sizes) == math.ceil(file.metadata.num_rows / 50)
        assert set(sizes[:-1]) == {50}
        pd.testing.assert_frame_equal(read(folder, name), read(tmp_path / "slices", name))
    assert_same(made("town").records, read_folder(tmp_path / "slices").records, restored=True)


# --- run ---


def test_run_takes_a_file_and_a_seed(folder: Path) -> None:
    file = folder / "scenario.yaml"
    assert run(str(file)).scenario == run(file).scenario == made("town").scenario
    other = run(file, seed=5)
    assert other.scenario.seed == other.manifest.seed == 5
    assert run(file, seed=0).scenario == made("town").scenario
    assert not np.array_equal(other.records.flows, made("town").records.flows)


@pytest.mark.parametrize(("agents", "calls"), [(30, 1), (90_000, 3)])
def test_run_reports_progress_some_times_a_second(agents: int, calls: int) -> None:
    """After at most two million customer-days, which take less than half a second."""
    days: list[int] = []
    scenario = with_settings(
        MARKETS["stall"], overrides={"agents": agents, "population": agents, "panel": 0.0}
    )
    run(scenario, threads=1, progress=days.append)
    assert days == sorted(set(days))
    assert days[-1] == scenario.days
    assert len(days) == calls


def test_run_refuses_what_makes_no_sense() -> None:
    with pytest.raises(InputError) as caught:
        run(MARKETS["hermit"], engine="quick", threads=0)
    assert [problem.field for problem in caught.value.problems] == ["engine", "threads"]
    with pytest.raises(InputError, match="seed"):
        run(MARKETS["hermit"], seed=-1)


def test_threads_in_the_manifest_are_those_that_worked() -> None:
    assert run(MARKETS["hermit"], threads=2).manifest.threads == 1


def test_the_hash_sees_every_change_and_nothing_else() -> None:
    town = MARKETS["town"]
    assert scenario_hash(town) == scenario_hash(MARKETS["town"])
    changed = with_settings(town, ["touchpoints.site.norm=0.01"])
    assert scenario_hash(changed) != scenario_hash(town)
    order = town.model_copy(update={"touchpoints": dict(reversed(town.touchpoints.items()))})
    assert scenario_hash(order) != scenario_hash(town)


def test_the_public_names_are_there() -> None:
    names = ("Run", "Scenario", "load_scenario", "read_folder", "run", "summarise", "write_folder")
    for name in names:
        assert callable(getattr(sim, name))
    assert isinstance(sim.__version__, str)
    assert set(sim.__all__) <= set(dir(sim))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = sim.nonsense


# --- reading what is not whole ---


def test_only_a_whole_result_is_read(folder: Path, tmp_path: Path) -> None:
    for place, what in ((tmp_path / "none", "does not exist"), (tmp_path, "is not a result")):
        with pytest.raises(InputError, match=what):
            read_folder(place)
    write_folder(made("hermit"), tmp_path / "hermit")
    file = tmp_path / "hermit" / "daily.parquet"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="hermit is damaged") as caught:
        read_folder(tmp_path / "hermit")
    assert len(str(caught.value).splitlines()) == 1
    file.unlink()
    with pytest.raises(InputError, match="hermit is damaged"):
        read_folder(tmp_path / "hermit")
    file.write_bytes((folder / "daily.parquet").read_bytes())
    with pytest.raises(InputError, match="hermit is damaged"):
        read_folder(tmp_path / "hermit")


def test_another_scenario_in_the_folder_is_noticed(tmp_path: Path) -> None:
    write_folder(made("hermit"), tmp_path / "hermit")
    file = tmp_path / "hermit" / "scenario.yaml"
    file.write_text(file.read_text().replace("seed: 1", "seed: 2"))
    with pytest.raises(InputError, match=r"scenario\.yaml: its content has changed"):
        read_folder(tmp_path / "hermit")
    as_of_before(tmp_path / "hermit")
    with (
        pytest.warns(Note, match="cannot be checked"),
        pytest.raises(InputError, match="not the scenario that was run"),
    ):
        read_folder(tmp_path / "hermit")


def test_event_codes_fit_their_names() -> None:
    assert [code.name.lower() for code in EventCode][:3] == ["need", "encounter", "move"]
    assert len(Count) == made("town").records.counts.shape[2]
