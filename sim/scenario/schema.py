"""What a scenario file may say: frozen pydantic models with bounds, units and short defaults.

A default that is not arithmetic rests on a published figure named beside it, or is an
assumption (docs/model.md lists which is which). Rules that span several fields are in
`sim.scenario.rules`. The pieces are defined beside this module, by subject, and named here.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from sim.scenario.customers import Lapse, Need, Renewal, Segment, Start
from sim.scenario.journey import (
    Behaviour,
    Checkout,
    Choice,
    Journey,
    Memory,
    Phase,
    PhaseWeights,
)
from sim.scenario.offers import AddOn, Competitor, Offer, RivalOffer
from sim.scenario.parts import (
    MOST_AGENTS,
    MOST_DAYS,
    MOST_TOUCHPOINTS,
    BetaShare,
    Name,
    NeedWeight,
    Normal,
    Part,
    Positive,
    Season,
    Share,
    Text,
)
from sim.scenario.touchpoints import Capacity, Cost, Effects, Flight, Touchpoint
from sim.scenario.tracking import Trail
from sim.vocabulary import MAX_SEED, Mixing

__all__ = [
    "AddOn",
    "Behaviour",
    "BetaShare",
    "Capacity",
    "Checkout",
    "Choice",
    "Competitor",
    "Cost",
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
    "Talk",
    "Touchpoint",
    "Trail",
]


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
    description_da: Text = ""
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
    tracking: Trail = Trail()
