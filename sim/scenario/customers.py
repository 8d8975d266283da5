"""The segments of a scenario: who its customers are."""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, group, needed, off, setting
from sim.scenario.parts import (
    BetaShare,
    Money,
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

    rate_per_year: Annotated[float, Field(ge=0.0, le=1000.0)] = assumed(
        2.0, "needs per year", "mean rate of needs", unit="per year"
    )
    gamma_shape: Annotated[float, Field(ge=0.01, le=1e6)] | None = off(
        None,
        "evenness of needs",
        "shape of the gamma distribution of rates across customers; none: all alike",
    )
    season: Season = off(Season(), "season of needs", "yearly wave of the rate")


class Start(Part):
    """Where customers stand on day 0."""

    customers: Share = off(
        0.0, "customers at the start", "share who are customers on day 0", unit="share"
    )
    awareness: Share = off(0.0, "awareness at the start", "awareness on day 0", unit="0..1")
    engagement: NotNegative = off(
        0.0, "engagement at the start", "engagement on day 0", unit="stock"
    )
    trust: Share = assumed(0.5, "trust at the start", "trust on day 0; 0.5: undecided", unit="0..1")
    satisfaction: Signed = off(
        0.0,
        "satisfaction at the start",
        "satisfaction of those who are customers on day 0",
        unit="-1..1",
    )
    loyalty: Share = off(
        0.0, "loyalty at the start", "loyalty of those who are customers on day 0", unit="0..1"
    )
    permission: Share = off(
        0.0,
        "permission of customers at the start",
        "share of customers on day 0 who may be contacted one-to-one",
        unit="share",
    )
    permission_prospects: Share = off(
        0.0,
        "permission of prospects at the start",
        "share of the others who may be contacted one-to-one",
        unit="share",
    )


class Lapse(Part):
    """How customers without a subscription stop being customers."""

    per_day: Share = off(
        0.0, "churn per day", "chance to stop being a customer at satisfaction 0", unit="per day"
    )
    per_purchase: BetaShare = off(
        BetaShare(mean=0.0),
        "churn per purchase",
        "chance to churn after a post-purchase evaluation at satisfaction 0",
        unit="chance",
    )
    forgets: Share = off(
        0.0,
        "forgotten at churn",
        "share of awareness, engagement and satisfaction lost at churn",
        unit="share",
    )
    satisfaction_effect: Annotated[float, Field(ge=0.0, le=3.0)] = assumed(
        1.0,
        "effect of satisfaction on churn",
        "log hazard per day and log-odds per purchase fall by this times satisfaction",
        unit="logit",
    )


class Renewal(Part):
    """How subscribers decide at each renewal."""

    churn: BetaShare = assumed(
        BetaShare(mean=0.1),
        "churn at renewal",
        "chance not to renew at satisfaction 0",
        unit="chance",
    )
    satisfaction_effect: Annotated[float, Field(ge=0.0, le=10.0)] = assumed(
        1.0,
        "effect of satisfaction on renewal",
        "log-odds of churning fall by this times satisfaction",
        unit="logit",
    )
    loyalty_effect: Annotated[float, Field(ge=0.0, le=10.0)] = off(
        0.0,
        "effect of loyalty on renewal",
        "log-odds of churning fall by this times loyalty",
        unit="logit",
    )
    price_effect: Annotated[float, Field(ge=0.0, le=1000.0)] = off(
        0.0,
        "effect of price on renewal",
        "log-odds of churning rise by this times price sensitivity times what the price is above"
        " the one paid last, or above the cheapest competitor subscription and the cost of"
        " switching, as a share of the period's income",
        unit="logit",
    )
    switching_cost: Money = off(
        0.0,
        "switching cost",
        "what switching to a competitor costs in addition to its price",
        unit="currency",
    )
    looks_around: Share = off(
        0.0,
        "churners who compare offers",
        "chance that a customer who does not renew compares the firm's other subscriptions and"
        " the competitors' at once, and takes the best or none",
        unit="chance",
    )


class Segment(Part):
    """A share of the market with its own means; every customer draws its own values."""

    share: Annotated[
        Share, needed("share of the market", "share of the market; shares add up to 1", "share")
    ]
    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    need: Need = group(Need(), "need", "how often the need arises")
    need_weights: dict[Name, NeedWeight] = setting(
        {},
        "need weight",
        "mean and spread per need attribute; empty: all weigh alike; in part: the others weigh 0",
    )
    budget: Positive = assumed(
        Positive(mean=1000.0), "budget", "most that a customer has to spend", unit="currency"
    )
    income_per_day: Positive = assumed(
        Positive(mean=100.0), "income per day", "refills the money", unit="currency per day"
    )
    price_sensitivity: Positive = setting(
        Positive(mean=1.0), "price sensitivity", "factor on the price weight", unit="factor"
    )
    patience_minutes: Positive | None = off(
        None,
        "patience in minutes",
        "a customer's mean patience in a queue, drawn exponential a visit; none: endless",
        unit="minutes",
    )
    sociability: Positive = setting(
        Positive(mean=1.0),
        "sociability",
        "factor on word of mouth; cut at three times its mean",
        unit="factor",
    )
    affinities: dict[Name, NotNegative] = off(
        {},
        "affinity",
        "factor per touchpoint on its rate of encounters; 1 where none is given",
        unit="factor",
    )
    affinity_spread: Share = off(
        0.0,
        "spread of affinity",
        "customers' own factor on each rate: uniform, 1 - spread to 1 + spread",
        unit="share",
    )
    companion_share: Share = off(
        0.0,
        "share with a companion",
        "share of people who have a companion with them where a touchpoint is `accompanied`",
        unit="share",
    )
    companion_weight: Share = assumed(
        0.5,
        "weight of the companion",
        "weight of the companion's own experience of such an encounter against one's own",
        unit="share",
    )
    devices: Annotated[int, Field(ge=1, le=10)] = setting(
        1,
        "devices",
        "an encounter of the panel is logged on one of them; behaviour does not use it",
        unit="devices",
    )
    start: Start = group(Start(), "start", "where customers stand on day 0")
    lapse: Lapse = group(Lapse(), "lapse", "how customers without a subscription stop")
    renewal: Renewal = group(Renewal(), "renewal", "how subscribers decide at each renewal")
