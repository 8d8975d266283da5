"""What the pieces of a scenario share: bounds, names, units and small distributions."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sim.scenario.declare import assumed, needed, off, setting

MOST_MONEY = 1e9
MOST_DAYS = 7300  # twenty years
MOST_AGENTS = 50_000_000
MOST_TOUCHPOINTS = 250  # assumption: more than any firm plans one by one

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(max_length=4000)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Signed = Annotated[float, Field(ge=-1.0, le=1.0)]
Weight = Annotated[float, Field(ge=-100.0, le=100.0)]
NotNegative = Annotated[float, Field(ge=0.0, le=1e6)]
Money = Annotated[float, Field(ge=0.0, le=MOST_MONEY)]
HalfLife = Annotated[float, Field(ge=0.1, le=1e6)]
Minutes = Annotated[float, Field(ge=0.0, le=1e6)]
Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]


class Part(BaseModel):
    """Any piece of a scenario: unknown keys, NaN and infinities are errors; never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Normal(Part):
    """A normally distributed quantity."""

    mean: Signed = off(0.0, "mean", "mean", unit="quality")
    sd: Annotated[float, Field(ge=0.0, le=2.0)] = off(
        0.0, "spread", "standard deviation; what is drawn is kept within -1 to 1", unit="quality"
    )


class NeedWeight(Part):
    """How much customers of a segment care for a need attribute; drawn normal, cut at 0."""

    mean: Share = assumed(0.5, "mean", "mean weight", unit="weight")
    sd: Annotated[float, Field(ge=0.0, le=1.0)] = off(
        0.0, "spread", "spread between customers", unit="weight"
    )


class Positive(Part):
    """A lognormally distributed positive trait: its mean and coefficient of variation."""

    mean: Annotated[Money, needed("mean", "mean")]
    cv: Annotated[float, Field(ge=0.0, le=5.0)] = off(
        0.0, "spread", "standard deviation / mean", unit="share"
    )


class BetaShare(Part):
    """A chance that differs between customers, Beta(a, b): mean a/(a+b), concentration a+b.

    Without a concentration everybody has the mean.
    """

    mean: Annotated[Share, needed("mean", "mean chance, a / (a + b)", "chance")]
    concentration: Annotated[float, Field(gt=0.0, le=1e6)] | None = off(
        None, "concentration", "a + b; none: all alike"
    )


class Season(Part):
    """A yearly wave: factor 1 + amplitude * cos(2 pi (day - peak_day) / 365)."""

    amplitude: Share = off(
        0.0, "amplitude", "factor 1 + amplitude cos(2 pi (day - peak_day) / 365)", unit="share"
    )
    peak_day: Annotated[int, Field(ge=0, le=364)] = setting(
        0, "peak day", "day of the year with the highest factor", unit="day"
    )
