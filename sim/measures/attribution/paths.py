"""Paths: what web analytics knows of how visitors came to buy, or did not.

A *path* is the sequence of touches of one visitor, each a touchpoint and the days from it to
the path's end, with how often the path ended in a conversion and how often in none. Equal
paths may be written once, with counts, or as often as they occurred: every model of this
package gives the same credit either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import Integers

Reals: TypeAlias = NDArray[np.float64]
DIRECT = "(direct)"  # whose source is unknown; no touchpoint's name has brackets


@dataclass(frozen=True)
class Paths:
    """n paths over K touchpoints, their T touches in a row, path after path.

    `names`: the K touchpoints; `touch` (T,): the touchpoint of each touch, in order of time;
    `days` (T,): days from the touch to the end of its path, 0 or more; `start` (n + 1,): the
    touches of path i are start[i] to start[i + 1]; `conversions` (n,) and `nulls` (n,): how
    often the path ended with and without one, 0 or more (or any other worth, such as revenue).
    Raises ValueError where the arrays do not fit together, and for a path without a touch.
    """

    names: tuple[str, ...]
    touch: Integers
    days: Reals
    start: Integers
    conversions: Reals
    nulls: Reals

    def __post_init__(self) -> None:
        touches, paths = len(self.touch), len(self.start) - 1
        if self.start[0] != 0 or self.start[-1] != touches or len(self.days) != touches:
            raise ValueError("touches, days and starts of paths do not fit together")
        if (np.diff(self.start) < 1).any():
            raise ValueError("a path has no touch")
        if len(self.conversions) != paths or len(self.nulls) != paths:
            raise ValueError("conversions and nulls are one a path")
        if touches and not (self.touch.min() >= 0 and self.touch.max() < len(self.names)):
            raise ValueError("a touch is at no touchpoint")
        counts = np.concatenate([self.days, self.conversions, self.nulls])
        if not (np.isfinite(counts) & (counts >= 0.0)).all():
            raise ValueError("days, conversions and nulls are finite and not below 0")

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def lengths(self) -> Integers:
        """Touches of each path, (n,)."""
        lengths: Integers = np.diff(self.start)
        return lengths

    @property
    def path(self) -> Integers:
        """The path of each touch, (T,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def place(self) -> Integers:
        """The place of each touch in its path, from 0, (T,)."""
        return np.arange(len(self.touch)) - np.repeat(self.start[:-1], self.lengths)

    @property
    def total(self) -> float:
        """All conversions."""
        return float(self.conversions.sum())

    def keep(self, kept: NDArray[np.bool_]) -> Paths:
        """The paths with only some of their touches. `kept` (T,): at least one a path."""
        counts = np.bincount(self.path[kept], minlength=len(self))
        start = np.concatenate([[0], np.cumsum(counts)])
        return Paths(
            self.names, self.touch[kept], self.days[kept], start, self.conversions, self.nulls
        )

    def choose(self, chosen: NDArray[np.bool_]) -> Paths:
        """Only some of the paths. `chosen` (n,)."""
        mine = chosen[self.path]
        start = np.concatenate([[0], np.cumsum(self.lengths[chosen])])
        return Paths(
            self.names,
            self.touch[mine],
            self.days[mine],
            start,
            self.conversions[chosen],
            self.nulls[chosen],
        )

    def without(self, name: str) -> Paths:
        """The paths without touches at `name`; those with no other touch stay as they are."""
        if name not in self.names:
            return self
        is_other = self.touch != self.names.index(name)
        others = summed(self.path, is_other.astype(np.float64), len(self))
        return self.keep(is_other | (others[self.path] == 0))


def summed(place: Integers, amounts: Reals, size: int) -> Reals:
    """The sum of the amounts at each place from 0 to size - 1, (size,). `place`, `amounts` (n,)."""
    sums: Reals = np.bincount(place, amounts, size).astype(np.float64)
    return sums


Touches = Sequence[tuple[str, float]]  # (touchpoint, days before the end), in order of time


def paths_of(
    given: Iterable[tuple[Touches, float, float]], names: Sequence[str] | None = None
) -> Paths:
    """Paths from (touches, conversions, nulls) each.

    `names`: the touchpoints; by default those that occur, in alphabetical order.
    Raises ValueError where a path has no touch, its touches are out of order, or one of them
    is at a touchpoint that is not named.
    """
    rows = list(given)
    touches = [touch for row in rows for touch in row[0]]
    for row in rows:
        if any(later > earlier for (_, earlier), (_, later) in pairwise(row[0])):
            raise ValueError("touches are in order of time: days before the end go down")
    known = tuple(sorted({name for name, _ in touches}) if names is None else names)
    place = {name: k for k, name in enumerate(known)}
    if any(name not in place for name, _ in touches):
        raise ValueError("a touch is at no touchpoint")
    ends: list[Any] = [0]
    for row in rows:
        ends.append(ends[-1] + len(row[0]))
    return Paths(
        names=known,
        touch=np.array([place[name] for name, _ in touches], dtype=np.int64),
        days=np.array([days for _, days in touches], dtype=np.float64),
        start=np.array(ends, dtype=np.int64),
        conversions=np.array([row[1] for row in rows], dtype=np.float64),
        nulls=np.array([row[2] for row in rows], dtype=np.float64),
    )
