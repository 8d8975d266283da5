"""What a table is: columns with type, unit and meaning, declared once.

Files, checks of what is read, data frames and the documentation all read the declaration. The
tables of a run are declared in `sim.records.tables`, those of a question beside the question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.errors import shown
from sim.model.columns import SCORES, Integers
from sim.records.names import Names
from sim.records.recorder import Records
from sim.vocabulary import NEVER

if TYPE_CHECKING:
    import pandas as pd

NAME = pa.dictionary(pa.int16(), pa.string())  # of the scenario
TEXT, NUMBER, WHOLE, TIME = pa.string(), pa.float64(), pa.int64(), pa.timestamp("ms")
PEOPLE = "people"
MONEY = "currency"
DAY = "day"
BOUNDS = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "0..10": (0.0, SCORES - 1.0)}  # by unit

LARGEST = 2.0**62  # a count beyond it is no count of ours
ROUNDING = 1e-12  # relative; a stored figure is a product of two or three doubles


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `kind`: its Arrow type; `nullable`: whether a figure may not exist.

    `signed`: whether figures may lie below 0; all others are counts, money taken or spent, or
    days. A column whose name ends in `_sum` holds sums of what has the unit.
    """

    name: str
    kind: Any
    unit: str = ""
    meaning: str
    nullable: bool = False
    signed: bool = False

    @property
    def arrow(self) -> Any:
        """The column in an Arrow schema."""
        about = {"unit": self.unit, "meaning": self.meaning}
        return pa.field(self.name, self.kind, self.nullable, about)

    @property
    def type(self) -> str:
        """The type in words."""
        words = {NAME: "name", TEXT: "text", TIME: "time", pa.bool_(): "yes or no"}
        return words.get(self.kind, str(self.kind))

    def bounds(self, days: int) -> tuple[float, float]:
        """The lowest and the highest figure that there can be in a run of so many days."""
        if self.unit in BOUNDS and not self.name.endswith("_sum"):
            return BOUNDS[self.unit]
        lowest = -math.inf if self.signed else 0.0
        return lowest, days - 1.0 if self.unit == DAY else math.inf


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: a file of its name, what it holds in a sentence, its columns in order."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> Any:
        """The Arrow schema; units and meanings stand in its metadata, so that files carry them."""
        return pa.schema([column.arrow for column in self.columns])

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def frame(self, lines: Iterable[Sequence[Any]]) -> pd.DataFrame:
        """Lines, a cell for each column, as a DataFrame; pandas chooses the types."""
        import pandas as pd

        return pd.DataFrame(lines, columns=self.names)


def _keep_nothing(rows: Any, stored: Stored) -> None:
    """What follows from other columns is not kept."""


@dataclass(frozen=True, kw_only=True)
class Made(Column):
    """A column of a run's table: `fill` gives the cells of rows, `keep` puts stored ones back.

    `key`: whether it is one of those that together name a row; no two rows have the same.
    """

    fill: Callable[[Any], Any]
    keep: Callable[[Any, Stored], None] = _keep_nothing
    key: bool = False


@dataclass(frozen=True, kw_only=True)
class RunTable(Table):
    """A table of a run.

    `rows`: the rows of a run, in slices; `stored`: blank rows for those of a table that was read;
    `most_rows`: how many there can be; `dense`: whether all of them are there, or at least
    `fewest_rows`; `claims`: what must hold of the records when all tables are read, by what is
    said if it does not.
    """

    columns: tuple[Made, ...]
    rows: Callable[[Records, Names], Iterable[Any]]
    stored: Callable[[Stored, Records, Names], Any]
    most_rows: Callable[[Names], int]
    dense: bool = False
    fewest_rows: Callable[[Names], int] | None = None
    claims: Mapping[str, Callable[[Records], bool]] = field(default_factory=dict)

    @cached_property
    def schema(self) -> Any:
        """The Arrow schema, which holds the table's meaning too."""
        return super().schema.with_metadata({"meaning": self.meaning})

    @property
    def keys(self) -> list[str]:
        """The columns that together name a row; none of a table whose rows are events."""
        return [column.name for column in self.columns if column.key]

    def check(self, table: Any, names: Names) -> None:
        """Hold an Arrow table that was read against the declaration. Raises ValueError."""
        check_columns(self, table, names.scenario.days)
        if not self.keys:
            return
        unique = table.select(self.keys).group_by(self.keys).aggregate([]).num_rows
        if unique < table.num_rows:
            raise ValueError(f"it has two rows for the same {', '.join(self.keys)}")
        wanted = self.most_rows(names)
        fewest = wanted if self.fewest_rows is None else self.fewest_rows(names)
        if self.dense and not fewest <= table.num_rows <= wanted:
            raise ValueError(f"it has {table.num_rows:,} rows where there are {wanted:,}")

    def keep(self, table: Any, records: Records, names: Names) -> Any:
        """Put an Arrow table that was read into records; gives its rows. Raises ValueError."""
        self.check(table, names)
        stored = Stored(table)
        rows = self.stored(stored, records, names)
        for column in self.columns:
            column.keep(rows, stored)
        return rows


def check_columns(table: Table, stored: Any, days: int) -> None:
    """Hold the columns of an Arrow table that was read against their declaration.

    Raises ValueError with the rest of a sentence whose subject is the table.
    """
    if stored.schema.names != table.names:
        raise ValueError("its columns are not those of the table")
    for column in table.columns:
        cells = stored.column(column.name)
        if cells.type != column.kind:
            raise ValueError(f"column {column.name} holds {cells.type}, not {column.kind}")
        if cells.null_count and not column.nullable:
            raise ValueError(f"column {column.name} has empty cells")
        is_real = pa.types.is_floating(column.kind)
        if is_real or pa.types.is_integer(column.kind):
            _check_figures(column, cells, days)


def _check_figures(column: Column, cells: Any, days: int) -> None:
    """Raise ValueError for a figure that is no number, or out of range."""
    found = pc.min_max(cells).as_py()
    low, high = found["min"], found["max"]
    if low is None:
        return
    if pa.types.is_floating(column.kind) and pc.all(pc.is_finite(cells)).as_py() is False:
        raise ValueError(f"column {column.name} holds what is no number")
    lowest, highest = column.bounds(days)
    if low < lowest or high > highest:
        wrong = low if low < lowest else high
        raise ValueError(f"column {column.name} holds {wrong:g}, which is out of range")


# Arrays are made of buffers: `pa.array` would import pandas, which takes a third of a second.


def named(
    codes: NDArray[Any], names: Sequence[str], missing: NDArray[np.bool_] | None = None
) -> Any:
    """Indices as an Arrow array of names; null where `missing`."""
    text = "".join(names).encode()
    ends = np.cumsum([0, *(len(name.encode()) for name in names)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(text)]
    dictionary = pa.Array.from_buffers(pa.string(), len(names), buffers)
    indices = present(codes.astype(np.int16), None if missing is None else ~missing)
    return pa.DictionaryArray.from_buffers(NAME, len(codes), indices.buffers(), dictionary)


def present(values: NDArray[Any], there: NDArray[np.bool_] | None) -> Any:
    """Numbers or switches as an Arrow array; null where not `there`."""
    bits = None if there is None else pa.py_buffer(np.packbits(there, bitorder="little"))
    if values.dtype == np.bool_:
        kind, data = pa.bool_(), np.packbits(values, bitorder="little")
    else:
        kind, data = pa.from_numpy_dtype(values.dtype), np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [bits, pa.py_buffer(data)])


def batch(table: Table, cells: Iterable[Any]) -> Any:
    """The cells of each column, arrays of Arrow or numpy, as a record batch of the table."""
    arrays = []
    for column, values in zip(table.columns, cells, strict=True):
        array = present(values, None) if isinstance(values, np.ndarray) else values
        arrays.append(array if array.type == column.kind else array.cast(column.kind))
    return pa.RecordBatch.from_arrays(arrays, schema=table.schema)


class Stored:
    """An Arrow table that was read, whose columns are asked for as numpy arrays.

    Everything raises ValueError with the rest of a sentence whose subject is the table.
    """

    def __init__(self, table: Any) -> None:
        self.table = table.combine_chunks()

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def _column(self, name: str) -> Any:
        column = self.table.column(name)
        if column.num_chunks == 0:
            return pa.array([], column.type)
        return pa.concat_arrays(column.chunks)

    def values(self, name: str, missing: Any = 0) -> NDArray[Any]:
        """A column of numbers; `missing` where it is null."""
        column = self._column(name)
        if column.null_count:
            column = column.fill_null(pa.scalar(missing, column.type))
        array: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return array

    def whole(self, name: str, scale: float) -> Integers:
        """The whole numbers that, times `scale`, were stored in a column.

        Raises ValueError if they were not whole.
        """
        values = self.values(name)
        counts = np.rint(values / scale)
        if not (np.abs(counts) < LARGEST).all() or not np.allclose(
            counts * scale, values, rtol=ROUNDING, atol=0.0
        ):
            raise ValueError(f"column {name} holds parts of what can only be whole")
        found: Integers = counts.astype(np.int64)
        return found

    def milliseconds(self, name: str) -> Integers:
        """A column of times as milliseconds since 1970."""
        column = self._column(name).cast(pa.int64())
        times: Integers = column.to_numpy(zero_copy_only=False)
        return times

    def codes(self, name: str, names: Sequence[str]) -> Integers:
        """A column of names as indices into `names`; NEVER where it is null.

        Raises ValueError for a name that is none of them.
        """
        column = self._column(name)
        places = {word: place for place, word in enumerate(names)}
        own = []
        for word in column.dictionary.to_pylist():
            if word not in places:
                what = f"column {name} names {shown(word)}"
                raise ValueError(f"{what}, which the scenario does not have")
            own.append(places[word])
        indices = column.indices.fill_null(pa.scalar(len(own), column.indices.type))
        found: Integers = np.array([*own, NEVER], dtype=np.int64)[
            indices.to_numpy(zero_copy_only=False)
        ]
        return found
