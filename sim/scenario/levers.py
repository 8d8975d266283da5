"""Levers: dotted paths into a scenario, such as `touchpoints.newsletter.quality.mean`.

A setting is a lever and a value, `PATH=VALUE`, the value written as in a scenario file, or a lever
and a factor, `PATH*=FACTOR`, which multiplies the number that stands there. Settings are applied
in order to the complete scenario, which is then validated again by the very checks that a file
goes through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.errors import (
    BadSetting,
    Problem,
    ScenarioErrors,
    UnknownLever,
    nearest,
)
from sim.scenario.fields import (
    SCALARS,
    FieldType,
    child,
    has_required,
    one_of,
    type_of_model,
)
from sim.scenario.named import place_of
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin, validate
from sim.scenario.yaml_text import Plain, dotted, read_document
from sim.vocabulary import Control, Since

# What a past and the run that follows must have in common: the people, the luck, the days.
OF_A_RUN = ("population", "agents", "past_days", "days", "seed", "panel", "turnover_per_year")
# What a change on a day cannot reach: the people and the run, what is only asked at birth, and what
# gives the market's records their shape.
FIXED = (
    *("name", "title", "description", "currency", "changes", "variants", "tracking"),
    "surveys",
    *("discount_rate_per_year", "journey.shape", "journey.needs", "talk.mixing"),
    *("reviews.start_rating", "reviews.start_count"),
)
FIXED_WITHIN = {
    "segments": ("start", "share"),
    "journey": ("kind",),
    "touchpoints": ("starts",),
    "offers": ("add_ons",),
    "day_states": ("share", "mean_days", "every_days", "first_day", "lasts_days"),
}
SET = "--set"  # what stands where a file name would
NO_VALUE = "it has no value to multiply"


@dataclass(frozen=True)
class Lever:
    """One number, switch or choice of a scenario.

    `low` and `high`: bounds, None where there is none (`allowed` says all of it in words);
    `firm`: whether a firm can move it, as part of an owned or paid touchpoint or of an offer;
    `name` (below the part that it belongs to), `meaning`, `unit`, `source` of its default and
    `choice` are what its field declares (`sim.scenario.declare.About`).
    """

    path: str
    kind: str
    value: bool | int | float | str | None
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    allowed: str
    firm: bool
    name: str
    meaning: str
    unit: str
    source: str
    choice: bool


class Factor(NamedTuple):
    """A setting that multiplies what stands at its path."""

    by: int | float
    setting: str  # as it was given


def levers(scenario: Scenario) -> list[Lever]:
    """All numbers, switches and choices of the scenario, in the order of the file."""
    movable = {
        name
        for name, touchpoint in scenario.touchpoints.items()
        if touchpoint.control in (Control.OWNED, Control.PAID)
    }
    found = []
    data = scenario.model_dump(mode="json")
    for path, here, value in _walk(data, type_of_model(Scenario), ()):
        if here.kind not in SCALARS or here.kind == "text":
            continue
        place = place_of(path)
        assert place is not None  # the path was read off the schema
        firm = path[0] == "offers" or (path[0] == "touchpoints" and path[1] in movable)
        found.append(
            Lever(
                path=".".join(path),
                kind=here.kind,
                value=value,
                low=here.low,
                high=here.high,
                choices=here.choices,
                allowed=here.allowed(),
                firm=firm,
                name=place.name,
                meaning=place.about.meaning,
                unit=place.about.unit,
                source=place.about.source,
                choice=place.about.choice,
            )
        )
    return found


def get(scenario: Scenario, path: str) -> Any:
    """What stands at `path`: a value, or the part of the scenario below it.

    Raises `ScenarioErrors` with an `UnknownLever` if nothing does.
    """
    here: Any = scenario
    parts = path.split(".")
    for depth, part in enumerate(parts):
        if isinstance(here, BaseModel) and part in type(here).model_fields:
            here = getattr(here, part)
        elif isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            raise ScenarioErrors(
                [_unknown(scenario, parts, depth, names=_names_in(here), file=None)]
            )
    return here


def with_settings(
    scenario: Scenario,
    settings: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Scenario:
    """The scenario with each setting, then each of `overrides`, applied.

    `settings`: `PATH=VALUE` or `PATH*=FACTOR`; `overrides`: path to a plain value; those that are
    None are left out. Later settings win. Raises `ScenarioErrors` with every problem: of the
    settings' own form, unknown paths, and whatever the checks of a scenario find.
    """
    data = scenario.model_dump(mode="json")
    problems: list[Problem] = []
    for setting in settings:
        path, value, found = _parsed(setting)
        unknown = None if found else _apply(scenario, data, path, value=value, file=SET)
        problems += found or ([unknown] if unknown else [])
    given = {path: value for path, value in (overrides or {}).items() if value is not None}
    for path, value in given.items():
        value = _plain(value)
        try:
            json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            detail = f"a {type(value).__name__} is not plain data"
            problems.append(BadSetting(field=path, given=path, detail=detail))
            continue
        unknown = _apply(scenario, data, path, value=value, file=None)
        problems += [unknown] if unknown else []
    if not settings and not given:
        return scenario
    changed = checked(validate(data, Origin(SET if settings else None), problems), SET)
    if scenario.before is scenario:
        return changed
    made = {name: getattr(changed, name) for name in OF_A_RUN}
    return changed.out_of(with_settings(scenario.before, overrides=made))


def from_today(
    scenario: Scenario,
    settings: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Scenario:
    """The scenario with settings that hold from day 0 on, out of the past it has as written.

    As `with_settings`; what says how a run is made (`OF_A_RUN`) holds for the past too.
    """
    changed = with_settings(scenario, settings, overrides)
    if not changed.past_days or changed.variants == Since.ALWAYS:
        return changed
    made = {name: getattr(changed, name) for name in OF_A_RUN}
    before = with_settings(scenario.before, overrides=made)
    problems = list(_torn(before, changed))
    if problems:
        raise ScenarioErrors(problems)
    return changed.out_of(before)


def _torn(before: Scenario, changed: Scenario) -> Iterator[Problem]:
    """What people come out of the past with, and would not find again: they are in its phases and
    segments, and remember its offers and touchpoints by their places."""
    for path in ("journey.phases", "segments", "offers", "touchpoints"):
        old, new = list(get(before, path)), list(get(changed, path))
        if new != old:
            detail = f"from day 0 on it must be {one_of(old)}, in this order, as before day 0"
            yield BadSetting(field=path, given=path, detail=detail)


def timeline(scenario: Scenario) -> list[tuple[int, Scenario]]:
    """The market from each day on which it changes, day 0 first: (day, market without changes).

    What would change after the run's last day is checked, and left out.

    Raises `ScenarioErrors` with what is wrong with its changes.
    """
    now = scenario.model_copy(update={"changes": []})
    states, problems = [(0, now)], []
    order = sorted(range(len(scenario.changes)), key=lambda place: scenario.changes[place].day)
    for place in order:
        change = scenario.changes[place]
        field = f"changes.{place}.set"
        problems += [_fixed(setting, field) for setting in change.set if _is_fixed(setting)]
        try:
            now = with_settings(now, change.set)
        except ScenarioErrors as error:
            problems += [_within(problem, field) for problem in error.problems]
            continue
        if change.day >= scenario.days:
            continue  # a shorter run ends before it
        if states[-1][0] == change.day:
            states[-1] = (change.day, now)
        else:
            states.append((change.day, now))
    if problems:
        raise ScenarioErrors(problems)
    return states


def checked(scenario: Scenario, file: str | None = None) -> Scenario:
    """The scenario, if its changes can be made. Raises `ScenarioErrors`, which name `file`."""
    if scenario.changes:
        try:
            timeline(scenario)
        except ScenarioErrors as error:
            raise ScenarioErrors([replace(each, file=file) for each in error.problems]) from error
    return scenario


def _is_fixed(setting: str) -> bool:
    """Whether a setting reaches what cannot change on a day."""
    path = setting.partition("=")[0].rstrip().removesuffix("*").strip()
    parts = path.split(".")
    within = any(part in FIXED_WITHIN.get(parts[0], ()) for part in parts[2:])
    return (
        parts[0] in OF_A_RUN
        or within
        or any(path == fixed or path.startswith(f"{fixed}.") for fixed in FIXED)
    )


def _fixed(setting: str, field: str) -> Problem:
    allowed = "fields of segments, offers, competitors, touchpoints, journey, talk and reviews"
    detail = "it holds for the whole run and cannot change on a day"
    return BadSetting(field=field, given=setting, allowed=allowed, detail=detail)


def _within(problem: Problem, field: str) -> Problem:
    return replace(problem, file=None, line=None, field=f"{field}: {problem.field}")


def _parsed(setting: str) -> tuple[str, Plain | Factor, list[Problem]]:
    """Path, value or factor, and problems of one setting."""
    path, equals, text = setting.partition("=")
    multiplies = path.rstrip().endswith("*")
    path = path.rstrip().removesuffix("*").strip()
    if not equals or not path:
        return (
            path,
            None,
            [BadSetting(file=SET, given=setting, detail="it is not PATH=VALUE or PATH*=FACTOR")],
        )
    document = read_document(text, SET)
    placed = [
        replace(problem, line=None, field=".".join(p for p in (path, problem.field) if p))
        for problem in document.problems
    ]
    value = document.data
    if not multiplies or placed:
        return path, value, placed
    if isinstance(value, bool) or not isinstance(value, int | float):
        detail = "the factor is not a number"
        problem = BadSetting(
            file=SET, field=path, given=setting, detail=detail, allowed="a number, such as 0.8"
        )
        return path, None, [problem]
    return path, Factor(value, setting.strip()), []


def _plain(value: Any) -> Any:
    """A value from Python as JSON would have it: numpy's scalars become Python's."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value.item()
    return value


def _apply(
    scenario: Scenario, data: dict[str, Any], path: str, *, value: Any, file: str | None
) -> Problem | None:
    """Set `path` in `data`; the problem, if there is no such place."""
    parts = path.split(".")
    node: Any = data
    here: FieldType = type_of_model(Scenario)
    for depth, part in enumerate(parts):
        below = child(here, part)
        key: str | int = part
        if here.kind == "list":
            key = int(part) if part.isdecimal() and int(part) < len(node) else -1
        if below is None or key == -1 or not _may_stand(here, below, node, key=key):
            return _unknown(scenario, parts, depth, names=_names(here, node), file=file)
        if depth == len(parts) - 1:
            if isinstance(value, Factor):
                return _multiply(node, key, below, path=path, factor=value, file=file)
            node[key] = value
            return None
        is_missing = here.kind != "list" and node.get(key) is None
        if is_missing and isinstance(value, Factor) and below.kind in ("group", "mapping"):
            return _no_number(value, path, file, detail=NO_VALUE)
        if is_missing and below.kind in ("group", "mapping"):
            node[key] = {}  # a part that was left out starts with its defaults
        node = node[key]
        here = below
        if not isinstance(node, list if here.kind == "list" else dict):
            return _unknown(scenario, parts, depth + 1, names=[], file=file)
    return None


def _multiply(
    node: Any,
    key: str | int,
    here: FieldType,
    *,
    path: str,
    factor: Factor,
    file: str | None,
) -> Problem | None:
    """Multiply the number at `key`; the problem, if there is none.

    The product is that of the numbers as they are written: 0.1 three times is 0.3.
    """
    if here.kind not in ("number", "integer"):
        mean = f"{path}.mean" if here.model and "mean" in here.model.model_fields else None
        return _no_number(factor, path, file, detail="only a number can be multiplied", near=mean)
    before = node.get(key) if isinstance(node, dict) else node[int(key)]
    if before is None:
        return _no_number(factor, path, file, detail=NO_VALUE)
    if isinstance(before, bool) or not isinstance(before, int | float):
        return None  # an earlier setting put it there; the checks tell of it
    product = Decimal(repr(before)) * Decimal(repr(factor.by))
    is_whole = here.kind == "integer" and product == product.to_integral_value()
    node[key] = int(product) if is_whole else float(product)
    return None


def _no_number(
    factor: Factor, path: str, file: str | None, *, detail: str, near: str | None = None
) -> BadSetting:
    return BadSetting(file=file, field=path, given=factor.setting, detail=detail, nearest=near)


def _may_stand(here: FieldType, below: FieldType, node: Any, *, key: str | int) -> bool:
    """Whether `key` is in `node` or can be added to it.

    A mapping of numbers, or of groups that need nothing said, takes new names (the checks
    find a wrong one); a new touchpoint or segment is no setting.
    """
    if here.kind != "mapping" or key in node:
        return True
    return below.kind in SCALARS or (below.model is not None and not has_required(below.model))


def _names(here: FieldType, node: Any) -> list[str]:
    if here.kind == "group" and here.model is not None:
        return list(here.model.model_fields)
    return [str(name) for name in (node if isinstance(node, dict) else range(len(node)))]


def _names_in(value: Any) -> list[str]:
    if isinstance(value, BaseModel):
        return list(type(value).model_fields)
    if isinstance(value, dict):
        return list(value)
    return [str(index) for index in range(len(value))] if isinstance(value, list) else []


def _unknown(
    scenario: Scenario, parts: list[str], depth: int, *, names: list[str], file: str | None
) -> UnknownLever:
    """The problem of a path whose part number `depth` is not one of `names`."""
    path = ".".join(parts)
    before = ".".join(parts[:depth])
    near = nearest(parts[depth], names)
    every = [
        candidate
        for place, _, _ in _walk(scenario.model_dump(mode="json"), type_of_model(Scenario), ())
        if (candidate := dotted(place))
    ]
    meant = None
    if near is not None:
        meant = ".".join([*parts[:depth], near, *parts[depth + 1 :]])
    if meant is None or meant not in every:
        same_end = [candidate for candidate in every if candidate.endswith("." + path)]
        meant = same_end[0] if same_end else nearest(path, every)
    allowed = f"{before} has {one_of(names)}" if before else f"it starts with {one_of(names)}"
    if not names:
        allowed = f"{before} has no parts"
    return UnknownLever(file=file, field=path, given=path, allowed=allowed, nearest=meant)


def _walk(
    value: Any, here: FieldType, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], FieldType, Any]]:
    """Every place below `value` that holds a scalar (or null) or a list, with its type."""
    if isinstance(value, dict):
        for name, item in value.items():
            below = child(here, name)
            if below is not None:
                yield from _walk(item, below, (*path, name))
    else:
        yield path, here, value
