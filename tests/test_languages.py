"""A toy third language: a catalogue with its rule for plurals, and its code in one list."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from sim.measures.figure import in_months
from sim.pages.words import language, numbers
from sim.pages.words.language import explain, say_number, speaking
from sim.vocabulary import Purpose, Trigger
from tools.pages import PAGES, made, page

CODE = "pl"  # of a language with three forms of what is counted, and a space between thousands
FORMS = ("one", "few", "many")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """A catalogue in which every text stands between marks, and what is counted says its form."""
    with (language.CATALOGUES / "da.po").open("rb") as file:
        known = read_po(file, locale="da")
    made_up = Catalog(locale=CODE)
    for message in known:
        if isinstance(message.id, tuple):
            many = message.id[1]
            made_up.add(message.id, tuple(f"«{form} {many}»" for form in FORMS))
        elif message.id:
            made_up.add(message.id, f"«{message.id}»")
    with (tmp_path / f"{CODE}.po").open("wb") as file:
        write_po(file, made_up)
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    monkeypatch.setattr(language, "LANGUAGES", (*language.LANGUAGES, CODE))
    language._catalogue.cache_clear()
    yield made_up
    language._catalogue.cache_clear()


def shown(text: str) -> set[str]:
    """What a page shows: titles, heads, captions, letters of drawings and descriptions."""
    text = re.sub(r"<(style|code|pre)\b.*?</\1>", "", text, flags=re.DOTALL)
    found = re.findall(r'aria-label="([^"]+)"', text) + re.findall(r">([^<>]+)<", text)
    return {html.unescape(piece).strip().rstrip(".") for piece in found}


@pytest.mark.parametrize("kind", PAGES)
def test_every_kind_of_page_speaks_a_third_language(kind: str, toy: Catalog) -> None:
    with speaking(CODE):
        text = page(kind, made())
    assert f'<html lang="{CODE}">' in text
    # parts of the scenario and values of its parameters are in its own words
    own = {"value", "none", "Market", *map(str, Trigger), *map(str, Purpose)}
    known = {part for message in toy if message.id for part in _parts(message.id)}
    assert {each for each in shown(text) & known if len(each) > 2} - own == set()
    if kind == "claims":  # its titles and sentences are those of the study files
        assert text.count("«") > 30
        return
    assert text.count("«") > 50
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
    assert len(titles) > 3
    assert all(title.startswith("«") and title.endswith("»") for title in titles)


def _parts(ids: str | tuple[str, ...]) -> tuple[str, ...]:
    return ids if isinstance(ids, tuple) else (ids,)


def test_numbers_and_plurals_are_those_of_the_language(toy: Catalog) -> None:
    with speaking(CODE):
        assert numbers.exact(1_234_567) == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"
        assert numbers.decimal(-0.25) == "\N{MINUS SIGN}0,25"
        told = [say_number("1 seed", "{number} seeds", n, number=n) for n in (1, 3, 5, 22)]
        assert told == ["«one 1 seeds»", "«few 3 seeds»", "«many 5 seeds»", "«few 22 seeds»"]
        assert say_number("1 seed", "{number} seeds", 1.5, number="1,5") == "«few 1,5 seeds»"
        assert explain(in_months(1)) == "«one 1 months»"
        assert explain(in_months(3)) == "«few 3 months»"
        assert explain(in_months(12)) == "«many 12 months»"
    with speaking("da"):
        assert language.language() == "da"


def test_names_of_a_scenario_without_the_language_stay_as_they_are(toy: Catalog) -> None:
    class Part:
        name, name_da = "poster", "Plakat"

    with speaking(CODE):
        assert language.own_words(Part(), "name") == "poster"
    with speaking("da"):
        assert language.own_words(Part(), "name") == "Plakat"
    assert language.own_words(Part(), "title") == ""
