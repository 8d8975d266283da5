"""What a study file of kind `frontier` or `belief` may say: how a budget is split, and by whom.

- `frontier`: the best split of a budget for each share that is spent on keeping customers
  (`sim.questions.budget.optimise`);
- `belief`: a budget split by somebody who takes another market, `believed`, for the true one,
  `scenario`, against one split by who knows it; both tried out in the true one
  (`sim.questions.budget.belief`).

They are found, read and validated as all study files are.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from sim.errors import BrokenRule, MissingField, Problem, ScenarioErrors
from sim.measures.catalogue import Unit
from sim.questions.claims.claim import ClaimedStudy, broken
from sim.questions.levers.study_file import (
    placed_problem,
    read_as,
    scenario_of,
    study_file,
    with_seed,
)
from sim.scenario.load import read_text
from sim.scenario.parts import Text
from sim.scenario.schema import Scenario


class SplitKind(StrEnum):
    """What a study of a split asks."""

    FRONTIER = "frontier"
    BELIEF = "belief"


# What a claim may be about, by the kind of study.
FIGURES: Mapping[SplitKind, Mapping[str, Unit]] = {
    SplitKind.BELIEF: {
        "regret": Unit.MONEY,  # of the plan in the mistaken belief
        "regret_with_equity": Unit.MONEY,  # what the customers at the end are worth counted too
        "regret_retention_unchanged": Unit.MONEY,
        "gain_knowing": Unit.MONEY,  # of the plan for the true market, against today's
    },
    SplitKind.FRONTIER: {
        "best_share": Unit.SHARE,  # on retention; its interval: shares that are not worse for sure
        "share_today": Unit.SHARE,
        "gain_best": Unit.MONEY,  # of profit against today's plan, at the best share
        "gain_no_retention": Unit.MONEY,
        "gain_most_retention": Unit.MONEY,  # at the largest share that can be spent
    },
}


class SplitStudy(ClaimedStudy):
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


def load_split_study(source: str | Path, seed: int | None = None) -> LoadedSplit:
    """The study in a file, or of that name in the library, and its scenarios.

    `seed`: instead of the file's. Raises `ScenarioErrors` with every problem found.
    """
    file = study_file(source)
    study, origin = read_as(SplitStudy, read_text(file), str(file))
    study = with_seed(study, seed)
    problem: Problem | None = None
    if study.kind == SplitKind.BELIEF and not study.believed:
        problem = MissingField(allowed="a scenario")
    if study.kind != SplitKind.BELIEF and study.believed:
        problem = BrokenRule(detail="applies only to kind: belief; remove it")
    problems = [] if problem is None else [placed_problem(("believed",), problem, origin)]
    if study.claim is not None:
        known = list(FIGURES[study.kind])
        wrong = broken(study.claim, known)
        problems += [placed_problem(one.path, one.problem, origin) for one in wrong]
    if problems:
        raise ScenarioErrors(problems)
    scenario = scenario_of(study, origin, file.parent)
    believed = None
    if study.believed:
        sizes = {"agents": scenario.agents, "days": scenario.days, "seed": scenario.seed}
        as_large = study.model_copy(update={**sizes, "set": {}})
        believed = scenario_of(
            as_large, origin, file.parent, named=study.believed, at=("believed",)
        )
    return LoadedSplit(study, scenario, believed)
