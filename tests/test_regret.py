"""Budgets that follow a model: the split by hand, the plans' profit against runs of their own."""

import math

import pytest

from sim.engine.day import run_fast
from sim.measures.attribution import MODELS
from sim.measures.figure import Undefined
from sim.measures.intervals import interval
from sim.model.columns import Count
from sim.questions.budget.plans import divide
from sim.questions.budget.request import MOST_TIMES, TODAY, PlanRuns, SplitRequest
from sim.questions.touchpoints.attribution import (
    KEYS,
    MOST_CUSTOMER_DAYS,
    Credited,
    credit_summary,
    credit_table,
    credited_beside,
    models_table,
    most_credit_runs,
    panel_for,
    plans_table,
    regret_table,
)
from sim.questions.touchpoints.effects import EffectsStudy, TouchpointsRequest, study
from sim.questions.touchpoints.regret import (
    NEXT_KRONE,
    TOO_FEW,
    TRUTH,
    Regret,
    misplaced,
)
from sim.runs.store import Store
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import MINOR_UNITS
from worlds.help_desk import FALL, helped
from worlds.paid_media import BUDGET, paid, useful_and_useless


@pytest.fixture(scope="module")
def made() -> EffectsStudy:
    return study(useful_and_useless(), TouchpointsRequest(replicates=2))


@pytest.fixture(scope="module")
def found(made: EffectsStudy) -> Credited:
    return credited_beside(made)


def tried(found: Credited) -> Regret:
    assert not isinstance(found.regret, Undefined)
    return found.regret


# what a plan may do


def test_a_plan_may_do_what_the_optimiser_may_do() -> None:
    """The same parts, totals and ends as `optimise` has."""
    market = helped(
        agents=300,
        days=20,
        search=paid(starts="pull", reach={"purchase": 0.2}, cost={"per_click": 1.0}),
        letter=paid(budget_per_day=None, reach={"purchase": 0.3}),
        poster2=paid(),
    )
    found = tried(credited_beside(study(market, TouchpointsRequest(replicates=1))))
    work = PlanRuns(market, SplitRequest(), divide(market), store=Store(), tell=lambda _: None)
    assert set(work.can) >= {"search", "letter", "poster2"}  # with a budget or without
    assert found.ceilings == work.can
    assert found.of(TODAY).budgets == work.today.spent
    for plan in found.plans:
        assert sum(plan.budgets.values()) <= work.total * (1.0 + 1e-9)
        assert all(0.0 <= one <= work.can[name] for name, one in plan.budgets.items())


def test_misplaced_money_is_counted_once() -> None:
    assert misplaced({"a": 70.0, "b": 30.0}, {"a": 40.0, "b": 60.0}) == 30.0
    assert misplaced({"a": 1.0}, {"a": 1.0}) == 0.0


# the plans


def test_the_truth_pays_only_for_what_adds_something(found: Credited) -> None:
    regret = tried(found)
    total = sum(regret.of(TODAY).budgets.values())
    assert 0.9 < total / (2 * 40 * BUDGET) <= 1.0  # on the first day there is nobody at a checkout
    for name in (TRUTH, NEXT_KRONE):
        assert regret.of(name).budgets == pytest.approx({"useful": total, "useless": 0.0})
    assert regret.of(TODAY).misplaced == pytest.approx(total / 2)
    # both are met and clicked alike by buyers, so no model tells them well apart
    for model in ("linear", "markov_1", "shapley"):
        assert regret.of(model).budgets["useless"] > 0.1 * total
    assert regret.best in (TRUTH, NEXT_KRONE)
    for plan in regret.plans:
        assert sum(plan.budgets.values()) == pytest.approx(total)


def profit(market: Scenario) -> float:
    """Margin less spend, counted day by day."""
    records = run_fast(market)
    margin = records.counts[..., Count.MARGIN].sum() * records.people_per_agent / MINOR_UNITS
    return float(margin - records.spend.sum())


@pytest.mark.parametrize("name", [TRUTH, "last_click", "time_decay"])
def test_a_plan_brings_what_runs_with_its_budgets_bring(name: str, found: Credited) -> None:
    regret = tried(found)
    plan, best, now = regret.of(name), regret.of(regret.best), regret.of(TODAY).budgets
    for place, seed in enumerate(found.study.seeds):
        today = with_settings(found.study.scenario, overrides={"seed": seed})
        with_plan, with_best = (
            profit(
                with_settings(
                    today,
                    overrides={
                        f"touchpoints.{one}.budget_per_day": BUDGET * amount / now[one]
                        for one, amount in each.budgets.items()
                    },
                )
            )
            for each in (plan, best)
        )
        assert plan.gain[place].value == pytest.approx(with_plan - profit(today), abs=0.02)
        assert plan.regret[place].value == pytest.approx(with_best - with_plan, abs=0.02)


def test_the_best_has_no_regret_and_nobody_less(found: Credited) -> None:
    regret = tried(found)
    assert interval(regret.of(regret.best).regret) == (0.0, 0.0, 0.0)
    assert interval(regret.of(TODAY).gain) == (0.0, 0.0, 0.0)
    assert all(interval(plan.regret).value >= 0.0 for plan in regret.plans)


def test_plans_of_touchpoints_that_do_nothing_are_equal_but_for_what_they_spend() -> None:
    market = helped(agents=400, days=20, a=paid(), b=paid(click_chance=0.9))
    regret = tried(credited_beside(study(market, TouchpointsRequest(replicates=1))))
    assert set(regret.left_out) >= {TRUTH, NEXT_KRONE}  # nothing adds anything
    spent = regret.of(TODAY).spent
    for plan in regret.plans:
        assert plan.gain[0].value == pytest.approx(spent - plan.spent, abs=0.02)
        assert plan.gain[0].se == 0.0
        assert plan.misplaced == regret.left_out[TRUTH]


def test_no_plan_gives_more_than_so_many_times_what_one_has() -> None:
    market = helped(agents=1000, useful=paid(effects={"friction": -FALL}), useless=paid())
    market = with_settings(market, overrides={"touchpoints.useful.budget_per_day": BUDGET / 9.0})
    regret = tried(credited_beside(study(market, TouchpointsRequest(replicates=1))))
    most = MOST_TIMES * regret.of(TODAY).budgets["useful"]
    assert regret.of(TRUTH).budgets["useful"] == pytest.approx(most)


def test_money_that_is_no_budget_is_found_by_runs() -> None:
    letter = paid(budget_per_day=None, reach={"purchase": 0.2}, effects={"friction": -FALL})
    market = helped(agents=1000, letter=letter, useless=paid())
    regret = tried(credited_beside(study(market, TouchpointsRequest(replicates=1))))
    for plan in regret.plans:
        assert plan.spent == pytest.approx(sum(plan.budgets.values()), rel=0.02)


def test_search_gets_no_more_than_all_who_search_would_cost() -> None:
    search = paid(
        starts="pull",
        reach={"purchase": 0.2},
        cost={"per_click": 1.0},
        effects={"friction": -FALL},
    )
    market = helped(agents=1000, search=search, useless=paid())
    regret = tried(credited_beside(study(market, TouchpointsRequest(replicates=1))))
    ceiling = regret.ceilings["search"]
    assert ceiling < 40 * BUDGET * 2
    assert regret.of(TRUTH).budgets["search"] == ceiling
    # a budget that nobody can use up is not used up
    free = with_settings(market, overrides={"touchpoints.search.budget_per_day": 2 * BUDGET})
    spend = run_fast(free).spend.sum(axis=0)[0]
    assert math.isclose(spend, ceiling, rel_tol=1e-9)


def test_one_budget_cannot_be_split() -> None:
    made = study(helped(agents=100, days=5), TouchpointsRequest(replicates=1))
    assert credited_beside(made).regret == Undefined(TOO_FEW)
    assert most_credit_runs(made.scenario, 3) == 1


# around it


def test_it_does_not_matter_who_computes_it(made: EffectsStudy, found: Credited) -> None:
    again = credited_beside(made, Store(threads=1))
    first, second = credit_summary(found), credit_summary(again)
    del first["seconds"], second["seconds"]
    assert first == second


def test_everybody_is_in_the_panel_as_far_as_memory_goes() -> None:
    assert panel_for(1000, 730) == 1.0
    assert panel_for(2_000_000, 80) == MOST_CUSTOMER_DAYS / 160_000_000


def test_no_more_runs_than_announced(found: Credited) -> None:
    done: list[float] = []
    again = credited_beside(found.study, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == again.runs <= most_credit_runs(found.study.scenario, 2)


def test_tables_and_summary_say_the_same(found: Credited) -> None:
    summary = credit_summary(found)
    assert {key.split(".")[0] for key in KEYS} == set(summary)
    credit = credit_table(found).set_index(["model", "touchpoint"])
    models = models_table(found).set_index("model")
    regrets, plans = regret_table(found).set_index("plan"), plans_table(found)
    assert list(models.index) == list(MODELS)
    for model, figures in summary["models"].items():
        assert figures["misplaced"] == models.loc[model, "misplaced"]
        shares = [figures["credit"][name]["share"] for name in ("useful", "useless")]
        assert shares == [credit.loc[(model, name), "share"] for name in ("useful", "useless")]
        assert sum(shares) == pytest.approx(1.0)
    for plan, figures in summary["plans"].items():
        assert figures["gain"] == [regrets.loc[plan, f"gain{end}"] for end in ("", "_low", "_high")]
        budgets = plans[plans["plan"] == plan].set_index("touchpoint")["budget"]
        assert figures["budgets"] == budgets.to_dict()
    assert summary["conversions"] == found.conversions > 0
