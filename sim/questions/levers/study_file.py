"""Study files: find, read and validate, with every problem told at once.

A study file is YAML like a scenario file and goes through the same reader: file, line, field,
what was given, what is allowed, the nearest valid name.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from sim.errors import (
    BadOption,
    FileProblem,
    InputError,
    Problem,
    ScenarioErrors,
    UnknownScenario,
    nearest,
)
from sim.questions.levers.rules import rules
from sim.questions.levers.study import Study, StudyFile
from sim.scenario.levers import with_settings
from sim.scenario.library import SUFFIX, library_folder, library_names
from sim.scenario.load import load_scenario, read_text
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin, translate
from sim.scenario.yaml_text import Path as Place
from sim.scenario.yaml_text import dotted, read_document
from sim.vocabulary import MAX_SEED

STUDY_FILE = "study.yaml"  # what a study is called in its own folder
VALUES = "values"
AnyStudy = TypeVar("AnyStudy", bound=StudyFile)
LIST_OR_RANGE = "a list of values, or a group of low and high, or of a distribution"


def load_study(source: str | Path, seed: int | None = None) -> tuple[Study, Scenario]:
    """The study in a file, or of that name in the library, and the scenario it starts from.

    The scenario has the study's settings, agents, days and seed; `seed`: instead of the file's.
    Raises `ScenarioErrors` with every problem found.
    """
    file = study_file(source)
    return parse_study(read_text(file), str(file), file.parent, seed=seed)


def study_names() -> list[str]:
    """Names of the library's studies, sorted."""
    return library_names("experiments")


def study_file(source: str | Path) -> Path:
    """The file that `source` means: one of the library's, or a path.

    Raises `ScenarioErrors` if it is neither.
    """
    if isinstance(source, Path):
        return source
    if source in study_names():
        return library_folder("experiments") / f"{source}{SUFFIX}"
    path = Path(source)
    if path.name != source or path.suffix or path.is_file():
        return path
    if source in library_names():
        detail = f"it is a scenario, not a study; run it with journeysim run {source}"
        raise ScenarioErrors([FileProblem(file=source, detail=detail)])
    detail = "it is neither a file nor a study of the library"
    allowed = ", ".join([*study_names(), "or a file"])
    near = nearest(path.stem, study_names())
    raise ScenarioErrors([FileProblem(file=source, detail=detail, allowed=allowed, nearest=near)])


def study_schema() -> dict[str, Any]:
    """The JSON Schema of a study file, for editors; a lever's values may stand as a bare list."""
    found = Study.model_json_schema()
    values = found["$defs"]["Range"]["properties"]["values"]["anyOf"][0]
    ranges = found["properties"]["vary"]
    ranges["additionalProperties"] = {"anyOf": [ranges["additionalProperties"], values]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def parse_study(
    text: str,
    file_name: str | None = None,
    folder: Path | None = None,
    *,
    seed: int | None = None,
) -> tuple[Study, Scenario]:
    """The study that a YAML text describes, and its scenario.

    `folder`: where the file of a scenario is looked for, beside the current one; `seed`: as of
    `load_study`.
    Raises `ScenarioErrors` with every problem found.
    """
    study, origin = read_as(Study, text, file_name)
    study = with_seed(study, seed)
    scenario = scenario_of(study, origin, folder)
    problems = [
        placed_problem(broken.path, broken.problem, origin) for broken in rules(study, scenario)
    ]
    if problems:
        problems.sort(key=lambda problem: problem.line or 0)
        raise ScenarioErrors(problems)
    return study, scenario


def read_as(
    model: type[AnyStudy], text: str, file_name: str | None = None
) -> tuple[AnyStudy, Origin]:
    """The study of a kind that a YAML text describes, field by field, and where each stands.

    Raises `ScenarioErrors` with every problem found.
    """
    document = read_document(text, file_name)
    if not isinstance(document.data, dict):
        empty = document.data is None
        detail = "it is empty, or has only comments" if empty else "it is not a mapping"
        none = FileProblem(file=file_name, detail=detail, allowed="a mapping that starts with name")
        raise ScenarioErrors(document.problems or [none])
    data, lines = _lists_as_ranges(document.data, document.lines)
    origin = Origin(file_name, lines)
    problems = list(document.problems)
    study: AnyStudy | None = None
    try:
        study = model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        stand_ins = frozenset(document.unsure)
        for found in error.errors(include_url=False, include_context=False):
            path = tuple(found["loc"])
            if not any(path[:length] in stand_ins for length in range(len(path) + 1)):
                problems.append(
                    _translate(model, found["type"], path, given=found["input"], origin=origin)
                )
    if study is None or problems:
        problems.sort(key=lambda problem: problem.line or 0)
        raise ScenarioErrors(problems)
    return study, origin


def with_seed(study: AnyStudy, seed: int | None) -> AnyStudy:
    """The study from another first seed; None: as it is. Raises `InputError` for what is none."""
    if seed is None:
        return study
    if not 0 <= seed <= MAX_SEED:
        allowed = f"0 to {MAX_SEED}"
        raise InputError(problems=[BadOption(field="seed", given=str(seed), allowed=allowed)])
    return study.model_copy(update={"seed": seed})


def _lists_as_ranges(
    data: dict[str, Any], lines: dict[Place, int]
) -> tuple[dict[str, Any], dict[Place, int]]:
    """`vary: {lever: [1, 2]}` as `vary: {lever: {values: [1, 2]}}`, and the lines to it."""
    vary = data.get("vary")
    if not isinstance(vary, dict):
        return data, lines
    lists = {name for name, given in vary.items() if isinstance(given, list)}
    moved = {
        (*path[:2], VALUES, *path[2:])
        if len(path) > 2 and path[0] == "vary" and path[1] in lists
        else path: line
        for path, line in lines.items()
    }
    inner = {name: {VALUES: given} if name in lists else given for name, given in vary.items()}
    return {**data, "vary": inner}, moved


def scenario_of(
    study: StudyFile,
    origin: Origin,
    folder: Path | None,
    *,
    named: str | None = None,
    at: Place = ("scenario",),
) -> Scenario:
    """The scenario of a study, with the study's settings and sizes.

    `named`: another scenario than the study's, which stands at the place `at` of the file. Raises
    `ScenarioErrors`; the problems name the study's file and line.
    """
    line, field = origin.line(at), _field(at)
    named = study.scenario if named is None else named
    source: str | Path = named
    if named not in library_names():
        beside = (folder or Path()) / named
        source = beside if beside.is_file() else named
    try:
        base = load_scenario(source)
    except ScenarioErrors as error:
        # a file that is found speaks for itself, with lines of its own
        unfound = isinstance(error.problems[0], UnknownScenario)
        if not unfound:
            raise
        raise ScenarioErrors(
            [replace(p, file=origin.file, line=line, field=field) for p in error.problems]
        ) from error
    own = {"agents": study.agents, "days": study.days, "seed": study.seed}
    try:
        # as texts, because an override that is None would be left out; together, because some
        # fields must add up
        settings = [f"{path}={json.dumps(v, ensure_ascii=False)}" for path, v in study.set.items()]
        return with_settings(with_settings(base, settings), overrides=own)
    except ScenarioErrors as error:
        sizes = {name for name, value in own.items() if value is not None}
        problems = []
        for problem in error.problems:
            lever = problem.field or ""
            where: Place = (lever,) if lever in sizes else ("set", lever)
            problems.append(replace(problem, file=origin.file, line=origin.line(where)))
        raise ScenarioErrors(problems) from error


def _translate(
    model: type[AnyStudy], error_type: str, path: Place, *, given: object, origin: Origin
) -> Problem:
    """A problem that pydantic found, in our words; a list of values is said as it was written."""
    problem = translate(error_type, path, given, origin=origin, model=model)
    allowed = problem.allowed
    if len(path) == 2 and path[0] == "vary" and error_type != "missing":
        allowed = LIST_OR_RANGE
    return replace(problem, field=_field(path), allowed=allowed)


def _field(path: Place) -> str | None:
    return dotted(tuple(part for part in path if part != VALUES))


def placed_problem(path: Place, problem: Problem, origin: Origin) -> Problem:
    """A problem at a place of a study file, with its file and line."""
    return replace(problem, file=origin.file, line=origin.line(path), field=_field(path))
