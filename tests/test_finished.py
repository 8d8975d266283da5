"""Going on with a study of paired runs: the same folder, no finished run made twice, none lost."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from weakref import ref

import numpy as np
import pytest
from markets import MARKETS
from posters import two_posters

import sim.engine.day
from sim.cli import FAILED, INTERRUPTED, WRONG_INPUT, main
from sim.commands import compare, optimise, split_study
from sim.measures.figure import Undefined
from sim.run import run, scenario_hash
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.studies import finished
from sim.studies.compare import SUMMARY
from sim.studies.finished import KEPT, Finished, Keep, asked_for, pack_json, unpack_json
from sim.studies.plans import divide
from sim.studies.trials import Result, keep_of

TOWN = with_settings(MARKETS["town"], overrides={"agents": 150, "days": 25, "panel": 0.2})
TRUE = two_posters(agents=300, **{"touchpoints.two.purpose": "retention"})
BLIND = with_settings(TRUE, overrides={"segments.west.need.rate_per_year": 0.0})


def short(scenario: Scenario) -> str:
    """The scenario as YAML without defaults: quick to read."""
    return json.dumps(scenario.model_dump(mode="json", exclude_defaults=True), indent=1)


STUDY = "kind: {kind}\nname: tiny\nscenario: true.yaml\nreplicates: 2\nevaluations: 30\n"
FILES = {
    "town.yaml": short(TOWN),
    "true.yaml": short(TRUE),
    "blind.yaml": short(BLIND),
    "frontier.yaml": STUDY.format(kind="frontier"),
    "belief.yaml": STUDY.format(kind="belief") + "believed: blind.yaml\n",
}
COMMANDS = {
    "optimise": ["optimise", "town.yaml", "--evaluations", "25", "--replicates", "2"],
    "compare": [
        *("compare", "town.yaml", "--replicates", "5"),
        *("--variant", "cheaper:offers.basic.price=250"),
    ],
    "frontier": ["experiment", "frontier.yaml"],
    "belief": ["experiment", "belief.yaml"],
}
MODULES = {"optimise": optimise, "compare": compare, "frontier": split_study, "belief": split_study}
PLACE, FOLDER = Path("made"), Path("made.unfinished")

Folder = dict[str, bytes]


class Undisturbed(NamedTuple):
    """What a command does that nothing disturbs."""

    folder: Folder
    runs: int  # that the engine made


Make = Callable[[str], Undisturbed]


def inside(place: Path) -> Folder:
    """The files of a result folder, clocks left out."""
    files = sorted(file for file in place.rglob("*") if file.is_file())
    clock = re.compile(rb'"seconds": [-+.e\d]+')
    return {str(f.relative_to(place)): clock.sub(b"", f.read_bytes()) for f in files}


def kept() -> list[Path]:
    """The finished runs that are kept."""
    return sorted(FOLDER.glob(f"*{KEPT}"))


def begin(command: str, *options: str) -> int:
    """Do a command of `COMMANDS`; returns its exit code."""
    return main([*COMMANDS[command], "--out", str(PLACE), *options])


def write_files(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text)


def counted(patch: pytest.MonkeyPatch) -> list[str]:
    """The runs that the engine finishes from now on, by the hash of their scenario."""
    found: list[str] = []
    engine = sim.engine.day.run_fast

    def run_fast(scenario: Scenario, *options: Any) -> Any:
        records = engine(scenario, *options)
        found.append(scenario_hash(scenario))
        return records

    patch.setattr(sim.engine.day, "run_fast", run_fast)
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """What a command does that nothing disturbs, done when it is first asked for."""
    around = tmp_path_factory.mktemp("undisturbed")
    write_files(around)
    found: dict[str, Undisturbed] = {}

    def make(command: str) -> Undisturbed:
        if command not in found:
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(around)
                runs = counted(patch)
                assert main([*COMMANDS[command], "--out", command, "--quiet"]) == 0
            found[command] = Undisturbed(inside(around / command), len(runs))
        assert len(found[command].folder) > 3
        assert found[command].runs >= 10
        return found[command]

    return make


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the markets and the studies."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that the engine finished, by the hash of their scenario."""
    return counted(monkeypatch)


@pytest.fixture
def plain_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison's page without its drawings, where they are not what is looked at."""
    monkeypatch.setattr(compare, "compare_page", lambda made, *options: str(made.seeds))


def interrupted(command: str, after: float, *options: str) -> None:
    """Ctrl-C as soon as so many runs are kept; infinite: when the result is being written."""

    def look(done: float, of: float) -> None:
        assert 0.0 <= done <= of
        if len(kept()) >= after:
            raise KeyboardInterrupt

    @contextmanager
    def bar(*options: Any) -> Iterator[Any]:
        yield look

    def put(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODULES[command], "progress_bar", bar)
        patch.setattr(MODULES[command], "put_folder", put)
        assert begin(command, *options) == INTERRUPTED


def sentence(count: int) -> str:
    """What is kept, and how to go on."""
    are = "1 run is" if count == 1 else f"{count} runs are"
    return f"{are} finished and kept in {FOLDER}; go on with the same command and --resume."


# --- Ctrl-C ---


@pytest.mark.parametrize(
    ("command", "threads"),
    [("optimise", "2"), ("compare", "2"), ("frontier", "1"), ("belief", "2")],
)
def test_however_often_interrupted_it_is_the_same_folder_and_no_run_is_made_twice(
    command: str,
    threads: str,
    undisturbed: Make,
    made: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = undisturbed(command)
    made.clear()
    capsys.readouterr()
    option = "--workers" if COMMANDS[command][0] == "experiment" else "--threads"
    again = [option, threads]
    for after in (0, 1, 7, float("inf")):
        interrupted(command, after, *again)
        assert len(kept()) >= min(after, len(made))
        assert len(kept()) == len(made) == len(set(made))
        told = capsys.readouterr().err
        assert told.startswith("interrupted; ")
        assert told.count("\n") == 1
        if option == "--threads":
            assert told == f"interrupted; {sentence(len(kept()))}\n"
        else:
            assert told.endswith(
                f"go on with journeysim {' '.join(COMMANDS[command])} --resume"
                f" --workers {threads} --out made.\n"
            )
        assert not PLACE.exists()
        again = [option, threads, "--resume"]
    assert begin(command, *again) == 0
    assert len(made) == expected.runs
    assert inside(PLACE) == expected.folder
    assert not FOLDER.exists()


@pytest.mark.usefixtures("plain_page")
def test_kept_runs_count_as_done(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted("compare", 4, "--threads", "1")
    before = len(kept())
    told: list[tuple[float, float]] = []

    @contextmanager
    def bar(*options: Any) -> Iterator[Any]:
        yield lambda done, of: told.append((done, of))

    monkeypatch.setattr(compare, "progress_bar", bar)
    assert begin("compare", "--resume") == 0
    assert told[0] == (before, 10.0)
    assert told[-1] == (10.0, 10.0)
    assert told == sorted(told)


def test_what_changes_no_figure_does_not_hinder(made: list[str]) -> None:
    interrupted("optimise", 5, "--threads", "2")
    assert begin("optimise", "--resume", "--threads", "1", "--quiet", "--language", "da") == 0
    assert len(made) == len(set(made))
    assert 'lang="da"' in (PLACE / "optimise.html").read_text()


def test_without_a_folder_nothing_is_kept(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(os.listdir(place))
    seen = []

    @contextmanager
    def bar(*options: Any) -> Iterator[Any]:
        def look(done: float, of: float) -> None:
            seen.append(done)
            if done >= 3.0:
                raise KeyboardInterrupt

        yield look

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "progress_bar", bar)
        assert main([*COMMANDS["compare"], "--json"]) == INTERRUPTED
    assert json.loads(capsys.readouterr().out)["errors"][0]["message"] == "interrupted"
    assert seen
    assert set(os.listdir(place)) == before
    assert main([*COMMANDS["compare"], "--json", "--resume"]) == 0  # there is nothing: it begins
    assert set(os.listdir(place)) == before


@pytest.mark.usefixtures("plain_page")
def test_an_old_result_stays_until_the_new_one_is_there(made: list[str]) -> None:
    assert begin("compare") == 0
    old = inside(PLACE)
    interrupted("compare", 2, "--seed", "5")
    assert inside(PLACE) == old
    made.clear()
    assert begin("compare", "--seed", "5", "--resume") == 0
    assert 0 < len(made) < 10
    assert inside(PLACE) != old
    made.clear()
    assert begin("compare", "--resume") == 0  # nothing is unfinished: all is done anew
    assert len(made) == 10
    assert inside(PLACE) == old


# --- killed, or stopped by a signal ---

HURT = """\
import os, signal, sys, threading
from sim.cli import main
from sim.studies import finished

moment, count, *words = sys.argv[1:]
wanted = signal.SIGINT if moment == "interrupted" else signal.SIGKILL
write, write_bytes = finished.Finished._write, finished._write_bytes
lock, calls = threading.Lock(), 0


def stop(*ignored):
    os.kill(os.getpid(), wanted)


def write_one(self, name, content):
    global calls
    with lock:
        calls += 1
        write(self, name, content)
        if calls == int(count) and moment != "half":
            stop()


def write_half(file, content):
    if calls == int(count):
        file.write_bytes(content[: len(content) // 2])
        stop()
    write_bytes(file, content)


finished.Finished._write = write_one
if moment == "half":
    finished._write_bytes = write_half
if moment == "result":
    finished.Finished.remove = stop
sys.exit(main(words))
"""


def hurt(moment: str, count: int, *options: str) -> "subprocess.CompletedProcess[str]":
    """`journeysim optimise` in a process of its own, which a signal ends at a moment: when so
    many runs are kept, half of one more is written, or the result is there."""
    words = [*COMMANDS["optimise"], "--out", str(PLACE), "--threads", "2", *options]
    return subprocess.run(
        [sys.executable, "-c", HURT, moment, str(count), *words], capture_output=True, text=True
    )


@pytest.mark.parametrize(("moment", "count"), [("kept", 1), ("half", 8), ("result", 0)])
def test_killed_at_any_moment_it_goes_on_where_it_was(
    moment: str, count: int, undisturbed: Make, made: list[str]
) -> None:
    expected = undisturbed("optimise")
    done = hurt(moment, count)
    assert done.returncode == -signal.SIGKILL, done.stderr
    before = len(kept())
    assert before == {"kept": count, "half": count - 1, "result": expected.runs}[moment]
    assert PLACE.exists() == (moment == "result")
    made.clear()
    assert begin("optimise") == WRONG_INPUT
    assert begin("optimise", "--resume") == 0
    assert len(made) == expected.runs - before
    assert inside(PLACE) == expected.folder
    assert not FOLDER.exists()
    assert not [name for name in os.listdir() if name.startswith(".")]


def test_ctrl_c_says_how_to_go_on(undisturbed: Make, made: list[str]) -> None:
    done = hurt("interrupted", 5)
    assert done.returncode == INTERRUPTED
    assert done.stderr.splitlines()[-1] == f"interrupted; {sentence(len(kept()))}"
    assert "Traceback" not in done.stderr
    assert len(kept()) >= 5
    before = len(kept())
    expected = undisturbed("optimise")
    made.clear()
    assert begin("optimise", "--resume") == 0
    assert len(made) == expected.runs - before
    assert inside(PLACE) == expected.folder


# --- a full disk ---


def no_room(file: Path, content: Any) -> None:
    file.write_bytes(content[:10] if isinstance(content, bytes) else content[:10].encode())
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(("command", "room"), [("compare", 1), ("belief", 17)])
def test_a_full_disk_loses_nothing_finished(
    command: str,
    room: int,
    undisturbed: Make,
    made: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = undisturbed(command)
    write, lock, left = finished._write_bytes, Lock(), room

    def small(file: Path, content: bytes) -> None:
        nonlocal left
        with lock:
            left -= 1
        (write if left >= 0 else no_room)(file, content)

    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finished, "_write_bytes", small)
        assert begin(command) == FAILED
    told = capsys.readouterr().err
    are = "1 run is" if room == 1 else f"{room} runs are"
    assert told.startswith(
        f"{FOLDER} cannot be written: the disk is full; {are} finished and kept in {FOLDER}; go on"
    )
    assert told.count("\n") == 1
    assert len(kept()) == room
    assert sorted(os.listdir(FOLDER)) == sorted([one.name for one in kept()] + ["study.json"])
    made.clear()
    assert begin(command, "--resume") == 0
    assert inside(PLACE) == expected.folder
    assert len(made) == len(set(made)) == expected.runs - room


@pytest.mark.parametrize("command", ["compare", "optimise"])
def test_a_disk_that_fills_up_at_the_end_keeps_all(
    command: str,
    undisturbed: Make,
    made: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = undisturbed(command)
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODULES[command], "write_text", no_room)
        assert begin(command) == FAILED
    told = capsys.readouterr().err
    assert f"{PLACE} cannot be written: the disk is full; {len(kept())} runs are finished" in told
    assert not PLACE.exists()
    made.clear()
    assert begin(command, "--resume") == 0
    assert made == []
    assert inside(PLACE) == expected.folder


# --- what is refused ---


@pytest.mark.usefixtures("plain_page")
def test_begun_and_not_finished_is_not_begun_anew(
    made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted("compare", 2)
    before = inside(FOLDER)
    made.clear()
    capsys.readouterr()
    assert begin("compare") == WRONG_INPUT
    assert capsys.readouterr().err == (
        f"{FOLDER} holds this study, begun and not finished; go on with --resume, or remove it.\n"
    )
    assert made == []
    assert inside(FOLDER) == before
    shutil.rmtree(FOLDER)
    assert begin("compare") == 0


OTHERS = {
    "compare": ["--replicates 3", "--set offers.basic.price=310", "--seed 8", "--agents 100"],
    "optimise": [
        "--replicates 3",
        "--evaluations 26",
        "--goal new_customers",
        "--bounds search=0..9000",
        "--budget 9000",
        "--days 20",
    ],
}


@pytest.mark.parametrize("command", OTHERS)
def test_another_study_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    interrupted(command, 1)
    before = inside(FOLDER)
    capsys.readouterr()
    for other in OTHERS[command]:
        assert begin(command, *other.split(), "--resume") == WRONG_INPUT
        assert capsys.readouterr().err == (
            f"{FOLDER} holds another study, or this one before it was changed; remove it, or choose"
            " another folder with --out.\n"
        )
    assert inside(FOLDER) == before


def test_another_command_or_version_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted("frontier", 1)
    capsys.readouterr()
    same = ["true.yaml", "--evaluations", "30", "--replicates", "2", "--out", str(PLACE)]
    assert main(["optimise", *same, "--resume"]) == WRONG_INPUT
    assert "holds another study" in capsys.readouterr().err
    monkeypatch.setattr(finished, "version", lambda: "another")
    assert begin("frontier", "--resume") == WRONG_INPUT
    assert "made by another version of journeysim" in capsys.readouterr().err


@pytest.mark.usefixtures("plain_page")
def test_what_is_no_study_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    FOLDER.mkdir()
    (FOLDER / "letter.txt").write_text("dear")
    assert begin("compare", "--resume") == WRONG_INPUT
    assert "is left as it is: it is not the folder of a study" in capsys.readouterr().err
    assert os.listdir(FOLDER) == ["letter.txt"]
    shutil.rmtree(FOLDER)
    FOLDER.write_text("dear")
    assert begin("compare", "--resume") == WRONG_INPUT
    assert f"{FOLDER} is a file" in capsys.readouterr().err
    FOLDER.unlink()
    FOLDER.mkdir()  # as when the program was killed before the last step of removing it
    assert begin("compare") == 0


@pytest.mark.usefixtures("plain_page")
def test_two_processes_do_not_fill_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    interrupted("compare", 1)
    about = json.loads((FOLDER / "study.json").read_text())
    first = Finished(FOLDER)
    first.open(finished.Asked(about["study"], about["identity"]), resume=True)
    capsys.readouterr()
    assert begin("compare", "--resume") == WRONG_INPUT
    assert f"another process is at work in {FOLDER}" in capsys.readouterr().err
    first.close()
    assert begin("compare", "--resume") == 0


def test_what_can_never_be_done_leaves_nothing(
    place: Path, made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """That the plans spend nothing is found out in the first run."""
    later = {f"touchpoints.{name}.flight.start_day": 60 for name in TRUE.touchpoints}
    (place / "true.yaml").write_text(short(with_settings(TRUE, overrides=later)))
    before = set(os.listdir(place))
    assert begin("frontier") == WRONG_INPUT
    assert "spends nothing in the window" in capsys.readouterr().err
    assert len(made) == 1
    assert set(os.listdir(place)) == before


@pytest.mark.usefixtures("plain_page")
def test_what_comes_to_stand_in_the_way_costs_no_run(
    made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted("compare", float("inf"))
    everything = len(made)
    check = compare.check_place

    def then_write(place: Path) -> None:
        check(place)
        place.mkdir()
        (place / "letter.txt").write_text("dear")

    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "check_place", then_write)
        assert begin("compare", "--resume") == WRONG_INPUT
    assert f"not a result folder; choose another folder; {everything} runs" in (
        capsys.readouterr().err
    )
    shutil.rmtree(PLACE)
    assert begin("compare", "--resume") == 0
    assert len(made) == everything


# --- damage ---


class Trap:
    """What a pickle of somebody else's may do when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("trapped",)


@pytest.mark.parametrize("command", ["optimise", "compare"])
def test_a_damaged_file_counts_as_not_there(
    command: str, undisturbed: Make, made: list[str]
) -> None:
    expected = undisturbed(command)
    interrupted(command, float("inf"))
    cut, flipped, empty, lost, forged, trap, *_ = kept()
    whole = cut.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    empty.write_bytes(b"")
    lost.unlink()
    pickled = BytesIO()
    np.savez(pickled, margin=np.array([Trap()], dtype=object))
    for file, packed in ((forged, b"no archive"), (trap, pickled.getvalue())):
        file.write_bytes(finished._digest(packed) + b"\n" + packed)
    made.clear()
    assert begin(command, "--resume") == 0
    assert len(made) == len(set(made)) == 6
    assert inside(PLACE) == expected.folder
    assert not Path("trapped").exists()


# --- what is kept ---


def test_what_is_kept_of_a_plan_comes_back_to_the_bit() -> None:
    keep: Keep[Result] = keep_of(divide(TOWN))
    result = keep.of(run(TOWN))
    again = keep.unpack(keep.pack(result))
    assert list(again.own) == list(result.own)
    for name, own in result.own.items():
        assert again.own[name].dtype == own.dtype
        assert again.own[name].tobytes() == own.tobytes()
    assert again.own["margin"].any()
    assert list(again.spent.items()) == list(result.spent.items())
    assert again.profit_by_month.tobytes() == result.profit_by_month.tobytes()
    assert again[1:5] == result[1:5]
    assert all(type(a) is type(b) for a, b in zip(again[1:5], result[1:5], strict=True))


def test_a_summary_comes_back_equal_with_its_reasons() -> None:
    summary = SUMMARY.of(run(TOWN))
    again = SUMMARY.unpack(SUMMARY.pack(summary))
    assert again == summary
    assert repr(again) == repr(summary)  # integers stay integers, and the order is the same
    reasons = [value for value in summary["undefined"].values() if value.values]
    assert reasons
    for key, reason in summary["undefined"].items():
        found = again["undefined"][key]
        assert type(found) is Undefined
        assert (found.template, dict(found.values)) == (reason.template, dict(reason.values))


def test_json_keeps_every_digit_and_refuses_what_is_no_number() -> None:
    inner = Undefined("{count} months", count=3)
    kept = {"a": [0.1 + 0.2, 5e-324, -0.0, 2**63, True, None], "b": Undefined("in {m}", m=inner)}
    again = unpack_json(pack_json(kept))
    assert repr(again) == repr(kept)
    assert type(again["b"].values["m"]) is Undefined
    with pytest.raises(ValueError, match="JSON"):
        pack_json({"a": float("nan")})


def test_the_identity_sees_all_that_is_asked() -> None:
    asked = asked_for("compare", [TOWN, TRUE], ["a", "b"], {"replicates": 3})
    assert asked == asked_for("compare", [TOWN, TRUE], ["a", "b"], {"replicates": 3})
    others = [
        asked_for("optimise", [TOWN, TRUE], ["a", "b"], {"replicates": 3}),
        asked_for("compare", [TRUE, TOWN], ["a", "b"], {"replicates": 3}),
        asked_for("compare", [TOWN, TRUE], ["a", "c"], {"replicates": 3}),
        asked_for("compare", [TOWN, TRUE], ["a", "b"], {"replicates": 4}),
    ]
    assert len({asked.identity, *(one.identity for one in others)}) == 5


def test_two_keeps_of_one_run_are_two_files(tmp_path: Path) -> None:
    store = Finished(tmp_path / "some")
    by_touchpoint, by_purpose = (keep_of(divide(TOWN, by)) for by in ("touchpoint", "purpose"))
    one = store.alone(TOWN, by_touchpoint)
    other = store.alone(TOWN, by_purpose)
    assert set(one.spent) != set(other.spent)
    assert store.count == 2
    assert store.alone(TOWN, by_touchpoint).spent == one.spent


@pytest.mark.parametrize("threads", [1, 2])
def test_no_more_records_in_memory_than_threads(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, lock = sim.engine.day.run_fast, Lock()
    seen: list[Any] = []
    alive: list[int] = []

    def run_fast(scenario: Scenario, *options: Any) -> Any:
        records = engine(scenario, *options)
        with lock:
            seen.append(ref(records))
            alive.append(sum(one() is not None for one in seen))
        return records

    monkeypatch.setattr(sim.engine.day, "run_fast", run_fast)
    markets = [with_settings(TOWN, overrides={"seed": seed}) for seed in (1, 2, 3, 4, 2, 5)]
    found = list(Finished(tmp_path / "some").results(markets, SUMMARY, threads))
    assert [one["seed"] for one in found] == [1, 2, 3, 4, 2, 5]
    assert found[1] == found[4]
    assert len(alive) == 5  # what is asked for twice is run once
    assert max(alive) <= threads
