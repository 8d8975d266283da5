"""How a budget is best split, and what another split loses: the questions and their answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from sim.measures.intervals import Estimate
from sim.questions.budget.belief import BELIEVES, BELIEVES_WINS, KNOWS, BeliefFound, belief
from sim.questions.budget.optimise import Optimised, best_share, optimise
from sim.questions.budget.request import OPTIMISED, TODAY, SplitRequest, check_request
from sim.questions.budget.split_study import SplitKind, SplitStudy
from sim.questions.budget.tables import belief_summary, curves_table, plans_table, summary
from sim.questions.budget.trials import CUSTOMER_VALUE, PROFIT, Gain
from sim.questions.claims.claim import FoundClaim, Known, found_claim, plain_claim
from sim.questions.levers.study_file import STUDY_FILE
from sim.questions.question import Answer, Question
from sim.runs.progress import Progress
from sim.runs.run import SCENARIO
from sim.runs.store import Store
from sim.scenario.dump import dump_data, dump_scenario
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

PLAN = "plan.yaml"  # the scenario with the optimised plan
BELIEVED = "believed.yaml"


@dataclass(frozen=True)
class OptimiseQuestion(Question):
    """What is the best split of a budget?"""

    market: Scenario
    request: SplitRequest = field(default_factory=SplitRequest)

    kind: ClassVar[str] = "optimise"

    def scenarios(self) -> Sequence[Scenario]:
        return [self.market]

    def check(self) -> None:
        check_request(self.market, self.request)

    def asked(self) -> Sequence[object]:
        return [vars(self.request)]

    def answer(self, store: Store, progress: Progress | None = None) -> Answer:
        return OptimiseAnswer(optimise(self.market, self.request, store, progress=progress))


@dataclass(frozen=True)
class OptimiseAnswer(Answer):
    """The plan, what it gains, and the responses that it rests on."""

    made: Optimised

    kind: ClassVar[str] = "optimise"

    @property
    def scenario(self) -> Scenario:
        return self.made.scenario

    def summary(self) -> dict[str, Any]:
        return summary(self.made)

    def tables(self) -> dict[str, pd.DataFrame]:
        return {"plans": plans_table(self.made), "curves": curves_table(self.made)}

    def files(self) -> dict[str, str]:
        made = self.made
        best = made.divided.market(made.plan(OPTIMISED).factors, made.scenario.seed)
        return {SCENARIO: dump_scenario(made.scenario), PLAN: dump_scenario(best)}

    def command(self) -> str:
        request = self.made.request
        command = f"journeysim optimise {SCENARIO} --budget {self.made.total:.12g}"
        command += f" --goal {request.goal} --by {request.by}"
        for name, (low, high) in request.bounds.items():
            command += f" --bounds {name}={low:g}..{high:g}"
        if request.from_day:
            command += f" --from-day {request.from_day}"
        return command + f" --evaluations {request.evaluations} --replicates {request.replicates}"

    def about(self) -> dict[str, Any]:
        made = self.made
        seeds = [*made.search_seeds, *made.fresh_seeds]
        return {"seeds": seeds, "runs": made.runs, "seconds": made.seconds}


@dataclass(frozen=True)
class SplitQuestion(Question):
    """A study file with a kind: the frontier of a budget, or a split in a mistaken belief.

    `believed`: the market that is taken for true; None for the frontier.
    """

    study: SplitStudy
    market: Scenario
    believed: Scenario | None = None

    kind: ClassVar[str] = "split"
    less: ClassVar[str] = "use fewer agents or days in the study, or fewer --workers"

    @property
    def request(self) -> SplitRequest:
        """What is asked of the search."""
        study = self.study
        return SplitRequest(
            total=study.budget, replicates=study.replicates, evaluations=study.evaluations
        )

    def scenarios(self) -> Sequence[Scenario]:
        return [one for one in (self.market, self.believed) if one is not None]

    def check(self) -> None:
        check_request(self.market, self.request)

    def asked(self) -> Sequence[object]:
        return [self.study.kind.value, vars(self.request)]

    def answer(
        self, store: Store, progress: Progress | None = None
    ) -> FrontierAnswer | BeliefAnswer:
        changes: dict[str, Any] = {"scenario": SCENARIO, "set": {}}  # as it stands in the folder
        if self.believed is not None:
            changes["believed"] = BELIEVED
        study, request = self.study.model_copy(update=changes), self.request
        if self.believed is None:
            found = optimise(self.market, request, store, progress=progress)
            return FrontierAnswer(study, found)
        believed = belief(self.market, self.believed, request, store=store, progress=progress)
        return BeliefAnswer(study, believed)


class SplitAnswer(Answer):
    """What the answers to study files with a kind have alike."""

    study: SplitStudy
    made: Optimised | BeliefFound

    @property
    def scenario(self) -> Scenario:
        return self.made.scenario

    def about(self) -> dict[str, Any]:
        return {"runs": self.made.runs, "seconds": self.made.seconds}

    def command(self) -> str:
        return f"journeysim experiment {STUDY_FILE} --out again"

    def tables(self) -> dict[str, pd.DataFrame]:
        return {}

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"study": self.study.name}

    @abstractmethod
    def figures(self) -> dict[str, Known]:
        """What a claim may be about, `split_study.FIGURES` of its kind."""

    @property
    def claimed(self) -> FoundClaim | None:
        """What was found of the claim; None if the study makes none."""
        claim = self.study.claim
        return None if claim is None else found_claim(claim, self.figures())

    def _with_claim(self, found: dict[str, Any]) -> dict[str, Any]:
        claimed = self.claimed
        return found if claimed is None else {**found, "claim": plain_claim(claimed)}

    def files(self) -> dict[str, str]:
        return {
            STUDY_FILE: dump_split_study(self.study),
            SCENARIO: dump_scenario(self.scenario),
        }


@dataclass(frozen=True)
class FrontierAnswer(SplitAnswer):
    """The best split for each share of a budget that is spent on keeping customers."""

    study: SplitStudy
    made: Optimised

    kind: ClassVar[str] = SplitKind.FRONTIER.value

    def summary(self) -> dict[str, Any]:
        return self._with_claim(summary(self.made))

    def figures(self) -> dict[str, Known]:
        made = self.made
        now = made.plan(TODAY).share_kept
        gains = dict(zip(made.shares, made.frontier, strict=True))
        best = best_share(made, PROFIT)
        return {
            "best_share": best,
            "share_today": Estimate(now, now, now),
            "gain_best": by_seed(gains[best.value].gain),
            "gain_no_retention": by_seed(gains[min(gains)].gain),
            "gain_most_retention": by_seed(gains[max(gains)].gain),
        }


@dataclass(frozen=True)
class BeliefAnswer(SplitAnswer):
    """What a budget loses that was split in the belief of another market."""

    study: SplitStudy
    made: BeliefFound

    kind: ClassVar[str] = SplitKind.BELIEF.value

    def summary(self) -> dict[str, Any]:
        return self._with_claim(belief_summary(self.made))

    def figures(self) -> dict[str, Known]:
        made = self.made
        return {
            "regret": by_seed(made.plan(BELIEVES).regret),
            "regret_with_equity": by_seed(made.plan(BELIEVES).regret, CUSTOMER_VALUE),
            "regret_retention_unchanged": by_seed(made.plan(BELIEVES_WINS).regret),
            "gain_knowing": by_seed(made.plan(KNOWS).gain),
        }

    def files(self) -> dict[str, str]:
        return {**super().files(), BELIEVED: dump_scenario(self.made.believed)}


def by_seed(gain: Gain, outcome: str = PROFIT) -> list[float]:
    """What a plan brings more than another in an outcome, one of `COMPARED`, seed by seed."""
    return [one.value for one in gain.effects[outcome]]


def dump_split_study(study: SplitStudy) -> str:
    """The study as YAML that means the same beside its complete scenarios."""
    data = study.model_dump(mode="json", exclude_unset=True) | {"scenario": SCENARIO}
    data = {"kind": data.pop("kind"), **data}
    data.pop("set", None)  # the scenario has it all
    if study.believed:
        data["believed"] = BELIEVED
    return dump_data(data)
