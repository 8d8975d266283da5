"""What a terminal shows of analytics beside the truth."""

from __future__ import annotations

from sim.measures.figure import Figure, Undefined
from sim.measures.incrementality import interval
from sim.pages.plans import model_name
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.questions.touchpoints.attribution import Beside


def credit_text(found: Beside) -> list[str]:
    """A line a model: how near its ranks are, and what its budget brings; then the other plans."""
    currency = found.study.scenario.currency
    plans = {} if isinstance(found.regret, Undefined) else {p.name: p for p in found.regret.plans}
    intro = (
        f"What web analytics would credit, from {found.conversions:,} purchases on"
        f" {found.paths:,} paths"
    )
    errors = [one.mean_error for one in found.judged]
    if all(isinstance(error, Undefined) for error in errors):
        return [f"{intro}: no model can be judged: {errors[0]}."]
    head = ("budgets by", "ranks agree", "credit to move", "profit gained", "95 % interval")
    rows = [head]
    judged = {one.model: one for one in found.judged}
    for name in dict.fromkeys([*judged, *plans]):
        one, plan = judged.get(name), plans.get(name)
        gain = None if plan is None else interval(plan.gain)
        rows.append(
            (
                model_name(name),
                NONE if one is None else _decimal(one.rank_correlation),
                NONE if one is None else _percent(one.misplaced),
                NONE if gain is None else numbers.whole(gain.value),
                NONE
                if gain is None
                else f"{numbers.whole(gain.low)} to {numbers.whole(gain.high)}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        f"{row[0]:<{widths[0]}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    return [
        f"{intro}; profit in {currency}, against today's budgets",
        "",
        *lines,
    ]


def _decimal(figure: Figure) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.decimal(figure)


def _percent(figure: Figure) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.percent(figure)
