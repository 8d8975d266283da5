"""Both READMEs say the same; they and the pages tell of claims what the study files say."""

import re
from collections import Counter
from pathlib import Path

import pytest

from sim.measures.asked import IN_SEGMENTS, IN_TRIALS
from sim.measures.catalogue import Unit
from sim.pages.claim_page import short_verdict
from sim.pages.words.language import speaking
from sim.questions.budget.question import SplitQuestion
from sim.questions.budget.split_study import FIGURES
from sim.questions.claims.claim import Claim, FoundVerdict, Verdict
from sim.questions.claims.claim_file import ClaimFigure, ClaimVariant, load_claim
from sim.questions.claims.question import KEYS, ClaimQuestion
from sim.questions.studies import claim_names, load_question
from sim.scenario.library import library_names
from tools.documentation import blocks, code, prose, tables

ROOT = Path(__file__).parent.parent
ENGLISH, DANISH = "README.md", "README.da.md"
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in (ENGLISH, DANISH)}
LANGUAGES = [(ENGLISH, "en"), (DANISH, "da")]
HEADS = {
    "en": ("claim", "study", "market", "verdict"),
    "da": ("påstand", "undersøgelse", "marked", "afgørelse"),
}
MARKETS = {"en": "what it shows", "da": "hvad det viser"}
# Pages that are in Danish as well, and the two READMEs, which lead to each other.
TRANSLATED = {
    "docs/how_to_read_the_report.md": "docs/saadan_laeses_rapporten.md",
    "docs/glossary.md": "docs/glossary_da.md",
    ENGLISH: DANISH,
}
IN_ENGLISH = {danish: english for english, danish in TRANSLATED.items()}
LINK = re.compile(r"\]\(([^)\s]+)\)")
STUDIES = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
OPTIMISE = (ROOT / "docs" / "optimise.md").read_text(encoding="utf-8")


def anchor(title: str) -> str:
    """Of a claim in the table of claims, as it is made on GitHub."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def markets_of(question: ClaimQuestion | SplitQuestion) -> list[str]:
    """The markets that a claim is about, by their names in the library."""
    study = question.study
    if isinstance(question, ClaimQuestion):
        others = [one.scenario for one in question.study.variants.values()]
    else:
        others = [question.study.believed]
    return [one for one in dict.fromkeys([study.scenario, *others]) if one]


@pytest.fixture(scope="module")
def questions() -> dict[str, ClaimQuestion | SplitQuestion]:
    """The library's claims by name."""
    return {name: load_question(name) for name in claim_names()}


@pytest.mark.parametrize(("page", "language"), LANGUAGES)
def test_the_table_names_every_claim_with_the_verdict_of_its_file(
    page: str, language: str, questions: dict[str, ClaimQuestion | SplitQuestion]
) -> None:
    claim, study, market, verdict = HEADS[language]
    rows = {code(row[study]): row for row in tables(TEXTS[page], claim)}
    assert sorted(rows) == list(questions)
    for name, row in rows.items():
        question = questions[name]
        made = question.study.claim
        assert made is not None
        with speaking(language):
            assert row[verdict].strip("*") == short_verdict(made.found.verdict), name
        assert re.findall(r"`(\w+)`", row[market]) == markets_of(question), name
        assert LINK.findall(row[claim]) == [f"docs/claims.md#{anchor(question.study.title)}"]


@pytest.mark.parametrize(("page", "language"), LANGUAGES)
def test_the_table_names_every_market_of_the_library(page: str, language: str) -> None:
    head = "marked" if language == "da" else "market"
    rows = [row for row in tables(TEXTS[page], head) if MARKETS[language] in row]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[head])]
    assert sorted(named) == sorted(library_names())


# Both READMEs.


def numbers(page: str, point: str, comma: str) -> Counter[str]:
    """The numbers in the prose, as they are written in a program."""
    text = re.sub(r"\]\([^)\s]+\)|`[^`\n]+`|Python [\d.]+", "", prose(TEXTS[page]))
    found = re.findall(r"\d+(?:[.,]\d+)*", text)
    return Counter(one.replace(comma, "").replace(point, ".") for one in found)


def test_both_have_the_same_numbers() -> None:
    english = numbers(ENGLISH, ".", ",")
    assert english == numbers(DANISH, ",", ".")
    assert english["1.1"] == 1


def test_both_have_the_same_commands() -> None:
    english, danish = TEXTS[ENGLISH], TEXTS[DANISH]
    assert blocks(english, "bash") == blocks(danish, "bash")
    typed = re.compile(r"`((?:journeysim|make|pip) [^`\n]+)`")
    assert Counter(typed.findall(english)) == Counter(typed.findall(danish))


def test_both_have_the_same_parts() -> None:
    english, danish = TEXTS[ENGLISH], TEXTS[DANISH]
    for part in (r"^#+ ", r"^\|", r"^- ", r"^!\[", r"^```\w*$"):
        found = [re.findall(part, text, re.MULTILINE) for text in (english, danish)]
        assert found[0] == found[1], part


def test_both_lead_to_the_same_pages() -> None:
    """And to the Danish one first where there is one."""
    english, danish = (LINK.findall(TEXTS[name]) for name in (ENGLISH, DANISH))
    assert Counter(IN_ENGLISH.get(one, one) for one in danish) == Counter(
        IN_ENGLISH.get(one, one) for one in english
    )
    assert danish[0] == ENGLISH
    assert english[0] == DANISH
    for one, other in list(TRANSLATED.items())[:2]:
        assert english.index(one) < english.index(other)
        assert danish.index(other) < danish.index(one)


# The pages about claims.


def test_the_example_of_a_claim_is_valid(tmp_path: Path) -> None:
    (example,) = [block for block in blocks(STUDIES, "yaml") if "kind: claim" in block]
    (tmp_path / "dear_price.yaml").write_text(example, encoding="utf-8")
    study, scenarios = load_claim(tmp_path / "dear_price.yaml")
    assert list(scenarios) == ["today", *study.variants]
    assert len(study.variants) == len(study.figures) == len(study.claim.expect) == 1


@pytest.mark.parametrize(
    ("head", "part"),
    [
        ("field of a variant", ClaimVariant),
        ("field of a figure", ClaimFigure),
        ("field of `claim`", Claim),
    ],
)
def test_the_page_of_studies_has_every_field(head: str, part: type[ClaimVariant]) -> None:
    named = [name for row in tables(STUDIES, head) for name in re.findall(r"`(\w+)`", row[head])]
    assert sorted(named) == sorted(part.model_fields)


def test_the_page_of_studies_has_every_word_and_key_of_a_claim() -> None:
    section = STUDIES.partition("\n## Claims\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([^`\n]+)`", section))
    words = [*Verdict, *filter(None, Unit), *FoundVerdict.model_fields]
    words += [key.rpartition(".*.")[2] for key in KEYS]
    words += ["trail.touches", "credit.MODEL.TOUCHPOINT"]
    assert [word for word in words if word not in named] == []
    for family, figures in [("segments.NAME", IN_SEGMENTS), ("trial.OFFER", IN_TRIALS)]:
        missing = [one for one in figures if not {f"{family}.{one}", f".{one}"} & named]
        assert missing == [], family


def test_the_page_of_budgets_has_every_figure_of_a_claim() -> None:
    named = {
        name: code(row["study"])
        for row in tables(OPTIMISE, "figure")
        for name in re.findall(r"`(\w+)`", row["figure"])
    }
    assert named == {name: str(kind) for kind, figures in FIGURES.items() for name in figures}
