"""The fast engine's day, in order; `run_fast` is days in a row.

1. morning: budgets, season, yesterday's talk and rating become rates of encounters;
2. notice:  needs arise, lots are drawn, customers come to service touchpoints;
3. queues:  those who came are served, or lose patience;
4. live:    encounters, movement, purchase, ownership, talk;
5. night:   friends are told, counters are added up and written down.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.draws import LOT_RANGE, LOTS_PER_BLOCK, SETUP_DAY, Draw, u01
from sim.engine.birth import give_birth
from sim.engine.checks import check_flow_is_census
from sim.engine.live import live_chunk
from sim.engine.lots import round_keys, scratch
from sim.engine.notice import notice_chunk
from sim.engine.service import new_desks, run_queues
from sim.engine.state import (
    SMALLEST_CHUNK,
    Cursor,
    Log,
    Morning,
    State,
    chunk_for,
    i8,
    new_arrivals,
    new_events,
    new_state,
    slots_of,
)
from sim.model.columns import BEFORE_START, FIRST_TOUCHPOINT_SLOT, FLAGS, Tables, Tally
from sim.model.market import daily_bounds, daily_rates
from sim.model.talk import listener
from sim.records.recorder import DAILY, Recorder, Records, new_tally
from sim.scenario.arrays import make_tables
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR, Relationship

OWNER = int(Relationship.CUSTOMER)
LOTS_IN_ALL = float(LOT_RANGE)
EVENTS_BESIDE_ENCOUNTERS = 14  # more than a day's need, moves, purchase and the rest can be
SMALL_RUN = 20_000  # customers below which a second thread costs more than it gives


@kernel
def open_market(
    t: Tables,
    day: int,
    census: NDArray[np.int64],
    messages: float,
    rates: NDArray[np.float64],
    bounds: NDArray[np.float64],
    thresholds: NDArray[np.uint32],
    blocks: NDArray[np.uint8],
) -> None:
    """Fill the morning's arrays from last night's census and talk."""
    daily_rates(t, day, census, messages, rates)
    daily_bounds(t, rates, bounds)
    for cell in range(len(bounds)):
        for block in range(blocks.shape[1]):
            blocks[cell, block] = 0
        for slot in range(bounds.shape[1]):
            limit = min(LOTS_IN_ALL, np.ceil(bounds[cell, slot] * LOTS_IN_ALL))
            thresholds[cell, slot] = np.uint32(limit)
            if limit > 0.0:
                blocks[cell, slot // LOTS_PER_BLOCK] = 1


@kernel
def count_owners(
    customers: NDArray[np.void], counts: NDArray[np.int64], first: int, last: int
) -> None:
    """Add customers first .. last - 1 who own something to `counts` (S, cohorts)."""
    for i in range(first, last):
        c = customers[i]
        if c.relationship == OWNER:
            cohort = 0
            if c.first_day != BEFORE_START:
                cohort = 1 + i8(c.first_day) * MONTHS_PER_YEAR // DAYS_PER_YEAR
            counts[c.segment, cohort] += 1


@kernel
def tell_friends(t: Tables, talked: NDArray[np.int8], inbox: NDArray[np.int16], day: int) -> None:
    """Pass today's talk along the network; it is heard tomorrow."""
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


class FastMarket:
    """A run of the fast engine: its memory, and the stages of its day."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        pool: Executor | None = None,
        check: bool = False,
        chunk: int = SMALLEST_CHUNK,
    ) -> None:
        self.scenario = scenario
        self.check = check
        self.t: Tables = make_tables(scenario)
        t = self.t
        self.cells = len(t.share_cumulative) * len(t.pace) * FLAGS
        self.spans = [(a, min(a + chunk, t.agents)) for a in range(0, t.agents, chunk)]
        chunks = len(self.spans)
        self.pool = pool
        self.state: State = new_state(t, self.cells)
        self.tally: Tally = new_tally(t, chunks)
        self.cursor = Cursor(*(np.zeros(chunks, dtype=np.int64) for _ in range(2)))
        self.queues = int(np.count_nonzero(t.servers))
        self.arrivals = new_arrivals(t.agents * self.queues)
        self.desks = new_desks(t)
        self.scratch = [scratch(self.cells) for _ in range(chunks)]
        self.recorder = Recorder(scenario, t, self.tally)
        self.census: NDArray[np.int64] = np.zeros(self.cells, dtype=np.int64)
        self.events: list[NDArray[np.void]] = []
        slots = slots_of(t)
        self.morning = Morning(
            rates=np.zeros((self.cells, len(t.starts))),
            bounds=np.zeros((self.cells, FIRST_TOUCHPOINT_SLOT + len(t.starts))),
            thresholds=np.zeros((self.cells, slots), dtype=np.uint32),
            blocks=np.zeros((self.cells, slots // LOTS_PER_BLOCK), dtype=np.uint8),
            keys=round_keys(t.seed),
            talk=np.zeros(3),
        )
        self._be_born()
        self.start = self._by_phase(self.census)
        self.log = self._new_log()

    def _each_chunk(self, work: Callable[[int], None]) -> None:
        """Do the work of every chunk, side by side if there is a pool."""
        chunks = range(len(self.spans))
        if self.pool is None:
            for chunk in chunks:
                work(chunk)
        else:
            list(self.pool.map(work, chunks))

    def _be_born(self) -> None:
        censuses = np.zeros((len(self.spans), self.cells), dtype=np.int64)

        def work(chunk: int) -> None:
            give_birth(self.t, self.state, censuses[chunk], *self.spans[chunk])

        self._each_chunk(work)
        self.census = censuses.sum(axis=0)

    def _count_owners(self) -> NDArray[np.int64]:
        """Who is a customer tonight, by segment and cohort of first purchase, (S, cohorts)."""
        counts = np.zeros((len(self.spans), *self.recorder.active.shape[1:]), dtype=np.int64)

        def work(chunk: int) -> None:
            count_owners(self.state.customers, counts[chunk], *self.spans[chunk])

        self._each_chunk(work)
        total: NDArray[np.int64] = counts.sum(axis=0)
        return total

    def _new_log(self) -> Log:
        panel = self.state.customers["panel"]
        most = max(int(panel[a:b].sum()) for a, b in self.spans)
        room = most * (len(self.t.starts) + EVENTS_BESIDE_ENCOUNTERS)
        chunks = len(self.spans)
        return Log(new_events(chunks * room).reshape(chunks, room), np.zeros(chunks, np.int64))

    def _by_phase(self, census: NDArray[np.int64]) -> NDArray[np.int64]:
        shape = (len(self.t.share_cumulative), len(self.t.pace), FLAGS)
        counted: NDArray[np.int64] = census.reshape(shape).sum(axis=2)
        return counted

    def tick(self, day: int) -> None:
        """One day."""
        self.open_morning(day)
        self.notice(day)
        if self.queues:
            self.serve_queues()
        self.live(day)
        self.close_night(day)

    def open_morning(self, day: int) -> None:
        """Stage 1: rates of encounters, and the lots below which something may be won."""
        m = self.morning
        m.talk[2] = self.recorder.public_rating()
        messages = m.talk[0] + m.talk[1]
        open_market(self.t, day, self.census, messages, m.rates, m.bounds, m.thresholds, m.blocks)

    def notice(self, day: int) -> None:
        """Stage 2."""

        def work(chunk: int) -> None:
            notice_chunk(
                self.t,
                self.state,
                self.morning,
                self.tally,
                self.log,
                self.arrivals,
                self.cursor,
                chunk,
                *self.spans[chunk],
                self.queues,
                day,
                self.scratch[chunk],
            )

        self._each_chunk(work)

    def serve_queues(self) -> None:
        """Stage 3."""
        came = self.cursor.arrivals
        spans = [
            (first * self.queues, first * self.queues + int(came[chunk]))
            for chunk, (first, _) in enumerate(self.spans)
        ]
        run_queues(self.t, self.arrivals, spans=spans, desks=self.desks)

    def live(self, day: int) -> None:
        """Stage 4."""

        def work(chunk: int) -> None:
            live_chunk(
                self.t,
                self.state,
                self.morning,
                self.tally,
                self.log,
                self.arrivals,
                self.cursor,
                chunk,
                self.spans[chunk][0],
                self.queues,
                day,
            )

        self._each_chunk(work)

    def close_night(self, day: int) -> None:
        """Stage 5."""
        if self.t.network:
            tell_friends(self.t, self.state.talked, self.state.inbox, day)
        sums = {name: getattr(self.tally, name).sum(axis=0) for name in (*DAILY, "census")}
        before = self._by_phase(self.census) if self.check else None
        self.census = self.census + sums["census"]
        customers = self.state.customers
        if before is not None:
            check_flow_is_census(
                day, customers, before=before, flows=sums["flows"], census=self.census
            )
        self.recorder.record_day(day, sums, self.morning.rates.max(axis=0, initial=0.0) > 0.0)
        if self.recorder.is_month_end(day):
            self.recorder.record_active(day, self._count_owners())
        self.morning.talk[:2] = sums["messages"]
        written = [self.log.events[chunk, :used] for chunk, used in enumerate(self.log.used)]
        self.events.append(np.concatenate(written))
        self.log.used[:] = 0
        for name in (*DAILY, "census"):
            getattr(self.tally, name)[...] = 0

    def finish(self) -> Records:
        """The run's records."""
        return self.recorder.finish(
            self.start, self.tally.cohorts.sum(axis=0), self.state.customers, events=self.events
        )


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
    number of days done.
    """
    if threads is None:
        threads = 1 if scenario.agents <= SMALL_RUN else cpu_count() or 1
    if chunk is None:
        chunk = chunk_for(scenario.agents, threads)
    several = threads > 1 and scenario.agents > chunk
    with ThreadPoolExecutor(threads) if several else nullcontext() as pool:
        market = FastMarket(scenario, pool=pool, check=check, chunk=chunk)
        for day in range(scenario.days):
            market.tick(day)
            if progress is not None:
                progress(day + 1)
        return market.finish()
