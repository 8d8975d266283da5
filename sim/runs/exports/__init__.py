"""Exports: a run as files that other kinds of tool read as they are.

`events` is the panel's event log, for process mining and journey analytics; `daily` and `weekly`
are a row a day or a week, for spreadsheets and media mix models. Described in `docs/exports.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.runs.exports.events import CUSTOMER, event_table
from sim.runs.exports.files import Export, write
from sim.runs.exports.periods import day_table, week_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run import Run

__all__ = ["daily", "event_log", "weekly", "write_export"]


def event_log(run: Run, case: str = CUSTOMER) -> pd.DataFrame:
    """The panel's event log, one row an event, by customer and order of happening.

    `case`: what a case is, "customer" or "journey". Has no rows if nobody is in the panel. Raises
    `sim.errors.InputError` for any other case.
    """
    log: pd.DataFrame = event_table(run.records, case).to_pandas()
    return log


def daily(run: Run) -> pd.DataFrame:
    """Spend, contacts, visits, sales and controls, one row for each day of the run."""
    days: pd.DataFrame = day_table(run.records).to_pandas()
    return days


def weekly(run: Run) -> pd.DataFrame:
    """Spend, contacts, visits, sales and controls, one row for each whole week of the run.

    Raises `sim.errors.InputError` if the run is shorter than a week.
    """
    weeks: pd.DataFrame = week_table(run.records).to_pandas()
    return weeks


def write_export(
    run: Run, name: str, path: str | Path, *, case: str = CUSTOMER, decimal_comma: bool = False
) -> int:
    """Write the export `name`, "events", "daily" or "weekly", of a run to a file.

    The ending of `path` says its kind: .csv, .parquet or .xlsx. `case`: what a case of the event
    log is, "customer" or "journey". `decimal_comma`: a CSV file for a European spreadsheet, with
    semicolons between fields.

    Returns the number of rows. A file that stands there is replaced if it is an export of the
    same format. Raises `sim.errors.InputError` if something else stands there, a name or an option
    is wrong, an extra is missing or there is nothing to export, `sim.folders.NotWritten` if the
    file cannot be written.
    """
    return write(run.records, Export(name, Path(path), case, decimal_comma))
