"""Owning: judgement, renewal, lapse and talk."""

import numpy as np

from sim.compiled import part
from sim.draws import Draw, u01
from sim.engine.notes import count_money, count_one, move, write_event
from sim.engine.schedule import schedule_need
from sim.engine.state import Log, Row, State, i8
from sim.engine.stocks import awareness_now, doubt_now, loyalty_now, settle
from sim.engine.trade import (
    RIVAL,
    WAIT,
    choose_but,
    count_cohort,
    experience_of,
    take_habit,
)
from sim.model.addresses import LOOKS_AROUND
from sim.model.columns import Count, Tables, Tally
from sim.model.counting import fixed
from sim.model.ownership import (
    cancel_chance,
    hurt_by_judgement,
    left_after_lapse,
    loyalty_after,
    price_against_renewal,
    recommendation,
    satisfaction_after,
    shifted_chance,
    usual_price,
    verdict,
)
from sim.model.perception import consider_chance, delivered_quality
from sim.model.talk import fan_talk_chance, own_talk_chance, review_chance, stars_of, talk_sign
from sim.model.traits import quantile
from sim.vocabulary import MINOR_UNITS, NEVER, EventCode, Relationship

f8 = np.float64
NOBODY, OWNER, GONE = (int(r) for r in Relationship)
JUDGEMENT_EVENT, LAPSE_EVENT = int(EventCode.JUDGEMENT), int(EventCode.LAPSE)
RENEWAL_EVENT, TALK_EVENT = int(EventCode.RENEWAL), int(EventCode.TALK)
JUDGEMENTS, SATISFACTION = int(Count.JUDGEMENTS), int(Count.SATISFACTION)
REVIEWS, STARS = int(Count.REVIEWS), int(Count.STARS)
LAPSED, CHURNED, RENEWALS = int(Count.LAPSED), int(Count.CHURNED), int(Count.RENEWALS)
CHANGED_OFFER, CHURNED_TO_RIVAL = int(Count.CHANGED_OFFER), int(Count.CHURNED_TO_RIVAL)
REVENUE, MARGIN = int(Count.REVENUE), int(Count.MARGIN)
RENEWAL_REVENUE, RENEWAL_MARGIN = int(Count.RENEWAL_REVENUE), int(Count.RENEWAL_MARGIN)
TALKS_POSITIVE, TALKS_NEGATIVE = int(Count.TALKS_POSITIVE), int(Count.TALKS_NEGATIVE)


@part
def lapse(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int
) -> None:
    """The customer stops being one."""
    count_one(tally, chunk, c.segment, LAPSED)
    write_event(log, chunk, c, i, day, LAPSE_EVENT, NEVER, NEVER, c.offer, NEVER, 0, 0.0)
    if t.forgets[c.segment] > 0.0:
        settle(t, state, c, i, day)
        forgets = t.forgets[c.segment]
        c.awareness = left_after_lapse(f8(c.awareness), forgets)
        c.doubt = left_after_lapse(f8(c.doubt), forgets)
        c.engagement = left_after_lapse(f8(c.engagement), forgets)
        c.satisfaction = left_after_lapse(f8(c.satisfaction), forgets)
    c.relationship = GONE
    c.loyalty = 0.0
    c.lapse_day = day
    subscribed = c.renewal_day != NEVER
    c.renewal_day = NEVER
    if t.relates[c.phase]:
        move(tally, log, chunk, c, i, day, t.first_latent)
        if subscribed:
            schedule_need(t, c, i, day)


@part
def judge(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int
) -> None:
    """The judgement of the last purchase: satisfaction, loyalty, review, perhaps lapse."""
    s, o = c.segment, c.offer
    c.judge_day = NEVER
    settle(t, state, c, i, day)
    z = 0.0
    if t.performance[o, 1] > 0.0:
        z = quantile(t.normal_quantiles, u01(t.seed, Draw.PERFORMANCE, i, day, o))
    performance = delivered_quality(t.performance[o, 0], t.performance[o, 1], z)
    judgement = verdict(performance, f8(c.expectation), experience_of(t, c), t.performance_weight)
    before = f8(c.satisfaction)
    c.satisfaction = satisfaction_after(before, judgement, t.satisfaction_speed)
    c.hurt = hurt_by_judgement(f8(c.hurt), before, f8(c.satisfaction))
    if judgement < t.bad_threshold:
        c.bad_day = day
    c.loyalty = loyalty_after(f8(c.loyalty), t.loyalty_gain, f8(c.satisfaction))
    count_one(tally, chunk, s, JUDGEMENTS)
    count_money(tally, chunk, s, SATISFACTION, fixed(f8(c.satisfaction)))
    c.talk_day = day
    score = recommendation(f8(c.satisfaction), t.score_neutral, t.score_slope)
    tally.scores[chunk, s, score] += 1
    write_event(
        log, chunk, c, i, day, JUDGEMENT_EVENT, NEVER, NEVER, o, NEVER, 0, f8(c.satisfaction)
    )
    posts = review_chance(t.review_chance, t.review_extremity, f8(c.satisfaction))
    if posts > 0.0 and u01(t.seed, Draw.REVIEW, i, day, 0) < posts:
        stars = stars_of(f8(c.satisfaction), t.stars_neutral, t.stars_slope)
        tally.stars[chunk, stars - 1] += 1
        count_one(tally, chunk, s, REVIEWS)
        count_money(tally, chunk, s, STARS, stars)
    chance: float = f8(c.lapse)
    if c.relationship == OWNER and c.renewal_day == NEVER and chance > 0.0:
        chance = shifted_chance(chance, t.lapse_effect[s], f8(c.satisfaction))
        if u01(t.seed, Draw.LAPSE, i, day, 0) < chance:
            lapse(t, state, tally, log, chunk, c, i, day)


@part
def chance_to_cancel(t: Tables, c: Row, day: int) -> float:
    """Chance that a subscription is not renewed."""
    s, o = c.segment, c.offer
    usual = usual_price(f8(c.paid), t.cheapest_rival, t.switching_cost[s])
    price = price_against_renewal(
        t.renewal_price[s],
        f8(c.price_sensitivity),
        t.price[o],
        usual,
        f8(c.income) * t.subscription_days[o],
    )
    return cancel_chance(
        f8(c.churn),
        t.renewal_effect[s],
        f8(c.satisfaction),
        t.renewal_loyalty[s],
        loyalty_now(t, c, day),
        price,
    )


@part
def renew(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int
) -> None:
    """The subscriber pays for another period, changes to another offer, or leaves."""
    s = c.segment
    if u01(t.seed, Draw.RENEWAL, i, day, 0) < chance_to_cancel(t, c, day):
        pick = WAIT
        looks = t.looks_around[s]
        if looks > 0.0 and u01(t.seed, Draw.RENEWAL, i, day, LOOKS_AROUND) < looks:
            settle(t, state, c, i, day)
            pick = choose_but(t, c, state.weights[i], i, day, True, True, True)
        if pick < 0:
            count_one(tally, chunk, s, CHURNED)
            if pick <= RIVAL:
                count_one(tally, chunk, s, CHURNED_TO_RIVAL)
                take_habit(t, c, t.rival_brand[RIVAL - pick])
            lapse(t, state, tally, log, chunk, c, i, day)
            return
        count_one(tally, chunk, s, CHANGED_OFFER)
        c.offer = pick
    o = c.offer
    c.paid = t.price[o]
    revenue = t.price_minor[o]
    margin = t.price_minor[o] - t.cost_minor[o]
    count_one(tally, chunk, s, RENEWALS)
    count_money(tally, chunk, s, REVENUE, revenue)
    count_money(tally, chunk, s, MARGIN, margin)
    count_money(tally, chunk, s, RENEWAL_REVENUE, revenue)
    count_money(tally, chunk, s, RENEWAL_MARGIN, margin)
    c.revenue += revenue
    c.margin += margin
    c.renewal_day = day + t.subscription_days[o]
    count_cohort(t, tally, chunk, c, day, 0, revenue, margin)
    write_event(
        log, chunk, c, i, day, RENEWAL_EVENT, NEVER, NEVER, o, NEVER, 0, revenue / MINOR_UNITS
    )


@part
def talk_chance(t: Tables, c: Row, knew: bool, advocated: bool, day: int) -> tuple[float, int]:
    """Daily chance that the customer talks about the brand, with the sign of what it says.

    `knew`: whether it was, or had been, a customer this morning; `advocated`: likewise. The
    day's highest chance rests on the morning.
    """
    if knew:
        factor = 1.0
        if advocated:
            factor = t.advocate_factor
        chance = own_talk_chance(
            t.talk_per_day,
            f8(c.sociability),
            f8(c.satisfaction),
            t.negative_factor,
            factor,
            t.talk_decay[day - i8(c.talk_day)],
        )
        return chance, talk_sign(f8(c.satisfaction))
    liked = consider_chance(awareness_now(t, c, day), doubt_now(t, c, day))
    return fan_talk_chance(t.fan_per_day, f8(c.sociability), liked), 1


@part
def speak(
    t: Tables, state: State, tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int, sign: int
) -> None:
    """The customer talks: counted for tomorrow, or left for its friends."""
    if sign > 0:
        count_one(tally, chunk, c.segment, TALKS_POSITIVE)
        tally.messages[chunk, 0] += t.listeners_positive
    else:
        count_one(tally, chunk, c.segment, TALKS_NEGATIVE)
        tally.messages[chunk, 1] += t.listeners_negative
    if t.network:
        state.talked[i] = sign
    write_event(log, chunk, c, i, day, TALK_EVENT, NEVER, NEVER, NEVER, NEVER, 0, f8(sign))
