"""First pass of the day: whose need arises, who may win a lot, who comes to be served."""

import numpy as np

from sim.compiled import part
from sim.draws import LOTS_PER_BLOCK, Draw, lot_wins, philox, u01
from sim.engine.birth import leave
from sim.engine.lots import tile_hits
from sim.engine.notes import count_one, move, update_cell, write_event
from sim.engine.own import judge
from sim.engine.prefetch import prefetch_row
from sim.engine.schedule import is_due
from sim.engine.state import (
    TILE,
    WORD_SLOTS,
    Arrivals,
    Cursor,
    Log,
    Morning,
    Row,
    Scratch,
    State,
    i8,
)
from sim.engine.stocks import awareness_now, doubt_now, loyalty_now, may_come
from sim.model.addresses import BY_AWARENESS, BY_LOYALTY, FIRST_EXPOSURE
from sim.model.columns import FIRST_TOUCHPOINT_SLOT, Count, Tables, Tally
from sim.model.perception import consider_chance
from sim.model.queue import (
    arrival_minute,
    patience_minutes,
    queue_day,
    queue_time,
    service_minutes,
)
from sim.model.reach import chance_of, may_meet, rate_of
from sim.model.traits import own_affinity, quantile
from sim.vocabulary import NEVER, EventCode, Relationship, Route

f8 = np.float64
u64 = np.uint64
ONE = u64(1)
NOTHING = u64(0)
WOKEN = u64(1 << 63)  # bit of the hits: something was due, so the wake day must be set anew
OWNER = int(Relationship.CUSTOMER)
INITIAL, LOYALTY, NO_ROUTE = int(Route.INITIAL), int(Route.LOYALTY), int(Route.NONE)
NEED_EVENT = int(EventCode.NEED)
NEEDS, NEEDS_CONSIDERED = int(Count.NEEDS), int(Count.NEEDS_CONSIDERED)
NEEDS_LOYAL = int(Count.NEEDS_LOYAL)
LOTS = int(Draw.LOTS)


@part
def set_hit(state: State, k: int, slot: int) -> None:
    """Note that customer `k` of the active may win the slot."""
    state.hits[k, slot // WORD_SLOTS] |= ONE << u64(slot % WORD_SLOTS)


@part
def start_journey(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int
) -> None:
    """The need arises: a new journey, with the brand in the set from the start or not."""
    s = c.segment
    count_one(tally, chunk, s, NEEDS)
    c.need_day = NEVER
    c.need_began = day
    c.need_phase = c.phase
    c.peak = 0.0
    c.end = 0.0
    c.total = 0.0
    c.recalled = 0.0
    c.friction = 0.0
    c.visited = 0
    c.last_click = NEVER
    c.considered = 0
    c.route = NO_ROUTE
    c.pick_day = NEVER
    if t.ordered:
        c.answer_day = NEVER
        for word in range(state.done.shape[1]):
            state.done[i, word] = NOTHING
    phase = t.first_consider
    loyal = c.relationship == OWNER and u01(
        t.seed, Draw.CONSIDERATION, i, day, BY_LOYALTY
    ) < loyalty_now(t, c, day)
    if loyal:
        c.considered = 1
        c.route = LOYALTY
        phase = t.purchase_phase
        count_one(tally, chunk, s, NEEDS_LOYAL)
        count_one(tally, chunk, s, NEEDS_CONSIDERED)
    elif u01(t.seed, Draw.CONSIDERATION, i, day, BY_AWARENESS) < consider_chance(
        awareness_now(t, c, day), doubt_now(t, c, day)
    ):
        c.considered = 1
        c.route = INITIAL
        count_one(tally, chunk, s, NEEDS_CONSIDERED)
    write_event(log, chunk, c, i, day, NEED_EVENT, NEVER, phase, NEVER, NEVER, 0, 0.0)
    move(tally, log, chunk, c, i, day, phase)


@part
def encounter_rate(
    t: Tables, state: State, morning: Morning, c: Row, i: int, j: int, day: int
) -> float:
    """The customer's own rate of encounters with touchpoint `j` today."""
    s = c.segment
    if t.trigger[j] != NEVER:
        rate: float = rate_of(t.reach[j, c.phase]) * t.affinity[s, j] * t.flight[j, day]
    elif t.carries_talk[j] and t.network:
        heard = i8(state.inbox[i, 0]) + i8(state.inbox[i, 1])
        rate = rate_of(t.reach[j, c.phase]) * t.affinity[s, j] * t.flight[j, day] * heard
    else:
        rate = morning.rates[j, i8(state.cell[i])]
    spread = t.affinity_spread[s]
    if spread > 0.0:
        rate *= own_affinity(spread, u01(t.seed, Draw.AFFINITY, i, i8(c.born), j))
    shape = t.exposure[j]
    if shape != NEVER:
        u = u01(t.seed, Draw.AFFINITY, i, i8(c.born), FIRST_EXPOSURE + j)
        rate *= quantile(t.exposure_quantiles[shape], u)
    return rate


@part
def own_lot(t: Tables, i: int, day: int, slot: int) -> int:
    """`draws.lot`, typed for the kernel."""
    words = philox(i, day, LOTS, slot // LOTS_PER_BLOCK, t.seed)
    place = slot % LOTS_PER_BLOCK
    half = place // 2
    word = words[0]
    if half == 1:
        word = words[1]
    elif half == 2:
        word = words[2]
    elif half == 3:
        word = words[3]
    return (word >> (16 * (place % 2))) & 0xFFFF


@part
def wins(t: Tables, i: int, day: int, slot: int, chance: float) -> bool:
    """Whether the customer wins a slot of today's lottery."""
    return lot_wins(own_lot(t, i, day, slot), chance, t.seed, i, day, slot)


@part
def hits_now(t: Tables, state: State, morning: Morning, i: int, day: int, k: int) -> None:
    """Fill the slots that customer `k` of the active may win, one by one (its cell changed)."""
    cell = i8(state.cell[i])
    for word in range(state.hits.shape[1]):
        state.hits[k, word] = NOTHING
    for block in range(morning.blocks.shape[1]):
        if not morning.blocks[cell, block]:
            continue
        w0, w1, w2, w3 = philox(i, day, LOTS, block, t.seed)
        first = block * LOTS_PER_BLOCK
        word = w0
        for half in range(4):
            if half == 1:
                word = w1
            elif half == 2:
                word = w2
            elif half == 3:
                word = w3
            slot = first + 2 * half
            if (word & 0xFFFF) < i8(morning.thresholds[cell, slot]):
                set_hit(state, k, slot)
            if (word >> 16) < i8(morning.thresholds[cell, slot + 1]):
                set_hit(state, k, slot + 1)


@part
def may_meet_today(t: Tables, c: Row, j: int, day: int) -> bool:
    """Whether touchpoint `j` is open today to somebody in this state."""
    if t.reach[j, c.phase] <= 0.0 or t.flight[j, day] <= 0.0:
        return False
    met: bool = may_meet(t.audience[j], c.relationship, c.permission, c.visited)
    return met


@part
def due_hits(t: Tables, state: State, c: Row, i: int, day: int, k: int) -> None:
    """Add the slots of triggered touchpoints that are due today in the customer's phase."""
    for j in t.triggered:
        if is_due(t, state, c, i, j, day) and may_meet_today(t, c, j, day):
            set_hit(state, k, FIRST_TOUCHPOINT_SLOT + j)


@part
def friends_hits(t: Tables, state: State, c: Row, i: int, day: int, k: int) -> None:
    """Add the slots of word of mouth, if friends have talked to the customer."""
    if state.inbox[i, 0] == 0 and state.inbox[i, 1] == 0:
        return
    for j in t.carriers:
        if may_meet_today(t, c, j, day):
            set_hit(state, k, FIRST_TOUCHPOINT_SLOT + j)


@part
def arrive(
    t: Tables,
    state: State,
    morning: Morning,
    arrivals: Arrivals,
    cursor: Cursor,
    chunk: int,
    base: int,
    c: Row,
    i: int,
    day: int,
    k: int,
) -> None:
    """Settle who comes to service touchpoints: those bits stay only for who does."""
    for j in t.desks:
        slot = FIRST_TOUCHPOINT_SLOT + j
        word = slot // WORD_SLOTS
        bit = ONE << u64(slot % WORD_SLOTS)
        if not state.hits[k, word] & bit:
            continue
        chance = 0.0
        if may_come(t, state, c, i, j, day):
            chance = chance_of(encounter_rate(t, state, morning, c, i, j, day))
        if not wins(t, i, day, FIRST_TOUCHPOINT_SLOT + j, chance):
            state.hits[k, word] &= ~bit
            continue
        place = base + cursor.arrivals[chunk]
        arrivals.customer[place] = i
        arrivals.touchpoint[place] = j
        time = queue_time(day, u01(t.seed, Draw.ARRIVAL, i, day, j), t.people_per_agent)
        arrivals.day[place] = queue_day(time)
        arrivals.minute[place] = arrival_minute(t.opens[j], t.closes[j], time)
        arrivals.service[place] = service_minutes(
            t.service[j], t.service_constant[j], u01(t.seed, Draw.SERVICE, i, day, j)
        )
        arrivals.patience[place] = patience_minutes(
            f8(c.patience), u01(t.seed, Draw.PATIENCE, i, day, j)
        )
        cursor.arrivals[chunk] += 1


@part
def look_closer(
    t: Tables,
    state: State,
    morning: Morning,
    tally: Tally,
    log: Log,
    chunk: int,
    i: int,
    day: int,
    k: int,
) -> None:
    """A customer with something due, or with news from friends: need, triggers, talk."""
    c = state.customers[i]
    if c.leave_day == day:
        leave(t, state, tally, log, chunk, i, day)
        c = state.customers[i]
        update_cell(t, state, tally, chunk, c, i)
        hits_now(t, state, morning, i, day, k)
        state.hits[k, 0] |= WOKEN
    if c.need_day == day and not t.searches[c.phase]:
        if c.judge_day != NEVER:
            judge(t, state, tally, log, chunk, c, i, day)
        start_journey(t, state, tally, log, chunk, c, i, day)
        update_cell(t, state, tally, chunk, c, i)
        hits_now(t, state, morning, i, day, k)
        state.hits[k, 0] |= WOKEN
    due_hits(t, state, c, i, day, k)
    if t.network:
        friends_hits(t, state, c, i, day, k)


@part
def pick_active(t: Tables, state: State, scratch: Scratch, count: int, used: int, day: int) -> int:
    """Append the tile's customers with something today to `active`; returns the next place."""
    who, tile = scratch.who, scratch.hits
    words = len(tile)
    for k in range(count):
        i = i8(who[k])
        hits = tile[0, k]
        woken = state.wake[i] <= day
        if t.network:
            woken = woken or state.inbox[i, 0] != 0 or state.inbox[i, 1] != 0
        if woken:
            hits |= WOKEN
            prefetch_row(state, i)
        # Written whether it counts or not: a branch here would be guessed wrong too often.
        state.active[used] = i
        state.hits[used, 0] = hits
        found = hits != NOTHING
        for word in range(1, words):
            state.hits[used, word] = tile[word, k]
            found = found or tile[word, k] != NOTHING
        used += found
    return used


@part
def notice(
    t: Tables,
    state: State,
    morning: Morning,
    tally: Tally,
    log: Log,
    arrivals: Arrivals,
    cursor: Cursor,
    chunk: int,
    day: int,
    scratch: Scratch,
) -> None:
    """The first pass over a chunk's customers; fills their part of active and hits."""
    first, last = cursor.first[chunk], cursor.first[chunk + 1]
    used = first
    cursor.arrivals[chunk] = 0
    base = first * len(t.desks)
    for start in range(first, last, TILE):
        count = min(TILE, last - start)
        tile_hits(day, start, count, state.cell, morning, scratch)
        before = used
        used = pick_active(t, state, scratch, count, used, day)
        for k in range(before, used):
            i = i8(state.active[k])
            if state.hits[k, 0] & WOKEN:
                look_closer(t, state, morning, tally, log, chunk, i, day, k)
            for word in range(len(morning.served)):
                if state.hits[k, word] & morning.served[word]:
                    c = state.customers[i]
                    arrive(t, state, morning, arrivals, cursor, chunk, base, c, i, day, k)
                    break
    cursor.active[chunk] = used - first
