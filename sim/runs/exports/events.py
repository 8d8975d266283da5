"""The panel's event log as process mining and journey analytics read it.

They want text for the case and for the event, and one time for one event: tools sort by time
and then count who follows whom, so two events of a customer at the same time would be in no
order. The model has no clock within a day; the seconds after midnight number the events of a
customer's day, in the order in which they happened.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.records import TABLES, batches
from sim.records.names import Names
from sim.records.recorder import Records
from sim.records.table import NAME, TEXT, Column, Table
from sim.vocabulary import EventCode

CASE = "customer"  # what a case is called before its key: tools want text, not numbers
TALKS = ("positive", "negative")
PANEL = TABLES["panel"]


def _of_panel(name: str) -> Column:
    """The panel's column, with names as plain text."""
    column = PANEL.column(name)
    return Column(
        name=name,
        kind=TEXT if column.kind == NAME else column.kind,
        unit=column.unit,
        meaning=column.meaning,
        nullable=column.nullable,
    )


EVENTS = Table(
    name="events",
    meaning="One row for each event of each customer of the panel, in order.",
    columns=(
        Column(name="case_id", kind=TEXT, meaning="customer and customer_key"),
        _of_panel("timestamp"),
        Column(name="event", kind=TEXT, meaning="what happened and, after a colon, with what"),
        Column(name="kind", kind=TEXT, meaning="the event of the table panel"),
        Column(name="day", kind=pa.int16(), meaning="day of the run, 0-based"),
        Column(name="segment", kind=TEXT, meaning="segment of the customer"),
        *(_of_panel(name) for name in PANEL.names if name not in ("case_id", "timestamp", "event")),
    ),
)


def event_table(records: Records) -> Any:
    """The log as an Arrow table, `EVENTS`: by customer, day, and order of happening."""
    names = Names(records.scenario)
    order = np.argsort(records.events["customer"], kind="stable")  # they are by day already
    rows = records.events[order]
    panel = pa.Table.from_batches(batches(records, "panel"), schema=PANEL.schema).take(
        pa.array(order)
    )
    segment = records.customers["segment"][rows["customer"]]
    new = {
        "case_id": pc.binary_join_element_wise(CASE, panel["case_id"].cast(pa.string()), " "),
        "event": _event_names(rows, names),
        "kind": panel["event"],
        "day": pa.array(rows["day"]),
        "segment": pa.array(np.array(names.segments, dtype=object)[segment], pa.string()),
    }
    columns = []
    for column in EVENTS.columns:
        values = new[column.name] if column.name in new else panel[column.name]
        columns.append(values if values.type == column.kind else values.cast(column.kind))
    return pa.Table.from_arrays(columns, schema=EVENTS.schema)


def _event_names(rows: NDArray[np.void], names: Names) -> Any:
    """What each event is called: `encounter: newsletter`, `need`, `purchase: everyday`."""
    talk = np.where(rows["value"] > 0.0, 0, 1)
    rivals = tuple(f"{competitor}.{offer}" for competitor, offer in names.rivals)
    details = {
        EventCode.ENCOUNTER: (rows["touchpoint"], names.touchpoints),
        EventCode.MOVE: (rows["to_phase"], names.phases),
        EventCode.PURCHASE: (rows["offer"], names.offers),
        EventCode.RENEWAL: (rows["offer"], names.offers),
        EventCode.LOST_TO_COMPETITOR: (rows["offer"], rivals),
        EventCode.TALK: (talk, TALKS),
        EventCode.PICKED: (rows["offer"], names.offers),
        EventCode.COMPETITOR_PICKED: (rows["offer"], rivals),
    }
    nothing = np.full(len(rows), -1)
    words: list[str] = []
    code = np.zeros(len(rows), dtype=np.int32)
    for event in EventCode:
        detail, of = details.get(event, (nothing, ()))
        here = rows["event"] == event
        code[here] = len(words) + 1 + detail[here].astype(np.int32)  # -1: the bare word
        word = event.name.lower().replace("_", " ")
        words += [word, *(f"{word}: {name}" for name in of)]
    return pa.array(words, pa.string()).take(pa.array(code))
