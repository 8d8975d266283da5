"""What the default market must show: what analytics credits is not what touchpoints add.

Every claim is tested with the errors of the paired runs: it must hold by `CERTAIN` of them. The
credit's own error is that of a binomial share of the conversions.
"""

import math
from typing import NamedTuple

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.measures.attribution import DIRECT, attribution
from sim.measures.credit import Judged, compared, judged, truths
from sim.measures.figure import Undefined
from sim.measures.intervals import Effect
from sim.questions.contrasts import BASE, Contrast, Found, Lived, evaluate, lived_in
from sim.questions.scaling import levers_without
from sim.records.recorder import Records
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode, Purpose, Tracking

pytestmark = pytest.mark.slow

AGENTS, DAYS = 40_000, 365
CERTAIN = 3.0  # standard errors
AWARENESS = ("display", "paid_social", "sponsorship")  # what pr adds is too little to see here
BRAND = "paid_search_brand"
# what tools call last click, and the same with direct visits
LAST = ("last_non_direct_click", "last_click")
# published shares of direct: Wolfgang Digital (2017) 18 %, Yotpo (2015) 40 %, SEMrush (2017) 42 %
LEAST_DIRECT, MOST_DIRECT = 0.18, 0.42
# of purchases with a visit before them, with several devices: Criteo (2017) has 31 % to 36 %, here
# with room for the fact that its visits are all visits and not those from touchpoints alone
LEAST_DEVICES, MOST_DEVICES = 0.26, 0.41


class Seen(NamedTuple):
    """The default market: what analytics says, and what is true."""

    records: Records  # everybody in the panel
    credit: dict[tuple[str, str], float]  # purchases, by model and touchpoint
    conversions: int
    adds: dict[str, Found]
    judged: dict[str, Judged]

    def true(self, name: str) -> Effect:
        """Purchases that a touchpoint or a group adds."""
        return self.adds[name].outcomes["purchases"]

    def credited(self, model: str, *names: str) -> Effect:
        """Purchases that a model credits to touchpoints, and the error of that."""
        value = sum(self.credit[model, name] for name in names)
        all_of_them = sum(amount for (m, _), amount in self.credit.items() if m == model)
        share = value / all_of_them
        error = math.sqrt(max(share * (1.0 - share), 0.0) / self.conversions) * all_of_them
        return Effect(value, error)


def after_the_purchase(scenario: Scenario) -> list[str]:
    """The touchpoints that are to keep or to serve customers."""
    touchpoints = scenario.touchpoints.items()
    return [name for name, one in touchpoints if one.spend_purpose != Purpose.ACQUISITION]


def apart(more: Effect, less: Effect) -> float:
    """How many standard errors lie between two estimates."""
    return (more.value - less.value) / math.hypot(more.se, less.se)


@pytest.fixture(scope="module")
def seen() -> Seen:
    scenario = load_scenario("webshop_loop", ["panel=1"], agents=AGENTS, days=DAYS)
    records = run_fast(scenario)
    rows = attribution(records)
    blind = with_settings(scenario, overrides={"panel": 0.0})
    keeping = after_the_purchase(scenario)
    contrasts = [
        Contrast("knock_out", name, None, [name], {BASE: 1.0, name: -1.0})
        for name in scenario.touchpoints
    ]
    weights = {BASE: float(len(keeping)), **dict.fromkeys(keeping, -1.0)}
    contrasts.append(Contrast("parts", "keeping", None, keeping, weights))
    # the touchpoints of the clearest swap in the ranks, as one difference of paired runs
    swap = {"display": -1.0, BRAND: 1.0}
    contrasts.append(Contrast("swap", "swap", None, [], swap))

    def make(name: str) -> Lived:
        market = blind if name == BASE else with_settings(blind, overrides=levers_without([name]))
        return lived_in(run_fast(market))

    found = evaluate(contrasts, [BASE, *scenario.touchpoints], make)
    adds = {one.contrast.name: one for one in found}
    purchases = {n: [adds[n].outcomes["purchases"]] for n in scenario.touchpoints}
    lines = compared(truths(purchases, purchases), rows)
    tracked = [n for n, one in scenario.touchpoints.items() if one.tracking != Tracking.NONE]
    credit = {
        (row.model, row.touchpoint): row.credit
        for row in rows
        if not isinstance(row.credit, Undefined)
    }
    models = {one.model: one for one in judged(lines, tracked)}
    return Seen(records, credit, rows[0].conversions, adds, models)


@pytest.mark.parametrize("model", [*LAST, "time_decay"])
def test_ranks_by_credit_are_not_those_of_the_truth(model: str, seen: Seen) -> None:
    brand, banners = seen.credited(model, BRAND), seen.credited(model, "display")
    assert apart(brand, banners) > CERTAIN
    swap = seen.true("swap")  # banners less the own name, on the same customers
    assert swap.value > CERTAIN * swap.se
    correlation = seen.judged[model].rank_correlation
    assert not isinstance(correlation, Undefined)
    assert correlation < 0.8


@pytest.mark.parametrize("name", AWARENESS)
@pytest.mark.parametrize("model", LAST)
def test_touchpoints_of_awareness_are_under_credited(model: str, name: str, seen: Seen) -> None:
    assert apart(seen.true(name), seen.credited(model, name)) > CERTAIN


@pytest.mark.parametrize("model", LAST)
def test_touchpoints_after_the_purchase_are_under_credited(model: str, seen: Seen) -> None:
    keeping = after_the_purchase(seen.records.scenario)
    # By a third: 1.0 and 1.2 standard errors with so many customers, as mails are clicked on; ten
    # times as many would make it certain.
    true = seen.true("keeping")
    assert true.value > CERTAIN * true.se
    assert apart(true, seen.credited(model, *keeping)) > 0.0
    # What nobody clicks on gets nothing, whatever it brings.
    assert seen.true("parcel").value > 0.0
    assert seen.credit[model, "parcel"] == 0.0


@pytest.mark.parametrize("model", LAST)
def test_search_on_the_own_name_is_over_credited(model: str, seen: Seen) -> None:
    credited, true = seen.credited(model, BRAND), seen.true(BRAND)
    if model == "last_click":  # most of its purchases are direct's there; what is left is compared
        share = credited.value / sum(
            seen.credit[model, n] for n in seen.records.scenario.touchpoints
        )
        every = seen.judged[model]
        assert not isinstance(every.direct, Undefined)
        left = 1.0 - every.direct
        all_true = sum(seen.true(n).value for n in seen.records.scenario.touchpoints)
        error = math.sqrt(share * (1.0 - share) / (seen.conversions * left))
        assert share - true.value / all_true > CERTAIN * math.hypot(error, true.se / all_true)
        return
    assert apart(credited, Effect(2.0 * true.value, 2.0 * true.se)) > CERTAIN  # twice, and more


def test_time_decay_shifts_credit_but_not_to_the_truth(seen: Seen) -> None:
    brand = [seen.credited(model, BRAND) for model in ("last_non_direct_click", "time_decay")]
    assert apart(brand[0], brand[1]) > CERTAIN  # in the right direction
    assert apart(brand[1], seen.true(BRAND)) > CERTAIN  # and not far enough
    true = {n: one.outcomes["purchases"] for n, one in seen.adds.items() if n not in _GROUPS}
    total = sum(one.value for one in true.values())
    luck = 0.5 * sum(one.se for one in true.values()) / total  # if all errors added up
    misplaced = seen.judged["time_decay"].misplaced
    assert not isinstance(misplaced, Undefined)
    assert misplaced > CERTAIN * luck


_GROUPS = ("keeping", "swap")


def test_direct_has_the_share_that_is_published(seen: Seen) -> None:
    scenario = seen.records.scenario
    consent = scenario.tracking.consent
    direct = seen.credited("last_non_direct_click", DIRECT)
    every = sum(n for (model, _), n in seen.credit.items() if model == "last_non_direct_click")
    # published shares are of those who leave a trail; the others' purchases are all direct here
    share = (direct.value / every - (1.0 - consent)) / consent
    luck = math.sqrt(consent * (1.0 - consent) / seen.conversions)  # in who accepts
    error = math.hypot(direct.se / every, luck) / consent
    assert LEAST_DIRECT + CERTAIN * error < share < MOST_DIRECT - CERTAIN * error


def test_as_many_purchases_have_several_devices_as_published(seen: Seen) -> None:
    events = seen.records.events
    events = events[np.argsort(events["customer"], kind="stable")]
    several = visited = 0
    before: list[tuple[int, int]] = []  # day and device of visits since the last purchase
    owner = -1
    for event in events:
        if event["customer"] != owner:
            owner, before = event["customer"], []
        if event["event"] == EventCode.ENCOUNTER and event["visit"]:
            before.append((event["day"], event["device"]))
        elif event["event"] == EventCode.PURCHASE:
            days = seen.records.scenario.tracking.lookback_days
            devices = {device for day, device in before if event["day"] - day <= days}
            visited += bool(devices)
            several += len(devices) > 1
            before = []
    share = several / visited
    error = math.sqrt(share * (1.0 - share) / visited)
    assert LEAST_DEVICES + CERTAIN * error < share < MOST_DEVICES - CERTAIN * error
