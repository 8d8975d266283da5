"""The table of all fields of a scenario, as section 8 of docs/model.md has it.

`python docs/fields.py` writes it into the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.declare import About, about
from sim.scenario.fields import FieldType, number, type_of_field
from sim.scenario.schema import Scenario

HEAD = "| field | default | range | unit | meaning | source |\n|---|---|---|---|---|---|\n"
PARTS = "Parts used in several places"
HEADINGS = {
    "journey": "Journey and phases",
    "segments": "Segments",
    "offers": "Offers and competitors",
    "competitors": "Offers and competitors",
    "touchpoints": "Touchpoints",
    "day_states": "States of the day, changes",
    "changes": "States of the day, changes",
    "talk": "Talk and reviews",
    "reviews": "Talk and reviews",
    "tracking": "Tracking",
    "surveys": "Surveys",
}
IN_EVERY_PHASE = ("checkout", "choice", "behaviour")  # of the journey
# Where the page says more.
SEE = {
    "journey.shape": "[Journey shape](#journey-shape)",
    "journey.phases.*.kind": "[Entities](#2-entities-state-variables-and-scales)",
    "touchpoints.*.starts": "[Reach](#reach)",
}


class Declared(NamedTuple):
    """A field where it is declared: its type and bounds, its default, what it says of itself."""

    type: FieldType
    info: FieldInfo
    about: About


def declared_fields() -> dict[str, Declared]:
    """Every field by its path, `*` for a chosen name; parts used twice stand by themselves.

    A group whose fields stand in the list is not in it itself, unless it may be absent.
    """
    uses = uses_of_models()
    shared = [model for model, times in uses.items() if times > 1]
    found = dict(_walk(Scenario, "", shared))
    for model in shared:
        found |= _walk(model, f"{model.__name__}.", shared)
    return found


def uses_of_models() -> Counter[type[BaseModel]]:
    """How often each group occurs in a scenario's declaration, the scenario itself once."""
    uses: Counter[type[BaseModel]] = Counter([Scenario])
    _count_uses(Scenario, uses)
    return uses


def _count_uses(model: type[BaseModel], uses: Counter[type[BaseModel]]) -> None:
    for name in model.model_fields:
        _, inner = _inside(type_of_field(model, name))
        if inner is not None:
            uses[inner] += 1
            if uses[inner] == 1:
                _count_uses(inner, uses)


def _inside(here: FieldType) -> tuple[str, type[BaseModel] | None]:
    """The stars on the way to the group below a field, and that group."""
    stars = ""
    while here.item is not None:
        here, stars = here.item, stars + ".*"
    return stars, here.model


def _walk(
    model: type[BaseModel], prefix: str, shared: list[type[BaseModel]]
) -> Iterator[tuple[str, Declared]]:
    for name, info in model.model_fields.items():
        here = type_of_field(model, name)
        stars, inner = _inside(here)
        is_list_of_its_fields = here.kind == "group" and not here.optional and inner not in shared
        if not is_list_of_its_fields:
            yield prefix + name, Declared(here, info, about(model, name))
        if inner is not None and inner not in shared:
            yield from _walk(inner, f"{prefix}{name}{stars}.", shared)


def with_tables(page: str) -> str:
    """The page with the table below each of its headings made anew, everything else as it is."""
    for heading, table in tables().items():
        before, mark, rest = page.partition(f"#### {heading}\n")
        above, bar, below = rest.partition("|")
        _, blank, after = below.partition("\n\n")
        if not (mark and bar and blank):
            raise ValueError(f"the page has no table below {heading!r}")
        page = f"{before}{mark}{above}{table}\n{after}"
    return page


def tables() -> dict[str, str]:
    """The table of each heading."""
    shared = {model.__name__ for model in uses_of_models()}
    found: dict[str, str] = {}
    for path, field in declared_fields().items():
        first, *rest = path.split(".")
        heading = PARTS if first in shared else HEADINGS.get(first, "The scenario")
        if first == "journey" and rest[:1] and rest[0] in IN_EVERY_PHASE:
            heading = "Checkout, choice, behaviour"
        found[heading] = found.get(heading, HEAD) + _row(path, field)
    return found


def _row(path: str, field: Declared) -> str:
    said = field.about
    meaning = f"{said.meaning}; {SEE[path]}" if path in SEE else said.meaning
    default, source = "required", "-"
    if not field.info.is_required():
        default = f"`{_plain(field.info.get_default(call_default_factory=True))}`"
        source = f"{said.source}; {said.note}" if said.note else said.source
    cells = (f"`{path}`", default, _range(field.type), said.unit, meaning, source)
    return f"| {' | '.join(cells)} |\n"


def _plain(value: Any) -> str:
    """A default as a scenario file has it, in one line."""
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return number(value) if isinstance(value, int | float) else str(value) or '""'


def _range(here: FieldType) -> str:
    """What a field may be."""
    text = ""
    if here.kind in ("number", "integer"):
        text = f"{'above ' * here.low_open}{number(here.low)} to {number(here.high)}"
    elif here.kind == "choice":
        text = ", ".join(here.choices)
    elif here.kind == "boolean":
        text = "true, false"
    elif here.kind in ("mapping", "list") and (here.low, here.high) != (None, None):
        text = f"{number(here.low) or 0} to {number(here.high) or 'any'} entries"
    elif here.kind in ("group", "mapping"):
        text = _part(here)
    return ", ".join(part for part in (text, "null" * here.optional) if part)


def _part(here: FieldType) -> str:
    """Which of the parts that are used in several places a field is, or has for each name."""
    _, model = _inside(here)
    if model is None or uses_of_models()[model] == 1:
        return ""
    article = "an" if model.__name__[0] in "AEIOU" else "a"
    return f"{article} `{model.__name__}`" + " each" * (here.kind == "mapping")
