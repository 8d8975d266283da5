"""Scenario -> arrays: the engines' only input.

Shapes use S segments, P phases, J touchpoints, K need attributes, O offers of the firm,
R offers of competitors, A add-ons per offer (at most), D days. Integers are int64, reals
float64. Nothing here is random. The tables of segments and of touchpoints are made in
`sim.scenario.tables_of_segments` and `sim.scenario.tables_of_touchpoints`.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.scenario.arrays import Fields, Integers, Reals, integers, reals
from sim.scenario.schema import Scenario
from sim.scenario.tables_of_segments import segment_tables
from sim.scenario.tables_of_touchpoints import pair_names as pair_names
from sim.scenario.tables_of_touchpoints import touchpoint_tables
from sim.vocabulary import MINOR_UNITS, MINUTES_PER_HOUR, NEVER, Kind, Mixing, Shape, code_of


class Tables(NamedTuple):
    """One scenario as numbers. The engines read these and nothing else."""

    # sizes and switches
    seed: int
    agents: int
    days: int
    people_per_agent: float
    loop: int
    network: int
    panel: float
    # phases
    kind: Integers  # (P,)
    pace: Reals
    bias: Reals
    readiness_weights: Reals  # (P, 6), columns READY_*
    skip: Reals
    back: Reals
    back_after_bad: Reals
    leave: Reals
    leave_to_competitor: Reals
    next_phase: Integers  # (P,) where an advance leads, NEVER where need or sale decides
    first_latent: int
    first_consider: int
    purchase_phase: int
    first_relate: int
    # segments
    share_cumulative: Reals  # (S,)
    season_cumulative: Reals  # (S, D + 2): sum of the season's factors before each day
    need_rate_quantiles: Reals  # (S, 3, cells + 1), needs per day
    churn_quantiles: Reals
    lapse_quantiles: Reals
    normal_quantiles: Reals  # (3, cells + 1)
    weight_mean: Reals  # (S, K)
    weight_sd: Reals
    log_mean: Reals  # (S, 4): budget, income, price sensitivity, sociability
    log_sd: Reals
    patience: Reals  # (S, 2): mean of log, sd of log; mean of log -inf: none at all
    start: Reals  # (S, 8), columns START_*
    lapse_rate: Reals  # (S,)
    lapse_effect: Reals
    renewal_effect: Reals
    affinity: Reals  # (S, J)
    affinity_spread: Reals  # (S,)
    devices: Integers
    sociability_mean: Reals  # (S,)
    # offers of the firm
    price: Reals  # (O,)
    price_minor: Integers
    cost_minor: Integers
    offer_attributes: Reals  # (O, K)
    performance: Reals  # (O, 2): mean, sd
    appeal: Reals
    subscription_days: Integers  # 0: none
    judgement_days: Integers
    add_ons: Integers  # (O,): how many
    add_on_price: Reals  # (O, A)
    add_on_price_minor: Integers
    add_on_cost_minor: Integers
    add_on_chance: Reals
    # offers of competitors
    rival_price: Reals  # (R,)
    rival_attributes: Reals  # (R, K)
    rival_strength: Reals
    # choice, checkout, behaviour
    choice_weights: Reals  # (8,), columns CHOICE_*
    abandon: float
    retry: float
    to_competitor: float
    awareness_decay: Reals  # (D + 1,): share left after so many days
    engagement_decay: Reals
    loyalty_decay: Reals
    familiarity_decay: Reals
    bad_is_stronger: float
    bad_threshold: float
    wait_penalty: float  # per minute
    memory: Reals  # (3,): peak, end, mean
    performance_weight: float
    satisfaction_speed: float
    service_weight: float
    loyalty_gain: float
    # touchpoints
    starts: Integers  # (J,)
    audience: Integers
    reach: Reals  # (J, P)
    pair: Integers  # (P, J): row of the touchpoint in the records of the phase, or NEVER
    quality: Reals  # (J, 2)
    norm: Reals
    habituation: Reals  # 0: none
    habit: Integers  # column of the familiarity, or NEVER
    message: Reals  # (S, J, K)
    promise: Reals
    effects: Reals  # (P, J, 7), columns EFFECT_*
    contact_cost: Reals  # (J,)
    click_cost: Reals
    budget: Reals  # per day; NEVER: no budget
    flight: Reals  # (J, D): factor on reach or budget
    click_chance: Reals
    is_source: Integers  # 1: of a visit from here it is known where it came from
    shows_rating: Integers
    carries_talk: Integers
    trigger: Integers  # NEVER: none
    delay: Integers
    servers: Integers  # 0: no queue
    opens: Reals  # minutes
    closes: Reals
    service: Reals  # (J,): mean minutes
    service_constant: Integers
    response: Reals
    comfort: Reals
    # talk and reviews
    talk_per_day: float
    fan_per_day: float
    negative_factor: float
    advocate_factor: float
    listeners_positive: int
    listeners_negative: int
    friends: int
    far_share: float
    review_chance: float
    usual_rating: float


START_CUSTOMERS, START_AWARENESS, START_ENGAGEMENT, START_TRUST = 0, 1, 2, 3
START_SATISFACTION, START_LOYALTY, START_PERMISSION, START_PERMISSION_PROSPECTS = 4, 5, 6, 7

EFFECT_AWARENESS, EFFECT_ENGAGEMENT, EFFECT_TRUST, EFFECT_EXPECTATION = 0, 1, 2, 3
EFFECT_FRICTION, EFFECT_PERMISSION, EFFECT_RECOVERY = 4, 5, 6

READY_AWARENESS, READY_ENGAGEMENT, READY_TRUST = 0, 1, 2
READY_EXPERIENCE, READY_SATISFACTION, READY_LOYALTY = 3, 4, 5

CHOICE_FIT, CHOICE_PRICE, CHOICE_TRUST, CHOICE_ENGAGEMENT = 0, 1, 2, 3
CHOICE_EXPERIENCE, CHOICE_SATISFACTION, CHOICE_LOYALTY, CHOICE_WAITING = 4, 5, 6, 7


def make_tables(scenario: Scenario) -> Tables:
    """The arrays of a validated scenario, all C-contiguous."""
    fields: Fields = {
        **_switches(scenario),
        **_phase_tables(scenario),
        **segment_tables(scenario),
        **_offer_tables(scenario),
        **_behaviour_tables(scenario),
        **touchpoint_tables(scenario),
        **_talk_tables(scenario),
    }
    for name, value in fields.items():
        if isinstance(value, np.ndarray):
            fields[name] = np.ascontiguousarray(value)
    return Tables(**fields)


def _switches(scenario: Scenario) -> Fields:
    return {
        "seed": scenario.seed,
        "agents": scenario.agents,
        "days": scenario.days,
        "people_per_agent": scenario.population / scenario.agents,
        "loop": int(scenario.journey.shape == Shape.LOOP),
        "network": int(scenario.talk.mixing == Mixing.NETWORK),
        "panel": scenario.panel,
    }


def _phase_tables(scenario: Scenario) -> Fields:
    phases = list(scenario.journey.phases.values())
    kinds = [Kind(code_of(phase.kind)) for phase in phases]

    def column(field: str) -> Reals:
        return reals([getattr(phase, field) for phase in phases])

    def first(kind: Kind) -> int:
        return kinds.index(kind) if kind in kinds else NEVER

    def follows(place: int) -> int:
        """Where an advance from this phase leads; need and sale decide the other ways."""
        if place + 1 == len(kinds):
            return NEVER
        here, there = kinds[place], kinds[place + 1]
        blocked = (here == Kind.LATENT and there != Kind.LATENT) or here == Kind.PURCHASE
        return NEVER if blocked else place + 1

    first_after = [p for p, kind in enumerate(kinds) if kind in (Kind.RELATE, Kind.ADVOCATE)]
    return {
        "kind": integers(kinds),
        "pace": column("pace_per_day"),
        "bias": column("bias"),
        "readiness_weights": reals([list(phase.weights.model_dump().values()) for phase in phases]),
        "skip": column("skip"),
        "back": column("back_per_day"),
        "back_after_bad": column("back_after_bad"),
        "leave": column("leave_per_day"),
        "leave_to_competitor": column("leave_to_competitor"),
        "next_phase": integers([follows(p) for p in range(len(phases))]),
        "first_latent": first(Kind.LATENT),
        "first_consider": first(Kind.CONSIDER),
        "purchase_phase": first(Kind.PURCHASE),
        "first_relate": first_after[0] if first_after else NEVER,
    }


def _minor(amount: float) -> int:
    return round(amount * MINOR_UNITS)


def _offer_tables(scenario: Scenario) -> Fields:
    offers, needs = list(scenario.offers.values()), scenario.journey.needs
    rivals = [(c.strength, o) for c in scenario.competitors.values() for o in c.offers.values()]
    most = max(1, *(len(offer.add_ons) for offer in offers), 1)
    extras = np.zeros((len(offers), most, 4))
    for o, offer in enumerate(offers):
        for a, extra in enumerate(offer.add_ons.values()):
            extras[o, a] = extra.price, _minor(extra.price), _minor(extra.unit_cost), extra.chance

    def attributes(rows: list[dict[str, float]]) -> Reals:
        return reals([[row.get(need, 0.5) for need in needs] for row in rows]).reshape(
            len(rows), len(needs)
        )

    return {
        "price": reals([o.price for o in offers]),
        "price_minor": integers([_minor(o.price) for o in offers]),
        "cost_minor": integers([_minor(o.unit_cost) for o in offers]),
        "offer_attributes": attributes([o.attributes for o in offers]),
        "performance": reals([[o.performance.mean, o.performance.sd] for o in offers]),
        "appeal": reals([o.appeal for o in offers]),
        "subscription_days": integers([o.subscription_days or 0 for o in offers]),
        "judgement_days": integers([o.judgement_days for o in offers]),
        "add_ons": integers([len(o.add_ons) for o in offers]),
        "add_on_price": np.ascontiguousarray(extras[:, :, 0]),
        "add_on_price_minor": extras[:, :, 1].astype(np.int64),
        "add_on_cost_minor": extras[:, :, 2].astype(np.int64),
        "add_on_chance": np.ascontiguousarray(extras[:, :, 3]),
        "rival_price": reals([o.price for _, o in rivals]),
        "rival_attributes": attributes([o.attributes for _, o in rivals]),
        "rival_strength": reals([strength for strength, _ in rivals]),
    }


def _decay(half_life_days: float, days: int) -> Reals:
    # math, not numpy: numpy picks its exp by processor, and the last bit with it.
    rate = math.log(2.0) / half_life_days
    return np.array([math.exp(-rate * elapsed) for elapsed in range(days + 1)])


def _behaviour_tables(scenario: Scenario) -> Fields:
    behaviour, weights = scenario.journey.behaviour, scenario.journey.choice
    checkout, days = scenario.journey.checkout, scenario.days
    return {
        "choice_weights": reals(list(weights.model_dump().values())),
        "abandon": float(checkout.abandon),
        "retry": float(checkout.retry),
        "to_competitor": float(checkout.to_competitor),
        "awareness_decay": _decay(behaviour.awareness_half_life_days, days),
        "engagement_decay": _decay(behaviour.engagement_half_life_days, days),
        "loyalty_decay": _decay(behaviour.loyalty_half_life_days, days),
        "familiarity_decay": _decay(behaviour.familiarity_half_life_days, days),
        "bad_is_stronger": float(behaviour.bad_is_stronger),
        "bad_threshold": float(behaviour.bad_threshold),
        "wait_penalty": behaviour.wait_penalty_per_hour / MINUTES_PER_HOUR,
        "memory": reals(list(behaviour.memory.model_dump().values())),
        "performance_weight": float(behaviour.performance_weight),
        "satisfaction_speed": float(behaviour.satisfaction_speed),
        "service_weight": float(behaviour.service_weight),
        "loyalty_gain": float(behaviour.loyalty_gain),
    }


def _talk_tables(scenario: Scenario) -> Fields:
    talk, reviews = scenario.talk, scenario.reviews
    return {
        "talk_per_day": float(talk.per_day),
        "fan_per_day": float(talk.fan_per_day),
        "negative_factor": float(talk.negative_factor),
        "advocate_factor": float(talk.advocate_factor),
        "listeners_positive": talk.listeners_positive,
        "listeners_negative": talk.listeners_negative,
        "friends": talk.friends,
        "far_share": float(talk.far_share),
        "review_chance": float(reviews.chance),
        "usual_rating": float(reviews.usual_rating),
    }
