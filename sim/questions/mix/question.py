"""Weeks of several regions for media mix models, and the truth behind them: the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import note
from sim.questions.mix.folder import command_of, regions_of
from sim.questions.mix.mmm import MixData, MixRequest, check_request, mix_data
from sim.questions.mix.movement import movement_notes
from sim.questions.mix.regions import whole_weeks
from sim.questions.mix.tables import TABLES
from sim.questions.question import Answer, Question
from sim.runs.progress import Progress
from sim.runs.store import Store
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class MixQuestion(Question):
    """Which weeks would a media mix model be given, and what is true of them?"""

    market: Scenario
    request: MixRequest = field(default_factory=MixRequest)

    kind: ClassVar[str] = "media mix"
    held: ClassVar[int] = 1
    less: ClassVar[str] = "use fewer --agents, --years or --threads"

    def scenarios(self) -> Sequence[Scenario]:
        return [self.market]

    def largest(self) -> Sequence[Scenario]:
        return [with_settings(self.market, overrides={"days": whole_weeks(self.request.years)})]

    def check(self) -> None:
        check_request(self.market, self.request)

    def asked(self) -> Sequence[object]:
        return [vars(self.request)]

    def named_after(self) -> Sequence[object]:
        return [*super().named_after()[:1], self.request]

    def answer(self, store: Store, progress: Progress | None = None) -> MixAnswer:
        data = mix_data(self.market, self.request, store, progress=progress)
        for sentence in movement_notes(data):
            note(sentence)
        return MixAnswer(data)


@dataclass(frozen=True)
class MixAnswer(Answer):
    """The data. They are tables for other tools, and no page is made of them."""

    data: MixData

    kind: ClassVar[str] = "media mix"

    @property
    def scenario(self) -> Scenario:
        return self.data.scenario

    def summary(self) -> dict[str, Any]:
        data = self.data
        return {
            "scenario": data.scenario.name,
            "seed": data.scenario.seed,
            "years": data.request.years,
            "weeks": data.markets[0].weekly.num_rows,
            "vary": data.request.vary,
            "regions": regions_of(data),
            "media": list(data.media),
            "runs": data.runs,
        }

    def tables(self) -> dict[str, pd.DataFrame]:
        return {name: make(self.data).to_pandas() for name, make in TABLES.items()}

    def command(self) -> str:
        return command_of(self.data)
