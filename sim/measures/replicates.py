"""Several seeds of one scenario: means, and how surely they are known.

Over R replicates with mean m and standard deviation s (n - 1), the 95 % interval of a
figure is m -/+ t s / sqrt(R), t being Student's 97.5 % point with R - 1 degrees of freedom.
A figure that does not exist in every replicate has neither.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.distributions import student_quantile
from sim.elementary import square
from sim.measures.figure import Undefined

CONFIDENCE = 0.95
SAME = ("scenario", "agents", "population", "days", "currency", "engine", "threads")


def combine(summaries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary of replicates: means at the keys of a single run's, and beside them

    `seeds`: all seeds; `intervals`: [low, high] by dotted key, for every figure that differs
    between replicates or could. Needs at least two summaries of the same scenario.
    """
    if len(summaries) < 2:
        raise ValueError("replicates are at least two")
    first = summaries[0]
    flat = [dict(_leaves(summary)) for summary in summaries]
    means: dict[str, Any] = {}
    intervals: dict[str, list[float]] = {}
    reasons: dict[str, str] = {}
    for key in flat[0]:
        given = [leaves[key] for leaves in flat]
        values = [value for value in given if value is not None]
        if len(values) < len(given):
            means[key] = None
            reasons[key] = _reason(summaries, key, given)
            continue
        mean = math.fsum(values) / len(values)
        spread = math.sqrt(math.fsum(square(v - mean) for v in values) / (len(values) - 1))
        half = student(len(values) - 1) * spread / math.sqrt(len(values))
        means[key] = mean
        intervals[key] = [mean - half, mean + half]
    nested: dict[str, Any] = {}
    for key, mean in means.items():
        _put(nested, key.split("\0"), mean)
    return {
        **{key: first[key] for key in SAME},
        "seed": first["seed"],
        "seeds": [summary["seed"] for summary in summaries],
        "seconds": math.fsum(summary["seconds"] for summary in summaries),
        "customer_days_per_second": _speed(summaries),
        **nested,
        "intervals": {key.replace("\0", "."): interval for key, interval in intervals.items()},
        "undefined": {key.replace("\0", "."): reason for key, reason in reasons.items()},
    }


def student(freedom: float) -> float:
    """Student's t: the point that a value exceeds with a chance of 2.5 %."""
    return student_quantile(freedom, 0.5 - CONFIDENCE / 2.0)


def _leaves(summary: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    """The figures of a summary by path, joined by NUL (names hold no NUL)."""
    for key, value in summary.items():
        if isinstance(value, Mapping) and key != "undefined":
            yield from _below(value, key)


def _below(nested: Mapping[str, Any], path: str) -> Iterator[tuple[str, float | None]]:
    for key, value in nested.items():
        if isinstance(value, Mapping):
            yield from _below(value, f"{path}\0{key}")
        else:
            yield f"{path}\0{key}", value


def _put(nested: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        nested = nested.setdefault(part, {})
    nested[path[-1]] = value


def _reason(
    summaries: Sequence[Mapping[str, Any]], key: str, values: Sequence[float | None]
) -> str:
    missing = [place for place, value in enumerate(values) if value is None]
    found = summaries[missing[0]]["undefined"]
    reason: str = found.get(key.replace("\0", "."), Undefined("there is no figure"))
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
