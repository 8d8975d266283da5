"""What every touchpoint truly adds: the question and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from sim.questions.question import Answer, Question
from sim.questions.touchpoints.attribution import (
    Credited,
    credit_summary,
    credit_table,
    credited_beside,
    models_table,
    most_credit_runs,
    plans_table,
    regret_table,
)
from sim.questions.touchpoints.effects import (
    EffectsStudy,
    TouchpointsRequest,
    check_request,
    plan,
    study,
)
from sim.questions.touchpoints.tables import (
    effects_table,
    money_table,
    replicates_table,
    summary,
)
from sim.runs.progress import Progress
from sim.runs.run import SCENARIO
from sim.runs.store import Store
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TouchpointsQuestion(Question):
    """What does each touchpoint add? `attribution`: and what would analytics credit it with?"""

    market: Scenario
    request: TouchpointsRequest = field(default_factory=TouchpointsRequest)
    attribution: bool = True

    kind: ClassVar[str] = "touchpoints"
    held: ClassVar[int] = 1

    def scenarios(self) -> Sequence[Scenario]:
        return [self.market]

    def check(self) -> None:
        check_request(self.market, self.request)

    def asked(self) -> Sequence[object]:
        return [{**vars(self.request), "players": list(self.request.players)}, self.attribution]

    def answer(self, store: Store, progress: Progress | None = None) -> TouchpointsAnswer:
        if not self.attribution:
            return TouchpointsAnswer(study(self.market, self.request, store, progress=progress))
        markets = len(plan(self.market, self.request).markets)
        first = most_credit_runs(self.market, 1)
        more = most_credit_runs(self.market, 2) - first  # of each further seed

        def show(done: float, total: float) -> None:
            if progress is not None:
                progress(done, total)

        def show_first(done: float, total: float) -> None:
            show(done, total + first + more * (total / markets - 1.0))

        made = study(self.market, self.request, store, progress=show_first)
        total = float(made.runs + most_credit_runs(self.market, len(made.seeds)))
        return TouchpointsAnswer(
            credited_beside(made, store, lambda done: show(made.runs + done, total))
        )


@dataclass(frozen=True)
class TouchpointsAnswer(Answer):
    """What each touchpoint adds, with what analytics would credit beside it if that was asked."""

    found: Credited | EffectsStudy

    kind: ClassVar[str] = "touchpoints"

    @property
    def study(self) -> EffectsStudy:
        """What each touchpoint adds."""
        return self.found.study if isinstance(self.found, Credited) else self.found

    @property
    def credited(self) -> Credited | None:
        """Analytics beside it."""
        return self.found if isinstance(self.found, Credited) else None

    @property
    def scenario(self) -> Scenario:
        return self.study.scenario

    def summary(self) -> dict[str, Any]:
        found = summary(self.study)
        return found | ({"attribution": credit_summary(self.credited)} if self.credited else {})

    def tables(self) -> dict[str, pd.DataFrame]:
        made = self.study
        tables = {
            "effects": effects_table(made),
            "money": money_table(made),
            "replicates": replicates_table(made),
        }
        if self.credited is not None:
            tables |= {
                "credit": credit_table(self.credited),
                "models": models_table(self.credited),
                "plans": plans_table(self.credited),
                "regret": regret_table(self.credited),
            }
        return tables

    def command(self) -> str:
        request = self.study.request
        command = f"journeysim touchpoints {SCENARIO} --replicates {len(self.study.seeds)}"
        command += f" --step {request.step:g}"
        if request.players:
            command += f" --shapley {','.join(request.players)}"
        command += " --curves" if request.curves else ""
        return command + ("" if self.credited is not None else " --no-attribution")

    def about(self) -> dict[str, Any]:
        made = self.study
        return {"seeds": list(made.seeds), "runs": made.runs, "seconds": made.seconds}
