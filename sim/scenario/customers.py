"""The segments of a scenario: who its customers are."""

from typing import Annotated

from pydantic import Field

from sim.scenario.parts import (
    BetaShare,
    Name,
    NeedWeight,
    NotNegative,
    Part,
    Positive,
    Season,
    Share,
    Signed,
    Text,
)


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
    need_weights: dict[Name, NeedWeight] = Field(default={})
    budget: Positive = Positive(mean=1000.0)
    income_per_day: Positive = Positive(mean=100.0)
    price_sensitivity: Positive = Positive(mean=1.0)
    patience_minutes: Positive | None = Field(
        default=None,
        description="mean patience in a queue, drawn exponential a visit; none: endless",
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
