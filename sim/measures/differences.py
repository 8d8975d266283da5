"""The difference of a figure between two results, and how surely it is known.

For a figure that is x in the first result and y in the other:

- *difference* = y - x; *relative difference* = (y - x) / |x|, which does not exist for x = 0.
- Two results are *paired* if they have the same seeds, as many simulated customers and as many
  people: then a customer of one is the same customer, with the same luck, in the other, and
  what differs comes from what differs between the scenarios.
- *95 % interval*, replicates paired: with d_r = y_r - x_r in replicate r of R, mean m and
  standard deviation s (n - 1), m -/+ t s / sqrt(R), t being Student's 97.5 % point with R - 1
  degrees of freedom.
- *95 % interval*, other replicates, R and Q of them: with a = s_x^2 / R and b = s_y^2 / Q,
  (mean y - mean x) -/+ t sqrt(a + b), with (a + b)^2 / (a^2 / (R - 1) + b^2 / (Q - 1)) degrees
  of freedom (Welch 1947).
- One run has no interval: luck cannot be seen in it.

A figure that is missing in any replicate has no difference.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.elementary import square
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.replicates import student

Summaries = Sequence[Mapping[str, Any]]  # one of a run, several of replicates


class Difference(NamedTuple):
    """A figure of two results, in the figure's unit; `low` and `high`: 95 % interval."""

    first: float
    other: float
    difference: float
    relative: Figure
    low: float | None
    high: float | None

    @property
    def is_sure(self) -> bool:
        """Whether there is an interval and it leaves out 0."""
        if self.low is None or self.high is None:
            return False
        return self.low > 0.0 or self.high < 0.0


def are_paired(first: Summaries, other: Summaries) -> bool:
    """Whether the two results have the same seeds and the same number of customers."""

    def luck(summaries: Summaries) -> list[tuple[Any, ...]]:
        return [(one["seed"], one["agents"], one["population"]) for one in summaries]

    return luck(first) == luck(other)


def figure_at(summary: Mapping[str, Any], key: str) -> float | None:
    """The figure of a summary at a dotted key; None if it does not exist."""
    value: Any = summary
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value if value is None else float(value)


def difference(first: Summaries, other: Summaries, key: str) -> Difference | Undefined:
    """The difference of the figure at `key` between two results, each of one or more runs."""
    before = [figure_at(summary, key) for summary in first]
    after = [figure_at(summary, key) for summary in other]
    x = [value for value in before if value is not None]
    y = [value for value in after if value is not None]
    if len(x) < len(before) or len(y) < len(after):
        return Undefined("there is no figure to compare")
    start, end = _mean(x), _mean(y)
    change = end - start
    half = _half(x, y, are_paired(first, other))
    return Difference(
        start,
        end,
        change,
        ratio(change, abs(start), "the first figure is 0"),
        None if half is None else change - half,
        None if half is None else change + half,
    )


def _half(x: Sequence[float], y: Sequence[float], paired: bool) -> float | None:
    """Half the width of the 95 % interval; None without replicates."""
    if len(x) < 2 or len(y) < 2:
        return None
    if paired:
        changes = [b - a for a, b in zip(x, y, strict=True)]
        return student(len(x) - 1) * math.sqrt(_variance(changes) / len(changes))
    a, b = _variance(x) / len(x), _variance(y) / len(y)
    if a + b == 0.0:
        return 0.0
    freedom = square(a + b) / (a * a / (len(x) - 1) + b * b / (len(y) - 1))
    return student(freedom) * math.sqrt(a + b)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.fsum(square(value - mean) for value in values) / (len(values) - 1)
