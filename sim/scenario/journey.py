"""The journey of a scenario: its phases, and what holds between them."""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, group, needed, off, published, setting
from sim.scenario.parts import HalfLife, Name, Part, Share, Text, Weight
from sim.vocabulary import Label, PhaseKind, Shape

ALAYBEK = "Alaybek et al. (2022)"
HALF_EACH = "peak-end and mean predict about equally, hence a half each"


class PhaseWeights(Part):
    """What the customer's stocks add to the readiness to move on (logit units)."""

    awareness: Weight = off(
        0.0, "weight of awareness", "what awareness adds to readiness", unit="logit"
    )
    engagement: Weight = off(
        0.0, "weight of engagement", "what engagement adds to readiness", unit="logit"
    )
    trust: Weight = off(0.0, "weight of trust", "what trust adds to readiness", unit="logit")
    experience: Weight = off(
        0.0, "weight of experience", "what experience adds to readiness", unit="logit"
    )
    satisfaction: Weight = off(
        0.0, "weight of satisfaction", "what satisfaction adds to readiness", unit="logit"
    )
    loyalty: Weight = off(0.0, "weight of loyalty", "what loyalty adds to readiness", unit="logit")


class Phase(Part):
    """A named stage of the journey."""

    kind: Annotated[
        PhaseKind,
        needed("kind of phase", "what the customer does there", choice=True, strict=False),
    ]
    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    label: Label | None = setting(
        None,
        "label",
        "service-design label, for reports; behaviour does not use it",
        choice=True,
        strict=False,
    )
    pace_per_day: Share = assumed(
        0.2,
        "pace per day",
        "highest daily chance to move on; in the purchase phase, the daily chance to decide",
        unit="per day",
    )
    same_day: bool = off(
        False,
        "same-day phase",
        "a customer who moves into it meets its touchpoints and may move on the same day; not in"
        " latent phases or the first consider phase",
        choice=True,
    )
    tentative: bool = off(
        False,
        "tentative choice",
        "a customer who moves into it picks an offer, and each day until the purchase keeps to"
        " it with a chance equal to trust or chooses again; consider phases only, not the first",
        choice=True,
    )
    bias: Weight = assumed(
        0.0,
        "base readiness",
        "readiness to move on without awareness, trust and so on; at 0, half the pace",
        unit="logit",
    )
    weights: PhaseWeights = group(
        PhaseWeights(),
        "weights in readiness",
        "what the customer's awareness, trust and so on add to readiness",
    )
    skip: Share = off(
        0.0,
        "chance to skip a phase",
        "chance that a move on jumps one phase; consider phases only",
        unit="chance",
    )
    back_per_day: Share = off(
        0.0,
        "chance per day to fall back",
        "chance to fall back one phase; not in latent phases",
        unit="per day",
    )
    back_after_bad: Share = off(
        0.0,
        "chance to fall back after a bad encounter",
        "a bad encounter throws the customer back one phase; not in latent phases",
        unit="chance",
    )
    requires: list[Name] = off(
        [],
        "required to move on",
        "touchpoints that must have been met in this journey to move on, or to buy from the firm",
        choice=True,
    )
    leave_per_day: Share = off(
        0.0,
        "chance per day to leave",
        "chance to give the journey up; consider and purchase phases only",
        unit="per day",
    )
    leave_to_competitor: Share = off(
        0.0,
        "drop-offs who buy from competitors",
        "share of those giving up who buy from a competitor if they can afford it",
        unit="share",
    )


class Checkout(Part):
    """What happens between choosing an offer and having paid for it."""

    abandon: Share = published(
        0.7,
        "chance to abandon the checkout",
        "chance to abandon a checkout at friction 0",
        unit="chance",
        source="Baymard Institute (n.d.)",
        note="published studies average about 0.70",
    )
    retry: Share = off(
        0.0,
        "abandoned checkouts tried again",
        "share of those abandoning who stay in the purchase phase",
        unit="share",
    )
    to_competitor: Share = off(
        0.0,
        "abandoned checkouts to competitors",
        "share of the others who buy from a competitor if they can afford it",
        unit="share",
    )


class Choice(Part):
    """Weights of the multinomial logit in the purchase phase (assumptions, logit units)."""

    fit: Weight = assumed(
        2.0,
        "weight of need fit in the choice",
        "weight of how well an offer fits the needs",
        unit="logit",
    )
    price: Annotated[float, Field(ge=0.0, le=100.0)] = assumed(
        2.0,
        "weight of price in the choice",
        "weight of price / budget, times the customer's price sensitivity",
        unit="logit",
    )
    trust: Weight = assumed(
        1.0, "weight of trust in the choice", "weight of trust, on own offers", unit="logit"
    )
    engagement: Weight = assumed(
        0.5,
        "weight of engagement in the choice",
        "weight of e / (1 + e), on own offers",
        unit="logit",
    )
    experience: Weight = assumed(
        0.5,
        "weight of experience in the choice",
        "weight of the remembered experience, on own offers",
        unit="logit",
    )
    satisfaction: Weight = assumed(
        0.5,
        "weight of satisfaction in the choice",
        "weight of satisfaction, on own offers",
        unit="logit",
    )
    loyalty: Weight = assumed(
        1.0, "weight of loyalty in the choice", "weight of loyalty, on own offers", unit="logit"
    )
    waiting: Weight = assumed(
        -1.0, "utility of waiting", "utility of buying nothing today", unit="logit"
    )
    habit: Weight = off(
        0.0,
        "weight of habit in the choice",
        "weight of the habit with the brand bought last, the firm's or a competitor's",
        unit="logit",
    )
    subscriptions_by_income: bool = setting(
        True,
        "subscriptions out of income",
        "a subscription's price is held against the income of its period, otherwise against the"
        " budget for one purchase",
    )


class Memory(Part):
    """Remembered experience = peak * largest + end * last + mean * average."""

    peak: Share = published(
        0.25,
        "weight of the peak in memory",
        "weight of the encounter of largest absolute quality in the remembered experience",
        unit="share",
        source=ALAYBEK,
        note=HALF_EACH,
    )
    end: Share = published(
        0.25,
        "weight of the end in memory",
        "weight of the last encounter in the remembered experience",
        unit="share",
        source=ALAYBEK,
        note=HALF_EACH,
    )
    mean: Share = published(
        0.5,
        "weight of the average in memory",
        "weight of the average of all in the remembered experience",
        unit="share",
        source=ALAYBEK,
        note=HALF_EACH,
    )


class Scores(Part):
    """Answers 0 to 10 to "how likely are you to recommend us": neutral + slope x satisfaction."""

    neutral: Annotated[float, Field(ge=0.0, le=10.0)] = assumed(
        5.0, "answer at satisfaction 0", "answer at satisfaction 0", unit="0..10"
    )
    slope: Annotated[float, Field(ge=0.0, le=20.0)] = assumed(
        5.0, "slope of answers", "what full satisfaction adds to the answer", unit="0..10"
    )


class Behaviour(Part):
    """Constants of perception and ownership that hold for every customer."""

    awareness_half_life_days: HalfLife = assumed(
        60.0,
        "half-life of awareness in days",
        "half-life of awareness without contact",
        unit="days",
    )
    engagement_half_life_days: HalfLife = published(
        17.5,
        "half-life of engagement in days",
        "half-life of engagement (adstock)",
        unit="days",
        source="Wikipedia (n.d.), Leone (1995)",
        note=(
            "2.5 weeks, practitioners' average for consumer goods, from a secondary source;"
            " Leone finds effects of six to nine months"
        ),
    )
    loyalty_half_life_days: HalfLife = assumed(
        365.0, "half-life of loyalty in days", "half-life of loyalty", unit="days"
    )
    familiarity_half_life_days: HalfLife = assumed(
        30.0,
        "half-life of familiarity in days",
        "half-life of familiarity with a touchpoint",
        unit="days",
    )
    bad_is_stronger: Annotated[float, Field(ge=1.0, le=10.0)] = assumed(
        2.0,
        "weight of the unpleasant",
        "factor on the effect of unpleasant encounters on trust and satisfaction",
        unit="factor",
        note="direction: Baumeister et al. (2001)",
    )
    bad_threshold: Annotated[float, Field(ge=-1.0, le=0.0)] = assumed(
        -0.25,
        "threshold of bad",
        "an encounter or a post-purchase evaluation felt below it is bad",
        unit="quality",
    )
    bad_takes: Annotated[float, Field(ge=0.0, le=100.0)] = assumed(
        4.0,
        "interest taken by the unpleasant",
        "an unpleasant encounter's effect on engagement is 1 + this x its felt quality; 0: off",
        unit="factor",
        note="at 4 an encounter at the default threshold of bad adds nothing, a worse one takes",
    )
    wait_penalty_per_hour: Annotated[float, Field(ge=0.0, le=100.0)] = assumed(
        1.0,
        "quality lost per hour of waiting",
        "what an hour of waiting without comfort takes",
        unit="quality per hour",
    )
    unserved_penalty: Share = assumed(
        0.5,
        "quality lost by leaving unserved",
        "what leaving a queue unserved takes, in addition to the wait",
        unit="quality",
    )
    memory: Memory = group(Memory(), "memory", "what encounters leave in the remembered experience")
    performance_weight: Share = assumed(
        0.6,
        "weight of product performance in satisfaction",
        "share of product performance against expectation in a post-purchase evaluation; the"
        " rest is experience",
        unit="share",
    )
    satisfaction_speed: Share = assumed(
        0.7,
        "speed of satisfaction",
        "share of the way that satisfaction moves to the newest post-purchase evaluation",
        unit="share",
    )
    service_weight: Share = assumed(
        0.1,
        "weight of service in satisfaction",
        "share of the way that one encounter after the purchase moves satisfaction",
        unit="share",
    )
    loyalty_gain: Share = assumed(
        0.3,
        "gain of loyalty",
        "share of the headroom that one fully satisfying purchase fills",
        unit="share",
    )
    habit_gain: Share = assumed(
        0.3,
        "gain of habit",
        "share of the headroom that buying the same brand again fills; it fades as loyalty does",
        unit="share",
    )
    owners_go_back: bool = off(
        False,
        "owners go back to their phase",
        "a customer of the firm who gives a journey up or buys elsewhere goes back to the phase in"
        " which the need arose, not to the first phase after the purchase",
        choice=True,
    )
    score: Scores = group(Scores(), "recommendation", "what customers answer when they are asked")


class Journey(Part):
    """The phases, in order, and what holds between them."""

    shape: Shape = setting(
        Shape.LOOP, "shape of the journey", "what follows a purchase", choice=True, strict=False
    )
    needs: Annotated[list[Name], Field(min_length=1, max_length=8)] = setting(
        ["value"], "need attributes", "names of the need attributes", choice=True
    )
    phases: Annotated[
        dict[Name, Phase],
        Field(min_length=3, max_length=9),
        needed("phases", "the phases by name, in order"),
    ]
    checkout: Checkout = group(
        Checkout(), "checkout", "what happens between choosing an offer and having paid"
    )
    choice: Choice = group(Choice(), "choice", "weights of the choice between offers")
    behaviour: Behaviour = group(
        Behaviour(), "behaviour", "perception and ownership, the same for every customer"
    )
