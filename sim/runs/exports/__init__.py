"""Exports: a run as files that other kinds of tool read as they are.

`events` is the panel's event log, for process mining and journey analytics; `weekly` is a row
a week, for media mix models. Described in `docs/exports.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.runs.exports.events import event_table
from sim.runs.exports.files import write
from sim.runs.exports.weekly import week_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.run import Run

__all__ = ["event_log", "weekly", "write_export"]


def event_log(run: Run) -> pd.DataFrame:
    """The panel's event log, one row an event, by customer and order of happening.

    Has no rows if nobody is in the panel.
    """
    log: pd.DataFrame = event_table(run.records).to_pandas()
    return log


def weekly(run: Run) -> pd.DataFrame:
    """Spend, contacts, visits, sales and controls, one row for each whole week of the run.

    Raises `sim.errors.InputError` if the run is shorter than a week.
    """
    weeks: pd.DataFrame = week_table(run.records).to_pandas()
    return weeks


def write_export(run: Run, name: str, path: str | Path) -> int:
    """Write the export `name`, "events" or "weekly", of a run to a .csv or .parquet file.

    Returns the number of rows. A file that stands there is replaced if it is an export of the
    same format. Raises `sim.errors.InputError` if something else stands there, a name is wrong
    or there is nothing to export, `sim.folders.NotWritten` if the file cannot be written.
    """
    return write(run.records, name, Path(path))
