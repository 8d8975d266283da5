"""`journeysim touchpoints`: what it prints, writes and refuses."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

import sim.pages.answers
from sim.cli import main
from sim.folders import as_json, open_folder
from sim.pages.folder import summary_text
from sim.pages.touchpoints import touchpoints_page, verdict
from sim.pages.words import numbers
from sim.pages.words.language import speaking
from sim.questions.touchpoints.effects import EffectsStudy, TouchpointsRequest, study
from sim.questions.touchpoints.tables import (
    CREDIT,
    EFFECTS,
    KEYS,
    MODELS,
    MONEY_TABLE,
    PLANS,
    REGRET,
    REPLICATES,
)
from sim.runs.store import Store
from sim.scenario.dump import dump_scenario
from tools.declared import assert_declared
from worlds.help_desk import helped

FILES = {
    "answer.json",
    "effects.parquet",
    "manifest.json",
    "money.parquet",
    "replicates.parquet",
    "scenario.yaml",
    "summary.json",
    "touchpoints.html",
}
CREDIT_FILES = {"credit.parquet", "models.parquet", "plans.parquet", "regret.parquet"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with the toy market in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(dump_scenario(helped(agents=300, days=20)))
    return tmp_path


@pytest.fixture(scope="module")
def made() -> EffectsStudy:
    request = TouchpointsRequest(replicates=2, players=("help", "poster"), curves=True)
    return study(helped(agents=300, days=20), request)


def test_it_writes_a_folder_and_prints_its_page(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["touchpoints", "m.yaml", "--replicates", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    page = place / lines[-1]
    assert page.name == "touchpoints.html"
    assert set(os.listdir(page.parent)) == FILES | CREDIT_FILES
    manifest = open_folder(page.parent).said
    assert {"manifest.json", *manifest["files"]} == FILES | CREDIT_FILES
    assert any(line.startswith("Help") for line in lines)
    assert any("times as many runs" in line for line in lines)
    assert any(line.startswith("Largest incremental effect: Help, ") for line in lines)
    assert any("1 of 2" in line for line in lines)
    for table in (EFFECTS, MONEY_TABLE, REPLICATES, CREDIT, MODELS, PLANS, REGRET):
        assert_declared(page.parent / f"{table.name}.parquet", table)
    replicates = pd.read_parquet(page.parent / "replicates.parquet")
    assert set(replicates["seed"]) == {3}
    before = page.read_bytes()
    page.unlink()
    assert main(["report", str(page.parent), "--quiet"]) == 0  # from what was written
    assert page.read_bytes() == before


def test_the_page_says_what_a_terminal_says(made: EffectsStudy) -> None:
    for language in ("en", "da"):
        with speaking(language):
            page, told = touchpoints_page(made, "command"), verdict(made)
        # the page keeps a sign for per cent on the line of its number
        page = page.replace(f"{numbers.SPACE}%", " %").replace(f"%{numbers.HYPHEN}", "%-")
        assert told
        assert [line for line in told if line not in page] == []


def test_the_summary_equals_the_tables(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["touchpoints", "m.yaml", "--replicates", "2", "--out", "t", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    stored = json.loads((place / "t" / "summary.json").read_text())
    assert as_json(stored) == summary_text(found)  # all but the clocks
    table = pd.read_parquet(place / "t" / "effects.parquet").set_index(["kind", "name", "outcome"])
    rows = pd.read_parquet(place / "t" / "replicates.parquet")
    for kind in ("knock_out", "step"):
        line = table.loc[(kind, "help", "margin")]
        assert found["touchpoints"]["help"][kind]["margin"] == [
            line["value"],
            line["low"],
            line["high"],
        ]
        mine = rows.query(f"kind == '{kind}' and name == 'help' and outcome == 'margin'")
        assert mine["value"].mean() == pytest.approx(line["value"])
        assert mine["value"].std() / 2**0.5 == pytest.approx(line["se"])
    assert {key.split(".")[0] for key in KEYS} == set(found)
    credit = pd.read_parquet(place / "t" / "credit.parquet").set_index(["model", "touchpoint"])
    direct = found["attribution"]["models"]["last_click"]["direct"]
    assert credit.loc[("last_click", "(direct)"), "share_of_all"] == direct


def test_attribution_can_be_left_out(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["touchpoints", "m.yaml", "--replicates", "1", "--no-attribution", "--out", "t"]
    assert main(arguments) == 0
    assert "analytics" not in capsys.readouterr().out
    assert set(os.listdir(place / "t")) == FILES
    assert "attribution" not in json.loads((place / "t" / "summary.json").read_text())
    manifest = open_folder(place / "t").said
    assert manifest["command"].endswith(" --no-attribution")


def test_json_without_a_folder_writes_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(os.listdir(place))
    assert main(["touchpoints", "m.yaml", "--json", "--agents", "200", "--days", "5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["agents"], found["days"]) == (200, 5)
    assert set(os.listdir(place)) == before


def test_the_same_study_gives_the_same_page_in_either_language(made: EffectsStudy) -> None:
    again = study(made.scenario, made.request, Store(threads=1))
    for language in ("en", "da"):
        with speaking(language):
            page = touchpoints_page(made, "command")
            assert page == touchpoints_page(again, "command")
    assert 'lang="da"' in page
    assert page.count("<svg") == 3 + 1  # knock-outs, steps, shares; one curve: the poster is free
    assert "nan" not in page.lower().replace("finan", "")
    assert "<script" not in page


def test_a_danish_page_has_no_english_sentence(made: EffectsStudy) -> None:
    with speaking("en"):
        english = touchpoints_page(made, "command")
    with speaking("da"):
        danish = touchpoints_page(made, "command")
    sentences = [line for line in english.splitlines() if line.startswith("<p>")]
    assert len(sentences) > 5
    assert [line for line in sentences if line in danish] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "neither a file nor a scenario"),
        (["m.yaml", "--step", "0"], "step"),
        (["m.yaml", "--replicates", "2", "--precision", "0.1"], "not both"),
        (["m.yaml", "--shapley", "help,psoter"], "did you mean `poster`?"),
        (
            ["m.yaml", "--shapley", "help"],
            "shapley: 1 touchpoint is given; allowed: 2 to 12 touchp",
        ),
        (["m.yaml", "--threads", "0"], "threads"),
        (["m.yaml", "--language", "tlh"], "language"),
        (["m.yaml", "--out", "m.yaml"], "is a file"),
    ],
)
def test_nonsense_is_one_sentence_and_code_2(
    arguments: list[str], said: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(os.listdir(place))
    assert main(["touchpoints", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert set(os.listdir(place)) == before


def test_stopped_it_leaves_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    words = ["touchpoints", "m.yaml", "--replicates", "1", "--out", "t"]
    with monkeypatch.context() as patch:
        patch.setattr(sim.pages.answers, "write_text", stopped)
        assert main(words) == 130
    assert sorted(os.listdir(place)) == ["m.yaml", "t.unfinished"]
    words.append("--resume")
    monkeypatch.setattr(sim.pages.answers, "touchpoints_page", stopped)
    assert main(words) == 130
    open_folder(place / "t").check()  # results come before pages
    assert set(os.listdir(place / "t")) == (FILES | CREDIT_FILES) - {"touchpoints.html"}
    assert [name for name in os.listdir(place) if name.startswith(".")] == []
