"""Whatever fails on the disk, and whenever: the old result or the new one, whole (a sample).

`make faults` lets every single call fail.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.cli.commands.run
import sim.disk
import sim.locks
import sim.pages.folder
from benchmarks.tap import Call, Tap
from sim.cli import main
from sim.errors import InputError
from sim.folders import Damaged, move_folder, open_folder, put_folder, seal
from sim.locks import AtWork, at_work
from worlds.commands import short
from worlds.markets import MARKETS

ROOT = Path(__file__).parent.parent


def test_a_sample_of_faults_harms_no_result() -> None:
    words = ["-m", "benchmarks.faults", "--cases", "30", "--seed", "3"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"30 of \d{4,} faults in \d+ s; 0 did not hold", done.stdout)


def tapped(script: str, around: Path) -> list[str]:
    """The calls that the code makes in the folder `around`, in a process that is tapped."""
    read, write = os.pipe()
    process = os.fork()
    if process:
        os.close(write)
        os.waitpid(process, 0)
        with os.fdopen(read) as stream:
            return stream.read().split()
    try:
        told = os.write

        def listen(call: Call, _: object) -> None:
            told(write, f"{call.kind}:{Path(call.about).name}\n".encode())

        Tap(around, listen).put_in()
        exec(script, {"around": around, "disk": sim.disk, "Path": Path})
    finally:
        os._exit(0)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("disk.write(around / 'a', b'1')", ["open:a", "write:a", "flush:a"]),
        ("(around / 'b').mkdir()", ["mkdir:b"]),
        ("disk.remove(around / 'old')", ["remove:old"]),
        ("disk.read(around / 'old')", ["look:old", "open:old", "read:old", "read:old"]),
        ("disk.exchange(around / 'one', around / 'two')", ["rename:two"]),
        ("disk.rename(around / 'old', around / 'new')", ["rename:new"]),
        ("disk.write(around.parent / 'beside', b'1')", []),
    ],
)
def test_the_tap_sees_every_call_in_its_folder_and_no_other(
    script: str, expected: list[str], tmp_path: Path
) -> None:
    around = tmp_path / "around"
    for name in ("one", "two"):
        (around / name).mkdir(parents=True)
    (around / "old").write_text("old")
    found = tapped(script, around)
    assert found[: len(expected)] == expected
    if not expected:
        assert found == []


def test_a_call_that_fails_does_half_and_raises(tmp_path: Path) -> None:
    def listen(call: Call, half: Callable[[], None]) -> None:
        if call.kind == "write":
            half()
            raise OSError(28, "No space left on device")

    process = os.fork()
    if not process:
        code = 1
        try:
            Tap(tmp_path, listen).put_in()
            sim.disk.Appended(tmp_path / "a").add(b"12345678")
        except OSError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(process, 0)[1] == 0
    assert (tmp_path / "a").read_bytes() == b"1234"


# --- what such faults had found ---


def fill(text: str) -> Callable[[Path], dict[str, Any]]:
    def write(folder: Path) -> dict[str, Any]:
        sim.disk.write_text(folder / "a.txt", text)
        return {"about": text}

    return write


def test_the_lock_of_a_killed_command_in_a_result_is_no_one_else_s(tmp_path: Path) -> None:
    place = tmp_path / "result"
    for left in ("", '{"process": 7, "comm', '{"process": 7, "command": "journeysim report"}'):
        put_folder(place, fill("old"))
        (place / ".inner.lock").write_text(left)
        put_folder(place, fill("new"))
        assert sorted(os.listdir(place)) == ["a.txt", "manifest.json"]
    (place / ".inner.lock").write_text("mine")
    with pytest.raises(InputError, match=r"it also holds \.inner\.lock"):
        put_folder(place, fill("newer"))


def test_who_lets_go_between_look_and_lock_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, lock = sim.locks._take, tmp_path / ".r.lock"
    lock.write_text('{"process": 7, "command": "another"}')

    def after_it(place: Path) -> Any:
        lock.unlink()
        return take(place)

    monkeypatch.setattr(sim.locks, "_take", after_it)
    with pytest.raises(AtWork, match="has just written"), at_work(tmp_path / "r"):
        pass
    assert os.listdir(tmp_path) == []


def test_what_is_replaced_while_it_is_read_is_not_called_damaged(tmp_path: Path) -> None:
    place = tmp_path / "result"
    put_folder(place, fill("old"))
    folder = open_folder(place)
    put_folder(place, fill("another"))
    for look in (lambda: folder.read("a.txt"), folder.check):
        with pytest.raises(Damaged, match="changed by another command meanwhile; try again"):
            look()


def test_what_a_finished_folder_replaces_never_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_folder(tmp_path / "r", fill("old"))
    put_folder(tmp_path / "r.partial", fill("new"))
    (tmp_path / "r.partial" / "deep").mkdir()
    sim.disk.write_text(tmp_path / "r.partial" / "deep" / "b.txt", "deep")
    exchange, stood = sim.disk.exchange, []

    def looked_at(one: Path, other: Path) -> bool:
        done = exchange(one, other)
        stood.append((tmp_path / "r.partial" / "a.txt").read_text())
        return done

    monkeypatch.setattr(sim.disk, "exchange", looked_at)
    move_folder(tmp_path / "r.partial", tmp_path / "r")
    assert stood == ["new"]
    assert (tmp_path / "r" / "a.txt").read_text() == "new"
    assert (tmp_path / "r" / "deep" / "b.txt").read_text() == "deep"
    assert os.listdir(tmp_path) == ["r"]


def test_replicates_go_on_from_whatever_moment_they_were_killed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is not there yet, a summary without a manifest, a lock that nobody holds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.pages.folder, "make_report", lambda *_: "<html></html>")
    Path("m.yaml").write_text(short(MARKETS["hermit"]))
    line = ["run", "m.yaml", "--replicates", "2", "--out", "r", "--quiet", "--no-next-krone"]
    assert main(line) == 0
    expected = {str(f.relative_to("r")): f.stat().st_size for f in Path("r").rglob("*")}
    partial = Path("r").rename("r.partial")
    (partial / "manifest.json").unlink()
    (partial / ".replicate-02.lock").write_text('{"process": 7, "command": "another"}')
    first = open_folder(partial / "replicate-01")
    (partial / "replicate-01" / "report.html").unlink()
    names = [name for name in first.names if name != "report.html"]
    seal(first.place, first.said, names=names)
    monkeypatch.setattr(sim.cli.commands.run, "run", None)  # all is made
    assert main(line) == 0
    assert {str(f.relative_to("r")): f.stat().st_size for f in Path("r").rglob("*")} == expected
    assert sorted(os.listdir()) == ["m.yaml", "r"]
