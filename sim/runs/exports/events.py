"""The panel's event log as process mining and journey analytics read it.

They want text for the case and for the event, and one time for one event: tools sort by time
and then count who follows whom, so two events of a customer at the same time would be in no
order. The model has no clock within a day; the seconds after midnight number the events of a
customer's day, in the order in which they happened.

A case is a customer, or a *journey*: from one need of a customer to the next. A journey ends where
the customer buys, gives up or is lost to a competitor; whatever follows until the next need
(delivery, judgement, renewals, talk, advertising) came of it, and belongs to it. So every event is
in exactly one case. Journey 0 is what the log saw before the customer's first need.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.errors import BadOption, InputError
from sim.model.columns import Integers
from sim.records import TABLES, batches
from sim.records.names import Names
from sim.records.people import EPOCH, place_in_day
from sim.records.recorder import Records
from sim.records.table import NAME, TEXT, TIME, Column, Table
from sim.runs.exports.dates import dates_of
from sim.vocabulary import EventCode

# What a case is, and what it is called before its number: tools want text, not numbers.
CUSTOMER, JOURNEY = CASES = ("customer", "journey")
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
        Column(
            name="case_id",
            kind=TEXT,
            meaning="customer and customer_key; if a case is a journey, its number too: the"
            " customer's needs so far",
        ),
        Column(
            name="timestamp",
            kind=TIME,
            meaning=f"{EPOCH:%Y-%m-%d} is day 0, and no year has a 29 February; seconds only number"
            " the events of a day",
        ),
        Column(name="event", kind=TEXT, meaning="what happened and, after a colon, with what"),
        Column(name="kind", kind=TEXT, meaning="the event of the table panel"),
        Column(name="day", kind=pa.int16(), meaning="day of the run, 0-based"),
        Column(name="segment", kind=TEXT, meaning="segment of the customer"),
        *(_of_panel(name) for name in PANEL.names if name not in ("case_id", "timestamp", "event")),
    ),
)


def check_case(case: str) -> None:
    """Raise `InputError` unless a case can be that, one of CASES."""
    if case not in CASES:
        problem = BadOption(field="case", given=case, allowed=" or ".join(CASES))
        raise InputError(problems=[problem])


def event_table(records: Records, case: str = CUSTOMER) -> Any:
    """The log as an Arrow table, `EVENTS`: by customer, day, and order of happening.

    `case`: what a case is. Raises as `check_case`.
    """
    check_case(case)
    names = Names(records.scenario)
    order = np.argsort(records.events["customer"], kind="stable")  # they are by day already
    rows = records.events[order]
    panel = pa.Table.from_batches(batches(records, "panel"), schema=PANEL.schema).take(
        pa.array(order)
    )
    segment = records.customers["segment"][rows["customer"]]
    new = {
        "case_id": _case_names(rows, case),
        "timestamp": _times(rows, place_in_day(records.events)[order]),
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


def _case_names(rows: NDArray[np.void], case: str) -> Any:
    """`customer 12`, or `customer 12 journey 3`, of each event; `rows`: by customer."""
    parts: list[Any] = [CUSTOMER, pa.array(rows["customer"]).cast(pa.string())]
    if case == JOURNEY:
        parts += [JOURNEY, pa.array(needs_so_far(rows)).cast(pa.string())]
    return pc.binary_join_element_wise(*parts, " ")


def needs_so_far(rows: NDArray[np.void]) -> Integers:
    """The needs of its customer that each event follows, or is one of; `rows`: by customer."""
    needs: Integers = np.cumsum(rows["event"] == EventCode.NEED)
    before = needs - (rows["event"] == EventCode.NEED)
    _, first, own = np.unique(rows["customer"], return_index=True, return_inverse=True)
    since: Integers = needs - before[first][own]
    return since


def _times(rows: NDArray[np.void], place: Integers) -> Any:
    """The time of each event: its date, and its `place` in its customer's day as seconds."""
    dates = dates_of(rows["day"]).astype("M8[ms]")
    return pa.array(dates + (1000 * place).astype("m8[ms]"), TIME)


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
