"""Whether the spend on media moves, and apart, in test data for media mix models."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.questions.mix.folder import readme
from sim.questions.mix.mmm import MixData, MixRequest, RegionWeeks, mix_data
from sim.questions.mix.movement import (
    correlation,
    deviations,
    movement_notes,
    notes_of,
    weekly_budgets,
)
from sim.questions.mix.regions import media_of, region
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from worlds.street import CONTACT, CONTACTS, street

REGIONS, YEARS = 60, 3


def without_seasons(market: Scenario) -> Scenario:
    """The market with budgets that have no season, which all would share."""
    flat = {f"touchpoints.{name}.flight.season.amplitude": 0.0 for name in media_of(market)}
    return with_settings(market, overrides=flat)


def test_budgets_of_media_move_independently() -> None:
    """Over all regions no two media correlate: neither from week to week, nor from region to
    region. 60 regions of 3 years have a few hundred bursts, and 60 levels."""
    market = without_seasons(load_scenario("webshop_loop"))
    made = [region(market, number, YEARS, vary=0.5).scenario for number in range(1, REGIONS + 1)]
    weeks = [weekly_budgets(each) for each in made]
    media = media_of(market)
    assert len(media) >= 4
    moves = deviations(made, media)
    levels = {
        name: np.array(
            [each[name].mean() / one.population for each, one in zip(weeks, made, strict=True)]
        )
        for name in media
    }
    for one, other in combinations(media, 2):
        assert abs(correlation(moves[one], moves[other])) < 0.1
        assert abs(np.corrcoef(levels[one], levels[other])[0, 1]) < 3.5 / np.sqrt(REGIONS)
    for name in media:
        assert np.sqrt(np.mean(moves[name] ** 2)) > 0.3
        assert levels[name].std() > 0.15 * levels[name].mean()


def test_media_that_move_apart_are_not_noted() -> None:
    assert movement_notes(mix_data(street(100), MixRequest(2, 1, truth=False))) == []


def test_without_variation_it_is_said_that_nothing_moves() -> None:
    """Though the spend on the flyer, which is paid for by the contact, scatters."""
    data = mix_data(street(100), MixRequest(2, 1, vary=0.0, truth=False))
    assert data.markets[0].weekly["flyer_spend"].to_numpy().std() > 0.0
    assert movement_notes(data) == [
        "the budgets of flyer and poster do not vary from week to week, so a media mix model"
        " learns little there; --vary above 0 makes budgets vary."
    ]
    told = " ".join(readme(data, {}).split())
    assert "Note: the budgets of flyer and poster do not vary from week to week" in told
    assert "whose budgets are those of the scenario in every region, are flyer, poster." in told


def test_seasons_that_budgets_share_move_them_together() -> None:
    season = {"amplitude": 0.5, "peak_day": 100}
    moved = {f"touchpoints.{name}.flight.season": season for name in ("flyer", "poster")}
    market = with_settings(street(50), overrides={**moved, "days": 364})
    weeks = deviations([market], ["flyer", "poster"])
    (found,) = notes_of(weeks, vary=0.0)
    assert found.startswith("the budgets of flyer and poster move together")


def test_media_that_move_together_are_named() -> None:
    up, down = np.array([-0.6, -0.2, 0.2, 0.6]), np.array([0.6, 0.2, -0.2, -0.6])
    nearly = np.array([-0.6, -0.2, 0.1, 0.7])
    weeks = {"a": up, "b": 2.0 * up, "c": down, "d": 0.0 * up, "e": nearly, "f": 0.01 * up}
    assert notes_of(weeks, vary=0.5) == [
        "the budgets of d and f do not vary from week to week, so a media mix model learns little"
        " there.",
        "the budgets of a, b and e move together from week to week (correlation 0.9 or more), so a"
        " media mix model cannot tell them apart.",
    ]
    assert notes_of({"a": up, "d": 0.0 * up}, vary=0.5) == [
        "the budget of d does not vary from week to week, so a media mix model learns little there."
    ]


def test_the_level_of_a_region_is_no_movement() -> None:
    """A model gives each region a level of its own; two levels alone would correlate by 1."""
    levels = (1.0, 9.0)
    markets = [
        with_settings(
            street(50),
            overrides={f"touchpoints.{n}.budget_per_day": each for n in ("flyer", "poster")},
        )
        for each in levels
    ]
    weeks = deviations(markets, ["flyer", "poster"])
    assert not np.any(np.concatenate(list(weeks.values())))


@pytest.mark.parametrize("past", [0, 10])
def test_budgets_by_week_by_hand(past: int) -> None:
    """Two days on, three off, from day 1 on; twice the budget from day 8 on; a week and a half."""
    flight = {"days_on": 2, "days_off": 3, "start_day": 1}
    changed = {"day": 8, "set": ["touchpoints.flyer.budget_per_day=200"]}
    moved = {"touchpoints.flyer.flight": flight, "touchpoints.flyer.budget_per_day": 100.0}
    moved |= {"days": 17, "past_days": past, "changes": [changed]}
    found = weekly_budgets(with_settings(street(50), overrides=moved))
    # on: days 1, 2, 6, 7, 11, 12, 16
    assert list(found["flyer"]) == [300.0, 100.0 + 2 * 200.0]
    assert list(found["poster"]) == [7 * CONTACTS * CONTACT] * 2
    assert list(found["clerk"]) == [0.0, 0.0]


@pytest.mark.parametrize(("vary", "notes"), [("0", 1), ("0.5", 0)])
def test_the_command_prints_and_writes_the_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], vary: str, notes: int
) -> None:
    (tmp_path / "street.yaml").write_text(dump_scenario(street(60)), encoding="utf-8")
    told = ["export-mmm", str(tmp_path / "street.yaml"), "--regions", "1", "--years", "1"]
    told += ["--no-truth", "--vary", vary, "--out", str(tmp_path / "made"), "--threads", "1"]
    assert main([*told, "--json"]) == 0
    err = capsys.readouterr().err
    assert err.count("note: the budgets of flyer and poster do not vary") == notes
    written = (tmp_path / "made" / "README.txt").read_text(encoding="utf-8")
    assert written.count("Note: the budgets of flyer and poster") == notes


@pytest.mark.parametrize(("years", "told"), [(3, False), (4, True)])
def test_a_calendar_without_leap_days_is_told_where_it_matters(years: int, told: bool) -> None:
    market = street(50)
    made = RegionWeeks(region(market, 1, years, vary=0.5), None)
    data = MixData(market, MixRequest(1, years, truth=False), media_of(market), [made], 1)
    assert ("29 February" in readme(data, {})) == told
