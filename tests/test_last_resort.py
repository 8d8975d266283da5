"""What nobody foresaw is one sentence and a trace in a file; notes are a line each."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from sim import cli
from sim.cli.last_resort import MOST_TRACES, TRACE
from sim.errors import note


@pytest.fixture(autouse=True)
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the traces will be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "journeysim" / "traces"


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `journeysim scenarios` raise `error`."""

    def fail() -> list[str]:
        raise error

    monkeypatch.setattr("sim.scenario.library.library_names", fail)


class Odd(Exception):
    """An exception of somebody else's."""


UNFORESEEN = [
    Odd("two\nlines and \x1b a control character"),
    Odd(),
    Odd("x" * 5000),
    KeyError("name"),
    RecursionError("maximum recursion depth exceeded"),
    EOFError("Ran out of input"),
    AssertionError(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    StopIteration(3),
    ExceptionGroup("several", [ValueError("one"), Odd("other")]),
]


@pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)
def test_the_unforeseen_is_one_sentence_and_a_trace(
    error: Exception,
    traces: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(monkeypatch, error)
    assert cli.main(["scenarios", "--quiet"]) == 1
    out, err = capsys.readouterr()
    (trace,) = traces.iterdir()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert len(err) < 700
    assert err.rstrip("\n").isprintable()
    start = f"journeysim failed with an unforeseen error: {type(error).__name__}"
    assert err.startswith(start)
    assert err.endswith(f"; for details see {trace}\n")
    text = trace.read_text()
    assert TRACE.fullmatch(trace.name)
    assert text.startswith("journeysim scenarios --quiet\n")
    assert "Traceback (most recent call last)" in text
    assert "Python 3." in text
    assert "numba" in text

    assert cli.main(["scenarios", "--json"]) == 1
    out, err = capsys.readouterr()
    (told,) = json.loads(out)["errors"]
    assert err == ""
    assert told["kind"] == "Unforeseen"
    assert told["message"].startswith(start)


@pytest.mark.parametrize(
    "arguments",
    [["--debug", "scenarios"], ["scenarios", "--debug"], ["scenarios", "--debug", "--json"]],
)
def test_debug_prints_the_traceback_too(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, Odd("broken"))
    assert cli.main(arguments) == 1
    out, err = capsys.readouterr()
    assert err.startswith("Traceback (most recent call last)")
    if "--json" in arguments:
        assert "broken" in json.loads(out)["errors"][0]["message"]
    else:
        assert err.splitlines()[-1].startswith("journeysim failed with an unforeseen error")


def test_debug_is_known_to_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    assert "--debug" in capsys.readouterr().out
    for name, _ in cli.COMMANDS:
        assert cli.main([name, "--debug", "--help"]) == 0
        assert cli.main([name, "--help", "--debug"]) == 0
    assert cli.main(["check", "--", "--debug"]) == 2  # there, it is the name of a file
    assert capsys.readouterr().err.startswith("`--debug` is neither")


def test_without_a_place_for_traces_debug_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, Odd("broken"))
    (tmp_path / "cache").write_text("a file")
    assert cli.main(["scenarios"]) == 1
    assert capsys.readouterr().err == (
        "journeysim failed with an unforeseen error: Odd: broken; for details add --debug\n"
    )


def test_old_traces_are_removed_and_nothing_else(
    traces: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, Odd("broken"))
    traces.mkdir(parents=True)
    old = [f"trace-20200101-000000-0000{number:02}-7.txt" for number in range(30)]
    others = ["notes.txt", "trace-mine.txt", old[0] + ".bak", "trace-20200101-000000-1-7.txt"]
    for name in (*old, *others):
        (traces / name).write_text("x")
    assert cli.main(["scenarios"]) == 1
    capsys.readouterr()
    left = {file.name for file in traces.iterdir()}
    assert set(others) <= left
    assert len(left) == MOST_TRACES + len(others)
    assert old[-1] in left
    assert old[30 - MOST_TRACES] not in left


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_too_little_memory_anywhere_is_a_sentence(
    how: list[str],
    traces: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(monkeypatch, MemoryError())
    assert cli.main(["scenarios", *how]) == 1
    out, err = capsys.readouterr()
    assert "there is not enough memory; use fewer --agents." in out + err
    assert len(err.splitlines()) == (0 if how else 1)
    assert not traces.exists()


@pytest.mark.parametrize("how", [[], ["--json"], ["--quiet"]])
def test_notes_are_told_once_each_and_stop_nothing(
    how: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def noting() -> list[str]:
        for _ in range(3):
            note("one thing")
            note("another\nthing")
        return []

    monkeypatch.setattr("sim.scenario.library.library_names", noting)
    before = warnings.showwarning
    for _ in range(2):  # each command tells its own
        assert cli.main(["scenarios", *how]) == 0
        out, err = capsys.readouterr()
        assert err.splitlines() == ["note: one thing", "note: another thing"]
        assert (json.loads(out) if out else {"scenarios": []}) == {"scenarios": []}
    assert warnings.showwarning is before


def test_other_warnings_go_pythons_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def warning() -> list[str]:
        warnings.warn("of a library", RuntimeWarning, stacklevel=1)
        return []

    monkeypatch.setattr("sim.scenario.library.library_names", warning)
    with pytest.warns(RuntimeWarning, match="of a library"):
        assert cli.main(["scenarios"]) == 0
    assert "note:" not in capsys.readouterr().err
