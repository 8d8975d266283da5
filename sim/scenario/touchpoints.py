"""The touchpoints of a scenario: where customers and firm can meet."""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, group, needed, off, published, setting
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

# How much of an encounter is remembered if its touchpoint does not say: advertisements hardly,
# service nearly all (assumptions).
SALIENCE = {
    Starts.PUSH: 0.05,
    Starts.PULL: 0.3,
    Starts.TRIGGERED: 0.3,
    Starts.EARNED: 0.2,
    Starts.SERVICE: 0.9,
}


class Effects(Part):
    """What one encounter does, before message fit: shares of the headroom, or amounts."""

    awareness: Share = off(
        0.0,
        "effect on awareness",
        "share of the headroom to full awareness, times message fit",
        unit="share",
    )
    engagement: Annotated[float, Field(ge=0.0, le=100.0)] = off(
        0.0, "effect on engagement", "added to engagement, times message fit", unit="stock"
    )
    trust: Share = off(
        0.0, "effect on trust", "share of the headroom, times felt quality", unit="share"
    )
    expectation: Share = off(
        0.0,
        "effect on expectation",
        "share of the way to the promise, times message fit",
        unit="share",
    )
    friction: Annotated[float, Field(ge=-10.0, le=10.0)] = off(
        0.0,
        "effect on friction",
        "added to the checkout's friction of this journey; below 0: easier",
        unit="log of a factor",
    )
    permission: Share = off(
        0.0, "chance of permission", "chance that permission is given", unit="chance"
    )
    recovery: Share = off(
        0.0,
        "recovery of satisfaction",
        "share of an owner's recoverable dissatisfaction removed by a served encounter that is"
        " not felt as unpleasant",
        unit="share",
    )


class Cost(Part):
    """What a touchpoint costs, any of these together."""

    per_day: Money = off(
        0.0, "cost per day", "paid on every day it runs", unit="currency per day", choice=True
    )
    per_contact: Money = off(
        0.0,
        "cost per contact",
        "paid per contact; with a push budget, the price of one",
        unit="currency",
        choice=True,
    )
    per_click: Money = off(
        0.0,
        "cost per click",
        "paid per visit; with a pull budget, the price of one together with the cost per visit",
        unit="currency",
        choice=True,
    )
    per_visit: Money = off(0.0, "cost per visit", "paid per visit", unit="currency", choice=True)
    per_order_share: Share = off(
        0.0,
        "commission",
        "share of the revenue of purchases whose journey's last visit with a known source came"
        " from here; needs tracking",
        unit="share",
        choice=True,
    )
    per_staff_hour: Money = off(
        0.0,
        "cost per staff hour",
        "paid per server and opening hour",
        unit="currency per hour",
        choice=True,
    )


class Flight(Part):
    """When a touchpoint runs and how its budget moves over the year."""

    start_day: Days = setting(0, "first day", "first day it runs", unit="day", choice=True)
    days_on: Annotated[int, Field(ge=1, le=MOST_DAYS)] = setting(
        MOST_DAYS,
        "days on",
        "days that it runs, from the first day and after each pause; without pauses, once",
        unit="days",
        choice=True,
    )
    days_off: Days = off(0, "days off", "days of each pause", unit="days", choice=True)
    season: Season = off(
        Season(),
        "season",
        "yearly wave of the budget, or of the exposure rate without one",
        choice=True,
    )


class Capacity(Part):
    """A service touchpoint's servers and opening hours."""

    servers: Annotated[int, Field(ge=1, le=10000)] = setting(
        1, "servers", "how many serve at the same time", unit="servers", choice=True
    )
    opens_hour: Annotated[float, Field(ge=0.0, le=24.0)] = assumed(
        9.0, "opening hour", "hour of opening", unit="hour", choice=True
    )
    closes_hour: Annotated[float, Field(ge=0.0, le=24.0)] = assumed(
        17.0,
        "closing hour",
        "hour of closing: customers still waiting leave unserved",
        unit="hour",
        choice=True,
    )
    overtime: bool = setting(
        False, "overtime", "customers waiting at closing are still served", choice=True
    )
    service_minutes: Annotated[float, Field(ge=0.0, le=1440.0)] = assumed(
        10.0, "service time in minutes", "mean time to serve one customer", unit="minutes"
    )
    service_constant: bool = setting(
        False, "constant service time", "every service takes the mean; otherwise exponential"
    )
    response_minutes: Minutes = off(
        0.0,
        "response time in minutes",
        "added to every wait, as before a mail is answered; where the answer is required, the"
        " customer waits for it",
        unit="minutes",
    )
    unserved_leave: Share = off(
        0.0,
        "unserved who give up",
        "chance that a customer who leaves the queue unserved gives up the journey; the others"
        " may try again",
        unit="chance",
    )
    unserved_to_competitor: Share = off(
        0.0,
        "unserved to competitors",
        "share of these who buy from a competitor if they can afford it",
        unit="share",
    )
    comfort: Share = off(
        0.0, "comfort while waiting", "share of the wait that is not felt", unit="share"
    )


class Touchpoint(Part):
    """A place where customer and firm, or other customers, can meet."""

    name: Text = setting("", "name", "name for reports; empty: the one that it has in the file")
    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    enabled: bool = setting(
        True, "in use", "otherwise it does not exist, meets nobody and costs nothing", choice=True
    )
    starts: Annotated[
        Starts, needed("start of encounters", "who starts the encounter", choice=True, strict=False)
    ]
    control: Control = setting(
        Control.OWNED,
        "control",
        "who controls it: only paid has a budget; the firm controls only owned and paid",
        choice=True,
        strict=False,
    )
    purpose: Purpose | None = setting(
        None,
        "purpose",
        "what its money is for, in the economics; behaviour does not use it; none: `delivery` for"
        " a desk and what a purchase triggers, `acquisition` for all other",
        choice=True,
        strict=False,
    )
    audience: Audience = setting(
        Audience.ALL, "audience", "whom it may meet", choice=True, strict=False
    )
    reach: dict[Name, Share] = off(
        {},
        "exposure rate",
        "per phase: daily chance; with a push budget or word of mouth a weight; 0 in phases not"
        " named",
        unit="per day",
    )
    exposure_shape: Annotated[float, Field(ge=0.05, le=1e6)] | None = off(
        None,
        "evenness of exposure",
        "shape of the gamma distribution of customers' own factors on its rate of encounters: heavy"
        " and light viewers; cut at four times the mean; none: all alike",
    )
    segments: list[Name] = off(
        [], "segments", "the only segments it is for; empty: for all", choice=True
    )
    only_on: list[Name] = off(
        [], "days", "states of the day on which alone it runs; empty: on all", choice=True
    )
    quality: Normal = off(Normal(), "quality", "delivered quality", unit="quality")
    quality_in: dict[Name, Normal] = off(
        {}, "quality by phase", "delivered quality in a phase, instead of its quality"
    )
    norm: Signed = off(
        0.0,
        "reference quality",
        "the category norm: only the difference from it is felt",
        unit="quality",
    )
    norm_follows_per_year: Share = off(
        0.0,
        "copied by competitors per year",
        "share of the way that the reference quality moves to this touchpoint's quality in a year",
        unit="per year",
    )
    accompanied: bool = off(
        False,
        "with a companion",
        "customers who have a companion bring it, and its experience counts too",
        choice=True,
    )
    salience: Share | None = assumed(
        None,
        "salience",
        "how much of it is remembered of the journey; none: by who starts it (service 0.9, pull"
        " and triggered 0.3, earned 0.2, push 0.05); 1: all of it, however usual",
        unit="share",
    )
    habituation: Annotated[float, Field(gt=0.0, le=1e6)] | None = off(
        None,
        "wear-out (habituation)",
        "exposures after which a pleasant encounter has lost half of its effect; none: no wear-out",
        unit="exposures",
    )
    annoys_after: Annotated[float, Field(gt=0.0, le=1e6)] | None = off(
        None,
        "annoyance",
        "exposures at which a pleasant encounter has become neither pleasant nor unpleasant; beyond"
        " it annoys; none: never",
        unit="exposures",
    )
    frequency_cap: Annotated[int, Field(ge=1, le=1000)] | None = off(
        None,
        "frequency cap",
        "most contacts with a person on a day, of a push budget; what they would cost is not spent",
        unit="contacts per day",
        choice=True,
    )
    message: dict[Name, Share] = setting(
        {},
        "message",
        "weight per need attribute; scaled to add up to 1; empty: the same on all",
        unit="weight",
        choice=True,
    )
    personalised: bool = off(
        False, "personalised", "the message is each segment's mean need weights", choice=True
    )
    promise: Signed = off(
        0.0, "promise", "what expectation moves towards", unit="-1..1", choice=True
    )
    effects: Effects = off(Effects(), "effects", "what one encounter does")
    effects_in: dict[Name, Effects] = off(
        {}, "effects by phase", "what one encounter does in a phase, instead of its effects"
    )
    cost: Cost = group(Cost(), "cost", "what it costs, any of these together")
    budget_per_day: Money | None = off(
        None,
        "budget per day",
        "for the whole population; none: no budget, the exposure rate is a chance",
        unit="currency per day",
        choice=True,
    )
    flight: Flight = group(Flight(), "flight", "when it runs")
    tracking: Tracking = setting(
        Tracking.NONE,
        "tracking",
        "what web analytics would see of an encounter: visits from there (click), views without a"
        " visit too (view), nothing (none: a visit from there counts as direct); behaviour does"
        " not use it, commissions do",
        choice=True,
        strict=False,
    )
    click_chance: Share = off(
        0.0,
        "chance of a visit",
        "chance that an encounter becomes a visit to the firm's place",
        unit="chance",
    )
    capacity: Capacity | None = off(
        None, "capacity", "the queue; required of a service, refused otherwise"
    )
    trigger: Trigger | None = off(
        None,
        "trigger",
        "the event that starts it; required if it is triggered, refused otherwise",
        choice=True,
        strict=False,
    )
    trigger_touchpoint: Name | None = off(
        None, "touchpoint that triggers", "of trigger: encounter", choice=True
    )
    trigger_phase: Name | None = off(
        None,
        "phase that triggers",
        "of trigger: phase; customers who have left it are not met",
        choice=True,
    )
    trigger_every_days: Annotated[int, Field(ge=1, le=3650)] | None = off(
        None,
        "period that triggers",
        "of trigger: period; days after the last purchase, again and again",
        unit="days",
        choice=True,
    )
    delay_days: Annotated[int, Field(ge=0, le=365)] = assumed(
        1,
        "delay in days",
        "days from the event to the encounter; before a renewal",
        unit="days",
        choice=True,
    )
    unsubscribe: Share = published(
        0.0025,
        "chance to unsubscribe",
        "chance that a contact ends the permission, more often if it is unpleasant; only of a"
        " touchpoint for those who gave one",
        unit="chance",
        source="Mailchimp (2019)",
        note="0.25% of the mails of accounts that named no industry",
    )
    requires: list[Name] = off(
        [],
        "required before it",
        "touchpoints that must have been met in this journey before this one",
        choice=True,
    )
    shows_rating: bool = off(
        False, "shows the rating", "its mean quality is the public rating's", choice=True
    )

    @property
    def carries_talk(self) -> bool:
        """Whether it is what others say: recommendations and warnings."""
        return self.starts == Starts.EARNED and not self.shows_rating

    @property
    def spend_purpose(self) -> Purpose:
        """What its money is for: as the author says, or by its kind."""
        if self.purpose is not None:
            return self.purpose
        delivers = self.capacity is not None or self.trigger == Trigger.PURCHASE
        return Purpose.DELIVERY if delivers else Purpose.ACQUISITION
