"""Going on with a study of paired runs: the same folder, no finished run made twice, none lost."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import sim.cli.commands.questions
import sim.pages.answers
from sim.cli import INTERRUPTED, main
from tools.unfinished import (
    FOLDER,
    PLACE,
    Make,
    begin,
    inside,
    interrupted,
    kept,
    sentence,
    undisturbed_in,
)
from worlds.commands import COMMANDS, TOWN, write_files

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """What a command does that nothing disturbs, done when it is first asked for."""
    return undisturbed_in(tmp_path_factory.mktemp("undisturbed"), TOWN)


@pytest.mark.parametrize(
    ("command", "threads"),
    [
        ("optimise", "2"),
        ("compare", "2"),
        ("touchpoints", "2"),
        ("export-mmm", "1"),
        ("frontier", "1"),
        ("belief", "2"),
    ],
)
def test_however_often_interrupted_it_is_the_same_folder_and_no_run_is_made_twice(
    command: str,
    threads: str,
    place: Path,
    undisturbed: Make,
    made: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_files(place, TOWN)
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


def test_what_analytics_would_say_is_kept_too(
    made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["touchpoints", "market.yaml", "--replicates", "1", "--out", str(PLACE)]
    assert main(words) == 0
    before, runs = inside(PLACE), len(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.pages.answers, "put_folder", interrupt)
        assert main(words) == INTERRUPTED
    assert len(made) == 2 * runs
    assert main([*words, "--resume"]) == 0
    assert len(made) == 2 * runs  # paths, plans of every model and all: nothing is done again
    assert inside(PLACE) == before


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("plain_page")
def test_kept_runs_count_as_done(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted("compare", 4, "--threads", "1")
    before = len(kept())
    told: list[tuple[float, float]] = []

    @contextmanager
    def bar(*options: Any, **more: Any) -> Iterator[Any]:
        yield lambda done, of: told.append((done, of))

    monkeypatch.setattr(sim.cli.commands.questions, "progress_bar", bar)
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
    def bar(*options: Any, **more: Any) -> Iterator[Any]:
        def look(done: float, of: float) -> None:
            seen.append(done)
            if done >= 3.0:
                raise KeyboardInterrupt

        yield look

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.cli.commands.questions, "progress_bar", bar)
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
