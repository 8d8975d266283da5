"""Damage in unfinished work is told and redone; what is somebody else's is left as it is.

Each of these was once believed, followed or refused; `test_fuzz` found it.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fuzz_bases import BASES, Base, make_base, quick
from sim.cli import WRONG_INPUT, main
from sim.folders import open_folder
from sim.runs.unfinished import STUDY

BY_NAME = {base.name: base for base in BASES}


@pytest.fixture(scope="module", autouse=True)
def quickly() -> Iterator[None]:
    with quick():
        yield


def begun(name: str, around: Path, patch: pytest.MonkeyPatch) -> Base:
    """The working folder of a base, which is the current one from now on."""
    make_base(BY_NAME[name], around / "work")
    patch.chdir(around / "work")
    return BY_NAME[name]


@pytest.mark.parametrize("file", ["flows.parquet", "manifest.json", "summary.json", "report.html"])
@pytest.mark.parametrize("how", ["cut", "missing"])
def test_a_damaged_replicate_is_made_again(
    file: str,
    how: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    base = begun("partial replicates", tmp_path, monkeypatch)
    place = Path("made.partial/replicate-02")
    whole = place.joinpath("summary.json").read_bytes()
    hurt = place / file
    content = hurt.read_bytes()
    hurt.unlink()
    if how == "cut":
        hurt.write_bytes(content[: len(content) // 2])
    capsys.readouterr()
    assert main(list(base.commands[0].words)) == 0
    assert "note: made.partial/replicate-02" in capsys.readouterr().err
    assert Path("made/replicate-02/summary.json").read_bytes() == whole
    open_folder(Path("made/replicate-02")).check()


def test_a_damaged_replicate_with_a_letter_in_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = begun("partial replicates", tmp_path, monkeypatch)
    place = Path("made.partial/replicate-01")
    (place / "letter.txt").write_text("dear")
    (place / "flows.parquet").write_bytes(b"PAR1")
    capsys.readouterr()
    assert main(list(base.commands[0].words)) == WRONG_INPUT
    assert "it also holds letter.txt. Move it away" in capsys.readouterr().err
    assert (place / "letter.txt").read_text() == "dear"


def test_a_pipe_among_replicates_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = begun("replicates before the last step", tmp_path, monkeypatch)
    Path("made.partial/manifest.json").unlink()
    os.mkfifo("made.partial/manifest.json")
    capsys.readouterr()
    assert main(list(base.commands[0].words)) == WRONG_INPUT
    assert capsys.readouterr().err.endswith(
        "made.partial is left as it is: it also holds manifest.json; move it away, or choose"
        " another folder.\n"
    )


def test_nothing_is_written_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun("partial replicates", tmp_path, monkeypatch)
    outside = Path("beside/result").resolve()
    shutil.rmtree("made.partial/replicate-01")
    Path("made.partial/replicate-01").symlink_to(outside)
    before = sorted((f.name, f.read_bytes()) for f in outside.iterdir())
    capsys.readouterr()
    assert main(list(BY_NAME["partial replicates"].commands[0].words)) == WRONG_INPUT
    assert "it also holds replicate-01" in capsys.readouterr().err
    assert sorted((f.name, f.read_bytes()) for f in outside.iterdir()) == before


@pytest.mark.parametrize("name", ["parts", "finished.jsonl", "study.yaml"])
def test_a_study_does_not_go_on_through_a_link(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    base = begun("unfinished study", tmp_path, monkeypatch)
    outside = Path("beside").resolve() / "moved"
    shutil.move(f"made/{name}", outside)
    Path(f"made/{name}").symlink_to(outside)
    before = os.listdir(outside) if outside.is_dir() else outside.read_bytes()
    capsys.readouterr()
    assert main(list(base.commands[0].words)) == WRONG_INPUT
    assert capsys.readouterr().err == f"made is damaged: {name} is a symbolic link.\n"
    assert before == (os.listdir(outside) if outside.is_dir() else outside.read_bytes())


def test_a_damaged_study_file_is_written_again_and_not_vouched_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = begun("unfinished study", tmp_path, monkeypatch)
    file = Path("made/study.yaml")
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"40.0", b"41.0"))
    capsys.readouterr()
    assert main(list(base.commands[0].words)) == 0
    assert "study.yaml: its content has changed; it is written again" in (capsys.readouterr().err)
    assert file.read_bytes() == whole
    open_folder(Path("made"), STUDY).check()


def test_parts_go_on_beside_the_last_number_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = begun("unfinished study", tmp_path, monkeypatch)
    part = sorted(Path("made/parts").iterdir())[0]
    part.rename(part.with_name(f"part-999999{part.name[11:]}"))
    assert main(list(base.commands[0].words)) == 0


@pytest.mark.parametrize("name", ["report.html", "figures"])
def test_a_page_that_has_no_room_is_refused_before_anything_is_written(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    begun("run of hermit", tmp_path, monkeypatch)
    place = Path("made") / name
    if name == "figures":
        place.write_text("mine")
    else:
        place.unlink()
        place.mkdir()
    before = Path("made/manifest.json").read_bytes()
    capsys.readouterr()
    assert main(["report", "made"]) == WRONG_INPUT
    kind = "folder" if name == "figures" else "file"
    assert capsys.readouterr().err == f"made is damaged: {name}: it is not a {kind}.\n"
    assert Path("made/manifest.json").read_bytes() == before


def test_a_manifest_of_before_lists_names_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun("run of hermit, as of before", tmp_path, monkeypatch)
    file = Path("made/manifest.json")
    said = json.loads(file.read_text())
    said["files"].append({"a": 1})
    file.write_text(json.dumps(said))
    capsys.readouterr()
    assert main(["report", "made"]) == WRONG_INPUT
    assert capsys.readouterr().err == (
        "made is damaged: manifest.json: files is not a list of names.\n"
    )
