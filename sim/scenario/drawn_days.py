"""On which days of the past and the run a state of the day holds: by calendar, or drawn.

The draws need the compiler, which who only reads a scenario file need not wait for.
"""

from functools import lru_cache

from sim.draws import Draw, u01
from sim.scenario.days import DayState, most_share

DRAWN_KEPT = 200  # a run's tables are made several times


def days_of(state: DayState, number: int, *, seed: int, past: int, days: int) -> list[bool]:
    """On which days of the past and the run a state holds, (past + days,).

    By calendar, or as a Markov chain of two states with the share and the mean length of a spell;
    a day's draw is addressed by the state's `number` and the day. A share that spells of this
    length cannot have (`most_share`) is cut to what they can.
    """
    if state.every_days is not None:
        every, first = state.every_days, state.first_day
        return [(day - first) % every < state.lasts_days for day in range(-past, days)]
    return list(_drawn(state.share, state.mean_days, number, seed=seed, days=past + days))


@lru_cache(DRAWN_KEPT)
def _drawn(
    share: float, mean_days: float, number: int, *, seed: int, days: int
) -> tuple[bool, ...]:
    """The days of a drawn state, (days,)."""
    if share >= 1.0:
        return (True,) * days
    share = min(share, most_share(mean_days))
    ends = 1.0 / mean_days
    begins = ends * share / (1.0 - share)
    found: list[bool] = []
    for day in range(days):
        luck = u01(seed, int(Draw.DAY_STATE), number, day, 0)
        chance = share if not found else 1.0 - ends if found[-1] else begins
        found.append(luck < chance)
    return tuple(found)
