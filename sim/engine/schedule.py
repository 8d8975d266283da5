"""What is due when: needs, judgements, renewals and triggered encounters."""

import numpy as np

from sim.compiled import part
from sim.draws import Draw, u01
from sim.engine.state import FAR, Row, i8
from sim.model.columns import Tables
from sim.model.need import need_day, waiting_mass
from sim.vocabulary import Trigger, code_of

NEED, ABANDONED = code_of(Trigger.NEED), code_of(Trigger.CHECKOUT_ABANDONED)
BOUGHT, BAD = code_of(Trigger.PURCHASE), code_of(Trigger.BAD_EXPERIENCE)


@part
def schedule_need(t: Tables, c: Row, i: int, today: int) -> None:
    """Draw the day of the customer's next need, from tomorrow on."""
    mass = waiting_mass(u01(t.seed, Draw.NEED, i, i8(c.born), c.need_count))
    c.need_count += 1
    c.need_day = need_day(np.float64(c.need_rate), mass, t.season_cumulative[c.segment], today)


@part
def trigger_day(c: Row, trigger: int) -> int:
    """The day on which the event last happened to the customer, negative if never."""
    if trigger == NEED:
        return i8(c.need_began)
    if trigger == ABANDONED:
        return i8(c.abandoned_day)
    if trigger == BOUGHT:
        return i8(c.last_day)
    if trigger == BAD:
        return i8(c.bad_day)
    return i8(c.lapse_day)


@part
def is_due(t: Tables, c: Row, j: int, day: int) -> bool:
    """Whether touchpoint `j`, which has a trigger, is due today."""
    happened = trigger_day(c, t.trigger[j])
    return happened >= 0 and happened + t.delay[j] == day


@part
def next_wake(t: Tables, c: Row, today: int) -> int:
    """The next day after `today` on which something is due, FAR if nothing is."""
    wake = i8(FAR)
    if c.need_day > today and not t.searches[c.phase]:
        wake = min(wake, i8(c.need_day))
    if c.judge_day > today:
        wake = min(wake, i8(c.judge_day))
    if c.renewal_day > today:
        wake = min(wake, i8(c.renewal_day))
    if c.leave_day > today:
        wake = min(wake, i8(c.leave_day))
    for j in t.triggered:
        happened = trigger_day(c, t.trigger[j])
        due = happened + t.delay[j]
        if happened >= 0 and due > today:
            wake = min(wake, due)
    return wake
