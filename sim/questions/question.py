"""What every question is: plain data that is checked, answered by runs, and told from its answer.

A kind of question is a `Question` and its `Answer` (`sim.questions.answer`), declared in a family's
`question.py`, with a line in `sim.questions.kinds`; how it is told stands in `sim.pages.answers`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

from sim.questions.answer import Answer
from sim.runs.run import scenario_hash
from sim.runs.store import Asked, Store, asked_for
from sim.scenario.schema import Scenario

Progress = Callable[[float, float], None]  # runs done, fractions included, and of how many


class Question(ABC):
    """A question: a frozen dataclass of plain data."""

    kind: ClassVar[str]
    held: ClassVar[int] = 0  # whole runs that it holds in memory while others are made
    less: ClassVar[str] = "fewer --agents, --days or --threads need less"  # if memory lacks

    @abstractmethod
    def scenarios(self) -> Sequence[Scenario]:
        """The markets that are asked about, the baseline first."""

    @abstractmethod
    def check(self) -> None:
        """Raise `InputError` with all that is wrong with what is asked."""

    @abstractmethod
    def asked(self) -> Sequence[object]:
        """All that the answer depends on beside the scenarios, as plain values in one order."""

    @abstractmethod
    def answer(self, store: Store, progress: Progress | None = None) -> Answer:
        """The answer, by the runs of a store; it does not depend on where they are made.

        Raises `InputError` if what is asked is wrong.
        """

    def named_after(self) -> Sequence[object]:
        """What the folder is named after if nothing is said: the same question, the same folder."""
        return [*map(scenario_hash, self.scenarios()), *self.asked()]

    def largest(self) -> Sequence[Scenario]:
        """Markets as large as any that is run, for the room that they need."""
        return self.scenarios()

    def identity(self) -> Asked:
        """What is asked, as the folder of its finished runs names it."""
        return asked_for(self.kind, self.scenarios(), *self.asked())
