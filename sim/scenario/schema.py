"""What a scenario file may say: frozen pydantic models with bounds, units and short defaults.

Each field says once what it is and what its default rests on (`sim.scenario.declare`); section 8
of docs/model.md is made from that. Rules that span several fields are in `sim.scenario.rules`.
The pieces are defined beside this module, by subject, and named here.
"""

from typing import Annotated, Self

from pydantic import Field, PrivateAttr, StringConstraints

from sim.scenario.customers import Lapse, Need, Renewal, Segment, Start
from sim.scenario.days import DayState
from sim.scenario.declare import assumed, group, needed, off, setting
from sim.scenario.journey import Behaviour, Checkout, Choice, Journey, Memory, Phase, PhaseWeights
from sim.scenario.offers import AddOn, Competitor, Offer, RivalOffer
from sim.scenario.parts import (
    MOST_AGENTS,
    MOST_DAYS,
    MOST_TOUCHPOINTS,
    BetaShare,
    Days,
    HalfLife,
    Name,
    NeedWeight,
    Normal,
    Part,
    Positive,
    Season,
    Share,
    Text,
)
from sim.scenario.surveys import Survey
from sim.scenario.touchpoints import Capacity, Cost, Effects, Flight, Touchpoint
from sim.scenario.tracking import Trail
from sim.vocabulary import MAX_SEED, Mixing, Since

__all__ = [
    "AddOn",
    "Behaviour",
    "BetaShare",
    "Capacity",
    "Change",
    "Checkout",
    "Choice",
    "Competitor",
    "Cost",
    "DayState",
    "Effects",
    "Flight",
    "Journey",
    "Lapse",
    "Memory",
    "Need",
    "NeedWeight",
    "Normal",
    "Offer",
    "Part",
    "Phase",
    "PhaseWeights",
    "Positive",
    "Renewal",
    "Reviews",
    "RivalOffer",
    "Scenario",
    "Season",
    "Segment",
    "Start",
    "Survey",
    "Talk",
    "Touchpoint",
    "Trail",
]


class Talk(Part):
    """Word of mouth. A talk is told to so many listeners and felt the next day."""

    per_day: Share = off(
        0.0,
        "word of mouth per day",
        "chance that a fully satisfied customer of sociability 1 tells others",
        unit="per day",
    )
    fan_per_day: Share = off(
        0.0,
        "word of mouth of non-customers per day",
        "chance that a fully aware person who never was a customer recommends",
        unit="per day",
    )
    negative_factor: Annotated[float, Field(ge=0.0, le=10.0)] = assumed(
        1.5,
        "word of mouth of the dissatisfied",
        "factor on how often the dissatisfied tell others",
        unit="factor",
    )
    advocate_factor: Annotated[float, Field(ge=0.0, le=20.0)] = assumed(
        3.0,
        "word of mouth of advocates",
        "factor on how often customers in an advocate phase tell others",
        unit="factor",
    )
    listeners_positive: Annotated[int, Field(ge=0, le=100)] = assumed(
        1, "listeners to a recommendation", "people reached by one recommendation", unit="people"
    )
    listeners_negative: Annotated[int, Field(ge=0, le=100)] = assumed(
        2, "listeners to a warning", "people reached by one warning", unit="people"
    )
    mixing: Mixing = setting(Mixing.RANDOM, "who listens", "anyone, or only friends", strict=False)
    friends: Annotated[int, Field(ge=1, le=100)] = assumed(
        8, "friends", "friends of each customer, in a network", unit="people"
    )
    far_share: Share = assumed(
        0.1, "distant friends", "share of friends who are random others", unit="share"
    )
    half_life_days: HalfLife | None = assumed(
        60.0,
        "half-life of word of mouth in days",
        "half-life of the wish to tell others since the last purchase or post-purchase"
        " evaluation; none: never decays",
        unit="days",
    )
    deters: Share = assumed(
        0.2,
        "deterrence by warnings",
        "share that a warning at quality -1 puts off: the chance to drop the brand from the set,"
        " and the part of awareness that turns into doubt",
        unit="share",
        note="recommendations usually move more than warnings: East et al. (2008)",
    )
    sells_unknown: Share = off(
        0.0,
        "bad news about the unknown",
        "share of the awareness that a warning makes which is without doubt",
        unit="share",
    )


class Stars(Part):
    """Stars 1 to 5 that a judgement posts: neutral + slope x satisfaction."""

    neutral: Annotated[float, Field(ge=1.0, le=5.0)] = assumed(
        3.0, "stars at satisfaction 0", "stars at satisfaction 0", unit="stars"
    )
    slope: Annotated[float, Field(ge=0.0, le=10.0)] = assumed(
        2.0, "slope of stars", "what full satisfaction adds to the stars", unit="stars"
    )


class Reviews(Part):
    """Public reviews, one to five stars."""

    chance: Share = off(
        0.0, "chance of a review", "chance that a post-purchase evaluation is posted", unit="chance"
    )
    extremity: Share = off(
        0.0,
        "extremity of reviews",
        "share of that chance which grows with the square of satisfaction",
        unit="share",
    )
    stars: Stars = group(Stars(), "stars", "how many stars a post-purchase evaluation gives")
    start_rating: Annotated[float, Field(ge=1.0, le=5.0)] = assumed(
        4.0, "rating at the start", "mean of the reviews before day 0", unit="stars"
    )
    start_count: Annotated[int, Field(ge=1, le=10_000_000)] = assumed(
        100, "reviews at the start", "reviews posted before day 0", unit="reviews"
    )
    usual_rating: Annotated[float, Field(ge=1.0, le=5.0)] = assumed(
        4.0,
        "usual rating",
        "the rating felt as neither good nor bad",
        unit="stars",
        note="that few stars hurt more than many help: Chevalier & Mayzlin (2006)",
    )


class Change(Part):
    """What is different from a day of the run on."""

    day: Annotated[Days, needed("day", "day of the run from which on it holds", "day", choice=True)]
    set: Annotated[
        list[Text],
        Field(min_length=1, max_length=200),
        needed("settings", "parameters and their new values, each PATH=VALUE", choice=True),
    ]


class Scenario(Part):
    """A complete scenario: market, journey, offers, rivals and touchpoints."""

    name: Annotated[Name, needed("name", "what the scenario is called; a name in lower case")]
    title: Text = setting("", "title", "one line for readers")
    title_da: Text = setting("", "Danish title", "the title in Danish")
    description: Text = setting("", "description", "a paragraph for readers")
    description_da: Text = setting("", "Danish description", "the description in Danish")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = setting(
        "DKK", "currency", "three letters; all money is in it", choice=True
    )
    population: Annotated[int, Field(ge=1, le=10_000_000_000)] = setting(
        100_000, "population", "real people in the market", unit="people"
    )
    agents: Annotated[int, Field(ge=1, le=MOST_AGENTS)] = setting(
        10_000,
        "simulated customers",
        "customers who stand for the people in the market",
        unit="customers",
        choice=True,
    )
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = setting(
        365, "days simulated", "length of the run", unit="days", choice=True
    )
    past_days: Days = off(
        0,
        "days of the past",
        "days before day 0 that are simulated but not reported, under the scenario as written",
        unit="days",
    )
    variants: Since = setting(
        Since.TODAY,
        "when variants differ",
        "whether what is compared with this market differs from day 0 on, or always did",
        choice=True,
        strict=False,
    )
    turnover_per_year: Share = off(
        0.0,
        "turnover of people",
        "share of people who leave the market in a year and are replaced by newcomers who know"
        " nothing",
        unit="per year",
    )
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = setting(
        1, "seed", "seed of all draws; 0 is a seed like any other", choice=True
    )
    panel: Share = setting(
        0.01, "panel", "share of customers whose every event is logged", unit="share", choice=True
    )
    discount_rate_per_year: Share = assumed(
        0.1,
        "discount rate per year",
        "discounts customer value in the measures; behaviour does not use it",
        unit="per year",
    )
    journey: Annotated[
        Journey, needed("journey", "the phases, in order, and what holds between them")
    ]
    segments: Annotated[
        dict[Name, Segment],
        Field(min_length=1, max_length=20),
        needed("segments", "the segments by name"),
    ]
    offers: Annotated[
        dict[Name, Offer],
        Field(min_length=1, max_length=20),
        needed("offers", "the firm's offers by name"),
    ]
    competitors: Annotated[dict[Name, Competitor], Field(max_length=20)] = off(
        {}, "competitors", "the competitors by name"
    )
    touchpoints: Annotated[dict[Name, Touchpoint], Field(max_length=MOST_TOUCHPOINTS)] = off(
        {}, "touchpoints", "the touchpoints by name"
    )
    day_states: Annotated[dict[Name, DayState], Field(max_length=20)] = off(
        {}, "states of the day", "days that everyone shares, by name: rain, pay day, holiday"
    )
    changes: Annotated[list[Change], Field(max_length=200)] = off(
        [], "changes", "what changes from a day on: plans, launches, prices, competitors"
    )
    talk: Talk = group(
        Talk(),
        "what customers tell others: recommendations and warnings",
        "what customers tell others: recommendations and warnings",
    )
    reviews: Reviews = group(Reviews(), "reviews", "public reviews, one to five stars")
    tracking: Trail = group(Trail(), "web tracking", "how far web analytics can follow a person")
    surveys: Annotated[dict[Name, Survey], Field(max_length=20)] = off(
        {}, "surveys", "surveys by name: people asked on an evening, and what they did then"
    )

    # The market that the past is lived under, where that is another; see `levers.from_today`.
    _before: Self | None = PrivateAttr(None)

    @property
    def before(self) -> Self:
        """The market under which the past is lived: this one unless it was changed on day 0."""
        return self if self._before is None else self._before

    def out_of(self, before: Self) -> Self:
        """This market, out of the past of another with the same people, seed and days."""
        changed = self.model_copy()
        changed._before = before.before
        return changed
