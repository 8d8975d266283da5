"""Writing things down: counters, moves between cells, events of the panel."""

from sim.compiled import part
from sim.engine.state import Log, Row, State, i8
from sim.model.columns import Tables, Tally, cell_of
from sim.vocabulary import NEVER, EventCode

MOVE = int(EventCode.MOVE)


@part
def count_one(tally: Tally, chunk: int, segment: int, column: int) -> None:
    """Add 1 to a count of the day."""
    tally.counts[chunk, segment, column] += 1


@part
def count_money(tally: Tally, chunk: int, segment: int, column: int, amount: int) -> None:
    """Add minor units of money to a count of the day."""
    tally.counts[chunk, segment, column] += amount


@part
def write_event(
    log: Log,
    chunk: int,
    c: Row,
    i: int,
    day: int,
    event: int,
    touchpoint: int,
    to_phase: int,
    offer: int,
    device: int,
    visit: int,
    value: float,
) -> None:
    """Append an event of a panel customer."""
    if not c.panel:
        return
    place = log.used[chunk]
    e = log.events[chunk, place]
    e.customer = c.number
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
def move(tally: Tally, log: Log, chunk: int, c: Row, i: int, day: int, phase: int) -> None:
    """Put the customer into another phase and count the flow."""
    if phase == c.phase:
        return
    tally.flows[chunk, c.segment, c.phase, phase] += 1
    write_event(log, chunk, c, i, day, MOVE, NEVER, phase, NEVER, NEVER, 0, 0.0)
    c.phase = phase
    c.phase_day = day


@part
def update_cell(t: Tables, state: State, tally: Tally, chunk: int, c: Row, i: int) -> None:
    """Bring the customer's cell, and the change of the census, up to its state."""
    old = i8(state.cell[i])
    new = cell_of(
        i8(c.segment),
        i8(c.phase),
        i8(c.relationship),
        i8(c.permission),
        i8(c.visited),
        len(t.pace),
    )
    if new != old:
        tally.census[chunk, old] -= 1
        tally.census[chunk, new] += 1
        state.cell[i] = new
