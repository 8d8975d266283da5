"""What several commands do alike: check what is asked, name a folder after it, keep finished runs
until the folder is written, print an object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sim.errors import InputError, Interrupted, JourneysimError, NotWritten, Problem
from sim.folders import check_place, writing

if TYPE_CHECKING:
    from sim.runs.store import Asked, Finished
    from sim.scenario.schema import Scenario


def problems_of(*checks: Callable[[], object]) -> list[Problem]:
    """What the checks find wrong, all of it; one that says a sentence of its own is raised."""
    problems: list[Problem] = []
    for check in checks:
        try:
            check()
        except InputError as error:
            if not error.problems:
                raise
            problems += error.problems
    return problems


def loaded(
    source: str, settings: Sequence[str], problems: Sequence[Problem], **overrides: int | None
) -> Scenario:
    """The scenario asked for. Raises `InputError` with what is wrong with it, then `problems`."""
    from sim.scenario.load import load_scenario

    try:
        return load_scenario(source, settings, **overrides)
    except InputError as error:
        if not error.problems:
            raise
        raise InputError(problems=[*error.problems, *problems]) from error


def refuse(problems: Sequence[Problem]) -> None:
    """Raise `InputError` if there are problems."""
    if problems:
        raise InputError(problems=problems)


def short_name(*asked: object) -> str:
    """Eight letters for what is asked, so that the same command uses the same folder."""
    return f"{crc32(' '.join(map(str, asked)).encode()):08x}"


@contextmanager
def kept_runs(
    place: Path | None, asked: Asked, resume: bool, again: str = "the same command and --resume"
) -> Iterator[Finished]:
    """Keep the finished runs of a study beside `place` until its result is written there.

    Surrounds all the work, up to and including the result. `place`: the result folder; None:
    nothing is written, and nothing is kept. `resume`: go on with what is there; `again`: what a
    message says to go on with. Raises `InputError` before any work if another study stands there,
    or the same and not `resume`; `Interrupted` on Ctrl-C and `NotWritten` when nothing can be
    written, both with what is kept and how to go on.
    """
    from sim.runs.store import Finished

    if place is None:
        yield Finished()
        return
    with writing(place):
        yield from _kept_runs(place, asked, resume, again)


def _kept_runs(place: Path, asked: Asked, resume: bool, again: str) -> Iterator[Finished]:
    from sim.runs.store import UNFINISHED, Finished

    if place.name in ("", ".."):  # a name that another cannot be made from
        place = place.resolve()
    finished = Finished(place.with_name(place.name + UNFINISHED))
    finished.open(asked, resume)

    def kept() -> str:
        are = "1 run is" if finished.count == 1 else f"{finished.count} runs are"
        return f"{are} finished and kept in {finished.folder}; go on with {again}."

    try:
        yield finished
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {kept()}") from None
    except NotWritten as error:
        raise NotWritten(f"{error.message.rstrip('.')}; {kept()}") from error
    except InputError:
        try:
            check_place(place)
        except JourneysimError as error:  # what came to stand there meanwhile is in the way
            raise type(error)(f"{error.message.rstrip('.')}; {kept()}") from error
        finished.remove()  # what is asked can never be done
        raise
    except JourneysimError as error:
        raise JourneysimError(f"{error.message.rstrip('.')}; {kept()}") from error
    else:
        finished.remove()


def print_object(found: Mapping[str, Any]) -> None:
    """Print one object: standard JSON, without NaN."""
    print(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
