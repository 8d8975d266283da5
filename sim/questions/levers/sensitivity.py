"""Sensitivity: which levers drive a measure, from the finished table of a study.

What is analysed is the mean y_i over the replicates of each row i of the design.

**Sobol** (Sobol 2001; estimators of Saltelli et al. 2010, pairs of Saltelli 2002; SALib). Of the
variance V of the measure over the levers' ranges

    first order  S_j  = V(E(y | x_j)) / V          what lever j does by itself
    second order S_jk = V(E(y | x_j, x_k)) / V - S_j - S_k    what two do beyond that, together
    total        T_j  = E(V(y | all but x_j)) / V  what j does alone and with all others

so that 1 - sum S_j is what levers do only together. Estimates may lie a little outside 0 to 1.
95% intervals: value -/+ 1.96 standard deviations of `RESAMPLES` bootstrap samples of the base
points, seeded by the design.

**Morris** (Morris 1991, Campolongo et al. 2007; SALib). An elementary effect of a lever is the
change of y in one step of it, divided by the step's share of its range: what its whole range
would do at that slope. `mu_star` = mean of their sizes, `mu` = their mean with signs, `sigma` =
their standard deviation (n - 1), which is 0 where the lever acts in a straight line and by
itself. Interval of `mu_star`: bootstrapped as above.

**One at a time.** `least` and `most`: the lowest and highest mean at any level of the lever, less
that at the base, which counts as a level (so least <= 0 <= most); `swing` = most - least.
95% interval of either: Student's over the replicates' differences from the base.

**Luck.** With R > 1 replicates, y_ir = m + a_i + b_r + e_ir: rows, seeds (the same in all rows),
and what is left. The mean squares of the two-way table estimate the three variances,

    V_e = MS_e,  V_a = max(0, (MS_rows - MS_e) / R),  V_b = max(0, (MS_seeds - MS_e) / n)

(a measure may differ between seeds in the same way in every row; the comparison of rows does not
suffer from that). `luck` = (V_b + V_e) / (V_a + V_b + V_e), the share of luck in the variance of
single runs; `noise` = (V_e / R) / (V_a + V_e / R), its share in the variance that is analysed.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.measures.figure import Undefined
from sim.measures.intervals import around, mean_half
from sim.model.columns import Reals
from sim.questions.levers.design import OneAtATime, unit_points, unit_problem
from sim.questions.levers.study import DesignPart, Method
from sim.questions.levers.tables import SENSITIVITY
from sim.runs.plan import Plan, Value

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FILE = "sensitivity.parquet"
FIRST, TOTAL, SECOND = "first", "total", "second"
MU_STAR, MU, SIGMA = "mu_star", "mu", "sigma"
LEAST, MOST, SWING = "least", "most", "swing"
LUCK, NOISE = "luck", "noise"

RESAMPLES = 200  # assumption: the width of an interval is then known to 5 %
# Base points or trajectories below which a spread cannot be told; assumptions.
FEWEST = {Method.SOBOL: 4, Method.MORRIS: 2}


class Index(NamedTuple):
    """One figure of an analysis; `other`: the second lever of a pair, `level`: of one at a time.

    `low` and `high`: its 95% interval; None: there is none.
    """

    kind: str
    lever: str
    value: float
    low: float | None = None
    high: float | None = None
    other: str | None = None
    level: Value = None


@dataclass(frozen=True)
class Sensitivity:
    """The analysis of a study; by measure its figures, or why there are none."""

    method: Method
    levers: Sequence[str]
    second_order: bool
    found: Mapping[str, Sequence[Index] | Undefined]


def analyse(design: DesignPart, plan: Plan, table: pd.DataFrame) -> Sensitivity | None:
    """The sensitivity of every measure of a finished study; None if its design tells none.

    `table`: all rows, by design row and replicate, as `sim.runs.sweep` returns them.
    """
    if design.method not in (Method.SOBOL, Method.MORRIS, Method.ONE_AT_A_TIME):
        return None
    shape = (plan.design.size, len(plan.seeds))
    found = {
        measure: _of(design, plan, table[measure].to_numpy(dtype=np.float64).reshape(shape))
        for measure in plan.measures
    }
    return Sensitivity(design.method, list(plan.columns), design.second_order, found)


def _of(design: DesignPart, plan: Plan, values: Reals) -> list[Index] | Undefined:
    """The figures of one measure; `values`: rows x replicates."""
    missing = int(np.isnan(values).sum())
    if missing:
        return Undefined(
            "in {missing} of {count} runs there is no figure", missing=missing, count=values.size
        )
    means = values.mean(axis=1)
    if np.ptp(means) <= 1e-12 * np.abs(means).max():  # rounding alone
        return Undefined("the figure is the same in all rows")
    few = design.samples is not None and design.samples < FEWEST.get(design.method, 0)
    if few:
        return Undefined(
            "the design has {samples} samples; it takes {fewest}",
            samples=design.samples,
            fewest=FEWEST[design.method],
        )
    levers = list(plan.columns)
    if design.method == Method.SOBOL:
        found = sobol_indices(design, levers, means)
    elif design.method == Method.MORRIS:
        found = morris_effects(design, levers, means)
    else:
        assert isinstance(plan.design, OneAtATime)
        found = swings(plan.design, levers, values)
    return found + luck(values)


def sobol_indices(design: DesignPart, levers: Sequence[str], means: Reals) -> list[Index]:
    """First and total indices of each lever, and of pairs with `second_order`."""
    from SALib.analyze import sobol

    # SALib takes a seed of 0 for none
    found = sobol.analyze(
        unit_problem(levers),
        means,
        calc_second_order=design.second_order,
        num_resamples=RESAMPLES,
        seed=design.seed + 1,
    )
    indices = []
    for kind, name in ((FIRST, "S1"), (TOTAL, "ST")):
        for place, lever in enumerate(levers):
            value, half = float(found[name][place]), float(found[f"{name}_conf"][place])
            indices.append(Index(kind, lever, value, value - half, value + half))
    if design.second_order:
        for j, k in combinations(range(len(levers)), 2):
            value, half = float(found["S2"][j, k]), float(found["S2_conf"][j, k])
            indices.append(
                Index(SECOND, levers[j], value, value - half, value + half, other=levers[k])
            )
    return indices


def morris_effects(design: DesignPart, levers: Sequence[str], means: Reals) -> list[Index]:
    """Mean size, mean and spread of the elementary effects of each lever."""
    from SALib.analyze import morris

    with warnings.catch_warnings():  # of pandas, about SALib's own table
        warnings.simplefilter("ignore", FutureWarning)
        found = morris.analyze(
            unit_problem(levers),
            unit_points(design, levers),
            means,
            num_resamples=RESAMPLES,
            num_levels=design.levels,
            seed=design.seed + 1,
        )
    indices = []
    for place, lever in enumerate(levers):
        value, half = float(found["mu_star"][place]), float(found["mu_star_conf"][place])
        indices += [
            Index(MU_STAR, lever, value, max(0.0, value - half), value + half),
            Index(MU, lever, float(found["mu"][place])),
            Index(SIGMA, lever, float(found["sigma"][place])),
        ]
    return indices


def swings(design: OneAtATime, levers: Sequence[str], values: Reals) -> list[Index]:
    """What the levels of each lever do beside the base; `values`: rows x replicates."""
    indices = []
    row = 1
    for place, (lever, levels) in enumerate(zip(levers, design.levels, strict=True)):
        changes = values[row : row + len(levels)] - values[0]
        row += len(levels)
        changes = np.vstack([np.zeros_like(values[:1]), changes])
        all_levels = [design.base[place], *levels]
        means = changes.mean(axis=1)
        least, most = int(means.argmin()), int(means.argmax())
        for kind, at in ((LEAST, least), (MOST, most)):
            value, half = float(means[at]), mean_half(changes[at].tolist())
            low, high = (None, None) if half is None else around(value, half)[1:]
            indices.append(Index(kind, lever, value, low, high, level=all_levels[at]))
        indices.append(Index(SWING, lever, float(means[most] - means[least])))
    return indices


def luck(values: Reals) -> list[Index]:
    """The shares of luck; `values`: rows x replicates. None of them with one replicate."""
    rows, seeds = values.shape
    if seeds < 2 or rows < 2:
        return []
    mean = float(values.mean())
    by_row, by_seed = values.mean(axis=1), values.mean(axis=0)
    left = values - by_row[:, None] - by_seed[None, :] + mean
    ms_left = float((left**2).sum()) / ((rows - 1) * (seeds - 1))
    ms_rows = seeds * float(((by_row - mean) ** 2).sum()) / (rows - 1)
    ms_seeds = rows * float(((by_seed - mean) ** 2).sum()) / (seeds - 1)
    v_row = max(0.0, (ms_rows - ms_left) / seeds)
    v_seed = max(0.0, (ms_seeds - ms_left) / rows)
    single, mean_of_row = v_row + v_seed + ms_left, v_row + ms_left / seeds
    if single <= 0.0 or mean_of_row <= 0.0:
        return []
    return [
        Index(LUCK, "", (v_seed + ms_left) / single),
        Index(NOISE, "", ms_left / seeds / mean_of_row),
    ]


def sensitivity_table(analysed: Sensitivity) -> pa.Table:
    """All figures, a row each; a measure that cannot be analysed has none."""
    import pyarrow as pa

    rows = [
        {
            "measure": measure,
            "index": one.kind,
            "lever": one.lever or None,
            "other": one.other,
            "level": None if one.level is None else str(one.level),
            "value": one.value,
            "low": one.low,
            "high": one.high,
        }
        for measure, found in analysed.found.items()
        if not isinstance(found, Undefined)
        for one in found
    ]
    fields = [(column.name, column.kind) for column in SENSITIVITY.columns]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))
