"""Plain data to a `Scenario`, or every problem it has, in words of our own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import (
    BadKey,
    BrokenRule,
    MissingField,
    NotFinite,
    NotOneOf,
    NotUtf8,
    OutOfRange,
    Problem,
    ScenarioErrors,
    UnknownKey,
    WrongType,
    nearest,
    shown,
)
from sim.scenario.fields import NAME_WORDS, FieldType, one_of, type_at
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from sim.scenario.yaml_text import Path, dotted

PERCENT = re.compile(r"\d{1,9}(\.\d{1,9})? ?%")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3}){1,4}")
DECIMAL_COMMA = re.compile(r"\d{1,9},\d{1,9}")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")

# Pydantic's names for what we call out of range, and for a wrong type all else.
RANGE_ERRORS = frozenset(
    {
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "too_short",
        "too_long",
        "string_too_short",
        "string_too_long",
        "string_pattern_mismatch",
        "int_parsing_size",
    }
)


@dataclass(frozen=True)
class Origin:
    """Where data came from, so that a problem can name the file and the line."""

    file: str | None = None
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of the nearest part of the file that holds it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def described(value: object) -> str:
    """A value in a sentence: texts quoted, groups and lists by what they are."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{shown(value)}"'
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return shown(repr(value))


def validate(
    data: object,
    origin: Origin,
    known: Iterable[Problem] = (),
    *,
    unsure: Iterable[Path] = (),
) -> Scenario:
    """The scenario that `data` describes.

    `known`: problems found before; `unsure`: places whose data is a stand-in for something
    refused there, about which no second problem is told.
    Raises `ScenarioErrors` with all problems, those known first.
    """
    problems = list(known)
    not_text = _not_text(data, (), origin)
    problems += not_text.values()
    stand_ins = frozenset(unsure) | not_text.keys()
    scenario: Scenario | None = None
    try:
        # JSON, because strict pydantic takes words for choices from there only
        content = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
        scenario = Scenario.model_validate_json(content)
    except ValidationError as error:
        problems += _translated(error, data, origin, stand_ins=stand_ins)
    if scenario is not None and not problems:
        problems += _broken_rules(scenario, origin)
    if scenario is None or problems:
        problems.sort(key=lambda problem: problem.line or 0)
        raise ScenarioErrors(problems)
    return scenario


def _not_text(value: object, path: Path, origin: Origin) -> dict[Path, Problem]:
    """Texts below `value` with characters that no honest text has, by their place."""
    if isinstance(value, str) and UNPRINTABLE.search(value):
        line = origin.line(path)
        detail = "a control character, or half a character, is not accepted in a text"
        return {path: NotUtf8(file=origin.file, line=line, field=dotted(path), detail=detail)}
    found: dict[Path, Problem] = {}
    if isinstance(value, dict):
        for key, item in value.items():
            found |= _not_text(key, path, origin) | _not_text(item, (*path, key), origin)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found |= _not_text(item, (*path, index), origin)
    return found


def _translated(
    error: ValidationError, data: object, origin: Origin, *, stand_ins: frozenset[Path]
) -> list[Problem]:
    problems = []
    for detail in error.errors(include_url=False, include_context=False):
        path = tuple(detail["loc"])
        if any(path[:length] in stand_ins for length in range(len(path) + 1)):
            continue
        problems.append(translate(detail["type"], path, detail["input"], origin=origin))
    return problems


def translate(
    error_type: str,
    path: Path,
    given: object,
    *,
    origin: Origin,
    model: type[BaseModel] = Scenario,
) -> Problem:
    """A problem that pydantic found in data for `model`, in our words."""
    is_key = bool(path) and path[-1] == "[key]"
    if is_key:
        path = path[:-1]
    place: dict[str, Any] = {
        "file": origin.file,
        "line": origin.line(path),
        "field": dotted(path),
    }
    if is_key:
        return BadKey(given=f"`{given}`", allowed=NAME_WORDS, **place)
    if error_type == "extra_forbidden":
        return _unknown_key(str(path[-1]), _names_at(model, path[:-1]), place)
    here = _type_at(model, path)
    allowed = here.allowed() if here is not None else None
    if error_type == "missing":
        return MissingField(allowed=allowed, **place)
    place |= {"given": described(given), "allowed": allowed}
    if error_type == "finite_number":
        return NotFinite(**place)
    if error_type in RANGE_ERRORS:
        if isinstance(given, list | dict):
            place["given"] = f"{described(given)} of {len(given)}"
        return OutOfRange(**place)
    if error_type == "enum" and isinstance(given, str):
        choices = here.choices if here is not None else ()
        return NotOneOf(nearest=nearest(given, choices), **place)
    return WrongType(nearest=_number_meant(given, here), **place)


def _number_meant(given: object, here: FieldType | None) -> str | None:
    """The number that a text such as `40%`, `50,000` or `0,4` was meant to be, if it fits."""
    if not isinstance(given, str) or here is None or here.kind not in ("number", "integer"):
        return None
    meant = []
    if PERCENT.fullmatch(given):
        meant.append(f"{float(given.rstrip('% ')) / 100.0:.10g}")
    if THOUSANDS.fullmatch(given):
        meant.append(given.replace(",", "_"))
    if DECIMAL_COMMA.fullmatch(given) and here.kind == "number":
        meant.append(given.replace(",", "."))
    for text in meant:
        if here.kind == "integer" and "." in text:
            continue
        value = float(text)
        if (here.low is None or value >= here.low) and (here.high is None or value <= here.high):
            return text
    return None


def _type_at(model: type[BaseModel], path: Path) -> FieldType | None:
    try:
        return type_at(model, path)
    except KeyError:
        return None  # a place where anything plain may stand


def _names_at(model: type[BaseModel], path: Path) -> list[str]:
    here = _type_at(model, path)
    return [] if here is None or here.model is None else list(here.model.model_fields)


def _unknown_key(name: str, names: list[str], place: dict[str, Any]) -> Problem:
    return UnknownKey(given=name, allowed=one_of(names), nearest=nearest(name, names), **place)


def _broken_rules(scenario: Scenario, origin: Origin) -> list[Problem]:
    """The rules that span fields, each broken one as a problem."""
    problems: list[Problem] = []
    for path, rule in cross_check(scenario):
        place: dict[str, Any] = {
            "file": origin.file,
            "line": origin.line(path),
            "field": dotted(path),
        }
        names = _referred_names(scenario, path)
        if names is not None and path[-1] not in names:
            problems.append(_unknown_key(path[-1], names, place))
        else:
            problems.append(BrokenRule(detail=rule, **place))
    return problems


def _referred_names(scenario: Scenario, path: tuple[str, ...]) -> list[str] | None:
    """The names that a mapping's keys must be taken from, where its keys are references."""
    if len(path) < 2:
        return None
    if path[-2] in ("reach", "effects_in"):
        return list(scenario.journey.phases)
    if path[-2] in ("need_weights", "attributes", "message"):
        return list(scenario.journey.needs)
    if path[-2] == "affinities":
        return list(scenario.touchpoints)
    return None
