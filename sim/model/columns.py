"""What the engines share: the columns of a customer, an event, the counters, the market's tables.

*A customer*: stocks are single precision: both engines compute in double precision and round when
they store, so that a million customers fit in a laptop's memory and bits still agree.

*The market* (`Tables`): a scenario as numbers, made by `sim.scenario.arrays`. Shapes use S
segments, P phases, J touchpoints, K need attributes, O offers of the firm, R offers of competitors,
A add-ons per offer (at most), D days. Integers are int64, reals float64, flags bool. Nothing in it
is random.

*Counters*: all sums are integers (people, minor units of money, fixed-point fractions), so that no
order of addition can show in them.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

# --- a customer ---

CUSTOMER = np.dtype(
    [
        ("revenue", np.int64),  # minor units, whole run
        ("margin", np.int64),
        ("awareness", np.float32),
        ("engagement", np.float32),
        ("trust", np.float32),
        ("expectation", np.float32),
        ("friction", np.float32),
        ("peak", np.float32),
        ("end", np.float32),
        ("total", np.float32),
        ("satisfaction", np.float32),
        ("hurt", np.float32),  # satisfaction lost that recovery can give back
        ("loyalty", np.float32),
        ("habit", np.float32),  # with the brand bought last
        ("paid", np.float32),  # price of the last subscription period
        ("doubt", np.float32),  # part of awareness that a warning has turned into doubt
        ("money", np.float32),
        ("need_rate", np.float32),  # per day
        ("budget", np.float32),
        ("income", np.float32),  # per day
        ("price_sensitivity", np.float32),
        ("sociability", np.float32),
        ("patience", np.float32),  # mean minutes
        ("churn", np.float32),
        ("lapse", np.float32),
        ("recalled", np.float32),  # encounters of this journey, each as far as remembered
        ("purchases", np.int16),
        ("need_count", np.int16),
        ("stocks_day", np.int16),  # the day the decaying stocks stand at
        ("need_day", np.int16),
        ("need_began", np.int16),
        ("judge_day", np.int16),
        ("renewal_day", np.int16),
        ("abandoned_day", np.int16),
        ("bad_day", np.int16),
        ("lapse_day", np.int16),
        ("phase_day", np.int16),  # the day this phase was entered
        ("talk_day", np.int16),  # since when the wish to talk fades
        ("answer_day", np.int16),  # the day on which what was asked for is answered
        ("pick_day", np.int16),  # the day of the choice that this journey's pick rests on
        ("born", np.int16),  # the day the person came into the market; SETUP_DAY: with it
        ("leave_day", np.int16),  # the day the person leaves it
        ("first_day", np.int16),  # first purchase; BEFORE: before day 0
        ("second_day", np.int16),
        ("last_day", np.int16),
        ("segment", np.uint8),
        ("phase", np.uint8),
        ("relationship", np.uint8),
        ("permission", np.uint8),
        ("visited", np.uint8),
        ("considered", np.uint8),
        ("route", np.uint8),
        ("offer", np.uint8),  # last offer bought
        ("brand", np.uint8),  # bought last: NO_BRAND, OWN_BRAND, or a rival's
        ("need_phase", np.int8),  # where the last need arose; lies where the row had a gap
        ("last_click", np.int16),  # of this journey's last visit with a known source
        ("panel", np.uint8),
        ("began_as", np.uint8),  # relationship on day 0
        ("number", np.uint32),  # of the person in the tables
    ],
    align=True,
)

BEFORE_START = -2  # first_day, last_day of those who had bought before day 0
NOT_YET = -1
NO_BRAND, OWN_BRAND, FIRST_RIVAL_BRAND = 0, 1, 2  # values of `brand`
MET_BITS = 64  # touchpoints whose bits share a word of what a customer has met

# A cell is a group of customers that the market treats alike: it fixes the touchpoints'
# audiences. 12 cells for each segment and phase: relationship x permission x visited.
FLAGS = 12

# Slots of the daily lottery before the touchpoints' own.
SLOT_EXIT, SLOT_BACK, SLOT_ADVANCE, SLOT_TALK = 0, 1, 2, 3
FIRST_TOUCHPOINT_SLOT = 4


@rule
def cell_of(
    segment: int, phase: int, relationship: int, permission: int, visited: int, phases: int
) -> int:
    """The cell of a customer: an integer below segments x phases x 12."""
    return ((segment * phases + phase) * 3 + relationship) * 4 + permission * 2 + visited


# --- the market ---

QUANTILE_CELLS = 1024  # cells of a table of quantiles, in its middle and in either tail


class Tables(NamedTuple):
    """One scenario as numbers. The engines read these and nothing else."""

    # sizes and switches
    seed: int
    agents: int
    past: int  # days that are lived through before day 0
    days: int  # of the past and of the run; days count from the past's first
    people_per_agent: float
    loop: int
    network: int
    panel: float
    leave_rate: float  # per day, of leaving the market; 0: nobody does
    # phases
    searches: Flags  # (P,) features of the phase's kind, see `sim.vocabulary.PhaseFeature`
    decides: Flags
    relates: Flags
    advocates: Flags
    pace: Reals  # (P,)
    same_day: Flags  # who moves on into it lives it on that day
    tentative: Flags  # who moves on into it picks an offer
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
    forgets: Reals  # share of what was known and felt that a lapse takes
    renewal_effect: Reals
    renewal_loyalty: Reals
    renewal_price: Reals
    switching_cost: Reals
    looks_around: Reals  # chance that who does not renew compares offers at once
    affinity: Reals  # (S, J)
    affinity_spread: Reals  # (S,)
    exposure_quantiles: Reals  # (shapes, 3, cells + 1) own factor on the rate of encounters
    exposure: Integers  # (J,) which of these, NEVER: all alike
    most_exposure: Reals  # (J,) the highest factor
    devices: Integers
    companion_share: Reals
    companion_weight: Reals
    sociability_mean: Reals  # (S,)
    # offers of the firm
    price: Reals  # (O,) what the customer pays
    price_minor: Integers  # what the firm receives
    cost_minor: Integers
    offer_attributes: Reals  # (O, K)
    performance: Reals  # (O, 2): mean, sd
    appeal: Reals
    basket: Reals  # (O, 2): sd of the log of an order's size, between customers and orders
    subscription_days: Integers  # 0: none
    income_days: Integers  # whose income the price is held against; 0: against the budget
    judgement_days: Integers
    add_ons: Integers  # (O,): how many
    add_on_price: Reals  # (O, A)
    add_on_price_minor: Integers
    add_on_cost_minor: Integers
    add_on_chance: Reals
    add_on_chance_own: Reals  # of those who were customers
    add_on_need: Integers  # the need attribute it answers, or NEVER
    launch: Integers  # (O,) first day, counted from the past's first
    # offers of competitors
    rival_price: Reals  # (R,)
    rival_attributes: Reals  # (R, K)
    rival_strength: Reals  # of the rival, and the appeal of the offer
    rival_period: Integers  # days of a subscription; 0: none
    rival_income_days: Integers
    cheapest_rival: float  # of the rivals' subscriptions; infinite without any
    rival_brand: Integers  # value of `brand` after a purchase
    # choice, checkout, behaviour
    choice_weights: Reals  # (9,), columns CHOICE_*
    abandon: float
    retry: float
    to_competitor: float
    awareness_decay: Reals  # (D + 1,): share left after so many days
    engagement_decay: Reals
    loyalty_decay: Reals
    familiarity_decay: Reals
    bad_is_stronger: float
    bad_threshold: float
    bad_takes: float  # interest, see `engagement_after`
    unserved_penalty: float
    wait_penalty: float  # per minute
    memory: Reals  # (3,): peak, end, mean
    performance_weight: float
    satisfaction_speed: float
    service_weight: float
    loyalty_gain: float
    habit_gain: float
    owners_go_back: int  # to where the need arose, whose search ends without a purchase
    score_neutral: float  # answer 0 to 10 at satisfaction 0, and what full satisfaction adds
    score_slope: float
    # touchpoints
    starts: Integers  # (J,)
    audience: Integers
    reach: Reals  # (J, P)
    pair: Integers  # (P, J): row of the touchpoint in the records of the phase, or NEVER
    quality: Reals  # (P, J, 2): mean, sd
    norm_follows: Reals  # (J,) share of the way to the mean quality, per day
    own_quality: Reals  # (J,) mean, whatever the phase
    norm: Reals
    accompanied: Integers  # flag
    salience: Reals
    unsubscribe: Reals  # chance per contact to end a permission
    habituation: Reals  # 0: none
    annoys: Reals  # 0: never
    cap: Integers  # contacts a day; 0: none
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
    waiting: Reals  # (J, D): factor on what a wait takes
    trigger: Integers  # NEVER: none
    trigger_phase: Integers
    trigger_source: Integers  # column of the days on which its touchpoint was met
    trigger_every: Integers  # days
    source: Integers  # (J,) column of the days on which this one is met, NEVER if nothing asks
    delay: Integers
    servers: Integers  # 0: no queue
    opens: Reals  # minutes
    closes: Reals
    service: Reals  # (J,): mean minutes
    service_constant: Integers
    shuts: Reals  # minute at which those who wait go home
    response: Reals  # minutes
    unserved_leave: Reals  # chance to give the journey up
    unserved_to_competitor: Reals
    phase_requires: NDArray[np.uint64]  # (P, words) bit j: to move on, j must have been met
    requires: NDArray[np.uint64]  # (J, words) likewise, to meet this one
    ordered: int  # whether anything is required anywhere
    once: Flags  # (J,) who was served does not come again in the journey
    comfort: Reals
    day_cost: Reals  # (J,) whatever happens; see `sim.model.money`
    staff_cost: Reals  # wages of a day
    order_share: Reals  # commission on orders by last click
    triggered: Integers  # which touchpoints have a trigger, a queue, carry talk
    desks: Integers
    carriers: Integers
    at_any_moment: Integers  # and which are met in a later moment of a day as well
    touchpoint_of_pair: Integers  # (pairs,): the touchpoint of each row of the records
    # talk and reviews
    talk_per_day: float
    fan_per_day: float
    negative_factor: float
    advocate_factor: float
    listeners_positive: int
    listeners_negative: int
    friends: int
    far_share: float
    talk_decay: Reals  # (D + 1,)
    deters: float
    sells_unknown: float
    review_chance: float
    review_extremity: float
    stars_neutral: float
    stars_slope: float
    usual_rating: float
    start_rating: float  # of the reviews before day 0
    start_reviews: float  # how many they were


START_CUSTOMERS, START_AWARENESS, START_ENGAGEMENT, START_TRUST = 0, 1, 2, 3
START_SATISFACTION, START_LOYALTY, START_PERMISSION, START_PERMISSION_PROSPECTS = 4, 5, 6, 7

EFFECT_AWARENESS, EFFECT_ENGAGEMENT, EFFECT_TRUST, EFFECT_EXPECTATION = 0, 1, 2, 3
EFFECT_FRICTION, EFFECT_PERMISSION, EFFECT_RECOVERY = 4, 5, 6

READY_AWARENESS, READY_ENGAGEMENT, READY_TRUST = 0, 1, 2
READY_EXPERIENCE, READY_SATISFACTION, READY_LOYALTY = 3, 4, 5

CHOICE_FIT, CHOICE_PRICE, CHOICE_TRUST, CHOICE_ENGAGEMENT = 0, 1, 2, 3
CHOICE_EXPERIENCE, CHOICE_SATISFACTION, CHOICE_LOYALTY, CHOICE_WAITING = 4, 5, 6, 7
CHOICE_HABIT = 8

# --- an event ---

EVENT = np.dtype(
    [
        ("customer", np.uint32),
        ("day", np.int16),
        ("event", np.int8),
        ("touchpoint", np.int16),
        ("phase", np.int8),
        ("to_phase", np.int8),
        ("offer", np.int8),
        ("route", np.int8),
        ("device", np.int8),
        ("visit", np.int8),
        ("value", np.float32),
    ],
    align=True,
)

# --- counters ---

SCORES = 11  # answers 0 to 10
STARS = 5
ROUTES = 4


class Count(IntEnum):
    """Columns counted per day and segment."""

    NEEDS = 0
    NEEDS_CONSIDERED = 1  # of these, with the brand in the set from the start
    NEEDS_LOYAL = 2  # of these, straight to the purchase phase
    ADDED = 3  # the brand came into the set on the way
    CHECKOUTS_STARTED = 4
    CHECKOUTS_ABANDONED = 5
    PURCHASES = 6
    NEW_CUSTOMERS = 7
    REACTIVATIONS = 8
    RENEWALS = 9
    CHURNED = 10  # subscribers who did not renew
    LAPSED = 11  # customers who stopped, subscribers included
    LEFT = 12  # journeys given up, without buying anywhere
    LOST = 13  # journeys that ended in a competitor's purchase
    WAITED = 14  # decisions to buy nothing today
    REVENUE = 15  # minor units, renewals included
    MARGIN = 16  # revenue less unit costs
    NEW_REVENUE = 17  # of first purchases
    NEW_MARGIN = 18
    RENEWAL_REVENUE = 19
    RENEWAL_MARGIN = 20
    TALKS_POSITIVE = 21
    TALKS_NEGATIVE = 22
    JUDGEMENTS = 23
    SATISFACTION = 24  # fixed point, summed over judgements
    REVIEWS = 25
    STARS = 26  # summed over reviews
    MOVED_AWAY = 27  # people who left the market
    CUSTOMERS_MOVED = 28  # of these, customers
    CHANGED_OFFER = 29  # subscribers who went on with another offer; renewals too
    CHURNED_TO_RIVAL = 30  # of those who did not renew


class Touch(IntEnum):
    """Columns counted per day, segment, phase and touchpoint."""

    ENCOUNTERS = 0
    CONTACTS = 1
    VISITS = 2
    FIRST_MET = 3  # customers who met it for the first time in the run
    QUALITY = 4  # fixed point, summed over encounters: perceived, before habituation
    BAD = 5
    WAIT = 6  # minutes, fixed point, of service touchpoints
    GAVE_UP = 7  # left the queue; counted in the encounters too
    SENT_HOME = 8  # at closing; counted in the encounters too
    SERVICE = 9  # minutes of work, fixed point, of service touchpoints


class Cohort(IntEnum):
    """Columns counted per segment, cohort and age in months."""

    PURCHASES = 0
    REVENUE = 1
    MARGIN = 2


class Tally(NamedTuple):
    """Integer counters; axis 0 is the chunk of customers that filled them."""

    census: NDArray[np.int64]  # (chunk, cells) change of the census
    flows: NDArray[np.int64]  # (chunk, S, P, P) moves from, to
    counts: NDArray[np.int64]  # (chunk, S, Count)
    purchases: NDArray[np.int64]  # (chunk, S, O, Route)
    sales: NDArray[np.int64]  # (chunk, S, O, Route) revenue of purchases, minor units
    add_ons: NDArray[np.int64]  # (chunk, S, O, A)
    losses: NDArray[np.int64]  # (chunk, S, R) to each rival offer
    touch: NDArray[np.int64]  # (chunk, S, pairs, Touch)
    commission: NDArray[np.int64]  # (chunk, J) revenue of orders by last click, minor units
    scores: NDArray[np.int64]  # (chunk, S, 11)
    stars: NDArray[np.int64]  # (chunk, 5)
    messages: NDArray[np.int64]  # (chunk, 2) listeners told good and bad
    cohorts: NDArray[np.int64]  # (chunk, S, months + 1, months + 1, Cohort); not zeroed daily


@rule
def month_of(day: int) -> int:
    """The month (0-based, twelve equal ones a year) that holds a day."""
    return day * MONTHS_PER_YEAR // DAYS_PER_YEAR


@rule
def cohort_of(first_day: int) -> int:
    """Where the counters of cohorts have a customer: 1 + month of first purchase; 0: before.

    `first_day`: since day 0, or BEFORE_START.
    """
    if first_day == BEFORE_START:
        return 0
    return 1 + month_of(first_day)


@rule
def since_start(first_day: int, past: int) -> int:
    """A first purchase counted from day 0, of one counted from the past's first day."""
    if first_day < 0:
        return first_day
    return first_day - past


@rule
def age_of(first_day: int, day: int) -> int:
    """A customer's age in months; of those from before day 0, since day 0."""
    if first_day == BEFORE_START:
        return month_of(day)
    return month_of(day - first_day)


@rule
def is_month_end(day: int, days: int) -> bool:
    """Whether the day is the last of its month, or of a run of so many days."""
    return day == days - 1 or month_of(day + 1) != month_of(day)


@rule
def months_in(days: int) -> int:
    """How many months a run of `days` touches."""
    return month_of(days - 1) + 1
