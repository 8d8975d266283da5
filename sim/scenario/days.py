"""Days that everybody shares: named states of the day, by calendar or drawn with persistence."""

from typing import Annotated

from pydantic import Field

from sim.draws import Draw, u01
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
        None, "calendar in days", "it comes every so many days; none: it is drawn", unit="days"
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
        "factor on reach",
        "per touchpoint: factor on encounters, arrivals, budget",
        unit="factor",
    )
    waiting: dict[Name, NotNegative] = off(
        {},
        "factor on waiting",
        "per service touchpoint: factor on what a wait takes from the quality",
        unit="factor",
    )


def days_of(state: DayState, number: int, *, seed: int, past: int, days: int) -> list[bool]:
    """On which days of the past and the run a state holds, (past + days,).

    By calendar, or as a Markov chain of two states with the share and the mean length of a spell;
    a day's draw is addressed by the state's `number` and the day. A share that spells of this
    length cannot have (`most_share`) is cut to what they can.
    """
    if state.every_days is not None:
        every, first = state.every_days, state.first_day
        return [(day - first) % every < state.lasts_days for day in range(-past, days)]
    if state.share >= 1.0:
        return [True] * (past + days)
    share = min(state.share, most_share(state.mean_days))
    ends = 1.0 / state.mean_days
    begins = ends * share / (1.0 - share)
    found: list[bool] = []
    for day in range(past + days):
        luck = u01(seed, int(Draw.DAY_STATE), number, day, 0)
        chance = share if not found else 1.0 - ends if found[-1] else begins
        found.append(luck < chance)
    return found


def most_share(mean_days: float) -> float:
    """The largest share of days of spells with this mean length: one day lies between them.

    For all days, spells would have no end: a share of 1 is allowed as such.
    """
    return mean_days / (mean_days + 1.0)
