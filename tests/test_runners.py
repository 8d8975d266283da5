"""The same table wherever runs are done, and whatever is killed on the way."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster

from sim.cli import INTERRUPTED, main
from sim.errors import InputError, JourneysimError
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study import DesignPart, Range
from sim.questions.levers.study_file import load_study
from sim.runs.dataset import JOURNAL, RUNS, read_runs
from sim.runs.many import Cluster, Here, Processes, Runner, WorkersLost
from sim.runs.plan import Job, Outcome
from sim.runs.sweep import Progress, silent, sweep
from tools.unfinished import begin, counted, inside, interrupted, kept, plain_pages
from worlds.commands import COMMANDS, write_files
from worlds.studies import total, toy_plan, write_tiny

RUNS_OF_TINY = 24
PATIENCE = 120.0  # seconds until a test that waits for a process gives up


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two worker processes of one thread each."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny study in it."""
    found = tmp_path_factory.mktemp("tiny")
    write_tiny(found)
    return found


@pytest.fixture(scope="module")
def undisturbed(folder: Path) -> bytes:
    """The table of the tiny study, made in one process."""
    return made(folder, Here(), folder / "undisturbed")


def made(
    folder: Path, runner: Runner, place: Path, resume: bool = False, show: Progress = silent
) -> bytes:
    """Do the tiny study; returns the bytes of its table."""
    study, scenario = load_study(folder / "tiny.yaml")
    plan = market_plan(study, scenario)
    work = market_run(plan, scenario)
    found = sweep(plan, work, runner, place=place, resume=resume, progress=show)
    assert len(found) == RUNS_OF_TINY
    return (place / RUNS).read_bytes()


def once_at(count: int, act: Callable[[], None]) -> Progress:
    """A progress that acts as soon as so many runs are done."""
    acted = False

    def show(what: str, done: int, of: int) -> None:
        nonlocal acted
        if what == "simulating" and done >= count and not acted:
            acted = True
            act()

    return show


def own_workers() -> list[psutil.Process]:
    """The worker processes that this process started for a study."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if any("spawn_main" in word for word in child.cmdline())
    ]


# --- the same table ---


def test_two_workers_make_the_same_table_as_one(
    folder: Path, undisturbed: bytes, tmp_path: Path
) -> None:
    assert made(folder, Processes(1), tmp_path / "one") == undisturbed
    assert made(folder, Processes(2), tmp_path / "two") == undisturbed


def test_a_cluster_makes_the_same_table(
    folder: Path, undisturbed: bytes, tmp_path: Path, cluster: LocalCluster
) -> None:
    assert made(folder, Cluster(cluster.scheduler_address), tmp_path / "dask") == undisturbed


@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_cluster_answers_every_question_with_the_same_folder(
    command: str, tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)
    with monkeypatch.context() as patch:
        plain_pages(patch)
        assert main([*COMMANDS[command], "--out", "here", "--quiet"]) == 0
        there = ["--dask", cluster.scheduler_address, "--quiet"]
        assert main([*COMMANDS[command], "--out", "there", *there]) == 0
    found, wanted = inside(tmp_path / "there"), inside(tmp_path / "here")
    assert found == wanted
    assert not (tmp_path / "there.unfinished").exists()


def test_a_question_on_a_cluster_goes_on_where_it_was(
    tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begun on the cluster, and ended here."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)
    plain_pages(monkeypatch)
    interrupted("compare", 3, "--dask", cluster.scheduler_address)
    assert len(kept()) >= 3
    before, made = len(kept()), counted(monkeypatch)
    assert begin("compare", "--resume") == 0
    assert len(made) == 10 - before


# --- killed ---


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_worker_loses_nothing(
    seed: int, folder: Path, undisturbed: bytes, tmp_path: Path
) -> None:
    luck = random.Random(seed)
    before = {child.pid for child in own_workers()}

    def kill() -> None:
        mine = [child for child in own_workers() if child.pid not in before]
        luck.choice(mine).kill()

    show = once_at(luck.randrange(1, RUNS_OF_TINY - 4), kill)
    assert made(folder, Processes(2), tmp_path / "study", show=show) == undisturbed


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_dask_worker_loses_nothing(
    seed: int, folder: Path, undisturbed: bytes, tmp_path: Path, cluster: LocalCluster
) -> None:
    luck = random.Random(seed)

    def kill() -> None:
        worker = luck.choice(list(cluster.workers.values()))
        psutil.Process(worker.pid).kill()

    show = once_at(luck.randrange(1, RUNS_OF_TINY - 4), kill)
    runner = Cluster(cluster.scheduler_address)
    assert made(folder, runner, tmp_path / "study", show=show) == undisturbed


def begun(folder: Path, place: Path, *options: str) -> "subprocess.Popen[str]":
    """`journeysim experiment` in a process of its own."""
    command = [sys.executable, "-m", "sim.cli", "experiment", "tiny.yaml", "--out", str(place)]
    return subprocess.Popen(
        [*command, *options], cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for another process; fails if it never comes to pass."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def runs_so_far(place: Path) -> int:
    """How many runs are finished and safe, seen from outside."""
    if (place / RUNS).exists():
        return RUNS_OF_TINY
    try:
        return (place / JOURNAL).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_killed_study_goes_on_where_it_was(
    seed: int, folder: Path, undisturbed: bytes, tmp_path: Path
) -> None:
    place = tmp_path / "study"
    wanted = random.Random(seed).randrange(1, 15)
    with begun(folder, place, "--workers", "2", "--quiet") as study:
        wait_until(lambda: runs_so_far(place) >= wanted)
        children = psutil.Process(study.pid).children(recursive=True)
        study.kill()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive  # workers end with the study
    finished = set(read_runs(place)["run"].to_pylist()) if not (place / RUNS).exists() else set()
    assert made(folder, Processes(2), place, resume=True) == undisturbed
    assert finished <= set(read_runs(place)["run"].to_pylist())


def test_ctrl_c_says_how_to_go_on(folder: Path, undisturbed: bytes, tmp_path: Path) -> None:
    place = tmp_path / "study"
    with begun(folder, place, "--workers", "2") as study:
        wait_until(lambda: runs_so_far(place) >= 3)
        children = psutil.Process(study.pid).children(recursive=True)
        os.killpg(study.pid, signal.SIGINT)
        _, told = study.communicate(timeout=PATIENCE)
    assert study.returncode == INTERRUPTED
    *_, line = told.splitlines()
    kept = len(read_runs(place))
    assert line == (
        f"interrupted; {kept} of 24 runs are finished and kept in {place}; go on with"
        f" journeysim experiment tiny.yaml --resume --workers 2 --out {place}."
    )
    assert "Traceback" not in told
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive
    assert made(folder, Processes(2), place, resume=True) == undisturbed


# --- what goes wrong ---


def deadly(job: Job) -> Outcome:
    """Ends the worker, as the system does when memory runs out."""
    if job.values["a"] == 1.0:
        os.kill(os.getpid(), signal.SIGKILL)
    return total(job)


def failing(job: Job) -> Outcome:
    raise JourneysimError("the figures are odd.")


def toy_rows(count: int) -> Range:
    return Range(values=[float(value) for value in range(count)])


def test_a_run_that_kills_every_worker_ends_the_study(tmp_path: Path) -> None:
    plan = toy_plan(DesignPart(), {"a": toy_rows(6)}, ("sum", "half"))
    with pytest.raises(JourneysimError, match="3 times in a row") as caught:
        sweep(plan, deadly, Processes(1), place=tmp_path / "study")
    assert "runs are finished and kept" in caught.value.message
    assert isinstance(caught.value.__cause__, WorkersLost)
    found = sweep(plan, total, Processes(1), place=tmp_path / "study", resume=True)
    assert list(found["a"]) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_what_a_run_raises_is_told(tmp_path: Path) -> None:
    plan = toy_plan(DesignPart(), {"a": toy_rows(6)}, ("sum", "half"))
    with pytest.raises(JourneysimError, match=r"^the figures are odd; 0 of 6 runs are finished"):
        sweep(plan, failing, Processes(2), place=tmp_path / "study")


def test_a_cluster_that_is_not_there_is_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="no Dask scheduler answers at nonsense"):
        made(folder, Cluster("nonsense"), tmp_path / "study")


def test_dask_without_the_extra_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'journeysim\[cluster\]'"):
        made(folder, Cluster("tcp://127.0.0.1:1"), tmp_path / "study")


def test_workers_and_a_cluster_are_one_too_many(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert main(["experiment", "tiny.yaml", "--workers", "0", "--dask", "tcp://here:1"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "workers: 0 is not valid; allowed: 1 to 1024" in told[0]
    assert "either --workers or --dask" in told[1]


def test_replicates_are_made_on_a_cluster(
    tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the next krone of each, and the one that is there already left as it is."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)
    words = ["run", "market.yaml", "--replicates", "3", "--quiet"]
    assert main([*words, "--out", "here"]) == 0
    there = ["--out", "there", "--dask", cluster.scheduler_address]
    assert main([*words, *there]) == 0
    for name in ("summary.json", "replicate-02/summary.json", "replicate-02/next_krone.json"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    tables = sorted((tmp_path / "here").rglob("*.parquet"))
    assert len(tables) > 10
    for table in tables:
        other = tmp_path / "there" / table.relative_to(tmp_path / "here")
        assert other.read_bytes() == table.read_bytes()


@pytest.mark.parametrize("more", [["--threads", "2"], ["--engine", "reference"], ["--check"]])
def test_what_does_not_go_with_a_cluster_is_refused(
    more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)
    words = ["run", "market.yaml", "--replicates", "2", "--dask", "tcp://127.0.0.1:1"]
    assert main([*words, *more]) == 2
    assert main([*words[:2], *words[4:]]) == 2
    assert main([*words]) == 2  # nobody answers there
    assert not (tmp_path / "results").exists() or not list((tmp_path / "results").iterdir())
