"""The lessons: all of them in both languages, and what they quote is what was found."""

import json
import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from sim import cli
from sim.questions.studies import claim_names, load_question
from sim.scenario.levers import with_settings
from sim.scenario.library import library_names
from sim.scenario.load import load_scenario, read_text
from tools.documentation import blocks, prose

ROOT = Path(__file__).parent.parent
LESSONS = runpy.run_path(str(ROOT / "docs" / "lessons.py"))
FOLDER = ROOT / "docs" / "lessons"
SHEETS: Mapping[Path, str] = LESSONS["sheets"]()
README = FOLDER / "README.md"
PAGES = [README, *SHEETS]
CLAIMS = ROOT / "docs" / "claims.json"
NAMES = claim_names()

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"`((?:journeysim|make) [^`\n]+)`")
STUDY = re.compile(r"experiments/(\w+)\.yaml")

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
by_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    """What a page says."""
    return page.read_text(encoding="utf-8")


def test_there_are_twelve_lessons_for_pupils_and_teachers_in_both_languages() -> None:
    assert len(SHEETS) == 12 * 2 * 2
    assert sorted(FOLDER.rglob("*.md")) == sorted(PAGES)


@by_sheet
def test_a_sheet_begins_with_its_title_and_the_course_leads_to_it(sheet: Path) -> None:
    assert re.match(r"# \S.*\n\n", text_of(sheet))
    assert f"({sheet.relative_to(FOLDER).as_posix()})" in text_of(README)


# What was found.


@by_sheet
def test_a_mark_names_a_claim_and_a_figure_of_it(sheet: Path) -> None:
    found = LESSONS["marks"](text_of(sheet))
    if "_pupil" not in sheet.name and "_elev" not in sheet.name:
        assert found  # a teacher is told what comes out
    unknown = [
        f"{mark.claim}.{mark.figure}"
        for mark in found
        if mark.claim not in NAMES
        or mark.figure not in {*LESSONS["units"](mark.claim), LESSONS["VERDICT"]}
    ]
    assert unknown == []


@by_sheet
def test_what_stands_between_the_marks_is_what_was_found(sheet: Path) -> None:
    """If not: `python docs/lessons.py`."""
    text, claims = text_of(sheet), json.loads(text_of(CLAIMS))
    assert LESSONS["filled"](text, SHEETS[sheet], claims) == text
    assert [mark for mark in LESSONS["marks"](text) if "?" in mark.text or not mark.text] == []


def test_the_other_pages_quote_nothing() -> None:
    assert LESSONS["marks"](text_of(README)) == []


# How it is written, with claims that are made up.

MADE_UP = {
    "umbrella": {
        "currency": "DKK",
        "verdict": "does_not_hold",
        "figures": {
            "cost_umbrellas": [32.0, 30.6, 33.45],
            "cost_counter": [1204.0, 1204.0, 1204.0],
            "satisfied_umbrellas": None,
            "minutes_umbrellas": [0.125, -0.025, 0.275],
        },
    },
    "funnel_vs_loop": {
        "currency": "DKK",
        "verdict": "holds",
        "figures": {"regret": [2e6, 1e6, 3e6]},
    },
}


@pytest.mark.parametrize(
    ("mark", "language", "said"),
    [
        ("umbrella.cost_umbrellas", "en", "DKK 32 (DKK 30.60 to 33.45)"),
        ("umbrella.cost_umbrellas", "da", "32 kr. (30,60–33,45 kr.)"),
        ("umbrella.cost_umbrellas value", "en", "DKK 32"),
        ("umbrella.cost_counter", "en", "DKK 1,200"),
        ("umbrella.satisfied_umbrellas", "en", "–"),
        ("umbrella.minutes_umbrellas value", "da", "12,5 %"),
        ("umbrella.verdict", "en", "does not hold"),
        ("umbrella.verdict", "da", "holder ikke"),
        ("funnel_vs_loop.regret", "en", "DKK 2.00m (DKK 1.00m to 3.00m)"),
        ("funnel_vs_loop.verdict", "da", "holder"),
    ],
)
def test_a_figure_is_written_in_the_language_of_the_lesson(
    mark: str, language: str, said: str
) -> None:
    before, after = f"It is <!-- claim {mark} -->", "<!-- end -->.\n"
    for stood in ("?", "", "DKK 1 (DKK 0\nto 2)"):
        text = LESSONS["filled"](f"{before}{stood}{after}", language, MADE_UP)
        assert text.replace("\u00a0", " ") == f"{before}{said}{after}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<!-- claim umbrellas.verdict -->?<!-- end -->", "no claim umbrellas"),
        ("<!-- claim search_and_price.verdict -->?<!-- end -->", "no claim search_and_price"),
        ("<!-- claim umbrella.cost_ponchos -->?<!-- end -->", "no figure cost_ponchos"),
        ("<!-- claim umbrella.verdict -->holds", "not closed"),
        ("<!-- claim umbrella.verdict alone -->holds<!-- end -->", "not closed"),
        ("<!--claim umbrella.verdict-->holds<!-- end -->", "not closed"),
    ],
)
def test_a_mark_that_cannot_be_filled_is_told(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        LESSONS["filled"](text, "en", MADE_UP)


# What a class types, and where the links lead.


def lines_to_type() -> Iterator[Any]:
    """Every line to type in every page; in a block an indented line goes on with the one before."""
    for page in PAGES:
        text = text_of(page) if page.exists() else ""
        typed = [*blocks(text, "bash"), *blocks(text, "text")]
        lines = [line for block in typed for line in re.sub(r"\n +", " ", block).splitlines()]
        lines = [line for line in lines if line.startswith(("journeysim ", "make ", "pip "))]
        lines += COMMAND.findall(prose(text))
        for line in sorted(set(lines)):
            yield pytest.param(page, line, id=f"{page.name}: {line}")


@pytest.mark.parametrize(("page", "line"), list(lines_to_type()))
def test_a_line_to_type_is_one_that_the_program_takes(page: Path, line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        makefile = text_of(ROOT / "Makefile")
        assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in words[1:])
        return
    if words[0] == "pip":
        assert words[1:] == ["install", "."]
        return
    assert words[0] == "journeysim"
    group: Any = typer.main.get_command(cli.app)
    given = group.commands[words[1]].make_context(words[1], words[2:]).params
    if words[1] == "experiment" and given["file"] is not None:
        study = str(given["file"])
        copied = study.endswith(".yaml") and STUDY.search(text_of(page))  # a pupil's own file
        assert study in NAMES or copied
    single = given.get("scenario")
    changes = list(given.get("settings") or ())
    for variant in given.get("variants") or ():
        changes += variant.partition(":")[2].split(",")
    for market in given.get("scenarios") or ([] if single is None else [single]):
        assert str(market) in library_names()
        with_settings(load_scenario(str(market)), changes)


def changes_to_make() -> Iterator[Any]:
    """Every block of a sheet that changes a pupil's copy of a study, and the study."""
    for sheet in SHEETS:
        text = text_of(sheet) if sheet.exists() else ""
        for number, block in enumerate(blocks(text, "yaml")):
            studies = STUDY.findall(text[: text.index(block)])
            yield pytest.param(studies[-1], block, id=f"{sheet.name}-{number}")


@pytest.mark.parametrize(("study", "block"), list(changes_to_make()))
def test_a_change_to_a_study_is_one_that_the_program_takes(
    study: str, block: str, tmp_path: Path
) -> None:
    text = read_text(ROOT / "experiments" / f"{study}.yaml")
    begins = block.partition(":")[0]  # the name of a field, indented as it is in the file
    line = re.compile(rf"^{re.escape(begins)}:.*\n", re.MULTILINE)
    if line.search(text):  # in place of the line that the file has
        text = line.sub(lambda found: block, text, count=1)
    elif begins.startswith(" "):  # among its settings
        text = text.replace("\nset:\n", f"\nset:\n{block}", 1)
    else:
        text = f"{text}\n{block}"
    file = tmp_path / "my_study.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_question(file).study != load_question(study).study


@by_page
def test_a_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(text_of(page))):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        place = page.parent / path if path else page
        assert place.exists(), target
        assert ROOT in place.resolve().parents
        if anchor:
            headings = re.findall(r"^#+ (.+)$", prose(text_of(place)), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
            assert anchor in slugs, target
