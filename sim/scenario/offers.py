"""What a scenario's customers can buy, from the firm and from its competitors."""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, needed, off, setting
from sim.scenario.parts import Money, Name, Normal, Part, Share, Text, Weight


class AddOn(Part):
    """Something sold with an offer."""

    price: Annotated[Money, needed("price", "price of the add-on", "currency", choice=True)]
    unit_cost: Money = setting(
        0.0, "unit cost", "what the add-on costs the firm", unit="currency", choice=True
    )
    chance: Share = assumed(
        0.1, "chance to be taken", "chance that a buyer who can pay takes it", unit="chance"
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
    attributes: dict[Name, Share] = setting(
        {}, "attribute level", "level on each need attribute; .5 where none is given", unit="0..1"
    )
    performance: Normal = off(Normal(), "performance", "how it turns out in use", unit="quality")
    appeal: Weight = off(0.0, "appeal", "utility of its own", unit="logit")
    add_ons: dict[Name, AddOn] = off({}, "add-ons", "things sold with it, by name; at most eight")
    subscription_days: Annotated[int, Field(ge=1, le=3650)] | None = off(
        None,
        "subscription period in days",
        "the price is paid again each so many days; none: bought once",
        unit="days",
        choice=True,
    )
    judgement_days: Annotated[int, Field(ge=0, le=365)] = assumed(
        7, "days to the judgement", "days from purchase to judgement", unit="days", choice=True
    )


class RivalOffer(Part):
    """Something to buy from a competitor."""

    price: Annotated[Money, needed("price", "price of the rival's offer", "currency")]
    attributes: dict[Name, Share] = setting(
        {}, "attribute level", "level on each need attribute; .5 where none is given", unit="0..1"
    )


class Competitor(Part):
    """A rival: its strength is a utility that all its offers have, logit."""

    strength: Weight = off(
        0.0, "strength", "utility that all offers of the rival have", unit="logit"
    )
    offers: Annotated[
        dict[Name, RivalOffer], Field(min_length=1), needed("offers", "the rival's offers by name")
    ]
