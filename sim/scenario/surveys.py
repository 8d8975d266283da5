"""Surveys: who is asked when, and how far what people say lies from what is so.

Being asked changes nobody.
"""

from typing import Annotated

from pydantic import Field

from sim.scenario.declare import assumed, needed, setting
from sim.scenario.parts import MOST_DAYS, Days, Part, Share
from sim.vocabulary import Audience


class Survey(Part):
    """People asked on the evening of a day; what they then did is put beside their answers."""

    day: Annotated[
        Days, needed("day", "day of the run on whose evening it asks", "day", choice=True)
    ]
    audience: Audience = setting(
        Audience.ALL,
        "audience",
        "whom it asks, by what they are on that evening",
        choice=True,
        strict=False,
    )
    sample: Share = setting(
        0.1, "sample", "share of the audience that is asked", unit="share", choice=True
    )
    within_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = setting(
        30,
        "window in days",
        "days from the next one on for which buying is asked about and counted",
        unit="days",
        choice=True,
    )
    levelling: Share = assumed(
        0.5,
        "levelling of importances",
        "how far stated importances of needs are drawn towards all the same; 0: as they are",
        unit="share",
    )
    kept: Annotated[float, Field(gt=0.0, le=1.0)] = assumed(
        0.75,
        "intentions meant",
        "share of a stated chance to buy that is meant; 1: people say what they think",
        unit="share",
        note=(
            "forecasters count three quarters of those who are surest as buyers; that intentions"
            " overstate, and that asking strengthens them: Chandon, Morwitz & Reinartz (2005)"
        ),
    )
