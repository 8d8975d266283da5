"""Pages of optimised budgets and of their studies as browsers and printers meet them."""

from functools import cache

from playwright.sync_api import Page

from browser import check_fits_paper, check_whole, each, violations
from sim.pages.budget_pages import belief_page, frontier_page, optimise_page
from sim.pages.words.language import speaking
from sim.questions.budget.belief import BeliefFound, belief
from sim.questions.budget.optimise import Optimised, optimise
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer
from sim.questions.budget.request import SplitRequest
from sim.questions.budget.split_study import load_split_study
from sim.scenario.load import load_scenario

SIZE = {"agents": 500, "days": 120}
REQUEST = SplitRequest(replicates=2, evaluations=57)
COMMAND = "journeysim optimise webshop_loop"
PAGES = ["optimise", "optimise da", "belief", "belief da", "frontier", "frontier da"]


@cache
def optimised() -> Optimised:
    return optimise(load_scenario("webshop_loop", **SIZE), REQUEST)


@cache
def believed() -> BeliefFound:
    markets = [load_scenario(name, **SIZE) for name in ("webshop_loop", "webshop_funnel")]
    return belief(*markets, REQUEST)


@cache
def page_of(name: str) -> str:
    kind, _, language = name.partition(" ")
    with speaking(language or "en"):
        if kind == "belief":
            return belief_page(
                BeliefAnswer(load_split_study("funnel_vs_loop").study, believed()), COMMAND
            )
        if kind == "frontier":
            study = load_split_study("acquisition_vs_retention").study
            return frontier_page(FrontierAnswer(study, optimised()), COMMAND)
        return optimise_page(optimised(), COMMAND)


@each(PAGES, "laptop", "phone")
def test_nothing_is_cut_off_or_missing(page: Page) -> None:
    check_whole(page)


@each(PAGES, "laptop")
def test_everybody_can_read_it(page: Page) -> None:
    assert violations(page) == []


@each(PAGES, "laptop")
def test_it_prints_on_a4(page: Page) -> None:
    check_fits_paper(page)
