"""How a measure answers to one or two levers: means over the rows of a sweep, with bands.

**Level.** If a lever has at most MOST_LEVELS values in the sweep, each is a level. Otherwise
its values are put into groups of about equal size, in order, each a level at the mean value of
its runs: at least ROWS_OF_A_GROUP rows of the design in each, and at most GROUPS of them; on a
heat map as many rows in each cell, were they spread evenly.

**Mean at a level.** Of all rows at the level, of all their replicates. Other levers than those
asked for are averaged over, as the design spread them; one at a time compares only rows in
which they are at the base.

**Band.** 95% interval of that mean, m -/+ t s / sqrt(n), Student's t with n - 1 degrees of
freedom. Where every row has a level of its own design (grid, one at a time), the n values are
the replicates' means at the level: luck is all that is left to chance. Where rows are drawn
(Latin hypercube, Sobol, Morris), they are the rows' means: the draw of the other levers is
chance too. One value has no band.

A level with a run in which the measure does not exist has no mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.measures.intervals import around, mean_half
from sim.runs.plan import Value

MOST_LEVELS = 24
GROUPS = 10
ROWS_OF_A_GROUP = 6


class ResponsePoint(NamedTuple):
    """A level, the mean there and its band; None: there is none."""

    level: Value
    mean: float | None
    low: float | None
    high: float | None
    runs: int


@dataclass(frozen=True)
class Sweep:
    """The table of a sweep and what its design was.

    `drawn`: whether its rows were drawn; `base`: the values that one at a time departs from.
    """

    table: pd.DataFrame
    drawn: bool = False
    base: Mapping[str, Value] | None = None


def response(
    sweep: Sweep, measure: str, x: str, *, rows: pd.DataFrame | None = None
) -> list[ResponsePoint]:
    """The measure at each level of lever `x`, in the order of the levels.

    `rows`: those of the sweep's table to look at; by default all that departs in `x`.
    """
    table = departures(sweep, x) if rows is None else rows
    levels = level_of(sweep, x, table, most=table["row"].nunique() / ROWS_OF_A_GROUP)
    return [
        _point(level, table[levels == level], measure, drawn=sweep.drawn) for level in _each(levels)
    ]


def response_by(sweep: Sweep, measure: str, x: str, *, by: str) -> dict[Value, list[ResponsePoint]]:
    """The response to `x` at each level of `by`."""
    table = sweep.table
    lines = level_of(sweep, by, table, most=table["row"].nunique() / ROWS_OF_A_GROUP**2)
    return {line: response(sweep, measure, x, rows=table[lines == line]) for line in _each(lines)}


def heat(sweep: Sweep, measure: str, x: str, *, y: str) -> pd.DataFrame:
    """Means at every pair of levels: a row a level of `y`, a column a level of `x`.

    NaN where no row is, or the measure does not exist in one.
    """
    table = sweep.table
    side = float(np.sqrt(table["row"].nunique() / ROWS_OF_A_GROUP))
    cells = pd.DataFrame(
        {
            "x": level_of(sweep, x, table, most=side),
            "y": level_of(sweep, y, table, most=side),
            "value": table[measure],
            "none": table[measure].isna(),
        }
    )
    found = cells.groupby(["y", "x"], sort=True).agg(value=("value", "mean"), none=("none", "any"))
    return found["value"].where(~found["none"]).unstack("x")


def departures(sweep: Sweep, x: str) -> pd.DataFrame:
    """The rows in which, one at a time, no other lever than `x` departs from the base."""
    if sweep.base is None:
        return sweep.table
    others = pd.Series(True, index=sweep.table.index)
    for lever, value in sweep.base.items():
        if lever != x:
            others &= sweep.table[lever].isna() if value is None else sweep.table[lever] == value
    return sweep.table[others]


def level_of(sweep: Sweep, lever: str, rows: pd.DataFrame, *, most: float) -> pd.Series:
    """The level of the lever in each of `rows`: its value, or the mean of its group.

    `most`: how many groups the rows suffice for; two to GROUPS are made.
    """
    values, every = rows[lever], sweep.table[lever]
    numeric = pd.api.types.is_numeric_dtype(every) and not pd.api.types.is_bool_dtype(every)
    if not numeric:
        return values.astype(object).where(values.notna(), None).map(_word)
    if every.nunique() <= MOST_LEVELS:
        return values
    # by dense rank, so that runs with the same value stay together
    rank = values.rank(method="dense") - 1.0
    groups = min(max(int(most), 2), GROUPS)
    group = np.floor(rank * groups / (rank.max() + 1.0))
    return values.groupby(group).transform("mean")


def _word(value: object) -> str:
    return (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _each(levels: pd.Series) -> list[Value]:
    return [
        value.item() if hasattr(value, "item") else value
        for value in sorted(levels.dropna().unique())
    ]


def _point(level: Value, rows: pd.DataFrame, measure: str, *, drawn: bool) -> ResponsePoint:
    if rows.empty or rows[measure].isna().any():
        return ResponsePoint(level, None, None, None, len(rows))
    values = rows.groupby("row" if drawn else "replicate")[measure].mean().to_numpy()
    mean = float(rows[measure].mean())
    half = mean_half(values.tolist())
    low, high = (None, None) if half is None else around(mean, half)[1:]
    return ResponsePoint(level, mean, low, high, len(rows))
