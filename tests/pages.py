"""Every kind of page of a tiny market whose parts may be called anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd

from sim.pages.budget_pages import belief_page, frontier_page, optimise_page
from sim.pages.charts.figure_files import report_with_figures
from sim.pages.compare_page import compare_page, make_side_by_side
from sim.pages.compared import Result
from sim.pages.credit import credit_sections
from sim.pages.sweep_page import make_page
from sim.pages.touchpoints import touchpoints_page
from sim.questions.budget import request as budget_request
from sim.questions.budget.belief import BeliefFound, belief
from sim.questions.budget.optimise import Optimised, optimise
from sim.questions.budget.search import least_evaluations
from sim.questions.budget.split_study import load_split_study
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
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

SIZE = {"agents": 150, "population": 1500, "days": 200}
COMMAND = "journeysim again"
DESIGNS: Mapping[str, dict[str, Any]] = {
    "sobol": {"method": "sobol", "samples": 2, "second_order": True},
    "morris": {"method": "morris", "samples": 2},
    "tornado": {"method": "one_at_a_time"},
    "grid": {"method": "grid"},
}
SPLITS = {"belief": "funnel_vs_loop", "frontier": "acquisition_vs_retention"}
PAGES = ("run", "compare", "touchpoints", "optimise", *SPLITS, "side", *DESIGNS)

Named = Callable[[str], str]


def plain(name: str) -> str:
    """The name as it is."""
    return name


def market(named: Named = plain) -> Scenario:
    """A small loop with one or two of everything that has a name; `named`: what all are called."""
    poster = {
        "starts": "push",
        "control": "paid",
        "budget_per_day": 60.0,
        "cost": {"per_contact": 0.5},
        "reach": {named(phase): 0.5 for phase in ("idle", "look", "own")},
        "quality": {"mean": 0.2, "sd": 0.5},
        "effects": {"awareness": 0.5, "engagement": 0.5},
        "click_chance": 0.5,
    }
    desk = {
        "starts": "service",
        "reach": {named("buy"): 0.6, named("own"): 0.1},
        "capacity": {"servers": 1, "service_minutes": 30.0},
        "quality": {"mean": -0.2, "sd": 0.5},
    }
    phases = {
        "idle": {"kind": "latent"},
        "look": {"kind": "consider", "pace_per_day": 0.3, "leave_per_day": 0.05},
        "buy": {"kind": "purchase", "pace_per_day": 0.5, "leave_per_day": 0.1},
        "own": {"kind": "relate"},
    }
    needs = [named("fit"), named("looks")]
    made = Scenario.model_validate(
        {
            "name": named("market"),
            "seed": 3,
            "panel": 1.0,
            **SIZE,
            "journey": {
                "needs": needs,
                "phases": {named(phase): fields for phase, fields in phases.items()},
                "checkout": {"abandon": 0.3, "to_competitor": 0.5},
            },
            "segments": {
                named("many"): {"share": 0.6, "need": {"rate_per_year": 20.0}},
                named("few"): {"share": 0.4, "need": {"rate_per_year": 20.0}},
            },
            "offers": {
                named("basic"): {
                    "price": 300.0,
                    "unit_cost": 100.0,
                    "attributes": dict.fromkeys(needs, 0.5),
                    "add_ons": {named("wrap"): {"price": 30.0, "chance": 0.5}},
                },
                named("plus"): {"price": 400.0, "unit_cost": 150.0},
            },
            "competitors": {named("rival"): {"offers": {named("thing"): {"price": 300.0}}}},
            "touchpoints": {
                named("poster"): poster,
                named("letter"): {**poster, "purpose": "retention", "budget_per_day": 30.0},
                named("desk"): desk,
            },
        }
    )
    assert cross_check(made) == []
    return made


def danish(scenario: Scenario, name: str) -> Scenario:
    """The scenario with the same Danish name for every part that has one, and as its title."""
    called = scenario.model_dump(mode="json")
    for parts in (called["journey"]["phases"], *(called[p] for p in ("segments", "offers"))):
        for fields in parts.values():
            fields["name_da"] = name
    for fields in called["touchpoints"].values():
        fields["name_da"] = name
    texts = dict.fromkeys(("title", "title_da", "description", "description_da"), name)
    return Scenario.model_validate({**called, **texts})


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
    request = budget_request.Request(replicates=2, evaluations=least_evaluations(2))
    players = (named("poster"), named("letter"))
    asked = touchpoints.Request(replicates=1, curves=True, players=players)
    whole = run(scenario)
    amounts = (9.0, 12.0, 11.0, 30.0, 2.0, 11.0, 2.0)
    step = Step(named("poster"), False, Purpose.ACQUISITION, True, False, *amounts)
    return Made(
        scenario,
        replace(whole, next_krone=NextKrone(1.25, 100, [step], {})),
        compare.compare(variants, compare.Request(replicates=compare.LEAST_SEEDS)),
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
        return belief_page(load_split_study(SPLITS[kind]).study, of.belief, COMMAND)
    if kind == "frontier":
        return frontier_page(load_split_study(SPLITS[kind]).study, of.optimised, COMMAND)
    if kind == "side":
        results = [Result(letter, of.variant, of.run, [of.run.summary]) for letter in "AB"]
        return make_side_by_side(results)
    return _page_of_study(kind, of)


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
