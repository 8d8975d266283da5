"""Who comes into the market: everybody on its first day, newcomers for those who leave.

A person's own draws are addressed by its place and the day it came.
"""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.draws import SETUP_DAY, Draw, u01
from sim.engine.notes import count_one, move
from sim.engine.schedule import next_wake, schedule_need
from sim.engine.state import Log, Row, State, i8
from sim.model.addresses import (
    BUDGET,
    CHURN,
    FIRST_WEIGHT,
    HAS_PERMISSION,
    INCOME,
    IS_CUSTOMER,
    LAPSE,
    NEED_RATE,
    PATIENCE,
    PRICE,
    RENEWAL,
    SOCIABILITY,
)
from sim.model.columns import (
    BEFORE_START,
    NOT_YET,
    START_AWARENESS,
    START_CUSTOMERS,
    START_ENGAGEMENT,
    START_LOYALTY,
    START_PERMISSION,
    START_PERMISSION_PROSPECTS,
    START_SATISFACTION,
    START_TRUST,
    Count,
    Tables,
    Tally,
    cell_of,
)
from sim.model.talk import capped_sociability
from sim.model.traits import lognormal, need_weight, quantile, segment_of
from sim.model.turnover import leaving_day, leaving_until
from sim.vocabulary import NEVER, Relationship

OWNER = int(Relationship.CUSTOMER)
MOVED_AWAY, CUSTOMERS_MOVED = int(Count.MOVED_AWAY), int(Count.CUSTOMERS_MOVED)
LEFT = int(Count.LEFT)


@part
def draw_traits(t: Tables, c: Row, i: int, s: int) -> None:
    """Own values of the customer's traits."""
    seed = t.seed
    born = i8(c.born)
    normal = t.normal_quantiles
    c.budget = lognormal(
        t.log_mean[s, 0],
        t.log_sd[s, 0],
        quantile(normal, u01(seed, Draw.TRAIT, i, born, BUDGET)),
    )
    c.income = lognormal(
        t.log_mean[s, 1],
        t.log_sd[s, 1],
        quantile(normal, u01(seed, Draw.TRAIT, i, born, INCOME)),
    )
    c.price_sensitivity = lognormal(
        t.log_mean[s, 2],
        t.log_sd[s, 2],
        quantile(normal, u01(seed, Draw.TRAIT, i, born, PRICE)),
    )
    sociability = lognormal(
        t.log_mean[s, 3],
        t.log_sd[s, 3],
        quantile(normal, u01(seed, Draw.TRAIT, i, born, SOCIABILITY)),
    )
    c.sociability = capped_sociability(sociability, t.sociability_mean[s])
    c.patience = lognormal(
        t.patience[s, 0],
        t.patience[s, 1],
        quantile(normal, u01(seed, Draw.TRAIT, i, born, PATIENCE)),
    )
    c.need_rate = quantile(t.need_rate_quantiles[s], u01(seed, Draw.TRAIT, i, born, NEED_RATE))
    c.churn = quantile(t.churn_quantiles[s], u01(seed, Draw.TRAIT, i, born, CHURN))
    c.lapse = quantile(t.lapse_quantiles[s], u01(seed, Draw.TRAIT, i, born, LAPSE))


@part
def draw_weights(t: Tables, row: NDArray[np.float32], i: int, s: int, born: int) -> None:
    """The customer's need weights, adding up to 1; the segment's means if all were cut to 0."""
    needs = t.weight_mean.shape[1]
    total = 0.0
    for k in range(needs):
        z = quantile(t.normal_quantiles, u01(t.seed, Draw.TRAIT, i, born, FIRST_WEIGHT + k))
        weight = need_weight(t.weight_mean[s, k], t.weight_sd[s, k], z)
        row[k] = weight
        total += weight
    if total <= 0.0:
        for k in range(needs):
            row[k] = t.weight_mean[s, k]
            total += t.weight_mean[s, k]
    for k in range(needs):
        row[k] = np.float64(row[k]) / total


@part
def know_nothing(t: Tables, c: Row, s: int) -> None:
    """Where a newcomer stands. Everything that is not named here is 0."""
    c.trust = t.start[s, START_TRUST]
    c.money = np.float64(c.budget)
    c.phase = t.first_latent
    c.last_click = NEVER
    c.first_day = NOT_YET
    c.second_day = NOT_YET
    c.last_day = NOT_YET
    c.judge_day = NEVER
    c.renewal_day = NEVER
    c.need_day = NEVER
    c.need_began = NEVER
    c.need_phase = NEVER
    c.abandoned_day = NEVER
    c.bad_day = NEVER
    c.lapse_day = NEVER
    c.answer_day = NEVER
    c.pick_day = NEVER


@part
def take_a_start(t: Tables, c: Row, i: int, s: int) -> None:
    """Where those stand who are there from the first day on, by the scenario's `start`."""
    seed = t.seed
    c.awareness = t.start[s, START_AWARENESS]
    c.engagement = t.start[s, START_ENGAGEMENT]
    permission = t.start[s, START_PERMISSION_PROSPECTS]
    if u01(seed, Draw.START, i, SETUP_DAY, IS_CUSTOMER) < t.start[s, START_CUSTOMERS]:
        permission = t.start[s, START_PERMISSION]
        c.relationship = OWNER
        c.phase = t.first_relate
        c.satisfaction = t.start[s, START_SATISFACTION]
        c.loyalty = t.start[s, START_LOYALTY]
        c.first_day = BEFORE_START
        c.last_day = BEFORE_START
        period = t.subscription_days[0]
        if period > 0:
            c.paid = t.price[0]
            c.renewal_day = 1 + int(u01(seed, Draw.START, i, SETUP_DAY, RENEWAL) * period)
    if u01(seed, Draw.START, i, SETUP_DAY, HAS_PERMISSION) < permission:
        c.permission = 1


@part
def be_born(t: Tables, state: State, i: int, s: int, born: int) -> None:
    """Fill the row of the person who comes to place `i` on day `born`."""
    c = state.customers[i]
    c.born = born
    c.stocks_day = born
    c.phase_day = born
    c.talk_day = born
    c.segment = s
    draw_traits(t, c, i, s)
    draw_weights(t, state.weights[i], i, s, born)
    know_nothing(t, c, s)
    c.leave_day = leaving_day(t.seed, i, born, t.leave_rate, t.days)


@part
def joins_panel(t: Tables, c: Row, i: int) -> bool:
    """Whether everything that happens to the person is logged."""
    return u01(t.seed, Draw.PANEL, i, i8(c.born), 0) < t.panel


@part
def give_birth(t: Tables, state: State, census: NDArray[np.int64], first: int, last: int) -> None:
    """Fill the rows of customers first .. last - 1 and count them into `census` (cells,)."""
    phases = len(t.pace)
    for i in range(first, last):
        s = segment_of(u01(t.seed, Draw.SEGMENT, i, SETUP_DAY, 0), t.share_cumulative)
        be_born(t, state, i, s, SETUP_DAY)
        c = state.customers[i]
        take_a_start(t, c, i, s)
        if c.renewal_day == NEVER:
            schedule_need(t, c, i, NEVER)
        cell = cell_of(s, c.phase, c.relationship, c.permission, c.visited, phases)
        state.cell[i] = cell
        census[cell] += 1
        state.wake[i] = next_wake(t, state, c, i, NEVER)


@part
def draw_anew(t: Tables, state: State, first: int, last: int, day: int) -> None:
    """Customers first .. last - 1 by tables that have changed for `day`.

    Traits are drawn again, from the same addresses, and what is due when is asked again.
    """
    for i in range(first, last):
        c = state.customers[i]
        draw_traits(t, c, i, i8(c.segment))
        draw_weights(t, state.weights[i], i, i8(c.segment), i8(c.born))
        state.wake[i] = next_wake(t, state, c, i, day - 1)


@part
def open_run(t: Tables, state: State, first: int, last: int) -> None:
    """Day 0 of customers first .. last - 1: what is reported begins, by the tables of the run.

    `state.newcomers` is filled with how many people will come to each place.
    """
    if t.past > 0:
        draw_anew(t, state, first, last, t.past)
    for i in range(first, last):
        c = state.customers[i]
        c.number = i
        c.began_as = c.relationship
        c.revenue = 0
        c.margin = 0
        c.purchases = 0
        c.second_day = NOT_YET
        if c.first_day != NOT_YET:
            c.first_day = BEFORE_START
        for word in range(state.met.shape[1]):
            state.met[i, word] = 0
        if joins_panel(t, c, i):
            c.panel = 1
        if t.leave_rate > 0.0:
            state.newcomers[i + 1] = leaving_until(t.seed, i, i8(c.leave_day), t.leave_rate, t.days)


@part
def leave(t: Tables, state: State, tally: Tally, log: Log, chunk: int, i: int, day: int) -> None:
    """The person at place `i` leaves the market; a newcomer of the same segment comes."""
    c = state.customers[i]
    s = i8(c.segment)
    count_one(tally, chunk, s, MOVED_AWAY)
    if c.relationship == OWNER:
        count_one(tally, chunk, s, CUSTOMERS_MOVED)
    if t.searches[c.phase]:
        count_one(tally, chunk, s, LEFT)
    move(tally, log, chunk, c, i, day, t.first_latent)
    number = i8(c.number)
    if day >= t.past:
        place = state.newcomers[i]
        if number >= t.agents:
            place = number - t.agents + 1
        state.gone[place] = c
        for word in range(state.met.shape[1]):
            state.gone_met[place, word] = state.met[i, word]
        number = t.agents + place
    state.customers[i] = state.nobody[0]
    be_born(t, state, i, s, day)
    c = state.customers[i]
    c.number = number
    for word in range(state.met.shape[1]):
        state.met[i, word] = 0
    for e in range(state.met_day.shape[1]):
        state.met_day[i, e] = NEVER
    if t.ordered:
        for word in range(state.done.shape[1]):
            state.done[i, word] = 0
    for h in range(state.familiarity.shape[1]):
        state.familiarity[i, h] = 0.0
    if t.network:
        state.inbox[i, 0] = 0
        state.inbox[i, 1] = 0
    if day >= t.past and joins_panel(t, c, i):
        c.panel = 1
    schedule_need(t, c, i, day)
