"""What stands in the way of a study, or of going on with it, is told and left as it is."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import sim.questions.compare.question
from sim.cli import WRONG_INPUT, main
from sim.runs import store as finished
from sim.scenario.levers import with_settings
from tools.changed_folders import locked_elsewhere
from tools.unfinished import FOLDER, PLACE, begin, inside, interrupted
from worlds.commands import TRUE, short

pytestmark = pytest.mark.usefixtures("place")


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
        f"{FOLDER} holds this study, unfinished; go on with --resume, remove it,"
        " or choose another folder with --out.\n"
    )
    assert made == []
    assert inside(FOLDER) == before
    shutil.rmtree(FOLDER)
    assert begin("compare") == 0


OTHERS = {
    "compare": ["--replicates 3", "--set offers.offer.price=90", "--seed 8", "--agents 90"],
    "optimise": [
        "--replicates 3",
        "--evaluations 26",
        "--goal new_customers",
        "--bounds one=0..800",
        "--budget 900",
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
            f"{FOLDER} holds another study, or an earlier version of this one; remove it, or choose"
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
    assert "was not changed: it is not a study folder" in capsys.readouterr().err
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
    capsys.readouterr()
    with locked_elsewhere(PLACE) as other:
        assert begin("compare", "--resume") == WRONG_INPUT
    assert f"(process {other}). Wait for it" in capsys.readouterr().err
    assert begin("compare", "--resume") == 0


def test_what_can_never_be_done_leaves_nothing(
    place: Path, made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """That nothing is spent within the run is found out before the first."""
    later = {f"touchpoints.{name}.flight.start_day": 60 for name in TRUE.touchpoints}
    (place / "true.yaml").write_text(short(with_settings(TRUE, overrides=later)))
    before = set(os.listdir(place))
    assert begin("frontier") == WRONG_INPUT
    assert "there is nothing to split" in capsys.readouterr().err
    assert made == []
    assert set(os.listdir(place)) == before


@pytest.mark.usefixtures("plain_page")
def test_what_comes_to_stand_in_the_way_costs_no_run(
    made: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted("compare", float("inf"))
    everything = len(made)
    work = sim.questions.compare.question.compare

    def then_write(*asked: Any, **more: Any) -> Any:
        PLACE.mkdir()
        (PLACE / "letter.txt").write_text("dear")
        return work(*asked, **more)

    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.questions.compare.question, "compare", then_write)
        assert begin("compare", "--resume") == WRONG_INPUT
    assert f"not a result folder. Choose another folder; {everything} runs" in (
        capsys.readouterr().err
    )
    shutil.rmtree(PLACE)
    assert begin("compare", "--resume") == 0
    assert len(made) == everything


def test_a_lock_that_a_killed_command_left_goes_with_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    interrupted("compare", 1)
    lock = FOLDER.with_name(f".{FOLDER.name}.lock")
    lock.write_text('{"process": 1, "command": "journeysim compare"}')
    assert begin("compare", "--resume") == 0
    assert not lock.exists()
