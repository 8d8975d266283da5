"""What several commands do alike: check what is asked, name a folder after it, print an object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sim.errors import InputError, Problem

if TYPE_CHECKING:
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


def print_object(found: Mapping[str, Any]) -> None:
    """Print one object: standard JSON, without NaN."""
    print(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False))
