"""Names of the library, and how they stand in Danish sentences.

A name comes from a scenario as it is: it cannot be inflected, and a comma in it breaks a list.
"""

import re
from collections.abc import Iterator

import pytest

from sim.pages.words import names
from sim.pages.words.language import ENGLISH, speaking
from sim.scenario.library import library_names
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from tools.catalogue import catalogue
from worlds.any_names import danish, market

NAMES = "baseline|belief|lever|levers|name|names|phase|plan|scenario|segment|touchpoint|variant|x|y"
PREPOSITIONS = "af|efter|for|fra|i|med|mod|om|over|på|til|under|ved"
BARE = re.compile(rf"\b({PREPOSITIONS}) \{{({NAMES})\}}", re.IGNORECASE)


def parts_of(scenario: Scenario) -> Iterator[tuple[str, object]]:
    """Everything in a market that has a name, with the name that pages give it."""
    for name, phase in scenario.journey.phases.items():
        yield names.phase_name(scenario, name), phase
    for name, segment in scenario.segments.items():
        yield names.segment_name(scenario, name), segment
    for name, touchpoint in scenario.touchpoints.items():
        yield names.touchpoint_name(scenario, name), touchpoint
    for name, offer in scenario.offers.items():
        yield names.offer_name(scenario, name), offer
        for own, add_on in offer.add_ons.items():
            yield names.add_on_name(scenario, name, own), add_on
    for name, competitor in scenario.competitors.items():
        yield names.competitor_name(scenario, name), competitor
        for own, rival in competitor.offers.items():
            yield names.competitor_offer_name(scenario, name, own), rival


@pytest.mark.parametrize("name", library_names())
def test_every_part_has_a_danish_name_and_no_name_has_a_comma(name: str) -> None:
    scenario = load_scenario(name)
    with speaking(ENGLISH):
        english = [called for called, _ in parts_of(scenario)]
    with speaking("da"):
        told = list(parts_of(scenario))
    assert len(english) > 10
    assert [called for called, part in told if getattr(part, "name_da", "") != called] == []
    assert [called for called in [*english, *(one for one, _ in told)] if "," in called] == []


def test_a_name_in_danish_is_found_wherever_there_is_a_field_for_it() -> None:
    plain = market()
    given = danish(plain, "Noget")
    with speaking("da"):
        assert {called for called, _ in parts_of(given)} == {"Noget"}
        unnamed = [called for called, _ in parts_of(plain)]
    assert unnamed == [called for called, _ in parts_of(plain)]
    assert {"Rival", "Thing", "Wrap", "Poster"} <= set(unnamed)
    assert {called for called, _ in parts_of(given)} == set(unnamed)


def test_a_touchpoint_has_the_name_of_its_file_where_it_gives_one() -> None:
    scenario = load_scenario("webshop_loop")
    assert names.touchpoint_name(scenario, "paid_search_brand") == "Branded paid search"
    assert names.touchpoint_name(scenario, "paid_search_generic") == "Generic paid search"
    assert names.touchpoint_in_text(scenario, "paid_search_brand") == "branded paid search"


def test_no_name_stands_directly_after_a_danish_preposition() -> None:
    """It stands after a colon, in quotation marks after its class word, or as the subject."""
    assert BARE.search("Best ved {touchpoint}")
    assert not BARE.search("fra »{touchpoint}«")
    assert not BARE.search("i fasen »{phase}«")
    found = [(english, text) for english, text in catalogue() if BARE.search(text)]
    assert found == []
