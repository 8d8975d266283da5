"""Money by segment: what winning a customer of it costs, and what such a customer is worth.

- *spend of a segment* = spend of each touchpoint, split over the segments in proportion to
  what it is paid for in them: contacts where it is paid by contact, visits where it is paid by
  click, visit or order, and encounters otherwise (own work, staff); in proportion to their
  people where none of these happened. An assumption: a run records whom a touchpoint met, not
  whom the money was meant for. The parts of a touchpoint add up to its spend.
- *cac of a segment* = its acquisition spend / its new customers.
- *first order, realised and projected value* = as in `sim.measures.value`, of its customers
  alone. The projection of all customers is fitted to all at once: it is near the mean of the
  segments' projections, weighted by new customers, not equal to it.
- *value to cost* = projected value / cac.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.measures.economics import NO_NEW, first_margin
from sim.measures.figure import Figure, ratio, tidy
from sim.measures.once import once
from sim.measures.totals import counts, touches
from sim.measures.value import clv_projected, clv_realised, value_to_cost
from sim.model.columns import Count, Touch
from sim.records.recorder import Records
from sim.scenario.arrays import pair_names
from sim.scenario.touchpoints import Cost
from sim.vocabulary import MINOR_UNITS, Purpose

if TYPE_CHECKING:
    import pandas as pd


class SegmentMoney(NamedTuple):
    """A segment's economics; people and money of the whole population."""

    segment: str
    new_customers: float
    margin: float
    spend_acquisition: float
    spend_retention: float
    spend_delivery: float
    first_order_margin: Figure
    cac: Figure
    clv_realised: Figure
    clv_projected: Figure
    clv_cac_ratio: Figure


@once
def money_by_segment(records: Records) -> list[SegmentMoney]:
    """Every segment's economics, in the scenario's order."""
    people = records.people_per_agent
    spend = spend_by_segment(records)
    purposes = np.array([str(t.spend_purpose) for t in records.scenario.touchpoints.values()])
    rows = []
    for s, name in enumerate(records.scenario.segments):
        mine = counts(records)[s]
        won = int(mine[Count.NEW_CUSTOMERS]) * people
        acquisition, retention, delivery = (float(spend[purposes == p, s].sum()) for p in Purpose)
        cac = ratio(acquisition, won, NO_NEW)
        projected = clv_projected(records, s)
        rows.append(
            SegmentMoney(
                segment=name,
                new_customers=won,
                margin=float(mine[Count.MARGIN]) / MINOR_UNITS * people,
                spend_acquisition=acquisition,
                spend_retention=retention,
                spend_delivery=delivery,
                first_order_margin=first_margin(records, s),
                cac=cac,
                clv_realised=clv_realised(records, s),
                clv_projected=projected,
                clv_cac_ratio=value_to_cost(projected, cac),
            )
        )
    return rows


def segments_table(records: Records) -> pd.DataFrame:
    """`money_by_segment` as a tidy table."""
    return tidy(SegmentMoney, money_by_segment(records))


@once
def spend_by_segment(records: Records) -> NDArray[np.float64]:
    """Spend of each touchpoint over the run, split over the segments, (J, S), in currency."""
    scenario = records.scenario
    names = list(scenario.touchpoints)
    met = np.zeros((len(names), len(scenario.segments), len(Touch)), dtype=np.int64)
    for row, (_, name) in enumerate(pair_names(scenario)):
        met[names.index(name)] += touches(records)[:, row]
    people = records.start.sum(axis=1)
    split = np.zeros(met.shape[:2])
    for j, touchpoint in enumerate(scenario.touchpoints.values()):
        basis = met[j, :, paid_for(touchpoint.cost)]
        share = basis if basis.any() else people
        split[j] = records.spend[:, j].sum() * share / share.sum()
    return split


def paid_for(cost: Cost) -> Touch:
    """What a touchpoint with this cost is paid for."""
    if cost.per_contact > 0.0:
        return Touch.CONTACTS
    if cost.per_click > 0.0 or cost.per_visit > 0.0 or cost.per_order_share > 0.0:
        return Touch.VISITS
    return Touch.ENCOUNTERS
