"""Where people leave, to whom, and what they had met before.

- *people who left from a phase* = those who gave the journey up there or went to a competitor
  (before the purchase), or stopped being customers there (after it); a person once for each
  time. *Gave up*, *went to a competitor*, by its offer, and *stopped being customers* are
  counted over all phases; a subscriber who stops in the middle of a search counts in the last
  alone.
- *where to, by phase* = of the panel's stays in a phase that ended in leaving, the share that
  gave up, and that went to each rival offer, with Wilson's 95% interval; and whether they
  left at the checkout. Records count leavers by phase and by rival, but not by both.
- *left more often* of a touchpoint in a phase = share of the panel's stays there whose first
  encounter with it was bad and that ended in leaving - the same share of the stays whose first
  encounter with it was not. The first encounter alone decides, because a long stay has both
  more encounters and another chance to end in leaving. Stays that the end of the run cut do
  not count. Newcombe's 95% interval for a difference of shares (1998, method 10, of Wilson's
  intervals); it takes stays for independent.
- *leavers behind it* = that difference x stays with a bad first encounter x people that a
  panel's customer stands for, on average.

The last two are an *association*: customers who meet something bad may differ in other ways,
and of many rows some differ by luck. What a touchpoint truly does, a paired run tells. Rows
that rest on fewer than 30 stays with a bad first encounter, or without one, are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.measures.conversion import LEAST_JOURNEYS, phase_moves
from sim.measures.intervals import newcombe, wilson
from sim.measures.journey_map import ALL
from sim.measures.moves import everybody_and_segments
from sim.measures.once import once
from sim.measures.stays import LEFT, Ending, stays_of_panel
from sim.measures.totals import people
from sim.model.columns import Count
from sim.records.names import Names
from sim.records.recorder import Records
from sim.vocabulary import EventCode

NOWHERE = "(nowhere)"  # stands for giving up; no name has brackets


class LeavingRow(NamedTuple):
    """People who left from a phase, of a segment or of everybody (`ALL`)."""

    segment: str
    phase: str
    left: float


class LostRow(NamedTuple):
    """People who went to a competitor's offer."""

    competitor: str
    offer: str
    people: float


class WhereToRow(NamedTuple):
    """Where those went who left from a phase, in the panel."""

    phase: str
    competitor: str  # or `NOWHERE`
    offer: str  # or `NOWHERE`
    stays: int
    of: int  # all stays in the phase that ended in leaving
    share: float
    low: float  # the 95% interval
    high: float
    at_checkout: int  # of the stays, those that ended at the checkout


class ReasonRow(NamedTuple):
    """Leaving after a bad first encounter with a touchpoint, against after others, in the panel."""

    phase: str
    touchpoint: str
    bad: int  # stays whose first encounter with it was bad
    bad_left: int  # of these, those that ended in leaving
    other: int
    other_left: int
    difference: float  # of the shares
    low: float  # the 95% interval
    high: float
    leavers: float  # behind it, people of the whole population


@once
def leaving_table(records: Records) -> list[LeavingRow]:
    """People who left from each phase but the latent ones: of everybody, then of each segment."""
    return [
        LeavingRow(name, move.phase, move.left * records.people_per_agent)
        for name, segment in everybody_and_segments(records)
        for move in phase_moves(records, segment)
        if not move.kind.waits
    ]


def left_by_phase(records: Records) -> dict[str, float]:
    """People who left from each phase but the latent ones."""
    return {row.phase: row.left for row in leaving_table(records) if row.segment == ALL}


def gave_up(records: Records) -> float:
    """People who gave a journey up without buying anywhere."""
    return people(records, Count.LEFT)


@once
def lost_table(records: Records) -> list[LostRow]:
    """People who went to each rival offer, in the scenario's order."""
    lost = records.losses.sum(axis=(0, 1)) * records.people_per_agent
    return [
        LostRow(competitor, offer, float(lost[r]))
        for r, (competitor, offer) in enumerate(Names(records.scenario).rivals)
    ]


def lost_by_offer(records: Records) -> dict[str, dict[str, float]]:
    """People who went to each rival offer, by competitor and offer."""
    found: dict[str, dict[str, float]] = {}
    for row in lost_table(records):
        found.setdefault(row.competitor, {})[row.offer] = row.people
    return found


@once
def where_to(records: Records) -> list[WhereToRow]:
    """Where leavers went, by phase, for phases that enough of the panel left."""
    stays = stays_of_panel(records)
    rows = []
    for p, phase in enumerate(records.scenario.journey.phases):
        mine = (stays.phase == p) & np.isin(stays.ending, (Ending.GAVE_UP, Ending.LOST))
        of = int(mine.sum())
        if of < LEAST_JOURNEYS:
            continue
        gone = [((NOWHERE, NOWHERE), stays.ending == Ending.GAVE_UP)]
        gone += [
            (rival, stays.rival == r) for r, rival in enumerate(Names(records.scenario).rivals)
        ]
        for (competitor, offer), these in gone:
            count = int((mine & these).sum())
            checkout = int((mine & these & stays.at_checkout).sum())
            shares = (count / of, *wilson(count, of))
            rows.append(WhereToRow(phase, competitor, offer, count, of, *shares, checkout))
    return rows


@once
def reasons(records: Records) -> list[ReasonRow]:
    """Touchpoints whose bad encounters go with leaving, by the leavers behind them."""
    scenario, stays = records.scenario, stays_of_panel(records)
    touchpoints, phases = list(scenario.touchpoints), list(scenario.journey.phases)
    latent = [phase.kind.waits for phase in scenario.journey.phases.values()]
    if not scenario.panel or not touchpoints:
        return []
    met = np.flatnonzero(stays.events["event"] == EventCode.ENCOUNTER)
    key = stays.stay[met] * len(touchpoints) + stays.events["touchpoint"][met]
    _, place = np.unique(key, return_index=True)  # the first encounter of each stay
    first = met[place]
    stay = stays.stay[first]
    bad = stays.events["value"][first] < np.float32(scenario.journey.behaviour.bad_threshold)
    over = stays.ending[stay] != Ending.STILL_THERE
    left = np.isin(stays.ending[stay], LEFT)
    cell = (stays.phase[stay] * len(touchpoints) + stays.events["touchpoint"][first]) * 4
    code = (cell + 2 * bad + left)[over]
    counts = np.bincount(code, minlength=len(phases) * len(touchpoints) * 4).reshape(-1, 2, 2)
    scale = records.people_per_agent / scenario.panel
    rows = []
    for place_of, ((stayed, other_left), (bad_stayed, bad_left)) in enumerate(counts.tolist()):
        other, was_bad = stayed + other_left, bad_stayed + bad_left
        if latent[place_of // len(touchpoints)] or min(other, was_bad) < LEAST_JOURNEYS:
            continue
        difference, low, high = newcombe((bad_left, was_bad), (other_left, other))
        phase, touchpoint = divmod(place_of, len(touchpoints))
        rows.append(
            ReasonRow(
                phases[phase],
                touchpoints[touchpoint],
                *(was_bad, bad_left, other, other_left),
                *(difference, low, high),
                difference * was_bad * scale,
            )
        )
    return sorted(rows, key=lambda row: -row.leavers)
