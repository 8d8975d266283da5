"""Records -> the tables with a row for each customer or event, a slice at a time.

A million customers are never copied whole: a slice becomes Arrow arrays, is written, and
is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.columns import BEFORE_START
from sim.records.build import named, present, to_batch
from sim.records.columns import EPOCH
from sim.records.names import Names
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, EventCode, Relationship, Route

SLICE = 65_536  # rows
SECONDS_PER_DAY = 86_400
EPOCH_SECONDS = int((EPOCH - type(EPOCH)(1970, 1, 1)).total_seconds())


def customer_batches(records: Records) -> Iterator[Any]:
    """The `customers` table, in order of `customer_key`."""
    names = Names(records.scenario)
    decays = _decays(records)
    customers = records.customers
    for first in range(0, max(1, len(customers)), SLICE):
        rows = customers[first : first + SLICE]
        yield to_batch("customers", _customer_columns(rows, first, names, decays))


def _decays(records: Records) -> dict[str, NDArray[np.float64]]:
    """Share left of each decaying stock, by days since a customer was last touched."""
    behaviour = records.scenario.journey.behaviour
    half_lives = {
        "awareness": behaviour.awareness_half_life_days,
        "engagement": behaviour.engagement_half_life_days,
        "loyalty": behaviour.loyalty_half_life_days,
    }
    return {
        stock: np.array(
            [math.exp(-math.log(2.0) / half_life * d) for d in range(records.scenario.days + 1)]
        )
        for stock, half_life in half_lives.items()
    }


def _customer_columns(
    rows: NDArray[np.void], first: int, names: Names, decays: dict[str, NDArray[np.float64]]
) -> dict[str, Any]:
    last_day = len(next(iter(decays.values()))) - 2
    elapsed = last_day - np.clip(rows["stocks_day"].astype(np.int64), 0, last_day)
    owned = rows["relationship"] != Relationship.NONE

    def day(column: str) -> Any:
        return present(rows[column], rows[column] >= 0)

    def left(stock: str) -> NDArray[np.float32]:
        kept: NDArray[np.float32] = (rows[stock] * decays[stock][elapsed]).astype(np.float32)
        return kept

    return {
        "customer_key": np.arange(first, first + len(rows), dtype=np.uint32),
        "segment": named(rows["segment"], names.segments),
        "phase": named(rows["phase"], names.phases),
        "relationship": named(rows["relationship"], names.relationships),
        "before_start": rows["first_day"] == BEFORE_START,
        "first_purchase_day": day("first_day"),
        "second_purchase_day": day("second_day"),
        "last_purchase_day": day("last_day"),
        "last_need_day": day("need_began"),
        "last_lapse_day": day("lapse_day"),
        "offer": named(rows["offer"], names.offers, rows["purchases"] == 0),
        "purchases": np.ascontiguousarray(rows["purchases"]),
        "revenue": rows["revenue"] / MINOR_UNITS,
        "margin": rows["margin"] / MINOR_UNITS,
        "satisfaction": present(np.ascontiguousarray(rows["satisfaction"]), owned),
        "loyalty": left("loyalty"),
        "awareness": left("awareness"),
        "engagement": left("engagement"),
        "trust": np.ascontiguousarray(rows["trust"]),
        "permission": rows["permission"] != 0,
        "need_rate_per_year": rows["need_rate"].astype(np.float64) * DAYS_PER_YEAR,
        "budget": np.ascontiguousarray(rows["budget"]),
        "price_sensitivity": np.ascontiguousarray(rows["price_sensitivity"]),
    }


def panel_batches(records: Records) -> Iterator[Any]:
    """The `panel` table: by day, customer, and order of happening."""
    names = Names(records.scenario)
    events = records.events
    place = place_in_day(events)
    for first in range(0, max(1, len(events)), SLICE):
        rows = events[first : first + SLICE]
        yield to_batch("panel", _event_columns(rows, place[first : first + SLICE], names))


def place_in_day(events: NDArray[np.void]) -> NDArray[np.int64]:
    """The number of each event among its customer's events of the day, from 0."""
    count = len(events)
    place = np.arange(count)
    if count == 0:
        return place
    fresh = np.ones(count, dtype=np.bool_)
    fresh[1:] = (events["day"][1:] != events["day"][:-1]) | (
        events["customer"][1:] != events["customer"][:-1]
    )
    starts: NDArray[np.int64] = place - np.maximum.accumulate(np.where(fresh, place, 0))
    return starts


def _event_columns(
    rows: NDArray[np.void], place: NDArray[np.int64], names: Names
) -> dict[str, Any]:
    milliseconds = 1000 * (EPOCH_SECONDS + SECONDS_PER_DAY * rows["day"].astype(np.int64) + place)
    lost = rows["event"] == EventCode.LOST_TO_COMPETITOR
    offer = rows["offer"].astype(np.int16)
    offer_code = np.where(lost, offer + np.int16(len(names.offers)), offer)

    def code(column: str, of: tuple[str, ...]) -> Any:
        return named(rows[column], of, rows[column] < 0)

    return {
        "case_id": np.ascontiguousarray(rows["customer"]),
        "timestamp": present(milliseconds, None).cast(pa.timestamp("ms")),
        "event": code("event", names.events),
        "touchpoint": code("touchpoint", names.touchpoints),
        "phase": code("phase", names.phases),
        "to_phase": code("to_phase", names.phases),
        "offer": named(offer_code, names.all_offers, offer < 0),
        "route": named(rows["route"], names.routes, rows["route"] == Route.NONE),
        "device": present(np.ascontiguousarray(rows["device"]), rows["device"] >= 0),
        "visit": rows["visit"] != 0,
        "value": np.ascontiguousarray(rows["value"]),
    }
