"""Answers: what a question found comes back from its folder, and its page is made of that alone."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli import WRONG_INPUT, main
from sim.folders import Damaged, open_folder
from sim.measures.figure import Undefined
from sim.pages.answers import telling_of
from sim.questions.kinds import ANSWERS, answer_in
from sim.questions.question import ANSWER, Answer, answer_text
from sim.runs.store import to_plain
from tools.changed_folders import sign
from tools.unfinished import inside
from worlds.commands import COMMANDS, write_files

MOST_SHOWN = 4
PAGED = [name for name in COMMANDS if name != "export-mmm"]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an answer of each kind in it, in Danish, and what was asked about."""
    found = tmp_path_factory.mktemp("answers")
    write_files(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(found)
        for name in PAGED:
            words = [word for word in COMMANDS[name] if word != "--no-attribution"]
            assert main([*words, "--out", name, "--language", "da", "--quiet"]) == 0
    return found


@pytest.fixture
def place(around: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the working folder."""
    monkeypatch.chdir(around)
    return around


def read(place: Path) -> Answer:
    return answer_in(open_folder(place))


def page_of(place: Path) -> Path:
    return place / telling_of(read(place)).file


@pytest.mark.parametrize("name", PAGED)
def test_its_page_is_made_anew_in_either_language_without_a_run(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, page = inside(place / name), page_of(Path(name))
    danish = page.read_bytes()
    monkeypatch.setattr("sim.engine.day.run_fast", None)  # nothing can be run
    assert main(["report", name, "--quiet"]) == 0
    assert b'lang="en"' in page.read_bytes()
    page.unlink()
    assert main(["report", name, "--language", "da", "--quiet"]) == 0
    assert page.read_bytes() == danish
    assert inside(place / name) == before


@pytest.mark.parametrize("name", PAGED)
def test_what_is_read_is_what_was_written(name: str, place: Path) -> None:
    found = read(place / name)
    assert type(found) in ANSWERS.values()
    assert answer_text(found) == (place / name / ANSWER).read_text()
    with_clock = {"seconds", "independent_seconds"}
    stored = json.loads((place / name / "summary.json").read_text())
    assert {k: v for k, v in telling_of(found).summary(found).items() if k not in with_clock} | {
        "attribution": None
    } == stored | {"attribution": None}
    assert sim.read(place / name) == found
    assert found.command().startswith("journeysim ")


@pytest.mark.parametrize("name", PAGED)
def test_a_changed_answer_is_refused(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place / name / ANSWER
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"1", b"2", 1))
    assert main(["report", name]) == WRONG_INPUT
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ANSWER in said
    file.write_bytes(whole)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every place of nested plain values, with the value there."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in items:
        found.append((value, key))
        if isinstance(item, dict | list):
            found += places_in(item)
    return found


@pytest.mark.parametrize("name", PAGED)
def test_a_forged_answer_is_refused_or_told_without_a_traceback(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed anew, with one value of another type, at random."""
    file, luck = place / name / ANSWER, random.Random(7)
    whole = file.read_text()
    manifest = (place / name / "manifest.json").read_bytes()
    refused = shown = 0
    for _ in range(40):
        content = json.loads(whole)
        inner, key = luck.choice(places_in(content))
        inner[key] = luck.choice([None, "x", [], {}, [[1]], {"$undefined": [1]}, -1e308])
        file.write_text(json.dumps(content))
        sign(place / name)
        try:
            answer_in(open_folder(place / name))
        except Damaged as error:
            refused += ANSWER in error.message
            continue
        shown += 1
        if shown < MOST_SHOWN:  # with a value that can be: then parts of the page may be missing
            main(["report", name, "--quiet"])
            assert "unforeseen" not in capsys.readouterr().err
    assert refused >= 10
    assert refused + shown == 40
    file.write_text(whole)
    (place / name / "manifest.json").write_bytes(manifest)
    assert main(["report", name, "--language", "da", "--quiet"]) == 0


def test_a_folder_of_before_says_how_to_make_it_again(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = place / "compare" / ANSWER
    whole, manifest = file.read_bytes(), (place / "compare" / "manifest.json").read_bytes()
    file.unlink()
    said = json.loads(manifest)
    del said["kind"], said["files"][ANSWER]
    (place / "compare" / "manifest.json").write_text(json.dumps(said))
    sign(place / "compare")
    assert main(["report", "compare"]) == WRONG_INPUT
    assert "older version of journeysim" in capsys.readouterr().err
    file.write_bytes(whole)
    (place / "compare" / "manifest.json").write_bytes(manifest)


def test_plain_values_and_what_is_none() -> None:
    reason = Undefined("{count} months", count=3)
    assert to_plain([1, 2.5, None, True, float("inf"), reason]) == [
        *(1, 2.5, None, True, "inf"),
        {"$undefined": ["{count} months", {"count": 3}]},
    ]
    assert Undefined.read(to_plain(reason)) == reason
    with pytest.raises(TypeError, match="object is no plain data"):
        to_plain(object())
    for wrong in ({}, {"$undefined": []}, {"$undefined": ["{a:>99}", {"a": 1}]}, "x", [1]):
        with pytest.raises(ValueError, match=r".+"):
            Undefined.read(wrong)


def test_the_public_functions_are_the_commands(place: Path, tmp_path: Path) -> None:
    """The same question gives the same folder, asked by a function or by a command."""
    market = sim.load_scenario("market.yaml")
    variant = COMMANDS["compare"][-1]
    store = sim.Store(threads=1)
    found = {
        "compare": sim.compare([market], [variant], store=store, replicates=5),
        "touchpoints": sim.touchpoints("market.yaml", store=store, replicates=2),
        "optimise": sim.optimise(market, evaluations=25, replicates=2),
    }
    for name, answer in found.items():
        assert sim.write(answer, tmp_path / name, "da").parent == tmp_path / name
        assert inside(tmp_path / name) == inside(place / name)
    with pytest.raises(Exception, match="did you mean `replicates`"):
        sim.compare([market], [variant], replicate=5)
