"""Collects a run's counters, day by day, into `Records`. Both engines report to it."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import (
    BEFORE_START,
    EVENT,
    FLAGS,
    ROUTES,
    SCORES,
    STARS,
    Cohort,
    Count,
    Integers,
    Reals,
    Tables,
    Tally,
    Touch,
    month_of,
    months_in,
)
from sim.model.money import running_cost, spend_of_day
from sim.model.talk import public_rating
from sim.scenario.schema import Scenario
from sim.vocabulary import (
    DAYS_PER_YEAR,
    MINOR_UNITS,
    MONTHS_PER_YEAR,
    Relationship,
    Starts,
    code_of,
)

NO_BUDGET = -1.0

DAILY = (
    "flows",
    "counts",
    "purchases",
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
    pairs = int(t.pair.max(initial=-1)) + 1
    months = months_in(t.days) + 1

    def zeros(*shape: int) -> NDArray[np.int64]:
        return np.zeros((chunks, *shape), dtype=np.int64)

    return Tally(
        census=zeros(segments * phases * FLAGS),
        flows=zeros(segments, phases, phases),
        counts=zeros(segments, len(Count)),
        purchases=zeros(segments, offers, ROUTES),
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
    customers: NDArray[np.void]  # (n,) of CUSTOMER: everybody's state at the end
    events: NDArray[np.void]  # (e,) of EVENT: the panel, by day, customer and order

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


def end_of_day(records: Records) -> Integers:
    """Customers in each phase at the end of each day, (D, S, P)."""
    change = (records.flows.sum(axis=2) - records.flows.sum(axis=3)).cumsum(axis=0)
    held: Integers = records.start[None] + change
    return held


class Recorder:
    """Fills the arrays of `Records` while a run goes on."""

    def __init__(self, scenario: Scenario, t: Tables, sample: Tally) -> None:
        self.scenario = scenario
        self.t = t
        days = scenario.days
        self.daily: dict[str, Integers] = {
            name: np.zeros((days, *getattr(sample, name).shape[1:]), dtype=np.int64)
            for name in DAILY
        }
        touchpoints = len(scenario.touchpoints)
        self.daily["commission"] = self.daily["commission"][:, :touchpoints]
        self.spend: Reals = np.zeros((days, touchpoints))
        self.unspent: Reals = np.zeros(touchpoints)  # of the search budgets of all days so far
        self.rating: Reals = np.zeros(days)
        self.star_sum = 0
        self.star_count = 0
        months = months_in(days)
        self.active: Integers = np.zeros(
            (months, len(scenario.segments), months + 1), dtype=np.int64
        )
        self.pair_touchpoint = self._pair_touchpoints()

    def _pair_touchpoints(self) -> Integers:
        """The touchpoint of each row of the touch counters."""
        rows = np.zeros(self.daily["touch"].shape[2], dtype=np.int64)
        for phase_row in self.t.pair:
            for j, row in enumerate(phase_row):
                if row >= 0:
                    rows[row] = j
        return rows

    def public_rating(self) -> float:
        """The rating that customers see: all reviews so far, and those before day 0."""
        reviews = self.scenario.reviews
        return public_rating(
            reviews.start_rating,
            reviews.start_count,
            self.star_sum,
            self.star_count,
            self.t.people_per_agent,
        )

    def record_day(self, day: int, sums: dict[str, Integers], running: NDArray[np.bool_]) -> None:
        """Keep one day's counters, summed over chunks. `running` (J,): had an audience."""
        for name in DAILY:
            target = self.daily[name][day]
            target[...] = sums[name].reshape(-1)[: target.size].reshape(target.shape)
        stars = sums["stars"]
        self.star_sum += int(stars @ np.arange(1, len(stars) + 1))
        self.star_count += int(stars.sum())
        self.rating[day] = self.public_rating()
        self.spend[day] = self._spend(day, sums, running)

    def _spend(
        self, day: int, sums: dict[str, Integers], running: NDArray[np.bool_]
    ) -> list[float]:
        """Money spent today on each touchpoint, for the whole population."""
        scale = self.t.people_per_agent
        per_row = sums["touch"].sum(axis=0)
        spend = []
        for j, touchpoint in enumerate(self.scenario.touchpoints.values()):
            flight = float(self.t.flight[j, day])
            if flight <= 0.0:
                spend.append(0.0)
                continue
            cost, capacity = touchpoint.cost, touchpoint.capacity
            mine = per_row[self.pair_touchpoint == j]
            staff = 0.0
            if capacity is not None:
                hours = capacity.closes_hour - capacity.opens_hour
                staff = cost.per_staff_hour * capacity.servers * hours
            running_today = running_cost(
                cost.per_day,
                int(mine[:, Touch.VISITS].sum()),
                cost.per_click + cost.per_visit,
                int(sums["commission"][j]) / MINOR_UNITS,
                cost.per_order_share,
                staff,
                scale,
            )
            given = touchpoint.budget_per_day
            budget = NO_BUDGET if given is None else given * flight
            is_search = given is not None and touchpoint.starts != Starts.PUSH
            self.unspent[j] += budget * is_search
            money = spend_of_day(
                running_today,
                int(mine[:, Touch.CONTACTS].sum()),
                cost.per_contact,
                scale,
                code_of(touchpoint.starts),
                budget,
                float(running[j]),
                float(self.unspent[j]),
            )
            self.unspent[j] -= money * is_search
            spend.append(money)
        return spend

    def record_month(
        self,
        day: int,
        segment: NDArray[np.integer[Any]],
        relationship: NDArray[np.integer[Any]],
        *,
        first_day: NDArray[np.integer[Any]],
    ) -> None:
        """Count who is a customer at the end of a month, by segment and cohort. All (n,)."""
        _, segments, cohorts = self.active.shape
        owner = relationship == Relationship.CUSTOMER
        first = first_day[owner].astype(np.int64)
        cohort = 1 + first * MONTHS_PER_YEAR // DAYS_PER_YEAR  # `cohort_of`, for all at once
        cohort[first == BEFORE_START] = 0
        place = segment[owner].astype(np.int64) * cohorts + cohort
        counts = np.bincount(place, minlength=segments * cohorts)
        self.record_active(day, counts.reshape(segments, cohorts))

    def record_active(self, day: int, counts: Integers) -> None:
        """Keep who is a customer at the end of a month. `counts` (S, cohorts)."""
        self.active[month_of(day)] = counts

    def is_month_end(self, day: int) -> bool:
        """Whether the day is the last of its month, or of the run."""
        return day == self.scenario.days - 1 or month_of(day + 1) != month_of(day)

    def finish(
        self,
        start: Integers,
        cohorts: Integers,
        customers: NDArray[np.void],
        *,
        events: list[NDArray[np.void]],
    ) -> Records:
        """The complete records. `cohorts`: summed over chunks; `start` (S, P).

        `events`: of the panel, in parts by day; the list is emptied, to spare memory.
        """
        return Records(
            scenario=self.scenario,
            start=start,
            spend=self.spend,
            rating=self.rating,
            cohorts=cohorts,
            active=self.active,
            customers=customers,
            events=_in_order(events),
            **self.daily,
        )


def _in_order(parts: list[NDArray[np.void]]) -> NDArray[np.void]:
    """Events by day and customer, each part let go as soon as it is copied."""
    ordered = np.zeros(sum(len(part) for part in parts), dtype=EVENT)
    end = len(ordered)
    while parts:
        part = parts.pop()
        ordered[end - len(part) : end] = part[np.lexsort((part["customer"], part["day"]))]
        end -= len(part)
    return ordered
