"""Asking a question: checked, placed, answered by runs, written and printed, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.commands.common import print_object
from sim.folders import RESULTS
from sim.pages.answers import telling_of
from sim.pages.words.language import ENGLISH, speaking
from sim.questions.question import Answer, Means, Question, runs_for
from sim.runs.progress import progress_bar


@dataclass(frozen=True)
class Output:
    """Where an answer goes, in which language, and what is printed of it."""

    out: Path | None = None
    language: str = ENGLISH
    as_json: bool = False
    quiet: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is shown while a command is at work."""
        return self.quiet or self.as_json


@dataclass(frozen=True)
class Asking:
    """A question, what it is answered with, and where the answer goes.

    `name`: of its folder in results/ if none is given. `always`: a folder is written though only
    JSON is asked for. `about`: what the object that is printed says of the folder first.
    """

    question: Question
    means: Means
    output: Output
    name: str
    always: bool = False
    about: Callable[[Path | None], dict[str, Any]] = lambda _: {}

    @property
    def place(self) -> Path | None:
        """The folder of the answer; None: nothing is written."""
        if self.output.out is not None:
            return self.output.out
        return RESULTS / self.name if self.always or not self.output.as_json else None


def ask(asking: Asking) -> Answer:
    """Answer a question, write its folder and print, as the options say.

    Finished runs are kept beside the folder until the answer is written there. Raises
    `JourneysimError` for whatever goes wrong; of the folder nothing is left behind then.
    """
    question, means, told, place = asking.question, asking.means, asking.output, asking.place
    with runs_for(question, means, place) as store:
        with progress_bar(told.silent, compiles=store.runner is None) as show:
            answer = question.answer(store, show)
        how = telling_of(answer)
        found = how.summary(answer)
        if place is not None:
            with speaking(told.language):
                how.write(answer, place)
    if told.as_json:
        print_object({**asking.about(place), **found})
    else:
        if not told.quiet:
            with speaking(told.language if how.translated else ENGLISH):
                print("\n".join(how.text(answer)), end="\n\n")
        if place is not None:
            print(place / how.file)
    return answer
