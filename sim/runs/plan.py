"""A plan: all runs that a study asks for, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

ColumnKind = Literal["number", "integer", "boolean", "text"]
Value = bool | int | float | str | None  # of a lever
Outcome = Sequence[float | None]  # in the order of the plan's measures; None: there is none


class Design(Protocol):
    """Rows of values, one for each lever."""

    @property
    def size(self) -> int:
        """How many rows there are."""

    def row(self, number: int) -> tuple[Value, ...]:
        """The values of row `number`, 0-based, in the order of the levers."""


class Job(NamedTuple):
    """One run to be done: its name, the values of the levers by path, and its seed."""

    run: str
    values: dict[str, Value]
    seed: int


Evaluate = Callable[[Job], Outcome]


@dataclass(frozen=True)
class Plan:
    """The runs of a study: each row of the design with each seed, a replicate each.

    `columns`: the levers and what they hold; `identify`: the names of the runs of one row, one
    a seed (raises `sim.errors.InputError` if the values are not valid); `about`: columns that
    say the same in every row; `files`: texts that the folder of the study keeps.
    """

    name: str
    columns: Mapping[str, ColumnKind]
    design: Design
    seeds: Sequence[int]
    measures: Sequence[str]
    identify: Callable[[Mapping[str, Value], Sequence[int]], Sequence[str]]
    about: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def values(self, row: int) -> dict[str, Value]:
        """The values of a row of the design, by lever."""
        return dict(zip(self.columns, self.design.row(row), strict=True))
