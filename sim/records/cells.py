"""Tables whose rows are cells of arrays of counters: of all of an array, or of those not zero.

Key columns name the place of a cell on each axis of the array. Every other column is a view of
records and what one counted unit is worth, so that one declaration fills it and puts what was
stored back. Counts come back exactly: a stored figure is a whole number times a known scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.columns import Count, Integers
from sim.records.names import Names
from sim.records.recorder import Records
from sim.records.table import DAY, NAME, NUMBER, PEOPLE, Made, RunTable, Stored, named, present
from sim.vocabulary import FIXED_POINT, MINOR_UNITS, NEVER

OfRecords = Callable[[Records], NDArray[Any]]  # gives an array of records, or a view of one


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key column of cells: `of` gives the words that its codes stand for; None: numbers.

    `nullable`: whether code 0 stands for null; then the numbers are the codes after it, from 0.
    """

    name: str
    meaning: str
    of: Callable[[Names], Sequence[str]] | None = None
    kind: Any = NAME
    unit: str = "name"
    nullable: bool = False

    def column(self, axis: int, place: int) -> Made:
        """The column, which has this place among the key columns of an axis."""

        def fill(rows: Cells) -> Any:
            codes = rows.codes(axis)[:, place]
            if self.of is not None:
                return named(codes, self.of(rows.names))
            return present(codes - 1, codes > 0) if self.nullable else codes

        return Made(
            name=self.name,
            kind=self.kind,
            unit=self.unit,
            meaning=self.meaning,
            nullable=self.nullable,
            fill=fill,
            key=True,
        )

    def codes(self, stored: Stored, names: Names) -> Integers:
        """The codes that were stored."""
        if self.of is not None:
            return stored.codes(self.name, self.of(names))
        return stored.values(self.name, NEVER).astype(np.int64) + self.nullable


@dataclass(frozen=True)
class Axis:
    """An axis of an array of counters, and the key columns that name a place on it.

    `codes`: of each place, the codes of the columns, (places, columns), NEVER where there is no
    such place; `unknown`: what two names are, each known, that name no place together.
    """

    keys: tuple[Key, ...]
    codes: Callable[[Names], Integers]
    unknown: str = ""

    def places(self, stored: Stored, names: Names) -> Integers:
        """The place that each row of a table names. Raises ValueError if there is none."""
        found = [key.codes(stored, names) for key in self.keys]
        if len(found) == 1:
            return found[0]
        codes = self.codes(names)
        there = np.flatnonzero((codes != NEVER).all(axis=1))
        sizes = [len(key.of(names)) for key in self.keys if key.of is not None]
        place_of = np.full(sizes, NEVER, dtype=np.int64)
        place_of[tuple(codes[there].T)] = there
        places: Integers = place_of[tuple(found)]
        if (places == NEVER).any():
            raise ValueError(f"it names {self.unknown}")
        return places


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Cells of arrays of counters; `place`: on every axis the index of each, (cells,)."""

    records: Records
    names: Names
    axes: Sequence[Axis]
    place: tuple[Any, ...]

    @property
    def people(self) -> float:
        """How many people a simulated customer stands for."""
        return self.records.people_per_agent

    def codes(self, axis: int) -> Integers:
        """The codes of the key columns of an axis, (cells, columns)."""
        codes: Integers = self.axes[axis].codes(self.names)[self.place[axis]]
        return codes


def numbers(size: Callable[[Names], int]) -> Callable[[Names], Integers]:
    """Codes of an axis with a column whose codes are its places."""
    return lambda names: np.arange(size(names))[:, None]


def words(name: str, of: Callable[[Names], Sequence[str]], meaning: str = "") -> Axis:
    """An axis with a name of the scenario for each place."""
    key = Key(name=name, meaning=meaning or f"{name} of the scenario", of=of)
    return Axis((key,), numbers(lambda names: len(of(names))))


DAYS = Axis(
    (Key(name="day", meaning="day of the run, 0-based", kind=pa.int16(), unit=DAY),),
    numbers(lambda names: names.scenario.days),
)


def key_columns(axes: Sequence[Axis]) -> list[Made]:
    """The columns that name a cell."""
    return [key.column(a, k) for a, axis in enumerate(axes) for k, key in enumerate(axis.keys)]


def stored_cells(axes: Sequence[Axis]) -> Callable[[Stored, Records, Names], Cells]:
    """What finds the cells that a table names."""

    def stored(table: Stored, records: Records, names: Names) -> Cells:
        place = tuple(axis.places(table, names) for axis in axes)
        return Cells(records=records, names=names, axes=axes, place=place)

    return stored


def cell_table(
    name: str,
    meaning: str,
    *,
    axes: Sequence[Axis],
    values: Sequence[Made],
    of: OfRecords,
    dense: bool = False,
    total: Count | None = None,
) -> RunTable:
    """A table of the cells of an array that `of` gives: of all, or of those that are not zero.

    The first axis is the day; `axes`: the others; `values`: the columns after the keys;
    `total`: the counter of the day that the cells add up to.
    """
    axes = (DAYS, *axes)

    def rows(records: Records, names: Names) -> Iterator[Cells]:
        cells = of(records)
        there = np.ones(cells.shape, dtype=np.bool_) if dense else cells
        yield Cells(records=records, names=names, axes=axes, place=np.nonzero(there))

    def adds_up(records: Records) -> bool:
        counted = records.counts[:, :, total]
        return np.array_equal(counted, of(records).reshape(*counted.shape, -1).sum(axis=2))

    return RunTable(
        name=name,
        meaning=meaning,
        columns=(*key_columns(axes), *values),
        rows=rows,
        stored=stored_cells(axes),
        most_rows=lambda names: math.prod(len(axis.codes(names)) for axis in axes),
        dense=dense,
        claims={} if total is None else {"its totals are not those in daily": adds_up},
    )


# What one counted unit is worth in a table; the two ways to money differ in the last bit.
Worth = Callable[[float], float]  # of the people that a simulated customer stands for


def in_people(people: float) -> float:
    """People."""
    return people


def in_money(people: float) -> float:
    """Currency, of minor units."""
    return people / MINOR_UNITS


def in_money_of_day(people: float) -> float:
    """The same, as `daily` has it."""
    return 1.0 / MINOR_UNITS * people


def in_fractions(people: float) -> float:
    """What is counted in fixed point."""
    return 1.0 / FIXED_POINT * people


def counted(
    name: str,
    of: OfRecords,
    meaning: str,
    *,
    unit: str = PEOPLE,
    worth: Worth = in_people,
    signed: bool = False,
    at: Callable[[Any], tuple[Any, ...]] = lambda rows: rows.place,
) -> Made:
    """A column of whole numbers, scaled to people. `of`: their array; `at`: where the rows are."""

    def fill(rows: Any) -> Any:
        return of(rows.records)[at(rows)] * worth(rows.people)

    def keep(rows: Any, stored: Stored) -> None:
        of(rows.records)[at(rows)] = stored.whole(name, worth(rows.people))

    return Made(
        name=name, kind=NUMBER, unit=unit, meaning=meaning, signed=signed, fill=fill, keep=keep
    )


def measured(name: str, of: OfRecords, meaning: str, *, unit: str) -> Made:
    """A column of real figures, stored as they are."""

    def keep(rows: Cells, stored: Stored) -> None:
        of(rows.records)[rows.place] = stored.values(name)

    return Made(
        name=name,
        kind=NUMBER,
        unit=unit,
        meaning=meaning,
        fill=lambda rows: of(rows.records)[rows.place],
        keep=keep,
    )
