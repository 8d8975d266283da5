"""What a study file of kind `frontier` or `belief` may say: how a budget is split, and by whom.

- `frontier`: the best split of a budget for each share that is spent on keeping customers
  (`sim.questions.budget.optimise`);
- `belief`: a budget split by somebody who takes another market, `believed`, for the true one,
  `scenario`, against one split by who knows it; both tried out in the true one
  (`sim.questions.budget.belief`).

They are found, read and validated as all study files are.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from sim.errors import BrokenRule, JourneysimError, MissingField, Problem, ScenarioErrors
from sim.questions.levers.study import StudyFile
from sim.questions.levers.study_file import read_as, scenario_of, study_file
from sim.scenario.load import read_text
from sim.scenario.parts import Text
from sim.scenario.schema import Scenario
from sim.scenario.yaml_text import read_document


class SplitKind(StrEnum):
    """What a study of a split asks."""

    FRONTIER = "frontier"
    BELIEF = "belief"


class SplitStudy(StudyFile):
    """A complete study file with a `kind`."""

    kind: SplitKind = Field(strict=False)
    expected: Text = Field(default="", description="what one would expect, told on the page")
    expected_da: Text = ""
    believed: str = Field(default="", description="belief: the market that is taken for true")
    replicates: Annotated[int, Field(ge=2, le=100)] = Field(
        default=5, description="fresh seeds that the plans are tried on"
    )
    budget: Annotated[float, Field(ge=1.0, le=1e12)] | None = Field(
        default=None, description="over the run; by default what is spent today"
    )
    evaluations: Annotated[int, Field(ge=1, le=100_000)] = 120


# --- files ---


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
        problem = BrokenRule(detail="applies only to kind: belief; remove it")
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
