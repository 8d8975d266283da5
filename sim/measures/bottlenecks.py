"""Bottlenecks: where keeping a few more people on their way would bring most money.

The *worth* of a phase = the margin gained if a tenth of those who left from it, and of those who
fell back from it, had stayed there instead, in the run and the whole population:

- before the purchase: tenth x (leavers x b_p + sum over q of those who fell back to q
  x (b_p - b_q)) x margin per purchase, b_p being the chance of purchase from there
  (`sim.measures.moves`). Who falls back is not lost, but has to come the whole way again.
  Assumption: those kept do as the others who were in that phase.
  That is the derivative of the absorbing chain's chance of purchase, times its journeys, to a step
  of a tenth in the log-odds of moving on from the phase: with a chance a of moving on, and 1 - a
  of going out in other ways, which become (1 - h) times as likely, a changes by a (1 - a) h.
  Who chose a competitor's offer has left the purchase phase too: there the step is one in the
  log-odds of being chosen.
- after the purchase: tenth x people who stopped being customers there x N_p (r - r_0) x margin
  per purchase. N_p is the chance that the next need comes before the customer stops, by the
  chain of the phases after the purchase; r = purchases by customers / needs of customers, and
  r_0 the same for all others: they too have a next need, and some of it leads here. For the
  share who stopped by not renewing a subscription it is the margin of one more period.
- *checkout*: tenth x checkouts abandoned x (1 - retry x b) x margin per purchase, b being the
  chance of purchase from the purchase phase and retry the scenario's share of the abandoned
  who stay to try again. Assumption: those who finish pay what the others do.

*Margin per purchase* = (margin - margin of renewals) / purchases. All are worked out for each
segment with its own figures and added up. They count the next sale alone: what follows from
it (purchases again, renewals, recommendations) comes on top, and costs of the fix come off.
The checkout's leavers are also among those of the purchase phase: the rows do not add up.
A tenth is an example; to the first order the worth is proportional to the share kept.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.measures import totals
from sim.measures.conversion import NO_PURCHASE, phase_moves
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.moves import chance_of_need, chance_of_purchase
from sim.measures.once import once
from sim.measures.totals import total
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.vocabulary import MINOR_UNITS

SHARE_KEPT = 0.1  # of the leavers; an example, see above
CHECKOUT = "(checkout)"  # stands for abandoned checkouts; no name has brackets
NOBODY_LEFT = "nobody dropped off or fell back"


class Bottleneck(NamedTuple):
    """What a tenth fewer who leave or fall back would bring; people and money of the population."""

    where: str  # a phase, or `CHECKOUT`
    left: float  # people, a person once for each time
    fell_back: float  # the same, to an earlier phase of the search
    chance: Figure  # of a purchase gained for each one kept, on average
    worth: Figure  # margin gained


class _Sum:
    """Adds up who went, purchases gained and money gained over segments."""

    def __init__(self) -> None:
        self.left, self.fell_back, self.sales, self.worth = 0, 0, 0.0, 0.0

    def add_leavers(self, left: int, chance: float, worth_each: float) -> None:
        self.left += left
        self.sales += left * chance
        self.worth += left * worth_each

    def add_returns(self, fell_back: int, sales: float, margin: float) -> None:
        self.fell_back += fell_back
        self.sales += sales
        self.worth += sales * margin


@once
def bottlenecks(records: Records) -> list[Bottleneck]:
    """Every phase but the latent ones, and the checkout: those of the highest worth first."""
    sums: dict[str, _Sum] = {}
    for segment in range(len(records.scenario.segments)):
        _add_segment(records, segment, sums)
    people = records.people_per_agent
    nothing = total(records, Count.PURCHASES) == 0 and total(records, Count.RENEWALS) == 0
    rows = [
        Bottleneck(
            where,
            found.left * people,
            found.fell_back * people,
            ratio(found.sales, found.left + found.fell_back, NOBODY_LEFT),
            Undefined(NO_PURCHASE) if nothing else SHARE_KEPT * found.worth * people,
        )
        for where, found in sums.items()
    ]
    return sorted(rows, key=lambda row: 0.0 if isinstance(row.worth, Undefined) else -row.worth)


def went(row: Bottleneck) -> float:
    """People who left or fell back."""
    return row.left + row.fell_back


def of_phases(records: Records) -> list[Bottleneck]:
    """Every phase but the latent ones, in the order of the journey."""
    rows = {row.where: row for row in bottlenecks(records)}
    return [rows[name] for name in records.scenario.journey.phases if name in rows]


def at_checkout(records: Records) -> Bottleneck:
    """The checkout."""
    return next(row for row in bottlenecks(records) if row.where == CHECKOUT)


def _add_segment(records: Records, segment: int, sums: dict[str, _Sum]) -> None:
    """Add a segment's leavers and what they are worth."""

    def count(column: Count) -> int:
        return total(records, column, segment)

    def share(part: int, whole: int) -> float:
        return part / whole if whole else 0.0

    bought = count(Count.PURCHASES)
    margin = share(count(Count.MARGIN) - count(Count.RENEWAL_MARGIN), bought) / MINOR_UNITS
    period = share(count(Count.RENEWAL_MARGIN), count(Count.RENEWALS)) / MINOR_UNITS
    unrenewed = share(count(Count.CHURNED), count(Count.LAPSED))
    # a phase that nobody went out of has no leavers either: its chance does not matter
    chances = [_or_zero(b) for b in chance_of_purchase(records, segment)]
    needs = [_or_zero(n) for n in chance_of_need(records, segment)]
    moves = phase_moves(records, segment)
    of_customers = sum(move.needed for move in moves)
    by_customers = bought - count(Count.NEW_CUSTOMERS) - count(Count.REACTIVATIONS)
    ahead = share(by_customers, of_customers) - share(
        bought - by_customers, count(Count.NEEDS) - of_customers
    )
    flows = totals.of_segment(totals.flows(records), segment)
    searches = [move.kind.searches for move in moves]
    for p, (move, chance, need) in enumerate(zip(moves, chances, needs, strict=True)):
        if move.kind.waits:
            continue
        found = sums.setdefault(move.phase, _Sum())
        if move.kind.searches:
            found.add_leavers(move.left, chance, chance * margin)
            back = [q for q in range(p) if searches[q]]
            sales = sum(int(flows[p, q]) * (chance - chances[q]) for q in back)
            found.add_returns(move.fell_back, sales, margin)
            if move.kind.decides:
                gained = 1.0 - records.scenario.journey.checkout.retry * chance
                abandoned = count(Count.CHECKOUTS_ABANDONED)
                sums.setdefault(CHECKOUT, _Sum()).add_leavers(abandoned, gained, gained * margin)
        else:
            gained = (1.0 - unrenewed) * need * ahead
            found.add_leavers(move.left, gained, gained * margin + unrenewed * period)


def _or_zero(figure: Figure) -> float:
    return 0.0 if isinstance(figure, Undefined) else figure
