"""The tables of a result folder -> records, so that whatever reads records reads folders too.

The counts come back exactly: a stored figure is a whole number times a known scale. Of a
customer those columns come back that the table holds; stocks stand at the last day. No table is
believed unread (`sim.records.check`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.columns import (
    BEFORE_START,
    CUSTOMER,
    EVENT,
    NOT_YET,
    ROUTES,
    SCORES,
    STARS,
    Cohort,
    Count,
    Integers,
    Touch,
    months_in,
)
from sim.records.build import TOUCH_NAMES, daily_factor, touch_factor
from sim.records.check import check_table, check_totals, names_of
from sim.records.columns import DAILY_NAMES
from sim.records.names import Names
from sim.records.people import EPOCH_SECONDS, SECONDS_PER_DAY, place_in_day
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, NEVER, EventCode, Relationship

KEPT = (
    "revenue",
    "margin",
    "awareness",
    "engagement",
    "trust",
    "satisfaction",
    "loyalty",
    "need_rate",
    "budget",
    "price_sensitivity",
    "purchases",
    "stocks_day",
    "need_began",
    "lapse_day",
    "first_day",
    "second_day",
    "last_day",
    "segment",
    "phase",
    "relationship",
    "permission",
    "offer",
)
STORED_CUSTOMER = np.dtype([(name, CUSTOMER[name]) for name in KEPT], align=True)
DAY_COLUMNS = {
    "first_purchase_day": "first_day",
    "second_purchase_day": "second_day",
    "last_purchase_day": "last_day",
    "last_need_day": "need_began",
    "last_lapse_day": "lapse_day",
}


LARGEST = 2.0**62  # a count beyond it is no count of ours
ROUNDING = 1e-12  # relative; a stored figure is a product of two or three doubles


class _Table:
    """An Arrow table whose columns are asked for as numpy arrays."""

    def __init__(self, table: Any, name: str) -> None:
        self.table = table.combine_chunks()
        self.name = name

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def _column(self, name: str) -> Any:
        column = self.table.column(name)
        if column.num_chunks == 0:
            return pa.array([], column.type)
        return pa.concat_arrays(column.chunks)

    def values(self, name: str, missing: Any = 0) -> NDArray[Any]:
        """A column of numbers; `missing` where it is null."""
        column = self._column(name)
        if column.null_count:
            column = column.fill_null(pa.scalar(missing, column.type))
        array: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return array

    def whole(self, name: str, scale: float) -> Integers:
        """The whole numbers that, times `scale`, were stored in a column.

        Raises ValueError if they were not whole.
        """
        values = self.values(name)
        counts = np.rint(values / scale)
        if not (np.abs(counts) < LARGEST).all() or not np.allclose(
            counts * scale, values, rtol=ROUNDING, atol=0.0
        ):
            raise ValueError(f"{self.name}: column {name} holds parts of what can only be whole")
        found: Integers = counts.astype(np.int64)
        return found

    def milliseconds(self, name: str) -> NDArray[np.int64]:
        """A column of times as milliseconds since 1970."""
        column = self._column(name).cast(pa.int64())
        times: NDArray[np.int64] = column.to_numpy(zero_copy_only=False)
        return times

    def codes(self, name: str, names: Sequence[str]) -> NDArray[np.int64]:
        """A column of names as indices into `names`; NEVER where it is null.

        Raises ValueError for a name that is none of them.
        """
        column = self._column(name)
        try:
            own = names_of(column, names, name)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from error
        indices = column.indices.fill_null(pa.scalar(len(own), column.indices.type))
        found: NDArray[np.int64] = np.array([*own, NEVER], dtype=np.int64)[
            indices.to_numpy(zero_copy_only=False)
        ]
        return found


def restore(scenario: Scenario, read: Callable[[str], Any]) -> Records:
    """Records out of tables; `read` gives the Arrow table of a name in `columns.TABLES`.

    Raises ValueError, `table: what is wrong with it`, if a table cannot be one of this run's.
    """
    names = Names(scenario)
    scale = scenario.population / scenario.agents
    days, segments, phases = scenario.days, len(names.segments), len(names.phases)

    def table_of(name: str) -> _Table:
        table = read(name)
        try:
            check_table(name, table, scenario)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        return _Table(table, name)

    def cells(
        name: str, shape: tuple[int, ...], codes: dict[str, Sequence[str]], value: str
    ) -> Integers:
        """A dense array out of a table that has a row for each cell that is not zero."""
        table = table_of(name)
        place = [table.values("day").astype(np.int64)]
        place += [table.codes(column, of) for column, of in codes.items()]
        array = np.zeros(shape, dtype=np.int64)
        array[tuple(place)] = table.whole(value, scale)
        return array

    by_segment: dict[str, Sequence[str]] = {"segment": names.segments}
    from_to = {**by_segment, "from_phase": names.phases, "to_phase": names.phases}
    flows = cells("flows", (days, segments, phases, phases), from_to, "customers")
    held = cells(
        "phases", (days, segments, phases), {**by_segment, "phase": names.phases}, "customers"
    )
    start = held[0] - flows[0].sum(axis=1) + flows[0].sum(axis=2)
    bought = {**by_segment, "offer": names.offers, "route": names.routes}
    spend, commission = _spend(table_of("spend"), scenario, names, scale)
    market = table_of("market")
    cohorts, active = _cohorts(table_of("cohorts"), scenario, names, scale)
    records = Records(
        scenario=scenario,
        start=start,
        flows=flows,
        counts=_counts(table_of("daily"), scenario, names, scale),
        purchases=cells(
            "purchases", (days, segments, len(names.offers), ROUTES), bought, "purchases"
        ),
        add_ons=_add_ons(table_of("add_ons"), scenario, names, scale),
        losses=_losses(table_of("losses"), scenario, names, scale),
        touch=_touch(table_of("touchpoints"), scenario, names, scale),
        commission=commission,
        scores=_scores(table_of("scores"), scenario, names, scale),
        stars=np.stack([market.whole(f"reviews_{k + 1}", scale) for k in range(STARS)], axis=1),
        messages=np.stack(
            [market.whole(f"told_{sign}", scale) for sign in ("positive", "negative")],
            axis=1,
        ),
        spend=spend,
        rating=market.values("rating").copy(),
        cohorts=cohorts,
        active=active,
        customers=_customers(table_of("customers"), scenario, names),
        events=_events(table_of("panel"), scenario, names),
    )
    check_totals(records, held)
    return records


def _counts(table: _Table, scenario: Scenario, names: Names, scale: float) -> Integers:
    counts = np.zeros((scenario.days, len(names.segments), len(Count)), dtype=np.int64)
    day, segment = table.values("day"), table.codes("segment", names.segments)
    for count in Count:
        counts[day, segment, count] = table.whole(DAILY_NAMES[count], daily_factor(count) * scale)
    return counts


def _add_ons(table: _Table, scenario: Scenario, names: Names, scale: float) -> Integers:
    most = max(1, *(len(own) for own in names.add_ons))
    sold = np.zeros((scenario.days, len(names.segments), len(names.offers), most), dtype=np.int64)
    every = names.all_add_ons
    place = np.full((len(names.offers), max(1, len(every))), NEVER, dtype=np.int64)
    for o, own in enumerate(names.add_ons):
        for a, name in enumerate(own):
            place[o, every.index(name)] = a
    offer = table.codes("offer", names.offers)
    extra = place[offer, table.codes("add_on", every)]
    _refuse_unknown(table, extra, "an add-on of an offer that does not have it")
    segment = table.codes("segment", names.segments)
    sold[table.values("day"), segment, offer, extra] = table.whole("sold", scale)
    return sold


def _losses(table: _Table, scenario: Scenario, names: Names, scale: float) -> Integers:
    rivals = max(1, len(names.rivals))
    lost = np.zeros((scenario.days, len(names.segments), rivals), dtype=np.int64)
    if not len(table):
        return lost
    competitors = tuple(dict.fromkeys(competitor for competitor, _ in names.rivals))
    offers = tuple(dict.fromkeys(offer for _, offer in names.rivals))
    place = np.full((len(competitors), len(offers)), NEVER, dtype=np.int64)
    for r, (competitor, offer) in enumerate(names.rivals):
        place[competitors.index(competitor), offers.index(offer)] = r
    rival = place[table.codes("competitor", competitors), table.codes("offer", offers)]
    _refuse_unknown(table, rival, "an offer of a competitor that does not have it")
    segment = table.codes("segment", names.segments)
    lost[table.values("day"), segment, rival] = table.whole("customers", scale)
    return lost


def _refuse_unknown(table: _Table, place: Integers, what: str) -> None:
    """Raise ValueError where a pair of names, each of them known, is none of the scenario's."""
    if (place == NEVER).any():
        raise ValueError(f"{table.name}: it names {what}")


def _touch(table: _Table, scenario: Scenario, names: Names, scale: float) -> Integers:
    rows = max(1, len(names.pairs))
    touch = np.zeros((scenario.days, len(names.segments), rows, len(Touch)), dtype=np.int64)
    pair = np.full((len(names.phases), max(1, len(names.touchpoints))), NEVER, dtype=np.int64)
    for row, (phase, touchpoint) in enumerate(names.pairs):
        pair[phase, touchpoint] = row
    day, segment = table.values("day"), table.codes("segment", names.segments)
    row_of = pair[table.codes("phase", names.phases), table.codes("touchpoint", names.touchpoints)]
    _refuse_unknown(table, row_of, "a touchpoint in a phase where it is not")
    for column in Touch:
        unit = touch_factor(column) * scale
        touch[day, segment, row_of, column] = table.whole(TOUCH_NAMES[column], unit)
    return touch


def _spend(
    table: _Table, scenario: Scenario, names: Names, scale: float
) -> tuple[NDArray[np.float64], Integers]:
    spend = np.zeros((scenario.days, len(names.touchpoints)))
    commission = np.zeros(spend.shape, dtype=np.int64)
    day, touchpoint = table.values("day"), table.codes("touchpoint", names.touchpoints)
    spend[day, touchpoint] = table.values("spend")
    commission[day, touchpoint] = table.whole("last_visit_revenue", scale / MINOR_UNITS)
    return spend, commission


def _scores(table: _Table, scenario: Scenario, names: Names, scale: float) -> Integers:
    scores = np.zeros((scenario.days, len(names.segments), SCORES), dtype=np.int64)
    segment = table.codes("segment", names.segments)
    given = table.whole("judgements", scale)
    scores[table.values("day"), segment, table.values("score")] = given
    return scores


def _cohorts(
    table: _Table, scenario: Scenario, names: Names, scale: float
) -> tuple[Integers, Integers]:
    months, segments = months_in(scenario.days), len(names.segments)
    cohorts = np.zeros((segments, months + 1, months + 1, len(Cohort)), dtype=np.int64)
    active = np.zeros((months, segments, months + 1), dtype=np.int64)
    segment = table.codes("segment", names.segments)
    began = table.values("cohort", -1).astype(np.int64)
    age = table.values("age_months").astype(np.int64)
    if (np.maximum(began, 0) + age >= months).any():
        raise ValueError("cohorts: it has months after the end of the run")
    for column, unit in zip(Cohort, (1.0, 1.0 / MINOR_UNITS, 1.0 / MINOR_UNITS), strict=True):
        counted = table.whole(column.name.lower(), unit * scale)
        cohorts[segment, began + 1, age, column] = counted
    month = np.maximum(began, 0) + age
    active[month, segment, began + 1] = table.whole("customers", scale)
    return cohorts, active


def _customers(table: _Table, scenario: Scenario, names: Names) -> NDArray[np.void]:
    if not np.array_equal(table.values("customer_key"), np.arange(scenario.agents)):
        raise ValueError("customers: column customer_key does not count them from 0")
    rows = np.zeros(len(table), dtype=STORED_CUSTOMER)
    rows["segment"] = table.codes("segment", names.segments)
    rows["phase"] = table.codes("phase", names.phases)
    rows["relationship"] = table.codes("relationship", [r.name.lower() for r in Relationship])
    rows["offer"] = np.maximum(0, table.codes("offer", names.offers))
    for column, field in DAY_COLUMNS.items():
        rows[field] = table.values(column, NOT_YET)
    before = table.values("before_start")
    rows["first_day"][before] = BEFORE_START
    rows["last_day"][before & (rows["last_day"] == NOT_YET)] = BEFORE_START
    for field in ("revenue", "margin"):
        rows[field] = table.whole(field, 1.0 / MINOR_UNITS)
    for field in ("purchases", "loyalty", "awareness", "engagement", "trust", "permission"):
        rows[field] = table.values(field)
    for field in ("satisfaction", "budget", "price_sensitivity"):
        rows[field] = table.values(field, 0.0)
    rows["need_rate"] = table.values("need_rate_per_year") / DAYS_PER_YEAR
    rows["stocks_day"] = scenario.days - 1
    return rows


def _events(table: _Table, scenario: Scenario, names: Names) -> NDArray[np.void]:
    rows = np.zeros(len(table), dtype=EVENT)
    rows["customer"] = table.values("case_id")
    day, second = _days(table, scenario)
    rows["day"] = day
    if (table.values("case_id") >= scenario.agents).any():
        raise ValueError("panel: column case_id names customers that there are not")
    if not np.array_equal(place_in_day(rows), second) or (np.diff(day) < 0).any():
        raise ValueError("panel: its events are not in order")
    rows["event"] = table.codes("event", names.events)
    for column, of in (
        ("touchpoint", names.touchpoints),
        ("phase", names.phases),
        ("to_phase", names.phases),
    ):
        rows[column] = table.codes(column, of)
    offer = table.codes("offer", names.all_offers)
    lost = rows["event"] == EventCode.LOST_TO_COMPETITOR
    rows["offer"] = np.where(lost, offer - len(names.offers), offer)
    rows["route"] = np.maximum(0, table.codes("route", names.routes))
    rows["device"] = table.values("device", NEVER)
    rows["visit"] = table.values("visit")
    rows["value"] = table.values("value", 0.0)
    return rows


def _days(table: _Table, scenario: Scenario) -> tuple[Integers, Integers]:
    """Day of the run, and place among the events of a customer's day, of each event."""
    milliseconds = table.milliseconds("timestamp")
    since = milliseconds // 1000 - EPOCH_SECONDS
    days, seconds = since // SECONDS_PER_DAY, since % SECONDS_PER_DAY
    if (milliseconds % 1000).any() or (days < 0).any() or (days >= scenario.days).any():
        raise ValueError("panel: column timestamp holds times that are not of the run")
    return days, seconds
