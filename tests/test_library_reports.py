"""The reports of every market that ships, in both languages, as a browser meets them."""

import re
from dataclasses import replace
from functools import cache

import pytest
from playwright.sync_api import Page

from browser import check_fits_paper, check_whole, each, violations
from sim import load_scenario
from sim.pages.pages import make_report
from sim.pages.words.language import speaking
from sim.questions.touchpoints.next_krone import try_next_krone
from sim.runs.run import Run, run
from sim.scenario.library import library_names

pytestmark = pytest.mark.slow
LANGUAGES = ("en", "da")
PAGES = [f"{name} {code}" for name in library_names() for code in LANGUAGES]
SIZE = {"agents": 1_000, "days": 200}
# What no reader should meet: an empty or absurd figure, a field's own name, a word of the program.
ABSURD = re.compile(r"\b(nan|inf|None|null|undefined|True|False)\b|[a-z]+_[a-z]+_[a-z]+")


@cache
def made(name: str) -> Run:
    one = run(load_scenario(name, **SIZE))
    return replace(one, next_krone=try_next_krone(one, 1))


@cache
def page_of(name: str) -> str:
    market, _, code = name.partition(" ")
    with speaking(code):
        return make_report(made(market))


def words(page: Page) -> str:
    """What is read on the page, without commands, code and the file's own names in the appendix."""
    found: str = page.evaluate(
        "() => { const d = document.body.cloneNode(true);"
        " d.querySelectorAll('code, pre, style, .facts, .settings').forEach(e => e.remove());"
        " return d.textContent }"
    )
    return found


@each(PAGES, "laptop", "phone")
def test_nothing_is_cut_off_or_missing(page: Page) -> None:
    check_whole(page)


@each(PAGES, "laptop")
def test_everybody_can_read_it_and_nothing_is_absurd(page: Page) -> None:
    assert violations(page) == []
    assert ABSURD.findall(words(page)) == []


@each(PAGES, "laptop")
def test_it_prints_on_a4(page: Page) -> None:
    check_fits_paper(page)


@pytest.mark.parametrize("name", library_names())
def test_the_same_run_gives_the_same_bytes(name: str) -> None:
    for code in LANGUAGES:
        with speaking(code):
            first, second = (make_report(run(load_scenario(name, **SIZE))) for _ in range(2))
        assert first == second
