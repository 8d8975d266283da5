"""Figures that only a claim asks for: too costly, or too many, for the summary of every run.

They have keys like those of the summary, people and purchases are those of the whole population,
and a family of them is computed only if a key of it is named (`asked`).

- `credit.MODEL.TOUCHPOINT`, `credit.MODEL.direct` = purchases that an attribution model gives it
  (`sim.measures.attribution`; `panel: 1` tracks everybody);
- `trail.touches` = touches before a purchase, mean over the tracked paths that end in one, direct
  visits left out of every path that has another touch;
- `segments.NAME.people`, `.needs`, `.purchases`, `.new_customers`, `.lapsed`, `.margin` = totals of
  the run in a segment; `.customers` = its customers on day 0, `.customers_end` = at the end;
- `trial.OFFER.customers`, `.strangers` = share of those who tried an offer after its launch, of
  the people in the market on that day who had bought in the run before, and of those who never
  had; `.of_repeat`, `.of_first` = share of the offer in the repeat purchases and in the first
  purchases made from its launch on. All from the panel.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from sim.measures.attribution import DIRECT, MODELS, attribution
from sim.measures.attribution.tracked import tracked_paths
from sim.measures.figure import Undefined, ratio
from sim.measures.totals import total
from sim.model.columns import BEFORE_START, Count
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.vocabulary import MINOR_UNITS, NEVER, EventCode, Relationship

NOBODY = "nobody of these was in the panel"
NO_SOURCE = "direct"
IN_SEGMENTS = (
    *("people", "needs", "purchases", "new_customers"),
    *("lapsed", "margin", "customers", "customers_end"),
)
IN_TRIALS = ("customers", "strangers", "of_repeat", "of_first")


def asked(records: Records, families: Collection[str]) -> dict[str, Any]:
    """These families of figures (`FAMILIES`), nested as a summary is."""
    return {name: make(records) for name, make in FAMILIES.items() if name in families}


def asked_keys(scenario: Scenario) -> list[str]:
    """The keys of all families in a scenario."""
    touchpoints = [*scenario.touchpoints, NO_SOURCE]
    return [
        *(f"credit.{model}.{name}" for model in MODELS for name in touchpoints),
        "trail.touches",
        *(f"segments.{name}.{figure}" for name in scenario.segments for figure in IN_SEGMENTS),
        *(f"trial.{name}.{figure}" for name in scenario.offers for figure in IN_TRIALS),
    ]


def _plain(figure: Any) -> float | None:
    return None if isinstance(figure, Undefined) else float(figure)


def _credit(records: Records) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for row in attribution(records):
        name = NO_SOURCE if row.touchpoint == DIRECT else row.touchpoint
        found.setdefault(row.model, {})[name] = _plain(row.credit)
    return found


def _trail(records: Records) -> dict[str, float | None]:
    known = tracked_paths(records).without(DIRECT)
    touches = float((known.lengths * known.conversions).sum())
    return {"touches": _plain(ratio(touches, known.total, NOBODY))}


def _segments(records: Records) -> dict[str, dict[str, float]]:
    each = records.people_per_agent
    people = records.customers
    is_there = people["leave_day"] == NEVER  # at the end
    found = {}
    for s, name in enumerate(records.scenario.segments):
        mine = people["segment"] == s
        found[name] = {
            "people": float(records.start[s].sum()) * each,
            "needs": total(records, Count.NEEDS, s) * each,
            "purchases": total(records, Count.PURCHASES, s) * each,
            "new_customers": total(records, Count.NEW_CUSTOMERS, s) * each,
            "lapsed": total(records, Count.LAPSED, s) * each,
            "margin": total(records, Count.MARGIN, s) / MINOR_UNITS * each,
            "customers": float((mine & (people["began_as"] == Relationship.CUSTOMER)).sum()) * each,
            "customers_end": float(
                (mine & is_there & (people["relationship"] == Relationship.CUSTOMER)).sum()
            )
            * each,
        }
    return found


def _trial(records: Records) -> dict[str, dict[str, float | None]]:
    people, leaves = records.customers, records.customers["leave_day"]
    buys = records.events[records.events["event"] == EventCode.PURCHASE]
    who, day = buys["customer"].astype(np.int64), buys["day"].astype(np.int64)
    had_bought = people["first_day"] == BEFORE_START
    later = np.ones(len(buys), dtype=bool)
    order = np.lexsort((np.arange(len(buys)), day, who))
    later[order] = np.append(False, np.diff(who[order]) == 0)[: len(buys)]
    is_repeat = later | had_bought[who]
    found = {}
    for place, (name, offer) in enumerate(records.scenario.offers.items()):
        launch = offer.launch_day
        mine = (buys["offer"] == place) & (day >= launch)
        before = np.zeros(len(people), dtype=bool)
        before[who[day < launch]] = True
        tried = np.zeros(len(people), dtype=bool)
        tried[who[mine]] = True
        there = (people["born"] < launch) & ((leaves == NEVER) | (leaves >= launch))
        stranger = there & ~before & ~had_bought
        since = day >= launch
        counts = [(mine & kind).sum() for kind in (is_repeat, ~is_repeat)]
        wholes = [(since & kind).sum() for kind in (is_repeat, ~is_repeat)]
        found[name] = {
            "customers": _share(tried, before & there),
            "strangers": _share(tried, stranger),
            "of_repeat": _plain(ratio(int(counts[0]), int(wholes[0]), NOBODY)),
            "of_first": _plain(ratio(int(counts[1]), int(wholes[1]), NOBODY)),
        }
    return found


def _share(tried: Any, among: Any) -> float | None:
    return _plain(ratio(int((tried & among).sum()), int(among.sum()), NOBODY))


FAMILIES: Mapping[str, Callable[[Records], Any]] = {
    "credit": _credit,
    "trail": _trail,
    "segments": _segments,
    "trial": _trial,
}
