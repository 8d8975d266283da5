"""How the answer to each kind of question is told: its page, its text, its object, its folder.

A folder is written once, from the answer; a page is made anew from the answer that is read back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sim.disk import write_text
from sim.errors import InputError
from sim.folders import open_folder, put_folder, writing
from sim.locks import at_work
from sim.pages import terminal
from sim.pages.budget_pages import belief_page, frontier_page, optimise_page
from sim.pages.claim_page import claim_page, claim_text
from sim.pages.compare_page import compare_page, sentences
from sim.pages.credit import credit_sections
from sim.pages.folder import REPORT, SUMMARY, add_pages, summary_text
from sim.pages.touchpoints import touchpoints_page
from sim.pages.words.language import ENGLISH, speaking
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer, OptimiseAnswer
from sim.questions.claims.question import ClaimAnswer
from sim.questions.compare.question import CompareAnswer
from sim.questions.kinds import answer_in
from sim.questions.mix.folder import README, write_folder
from sim.questions.mix.question import MixAnswer
from sim.questions.question import ANSWER, Answer, answer_text
from sim.questions.touchpoints.question import TouchpointsAnswer
from sim.records import write_frame

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True)
class Telling(Generic[A]):
    """How answers of a kind are told, in the language of the surrounding `speaking`.

    `file`: what is opened first in the folder; `page`: its HTML, None where it is no page;
    `text`: the lines that a terminal shows.
    """

    kind: type[A]
    file: str
    page: Callable[[A], str] | None
    text: Callable[[A], list[str]]

    def summary(self, answer: A) -> dict[str, Any]:
        """What `--json` prints, and `summary.json` holds without its clocks."""
        return answer.summary()

    def write(self, answer: A, place: Path) -> None:
        """Write the folder of an answer: what it is made of first, the page after.

        Raises as `sim.folders.put_folder` does.
        """

        def fill(folder: Path) -> dict[str, Any]:
            for name, text in answer.files().items():
                (folder / name).parent.mkdir(exist_ok=True)
                write_text(folder / name, text)
            for name, table in answer.tables().items():
                write_frame(table, folder / f"{name}.parquet")
            write_text(folder / SUMMARY, summary_text(self.summary(answer)))
            write_text(folder / ANSWER, answer_text(answer))
            return answer.manifest()

        with writing(place):
            put_folder(place, fill)
            self.add_page(answer, place)

    def add_page(self, answer: A, place: Path) -> None:
        """Put the page into the folder of the answer."""
        page = self.page
        if page is not None:
            add_pages(place, lambda: {self.file: page(answer).encode()})


class _Compare(Telling[CompareAnswer]):
    """The answer in words is part of the object."""

    def summary(self, answer: CompareAnswer) -> dict[str, Any]:
        with speaking(ENGLISH):  # as all keys are
            said = sentences(answer.made)
        others = [variant.name for variant in answer.made.variants[1:]]
        return {**answer.summary(), "sentences": dict(zip(others, said, strict=True))}


class _Mix(Telling[MixAnswer]):
    """Tables for other tools, beside a text that explains every column."""

    def write(self, answer: MixAnswer, place: Path) -> None:
        with writing(place):
            write_folder(answer.data, place)


def _touchpoints_page(answer: TouchpointsAnswer) -> str:
    sections = [] if answer.credited is None else credit_sections(answer.credited)
    return touchpoints_page(answer.study, answer.command(), sections)


TELLINGS: tuple[Telling[Any], ...] = (
    _Compare(
        CompareAnswer,
        "compare.html",
        lambda one: compare_page(one.made, one.measures, one.command()),
        terminal.compare_text,
    ),
    Telling(TouchpointsAnswer, "touchpoints.html", _touchpoints_page, terminal.touchpoints_text),
    Telling(
        OptimiseAnswer,
        "optimise.html",
        lambda one: optimise_page(one.made, one.command()),
        terminal.optimise_text,
    ),
    Telling(
        FrontierAnswer,
        REPORT,
        lambda one: frontier_page(one, one.command()),
        terminal.frontier_text,
    ),
    Telling(
        BeliefAnswer,
        REPORT,
        lambda one: belief_page(one, one.command()),
        terminal.belief_text,
    ),
    Telling(ClaimAnswer, REPORT, lambda one: claim_page(one, one.command()), claim_text),
    _Mix(MixAnswer, README, None, terminal.mix_text),
)
BY_KIND: Mapping[type[Answer], Telling[Any]] = {each.kind: each for each in TELLINGS}


def telling_of(answer: Answer) -> Telling[Any]:
    """How an answer is told."""
    return BY_KIND[type(answer)]


def remake_page(place: Path) -> Path:
    """Make the page of an answer's folder anew, in the language of the surrounding `speaking`.

    Returns its path. Raises `InputError` if the folder holds no answer, or is damaged.
    """
    with at_work(place):
        folder = open_folder(place)
        folder.check()
        answer = answer_in(folder)
        telling = telling_of(answer)
        if telling.page is None:
            raise InputError(f"{place} holds tables for other tools; there is no page of them.")
        telling.add_page(answer, place)
    return place / telling.file
