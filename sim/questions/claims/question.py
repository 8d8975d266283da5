"""Does what is said of customer journeys hold in a market? The question and its answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import BadOption, InputError
from sim.measures.asked import FAMILIES, asked
from sim.questions.claims.claim import KEYS as CLAIM_KEYS
from sim.questions.claims.claim import FoundClaim, Known, found_claim, plain_claim
from sim.questions.claims.claim_file import TODAY, ClaimFile, ClaimKind
from sim.questions.claims.formula import Formula, read_formula
from sim.questions.compare.compare import SUMMARY
from sim.questions.compare.question import SCENARIOS
from sim.questions.levers.study_file import STUDY_FILE
from sim.questions.question import Answer, Question, Summary
from sim.records.table import NUMBER, TEXT, WHOLE, Column, Table
from sim.runs.progress import Progress
from sim.runs.run import SCENARIO, Run
from sim.runs.store import Keep, Store, pack_json, unpack_json
from sim.scenario.dump import dump_data, dump_scenario
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED

if TYPE_CHECKING:
    import pandas as pd

KEYS: dict[str, str] = {
    "study": "name of the study",
    "seeds": "of the replicates",
    "agents": "simulated customers of each run",
    "population": "people that they stand for",
    "days": "days simulated",
    "currency": "of all money",
    "runs": "runs made",
    "seconds": "that they took",
    **CLAIM_KEYS,
}
FIGURES = Table(
    name="figures",
    meaning="A row a figure and seed.",
    columns=(
        Column(name="figure", kind=TEXT, meaning="name of the figure"),
        Column(name="seed", kind=WHOLE, meaning="seed of the replicate"),
        Column(
            name="value",
            kind=NUMBER,
            unit="of the figure",
            meaning="the figure of that seed; null: it does not exist",
            nullable=True,
        ),
    ),
)


@dataclass(frozen=True)
class ClaimQuestion(Question):
    """Does a claim hold? `markets`: the complete scenarios of the variants, `today` first."""

    study: ClaimFile
    markets: Mapping[str, Scenario]

    kind: ClassVar[str] = ClaimKind.CLAIM.value
    less: ClassVar[str] = "use fewer agents or days in the study, or fewer --workers"

    @property
    def seeds(self) -> range:
        """The seeds of the replicates."""
        first = self.markets[TODAY].seed
        return range(first, first + self.study.replicates)

    @property
    def families(self) -> tuple[str, ...]:
        """The families of figures beside the summary that the formulas name."""
        named = {
            one.key.partition(".")[0]
            for figure in self.study.figures.values()
            for one in _formula(figure.of).references
        }
        return tuple(name for name in FAMILIES if name in named)

    def scenarios(self) -> Sequence[Scenario]:
        return list(self.markets.values())

    def check(self) -> None:
        if self.seeds[-1] > MAX_SEED:
            allowed = f"at most {MAX_SEED} in the last replicate"
            raise InputError(
                problems=[BadOption(field="seed", given=str(self.seeds[0]), allowed=allowed)]
            )

    def asked(self) -> Sequence[object]:
        figures = {name: one.of for name, one in self.study.figures.items()}
        return [list(self.markets), self.study.replicates, figures]

    def answer(self, store: Store, progress: Progress | None = None) -> ClaimAnswer:
        began = time.perf_counter()
        names, total = list(self.markets), float(len(self.markets) * len(self.seeds))
        markets = [
            with_settings(self.markets[name], overrides={"seed": seed})
            for seed in self.seeds
            for name in names
        ]

        def tell(done: float) -> None:
            if progress is not None:
                progress(done, total)

        keep = _summary_and(self.families)
        with closing(store.results(markets, keep, tell)) as summaries:
            by_seed = list(_in_rows(summaries, names))
        figures = {
            name: [_formula(one.of).value(row) for row in by_seed]
            for name, one in self.study.figures.items()
        }
        seconds = time.perf_counter() - began
        return ClaimAnswer(self._in_folder(), self.markets, list(self.seeds), figures, seconds)

    def _in_folder(self) -> ClaimFile:
        """The study that means the same beside its complete scenarios."""
        variants = {}
        for name, variant in self.study.variants.items():
            changes: dict[str, Any] = {}
            if variant.scenario:
                changes["scenario"] = f"{SCENARIOS}/{name}.yaml"
                if self.markets[name].before is self.markets[name]:
                    changes |= {"set": {}, "times": {}}  # no past, so that its file has all changes
            variants[name] = variant.model_copy(update=changes)
        update = {"scenario": SCENARIO, "set": {}, "variants": variants}
        return self.study.model_copy(update=update)


def _summary_and(families: tuple[str, ...]) -> Keep[Summary]:
    """The summary of a run with these families of figures beside it."""
    if not families:
        return SUMMARY
    what = f"summary, {', '.join(families)}"
    return Keep(what, partial(_with_families, families), pack_json, unpack_json)


def _with_families(families: tuple[str, ...], one: Run) -> Summary:
    return {**SUMMARY.of(one), **asked(one.records, families)}


def _in_rows(
    summaries: Iterator[Summary], names: Sequence[str]
) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """The summaries of each seed, by variant."""
    row: dict[str, Mapping[str, Any]] = {}
    for one in summaries:
        row[names[len(row)]] = one
        if len(row) == len(names):
            yield row
            row = {}


def _formula(text: str) -> Formula:
    formula = read_formula(text)
    assert formula is not None  # the file was checked
    return formula


@dataclass(frozen=True)
class ClaimAnswer(Answer):
    """Every figure by seed; None where it does not exist."""

    study: ClaimFile
    markets: Mapping[str, Scenario]
    seeds: Sequence[int]
    by_seed: Mapping[str, Sequence[float | None]]
    seconds: float = field(default=0.0)  # that it took; the manifest keeps it, the answer does not

    kind: ClassVar[str] = ClaimKind.CLAIM.value

    @property
    def scenario(self) -> Scenario:
        return self.markets[TODAY]

    @property
    def claimed(self) -> FoundClaim:
        """What the seeds say of the claim."""
        figures: dict[str, Known] = {}
        for name, values in self.by_seed.items():
            there = [value for value in values if value is not None]
            figures[name] = there if len(there) == len(values) else None
        return found_claim(self.study.claim, figures)

    def summary(self) -> dict[str, Any]:
        market = self.scenario
        return {
            "study": self.study.name,
            "seeds": list(self.seeds),
            "agents": market.agents,
            "population": market.population,
            "days": market.days,
            "currency": market.currency,
            "runs": self.runs,
            "seconds": self.seconds,
            **plain_claim(self.claimed),
        }

    @property
    def runs(self) -> int:
        """How many runs were made."""
        return len(self.markets) * len(self.seeds)

    def tables(self) -> dict[str, pd.DataFrame]:
        rows = [
            (name, seed, value)
            for name, values in self.by_seed.items()
            for seed, value in zip(self.seeds, values, strict=True)
        ]
        return {FIGURES.name: FIGURES.frame(rows).astype({"value": "float64"})}

    def files(self) -> dict[str, str]:
        others = {
            f"{SCENARIOS}/{name}.yaml": dump_scenario(self.markets[name].before)
            for name, variant in self.study.variants.items()
            if variant.scenario
        }
        data = self.study.model_dump(mode="json", exclude_unset=True, exclude_defaults=True)
        study = dump_data({"kind": data.pop("kind"), **data})
        return {STUDY_FILE: study, SCENARIO: dump_scenario(self.scenario), **others}

    def command(self) -> str:
        return f"journeysim experiment {STUDY_FILE} --out again"

    def about(self) -> dict[str, Any]:
        return {"seeds": list(self.seeds), "runs": self.runs, "seconds": self.seconds}

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"study": self.study.name}
