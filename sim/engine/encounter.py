"""One encounter of one customer with one touchpoint."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.draws import Draw, lot_u01, u01
from sim.engine.notes import write_event
from sim.engine.notice import own_lot
from sim.engine.state import Arrivals, Log, Morning, Row, State, i8
from sim.engine.stocks import settle
from sim.model.columns import (
    EFFECT_AWARENESS,
    EFFECT_ENGAGEMENT,
    EFFECT_EXPECTATION,
    EFFECT_FRICTION,
    EFFECT_PERMISSION,
    EFFECT_RECOVERY,
    EFFECT_TRUST,
    FIRST_TOUCHPOINT_SLOT,
    MET_BITS,
    Count,
    Tables,
    Tally,
    Touch,
)
from sim.model.counting import fixed
from sim.model.ownership import (
    hurt_by_service,
    regained,
    served_satisfaction,
    withdrawal_chance,
)
from sim.model.perception import (
    adding_chance,
    annoyed,
    awareness_after,
    delivered_quality,
    doubt_after,
    dulled,
    end_after,
    engagement_after,
    expectation_after,
    message_fit,
    peak_after,
    perceived_quality,
    put_off,
    recalled_share,
    shared_quality,
    trust_after,
    unserved_quality,
    waiting_penalty,
)
from sim.model.queue import answer_day
from sim.model.reach import contacts_met
from sim.model.talk import rating_quality
from sim.model.traits import quantile
from sim.vocabulary import NEVER, EventCode, Outcome, Relationship, Route, Starts, code_of

f8 = np.float64
u64 = np.uint64
ONE = u64(1)
PUSH = code_of(Starts.PUSH)
OWNER = int(Relationship.CUSTOMER)
ADDED_ROUTE, NO_ROUTE = int(Route.ADDED), int(Route.NONE)
ENCOUNTER_EVENT = int(EventCode.ENCOUNTER)
ADDED = int(Count.ADDED)
ENCOUNTERS, CONTACTS, VISITS = int(Touch.ENCOUNTERS), int(Touch.CONTACTS), int(Touch.VISITS)
FIRST_MET, QUALITY, BAD = int(Touch.FIRST_MET), int(Touch.QUALITY), int(Touch.BAD)
WAIT, GAVE_UP = int(Touch.WAIT), int(Touch.GAVE_UP)
SENT_HOME, SERVICE = int(Touch.SENT_HOME), int(Touch.SERVICE)
LEFT_QUEUE, SERVED, TURNED_AWAY = (int(outcome) for outcome in Outcome)


@part
def quality_mean(
    t: Tables, state: State, morning: Morning, i: int, j: int, moment: int, phase: int
) -> float:
    """Mean quality of the touchpoint today: its own, the rating's, or what is being said.

    `moment`, here and below: the day in the address of a draw (`movement.day_of_moment`).
    """
    if t.shows_rating[j]:
        return rating_quality(morning.talk[2], t.usual_rating)
    mean: float = t.quality[phase, j, 0]
    if not t.carries_talk[j]:
        return mean
    good = morning.talk[0]
    bad = morning.talk[1]
    if t.network:
        good = f8(state.inbox[i, 0])
        bad = f8(state.inbox[i, 1])
    if u01(t.seed, Draw.TALK_SIGN, i, moment, j) * (good + bad) < good:
        return mean
    return -mean


@part
def has_companion(t: Tables, c: Row, i: int) -> bool:
    """Whether the customer decides with a companion, for good."""
    has: bool = u01(t.seed, Draw.COMPANION, i, i8(c.born), 0) < t.companion_share[c.segment]
    return has


@part
def move_stocks(
    t: Tables, c: Row, weights: NDArray[np.float32], j: int, phase: int, contacts: int, felt: float
) -> None:
    """What contact itself does: awareness, engagement, expectation, friction."""
    effects = t.effects[phase, j]
    fit = message_fit(t.message[c.segment, j], weights)
    c.awareness = awareness_after(f8(c.awareness), effects[EFFECT_AWARENESS], fit, contacts)
    c.engagement = engagement_after(
        f8(c.engagement), effects[EFFECT_ENGAGEMENT], fit, contacts, felt, t.bad_takes
    )
    c.expectation = expectation_after(
        f8(c.expectation), effects[EFFECT_EXPECTATION], fit, t.promise[j]
    )
    c.friction = f8(c.friction) + effects[EFFECT_FRICTION]


@part
def feel(t: Tables, c: Row, j: int, phase: int, felt: float, served: bool) -> None:
    """What the felt quality does: trust, memory, and an owner's satisfaction."""
    effects = t.effects[phase, j]
    c.trust = trust_after(f8(c.trust), effects[EFFECT_TRUST], felt, t.bad_is_stronger)
    recalled = recalled_share(t.salience[j], felt)
    c.peak = peak_after(f8(c.peak), felt, recalled)
    c.end = end_after(f8(c.end), felt, recalled)
    c.total = f8(c.total) + recalled * felt
    c.recalled = f8(c.recalled) + recalled
    if c.relationship != OWNER:
        return
    before = f8(c.satisfaction)
    c.satisfaction = served_satisfaction(before, t.service_weight, felt, t.bad_is_stronger)
    c.hurt = hurt_by_service(f8(c.hurt), before, f8(c.satisfaction))
    given_back = regained(f8(c.hurt), effects[EFFECT_RECOVERY], felt, served)
    if given_back > 0.0:
        c.satisfaction = min(1.0, f8(c.satisfaction) + given_back)
        c.hurt = f8(c.hurt) - given_back


@part
def heed(t: Tables, c: Row, i: int, j: int, moment: int, known: float, felt: float) -> None:
    """What a warning does beside the quality felt: doubt, and the brand may leave the set.

    `known`: awareness before it was heard.
    """
    share = put_off(t.deters, felt)
    c.doubt = doubt_after(f8(c.doubt), known, f8(c.awareness), share, t.sells_unknown)
    if c.considered and u01(t.seed, Draw.ADDED, i, moment, j) < share:
        c.considered = 0
        c.route = NO_ROUTE


@part
def follow_up(
    t: Tables,
    tally: Tally,
    chunk: int,
    c: Row,
    i: int,
    j: int,
    moment: int,
    phase: int,
    felt: float,
    warned: bool,
) -> int:
    """A visit, a permission given or withdrawn, the brand added to the set.

    Returns whether it became a visit.
    """
    visit = 0
    if t.click_chance[j] > 0.0 and u01(t.seed, Draw.CLICK, i, moment, j) < t.click_chance[j]:
        visit = 1
        c.visited = 1
        if t.is_source[j]:
            c.last_click = j
    permission = t.effects[phase, j, EFFECT_PERMISSION]
    if not c.permission and permission > 0.0:
        if u01(t.seed, Draw.PERMISSION, i, moment, j) < permission:
            c.permission = 1
    elif c.permission and t.unsubscribe[j] > 0.0:
        chance = withdrawal_chance(t.unsubscribe[j], felt, t.bad_is_stronger)
        if u01(t.seed, Draw.WITHDRAWAL, i, moment, j) < chance:
            c.permission = 0
    if not c.considered and not warned and t.searches[phase]:
        chance = adding_chance(f8(c.awareness), f8(c.doubt), felt, t.bad_takes)
        if u01(t.seed, Draw.ADDED, i, moment, j) < chance:
            c.considered = 1
            c.route = ADDED_ROUTE
            tally.counts[chunk, c.segment, ADDED] += 1
    return visit


@part
def meet(
    t: Tables,
    state: State,
    morning: Morning,
    arrivals: Arrivals,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    j: int,
    day: int,
    moment: int,
    phase: int,
    rate: float,
    place: int,
) -> float:
    """Let the encounter happen. `place`: of its arrival, for a service touchpoint.

    Returns the felt quality.
    """
    settle(t, state, c, i, day)
    contacts = 1
    if t.starts[j] == PUSH and t.budget[j] >= 0.0:
        slot = FIRST_TOUCHPOINT_SLOT + j
        lot_value = own_lot(t, i, moment, slot)
        contacts = max(1, contacts_met(lot_u01(lot_value, t.seed, i, moment, slot), rate))
        if t.cap[j] > 0:
            contacts = min(contacts, t.cap[j])
    wait = 0.0
    outcome = SERVED
    served = True
    if t.servers[j] > 0:
        wait = arrivals.wait[place]
        outcome = i8(arrivals.outcome[place])
        served = outcome == SERVED
    delivered = unserved_quality(morning.norms[j], t.unserved_penalty)
    if served:
        z = 0.0
        if t.quality[phase, j, 1] > 0.0:
            z = quantile(t.normal_quantiles, u01(t.seed, Draw.QUALITY, i, moment, j))
        mean = quality_mean(t, state, morning, i, j, moment, phase)
        delivered = delivered_quality(mean, t.quality[phase, j, 1], z)
        if t.accompanied[j] and has_companion(t, c, i):
            z = quantile(t.normal_quantiles, u01(t.seed, Draw.COMPANION_QUALITY, i, moment, j))
            theirs = delivered_quality(mean, t.quality[phase, j, 1], z)
            delivered = shared_quality(delivered, theirs, t.companion_weight[c.segment])
    penalty = waiting_penalty(wait, t.wait_penalty * t.waiting[j, day], t.comfort[j])
    perceived = perceived_quality(delivered, morning.norms[j], penalty)
    felt = perceived
    habit = t.habit[j]
    if habit != NEVER:
        familiarity = f8(state.familiarity[i, habit])
        felt = dulled(perceived, familiarity, t.habituation[j])
        felt = annoyed(felt, familiarity, t.annoys[j])
        state.familiarity[i, habit] = f8(state.familiarity[i, habit]) + contacts
    visit = 0
    known = f8(c.awareness)
    warned = t.carries_talk[j] != 0 and felt < 0.0
    if served:
        move_stocks(t, c, state.weights[i], j, phase, contacts, felt)
    feel(t, c, j, phase, felt, served)
    if warned:
        heed(t, c, i, j, moment, known, felt)
    if served:
        visit = follow_up(t, tally, chunk, c, i, j, moment, phase, felt, warned)
    if felt < t.bad_threshold:
        c.bad_day = day

    row = tally.touch[chunk, c.segment, t.pair[phase, j]]
    row[ENCOUNTERS] += 1
    row[CONTACTS] += contacts
    row[VISITS] += visit
    row[QUALITY] += fixed(perceived)
    row[BAD] += felt < t.bad_threshold
    row[WAIT] += fixed(wait)
    row[GAVE_UP] += outcome == LEFT_QUEUE
    row[SENT_HOME] += outcome == TURNED_AWAY
    bit = ONE << u64(j % MET_BITS)
    if not state.met[i, j // MET_BITS] & bit:
        state.met[i, j // MET_BITS] |= bit
        row[FIRST_MET] += 1
    if t.source[j] != NEVER:
        state.met_day[i, t.source[j]] = day
    if t.servers[j] > 0 and served:
        row[SERVICE] += fixed(arrivals.service[place])
    if t.ordered and served and not state.done[i, j // MET_BITS] & bit:
        state.done[i, j // MET_BITS] |= bit
        if t.once[j]:
            c.answer_day = max(i8(c.answer_day), answer_day(day, t.response[j]))
    if c.panel:
        device = int(u01(t.seed, Draw.DEVICE, i, moment, j) * t.devices[c.segment])
        write_event(
            log, chunk, c, i, day, ENCOUNTER_EVENT, j, NEVER, NEVER, device, visit, perceived
        )
    return felt
