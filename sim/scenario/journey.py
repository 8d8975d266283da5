"""The journey of a scenario: its phases, and what holds between them."""

from typing import Annotated

from pydantic import Field

from sim.scenario.parts import (
    HalfLife,
    Name,
    Part,
    Share,
    Text,
    Weight,
)
from sim.vocabulary import Label, PhaseKind, Shape


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
    engagement_half_life_days: HalfLife = 17.5  # 2.5 weeks: practitioners' average (2nd hand)
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
