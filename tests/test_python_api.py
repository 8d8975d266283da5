"""What Python users type: sizes and settings at once, one text for a list, a run that shows."""

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import journeysim
import sim
from sim import compare, load_scenario, read, run, touchpoints, write
from sim.errors import InputError
from sim.measures.catalogue import HEADLINES
from sim.pages.shown_run import ShownRun

SMALL = {"agents": 200, "days": 20}
PRICE = "offers.everyday.price"


@pytest.fixture(scope="module")
def made() -> ShownRun:
    return run("webshop_loop", **SMALL, settings={"past_days": 0})


def test_sizes_and_settings_are_those_of_a_scenario() -> None:
    texts = ["past_days=0", f"{PRICE}=379"]
    wanted = load_scenario("webshop_loop", texts, **SMALL, seed=7)
    for settings in (texts, {"past_days": 0, PRICE: 379}):
        assert load_scenario("webshop_loop", settings, **SMALL, seed=7) == wanted
        assert run("webshop_loop", 7, **SMALL, settings=settings).scenario == wanted
        assert run(load_scenario("webshop_loop"), 7, **SMALL, settings=settings).scenario == wanted
    one = load_scenario("webshop_loop", f"{PRICE}=379", **SMALL)
    assert one.offers["everyday"].price == 379
    with pytest.raises(InputError, match="everyday"):
        run("webshop_loop", settings={"offers.everyday.prise": 379})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"agents": -5}, "agents"), ({"days": 0}, "days"), ({"population": 1}, "population")],
)
def test_a_scenario_that_was_changed_by_hand_is_checked(wrong: dict[str, int], told: str) -> None:
    market = load_scenario("webshop_loop", **SMALL).model_copy(update=wrong)
    for ask in (run, touchpoints, lambda one: compare([one], [f"a:{PRICE}=1"])):
        with pytest.raises(InputError, match=told):
            ask(market)


def test_a_part_that_was_changed_by_hand_is_checked() -> None:
    market = load_scenario("webshop_loop", **SMALL)
    part = market.touchpoints["display"].model_copy(update={"budget_per_day": -1.0})
    with pytest.raises(InputError, match="budget_per_day"):
        run(market.model_copy(update={"touchpoints": {**market.touchpoints, "display": part}}))


def test_one_text_is_taken_for_a_list_of_one() -> None:
    market = load_scenario("webshop_loop", "past_days=0", **SMALL)
    one = compare(market, f"cheaper:{PRICE}=379", measures="economics.revenue", replicates=2)
    many = compare([market], [f"cheaper:{PRICE}=379"], measures=["economics.revenue"], replicates=2)
    assert one.tables()["differences"].equals(many.tables()["differences"])
    with pytest.raises(InputError) as error:
        touchpoints(market, players="no_such_touchpoint", replicates=1)
    given = [one.given for one in error.value.problems]
    assert given[0] == "no_such_touchpoint"  # not a letter


def test_a_run_prints_in_three_lines(made: ShownRun) -> None:
    lines = repr(made).split("\n")
    assert len(lines) == 3
    assert "webshop_loop" in lines[0]
    assert "200 simulated customers" in lines[0]
    assert max(map(len, lines)) < 160
    # two hundred customers show little: a figure without its interval would deceive
    assert "(95% CI" in lines[1]


def test_a_notebook_shows_figures_and_a_picture(made: ShownRun) -> None:
    page = made._repr_html_()
    whole = ElementTree.fromstring(f"<div>{page}</div>")  # well-formed, so that no tag is left open
    assert len(whole.findall(".//tr")) == len(HEADLINES)
    assert len([one for one in whole.iter() if one.tag.endswith("svg")]) == 1


def test_a_journey_map_holds_numbers_and_says_why_one_is_missing(made: ShownRun) -> None:
    table = made.journey_map
    for column in ("encounters", "per_person_year", "reach", "wait_minutes", "quality"):
        assert table[column].dtype.kind in "fiu"
    no_queue = table["wait_minutes"].isna()
    assert no_queue.any()
    assert table.loc[no_queue, "undefined"].str.contains("wait_minutes: ").all()
    whole = table.notna().all(axis=1)
    assert set(table.loc[whole, "undefined"]) <= {""}
    assert math.isclose(table["encounters"].sum(), made.touchpoints["encounters"].sum())


def test_the_picture_goes_on_axes_of_ones_own(made: ShownRun, tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 7))
    axes = figure.add_subplot()
    assert made.plot.loop(axes) is axes
    assert len(axes.texts) > 10
    own = made.plot.loop()
    assert {one.get_text() for one in own.texts} == {one.get_text() for one in axes.texts}
    own.figure.savefig(tmp_path / "loop.png")
    still = run("webshop_loop", agents=20, days=1, settings={"past_days": 0})
    if not still.records.flows.any():
        with pytest.raises(InputError, match="nobody moved"):
            still.plot.loop()


def test_a_report_is_written_where_it_is_wanted(made: ShownRun, tmp_path: Path) -> None:
    page = made.report(tmp_path / "own.html", language="da")
    assert '<html lang="da"' in page.read_text(encoding="utf-8")
    with pytest.raises(InputError):
        made.report(tmp_path / "own.html", language="tlh")
    write(made, tmp_path / "folder")
    again = read(tmp_path / "folder")
    assert isinstance(again, ShownRun)
    assert repr(again) == repr(made)


def test_the_package_has_the_project_s_name() -> None:
    assert journeysim.__all__ == sim.__all__
    assert dir(journeysim) == dir(sim)
    for name in sim.__all__:
        assert getattr(journeysim, name) == getattr(sim, name)
    with pytest.raises(AttributeError):
        getattr(journeysim, "no_such" + "_thing")
