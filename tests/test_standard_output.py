"""Standard output that is closed, full or left by its reader: a sentence or silence."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sim.runs.progress
from sim.cli import COMMANDS, READER_LEFT, main
from sim.cli.streams import SPELLED
from sim.scenario.dump import dump_scenario
from worlds.markets import MARKETS

CLOSED = "nothing can be written to standard output: it is closed.\n"
FULL = f"nothing can be written to standard output: {os.strerror(errno.ENOSPC)}.\n"
ENDS = {"closed": (1, CLOSED), "full": (1, FULL), "left": (READER_LEFT, "")}

# what prints without a long run; one that writes a folder is below
PRINTING = [
    ["scenarios"],
    ["scenarios", "--json"],
    ["check", "hermit.yaml"],
    ["check", "hermit.yaml", "--json"],
    ["new", "shop"],
    ["new", "shop", "--json"],
    ["schema"],
    ["schema", "--study", "--json"],
    ["verify", "--quiet"],
    ["verify"],
    ["verify", "--json"],
    ["run", "hermit.yaml", "--json"],
    ["--version"],
    ["--help"],
    *([name, "--help"] for name, _ in COMMANDS),
]


class Broken(io.RawIOBase):
    """A stream that refuses every byte."""

    def __init__(self, number: int) -> None:
        self.number = number

    def writable(self) -> bool:
        return True

    def write(self, _data: object) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the smallest market, and no checks that take long."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hermit.yaml").write_text(dump_scenario(MARKETS["hermit"]))
    monkeypatch.setattr("sim.cli.commands.verify.verify_all", lambda _show, _engine: [])
    monkeypatch.setattr(sim.runs.progress, "is_compiled", lambda: True)  # and no word about it
    return tmp_path


Break = Callable[[str, str], None]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Break]:
    """Let a stream be the process's own, and fail in a way."""
    numbers = {"full": errno.ENOSPC, "left": errno.EPIPE}

    def lay(name: str, how: str) -> None:
        stream = None
        if how != "closed":
            stream = io.TextIOWrapper(io.BufferedWriter(Broken(numbers[how])), "utf-8")
        monkeypatch.setattr(sys, name, stream)
        monkeypatch.setattr(sys, f"__{name}__", stream)

    yield lay
    monkeypatch.undo()


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_output_that_does_not_arrive(
    how: str, arguments: list[str], broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    broken("stdout", how)
    code = main(arguments)
    if sys.stdout is not None:
        sys.stdout.flush()  # nothing is left that Python would fail on as it ends
    assert (code, capsys.readouterr().err) == ENDS[how]


@pytest.mark.parametrize("how", ENDS)
def test_results_written_before_stay(how: str, broken: Break, place: Path) -> None:
    broken("stdout", how)
    assert main(["run", "hermit.yaml", "--out", "there"]) == ENDS[how][0]
    assert (place / "there" / "report.html").is_file()
    assert main(["new", "shop"]) == ENDS[how][0]
    assert (place / "shop.yaml").is_file()


@pytest.mark.parametrize("how", ENDS)
def test_what_prints_nothing_needs_no_output(how: str, broken: Break) -> None:
    broken("stdout", how)
    assert main(["check", "hermit.yaml", "--quiet"]) == 0
    assert main(["check", "nothing.yaml"]) == 2


@pytest.mark.parametrize("how", ENDS)
def test_errors_as_json_are_told_on_standard_error_instead(
    how: str, broken: Break, capsys: pytest.CaptureFixture[str]
) -> None:
    broken("stdout", how)
    code, told = ENDS[how]
    assert main(["check", "nothing.yaml", "--json"]) == code
    said = capsys.readouterr().err.splitlines(keepends=True)
    assert said[1:] == ([told] if told else [])
    assert [line for line in said[:1] if not line.startswith("nothing.yaml: ")] == []
    assert bool(said) == (how != "left")


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("terminal", [False, True])
def test_standard_error_that_does_not_arrive_stops_nothing(
    how: str,
    terminal: bool,
    broken: Break,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sim.runs.progress, "is_compiled", lambda: False)  # says so there
    monkeypatch.setattr(Broken, "isatty", lambda _self: terminal)
    broken("stderr", how)
    assert main(["run", "hermit.yaml", "--out", "there"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(Path("there") / "report.html")
    assert main(["verify"]) == 0
    assert main(["check", "nothing.yaml"]) == 2
    assert main(["chek"]) == 2
    broken("stdout", how)
    assert main(["scenarios"]) == ENDS[how][0]


def test_progress_outside_of_commands_bears_a_closed_standard_error(
    broken: Break, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sim.runs.progress, "is_compiled", lambda: False)
    broken("stderr", "closed")
    with sim.runs.progress.progress_bar(silent=False) as show:
        show(1, 2)
    assert capsys.readouterr().out == ""


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        env={**os.environ, "JOURNEYSIM": f"{sys.executable} -m sim.cli"},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ("$JOURNEYSIM scenarios >&-", (1, CLOSED)),
        ("$JOURNEYSIM schema > /dev/full", (1, FULL)),
        ("$JOURNEYSIM scenarios >&- 2>&-", (1, "")),
        ("$JOURNEYSIM check hermit.yaml <&- >&- 2>&-", (1, "")),
        ("$JOURNEYSIM schema | true", (READER_LEFT, "")),
    ],
)
def test_as_a_program(command: str, end: tuple[int, str], place: Path) -> None:
    done = shell(command, place)
    assert (done.returncode, done.stderr, done.stdout) == (*end, "")
    assert (place / "hermit.yaml").read_text() == dump_scenario(MARKETS["hermit"])


def test_output_into_a_pipe_is_whole(place: Path) -> None:
    done = shell("$JOURNEYSIM schema | cat", place)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["properties"]


def test_a_stream_without_a_sign_gets_its_nearest_letters() -> None:
    text = "\N{MINUS SIGN}0.28 \N{PLUS-MINUS SIGN}\N{NO-BREAK SPACE}3 \N{EN DASH} “k\u00f8b” \u4e00"
    assert text.encode("ascii", SPELLED) == b'-0.28 +/- 3 - "koeb" \\u4e00'
    assert text.encode("cp1252", SPELLED).decode("cp1252") == (
        "-0.28 \N{PLUS-MINUS SIGN}\N{NO-BREAK SPACE}3 \N{EN DASH} “k\u00f8b” \\u4e00"
    )
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", SPELLED)
