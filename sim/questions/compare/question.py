"""How variants of a market differ from the first: the question and its answer."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import InputError
from sim.questions.compare.compare import Compared, CompareRequest, Variant, check_request, compare
from sim.questions.compare.tables import differences_table, measures_of, runs_table, summary
from sim.questions.question import Answer, Question
from sim.runs.progress import Progress
from sim.runs.run import scenario_hash
from sim.runs.store import Store
from sim.scenario.dump import dump_scenario
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

SCENARIOS = "scenarios"  # the folder of the scenarios' files


@dataclass(frozen=True)
class CompareQuestion(Question):
    """How do variants differ from the first? `measures`: keys that are told, too."""

    variants: Sequence[Variant]
    request: CompareRequest = field(default_factory=CompareRequest)
    measures: Sequence[str] = ()

    kind: ClassVar[str] = "compare"

    def scenarios(self) -> Sequence[Scenario]:
        return [one.scenario for one in self.variants]

    def check(self) -> None:
        problems = check_request(self.variants[0].scenario.seed, self.request)
        if problems:
            raise InputError(problems=problems)
        measures_of(self.measures, self.variants[0].scenario)

    def asked(self) -> Sequence[object]:
        return [[one.name for one in self.variants], vars(self.request)]

    def named_after(self) -> Sequence[object]:
        sources = [(one.name, scenario_hash(one.scenario)) for one in self.variants]
        return [sources, self.request, sorted(self.measures)]

    def answer(self, store: Store, progress: Progress | None = None) -> CompareAnswer:
        told = measures_of(self.measures, self.variants[0].scenario)
        made = compare(self.variants, self.request, store, progress=progress)
        return CompareAnswer(made, told, self.measures)


@dataclass(frozen=True)
class CompareAnswer(Answer):
    """The summaries of all runs. `measures`: keys that are told; `asked`: of them, those named."""

    made: Compared
    measures: Sequence[str]
    asked: Sequence[str] = ()

    kind: ClassVar[str] = "compare"

    @property
    def scenario(self) -> Scenario:
        return self.made.baseline.scenario

    def summary(self) -> dict[str, Any]:
        return summary(self.made, self.measures, {})

    def tables(self) -> dict[str, pd.DataFrame]:
        return {"differences": differences_table(self.made), "runs": runs_table(self.made)}

    def _own_files(self) -> dict[str, Variant]:
        """The scenario files; a variant of the baseline needs none."""
        return {
            f"{SCENARIOS}/{one.name}.yaml": one for one in self.made.variants if not one.settings
        }

    def files(self) -> dict[str, str]:
        return {name: dump_scenario(one.scenario) for name, one in self._own_files().items()}

    def command(self) -> str:
        made = self.made
        words = ["journeysim", "compare", *self._own_files()]
        for one in made.variants:
            if one.settings:
                words += ["--variant", f"{one.name}:{','.join(one.settings)}"]
        for key in self.asked:
            words += ["--measure", key]
        words += ["--seed", str(made.seeds[0]), "--replicates", str(len(made.seeds))]
        return shlex.join(words)

    def about(self) -> dict[str, Any]:
        made = self.made
        hashes = {one.name: scenario_hash(one.scenario) for one in made.variants}
        return {
            "seeds": list(made.seeds),
            "runs": made.runs,
            "seconds": made.seconds,
            "scenario_hashes": hashes,
        }

    def manifest(self) -> dict[str, Any]:
        said = super().manifest()
        return {**said, "source_hash": said.pop("market")["source_hash"]}
