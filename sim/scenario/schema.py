"""What a scenario file may say: frozen pydantic models with bounds, units and short defaults.

A default that is not arithmetic rests on a published figure named beside it, or is an
assumption (docs/model.md lists which is which). Rules that span several fields are in
`sim.scenario.rules`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sim.draws import MAX_SEED
from sim.vocabulary import (
    Audience,
    Control,
    Label,
    Mixing,
    PhaseKind,
    Purpose,
    Shape,
    Starts,
    Tracking,
    Trigger,
)

MOST_MONEY = 1e9
MOST_DAYS = 7300  # twenty years
MOST_AGENTS = 50_000_000
MOST_TOUCHPOINTS = 56  # a customer's daily lots are one 64-bit word, a few of them are movements
NO_PATIENCE_LIMIT = 1e9  # minutes; longer than any day

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(max_length=4000)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Signed = Annotated[float, Field(ge=-1.0, le=1.0)]
Weight = Annotated[float, Field(ge=-100.0, le=100.0)]
NotNegative = Annotated[float, Field(ge=0.0, le=1e6)]
Money = Annotated[float, Field(ge=0.0, le=MOST_MONEY)]
HalfLife = Annotated[float, Field(ge=0.1, le=1e6)]
Minutes = Annotated[float, Field(ge=0.0, le=1e6)]
Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]


class Part(BaseModel):
    """Any piece of a scenario: unknown keys, NaN and infinities are errors; never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Normal(Part):
    """A normally distributed quantity."""

    mean: Signed = 0.0
    sd: Annotated[float, Field(ge=0.0, le=2.0)] = 0.0


class NeedWeight(Part):
    """How much customers of a segment care for a need attribute; drawn normal, cut at 0."""

    mean: Share = 0.5
    sd: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0


class Positive(Part):
    """A lognormally distributed positive trait: its mean and coefficient of variation."""

    mean: Money
    cv: Annotated[float, Field(ge=0.0, le=5.0)] = 0.0


class BetaShare(Part):
    """A chance that differs between customers, Beta(a, b): mean a/(a+b), concentration a+b.

    Without a concentration everybody has the mean.
    """

    mean: Share
    concentration: Annotated[float, Field(gt=0.0, le=1e6)] | None = None


class Season(Part):
    """A yearly wave: factor 1 + amplitude * cos(2 pi (day - peak_day) / 365)."""

    amplitude: Share = 0.0
    peak_day: Annotated[int, Field(ge=0, le=364)] = 0


class PhaseWeights(Part):
    """What the customer's stocks add to the readiness to move on (logit units)."""

    awareness: Weight = 0.0
    engagement: Weight = 0.0
    trust: Weight = 0.0
    experience: Weight = 0.0
    satisfaction: Weight = 0.0
    loyalty: Weight = 0.0


class Phase(Part):
    """A named stage of the journey."""

    kind: PhaseKind = Field(strict=False, description="one of the five kinds of phase")
    name_da: Text = ""
    label: Label | None = Field(
        default=None, strict=False, description="before, during or after the delivery"
    )
    pace_per_day: Share = Field(default=0.2, description="highest daily chance to move on")
    bias: Weight = Field(default=0.0, description="readiness to move on without any stock, logit")
    weights: PhaseWeights = PhaseWeights()
    skip: Share = Field(default=0.0, description="chance that a move jumps one phase")
    back_per_day: Share = Field(default=0.0, description="daily chance to fall back one phase")
    back_after_bad: Share = Field(default=0.0, description="chance after each bad encounter")
    leave_per_day: Share = Field(default=0.0, description="daily chance to give the journey up")
    leave_to_competitor: Share = Field(
        default=0.0, description="share of those giving up who buy elsewhere"
    )


class Checkout(Part):
    """What happens between choosing an offer and having paid for it."""

    # 0.70: carts abandoned 65 to 70 % (facts: average of about 50 studies).
    abandon: Share = Field(default=0.7, description="chance to abandon at friction 0")
    retry: Share = Field(default=0.0, description="share of the abandoned who stay to try again")
    to_competitor: Share = Field(
        default=0.0, description="share of the others who buy from a competitor"
    )


class Choice(Part):
    """Weights of the multinomial logit in the purchase phase (assumptions, logit units)."""

    fit: Weight = 2.0
    price: Annotated[float, Field(ge=0.0, le=100.0)] = Field(
        default=2.0, description="per price / budget, times the customer's price sensitivity"
    )
    trust: Weight = 1.0
    engagement: Weight = 0.5
    experience: Weight = 0.5
    satisfaction: Weight = 0.5
    loyalty: Weight = 1.0
    waiting: Weight = Field(default=-1.0, description="utility of buying nothing today")


class Memory(Part):
    """Remembered experience = peak * largest + end * last + mean * average.

    The peak-end average and the plain mean predict the remembered experience about
    equally (Alaybek et al. 2022), hence a half in each by default.
    """

    peak: Share = 0.25
    end: Share = 0.25
    mean: Share = 0.5


class Behaviour(Part):
    """Constants of perception and ownership that hold for every customer."""

    awareness_half_life_days: HalfLife = 60.0  # assumption
    engagement_half_life_days: HalfLife = 17.5  # 2.5 weeks: Leone 1995, consumer goods mean
    loyalty_half_life_days: HalfLife = 365.0  # assumption
    familiarity_half_life_days: HalfLife = 30.0  # assumption
    bad_is_stronger: Annotated[float, Field(ge=1.0, le=10.0)] = 2.0  # assumption
    bad_threshold: Annotated[float, Field(ge=-1.0, le=0.0)] = -0.25  # assumption
    wait_penalty_per_hour: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0  # assumption
    memory: Memory = Memory()
    performance_weight: Share = Field(
        default=0.6, description="performance against experience, in satisfaction"
    )
    satisfaction_speed: Share = 0.7  # assumption: weight of the newest purchase
    service_weight: Share = 0.1  # assumption: what one encounter after purchase moves
    loyalty_gain: Share = 0.3  # assumption


class Journey(Part):
    """The phases, in order, and what holds between them."""

    shape: Shape = Field(default=Shape.LOOP, strict=False)
    needs: list[Name] = Field(
        default=["value"], min_length=1, max_length=8, description="need attributes"
    )
    phases: dict[Name, Phase] = Field(min_length=3, max_length=9)
    checkout: Checkout = Checkout()
    choice: Choice = Choice()
    behaviour: Behaviour = Behaviour()


class Need(Part):
    """How often the need arises: Poisson, with gamma rates across customers."""

    rate_per_year: Annotated[float, Field(ge=0.0, le=1000.0)] = 2.0
    gamma_shape: Annotated[float, Field(ge=0.01, le=1e6)] | None = Field(
        default=None, description="shape of the gamma distribution of rates; none: all alike"
    )
    season: Season = Season()


class Start(Part):
    """Where customers stand on day 0."""

    customers: Share = Field(default=0.0, description="share who already are customers")
    awareness: Share = 0.0
    engagement: NotNegative = 0.0
    trust: Share = 0.5
    satisfaction: Signed = 0.0
    loyalty: Share = 0.0
    permission: Share = Field(default=0.0, description="share of customers who may be contacted")
    permission_prospects: Share = 0.0


class Lapse(Part):
    """How customers without a subscription stop being customers."""

    per_day: Share = 0.0
    per_purchase: BetaShare = BetaShare(mean=0.0)
    satisfaction_effect: Annotated[float, Field(ge=0.0, le=3.0)] = Field(
        default=1.0, description="hazard times exp(-effect * satisfaction)"
    )


class Renewal(Part):
    """How subscribers decide at each renewal."""

    churn: BetaShare = BetaShare(mean=0.1)
    satisfaction_effect: Annotated[float, Field(ge=0.0, le=10.0)] = Field(
        default=1.0, description="satisfaction times this lowers the log-odds of churning"
    )


class Segment(Part):
    """A share of the market with its own means; every customer draws its own values."""

    share: Share
    name_da: Text = ""
    need: Need = Need()
    need_weights: dict[Name, NeedWeight] = {}
    budget: Positive = Positive(mean=1000.0)
    income_per_day: Positive = Positive(mean=100.0)
    price_sensitivity: Positive = Positive(mean=1.0)
    patience_minutes: Positive | None = Field(
        default=None, description="mean patience in a queue, drawn exponential a visit; none: endless"
    )
    sociability: Positive = Positive(mean=1.0)
    affinities: dict[Name, NotNegative] = Field(
        default={}, description="per touchpoint: multiplies the rate of encounters; default 1"
    )
    affinity_spread: Share = Field(
        default=0.0, description="customers' own factor, uniform on 1 - spread to 1 + spread"
    )
    devices: Annotated[int, Field(ge=1, le=10)] = 1
    start: Start = Start()
    lapse: Lapse = Lapse()
    renewal: Renewal = Renewal()


class AddOn(Part):
    """Something sold with an offer."""

    price: Money
    unit_cost: Money = 0.0
    chance: Share = 0.1


class Offer(Part):
    """Something to buy from the firm."""

    name_da: Text = ""
    price: Money
    unit_cost: Money = 0.0
    attributes: dict[Name, Share] = {}
    performance: Normal = Normal()
    appeal: Weight = Field(default=0.0, description="utility of its own, logit")
    add_ons: dict[Name, AddOn] = {}
    subscription_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=None, description="the price is paid again each so many days"
    )
    judgement_days: Annotated[int, Field(ge=0, le=365)] = Field(
        default=7, description="days from purchase to the judgement of it"
    )


class RivalOffer(Part):
    """Something to buy from a competitor."""

    price: Money
    attributes: dict[Name, Share] = {}


class Competitor(Part):
    """A rival: its strength is a utility that all its offers have, logit."""

    strength: Weight = 0.0
    offers: dict[Name, RivalOffer] = Field(min_length=1)


class Effects(Part):
    """What one encounter does, before message fit: shares of the room left, or amounts."""

    awareness: Share = 0.0
    engagement: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    trust: Share = 0.0
    expectation: Share = 0.0
    friction: Annotated[float, Field(ge=-10.0, le=10.0)] = 0.0
    permission: Share = Field(default=0.0, description="chance that permission is given")
    recovery: Share = Field(default=0.0, description="share of a hurt satisfaction given back")


class Cost(Part):
    """What a touchpoint costs, any of these together."""

    per_day: Money = 0.0
    per_contact: Money = 0.0
    per_click: Money = 0.0
    per_visit: Money = 0.0
    per_order_share: Share = Field(
        default=0.0, description="share of revenue of orders whose last click was here"
    )
    per_staff_hour: Money = 0.0


class Flight(Part):
    """When a touchpoint runs and how its budget moves over the year."""

    start_day: Days = 0
    days_on: Annotated[int, Field(ge=1, le=MOST_DAYS)] = MOST_DAYS
    days_off: Days = 0
    season: Season = Season()


class Capacity(Part):
    """A service touchpoint's servers and opening hours."""

    servers: Annotated[int, Field(ge=1, le=10000)] = 1
    opens_hour: Annotated[float, Field(ge=0.0, le=24.0)] = 9.0
    closes_hour: Annotated[float, Field(ge=0.0, le=24.0)] = 17.0
    service_minutes: Annotated[float, Field(ge=0.0, le=1440.0)] = 10.0
    service_constant: bool = Field(
        default=False, description="every service takes the mean; otherwise exponential"
    )
    response_minutes: Minutes = Field(
        default=0.0, description="fixed time before anybody answers, added to every wait"
    )
    comfort: Share = Field(default=0.0, description="1: waiting is not felt at all")


class Touchpoint(Part):
    """A place where customer and firm, or other customers, can meet."""

    name_da: Text = ""
    enabled: bool = True
    starts: Starts = Field(strict=False)
    control: Control = Field(default=Control.OWNED, strict=False)
    purpose: Purpose = Field(default=Purpose.ACQUISITION, strict=False)
    audience: Audience = Field(default=Audience.ALL, strict=False)
    reach: dict[Name, Share] = Field(
        default={}, description="per phase: daily chance; of paid push: relative weight"
    )
    quality: Normal = Normal()
    norm: Signed = 0.0
    habituation: Annotated[float, Field(gt=0.0, le=1e6)] | None = Field(
        default=None, description="exposures after which a pleasant encounter has lost half"
    )
    message: dict[Name, Share] = Field(
        default={}, description="weights on need attributes; empty: the same on all"
    )
    personalised: bool = Field(default=False, description="the message fits each segment's mean")
    promise: Signed = 0.0
    effects: Effects = Effects()
    effects_in: dict[Name, Effects] = Field(default={}, description="effects of their own, per phase")
    cost: Cost = Cost()
    budget_per_day: Money | None = None
    flight: Flight = Flight()
    tracking: Tracking = Field(default=Tracking.NONE, strict=False)
    click_chance: Share = Field(
        default=0.0, description="chance that an encounter becomes a visit to the firm's place"
    )
    capacity: Capacity | None = None
    trigger: Trigger | None = Field(default=None, strict=False)
    delay_days: Annotated[int, Field(ge=0, le=365)] = Field(
        default=1, description="days from the trigger to the encounter"
    )
    shows_rating: bool = Field(default=False, description="its quality is the public rating")


class Talk(Part):
    """Word of mouth. A talk is told to so many listeners and felt the next day."""

    per_day: Share = Field(default=0.0, description="daily chance of a fully satisfied customer")
    fan_per_day: Share = Field(
        default=0.0, description="daily chance of a fully aware person who owns nothing"
    )
    negative_factor: Annotated[float, Field(ge=0.0, le=10.0)] = 1.5  # assumption: bad is told more
    advocate_factor: Annotated[float, Field(ge=0.0, le=20.0)] = 3.0  # assumption
    listeners_positive: Annotated[int, Field(ge=0, le=100)] = 1
    listeners_negative: Annotated[int, Field(ge=0, le=100)] = 2  # assumption: to more people
    mixing: Mixing = Field(default=Mixing.RANDOM, strict=False)
    friends: Annotated[int, Field(ge=1, le=100)] = 8  # assumption
    far_share: Share = Field(default=0.1, description="share of friends who are random others")


class Reviews(Part):
    """Public reviews, one to five stars."""

    chance: Share = Field(default=0.0, description="chance that a judgement is posted")
    start_rating: Annotated[float, Field(ge=1.0, le=5.0)] = 4.0
    start_count: Annotated[int, Field(ge=1, le=10_000_000)] = 100
    # One-star reviews hurt more than five-star ones help (Chevalier & Mayzlin 2006).
    usual_rating: Annotated[float, Field(ge=1.0, le=5.0)] = Field(
        default=4.0, description="the rating felt as neither good nor bad"
    )


class Scenario(Part):
    """A complete scenario: market, journey, offers, rivals and touchpoints."""

    name: Name
    title: Text = ""
    title_da: Text = ""
    description: Text = ""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "DKK"
    population: Annotated[int, Field(ge=1, le=10_000_000_000)] = 100_000
    agents: Annotated[int, Field(ge=1, le=MOST_AGENTS)] = 10_000
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 365
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 1
    panel: Share = Field(default=0.01, description="share of customers with a full event log")
    discount_rate_per_year: Share = 0.1
    journey: Journey
    segments: dict[Name, Segment] = Field(min_length=1, max_length=20)
    offers: dict[Name, Offer] = Field(min_length=1, max_length=20)
    competitors: dict[Name, Competitor] = Field(default={}, max_length=20)
    touchpoints: dict[Name, Touchpoint] = Field(default={}, max_length=MOST_TOUCHPOINTS)
    talk: Talk = Talk()
    reviews: Reviews = Reviews()
