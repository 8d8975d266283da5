"""What a scenario says beside the defaults, parameter by parameter, and what each rests on.

A *parameter* is a number, switch, choice or list of a scenario, or a small group of numbers that
stand together (a mean and its spread; the reach by phase). Names and titles are none.

A *changed* parameter has no default, or another value than it. It is a *choice* if a firm decides
it or reads it off its own books, or if it only says how the run is made; all others say something
about the market and are *assumptions* of whoever wrote the scenario, unless the file names a
source beside them. A *default* rests on a publication (`PUBLISHED`), is an assumption
(`ASSUMED`), or else switches something off or says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.scenario.parts import BetaShare, NeedWeight, Normal, Positive, Season
from sim.scenario.schema import Scenario
from sim.scenario.touchpoints import Effects

# Groups that stand on one line.
SMALL = (BetaShare, Effects, NeedWeight, Normal, Positive, Season)
NAMES = ("name", "title", "title_da", "description", "description_da", "name_da")

PUBLISHED = {
    "journey.checkout.abandon": "Baymard Institute (n.d.)",
    "journey.behaviour.engagement_half_life_days": "Wikipedia (n.d.), Leone (1995)",
    "journey.behaviour.memory.peak": "Alaybek et al. (2022)",
    "journey.behaviour.memory.end": "Alaybek et al. (2022)",
    "journey.behaviour.memory.mean": "Alaybek et al. (2022)",
    "tracking.lookback_days": "Google (n.d.)",
    "tracking.view_days": "Google (n.d.)",
}
ASSUMED = frozenset(
    {
        "discount_rate_per_year",
        "journey.phases.*.pace_per_day",
        "journey.phases.*.bias",
        "journey.choice.fit",
        "journey.choice.price",
        "journey.choice.trust",
        "journey.choice.engagement",
        "journey.choice.experience",
        "journey.choice.satisfaction",
        "journey.choice.loyalty",
        "journey.choice.waiting",
        "journey.behaviour.awareness_half_life_days",
        "journey.behaviour.loyalty_half_life_days",
        "journey.behaviour.familiarity_half_life_days",
        "journey.behaviour.bad_is_stronger",
        "journey.behaviour.bad_threshold",
        "journey.behaviour.wait_penalty_per_hour",
        "journey.behaviour.performance_weight",
        "journey.behaviour.satisfaction_speed",
        "journey.behaviour.service_weight",
        "journey.behaviour.loyalty_gain",
        "segments.*.need.rate_per_year",
        "segments.*.need_weights.*.mean",
        "segments.*.budget",
        "segments.*.income_per_day",
        "segments.*.start.trust",
        "segments.*.lapse.satisfaction_effect",
        "segments.*.renewal.churn",
        "segments.*.renewal.satisfaction_effect",
        "offers.*.add_ons.*.chance",
        "offers.*.judgement_days",
        "touchpoints.*.capacity.opens_hour",
        "touchpoints.*.capacity.closes_hour",
        "touchpoints.*.capacity.service_minutes",
        "touchpoints.*.delay_days",
        "talk.negative_factor",
        "talk.advocate_factor",
        "talk.listeners_positive",
        "talk.listeners_negative",
        "talk.friends",
        "talk.far_share",
        "reviews.start_rating",
        "reviews.start_count",
        "reviews.usual_rating",
        "tracking.consent",
        "tracking.logged_in",
        "tracking.cookie_days",
    }
)
CHOICES = frozenset(
    {
        "currency",
        "agents",
        "days",
        "seed",
        "panel",
        "journey.shape",
        "journey.needs",
        "journey.phases.*.kind",
        "journey.phases.*.label",
        "offers.*.price",
        "offers.*.unit_cost",
        "offers.*.subscription_days",
        "offers.*.judgement_days",
        "offers.*.add_ons.*.price",
        "offers.*.add_ons.*.unit_cost",
        "touchpoints.*.enabled",
        "touchpoints.*.starts",
        "touchpoints.*.control",
        "touchpoints.*.purpose",
        "touchpoints.*.audience",
        "touchpoints.*.message",
        "touchpoints.*.personalised",
        "touchpoints.*.promise",
        "touchpoints.*.cost.per_day",
        "touchpoints.*.cost.per_contact",
        "touchpoints.*.cost.per_click",
        "touchpoints.*.cost.per_visit",
        "touchpoints.*.cost.per_order_share",
        "touchpoints.*.cost.per_staff_hour",
        "touchpoints.*.budget_per_day",
        "touchpoints.*.flight.start_day",
        "touchpoints.*.flight.days_on",
        "touchpoints.*.flight.days_off",
        "touchpoints.*.flight.season",
        "touchpoints.*.tracking",
        "touchpoints.*.capacity.servers",
        "touchpoints.*.capacity.opens_hour",
        "touchpoints.*.capacity.closes_hour",
        "touchpoints.*.trigger",
        "touchpoints.*.delay_days",
        "touchpoints.*.shows_rating",
    }
)


class Basis(StrEnum):
    """What a value rests on."""

    ASSUMPTION = "assumption"
    CHOICE = "choice"
    PUBLISHED = "published"
    NOTHING = "nothing"  # it switches something off, or says nothing about the world


class Parameter(NamedTuple):
    """A parameter of a scenario: plain data, as its file has it."""

    part: tuple[str, ...]  # where it belongs: ("touchpoints", "newsletter"), ("journey",), ()
    path: str  # below that part, with dots
    field: str  # the whole path, * for a chosen name
    words: str  # what it is; empty where the name says it all
    value: Any
    default: Any  # None also where there is none, see `required`
    required: bool

    @property
    def changed(self) -> bool:
        """Whether it differs from its default, or has none."""
        return self.required or bool(self.value != self.default)

    @property
    def basis(self) -> Basis:
        """What its value rests on; of a changed one as far as the scenario's data say it."""
        if self.changed:
            return Basis.CHOICE if self.field in CHOICES else Basis.ASSUMPTION
        if self.field in PUBLISHED:
            return Basis.PUBLISHED
        return Basis.ASSUMPTION if self.field in ASSUMED else Basis.NOTHING


def parameters(scenario: Scenario) -> list[Parameter]:
    """Every parameter of the scenario, changed or not, in the order of the schema."""
    return list(_walk(scenario, (), (), ()))


def _walk(
    group: BaseModel, part: tuple[str, ...], path: tuple[str, ...], star: tuple[str, ...]
) -> Iterator[Parameter]:
    """The parameters of a group at `path` in `part`; `star`: its whole path, * for names."""
    for name, info in type(group).model_fields.items():
        value, here, field = getattr(group, name), (*path, name), (*star, name)
        if name in NAMES:
            continue
        if _is_large(value):
            yield from _walk(value, part or (name,), here if part else (), field)
        elif isinstance(value, Mapping) and value and all(map(_is_large, value.values())):
            own_parts = not path and part in ((), ("journey",))
            for own, item in value.items():
                mine, below = ((*part, name, own), ()) if own_parts else (part, (*here, own))
                yield from _walk(item, mine, below, (*field, "*"))
        else:
            required = info.is_required()
            default = None if required else info.get_default(call_default_factory=True)
            yield Parameter(
                part,
                ".".join(here),
                ".".join(field),
                info.description or "",
                _plain(value),
                _plain(default),
                required,
            )


def _is_large(value: Any) -> bool:
    """Whether it is a group whose fields stand on lines of their own."""
    return isinstance(value, BaseModel) and not isinstance(value, SMALL)


def _plain(value: Any) -> Any:
    """As the file has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value
