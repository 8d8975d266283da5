"""The tidy tables of the dozen, held against the ledger in `worlds.dozen`."""

import pytest
from scipy.stats import binomtest

from sim.measures import conversion, economics, journey_map, leaving, moves, retention
from sim.measures.figure import Undefined
from sim.measures.segments_money import money_by_segment
from worlds.dozen import AGENTS, CUSTOMERS, DAYS, PHASES, TOUCHPOINTS, both, made, one
from worlds.dozen_figures import BROUGHT, PEOPLE, PURCHASES, RATING, WON_FOR


@both
def test_moves_between_phases_by_hand(engine: str, seed: int) -> None:
    found = {move.phase: move[2:] for move in conversion.phase_moves(made(engine, seed).records)}
    # entered, advanced, fell back, needed, left, still there
    assert found == {
        "unaware": (17, 17, 0, 0, 0, 0),  # eleven start there, six come back
        "aware": (1, 0, 0, 0, 0, 1),
        "look": (20, 19, 0, 0, 0, 1),
        "doubt": (1, 0, 0, 0, 1, 0),
        "weigh": (19, 18, 1, 0, 0, 0),
        "buy": (27, 16, 0, 0, 5, 6),
        "own": (23, 3, 0, 13, 5, 2),
        "praise": (3, 0, 1, 0, 0, 2),
    }


def test_moves_of_the_bargainer_by_hand() -> None:
    place = CUSTOMERS.index("bargainer")
    found = {m.phase: m[2:] for m in conversion.phase_moves(one().records, place)}
    assert found["buy"] == (6, 1, 0, 0, 4, 1)
    assert found["own"] == (5, 0, 0, 5, 0, 0)
    chances = moves.chance_of_purchase(one().records, place)
    # buy 1/5, and so are weigh, look and unaware, which lead there for sure, and own
    by_phase = dict(zip(PHASES, chances, strict=True))
    assert [by_phase[p] for p in ("unaware", "look", "weigh", "buy", "own")] == [0.2] * 5
    assert isinstance(by_phase["praise"], Undefined)


def test_chances_to_move_on_by_hand() -> None:
    rows = {r.phase: r for r in moves.move_table(one().records) if r.segment == journey_map.ALL}
    assert {phase: row.went_out for phase, row in rows.items()} == {
        "unaware": 34,
        "aware": 0,
        "look": 38,
        "doubt": 2,
        "weigh": 38,
        "buy": 42,
        "own": 42,
        "praise": 2,
    }
    assert rows["buy"].chance == 16 / 21
    assert rows["own"].chance == 3 / 21


def test_leavers_of_each_segment_by_hand() -> None:
    found = {
        (row.segment, row.phase): row.left
        for row in leaving.leaving_table(one().records)
        if row.left and row.segment != journey_map.ALL
    }
    assert found == {
        ("bargainer", "buy"): 8,
        ("offended", "doubt"): 2,
        ("hesitant", "buy"): 2,
        ("member", "own"): 2,
        ("hasty", "own"): 8,
    }


# touchpoint in a phase: simulated encounters, first met there, sum of quality, bad, face
MAP = {
    ("unaware", "poster"): (1, 1, 1.0, 0, "delighted"),
    ("aware", "poster"): (1, 0, 1.0, 0, "delighted"),
    ("look", "brochure"): (1, 1, 1.0, 0, "delighted"),
    ("look", "search"): (1, 1, 1.0, 0, "delighted"),
    ("look", "site"): (4, 3, 4.0, 0, "delighted"),
    ("look", "form"): (3, 1, -1.5, 3, "upset"),
    ("look", "friends"): (2, 1, 2.0, 0, "delighted"),
    ("look", "win_back"): (4, 1, 0.0, 0, "neutral"),
    ("weigh", "site"): (4, 0, 4.0, 0, "delighted"),
    ("weigh", "call"): (1, 1, -1.0, 1, "upset"),
    ("weigh", "reviews"): (2, 1, sum(RATING), 0, "pleased"),
    ("buy", "reminder"): (1, 1, 0.5, 0, "delighted"),
    ("buy", "desk"): (3, 3, -0.75, 1, "upset"),
    ("buy", "recovery"): (2, 1, 0.5, 0, "delighted"),
    ("buy", "catalogue"): (3, 1, 3.0, 0, "delighted"),
    ("own", "mail"): (5, 1, 0.0, 0, "neutral"),
    ("own", "thanks"): (2, 1, 2.0, 0, "delighted"),
    ("own", "recovery"): (0, 0, 0.0, 0, None),
    ("own", "support"): (9, 0, -9.0, 9, "upset"),
    ("own", "newsletter"): (0, 0, 0.0, 0, None),
    ("praise", "support"): (1, 1, -1.0, 1, "upset"),
    ("praise", "newsletter"): (8, 1, 4.0, 0, "delighted"),
}
WAITS = {"desk": (60.0 / 3, 1 / 3), "mail": (120.0, 0.0)}  # mean minutes, share who gave up


@both
def test_the_journey_map_by_hand(engine: str, seed: int) -> None:
    rows = {(r.phase, r.touchpoint): r for r in journey_map.journey_map(made(engine, seed).records)}
    assert set(rows) == set(MAP)
    for place, (encounters, first_met, quality, bad, face) in MAP.items():
        row = rows[place]
        assert row.encounters == PEOPLE * encounters
        assert row.per_person_year == pytest.approx(encounters / AGENTS * 365 / DAYS)
        assert row.reach == first_met / AGENTS
        if not encounters:
            assert {row.quality, row.bad_share, row.face} == {"nobody met it"}
            continue
        assert row.quality == pytest.approx(quality / encounters, abs=2e-6), place
        assert (row.bad_share, row.face) == (bad / encounters, face), place
        if place[1] in WAITS:
            assert (row.wait_minutes, row.gave_up) == pytest.approx(WAITS[place[1]], abs=1e-4)
        else:
            assert row.wait_minutes == row.gave_up == "it has no queue"


def test_the_sentiment_curve_by_hand() -> None:
    found = [*journey_map.by_phase(one().records), *journey_map.by_label(one().records)]
    curve = {row.phase if row.phase != journey_map.ALL else row.label: row for row in found}
    hand = {
        "unaware": (1, 1.0, 0),
        "aware": (1, 1.0, 0),
        "look": (15, 6.5, 3),
        "weigh": (7, 3.0 + sum(RATING), 1),
        "buy": (9, 3.25, 1),
        "own": (16, -7.0, 9),
        "praise": (9, 3.0, 1),
        "before": (24, 11.5 + sum(RATING), 4),
        "during": (9, 3.25, 1),
        "after": (25, -4.0, 10),
    }
    assert set(curve) == {*hand, "doubt"}
    for name, (encounters, quality, bad) in hand.items():
        assert curve[name].encounters == PEOPLE * encounters, name
        assert curve[name].quality == pytest.approx(quality / encounters, abs=2e-6), name
        assert curve[name].bad_share == bad / encounters, name
    assert curve["doubt"].quality == "nobody met it"
    reach = {row.touchpoint: row.reach for row in journey_map.by_touchpoint(one().records)}
    several = {"site": 3, "desk": 3}
    assert reach == {name: several.get(name, 1) / AGENTS for name in TOUCHPOINTS}


FIRST_COHORT = [6, 6, 6, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6]  # of seven, by age; the member comes back


@both
def test_cohorts_by_hand(engine: str, seed: int) -> None:
    records = made(engine, seed).records
    rows = {(row.cohort, row.age): row for row in retention.cohort_table(records)}
    assert len(rows) == sum(range(1, 14))
    for (cohort, age), row in rows.items():
        won, kept = {0: (7, FIRST_COHORT[age]), 1: (1, 1), 3: (1, 1)}.get(cohort, (0, 0))
        assert (row.new_customers, row.customers) == (PEOPLE * won, PEOPLE * kept)
        assert row.share == (kept / won if won else "nobody bought for the first time")


def test_survival_and_churn_by_hand() -> None:
    # the friend's cohort is seen to age 11, the latecomer's to 9
    followed = [9] * 10 + [8, 8, 7]
    still = [8, 8, 8, 7, 7, 7, 7, 7, 8, 8, 7, 7, 6]
    rows = retention.survival(one().records)
    assert [row[:4] for row in rows] == [
        (age, n, k, k / n) for age, (n, k) in enumerate(zip(followed, still, strict=True))
    ]
    for row in rows:
        band = binomtest(row.still, row.followed).proportion_ci(method="wilson")
        assert (row.low, row.high) == pytest.approx((band.low, band.high), rel=1e-12)
    churn = {row.age: row.churn for row in retention.churn_by_tenure(one().records)}
    assert churn == pytest.approx(dict.fromkeys(range(1, 13), 0.0) | {3: 1 / 8, 8: -1 / 7})


def test_reactivation_by_hand() -> None:
    assert retention.reactivation(one().records) == (10.0, 8.0, 4 / 5)


def test_repurchase_by_hand() -> None:
    rows = {row.age: row for row in retention.repurchase(one().records)}
    assert set(rows) == set(range(1, 14))
    for age, row in rows.items():
        again = 0 if age < 4 else 2 if age < 9 else 3  # after 100, 100 and 267 days
        # months end on 273, 304 and 334: the latecomer is followed for 297 days, the friend 357
        followed = 9 if age < 10 else 8 if age < 12 else 7
        assert (row.followed, row.again) == (followed, again), age
        assert row.share == pytest.approx(again / 9), age


def test_profit_over_time_by_hand() -> None:
    rows = economics.profit_over_time(one().records)
    # month 0: regular, bargainer and hasty 40, hesitant 80, three clubs 30; the poster, the
    # brochure, the call, the reminder, 31 days and six visits of the site; mail, thanks, one
    # recovery, one win_back, a newsletter
    first = rows[0]
    assert (first.days, first.whole) == (31, True)
    assert first.margin == PEOPLE * (3 * 40 + 80 + 3 * 30)
    assert first.spend_acquisition == 8 + 8 + 2 + 1 + 31 * 2.5 + 6
    assert first.spend_retention == 480 + 20 + 6 + 0.5
    assert first.spend_delivery == 3
    assert first.profit == pytest.approx(580 - 102.5 - 509.5)
    # month 1: three renewals on 32, the friend's plus on 42; 30 days of site, a newsletter
    assert rows[1].profit == pytest.approx(PEOPLE * (3 * 30 + 80) - 30 * 2.5 - 0.5)
    assert rows[1].cumulative_profit == pytest.approx(-32 + 264.5)
    # month 13: days 396 to 399, nothing but the site
    last = rows[-1]
    assert (last.month, last.days, last.whole) == (13, 4, False)
    assert last.profit == -4 * 2.5
    assert last.cumulative_profit == pytest.approx(1739 - 50)
    assert [row.revenue for row in rows[:2]] == [
        PEOPLE * (3 * 100 + 200 + 3 * 50),
        PEOPLE * (3 * 50 + 200),
    ]


def test_money_of_segments_by_hand() -> None:
    rows = {row.segment: row for row in money_by_segment(one().records)}
    assert {name: row.new_customers for name, row in rows.items() if row.new_customers} == (
        dict.fromkeys(PURCHASES, 2.0)
    )
    won_nobody = {"offended": 2.0, "idle": 8.0, "praiser": 0.0}
    assert {name: row.spend_acquisition for name, row in rows.items()} == pytest.approx(
        WON_FOR | won_nobody
    )
    kept = {"regular": 30, "first": 480, "hesitant": 40, "hasty": 24, "praiser": 4}
    assert {name: row.spend_retention for name, row in rows.items()} == pytest.approx(
        dict.fromkeys(CUSTOMERS, 0.0) | kept
    )
    assert {name: row.spend_delivery for name, row in rows.items()} == pytest.approx(
        dict.fromkeys(CUSTOMERS, 0.0) | {"member": 6}
    )
    assert {name: row.margin for name, row in rows.items()} == pytest.approx(
        {name: PEOPLE * sum(BROUGHT.get(name, {}).values()) for name in CUSTOMERS}
    )
