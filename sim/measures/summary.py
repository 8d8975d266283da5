"""The figures of a run in one object: what `run --json` prints and `summary.json` holds.

Made of `sim.measures.catalogue`, which says what each figure is. People and money are those of
the whole population. A figure that does not exist is null, and `undefined` says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.measures.catalogue import MEASURES
from sim.measures.figure import plain
from sim.records.recorder import Records
from sim.records.steps import NextKrone

LAST = ("next_krone", "next_krone_purpose")  # of the groups; not every run has them


def figures_of(
    records: Records, next_krone: NextKrone | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of the catalogue, nested at the dots, and why those that are None do not exist.

    `next_krone`: what a step up of each touchpoint did; None if that was not tried out.
    """
    nested: dict[str, Any] = {}
    for measure in MEASURES:
        if measure.of is not None:
            _put(nested, measure.key.split("."), measure.of(records))
        elif measure.of_steps is not None:
            _put(nested, measure.key.split("."), measure.of_steps(next_krone))
    for group in LAST:
        nested[group] = nested.pop(group)
    return plain(nested)


def _put(nested: dict[str, Any], path: Sequence[str], figures: Any) -> None:
    """Put a figure, or figures by name where the path has a star, where they belong."""
    first, *rest = path
    if first != "*" and not rest:
        nested[first] = figures
    elif first != "*":
        _put(nested.setdefault(first, {}), rest, figures)
    else:
        assert isinstance(figures, Mapping)
        for name, figure in figures.items():
            _put(nested, [name, *rest], figure)
