"""All tables of a run, and the way from records to tables and back.

Scale: a table that adds up over customers counts people and money of the whole
`population`, so every figure is a simulated count times `people_per_agent` (in the
manifest); divide by it to get simulated customers. `customers` and `panel` have one row
for each simulated customer and event, and hold that customer's own figures.

Days count from 0; a year is 365 days and has twelve equal months; ages and cohorts are
such months. Money is in the scenario's currency. Names (segment, phase, ...) are those of
the scenario. A figure that does not exist is null, never a special number. Columns whose
name ends in `_sum` are sums: divide by the count beside them for a mean.

Each is declared once, in `counters`, `people` or `surveys`: what it holds, how it is made of
records, how it is read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sim.model.columns import (
    EVENT,
    ROUTES,
    SCORES,
    STARS,
    Cohort,
    Count,
    Integers,
    Touch,
    months_in,
)
from sim.records.counters import COUNTERS, PEOPLE_IN_PHASES
from sim.records.interviews import ANSWER, IMPORTANCE
from sim.records.names import Names
from sim.records.people import PEOPLE, STORED_CUSTOMER, Customers, Events
from sim.records.recorder import Records
from sim.records.surveys import SURVEYS, Answers, Importances
from sim.records.table import RunTable, batch
from sim.scenario.schema import Scenario

TABLES: dict[str, RunTable] = {table.name: table for table in (*COUNTERS, *PEOPLE, *SURVEYS)}


def batches(records: Records, name: str) -> Iterator[Any]:
    """The table `name` as Arrow record batches, so that a large one is never whole in memory.

    Raises `KeyError` if there is no such table.
    """
    table, names = TABLES[name], Names(records.scenario)
    return (
        batch(table, (c.fill(rows) for c in table.columns)) for rows in table.rows(records, names)
    )


def restore(scenario: Scenario, read: Callable[[str], Any]) -> Records:
    """Records out of tables; `read` gives the Arrow table of a name in `TABLES`.

    The counts come back exactly. Of a customer those fields come back that the table holds; stocks
    stand at the last day. No table is believed unread: each is held against its declaration, then
    they are held against each other. Raises ValueError, `table: what is wrong with it`, if a table
    cannot be one of this run's.
    """
    names = Names(scenario)
    records = _blank(names)
    for table in sorted(TABLES.values(), key=lambda one: one is PEOPLE_IN_PHASES):  # it needs flows
        content = read(table.name)
        try:
            rows = table.keep(content, records, names)
        except ValueError as error:
            raise ValueError(f"{table.name}: {error}") from error
        if isinstance(rows, Customers):
            records = replace(records, customers=rows.array)
        elif isinstance(rows, Events):
            records = replace(records, events=rows.array)
        elif isinstance(rows, Answers):
            records = replace(records, answers=rows.array)
        elif isinstance(rows, Importances):
            records = replace(records, importances=rows.array)
    for table in TABLES.values():
        for otherwise, holds in table.claims.items():
            if not holds(records):
                raise ValueError(f"{table.name}: {otherwise}")
    return records


def _blank(names: Names) -> Records:
    """Records in which nothing has happened yet, without customers and events."""
    scenario = names.scenario
    days, months = scenario.days, months_in(scenario.days)
    segments, phases = len(names.segments), len(names.phases)
    offers, touchpoints = len(names.offers), len(names.touchpoints)

    def zeros(*shape: int) -> Integers:
        return np.zeros(shape, dtype=np.int64)

    return Records(
        scenario=scenario,
        start=zeros(segments, phases),
        flows=zeros(days, segments, phases, phases),
        counts=zeros(days, segments, len(Count)),
        purchases=zeros(days, segments, offers, ROUTES),
        sales=zeros(days, segments, offers, ROUTES),
        add_ons=zeros(days, segments, offers, names.most_add_ons),
        losses=zeros(days, segments, max(1, len(names.rivals))),
        touch=zeros(days, segments, max(1, len(names.pairs)), len(Touch)),
        commission=zeros(days, touchpoints),
        scores=zeros(days, segments, SCORES),
        stars=zeros(days, STARS),
        messages=zeros(days, 2),
        spend=np.zeros((days, touchpoints)),
        rating=np.zeros(days),
        cohorts=zeros(segments, months + 1, months + 1, len(Cohort)),
        active=zeros(months, segments, months + 1),
        customers=np.zeros(0, dtype=STORED_CUSTOMER),
        met=np.zeros((0, 0), dtype=np.uint64),
        events=np.zeros(0, dtype=EVENT),
        answers=np.zeros(0, dtype=ANSWER),
        importances=np.zeros(0, dtype=IMPORTANCE),
    )
