"""The journey map and the sentiment curve, by hand and from the tables of a run."""

import math
from functools import cache
from typing import Any

import pytest

from sim.measures.figure import Undefined, tidy
from sim.measures.journey_map import (
    ALL,
    Face,
    MapRow,
    by_label,
    by_phase,
    by_touchpoint,
    face_of,
    journey_map,
    label_of,
    overall,
)
from sim.records import frame
from sim.records.recorder import Records, has_met
from sim.runs.run import run
from sim.vocabulary import FIXED_POINT, Label
from worlds.by_hand import BUY, LOOK, SHOP, WEB, by_hand, nothing_happened
from worlds.markets import MARKETS

DESK = {
    "starts": "service",
    "reach": {"look": 0.1, "own": 0.1},
    "capacity": {"servers": 1, "service_minutes": 5.0},
}
TOUCHPOINTS = {
    "web": {"starts": "pull", "reach": {"look": 0.5, "buy": 0.5}},
    "desk": DESK,
}
LOOK_WEB, LOOK_DESK, BUY_WEB, OWN_DESK = range(4)  # rows of the touch counters


def met() -> Records:
    """Twelve customers, two people each, half a year of 365 days less half a day."""
    records = nothing_happened(by_hand(days=73, touchpoints=TOUCHPOINTS))
    touch = records.touch[:, 0]
    # encounters, contacts, visits, first met, quality, bad, wait, gave up
    touch[3, LOOK_WEB, :8] = [10, 12, 4, 6, 2 * FIXED_POINT, 0, 0, 0]
    touch[4, LOOK_WEB, :8] = [6, 6, 1, 0, 2 * FIXED_POINT, 1, 0, 0]
    touch[5, LOOK_DESK, :8] = [4, 4, 0, 3, -2 * FIXED_POINT, 2, 20 * FIXED_POINT, 1]
    touch[6, BUY_WEB, :8] = [5, 5, 5, 3, 0, 0, 0, 0]
    return records


def at(rows: list[MapRow], phase: str, touchpoint: str) -> MapRow:
    return next(row for row in rows if (row.phase, row.touchpoint) == (phase, touchpoint))


def test_a_touchpoint_in_a_phase_by_hand() -> None:
    rows = journey_map(met())
    assert [row[:3] for row in rows] == [
        ("before", "look", "web"),
        ("before", "look", "desk"),
        ("during", "buy", "web"),
        ("after", "own", "desk"),
    ]
    web = at(rows, "look", "web")
    assert web.encounters == 32.0  # 16, of two people each
    assert web.per_person_year == pytest.approx(16 / 12 * 5)  # 73 days are a fifth of a year
    assert web.reach == 6 / 12
    assert (web.quality, web.bad_share) == (4 / 16, 1 / 16)
    assert web.face == Face.DELIGHTED
    assert isinstance(web.wait_minutes, Undefined)
    assert web.gave_up == "it has no queue"
    desk = at(rows, "look", "desk")
    assert (desk.wait_minutes, desk.gave_up) == (5.0, 0.25)
    assert (desk.quality, desk.bad_share, desk.face) == (-0.5, 0.5, Face.UPSET)


def test_where_nobody_was_met_it_says_so() -> None:
    empty = at(journey_map(met()), "own", "desk")
    assert (empty.encounters, empty.per_person_year, empty.reach) == (0.0, 0.0, 0.0)
    for figure in (empty.quality, empty.bad_share, empty.wait_minutes, empty.gave_up, empty.face):
        assert isinstance(figure, Undefined)
        assert figure == "nobody met it"


def test_a_touchpoint_over_all_phases_by_hand() -> None:
    web, desk = by_touchpoint(met())
    assert web[:3] == (ALL, ALL, "web")
    assert (web.reach, web.quality, web.bad_share) == (9 / 12, 4 / 21, 1 / 21)
    assert (desk.reach, desk.encounters) == (3 / 12, 8.0)


def test_the_sentiment_curve_weighs_by_encounters() -> None:
    phases = {row.phase: row for row in by_phase(met())}
    assert list(phases) == ["idle", "look", "compare", "buy", "own", "praise"]
    look = phases["look"]
    assert look.quality == (4 - 2) / 20  # not the mean of 0.25 and -0.5
    assert look.wait_minutes == 5.0  # over the encounters that had a queue
    assert isinstance(look.reach, Undefined)
    assert isinstance(phases["praise"].quality, Undefined)
    labels = by_label(met())
    assert [row.label for row in labels] == ["before", "during", "after"]
    assert [row.quality for row in labels] == [0.1, 0.0, "nobody met it"]
    assert overall(met()).quality == 2 / 25


def test_a_label_of_the_scenario_goes_before_the_kind_of_phase() -> None:
    phases: dict[str, Any] = {
        "idle": {"kind": "latent"},
        "look": {"kind": "consider", "label": "during"},
        "buy": {"kind": "purchase"},
    }
    scenario = by_hand(
        loop=False,
        journey={"shape": "funnel", "phases": phases},
        touchpoints={"web": TOUCHPOINTS["web"]},
    )
    labels = [label_of(phase) for phase in scenario.journey.phases.values()]
    assert labels == [Label.BEFORE, Label.DURING, Label.DURING]
    records = nothing_happened(scenario)
    records.touch[0, 0, :, 0] = [3, 1]
    records.touch[0, 0, :, 4] = [FIXED_POINT, FIXED_POINT]
    assert [(row.label, row.encounters) for row in by_label(records)] == [
        ("before", 0.0),
        ("during", 8.0),
    ]
    assert by_label(records)[1].quality == 0.5


@pytest.mark.parametrize(
    ("quality", "bad", "face"),
    [
        (0.2, 0.0, Face.DELIGHTED),
        (0.1999, 0.0999, Face.PLEASED),
        (0.03, 0.0, Face.PLEASED),
        (0.0299, 0.0, Face.NEUTRAL),
        (-0.0299, 0.0, Face.NEUTRAL),
        (-0.03, 0.0, Face.DISPLEASED),
        (-0.1999, 0.0, Face.DISPLEASED),
        (-0.2, 0.0, Face.UPSET),
        (0.5, 0.1, Face.PLEASED),
        (0.5, 0.25, Face.NEUTRAL),
        (-0.1, 0.1, Face.UPSET),
        (-1.0, 1.0, Face.UPSET),
    ],
)
def test_what_a_face_shows(quality: float, bad: float, face: Face) -> None:
    assert face_of(quality, bad) == face


def test_no_face_without_a_figure() -> None:
    assert isinstance(face_of(Undefined("a"), 0.0), Undefined)
    assert isinstance(face_of(0.0, Undefined("a")), Undefined)


@cache
def town() -> Records:
    return run(MARKETS["town"]).records


def test_the_map_from_the_tables() -> None:
    scenario = town().scenario
    table = frame(town(), "touchpoints")
    sums = table.groupby(["phase", "touchpoint"], observed=True).sum(numeric_only=True)
    rows = {(row.phase, row.touchpoint): row for row in journey_map(town())}
    assert {pair for pair, row in rows.items() if row.encounters} == set(sums.index)
    assert len(sums) > 10
    for pair, own in sums.iterrows():
        row = rows[pair]
        assert row.encounters == pytest.approx(own.encounters)
        years = scenario.days / 365
        assert row.per_person_year == pytest.approx(own.encounters / scenario.population / years)
        assert row.reach == pytest.approx(own.first_met / scenario.population)
        assert row.quality == pytest.approx(own.quality_sum / own.encounters, abs=1e-12)
        assert row.bad_share == pytest.approx(own.bad / own.encounters)
        if scenario.touchpoints[row.touchpoint].capacity is None:
            assert isinstance(row.wait_minutes, Undefined)
        else:
            assert row.wait_minutes == pytest.approx(own.wait_minutes / own.encounters)
            assert row.gave_up == pytest.approx(own.gave_up / own.encounters)


def test_reach_adds_up_to_the_people_who_met_it() -> None:
    """The customers' own memory of what they met, against the daily counters."""
    records = town()
    for place, row in enumerate(by_touchpoint(records)):
        assert row.reach == pytest.approx(has_met(records, place).mean())


def test_phases_and_labels_from_the_tables() -> None:
    table = frame(town(), "touchpoints")
    sums = table.groupby("phase", observed=True).sum(numeric_only=True)
    rows = by_phase(town())
    for row in rows:
        if row.phase in sums.index:
            own = sums.loc[row.phase]
            assert row.quality == pytest.approx(own.quality_sum / own.encounters, abs=1e-12)
    for label in by_label(town()):
        mine = [row.encounters for row in rows if row.label == label.label]
        assert label.encounters == pytest.approx(math.fsum(mine))


def test_the_tidy_table_has_a_line_for_each_cell() -> None:
    table = tidy(MapRow, journey_map(met()))
    assert list(table.columns) == list(MapRow._fields)
    assert len(table) == 4
    assert table.quality.isna().tolist() == [False, False, False, True]
    assert table.quality[0] == 0.25
    assert list(tidy(MapRow, []).columns) == list(MapRow._fields)


def test_the_hand_made_rows_are_where_the_tests_say() -> None:
    records = nothing_happened(by_hand())
    records.touch[0, 0, WEB, 0], records.touch[0, 0, SHOP, 0] = 1, 2
    found = {row.phase: row.encounters for row in by_phase(records)}
    names = list(records.scenario.journey.phases)
    assert (found[names[LOOK]], found[names[BUY]]) == (2.0, 4.0)
