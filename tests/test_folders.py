"""A folder is put in its place whole or not at all, whatever stops the program."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sim.folders
from sim import disk
from sim.errors import InputError, JourneysimError, NotWritten
from sim.folders import put_folder
from sim.pages.folder import write_folder
from sim.runs.run import read_folder, run
from worlds.markets import MARKETS


def hidden(around: Path) -> list[str]:
    return [name for name in os.listdir(around) if name.startswith(".")]


def fill(folder: Path, text: str = "new") -> dict[str, Any]:
    (folder / "a.txt").write_text(text)
    return {"about": text}


def test_a_result_replaces_a_result(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "er" / "result"
    put_folder(place, lambda folder: fill(folder, "old"))
    put_folder(place, fill)
    assert (place / "a.txt").read_text() == "new"
    assert os.listdir(place.parent) == ["result"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    put_folder(tmp_path, fill)
    assert (tmp_path / "a.txt").exists()


def test_what_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("mine")
    put_folder(tmp_path / "result", fill)
    (tmp_path / "result" / "notes.txt").write_text("mine")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "manifest.json").write_text('{"name": "another program"}')
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    for name in ("file", "photos", "result", "foreign", "nowhere"):
        with pytest.raises(InputError) as caught:
            put_folder(tmp_path / name, fill)
        assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(InputError, match=r"it also holds notes\.txt"):
        put_folder(tmp_path / "result", fill)
    assert (tmp_path / "photos" / "cat.jpg").read_text() == "mine"
    assert (tmp_path / "result" / "notes.txt").read_text() == "mine"
    assert hidden(tmp_path) == []


def test_a_link_to_a_result_leads_to_the_new_one(tmp_path: Path) -> None:
    put_folder(tmp_path / "real", lambda folder: fill(folder, "old"))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put_folder(tmp_path / "link", fill)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, JourneysimError])
def test_stopping_in_the_middle_leaves_the_old_one(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    place = tmp_path / "result"
    put_folder(place, lambda folder: fill(folder, "old"))

    def stopped(folder: Path) -> dict[str, Any]:
        fill(folder)
        raise stop

    with pytest.raises(stop):
        put_folder(place, stopped)
    assert (place / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["result"]


@pytest.mark.parametrize("call", [1, 2])
def test_interrupted_between_the_renames_the_old_one_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    place = tmp_path / "result"
    put_folder(place, lambda folder: fill(folder, "old"))
    rename, calls = disk.rename, []

    def interrupted(source: Path, target: Path) -> None:
        if "manifest.json" in target.name:
            return rename(source, target)
        calls.append(source)
        if len(calls) == call:
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(disk, "exchange", lambda one, other: False)  # as on other systems
    monkeypatch.setattr(disk, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put_folder(place, fill)
    assert (place / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["result"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import sim.folders
from sim import disk
from worlds.markets import MARKETS
from sim.pages import folder
from sim.runs.run import run

moment, place = sys.argv[1], Path(sys.argv[2])
result = run(MARKETS["hermit"])


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def rename_and_die(source, target, rename=disk.rename):
    rename(source, target)
    if target.name.endswith("old"):
        die()


if moment == "tables":
    write = folder.write_tables
    folder.write_tables = lambda *given: (write(*given), die())
elif moment == "manifest":
    sim.folders.as_json = die
elif moment == "exchange":
    disk.exchange = die
elif moment == "first rename":
    disk.exchange = lambda one, other: False
    disk.rename = rename_and_die
elif moment == "last removal":
    disk.remove_tree = die
elif moment == "page":
    folder.make_report = die
folder.write_folder(result, place)
"""


MOMENTS = {
    "tables": 77,
    "manifest": 77,
    "exchange": 77,
    "first rename": None,
    "last removal": 1,
    "page": 1,
}


@pytest.mark.parametrize("moment", list(MOMENTS))
def test_killed_at_any_moment_nothing_is_half(tmp_path: Path, moment: str) -> None:
    place = tmp_path / "result"
    old = run(MARKETS["hermit"], seed=77)
    write_folder(old, place)
    script = KILLED.format(tests=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script, moment, str(place)], capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    expected = MOMENTS[moment]
    if expected is None:
        assert not place.exists()
    else:
        assert read_folder(place).scenario.seed == expected
        assert "manifest.json" in os.listdir(place)
    assert hidden(tmp_path)  # the leftovers do not show ...
    with sim.folders.writing(place):
        pass
    assert hidden(tmp_path) == []  # ... and go the next time
    assert read_folder(place).scenario.seed == (expected or 77)
    write_folder(old, place)
    assert os.listdir(tmp_path) == ["result"]


def test_a_living_program_keeps_its_unfinished_folder(tmp_path: Path) -> None:
    place = tmp_path / "result"
    mine = sim.folders._hidden(place, "new")
    theirs = mine.with_name(mine.name.replace(f".{os.getpid()}.", f".{os.getppid()}."))
    theirs.mkdir()
    elsewhere = tmp_path / ".result.00000000.999999999.new"
    elsewhere.mkdir()
    put_folder(place, fill)
    assert theirs.exists()
    assert elsewhere.exists()


FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
from worlds.markets import MARKETS
from sim.errors import JourneysimError
from sim.pages.folder import write_folder
from sim.runs.run import run

result = run(MARKETS["town"])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_folder(result, sys.argv[1])
except JourneysimError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


def test_no_room_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    script = FULL.format(tests=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "result")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "result cannot be written: file too large." in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    def full(folder: Path) -> dict[str, Any]:
        raise OSError(28, "No space left on device")

    with pytest.raises(NotWritten, match="result cannot be written: the disk is full"):
        put_folder(tmp_path / "result", full)
    assert os.listdir(tmp_path) == []


def test_a_place_below_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotWritten) as caught:
        put_folder(tmp_path / "file" / "result", fill)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.exit_code == 1
