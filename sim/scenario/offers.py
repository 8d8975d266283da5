"""What a scenario's customers can buy, from the firm and from its competitors."""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, needed, off, setting
from sim.scenario.parts import Days, Money, Name, Normal, Part, Share, Text, Weight


class AddOn(Part):
    """Something sold with an offer."""

    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    price: Annotated[Money, needed("price", "price of the add-on", "currency", choice=True)]
    unit_cost: Money = setting(
        0.0, "unit cost", "what the add-on costs the firm", unit="currency", choice=True
    )
    chance: Share = assumed(
        0.1, "chance to be taken", "chance that a buyer who can afford it takes it", unit="chance"
    )
    chance_of_customers: Share | None = off(
        None,
        "chance to be taken by customers",
        "of buyers who were customers already; none: as the others",
        unit="chance",
    )
    need: Name | None = off(
        None,
        "need it answers",
        "need attribute: the chance is in proportion to the buyer's weight on it; none: the same",
    )


class Basket(Part):
    """How the size of an order varies: lognormal around the offer's price and unit cost."""

    cv: Annotated[float, Field(ge=0.0, le=5.0)] = off(
        0.0, "spread of orders", "standard deviation / mean of an order's size", unit="share"
    )
    between: Share = assumed(
        0.5,
        "spread between customers",
        "share of the variance (of the logarithm) that lies between customers; the rest lies"
        " between a customer's orders",
        unit="share",
    )


class Offer(Part):
    """Something to buy from the firm."""

    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    price: Annotated[
        Money,
        needed(
            "price", "price of one purchase, or of one subscription period", "currency", choice=True
        ),
    ]
    unit_cost: Money = setting(
        0.0, "unit cost", "what delivering it costs the firm", unit="currency", choice=True
    )
    paid_by_others: Money = off(
        0.0,
        "paid by others",
        "what someone else pays the firm for a purchase or a period, in addition to the price",
        unit="currency",
        choice=True,
    )
    basket: Basket = off(Basket(), "basket", "how the size of an order varies")
    attributes: dict[Name, Share] = setting(
        {}, "attribute level", "level on each need attribute; 0.5 where none is given", unit="0..1"
    )
    performance: Normal = off(
        Normal(), "product performance", "how it turns out in use", unit="quality"
    )
    appeal: Weight = off(0.0, "appeal", "utility of its own", unit="logit")
    launch_day: Days = off(
        0, "launch day", "first day on which it can be bought", unit="day", choice=True
    )
    add_ons: dict[Name, AddOn] = off({}, "add-ons", "things sold with it, by name; at most eight")
    subscription_days: Annotated[int, Field(ge=1, le=3650)] | None = off(
        None,
        "subscription period in days",
        "days after which the price is paid again; none: bought once",
        unit="days",
        choice=True,
    )
    judgement_days: Annotated[int, Field(ge=0, le=365)] = assumed(
        7,
        "days to the evaluation",
        "days from purchase to post-purchase evaluation",
        unit="days",
        choice=True,
    )


class RivalOffer(Part):
    """Something to buy from a competitor."""

    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    price: Annotated[Money, needed("price", "price of the competitor's offer", "currency")]
    appeal: Weight = off(
        0.0, "appeal", "utility of its own, in addition to the strength", unit="logit"
    )
    subscription_days: Annotated[int, Field(ge=1, le=3650)] | None = off(
        None,
        "subscription period in days",
        "days that the price is for, and whose income it is held against; none: bought once",
        unit="days",
    )
    attributes: dict[Name, Share] = setting(
        {}, "attribute level", "level on each need attribute; 0.5 where none is given", unit="0..1"
    )


class Competitor(Part):
    """A rival: its strength is a utility that all its offers have, logit."""

    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    follows_price: Share = off(
        0.0,
        "follows the firm's prices",
        "share of a change of the firm's mean price that its own prices make too",
        unit="share",
    )
    follows_after_days: Days = assumed(
        30, "delay of following", "days until it has followed", unit="days"
    )
    strength: Weight = off(
        0.0, "strength", "utility that all offers of the competitor have", unit="logit"
    )
    offers: Annotated[
        dict[Name, RivalOffer],
        Field(min_length=1),
        needed("offers", "the competitor's offers by name"),
    ]
