"""Conversion: who buys, of those who had a need, and how people move from phase to phase.

- *conversion* = people who bought from the firm / people whose need arose, both in the
  window of the run; each person counts once.
  It grows with the run, as people have more than one need: of journeys, see
  `sim.measures.journeys`.
- *conversion_rate of a phase* = people who advanced / people who entered it. Those there on
  day 0 count as entered. To advance is to go on to a later phase up to the purchase phase;
  out of the purchase phase, to buy; out of a phase after the purchase, to go on to a later
  one. The last phase leads nowhere, so it has no rate.
- *checkout abandonment* = checkouts abandoned / checkouts started.
- *visit conversion* = purchases / visits to the firm's place (encounters that became one).
- *share of a route* = purchases by people who considered the brand from the start of the
  journey (initial), since some encounter (added), or by habit (loyalty) / purchases.
- *share of an offer* = its purchases / all purchases, without renewals; its *revenue* = its
  purchases x its price, and what its add-ons brought. Records know no renewals by offer.
- *share of an offer in first purchases* = the same among the panel's purchases by people who
  had never bought before. Records count first purchases, but not by offer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures import totals
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.once import once
from sim.measures.totals import total
from sim.model.columns import Count, Touch
from sim.records.recorder import Records
from sim.vocabulary import MINOR_UNITS, EventCode, PhaseKind, Route

NO_NEED = "no need arose"
NO_PURCHASE = "nobody bought"
LEAST_JOURNEYS = 30  # of the panel behind a figure that is shown; assumption


class PhaseMoves(NamedTuple):
    """How customers came into a phase and left it, in simulated customers.

    entered = advanced + fell_back + needed + left + still_there.
    """

    phase: str
    kind: PhaseKind
    entered: int  # those there on day 0 included
    advanced: int
    fell_back: int  # to an earlier phase of the same part of the journey
    needed: int  # from a phase after the purchase: a new need began a new journey
    left: int  # gave up, went to a competitor, or stopped being customers
    still_there: int  # when the run ended


class OfferRow(NamedTuple):
    """How one of the firm's offers sold; people and money of the whole population."""

    offer: str
    purchases: float
    share: Figure  # of all purchases
    first_share: Figure  # of first purchases, in the panel
    revenue: float  # add-ons included, renewals not


def conversion(records: Records) -> Figure:
    """People who bought / people whose need arose."""
    needing = int(np.count_nonzero(records.customers["need_began"] >= 0))
    return ratio(buyers(records), needing, NO_NEED)


@once
def conversion_by_segment(records: Records) -> dict[str, Figure]:
    """People who bought / people whose need arose, in each segment."""
    customers, segments = records.customers, records.scenario.segments
    needing, bought = customers["need_began"] >= 0, customers["purchases"] > 0
    each = [
        np.bincount(customers["segment"][who], minlength=len(segments)) for who in (bought, needing)
    ]
    return {
        name: ratio(int(each[0][s]), int(each[1][s]), NO_NEED) for s, name in enumerate(segments)
    }


def buyers(records: Records) -> int:
    """Simulated customers who bought in the run at least once."""
    return int(np.count_nonzero(records.customers["purchases"] > 0))


@once
def phase_moves(records: Records, segment: int | None = None) -> list[PhaseMoves]:
    """The moves into and out of every phase, over the whole run, in the order of phases.

    `segment`: of these customers alone, by default of all.
    """
    flows = totals.of_segment(totals.flows(records), segment)  # (P, P) from, to
    start = totals.of_segment(records.start, segment)
    phases = records.scenario.journey.phases
    kinds = [phase.kind for phase in phases.values()]
    before_sale = np.array([not kind.relates for kind in kinds])
    searching = np.array([kind.searches for kind in kinds])
    moves = []
    for p, (name, phase) in enumerate(phases.items()):
        out = flows[p]
        earlier, later = np.arange(len(out)) < p, np.arange(len(out)) > p
        needed = 0
        if phase.kind.relates:
            advanced = int(out[later].sum())
            fell_back = int(out[earlier & ~before_sale].sum())
            needed = int(out[searching].sum())
        elif phase.kind.waits:
            advanced = int(out[later & before_sale].sum())
            fell_back = int(out[earlier].sum())
        else:
            advanced = int(out[later & before_sale].sum())
            fell_back = int(out[earlier & searching].sum())
            if phase.kind.decides:
                advanced = total(records, Count.PURCHASES, segment)
        entered = int(start[p] + flows[:, p].sum())
        gone = int(out.sum())
        left = gone - advanced - fell_back - needed
        moves.append(
            PhaseMoves(name, phase.kind, entered, advanced, fell_back, needed, left, entered - gone)
        )
    return moves


def phase_conversion(moves: list[PhaseMoves]) -> dict[str, Figure]:
    """The conversion_rate of every phase."""
    rates: dict[str, Figure] = {
        move.phase: ratio(move.advanced, move.entered, "nobody entered it") for move in moves
    }
    last = moves[-1]
    if not last.kind.searches:
        rates[last.phase] = Undefined("it is the last phase")
    return rates


def conversion_by_phase(records: Records) -> dict[str, Figure]:
    """The conversion_rate of every phase, of all customers."""
    return phase_conversion(phase_moves(records))


def checkout_abandonment(records: Records) -> Figure:
    """Checkouts abandoned / started."""
    started = total(records, Count.CHECKOUTS_STARTED)
    return ratio(total(records, Count.CHECKOUTS_ABANDONED), started, "no checkout was started")


def visit_conversion(records: Records) -> Figure:
    """Purchases / visits."""
    visits = int(totals.touches(records)[..., Touch.VISITS].sum())
    return ratio(total(records, Count.PURCHASES), visits, "nobody visited")


@once
def route_shares(records: Records) -> dict[str, Figure]:
    """The share of each route in the purchases."""
    bought = records.purchases.sum(axis=(0, 1, 2))
    return {
        route.name.lower(): ratio(bought[route], bought.sum(), NO_PURCHASE)
        for route in Route
        if route != Route.NONE
    }


@once
def offer_table(records: Records) -> list[OfferRow]:
    """How each offer sold, in the scenario's order."""
    offers, people = records.scenario.offers, records.people_per_agent
    bought = records.purchases.sum(axis=(0, 1, 3))
    brought = records.sales.sum(axis=(0, 1, 3))
    first = _first_purchases(records)
    few = Undefined(
        "the panel saw {count} first purchases, too few for a share: {least} are needed",
        count=int(first.sum()),
        least=LEAST_JOURNEYS,
    )
    rows = []
    for o, name in enumerate(offers):
        revenue = int(brought[o])
        share = ratio(int(bought[o]), int(bought.sum()), NO_PURCHASE)
        first_share = few if first.sum() < LEAST_JOURNEYS else float(first[o] / first.sum())
        rows.append(
            OfferRow(
                name, int(bought[o]) * people, share, first_share, revenue / MINOR_UNITS * people
            )
        )
    return rows


def _first_purchases(records: Records) -> NDArray[np.int64]:
    """First purchases of the panel by offer, (O,)."""
    rows = records.events[records.events["event"] == EventCode.PURCHASE]
    mine = records.customers["first_day"][rows["customer"]] == rows["day"]
    count: NDArray[np.int64] = np.bincount(
        rows["offer"][mine], minlength=len(records.scenario.offers)
    )
    return count
