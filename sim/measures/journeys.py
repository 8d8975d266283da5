"""Conversion of journeys: the chance that a need ends in a purchase here, and how sure that is.

A journey begins with a need and ends in a purchase from the firm, at a competitor, or nowhere. When
the run ends some are still under way. To count these as lost makes conversion grow with the length
of the run; they are cut off (right-censored), as lives are in `sim.measures.retention`. Purchases,
losses and giving up compete, and records do not tell how old a journey was when it ended, so the
cumulative incidence of purchases is not taken over age but over the phases, where the moves of
everybody are counted: the phases of the search are an absorbing Markov chain
(`sim.measures.moves`).

- *conversion per need* = sum over p of e_p b_p / sum of e_p, with e_p = journeys that began in
  phase p, and b_p the chance of purchase from there. As out_p = e_p + those there on day 0 + moves
  into p - those there at the end, and b solves the balance of flows, that is exactly

      (purchases + sum of b_p under way at the end - sum of b_p under way on day 0) / needs:

  who is under way counts with what is still expected of the journey. Once all journeys have ended
  it is purchases / needs, whatever the chain forgets; in a market at rest, where as many are
  under way on day 0 as at the end, it is so in a window of any length.
- *share under way* = journeys under way at the end / those that began or were under way on day 0.
- *95% interval*: the error of the chain's counts by the delta method,

      sum over p of (v_p / out_p)^2 sum over q of n_pq (b_q - b_p)^2 + sum of e_p (b_p - c)^2,

  over needs squared: n_pq moves from p to q, b = 1 for a purchase and 0 for other ends, c the
  conversion, v_p = visits that the journeys begun can be expected to pay to p (e times the
  chain's fundamental matrix). To it adds what the chain forgets: the longer a journey has
  been under way, the likelier the brand has been added to what is considered. What journeys
  under way bring on balance is uncertain by `FORGOTTEN` (standard error, relative): from an empty
  day 0 it was found too low in `webshop_loop` and `webshop_funnel`, by a quarter to a half at 14
  days and by a third at most from 30 on. Purchases of one person hang together: the error of
  the counts is multiplied by the variance of purchases per customer over their mean, where that
  is above 1. As people also differ in how often they need something, that is rather too wide.
  The interval is made on the scale log(-log), as that of retention is.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from sim.elementary import square
from sim.measures import totals
from sim.measures.conversion import NO_NEED
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.intervals import Estimate, greenwood_interval, wilson
from sim.measures.moves import chance_of_purchase, solved
from sim.measures.once import once
from sim.measures.totals import total
from sim.model.columns import Count, Flags, Integers, Reals
from sim.records.recorder import Records, end_of_day

FORGOTTEN = 0.25  # relative standard error of what is expected of those under way; see above
TOO_SHORT = "the run is too short for the journeys in progress to be judged"


class Journeys(NamedTuple):
    """The journeys of a run, by phase of the search in order; simulated customers."""

    began: Integers  # (P,) journeys that began there
    moved: Integers  # (P, P) from, to
    out: Integers  # (P,) who went out of it, whatever the way
    bought: Integers  # (P,) who went out of it by buying
    at_start: Integers  # (P,) under way there on day 0
    at_end: Integers  # (P,) and when the run ended
    chance: Reals  # (P,) of purchase; NaN of a phase that nobody has gone out of


@once
def journeys(records: Records) -> Journeys:
    """The journeys of everybody in the run."""
    flows = totals.flows(records).sum(axis=0)
    phases = records.scenario.journey.phases.values()
    searches: Flags = np.array([phase.kind.searches for phase in phases])
    decides: Flags = np.array([phase.kind.decides for phase in phases])
    chances = np.array(
        [math.nan if isinstance(b, Undefined) else b for b in chance_of_purchase(records)]
    )
    return Journeys(
        began=flows[~searches][:, searches].sum(axis=0),
        moved=flows[searches][:, searches],
        out=flows[searches].sum(axis=1),
        bought=decides[searches] * total(records, Count.PURCHASES),
        at_start=records.start.sum(axis=0)[searches],
        at_end=end_of_day(records)[-1].sum(axis=0)[searches],
        chance=chances[searches],
    )


@once
def conversion_of_journeys(records: Records) -> Estimate | Undefined:
    """The chance that a need ends in a purchase from the firm, with its 95% interval."""
    found = journeys(records)
    needs = int(found.began.sum())
    if not needs:
        return Undefined(NO_NEED)
    known = ~np.isnan(found.chance)
    if (found.at_end[~known] > 0).any():
        return Undefined(TOO_SHORT)
    chance = np.where(known, found.chance, 0.0)
    conversion = float(found.began @ chance) / needs
    ended = needs + int(found.at_start.sum() - found.at_end.sum())
    if not 0.0 < conversion < 1.0:
        return Estimate(conversion, *wilson(round(conversion) * ended, ended))
    expected = float((found.at_end - found.at_start) @ chance)
    variance = _variance(found, chance, conversion) * _clustering(records)
    variance += square(FORGOTTEN * expected)
    not_yet = 1.0 - conversion
    low, high = greenwood_interval(not_yet, variance / square(needs * not_yet))
    return Estimate(conversion, low, high)


def _variance(found: Journeys, chance: Reals, conversion: float) -> float:
    """The variance of the purchases that all journeys begun can be expected to end in."""
    known = np.flatnonzero(~np.isnan(found.chance))
    visits = np.zeros(len(chance))  # v_p / out_p
    visits[known] = [
        float(each)
        for each in solved(
            [
                [Fraction(int(found.out[q] * (p == q) - found.moved[p, q])) for p in known]
                + [Fraction(int(found.began[q]))]
                for q in known
            ]
        )
    ]
    lost = found.out - found.moved.sum(axis=1) - found.bought
    spread = (found.moved * (chance[None, :] - chance[:, None]) ** 2).sum(axis=1)
    spread = spread + found.bought * (1.0 - chance) ** 2 + lost * chance**2
    first = found.began @ (chance - conversion) ** 2
    return float((visits**2 * spread).sum() + first)


def _clustering(records: Records) -> float:
    """How much more purchases per customer vary than independent ones would, at least 1."""
    bought = records.customers["purchases"].astype(np.float64)
    mean = float(bought.mean())
    return max(1.0, float(bought.var()) / mean) if mean else 1.0


def conversion_per_need(records: Records) -> Figure:
    """The chance that a need ends in a purchase from the firm."""
    found = conversion_of_journeys(records)
    return found if isinstance(found, Undefined) else found.value


def conversion_low(records: Records) -> Figure:
    """The lower end of its 95% CI."""
    found = conversion_of_journeys(records)
    return found if isinstance(found, Undefined) else found.low


def conversion_high(records: Records) -> Figure:
    """The upper end of its 95% CI."""
    found = conversion_of_journeys(records)
    return found if isinstance(found, Undefined) else found.high


def under_way(records: Records) -> Figure:
    """The share of the run's journeys that had not ended when the run did."""
    found = journeys(records)
    return ratio(int(found.at_end.sum()), int(found.began.sum() + found.at_start.sum()), NO_NEED)
