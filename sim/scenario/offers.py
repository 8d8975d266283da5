"""What a scenario's customers can buy, from the firm and from its competitors."""

from typing import Annotated

from pydantic import Field

from sim.scenario.parts import (
    Money,
    Name,
    Normal,
    Part,
    Share,
    Text,
    Weight,
)


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
    attributes: dict[Name, Share] = Field(default={})
    performance: Normal = Normal()
    appeal: Weight = Field(default=0.0, description="utility of its own, logit")
    add_ons: dict[Name, AddOn] = Field(default={})
    subscription_days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=None, description="the price is paid again each so many days"
    )
    judgement_days: Annotated[int, Field(ge=0, le=365)] = Field(
        default=7, description="days from purchase to the judgement of it"
    )


class RivalOffer(Part):
    """Something to buy from a competitor."""

    price: Money
    attributes: dict[Name, Share] = Field(default={})


class Competitor(Part):
    """A rival: its strength is a utility that all its offers have, logit."""

    strength: Weight = 0.0
    offers: dict[Name, RivalOffer] = Field(min_length=1)
