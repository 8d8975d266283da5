"""How surely one run knows its headline figures: 95% intervals from the spread between customers.

| of | interval |
|---|---|
| revenue, margin | a total over the people of the run: sum -/+ z s sqrt(n) |
| profit | the margin's, less the spend as it was found |
| new customers, customers at the end | Wilson's, of the people of the run |
| cost of a new customer | the spend as it was found / the ends of new customers |
| repeat rate | Wilson's, of the buyers followed |
| retention rate | the band of the retention curve (`sim.measures.retention.survival`) |
| recommendation score s | s -/+ z 100 sqrt((p + d - (p - d)^2) / n), of n answers |
| conversion of journeys | as `conversion.per_need_low` and `_high` |

p and d are the shares of promoters and detractors.

People are taken for independent of one another. What they have in common (queues, talk, the public
rating, budgets that all share) is left out; replicates hold it. A projection has none: it rests on
more than what was counted. Nor has a total of few buyers: with fewer than `LEAST_BUYERS` the sum is
that of a handful, far from normal.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.elementary import square
from sim.measures.economics import profit, spend_for
from sim.measures.experience import DETRACTOR, PROMOTER
from sim.measures.figure import Undefined
from sim.measures.intervals import NORMAL_975, error_of_total, wilson
from sim.measures.journeys import conversion_of_journeys
from sim.measures.once import once
from sim.measures.retention import buyers_again, is_funnel, retention, survival
from sim.records.recorder import Records
from sim.vocabulary import MINOR_UNITS, Purpose

LEAST_BUYERS = 30  # assumption: a usual bound for the central limit theorem with skewed values

Ends = tuple[float, float]


@once
def intervals_of_one_run(records: Records) -> dict[str, Ends]:
    """The ends of the intervals by the key of the figure, in its unit; none of what has none."""
    found: dict[str, Ends | None] = {
        **_of_money(records),
        **_of_customers(records),
        "conversion.per_need": _of_journeys(records),
        "retention.repeat_rate": _of_repeat_rate(records),
        **_of_retention(records),
        "experience.recommendation_score": _of_score(records),
    }
    return {key: ends for key, ends in found.items() if ends is not None}


def _of_money(records: Records) -> dict[str, Ends | None]:
    rows = records.customers
    if np.count_nonzero(rows["purchases"]) < LEAST_BUYERS:
        return {}

    def around(column: str, less: float = 0.0) -> Ends:
        own = rows[column].astype(np.float64) / MINOR_UNITS
        total, half = float(own.sum()) - less, NORMAL_975 * error_of_total(own)
        scale = records.people_per_agent
        return (total - half) * scale, (total + half) * scale

    low, high = around("margin")
    middle = (low + high) / 2.0
    earned = profit(records)
    return {
        "economics.revenue": around("revenue"),
        "economics.margin": (low, high),
        "economics.profit": (earned - (middle - low), earned + (high - middle)),
    }


def _of_customers(records: Records) -> dict[str, Ends | None]:
    scale = records.people_per_agent
    won = _won(records, records.customers)
    at_end = int(records.active[-1].sum())
    low, high = wilson(at_end, records.scenario.agents)
    found: dict[str, Ends | None] = {
        "customers.new": won,
        "customers.active_end": (
            low * records.scenario.agents * scale,
            high * records.scenario.agents * scale,
        ),
    }
    if won is not None and won[0] > 0.0:
        spent = spend_for(records, Purpose.ACQUISITION)
        found["economics.cac"] = spent / won[1], spent / won[0]
    return found


def _won(records: Records, rows: NDArray[np.void]) -> Ends | None:
    """Of new customers; in a funnel every order is that of a new one."""
    scale = records.people_per_agent
    if is_funnel(records):
        own = rows["purchases"].astype(np.float64)
        if np.count_nonzero(own) < LEAST_BUYERS:
            return None
        half = NORMAL_975 * error_of_total(own)
        return (float(own.sum()) - half) * scale, (float(own.sum()) + half) * scale
    low, high = wilson(int(np.count_nonzero(rows["first_day"] >= 0)), len(rows))
    return low * len(rows) * scale, high * len(rows) * scale


def _of_journeys(records: Records) -> Ends | None:
    found = conversion_of_journeys(records)
    return None if isinstance(found, Undefined) else (found.low, found.high)


def _of_repeat_rate(records: Records) -> Ends | None:
    again, followed = buyers_again(records)
    return wilson(again, followed) if followed and not is_funnel(records) else None


def _of_retention(records: Records) -> dict[str, Ends | None]:
    if is_funnel(records):
        return {}
    band = {row.age: (row.low, row.high) for row in survival(records)}
    return {
        f"retention.month_{months}": band.get(months)
        for months in (1, 6, 12)
        if not isinstance(retention(records, months), Undefined)
    }


def _of_score(records: Records) -> Ends | None:
    answers = records.scores.sum(axis=(0, 1))
    count = int(answers.sum())
    if count < LEAST_BUYERS:
        return None
    good, bad = answers[PROMOTER:].sum() / count, answers[: DETRACTOR + 1].sum() / count
    half = NORMAL_975 * math.sqrt(max(0.0, good + bad - square(good - bad)) / count)
    return 100.0 * max(-1.0, good - bad - half), 100.0 * min(1.0, good - bad + half)
