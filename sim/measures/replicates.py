"""Several seeds of one scenario or of two: means, differences, and how surely they are known.

*Replicates.* The 95% interval of a figure is Student's over the replicates
(`sim.measures.intervals`). A figure that does not exist in every replicate has neither mean nor
interval.

*Differences.* For a figure that is x in the first result and y in the other:

- *difference* = y - x; *relative difference* = (y - x) / |x|, which does not exist for x = 0.
- Two results are *paired* if they have the same seeds, as many simulated customers and as many
  people: then a customer of one is the same customer, with the same luck, in the other, and
  what differs comes from what differs between the scenarios.
- *95% interval*, replicates paired: Student's, of d_r = y_r - x_r in replicate r; other
  replicates: Welch's.
- One run has no interval: luck cannot be seen in it.

A figure that is missing in any replicate has no difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.intervals import around, difference_half, mean_half, mean_of

Path = tuple[str, ...]  # of a figure in a summary

SAME = ("scenario", "agents", "population", "days", "currency", "engine", "threads")


def combine(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary of replicates: means at the keys of a single run's, and beside them

    `seeds`: all seeds; `intervals`: [low, high] by dotted key, for every figure that differs
    between replicates or could. Needs at least two summaries of the same scenario.
    """
    if len(summaries) < 2:
        raise ValueError("replicates are at least two")
    first = summaries[0]
    flat = [dict(leaves(summary)) for summary in summaries]
    means: dict[Path, Any] = {}
    intervals: dict[Path, list[float]] = {}
    reasons: dict[Path, str] = {}
    for key in flat[0]:
        given = [figures[key] for figures in flat]
        values = [value for value in given if value is not None]
        if len(values) < len(given):
            means[key] = None
            reasons[key] = _reason(summaries, key, given)
            continue
        half = mean_half(values)
        assert half is not None  # there are two replicates at least
        means[key], *intervals[key] = around(mean_of(values), half)
    nested: dict[str, Any] = {}
    for key, mean in means.items():
        _put(nested, key, mean)
    return {
        **{key: first[key] for key in SAME},
        "seed": first["seed"],
        "seeds": [summary["seed"] for summary in summaries],
        "seconds": math.fsum(summary["seconds"] for summary in summaries),
        "customer_days_per_second": _speed(summaries),
        **nested,
        "intervals": {".".join(key): interval for key, interval in intervals.items()},
        "undefined": {".".join(key): reason for key, reason in reasons.items()},
    }


def leaves(summary: Mapping[str, Any]) -> Iterator[tuple[Path, float | None]]:
    """The figures of a summary by path; what is said of the run itself is none."""
    for key, value in summary.items():
        if isinstance(value, Mapping) and key not in ("intervals", "undefined"):
            yield from _below(value, (key,))


def _below(nested: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, float | None]]:
    for key, value in nested.items():
        if isinstance(value, Mapping):
            yield from _below(value, (*path, key))
        else:
            yield (*path, key), value


def _put(nested: dict[str, Any], path: Path, value: Any) -> None:
    for part in path[:-1]:
        nested = nested.setdefault(part, {})
    nested[path[-1]] = value


def _reason(
    summaries: Sequence[Mapping[str, Any]], key: Path, values: Sequence[float | None]
) -> str:
    missing = [place for place, value in enumerate(values) if value is None]
    found = summaries[missing[0]]["undefined"]
    reason: str = found.get(".".join(key), Undefined("there is no figure"))
    if len(missing) == len(values):
        return reason
    return Undefined(
        "in {missing} of {count} replicates: {reason}",
        missing=len(missing),
        count=len(values),
        reason=reason,
    )


def _speed(summaries: Sequence[Mapping[str, Any]]) -> float:
    work = math.fsum(s["customer_days_per_second"] * s["seconds"] for s in summaries)
    return work / max(math.fsum(summary["seconds"] for summary in summaries), 1e-9)


# --- differences between two results ---

Summaries = Sequence[Mapping[str, Any]]  # one of a run, several of replicates


class Difference(NamedTuple):
    """A figure of two results, in the figure's unit; `low` and `high`: 95% interval."""

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
    start, end = mean_of(x), mean_of(y)
    change = end - start
    half = difference_half(x, y, are_paired(first, other))
    return Difference(
        start,
        end,
        change,
        ratio(change, abs(start), "the first figure is 0"),
        None if half is None else change - half,
        None if half is None else change + half,
    )
