"""What web analytics would see of the panel's journeys: the trail that each customer leaves.

It is read off the panel's events after the run, so nothing here can change behaviour. The
fields of `tracking` are those of the scenario; docs/attribution.md gives their sources.

**Touches.** A *visit* is an encounter that led to the firm's place. Its source is the
touchpoint, or direct if that has `tracking: none` (so the firm's own web shop, opened from
memory or a bookmark: no referrer tells where the visitor came from). A *view* is an encounter
without a visit at a touchpoint with `tracking: view`; it is a touch if the same visitor visits
within `view_days` after it. All else leaves no trace.

**Purchases** (renewals are not): made in the customer's last visit of that day, on its device.
Without a visit that day the customer comes back to the shop, on a device drawn at random; that
coming back is a direct visit if the visitor's path has no other touch, else none of its own.

**Visitors.** Analytics does not know people, only visitors:

- a customer who accepts cookies (chance `consent`) is one visitor on each device, until
  `cookie_days` have passed there without a touch; then the next touch is a new visitor's;
- one who accepts cookies and logs in (chance `logged_in`) is one visitor on all devices, for
  good;
- of one who does not, each visit is a new visitor's; views are not seen, and a purchase is one
  more visitor's, direct, as nothing ties the order to a visit.

**Paths.** A visitor's touches before a purchase, since the purchase before, and at most
`lookback_days` old, are the path of a conversion; touches left over are paths without one, a
new one wherever more than `lookback_days` lie between two touches. Days are counted back from
the purchase, or from the last touch. A path still open when the run ends has no conversion.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import SETUP_DAY, Draw, u01_of_all
from sim.measures.attribution.paths import DIRECT, Paths, summed
from sim.model.columns import Integers
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.vocabulary import NEVER, EventCode, Tracking

Mask = NDArray[np.bool_]
Rows = NDArray[np.void]
ROW = np.dtype(
    [
        ("customer", np.int64),
        ("day", np.int64),
        ("device", np.int64),
        ("source", np.int64),  # place among the names of the paths, direct the last
        ("view", np.bool_),
        ("purchase", np.bool_),
        ("added", np.bool_),  # the direct visit of a purchase without another
    ]
)


def tracked_paths(records: Records) -> Paths:
    """The paths that analytics would see; the last of its touchpoints is `(direct)`.

    Each path counts once: there are as many conversions as purchases in the panel.
    """
    trail = records.scenario.tracking
    rows, visitor = _by_visitor(_with_direct_visits(_seen(records), records), records)
    kept = _counted(rows, visitor, trail.view_days)
    rows, visitor = rows[kept], visitor[kept]
    path = _paths(rows, visitor, trail.lookback_days)
    buys = rows["purchase"]
    number = int(path.max(initial=-1)) + 1
    conversions = np.bincount(path[buys], minlength=number).astype(np.float64)
    touches = np.bincount(path[~buys], minlength=number)
    end = rows["day"][path != np.append(path[1:], number)[: len(path)]]
    paths = Paths(
        names=(*records.scenario.touchpoints, DIRECT),
        touch=rows["source"][~buys],
        days=(end[path] - rows["day"])[~buys].astype(np.float64),
        start=np.concatenate([[0], np.cumsum(touches)]).astype(np.int64),
        conversions=conversions,
        nulls=1.0 - conversions,
    )
    is_met = ~rows["added"][~buys]
    return paths.keep(is_met | (summed(paths.path, is_met.astype(float), number) == 0)[paths.path])


def _seen(records: Records) -> Rows:
    """Visits, views and purchases, by customer and in the order in which they happened."""
    kinds = [touchpoint.tracking for touchpoint in records.scenario.touchpoints.values()]
    shows_views = np.array([kind == Tracking.VIEW for kind in kinds], dtype=bool)
    is_untold = np.array([kind == Tracking.NONE for kind in kinds], dtype=bool)
    events = records.events[np.argsort(records.events["customer"], kind="stable")]
    met = events["event"] == EventCode.ENCOUNTER
    buys = events["event"] == EventCode.PURCHASE
    visit = met & (events["visit"] != 0)
    view = np.zeros(len(events), dtype=bool)
    view[met] = shows_views[events["touchpoint"][met]]
    view &= ~visit
    chosen = visit | view | buys
    rows = np.zeros(int(chosen.sum()), dtype=ROW)
    events = events[chosen]
    rows["customer"], rows["day"] = events["customer"], events["day"]
    rows["view"], rows["purchase"] = view[chosen], buys[chosen]
    touch = ~rows["purchase"]
    place = events["touchpoint"][touch].astype(np.int64)
    rows["source"][touch] = np.where(is_untold[place], len(kinds), place)
    rows["device"][touch] = events["device"][touch]
    return rows


def _with_direct_visits(rows: Rows, records: Records) -> Rows:
    """What analytics can see of the rows, each purchase with a device, direct visits added."""
    scenario = records.scenario
    rows = rows[_accepts(rows, scenario) | ~rows["view"]]
    accepts = _accepts(rows, scenario)
    buys = rows["purchase"]
    visit = _latest(~buys & ~rows["view"])
    purchase_before = np.append(-1, _latest(buys))[: len(rows)]
    there = np.maximum(visit, 0)
    in_visit = (
        (visit > purchase_before)
        & (rows["customer"][there] == rows["customer"])
        & (rows["day"][there] == rows["day"])
    )
    devices = np.array([segment.devices for segment in scenario.segments.values()])
    own = devices[records.customers["segment"][rows["customer"]]]
    luck = _luck(scenario, Draw.PURCHASE_DEVICE, rows["customer"], day=rows["day"])
    device = np.where(in_visit, rows["device"][there], (luck * own).astype(np.int64))
    rows["device"] = np.where(buys, device, rows["device"])
    lone = buys & ~(in_visit & accepts)
    added = rows[lone]
    added["purchase"], added["added"] = False, True
    added["source"] = len(scenario.touchpoints)
    place = np.arange(len(rows))
    together = np.argsort(np.concatenate([2 * place, 2 * place[lone] - 1]))
    complete: Rows = np.concatenate([rows, added])[together]
    return complete


def _by_visitor(rows: Rows, records: Records) -> tuple[Rows, Integers]:
    """The rows by visitor and time, and the number of each row's visitor."""
    scenario = records.scenario
    accepts = _accepts(rows, scenario)
    logged_in = _luck(scenario, Draw.LOGIN, rows["customer"]) < (scenario.tracking.logged_in)
    lane = np.where(accepts & ~logged_in, rows["device"], NEVER)
    order = np.lexsort((np.arange(len(rows)), lane, rows["customer"]))
    rows, lane, accepts, logged_in = rows[order], lane[order], accepts[order], logged_in[order]
    expired = np.diff(rows["day"], prepend=0) > scenario.tracking.cookie_days
    begins = np.where(accepts, expired & ~logged_in, ~rows["purchase"])
    begins |= _changes(rows["customer"]) | _changes(lane)
    return rows, np.cumsum(begins) - 1


def _counted(rows: Rows, visitor: Integers, view_days: int) -> Mask:
    """All rows but the views that no visit of the same visitor follows in time."""
    visit = _next(~rows["view"] & ~rows["purchase"])
    there = np.minimum(visit, len(rows) - 1)
    followed = (
        (visit < len(rows))
        & (visitor[there] == visitor)
        & (rows["day"][there] - rows["day"] <= view_days)
    )
    kept: Mask = ~rows["view"] | followed
    return kept


def _paths(rows: Rows, visitor: Integers, lookback_days: int) -> Integers:
    """The number of each row's path; a purchase belongs to the path that it ends."""
    buys = rows["purchase"]
    purchase = _next(buys)
    there = np.minimum(purchase, len(rows) - 1)
    leads = (
        (purchase < len(rows))
        & (visitor[there] == visitor)
        & (rows["day"][there] - rows["day"] <= lookback_days)
    )
    begins = _changes(visitor) | _changes(leads)
    begins |= np.diff(rows["day"], prepend=0) > lookback_days
    begins[1:] |= buys[:-1]
    path: Integers = np.cumsum(begins) - 1
    return path


def _accepts(rows: Rows, scenario: Scenario) -> Mask:
    """Whether the customer of each row accepts cookies."""
    return _luck(scenario, Draw.CONSENT, rows["customer"]) < scenario.tracking.consent


def _luck(
    scenario: Scenario, purpose: Draw, customer: Integers, *, day: Integers | int = SETUP_DAY
) -> NDArray[np.float64]:
    """One uniform number for each customer and day."""
    return u01_of_all(scenario.seed, purpose, customer, day=day, item=0)


def _changes(column: NDArray[Any]) -> Mask:
    """Whether a row differs from the one before; the first does."""
    changes = np.ones(len(column), dtype=bool)
    changes[1:] = column[1:] != column[:-1]
    return changes


def _latest(marked: Mask) -> Integers:
    """The place of the latest marked row up to each row; -1: none."""
    latest: Integers = np.maximum.accumulate(np.where(marked, np.arange(len(marked)), NEVER))
    return latest


def _next(marked: Mask) -> Integers:
    """The place of the next marked row from each row on; the number of rows: none."""
    places = np.where(marked, np.arange(len(marked)), len(marked))
    following: Integers = np.minimum.accumulate(places[::-1])[::-1]
    return following
