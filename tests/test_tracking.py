"""What web analytics sees: trails made by hand, and runs in which only the devices differ."""

import dataclasses
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.draws import SETUP_DAY, Draw, u01
from sim.engine.day import run_fast
from sim.errors import ScenarioErrors
from sim.measures.attribution import (
    DIRECT,
    MODELS,
    Paths,
    attribution,
    attribution_table,
    tracked_paths,
)
from sim.measures.attribution.table import model_shares
from sim.measures.figure import Undefined
from sim.model.columns import EVENT, Count
from sim.records.recorder import Records
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.theory.bare import Piece
from sim.vocabulary import MINOR_UNITS, NEVER, EventCode, Tracking
from worlds.by_hand import by_hand, nothing_happened
from worlds.shop import shop

AD, MAIL, SHOP_DOOR, POSTER = range(4)
NAMES = ("ad", "mail", "shop_door", "poster", DIRECT)
TOUCHPOINTS = {
    "ad": {"starts": "push", "tracking": "view", "click_chance": 0.5},
    "mail": {"starts": "push", "tracking": "click", "click_chance": 0.5},
    "shop_door": {"starts": "pull", "tracking": "none", "click_chance": 1.0},
    "poster": {"starts": "push"},
}
SEEN: dict[str, Any] = {
    "consent": 1.0,
    "logged_in": 0.0,
    "cookie_days": 7300,
    "lookback_days": 30,
    "view_days": 1,
}
CERTAIN = 4.0  # standard errors: 1 in 16,000

Step = tuple[str, int] | tuple[str, int, int] | tuple[str, int, int, int]


def scenario(devices: int = 1, agents: int = 12, **tracking: Any) -> Scenario:
    return by_hand(
        days=200,
        agents=agents,
        panel=1.0,
        segments={"all": {"share": 1.0, "devices": devices}},
        touchpoints=TOUCHPOINTS,
        tracking={**SEEN, **tracking},
    )


def lived(market: Scenario, *steps: Step) -> Records:
    """Records in which just this happened: (what, day, device, customer), in order.

    What: `visit mail`, `see ad`, or `buy`.
    """
    rows = np.zeros(len(steps), dtype=EVENT)
    for row, (what, day, *more) in zip(rows, steps, strict=True):
        word, _, name = what.partition(" ")
        row["day"] = day
        row["device"], row["customer"] = more[0] if more else 0, more[1] if more[1:] else 0
        row["touchpoint"] = NAMES.index(name) if name else NEVER
        row["event"] = EventCode.PURCHASE if word == "buy" else EventCode.ENCOUNTER
        row["visit"] = word == "visit"
        if word == "buy":
            row["device"] = NEVER
    rows = rows[np.lexsort((rows["customer"], rows["day"]))]
    return dataclasses.replace(nothing_happened(market), events=rows)


def told(paths: Paths) -> list[str]:
    """Each path in words: `ad-3 mail-0 +` is one that converted; sorted."""
    words = []
    for i in range(len(paths)):
        touches = range(paths.start[i], paths.start[i + 1])
        steps = [f"{paths.names[paths.touch[t]]}-{paths.days[t]:.0f}" for t in touches]
        words.append(" ".join([*steps, "+" if paths.conversions[i] else "-"]))
    return sorted(words)


# One customer's trail.


def test_a_path_holds_the_visits_before_a_purchase_and_their_days() -> None:
    records = lived(
        scenario(),
        ("visit ad", 1),
        ("see mail", 2),
        ("visit mail", 4),
        ("see poster", 5),
        ("buy", 6),
    )
    assert told(tracked_paths(records)) == ["ad-5 mail-2 +"]


def test_a_visit_without_a_known_source_is_direct() -> None:
    records = lived(scenario(), ("visit mail", 1), ("visit shop_door", 3), ("buy", 3))
    assert told(tracked_paths(records)) == ["mail-2 (direct)-0 +"]


def test_a_purchase_without_a_tracked_touch_is_direct() -> None:
    records = lived(scenario(), ("see poster", 1), ("see mail", 2), ("buy", 3))
    assert told(tracked_paths(records)) == ["(direct)-0 +"]


def test_each_purchase_has_a_path_of_its_own() -> None:
    records = lived(
        scenario(), ("visit ad", 1), ("buy", 2), ("visit mail", 5), ("buy", 5), ("buy", 9)
    )
    assert told(tracked_paths(records)) == ["(direct)-0 +", "ad-1 +", "mail-0 +"]


def test_visits_that_led_to_nothing_are_paths_split_where_long_nothing_happened() -> None:
    records = lived(scenario(), ("visit ad", 1), ("visit mail", 31), ("visit ad", 62))
    assert told(tracked_paths(records)) == ["ad-0 -", "ad-30 mail-0 -"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (20, ["ad-20 mail-10 +"]),
        (19, ["ad-0 -", "mail-10 +"]),
        (9, ["(direct)-0 +", "ad-0 -", "mail-0 -"]),
    ],
)
def test_a_visit_counts_for_so_many_days(days: int, expected: list[str]) -> None:
    market = scenario(lookback_days=days)
    records = lived(market, ("visit ad", 1), ("visit mail", 11), ("buy", 21))
    assert told(tracked_paths(records)) == expected


@pytest.mark.parametrize(("days", "expected"), [(3, ["ad-5 mail-2 +"]), (2, ["mail-2 +"])])
def test_a_view_counts_if_a_visit_follows_in_time(days: int, expected: list[str]) -> None:
    records = lived(scenario(view_days=days), ("see ad", 1), ("visit mail", 4), ("buy", 6))
    assert told(tracked_paths(records)) == expected


def test_a_view_counts_if_only_the_purchase_follows_and_not_after_it() -> None:
    records = lived(scenario(), ("see ad", 5), ("buy", 6), ("see ad", 8))
    assert told(tracked_paths(records)) == ["ad-1 +"]


def test_a_cookie_is_gone_after_so_many_days_without_a_touch() -> None:
    steps: list[Step] = [("visit ad", 1), ("visit mail", 8), ("visit mail", 15), ("buy", 15)]
    assert told(tracked_paths(lived(scenario(cookie_days=7), *steps))) == ["ad-14 mail-7 mail-0 +"]
    expired = tracked_paths(lived(scenario(cookie_days=6), *steps))
    assert told(expired) == ["ad-0 -", "mail-0 +", "mail-0 -"]


def test_on_two_devices_one_person_is_two_visitors_unless_logged_in() -> None:
    steps: list[Step] = [("visit ad", 1, 0), ("visit mail", 5, 1), ("buy", 5)]
    assert told(tracked_paths(lived(scenario(2), *steps))) == ["ad-0 -", "mail-0 +"]
    joined = tracked_paths(lived(scenario(2, logged_in=1.0, cookie_days=0), *steps))
    assert told(joined) == ["ad-4 mail-0 +"]


def test_a_purchase_is_made_on_the_device_of_the_last_visit_of_the_day() -> None:
    for last in (0, 1):
        steps: list[Step] = [("visit ad", 5, 1 - last), ("visit mail", 5, last), ("buy", 5)]
        assert told(tracked_paths(lived(scenario(2), *steps))) == ["ad-0 -", "mail-0 +"]


def test_without_consent_each_visit_is_somebody_elses_and_the_purchase_is_direct() -> None:
    records = lived(
        scenario(consent=0.0, logged_in=1.0),
        ("see ad", 4),
        ("visit ad", 4),
        ("visit mail", 5),
        ("visit shop_door", 5),
        ("buy", 5),
    )
    expected = ["(direct)-0 +", "(direct)-0 -", "ad-0 -", "mail-0 -"]
    assert told(tracked_paths(records)) == expected


def test_nobodys_trail_runs_into_anothers() -> None:
    records = lived(
        scenario(),
        ("visit ad", 1, 0, 3),
        ("visit mail", 2, 0, 4),
        ("buy", 3, 0, 4),
        ("buy", 3, 0, 5),
    )
    assert told(tracked_paths(records)) == ["(direct)-0 +", "ad-0 -", "mail-1 +"]


def test_draws_for_many_customers_at_once_are_those_of_the_rule() -> None:
    market = scenario(agents=200, consent=0.4, logged_in=0.3)
    steps: list[Step] = []
    for i in range(200):
        steps += [("visit ad", 1, 0, i), ("visit mail", 2, 1, i), ("buy", 2, 0, i)]
    paths = tracked_paths(lived(market, *steps))
    consents = [u01(market.seed, Draw.CONSENT, i, SETUP_DAY, 0) < 0.4 for i in range(200)]
    logs_in = [u01(market.seed, Draw.LOGIN, i, SETUP_DAY, 0) < 0.3 for i in range(200)]
    words = told(paths)
    assert words.count("(direct)-0 +") == consents.count(False)
    both = sum(a and b for a, b in zip(consents, logs_in, strict=True))
    assert 0 < both < 200
    assert words.count("ad-1 mail-0 +") == both
    assert words.count("mail-0 +") == sum(consents) - both


# Several cookies a person.


@pytest.mark.parametrize("devices", [1, 2, 3, 5])
@pytest.mark.parametrize("clicks", [1, 2])
def test_with_k_cookies_a_person_a_click_is_found_again_with_chance_one_in_k(
    devices: int, clicks: int
) -> None:
    """Each clicks an ad and buys later, each on a device at random. The ad made every purchase.

    With one click it gets 1 / k of them (Coey & Bailey 2016), with m 1 - (1 - 1 / k)^m.
    """
    people = 4000
    market = scenario(devices, agents=people)
    luck = np.random.default_rng(devices).integers(0, devices, (people, clicks))
    steps: list[Step] = []
    for i in range(people):
        steps += [("visit ad", 1 + m, int(luck[i, m]), i) for m in range(clicks)]
        steps.append(("buy", 10, 0, i))
    shares = model_shares(tracked_paths(lived(market, *steps)), "last_non_direct_click")
    assert not isinstance(shares, Undefined)
    expected = 1.0 - (1.0 - 1.0 / devices) ** clicks
    error = np.sqrt(expected * (1.0 - expected) / people)
    assert abs(shares[AD] - expected) <= CERTAIN * error
    assert shares[AD] + shares[-1] == pytest.approx(1.0)


def test_a_cookie_level_experiment_finds_one_kth_of_the_effect() -> None:
    """k cookies a person; each is shown the ad by the toss of a coin, and each shown one adds b
    to the chance to buy. Treating a person whole adds k b. Purchases of treated cookies less
    those of the others, for all k cookies of a person: b, one kth (Coey & Bailey 2016).
    """
    people, k, b = 20_000, 3, 0.25
    market = scenario(k, agents=people)
    luck = np.random.default_rng(7)
    shown = luck.random((people, k)) < 0.5
    buys = luck.random(people) < b * shown.sum(axis=1)
    steps: list[Step] = []
    for i in range(people):
        steps += [("visit ad", 1, c, i) for c in range(k) if shown[i, c]]
        steps += [("buy", 10, 0, i)] * int(buys[i])
    paths = tracked_paths(lived(market, *steps))
    with_ad = np.isin(np.arange(len(paths)), paths.path[paths.touch == AD])
    treated, others = int(shown.sum()), int((~shown).sum())
    found = paths.conversions[with_ad].sum() / treated - paths.conversions[~with_ad].sum() / others
    # a person's purchase is on one cookie: the difference of two shares of about half the cookies
    variance = sum(p * (1 - p) / n for p, n in ((0.1667, treated), (0.0833, others)))
    assert abs(k * found - b) <= CERTAIN * k * np.sqrt(variance)
    assert CERTAIN * k * np.sqrt(variance) < b / 2


# Runs.


CLICKS = {"display": 0.05, "search": 0.5, "letter": 0.4, "care": 0.3}


def watched(devices: int, *changes: Piece) -> Scenario:
    """The small shop with everybody in the panel, trails of any length, and visits."""
    return shop(
        {
            "panel": 1.0,
            "tracking": {**SEEN, "lookback_days": 365},
            "segments": {name: {"devices": devices} for name in ("thrifty", "fussy")},
            "touchpoints": {
                name: {"tracking": "click", "click_chance": chance}
                for name, chance in CLICKS.items()
            },
        },
        *changes,
    )


@cache
def run_of_shop(devices: int) -> Records:
    return run_fast(watched(devices), threads=1)


def test_devices_change_what_is_seen_and_nothing_that_happens() -> None:
    one = run_of_shop(1)
    for devices in (2, 5):
        other = run_of_shop(devices)
        for field in dataclasses.fields(Records):
            if field.name in ("scenario", "events"):
                continue
            left, right = getattr(one, field.name), getattr(other, field.name)
            assert left.tobytes() == right.tobytes(), field.name
        for column in EVENT.names or ():
            if column != "device":
                assert one.events[column].tobytes() == other.events[column].tobytes()
        assert (one.events["device"] != other.events["device"]).any()


def test_more_devices_shorten_the_paths_and_swell_direct() -> None:
    lengths, direct, conversions = [], [], set()
    for devices in (1, 2, 3, 5, 10):
        paths = tracked_paths(run_of_shop(devices))
        won = paths.conversions > 0
        lengths.append(paths.lengths[won].mean())
        shares = model_shares(paths, "last_non_direct_click")
        assert not isinstance(shares, Undefined)
        direct.append(shares[-1])
        conversions.add(paths.total)
    assert lengths == sorted(lengths, reverse=True)
    assert direct == sorted(direct)
    assert direct[-1] > 1.5 * direct[0]
    assert conversions == {float(run_of_shop(1).counts[:, :, Count.PURCHASES].sum())}


def until_first_purchase(records: Records) -> Records:
    """The records with a log that ends for each customer with its first purchase."""
    events = records.events
    bought = np.zeros(records.scenario.agents, dtype=bool)
    kept = np.zeros(len(events), dtype=bool)
    for place, (customer, event) in enumerate(
        zip(events["customer"], events["event"], strict=True)
    ):
        kept[place] = not bought[customer]
        bought[customer] |= event == EventCode.PURCHASE
    return dataclasses.replace(records, events=events[kept])


@pytest.mark.parametrize("devices", [2, 5])
def test_the_share_of_direct_in_a_run_is_that_of_the_closed_form(devices: int) -> None:
    """From the paths on one device: m visits before the day of a first purchase, none on it, are
    all on other devices than the purchase with chance (1 - 1 / k)^m. (A later purchase can find
    visits from before the first, if that was made on another device.)
    """
    paths = tracked_paths(until_first_purchase(run_of_shop(1)))
    is_known = paths.touch != len(paths.names) - 1
    visits = np.bincount(paths.path, is_known, len(paths))
    same_day = np.bincount(paths.path, is_known & (paths.days == 0.0), len(paths))
    lost = np.where(same_day > 0, 0.0, (1.0 - 1.0 / devices) ** visits)[paths.conversions > 0]
    seen = tracked_paths(until_first_purchase(run_of_shop(devices)))
    shares = model_shares(seen, "last_non_direct_click")
    assert not isinstance(shares, Undefined)
    error = np.sqrt((lost * (1.0 - lost)).sum()) / len(lost)
    assert abs(shares[-1] - lost.mean()) <= CERTAIN * error
    assert CERTAIN * error < 0.1 * lost.mean()


def test_a_commission_goes_to_the_last_visit_that_was_not_direct() -> None:
    """By a walk through the log: the last visit since the need whose touchpoint is tracked."""
    site = {"touchpoints": {"site": {"click_chance": 1.0}}}
    records = run_fast(watched(1, site), threads=1)
    touchpoints = list(records.scenario.touchpoints.values())
    latest: dict[int, int] = {}
    revenue = np.zeros(len(touchpoints))
    after_direct = 0
    for event in records.events[np.argsort(records.events["customer"], kind="stable")]:
        customer, place = int(event["customer"]), int(event["touchpoint"])
        if event["event"] == EventCode.NEED:
            latest[customer] = NEVER
        elif event["event"] == EventCode.ENCOUNTER and event["visit"]:
            if touchpoints[place].tracking == Tracking.NONE:
                after_direct += latest.get(customer, NEVER) != NEVER
            else:
                latest[customer] = place
        elif event["event"] == EventCode.PURCHASE:
            assert place == latest[customer]
            if place != NEVER:
                revenue[place] += event["value"]
    assert after_direct > 100
    assert records.commission.sum(axis=0).tolist() == (revenue * MINOR_UNITS).tolist()
    assert (revenue > 0).sum() > 1


def test_a_commission_needs_to_know_where_visits_come_from() -> None:
    with pytest.raises(ScenarioErrors) as caught:
        with_settings(watched(1), ["touchpoints.site.cost.per_order_share=0.1"])
    assert "per_order_share` is set; it needs tracking: click or view" in caught.value.message


# The table.


def test_the_credit_of_each_model_adds_up_to_the_purchases_of_the_run() -> None:
    records = run_fast(with_settings(watched(2), ["population=6000", "panel=0.3"]), threads=1)
    rows = attribution(records)
    names = [*records.scenario.touchpoints, DIRECT]
    assert [(row.model, row.touchpoint) for row in rows] == [
        (model, name) for model in MODELS for name in names
    ]
    purchases = 2.0 * records.counts[:, :, Count.PURCHASES].sum()
    seen = int((records.events["event"] == EventCode.PURCHASE).sum())
    for model in MODELS:
        mine = [row for row in rows if row.model == model]
        assert sum(row.share for row in mine) == pytest.approx(1.0)
        assert sum(row.credit for row in mine) == pytest.approx(purchases)
        assert {row.conversions for row in mine} == {seen}
    assert attribution_table(records).shape == (len(rows), 6)


@pytest.mark.parametrize(("setting", "reason"), [("panel=0", "panel"), ("panel=1", "bought")])
def test_without_conversions_the_table_says_why_there_is_no_credit(
    setting: str, reason: str
) -> None:
    empty = nothing_happened(with_settings(scenario(), [setting]))
    rows = attribution(empty)
    assert len(rows) == len(MODELS) * len(NAMES)
    for row in rows:
        assert isinstance(row.share, Undefined)
        assert isinstance(row.credit, Undefined)
        assert reason in row.share
        assert (row.paths, row.conversions) == (0, 0)
