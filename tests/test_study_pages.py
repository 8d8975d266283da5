"""Pages of comparisons and of sensitivity as browsers, screen readers and printers meet them."""

from functools import cache

import pandas as pd
from playwright.sync_api import Page

from browser import check_fits_paper, check_whole, each, violations
from sim.pages.compare_page import compare_page
from sim.pages.sweep_page import make_page
from sim.pages.words.language import speaking
from sim.questions.compare.compare import CompareRequest, Variant, compare
from sim.questions.compare.tables import TOLD
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.sensitivity import analyse
from sim.questions.levers.study import Study
from sim.runs.plan import Job
from sim.scenario.levers import with_settings
from worlds.markets import SHORT_TOWN

RANGES = {
    "offers.basic.price": {"low": 250.0, "high": 350.0},
    "touchpoints.search.budget_per_day": {"low": 10.0, "high": 90.0},
    "touchpoints.newsletter.quality.mean": {"low": -0.5, "high": 0.5},
}
DESIGNS = {
    "sobol": {"method": "sobol", "samples": 4, "second_order": True},
    "morris": {"method": "morris", "samples": 2},
    "tornado": {"method": "one_at_a_time"},
}


@cache
def page_of(name: str) -> str:
    kind, _, language = name.partition(" ")
    with speaking(language or "en"):
        return comparison() if kind == "compare" else study(kind)


def comparison() -> str:
    settings = ["offers.basic.price=250"], ["touchpoints.search.budget_per_day=90"]
    variants = [Variant("town", SHORT_TOWN)]
    for name, own in zip(("cheaper", "loud and long of name"), settings, strict=True):
        variants.append(Variant(name, with_settings(SHORT_TOWN, own), own))
    made = compare(variants, CompareRequest(replicates=3))
    return compare_page(made, [*TOLD, "touchpoints.search.spend"], "journeysim compare town.yaml")


def study(kind: str) -> str:
    given = Study.model_validate(
        {
            "name": kind,
            "scenario": "town",
            "replicates": 2,
            "vary": RANGES,
            "design": DESIGNS[kind],
            "measure": ["economics.profit", "conversion.overall", "retention.month_6"],
        }
    )
    plan = market_plan(given, SHORT_TOWN)
    work = market_run(plan, SHORT_TOWN)
    rows = []
    for row in range(plan.design.size):
        values = plan.values(row)
        for replicate, seed in enumerate(plan.seeds):
            outcome = work(Job(f"{row} {replicate}", values, seed))
            rows.append((row, replicate, seed, f"{row} {replicate}", *values.values(), *outcome))
    names = ["row", "replicate", "seed", "run", *plan.columns, *plan.measures]
    table = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(plan.measures, "float64"))
    return make_page(
        given, SHORT_TOWN, plan, table=table, analysed=analyse(given.design, plan, table)
    )


PAGES = ["compare", "compare da", "sobol", "sobol da", "morris", "tornado"]


@each(PAGES, "laptop", "phone")
def test_nothing_is_cut_off_or_missing(page: Page) -> None:
    check_whole(page)


@each(PAGES, "laptop")
def test_everybody_can_read_it(page: Page) -> None:
    assert violations(page) == []


@each(PAGES, "laptop")
def test_it_prints_on_a4(page: Page) -> None:
    check_fits_paper(page)
