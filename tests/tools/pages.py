"""Every kind of page of the market whose parts may be called anything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd

from sim.measures.catalogue import Unit
from sim.measures.replicates import figure_at
from sim.pages.budget_pages import belief_page, frontier_page, optimise_page
from sim.pages.charts.figure_files import report_with_figures
from sim.pages.claim_page import claim_page
from sim.pages.claims_page import claims_page
from sim.pages.compare_page import compare_page, make_side_by_side
from sim.pages.compared import ComparedResult
from sim.pages.credit import credit_sections
from sim.pages.sweep_page import make_page
from sim.pages.touchpoints import touchpoints_page
from sim.questions.budget import request as budget_request
from sim.questions.budget.belief import BeliefFound, belief
from sim.questions.budget.optimise import Optimised, optimise
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer
from sim.questions.budget.search import least_evaluations
from sim.questions.budget.split_study import load_split_study
from sim.questions.claims.claim_file import ClaimFile
from sim.questions.claims.question import ClaimAnswer
from sim.questions.compare import compare
from sim.questions.levers.market import MarketPlan, market_plan, market_run
from sim.questions.levers.sensitivity import analyse
from sim.questions.levers.study import Study
from sim.questions.touchpoints import effects as touchpoints
from sim.questions.touchpoints.attribution import Credited, credited_beside
from sim.records.steps import NextKrone, Step
from sim.runs.plan import Job
from sim.runs.run import Run, run
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose
from worlds.any_names import Named, danish, market, plain

COMMAND = "journeysim again"
DESIGNS: Mapping[str, dict[str, Any]] = {
    "sobol": {"method": "sobol", "samples": 2, "second_order": True},
    "morris": {"method": "morris", "samples": 2},
    "tornado": {"method": "one_at_a_time"},
    "grid": {"method": "grid"},
}
SPLITS = {"belief": "funnel_vs_loop", "frontier": "acquisition_vs_retention"}
CLAIMS = ("claim", "claims")
PAGES = ("run", "compare", "touchpoints", "optimise", *SPLITS, *CLAIMS, "side", *DESIGNS)


@dataclass(frozen=True)
class Made:
    """What the pages of a market are made of; `variant`: what a variant and a result are called."""

    scenario: Scenario
    run: Run
    compared: compare.Compared
    beside: Credited
    optimised: Optimised
    belief: BeliefFound
    studies: Mapping[str, tuple[Study, MarketPlan, pd.DataFrame]]
    variant: str = "cheaper"

    def called(self, name: str, variant: str) -> "Made":
        """The same with other Danish names, and another name of the variant."""
        scenario = danish(self.scenario, name)
        first, second = self.compared.variants
        variants = [replace(first, scenario=scenario), replace(second, name=variant)]
        study = replace(self.beside.study, scenario=scenario)
        optimised, believed = self.optimised, self.belief
        parts, others = (
            replace(one.divided, scenario=danish(one.divided.scenario, name))
            for one in (optimised, believed)
        )
        return Made(
            scenario,
            replace(
                self.run, scenario=scenario, records=replace(self.run.records, scenario=scenario)
            ),
            replace(self.compared, variants=variants),
            replace(self.beside, study=study),
            replace(optimised, scenario=scenario, divided=parts),
            replace(believed, scenario=scenario, divided=others),
            self.studies,
            variant,
        )


@cache
def made(named: Named = plain) -> Made:
    """All results of the market, made once."""
    scenario = market(named)
    cheaper = with_settings(scenario, [f"offers.{named('basic')}.price=250"])
    variants = [
        compare.Variant(scenario.name, scenario),
        compare.Variant("cheaper", cheaper, ["x"]),
    ]
    request = budget_request.SplitRequest(replicates=2, evaluations=least_evaluations(2))
    players = (named("poster"), named("letter"))
    asked = touchpoints.TouchpointsRequest(replicates=1, curves=True, players=players)
    whole = run(scenario)
    amounts = (9.0, 12.0, 11.0, 30.0, 2.0, 11.0, 2.0)
    step = Step(named("poster"), False, Purpose.ACQUISITION, True, False, *amounts)
    return Made(
        scenario,
        replace(whole, next_krone=NextKrone(1.25, 100, [step], {})),
        compare.compare(variants, compare.CompareRequest(replicates=compare.LEAST_SEEDS)),
        credited_beside(touchpoints.study(scenario, asked)),
        optimise(scenario, request),
        belief(scenario, cheaper, request),
        {kind: _study(kind, scenario) for kind in DESIGNS},
    )


def page(kind: str, of: Made) -> str:
    """The page of a kind, in the language of the surrounding `speaking`."""
    if kind == "run":
        return report_with_figures(of.run)[0]
    if kind == "compare":
        return compare_page(of.compared, ["customers.new"], COMMAND)
    if kind == "touchpoints":
        return touchpoints_page(of.beside.study, COMMAND, credit_sections(of.beside))
    if kind == "optimise":
        return optimise_page(of.optimised, COMMAND)
    if kind == "belief":
        study = load_split_study(SPLITS[kind]).study
        return belief_page(BeliefAnswer(study, of.belief), COMMAND)
    if kind == "frontier":
        study = load_split_study(SPLITS[kind]).study
        return frontier_page(FrontierAnswer(study, of.optimised), COMMAND)
    if kind == "claim":
        return claim_page(_claimed(of), COMMAND)
    if kind == "claims":
        study = load_split_study(SPLITS["belief"]).study
        return claims_page([_claimed(of), BeliefAnswer(study, of.belief)])
    if kind == "side":
        results = [ComparedResult(letter, of.variant, of.run, [of.run.summary]) for letter in "AB"]
        return make_side_by_side(results)
    return _page_of_study(kind, of)


def _claimed(of: Made) -> ClaimAnswer:
    """A claim about the variants of the comparison, with an expectation of every kind."""
    first, second = of.compared.variants
    words = {"why": "Prices.", "would_change": "Costs."}
    texts = {
        "says": "Cheap sells.",
        "source": "The trade",
        "question": "How much?",
        "notice": "The gap.",
    }
    given = {
        "kind": "claim",
        "name": "c" * 40,
        "scenario": first.name,
        "variants": {
            "cheaper": {"title": of.variant, "title_da": of.variant, "times": {"days": 1}}
        },
        "figures": {
            unit.name.lower(): {
                "title": f"Figure {unit.name}",
                "title_da": f"Tal {unit.name}",
                "of": f"cheaper:{SOLD} / today:{SOLD}",
                "unit": unit,
            }
            for unit in Unit
            if unit is not Unit.NONE
        },
        "claim": {
            **texts,
            **{f"{key}_da": text for key, text in texts.items()},
            "to_try": ["`--agents 10`", "b", "c"],
            "to_try_da": ["a", "b", "c"],
            "expect": [
                {"figure": "share", "above": 0.5},
                {"figure": "money", "below": "ratio"},
                {"figure": "days", "between": [0.5, 100.0]},
                {"figure": "stars", "equals": 1.0},
                {"figure": "points", "below": 0.0},
            ],
            "found": {
                "verdict": "does_not_hold",
                **words,
                **{f"{key}_da": text for key, text in words.items()},
            },
        },
    }
    sold = [
        [figure_at(one, SOLD) or 0.0 for one in summaries] for summaries in of.compared.summaries
    ]
    by_seed = [after / before for before, after in zip(*sold, strict=True)]
    return ClaimAnswer(
        ClaimFile.model_validate(given),
        {"today": first.scenario, "cheaper": second.scenario},
        list(of.compared.seeds),
        dict.fromkeys(given["figures"], by_seed),
    )


SOLD = "customers.purchases"


def _page_of_study(kind: str, of: Made) -> str:
    given, plan, table = of.studies[kind]
    return make_page(
        given, of.scenario, plan, table=table, analysed=analyse(given.design, plan, table)
    )


def _study(kind: str, scenario: Scenario) -> tuple[Study, MarketPlan, pd.DataFrame]:
    """A study of the market, its plan and the table of its runs."""
    first, second, _ = scenario.touchpoints
    price, budget = (
        f"offers.{next(iter(scenario.offers))}.price",
        f"touchpoints.{first}.budget_per_day",
    )
    purpose, profit = f"touchpoints.{second}.purpose", "economics.profit"
    vary: dict[str, Any] = {
        price: {"low": 250.0, "high": 350.0, "points": 2},
        budget: {"low": 10.0, "high": 90.0, "points": 2},
    }
    draw = []
    if kind == "grid":
        vary[purpose] = {"values": ["acquisition", "retention"]}
        draw = [
            {"kind": "heat_map", "measure": profit, "x": purpose, "y": price},
            {"kind": "heat_map", "measure": profit, "x": price, "y": purpose},
            {"measure": profit, "x": price, "by": purpose},
            {"measure": f"touchpoints.{first}.spend", "x": purpose, "by": budget},
        ]
    given = Study.model_validate(
        {
            "name": "n" * 40,
            "scenario": "market",
            "vary": vary,
            "replicates": 2,
            "design": DESIGNS[kind],
            "measure": [profit, f"touchpoints.{first}.spend"],
            "draw": draw,
        }
    )
    plan = market_plan(given, scenario)
    work = market_run(plan, scenario)
    rows = []
    for row in range(plan.design.size):
        values = plan.values(row)
        for replicate, seed in enumerate(plan.seeds):
            outcome = work(Job(f"{row} {replicate}", values, seed))
            rows.append((row, replicate, seed, f"{row} {replicate}", *values.values(), *outcome))
    columns = ["row", "replicate", "seed", "run", *plan.columns, *plan.measures]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(plan.measures, "float64"))
    return given, plan, table
