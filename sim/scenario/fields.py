"""What may stand at a place of a scenario, read off the schema and said in words."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Kind = Literal["number", "integer", "boolean", "text", "choice", "group", "mapping", "list"]

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"  # of `sim.scenario.parts.Name`
NAME_WORDS = "a name of a to z, 0 to 9 and _, which starts with a letter, at most 40 long"
SCALARS: frozenset[Kind] = frozenset({"number", "integer", "boolean", "text", "choice"})


@dataclass(frozen=True)
class FieldType:
    """The type and bounds of one place.

    `low` and `high` bound a number (`low_open`: the bound itself is excluded) or count the
    entries of a list, a mapping or a text. `item` is the type of a list's or mapping's
    values; `model` the pydantic model of a group.
    """

    kind: Kind
    optional: bool = False
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    model: type[BaseModel] | None = None
    item: FieldType | None = None

    def allowed(self) -> str:
        """What may stand here, in words."""
        words = self._words()
        return f"{words}, or null" if self.optional else words

    def _words(self) -> str:
        if self.kind == "number":
            return "a number" + self._bounds()
        if self.kind == "integer":
            return "a whole number" + self._bounds()
        if self.kind == "boolean":
            return "true or false"
        if self.kind == "choice":
            return one_of(self.choices)
        if self.kind == "text":
            if self.pattern == NAME_PATTERN:
                return NAME_WORDS
            if self.pattern is not None:
                return f"a text that matches {self.pattern}"
            return "a text" + ("" if self.high is None else f" of at most {self.high} characters")
        if self.kind == "group":
            return "a group of " + one_of(list(self.model.model_fields) if self.model else [])
        assert self.item is not None  # a list or a mapping has items
        counted = self._count()
        if self.kind == "mapping":
            inner = "groups" if self.item.kind == "group" else self.item.allowed()
            return f"a mapping from names to {inner}{counted}"
        return f"a list, each {self.item.allowed()}{counted}"

    def _bounds(self) -> str:
        if self.low is None and self.high is None:
            return ""
        above = "above" if self.low_open else "from"
        below = "below" if self.high_open else "to"
        if self.high is None:
            return f" {above} {number(self.low)}"
        if self.low is None:
            return f" {below} {number(self.high)}"
        return f" {above} {number(self.low)} {below} {number(self.high)}"

    def _count(self) -> str:
        if self.low is not None and self.high is not None:
            return f", {number(self.low)} to {number(self.high)} of them"
        if self.low is not None:
            return f", at least {number(self.low)}"
        return "" if self.high is None else f", at most {number(self.high)}"


def number(value: float | None) -> str:
    """A bound as a reader writes it: `1000000`, not `1000000.0`."""
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def one_of(names: Iterable[str]) -> str:
    """Names as a list in a sentence."""
    return ", ".join(names) or "none"


@cache
def type_of_model(model: type[BaseModel]) -> FieldType:
    """The type of a whole group."""
    return FieldType("group", model=model)


@cache
def type_of_field(model: type[BaseModel], name: str) -> FieldType:
    """The type of one field of a group. Raises KeyError for an unknown name."""
    info = model.model_fields[name]
    return _describe(info.annotation, info.metadata)


def has_required(model: type[BaseModel]) -> bool:
    """Whether a group has a field without a default, so that it cannot start out empty."""
    return any(info.is_required() for info in model.model_fields.values())


def type_at(model: type[BaseModel], path: Sequence[str | int]) -> FieldType | None:
    """The type at `path` below `model`, or None where the schema has no such place."""
    here: FieldType | None = type_of_model(model)
    for part in path:
        here = None if here is None else child(here, part)
    return here


def child(parent: FieldType, part: str | int) -> FieldType | None:
    """The type of one part of `parent`, or None if it has no such part."""
    if parent.kind == "group" and parent.model is not None:
        known = isinstance(part, str) and part in parent.model.model_fields
        return type_of_field(parent.model, str(part)) if known else None
    return parent.item  # of a mapping or list; a scalar has none


def _describe(annotation: Any, metadata: Iterable[Any] = ()) -> FieldType:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return _describe(inner, [*extra, *metadata])
    if origin in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) != 1:
            raise TypeError(f"a scenario field has one type, or that and null: {annotation}")
        return replace(_describe(members[0], metadata), optional=True)
    if origin is dict:
        found = FieldType("mapping", item=_describe(get_args(annotation)[1]))
    elif origin in (list, tuple):
        found = FieldType("list", item=_describe(get_args(annotation)[0]))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return type_of_model(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        return FieldType("choice", choices=tuple(str(member.value) for member in annotation))
    else:
        kinds: dict[Any, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text"}
        found = FieldType(kinds[annotation])
    return replace(found, **_limits(metadata))


def _limits(metadata: Iterable[Any]) -> dict[str, Any]:
    """Bounds, lengths and pattern from pydantic's metadata."""
    limits: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, FieldInfo):
            limits |= _limits(item.metadata)
            continue
        for attribute, limit in (
            ("ge", "low"),
            ("gt", "low"),
            ("le", "high"),
            ("lt", "high"),
            ("min_length", "low"),
            ("max_length", "high"),
            ("pattern", "pattern"),
        ):
            value = getattr(item, attribute, None)
            if value is not None:
                limits[limit] = value
                if attribute in ("gt", "lt"):
                    limits[f"{limit}_open"] = True
    return limits
