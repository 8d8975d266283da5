"""Second pass of the day: those who noticed something live through it."""

import numpy as np

from sim.compiled import lowest_bit, part
from sim.draws import Draw, u01
from sim.engine.encounter import meet
from sim.engine.notes import move, update_cell
from sim.engine.notice import encounter_rate, wins
from sim.engine.own import judge, lapse, renew, speak, talk_chance
from sim.engine.prefetch import AHEAD, prefetch_row
from sim.engine.schedule import next_wake
from sim.engine.state import WORD_SLOTS, Arrivals, Cursor, Log, Morning, Row, State, i8
from sim.engine.stocks import (
    awareness_now,
    engagement_now,
    loyalty_now,
    may_come,
    may_move_on,
)
from sim.engine.trade import decide, experience_of, give_up, pick_offer
from sim.model.addresses import LEAVE_RIVAL, UNSERVED_RIVAL
from sim.model.columns import (
    FIRST_TOUCHPOINT_SLOT,
    SLOT_ADVANCE,
    SLOT_BACK,
    SLOT_EXIT,
    SLOT_TALK,
    Tables,
    Tally,
)
from sim.model.movement import (
    advance_chance,
    advance_target,
    day_of_moment,
    goes_on_today,
    lapse_chance,
    readiness,
)
from sim.model.reach import chance_of
from sim.vocabulary import NEVER, Outcome, Relationship

f8 = np.float64
u64 = np.uint64
ONE, NOTHING = u64(1), u64(0)
SLOTS_OF_WORD = u64((1 << WORD_SLOTS) - 1)
MOVEMENTS = u64((1 << FIRST_TOUCHPOINT_SLOT) - 1)  # bits of the first word
STRANGER = int(Relationship.NONE)
SERVED = int(Outcome.SERVED)


@part
def has(hits: np.uint64, slot: int) -> bool:
    """Whether the slot's bit is set."""
    found: bool = (hits & (ONE << u64(slot))) != u64(0)
    return found


@part
def own_readiness(t: Tables, c: Row, day: int) -> float:
    """Readiness to move on; who does not consider the brand is moved by none of its stocks."""
    p = c.phase
    bias: float = t.bias[p]
    if t.searches[p] and not c.considered:
        return bias
    return readiness(
        bias,
        t.readiness_weights[p],
        awareness_now(t, c, day),
        engagement_now(t, c, day),
        f8(c.trust),
        experience_of(t, c),
        f8(c.satisfaction),
        loyalty_now(t, c, day),
    )


@part
def advance(
    t: Tables,
    state: State,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    moment: int,
) -> None:
    """Move on, if the lot, the readiness and what the phase requires allow.

    `moment`, here and below: the day in the address of a draw (`movement.day_of_moment`).
    """
    p = c.phase
    there = t.next_phase[p]
    if there == NEVER or not may_move_on(t, state, c, i, day):
        return
    chance = advance_chance(t.pace[p], own_readiness(t, c, day))
    if not wins(t, i, moment, SLOT_ADVANCE, chance):
        return
    skips = t.skip[p] > 0.0 and u01(t.seed, Draw.SKIP, i, moment, 0) < t.skip[p]
    there = advance_target(p, there, skips, t.purchase_phase)
    move(tally, log, chunk, c, i, day, there)
    if t.tentative[there]:
        pick_offer(t, state, log, chunk, c, i, day)


@part
def search_on(
    t: Tables,
    state: State,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    moment: int,
    hits: np.uint64,
    repelled: bool,
) -> None:
    """A day's movement where a purchase is sought: give up, fall back, move on, decide."""
    p = c.phase
    if has(hits, SLOT_EXIT) and wins(t, i, moment, SLOT_EXIT, t.leave[p]):
        give_up(t, state, tally, log, chunk, c, i, day, t.leave_to_competitor[p], LEAVE_RIVAL)
        return
    if repelled or (has(hits, SLOT_BACK) and wins(t, i, moment, SLOT_BACK, t.back[p])):
        if p > t.first_consider:
            move(tally, log, chunk, c, i, day, p - 1)
        return
    if not has(hits, SLOT_ADVANCE):
        return
    if not t.decides[p]:
        advance(t, state, tally, log, chunk, c, i, day, moment)
    elif wins(t, i, moment, SLOT_ADVANCE, t.pace[p]):
        decide(t, state, tally, log, chunk, c, i, day)


@part
def stay_related(
    t: Tables,
    state: State,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    moment: int,
    hits: np.uint64,
    repelled: bool,
) -> None:
    """A day's movement after a purchase: lapse, fall back, move on."""
    p = c.phase
    s = c.segment
    if has(hits, SLOT_EXIT) and c.renewal_day == NEVER:
        chance = lapse_chance(t.lapse_rate[s], t.lapse_effect[s], f8(c.satisfaction))
        if wins(t, i, moment, SLOT_EXIT, chance):
            lapse(t, state, tally, log, chunk, c, i, day)
            return
    if p > t.first_relate:
        if repelled or (has(hits, SLOT_BACK) and wins(t, i, moment, SLOT_BACK, t.back[p])):
            move(tally, log, chunk, c, i, day, p - 1)
            return
    if has(hits, SLOT_ADVANCE):
        advance(t, state, tally, log, chunk, c, i, day, moment)


@part
def is_repelled(t: Tables, i: int, j: int, moment: int, phase: int, felt: float) -> bool:
    """Whether an encounter was so bad that it throws the customer back a phase."""
    if felt >= t.bad_threshold or t.back_after_bad[phase] <= 0.0:
        return False
    back: bool = u01(t.seed, Draw.BACK, i, moment, j) < t.back_after_bad[phase]
    return back


@part
def encounters(
    t: Tables,
    state: State,
    morning: Morning,
    arrivals: Arrivals,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    k: int,
    place: int,
) -> tuple[bool, int, int]:
    """All of the day's encounters, in the order of the scenario file.

    `k`: the customer's place among the active. Returns whether a bad one threw the customer
    back, the service touchpoint left unserved for which it gives up (NEVER: none), and the place
    after its arrivals.
    """
    phase = i8(c.phase)
    repelled = False
    gone = NEVER
    for word in range(state.hits.shape[1]):
        rest = state.hits[k, word] & SLOTS_OF_WORD
        if word == 0:
            rest &= ~MOVEMENTS
        while rest != NOTHING:
            j = WORD_SLOTS * word + lowest_bit(rest) - FIRST_TOUCHPOINT_SLOT
            rest &= rest - ONE
            rate = encounter_rate(t, state, morning, c, i, j, day)
            queued = t.servers[j] > 0
            if not queued and not may_come(t, state, c, i, j, day):
                continue
            if not queued and not wins(t, i, day, FIRST_TOUCHPOINT_SLOT + j, chance_of(rate)):
                continue
            felt = meet(
                t,
                state,
                morning,
                arrivals,
                tally,
                log,
                chunk,
                c,
                i,
                j,
                day,
                day,
                phase,
                rate,
                place,
            )
            if queued and arrivals.outcome[place] != SERVED and t.unserved_leave[j] > 0.0:
                if u01(t.seed, Draw.UNSERVED, i, day, j) < t.unserved_leave[j]:
                    gone = j
            place += queued
            repelled = is_repelled(t, i, j, day, phase, felt) or repelled
    return repelled, gone, place


@part
def move_today(
    t: Tables,
    state: State,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    moment: int,
    hits: np.uint64,
    repelled: bool,
) -> None:
    """The movement that the phase allows, at most one."""
    if t.searches[c.phase]:
        search_on(t, state, tally, log, chunk, c, i, day, moment, hits, repelled)
    elif t.relates[c.phase]:
        stay_related(t, state, tally, log, chunk, c, i, day, moment, hits, repelled)
    elif has(hits, SLOT_ADVANCE):
        advance(t, state, tally, log, chunk, c, i, day, moment)


@part
def go_on_today(
    t: Tables,
    state: State,
    morning: Morning,
    arrivals: Arrivals,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    here: int,
) -> None:
    """The day's later moments: the phases that are lived on the day they are entered.

    `here`: the phase of the moment before.
    """
    number = 0
    while goes_on_today(
        here,
        i8(c.phase),
        t.same_day[c.phase],
        t.searches[here],
        t.searches[c.phase],
        c.last_day == day,
    ):
        number += 1
        moment = day_of_moment(day, number)
        here = i8(c.phase)
        update_cell(t, state, tally, chunk, c, i)
        repelled = False
        for j in t.at_any_moment:
            if t.reach[j, here] <= 0.0 or not may_come(t, state, c, i, j, day):
                continue
            rate = encounter_rate(t, state, morning, c, i, j, day)
            if not wins(t, i, moment, FIRST_TOUCHPOINT_SLOT + j, chance_of(rate)):
                continue
            felt = meet(
                t, state, morning, arrivals, tally, log, chunk, c, i, j, day, moment, here, rate, 0
            )
            repelled = is_repelled(t, i, j, moment, here, felt) or repelled
        move_today(t, state, tally, log, chunk, c, i, day, moment, MOVEMENTS, repelled)


@part
def live(
    t: Tables,
    state: State,
    morning: Morning,
    tally: Tally,
    log: Log,
    arrivals: Arrivals,
    cursor: Cursor,
    chunk: int,
    day: int,
) -> None:
    """The second pass over a chunk's active customers."""
    first = cursor.first[chunk]
    place = first * len(t.desks)
    end = first + cursor.active[chunk]
    for k in range(first, end):
        prefetch_row(state, i8(state.active[min(k + AHEAD, end - 1)]))
        i = i8(state.active[k])
        hits = state.hits[k, 0]
        c = state.customers[i]
        knew = c.relationship != STRANGER
        advocated = t.advocates[c.phase]
        repelled, gone, place = encounters(
            t, state, morning, arrivals, tally, log, chunk, c, i, day, k, place
        )
        if t.searches[c.phase] and gone != NEVER:
            away = t.unserved_to_competitor[gone]
            give_up(t, state, tally, log, chunk, c, i, day, away, UNSERVED_RIVAL)
        else:
            here = i8(c.phase)
            move_today(t, state, tally, log, chunk, c, i, day, day, hits, repelled)
            go_on_today(t, state, morning, arrivals, tally, log, chunk, c, i, day, here)
        if c.judge_day == day:
            judge(t, state, tally, log, chunk, c, i, day)
        if c.renewal_day == day:
            renew(t, state, tally, log, chunk, c, i, day)
        if has(hits, SLOT_TALK):
            chance, sign = talk_chance(t, c, knew, advocated, day)
            if wins(t, i, day, SLOT_TALK, chance):
                speak(t, state, tally, log, chunk, c, i, day, sign)
        state.wake[i] = next_wake(t, state, c, i, day)
        update_cell(t, state, tally, chunk, c, i)
        if t.network:
            state.inbox[i, 0] = 0
            state.inbox[i, 1] = 0
