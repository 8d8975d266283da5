"""Study files with a `kind`: which question each asks, and which are about a claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import JourneysimError, NotOneOf, ScenarioErrors, nearest
from sim.questions.budget.question import SplitQuestion
from sim.questions.budget.split_study import SplitKind, load_split_study
from sim.questions.claims.claim_file import ClaimKind, load_claim
from sim.questions.claims.question import ClaimQuestion
from sim.questions.levers.study_file import study_file, study_names
from sim.scenario.fields import one_of
from sim.scenario.load import read_text
from sim.scenario.validate import Origin, described
from sim.scenario.yaml_text import Path as Place
from sim.scenario.yaml_text import read_document

StudyQuestion = ClaimQuestion | SplitQuestion


def _claim(source: str | Path, seed: int | None) -> StudyQuestion:
    return ClaimQuestion(*load_claim(source, seed))


def _split(source: str | Path, seed: int | None) -> StudyQuestion:
    return SplitQuestion(*load_split_study(source, seed))


KINDS: Mapping[str, Callable[[str | Path, int | None], StudyQuestion]] = {
    ClaimKind.CLAIM.value: _claim,
    SplitKind.FRONTIER.value: _split,
    SplitKind.BELIEF.value: _split,
}


def has_kind(source: str | Path) -> bool:
    """Whether a study file names a kind. One that cannot be read does not: loading it tells why."""
    found = _read(source)
    return found is not None and "kind" in found.data


def load_question(source: str | Path, seed: int | None = None) -> StudyQuestion:
    """The question of a study file with a kind, or of that name in the library.

    `seed`: of the first replicate, instead of the file's. Raises `ScenarioErrors` with every
    problem found.
    """
    found = _read(source)
    kind = None if found is None else found.data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        file = str(study_file(source))
        origin = Origin(file, {} if found is None else found.lines)
        problem = NotOneOf(
            file=file,
            line=origin.line(("kind",)),
            field="kind",
            given=described(kind),
            allowed=one_of(list(KINDS)),
            nearest=nearest(str(kind), KINDS),
        )
        raise ScenarioErrors([problem])
    return KINDS[kind](source, seed)


def claim_names() -> list[str]:
    """Names of the library's studies that are about a claim, sorted."""
    return [name for name in study_names() if _is_about_a_claim(name)]


def _is_about_a_claim(name: str) -> bool:
    found = _read(name)
    return found is not None and "claim" in found.data


class _Said(NamedTuple):
    """What a file says, and the lines of it."""

    data: dict[str, Any]
    lines: Mapping[Place, int]


def _read(source: str | Path) -> _Said | None:
    """What a study file says; None if it cannot be read."""
    try:
        found = read_document(read_text(study_file(source)), None)
    except JourneysimError:
        return None
    return _Said(found.data, found.lines) if isinstance(found.data, dict) else None
