"""The table of claims: every claim of the library with its verdict, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sim.folders import put_file
from sim.pages.blocks import Block, Figures, Page, Section, Sentence, TableColumn, table
from sim.pages.claim_page import (
    claim_drawings,
    expected_rows,
    figures_of,
    short_verdict,
    verdict_name,
)
from sim.pages.parts import guarded
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.language import own_words, say
from sim.questions.budget.question import SplitAnswer
from sim.questions.claims.claim import FoundClaim
from sim.questions.claims.question import ClaimAnswer

ClaimedAnswer = ClaimAnswer | SplitAnswer
CLAIMS = "claims"  # the folder of all claims in results/, and their page


class ClaimLine(NamedTuple):
    """A claim as the table tells it, in the language in which it was made."""

    name: str  # of its study
    title: str
    says: str
    source: str
    market: str
    verdict: str
    by: str  # the first expectation that decided, and what was found of it
    why: str


def claim_lines(answers: Sequence[ClaimedAnswer]) -> list[ClaimLine]:
    """The claims that the answers are about, a line each."""
    return [_line(answer, found) for answer in answers if (found := answer.claimed) is not None]


def _line(answer: ClaimedAnswer, found: FoundClaim) -> ClaimLine:
    study, currency = answer.study, answer.scenario.currency
    rows = expected_rows(found, figures_of(answer), currency)
    deciding = [
        row for row, one in zip(rows, found.judged, strict=True) if one.verdict == found.verdict
    ]
    expected, by, _ = (deciding or rows)[0]
    return ClaimLine(
        study.name,
        own_words(study, "title") or numbers.name(study.name),
        own_words(found.claim, "says"),
        own_words(found.claim, "source"),
        names.title(answer.scenario),
        short_verdict(found.verdict),
        say("{expected}: {by}", expected=expected, by=by),
        own_words(found.claim.found, "why") if found.as_found else "",
    )


def claims_page(answers: Sequence[ClaimedAnswer]) -> str:
    """The page of all claims, in the language of the surrounding `speaking`."""
    lines = claim_lines(answers)
    lead = say(
        "What is said of customer journeys, put to markets that anyone can run and bend: {count}.",
        count=numbers.claims(len(lines)),
    )
    sections = [*guarded("table", _table, lines)]
    for answer in answers:
        sections += guarded(answer.study.name, _claim, answer)
    return render(Page(say("journeysim claims"), say("The table of claims"), lead, sections))


def write_claims(place: Path, answers: Sequence[ClaimedAnswer]) -> Path:
    """Write the page of all claims into the folder of their folders; returns its path.

    Raises as `sim.folders.put_file` does.
    """
    page = place / f"{CLAIMS}.html"
    put_file(page, claims_page(answers))
    return page


def _table(lines: Sequence[ClaimLine]) -> Section:
    columns = [
        TableColumn(head, words=True)
        for head in (say("Claim"), say("Verdict"), say("Found, with 95% CI"), say("Market"))
    ]
    rows: list[list[numbers.Cell]] = [
        [line.title, line.verdict, line.by, line.market] for line in lines
    ]
    caption = say("Every claim with its verdict")
    return Section("table", say("All claims"), [table(caption, columns, rows)])


def _claim(answer: ClaimedAnswer) -> list[Section]:
    found = answer.claimed
    if found is None:
        return []
    called = figures_of(answer)
    own = f"{answer.study.name}-"
    drawings = claim_drawings(found, called, answer.scenario.currency, of=own)
    blocks: list[Block] = [
        Sentence(verdict_name(found.verdict), own_words(found.claim, "says")),
        say("Source: {source}", source=own_words(found.claim, "source")),
    ]
    blocks += [Figures([drawing]) for drawing in drawings]
    blocks += [own_words(found.claim.found, "why")] if found.as_found else []
    study = answer.study
    title = own_words(study, "title") or numbers.name(study.name)
    return [Section(study.name, title, blocks)]
