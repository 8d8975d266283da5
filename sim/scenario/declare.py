"""What a field of a scenario says about itself, once, where it is declared.

A field's type has its bounds and its default stands first; the name, the meaning, the unit and
what the default rests on stand beside it, put there by one of the functions below, each called
after what that is:

    budget: Positive = assumed(Positive(mean=1000.0), "budget", "most that ...", "currency")

The JSON Schema, levers, the list of assumptions, the words of reports and the table of
docs/model.md read it from here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

# What a default rests on, if on no publication.
ASSUMPTION = "assumption"  # a plausible value without a figure behind it
OFF = "off"  # with it the thing has no effect, or does not exist
SETTING = "setting"  # says nothing about the world

T = TypeVar("T")


@dataclass(frozen=True)
class About:
    """What a field says about itself beside its bounds and its default.

    `name`: short, as on an axis or a slider, without the name of the part that it belongs to;
    `meaning`: one phrase; `source`: what the default rests on, a publication or one of the words
    above, empty where there is none (the field is required, or a group whose fields say it each);
    `note`: a remark on that; `choice`: the firm decides it or reads it off its books, or it says
    how the run is made; all else is a fact about the market.
    """

    name: str
    meaning: str
    unit: str = ""
    source: str = ""
    note: str = ""
    choice: bool = False

    @property
    def is_published(self) -> bool:
        """Whether the default rests on a publication."""
        return self.source not in ("", ASSUMPTION, OFF, SETTING)


def off(
    default: T,
    name: str,
    meaning: str,
    *,
    unit: str = "",
    choice: bool = False,
    strict: bool | None = None,
) -> T:
    """A field whose default switches it off."""
    return _field(default, About(name, meaning, unit, OFF, choice=choice), strict)


def setting(
    default: T,
    name: str,
    meaning: str,
    *,
    unit: str = "",
    choice: bool = False,
    strict: bool | None = None,
) -> T:
    """A field whose default says nothing about the world."""
    return _field(default, About(name, meaning, unit, SETTING, choice=choice), strict)


def assumed(
    default: T, name: str, meaning: str, *, unit: str = "", note: str = "", choice: bool = False
) -> T:
    """A field whose default is plausible, without a figure behind it."""
    return _field(default, About(name, meaning, unit, ASSUMPTION, note, choice))


def published(
    default: T, name: str, meaning: str, *, unit: str = "", source: str, note: str = ""
) -> T:
    """A field whose default rests on a publication, with its year."""
    return _field(default, About(name, meaning, unit, source, note))


def group(default: T, name: str, meaning: str) -> T:
    """A group of fields: what its defaults rest on is said by each."""
    return _field(default, About(name, meaning))


def needed(
    name: str, meaning: str, unit: str = "", *, choice: bool = False, strict: bool | None = None
) -> Any:
    """A field without a default; it stands in the field's type, which leaves it required."""
    return Field(**_said(About(name, meaning, unit, choice=choice), strict))


@cache
def about(model: type[BaseModel], field: str) -> About:
    """What a field says about itself. Raises KeyError for an unknown name."""
    info: FieldInfo = model.model_fields[field]
    more = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return About(info.title or "", info.description or "", **cast(dict[str, Any], more))


def _field(default: T, about: About, strict: bool | None = None) -> T:
    """A field of pydantic's, which stands where its default would."""
    return cast(T, Field(default=default, **_said(about, strict)))


def _said(about: About, strict: bool | None) -> dict[str, Any]:
    """As pydantic and the JSON Schema have it: what is empty is left out."""
    more = {key: value for key, value in asdict(about).items() if value}
    said = {"title": more.pop("name"), "description": more.pop("meaning")}
    return said | {"json_schema_extra": more} | ({} if strict is None else {"strict": strict})
