"""Study files with a `kind`: found, read and validated as all study files are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sim.errors import BrokenRule, JourneysimError, MissingField, Problem, ScenarioErrors
from sim.questions.budget.split_study import SplitKind, SplitStudy
from sim.questions.levers.study_file import read_as, scenario_of, study_file
from sim.scenario.load import read_text
from sim.scenario.schema import Scenario
from sim.scenario.yaml_text import read_document


class LoadedSplit(NamedTuple):
    """A study, the true market and the believed one (None: there is none)."""

    study: SplitStudy
    scenario: Scenario
    believed: Scenario | None


def has_kind(source: str | Path) -> bool:
    """Whether a study file names a kind. One that cannot be read does not: loading it tells why."""
    try:
        data = read_document(read_text(study_file(source)), None).data
    except JourneysimError:
        return False
    return isinstance(data, dict) and "kind" in data


def load_split_study(source: str | Path) -> LoadedSplit:
    """The study in a file, or of that name in the library, and its scenarios.

    Raises `ScenarioErrors` with every problem found.
    """
    file = study_file(source)
    study, origin = read_as(SplitStudy, read_text(file), str(file))
    problem: Problem | None = None
    if study.kind == SplitKind.BELIEF and not study.believed:
        problem = MissingField(allowed="a scenario")
    if study.kind != SplitKind.BELIEF and study.believed:
        problem = BrokenRule(detail="says nothing; it is for kind belief only")
    if problem is not None:
        line = origin.line(("believed",))
        raise ScenarioErrors([replace(problem, file=str(file), line=line, field="believed")])
    scenario = scenario_of(study, origin, file.parent)
    believed = None
    if study.believed:
        sizes = {"agents": scenario.agents, "days": scenario.days, "seed": scenario.seed}
        as_large = study.model_copy(update={**sizes, "set": {}})
        believed = scenario_of(as_large, origin, file.parent, field="believed")
    return LoadedSplit(study, scenario, believed)
