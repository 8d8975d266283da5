"""Days that everybody shares: named states of the day, by calendar or drawn with persistence."""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, off, setting
from sim.scenario.parts import Name, NotNegative, Part, Share, Text


class DayState(Part):
    """A state of the day, such as rain, pay day or holiday, and what it multiplies."""

    name_da: Text = setting("", "Danish name", "Danish name, for reports")
    share: Share = assumed(
        0.3, "share of days", "share of days in the long run, if no calendar is given", unit="share"
    )
    mean_days: Annotated[float, Field(ge=1.0, le=3650.0)] = assumed(
        1.0, "days in a row", "mean length of a spell, if no calendar is given", unit="days"
    )
    every_days: Annotated[int, Field(ge=1, le=3650)] | None = off(
        None, "calendar in days", "days from one to the next; none: it is drawn", unit="days"
    )
    first_day: Annotated[int, Field(ge=0, le=3649)] = setting(
        0, "first day", "a day of the run on which it comes, by calendar", unit="day"
    )
    lasts_days: Annotated[int, Field(ge=1, le=3650)] = setting(
        1, "length in days", "how long it lasts each time, by calendar", unit="days"
    )
    needs: NotNegative = off(1.0, "factor on needs", "factor on the rate of needs", unit="factor")
    reach: dict[Name, NotNegative] = off(
        {},
        "factor on the exposure rate",
        "per touchpoint: factor on encounters, arrivals, budget",
        unit="factor",
    )
    waiting: dict[Name, NotNegative] = off(
        {},
        "factor on waiting",
        "per service touchpoint: factor on what a wait takes from the quality",
        unit="factor",
    )


def most_share(mean_days: float) -> float:
    """The largest share of days of spells with this mean length: one day lies between them.

    For all days, spells would have no end: a share of 1 is allowed as such.
    """
    return mean_days / (mean_days + 1.0)
