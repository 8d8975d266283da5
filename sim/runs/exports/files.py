"""An export in a file: CSV or Parquet by the file's name, whole or not at all.

A file that stands there is replaced only if it is an export of the same format.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sim.disk import new_file
from sim.errors import BadOption, InputError
from sim.folders import is_ours, make_file
from sim.locks import at_work
from sim.records.recorder import Records
from sim.runs.exports import events, weekly

MARK = b"journeysim_export"  # in the metadata of a Parquet file: the format
COMPRESSION = "zstd"
CSV, PARQUET = ".csv", ".parquet"


class Format(NamedTuple):
    """One format: its table, and the columns that every file of it begins with."""

    table: Callable[[Records], Any]
    first_columns: tuple[str, ...]


FORMATS = {
    "events": Format(events.event_table, tuple(events.EVENTS.names)),
    "weekly": Format(weekly.week_table, tuple(weekly.for_touchpoints(weekly.WEEKLY, ()).names)),
}


def check_file(place: Path, name: str) -> None:
    """Make sure that an export of the format `name` may be written to the file `place`.

    Raises `InputError` if there is no such format, or the file's name says neither CSV nor
    Parquet, or if something stands there that is not an export of this format, or if it would
    lie in a result folder: such a folder holds its own files only, so that it can be replaced.
    """
    if name not in FORMATS:
        allowed = " or ".join(FORMATS)
        raise InputError(problems=[BadOption(field="format", given=name, allowed=allowed)])
    if place.suffix not in (CSV, PARQUET):
        raise InputError(f"{place} must end in {CSV} or {PARQUET}.")
    if place.is_symlink() and not place.exists():
        raise InputError(f"{place} is a broken link. Choose another file.")
    if place.is_dir():
        raise InputError(f"{place} is a folder. Choose another file.")
    if is_ours(place.resolve().parent):
        raise InputError(f"{place} is inside a result folder. Choose a place outside it.")
    if place.exists() and not _is_export(place, name):
        raise InputError(
            f"{place} exists and was not changed: it is not an export of {name}. Choose another"
            " file."
        )


def _is_export(place: Path, name: str) -> bool:
    """Whether the file at `place` is an export of the format `name`."""
    if not place.is_file():
        return False
    try:
        if place.suffix == PARQUET:
            found = pyarrow.parquet.read_schema(place).metadata or {}
            return found.get(MARK) == name.encode()
        first = FORMATS[name].first_columns
        with place.open("rb") as file:
            header = file.readline(100_000).decode().rstrip("\n").split(",")
    except (OSError, ValueError, pa.ArrowException):
        return False
    return tuple(header[: len(first)]) == first


def write(records: Records, name: str, place: Path) -> int:
    """Write the export `name` of a run to the file `place`; returns the number of its rows.

    Raises `InputError` as `check_file` does and if the run has nothing to export, and
    `sim.folders.NotWritten` if the file cannot be written.
    """
    table = FORMATS[name].table(records)
    if table.num_rows == 0:
        raise InputError("the run has no event log; run it with a larger panel.")
    fill = _fill_csv if place.suffix == CSV else _fill_parquet
    with at_work(place):
        check_file(place, name)
        make_file(place.resolve(), lambda file: fill(table, name, file))
    return int(table.num_rows)


def _fill_csv(table: Any, _: str, file: Path) -> None:
    if weekly.DATE in table.column_names:  # there as the date that it is, without a time
        table = table.set_column(0, weekly.DATE, table[weekly.DATE].cast(pa.date32()))
    else:
        whole = table["timestamp"].cast(pa.timestamp("s"))
        table = table.set_column(table.column_names.index("timestamp"), "timestamp", whole)
    # no name of a scenario has a comma or a quotation mark
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    with new_file(file) as sink:
        sink.write((",".join(table.column_names) + "\n").encode())
        pyarrow.csv.write_csv(table, sink, options)


def _fill_parquet(table: Any, name: str, file: Path) -> None:
    marked = table.replace_schema_metadata({MARK: name.encode()})
    with new_file(file) as sink:
        pyarrow.parquet.write_table(marked, sink, compression=COMPRESSION)
