"""What a study of touchpoints found, as tidy tables and as one object.

`effects`: a line for each contrast and outcome; `money`: what each krone brought; `replicates`:
the same as `effects`, by seed. `KEYS` says what is in the object. The reasons in `undefined`
say why a figure is null.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.measures.figure import Undefined, plain
from sim.measures.incrementality import OUTCOMES, UNSEEN, is_seen
from sim.measures.intervals import Effect, Estimate, interval, over_seeds, ratio_interval
from sim.questions.contrasts import Found
from sim.questions.touchpoints.effects import (
    ALL,
    CURVE,
    KNOCK_OUT,
    PARTS,
    SHAPLEY,
    STEP,
    SYNERGY,
    EffectsStudy,
    independent_factor,
    reached,
)
from sim.records.table import MONEY, NUMBER, TEXT, WHOLE, Column, Table
from sim.scenario.schema import Scenario
from sim.vocabulary import Shape

if TYPE_CHECKING:
    import pandas as pd

NO_SPEND = "nothing more is spent"
NO_EFFECT = "no touchpoint has any effect"
NO_ERROR = "no effect is uncertain"
KEPT = "retained_customers"
ESTIMATED = (*OUTCOMES, "profit")
OF_OUTCOME = "of the outcome"


def _text(name: str, meaning: str) -> Column:
    return Column(name=name, kind=TEXT, meaning=meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name=name, kind=NUMBER, unit=unit, meaning=meaning)


def _maybe(name: str, unit: str, meaning: str) -> Column:
    """A figure that may not exist."""
    return replace(_number(name, unit, meaning), nullable=True)


def _with_ends(column: Column) -> tuple[Column, ...]:
    """A figure and the ends of its 95% interval."""
    ends = (
        replace(column, name=f"{column.name}_{end}", meaning=f"{end} end of its 95% CI")
        for end in ("low", "high")
    )
    return column, *ends


CONTRAST = (
    _text("kind", "knock_out, step, curve, shapley; of a group: all, parts, synergy"),
    _text("name", "the touchpoint, or the purpose"),
    _maybe("factor", "ratio", "times what there is of it; null: of a kind without one"),
)
OUTCOME = _text("outcome", f"one of {', '.join(ESTIMATED)}")
EFFECTS = Table(
    name="effects",
    meaning="A row a contrast and outcome, over the replicates; null: nobody was seen to differ.",
    columns=(
        *CONTRAST,
        OUTCOME,
        _maybe("value", OF_OUTCOME, "what is added, mean over the replicates; null: unseen"),
        _maybe("se", OF_OUTCOME, "its standard error over the replicates"),
        _maybe("low", OF_OUTCOME, "low end of its 95% CI"),
        _maybe("high", OF_OUTCOME, "high end of its 95% CI"),
    ),
)
MONEY_TABLE = Table(
    name="money",
    meaning="A row a removed touchpoint, step and point of a curve; a ratio of nothing is null.",
    columns=(
        *CONTRAST,
        _number("placed", MONEY, "money spent on what was changed, more than without"),
        _number("spend", MONEY, "money spent on all touchpoints, more than without"),
        *_with_ends(_maybe("roas", "ratio", "incremental revenue / spend, carry-over included")),
        *_with_ends(_maybe("return", "ratio", "incremental profit / placed")),
    ),
)
REPLICATES = Table(
    name="replicates",
    meaning="A row a seed, contrast and outcome.",
    columns=(
        Column(name="seed", kind=WHOLE, meaning="seed of the replicate"),
        *CONTRAST,
        OUTCOME,
        _number("value", OF_OUTCOME, "what is added"),
        _number("se_over_customers", OF_OUTCOME, "its standard error over customers"),
        _number("spend", MONEY, "money spent on all touchpoints, more than without"),
        _number("placed", MONEY, "money spent on what was changed, more than without"),
    ),
)
MODEL = _text("model", "the attribution model")
CREDIT = Table(
    name="credit",
    meaning="A row an attribution model and touchpoint, and `(direct)`, against the ground truth.",
    columns=(
        MODEL,
        _text("touchpoint", "the touchpoint, or (direct)"),
        _maybe("credit", "purchases", "purchases credited to it, of the whole population"),
        _maybe("share_of_all", "share", "of all purchases"),
        _maybe("share", "share", "of what the touchpoints are credited with together"),
        _maybe("true_share", "share", "incremental share: of what they add, one by one"),
        _maybe("factor", "ratio", "purchases credited / incremental purchases"),
        _maybe("factor_low", "ratio", "low end of its 95% CI"),
        _maybe("factor_high", "ratio", "high end of its 95% CI"),
    ),
)
MODELS = Table(
    name="models",
    meaning="A row an attribution model: how near to the truth it comes.",
    columns=(
        MODEL,
        _maybe("rank_correlation", "", "Spearman's, of its shares with the true ones"),
        Column(name="touchpoints", kind=WHOLE, meaning="touchpoints that it is over"),
        _maybe("rank_correlation_tracked", "", "the same, over touchpoints that leave a trail"),
        Column(name="tracked", kind=WHOLE, meaning="touchpoints that this one is over"),
        _maybe("mean_error", "share", "mean |share - incremental share| over touchpoints"),
        _maybe("misplaced", "share", "part of the credit that would have to move"),
        _maybe("direct", "share", "of all purchases: unattributed"),
    ),
)
PLAN = _text("plan", "today, truth, next_krone, or the attribution model that split the money")
PLANS = Table(
    name="plans",
    meaning="A row a plan and touchpoint whose money can be split, over the run.",
    columns=(
        PLAN,
        _text("touchpoint", "the touchpoint"),
        _number("budget", MONEY, "what the plan gives it"),
        _number("today", MONEY, "what it has today"),
    ),
)
REGRET = Table(
    name="regret",
    meaning="A row a plan: what it earns, and how far it is from the best one tried.",
    columns=(
        PLAN,
        _maybe("misplaced", MONEY, "money that is elsewhere in the truth's plan"),
        _number("spent", MONEY, "money spent on the touchpoints that take part"),
        *_with_ends(_number("gain", MONEY, "profit, against the current plan")),
        *_with_ends(_number("regret", MONEY, "profit of the best plan tried, against this one")),
    ),
)

KEYS: dict[str, str] = {
    "scenario": "name of the scenario",
    "seeds": "seeds of the replicates",
    "agents": "simulated customers",
    "population": "people that they stand for",
    "days": "the horizon: what comes after it is left out",
    "currency": "of all money",
    "step": "size of a step, as a share of what there is",
    "runs": "runs made",
    "seconds": "duration of all of them",
    "precision": "largest standard error / largest knock-out effect, both on margin",
    "independent_factor": "times as many runs for it, without shared luck",
    "independent_seconds": "the duration of these, extrapolated",
    "touchpoints.*.knock_out.*": "what all of it adds: [value, low, high] of each outcome",
    "touchpoints.*.knock_out.roas": "[value, low, high] of incremental revenue / spend",
    "touchpoints.*.knock_out.return": "[value, low, high] of extra profit / spend on it",
    "touchpoints.*.step.*": "what a step more of it adds, likewise; roas is the marginal one",
    "groups.*.all.*": "what all of the group add together: [value, low, high]",
    "groups.*.parts.*": "the sum of its knock-outs",
    "groups.*.synergy.*": "parts less all: above 0 they need one another, below 0 they stand in",
    "shapley.*.*": "share of the true total: [value, low, high] of each outcome",
    "curves.*": "points of the response curve: factor, and as for a step",
    "undefined.*": "why a figure is null",
    "attribution.*": "what analytics would credit, where asked for: see `attribution`",
}


def profits(seeds: Sequence[Found]) -> list[Effect]:
    """The profit of a contrast in each seed."""
    return [one.profit for one in seeds]


def outcome(seeds: Sequence[Found], name: str) -> list[Effect]:
    """An outcome of a contrast in each seed; `profit` is one."""
    return profits(seeds) if name == "profit" else [one.outcomes[name] for one in seeds]


def estimate(scenario: Scenario, seeds: Sequence[Found], name: str) -> Estimate | Undefined:
    """An outcome of a contrast over its seeds; undefined where no simulated customer differs.

    Of profit it is the margin that must be seen. A funnel keeps nobody: that is known to be 0.
    """
    is_known = name == KEPT and scenario.journey.shape == Shape.FUNNEL
    if not is_known and not is_seen(outcome(seeds, "margin" if name == "profit" else name)):
        return Undefined(UNSEEN)
    return interval(outcome(seeds, name))


def roas(seeds: Sequence[Found]) -> Estimate | Undefined:
    """Incremental revenue / incremental spend on all touchpoints, carry-over included."""
    if not is_seen(outcome(seeds, "revenue")):
        return Undefined(_why_none([one.spend for one in seeds]))
    found = ratio_interval(outcome(seeds, "revenue"), [one.spend for one in seeds])
    return Undefined(NO_SPEND) if found is None else found


def profit_per_krone(seeds: Sequence[Found]) -> Estimate | Undefined:
    """Incremental profit / what was placed on the touchpoint itself."""
    if not is_seen(outcome(seeds, "margin")):
        return Undefined(_why_none([one.placed for one in seeds]))
    found = ratio_interval(profits(seeds), [one.placed for one in seeds])
    return Undefined(NO_SPEND) if found is None else found


def _why_none(spent: Sequence[float]) -> str:
    """Why there is no ratio to spend where nobody differs."""
    return UNSEEN if math.fsum(spent) > 0.0 else NO_SPEND


def effects_table(made: EffectsStudy) -> pd.DataFrame:
    """A line for each contrast and outcome, with its 95% interval over the replicates."""
    lines = []
    for seeds in _contrasts(made):
        about = seeds[0].contrast
        for name in ESTIMATED:
            one = estimate(made.scenario, seeds, name)
            cells: tuple[float | None, ...] = (None,) * 4
            if not isinstance(one, Undefined):
                cells = (one.value, over_seeds(outcome(seeds, name)).se, one.low, one.high)
            lines.append((about.kind, about.name, about.factor, name, *cells))
    return EFFECTS.frame(lines)


def money_table(made: EffectsStudy) -> pd.DataFrame:
    """A line for each knock-out, step and point of a curve; a ratio of nothing is missing."""
    lines = []
    for seeds in _contrasts(made):
        about = seeds[0].contrast
        if about.kind not in (KNOCK_OUT, STEP, CURVE):
            continue
        line: list[Any] = [about.kind, about.name, about.factor]
        line += [_mean([one.placed for one in seeds]), _mean([one.spend for one in seeds])]
        for ratio in (roas(seeds), profit_per_krone(seeds)):
            line += [None] * 3 if isinstance(ratio, Undefined) else list(ratio)
        lines.append(line)
    return MONEY_TABLE.frame(lines)


def replicates_table(made: EffectsStudy) -> pd.DataFrame:
    """A line for each seed, contrast and outcome, with its error over customers."""
    lines = []
    for seed, found in zip(made.seeds, made.found, strict=True):
        for one in found:
            about = one.contrast
            start = (seed, about.kind, about.name, about.factor)
            for name in ESTIMATED:
                value, error = outcome([one], name)[0]
                lines.append((*start, name, value, error, one.spend, one.placed))
    return REPLICATES.frame(lines)


def summary(made: EffectsStudy) -> dict[str, Any]:
    """The study as one object: `KEYS`, nested at the dots."""
    scenario = made.scenario
    factor = independent_factor(made)
    precise = reached(made)
    touchpoints: dict[str, dict[str, Any]] = {}
    for kind in (KNOCK_OUT, STEP):
        for seeds in made.of(kind):
            touchpoints.setdefault(seeds[0].contrast.name, {})[kind] = _money(scenario, seeds)
    for name, why in made.not_scaled.items():
        touchpoints[name][STEP] = why
    groups: dict[str, dict[str, Any]] = {}
    for kind in (ALL, PARTS, SYNERGY):
        for seeds in made.of(kind):
            groups.setdefault(seeds[0].contrast.name, {})[kind] = _outcomes(scenario, seeds)
    curves: dict[str, list[Any]] = {}
    reasons: dict[str, str] = {}
    for seeds in made.of(CURVE):
        about = seeds[0].contrast
        points = curves.setdefault(about.name, [])
        point, why_not = plain(_money(scenario, seeds))
        reasons |= {f"curves.{about.name}.{len(points)}.{k}": v for k, v in why_not.items()}
        points.append({"factor": about.factor, **point})
    figures, missing = plain(
        {
            "precision": Undefined(NO_EFFECT) if precise is None else precise,
            "independent_factor": Undefined(NO_ERROR) if factor is None else factor,
            "independent_seconds": Undefined(NO_ERROR) if factor is None else factor * made.seconds,
            "touchpoints": touchpoints,
            "groups": groups,
            "shapley": {one[0].contrast.name: _outcomes(scenario, one) for one in made.of(SHAPLEY)},
        }
    )
    return {
        "scenario": scenario.name,
        "seeds": list(made.seeds),
        "agents": scenario.agents,
        "population": scenario.population,
        "days": scenario.days,
        "currency": scenario.currency,
        "step": made.request.step,
        "runs": made.runs,
        "seconds": made.seconds,
        **figures,
        "curves": curves,
        "undefined": missing | reasons,
    }


def _contrasts(made: EffectsStudy) -> list[list[Found]]:
    """Every contrast with its results by seed."""
    return [[seed[place] for seed in made.found] for place in range(len(made.found[0]))]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _outcomes(scenario: Scenario, seeds: Sequence[Found]) -> dict[str, Any]:
    found = {name: _listed(estimate(scenario, seeds, name)) for name in ESTIMATED}
    return {**found, "spend": _mean([one.spend for one in seeds])}


def _listed(one: Estimate | Undefined) -> Any:
    return one if isinstance(one, Undefined) else list(one)


def _money(scenario: Scenario, seeds: Sequence[Found]) -> dict[str, Any]:
    ratios: Mapping[str, Estimate | Undefined] = {
        "roas": roas(seeds),
        "return": profit_per_krone(seeds),
    }
    return {
        **_outcomes(scenario, seeds),
        "placed": _mean([one.placed for one in seeds]),
        **{key: _listed(one) for key, one in ratios.items()},
    }


__all__ = [
    "CREDIT",
    "EFFECTS",
    "KEYS",
    "MODELS",
    "MONEY_TABLE",
    "PLANS",
    "REGRET",
    "REPLICATES",
    "effects_table",
    "estimate",
    "money_table",
    "outcome",
    "profit_per_krone",
    "replicates_table",
    "roas",
    "summary",
]
