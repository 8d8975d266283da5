"""Scenario -> arrays: the engines' only input.

Shapes use S segments, P phases, J touchpoints, K need attributes, O offers of the firm,
R offers of competitors, A add-ons per offer (at most), D days. Integers are int64, reals
float64. Nothing here is random.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.schema import NO_PATIENCE_LIMIT, BetaShare, Effects, Positive, Scenario, Segment
from sim.vocabulary import (
    DAYS_PER_YEAR,
    MINOR_UNITS,
    NEVER,
    Audience,
    Kind,
    Mixing,
    PhaseKind,
    Shape,
    Starts,
    Trigger,
)

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

KINDS = {kind: Kind[kind.name] for kind in PhaseKind}
STARTS = {word: code for code, word in enumerate(Starts)}
AUDIENCES = {word: code for code, word in enumerate(Audience)}
TRIGGERS = {word: code for code, word in enumerate(Trigger)}

QUANTILE_CELLS = 1024
CERTAIN_RATE = 50.0  # exp(-50) < 2**-53: a rate that makes the encounter certain


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
    readiness_weights: Reals  # (P, 6)
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

CHOICE_FIT, CHOICE_PRICE, CHOICE_TRUST, CHOICE_ENGAGEMENT = 0, 1, 2, 3
CHOICE_EXPERIENCE, CHOICE_SATISFACTION, CHOICE_LOYALTY, CHOICE_WAITING = 4, 5, 6, 7


def make_tables(scenario: Scenario) -> Tables:
    """The arrays of a validated scenario, all C-contiguous."""
    fields: dict[str, object] = {
        **_switches(scenario),
        **_phase_tables(scenario),
        **_segment_tables(scenario),
        **_offer_tables(scenario),
        **_behaviour_tables(scenario),
        **_touchpoint_tables(scenario),
        **_talk_tables(scenario),
    }
    for name, value in fields.items():
        if isinstance(value, np.ndarray):
            fields[name] = np.ascontiguousarray(value)
    return Tables(**fields)  # type: ignore[arg-type]


def pair_names(scenario: Scenario) -> list[tuple[str, str]]:
    """(phase, touchpoint) of each row that `Tables.pair` numbers, in that order."""
    return [
        (phase, name)
        for phase in scenario.journey.phases
        for name, touchpoint in scenario.touchpoints.items()
        if touchpoint.reach.get(phase, 0.0) > 0.0
    ]


def season_factors(amplitude: float, peak_day: int, days: int) -> Reals:
    """The yearly wave 1 + amplitude cos(2 pi (day - peak) / 365) for days 0 to days - 1."""
    angle = 2.0 * math.pi / DAYS_PER_YEAR
    return np.array([1.0 + amplitude * math.cos(angle * (day - peak_day)) for day in range(days)])


def quantile_table(distribution: stats.rv_continuous) -> Reals:
    """Quantiles of a frozen scipy distribution on a grid that is finer in both tails.

    Row 0 covers 0..1 in 1024 cells; row 1 the lowest cell, row 2 the highest, again in
    1024. `sim.model.traits.quantile` interpolates linearly; what lies beyond the
    outermost 2**-22 is cut. Shape (3, 1025).
    """
    grid = np.arange(QUANTILE_CELLS + 1) / QUANTILE_CELLS
    outermost = 2.0**-22
    low = np.clip(grid / QUANTILE_CELLS, outermost, None)
    main = np.clip(grid, outermost, 1.0 - outermost)
    table = np.stack(
        [distribution.ppf(main), distribution.ppf(low), distribution.isf(low[::-1])]
    )
    return np.ascontiguousarray(table, dtype=np.float64)


def _constant_table(value: float) -> Reals:
    return np.full((3, QUANTILE_CELLS + 1), value)


def _beta_table(share: BetaShare) -> Reals:
    if share.concentration is None or share.mean in (0.0, 1.0):
        return _constant_table(share.mean)
    a = share.mean * share.concentration
    return quantile_table(stats.beta(a, share.concentration - a))


def _need_rate_table(segment: Segment) -> Reals:
    per_day = segment.need.rate_per_year / DAYS_PER_YEAR
    shape = segment.need.gamma_shape
    if shape is None or per_day == 0.0:
        return _constant_table(per_day)
    return quantile_table(stats.gamma(shape, scale=per_day / shape))


def _log_parameters(trait: Positive) -> tuple[float, float]:
    """Mean and sd of the logarithm of a lognormal with this mean and cv; mean 0 gives -inf."""
    if trait.mean == 0.0:
        return -np.inf, 0.0
    variance = np.log1p(trait.cv**2)
    return float(np.log(trait.mean) - variance / 2.0), float(np.sqrt(variance))


def _switches(scenario: Scenario) -> dict[str, object]:
    return {
        "seed": scenario.seed,
        "agents": scenario.agents,
        "days": scenario.days,
        "people_per_agent": scenario.population / scenario.agents,
        "loop": int(scenario.journey.shape == Shape.LOOP),
        "network": int(scenario.talk.mixing == Mixing.NETWORK),
        "panel": scenario.panel,
    }


def _phase_tables(scenario: Scenario) -> dict[str, object]:
    phases = list(scenario.journey.phases.values())
    kinds = [KINDS[phase.kind] for phase in phases]

    def column(field: str) -> Reals:
        return np.array([getattr(phase, field) for phase in phases], dtype=np.float64)

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
        "kind": np.array(kinds, dtype=np.int64),
        "pace": column("pace_per_day"),
        "bias": column("bias"),
        "readiness_weights": np.array(
            [list(phase.weights.model_dump().values()) for phase in phases], dtype=np.float64
        ),
        "skip": column("skip"),
        "back": column("back_per_day"),
        "back_after_bad": column("back_after_bad"),
        "leave": column("leave_per_day"),
        "leave_to_competitor": column("leave_to_competitor"),
        "next_phase": np.array([follows(p) for p in range(len(phases))], dtype=np.int64),
        "first_latent": first(Kind.LATENT),
        "first_consider": first(Kind.CONSIDER),
        "purchase_phase": first(Kind.PURCHASE),
        "first_relate": first_after[0] if first_after else NEVER,
    }


def _segment_tables(scenario: Scenario) -> dict[str, object]:
    segments = list(scenario.segments.values())
    needs, touchpoints = scenario.journey.needs, list(scenario.touchpoints)
    seasons = [
        season_factors(s.need.season.amplitude, s.need.season.peak_day, scenario.days + 1)
        for s in segments
    ]
    mean, sd = _need_weights(scenario)
    logs = np.array(
        [
            [
                _log_parameters(trait)
                for trait in (s.budget, s.income_per_day, s.price_sensitivity, s.sociability)
            ]
            for s in segments
        ]
    )
    no_limit = Positive(mean=NO_PATIENCE_LIMIT)
    starts = [s.start for s in segments]
    return {
        "share_cumulative": np.cumsum([s.share for s in segments]),
        "season_cumulative": np.array([np.concatenate([[0.0], np.cumsum(f)]) for f in seasons]),
        "need_rate_quantiles": np.array([_need_rate_table(s) for s in segments]),
        "churn_quantiles": np.array([_beta_table(s.renewal.churn) for s in segments]),
        "lapse_quantiles": np.array([_beta_table(s.lapse.per_purchase) for s in segments]),
        "normal_quantiles": quantile_table(stats.norm()),
        "weight_mean": mean,
        "weight_sd": sd,
        "log_mean": np.ascontiguousarray(logs[:, :, 0]),
        "log_sd": np.ascontiguousarray(logs[:, :, 1]),
        "patience": np.array([_log_parameters(s.patience_minutes or no_limit) for s in segments]),
        "start": np.array(
            [
                [
                    s.customers,
                    s.awareness,
                    s.engagement,
                    s.trust,
                    s.satisfaction,
                    s.loyalty,
                    s.permission,
                    s.permission_prospects,
                ]
                for s in starts
            ],
            dtype=np.float64,
        ),
        "lapse_rate": np.array(
            [-np.log1p(-min(s.lapse.per_day, 1.0 - 1e-12)) for s in segments]
        ),
        "lapse_effect": np.array([s.lapse.satisfaction_effect for s in segments]),
        "renewal_effect": np.array([s.renewal.satisfaction_effect for s in segments]),
        "affinity": np.array(
            [[s.affinities.get(name, 1.0) for name in touchpoints] for s in segments],
            dtype=np.float64,
        ).reshape(len(segments), len(touchpoints)),
        "affinity_spread": np.array([s.affinity_spread for s in segments], dtype=np.float64),
        "devices": np.array([s.devices for s in segments], dtype=np.int64),
        "sociability_mean": np.array([s.sociability.mean for s in segments], dtype=np.float64),
    }


def _need_weights(scenario: Scenario) -> tuple[Reals, Reals]:
    """Mean and sd of the need weights, (S, K); a segment that names none weighs all alike."""
    needs = scenario.journey.needs
    mean = np.zeros((len(scenario.segments), len(needs)))
    sd = np.zeros_like(mean)
    for s, segment in enumerate(scenario.segments.values()):
        for k, need in enumerate(needs):
            weight = segment.need_weights.get(need)
            mean[s, k] = weight.mean if weight else float(not segment.need_weights)
            sd[s, k] = weight.sd if weight else 0.0
    return mean, sd


def _minor(amount: float) -> int:
    return round(amount * MINOR_UNITS)


def _offer_tables(scenario: Scenario) -> dict[str, object]:
    offers, needs = list(scenario.offers.values()), scenario.journey.needs
    rivals = [(c.strength, o) for c in scenario.competitors.values() for o in c.offers.values()]
    most = max(1, *(len(offer.add_ons) for offer in offers), 1)
    extras = np.zeros((len(offers), most, 4))
    for o, offer in enumerate(offers):
        for a, extra in enumerate(offer.add_ons.values()):
            extras[o, a] = extra.price, _minor(extra.price), _minor(extra.unit_cost), extra.chance

    def attributes(rows: list[dict[str, float]]) -> Reals:
        table = [[row.get(need, 0.5) for need in needs] for row in rows]
        return np.array(table, dtype=np.float64).reshape(len(rows), len(needs))

    return {
        "price": np.array([o.price for o in offers], dtype=np.float64),
        "price_minor": np.array([_minor(o.price) for o in offers], dtype=np.int64),
        "cost_minor": np.array([_minor(o.unit_cost) for o in offers], dtype=np.int64),
        "offer_attributes": attributes([o.attributes for o in offers]),
        "performance": np.array([[o.performance.mean, o.performance.sd] for o in offers], float),
        "appeal": np.array([o.appeal for o in offers], dtype=np.float64),
        "subscription_days": np.array([o.subscription_days or 0 for o in offers], dtype=np.int64),
        "judgement_days": np.array([o.judgement_days for o in offers], dtype=np.int64),
        "add_ons": np.array([len(o.add_ons) for o in offers], dtype=np.int64),
        "add_on_price": np.ascontiguousarray(extras[:, :, 0]),
        "add_on_price_minor": extras[:, :, 1].astype(np.int64),
        "add_on_cost_minor": extras[:, :, 2].astype(np.int64),
        "add_on_chance": np.ascontiguousarray(extras[:, :, 3]),
        "rival_price": np.array([o.price for _, o in rivals], dtype=np.float64),
        "rival_attributes": attributes([o.attributes for _, o in rivals]),
        "rival_strength": np.array([strength for strength, _ in rivals], dtype=np.float64),
    }


def _decay(half_life_days: float, days: int) -> Reals:
    # math, not numpy: numpy picks its exp by processor, and the last bit with it.
    rate = math.log(2.0) / half_life_days
    return np.array([math.exp(-rate * elapsed) for elapsed in range(days + 1)])


def _behaviour_tables(scenario: Scenario) -> dict[str, object]:
    behaviour, weights = scenario.journey.behaviour, scenario.journey.choice
    checkout, days = scenario.journey.checkout, scenario.days
    return {
        "choice_weights": np.array(list(weights.model_dump().values()), dtype=np.float64),
        "abandon": float(checkout.abandon),
        "retry": float(checkout.retry),
        "to_competitor": float(checkout.to_competitor),
        "awareness_decay": _decay(behaviour.awareness_half_life_days, days),
        "engagement_decay": _decay(behaviour.engagement_half_life_days, days),
        "loyalty_decay": _decay(behaviour.loyalty_half_life_days, days),
        "familiarity_decay": _decay(behaviour.familiarity_half_life_days, days),
        "bad_is_stronger": float(behaviour.bad_is_stronger),
        "bad_threshold": float(behaviour.bad_threshold),
        "wait_penalty": behaviour.wait_penalty_per_hour / 60.0,
        "memory": np.array(list(behaviour.memory.model_dump().values()), dtype=np.float64),
        "performance_weight": float(behaviour.performance_weight),
        "satisfaction_speed": float(behaviour.satisfaction_speed),
        "service_weight": float(behaviour.service_weight),
        "loyalty_gain": float(behaviour.loyalty_gain),
    }


def _effect_row(effects: Effects) -> list[float]:
    return list(effects.model_dump().values())


def _messages(scenario: Scenario) -> Reals:
    """Message weights that add up to 1, (S, J, K)."""
    mean, _ = _need_weights(scenario)
    needs, touchpoints = scenario.journey.needs, list(scenario.touchpoints.values())
    table = np.ones((len(scenario.segments), len(touchpoints), len(needs)))
    for j, touchpoint in enumerate(touchpoints):
        if touchpoint.personalised:
            table[:, j] = mean
        elif touchpoint.message:
            table[:, j] = [touchpoint.message.get(need, 0.0) for need in needs]
    total: Reals = table / table.sum(axis=2, keepdims=True)
    return total


def _flights(scenario: Scenario) -> Reals:
    """Factor on each touchpoint's reach or budget, (J, D); 0 on the days it is off."""
    day = np.arange(scenario.days)
    rows = np.zeros((len(scenario.touchpoints), scenario.days))
    for j, touchpoint in enumerate(scenario.touchpoints.values()):
        flight = touchpoint.flight
        since = day - flight.start_day
        on = (since >= 0) & (since % (flight.days_on + flight.days_off) < flight.days_on)
        season = season_factors(flight.season.amplitude, flight.season.peak_day, scenario.days)
        rows[j] = on * season * float(touchpoint.enabled)
    return rows


def _touchpoint_tables(scenario: Scenario) -> dict[str, object]:
    touchpoints = list(scenario.touchpoints.values())
    phases = list(scenario.journey.phases)
    pairs = pair_names(scenario)
    names = list(scenario.touchpoints)
    pair = np.full((len(phases), len(touchpoints)), NEVER, dtype=np.int64)
    for row, (phase, name) in enumerate(pairs):
        pair[phases.index(phase), names.index(name)] = row
    habits = [j for j, t in enumerate(touchpoints) if t.habituation is not None]
    capacities = [t.capacity for t in touchpoints]

    def reals(values: list[float]) -> Reals:
        return np.array(values, dtype=np.float64)

    def integers(values: list[int]) -> Integers:
        return np.array(values, dtype=np.int64)

    return {
        "starts": integers([STARTS[t.starts] for t in touchpoints]),
        "audience": integers([AUDIENCES[t.audience] for t in touchpoints]),
        "reach": reals([[t.reach.get(p, 0.0) for p in phases] for t in touchpoints]).reshape(  # type: ignore[misc]
            len(touchpoints), len(phases)
        ),
        "pair": pair,
        "quality": reals([[t.quality.mean, t.quality.sd] for t in touchpoints]).reshape(-1, 2),  # type: ignore[misc]
        "norm": reals([t.norm for t in touchpoints]),
        "habituation": reals([t.habituation or 0.0 for t in touchpoints]),
        "habit": integers([habits.index(j) if j in habits else NEVER for j in range(len(names))]),
        "message": _messages(scenario),
        "promise": reals([t.promise for t in touchpoints]),
        "effects": reals(
            [[_effect_row(t.effects_in.get(p, t.effects)) for t in touchpoints] for p in phases]  # type: ignore[misc]
        ).reshape(len(phases), len(touchpoints), 7),
        "contact_cost": reals([t.cost.per_contact for t in touchpoints]),
        "click_cost": reals([t.cost.per_click + t.cost.per_visit for t in touchpoints]),
        "budget": reals(
            [NEVER if t.budget_per_day is None else t.budget_per_day for t in touchpoints]
        ),
        "flight": _flights(scenario),
        "click_chance": reals([t.click_chance for t in touchpoints]),
        "shows_rating": integers([int(t.shows_rating) for t in touchpoints]),
        "carries_talk": integers(
            [int(t.starts == Starts.EARNED and not t.shows_rating) for t in touchpoints]
        ),
        "trigger": integers([NEVER if t.trigger is None else TRIGGERS[t.trigger] for t in touchpoints]),
        "delay": integers([t.delay_days for t in touchpoints]),
        "servers": integers([c.servers if c else 0 for c in capacities]),
        "opens": reals([c.opens_hour * 60.0 if c else 0.0 for c in capacities]),
        "closes": reals([c.closes_hour * 60.0 if c else 0.0 for c in capacities]),
        "service": reals([c.service_minutes if c else 0.0 for c in capacities]),
        "service_constant": integers([int(c.service_constant) if c else 0 for c in capacities]),
        "response": reals([c.response_minutes if c else 0.0 for c in capacities]),
        "comfort": reals([c.comfort if c else 0.0 for c in capacities]),
    }


def _talk_tables(scenario: Scenario) -> dict[str, object]:
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
