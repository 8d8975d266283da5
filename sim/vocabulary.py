"""The words of the model, each in one place: enumerations and units.

Text enumerations are what scenario files say; integer ones are what arrays hold.
"""

from enum import Flag, IntEnum, StrEnum, auto
from typing import Self

DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12
MINUTES_PER_DAY = 1440.0
MINUTES_PER_HOUR = 60.0
MINOR_UNITS = 100  # oere per krone: money is added up in whole minor units, so order cannot show
FIXED_POINT = 1 << 20  # qualities and waits are added up in these fractions, for the same reason
NEVER = -1  # a day that has not come, an index that points at nothing
MAX_SEED = 2**63 - 1  # a seed is one signed 64-bit integer


def code_of(word: StrEnum) -> int:
    """The integer by which arrays hold a word: its place in its enumeration."""
    return list(type(word)).index(word)


class Shape(StrEnum):
    """What follows the purchase: nothing (funnel) or the rest of the relation (loop)."""

    FUNNEL = "funnel"
    LOOP = "loop"


class Label(StrEnum):
    """Service-design label of a phase: where it lies around the delivery."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class PhaseFeature(Flag):
    """What the model asks about a kind of phase. A kind waits, searches or relates."""

    WAITS = auto()  # for a need: only that leads on from the last such phase; none falls back
    SEARCHES = auto()  # a need is felt, nothing is bought: may give up, may learn of the brand
    DECIDES = auto()  # the pace is the chance to choose between offers; readiness is not asked
    RELATES = auto()  # to what it bought: may stop being a customer, may have a need again
    ADVOCATES = auto()  # a customer talks `talk.advocate_factor` times as often
    NEEDED = auto()  # a journey has one, if its shape has phases in which customers do this


class PhaseKind(StrEnum):
    """The five kinds of phase of a journey."""

    # In the order in which a journey has them. Everything else that depends on a kind reads its
    # features here: the word in files, the label of a phase that gives none, the features.
    LATENT = "latent", Label.BEFORE, PhaseFeature.WAITS | PhaseFeature.NEEDED
    CONSIDER = "consider", Label.BEFORE, PhaseFeature.SEARCHES | PhaseFeature.NEEDED
    PURCHASE = (
        "purchase",
        Label.DURING,
        PhaseFeature.SEARCHES | PhaseFeature.DECIDES | PhaseFeature.NEEDED,
    )
    RELATE = "relate", Label.AFTER, PhaseFeature.RELATES | PhaseFeature.NEEDED
    ADVOCATE = "advocate", Label.AFTER, PhaseFeature.RELATES | PhaseFeature.ADVOCATES

    label: Label
    waits: bool
    searches: bool
    decides: bool
    relates: bool
    advocates: bool
    needed: bool

    def __new__(cls, word: str, label: Label, features: PhaseFeature) -> Self:
        """The kind of this word in files."""
        kind = str.__new__(cls, word)
        kind._value_ = word
        kind.label = label
        for feature in PhaseFeature:
            setattr(kind, str(feature.name).lower(), feature in features)
        return kind


class Starts(StrEnum):
    """Who starts an encounter."""

    PUSH = "push"
    PULL = "pull"
    TRIGGERED = "triggered"
    EARNED = "earned"
    SERVICE = "service"


class Trigger(StrEnum):
    """The event that starts a triggered encounter."""

    NEED = "need"
    CHECKOUT_ABANDONED = "checkout_abandoned"
    PURCHASE = "purchase"
    BAD_EXPERIENCE = "bad_experience"
    LAPSE = "lapse"
    ENCOUNTER = "encounter"  # with a named touchpoint
    PHASE = "phase"  # a named one is entered, and one is still there
    PERIOD = "period"  # again and again after the last purchase
    RENEWAL = "renewal"  # it is coming: so many days before


class Control(StrEnum):
    """Who controls a touchpoint; an uncontrolled one is felt but is no lever."""

    OWNED = "owned"
    PAID = "paid"
    EARNED = "earned"
    UNCONTROLLED = "uncontrolled"


class Purpose(StrEnum):
    """What the money of a touchpoint is for, in the economics."""

    ACQUISITION = "acquisition"
    RETENTION = "retention"
    DELIVERY = "delivery"  # cost to serve: it neither wins nor keeps


class Tracking(StrEnum):
    """What web analytics can see of an encounter."""

    CLICK = "click"
    VIEW = "view"
    NONE = "none"


class Audience(StrEnum):
    """Whom a touchpoint may meet."""

    ALL = "all"
    PROSPECTS = "prospects"
    CUSTOMERS = "customers"
    LAPSED = "lapsed"
    VISITORS = "visitors"
    PERMITTED = "permitted"


class Mixing(StrEnum):
    """Who hears word of mouth: anybody at random, or the talker's own network."""

    RANDOM = "random"
    NETWORK = "network"


class Since(StrEnum):
    """Since when a variant of a market differs from it."""

    TODAY = "today"
    ALWAYS = "always"


class Outcome(IntEnum):
    """How a visit to a service touchpoint ends."""

    GAVE_UP = 0  # the wait was longer than the patience
    SERVED = 1
    SENT_HOME = 2  # it was still waiting at closing


class Relationship(IntEnum):
    """What the customer is to the firm."""

    NONE = 0
    CUSTOMER = 1
    LAPSED = 2


class Route(IntEnum):
    """How the brand came into the consideration set of this journey."""

    NONE = 0
    INITIAL = 1
    ADDED = 2
    LOYALTY = 3


class EventCode(IntEnum):
    """Events of the panel's log."""

    NEED = 0
    ENCOUNTER = 1
    MOVE = 2
    PURCHASE = 3
    CHECKOUT_ABANDONED = 4
    LOST_TO_COMPETITOR = 5
    LAPSE = 6
    RENEWAL = 7
    JUDGEMENT = 8
    TALK = 9
    PICKED = 10
    COMPETITOR_PICKED = 11


class Option(IntEnum):
    """What a decision in the purchase phase can come to, before an offer's index."""

    WAIT = -1
    COMPETITOR = -2
