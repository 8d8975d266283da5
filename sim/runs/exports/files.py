"""An export in a file: CSV, Parquet or .xlsx by the file's name, whole or not at all.

A file that stands there is replaced only if it is an export of the same format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from sim.disk import new_file
from sim.disk import write as write_bytes
from sim.errors import BadOption, InputError, check_installed
from sim.folders import is_ours, make_file
from sim.locks import at_work
from sim.records.recorder import Records
from sim.records.table import TIME, Table
from sim.runs.exports import events, periods, spreadsheet

MARK = "journeysim_export"  # in the metadata of a Parquet or an .xlsx file: the format
COMPRESSION = "zstd"
CSV, PARQUET, XLSX = ".csv", ".parquet", ".xlsx"
BYTE_ORDER = b"\xef\xbb\xbf"  # without it Excel takes a CSV file for one of an old code page
LONGEST_HEADING = 1_000_000  # bytes: of the most touchpoints that a scenario can have


@dataclass(frozen=True)
class Export:
    """What is to be written. `name`: the format; `place`: the file; the rest is of some only.

    `case`: what a case of the event log is, `customer` or `journey`. `decimal_comma`: a CSV file
    with semicolons between its fields and a comma as the decimal mark.
    """

    name: str
    place: Path
    case: str = events.CUSTOMER
    decimal_comma: bool = False


class Format(NamedTuple):
    """One format: its table, the columns that every file begins with, and what a row is."""

    table: Callable[[Records, Export], Any]
    first_columns: tuple[str, ...]
    row: str


def _of_periods(table: Callable[[Records], Any], declared: Table, row: str) -> Format:
    first = tuple(periods.for_touchpoints(declared, ()).names)
    return Format(lambda records, _: table(records), first, row)


EVENTS = "events"
FORMATS = {
    EVENTS: Format(
        lambda records, export: events.event_table(records, export.case),
        tuple(events.EVENTS.names),
        "event",
    ),
    "daily": _of_periods(periods.day_table, periods.DAILY, "day"),
    "weekly": _of_periods(periods.week_table, periods.WEEKLY, "week"),
}


def check_file(export: Export) -> None:
    """Make sure that an export may be written.

    Raises `InputError` if there is no such format, case or kind of file, if an option does not fit
    the rest, if the file needs an extra that is not installed, if something stands there that is
    not an export of this format, or if it would lie in a result folder: such a folder holds its
    own files only, so that it can be replaced.
    """
    _check_options(export)
    place = export.place
    if place.is_symlink() and not place.exists():
        raise InputError(f"{place} is a broken link. Choose another file.")
    if place.is_dir():
        raise InputError(f"{place} is a folder. Choose another file.")
    if is_ours(place.resolve().parent):
        raise InputError(f"{place} is inside a result folder. Choose a place outside it.")
    if place.exists() and not _is_export(place, export.name):
        raise InputError(
            f"{place} exists and was not changed: it is not an export of {export.name}. Choose"
            " another file."
        )


def _check_options(export: Export) -> None:
    """Raise `InputError` for what is wrong with an export, whatever stands at its place."""
    if export.name not in FORMATS:
        allowed = " or ".join(FORMATS)
        raise InputError(problems=[BadOption(field="format", given=export.name, allowed=allowed)])
    events.check_case(export.case)
    if export.case != events.CUSTOMER and export.name != EVENTS:
        raise InputError(
            f"{export.name} has no cases: case {export.case} is for the format {EVENTS} only."
        )
    ending = export.place.suffix
    if ending not in (CSV, PARQUET, XLSX):
        raise InputError(f"{export.place} must end in {CSV}, {PARQUET} or {XLSX}.")
    if export.decimal_comma and ending != CSV:
        raise InputError(
            f"{export.place} cannot be written with a decimal comma: only a {CSV} file can."
        )
    if ending == XLSX:
        check_installed(f"an {XLSX} file", "spreadsheet")


def _is_export(place: Path, name: str) -> bool:
    """Whether the file at `place` is an export of the format `name`."""
    if not place.is_file():
        return False
    try:
        if place.suffix == PARQUET:
            found = pyarrow.parquet.read_schema(place).metadata or {}
            return found.get(MARK.encode()) == name.encode()
        with place.open("rb") as file:
            if place.suffix == XLSX:
                return spreadsheet.is_marked(file, name, MARK)
            line = file.readline(LONGEST_HEADING).removeprefix(BYTE_ORDER).decode().rstrip("\n")
    except (OSError, ValueError, pa.ArrowException):
        return False
    first = FORMATS[name].first_columns
    return any(tuple(line.split(mark)[: len(first)]) == first for mark in ",;")


def write(records: Records, export: Export) -> int:
    """Write an export of a run; returns the number of its rows.

    Raises `InputError` as `check_file` does and if the run has nothing to export or a sheet has no
    room for it, and `sim.folders.NotWritten` if the file cannot be written.
    """
    _check_options(export)
    table = FORMATS[export.name].table(records, export)
    if table.num_rows == 0:
        raise InputError("the run has no event log; run it with a larger panel.")
    fill = {CSV: _fill_csv, PARQUET: _fill_parquet, XLSX: _fill_xlsx}[export.place.suffix]
    if export.place.suffix == XLSX:
        spreadsheet.check_size(table.num_rows, table.num_columns)
    with at_work(export.place):
        check_file(export)
        make_file(export.place.resolve(), lambda file: fill(table, export, file))
    return int(table.num_rows)


def _without_idle_digits(table: Any) -> Any:
    """The table for people: a day is the date that it is, without a time; a time has no fractions
    of seconds."""
    for place, field in enumerate(table.schema):
        if field.type == TIME:
            kind = pa.timestamp("s") if field.name == "timestamp" else pa.date32()
            table = table.set_column(place, field.name, table[field.name].cast(kind))
    return table


def _fill_csv(table: Any, export: Export, file: Path) -> None:
    table, mark, begin = _without_idle_digits(table), ",", b""
    if export.decimal_comma:
        table, mark, begin = _with_commas(table), ";", BYTE_ORDER
    # no name of a scenario has a comma, a semicolon or a quotation mark
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none", delimiter=mark)
    with new_file(file) as sink:
        sink.write(begin + (mark.join(table.column_names) + "\n").encode())
        pyarrow.csv.write_csv(table, sink, options)


def _with_commas(table: Any) -> Any:
    """The table with its real numbers as text that has a comma where they have a point."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            text = pc.replace_substring(table[field.name].cast(pa.string()), ".", ",")
            table = table.set_column(place, field.name, text)
    return table


def _fill_parquet(table: Any, export: Export, file: Path) -> None:
    marked = table.replace_schema_metadata({MARK: export.name})
    with new_file(file) as sink:
        pyarrow.parquet.write_table(marked, sink, compression=COMPRESSION)


def _fill_xlsx(table: Any, export: Export, file: Path) -> None:
    write_bytes(file, spreadsheet.sheet_of(_without_idle_digits(table), export.name, MARK))
