"""What a study file of kind `frontier` or `belief` may say: how a budget is split, and by whom.

- `frontier`: the best split of a budget for each share that is spent on keeping customers
  (`sim.questions.budget.optimise`);
- `belief`: a budget split by somebody who takes another market, `believed`, for the true one,
  `scenario`, against one split by who knows it; both tried out in the true one
  (`sim.questions.budget.belief`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from sim.scenario.parts import MOST_AGENTS, MOST_DAYS, Name, Part, Text
from sim.vocabulary import MAX_SEED


class SplitKind(StrEnum):
    """What a study of a split asks."""

    FRONTIER = "frontier"
    BELIEF = "belief"


class SplitStudy(Part):
    """A complete study file with a `kind`."""

    kind: SplitKind = Field(strict=False)
    name: Name
    title: Text = ""
    title_da: Text = ""
    description: Text = ""
    description_da: Text = ""
    expected: Text = Field(default="", description="what one would expect, told on the page")
    expected_da: Text = ""
    scenario: str
    believed: str = Field(default="", description="belief: the market that is taken for true")
    set: dict[str, Any] = Field(default={}, max_length=1000)
    agents: Annotated[int, Field(ge=1, le=MOST_AGENTS)] | None = None
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    replicates: Annotated[int, Field(ge=2, le=100)] = Field(
        default=5, description="fresh seeds that the plans are tried on"
    )
    budget: Annotated[float, Field(ge=1.0, le=1e12)] | None = Field(
        default=None, description="over the run; by default what is spent today"
    )
    evaluations: Annotated[int, Field(ge=1, le=100_000)] = 120
