"""Unfinished work: whose it is, who may go on with it, what is said if it stops.

Whatever makes many runs keeps those that are finished, so that the same command with --resume goes
on. There are two ways of keeping, by what a run leaves: a file of its own for what may be a whole
run (`sim.runs.store`), a row of one table for figures, of which there may be a million
(`sim.runs.dataset`). Both stand in a folder with `study.json`, are taken up, refused and told of
here, and by nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sim.errors import InputError, Interrupted, JourneysimError, NotWritten
from sim.folders import LEFTOVER, Folder, is_ours, open_folder
from sim.scenario.schema import Scenario

STUDY = "study.json"  # the manifest of such a folder


@dataclass(frozen=True)
class Unfinished:
    """Work whose finished runs are kept in a folder, as the manifest there says it.

    `study`: its kind or name; `identity`: a hash of all that its figures depend on; `sources`: the
    versions that it is made by, by the key of the manifest, or of `about` in it; `instead`: what a
    reader can do who wants something else.
    """

    study: str
    identity: str
    sources: Mapping[str, str]
    instead: tuple[str, ...] = ("choose another folder with --out",)

    def found(self, place: Path) -> Folder | None:
        """The folder of this work; None if nothing is begun there.

        Raises `InputError` if something else stands at `place`, `Damaged` if its manifest is
        damaged.
        """
        if not place.exists():
            return None
        if not place.is_dir():
            raise InputError(f"{place} is a file; {_either(*self.instead)}.")
        if not is_ours(place, STUDY):
            if any(not LEFTOVER.fullmatch(name) for name in os.listdir(place)):
                raise InputError(
                    f"{place} exists and was not changed: it is not a study folder. Choose another"
                    " with --out."
                )
            return None
        folder = open_folder(place, STUDY, tell=False)
        other = self._other(folder.said)
        if other is not None:
            raise InputError(f"{place} holds {other}; {_either(*self.instead)}.")
        return folder

    def _other(self, said: Mapping[str, Any]) -> str | None:
        """What is said of a folder's work if it is not this one."""
        about = said.get("about")
        about = about if isinstance(about, Mapping) else {}
        is_of_study = said.get("study") == self.study
        if any(said.get(key, about.get(key)) != made for key, made in self.sources.items()):
            if is_of_study:
                return "a study made by another version of journeysim"
        elif is_of_study and said.get("identity") == self.identity:
            return None
        return "another study, or an earlier version of this one"

    def refuse(self, place: Path) -> NoReturn:
        """Raise `InputError`: this work is begun at `place`, and --resume was not given."""
        raise InputError(
            f"{place} holds this study, unfinished;"
            f" {_either('go on with --resume', *self.instead)}."
        )


def _either(*ways: str) -> str:
    return ", or ".join(ways) if len(ways) < 3 else f"{', '.join(ways[:-1])}, or {ways[-1]}"


def clause(error: JourneysimError) -> str:
    """What an error says, to be gone on with after a semicolon."""
    return error.message.rstrip(".")


@contextmanager
def telling_how_to_go_on(kept: Callable[[], str]) -> Iterator[None]:
    """Let what stops the work say what is kept of it, and how to go on: a sentence of `kept`.

    Raises `Interrupted` for Ctrl-C, `NotWritten` and `JourneysimError` as they come; an
    `InputError` is left as it is, since what is asked can never be done.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; {kept()}") from None
    except InputError:
        raise
    except JourneysimError as error:
        kind = NotWritten if isinstance(error, NotWritten) else JourneysimError
        raise kind(f"{clause(error)}; {kept()}") from error


def check_worker(mine: str, wanted: str) -> None:
    """Raise `JourneysimError` unless a worker has the sources that the work was begun with."""
    if mine != wanted:
        raise JourneysimError(
            "a worker has another version of journeysim than the one that began the study;"
            " install the same version everywhere, and do not change it during a study."
        )


@contextmanager
def memory_of_a_worker(market: Scenario) -> Iterator[None]:
    """Raise `JourneysimError` where a worker has no memory for the run of a market."""
    try:
        yield
    except MemoryError:
        raise JourneysimError(
            f"there is not enough memory for {market.agents:,} simulated customers in"
            " every worker; use fewer agents or workers."
        ) from None
