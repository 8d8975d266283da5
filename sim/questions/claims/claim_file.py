"""Study files of kind `claim`: variants of a market side by side, figures of them, and a claim.

Beside what every claim says (`sim.questions.claims.claim`) such a file names the variants that are
run beside `today`, the scenario as it is, and the figures that are formed of their summaries, seed
by seed, by formulas (`sim.questions.claims.formula`). They are found, read and validated as all
study files are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from sim.errors import (
    BrokenRule,
    MissingField,
    Problem,
    ScenarioErrors,
    UnknownKey,
    WrongType,
    nearest,
)
from sim.measures.asked import asked_keys
from sim.measures.catalogue import Unit
from sim.questions.claims.claim import BrokenClaim, Claim, ClaimedStudy, Number, broken
from sim.questions.claims.formula import FORM, Reference, read_formula
from sim.questions.levers.rules import measurable
from sim.questions.levers.study_file import (
    placed_problem,
    read_as,
    scenario_of,
    study_file,
    with_seed,
)
from sim.scenario.levers import from_today
from sim.scenario.load import read_text
from sim.scenario.parts import MOST_DAYS, Name, Part, Text
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin

TODAY = "today"  # the scenario as it is
MOST_VARIANTS = 40


class ClaimKind(StrEnum):
    """What a study file of a claim says of its kind."""

    CLAIM = "claim"


class ClaimVariant(Part):
    """What is compared: the scenario with changes from day 0 on, or another scenario."""

    title: Text
    title_da: Text
    scenario: str = Field(default="", description="another market; by default the study's")
    set: dict[str, Any] = Field(default={}, max_length=1000)
    times: dict[str, Number] = Field(
        default={}, max_length=1000, description="numbers of the scenario, and their factors"
    )
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None


class ClaimFigure(Part):
    """A figure, formed seed by seed of the variants' summaries."""

    title: Text
    title_da: Text
    of: str = Field(description=FORM)
    unit: Unit = Field(strict=False)
    shown: bool = Field(default=True, description="whether it is drawn")
    drawing: Text = Field(
        default="", description="title of its drawing, where figures of a unit stand in several"
    )
    drawing_da: Text = ""


class ClaimFile(ClaimedStudy):
    """A complete study file of kind claim."""

    kind: ClaimKind = Field(strict=False)
    claim: Claim
    replicates: Annotated[int, Field(ge=2, le=100)] = Field(default=5, description="seeds")
    variants: dict[Name, ClaimVariant] = Field(min_length=1, max_length=MOST_VARIANTS)
    figures: dict[Name, ClaimFigure] = Field(min_length=1, max_length=100)


class LoadedClaim(NamedTuple):
    """A study and the complete scenarios of its variants, `today` first."""

    study: ClaimFile
    scenarios: Mapping[str, Scenario]


def load_claim(source: str | Path, seed: int | None = None) -> LoadedClaim:
    """The claim in a file, or of that name in the library, and its scenarios.

    `seed`: instead of the file's. Raises `ScenarioErrors` with every problem found.
    """
    file = study_file(source)
    study, origin = read_as(ClaimFile, read_text(file), str(file))
    study = with_seed(study, seed)
    problems = list(broken(study.claim, list(study.figures)))
    scenarios = {TODAY: scenario_of(study, origin, file.parent)}
    if TODAY in study.variants:
        detail = "is the scenario as it is; call a variant something else"
        problems.append(BrokenClaim(("variants", TODAY), BrokenRule(detail=detail)))
    found: list[Problem] = []
    for name, variant in study.variants.items():
        try:
            scenarios.setdefault(
                name, _of_variant(study, name, variant, origin=origin, folder=file.parent)
            )
        except ScenarioErrors as error:
            found += error.problems
    problems += _of_figures(study, scenarios)
    found += [placed_problem(one.path, one.problem, origin) for one in problems]
    if found:
        found.sort(key=lambda problem: problem.line or 0)
        raise ScenarioErrors(found)
    return LoadedClaim(study, scenarios)


def _of_variant(
    study: ClaimFile, name: str, variant: ClaimVariant, *, origin: Origin, folder: Path
) -> Scenario:
    base = study.model_copy(update={"days": variant.days or study.days})
    at = ("variants", name)
    if variant.scenario:
        market = scenario_of(base, origin, folder, named=variant.scenario, at=(*at, "scenario"))
    else:
        market = scenario_of(base, origin, folder)
    settings = {
        (*at, field, path): f"{path}{sign}{json.dumps(value, ensure_ascii=False)}"
        for field, sign in (("set", "="), ("times", "*="))
        for path, value in getattr(variant, field).items()
    }
    try:
        return from_today(market, list(settings.values()))
    except ScenarioErrors as error:
        lines = {place[-1]: origin.line(place) for place in settings}
        raise ScenarioErrors(
            [
                replace(problem, file=origin.file, line=lines.get(problem.field, origin.line(at)))
                for problem in error.problems
            ]
        ) from error


def _of_figures(study: ClaimFile, scenarios: Mapping[str, Scenario]) -> Iterator[BrokenClaim]:
    for name, figure in study.figures.items():
        if figure.unit is Unit.NONE:
            units = ", ".join(unit.value for unit in Unit if unit is not Unit.NONE)
            missing = MissingField(allowed=units)
            yield BrokenClaim(("figures", name, "unit"), missing)
        at = ("figures", name, "of")
        formula = read_formula(figure.of)
        if formula is None:
            yield BrokenClaim(at, WrongType(given=figure.of, allowed=FORM))
            continue
        for one in formula.references:
            problem = _unknown(one, scenarios)
            if problem is not None:
                yield BrokenClaim(at, problem)


def _unknown(one: Reference, scenarios: Mapping[str, Scenario]) -> Problem | None:
    if one.variant not in scenarios:
        near = nearest(one.variant, scenarios)
        return UnknownKey(given=one.variant, allowed=", ".join(scenarios), nearest=near)
    known = keys_of(scenarios[one.variant])
    if one.key not in known:
        return UnknownKey(
            given=one.key,
            allowed="a key of a run's summary, docs/measures.md",
            nearest=nearest(one.key, known),
        )
    return None


def keys_of(scenario: Scenario) -> list[str]:
    """Every key that a formula may name of a run of this scenario."""
    known = [key for key in measurable(scenario) if "*" not in key]
    return known + asked_keys(scenario)
