"""The journey map: what happens where touchpoints and phases meet, and what is felt there.

Performance is what the firm did, experience what customers felt; they are kept apart.

Performance:
- *reach* of a touchpoint in a phase = people whose first encounter with it in the run was in
  that phase / people who were in the market during it, newcomers too. Nobody counts twice, so over
  the phases it adds up to the touchpoint's reach: people who met it at all / people who were in
  the market. (Records hold no count of the different people met in each phase.) Over several
  touchpoints there is no such sum.
- *encounters per person and year* = encounters / (population x years of the run).
- *mean wait* = minutes waited / encounters, at touchpoints with a queue.
- *gave up* = encounters whose customer left the queue / encounters, there.

Experience:
- *quality* = perceived quality summed over encounters / encounters, -1 to 1, 0 being what is
  usual: delivered quality less the norm and the pain of waiting, before habituation dulls it.
- *share of bad encounters* = encounters felt below the scenario's bad threshold / encounters.
- *face*: by quality q, delighted (q >= 0.2), pleased (0.03 <= q < 0.2), neutral (in between),
  displeased (-0.2 < q <= -0.03), upset (q <= -0.2); one step towards upset if at least 10 %
  of the encounters were bad, two if at least 25 %. The limits are assumptions.

*Sentiment curve* = quality of all encounters in a phase, or in all phases with the same label:
sum of perceived quality / encounters, so each touchpoint weighs by its encounters. A phase
without a label counts as before the delivery up to consideration, during it in the purchase
phase, and after it from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from sim.measures.experience import NOT_MET, felt
from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.once import once
from sim.measures.totals import touches
from sim.model.columns import Touch
from sim.records.recorder import Records
from sim.scenario.arrays import pair_names
from sim.scenario.journey import Phase
from sim.vocabulary import DAYS_PER_YEAR, FIXED_POINT, Label

ALL = "(all)"  # stands for every phase, or every touchpoint; no name has brackets
CLEAR = 0.03  # quality that differs from what is usual; assumption
STRONG = 0.2  # quality that differs much; assumption
SOME_BAD = 0.1  # share of bad encounters that spoils a face by one step; assumption
MANY_BAD = 0.25  # by two; assumption
NO_QUEUE = "it has no queue"
NOT_DISTINCT = "people who met several touchpoints would count several times"


class Face(StrEnum):
    """What customers' faces would show, from best to worst."""

    DELIGHTED = "delighted"
    PLEASED = "pleased"
    NEUTRAL = "neutral"
    DISPLEASED = "displeased"
    UPSET = "upset"


class MapRow(NamedTuple):
    """A touchpoint in a phase, or all of a phase, a touchpoint or a label (`ALL`)."""

    label: str  # before, during, after
    phase: str
    touchpoint: str
    encounters: float  # of the whole population
    per_person_year: float
    reach: Figure
    wait_minutes: Figure
    gave_up: Figure
    quality: Figure
    bad_share: Figure
    face: Face | Undefined


def face_of(quality: Figure, bad_share: Figure) -> Face | Undefined:
    """The face for a mean perceived quality (-1 to 1) and a share of bad encounters."""
    if isinstance(quality, Undefined):
        return quality
    if isinstance(bad_share, Undefined):
        return bad_share
    limits = (STRONG, CLEAR, -CLEAR, -STRONG)
    step = int(quality < limits[0]) + int(quality < limits[1])
    step += int(quality <= limits[2]) + int(quality <= limits[3])
    step += int(bad_share >= SOME_BAD) + int(bad_share >= MANY_BAD)
    return list(Face)[min(step, len(Face) - 1)]


def label_of(phase: Phase) -> Label:
    """The label of a phase; one without is labelled by its kind."""
    return phase.kind.label if phase.label is None else phase.label


@once
def journey_map(records: Records) -> list[MapRow]:
    """Every touchpoint in every phase where it may be met, by phase and then touchpoint."""
    pairs = pair_names(records.scenario)
    phases = records.scenario.journey.phases
    return [
        _row(records, [place], (label_of(phases[phase]), phase, touchpoint))
        for place, (phase, touchpoint) in enumerate(pairs)
    ]


@once
def by_touchpoint(records: Records) -> list[MapRow]:
    """Every touchpoint over all phases, in the scenario's order."""
    phases, touchpoints = records.scenario.journey.phases, records.scenario.touchpoints
    return [
        _row(records, _places(records, phases, [name]), (ALL, ALL, name)) for name in touchpoints
    ]


@once
def by_phase(records: Records) -> list[MapRow]:
    """The sentiment curve by phase: all touchpoints together, in the order of the journey."""
    touchpoints = records.scenario.touchpoints
    return [
        _row(records, _places(records, [name], touchpoints), (label_of(phase), name, ALL))
        for name, phase in records.scenario.journey.phases.items()
    ]


@once
def by_label(records: Records) -> list[MapRow]:
    """The sentiment curve before, during and after the delivery; labels with phases only."""
    touchpoints = records.scenario.touchpoints
    phases: dict[Label, list[str]] = {label: [] for label in Label}
    for name, phase in records.scenario.journey.phases.items():
        phases[label_of(phase)].append(name)
    return [
        _row(records, _places(records, mine, touchpoints), (label, ALL, ALL))
        for label, mine in phases.items()
        if mine
    ]


@once
def overall(records: Records) -> MapRow:
    """All touchpoints in all phases."""
    return _row(records, range(len(pair_names(records.scenario))), (ALL, ALL, ALL))


def _places(records: Records, phases: Collection[str], touchpoints: Collection[str]) -> list[int]:
    """The rows of the touch counters of these phases and touchpoints."""
    pairs = pair_names(records.scenario)
    return [p for p, (phase, name) in enumerate(pairs) if phase in phases and name in touchpoints]


def _row(records: Records, places: Sequence[int], names: tuple[str, str, str]) -> MapRow:
    """The figures of these rows of the touch counters, taken together."""
    scenario = records.scenario
    pairs = pair_names(scenario)
    queues = [p for p in places if scenario.touchpoints[pairs[p][1]].capacity is not None]
    by_pair = touches(records).sum(axis=0)
    counts, queued = (by_pair[rows].sum(axis=0) for rows in (list(places), queues))
    met = int(counts[Touch.ENCOUNTERS])
    no_queue = NOT_MET if queues else NO_QUEUE
    quality, bad_share = felt(counts)
    return MapRow(
        *names,
        encounters=met * records.people_per_agent,
        per_person_year=met / scenario.agents / (scenario.days / DAYS_PER_YEAR),
        reach=Undefined(NOT_DISTINCT)
        if names[2] == ALL
        else float(counts[Touch.FIRST_MET]) / len(records.customers),
        wait_minutes=ratio(
            queued[Touch.WAIT] / FIXED_POINT, int(queued[Touch.ENCOUNTERS]), no_queue
        ),
        gave_up=ratio(queued[Touch.GAVE_UP], int(queued[Touch.ENCOUNTERS]), no_queue),
        quality=quality,
        bad_share=bad_share,
        face=face_of(quality, bad_share),
    )
