"""Records -> the tables that count by day, segment and whatever else (see `columns`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.columns import BEFORE_START, Cohort, Count, Integers, Touch, month_of, months_in
from sim.records.columns import DAILY_NAMES, DAILY_UNITS, MONEY, NAME, TABLES
from sim.records.names import Names
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, FIXED_POINT, MINOR_UNITS, MONTHS_PER_YEAR

Columns = dict[str, Any]


def dense_batch(records: Records, name: str) -> Any:
    """One of the tables in `BUILDERS` as an Arrow record batch."""
    return to_batch(name, BUILDERS[name](records, Names(records.scenario)))


def to_batch(name: str, columns: Columns) -> Any:
    """The columns as a record batch of the table's schema; casts integers to its types."""
    schema = TABLES[name]
    arrays = []
    for field in schema:
        values = columns[field.name]
        if isinstance(values, np.ndarray):
            values = present(values, None)
        arrays.append(values if values.type == field.type else values.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


# Arrays are made of buffers: `pa.array` would import pandas, which takes a third of a second.


def named(
    codes: NDArray[Any], names: Sequence[str], missing: NDArray[np.bool_] | None = None
) -> Any:
    """Indices as an Arrow array of names; null where `missing`."""
    text = "".join(names).encode()
    ends = np.cumsum([0, *(len(name.encode()) for name in names)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(text)]
    dictionary = pa.Array.from_buffers(pa.string(), len(names), buffers)
    indices = present(codes.astype(np.int16), None if missing is None else ~missing)
    return pa.DictionaryArray.from_buffers(NAME, len(codes), indices.buffers(), dictionary)


def present(values: NDArray[Any], there: NDArray[np.bool_] | None) -> Any:
    """Numbers or switches as an Arrow array; null where not `there`."""
    bits = None if there is None else pa.py_buffer(np.packbits(there, bitorder="little"))
    if values.dtype == np.bool_:
        kind, data = pa.bool_(), np.packbits(values, bitorder="little")
    else:
        kind, data = pa.from_numpy_dtype(values.dtype), np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [bits, pa.py_buffer(data)])


def _every(shape: tuple[int, ...]) -> tuple[NDArray[Any], ...]:
    """The indices of every cell of an array, in order, flat."""
    return tuple(axis.ravel() for axis in np.indices(shape, dtype=np.int32))


def end_of_day(records: Records) -> Integers:
    """Customers in each phase at the end of each day, (D, S, P)."""
    change = (records.flows.sum(axis=2) - records.flows.sum(axis=3)).cumsum(axis=0)
    held: Integers = records.start[None] + change
    return held


def _phases(records: Records, names: Names) -> Columns:
    held = end_of_day(records)
    day, segment, phase = _every(held.shape)
    return {
        "day": day,
        "segment": named(segment, names.segments),
        "phase": named(phase, names.phases),
        "customers": held.ravel() * records.people_per_agent,
    }


def daily_factor(count: Count) -> float:
    """What one unit of a counter is worth: minor units and fixed point become whole ones."""
    if DAILY_UNITS.get(count) == MONEY:
        return 1.0 / MINOR_UNITS
    return 1.0 / FIXED_POINT if count == Count.SATISFACTION else 1.0


def _daily(records: Records, names: Names) -> Columns:
    day, segment = _every(records.counts.shape[:2])
    rows = records.counts.reshape(-1, len(Count))
    columns: Columns = {"day": day, "segment": named(segment, names.segments)}
    for count in Count:
        scale = daily_factor(count) * records.people_per_agent
        columns[DAILY_NAMES[count]] = rows[:, count] * scale
    return columns


def _flows(records: Records, names: Names) -> Columns:
    day, segment, here, there = np.nonzero(records.flows)
    return {
        "day": day,
        "segment": named(segment, names.segments),
        "from_phase": named(here, names.phases),
        "to_phase": named(there, names.phases),
        "customers": records.flows[day, segment, here, there] * records.people_per_agent,
    }


def _purchases(records: Records, names: Names) -> Columns:
    day, segment, offer, route = np.nonzero(records.purchases)
    return {
        "day": day,
        "segment": named(segment, names.segments),
        "offer": named(offer, names.offers),
        "route": named(route, names.routes),
        "purchases": records.purchases[day, segment, offer, route] * records.people_per_agent,
    }


def _add_ons(records: Records, names: Names) -> Columns:
    day, segment, offer, extra = np.nonzero(records.add_ons)
    every = names.all_add_ons
    most = records.add_ons.shape[3]
    code = np.zeros((len(names.offers), most), dtype=np.int16)
    for o, own in enumerate(names.add_ons):
        code[o, : len(own)] = [every.index(name) for name in own]
    return {
        "day": day,
        "segment": named(segment, names.segments),
        "offer": named(offer, names.offers),
        "add_on": named(code[offer, extra], every),
        "sold": records.add_ons[day, segment, offer, extra] * records.people_per_agent,
    }


def _losses(records: Records, names: Names) -> Columns:
    day, segment, rival = np.nonzero(records.losses)
    competitors = tuple(dict.fromkeys(competitor for competitor, _ in names.rivals))
    offers = tuple(dict.fromkeys(offer for _, offer in names.rivals))
    competitor = np.array([competitors.index(c) for c, _ in names.rivals], dtype=np.int16)
    offer = np.array([offers.index(o) for _, o in names.rivals], dtype=np.int16)
    return {
        "day": day,
        "segment": named(segment, names.segments),
        "competitor": named(competitor[rival], competitors),
        "offer": named(offer[rival], offers),
        "customers": records.losses[day, segment, rival] * records.people_per_agent,
    }


def touch_factor(column: Touch) -> float:
    """What one unit of a touchpoint's counter is worth."""
    return 1.0 / FIXED_POINT if column in (Touch.QUALITY, Touch.WAIT) else 1.0


TOUCH_NAMES = {
    column: {Touch.QUALITY: "quality_sum", Touch.WAIT: "wait_minutes"}.get(
        column, column.name.lower()
    )
    for column in Touch
}


def _touchpoints(records: Records, names: Names) -> Columns:
    day, segment, pair = np.nonzero(records.touch[..., Touch.ENCOUNTERS])
    rows = records.touch[day, segment, pair]
    pairs = np.array(names.pairs, dtype=np.int16).reshape(-1, 2)
    columns: Columns = {
        "day": day,
        "segment": named(segment, names.segments),
        "phase": named(pairs[pair, 0], names.phases),
        "touchpoint": named(pairs[pair, 1], names.touchpoints),
    }
    for column in Touch:
        scale = touch_factor(column) * records.people_per_agent
        columns[TOUCH_NAMES[column]] = rows[:, column] * scale
    return columns


def _spend(records: Records, names: Names) -> Columns:
    day, touchpoint = np.nonzero((records.spend != 0.0) | (records.commission != 0))
    orders = records.commission[day, touchpoint]
    return {
        "day": day,
        "touchpoint": named(touchpoint, names.touchpoints),
        "spend": records.spend[day, touchpoint],
        "last_visit_revenue": orders * (records.people_per_agent / MINOR_UNITS),
    }


def _scores(records: Records, names: Names) -> Columns:
    day, segment, score = np.nonzero(records.scores)
    return {
        "day": day,
        "segment": named(segment, names.segments),
        "score": score,
        "judgements": records.scores[day, segment, score] * records.people_per_agent,
    }


def _market(records: Records, names: Names) -> Columns:
    people = records.people_per_agent
    columns: Columns = {
        "day": np.arange(len(records.rating)),
        "rating": records.rating,
        "told_positive": records.messages[:, 0] * people,
        "told_negative": records.messages[:, 1] * people,
    }
    for place in range(records.stars.shape[1]):
        columns[f"reviews_{place + 1}"] = records.stars[:, place] * people
    return columns


def cohort_sizes(records: Records) -> Integers:
    """Customers by segment and month of first purchase, (S, M + 1); column 0: before day 0."""
    months = months_in(records.scenario.days)
    first = records.customers["first_day"].astype(np.int64)
    owner = (first >= 0) | (first == BEFORE_START)
    cohort = np.where(first >= 0, 1 + first * MONTHS_PER_YEAR // DAYS_PER_YEAR, 0)
    segments = len(records.scenario.segments)
    place = records.customers["segment"].astype(np.int64) * (months + 1) + cohort
    sizes: Integers = np.bincount(place[owner], minlength=segments * (months + 1))
    return sizes.reshape(segments, months + 1)


def whole_months(days: int) -> int:
    """How many months a run of `days` sees from their first day to their last."""
    return month_of(days)


def _cohorts(records: Records, names: Names) -> Columns:
    months = months_in(records.scenario.days)
    cohort, age = _every((months + 1, months))
    began = np.maximum(cohort - 1, 0)
    seen = began + age < months
    cohort, age, began = cohort[seen], age[seen], began[seen]
    # whoever bought first on the last day of the month is that age a month later
    last = began + age + (cohort > 0)
    complete = last < whole_months(records.scenario.days)
    people = records.people_per_agent
    count = len(names.segments)
    segment = np.repeat(np.arange(count), len(cohort))
    counters = records.cohorts[:, cohort, age].reshape(-1, len(Cohort))

    def each(values: NDArray[Any]) -> NDArray[Any]:
        return np.tile(values, count)

    return {
        "segment": named(segment, names.segments),
        "cohort": present(each(cohort - 1), each(cohort > 0)),
        "age_months": each(age),
        "new_customers": cohort_sizes(records)[:, cohort].ravel() * people,
        "customers": records.active[began + age, :, cohort].T.ravel() * people,
        "purchases": counters[:, Cohort.PURCHASES] * people,
        "revenue": counters[:, Cohort.REVENUE] * (people / MINOR_UNITS),
        "margin": counters[:, Cohort.MARGIN] * (people / MINOR_UNITS),
        "complete": each(complete),
    }


BUILDERS: dict[str, Callable[[Records, Names], Columns]] = {
    "phases": _phases,
    "daily": _daily,
    "flows": _flows,
    "purchases": _purchases,
    "add_ons": _add_ons,
    "losses": _losses,
    "touchpoints": _touchpoints,
    "spend": _spend,
    "scores": _scores,
    "market": _market,
    "cohorts": _cohorts,
}
