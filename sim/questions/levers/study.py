"""What a study file may say: which levers vary and how, what is measured and what is drawn.

`optimise` says what `sim.questions.budget.best_split` is to look for, in the words of
`sim.questions.budget.request`.

Rules that span fields are in `sim.questions.levers.study_file`. Numbers that are not arithmetic are
assumptions: the defaults of `points` and `levels` are enough to see a curve bend.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from sim.scenario.parts import MOST_AGENTS, MOST_DAYS, Name, Part, Text
from sim.vocabulary import MAX_SEED

MOST_LEVERS = 100
MOST_POINTS = 1000
MOST_SAMPLES = 1_000_000
MOST_RUNS = 2_000_000
MOST_REPLICATES = 10_000
MOST_VALUE = 1e12  # no lever allows more

Number = Annotated[float, Field(ge=-MOST_VALUE, le=MOST_VALUE)]


class Scale(StrEnum):
    """How points are spread between two bounds."""

    LINEAR = "linear"
    LOG = "log"


class Distribution(StrEnum):
    """What is believed of a lever whose value is not known."""

    UNIFORM = "uniform"
    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    TRIANGULAR = "triangular"
    BETA = "beta"
    GAMMA = "gamma"


class Method(StrEnum):
    """How the rows of a design are chosen."""

    GRID = "grid"
    ONE_AT_A_TIME = "one_at_a_time"
    LATIN_HYPERCUBE = "latin_hypercube"
    SOBOL = "sobol"
    MORRIS = "morris"


class DrawingKind(StrEnum):
    """What a drawing of a study shows."""

    RESPONSE = "response"
    HEAT_MAP = "heat_map"


class Range(Part):
    """The values of one lever: a list, two bounds, or a distribution.

    `mean` and `sd` are those of the value itself before `low` and `high`, where given, cut it.
    """

    values: list[Any] | None = Field(default=None, min_length=1, max_length=MOST_POINTS)
    low: Number | None = None
    high: Number | None = None
    scale: Scale = Field(default=Scale.LINEAR, strict=False)
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] = Field(
        default=5, description="values of a grid, or of one at a time"
    )
    distribution: Distribution | None = Field(default=None, strict=False)
    mean: Number | None = None
    sd: Annotated[float, Field(gt=0.0, le=MOST_VALUE)] | None = None
    mode: Number | None = None


class DesignPart(Part):
    """How the rows are chosen; `seed` is that of their choice, not of the runs."""

    method: Method = Field(default=Method.GRID, strict=False)
    samples: Annotated[int, Field(ge=1, le=MOST_SAMPLES)] | None = Field(
        default=None,
        description="rows of a Latin hypercube, base points of Sobol, trajectories of Morris",
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    levels: Annotated[int, Field(ge=2, le=100)] = Field(
        default=4, description="levels of Morris, an even number"
    )
    second_order: bool = Field(default=False, description="Sobol: pairs of levers too")


class Goal(StrEnum):
    """What a budget is to make large."""

    PROFIT = "profit"
    NEW_CUSTOMERS = "new_customers"
    CUSTOMER_VALUE = "customer_value"


class By(StrEnum):
    """What the parts of a budget are."""

    TOUCHPOINT = "touchpoint"
    PURPOSE = "purpose"


class Bound(Part):
    """The least and the most of a part's amount, in currency over the window."""

    low: Annotated[float, Field(ge=0.0, le=MOST_VALUE)] = 0.0
    high: Annotated[float, Field(ge=0.0, le=MOST_VALUE)] | None = None


class OptimisePart(Part):
    """How the best split of a budget is looked for in every run that measures it."""

    goal: Goal = Field(default=Goal.PROFIT, strict=False)
    by: By = Field(default=By.TOUCHPOINT, strict=False)
    budget: Annotated[float, Field(ge=1.0, le=MOST_VALUE)] | None = Field(
        default=None, description="over the window; by default what is spent today"
    )
    evaluations: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="plans tried at most; by default those of one round"
    )
    bounds: dict[str, Bound] = Field(default={}, max_length=1000)
    from_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] = 0


class StudyFile(Part):
    """What every study file says: what it is called, and the scenario that it starts from."""

    name: Name
    title: Text = ""
    title_da: Text = ""
    description: Text = ""
    description_da: Text = ""
    scenario: str
    set: dict[str, Any] = Field(default={}, max_length=1000)
    agents: Annotated[int, Field(ge=1, le=MOST_AGENTS)] | None = None
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = Field(
        default=None, description="of the first replicate; by default the scenario's"
    )


class Draw(Part):
    """A drawing: `measure` against lever `x`; with `y`: a heat map, with `by`: a line a value."""

    kind: DrawingKind = Field(default=DrawingKind.RESPONSE, strict=False)
    measure: str
    x: str
    y: str | None = None
    by: str | None = None


class Study(StudyFile):
    """A complete study file."""

    replicates: Annotated[int, Field(ge=1, le=MOST_REPLICATES)] = 1
    vary: dict[str, Range] = Field(min_length=1, max_length=MOST_LEVERS)
    design: DesignPart = DesignPart()
    measure: list[str] = Field(min_length=1, max_length=200)
    optimise: OptimisePart | None = Field(
        default=None, description="how the best split is looked for, where it is measured"
    )
    draw: list[Draw] = Field(default=[], max_length=100)
