"""`summary.json` of every command is the same to the byte whenever the same is asked."""

from pathlib import Path

import pytest

import sim.pages.folder
from proof import files_of, said_by
from sim.pages.folder import SUMMARY
from tools.unfinished import plain_pages

COMMANDS = {
    "run": "run stall.yaml",
    "replicates": "run stall.yaml --replicates 2",
    "compare": "compare market.yaml --replicates 2 --variant easier:journey.checkout.abandon=0.1",
    "touchpoints": "touchpoints helped.yaml --replicates 2",
    "optimise": "optimise market.yaml --evaluations 25 --replicates 2",
    "frontier": "experiment frontier.yaml",
    "belief": "experiment belief.yaml",
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with small markets, where nothing is drawn."""
    monkeypatch.chdir(tmp_path)
    files_of(tmp_path)
    plain_pages(monkeypatch)
    monkeypatch.setattr(sim.pages.folder, "make_report", lambda *of, **more: "a page")
    return tmp_path


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_same_question_has_the_same_summary(name: str, place: Path) -> None:
    found = []
    for threads in ("1", "2"):
        words = COMMANDS[name]
        option = "--workers" if words.startswith("experiment") else "--threads"
        code, said = said_by(f"{words} {option} {threads} --out made-{threads}")
        assert code == 0, said
        files = sorted((place / f"made-{threads}").rglob(SUMMARY))
        assert files
        found.append([file.read_bytes() for file in files])
    assert found[0] == found[1]
