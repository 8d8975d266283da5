"""Write what was found of the claims into the lessons: `python docs/lessons.py`.

A lesson quotes a figure of a claim between two marks that do not show:
`<!-- claim umbrella.cost_umbrellas -->DKK 32 (DKK 31 to 33)<!-- end -->`. With `value` after its
name it stands alone, without its interval; `umbrella.verdict` is the verdict. All of them are
written from `claims.json` (`python docs/claims.py`), in the language of the lesson's folder.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim.measures.catalogue import Unit
from sim.measures.intervals import Estimate
from sim.pages.claim_page import figure_writer, short_verdict
from sim.pages.words import numbers
from sim.pages.words.language import LANGUAGES, speaking
from sim.questions.budget.question import SplitQuestion
from sim.questions.budget.split_study import FIGURES
from sim.questions.claims.claim import Verdict
from sim.questions.studies import claim_names, load_question

HERE = Path(__file__).parent
LESSONS, CLAIMS = HERE / "lessons", HERE / "claims.json"
# The twelve lessons, in their order, and what the sheets of each are called.
TITLES = (
    *("01_funnel_vs_loop", "02_umbrella", "03_fast_reply", "04_good_day", "05_peak_end"),
    *("06_recovery", "07_last_click", "08_messy_journeys", "09_bottleneck", "10_said_and_done"),
    *("11_five_times", "12_future_needs"),
)
SHEETS = {"en": ("pupil", "teacher"), "da": ("elev", "laerer")}
MARKED = re.compile(r"<!-- claim (\w+)\.(\w+)( value)? -->(.*?)<!-- end -->", re.DOTALL)
A_MARK = re.compile(r"<!--\s*(?:claim|end)\b")  # either of the two, even if it is misspelt
VERDICT = "verdict"

Claims = Mapping[str, Mapping[str, Any]]  # as `claims.json` has them


class Mark(NamedTuple):
    """A place in a lesson that quotes a claim."""

    claim: str
    figure: str  # or VERDICT
    alone: bool  # without its interval
    text: str  # what stands there


def sheets(folder: Path = LESSONS) -> dict[Path, str]:
    """The files of all lessons, each with its language."""
    return {
        folder / language / f"{title}_{sheet}.md": language
        for language in LANGUAGES
        for title in TITLES
        for sheet in SHEETS[language]
    }


def marks(text: str) -> list[Mark]:
    """Every place in a text that quotes a claim. Raises ValueError if a mark is not closed."""
    found = [
        Mark(claim, figure, bool(alone), between)
        for claim, figure, alone, between in MARKED.findall(text)
    ]
    if len(A_MARK.findall(text)) != 2 * len(found):
        raise ValueError("a mark is not closed, or misspelt")
    return found


@cache
def units(study: str) -> Mapping[str, Unit]:
    """What each figure of a claim counts. Raises ValueError if there is no such claim."""
    if study not in claim_names():
        raise ValueError(f"there is no claim {study}")
    question = load_question(study)
    if isinstance(question, SplitQuestion):
        return FIGURES[question.study.kind]
    return {name: figure.unit for name, figure in question.study.figures.items()}


def quoted(mark: Mark, claims: Claims) -> str:
    """What is to stand at a mark, in the language of the surrounding `speaking`.

    Raises ValueError if there is no such claim, or it has no such figure.
    """
    known = units(mark.claim)
    if mark.figure == VERDICT:
        return short_verdict(Verdict(claims[mark.claim]["verdict"]))
    if mark.figure not in known:
        raise ValueError(f"{mark.claim} has no figure {mark.figure}")
    found = claims[mark.claim]["figures"][mark.figure]
    if found is None:
        return numbers.NONE
    one, write = Estimate(*found), figure_writer(known[mark.figure], claims[mark.claim]["currency"])
    if mark.alone or one.low == one.high:  # as on the page of a claim
        return write(one.value)
    return numbers.with_interval(one, write)


def filled(text: str, language: str, claims: Claims) -> str:
    """A lesson in a language, with what was found between its marks."""
    marks(text)

    def write(found: re.Match[str]) -> str:
        mark = Mark(found[1], found[2], bool(found[3]), found[4])
        start = found[0].partition("-->")[0]
        return f"{start}-->{quoted(mark, claims)}<!-- end -->"

    with speaking(language):
        return MARKED.sub(write, text)


def main() -> None:
    """Write them."""
    claims = json.loads(CLAIMS.read_text(encoding="utf-8"))
    for file, language in sheets().items():
        text = file.read_text(encoding="utf-8")
        file.write_text(filled(text, language, claims), encoding="utf-8", newline="\n")
    print(LESSONS)


if __name__ == "__main__":
    main()
