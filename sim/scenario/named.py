"""What a place of a scenario is called: the declarations of the fields on the way to it.

`touchpoints.newsletter.quality.sd` belongs to the newsletter and is its "quality, spread"; a mean
stands for its whole distribution, so that `quality.mean` is the "quality".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sim.scenario.declare import About, about
from sim.scenario.fields import FieldType, child, type_of_model
from sim.scenario.parts import BetaShare, NeedWeight, Normal, Positive, Season
from sim.scenario.schema import Scenario

# Groups whose fields have a name only together with the field that holds the group.
DISTRIBUTIONS = (BetaShare, NeedWeight, Normal, Positive, Season)
WHOLE = "mean"  # the field that stands for its distribution
OWNERS = ("segments", "offers", "competitors", "touchpoints")
PHASES = ("journey", "phases")


class PathStep(NamedTuple):
    """A piece of a name: words of a declaration, or a name that the scenario chose."""

    text: str
    among: str = ""  # the field whose names the scenario chose; empty for words


class Place(NamedTuple):
    """A place of a scenario: whose it is, what it is called there, and what it is."""

    owner: tuple[str, ...]  # ("touchpoints", "newsletter"), (): the market's
    steps: tuple[PathStep, ...]
    about: About

    @property
    def name(self) -> str:
        """What it is called, in English."""
        return ", ".join(
            step.text.replace("_", " ") if step.among else step.text for step in self.steps
        )


def place_of(path: Sequence[str]) -> Place | None:
    """What stands at `path`, or None where the schema has no such place."""
    owner = _owner(path)
    here: FieldType = type_of_model(Scenario)
    steps: list[PathStep] = []
    said = About("", "")
    for depth, part in enumerate(path):
        below = child(here, part)
        if below is None:
            return None
        if here.model is None:
            steps += [PathStep(part, path[depth - 1])] if depth >= len(owner) else []
        elif not (_is_distribution(here) and part == WHOLE):
            found = about(here.model, part)
            said = replace(found, choice=said.choice) if _is_distribution(here) else found
            steps += [PathStep(said.name)] if depth >= len(owner) and _is_named(below) else []
        here = below
    return Place(owner, tuple(steps), said)


def _owner(path: Sequence[str]) -> tuple[str, ...]:
    """The part of the scenario that a path leads into, if it has a name of its own."""
    if len(path) > 2 and path[0] in OWNERS:
        return tuple(path[:2])
    return tuple(path[:3]) if tuple(path[:2]) == PHASES and len(path) > 3 else ()


def _is_distribution(here: FieldType) -> bool:
    return here.model in DISTRIBUTIONS


def _is_named(below: FieldType) -> bool:
    """Whether a field's own name is part of the names below it: not that of a larger group."""
    inner = below
    while inner.item is not None:
        inner = inner.item
    return inner.model is None or _is_distribution(inner)
