"""What is due when: needs, judgements, renewals and triggered encounters."""

import numpy as np

from sim.compiled import part
from sim.draws import SETUP_DAY, Draw, u01
from sim.engine.state import FAR
from sim.model.need import need_day, waiting_mass
from sim.vocabulary import NEVER, Kind, Trigger

NEED = list(Trigger).index(Trigger.NEED)
ABANDONED = list(Trigger).index(Trigger.CHECKOUT_ABANDONED)
BOUGHT = list(Trigger).index(Trigger.PURCHASE)
BAD = list(Trigger).index(Trigger.BAD_EXPERIENCE)
CONSIDER, PURCHASE = int(Kind.CONSIDER), int(Kind.PURCHASE)


@part
def schedule_need(t, c, i, today):  # type: ignore[no-untyped-def]
    """Draw the day of the customer's next need, from tomorrow on."""
    mass = waiting_mass(u01(t.seed, Draw.NEED, i, SETUP_DAY, c.need_count))
    c.need_count += 1
    c.need_day = need_day(np.float64(c.need_rate), mass, t.season_cumulative[c.segment], today)


@part
def trigger_day(c, trigger):  # type: ignore[no-untyped-def]
    """The day on which the event last happened to the customer, negative if never."""
    if trigger == NEED:
        return np.int64(c.need_began)
    if trigger == ABANDONED:
        return np.int64(c.abandoned_day)
    if trigger == BOUGHT:
        return np.int64(c.last_day)
    if trigger == BAD:
        return np.int64(c.bad_day)
    return np.int64(c.lapse_day)


@part
def is_due(t, c, j, day):  # type: ignore[no-untyped-def]
    """Whether triggered touchpoint `j` is due today."""
    if t.trigger[j] == NEVER:
        return False
    happened = trigger_day(c, t.trigger[j])
    return happened >= 0 and happened + t.delay[j] == day


@part
def next_wake(t, c, today):  # type: ignore[no-untyped-def]
    """The next day after `today` on which something is due, FAR if nothing is."""
    wake = np.int64(FAR)
    kind = t.kind[c.phase]
    if c.need_day > today and kind != CONSIDER and kind != PURCHASE:
        wake = min(wake, np.int64(c.need_day))
    if c.judge_day > today:
        wake = min(wake, np.int64(c.judge_day))
    if c.renewal_day > today:
        wake = min(wake, np.int64(c.renewal_day))
    for j in range(len(t.trigger)):
        if t.trigger[j] != NEVER:
            happened = trigger_day(c, t.trigger[j])
            due = happened + t.delay[j]
            if happened >= 0 and due > today:
                wake = min(wake, due)
    return wake
