"""What several commands have alike: the market, the means and the output that options name.

Checks, names of folders and how an object is printed stand here, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import typer

from sim.errors import InputError, Problem

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class MarketOptions:
    """A scenario as options name it; None where its own value holds."""

    source: str
    settings: Sequence[str] = ()
    agents: int | None = None
    days: int | None = None
    seed: int | None = None

    @property
    def sizes(self) -> dict[str, int | None]:
        """Agents, days and seed."""
        return {"agents": self.agents, "days": self.days, "seed": self.seed}

    def loaded(self, problems: Sequence[Problem]) -> Scenario:
        """The scenario. Raises `InputError` with what is wrong with it, then `problems`."""
        from sim.scenario.load import load_scenario

        try:
            return load_scenario(self.source, self.settings, **self.sizes)
        except InputError as error:
            if not error.problems:
                raise
            raise InputError(problems=[*error.problems, *problems]) from error


@dataclass(frozen=True)
class Output:
    """Where an answer goes, in which language, and what is printed of it."""

    out: Path | None = None
    language: str = "en"
    as_json: bool = False
    quiet: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing is shown while a command is at work."""
        return self.quiet or self.as_json


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


def refuse(problems: Sequence[Problem]) -> None:
    """Raise `InputError` if there are problems."""
    if problems:
        raise InputError(problems=problems)


def short_name(*asked: object) -> str:
    """Eight letters for what is asked, so that the same command uses the same folder."""
    return f"{crc32(' '.join(map(str, asked)).encode()):08x}"


def print_object(found: Mapping[str, Any]) -> None:
    """Print one object: standard JSON, without NaN."""
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
