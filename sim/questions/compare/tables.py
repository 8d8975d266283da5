"""The tables and the summary of a comparison; see `sim.questions.compare.compare`.

`KEYS` is the contract of the summary. A difference or figure that does not exist is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import InputError, UnknownKey, nearest
from sim.measures.catalogue import HEADLINES
from sim.measures.figure import Undefined
from sim.measures.intervals import mean_of as mean
from sim.measures.intervals import student
from sim.measures.replicates import Difference, difference, figure_at, leaves
from sim.questions.compare.compare import MARGIN, PROFIT, SOURCES, Compared, reached
from sim.questions.levers.rules import measurable
from sim.records.table import NUMBER, TEXT, WHOLE, Column, Table
from sim.scenario.fields import one_of
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

# Figures that every comparison tells: those that head a report, and what a profit is made of.
TOLD = tuple(dict.fromkeys((PROFIT, "economics.revenue", MARGIN, *SOURCES, *HEADLINES)))
KEYS: dict[str, str] = {
    "study": "compare",
    "baseline": "name of what the others are compared with",
    "variants": "names of the others",
    "seeds": "of the replicates",
    "agents": "simulated customers of each run",
    "population": "people that they stand for",
    "days": "days simulated",
    "currency": "of all money",
    "runs": "runs made",
    "seconds": "that they took",
    "precision": "largest standard error of a difference in profit / the baseline's margin",
    "figures.*.*": "mean of a figure, by variant (the baseline too) and key",
    "differences.*.*.difference": "mean difference from the baseline, by variant and key",
    "differences.*.*.low": "of its 95% CI over seeds",
    "differences.*.*.high": "of its 95% CI over seeds",
    "differences.*.*.relative": "difference / the baseline's figure without its sign",
    "sentences.*": "the answer in words, by variant",
}
VARIANT = Column(name="variant", kind=TEXT, meaning="name of the variant")
KEY = Column(name="key", kind=TEXT, meaning="the figure, by its key in the summary")


def _figure(name: str, meaning: str) -> Column:
    return Column(name=name, kind=NUMBER, unit="of the figure", meaning=meaning, nullable=True)


RUNS = Table(
    name="runs",
    meaning="A row a variant, replicate and figure.",
    columns=(
        VARIANT,
        Column(name="replicate", kind=WHOLE, meaning="number of the replicate, 0-based"),
        Column(name="seed", kind=WHOLE, meaning="seed of the replicate"),
        KEY,
        _figure("value", "the figure of that run; null: it does not exist"),
    ),
)
DIFFERENCES = Table(
    name="differences",
    meaning="A row a variant but the baseline, and figure that the baseline has.",
    columns=(
        VARIANT,
        KEY,
        Column(name="replicates", kind=WHOLE, meaning="runs of each variant"),
        _figure("baseline", "mean of the figure in the baseline"),
        _figure("value", "mean of the figure in the variant"),
        _figure("difference", "mean of value - baseline, run by run with common random numbers"),
        _figure("standard_error", "standard error of the difference, over replicates"),
        _figure("low", "low end of the 95% CI of the difference"),
        _figure("high", "high end of the 95% CI of the difference"),
        Column(
            name="relative",
            kind=NUMBER,
            unit="ratio",
            meaning="difference / the baseline's figure without its sign",
            nullable=True,
        ),
    ),
)


def measures_of(asked: Sequence[str], scenario: Scenario) -> list[str]:
    """The keys that a comparison tells: those of every one, and those asked for.

    A key with a star stands for all that it means in the scenario. Raises `InputError` for keys
    that are no figures.
    """
    known = measurable(scenario)
    problems = [
        UnknownKey(
            file="--measure",
            given=key,
            allowed=one_of([name for name in known if "*" in name] + ["..."]),
            nearest=nearest(key, known),
        )
        for key in asked
        if key not in known
    ]
    if problems:
        raise InputError(problems=problems)
    return list(dict.fromkeys([*TOLD, *(each for key in asked for each in known[key])]))


def differences(made: Compared, key: str) -> list[Difference | Undefined]:
    """The difference of a figure from the baseline, for each of the other variants."""
    return [difference(made.summaries[0], other, key) for other in made.summaries[1:]]


def figures(summary: Mapping[str, Any]) -> dict[str, float | None]:
    """Every figure of a summary by its dotted key; what is said of the run itself is none."""
    return {
        ".".join(path): None if value is None else float(value) for path, value in leaves(summary)
    }


def runs_table(made: Compared) -> pd.DataFrame:
    """Every figure of every run, `RUNS`; a figure that does not exist is NaN."""
    rows = [
        (variant.name, replicate, made.seeds[replicate], key, value)
        for variant, summaries in zip(made.variants, made.summaries, strict=True)
        for replicate, summary in enumerate(summaries)
        for key, value in figures(summary).items()
    ]
    return RUNS.frame(rows).astype({"value": "float64"})


def differences_table(made: Compared) -> pd.DataFrame:
    """The difference of every figure that the baseline has, `DIFFERENCES`.

    NaN where there is no difference: the figure does not exist in one of the runs.
    """
    count = len(made.seeds)
    rows: list[tuple[Any, ...]] = []
    for place, variant in enumerate(made.variants[1:]):
        for key in figures(made.summaries[0][0]):
            found = differences(made, key)[place]
            if isinstance(found, Undefined):
                rows.append((variant.name, key, count, *[None] * 7))
                continue
            low, high = found.low, found.high
            error = None
            if low is not None and high is not None:
                error = (high - low) / 2.0 / student(count - 1)
            relative = None if isinstance(found.relative, Undefined) else found.relative
            own = (found.first, found.other, found.difference, error, low, high, relative)
            rows.append((variant.name, key, count, *own))
    numbers = [column.name for column in DIFFERENCES.columns if column.kind == NUMBER]
    return DIFFERENCES.frame(rows).astype(dict.fromkeys(numbers, "float64"))


def summary(
    made: Compared, measures: Sequence[str], sentences: Mapping[str, str]
) -> dict[str, Any]:
    """The figures of `KEYS`, nested at the dots; `sentences`: the answer, by variant."""
    scenario = made.baseline.scenario
    others = made.variants[1:]
    found: dict[str, dict[str, Any]] = {variant.name: {} for variant in others}
    for key in measures:
        for variant, one in zip(others, differences(made, key), strict=True):
            found[variant.name][key] = None if isinstance(one, Undefined) else _plain(one)
    return {
        "study": "compare",
        "baseline": made.baseline.name,
        "variants": [variant.name for variant in others],
        "seeds": list(made.seeds),
        "agents": scenario.agents,
        "population": scenario.population,
        "days": scenario.days,
        "currency": scenario.currency,
        "runs": made.runs,
        "seconds": made.seconds,
        "precision": reached(made.summaries),
        "figures": {
            variant.name: {key: mean_of(summaries, key) for key in measures}
            for variant, summaries in zip(made.variants, made.summaries, strict=True)
        },
        "differences": found,
        "sentences": dict(sentences),
    }


def mean_of(summaries: Sequence[Mapping[str, Any]], key: str) -> float | None:
    """The mean of a figure over replicates; None if one has no such figure."""
    values = [figure_at(summary, key) for summary in summaries]
    known = [value for value in values if value is not None]
    return mean(known) if len(known) == len(values) else None


def _plain(found: Difference) -> dict[str, float | None]:
    return {
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "relative": None if isinstance(found.relative, Undefined) else found.relative,
    }
