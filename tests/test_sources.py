"""`docs/sources.md`: what the articles say, held against the schema, the library, its studies."""

import re
from itertools import chain
from pathlib import Path

import pytest

from sim.scenario.field_table import declared_fields
from sim.scenario.library import library_names
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from tools.documentation import tables

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "sources.md"
TEXT = PAGE.read_text(encoding="utf-8")
FIRST = "the article says"
NOTHING = "–"
NOT_HERE = "**not in the model**"
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
ARTICLES = [title for title in SECTIONS if title.startswith("The ")]
ROWS = {title: tables(SECTIONS[title], FIRST) for title in ARTICLES}
EVERY_ROW = list(chain.from_iterable(ROWS.values()))
FIELDS = declared_fields()
CLAIMS = {
    "funnel_vs_loop",
    "five_times",
    "last_click",
    "cross_device",
    "peak_end",
    "umbrella",
    "good_day",
    "fast_reply",
    "muddled_message",
    "recovery",
    "subscription_shift",
    "messy_journeys",
    "bottleneck",
    "acquisition_vs_retention",
    "said_and_done",
    "future_needs",
}


def linked(text: str, folder: str) -> list[str]:
    """The names of the files of a folder that are linked, each called what its link says."""
    found = re.findall(rf"\[([^\]]+)\]\(\.\./{folder}/([^)]+)\.yaml\)", text)
    assert all(said == name for said, name in found), found
    return [name for _, name in found]


def in_code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def is_field(path: str) -> bool:
    """Whether it is a field, or a group of fields."""
    return path in FIELDS or any(known.startswith(f"{path}.") for known in FIELDS)


def names_in(market: Scenario) -> set[str]:
    """What a market file gives a name to."""
    journey, offers = market.journey, market.offers
    rivals = [rival.offers for rival in market.competitors.values()]
    groups = [journey.needs, journey.phases, market.segments, offers, market.competitors]
    groups += [market.touchpoints, market.day_states, *rivals]
    groups += [offer.add_ons for offer in offers.values()]
    return set(chain.from_iterable(groups))


def test_there_are_five_articles_and_none_has_an_empty_table() -> None:
    assert len(ARTICLES) == 5
    assert {title: len(rows) for title, rows in ROWS.items() if len(rows) < 8} == {}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#\s]+)[^)]*\)", TEXT))))
def test_a_link_leads_to_a_file(target: str) -> None:
    """Anchors: `test_docs.py`."""
    assert (PAGE.parent / target).is_file()


@pytest.mark.parametrize("row", EVERY_ROW, ids=[row[FIRST][:40] for row in EVERY_ROW])
def test_a_sentence_has_its_place_or_is_said_to_have_none(row: dict[str, str]) -> None:
    assert len(row[FIRST].strip(".*")) > 3
    places = [row["rule"], row["fields"], row["claim"]]
    assert any(place != NOTHING for place in places)
    assert [path for path in in_code(row["fields"]) if not is_field(path)] == []
    assert re.sub(r"`[^`]+`|, ", "", row["fields"]) in ("", NOTHING)
    of_markets = "markets, and what to look at there"
    for part in row[of_markets].split("; "):
        names = in_code(part)
        markets = linked(part, "scenarios")
        assert part == NOTHING or len(markets) == 1
        if markets:
            assert set(names) - names_in(load_scenario(markets[0])) == set()
    assert set(linked(row["claim"], "experiments")) <= CLAIMS
    if row["fields"] == row[of_markets] == row["claim"] == NOTHING:
        assert NOT_HERE in row["rule"]


def test_what_stands_for_a_name_in_the_rules_is_a_field_or_a_touchpoint() -> None:
    last = {path.rpartition(".")[2] for path in FIELDS}
    shop = names_in(load_scenario("webshop_loop"))
    named = set(chain.from_iterable(in_code(row["rule"]) for row in EVERY_ROW))
    assert named - last - shop == set()


def test_every_claim_has_a_sentence_and_a_line_of_its_own() -> None:
    asked = chain.from_iterable(linked(row["claim"], "experiments") for row in EVERY_ROW)
    assert set(asked) == CLAIMS
    by_claim = linked(SECTIONS["By claim"].partition("\nNo article")[0], "experiments")
    assert len(by_claim) == len(set(by_claim))
    assert set(by_claim) == CLAIMS


def test_every_market_that_ships_has_its_source() -> None:
    assert sorted(linked(SECTIONS["By market"], "scenarios")) == library_names()


def test_no_path_of_this_machine_and_no_file_name_of_an_article_is_said() -> None:
    assert re.findall(r"\d{3}_[0-9a-f]{8,}|/(?:work|tmp|home)/", TEXT) == []
