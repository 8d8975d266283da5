"""The kinds of question whose answers are read back from their folders: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from sim.errors import InputError
from sim.folders import Folder
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer, OptimiseAnswer
from sim.questions.claims.question import ClaimAnswer
from sim.questions.compare.question import CompareAnswer
from sim.questions.question import Answer, read_answer
from sim.questions.touchpoints.question import TouchpointsAnswer

ANSWERS: Mapping[str, type[Answer]] = {
    answer.kind: answer
    for answer in (
        CompareAnswer,
        TouchpointsAnswer,
        OptimiseAnswer,
        FrontierAnswer,
        BeliefAnswer,
        ClaimAnswer,
    )
}


def is_answer(folder: Folder) -> bool:
    """Whether an open folder holds, or held when it was written, the answer to a question."""
    return kind_of(folder) in ANSWERS


def kind_of(folder: Folder) -> str | None:
    """The kind of question that a folder answers; None if it holds something else.

    Folders of before name it as their study.
    """
    said = folder.said.get("kind", folder.said.get("study"))
    return said if isinstance(said, str) else None


def answer_in(folder: Folder) -> Answer:
    """The answer in an open folder. Raises `InputError` if there is none, or it is damaged."""
    kind = kind_of(folder)
    if kind is None or kind not in ANSWERS:
        raise InputError(f"{folder.place} is not the result of a question.")
    return read_answer(folder, ANSWERS[kind])
