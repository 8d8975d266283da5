"""Deciding, checking out, buying; and the ways in which a journey ends without the firm."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.draws import Draw, u01
from sim.engine.notes import count_money, count_one, move, write_event
from sim.engine.schedule import schedule_need
from sim.engine.state import Log, Row, State, i8
from sim.engine.stocks import may_move_on, settle
from sim.model.addresses import (
    ADD_ONS_PER_OFFER,
    FATE_ABANDON,
    FATE_RETRY,
    FATE_RIVAL,
    FIRST_OFFER_ITEM,
    FIRST_ORDER_ITEM,
    FIRST_RIVAL_ITEM,
    OWN_BASKET,
    WAITING,
)
from sim.model.choice import (
    abandon_chance,
    add_on_chance,
    brand_utility,
    gumbel,
    habit_after,
    need_fit,
    picks_anew_chance,
    value_for_money,
)
from sim.model.columns import (
    CHOICE_HABIT,
    CHOICE_WAITING,
    NOT_YET,
    OWN_BRAND,
    START_AWARENESS,
    START_ENGAGEMENT,
    START_TRUST,
    Cohort,
    Count,
    Tables,
    Tally,
    age_of,
    cohort_of,
    since_start,
)
from sim.model.money import basket_factor, can_pay, in_basket, wallet
from sim.model.movement import phase_after_search
from sim.model.perception import remembered
from sim.model.traits import quantile
from sim.vocabulary import (
    MINOR_UNITS,
    NEVER,
    EventCode,
    Option,
    Relationship,
    Route,
)

f8 = np.float64
WAIT, RIVAL = int(Option.WAIT), int(Option.COMPETITOR)
NOBODY, OWNER, GONE = (int(r) for r in Relationship)
NO_ROUTE = int(Route.NONE)
PICKED_EVENT = int(EventCode.PICKED)
RIVAL_PICKED_EVENT = int(EventCode.COMPETITOR_PICKED)
PURCHASE_EVENT, ABANDONED_EVENT = int(EventCode.PURCHASE), int(EventCode.CHECKOUT_ABANDONED)
LOST_EVENT = int(EventCode.LOST_TO_COMPETITOR)
STARTED, ABANDONED = int(Count.CHECKOUTS_STARTED), int(Count.CHECKOUTS_ABANDONED)
PURCHASES, NEW, BACK = int(Count.PURCHASES), int(Count.NEW_CUSTOMERS), int(Count.REACTIVATIONS)
LEFT, LOST, WAITED = int(Count.LEFT), int(Count.LOST), int(Count.WAITED)
REVENUE, MARGIN = int(Count.REVENUE), int(Count.MARGIN)
NEW_REVENUE, NEW_MARGIN = int(Count.NEW_REVENUE), int(Count.NEW_MARGIN)
COHORT_PURCHASES, COHORT_REVENUE = int(Cohort.PURCHASES), int(Cohort.REVENUE)
COHORT_MARGIN = int(Cohort.MARGIN)


@part
def experience_of(t: Tables, c: Row) -> float:
    """Remembered experience of the current journey."""
    return remembered(
        f8(c.peak),
        f8(c.end),
        f8(c.total),
        f8(c.recalled),
        t.memory[0],
        t.memory[1],
        t.memory[2],
    )


@part
def count_cohort(
    t: Tables, tally: Tally, chunk: int, c: Row, day: int, purchases: int, revenue: int, margin: int
) -> None:
    """Count money under the customer's month of first purchase and age in months."""
    if day < t.past:
        return
    first = since_start(i8(c.first_day), t.past)
    row = tally.cohorts[chunk, c.segment, cohort_of(first), age_of(first, day - t.past)]
    row[COHORT_PURCHASES] += purchases
    row[COHORT_REVENUE] += revenue
    row[COHORT_MARGIN] += margin


@part
def end_journey(
    t: Tables, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int, phase: int
) -> None:
    """On to `phase`, where the customer waits for its next need."""
    c.considered = 0
    c.route = NO_ROUTE
    c.visited = 0
    c.pick_day = NEVER
    move(tally, log, chunk, c, i, day, phase)
    if c.renewal_day == NEVER:
        schedule_need(t, c, i, day)


@part
def end_search(t: Tables, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int) -> None:
    """The journey ends without a purchase from the firm."""
    phase = phase_after_search(
        c.relationship == OWNER,
        t.owners_go_back,
        i8(c.need_phase),
        t.first_relate,
        t.first_latent,
    )
    end_journey(t, tally, log, chunk, c, i, day, phase)


@part
def choose(
    t: Tables, c: Row, weights: NDArray[np.float32], i: int, day: int, own: bool, wait: bool
) -> int:
    """The option of highest utility: an own offer's index, WAIT, or RIVAL - rival's index.

    `own`: whether the firm's offers are looked at; `wait`: whether waiting is an option.
    """
    return choose_but(t, c, weights, i, day, own, wait, False)


@part
def choose_but(
    t: Tables,
    c: Row,
    weights: NDArray[np.float32],
    i: int,
    day: int,
    own: bool,
    wait: bool,
    leaving: bool,
) -> int:
    """As `choose`; `leaving`: among subscriptions other than the one that is given up.

    The luck of an offer is that of the day on which the customer picked, if it stands by a pick.
    """
    best = -1e300
    picked = day
    if c.pick_day != NEVER:
        picked = i8(c.pick_day)
    pick = WAIT
    budget, money, income = f8(c.budget), f8(c.money), f8(c.income)
    sensitivity = f8(c.price_sensitivity)
    cw = t.choice_weights
    if wait:
        best = cw[CHOICE_WAITING] + gumbel(u01(t.seed, Draw.CHOICE, i, day, WAITING))
    if own:
        brand = brand_utility(
            cw,
            f8(c.trust),
            f8(c.engagement),
            experience_of(t, c),
            f8(c.satisfaction),
            f8(c.loyalty),
        )
        if c.brand == OWN_BRAND:
            brand += cw[CHOICE_HABIT] * f8(c.habit)
        for o in range(len(t.price)):
            period = t.subscription_days[o]
            if (leaving and (period == 0 or o == c.offer)) or day < t.launch[o]:
                continue
            if can_pay(t.price[o], money, income, t.income_days[o]):
                fit = need_fit(t.offer_attributes[o], weights)
                held = wallet(budget, income, t.income_days[o])
                utility = (
                    value_for_money(t.appeal[o], fit, t.price[o], sensitivity, held, cw)
                    + brand
                    + gumbel(u01(t.seed, Draw.CHOICE, i, picked, FIRST_OFFER_ITEM + o))
                )
                if utility > best:
                    best = utility
                    pick = o
    for r in range(len(t.rival_price)):
        period = t.rival_period[r]
        if leaving and period == 0:
            continue
        if can_pay(t.rival_price[r], money, income, t.rival_income_days[r]):
            fit = need_fit(t.rival_attributes[r], weights)
            utility = value_for_money(
                t.rival_strength[r],
                fit,
                t.rival_price[r],
                sensitivity,
                wallet(budget, income, t.rival_income_days[r]),
                cw,
            ) + gumbel(u01(t.seed, Draw.CHOICE, i, picked, FIRST_RIVAL_ITEM + r))
            if c.brand == t.rival_brand[r]:
                utility += cw[CHOICE_HABIT] * f8(c.habit)
            if utility > best:
                best = utility
                pick = RIVAL - r
    return pick


@part
def take_habit(t: Tables, c: Row, brand: int) -> None:
    """Buying a brand makes or strengthens the habit with it; a funnel's next need has none."""
    if not t.loop:
        return
    c.habit = habit_after(f8(c.habit), t.habit_gain, c.brand == brand)
    c.brand = brand


@part
def lose(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int, pick: int
) -> None:
    """The journey ends in a competitor's purchase; `pick` as `choose` gives it."""
    r = RIVAL - pick
    count_one(tally, chunk, c.segment, LOST)
    tally.losses[chunk, c.segment, r] += 1
    if t.rival_income_days[r] == 0:
        c.money = f8(c.money) - t.rival_price[r]
    take_habit(t, c, t.rival_brand[r])
    write_event(log, chunk, c, i, day, LOST_EVENT, NEVER, NEVER, r, NEVER, 0, t.rival_price[r])
    end_search(t, tally, log, chunk, c, i, day)


@part
def give_up(
    t: Tables,
    state: State,
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    to_competitor: float,
    item: int,
) -> None:
    """The journey is given up; a share ends at the best affordable rival."""
    settle(t, state, c, i, day)
    if to_competitor > 0.0 and u01(t.seed, Draw.DEPARTURE, i, day, item) < to_competitor:
        pick = choose(t, c, state.weights[i], i, day, False, False)
        if pick <= RIVAL:
            lose(t, state, tally, log, chunk, c, i, day, pick)
            return
    count_one(tally, chunk, c.segment, LEFT)
    end_search(t, tally, log, chunk, c, i, day)


@part
def sold_add_ons(
    t: Tables,
    weights: NDArray[np.float32],
    tally: Tally,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    o: int,
) -> tuple[int, int]:
    """Add-ons taken with offer `o`. Returns (revenue, margin) in minor units; pays for them."""
    revenue = 0
    margin = 0
    for a in range(t.add_ons[o]):
        chance = t.add_on_chance[o, a]
        if c.relationship == OWNER:
            chance = t.add_on_chance_own[o, a]
        need = t.add_on_need[o, a]
        if need != NEVER:
            chance = add_on_chance(chance, f8(weights[need]), len(weights))
        wanted = u01(t.seed, Draw.ADD_ON, i, day, o * ADD_ONS_PER_OFFER + a) < chance
        if wanted and t.add_on_price[o, a] <= f8(c.money):
            c.money = f8(c.money) - t.add_on_price[o, a]
            revenue += t.add_on_price_minor[o, a]
            margin += t.add_on_price_minor[o, a] - t.add_on_cost_minor[o, a]
            tally.add_ons[chunk, c.segment, o, a] += 1
    return revenue, margin


@part
def basket_of(t: Tables, i: int, day: int, o: int, born: int) -> float:
    """Size of today's order of offer `o` against its price."""
    between, within = t.basket[o, 0], t.basket[o, 1]
    if t.subscription_days[o] > 0:
        return 1.0
    if between <= 0.0 and within <= 0.0:
        return 1.0
    own = quantile(t.normal_quantiles, u01(t.seed, Draw.BASKET, i, born, OWN_BASKET))
    order = quantile(t.normal_quantiles, u01(t.seed, Draw.BASKET, i, day, FIRST_ORDER_ITEM + o))
    return basket_factor(between, within, own, order)


@part
def buy(
    t: Tables,
    weights: NDArray[np.float32],
    tally: Tally,
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    o: int,
) -> None:
    """Money changes hands and the customer owns the offer."""
    s = c.segment
    size = basket_of(t, i, day, o, i8(c.born))
    if t.income_days[o] == 0:
        c.money = max(0.0, f8(c.money) - t.price[o] * size)
    c.paid = t.price[o]
    more_revenue, more_margin = sold_add_ons(t, weights, tally, chunk, c, i, day, o)
    revenue = in_basket(t.price_minor[o], size) + more_revenue
    margin = revenue - in_basket(t.cost_minor[o], size) - more_revenue + more_margin
    is_new = c.relationship == NOBODY
    count_one(tally, chunk, s, PURCHASES)
    count_money(tally, chunk, s, REVENUE, revenue)
    count_money(tally, chunk, s, MARGIN, margin)
    tally.purchases[chunk, s, o, c.route] += 1
    tally.sales[chunk, s, o, c.route] += revenue
    if is_new:
        count_one(tally, chunk, s, NEW)
        count_money(tally, chunk, s, NEW_REVENUE, revenue)
        count_money(tally, chunk, s, NEW_MARGIN, margin)
    elif c.relationship == GONE:
        count_one(tally, chunk, s, BACK)
    if c.last_click != NEVER:
        tally.commission[chunk, c.last_click] += revenue
    c.revenue += revenue
    c.margin += margin
    c.purchases += 1
    if c.first_day == NOT_YET:
        c.first_day = day
    elif c.second_day == NOT_YET:
        c.second_day = day
    c.last_day = day
    c.talk_day = day
    c.offer = o
    take_habit(t, c, OWN_BRAND)
    count_cohort(t, tally, chunk, c, day, 1, revenue, margin)
    write_event(
        log,
        chunk,
        c,
        i,
        day,
        PURCHASE_EVENT,
        c.last_click,
        NEVER,
        o,
        NEVER,
        0,
        revenue / MINOR_UNITS,
    )
    phase = t.first_latent
    if not t.loop:
        forget(t, c)
    else:
        phase = t.first_relate
        c.relationship = OWNER
        c.judge_day = day + t.judgement_days[o]
        if t.subscription_days[o] > 0:
            c.renewal_day = day + t.subscription_days[o]
    end_journey(t, tally, log, chunk, c, i, day, phase)


@part
def forget(t: Tables, c: Row) -> None:
    """In a funnel the next need is a stranger's: all that the journey built is gone."""
    s = c.segment
    c.awareness = t.start[s, START_AWARENESS]
    c.engagement = t.start[s, START_ENGAGEMENT]
    c.trust = t.start[s, START_TRUST]
    c.expectation = 0.0
    c.doubt = 0.0
    c.permission = 0


@part
def pick_offer(t: Tables, state: State, log: Log, chunk: int, c: Row, i: int, day: int) -> None:
    """A tentative choice, among all but waiting: today's luck is kept until it is given up."""
    settle(t, state, c, i, day)
    c.pick_day = day
    pick = choose(t, c, state.weights[i], i, day, c.considered != 0, False)
    if pick <= RIVAL:
        r = RIVAL - pick
        write_event(log, chunk, c, i, day, RIVAL_PICKED_EVENT, NEVER, NEVER, r, NEVER, 0, 0.0)
    elif pick != WAIT:
        write_event(log, chunk, c, i, day, PICKED_EVENT, NEVER, NEVER, pick, NEVER, 0, 0.0)


@part
def decide(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int
) -> None:
    """One decision in the purchase phase, and the checkout that may follow."""
    settle(t, state, c, i, day)
    own = c.considered != 0 and may_move_on(t, state, c, i, day)
    if c.pick_day != NEVER:
        if u01(t.seed, Draw.PICK_ANEW, i, day, 0) < picks_anew_chance(f8(c.trust)):
            c.pick_day = day
    pick = choose(t, c, state.weights[i], i, day, own, True)
    if pick == WAIT:
        count_one(tally, chunk, c.segment, WAITED)
        return
    if pick <= RIVAL:
        lose(t, state, tally, log, chunk, c, i, day, pick)
        return
    count_one(tally, chunk, c.segment, STARTED)
    chance = abandon_chance(t.abandon, f8(c.friction))
    if u01(t.seed, Draw.CHECKOUT, i, day, FATE_ABANDON) >= chance:
        buy(t, state.weights[i], tally, log, chunk, c, i, day, pick)
        return
    count_one(tally, chunk, c.segment, ABANDONED)
    c.abandoned_day = day
    write_event(log, chunk, c, i, day, ABANDONED_EVENT, NEVER, NEVER, pick, NEVER, 0, 0.0)
    if u01(t.seed, Draw.CHECKOUT, i, day, FATE_RETRY) >= t.retry:
        give_up(t, state, tally, log, chunk, c, i, day, t.to_competitor, FATE_RIVAL)
