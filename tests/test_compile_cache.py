"""Damaged machine code is never run: it is made anew, without a word."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim.compile_cache as caching
from sim.compile_cache import DIGEST_SIZE, cache_folder, is_kept, read_checked, write_checked
from sim.compiled import kernel, part
from sim.errors import Note


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and the folder that it will be in."""
    monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path))
    found = cache_folder()
    assert found is not None
    return found


def double(values: np.ndarray) -> None:
    """Compiles in a moment."""
    for place in range(len(values)):
        values[place] *= 2.0


def answer(make: Callable[..., Any] = kernel) -> tuple[bool, bool]:
    """Whether a fresh kernel of `double` is right, and whether it was found in the cache."""
    compiled = make(double)
    values = np.ones(3)
    compiled(values)
    hits = compiled.stats.cache_hits
    return values.tolist() == [2.0] * 3, bool(hits)


def only(folder: Path) -> Path:
    """The one file that is there."""
    (file,) = folder.iterdir()
    return file


def flipped(content: bytes, place: int) -> bytes:
    """With one bit turned."""
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "a part of the digest": lambda content: content[: DIGEST_SIZE // 2],
    "the digest alone": lambda content: content[:DIGEST_SIZE],
    "cut short": lambda content: content[:-1],
    "longer": lambda content: content + b"\0",
    "zeros": lambda content: bytes(len(content)),
    "zeros at the end": lambda content: content[:1000] + bytes(len(content) - 1000),
    "text": lambda content: b"<html>quota exceeded</html>",
    "a pickle": lambda content: content[DIGEST_SIZE:],
    "a bit of the digest": lambda content: flipped(content, 3),
    "a bit of the pickle": lambda content: flipped(content, DIGEST_SIZE + 5),
    "a bit of the machine code": lambda content: flipped(content, content.index(b"\x7fELF") + 900),
}


@pytest.mark.parametrize("make", [kernel, part])
def test_what_is_whole_is_used_again(
    make: Callable[..., Callable[..., None]], folder: Path
) -> None:
    assert answer(make) == (True, False)
    assert answer(make) == (True, True)
    assert only(folder).suffix == ".nbc"  # nothing temporary is left


def test_whatever_is_damaged_is_made_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A digest that does not fit is noticed before anything is unpickled or run."""
    answer()
    file = only(folder)
    whole = file.read_bytes()

    def never(_content: bytes) -> None:
        raise AssertionError("damaged content was unpickled")

    for name, damage in DAMAGES.items():
        damaged = damage(whole)
        assert damaged != whole, name
        file.write_bytes(damaged)
        assert not is_kept(__name__, "double")
        with warnings.catch_warnings(), monkeypatch.context() as patch:
            warnings.simplefilter("error")
            patch.setattr(caching.pickle, "loads", never)
            assert answer() == (True, False), name
        assert is_kept(__name__, "double")
        assert answer() == (True, True), name
    assert only(folder) == file
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("size", [40, 400])
def test_no_flipped_bit_is_overlooked(tmp_path: Path, size: int) -> None:
    file = tmp_path / "file"
    write_checked(file, bytes(range(20)) * (size // 20))
    whole = file.read_bytes()
    assert read_checked(file) == whole[DIGEST_SIZE:]
    for place in range(len(whole)):
        file.write_bytes(flipped(whole, place))
        assert read_checked(file) is None


@pytest.mark.parametrize("what", ["folder", "full folder", "link to nothing", "pipe"])
def test_something_else_in_the_place_of_a_file(what: str, folder: Path) -> None:
    answer()
    file = only(folder)
    file.unlink()
    if what == "link to nothing":
        file.symlink_to("nothing")
    elif what == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
        if what == "full folder":
            (file / "inner").write_text("x")
    assert not is_kept(__name__, "double")
    assert answer() == (True, False)
    assert answer() == (True, True)
    assert only(folder).is_file()


def test_whole_content_that_cannot_be_used_is_made_anew(folder: Path) -> None:
    """As after an update of a library that the pickle refers to."""
    answer()
    write_checked(only(folder), b"cno_such_module\nname\n.")
    assert answer() == (True, False)
    assert answer() == (True, True)


@pytest.mark.parametrize("full", [False, True])
def test_without_a_place_to_write_it_works_and_a_note_says_so(
    full: bool, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if full:
        monkeypatch.setattr(caching.os, "replace", refuse)
    else:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path / "file"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with pytest.warns(Note, match="cannot be kept") as told:
        assert answer() == (True, False)
    assert len(told) == 1
    with pytest.warns(Note):
        assert answer() == (True, False)
    assert not is_kept(__name__, "double")
    assert list(temporary.iterdir()) == []
    assert not full or list(folder.iterdir()) == []


def test_a_user_without_a_home_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("JOURNEYSIM_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None
    assert not is_kept(__name__, "double")
    with pytest.warns(Note, match="no home folder"):
        assert answer() == (True, False)


def test_workers_leave_the_note_to_who_started_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(caching.multiprocessing, "parent_process", object)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answer() == (True, False)


def test_processes_that_compile_at_once_do_not_disturb_each_other(
    folder: Path, tmp_path: Path
) -> None:
    ask = "import test_compile_cache as t; print(t.answer(), t.answer())"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ask], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in running:
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 0
        assert said.split(") ")[1].strip() == "(True, True)"
        assert said.startswith("(True, ")
    assert answer() == (True, True)
    assert only(folder).is_file()


def test_the_same_name_of_another_kernel_is_another_file(folder: Path) -> None:
    def add(values: np.ndarray) -> None:
        for place in range(len(values)):
            values[place] += 1.0

    add.__qualname__ = "double"
    answer()
    values = np.zeros(2)
    kernel(add)(values)
    assert values.tolist() == [1.0, 1.0]
    assert len(list(folder.iterdir())) == 2
