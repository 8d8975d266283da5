"""Sweeps: every run once, the same table however it came about, nothing lost."""

import errno
import gc
import json
import os
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as parquet
import pytest
from SALib.analyze import sobol

import sim.disk
import sim.folders
import sim.runs.dataset
from sim.cli import main
from sim.errors import InputError, Interrupted, JourneysimError, Note
from sim.folders import NotWritten
from sim.questions.levers.design import unit_problem
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study import DesignPart, Method, Range
from sim.questions.levers.study_file import load_study
from sim.runs.dataset import JOURNAL, PARTS, RUNS, Dataset, read_runs
from sim.runs.many import Here
from sim.runs.plan import Job, Outcome, Plan
from sim.runs.run import run
from sim.runs.sweep import RunIndex, sweep
from sim.scenario.load import load_scenario
from tools.changed_folders import locked_elsewhere
from worlds.studies import ANGLE, ISHIGAMI_A, ISHIGAMI_B, ishigami, total, toy_plan, write_tiny

GRID = {"a": Range(low=0.0, high=9.0, points=10), "b": Range(values=[0.5, 1.0, 1.5])}
TWO = ("sum", "half")


def toy(seeds: tuple[int, ...] = (4, 5)) -> Plan:
    """60 runs."""
    return toy_plan(DesignPart(), GRID, TWO, seeds)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table of the toy study."""
    place = tmp_path_factory.mktemp("toy") / "study"
    sweep(toy(), total, Here(), place=place)
    return (place / RUNS).read_bytes()


def stop_at(count: int, error: BaseException) -> Callable[[str, int, int], None]:
    """A progress that raises when so many runs are done."""

    def progress(what: str, done: int, of: int) -> None:
        if what == "simulating" and done == count:
            raise error

    return progress


def dataset_of(place: Path) -> Dataset:
    """The folder of the toy study, not opened."""
    return Dataset(place, toy(), json.loads((place / "study.json").read_text())["identity"])


# --- what is in the table ---


def test_a_row_a_run_in_the_order_of_the_design(tmp_path: Path) -> None:
    found = sweep(toy(), total, Here(), place=tmp_path / "study")
    assert list(found.columns) == ["row", "replicate", "seed", "run", "a", "b", "sum", "half"]
    assert list(found["row"]) == [row for row in range(30) for _ in range(2)]
    assert list(found["seed"]) == [4, 5] * 30
    np.testing.assert_array_equal(found["sum"], found["a"] + found["b"] + found["seed"])
    odd = found["sum"] % 2 != 0
    assert found["half"].isna().equals(odd)
    assert found["run"].is_unique
    assert os.listdir(tmp_path / "study") != []
    assert sorted(os.listdir(tmp_path / "study")) == [RUNS, "study.json"]


def test_a_figure_that_does_not_exist_is_null_not_nan(tmp_path: Path) -> None:
    sweep(toy(), total, Here(), place=tmp_path / "study")
    half = parquet.read_table(tmp_path / "study" / RUNS)["half"]
    assert half.null_count == sum(value is None for value in half.to_pylist()) > 0
    assert not any(value != value for value in half.to_pylist() if value is not None)


def test_a_market_s_row_is_its_run(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    study, scenario = load_study(file)
    plan = market_plan(study, scenario)
    found = sweep(plan, market_run(plan, scenario), Here(), place=tmp_path / "study")
    assert len(found) == 24
    for place in (0, 13, 23):
        row = found.iloc[place]
        levers = [f"{lever}={row[lever]}" for lever in plan.columns]
        alone = run(
            load_scenario(tmp_path / "town.yaml", levers, agents=200, days=20, seed=row["seed"])
        ).summary
        assert alone["economics"]["profit"] == row["economics.profit"]
        assert alone["customers"]["new"] == row["customers.new"]
        cac = alone["economics"]["cac"]
        assert np.isnan(row["economics.cac"]) if cac is None else cac == row["economics.cac"]
        for name, figures in alone["touchpoints"].items():
            assert figures["spend"] == row[f"touchpoints.{name}.spend"]


def test_the_folder_says_what_was_done(tmp_path: Path) -> None:
    study, scenario = load_study(write_tiny(tmp_path))
    plan = market_plan(study, scenario)
    sweep(plan, market_run(plan, scenario), Here(), place=tmp_path / "study")
    again, base = load_study(tmp_path / "study" / "study.yaml")
    other = market_plan(again, base)
    rows = range(plan.design.size)
    assert [plan.identify(plan.values(r), plan.seeds) for r in rows] == [
        other.identify(other.values(r), other.seeds) for r in rows
    ]
    content = json.loads((tmp_path / "study" / "study.json").read_text())
    assert set(os.listdir(tmp_path / "study")) == {*content["files"], "study.json"}
    assert (content["rows"], content["replicates"], content["runs"]) == (12, 2, 24)


# --- once ---


def test_what_is_asked_for_twice_is_computed_once(tmp_path: Path) -> None:
    times: Counter[str] = Counter()

    def counted(job: Job) -> Outcome:
        times[job.run] += 1
        return total(job)

    plan = toy_plan(DesignPart(), {"a": Range(values=[1, 2, 1, 1])}, TWO)
    found = sweep(plan, counted, Here(), place=tmp_path / "study")
    assert list(found["sum"]) == [2.0, 3.0, 2.0, 2.0]
    assert list(times.values()) == [1, 1]
    assert found["run"].nunique() == 2
    again = sweep(plan, counted, Here(), place=tmp_path / "study")
    assert sum(times.values()) == 2
    pd.testing.assert_frame_equal(found, again)


def test_the_name_of_a_run_sees_lever_seed_and_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, scenario = load_study(write_tiny(tmp_path))

    def names() -> set[str]:
        plan = market_plan(study, scenario)
        return {
            name
            for row in range(plan.design.size)
            for name in plan.identify(plan.values(row), plan.seeds)
        }

    before = names()
    assert len(before) == 24
    assert names() == before
    monkeypatch.setattr(sim.questions.levers.market, "model_version", lambda: "another")
    assert not names() & before


def test_a_worker_with_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, scenario = load_study(write_tiny(tmp_path))
    plan = market_plan(study, scenario)
    work = market_run(plan, scenario)
    monkeypatch.setattr(sim.questions.levers.market, "model_version", lambda: "another")
    with pytest.raises(JourneysimError, match="another version of journeysim"):
        sweep(plan, work, Here(), place=tmp_path / "study")


# --- interrupted ---


@pytest.mark.parametrize("after", [0, 1, 23, 59, 60])
def test_an_interruption_loses_and_repeats_nothing(
    after: int, tmp_path: Path, undisturbed: bytes
) -> None:
    done: list[str] = []

    def noted(job: Job) -> Outcome:
        done.append(job.run)
        return total(job)

    place = tmp_path / "study"
    stop = stop_at(after, KeyboardInterrupt())
    with pytest.raises(Interrupted) as caught:
        sweep(toy(), noted, Here(), place=place, progress=stop, again="the same again")
    assert f"{after} of 60 runs are finished and kept in {place}" in caught.value.message
    assert caught.value.message.endswith("go on with the same again.")
    assert caught.value.exit_code == 130
    if after:
        assert len(read_runs(place)) == after  # to be read while the study waits
    with pytest.raises(InputError, match="holds this study, unfinished"):
        sweep(toy(), noted, Here(), place=place)
    assert len(done) == after
    sweep(toy(), noted, Here(), place=place, resume=True)
    assert len(done) == len(set(done)) == 60
    assert (place / RUNS).read_bytes() == undisturbed


def test_a_line_cut_short_is_done_again(tmp_path: Path, undisturbed: bytes) -> None:
    place = tmp_path / "study"
    with pytest.raises(Interrupted):
        sweep(toy(), total, Here(), place=place, progress=stop_at(9, KeyboardInterrupt()))
    journal = place / JOURNAL
    with journal.open("a") as stream:
        stream.write('["0123456789abcdef", 1.')
    sweep(toy(), total, Here(), place=place, resume=True)
    assert (place / RUNS).read_bytes() == undisturbed


def test_a_run_in_a_part_and_in_the_journal_is_one(
    tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the program is killed after a part is written and before the journal is cleared."""
    place = tmp_path / "study"
    with pytest.raises(Interrupted):
        sweep(toy(), total, Here(), place=place, progress=stop_at(9, KeyboardInterrupt()))
    data = dataset_of(place)
    lines = [
        data._line(row["run"], [row["sum"], row["half"]])
        for row in parquet.read_table(place / PARTS).to_pylist()
    ]
    assert len(lines) == 9
    (place / JOURNAL).write_bytes(b"".join(lines[3:]))
    sweep(toy(), total, Here(), place=place, resume=True)
    assert (place / RUNS).read_bytes() == undisturbed


def test_what_a_killed_program_left_among_the_parts_goes(
    tmp_path: Path, undisturbed: bytes
) -> None:
    place = tmp_path / "study"
    with pytest.raises(Interrupted):
        sweep(toy(), total, Here(), place=place, progress=stop_at(9, KeyboardInterrupt()))
    part = place / PARTS / "part-000009-0123456789abcdef.parquet"
    left = sim.folders._hidden(part, sim.folders.NEW)  # of this process, which is not at it now
    left.write_bytes(b"half of a part")
    sweep(toy(), total, Here(), place=place, resume=True)
    assert (place / RUNS).read_bytes() == undisturbed
    assert not (place / PARTS).exists()


def test_what_cannot_be_removed_at_the_end_is_told(
    tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, remove = tmp_path / "study", sim.disk.remove

    def broken(file: Path) -> None:
        if file.name == JOURNAL:
            raise OSError(errno.EIO, "", str(file))
        remove(file)

    monkeypatch.setattr(sim.disk, "remove", broken)
    with pytest.warns(Note, match="could not be removed: input/output error"):
        sweep(toy(), total, Here(), place=place)
    assert (place / RUNS).read_bytes() == undisturbed
    monkeypatch.undo()
    sweep(toy(), total, Here(), place=place, resume=True)
    assert not (place / JOURNAL).exists()


def test_a_row_that_is_missing_is_noticed(tmp_path: Path) -> None:
    place = tmp_path / "study"
    with pytest.raises(Interrupted):
        sweep(toy(), total, Here(), place=place, progress=stop_at(60, KeyboardInterrupt()))
    data = dataset_of(place)
    data.open(RunIndex(toy()), 60)
    next((place / PARTS).iterdir()).unlink()
    with pytest.raises(JourneysimError, match="is damaged"):
        data.finish()
    data.close()


# --- a full disk ---


class FullDisk:
    """A journal on a disk with room for so many lines and a half."""

    def __init__(self, stream: Any, lines: int) -> None:
        self.stream, self.lines = stream, lines

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def add(self, line: bytes) -> None:
        self.lines -= 1
        if self.lines < 0:
            self.stream.add(line[: len(line) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.stream.add(line)


@pytest.mark.parametrize(("room", "waits"), [(0, True), (1, True), (17, True), (17, False)])
def test_a_full_disk_loses_nothing_finished(
    room: int, waits: bool, tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no room for a part either; unless that `waits`, the first comes with a run."""
    place = tmp_path / "study"
    opened, write = Dataset.open, sim.disk.write

    def small(self: Dataset, *asked: Any) -> set[str]:
        found = opened(self, *asked)
        self._journal = FullDisk(self._journal, room)
        return found

    def no_room(file: Path, content: bytes) -> None:
        if "part-" not in file.name:
            return write(file, content)
        file.write_bytes(content[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "open", small)
        patch.setattr(sim.disk, "write", no_room)
        if waits:
            patch.setattr(sim.runs.dataset, "SECONDS_OF_A_PART", float("inf"))
        with pytest.raises(NotWritten, match="the disk is full") as caught:
            sweep(toy(), total, Here(), place=place)
    kept = room if waits else 1
    assert f"{kept} of 60 runs are finished and kept" in caught.value.message
    assert len(caught.value.message.splitlines()) == 1
    assert not [name for name in os.listdir(place / PARTS) if name.startswith(".")]
    sweep(toy(), total, Here(), place=place, resume=True)
    assert (place / RUNS).read_bytes() == undisturbed


def test_a_disk_that_fills_up_at_the_end_keeps_all(
    tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "study"
    write = sim.disk.write

    def no_room(file: Path, content: Any) -> None:
        if RUNS in file.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(file, content)

    monkeypatch.setattr(sim.disk, "write", no_room)
    with pytest.raises(NotWritten, match="60 of 60 runs are finished and kept"):
        sweep(toy(), total, Here(), place=place)
    monkeypatch.setattr(sim.disk, "write", write)

    def refuse(job: Job) -> Outcome:
        raise AssertionError("it was finished")

    sweep(toy(), refuse, Here(), place=place, resume=True)
    assert (place / RUNS).read_bytes() == undisturbed


# --- the place ---


def test_a_folder_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="not a study folder"):
        sweep(toy(), total, Here(), place=tmp_path / "mine")
    with pytest.raises(InputError, match="is a file"):
        sweep(toy(), total, Here(), place=tmp_path / "mine" / "letter.txt")
    sweep(toy(), total, Here(), place=tmp_path / "study")
    for resume in (False, True):
        with pytest.raises(InputError, match="holds another study"):
            sweep(toy((7, 8)), total, Here(), place=tmp_path / "study", resume=resume)
    assert os.listdir(tmp_path / "mine") == ["letter.txt"]


def test_a_run_does_not_replace_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sweep(toy(), total, Here(), place=tmp_path / "study")
    write_tiny(tmp_path)
    assert main(["run", "town.yaml", "--days", "5", "--agents", "50", "--out", "study"]) == 2
    assert (tmp_path / "study" / RUNS).is_file()


def test_two_processes_do_not_fill_one_folder(tmp_path: Path) -> None:
    place = tmp_path / "study"
    with pytest.raises(Interrupted):
        sweep(toy(), total, Here(), place=place, progress=stop_at(5, KeyboardInterrupt()))
    with (
        locked_elsewhere(place) as other,
        pytest.raises(InputError, match=rf"process {other}\)\. Wait for it"),
    ):
        sweep(toy(), total, Here(), place=place, resume=True)
    assert len(sweep(toy(), total, Here(), place=place, resume=True)) == 60


# --- memory ---


def test_memory_stays_flat_over_ten_thousand_rows(tmp_path: Path) -> None:
    plan = toy_plan(DesignPart(), {"a": Range(low=0.0, high=1.0, points=1000)}, TWO, range(10))
    held: dict[int, int] = {}

    def measure(what: str, done: int, of: int) -> None:
        if what == "simulating" and done in (2001, 10_000 - 999):  # a part was just written
            gc.collect()
            held[done] = tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        found = sweep(plan, total, Here(), place=tmp_path / "study", progress=measure)
    finally:
        tracemalloc.stop()
    assert len(found) == 10_000
    early, late = held.values()
    assert late - early < 7000 * 10  # ten bytes a run: not even its name is kept anew


# --- through to an answer ---


def test_sobol_indices_of_the_ishigami_function(tmp_path: Path) -> None:
    """First and total indices against the closed form (Ishigami & Homma 1990).

    With V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = b^2 pi^8 (1/18 - 1/50).
    """
    part = DesignPart(method=Method.SOBOL, samples=1024, seed=1)
    plan = toy_plan(part, {"x1": ANGLE, "x2": ANGLE, "x3": ANGLE})
    table = sweep(plan, ishigami, Here(), place=tmp_path / "study")
    assert len(table) == 1024 * 5
    problem = unit_problem(["x1", "x2", "x3"])
    found = sobol.analyze(problem, table["y"].to_numpy(), calc_second_order=False, seed=1)
    v1 = (1.0 + ISHIGAMI_B * np.pi**4 / 5.0) ** 2 / 2.0
    v2, v13 = ISHIGAMI_A**2 / 8.0, ISHIGAMI_B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    # SALib's 95 % half-widths are bootstrapped; twice that is a bound of 1 in 10,000
    assert (abs(found["S1"] - np.array([v1, v2, 0.0]) / v) < 2.0 * found["S1_conf"] + 1e-9).all()
    assert (abs(found["ST"] - np.array([v1 + v13, v2, v13]) / v) < 2.0 * found["ST_conf"]).all()
    assert found["S1_conf"].max() < 0.1
    assert found["ST_conf"].max() < 0.1
