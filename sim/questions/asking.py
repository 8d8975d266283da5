"""Where the runs of a question are made, and how they are kept until its answer is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError, Interrupted, JourneysimError, NotWritten
from sim.folders import check_place, writing
from sim.questions.question import Question
from sim.runs.many import Cluster
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
