"""Exports for spreadsheets: .xlsx files, and CSV with semicolons and decimal commas."""

import errno
import io
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from sim.cli import main
from sim.errors import InputError, NotWritten
from sim.pages.folder import write_folder
from sim.records.recorder import Records
from sim.runs.exports import daily, event_log, weekly, write_export
from sim.runs.exports.files import FORMATS, MARK
from sim.runs.exports.spreadsheet import MOST_COLUMNS, MOST_ROWS, check_size, is_marked, sheet_of
from sim.runs.run import Run, run
from sim.vocabulary import EventCode
from worlds.by_hand import by_hand, nothing_happened, run_of
from worlds.markets import MARKETS

KINDS = sorted(FORMATS)
DATES = {"events": "timestamp", "daily": "date", "weekly": "date_week"}
FRAMES = {"events": event_log, "daily": daily, "weekly": weekly}


@pytest.fixture(scope="module")
def town() -> Run:
    """A run with everything in it."""
    return run(MARKETS["town"])


@pytest.fixture(scope="module")
def made(town: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its result folder, and its exports as .xlsx and as CSV with commas, by format."""
    place = tmp_path_factory.mktemp("spreadsheets")
    write_folder(town, place / "town")
    for kind in KINDS:
        write_export(town, kind, place / f"{kind}.xlsx")
        write_export(town, kind, place / f"{kind}.csv", decimal_comma=True)
        write_export(town, kind, place / f"{kind}-point.csv")
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of a test's own, with the result folder in it."""
    shutil.copytree(made / "town", tmp_path / "town")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(*arguments: str) -> int:
    return main(["export", *arguments])


def sheet(file: Path | io.BytesIO) -> Any:
    """The only sheet of an .xlsx file."""
    (found,) = openpyxl.load_workbook(file).worksheets
    return found


# .xlsx


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_holds_what_the_frame_holds(made: Path, town: Run, kind: str) -> None:
    found = pd.read_excel(made / f"{kind}.xlsx", sheet_name=kind)
    frame = FRAMES[kind](town)
    assert list(found.columns) == list(frame.columns)
    assert len(found) == len(frame) > 0
    for name in frame:
        expected, held = frame[name], found[name]
        assert list(held.isna()) == list(expected.isna())
        there = expected.notna()
        if pd.api.types.is_float_dtype(expected):
            rel = 1e-6 if expected.dtype == np.float32 else 1e-15
            np.testing.assert_allclose(held[there].astype(float), expected[there], rtol=rel)
        else:
            assert list(held[there]) == list(expected[there])


@pytest.mark.parametrize("kind", KINDS)
def test_dates_are_dates_numbers_numbers_and_text_text(made: Path, town: Run, kind: str) -> None:
    heading, *rows = sheet(made / f"{kind}.xlsx").iter_rows()
    frame = FRAMES[kind](town)
    assert all(cell.data_type == "s" for cell in heading)
    types = {name: "s" if frame[name].dtype.kind in "OT" else "n" for name in frame}
    types |= {DATES[kind]: "d", "visit": "b"}
    forms = {"timestamp": "yyyy-mm-dd hh:mm:ss", "date": "yyyy-mm-dd", "date_week": "yyyy-mm-dd"}
    for row in rows:
        for title, cell in zip(heading, row, strict=True):
            if cell.value is not None:
                expected = "s" if pd.api.types.is_string_dtype(frame[title.value]) else None
                assert cell.data_type == (expected or types[title.value]), title.value
            if title.value in forms:
                assert cell.number_format == forms[title.value]


def test_the_numbers_of_events_are_those_that_csv_has(made: Path) -> None:
    """0.3 and not 0.30000001192092896, as which a number of single precision is known."""
    text = pd.read_csv(made / "events-point.csv").value
    assert list(pd.read_excel(made / "events.xlsx").value) == list(text)


def test_the_same_run_gives_the_same_bytes(
    made: Path, town: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setenv("TZ", "Pacific/Apia")
    time.tzset()
    try:
        for kind in KINDS:
            write_export(town, kind, tmp_path / f"{kind}.xlsx")
            assert (tmp_path / f"{kind}.xlsx").read_bytes() == (made / f"{kind}.xlsx").read_bytes()
    finally:
        monkeypatch.undo()
        time.tzset()
    book = openpyxl.load_workbook(made / "daily.xlsx")
    assert f"{book.properties.created:%Y-%m-%d %H:%M}" == "2025-01-01 00:00"
    assert book.properties.created == book.properties.modified


HOSTILE = ["=1+1", '=HYPERLINK("http://a.example")', "+1", "-1", "@SUM(1)", "1e5", "2025-01-01"]
HOSTILE += ["http://a.example", "mailto:a@a.example", "{=1}", "", " ", "true", "a\nb", "\x01", "æ"]


def test_text_stays_text_whatever_it_begins_with() -> None:
    table = pa.table({"=1+1": HOSTILE, "n": pa.array(range(len(HOSTILE)), pa.int64())})
    content = sheet_of(table, "daily", MARK)
    found = sheet(io.BytesIO(content))
    cells = [row[0] for row in found.iter_rows()]
    assert found["A1"].value == "=1+1"
    with ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not [name for name in archive.namelist() if "hyperlink" in name.lower()]
    assert "<f>" not in text
    assert "hyperlink" not in text
    assert text.count('t="inlineStr"') == len(HOSTILE) + 2  # and two headings
    kept = [cell.value for cell in cells[1:]]
    assert kept[0] == "=1+1"


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_of_a_name_begins_a_formula(made: Path, kind: str) -> None:
    """Names of a scenario begin with a letter, and so does all text that is made of them."""
    frame = pd.read_csv(made / f"{kind}-point.csv", parse_dates=[DATES[kind]])
    assert all(name[0].isalpha() for name in frame)
    for name in frame:
        if pd.api.types.is_string_dtype(frame[name]):
            assert frame[name].dropna().str[0].str.isalpha().all(), name


def test_a_sheet_that_is_too_small_is_said() -> None:
    check_size(MOST_ROWS - 1, MOST_COLUMNS)
    with pytest.raises(InputError, match=r"has 1,048,576 rows, and a sheet .* holds 1,048,575;"):
        check_size(MOST_ROWS, 2)
    with pytest.raises(InputError, match=r"has 16,385 columns, and a sheet .* holds 16,384;"):
        check_size(2, MOST_COLUMNS + 1)


def test_a_run_that_is_too_long_for_a_sheet_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.exports.spreadsheet.MOST_ROWS", 10)
    records = nothing_happened(by_hand(days=10))
    with pytest.raises(InputError, match=r"write a \.csv or \.parquet file"):
        write_export(run_of(records), "daily", tmp_path / "d.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("what", ["zip", "text", "empty", "other", "long"])
def test_only_what_is_marked_is_an_export(what: str) -> None:
    content = io.BytesIO()
    if what == "text":
        content.write(b"mine")
    elif what != "empty":
        with ZipFile(content, "w") as archive:
            name = {"zip": "a.txt", "other": "docProps/custom.xml"}.get(what, "docProps/custom.xml")
            archive.writestr(name, "x" * 10**6 if what == "long" else "<Properties/>")
    content.seek(0)
    assert not is_marked(content, "daily", MARK)


def test_a_file_of_the_library_is_marked() -> None:
    content = sheet_of(pa.table({"a": [1.0]}), "daily", MARK)
    assert is_marked(io.BytesIO(content), "daily", MARK)
    assert not is_marked(io.BytesIO(content), "weekly", MARK)
    assert not is_marked(io.BytesIO(content[:-30]), "daily", MARK)


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_replaces_one_of_its_kind_only(
    place: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    other = KINDS[(KINDS.index(kind) + 1) % len(KINDS)]
    assert export("town", "--format", kind, "--out", "it.xlsx") == 0
    first = (place / "it.xlsx").read_bytes()
    assert export("town", "--format", kind, "--out", "it.xlsx") == 0
    assert (place / "it.xlsx").read_bytes() == first
    capsys.readouterr()
    assert export("town", "--format", other, "--out", "it.xlsx") == 2
    assert f"it is not an export of {other}" in capsys.readouterr().err
    assert (place / "it.xlsx").read_bytes() == first


def test_a_spreadsheet_of_somebody_s_own_stays(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "date"
    book.save(place / "mine.xlsx")
    before = (place / "mine.xlsx").read_bytes()
    assert export("town", "--format", "daily", "--out", "mine.xlsx") == 2
    assert "was not changed" in capsys.readouterr().err
    assert (place / "mine.xlsx").read_bytes() == before


def test_a_full_disk_leaves_nothing(
    town: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    for name in ("write", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            with pytest.raises(NotWritten, match="the disk is full"):
                write_export(town, "weekly", tmp_path / "w.xlsx")
        assert not list(tmp_path.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkstemp", full)
        with pytest.raises(NotWritten, match="the disk is full"):
            write_export(town, "weekly", tmp_path / "w.xlsx")
    assert not list(tmp_path.iterdir())


# Decimal commas.


@pytest.mark.parametrize("kind", KINDS)
def test_a_european_spreadsheet_reads_the_same(made: Path, kind: str) -> None:
    dates = [DATES[kind]]
    comma = pd.read_csv(
        made / f"{kind}.csv", sep=";", decimal=",", encoding="utf-8-sig", parse_dates=dates
    )
    point = pd.read_csv(made / f"{kind}-point.csv", parse_dates=dates)
    pd.testing.assert_frame_equal(comma, point, check_exact=True)
    content = (made / f"{kind}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\xef\xbb\xbf") == 1
    lines = content.decode("utf-8-sig").splitlines()
    assert len({line.count(";") for line in lines}) == 1
    assert "," not in lines[0]
    assert '"' not in content.decode("utf-8-sig")


def test_large_and_small_numbers_have_commas_too(tmp_path: Path) -> None:
    records: Records = nothing_happened(by_hand(days=4))
    spend = [1234567.25, 1e-9, 1e22, 0.0]
    records.spend[:, 0] = spend
    write_export(run_of(records), "daily", tmp_path / "d.csv", decimal_comma=True)
    lines = (tmp_path / "d.csv").read_text(encoding="utf-8-sig").splitlines()
    column = lines[0].split(";").index("web_spend")
    cells = [line.split(";")[column] for line in lines[1:]]
    assert cells[0] == "1234567,25"
    assert [float(cell.replace(",", ".")) for cell in cells] == spend
    assert not any("." in line for line in lines[1:])


def test_a_decimal_comma_leaves_names_alone(tmp_path: Path) -> None:
    """A competitor's offer has a point in its name."""
    records = nothing_happened(by_hand(competitors={"chain": {"offers": {"fine": {"price": 5.5}}}}))
    events = np.zeros(1, dtype=records.events.dtype)
    events["event"], events["value"] = EventCode.LOST_TO_COMPETITOR, 5.5
    lost = run_of(replace(records, events=events))
    write_export(lost, "events", tmp_path / "e.csv", decimal_comma=True)
    line = (tmp_path / "e.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert line.startswith(
        "customer 0;2025-01-01 00:00:00;lost to competitor: chain.fine;lost_to_competitor;0;all;"
    )
    assert line.endswith(";5,5")


def test_a_csv_export_replaces_the_other_way_of_writing_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("town", "--format", "daily", "--out", "d.csv")
    assert export(*told) == 0
    assert export(*told, "--decimal-comma") == 0
    comma = (place / "d.csv").read_bytes()
    assert export(*told) == 0
    assert (place / "d.csv").read_bytes() != comma
    assert export(*told, "--decimal-comma") == 0
    assert (place / "d.csv").read_bytes() == comma
    capsys.readouterr()
    assert export("town", "--format", "weekly", "--out", "d.csv", "--decimal-comma") == 2
    assert "it is not an export of weekly" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_a_decimal_comma_is_for_csv_only(
    place: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    told = ("town", "--format", "daily", "--out", f"d.{ending}", "--decimal-comma")
    assert export(*told) == 2
    out, err = capsys.readouterr()
    assert err == f"d.{ending} cannot be written with a decimal comma: only a .csv file can.\n"
    assert (out, os.listdir(place)) == ("", ["town"])
