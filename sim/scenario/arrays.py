"""Scenario -> the model's tables: the engines' only input (`sim.model.columns.Tables`).

Nothing here is random but the states of the day: `sim.scenario.drawn_days` draws by address.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.elementary import LOG2, cosine, exp, expm1, log1p
from sim.model.columns import (
    FIRST_RIVAL_BRAND,
    MET_BITS,
    QUANTILE_CELLS,
    Flags,
    Integers,
    Reals,
    Tables,
)
from sim.model.queue import ENDLESS
from sim.scenario.drawn_days import days_of
from sim.scenario.levers import timeline
from sim.scenario.offers import Basket
from sim.scenario.parts import MOST_DAYS, Positive, Season
from sim.scenario.quantiles import (
    beta_table,
    exposure_table,
    log_parameters,
    need_rate_table,
    normal_table,
)
from sim.scenario.schema import Effects, Scenario
from sim.scenario.touchpoints import SALIENCE, Capacity, Flight, Touchpoint
from sim.vocabulary import (
    DAYS_PER_YEAR,
    MINOR_UNITS,
    MINUTES_PER_HOUR,
    NEVER,
    Audience,
    Mixing,
    Shape,
    Tracking,
    code_of,
)

Fields = dict[str, Any]  # some fields of `Tables`, by name
PairNames = list[tuple[str, str]]  # phase and touchpoint
TABLES_KEPT = 200  # of a kind; a study makes the tables of many scenarios that share most of them
MOST_TURNOVER = 1.0 - 1e-12  # a year's share that still has a rate
# In the order of the columns CHOICE_*.
CHOICE_WEIGHTS = (
    *("fit", "price", "trust", "engagement", "experience", "satisfaction", "loyalty", "waiting"),
    "habit",
)
NEVER_SHUTS = 1e18  # minute at which a desk shuts that serves whoever has come


def reals(values: ArrayLike) -> Reals:
    """Values as an array of reals, of their own shape."""
    return np.array(values, dtype=np.float64)


def integers(values: ArrayLike) -> Integers:
    """Values as an array of integers, of their own shape."""
    return np.array(values, dtype=np.int64)


def flags(values: Iterable[bool]) -> Flags:
    """Values as an array of yes and no, (n,)."""
    return np.array(list(values), dtype=np.bool_)


def places(values: Iterable[bool]) -> Integers:
    """Where values are true, (n,)."""
    return np.flatnonzero(flags(values))


def make_tables(scenario: Scenario, pairs: PairNames | None = None) -> Tables:
    """The arrays of a validated scenario as it is on day 0, all C-contiguous.

    `pairs`: rows of the records, if the scenario is one of several of a run.
    """
    fields: Fields = {
        **_switches(scenario),
        **_phase_tables(scenario),
        **segment_tables(scenario),
        **_offer_tables(scenario),
        **_behaviour_tables(scenario),
        **touchpoint_tables(scenario, pairs or pair_names(scenario)),
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
        "past": scenario.past_days,
        "days": days_lived(scenario),
        "people_per_agent": scenario.population / scenario.agents,
        "loop": int(scenario.journey.shape == Shape.LOOP),
        "network": int(scenario.talk.mixing == Mixing.NETWORK),
        "panel": scenario.panel,
        "leave_rate": -log1p(-min(scenario.turnover_per_year, MOST_TURNOVER)) / DAYS_PER_YEAR,
    }


def days_lived(scenario: Scenario) -> int:
    """Days of the past and of the run."""
    return scenario.past_days + scenario.days


def _phase_tables(scenario: Scenario) -> Fields:
    phases = list(scenario.journey.phases.values())
    kinds = [phase.kind for phase in phases]

    def column(field: str) -> Reals:
        return reals([getattr(phase, field) for phase in phases])

    def first(has: Flags) -> int:
        return int(has.argmax()) if has.any() else NEVER

    def follows(place: int) -> int:
        """Where an advance from this phase leads; need and sale decide the other ways."""
        if place + 1 == len(kinds):
            return NEVER
        here, there = kinds[place], kinds[place + 1]
        blocked = here.decides or (here.waits and not there.waits)
        return NEVER if blocked else place + 1

    searches = flags(k.searches for k in kinds)
    decides = flags(k.decides for k in kinds)
    relates = flags(k.relates for k in kinds)
    return {
        "searches": searches,
        "decides": decides,
        "relates": relates,
        "advocates": flags(k.advocates for k in kinds),
        "pace": column("pace_per_day"),
        "same_day": flags(phase.same_day for phase in phases),
        "tentative": flags(phase.tentative for phase in phases),
        "bias": column("bias"),
        "readiness_weights": reals([list(phase.weights.model_dump().values()) for phase in phases]),
        "skip": column("skip"),
        "back": column("back_per_day"),
        "back_after_bad": column("back_after_bad"),
        "leave": column("leave_per_day"),
        "leave_to_competitor": column("leave_to_competitor"),
        "next_phase": integers([follows(p) for p in range(len(phases))]),
        "first_latent": first(flags(k.waits for k in kinds)),
        "first_consider": first(searches),
        "purchase_phase": first(decides),
        "first_relate": first(relates),
    }


def _minor(amount: float) -> int:
    return round(amount * MINOR_UNITS)


def _offer_tables(scenario: Scenario) -> Fields:
    offers, needs = list(scenario.offers.values()), scenario.journey.needs
    rivals = [
        (brand, c.strength, o)
        for brand, c in enumerate(scenario.competitors.values(), FIRST_RIVAL_BRAND)
        for o in c.offers.values()
    ]
    by_income = int(scenario.journey.choice.subscriptions_by_income)
    most = max(1, *(len(offer.add_ons) for offer in offers), 1)
    extras = np.zeros((len(offers), most, 6))
    for o, offer in enumerate(offers):
        for a, extra in enumerate(offer.add_ons.values()):
            own = extra.chance if extra.chance_of_customers is None else extra.chance_of_customers
            need = NEVER if extra.need is None else needs.index(extra.need)
            money = extra.price, _minor(extra.price), _minor(extra.unit_cost)
            extras[o, a] = *money, extra.chance, own, need

    def attributes(rows: list[dict[str, float]]) -> Reals:
        return reals([[row.get(need, 0.5) for need in needs] for row in rows]).reshape(
            len(rows), len(needs)
        )

    return {
        "price": reals([o.price for o in offers]),
        "price_minor": integers([_minor(o.price + o.paid_by_others) for o in offers]),
        "cost_minor": integers([_minor(o.unit_cost) for o in offers]),
        "offer_attributes": attributes([o.attributes for o in offers]),
        "performance": reals([[o.performance.mean, o.performance.sd] for o in offers]),
        "appeal": reals([o.appeal for o in offers]),
        "basket": reals([_basket(o.basket) for o in offers]),
        "income_days": integers([by_income * (o.subscription_days or 0) for o in offers]),
        "subscription_days": integers([o.subscription_days or 0 for o in offers]),
        "judgement_days": integers([o.judgement_days for o in offers]),
        "add_ons": integers([len(o.add_ons) for o in offers]),
        "add_on_price": np.ascontiguousarray(extras[:, :, 0]),
        "add_on_price_minor": extras[:, :, 1].astype(np.int64),
        "add_on_cost_minor": extras[:, :, 2].astype(np.int64),
        "add_on_chance": np.ascontiguousarray(extras[:, :, 3]),
        "add_on_chance_own": np.ascontiguousarray(extras[:, :, 4]),
        "add_on_need": extras[:, :, 5].astype(np.int64),
        "launch": integers([o.launch_day and o.launch_day + scenario.past_days for o in offers]),
        "rival_price": reals([o.price for _, _, o in rivals]),
        "rival_attributes": attributes([o.attributes for _, _, o in rivals]),
        "rival_strength": reals([strength + o.appeal for _, strength, o in rivals]),
        "rival_period": integers([o.subscription_days or 0 for _, _, o in rivals]),
        "rival_income_days": integers(
            [by_income * (o.subscription_days or 0) for _, _, o in rivals]
        ),
        "cheapest_rival": min(
            (o.price for _, _, o in rivals if o.subscription_days is not None), default=math.inf
        ),
        "rival_brand": integers([brand for brand, _, _ in rivals]),
    }


def _basket(basket: Basket) -> list[float]:
    """Standard deviations of the logarithm of an order's size: between customers, and orders."""
    variance = log1p(basket.cv * basket.cv)
    return [math.sqrt(variance * basket.between), math.sqrt(variance * (1.0 - basket.between))]


@lru_cache(TABLES_KEPT)
def _kept(half_life_days: float, days: int) -> Reals:
    """What is left of a stock after each number of days: exp(-log 2 / half-life x days)."""
    rate = LOG2 / half_life_days
    return np.array([exp(-rate * elapsed) for elapsed in range(days + 1)])


def _decay(half_life_days: float, days: int) -> Reals:
    return _kept(half_life_days, days).copy()


def _behaviour_tables(scenario: Scenario) -> Fields:
    behaviour, weights = scenario.journey.behaviour, scenario.journey.choice
    checkout, days = scenario.journey.checkout, days_lived(scenario)
    return {
        "choice_weights": reals([getattr(weights, name) for name in CHOICE_WEIGHTS]),
        "abandon": float(checkout.abandon),
        "retry": float(checkout.retry),
        "to_competitor": float(checkout.to_competitor),
        "awareness_decay": _decay(behaviour.awareness_half_life_days, days),
        "engagement_decay": _decay(behaviour.engagement_half_life_days, days),
        "loyalty_decay": _decay(behaviour.loyalty_half_life_days, days),
        "familiarity_decay": _decay(behaviour.familiarity_half_life_days, days),
        "bad_is_stronger": float(behaviour.bad_is_stronger),
        "bad_threshold": float(behaviour.bad_threshold),
        "bad_takes": float(behaviour.bad_takes),
        "unserved_penalty": float(behaviour.unserved_penalty),
        "wait_penalty": behaviour.wait_penalty_per_hour / MINUTES_PER_HOUR,
        "memory": reals(list(behaviour.memory.model_dump().values())),
        "performance_weight": float(behaviour.performance_weight),
        "satisfaction_speed": float(behaviour.satisfaction_speed),
        "service_weight": float(behaviour.service_weight),
        "loyalty_gain": float(behaviour.loyalty_gain),
        "habit_gain": float(behaviour.habit_gain),
        "owners_go_back": int(behaviour.owners_go_back),
        "score_neutral": float(behaviour.score.neutral),
        "score_slope": float(behaviour.score.slope),
    }


def _talk_decay(scenario: Scenario) -> Reals:
    half_life, days = scenario.talk.half_life_days, days_lived(scenario)
    return np.ones(days + 1) if half_life is None else _decay(half_life, days)


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
        "talk_decay": _talk_decay(scenario),
        "deters": float(talk.deters),
        "sells_unknown": float(talk.sells_unknown),
        "review_chance": float(reviews.chance),
        "review_extremity": float(reviews.extremity),
        "stars_neutral": float(reviews.stars.neutral),
        "stars_slope": float(reviews.stars.slope),
        "usual_rating": float(reviews.usual_rating),
        "start_rating": float(reviews.start_rating),
        "start_reviews": float(reviews.start_count),
    }


# --- segments ---


def segment_tables(scenario: Scenario) -> Fields:
    """The fields of `Tables` under the heading segments."""
    segments = list(scenario.segments.values())
    touchpoints = list(scenario.touchpoints)
    shared = _needs_by_day(scenario)
    seasons = [
        season_factors(s.need.season, scenario.days + 1, scenario.past_days) * shared
        for s in segments
    ]
    mean, sd = need_weights(scenario)
    logs = np.array(
        [
            [
                log_parameters(trait)
                for trait in (s.budget, s.income_per_day, s.price_sensitivity, s.sociability)
            ]
            for s in segments
        ]
    )
    no_limit = Positive(mean=ENDLESS)
    starts = [s.start for s in segments]
    return {
        "share_cumulative": np.cumsum([s.share for s in segments]),
        "season_cumulative": np.array([np.concatenate([[0.0], np.cumsum(f)]) for f in seasons]),
        "need_rate_quantiles": np.array([need_rate_table(s) for s in segments]),
        "churn_quantiles": np.array([beta_table(s.renewal.churn) for s in segments]),
        "lapse_quantiles": np.array([beta_table(s.lapse.per_purchase) for s in segments]),
        "normal_quantiles": normal_table(),
        "weight_mean": mean,
        "weight_sd": sd,
        "log_mean": np.ascontiguousarray(logs[:, :, 0]),
        "log_sd": np.ascontiguousarray(logs[:, :, 1]),
        "patience": np.array([log_parameters(s.patience_minutes or no_limit) for s in segments]),
        "start": reals(
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
            ]
        ),
        "lapse_rate": np.array([-log1p(-min(s.lapse.per_day, 1.0 - 1e-12)) for s in segments]),
        "lapse_effect": np.array([s.lapse.satisfaction_effect for s in segments]),
        "forgets": reals([s.lapse.forgets for s in segments]),
        "renewal_effect": np.array([s.renewal.satisfaction_effect for s in segments]),
        "renewal_loyalty": reals([s.renewal.loyalty_effect for s in segments]),
        "renewal_price": reals([s.renewal.price_effect for s in segments]),
        "switching_cost": reals([s.renewal.switching_cost for s in segments]),
        "looks_around": reals([s.renewal.looks_around for s in segments]),
        "affinity": reals(
            [
                [_affinity(scenario, segment, name) for name in touchpoints]
                for segment in scenario.segments
            ]
        ).reshape(len(segments), len(touchpoints)),
        "affinity_spread": reals([s.affinity_spread for s in segments]),
        "devices": integers([s.devices for s in segments]),
        "companion_share": reals([s.companion_share for s in segments]),
        "companion_weight": reals([s.companion_weight for s in segments]),
        "sociability_mean": reals([s.sociability.mean for s in segments]),
    }


def _affinity(scenario: Scenario, segment: str, touchpoint: str) -> float:
    """Factor on a segment's encounters with a touchpoint; 0 if it is not for the segment."""
    only = scenario.touchpoints[touchpoint].segments
    if only and segment not in only:
        return 0.0
    return scenario.segments[segment].affinities.get(touchpoint, 1.0)


def _days_of(scenario: Scenario) -> dict[str, Flags]:
    """On which days each state of the day holds, (D,) each."""
    return {
        name: flags(
            days_of(state, number, seed=scenario.seed, past=scenario.past_days, days=scenario.days)
        )
        for number, (name, state) in enumerate(scenario.day_states.items())
    }


def _needs_by_day(scenario: Scenario) -> Reals:
    """Factor of the states of the day on needs, (D + 1,)."""
    factor = np.ones(days_lived(scenario) + 1)
    for name, days in _days_of(scenario).items():
        factor[:-1][days] *= scenario.day_states[name].needs
    return factor


def need_weights(scenario: Scenario) -> tuple[Reals, Reals]:
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


def season_factors(season: Season, days: int, past: int = 0) -> Reals:
    """The yearly wave 1 + amplitude cos(2 pi (day - peak) / 365) for days -past to days - 1."""
    day = np.arange(-past, days) - season.peak_day
    factors: Reals = 1.0 + season.amplitude * _wave()[day % DAYS_PER_YEAR]
    return factors


@lru_cache
def _wave() -> Reals:
    return np.array([cosine(day, DAYS_PER_YEAR) for day in range(DAYS_PER_YEAR)])


# --- touchpoints ---


def touchpoint_tables(scenario: Scenario, pairs: PairNames) -> Fields:
    """The fields of `Tables` under the heading touchpoints."""
    touchpoints = list(scenario.touchpoints.values())
    phases = list(scenario.journey.phases)
    journey_phases = list(scenario.journey.phases.values())
    names = list(scenario.touchpoints)
    pair = np.full((len(phases), len(touchpoints)), NEVER, dtype=np.int64)
    for row, (phase, name) in enumerate(pairs):
        pair[phases.index(phase), names.index(name)] = row
    habits = [
        j
        for j, t in enumerate(touchpoints)
        if t.habituation is not None or t.annoys_after is not None
    ]
    asked = {t.trigger_touchpoint for t in touchpoints}
    sources = [j for j, name in enumerate(names) if name in asked]

    def column(j: int, columns: list[int]) -> int:
        return columns.index(j) if j in columns else NEVER

    def place(name: str | None, of: list[str]) -> int:
        return NEVER if name is None else of.index(name)

    capacities = [t.capacity for t in touchpoints]
    return {
        "starts": integers([code_of(t.starts) for t in touchpoints]),
        "audience": integers([code_of(t.audience) for t in touchpoints]),
        "reach": reals([[t.reach.get(p, 0.0) for p in phases] for t in touchpoints]).reshape(
            len(touchpoints), len(phases)
        ),
        "pair": pair,
        "quality": reals([[_quality(t, phase) for t in touchpoints] for phase in phases]).reshape(
            len(phases), len(touchpoints), 2
        ),
        "own_quality": reals([t.quality.mean for t in touchpoints]),
        "norm_follows": reals([_per_day(t.norm_follows_per_year) for t in touchpoints]),
        "norm": reals([t.norm for t in touchpoints]),
        "accompanied": integers([t.accompanied for t in touchpoints]),
        "salience": reals(
            [SALIENCE[t.starts] if t.salience is None else t.salience for t in touchpoints]
        ),
        "unsubscribe": reals(
            [t.unsubscribe if t.audience == Audience.PERMITTED else 0.0 for t in touchpoints]
        ),
        "habituation": reals([t.habituation or 0.0 for t in touchpoints]),
        "annoys": reals([t.annoys_after or 0.0 for t in touchpoints]),
        "cap": integers([t.frequency_cap or 0 for t in touchpoints]),
        "habit": integers([column(j, habits) for j in range(len(names))]),
        "message": _messages(scenario),
        "promise": reals([t.promise for t in touchpoints]),
        "effects": reals(
            [[_effect_row(t.effects_in.get(p, t.effects)) for t in touchpoints] for p in phases]
        ).reshape(len(phases), len(touchpoints), len(Effects.model_fields)),
        **_exposures(touchpoints),
        "contact_cost": reals([t.cost.per_contact for t in touchpoints]),
        "click_cost": reals([t.cost.per_click + t.cost.per_visit for t in touchpoints]),
        "budget": reals(
            [NEVER if t.budget_per_day is None else t.budget_per_day for t in touchpoints]
        ),
        "flight": _flights(scenario),
        "click_chance": reals([t.click_chance for t in touchpoints]),
        "is_source": integers([int(t.tracking != Tracking.NONE) for t in touchpoints]),
        "shows_rating": integers([int(t.shows_rating) for t in touchpoints]),
        "carries_talk": integers([int(t.carries_talk) for t in touchpoints]),
        "trigger": integers(
            [NEVER if t.trigger is None else code_of(t.trigger) for t in touchpoints]
        ),
        "trigger_phase": integers([place(t.trigger_phase, phases) for t in touchpoints]),
        "trigger_source": integers(
            [column(place(t.trigger_touchpoint, names), sources) for t in touchpoints]
        ),
        "trigger_every": integers([t.trigger_every_days or 0 for t in touchpoints]),
        "source": integers([column(j, sources) for j in range(len(names))]),
        "waiting": _waiting(scenario),
        "delay": integers([t.delay_days for t in touchpoints]),
        "servers": integers([c.servers if c else 0 for c in capacities]),
        "opens": reals([c.opens_hour * MINUTES_PER_HOUR if c else 0.0 for c in capacities]),
        "closes": reals([c.closes_hour * MINUTES_PER_HOUR if c else 0.0 for c in capacities]),
        "shuts": reals([_shuts(c) for c in capacities]),
        "service": reals([c.service_minutes if c else 0.0 for c in capacities]),
        "service_constant": integers([int(c.service_constant) if c else 0 for c in capacities]),
        "response": reals([c.response_minutes if c else 0.0 for c in capacities]),
        "comfort": reals([c.comfort if c else 0.0 for c in capacities]),
        "unserved_leave": reals([c.unserved_leave if c else 0.0 for c in capacities]),
        "unserved_to_competitor": reals(
            [c.unserved_to_competitor if c else 0.0 for c in capacities]
        ),
        "phase_requires": _bits([phase.requires for phase in journey_phases], names),
        "requires": _bits([t.requires for t in touchpoints], names),
        # after a past that may be another market's: it has to know what journeys had met
        "ordered": int(any(_requirements(scenario)) or scenario.past_days > 0),
        "once": flags(_once(scenario, name) for name in names),
        "day_cost": reals([t.cost.per_day for t in touchpoints]),
        "staff_cost": reals([_wages(t) for t in touchpoints]),
        "order_share": reals([t.cost.per_order_share for t in touchpoints]),
        "triggered": places(t.trigger is not None for t in touchpoints),
        "desks": places(bool(c and c.servers > 0) for c in capacities),
        "carriers": places(t.carries_talk for t in touchpoints),
        "at_any_moment": places(_at_any_moment(t) for t in touchpoints),
        "touchpoint_of_pair": integers([names.index(name) for _, name in pairs]),
    }


def _exposures(touchpoints: Sequence[Touchpoint]) -> Fields:
    """Heavy and light viewers of each touchpoint, as quantiles of their factors."""
    shapes = sorted({t.exposure_shape for t in touchpoints if t.exposure_shape is not None})
    tables = [exposure_table(shape) for shape in shapes]
    which = [
        NEVER if t.exposure_shape is None else shapes.index(t.exposure_shape) for t in touchpoints
    ]
    return {
        "exposure_quantiles": np.array(tables).reshape(len(shapes), 3, QUANTILE_CELLS + 1),
        "exposure": integers(which),
        "most_exposure": reals([1.0 if k == NEVER else tables[k].max() for k in which]),
    }


def _shuts(capacity: Capacity | None) -> float:
    """The minute at which those who wait go home."""
    if capacity is None or capacity.overtime:
        return NEVER_SHUTS
    return capacity.closes_hour * MINUTES_PER_HOUR


def _bits(rows: Sequence[Sequence[str]], names: Sequence[str]) -> NDArray[np.uint64]:
    """Names of touchpoints as bits, a row each: as those of what a customer has met."""
    bits = np.zeros((len(rows), -(-len(names) // MET_BITS)), dtype=np.uint64)
    for row, required in zip(bits, rows, strict=True):
        for name in required:
            word, bit = divmod(names.index(name), MET_BITS)
            row[word] |= np.uint64(1 << bit)
    return bits


def _requirements(scenario: Scenario) -> list[list[str]]:
    """What each phase and each touchpoint requires."""
    of_phases = [phase.requires for phase in scenario.journey.phases.values()]
    return of_phases + [touchpoint.requires for touchpoint in scenario.touchpoints.values()]


def _once(scenario: Scenario, name: str) -> bool:
    """Whether who was served here does not come again in the journey: a desk that is required."""
    is_required = any(name in required for required in _requirements(scenario))
    return is_required and scenario.touchpoints[name].capacity is not None


def _at_any_moment(touchpoint: Touchpoint) -> bool:
    """Whether it is met in a later moment of a day: not what is bought, queued for, told or due."""
    return (
        touchpoint.budget_per_day is None
        and touchpoint.capacity is None
        and touchpoint.trigger is None
        and not touchpoint.carries_talk
    )


def _wages(touchpoint: Touchpoint) -> float:
    """What a touchpoint's servers cost on a day that it is open."""
    capacity = touchpoint.capacity
    if capacity is None:
        return 0.0
    hours = capacity.closes_hour - capacity.opens_hour
    return touchpoint.cost.per_staff_hour * capacity.servers * hours


def pair_names(scenario: Scenario) -> PairNames:
    """(phase, touchpoint) of each row that `Tables.pair` numbers, in that order.

    Of all that the run comes to be: a touchpoint may come into a phase on some day.
    """
    states = [scenario.before, *(state for _, state in timeline(scenario))]
    return [
        (phase, name)
        for phase in scenario.journey.phases
        for name in scenario.touchpoints
        if any(state.touchpoints[name].reach.get(phase, 0.0) > 0.0 for state in states)
    ]


def _effect_row(effects: Effects) -> list[float]:
    return list(effects.model_dump().values())


def _messages(scenario: Scenario) -> Reals:
    """Message weights that add up to 1, (S, J, K)."""
    mean, _ = need_weights(scenario)
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
    rows = np.zeros((len(scenario.touchpoints), days_lived(scenario)))
    days = _days_of(scenario)
    for j, touchpoint in enumerate(scenario.touchpoints.values()):
        season = season_factors(touchpoint.flight.season, scenario.days, scenario.past_days)
        rows[j] = _runs(touchpoint.flight, scenario) * season * float(touchpoint.enabled)
        if touchpoint.only_on:
            rows[j] *= np.any([days[name] for name in touchpoint.only_on], axis=0)
    names = list(scenario.touchpoints)
    for name, state in scenario.day_states.items():
        for touchpoint_name, factor in state.reach.items():
            rows[names.index(touchpoint_name)][days[name]] *= factor
    return rows


def _waiting(scenario: Scenario) -> Reals:
    """Factor of the states of the day on what waits take, (J, D)."""
    names, days = list(scenario.touchpoints), _days_of(scenario)
    rows = np.ones((len(names), days_lived(scenario)))
    for name, state in scenario.day_states.items():
        for touchpoint, factor in state.waiting.items():
            rows[names.index(touchpoint)][days[name]] *= factor
    return rows


def _quality(touchpoint: Touchpoint, phase: str) -> list[float]:
    """Mean and sd of the quality that a touchpoint delivers in a phase."""
    quality = touchpoint.quality_in.get(phase, touchpoint.quality)
    return [quality.mean, quality.sd]


def _per_day(share_per_year: float) -> float:
    """The share of a way gone in a day, of one gone in a year."""
    return -expm1(log1p(-min(share_per_year, MOST_TURNOVER)) / DAYS_PER_YEAR)


def _runs(flight: Flight, scenario: Scenario) -> Flags:
    """On which days a touchpoint runs, (D,).

    What runs from day 0 on without an end, or in turns, did so in the past; a single flight, and
    what begins later, did not.
    """
    since = np.arange(-scenario.past_days, scenario.days) - flight.start_day
    before = flight.start_day == 0 and (flight.days_off > 0 or flight.days_on == MOST_DAYS)
    begun = (since >= 0) | before
    if flight.days_off == 0:
        on: Flags = begun & ((since < flight.days_on) | (flight.days_on == MOST_DAYS))
        return on
    turns: Flags = begun & (since % (flight.days_on + flight.days_off) < flight.days_on)
    return turns
