"""What `optimise` found, as one object (`KEYS` says what is in it) and as tidy tables.

`plans`: a line for each plan and part, with the amount, and for each plan and outcome, with the
gain over today's plan. `curves`: the points that were measured in each round of the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.measures.figure import Undefined, plain
from sim.measures.intervals import Estimate
from sim.questions.budget.belief import BeliefFound
from sim.questions.budget.optimise import Optimised
from sim.questions.budget.request import OPTIMISED, TODAY, PlanFound
from sim.questions.budget.trials import COMPARED, Gain
from sim.records.table import MONEY, NUMBER, TEXT, WHOLE, Column, Table

if TYPE_CHECKING:
    import pandas as pd

KEYS: dict[str, str] = {
    "scenario": "name of the scenario",
    "currency": "of all money",
    "goal": "what was to be as large as can be",
    "by": "what the parts of the budget are: touchpoints or purposes",
    "budget": "the total, over the window",
    "from_day": "the window's first day",
    "days": "the end of the run and of the window",
    "agents": "simulated customers",
    "population": "people that they stand for",
    "seeds.search": "seeds that the search saw",
    "seeds.fresh": "seeds of all gains and amounts",
    "runs": "runs made",
    "customer_worth": "what a customer at the end is worth, in currency",
    "parts.*.today": "what today's plan spends on the part",
    "parts.*.optimised": "what the optimised plan spends on it",
    "parts.*.marginal": "[value, low, high] of the goal for each krone more, at the optimised plan",
    "parts.*.held": "low or high where a bound holds the amount, else empty",
    "plans.*.spent": "what the plan spends on each part",
    "plans.*.share_keeping": "share of it that is spent to keep customers",
    "plans.*.gain.*": "[value, low, high] of each outcome, against today's plan",
    "plans.*.behind.*": "[value, low, high] by which the optimised plan is better than it",
    "frontier": "points: share, and as for a plan",
    "left_out.*": "why a touchpoint is no part, or a plan could not be made",
    "undefined.*": "why a figure is null",
}


PLANS = Table(
    name="plans",
    meaning="A row a plan and part of the budget, and a row a plan and outcome.",
    columns=(
        Column(name="plan", kind=TEXT, meaning="name of the plan"),
        Column(
            name="what",
            kind=TEXT,
            meaning="spent: on a part; gain: over the current plan; behind: the optimised plan",
        ),
        Column(name="name", kind=TEXT, meaning="the part, or the outcome"),
        Column(
            name="value",
            kind=NUMBER,
            unit="of the outcome",
            meaning="money spent over the window; mean of the gain over held-out seeds",
        ),
        Column(
            name="low",
            kind=NUMBER,
            unit="of the outcome",
            meaning="low end of its 95% CI; null: money spent has none",
            nullable=True,
        ),
        Column(
            name="high",
            kind=NUMBER,
            unit="of the outcome",
            meaning="high end of its 95% CI; null: money spent has none",
            nullable=True,
        ),
    ),
)
CURVES = Table(
    name="curves",
    meaning="A row a point that was measured in a round of the search.",
    columns=(
        Column(name="round", kind=WHOLE, meaning="number of the round, 0-based"),
        Column(name="part", kind=TEXT, meaning="the part of the budget"),
        Column(name="amount", kind=NUMBER, unit=MONEY, meaning="money spent on it over the window"),
        Column(
            name="worth",
            kind=NUMBER,
            unit="of the goal",
            meaning="what it brings of the goal, against the round's centre",
        ),
        Column(name="se", kind=NUMBER, unit="of the goal", meaning="standard error of the worth"),
        Column(
            name="curve",
            kind=NUMBER,
            unit="of the goal",
            meaning="the worth by the curve that was fitted",
        ),
    ),
)


def summary(made: Optimised) -> dict[str, Any]:
    """Everything found, as plain values. It holds no clock: the same request, the same object."""
    scenario, request = made.scenario, made.request
    today, best = made.plan(TODAY), made.plan(OPTIMISED)
    parts = {
        part.name: {
            "today": today.spent[part.name],
            "optimised": best.spent[part.name],
            "marginal": _cells(made.marginals[part.name].value),
            "held": made.marginals[part.name].held,
        }
        for part in made.divided.parts
    }
    groups, undefined = plain({"parts": parts})
    reasons = {**made.divided.left_out, **made.left_out}
    return {
        "scenario": scenario.name,
        "currency": scenario.currency,
        "goal": request.goal,
        "by": request.by,
        "budget": made.total,
        "from_day": request.from_day,
        "days": scenario.days,
        "agents": scenario.agents,
        "population": scenario.population,
        "seeds": {"search": list(made.search_seeds), "fresh": list(made.fresh_seeds)},
        "runs": made.runs,
        "customer_worth": made.worth,
        **groups,
        "plans": {plan.name: _plan(plan) for plan in made.plans},
        "frontier": [
            {"share": share, **_plan(plan)}
            for share, plan in zip(made.shares, made.frontier, strict=True)
        ],
        "left_out": {name: str(why) for name, why in reasons.items()},
        "undefined": undefined,
    }


def _plan(plan: PlanFound) -> dict[str, Any]:
    return {
        "spent": dict(plan.spent),
        "share_keeping": plan.share_kept,
        "gain": gain_cells(plan.gain),
        "behind": gain_cells(plan.behind),
    }


def gain_cells(gain: Gain) -> dict[str, list[float]]:
    """[value, low, high] of each outcome."""
    return {name: list(gain.of(name)) for name in COMPARED}


def _cells(value: Estimate | Undefined) -> list[float] | Undefined:
    return value if isinstance(value, Undefined) else list(value)


def belief_summary(made: BeliefFound) -> dict[str, Any]:
    """Everything that was found, as plain values; it holds no clock."""
    return {
        "scenario": made.scenario.name,
        "believed": made.believed.name,
        "currency": made.scenario.currency,
        "budget": made.total,
        "days": made.scenario.days,
        "agents": made.scenario.agents,
        "population": made.scenario.population,
        "seeds": {"search": [made.search_seed], "fresh": list(made.fresh_seeds)},
        "runs": made.runs,
        "customer_worth": made.worth,
        "parting_month": made.parting_month,
        "plans": {
            plan.name: {
                "spent": dict(plan.spent),
                "share_keeping": plan.share_kept,
                "gain": gain_cells(plan.gain),
                "regret": gain_cells(plan.regret),
                "regret_so_far": [list(one) for one in plan.regret_so_far],
            }
            for plan in made.plans
        },
    }


def plans_table(made: Optimised) -> pd.DataFrame:
    """Every plan: what it spends on each part, and what it gains, each in a line."""
    lines: list[tuple[str, str, str, float, float | None, float | None]] = []
    for plan in [*made.plans, *made.frontier]:
        lines += [(plan.name, "spent", part, a, None, None) for part, a in plan.spent.items()]
        lines += [(plan.name, "gain", name, *plan.gain.of(name)) for name in COMPARED]
        lines += [(plan.name, "behind", name, *plan.behind.of(name)) for name in COMPARED]
    return PLANS.frame(lines)


def curves_table(made: Optimised) -> pd.DataFrame:
    """The points of each round: amount, and worth against the round's centre with its error."""
    lines = [
        (number, name, point.amount, point.value, point.se, each.curves[name].value(point.amount))
        for number, each in enumerate(made.searched.rounds)
        for name, points in each.points.items()
        for point in points
    ]
    return CURVES.frame(lines)
