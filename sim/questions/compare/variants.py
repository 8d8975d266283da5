"""What is to be compared: from names, files and settings to complete scenarios of equal size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.errors import BadOption, InputError, Problem, ScenarioErrors, UnknownScenario
from sim.questions.compare.compare import Variant
from sim.questions.compare.moves import read_moves, settings_of
from sim.scenario.levers import from_today, with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

MOST_VARIANTS = 26  # the baseline among them: each has a letter
FORM = "NAME:PATH=VALUE,..."
NAME = re.compile(r"[^\s:=,](?:[^:=,]{0,58}[^\s:=,])?")
# A comma before a path and its sign; commas inside a value, such as a list, are none.
BETWEEN = re.compile(r",(?=\s*[a-z][\w.]*\s*\*?=)")
SPOKEN = {"name", "title", "title_da", "description", "description_da"}
# What runs must have in common to be paired, and how to make it so.
SIZES = {
    "agents": ("simulated customers", "--agents sets it for all"),
    "days": ("days", "--days sets it for all"),
    "population": ("people", "--set population=... sets it for all"),
    "currency": ("as currency", "money in two currencies cannot be compared"),
}


def make_variants(
    sources: Sequence[Scenario | str | Path],
    settings: Sequence[str] = (),
    given: Sequence[str] = (),
    *,
    moves: Sequence[str] = (),
    **overrides: Any,
) -> list[Variant]:
    """The variants to compare, the baseline first.

    `sources`: scenarios, library names or files; `settings`: `PATH=VALUE` or `PATH*=FACTOR` texts
    that hold for all; `given`: variants of the first as `NAME:PATH=VALUE,...`; `moves`: variants
    of it with the same money elsewhere, as `FROM:TO=SHARE%` (`sim.questions.compare.moves`);
    `overrides`: `agents`, `days` and `seed` of all. Raises `InputError` with all that is wrong: of
    the settings, of the names, with fewer than two, with two that say the same, or with sizes that
    differ.
    """
    problems: list[Problem] = []
    parsed = list(_parsed(given, problems))
    scenarios: list[Scenario] = []
    for source in sources:
        try:
            if isinstance(source, Scenario):
                scenarios.append(with_settings(source, settings, overrides))
            else:
                scenarios.append(load_scenario(source, settings, **overrides))
        except ScenarioErrors as error:
            problems += [_of(problem, _named(source), len(sources)) for problem in error.problems]
    moved = list(read_moves(moves, scenarios[0], problems)) if scenarios else []
    if problems:
        raise InputError(problems=problems)
    parsed += zip([one.name for one in moved], settings_of(moved, scenarios[0]), strict=True)
    if len(scenarios) + len(parsed) < 2:
        raise InputError(_nothing(_named(sources[0]), settings))
    if len(scenarios) + len(parsed) > MOST_VARIANTS:
        count = len(scenarios) + len(parsed)
        raise InputError(
            f"{count} scenarios and variants are given; at most {MOST_VARIANTS} can be compared."
        )
    names = _names([*map(_named, sources)], scenarios)
    found = [Variant(name, scenario) for name, scenario in zip(names, scenarios, strict=True)]
    for name, own in parsed:
        try:
            found.append(Variant(name, from_today(scenarios[0], own), own))
        except ScenarioErrors as error:
            problems += [replace(p, file=f"--variant {name}") for p in error.problems]
    if problems:
        raise InputError(problems=problems)
    _check(found)
    return found


def _named(source: Scenario | str | Path) -> str:
    return source.name if isinstance(source, Scenario) else str(source)


def _parsed(given: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, list[str]]]:
    """Name and settings of each variant; what is wrong with one goes to `problems`."""
    for text in given:
        name, colon, rest = text.partition(":")
        settings = [setting.strip() for setting in BETWEEN.split(rest)] if rest.strip() else []
        if not colon or not settings or not NAME.fullmatch(name) or not name.isprintable():
            problems.append(BadOption(field="variant", given=text, allowed=FORM))
        else:
            yield name, settings


def _of(problem: Problem, source: str, sources: int) -> Problem:
    """A problem with a setting names the scenario that it is not for, if there are several."""
    if sources == 1 or problem.file != "--set" or isinstance(problem, UnknownScenario):
        return problem
    return replace(problem, file=f"--set, {source}")


def _nothing(source: str, settings: Sequence[str]) -> str:
    """What to say if there is only one thing to compare."""
    if settings:
        one = ",".join(settings)
        return (
            f"only {source} is given, and --set changes every scenario;"
            f" did you mean --variant 'other:{one}'?"
        )
    return (
        f"only {source} is given; add another scenario, a variant with --variant {FORM},"
        " or a move of budget with --move."
    )


def _names(sources: Sequence[str], scenarios: Sequence[Scenario]) -> list[str]:
    """Names that differ: of the scenarios, or else of their files, or else with a number."""
    own = [scenario.name for scenario in scenarios]
    found: list[str] = []
    for source, name in zip(sources, own, strict=True):
        wanted = name if own.count(name) == 1 else Path(source).stem
        number = 2
        while wanted in found:
            wanted = f"{Path(source).stem}-{number}"
            number += 1
        found.append(wanted)
    return found


def _check(variants: Sequence[Variant]) -> None:
    """Raises `InputError` unless the variants differ, and their sizes do not."""
    names = [variant.name for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two scenarios or variants are called {name}; rename one.")
    first = variants[0]
    seen: list[tuple[str, Mapping[str, Any]]] = []
    for variant in variants:
        for field, (unit, remedy) in SIZES.items():
            here, there = getattr(variant.scenario, field), getattr(first.scenario, field)
            if here != there:
                raise InputError(
                    f"{first.name} has {_shown(there)} {unit} and {variant.name} {_shown(here)};"
                    f" compared runs need the same size: {remedy}."
                )
        content = variant.scenario.model_dump(mode="json", exclude=SPOKEN | {"seed"})
        for name, before in seen:
            if content == before:
                raise InputError(
                    f"{variant.name} is identical to {name}. Change at least one parameter."
                )
        seen.append((variant.name, content))


def _shown(size: int | str) -> str:
    return f"{size:,}" if isinstance(size, int) else size
