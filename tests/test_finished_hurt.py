"""Studies of paired runs that are killed, whose disk is full or whose files are damaged go on."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pytest

import sim.pages.answers
from sim import disk
from sim.cli import FAILED, INTERRUPTED, WRONG_INPUT
from sim.runs import store as finished
from sim.runs.store import KEPT
from tools.unfinished import (
    FOLDER,
    PLACE,
    Make,
    begin,
    inside,
    interrupted,
    kept,
    plain_pages,
    sentence,
    undisturbed_in,
)
from worlds.commands import COMMANDS

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture(scope="module", autouse=True)
def plain() -> Iterator[None]:
    """Nothing is drawn: the pages hold all digits of what was found instead."""
    with pytest.MonkeyPatch.context() as patch:
        plain_pages(patch)
        yield


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """What a command does that nothing disturbs, done when it is first asked for."""
    return undisturbed_in(tmp_path_factory.mktemp("undisturbed"))


# --- killed, or stopped by a signal ---

HURT = """\
import os, signal, sys, threading
from sim import disk
from sim.cli import main
from sim.pages import answers
from sim.runs import store as finished
from sim.runs.store import KEPT

moment, count, *words = sys.argv[1:]
wanted = signal.SIGINT if moment == "interrupted" else signal.SIGKILL
write, write_bytes = finished.Store._write, disk.write
lock, calls = threading.Lock(), 0


def stop(*ignored):
    os.kill(os.getpid(), wanted)


def write_one(self, name, content):
    global calls
    with lock:
        calls += 1
        write(self, name, content)
        if calls == int(count) and moment == "interrupted":
            stop()


def write_half(file, content):
    if calls == int(count) and "kept" in file.name:
        file.write_bytes(content[: len(content) // 2])
        stop()
    write_bytes(file, content)


answers.optimise_page = lambda *given: "a page"
finished.Store._write = write_one
if moment == "half":
    disk.write = write_half
if moment == "result":
    finished.Store.remove = stop
sys.exit(main(words))
"""


def hurt(moment: str, count: int, *options: str) -> "subprocess.CompletedProcess[str]":
    """`journeysim optimise` in a process of its own, which a signal ends at a moment: when so
    many runs are kept, half of one more is written, or the result is there."""
    words = [*COMMANDS["optimise"], "--out", str(PLACE), "--threads", "2", *options]
    return subprocess.run(
        [sys.executable, "-c", HURT, moment, str(count), *words], capture_output=True, text=True
    )


@pytest.mark.parametrize(("moment", "count"), [("half", 8), ("result", 0)])
def test_killed_at_any_moment_it_goes_on_where_it_was(
    moment: str, count: int, undisturbed: Make, made: list[str]
) -> None:
    expected = undisturbed("optimise")
    done = hurt(moment, count)
    assert done.returncode == -signal.SIGKILL, done.stderr
    before = len(kept())
    assert before == {"half": count - 1, "result": expected.runs}[moment]
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
    write, lock, left = disk.write, Lock(), room

    def small(file: Path, content: bytes) -> None:
        nonlocal left
        if KEPT not in file.name:
            return write(file, content)
        with lock:
            left -= 1
        (write if left >= 0 else no_room)(file, content)

    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "write", small)
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
        patch.setattr(sim.pages.answers, "write_text", no_room)
        assert begin(command) == FAILED
    told = capsys.readouterr().err
    assert f"{PLACE} cannot be written: the disk is full; {len(kept())} runs are finished" in told
    assert not PLACE.exists()
    made.clear()
    assert begin(command, "--resume") == 0
    assert made == []
    assert inside(PLACE) == expected.folder


# --- damage ---


class Trap:
    """What a pickle of somebody else's may do when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("trapped",)


@pytest.mark.parametrize("command", ["optimise", "compare"])
def test_a_damaged_file_is_told_and_counts_as_not_there(
    command: str, undisturbed: Make, made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = undisturbed(command)
    interrupted(command, float("inf"))
    cut, flipped, empty, lost, forged, trap, swapped, other, *_ = kept()
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
        file.write_bytes(finished._digest(file.stem, packed) + b"\n" + packed)
    swapped.write_bytes(other.read_bytes())
    made.clear()
    capsys.readouterr()
    assert begin(command, "--resume") == 0
    told = capsys.readouterr().err
    for file in (cut, flipped, empty, forged, trap, swapped):
        assert f"{file} is damaged" in told
    assert len(made) == len(set(made)) == 7
    assert inside(PLACE) == expected.folder
    assert not Path("trapped").exists()
