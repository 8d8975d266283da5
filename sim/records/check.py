"""Whether a stored table can be one of this program's: its columns, ranges, keys and totals.

A table that was changed may still be a Parquet file, and its figures would be believed. So every
table is held against its declaration (`sim.records.columns`) before it is read, and the tables of
a run against each other: whoever left a phase is in another one, every purchase is counted once.
Everything raises ValueError with the rest of a sentence whose subject is the table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.errors import shown
from sim.model.columns import SCORES, Count, months_in
from sim.records.build import end_of_day
from sim.records.columns import DENSE, KEYS, NAME, SIGNED, TABLES
from sim.records.names import Names
from sim.records.recorder import Records
from sim.scenario.schema import Scenario

MOST_EVENTS = 64  # of a customer's day beside its encounters: far more than the rules can make
RANGES = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "0..10": (0.0, SCORES - 1.0)}


def most_rows(name: str, scenario: Scenario) -> int:
    """How many rows the table can have at the most."""
    if name == "panel":
        watched = math.ceil(scenario.agents * scenario.panel) + 1
        return watched * scenario.days * (MOST_EVENTS + len(scenario.touchpoints))
    if name == "cohorts":
        months = months_in(scenario.days)
        return len(scenario.segments) * (months + months * (months + 1) // 2)
    return math.prod(_sizes(name, scenario).values())


def _sizes(name: str, scenario: Scenario) -> Mapping[str, int]:
    """How many values each key column of a table can have."""
    names = Names(scenario)
    months = months_in(scenario.days)
    sizes = {
        "day": scenario.days,
        "segment": len(names.segments),
        "phase": len(names.phases),
        "from_phase": len(names.phases),
        "to_phase": len(names.phases),
        "offer": len(names.offers),
        "route": len(names.routes),
        "add_on": max(1, len(names.all_add_ons)),
        "competitor": max(1, len(names.rivals)),
        "touchpoint": max(1, len(names.touchpoints)),
        "score": SCORES,
        "cohort": months + 1,
        "age_months": months,
        "customer_key": scenario.agents,
    }
    if name == "losses":
        sizes["offer"] = max(1, len(names.rivals))
    return {key: sizes[key] for key in KEYS[name]}


def check_table(name: str, table: Any, scenario: Scenario) -> None:
    """Hold a stored table against its declaration. Raises ValueError."""
    declared = TABLES[name]
    if table.schema.names != declared.names:
        raise ValueError("its columns are not those of the table")
    for field in declared:
        column = table.column(field.name)
        if column.type != field.type:
            raise ValueError(f"column {field.name} holds {column.type}, not {field.type}")
        if column.null_count and not field.nullable:
            raise ValueError(f"column {field.name} has empty cells")
        _check_range(field, column, scenario)
    if name in KEYS:
        _check_keys(name, table, scenario)


def _check_range(field: Any, column: Any, scenario: Scenario) -> None:
    if field.type == NAME or not (pa.types.is_integer(field.type) or _is_real(field.type)):
        return
    found = pc.min_max(column).as_py()
    low, high = found["min"], found["max"]
    if low is None:
        return
    if _is_real(field.type):
        finite = pc.all(pc.is_finite(column)).as_py()
        if finite is False:
            raise ValueError(f"column {field.name} holds what is no number")
    unit = (field.metadata or {}).get(b"unit", b"").decode()
    lowest, highest = RANGES.get(unit, (0.0, math.inf))
    if unit not in RANGES and field.name in SIGNED:
        lowest = -math.inf
    if unit == "day":
        highest = scenario.days - 1.0
    if field.name in SIGNED and unit == "":
        lowest = -math.inf
    if field.name.endswith("_sum"):
        lowest, highest = (-math.inf if field.name in SIGNED else 0.0), math.inf
    if low < lowest or high > highest:
        wrong = low if low < lowest else high
        raise ValueError(f"column {field.name} holds {wrong:g}, which is out of range")


def _is_real(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind))


def _check_keys(name: str, table: Any, scenario: Scenario) -> None:
    """Every row once, and of a dense table every row."""
    keys = KEYS[name]
    unique = table.select(list(keys)).group_by(list(keys)).aggregate([]).num_rows
    if unique < table.num_rows:
        raise ValueError(f"it has two rows for the same {', '.join(keys)}")
    wanted = most_rows(name, scenario)
    if name in DENSE and table.num_rows != wanted:
        raise ValueError(f"it has {table.num_rows:,} rows where there are {wanted:,}")


def names_of(column: Any, allowed: Sequence[str], what: str) -> list[int]:
    """The place of each word of a column's dictionary among the allowed ones."""
    places = {name: place for place, name in enumerate(allowed)}
    found = []
    for word in column.dictionary.to_pylist():
        if word not in places:
            raise ValueError(f"column {what} names {shown(word)}, which the scenario does not have")
        found.append(places[word])
    return found


def check_totals(records: Records, held: Any) -> None:
    """Hold the tables of a run against each other.

    `held`: people in each phase at the end of each day, (D, S, P), as the table has them. Raises
    ValueError whose sentence begins with the name of a table.
    """
    if not np.array_equal(end_of_day(records), held):
        raise ValueError("phases: it is not what the moves in flows lead to")
    counts = records.counts
    for count, name, cells in (
        (Count.PURCHASES, "purchases", records.purchases.sum(axis=(2, 3))),
        (Count.LOST, "losses", records.losses.sum(axis=2)),
        (Count.JUDGEMENTS, "scores", records.scores.sum(axis=2)),
    ):
        if not np.array_equal(counts[:, :, count], cells):
            raise ValueError(f"{name}: its totals are not those in daily")
    if (counts[:, :, Count.NEW_CUSTOMERS] > counts[:, :, Count.PURCHASES]).any():
        raise ValueError("daily: it has more new customers than purchases")
    segments, phases = held.shape[1:]
    rows = records.customers
    place = rows["segment"].astype(np.int64) * phases + rows["phase"]
    census = np.bincount(place, minlength=segments * phases).reshape(segments, phases)
    if not np.array_equal(census, held[-1]):
        raise ValueError("customers: its people are not in the phases that the table phases says")
