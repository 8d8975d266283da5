"""Every mutant can be made, and who should notice it is there; `make mutants` tries them."""

import ast
from pathlib import Path

import pytest

from benchmarks.mutants import BEGIN, END, NOBODY, PAGE, Found, NotThere, changed, main, table
from benchmarks.mutations import MUTANTS, Mutant
from benchmarks.noticing import VERIFY
from sim.theory import CASES

ROOT = Path(__file__).parent.parent
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
SECTIONS = {line.lstrip("# ") for line in MODEL.splitlines() if line.startswith("#")}
HERE = MUTANTS[0]


def test_no_two_mutants_have_a_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_made(mutant: Mutant) -> None:
    """Its text stands once, and the other is another, and a program."""
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    other = changed(mutant, text)
    assert ast.dump(ast.parse(other)) != ast.dump(ast.parse(text))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_its_rule_is_one_of_the_model_page(mutant: Mutant) -> None:
    assert mutant.section in SECTIONS
    assert f"{mutant.rule}" in MODEL


def test_who_should_notice_is_there() -> None:
    for name in {name for mutant in MUTANTS for name in mutant.noticed_by}:
        if name.startswith(VERIFY):
            assert CASES[name.removeprefix(VERIFY)].small is not None
            continue
        file, function = name.split("[")[0].split("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_a_text_that_is_not_there_once_is_refused() -> None:
    for text in ("nothing of it", HERE.old * 2):
        with pytest.raises(NotThere, match="not once"):
            changed(HERE, text)


def test_a_word_that_no_mutant_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no such mutant"]) == 2
    assert capsys.readouterr().err == "no mutant has 'no such mutant' in its name\n"


def test_the_page_tells_of_every_mutant() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert [mutant.name for mutant in MUTANTS if f"\n| {mutant.name} | " not in page] == []
    assert NOBODY not in page
    assert f"\n{len(MUTANTS)} of {len(MUTANTS)} mutants were noticed.\n" in page


def test_rows_of_mutants_not_tried_stay() -> None:
    page = PAGE.read_text(encoding="utf-8")
    first, second = MUTANTS[:2]
    told = table([Found(first, None, 7.0, {"tests/a": "silent"})], page)
    assert f"| {first.name} | " in told
    assert f"`{NOBODY}: tests/a silent` | 7 |" in told
    assert f"\n| {second.name} | " in told
    assert f"{len(MUTANTS) - 1} of {len(MUTANTS)} mutants were noticed." in told
