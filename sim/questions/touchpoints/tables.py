"""What a study of touchpoints found, as tidy tables and as one object.

`effects`: a line for each contrast and outcome; `money`: what each krone brought; `replicates`:
the same as `effects`, by seed. `KEYS` says what is in the object. The reasons in `undefined`
say why a figure is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.measures.figure import Undefined, plain
from sim.measures.incrementality import OUTCOMES, Effect, Estimate, interval, ratio_interval
from sim.questions.contrasts import Found
from sim.questions.touchpoints.effects import (
    ALL,
    CURVE,
    KNOCK_OUT,
    PARTS,
    SHAPLEY,
    STEP,
    SYNERGY,
    Study,
    independent_factor,
    reached,
)

if TYPE_CHECKING:
    import pandas as pd

NO_SPEND = "nothing more is spent"
NO_EFFECT = "no touchpoint has any effect"
NO_ERROR = "no effect is unsure"
ESTIMATED = (*OUTCOMES, "profit")
EFFECT_COLUMNS = ("kind", "name", "factor", "outcome", "value", "se", "low", "high")
MONEY_COLUMNS = (
    "kind",
    "name",
    "factor",
    "placed",
    "spend",
    *(f"{what}{end}" for what in ("roas", "return") for end in ("", "_low", "_high")),
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


def roas(seeds: Sequence[Found]) -> Estimate | Undefined:
    """Incremental revenue / incremental spend on all touchpoints, carry-over included."""
    found = ratio_interval(outcome(seeds, "revenue"), [one.spend for one in seeds])
    return Undefined(NO_SPEND) if found is None else found


def profit_per_krone(seeds: Sequence[Found]) -> Estimate | Undefined:
    """Incremental profit / what was placed on the touchpoint itself."""
    found = ratio_interval(profits(seeds), [one.placed for one in seeds])
    return Undefined(NO_SPEND) if found is None else found


def effects_table(made: Study) -> pd.DataFrame:
    """A line for each contrast and outcome, with its 95 % interval over the replicates."""
    import pandas as pd

    from sim.measures.incrementality import over_seeds

    lines = []
    for seeds in _contrasts(made):
        about = seeds[0].contrast
        for name in ESTIMATED:
            found = outcome(seeds, name)
            one = interval(found)
            error = over_seeds(found).se
            lines.append(
                (about.kind, about.name, about.factor, name, one.value, error, one.low, one.high)
            )
    return pd.DataFrame(lines, columns=list(EFFECT_COLUMNS))


def money_table(made: Study) -> pd.DataFrame:
    """A line for each knock-out, step and point of a curve; a ratio of nothing is missing."""
    import pandas as pd

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
    return pd.DataFrame(lines, columns=list(MONEY_COLUMNS))


def replicates_table(made: Study) -> pd.DataFrame:
    """A line for each seed, contrast and outcome, with its error over customers."""
    import pandas as pd

    columns = ["seed", *EFFECT_COLUMNS[:5], "se_over_customers", "spend", "placed"]
    lines = []
    for seed, found in zip(made.seeds, made.found, strict=True):
        for one in found:
            about = one.contrast
            start = (seed, about.kind, about.name, about.factor)
            for name in ESTIMATED:
                value, error = outcome([one], name)[0]
                lines.append((*start, name, value, error, one.spend, one.placed))
    return pd.DataFrame(lines, columns=columns)


def summary(made: Study) -> dict[str, Any]:
    """The study as one object: `KEYS`, nested at the dots."""
    scenario = made.scenario
    factor = independent_factor(made)
    precise = reached(made)
    touchpoints: dict[str, dict[str, Any]] = {}
    for kind in (KNOCK_OUT, STEP):
        for seeds in made.of(kind):
            touchpoints.setdefault(seeds[0].contrast.name, {})[kind] = _money(seeds)
    for name, why in made.not_scaled.items():
        touchpoints[name][STEP] = why
    groups: dict[str, dict[str, Any]] = {}
    for kind in (ALL, PARTS, SYNERGY):
        for seeds in made.of(kind):
            groups.setdefault(seeds[0].contrast.name, {})[kind] = _outcomes(seeds)
    curves: dict[str, list[Any]] = {}
    reasons: dict[str, str] = {}
    for seeds in made.of(CURVE):
        about = seeds[0].contrast
        points = curves.setdefault(about.name, [])
        point, why_not = plain(_money(seeds))
        reasons |= {f"curves.{about.name}.{len(points)}.{k}": v for k, v in why_not.items()}
        points.append({"factor": about.factor, **point})
    figures, missing = plain(
        {
            "precision": Undefined(NO_EFFECT) if precise is None else precise,
            "independent_factor": Undefined(NO_ERROR) if factor is None else factor,
            "independent_seconds": Undefined(NO_ERROR) if factor is None else factor * made.seconds,
            "touchpoints": touchpoints,
            "groups": groups,
            "shapley": {one[0].contrast.name: _outcomes(one) for one in made.of(SHAPLEY)},
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


def _contrasts(made: Study) -> list[list[Found]]:
    """Every contrast with its results by seed."""
    return [[seed[place] for seed in made.found] for place in range(len(made.found[0]))]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _outcomes(seeds: Sequence[Found]) -> dict[str, Any]:
    found: dict[str, Any] = {name: list(interval(outcome(seeds, name))) for name in ESTIMATED}
    return {**found, "spend": _mean([one.spend for one in seeds])}


def _money(seeds: Sequence[Found]) -> dict[str, Any]:
    ratios: Mapping[str, Estimate | Undefined] = {
        "roas": roas(seeds),
        "return": profit_per_krone(seeds),
    }
    return {
        **_outcomes(seeds),
        "placed": _mean([one.placed for one in seeds]),
        **{k: v if isinstance(v, Undefined) else list(v) for k, v in ratios.items()},
    }


__all__ = [
    "KEYS",
    "effects_table",
    "money_table",
    "outcome",
    "profit_per_krone",
    "replicates_table",
    "roas",
    "summary",
]
