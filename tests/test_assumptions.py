"""The list of assumptions: every parameter, what it rests on, and how the page shows it."""

import re
from typing import Any

import pytest

from sim.pages.assumptions import assumptions_section
from sim.pages.blocks import Fold, Folds, Setting
from sim.pages.words.language import speaking
from sim.scenario.changes import (
    NAMES,
    SMALL,
    Basis,
    Parameter,
    parameters,
)
from sim.scenario.declare import ASSUMPTION
from sim.scenario.field_table import declared_fields
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from tools.documentation import ROWS
from worlds.by_hand import by_hand

SHARED = {model.__name__ for model in SMALL}
DEFAULT_MARKET = load_scenario("webshop_loop")


def test_what_a_parameter_rests_on_is_what_its_field_declares() -> None:
    words = {"assumption": Basis.ASSUMPTION, "off": Basis.NOTHING, "setting": Basis.NOTHING}
    kept = [one for one in parameters(DEFAULT_MARKET) if not one.changed]
    assert {one.basis for one in kept} == {Basis.ASSUMPTION, Basis.NOTHING, Basis.PUBLISHED}
    for one in kept:
        assert one.basis == words.get(one.about.source, Basis.PUBLISHED)
        assert ROWS[one.field]["source"].startswith(one.about.source)


def leaves(data: Any, fields: Any, path: str = "") -> set[str]:
    """Every documented field of a scenario's plain data, where it has one."""
    if path and path in fields and not isinstance(data, dict):
        return {path}
    found: set[str] = set()
    for name, item in data.items() if isinstance(data, dict) else ():
        for step in (name, "*"):
            below = f"{path}.{step}" if path else step
            if any(field == below or field.startswith(below + ".") for field in fields):
                found |= leaves(item, fields, below) or ({below} if below in fields else set())
                break
    return found


@pytest.mark.parametrize("name", ["webshop_loop", "webshop_funnel"])
def test_every_documented_field_is_a_parameter(name: str) -> None:
    scenario = load_scenario(name)
    found = {one.field for one in parameters(scenario)}
    inner = re.compile(r"segments\.\*\.need_weights\.\*")  # stand on one line
    wanted = {
        field
        for field in leaves(scenario.model_dump(mode="json"), ROWS.keys())
        if field.split(".")[-1] not in NAMES and not inner.match(field)
    }
    assert wanted - found == set()
    assert found - ROWS.keys() == set()


def changed(scenario: Scenario) -> dict[str, Parameter]:
    return {".".join([*one.part, one.path]): one for one in parameters(scenario) if one.changed}


def test_nothing_is_changed_but_what_was_given() -> None:
    plain = changed(by_hand())
    given = changed(
        by_hand(
            discount_rate_per_year=0.2,
            talk={"per_day": 0.1},
            segments={"all": {"share": 1.0, "budget": {"mean": 1000.0, "cv": 0.5}}},
            offers={"small": {"price": 100.0, "unit_cost": 0.0}, "large": {"price": 200.0}},
        )
    )
    assert given.keys() - plain.keys() == {
        "discount_rate_per_year",
        "talk.per_day",
        "segments.all.budget",
    }
    assert plain.keys() - given.keys() == set()
    assert (given["talk.per_day"].value, given["talk.per_day"].default) == (0.1, 0.0)
    assert given["talk.per_day"].basis == Basis.ASSUMPTION
    assert given["offers.small.price"].required
    assert given["offers.small.price"].basis == Basis.CHOICE
    assert given["days"].basis == Basis.CHOICE


def test_the_path_of_a_parameter_leads_to_its_value() -> None:
    data = DEFAULT_MARKET.model_dump(mode="json")
    every = parameters(DEFAULT_MARKET)
    assert len({(one.part, one.path) for one in every}) == len(every)
    for one in every:
        here: Any = data
        for step in [*one.part, *one.path.split(".")]:
            here = here[step]
        assert here == one.value


def folds(scenario: Scenario) -> dict[str, Fold]:
    groups = assumptions_section(scenario).of(Folds)
    return {f"{group.title}/{fold.title}": fold for group in groups for fold in group.folds}


def test_the_page_shows_every_changed_parameter_once() -> None:
    shown = [
        fold.prefix + setting.path
        for title, fold in folds(DEFAULT_MARKET).items()
        if not title.startswith("Defaults in use")
        for setting in fold.settings
    ]
    assert sorted(shown) == sorted(changed(DEFAULT_MARKET))


def test_the_defaults_in_use_stand_once_for_each_field() -> None:
    left = [
        setting
        for title, fold in folds(by_hand()).items()
        if title.startswith("Defaults in use")
        for setting in fold.settings
    ]
    fields = [setting.path for setting in left]
    assert len(set(fields)) == len(fields)
    rests_on = {path: field.about for path, field in declared_fields().items()}
    published = {path for path, about in rests_on.items() if about.is_published}
    assumed = {path for path, about in rests_on.items() if about.source == ASSUMPTION}
    assert published <= set(fields) <= assumed | published
    assert len(published) == 8
    abandon = next(setting for setting in left if setting.path == "journey.checkout.abandon")
    assert (abandon.value, abandon.basis) == ("0.7", "Baymard Institute (n.d.)")


def test_values_as_people_read_them() -> None:
    web = {
        "starts": "pull",
        "reach": {"look": 0.0006, "buy": 1.0},
        "quality": {"sd": 0.1},
        "budget_per_day": 12500.0,
        "control": "paid",
        "cost": {"per_click": 2.0},
        "personalised": True,
        "click_chance": 1.0,
    }
    fold = folds(by_hand(touchpoints={"web": web}))["Touchpoints/Web"]
    assert fold.prefix == "touchpoints.web."
    assert fold.note == "3 assumptions, 5 choices"
    found = {setting.path: setting for setting in fold.settings}
    assert list(found) == [
        "starts",
        "control",
        "reach",
        "quality",
        "personalised",
        "cost.per_click",
        "budget_per_day",
        "click_chance",
    ]
    space = "\u00a0"
    assert found["starts"] == Setting(
        "starts", "start of encounters – who starts the encounter", "pull", "none", "choice"
    )
    assert found["reach"].value == f"look{space}0.0006, buy{space}1"
    assert found["reach"].default == "none"
    assert found["quality"].value == f"sd{space}0.1"
    assert found["quality"].default == f"sd{space}0"
    assert (found["personalised"].value, found["personalised"].default) == ("yes", "no")
    assert (found["budget_per_day"].value, found["budget_per_day"].default) == ("12,500", "none")
    with speaking("da"):
        fold = folds(by_hand(touchpoints={"web": web}))["Kontaktpunkter/Web"]
    assert fold.note == "3 antagelser, 5 valg"
    assert fold.settings[2].value == f"look{space}0,0006, buy{space}1"
    assert fold.settings[6].value == "12.500"


def test_the_text_counts_them() -> None:
    every = changed(DEFAULT_MARKET).values()
    assumed = sum(one.basis == Basis.ASSUMPTION for one in every)
    (text,) = assumptions_section(DEFAULT_MARKET).paragraphs
    assert text.startswith(f"{len(every)} parameters have no default or differ from it.")
    assert f"The other {assumed} describe the market" in text
