"""What every question is: plain data that is checked, answered by runs, and told from its answer.

A kind of question is a `Question` and its `Answer`, declared in a family's `question.py`, with a
line in `sim.questions.kinds`; how it is told stands in `sim.pages.answers`.

A page or a text is made from an answer alone, so that it can be made anew in another language, or
by a better page, without a run: what a question found is written whole, and read back from what was
written. `answer.json` holds every field of the answer, nested as its classes are: records as
objects, tuples and sequences as lists. Reading checks every field against the classes (pydantic);
nothing that is read is executed.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError

from sim.errors import InputError, one_line
from sim.folders import Folder, check_place, writing
from sim.runs.many import Cluster, Means
from sim.runs.progress import Progress
from sim.runs.room import check_pairs
from sim.runs.run import SCENARIO, make_manifest, scenario_hash
from sim.runs.store import UNFINISHED, Asked, Store, asked_for, to_plain, with_reasons
from sim.runs.unfinished import clause, telling_how_to_go_on
from sim.scenario.dump import dump_scenario
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


# --- answers ---

ANSWER = "answer.json"  # in a folder

Any_Answer = TypeVar("Any_Answer", bound="Answer")


class Answer(ABC):
    """What a question found: a frozen dataclass of plain data, from which all that is told is made.

    Every field has a type that pydantic knows; there are no arrays and no functions in it.
    """

    kind: ClassVar[str]  # of the question, as manifests and `sim.pages.answers` name it

    @property
    @abstractmethod
    def scenario(self) -> Scenario:
        """The market that was asked about; the baseline if there are several."""

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """Everything found as one object of plain values, None where a figure does not exist."""

    @abstractmethod
    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything found as tidy tables, by the name of their file."""

    @abstractmethod
    def command(self) -> str:
        """The command that asks the same again, in the folder of the answer."""

    def about(self) -> dict[str, Any]:
        """What the manifest says beside kind, command and versions: seeds, runs, seconds."""
        return {}

    def files(self) -> dict[str, str]:
        """The texts of the folder, by file: what is needed to ask again."""
        return {SCENARIO: dump_scenario(self.scenario)}

    def manifest(self) -> dict[str, Any]:
        """What the manifest of its folder says."""
        market = make_manifest(self.scenario, "fast", 1, seconds=0.0).as_dict()
        return {
            "study": self.kind,
            "kind": self.kind,
            "command": self.command(),
            **self.about(),
            "market": {key: market[key] for key in ("scenario", "scenario_hash", "source_hash")},
            "versions": market["versions"],
        }


def answer_text(answer: Answer) -> str:
    """The answer as JSON; `read_answer` gives an equal one. Raises TypeError for what is no plain
    data."""
    return json.dumps(to_plain(answer), ensure_ascii=False, allow_nan=False) + "\n"


def read_answer(folder: Folder, kind: type[Any_Answer]) -> Any_Answer:
    """The answer in an open folder. Raises `InputError` if there is none, or it is damaged."""
    if ANSWER not in folder.names:
        raise InputError(
            f"{folder.place} was written by an older version of journeysim, which did not store"
            f" the answer. Run it again: {folder.said.get('command', 'the same command')}"
        )
    try:
        found: Any_Answer = _adapter(kind).validate_json(folder.read(ANSWER))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise folder.damage(ANSWER, f"{where}: {one_line(first['msg'])}") from error
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise folder.damage(ANSWER, one_line(error)) from error
    return found


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


# An object of any plain values, such as the summary of a run.
Summary = Annotated[Mapping[str, Any], AfterValidator(with_reasons)]


# --- questions ---


class Question(ABC):
    """A question: a frozen dataclass of plain data."""

    kind: ClassVar[str]
    held: ClassVar[int] = 0  # whole runs that it holds in memory while others are made
    less: ClassVar[str] = "use fewer --agents, --days or --threads"  # if memory lacks

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


# --- where runs are made, and kept until the answer is written ---


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
    else:
        runner.reach()
    if place is None:
        yield Store(threads=means.threads, runner=runner)
        return
    with writing(place):
        if place.name in ("", ".."):  # a name that another cannot be made from
            place = place.resolve()
        store = Store(place.with_name(place.name + UNFINISHED), means.threads, runner)
        with _kept(store, question.identity(), means, place=place):
            yield store


@contextmanager
def _kept(store: Store, asked: Asked, means: Means, *, place: Path) -> Iterator[None]:
    store.open(asked, means.resume)

    def kept() -> str:
        are = "1 run is" if store.count == 1 else f"{store.count} runs are"
        return f"{are} finished and kept in {store.folder}; go on with {means.again}."

    with telling_how_to_go_on(kept):
        try:
            yield
        except InputError:
            try:
                check_place(place)
            except InputError as error:  # what came to stand there meanwhile is in the way
                raise InputError(f"{clause(error)}; {kept()}") from error
            store.remove()  # what is asked can never be done
            raise
    store.remove()
