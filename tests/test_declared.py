"""Every field says once what it is; levers, the schema and the words of reports read it there."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel

from sim.pages.words.language import LANGUAGES, speaking
from sim.pages.words.studies import Words
from sim.scenario.declare import ASSUMPTION, OFF, SETTING, About, about
from sim.scenario.field_table import uses_of_models
from sim.scenario.fields import type_of_field
from sim.scenario.levers import Lever, levers
from sim.scenario.library import library_names
from sim.scenario.load import load_scenario
from sim.scenario.named import place_of
from sim.scenario.schema import Scenario
from tools.catalogue import catalogue

MODELS = list(uses_of_models())
FIELDS = [
    pytest.param(model, name, id=f"{model.__name__}.{name}")
    for model in MODELS
    for name in model.model_fields
]
MARKETS = library_names()


@cache
def levers_of(market: str) -> list[Lever]:
    return levers(load_scenario(market))


@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_a_field_says_what_it_is_and_what_its_default_rests_on(
    model: type[BaseModel], name: str
) -> None:
    said, here = about(model, name), type_of_field(model, name)
    assert said.name
    assert said.meaning
    assert said.name[0].islower() or said.name.startswith("Danish")
    assert not said.meaning.endswith(".")
    is_group = here.kind == "group" and not here.optional
    if model.model_fields[name].is_required():
        assert said.source == ""
    elif not is_group:
        assert said.source in (ASSUMPTION, OFF, SETTING) or said.is_published
    if said.is_published:
        assert "(" in said.source  # with a year


@pytest.mark.parametrize("model", MODELS)
def test_no_two_fields_of_a_group_have_the_same_name(model: type[BaseModel]) -> None:
    said = [about(model, name) for name in model.model_fields]
    assert [n for n, times in Counter(one.name for one in said).items() if times > 1] == []


@pytest.mark.parametrize("market", MARKETS)
def test_no_two_levers_of_a_part_have_the_same_name(market: str) -> None:
    places = [place_of(lever.path.split(".")) for lever in levers_of(market)]
    found = Counter((place.owner, place.name) for place in places if place)
    assert [name for name, times in found.items() if times > 1] == []
    assert found.total() == len(places)


@pytest.mark.parametrize("market", MARKETS)
def test_every_lever_has_words_of_its_own_in_both_languages(market: str) -> None:
    words, paths = Words(load_scenario(market)), [lever.path for lever in levers_of(market)]
    danish = dict(catalogue())
    for path in paths:
        place = place_of(path.split("."))
        assert place is not None
        assert [step.text for step in place.steps if not step.among and not danish[step.text]] == []
    for code in LANGUAGES:
        with speaking(code):
            found = Counter(words.lever(path) for path in paths)
        assert [name for name, times in found.items() if times > 1] == []
        assert not any("_" in name for name in found)


def test_a_lever_is_what_its_field_declares() -> None:
    found = {lever.path: lever for lever in levers_of("webshop_loop")}
    price = found["offers.everyday.price"]
    assert (price.name, price.unit, price.source, price.choice) == ("price", "currency", "", True)
    assert price.meaning == "price of one purchase, or of one subscription period"
    (wait,) = (found[path] for path in found if path.endswith("service.capacity.response_minutes"))
    assert wait.name == "response time in minutes"
    assert (wait.unit, wait.source, wait.choice) == ("minutes", OFF, False)


def test_a_mean_is_what_its_distribution_is_and_the_rest_is_a_choice_with_it() -> None:
    path = ["segments", "any", "budget"]
    whole, mean, spread = (place_of([*path, *end]) for end in ([], ["mean"], ["cv"]))
    assert whole is not None
    assert spread is not None
    assert mean == whole
    assert spread.name == "budget, spread"
    assert (whole.about.unit, spread.about.unit) == ("currency", "share")
    season = place_of(["touchpoints", "any", "flight", "season", "peak_day"])
    assert season is not None
    assert season.name == "season, peak day"
    assert season.about.choice  # as that of the season, which no default of its own is


def test_a_place_that_the_schema_does_not_have_is_no_place() -> None:
    assert place_of(["touchpoints", "any", "qualities"]) is None
    assert place_of(["agents", "mean"]) is None


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, part in [("Scenario", schema), *schema["$defs"].items()]:
        for field, said in part.get("properties", {}).items():
            yield name, field, said


def test_the_schema_has_the_name_and_the_meaning_of_every_field() -> None:
    found = list(properties(Scenario.model_json_schema()))
    assert len(found) == sum(len(model.model_fields) for model in MODELS)
    models = {model.__name__: model for model in MODELS}
    for name, field, said in found:
        more = {key: said.get(key, "") for key in ("unit", "source", "note")}
        read = About(said["title"], said["description"], **more, choice=said.get("choice", False))
        assert read == about(models[name], field)
