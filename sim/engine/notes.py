"""Writing things down: counters, moves between cells, events of the panel."""

import numpy as np

from sim.compiled import part
from sim.model.state import cell_of
from sim.vocabulary import NEVER, EventCode

MOVE = int(EventCode.MOVE)


@part
def count_one(tally, chunk, segment, column):  # type: ignore[no-untyped-def]
    """Add 1 to a count of the day."""
    tally.counts[chunk, segment, column] += 1


@part
def count_money(tally, chunk, segment, column, amount):  # type: ignore[no-untyped-def]
    """Add minor units of money to a count of the day."""
    tally.counts[chunk, segment, column] += amount


@part
def write_event(log, chunk, c, i, day, event, touchpoint, to_phase, offer, device, visit, value):  # type: ignore[no-untyped-def]
    """Append an event of a panel customer."""
    if not c.panel:
        return
    place = log.used[chunk]
    e = log.events[chunk, place]
    e.customer = i
    e.day = day
    e.event = event
    e.touchpoint = touchpoint
    e.phase = c.phase
    e.to_phase = to_phase
    e.offer = offer
    e.route = c.route
    e.device = device
    e.visit = visit
    e.value = value
    log.used[chunk] = place + 1


@part
def move(tally, log, chunk, c, i, day, phase):  # type: ignore[no-untyped-def]
    """Put the customer into another phase and count the flow."""
    if phase == c.phase:
        return
    tally.flows[chunk, c.segment, c.phase, phase] += 1
    write_event(log, chunk, c, i, day, MOVE, NEVER, phase, NEVER, NEVER, 0, 0.0)
    c.phase = phase


@part
def update_cell(t, state, tally, chunk, c, i):  # type: ignore[no-untyped-def]
    """Bring the customer's cell, and the change of the census, up to its state."""
    old = np.int64(state.cell[i])
    new = cell_of(
        np.int64(c.segment),
        np.int64(c.phase),
        np.int64(c.relationship),
        np.int64(c.permission),
        np.int64(c.visited),
        len(t.kind),
    )
    if new != old:
        tally.census[chunk, old] -= 1
        tally.census[chunk, new] += 1
        state.cell[i] = new
