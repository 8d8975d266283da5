"""What analytics would say, beside what a study of touchpoints found, as tables and one object.

One more run, of the study's first seed, has as many customers in its panel as memory allows: it
gives the tracked paths and every attribution model's credit (`sim.measures.attribution`). They
are compared with the truth (`sim.measures.credit`), and each model's budget is tried out
(`sim.questions.touchpoints.regret`). Credit comes from that one seed, the truth from all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.measures.attribution import CreditRow, attribution
from sim.measures.credit import CreditCompared, Judged, Truth, compared, judged, truths
from sim.measures.figure import Undefined, plain, plain_rows
from sim.measures.incrementality import seen
from sim.measures.intervals import Effect, Estimate, interval
from sim.questions.touchpoints.effects import KNOCK_OUT, SHAPLEY, EffectsStudy
from sim.questions.touchpoints.regret import Regret, SplitPlanFound, most_runs, regret
from sim.questions.touchpoints.tables import CREDIT, MODELS, PLANS, REGRET
from sim.runs.run import Run
from sim.runs.store import Keep, Store, pack_json, unpack_json
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import Tracking

if TYPE_CHECKING:
    import pandas as pd

# Assumption: customer-days in the panel, whose events then take about 250 MB in the default
# market and a few times that while paths are made of them.
MOST_CUSTOMER_DAYS = 80_000_000
NOT_SHARED_OUT = "its share of the true total was not asked for"

KEYS: dict[str, str] = {
    "panel": "share of the customers whose paths were tracked",
    "paths": "tracked paths, of the first seed",
    "conversions": "of these, that ended in a purchase",
    "runs": "runs made",
    "seconds": "duration of all of them",
    "truth.*.purchases": "what the touchpoint adds, found without it: [value, low, high]",
    "truth.*.share": "of the purchases that all add, one by one",
    "truth.*.margin_share": "of the margin, likewise",
    "truth.*.shapley_share": "of the purchases that those of --shapley add together",
    "models.*.rank_correlation": "Spearman's, of its shares with the true ones",
    "models.*.rank_correlation_tracked": "the same, over touchpoints that leave a trail",
    "models.*.touchpoints": "that the first is over",
    "models.*.tracked": "that the second is over",
    "models.*.mean_error": "mean |share - incremental share| over touchpoints",
    "models.*.misplaced": "part of the credit that would have to move",
    "models.*.direct": "share of all purchases that is nobody's",
    "models.*.credit.*.share_of_all": "of all purchases; (direct) has one too",
    "models.*.credit.*.share": "of what the touchpoints are credited with together",
    "models.*.credit.*.factor": "purchases credited / incremental purchases: [value, low, high]",
    "plans.*.budgets": "what each touchpoint gets over the run",
    "plans.*.misplaced": "money that is elsewhere in the truth's plan",
    "plans.*.spent": "on the touchpoints that take part",
    "plans.*.gain": "profit against today's plan: [value, low, high]",
    "plans.*.regret": "profit of the best plan tried, against this one: [value, low, high]",
    "best_plan": "the plan with the highest profit",
    "undefined.*": "why a figure is null",
}


@dataclass(frozen=True)
class Credited:
    """Analytics beside the truth."""

    study: EffectsStudy
    panel: float
    credits: Sequence[CreditRow]
    truths: Sequence[Truth]
    shapley: Mapping[str, Estimate | Undefined]  # true shares of those that were asked for
    compared: Sequence[CreditCompared]
    judged: Sequence[Judged]
    regret: Regret | Undefined
    runs: int
    seconds: float = 0.0  # that it took; the manifest keeps it, the answer does not

    @property
    def paths(self) -> int:
        """Tracked paths that the credit rests on."""
        return self.credits[0].paths

    @property
    def conversions(self) -> int:
        """Of these, those that ended in a purchase."""
        return self.credits[0].conversions

    def judgement(self, model: str) -> Judged:
        """What came of a model. Raises KeyError for any other."""
        return {one.model: one for one in self.judged}[model]

    def line(self, model: str, touchpoint: str) -> CreditCompared:
        """What a model says of a touchpoint. Raises KeyError for any other."""
        return {(one.model, one.touchpoint): one for one in self.compared}[model, touchpoint]


def panel_for(agents: int, days: int) -> float:
    """The share of customers in the panel: everybody, or as many as memory allows."""
    return min(1.0, MOST_CUSTOMER_DAYS / (agents * days))


def most_credit_runs(scenario: Scenario, seeds: int) -> int:
    """How many runs `beside` makes at most."""
    return 1 + most_runs(scenario, seeds)


def credited_beside(
    made: EffectsStudy,
    store: Store | None = None,
    progress: Callable[[float], None] | None = None,
) -> Credited:
    """Put analytics beside what `made` found. The result does not depend on `threads`.

    `progress`: called with the number of runs done, fractions included.
    """
    began, runs = time.perf_counter(), store or Store()
    scenario = made.scenario
    panel = panel_for(scenario.agents, scenario.days)

    seen = with_settings(scenario, overrides={"panel": panel})
    credits = runs.alone(seen, CREDITS, progress)
    true = truths(_by_name(made, "purchases"), _by_name(made, "margin"))
    lines = compared(true, credits)
    tracked = [n for n, one in scenario.touchpoints.items() if one.tracking != Tracking.NONE]

    def tell_more(done: float) -> None:
        if progress is not None:
            progress(1.0 + done)

    found = regret(made, credits, runs, progress=tell_more)
    return Credited(
        made,
        panel,
        credits,
        true,
        _shapley_shares(made),
        lines,
        judged(lines, tracked),
        found,
        1 + (0 if isinstance(found, Undefined) else found.runs),
        time.perf_counter() - began,
    )


def _credits_of(one: Run) -> list[CreditRow]:
    return attribution(one.records)


def _pack_credits(rows: list[CreditRow]) -> bytes:
    return pack_json([list(row) for row in rows])


def _unpack_credits(content: bytes) -> list[CreditRow]:
    return [CreditRow(*row) for row in unpack_json(content)]


CREDITS = Keep("credit of every model", _credits_of, _pack_credits, _unpack_credits)


def _by_name(made: EffectsStudy, name: str) -> dict[str, list[Effect]]:
    """What each touchpoint adds of an outcome, by seed."""
    return {
        seeds[0].contrast.name: [one.outcomes[name] for one in seeds]
        for seeds in made.of(KNOCK_OUT)
    }


def _shapley_shares(made: EffectsStudy) -> dict[str, Estimate | Undefined]:
    """The true shares of the touchpoints whose total was shared out; empty if none was."""
    found = {
        seeds[0].contrast.name: [one.outcomes["purchases"] for one in seeds]
        for seeds in made.of(SHAPLEY)
    }
    if not found:
        return {}
    return {one.touchpoint: one.share for one in truths(found, found)}


def credit_table(found: Credited) -> pd.DataFrame:
    """A line for each model and touchpoint, and for `(direct)`."""
    return CREDIT.frame(plain_rows(found.compared))


def models_table(found: Credited) -> pd.DataFrame:
    """A line for each model."""
    return MODELS.frame(plain_rows(found.judged))


def plans_table(found: Credited) -> pd.DataFrame:
    """A line for each plan and touchpoint that takes part, in currency over the run."""
    lines = []
    if not isinstance(found.regret, Undefined):
        today = found.regret.plans[0].budgets
        for plan in found.regret.plans:
            lines += [(plan.name, name, plan.budgets[name], today[name]) for name in today]
    return PLANS.frame(lines)


def regret_table(found: Credited) -> pd.DataFrame:
    """A line for each plan."""
    lines: list[list[Any]] = []
    for plan in [] if isinstance(found.regret, Undefined) else found.regret.plans:
        missing = isinstance(plan.misplaced, Undefined)
        lines.append([plan.name, None if missing else plan.misplaced, plan.spent])
        lines[-1] += [*interval(plan.gain), *interval(plan.regret)]
    return REGRET.frame(lines)


def credit_summary(found: Credited) -> dict[str, Any]:
    """Analytics beside the truth as one object: `KEYS`, nested at the dots."""
    figures: dict[str, Any] = {
        "truth": {
            one.touchpoint: {
                "purchases": _listed(one.purchases),
                "share": _listed(one.share),
                "margin_share": _listed(one.margin_share),
                "shapley_share": _listed(
                    found.shapley.get(one.touchpoint, Undefined(NOT_SHARED_OUT))
                ),
            }
            for one in found.truths
        },
        "models": {one.model: _model(found, one) for one in found.judged},
        "plans": {},
    }
    if isinstance(found.regret, Undefined):
        figures["best_plan"] = found.regret
    else:
        figures["plans"] = {plan.name: _plan(plan) for plan in found.regret.plans}
        figures["plans"] |= found.regret.left_out
        figures["best_plan"] = found.regret.best
    figures, missing = plain(figures)
    return {
        "panel": found.panel,
        "paths": found.paths,
        "conversions": found.conversions,
        "runs": found.runs,
        "seconds": found.seconds,
        **figures,
        "undefined": missing,
    }


def _listed(one: Estimate | Undefined) -> Any:
    found = one if isinstance(one, Undefined) else seen(one)
    return found if isinstance(found, Undefined) else list(found)


def _model(found: Credited, one: Judged) -> dict[str, Any]:
    figures = one._asdict()
    del figures["model"]
    credit: dict[str, Any] = {}
    for line in found.compared:
        if line.model == one.model:
            factor = line.factor
            credit[line.touchpoint] = {
                "share_of_all": line.share_of_all,
                "share": line.share,
                "factor": factor
                if isinstance(factor, Undefined)
                else [factor, line.factor_low, line.factor_high],
            }
    return {**figures, "credit": credit}


def _plan(plan: SplitPlanFound) -> dict[str, Any]:
    return {
        "budgets": dict(plan.budgets),
        "misplaced": plan.misplaced,
        "spent": plan.spent,
        "gain": list(interval(plan.gain)),
        "regret": list(interval(plan.regret)),
    }
