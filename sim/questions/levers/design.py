"""Designs: which values the levers take in each row of a study.

- **grid**: every combination; the last lever changes fastest.
- **one at a time**: the scenario as it is, then each lever at each of its levels while all
  others stay.
- **Latin hypercube**: n rows; of each lever's range every n-th part is met exactly once
  (McKay, Beckman & Conover 1979; scipy.stats.qmc).
- **Sobol**: Saltelli's sample of n (d + 2) rows, with `second_order` n (2 d + 2), for variance
  based indices (Saltelli 2002; SALib, scrambled).
- **Morris**: n trajectories of d + 1 rows in which one lever moves at a time (Morris 1991;
  SALib).

The last three are drawn on the unit cube and taken to the levers' values by
`sim.questions.levers.spread`. A grid is not kept: its rows are made when they are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.questions.levers.spread import Spread
from sim.questions.levers.study import DesignPart, Method
from sim.runs.plan import Design, Value

Unit = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Every combination of the levels of each lever."""

    levels: Sequence[Sequence[Value]]

    @property
    def size(self) -> int:
        return math.prod(len(values) for values in self.levels)

    def row(self, number: int) -> tuple[Value, ...]:
        found: list[Value] = []
        for values in reversed(self.levels):
            number, place = divmod(number, len(values))
            found.append(values[place])
        return tuple(reversed(found))


@dataclass(frozen=True)
class OneAtATime:
    """The base, then each lever at each of its levels while the others stay at the base."""

    base: Sequence[Value]
    levels: Sequence[Sequence[Value]]

    @property
    def size(self) -> int:
        return 1 + sum(len(values) for values in self.levels)

    def row(self, number: int) -> tuple[Value, ...]:
        found = list(self.base)
        number -= 1
        if number < 0:
            return tuple(found)
        for lever, values in enumerate(self.levels):
            if number < len(values):
                found[lever] = values[number]
                break
            number -= len(values)
        return tuple(found)


@dataclass(frozen=True)
class Columns:
    """Rows that are kept, a column a lever."""

    columns: Sequence[Sequence[Value]]

    @property
    def size(self) -> int:
        return len(self.columns[0])

    def row(self, number: int) -> tuple[Value, ...]:
        return tuple(column[number] for column in self.columns)


def make_design(
    part: DesignPart, spreads: Mapping[str, Spread], base: Mapping[str, Value] | None = None
) -> Design:
    """The design of the levers in `spreads`.

    `base`: the value of each lever in the scenario, which one at a time needs. `part.samples`
    must be given for the methods that draw. Raises ValueError where a method has no design,
    with the reason.
    """
    if part.method == Method.GRID:
        return Grid([spread.levels() for spread in spreads.values()])
    if part.method == Method.ONE_AT_A_TIME:
        if base is None:
            raise ValueError("one at a time needs the base that it departs from")
        levels = [spread.levels() for spread in spreads.values()]
        return OneAtATime([base[name] for name in spreads], levels)
    points = unit_points(part, list(spreads))
    columns = []
    for lever, spread in enumerate(spreads.values()):
        shares = points[:, lever]
        if part.method == Method.MORRIS and spread.range.values is None:
            shares = spread.stretched(shares)
        columns.append(spread.at(shares))
    return Columns(columns)


def unit_points(part: DesignPart, names: Sequence[str]) -> Unit:
    """The rows of a drawn design on the unit cube, as scipy or SALib makes them: rows x levers."""
    if part.samples is None:
        raise ValueError(f"{part.method} needs the number of samples")
    if part.method == Method.LATIN_HYPERCUBE:
        from scipy.stats import qmc

        return np.asarray(qmc.LatinHypercube(len(names), seed=part.seed).random(part.samples))
    problem = unit_problem(names)
    if part.method == Method.SOBOL:
        from SALib.sample import sobol

        return np.asarray(
            sobol.sample(problem, part.samples, calc_second_order=part.second_order, seed=part.seed)
        )
    from SALib.sample import morris

    return np.asarray(morris.sample(problem, part.samples, num_levels=part.levels, seed=part.seed))


def unit_problem(names: Sequence[str]) -> dict[str, Any]:
    """The unit cube in SALib's words; its analyses take the same."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def rows_of(part: DesignPart, spreads: Mapping[str, Spread]) -> int:
    """How many rows the design will have, without making it."""
    samples, levers = part.samples or 0, len(spreads)
    if part.method in (Method.GRID, Method.ONE_AT_A_TIME):
        counts = [len(spread.levels()) for spread in spreads.values()]
        return math.prod(counts) if part.method == Method.GRID else 1 + sum(counts)
    if part.method == Method.SOBOL:
        return samples * (2 * levers + 2 if part.second_order else levers + 2)
    return samples * (levers + 1) if part.method == Method.MORRIS else samples
