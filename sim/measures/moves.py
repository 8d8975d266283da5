"""Moving on: the chance, the time it takes, and what a phase leads to.

- *chance to move on* of a phase = people who advanced / people who went out of it, whatever the
  way; those still there when the run ends do not count. (The conversion_rate of
  `sim.measures.conversion` divides by those who entered.)
- *days in a phase* = nights that people spent in it / times that somebody went out of it
  (Little 1961). Stays that the first or the last day of the run cuts count with the nights
  that it saw. For a constant daily chance to go, that is the maximum likelihood estimate of
  the mean stay, however many are cut; otherwise it errs the less, the more stays are whole.
  A stay that ends on the day on which it began counts no night.
- *days to advance* = the median, over stays of the panel that began in the run and ended in
  an advance, of the nights between. Stays still under way at the end are missing, so that it
  is too low where a stay lasts about as long as the run.
- *journeys that reached* a phase of the search = moves on to it, or past it, less moves back
  from there: those that came and did not fall back for good. They are the ones that reached
  the next phase (after the last: bought), left here, or are still here at the end, exactly.
- *chance of purchase* b_p from a phase p: the phases as an absorbing Markov chain (Kemeny &
  Snell 1960) whose chances are the run's own flows,
      out_p b_p = bought_p + sum over q of flow_pq b_q,
  with out_p = people who went out of p, bought_p = those who bought from the firm there, and
  flow_pq = those who went from p to q without leaving: giving up, going to a competitor and
  stopping to be a customer lead nowhere. It is the chance that this journey ends in a
  purchase; after the purchase, that the next one does, before the customer stops being one.
  Counts are whole numbers, so the equations are solved exactly, in fractions. The chain
  forgets how somebody came to a phase, and how long ago.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from sim.measures import totals
from sim.measures.conversion import LEAST_JOURNEYS, phase_moves
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.journey_map import ALL
from sim.measures.once import once
from sim.measures.stays import Ending, stays_of_panel
from sim.measures.totals import total
from sim.model.columns import Count
from sim.records.recorder import Records, end_of_day
from sim.vocabulary import NEVER, PhaseKind

NOBODY_LEFT_IT = "nobody went out of it"
LAST_PHASE = "it is the last phase"


class MoveRow(NamedTuple):
    """Moving on from a phase, of a segment or of everybody (`ALL`)."""

    segment: str
    phase: str
    went_out: float  # people, a person once for each time
    chance: Figure  # to move on
    days: Figure  # in the phase


class AdvanceRow(NamedTuple):
    """The time until a stay in a phase ended in an advance."""

    phase: str
    stays: int  # of the panel
    median_days: Figure


class FunnelStep(NamedTuple):
    """A step of the funnel; people of the whole population."""

    phase: str  # empty: the purchase itself
    reached: float
    left: float  # before the next step
    under_way: float  # when the run ended


@once
def move_table(records: Records) -> list[MoveRow]:
    """Chance to move on and days in each phase: of everybody, then of each segment."""
    nights = end_of_day(records).sum(axis=0)  # (S, P)
    last = len(records.scenario.journey.phases) - 1
    rows = []
    for name, segment in everybody_and_segments(records):
        spent = nights.sum(axis=0) if segment is None else nights[segment]
        for p, move in enumerate(phase_moves(records, segment)):
            out = move.entered - move.still_there
            chance = ratio(move.advanced, out, NOBODY_LEFT_IT)
            if p == last and not move.kind.searches:
                chance = Undefined(LAST_PHASE)
            days = ratio(int(spent[p]), out, NOBODY_LEFT_IT)
            rows.append(MoveRow(name, move.phase, out * records.people_per_agent, chance, days))
    return rows


def days_in_phase(records: Records) -> dict[str, Figure]:
    """Mean days of a stay in each phase, of everybody."""
    return {row.phase: row.days for row in move_table(records) if row.segment == ALL}


@once
def days_to_advance(records: Records) -> list[AdvanceRow]:
    """The median days until an advance from each phase, where the panel saw enough of them."""
    stays = stays_of_panel(records)
    rows = []
    for p, name in enumerate(records.scenario.journey.phases):
        forward = np.isin(stays.ending, (Ending.ADVANCED, Ending.BOUGHT))
        mine = forward & (stays.phase == p) & (stays.began != NEVER)
        count = int(mine.sum())
        median: Figure = Undefined(
            "the panel saw {count} such stays; {least} are needed",
            count=count,
            least=LEAST_JOURNEYS,
        )
        if count >= LEAST_JOURNEYS:
            median = float(np.median(stays.ended[mine] - stays.began[mine]))
        rows.append(AdvanceRow(name, count, median))
    return rows


@once
def steps(records: Records) -> list[FunnelStep]:
    """The steps from the need to the purchase: reached = next reached + left + under way.

    Whoever was under way on day 0 has reached the step where it stood.
    """
    flows, kinds = totals.flows(records).sum(axis=0), _kinds(records)
    search = [p for p, kind in enumerate(kinds) if kind.searches]
    moves, people = phase_moves(records), records.people_per_agent
    found = []
    for p in search:
        beyond = [q for q in search if q >= p]
        before = [q for q in search if q < p]
        others = [q for q in range(len(kinds)) if q not in beyond]
        net = flows[np.ix_(others, beyond)].sum() - flows[np.ix_(beyond, before)].sum()
        net += records.start[:, beyond].sum()
        move = moves[p]
        found.append(
            FunnelStep(move.phase, int(net) * people, move.left * people, move.still_there * people)
        )
    return [*found, FunnelStep("", total(records, Count.PURCHASES) * people, 0.0, 0.0)]


@once
def chance_of_purchase(records: Records, segment: int | None = None) -> list[Figure]:
    """The chance of purchase from each phase, in order; of one segment, by default of all."""
    sold = total(records, Count.PURCHASES, segment)
    bought = [sold if kind.decides else 0 for kind in _kinds(records)]
    return _chain(records, segment, absorbed=bought, goes_on=_goes_on)


@once
def chance_of_need(records: Records, segment: int | None = None) -> list[Figure]:
    """The chance that a customer in each phase after the purchase has a need before it stops.

    In order of the phases; before the purchase there is none. The chain is that of
    `chance_of_purchase`, with needs in the place of purchases.
    """
    needed = [move.needed for move in phase_moves(records, segment)]
    found = _chain(records, segment, absorbed=needed, goes_on=_stays_customer)
    later = [kind.relates for kind in _kinds(records)]
    no_customer = Undefined("it comes before the purchase")
    return [
        figure if is_later else no_customer for figure, is_later in zip(found, later, strict=True)
    ]


def _chain(
    records: Records,
    segment: int | None,
    *,
    absorbed: Sequence[int],
    goes_on: Callable[[PhaseKind, PhaseKind], bool],
) -> list[Figure]:
    """The chance of each phase to end in `absorbed`, by the run's flows."""
    flows = totals.of_segment(totals.flows(records), segment)
    kinds = _kinds(records)
    phases = range(len(kinds))
    out = [int(flows[p].sum()) for p in phases]
    kept = [
        [int(flows[p, q]) if goes_on(kinds[p], kinds[q]) else 0 for q in phases] for p in phases
    ]
    chances = absorption(kept, absorbed, out)
    return [Undefined(NOBODY_LEFT_IT) if b is None else float(b) for b in chances]


def _kinds(records: Records) -> list[PhaseKind]:
    return [phase.kind for phase in records.scenario.journey.phases.values()]


def _goes_on(kind: PhaseKind, to: PhaseKind) -> bool:
    """Whether a move between phases of these kinds goes on with the journey or the relation."""
    return to.searches or _stays_customer(kind, to) or (kind.waits and to.waits)


def _stays_customer(kind: PhaseKind, to: PhaseKind) -> bool:
    """Whether a move between phases of these kinds lies after the purchase."""
    return kind.relates and to.relates


def absorption(
    kept: Sequence[Sequence[int]], bought: Sequence[int], out: Sequence[int]
) -> list[Fraction | None]:
    """Solves out_p b_p = bought_p + sum over q of kept_pq b_q for whole numbers, exactly.

    `kept` (P, P), `bought` (P,) and `out` (P,) count people; what `out` has more than the two
    others is lost. None for a phase that nobody went out of, or from which the counts lead
    round for ever: from there no chance can be told.
    """
    phases = range(len(out))
    ends = {p for p in phases if out[p] > sum(kept[p])}  # some were absorbed here
    found = -1
    while len(ends) > found:
        found = len(ends)
        ends |= {p for p in phases if any(kept[p][q] and q in ends for q in phases)}
    solvable = sorted(ends)
    rows = [
        [Fraction(out[p] * (p == q) - kept[p][q]) for q in solvable] + [Fraction(bought[p])]
        for p in solvable
    ]
    chances: list[Fraction | None] = [None] * len(out)
    for p, chance in zip(solvable, solved(rows), strict=True):
        chances[p] = chance
    return chances


def solved(equations: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """The solution of linear equations, a row each, the right side last; exact (Gauss-Jordan).

    They are those of an absorbing chain, or their transpose: the diagonal never vanishes.
    """
    rows = [list(row) for row in equations]
    for k in range(len(rows)):
        rows[k] = [cell / rows[k][k] for cell in rows[k]]
        for other in range(len(rows)):
            if other != k and rows[other][k]:
                factor = rows[other][k]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[k], strict=True)]
    return [row[-1] for row in rows]


def everybody_and_segments(records: Records) -> list[tuple[str, int | None]]:
    """The name and place of everybody (`ALL`, None), then of each segment."""
    everybody: list[tuple[str, int | None]] = [(ALL, None)]
    return everybody + [(name, s) for s, name in enumerate(records.scenario.segments)]
