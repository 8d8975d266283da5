"""Exports: a run as files that other kinds of tool read as they are.

`events` is the panel's event log, for process mining and journey analytics; `weekly` is a row
a week, for media mix models. `FORMATS` names them; `write` puts one in a file. Described in
`docs/exports.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.exports.events import event_table
from sim.exports.files import FORMATS, write
from sim.exports.weekly import days_left_out, week_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.run import Run

__all__ = ["FORMATS", "days_left_out", "event_log", "weekly", "write"]


def event_log(run: Run) -> pd.DataFrame:
    """The panel's event log, one row an event, by customer and order of happening.

    Has no rows if nobody is in the panel.
    """
    log: pd.DataFrame = event_table(run.records).to_pandas()
    return log


def weekly(run: Run) -> pd.DataFrame:
    """Spend, contacts, visits, sales and controls, one row for each whole week of the run."""
    weeks: pd.DataFrame = week_table(run.records).to_pandas()
    return weeks
