"""The touchpoints of a scenario: where customers and firm can meet."""

from typing import Annotated

from pydantic import Field

from sim.scenario.parts import (
    MOST_DAYS,
    Days,
    Minutes,
    Money,
    Name,
    Normal,
    Part,
    Season,
    Share,
    Signed,
    Text,
)
from sim.vocabulary import Audience, Control, Purpose, Starts, Tracking, Trigger


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
        default=0.0, description="share of revenue of orders whose last non-direct click was here"
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
    effects_in: dict[Name, Effects] = Field(
        default={}, description="effects of their own, per phase"
    )
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
