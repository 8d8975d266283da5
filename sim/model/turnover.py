"""People leave the market, and newcomers who know nothing take their places."""

from sim.compiled import rule
from sim.draws import Draw, u01
from sim.elementary import log1p
from sim.vocabulary import NEVER

NO_DAY = int(NEVER)


@rule
def leaving_day(seed: int, place: int, born: int, rate_per_day: float, days: int) -> int:
    """The day on which the person who came on day `born` leaves, or -1 if not within `days`.

    A constant hazard: the time in the market is geometric, and the share of the population that
    leaves in a year is what `rate_per_day` = -log(1 - share) / 365 says, whoever it is.
    """
    if rate_per_day <= 0.0:
        return NO_DAY
    stay = -log1p(-u01(seed, Draw.TURNOVER, place, born, 0)) / rate_per_day
    if stay >= days - born - 1:
        return NO_DAY
    return born + 1 + int(stay)


@rule
def leaving_until(seed: int, place: int, first_leaving: int, rate_per_day: float, days: int) -> int:
    """How many people leave a place of the market from day `first_leaving` (-1: nobody) on."""
    many = 0
    day = first_leaving
    while day != NO_DAY:
        many += 1
        day = leaving_day(seed, place, day, rate_per_day, days)
    return many
