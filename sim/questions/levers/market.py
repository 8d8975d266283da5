"""A study of a market: from a study file to the plan of its runs, and one run of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sim.errors import ScenarioErrors
from sim.measures.replicates import figure_at
from sim.questions.budget.best_split import check_split, is_of_split, split_figures, split_request
from sim.questions.levers.design import make_design
from sim.questions.levers.rules import column_kind, measures, spreads
from sim.questions.levers.study import Method, OptimisePart, Study
from sim.questions.levers.study_file import STUDY_FILE
from sim.runs.identity import model_version, run_name, search_version
from sim.runs.plan import Job, Outcome, Plan, Value
from sim.runs.run import SCENARIO, run
from sim.runs.unfinished import check_worker, memory_of_a_worker
from sim.scenario.dump import dump_data, dump_scenario
from sim.scenario.levers import get, with_settings
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin, validate

BASES_KEPT = 4  # scenarios that a worker remembers


@dataclass(frozen=True)
class MarketRun:
    """Does one run of a scenario with some of its levers moved; see `plan.Evaluate`.

    It travels to workers, so it is small: `base` is the scenario as compressed JSON.
    """

    base: bytes
    measures: tuple[str, ...]
    version: str  # of the model, which a worker elsewhere must have too
    split: OptimisePart | None = None  # how the best split is looked for, where it is measured

    def __repr__(self) -> str:
        return "market run"  # what a cluster calls its tasks

    def __call__(self, job: Job) -> Outcome:
        """The measures of the run, None where one does not exist.

        Raises `JourneysimError` if this process has another version of the model.
        """
        check_worker(version_of(self.split), self.version)
        scenario = changed(_base(self.base), job.values, job.seed)
        with memory_of_a_worker(scenario):
            return self._figures(scenario)

    def _figures(self, scenario: Scenario) -> Outcome:
        """The measures, by no more runs than they need."""
        summary: Mapping[str, Any] = {}
        split: Mapping[str, float | None] = {}
        if not all(map(is_of_split, self.measures)):
            summary = run(scenario, threads=1).summary
        if self.split is not None:
            split = split_figures(scenario, split_request(scenario, self.split))
        return [
            split.get(key) if is_of_split(key) else figure_at(summary, key) for key in self.measures
        ]


@dataclass(frozen=True)
class MarketPlan(Plan):
    """A plan whose runs are of a market; `split`: see `MarketRun`."""

    split: OptimisePart | None = None


def market_plan(study: Study, scenario: Scenario) -> MarketPlan:
    """The plan of a valid study; `scenario`: what it starts from."""
    levers = spreads(study)
    split = split_of(study)
    found = version_of(split)
    asked = "" if split is None else split.model_dump_json()

    def identify(values: Mapping[str, Value], seeds: Sequence[int]) -> list[str]:
        first = changed(scenario, values, seeds[0])
        if split is not None:
            check_split(first, split_request(first, split))
        return [run_name(first.model_copy(update={"seed": seed}), found, asked) for seed in seeds]

    return MarketPlan(
        name=study.name,
        columns={lever: column_kind(lever) for lever in levers},
        design=make_design(study.design, levers, base_of(study, scenario)),
        seeds=range(scenario.seed, scenario.seed + study.replicates),
        measures=measures(study, scenario),
        identify=identify,
        about={"engine": "fast", "version": _version(), "source": found},
        files={STUDY_FILE: dump_study(study), SCENARIO: dump_scenario(scenario)},
        split=split,
    )


def base_of(study: Study, scenario: Scenario, always: bool = False) -> dict[str, Value] | None:
    """The levers as the scenario has them; None (unless `always`) if no row departs from it."""
    if study.design.method != Method.ONE_AT_A_TIME and not always:
        return None
    found: dict[str, Value] = {}
    for lever in study.vary:
        try:
            value = get(scenario, lever)
        except ScenarioErrors:
            value = None  # the scenario leaves it out
        found[lever] = getattr(value, "value", value)
    return found


def market_run(plan: MarketPlan, scenario: Scenario) -> MarketRun:
    """What does one run of the plan."""
    text = scenario.model_dump_json().encode()
    return MarketRun(
        zlib.compress(text, 9), tuple(plan.measures), version_of(plan.split), plan.split
    )


def split_of(study: Study) -> OptimisePart | None:
    """How a study looks for the best split; None if it measures none."""
    if not any(map(is_of_split, study.measure)):
        return None
    return study.optimise or OptimisePart()


def version_of(split: OptimisePart | None) -> str:
    """The version of all that makes a run's figures."""
    return model_version() if split is None else search_version()


def changed(scenario: Scenario, values: Mapping[str, Value], seed: int) -> Scenario:
    """The scenario with levers moved, and a seed.

    Raises `ScenarioErrors` if the result is not valid.
    """
    absent = [f"{lever}=null" for lever, value in values.items() if value is None]
    return with_settings(scenario, absent, {**values, "seed": seed})


def dump_study(study: Study) -> str:
    """The study as YAML that means the same beside its complete `scenario.yaml`."""
    data = study.model_dump(mode="json", exclude_unset=True) | {"scenario": SCENARIO}
    return dump_data(data)


@lru_cache(maxsize=BASES_KEPT)
def _base(compressed: bytes) -> Scenario:
    return validate(json.loads(zlib.decompress(compressed)), Origin())


@cache
def _version() -> str:
    try:
        return version("journeysim")
    except PackageNotFoundError:
        return "unknown"
