"""The fast engine's day, in order; a run is days in a row, in compiled code.

1. morning: budgets, season, yesterday's talk and rating become rates of encounters;
2. notice:  needs arise, lots are drawn, customers come to service touchpoints;
3. queues:  those who came are served, or lose patience;
4. live:    encounters, movement, purchase, ownership, talk;
5. night:   friends are told, counters are added up and written down.

One thread lives through many days in one call. Several share the customers of each day's second
and fourth stage, and one does the rest.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from itertools import pairwise
from os import cpu_count
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.bundles import bundle
from sim.compiled import kernel, part
from sim.draws import LOT_RANGE, LOTS_PER_BLOCK, SETUP_DAY, Draw, u01
from sim.engine.birth import draw_anew, give_birth, open_run
from sim.engine.checks import check_flow_is_census
from sim.engine.live import live
from sim.engine.notice import notice
from sim.engine.service import serve_queues
from sim.engine.state import (
    SMALLEST_CHUNK,
    Arrivals,
    Cursor,
    Desks,
    Log,
    Morning,
    Scratch,
    State,
    chunk_for,
    fitted_desks,
    fitted_state,
    i8,
    new_arrivals,
    new_desks,
    new_events,
    new_morning,
    new_scratch,
    new_state,
)
from sim.model.columns import (
    CUSTOMER,
    FLAGS,
    Tables,
    Tally,
    cohort_of,
    is_month_end,
    month_of,
    since_start,
)
from sim.model.ledger import Ledger, close_day, rating_now
from sim.model.market import Standing, daily_bounds, daily_rates, new_standing, stand
from sim.model.talk import listener
from sim.records.recorder import Recorder, Records, new_tally
from sim.scenario.schema import Scenario
from sim.scenario.tables_by_day import tables_by_day
from sim.vocabulary import Relationship

OWNER = int(Relationship.CUSTOMER)
LOTS_IN_ALL = float(LOT_RANGE)
EVENTS_BESIDE_ENCOUNTERS = 14  # more than a day's need, moves, purchase and the rest can be
SMALL_RUN = 20_000  # customers below which a second thread costs more than it gives

# Stages of a day, as bits of what a call of `run_days` shall do.
BIRTH, MORNING, NOTICE, QUEUES, LIVE, NIGHT, OPENING = 1, 2, 4, 8, 16, 32, 64
CHANGING = 128
WHOLE_DAY = MORNING | NOTICE | QUEUES | LIVE | NIGHT

# What a call may take before it looks whether somebody wants it to stop, or to know how far it is:
# at 30 to 100 ns each less than a fifth of a second.
CUSTOMER_DAYS_AT_ONCE = 2_000_000
EVENTS_AT_ONCE = 1 << 17  # of the panel


PASTS_KEPT = 1 << 29  # bytes: six seeds of 100,000 customers take a third of it

Arrays = TypeVar("Arrays", State, Desks)


@part
def open_morning(t: Tables, standing: Standing, morning: Morning, ledger: Ledger, day: int) -> None:
    """Fill the morning's arrays from last night's census and talk."""
    morning.talk[2] = rating_now(t, ledger)
    messages = morning.talk[0] + morning.talk[1]
    rates, bounds = morning.rates, morning.bounds
    for j in range(len(morning.norms)):
        morning.norms[j] = ledger.norms[j]
    daily_rates(t, standing, day, morning.census, messages, rates)
    daily_bounds(t, standing, rates, bounds)
    for cell in range(len(bounds)):
        for block in range(morning.blocks.shape[1]):
            morning.blocks[cell, block] = 0
        for slot in range(bounds.shape[1]):
            limit = min(LOTS_IN_ALL, np.ceil(bounds[cell, slot] * LOTS_IN_ALL))
            morning.thresholds[cell, slot] = np.uint32(limit)
            if limit > 0.0:
                morning.blocks[cell, slot // LOTS_PER_BLOCK] = 1


@part
def count_owners(t: Tables, state: State, ledger: Ledger, month: int) -> None:
    """Count who is a customer tonight, by segment and cohort of first purchase."""
    customers = state.customers
    for i in range(len(customers)):
        c = customers[i]
        if c.relationship == OWNER:
            first = since_start(i8(c.first_day), t.past)
            ledger.active[month, c.segment, cohort_of(first)] += 1


@part
def tell_friends(t: Tables, state: State, day: int) -> None:
    """Pass today's talk along the network; it is heard tomorrow."""
    talked, inbox = state.talked, state.inbox
    for i in range(len(talked)):
        sign = talked[i]
        if sign == 0:
            continue
        talked[i] = 0
        column = 0 if sign > 0 else 1
        told = t.listeners_positive if sign > 0 else t.listeners_negative
        for m in range(told):
            friend = int(u01(t.seed, Draw.LISTENER, i, 1 + day, m) * t.friends)
            far = u01(t.seed, Draw.LISTENER, i, SETUP_DAY, 2 * friend)
            who = u01(t.seed, Draw.LISTENER, i, SETUP_DAY, 2 * friend + 1)
            k = listener(far, who, i, friend, t.agents, t.far_share)
            if k != i:
                inbox[k, column] += 1


@part
def write_down(counters: NDArray[np.int64], ledger: NDArray[np.int64], day: int) -> None:
    """Add up a day's counters (chunks, n) into the ledger's row (D, n), and start at 0 again."""
    row = ledger[day]
    for chunk in range(len(counters)):
        mine = counters[chunk]
        for k in range(len(mine)):
            row[k] += mine[k]
            mine[k] = 0


@part
def take_census(morning: Morning, tally: Tally) -> None:
    """Bring the census up to tonight."""
    for chunk in range(len(tally.census)):
        for cell in range(len(morning.census)):
            morning.census[cell] += tally.census[chunk, cell]
            tally.census[chunk, cell] = 0


@part
def close_night(
    t: Tables,
    state: State,
    morning: Morning,
    tally: Tally,
    counters: Tally,
    ledger: Ledger,
    day: int,
) -> None:
    """Friends are told; the day is added up and written down. `counters`: the tally, flattened."""
    if t.network:
        tell_friends(t, state, day)
    take_census(morning, tally)
    write_down(counters.flows, ledger.flows, day)
    write_down(counters.counts, ledger.counts, day)
    write_down(counters.purchases, ledger.purchases, day)
    write_down(counters.sales, ledger.sales, day)
    write_down(counters.add_ons, ledger.add_ons, day)
    write_down(counters.losses, ledger.losses, day)
    write_down(counters.touch, ledger.touch, day)
    write_down(counters.commission, ledger.commission, day)
    write_down(counters.scores, ledger.scores, day)
    write_down(counters.stars, ledger.stars, day)
    write_down(counters.messages, ledger.messages, day)
    close_day(t, ledger, morning.rates, day)
    for sign in range(2):
        morning.talk[sign] = ledger.messages[day, sign]
    if day >= t.past and is_month_end(day - t.past, t.days - t.past):
        count_owners(t, state, ledger, month_of(day - t.past))


@kernel
def run_days(
    t: Tables,
    standing: Standing,
    state: State,
    morning: Morning,
    tally: Tally,
    counters: Tally,
    ledger: Ledger,
    log: Log,
    arrivals: Arrivals,
    cursor: Cursor,
    desks: Desks,
    scratch: Scratch,
    stages: int,
    first_chunk: int,
    last_chunk: int,
    first_day: int,
    last_day: int,
) -> None:
    """Some stages of days first_day .. last_day - 1, for chunks first_chunk .. last_chunk - 1."""
    if stages & BIRTH:
        stand(t, standing)
        for chunk in range(first_chunk, last_chunk):
            give_birth(t, state, tally.census[chunk], cursor.first[chunk], cursor.first[chunk + 1])
        take_census(morning, tally)
    if stages & OPENING:
        stand(t, standing)
        for chunk in range(first_chunk, last_chunk):
            open_run(t, state, cursor.first[chunk], cursor.first[chunk + 1])
    if stages & CHANGING:
        stand(t, standing)
        for chunk in range(first_chunk, last_chunk):
            draw_anew(t, state, cursor.first[chunk], cursor.first[chunk + 1], first_day)
    for day in range(first_day, last_day):
        if stages & MORNING:
            open_morning(t, standing, morning, ledger, day)
        if stages & NOTICE:
            for chunk in range(first_chunk, last_chunk):
                notice(t, state, morning, tally, log, arrivals, cursor, chunk, day, scratch)
        if stages & QUEUES:
            serve_queues(t, arrivals, cursor, desks)
        if stages & LIVE:
            for chunk in range(first_chunk, last_chunk):
                live(t, state, morning, tally, log, arrivals, cursor, chunk, day)
        if stages & NIGHT:
            close_night(t, state, morning, tally, counters, ledger, day)


class Past(NamedTuple):
    """What a market's past leaves behind on the morning of day 0."""

    tables: Tables  # that it was lived under
    state: State
    census: NDArray[np.int64]  # as in `Morning`
    talk: NDArray[np.float64]
    reviews: NDArray[np.int64]  # as in `Ledger`
    unspent: NDArray[np.float64]
    norms: NDArray[np.float64]
    desks: Desks

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        arrays = (
            *self.state,
            self.census,
            self.talk,
            self.reviews,
            self.unspent,
            self.norms,
            *self.desks,
        )
        return sum(array.nbytes for array in arrays)


class FastMarket:
    """A run of the fast engine: its memory, and the days it lives through.

    `past`: of `scenario.before`, for a run that begins on day 0 out of it; otherwise the market is
    born on the first day of its own past.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        past: Past | None = None,
        pool: Executor | None = None,
        check: bool = False,
        chunk: int = SMALLEST_CHUNK,
    ) -> None:
        self.scenario = scenario
        self.check = check
        self.pool = pool
        self._changes = tables_by_day(scenario)
        self.t: Tables = self._changes.pop(0)[1]
        t = self.t
        cells = len(t.share_cumulative) * len(t.pace) * FLAGS
        first = np.array([*range(0, t.agents, chunk), t.agents], dtype=np.int64)
        self.chunks = len(first) - 1
        self.state: State = new_state(t, cells)
        self.desks = new_desks(t)
        if past is not None:
            self.state = fitted_state(_copied(past.state), self.state, before=past.tables, t=t)
            self.desks = fitted_desks(_copied(past.desks), self.desks, before=past.tables, t=t)
        self.tally: Tally = new_tally(t, self.chunks)
        self.recorder = Recorder(scenario, t)
        self.cursor = Cursor(first, *(np.zeros(self.chunks, dtype=np.int64) for _ in range(2)))
        self.arrivals = new_arrivals(t.agents * len(t.desks))
        self.standing = new_standing(t)
        self.morning: Morning = new_morning(t, cells)
        self.scratch = [new_scratch(t, cells) for _ in range(1 if pool is None else self.chunks)]
        self.log = Log(new_events(0).reshape(self.chunks, 0), np.zeros(self.chunks, np.int64))
        self.events: list[NDArray[np.void]] = []
        self._tables = bundle(t)
        self._bind()
        self.day = 0
        if past is None:
            self._do(BIRTH)
        else:
            self.day = t.past
            self.morning.census[:] = past.census
            self.morning.talk[:] = past.talk
            self.recorder.ledger.reviews[:] = past.reviews
            self.recorder.ledger.unspent[:] = past.unspent
            self.recorder.ledger.norms[:] = past.norms + (t.norm - past.tables.norm)
        self.days_at_once = 1
        self._make_room_for_events()
        if self.day == t.past:
            self._open_run()

    def _bind(self) -> None:
        """Make of the market's memory what compiled code takes."""
        flat = {name: part.reshape(len(part), -1) for name, part in self.tally._asdict().items()}
        self._memory = (
            bundle(self.standing),
            bundle(self.state),
            bundle(self.morning),
            bundle(self.tally),
            bundle(Tally(**flat)),
            bundle(self.recorder.ledger),
        )
        self._desks = bundle(self.arrivals), bundle(self.cursor), bundle(self.desks)
        self._scratch = [bundle(one) for one in self.scratch]
        self._log = bundle(self.log)

    def _open_run(self) -> None:
        """Day 0: what is reported begins."""
        self._do(OPENING)
        if self.t.leave_rate > 0.0:
            newcomers = self.state.newcomers
            np.cumsum(newcomers, out=newcomers)
            many = int(newcomers[-1])
            self.state = self.state._replace(
                gone=np.zeros(many, dtype=CUSTOMER),
                gone_met=np.zeros((many, self.state.met.shape[1]), dtype=np.uint64),
            )
        self._bind()
        self.start = self._by_phase(self.morning.census)
        self._make_room_for_events()

    def live_past(self, told: Callable[[], None] | None = None) -> Past:
        """Live through the days before day 0, and return what they leave behind.

        `told` is called now and then.
        """
        while self.day < self.t.past:
            if told is not None:
                told()
            self._live(min(self.day + self.days_at_once, self.t.past))
        ledger = self.recorder.ledger
        return Past(
            self.t,
            _copied(self.state),
            self.morning.census.copy(),
            self.morning.talk.copy(),
            ledger.reviews.copy(),
            ledger.unspent.copy(),
            ledger.norms.copy(),
            _copied(self.desks),
        )

    @property
    def bundles(self) -> tuple[Any, ...]:
        """What `run_days` takes before its numbers, in its order, for the first thread."""
        return self._tables, *self._memory, self._log, *self._desks, self._scratch[0]

    def _do(
        self,
        stages: int,
        first_day: int = 0,
        last_day: int = 0,
        *,
        chunks: tuple[int, int] | None = None,
    ) -> None:
        """Let compiled code do stages of days for a range of chunks, all by default."""
        first, last = chunks or (0, self.chunks)
        scratch = self._scratch[first % len(self._scratch)]
        run_days(
            self._tables,
            *self._memory,
            self._log,
            *self._desks,
            scratch,
            stages,
            first,
            last,
            first_day,
            last_day,
        )

    def _make_room_for_events(self) -> None:
        """A log that holds what a call can tell of the panel."""
        first = self.cursor.first
        many = np.array([self._panel_in(a, b) for a, b in pairwise(first)])
        moments = 1 + int(self.t.same_day.sum())
        a_day = int(many.max()) * moments * (len(self.t.starts) + EVENTS_BESIDE_ENCOUNTERS)
        days = min(
            CUSTOMER_DAYS_AT_ONCE // self.t.agents,
            EVENTS_AT_ONCE // max(1, a_day * self.chunks),
            self.t.days,
        )
        self.days_at_once = 1 if self.pool is not None or self.check else max(1, days)
        room = a_day * self.days_at_once
        self.log = Log(new_events(self.chunks * room).reshape(self.chunks, room), self.log.used)
        self._log = bundle(self.log)

    def _panel_in(self, first: int, last: int) -> int:
        """How many people of the panel can be in some places at once."""
        panel = self.state.customers["panel"]
        many = int(panel[first:last].sum())
        if self.t.leave_rate > 0.0 and self.t.panel > 0.0 and self.day == self.t.past:
            newcomers = self.state.newcomers
            many = min(last - first, many + int(newcomers[last] - newcomers[first]))
        return many

    def _by_phase(self, census: NDArray[np.int64]) -> NDArray[np.int64]:
        shape = (len(self.t.share_cumulative), len(self.t.pace), FLAGS)
        counted: NDArray[np.int64] = census.reshape(shape).sum(axis=2)
        return counted

    def change_tables(self, t: Tables) -> None:
        """From the next day on the market's tables are these, of the same people and records."""
        blank, before = new_state(t, len(self.morning.census)), self.t
        self.t = t
        self._tables = bundle(t)
        self.state = fitted_state(self.state, blank, before=before, t=t)
        self.desks = fitted_desks(self.desks, new_desks(t), before=before, t=t)
        self.recorder.ledger.norms[:] += t.norm - before.norm
        self._bind()
        self._do(CHANGING, self.day, self.day)

    def begin(self) -> None:
        """Live through the market's own past, if nobody has yet."""
        if self.day < self.t.past:
            self.live_past()
            self._open_run()

    def tick(self, day: int) -> None:
        """One day."""
        self.live_through(day, day + 1)

    def live_through(self, first_day: int, last_day: int) -> None:
        """Days first_day .. last_day - 1 of the run, at most `days_at_once`."""
        self.begin()
        while self._changes and self._changes[0][0] < last_day:
            day, t = self._changes.pop(0)
            if day > first_day:
                self._live(self.t.past + day)
            self.change_tables(t)
        self._live(self.t.past + last_day)

    def _live(self, last_day: int) -> None:
        """Live until the morning of a day, counted from the past's first; surveys ask at night."""
        interviews = self.recorder.interviews
        for day in interviews.evenings_among(self.day, last_day):
            self._live_days(day + 1)
            interviews.see(self.t, day, self.state.customers, weights=self.state.weights)
        if self.day < last_day:
            self._live_days(last_day)

    def _live_days(self, last_day: int) -> None:
        """Live until the morning of a day, without a stop."""
        first_day, self.day = self.day, last_day
        before = self._by_phase(self.morning.census) if self.check else None
        if self.pool is None:
            self._do(WHOLE_DAY, first_day, last_day)
        else:
            for day in range(first_day, last_day):
                self._share_a_day(day)
        for chunk, used in enumerate(self.log.used):
            if used:
                self.events.append(self.log.events[chunk, :used].copy())
        self.log.used[:] = 0
        if before is not None:
            check_flow_is_census(
                first_day,
                self.state.customers,
                before=before,
                flows=self.recorder.daily("flows")[first_day],
                census=self.morning.census,
            )

    def _share_a_day(self, day: int) -> None:
        """A day of several threads: each takes chunks of the customers."""
        assert self.pool is not None
        pool = self.pool

        def each_chunk(stages: int) -> None:
            def work(chunk: int) -> None:
                self._do(stages, day, day + 1, chunks=(chunk, chunk + 1))

            list(pool.map(work, range(self.chunks)))

        self._do(MORNING, day, day + 1)
        each_chunk(NOTICE if len(self.t.desks) else NOTICE | LIVE)
        if len(self.t.desks):
            self._do(QUEUES, day, day + 1)
            each_chunk(LIVE)
        self._do(NIGHT, day, day + 1)

    def finish(self) -> Records:
        """The run's records."""
        self.begin()
        people, met = self.state.customers, self.state.met
        if len(self.state.gone):
            people = np.concatenate([people, self.state.gone])
            met = np.concatenate([met, self.state.gone_met])
        return self.recorder.finish(
            self.start,
            self.tally.cohorts.sum(axis=0),
            people,
            met=met,
            events=self.events,
        )


def _copied(arrays: Arrays) -> Arrays:
    """A named tuple of arrays with memory of its own."""
    held: Any = arrays
    copied: Arrays = held._make(array.copy() for array in held)
    return copied


class Pasts:
    """The pasts that were lived through last, so that the variants of a market share them."""

    def __init__(self, most_bytes: int = PASTS_KEPT) -> None:
        self.most_bytes = most_bytes
        self._kept: dict[str, Past] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def of(self, scenario: Scenario, live: Callable[[], Past]) -> Past:
        """The past of a market, lived by `live` unless it is kept."""
        key = scenario.model_dump_json()
        with self._lock:
            mine = self._locks.setdefault(key, Lock())
        with mine:
            with self._lock:
                found = self._kept.pop(key, None)
            if found is None:
                found = live()
            self._keep(key, found)
            return found

    def _keep(self, key: str, past: Past) -> None:
        with self._lock:
            self._kept[key] = past
            used = sum(one.nbytes for one in self._kept.values())
            for old in list(self._kept)[:-1]:
                if used <= self.most_bytes:
                    break
                used -= self._kept.pop(old).nbytes
                self._locks.pop(old, None)


PASTS = Pasts()


def run_fast(
    scenario: Scenario,
    *,
    threads: int | None = None,
    check: bool = False,
    progress: Callable[[int], None] | None = None,
    chunk: int | None = None,
) -> Records:
    """Run a scenario in the fast engine.

    `threads`: at most so many; by default one per core, one for small runs. `chunk`: customers
    that one task takes, by default an equal part for each thread. The result depends on
    neither. `check`: verify every night that flow equals census. `progress` is called with the
    number of days of the run that are done. A past is lived through once for all runs out of it,
    while it is kept.
    """
    if threads is None:
        threads = 1 if scenario.agents <= SMALL_RUN else cpu_count() or 1
    if chunk is None:
        chunk = chunk_for(scenario.agents, threads)
    several = threads > 1 and scenario.agents > chunk
    with ThreadPoolExecutor(threads) if several else nullcontext() as pool:
        before = scenario.before.model_copy(update={"changes": [], "surveys": {}})

        def live_past() -> Past:
            market = FastMarket(before, pool=pool, check=check, chunk=chunk)
            return market.live_past(None if progress is None else lambda: progress(0))

        past = PASTS.of(before, live_past) if scenario.past_days else None
        market = FastMarket(scenario, past=past, pool=pool, check=check, chunk=chunk)
        for day in range(0, scenario.days, market.days_at_once):
            done = min(day + market.days_at_once, scenario.days)
            market.live_through(day, done)
            if progress is not None:
                progress(done)
        return market.finish()
