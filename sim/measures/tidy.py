"""Rows of a measure as a tidy pandas table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.measures.figure import Undefined

if TYPE_CHECKING:
    import pandas as pd


def tidy(kind: type[NamedTuple], rows: Iterable[Any]) -> pd.DataFrame:
    """One line for each row, one column for each field of `kind`; no figure: missing."""
    import pandas as pd

    plain = [[None if isinstance(cell, Undefined) else cell for cell in row] for row in rows]
    return pd.DataFrame(plain, columns=list(kind._fields))
