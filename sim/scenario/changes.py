"""What a scenario says beside the defaults, parameter by parameter, and what each rests on.

A *parameter* is a number, switch, choice or list of a scenario, or a small group of numbers that
stand together (a mean and its spread; the reach by phase). Names and titles are none.

A *changed* parameter has no default, or another value than it. It is a *choice* if a firm decides
it or reads it off its own books, or if it only says how the run is made; all others say something
about the market and are *assumptions* of whoever wrote the scenario, unless the file names a
source beside them. A *default* rests on a publication, is an assumption, or else switches
something off or says nothing. All of it is said where the field is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.scenario.declare import ASSUMPTION, About, about
from sim.scenario.parts import BetaShare, NeedWeight, Normal, Positive, Season
from sim.scenario.schema import Scenario
from sim.scenario.touchpoints import Effects

# Groups that stand on one line.
SMALL = (BetaShare, Effects, NeedWeight, Normal, Positive, Season)
NAMES = ("name", "title", "title_da", "description", "description_da", "name_da")


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
    about: About  # what it is
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
            return Basis.CHOICE if self.about.choice else Basis.ASSUMPTION
        if self.about.is_published:
            return Basis.PUBLISHED
        return Basis.ASSUMPTION if self.about.source == ASSUMPTION else Basis.NOTHING


def parameters(scenario: Scenario) -> list[Parameter]:
    """Every parameter of the scenario, changed or not, in the order of the schema."""
    return list(_walk(scenario, (), (), star=()))


def _walk(
    group: BaseModel, part: tuple[str, ...], path: tuple[str, ...], *, star: tuple[str, ...]
) -> Iterator[Parameter]:
    """The parameters of a group at `path` in `part`; `star`: its whole path, * for names."""
    for name, info in type(group).model_fields.items():
        value, here, field = getattr(group, name), (*path, name), (*star, name)
        if name in NAMES:
            continue
        if _is_large(value):
            yield from _walk(value, part or (name,), here if part else (), star=field)
        elif isinstance(value, Mapping) and value and all(map(_is_large, value.values())):
            own_parts = not path and part in ((), ("journey",))
            for own, item in value.items():
                mine, below = ((*part, name, own), ()) if own_parts else (part, (*here, own))
                yield from _walk(item, mine, below, star=(*field, "*"))
        else:
            required = info.is_required()
            default = None if required else info.get_default(call_default_factory=True)
            yield Parameter(
                part,
                ".".join(here),
                ".".join(field),
                about(type(group), name),
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
