"""What is due when: needs, judgements, renewals and triggered encounters."""

import numpy as np

from sim.compiled import part
from sim.draws import Draw, u01
from sim.engine.state import FAR, Row, State, i8
from sim.model.columns import Tables
from sim.model.need import need_day, waiting_mass
from sim.vocabulary import NEVER, Trigger, code_of

NEED, ABANDONED = code_of(Trigger.NEED), code_of(Trigger.CHECKOUT_ABANDONED)
BOUGHT, BAD = code_of(Trigger.PURCHASE), code_of(Trigger.BAD_EXPERIENCE)
LAPSE, ENCOUNTER = code_of(Trigger.LAPSE), code_of(Trigger.ENCOUNTER)
PHASE, PERIOD, RENEWAL = code_of(Trigger.PHASE), code_of(Trigger.PERIOD), code_of(Trigger.RENEWAL)
NOTHING = int(NEVER)


@part
def schedule_need(t: Tables, c: Row, i: int, today: int) -> None:
    """Draw the day of the customer's next need, from tomorrow on."""
    mass = waiting_mass(u01(t.seed, Draw.NEED, i, i8(c.born), c.need_count))
    c.need_count += 1
    c.need_day = need_day(np.float64(c.need_rate), mass, t.season_cumulative[c.segment], today)


@part
def trigger_day(t: Tables, state: State, c: Row, i: int, j: int) -> int:
    """The day of the event that starts touchpoint `j`, negative if there is none.

    Of a coming renewal, the day that lies the delay before it, less the delay.
    """
    trigger = t.trigger[j]
    if trigger == NEED:
        return i8(c.need_began)
    if trigger == ABANDONED:
        return i8(c.abandoned_day)
    if trigger == BOUGHT or trigger == PERIOD:
        return i8(c.last_day)
    if trigger == BAD:
        return i8(c.bad_day)
    if trigger == LAPSE:
        return i8(c.lapse_day)
    if trigger == ENCOUNTER:
        return i8(state.met_day[i, t.trigger_source[j]])
    if trigger == PHASE and c.phase == t.trigger_phase[j]:
        return i8(c.phase_day)
    if trigger == RENEWAL and c.renewal_day >= 0:
        return i8(c.renewal_day)
    return NOTHING


@part
def next_due(t: Tables, state: State, c: Row, i: int, j: int, today: int) -> int:
    """The first day after `today` on which touchpoint `j` is due as things stand, FAR if none."""
    happened = trigger_day(t, state, c, i, j)
    if happened < 0:
        return i8(FAR)
    due = happened + t.delay[j]
    if t.trigger[j] == RENEWAL:
        due = happened - t.delay[j]
    if t.trigger[j] == PERIOD:
        every = t.trigger_every[j]
        due = happened + every
        if due <= today:
            due += ((today - due) // every + 1) * every
    if due <= today:
        return i8(FAR)
    return i8(due)


@part
def is_due(t: Tables, state: State, c: Row, i: int, j: int, day: int) -> bool:
    """Whether touchpoint `j`, which has a trigger, is due today."""
    return next_due(t, state, c, i, j, day - 1) == day


@part
def next_wake(t: Tables, state: State, c: Row, i: int, today: int) -> int:
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
        wake = min(wake, next_due(t, state, c, i, j, today))
    return wake
