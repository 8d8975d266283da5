"""Reports as browsers, screen readers, telephones and printers meet them."""

import io
from dataclasses import replace
from functools import cache

import pdfplumber
import pytest
from playwright.sync_api import Browser, Page

from browser import (
    DRAWN_TEXT,
    NO_FIGURE,
    PHONE,
    TOO_WIDE,
    check_fits_paper,
    check_whole,
    each,
    opened,
    violations,
)
from sim.measures.replicates import combine
from sim.pages.compare_page import make_side_by_side
from sim.pages.compared import ComparedResult
from sim.pages.credit import credit_sections
from sim.pages.pages import make_report
from sim.pages.touchpoints import touchpoints_page
from sim.pages.words.language import speaking
from sim.questions.touchpoints.attribution import Credited, credited_beside
from sim.questions.touchpoints.effects import EffectsStudy, TouchpointsRequest, study
from sim.questions.touchpoints.next_krone import try_next_krone
from sim.runs.run import Run, run
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario

A4 = (595.3, 841.9)  # points
MARGIN = 14 * 72 / 25.4  # points, of the style sheet
HEADING = 11.0  # points: letters of headings are larger, all others smaller


@cache
def made(scenario: str, seed: int = 1, settings: tuple[str, ...] = ()) -> Run:
    """A library market, small: pages are looked at, not figures."""
    base = load_scenario(scenario, agents=2000)
    return run(with_settings(base, settings, {"seed": seed}))


@cache
def tried() -> Run:
    """The loop with its next krone tried out, as a result folder has it."""
    loop = made("webshop_loop")
    return replace(loop, next_krone=try_next_krone(loop))


@cache
def studied() -> tuple[EffectsStudy, Credited]:
    """What touchpoints add, with a split and curves, and what analytics would say."""
    scenario = load_scenario("webshop_loop", agents=1000, days=180)
    request = TouchpointsRequest(replicates=2, players=["display", "newsletter"], curves=True)
    found = study(scenario, request)
    return found, credited_beside(found)


@cache
def page_of(name: str) -> str:
    loop = made("webshop_loop")
    with speaking("da" if name.endswith("danish") else "en"):
        if name.startswith("touchpoints"):
            found, credited = studied()
            return touchpoints_page(found, "journeysim touchpoints", credit_sections(credited))
        if name == "replicates":
            seeds = [made("webshop_loop", seed).summary for seed in (1, 2, 3)]
            return make_report(loop, combine(seeds))
        if name.startswith("side"):
            cheaper = [
                made("webshop_loop", seed, ("offers.everyday.price=379",)) for seed in (1, 2, 3)
            ]
            return make_side_by_side(
                [
                    ComparedResult("A", "loop", loop, [loop.summary]),
                    ComparedResult(
                        "B", "funnel", made("webshop_funnel"), [made("webshop_funnel").summary]
                    ),
                    ComparedResult("C", "cheaper", cheaper[0], [each.summary for each in cheaper]),
                ]
            )
        return make_report(made("webshop_funnel") if name == "funnel" else tried())


PAGES = [
    "loop",
    "funnel",
    "replicates",
    "danish",
    "side",
    "side danish",
    "touchpoints",
    "touchpoints danish",
]


@each(PAGES, "laptop", "phone")
def test_nothing_on_a_page_is_cut_off_or_missing(page: Page) -> None:
    check_whole(page)


@each(PAGES, "laptop")
def test_a_page_can_be_read_by_everybody(page: Page) -> None:
    assert violations(page) == []


@each(["danish", "side"], "phone")
def test_a_page_can_be_read_by_everybody_on_a_telephone(page: Page) -> None:
    assert violations(page) == []


@each([name for name in PAGES if name != "replicates"], "laptop")
def test_a_page_prints_on_a4(page: Page) -> None:
    check_fits_paper(page)
    with pdfplumber.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
        assert len(printed.pages) > 1
        for sheet in printed.pages:
            assert (sheet.width, sheet.height) == pytest.approx(A4, abs=1.0)
            assert all(char["x1"] < A4[0] - MARGIN + 1.5 for char in sheet.chars)
            assert all(char["x0"] > MARGIN - 1.5 for char in sheet.chars)
            lowest = max(char["bottom"] for char in sheet.chars)
            for char in sheet.chars:
                if char["size"] > HEADING and lowest - char["bottom"] < 2 * HEADING:
                    words = sheet.crop(
                        (0, char["top"] - 1, sheet.width, sheet.height)
                    ).extract_text()
                    pytest.fail(f"a heading ends sheet {sheet.page_number}: {words}")


def test_the_checks_find_what_is_wrong(browser: Browser) -> None:
    """A page with every fault: a check that finds none of them would check nothing."""
    bad = """<!DOCTYPE html><html><head><title>bad</title></head><body><p></p><p>NaN</p>
    <div style="width:3000px;color:#ccc">pale</div><figure><svg viewBox="0 0 100 20"
    width="100" height="20" aria-label="drawing" style="overflow:visible"><text x="5" y="15">first
    </text><text x="8" y="15">second</text><text x="90" y="15">far away</text></svg></figure>"""
    page = opened(browser, bad, PHONE)
    assert "the page scrolls sideways" in page.evaluate(TOO_WIDE)
    drawn = page.evaluate(DRAWN_TEXT)
    assert any(text.startswith("far away: outside") for text in drawn)
    assert any(text.startswith("second: on first") for text in drawn)
    assert {"NaN", "empty P in undefined"} <= set(page.evaluate(NO_FIGURE))
    found = {line.split(":")[0] for line in violations(page)}
    assert {"html-has-lang", "color-contrast", "landmark-one-main"} <= found
    page.context.close()
