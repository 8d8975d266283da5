"""Collects a run's counters, day by day, into `Records`. Both engines report to it."""

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import (
    BEFORE_START,
    EVENT,
    FLAGS,
    MET_BITS,
    NOT_YET,
    ROUTES,
    SCORES,
    STARS,
    Cohort,
    Count,
    Flags,
    Integers,
    Reals,
    Tables,
    Tally,
    Touch,
    month_of,
    months_in,
)
from sim.model.ledger import Ledger, close_day, rating_now
from sim.records.interviews import Interviews
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR, Relationship

DAILY = (
    "flows",
    "counts",
    "purchases",
    "sales",
    "add_ons",
    "losses",
    "touch",
    "commission",
    "scores",
    "stars",
    "messages",
)


def new_tally(t: Tables, chunks: int) -> Tally:
    """Zeroed counters for so many chunks."""
    segments, phases = len(t.share_cumulative), len(t.pace)
    offers, rivals = len(t.price), len(t.rival_price)
    pairs = len(t.touchpoint_of_pair)
    months = months_in(t.days - t.past) + 1

    def zeros(*shape: int) -> NDArray[np.int64]:
        return np.zeros((chunks, *shape), dtype=np.int64)

    return Tally(
        census=zeros(segments * phases * FLAGS),
        flows=zeros(segments, phases, phases),
        counts=zeros(segments, len(Count)),
        purchases=zeros(segments, offers, ROUTES),
        sales=zeros(segments, offers, ROUTES),
        add_ons=zeros(segments, offers, t.add_on_price.shape[1]),
        losses=zeros(segments, max(1, rivals)),
        touch=zeros(segments, max(1, pairs), len(Touch)),
        commission=zeros(max(1, len(t.starts))),
        scores=zeros(segments, SCORES),
        stars=zeros(STARS),
        messages=zeros(2),
        cohorts=zeros(segments, months, months, len(Cohort)),
    )


@dataclass(frozen=True)
class Records:
    """What one run left behind. Counts are simulated customers; scale by population / agents.

    Axes: D days, S segments, P phases, J touchpoints, O offers, R rival offers, M months.
    """

    scenario: Scenario
    start: Integers  # (S, P) customers in each phase at birth
    flows: Integers  # (D, S, P, P)
    counts: Integers  # (D, S, Count)
    purchases: Integers  # (D, S, O, Route)
    sales: Integers  # (D, S, O, Route) minor units
    add_ons: Integers  # (D, S, O, A)
    losses: Integers  # (D, S, R)
    touch: Integers  # (D, S, pairs, Touch)
    commission: Integers  # (D, J) minor units
    scores: Integers  # (D, S, 11)
    stars: Integers  # (D, 5)
    messages: Integers  # (D, 2)
    spend: Reals  # (D, J) currency, of the whole population
    rating: Reals  # (D,) public rating at the day's end
    cohorts: Integers  # (S, M + 1, M + 1, Cohort)
    active: Integers  # (M, S, M + 1) customers left at each month's end, by cohort
    customers: NDArray[np.void]  # (n,) of CUSTOMER: everybody's state at the end, or on leaving
    met: NDArray[np.uint64]  # (n, words) bit j: has met touchpoint j; not in the tables of a run
    events: NDArray[np.void]  # (e,) of EVENT: the panel, by day, customer and order
    answers: NDArray[np.void]  # (a,) of ANSWER: surveys, by survey and customer
    importances: NDArray[np.void]  # (a x K,) of IMPORTANCE: of the same, and by need

    @property
    def people_per_agent(self) -> float:
        """How many real people one simulated customer stands for."""
        return self.scenario.population / self.scenario.agents

    def __getstate__(self) -> dict[str, Any]:
        """What goes with records to another process: not what was measured in them."""
        return {name: held for name, held in self.__dict__.items() if name != "found"}

    @cached_property
    def found(self) -> dict[Any, Any]:
        """What was measured in these records, so that it is computed once (`sim.measures.once`).

        Once something was, the arrays cannot be changed any more.
        """
        for each in fields(self):
            held = getattr(self, each.name)
            if isinstance(held, np.ndarray):
                held.flags.writeable = False
        return {}


def has_met(records: Records, j: int) -> Flags:
    """Who has met touchpoint `j` in the run, (n,); only of records that were not read back."""
    word, bit = divmod(j, MET_BITS)
    found: Flags = (records.met[:, word] >> np.uint64(bit) & np.uint64(1)) == 1
    return found


def end_of_day(records: Records) -> Integers:
    """Customers in each phase at the end of each day, (D, S, P)."""
    change = (records.flows.sum(axis=2) - records.flows.sum(axis=3)).cumsum(axis=0)
    held: Integers = records.start[None] + change
    return held


class Recorder:
    """The ledger of a run, filled day by day, and what becomes of it: `Records`."""

    def __init__(self, scenario: Scenario, t: Tables) -> None:
        self.scenario = scenario
        self.t = t
        self.shapes: dict[str, tuple[int, ...]] = {}
        for name, part in zip(Tally._fields, new_tally(t, 1), strict=True):
            if name in DAILY:
                self.shapes[name] = part.shape[1:]
        self.ledger: Ledger = self._new_ledger()
        self.interviews = Interviews(scenario)

    def _new_ledger(self) -> Ledger:
        days, touchpoints, segments = self.t.days, len(self.t.starts), len(self.t.share_cumulative)
        months = months_in(days - self.t.past)
        return Ledger(
            **{
                name: np.zeros((days, math.prod(shape)), dtype=np.int64)
                for name, shape in self.shapes.items()
            },
            spend=np.zeros((days, touchpoints)),
            rating=np.zeros(days),
            active=np.zeros((months, segments, months + 1), dtype=np.int64),
            reviews=np.zeros(2, dtype=np.int64),
            norms=self.t.norm.copy(),
            unspent=np.zeros(touchpoints),
            met=np.zeros((2, touchpoints), dtype=np.int64),
        )

    def daily(self, name: str) -> Integers:
        """A counter by day, (D, ...) with the axes of `Tally`."""
        held: Integers = getattr(self.ledger, name)
        return held.reshape(len(held), *self.shapes[name])

    def public_rating(self) -> float:
        """The rating that customers see: all reviews so far, and those before day 0."""
        return float(rating_now(self.t, self.ledger))

    def record_day(self, day: int, sums: dict[str, Integers], rates: Reals) -> None:
        """Keep one day's counters, summed over chunks. `rates` (J, cells): of this morning."""
        for name in DAILY:
            getattr(self.ledger, name)[day] = sums[name].reshape(-1)
        close_day(self.t, self.ledger, rates, day)

    def record_month(
        self,
        day: int,
        segment: NDArray[np.integer[Any]],
        relationship: NDArray[np.integer[Any]],
        *,
        first_day: NDArray[np.integer[Any]],
    ) -> None:
        """Count who is a customer at the end of a month, by segment and cohort. All (n,).

        `day`: since day 0.
        """
        _, segments, cohorts = self.ledger.active.shape
        owner = relationship == Relationship.CUSTOMER
        first = first_day[owner].astype(np.int64)
        since = first - self.t.past
        cohort = 1 + since * MONTHS_PER_YEAR // DAYS_PER_YEAR  # `cohort_of`, for all at once
        cohort[first == BEFORE_START] = 0
        place = segment[owner].astype(np.int64) * cohorts + cohort
        counts = np.bincount(place, minlength=segments * cohorts)
        self.ledger.active[month_of(day)] = counts.reshape(segments, cohorts)

    def finish(
        self,
        start: Integers,
        cohorts: Integers,
        customers: NDArray[np.void],
        *,
        met: NDArray[np.uint64],
        events: list[NDArray[np.void]],
    ) -> Records:
        """The complete records. `cohorts`: summed over chunks; `start` (S, P) on day 0.

        `customers` (n,): those in the market, and those who left since day 0; `met` (n, words): of
        the same. `events`: of the panel, in parts by day; the list is emptied, to spare memory.
        """
        past = self.t.past
        daily = {name: self.daily(name)[past:] for name in DAILY}
        daily["commission"] = daily["commission"][:, : len(self.t.starts)]
        in_order = np.argsort(customers["number"])
        if (in_order[1:] < in_order[:-1]).any():
            customers, met = customers[in_order], met[in_order]
        answers = self.interviews.answers(customers)
        if past:
            customers = _since_day_0(customers, self.t)
        ordered = _in_order(events)
        ordered["day"] -= past
        return Records(
            scenario=self.scenario,
            start=start,
            spend=self.ledger.spend[past:],
            rating=self.ledger.rating[past:],
            cohorts=cohorts,
            active=self.ledger.active,
            customers=customers,
            met=met,
            events=ordered,
            answers=answers,
            importances=self.interviews.importances(),
            **daily,
        )


# Days that customers hold. What happened before day 0 is no day of the run; a purchase then stays
# known as one.
HELD_DAYS = (
    *("need_day", "need_began", "judge_day", "renewal_day", "abandoned_day", "bad_day"),
    *("lapse_day", "phase_day", "talk_day", "answer_day", "pick_day", "born"),
    "leave_day",
    "second_day",
)
FADING = {"awareness": "awareness", "engagement": "engagement", "loyalty": "loyalty"}
FADING |= {"habit": "loyalty", "doubt": "awareness"}


def _since_day_0(customers: NDArray[np.void], t: Tables) -> NDArray[np.void]:
    """Customers whose days count from day 0, where they counted from the past's first; stocks that
    were last touched before stand at day 0."""
    rows = customers.copy()
    untouched = np.flatnonzero(rows["stocks_day"] < t.past)
    elapsed = t.past - rows["stocks_day"][untouched]
    for stock, fades_as in FADING.items():
        left = getattr(t, f"{fades_as}_decay")[elapsed]
        rows[stock][untouched] = rows[stock][untouched] * left
    rows["stocks_day"] = np.maximum(rows["stocks_day"] - t.past, 0)
    for name in HELD_DAYS:
        rows[name] = np.where(rows[name] < t.past, NOT_YET, rows[name] - t.past)
    for name in ("first_day", "last_day"):
        then = rows[name] == NOT_YET
        since = np.where(rows[name] < t.past, BEFORE_START, rows[name] - t.past)
        rows[name] = np.where(then, NOT_YET, since)
    return rows


def _in_order(parts: list[NDArray[np.void]]) -> NDArray[np.void]:
    """Events by day and customer, each part let go as soon as it is copied."""
    ordered = np.zeros(sum(len(part) for part in parts), dtype=EVENT)
    end = len(ordered)
    while parts:
        part = parts.pop()
        ordered[end - len(part) : end] = part[_by_day_and_customer(part)]
        end -= len(part)
    wanted = _by_day_and_customer(ordered)
    if (wanted[1:] < wanted[:-1]).any():  # parts of the same days, or a newcomer among the first
        ordered = ordered[wanted]
    return ordered


def _by_day_and_customer(events: NDArray[np.void]) -> Integers:
    """The order of events; those of one customer and day stay as they are."""
    order: Integers = np.lexsort((events["customer"], events["day"]))
    return order
