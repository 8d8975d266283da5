"""What editors and readers of a study get: its schema, and its page made anew."""

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from sim.cli import main
from sim.questions.levers.study import Study
from sim.questions.levers.tables import LEVER, MEASURE, SENSITIVITY
from sim.questions.levers.tables import RUNS as STUDY_RUNS
from sim.runs.dataset import RUNS
from tools.changed_folders import sign
from tools.declared import assert_declared
from worlds.studies import write_tiny

DESIGN = {"measure: [": "design: {method: one_at_a_time}\nmeasure: ["}


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder of a finished study."""
    words = ["experiment", str(write_tiny(tmp_path, DESIGN)), "--workers", "1", "--quiet"]
    assert main([*words, "--out", str(tmp_path / "study")]) == 0
    capsys.readouterr()
    return tmp_path / "study"


def test_the_schema_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--study"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["properties"]) == set(Study.model_fields)
    assert set(found["required"]) == {"name", "scenario", "vary", "measure"}
    ways = found["properties"]["vary"]["additionalProperties"]["anyOf"]
    assert [way.get("type", way.get("$ref")) for way in ways] == ["#/$defs/Range", "array"]
    assert main(["schema"]) == 0
    assert "journey" in json.loads(capsys.readouterr().out)["properties"]


def test_the_files_have_the_columns_that_are_declared(place: Path) -> None:
    assert_declared(place / "sensitivity.parquet", SENSITIVITY)
    stored = parquet.read_schema(place / "runs.parquet").names
    about = json.loads((place / "study.json").read_text())
    own = {LEVER: list(about["levers"]), MEASURE: about["measures"]}
    assert stored == [each for name in STUDY_RUNS.names for each in own.get(name, [name])]


def test_the_page_of_a_study_is_made_anew(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["report.html", "sensitivity.parquet", RUNS]
    before = [(place / name).read_bytes() for name in files]
    for name in files[:2]:
        (place / name).unlink()
    assert main(["report", str(place)]) == 0
    assert capsys.readouterr().out == f"{place / 'report.html'}\n"
    assert [(place / name).read_bytes() for name in files] == before
    assert main(["report", str(place), "--language", "da"]) == 0
    assert "Følsomhed" in (place / "report.html").read_text()


def test_the_page_names_the_model_that_made_the_runs(place: Path) -> None:
    about = json.loads((place / "study.json").read_text())["about"]
    about |= {"source": "0123456789abcdef", "version": "0.0.9"}
    sign(place, "study.json", about=about)
    assert main(["report", str(place), "--quiet"]) == 0
    page = (place / "report.html").read_text()
    assert "hash of its source code 0123456789abcdef" in page
    assert "journeysim 0.0.9" in page


def test_a_study_that_is_not_finished_has_no_page(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = parquet.read_table(place / RUNS)
    parquet.write_table(table.slice(0, 3), place / RUNS)
    sign(place, "study.json")
    assert main(["report", str(place)]) == 2
    assert "is not the table of" in capsys.readouterr().err
    (place / RUNS).unlink()
    assert main(["report", str(place)]) == 2
    assert "holds a study that is not finished; go on with" in capsys.readouterr().err


def test_studies_are_not_shown_side_by_side(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(place), str(place.parent)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
