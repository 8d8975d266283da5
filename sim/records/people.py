"""The tables of a run with a row for each customer or event: each declared once, a slice at a time.

A million customers are never copied whole: a slice becomes Arrow arrays, is written, and is
forgotten. A column says how it is filled from a slice, and how it is kept when it is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.draws import SETUP_DAY
from sim.elementary import LOG2, exp
from sim.model.columns import BEFORE_START, CUSTOMER, EVENT, NOT_YET, Integers
from sim.records.names import Names
from sim.records.recorder import Records, end_of_day
from sim.records.table import DAY, MONEY, NAME, NUMBER, TIME, Made, RunTable, Stored, named, present
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, NEVER, EventCode, Relationship, Route

EPOCH = datetime(2025, 1, 1)  # the date written for day 0 of a panel; the model knows no dates
EPOCH_SECONDS = int((EPOCH - datetime(1970, 1, 1)).total_seconds())
SECONDS_PER_DAY = 86_400
SLICE = 65_536  # rows at once
MOST_EVENTS = 64  # of a customer's day beside its encounters: far more than the rules can make


class Rows:
    """A slice of a table. `array`: a row for each person, event or answer."""

    def __init__(self, array: NDArray[np.void], names: Names) -> None:
        self.array = array
        self.names = names


class Customers(Rows):
    """Customers in order of their numbers. `array`: of CUSTOMER; `first`: the first's number."""

    def __init__(self, array: NDArray[np.void], names: Names, first: int = 0) -> None:
        super().__init__(array, names)
        self.first = first

    @classmethod
    def of(cls, records: Records, names: Names) -> Iterator[Customers]:
        """All customers, a slice at a time."""
        for first in range(0, max(1, len(records.customers)), SLICE):
            yield cls(records.customers[first : first + SLICE], names, first)

    @classmethod
    def stored(cls, table: Stored, records: Records, names: Names) -> Customers:
        """Blank rows for those of a table; stocks stand at the last day."""
        array = np.zeros(len(table), dtype=STORED_CUSTOMER)
        array["stocks_day"] = names.scenario.days - 1
        return cls(array, names)


class Events(Rows):
    """Events by day, customer and order of happening. `array`: of EVENT."""

    def __init__(self, array: NDArray[np.void], names: Names, place: Integers) -> None:
        super().__init__(array, names)
        self.place = place  # of each among its customer's events of the day

    @classmethod
    def of(cls, records: Records, names: Names) -> Iterator[Events]:
        """All events, a slice at a time."""
        events, place = records.events, place_in_day(records.events)
        for first in range(0, max(1, len(events)), SLICE):
            mine = slice(first, first + SLICE)
            yield cls(events[mine], names, place[mine])

    @classmethod
    def stored(cls, table: Stored, records: Records, names: Names) -> Events:
        """Blank rows for those of a table."""
        return cls(np.zeros(len(table), dtype=EVENT), names, np.zeros(len(table), dtype=np.int64))


def place_in_day(events: NDArray[np.void]) -> Integers:
    """The number of each event among its customer's events of the day, from 0."""
    count = len(events)
    place = np.arange(count)
    if count == 0:
        return place
    fresh = np.ones(count, dtype=np.bool_)
    fresh[1:] = (events["day"][1:] != events["day"][:-1]) | (
        events["customer"][1:] != events["customer"][:-1]
    )
    starts: Integers = place - np.maximum.accumulate(np.where(fresh, place, 0))
    return starts


@dataclass(frozen=True, kw_only=True)
class Own(Made):
    """A column of rows; `field`: the field of a row that it keeps."""

    field: str


def own(name: str, kind: Any, meaning: str, *, field: str = "", **more: Any) -> Own:
    """A column that holds a field as it is; `more`: what else there is to say of the column."""
    field = field or name
    about: dict[str, Any] = {
        "fill": lambda rows: np.ascontiguousarray(rows.array[field]),
        "keep": lambda rows, stored: put(rows, field, stored.values(name)),
    }
    return Own(name=name, kind=kind, meaning=meaning, field=field, **(about | more))


def put(rows: Rows, field: str, values: Any) -> None:
    """Set a field of all rows."""
    rows.array[field] = values


def word(
    name: str,
    of: Callable[[Names], Sequence[str]],
    meaning: str,
    *,
    missing: Callable[[NDArray[np.void]], NDArray[np.bool_]] | None = None,
    least: int = NEVER,
    key: bool = False,
) -> Own:
    """A field of codes by the names that they stand for.

    `missing`: of which rows there is none; they are null, and `least` where they are read.
    """

    def fill(rows: Rows) -> Any:
        gone = None if missing is None else missing(rows.array)
        return named(rows.array[name], of(rows.names), gone)

    def keep(rows: Rows, stored: Stored) -> None:
        rows.array[name] = np.maximum(least, stored.codes(name, of(rows.names)))

    nullable = missing is not None
    return own(name, NAME, meaning, unit="name", nullable=nullable, key=key, fill=fill, keep=keep)


def _day(name: str, field: str, meaning: str) -> Own:
    """A day of a customer; null if it has not come in the run."""

    def keep(rows: Customers, stored: Stored) -> None:
        day = stored.values(name, NOT_YET)
        before = (rows.array[field] == BEFORE_START) & (day == NOT_YET)  # by `before_start`
        rows.array[field] = np.where(before, BEFORE_START, day)

    return own(
        name,
        pa.int16(),
        meaning,
        field=field,
        unit=DAY,
        nullable=True,
        fill=lambda rows: present(rows.array[field], rows.array[field] >= 0),
        keep=keep,
    )


def _brought(name: str, meaning: str, *, signed: bool = False) -> Own:
    """Money of a customer, which is counted in minor units."""
    return own(
        name,
        NUMBER,
        meaning,
        unit=MONEY,
        signed=signed,
        fill=lambda rows: rows.array[name] / MINOR_UNITS,
        keep=lambda rows, stored: put(rows, name, stored.whole(name, 1.0 / MINOR_UNITS)),
    )


def _stock(
    name: str, unit: str, meaning: str, *, half_life: Callable[[Scenario], float], **more: Any
) -> Own:
    """A stock that decays, as it is at the end of the run."""

    def fill(rows: Customers) -> NDArray[np.float32]:
        scenario = rows.names.scenario
        days, half = scenario.days, half_life(scenario)
        left = np.array([exp(-LOG2 / half * day) for day in range(days + 1)])
        elapsed = days - 1 - np.clip(rows.array["stocks_day"].astype(np.int64), 0, days - 1)
        kept: NDArray[np.float32] = (rows.array[name] * left[elapsed]).astype(np.float32)
        return kept

    return own(name, pa.float32(), meaning, unit=unit, fill=fill, **more)


def yes(name: str, meaning: str) -> Own:
    """A field that is 0 or 1."""
    return own(name, pa.bool_(), meaning, fill=lambda rows: rows.array[name] != 0)


# Customers


def _customer_key(name: str, meaning: str) -> Made:
    def fill(rows: Customers) -> Any:
        return np.arange(rows.first, rows.first + len(rows.array), dtype=np.uint32)

    def keep(rows: Customers, stored: Stored) -> None:
        count = len(rows.array)
        scenario = rows.names.scenario
        enough = count == scenario.agents or scenario.turnover_per_year > 0.0
        if not enough or not np.array_equal(stored.values(name), np.arange(count)):
            raise ValueError(f"column {name} does not count them from 0")
        rows.array["number"] = np.arange(count)

    return Made(name=name, kind=pa.uint32(), meaning=meaning, fill=fill, keep=keep, key=True)


def _before_start(name: str, meaning: str) -> Own:
    def keep(rows: Customers, stored: Stored) -> None:
        before = stored.values(name)
        rows.array["first_day"][before] = rows.array["last_day"][before] = BEFORE_START

    return own(
        name,
        pa.bool_(),
        meaning,
        field="first_day",
        fill=lambda rows: rows.array["first_day"] == BEFORE_START,
        keep=keep,
    )


def _joined(name: str, meaning: str) -> Own:
    """The day on which a newcomer came; null of those who were there on day 0."""

    def came(rows: Customers) -> int:
        return NOT_YET if rows.names.scenario.past_days else SETUP_DAY

    def fill(rows: Customers) -> Any:
        newcomer = rows.array["number"] >= rows.names.scenario.agents
        return present(np.ascontiguousarray(rows.array["born"]), newcomer)

    return own(
        name,
        pa.int16(),
        meaning,
        field="born",
        unit=DAY,
        nullable=True,
        fill=fill,
        keep=lambda rows, stored: put(rows, "born", stored.values(name, came(rows))),
    )


def _relationship_at_start(name: str, meaning: str) -> Own:
    def fill(rows: Customers) -> Any:
        return named(rows.array["began_as"], rows.names.relationships)

    def keep(rows: Customers, stored: Stored) -> None:
        rows.array["began_as"] = stored.codes(name, rows.names.relationships)

    return own(name, NAME, meaning, field="began_as", unit="name", fill=fill, keep=keep)


def judgement(name: str, meaning: str) -> Own:
    """Satisfaction; null: has owned nothing."""

    def fill(rows: Rows) -> Any:
        owned = rows.array["relationship"] != Relationship.NONE
        return present(np.ascontiguousarray(rows.array[name]), owned)

    return own(
        name,
        pa.float32(),
        meaning,
        unit="-1..1",
        nullable=True,
        signed=True,
        fill=fill,
        keep=lambda rows, stored: put(rows, name, stored.values(name, 0.0)),
    )


def _need_rate(name: str, meaning: str) -> Own:
    def fill(rows: Customers) -> Any:
        return rows.array["need_rate"].astype(np.float64) * DAYS_PER_YEAR

    def keep(rows: Customers, stored: Stored) -> None:
        rows.array["need_rate"] = stored.values(name) / DAYS_PER_YEAR

    return own(name, NUMBER, meaning, field="need_rate", unit="needs a year", fill=fill, keep=keep)


def most_people(scenario: Scenario) -> int:
    """How many there can be: everybody may leave on every day."""
    changes = scenario.days if scenario.turnover_per_year > 0.0 else 0
    return scenario.agents * (1 + changes)


def _are_in_phases(records: Records) -> bool:
    """Whether customers are in the phases in which the moves left them."""
    held = end_of_day(records)[-1]
    rows = records.customers[records.customers["leave_day"] == NEVER]
    place = rows["segment"].astype(np.int64) * held.shape[1] + rows["phase"]
    return np.array_equal(np.bincount(place, minlength=held.size).reshape(held.shape), held)


CUSTOMERS = RunTable(
    name="customers",
    meaning="One row for each simulated customer, at the end of the run or on leaving the market.",
    columns=(
        _customer_key("customer_key", "permanent number of the customer"),
        word("segment", lambda names: names.segments, "segment of the scenario"),
        word("phase", lambda names: names.phases, "phase at the end"),
        word("relationship", lambda names: names.relationships, "none, customer or lapsed"),
        _before_start("before_start", "had bought, or was a customer, before day 0"),
        _relationship_at_start("relationship_at_start", "on day 0: none, customer or lapsed"),
        _joined("joined_day", "came into the market; null: was there on day 0"),
        _day("left_day", "leave_day", "left the market; null: is there at the end"),
        _day("first_purchase_day", "first_day", "null: none, or before day 0"),
        _day("second_purchase_day", "second_day", "null: none"),
        _day("last_purchase_day", "last_day", "null: none in the run"),
        _day("last_need_day", "need_began", "the last need arose; null: none did"),
        _day("last_lapse_day", "lapse_day", "null: never lapsed"),
        word(
            "offer",
            lambda names: names.offers,
            "offer bought last; null: none in the run",
            missing=lambda array: array["purchases"] == 0,
            least=0,
        ),
        own("purchases", pa.int16(), "purchases in the run", unit="purchases"),
        _brought("revenue", "revenue from this customer, renewals included"),
        _brought("margin", "margin from this customer", signed=True),
        judgement("satisfaction", "null: has owned nothing"),
        _stock(
            "loyalty",
            "0..1",
            "habit",
            half_life=lambda scenario: scenario.journey.behaviour.loyalty_half_life_days,
        ),
        _stock(
            "awareness",
            "0..1",
            "memory of the brand",
            half_life=lambda scenario: scenario.journey.behaviour.awareness_half_life_days,
        ),
        _stock(
            "engagement",
            "",
            "stock of interest",
            half_life=lambda scenario: scenario.journey.behaviour.engagement_half_life_days,
            signed=True,
        ),
        own("trust", pa.float32(), "belief that the firm delivers", unit="0..1"),
        yes("permission", "may be contacted one-to-one"),
        _need_rate("need_rate_per_year", "the customer's own rate"),
        own("budget", pa.float32(), "most that the customer has to spend", unit=MONEY),
        own("price_sensitivity", pa.float32(), "factor on the weight of the price"),
    ),
    rows=Customers.of,
    stored=Customers.stored,
    most_rows=lambda names: most_people(names.scenario),
    fewest_rows=lambda names: names.scenario.agents,
    dense=True,
    claims={"its people are not in the phases that the table phases says": _are_in_phases},
)
# What is known of a customer in records that were read.
KEPT = {column.field for column in CUSTOMERS.columns if isinstance(column, Own)}
KEPT |= {"stocks_day", "number"}
STORED_CUSTOMER = np.dtype(
    [(name, CUSTOMER[name]) for name in CUSTOMER.names or () if name in KEPT], align=True
)

# Events


def customer_of_row(name: str, meaning: str, *, key: bool = False) -> Own:
    """The number of the customer whom a row is about."""

    def keep(rows: Rows, stored: Stored) -> None:
        numbers = stored.values(name)
        if (numbers >= most_people(rows.names.scenario)).any():
            raise ValueError(f"column {name} names customers that there are not")
        rows.array["customer"] = numbers

    return own(name, pa.uint32(), meaning, field="customer", keep=keep, key=key)


def _time(name: str, meaning: str) -> Own:
    def fill(rows: Events) -> Any:
        days = SECONDS_PER_DAY * rows.array["day"].astype(np.int64)
        return present(1000 * (EPOCH_SECONDS + days + rows.place), None).cast(TIME)

    def keep(rows: Events, stored: Stored) -> None:
        milliseconds = stored.milliseconds(name)
        since = milliseconds // 1000 - EPOCH_SECONDS
        days, place = since // SECONDS_PER_DAY, since % SECONDS_PER_DAY
        outside = (days < 0) | (days >= rows.names.scenario.days)
        if (milliseconds % 1000).any() or outside.any():
            raise ValueError(f"column {name} holds times that are not of the run")
        rows.array["day"] = days
        if not np.array_equal(place_in_day(rows.array), place) or (np.diff(days) < 0).any():
            raise ValueError("its events are not in order")

    return own(name, TIME, meaning, field="day", fill=fill, keep=keep)


def _of_event(name: str, of: Callable[[Names], Sequence[str]], meaning: str) -> Own:
    """A name that not every event has."""
    return word(name, of, meaning, missing=lambda array: array[name] < 0)


EVENTS_OF_RIVALS = (EventCode.LOST_TO_COMPETITOR, EventCode.COMPETITOR_PICKED)


def _offer_of_event(name: str, meaning: str) -> Own:
    """An offer of the firm, or of a competitor where the event is a loss to one, or its pick."""

    def lost(rows: Events) -> NDArray[np.bool_]:
        of_rivals: NDArray[np.bool_] = np.isin(rows.array["event"], EVENTS_OF_RIVALS)
        return of_rivals

    def fill(rows: Events) -> Any:
        offer = rows.array[name].astype(np.int16)
        code = np.where(lost(rows), offer + np.int16(len(rows.names.offers)), offer)
        return named(code, rows.names.all_offers, offer < 0)

    def keep(rows: Events, stored: Stored) -> None:
        code = stored.codes(name, rows.names.all_offers)
        rows.array[name] = np.where(lost(rows), code - len(rows.names.offers), code)

    return own(name, NAME, meaning, unit="name", nullable=True, fill=fill, keep=keep)


def given(name: str, kind: Any, meaning: str, **about: Any) -> Own:
    """A number that not every row has: null where it is NEVER; `about`: what else to say of it."""
    return own(
        name,
        kind,
        meaning,
        nullable=True,
        fill=lambda rows: present(np.ascontiguousarray(rows.array[name]), rows.array[name] >= 0),
        keep=lambda rows, stored: put(rows, name, stored.values(name, NEVER)),
        **about,
    )


def _are_known(records: Records) -> bool:
    """Whether events are of customers that there are."""
    return bool((records.events["customer"] < len(records.customers)).all())


def _most_events(names: Names) -> int:
    scenario = names.scenario
    watched = math.ceil(scenario.agents * scenario.panel) + 1  # at once: a newcomer takes a place
    return watched * scenario.days * (MOST_EVENTS + len(names.touchpoints))


PANEL = RunTable(
    name="panel",
    meaning="Everything that happened to the customers of the panel, in order.",
    columns=(
        customer_of_row("case_id", "customer_key"),
        _time("timestamp", f"{EPOCH:%Y-%m-%d} is day 0; seconds only number the events of a day"),
        word(
            "event",
            lambda names: names.events,
            "need, encounter, move, purchase, checkout_abandoned, ...",
        ),
        _of_event(
            "touchpoint",
            lambda names: names.touchpoints,
            "of an encounter; of a purchase: its last click, direct left out",
        ),
        word("phase", lambda names: names.phases, "phase in which it happened"),
        _of_event("to_phase", lambda names: names.phases, "where a move or a need led"),
        _offer_of_event("offer", "offer of the firm, or competitor.offer"),
        word(
            "route",
            lambda names: names.routes,
            "how the brand is considered; null: it is not",
            missing=lambda array: array["route"] == Route.NONE,
            least=0,
        ),
        given("device", pa.int8(), "device of an encounter, 0-based"),
        yes("visit", "whether the encounter became a visit"),
        own(
            "value",
            pa.float32(),
            "encounter: perceived quality; purchase, renewal: revenue; loss: price paid;"
            " judgement: satisfaction; talk: +1 or -1; else 0",
            signed=True,
        ),
    ),
    rows=Events.of,
    stored=Events.stored,
    most_rows=_most_events,
    claims={"it names customers that there are not": _are_known},
)

PEOPLE = (CUSTOMERS, PANEL)
