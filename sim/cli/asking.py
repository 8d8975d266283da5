"""Asking a question: checked, placed, answered by runs, written and printed, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.commands.common import print_object
from sim.errors import InputError, Interrupted, JourneysimError, NotWritten
from sim.folders import RESULTS, check_place, writing
from sim.pages.answers import telling_of
from sim.pages.words.language import ENGLISH, speaking
from sim.questions.answer import Answer
from sim.questions.question import Question
from sim.runs.many import Cluster
from sim.runs.progress import progress_bar
from sim.runs.room import check_pairs
from sim.runs.store import UNFINISHED, Asked, Store


@dataclass(frozen=True)
class Means:
    """With what runs are made: threads here, or the Dask cluster at an address; going on or not.

    `again`: what a message says to go on with.
    """

    threads: int | None = None
    dask: str | None = None
    resume: bool = False
    again: str = "the same command and --resume"


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


@contextmanager
def runs_for(question: Question, means: Means, place: Path | None) -> Iterator[Store]:
    """Where the runs of a question are made, and kept beside `place` until its answer is written.

    Surrounds all the work, up to and including the writing. `place`: the folder of the answer;
    None: nothing is written, and nothing is kept. Raises `InputError` before any work if there is
    no room or no cluster, if another question stands there, or the same and not `means.resume`;
    `Interrupted` on Ctrl-C and `NotWritten` when nothing can be written, both with what is kept
    and how to go on.
    """
    runner = None if means.dask is None else Cluster(means.dask)
    if runner is None:
        check_pairs(question.largest(), means.threads, question.less, held=question.held)
    if place is None:
        if runner is not None:
            runner.reach()
        yield Store(threads=means.threads, runner=runner)
        return
    with writing(place):
        if runner is not None:
            runner.reach()
        if place.name in ("", ".."):  # a name that another cannot be made from
            place = place.resolve()
        store = Store(place.with_name(place.name + UNFINISHED), means.threads, runner)
        with _kept(store, question.identity(), means, place):
            yield store


@contextmanager
def _kept(store: Store, asked: Asked, means: Means, place: Path) -> Iterator[None]:
    store.open(asked, means.resume)

    def kept() -> str:
        are = "1 run is" if store.count == 1 else f"{store.count} runs are"
        return f"{are} finished and kept in {store.folder}; go on with {means.again}."

    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {kept()}") from None
    except NotWritten as error:
        raise NotWritten(f"{error.message.rstrip('.')}; {kept()}") from error
    except InputError:
        try:
            check_place(place)
        except JourneysimError as error:  # what came to stand there meanwhile is in the way
            raise type(error)(f"{error.message.rstrip('.')}; {kept()}") from error
        store.remove()  # what is asked can never be done
        raise
    except JourneysimError as error:
        raise JourneysimError(f"{error.message.rstrip('.')}; {kept()}") from error
    else:
        store.remove()
