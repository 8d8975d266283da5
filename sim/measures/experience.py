"""Experience: what customers felt, at each touchpoint and after owning.

- *quality* of a touchpoint = perceived quality, averaged over its encounters, -1 to 1:
  delivered quality less the norm and the pain of waiting, before habituation dulls it.
- *share of bad encounters* = encounters felt below the scenario's bad threshold / encounters.
- *mean satisfaction* = satisfaction after each judgement, averaged over judgements, -1 to 1.
- *recommendation score* = % of judgements with an answer of 9 or 10 - % with 6 or less.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.figure import Figure, ratio
from sim.measures.once import once
from sim.measures.totals import total, touches
from sim.model.columns import Count, Integers, Touch
from sim.records.recorder import Records
from sim.scenario.arrays import pair_names
from sim.vocabulary import FIXED_POINT

PROMOTER = 9  # the lowest answer of a promoter
DETRACTOR = 6  # the highest answer of a detractor
NOT_MET = "nobody met it"
NOT_JUDGED = "no purchase was evaluated"


class TouchpointFigures(NamedTuple):
    """One touchpoint over the whole run; counts and money are the population's."""

    encounters: float
    contacts: float
    visits: float
    spend: float
    quality: Figure
    bad_share: Figure
    wait_minutes: Figure  # mean, of an encounter


def felt(counts: Integers) -> tuple[Figure, Figure]:
    """Mean perceived quality, and the share of bad encounters, of counters (Touch,)."""
    met = int(counts[Touch.ENCOUNTERS])
    quality = ratio(counts[Touch.QUALITY] / FIXED_POINT, met, NOT_MET)
    return quality, ratio(counts[Touch.BAD], met, NOT_MET)


def touchpoint_totals(records: Records) -> dict[str, Integers]:
    """The counters of each touchpoint over the run, segments and phases, (Touch,)."""
    totals = {name: np.zeros(len(Touch), dtype=np.int64) for name in records.scenario.touchpoints}
    by_pair = touches(records).sum(axis=0)
    for row, (_, name) in enumerate(pair_names(records.scenario)):
        totals[name] = totals[name] + by_pair[row]
    return totals


@once
def touchpoint_figures(records: Records) -> dict[str, TouchpointFigures]:
    """The figures of every touchpoint, in the scenario's order."""
    people = records.people_per_agent
    spend = records.spend.sum(axis=0)
    figures = {}
    for j, (name, counts) in enumerate(touchpoint_totals(records).items()):
        met = int(counts[Touch.ENCOUNTERS])
        quality, bad = felt(counts)
        figures[name] = TouchpointFigures(
            encounters=met * people,
            contacts=int(counts[Touch.CONTACTS]) * people,
            visits=int(counts[Touch.VISITS]) * people,
            spend=float(spend[j]),
            quality=quality,
            bad_share=bad,
            wait_minutes=ratio(counts[Touch.WAIT] / FIXED_POINT, met, NOT_MET),
        )
    return figures


def mean_satisfaction(records: Records) -> Figure:
    """Mean satisfaction over judgements."""
    judgements = total(records, Count.JUDGEMENTS)
    return ratio(total(records, Count.SATISFACTION) / FIXED_POINT, judgements, NOT_JUDGED)


def recommendation_score(records: Records) -> Figure:
    """Promoters less detractors, in percent of judgements, -100 to 100."""
    return score_of(records.scores.sum(axis=(0, 1)), NOT_JUDGED)


def score_of(answers: NDArray[np.int64], why: str) -> Figure:
    """Promoters less detractors, in percent; `answers` (11,): how often 0 to 10 was said.

    `why`: said where nobody answered.
    """
    lead = int(answers[PROMOTER:].sum()) - int(answers[: DETRACTOR + 1].sum())
    return ratio(100.0 * lead, answers.sum(), why)


def bad_share(records: Records) -> Figure:
    """Bad encounters / encounters, over all touchpoints."""
    sums = touches(records).sum(axis=(0, 1))
    return ratio(sums[Touch.BAD], sums[Touch.ENCOUNTERS], "nobody met anything")


def rating(records: Records) -> float:
    """The public rating at the end of the run, in stars."""
    return float(records.rating[-1])
