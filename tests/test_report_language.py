"""Reports in two languages: every text has its translation, and nothing else has one."""

import ast
import importlib
import json
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po
from hand import by_hand, nothing_happened, run_of
from markets import MARKETS

from sim.cli import WRONG_INPUT, main
from sim.errors import InputError
from sim.measures.figure import Undefined, in_months
from sim.measures.replicates import combine
from sim.report import names, numbers
from sim.report.headlines import as_text
from sim.report.language import LANGUAGES, explain, language, say, say_number, speaking
from sim.report.pages import make_report
from sim.run import Run, run
from sim.scenario.changes import parameters
from sim.scenario.load import load_scenario

SIM = Path(__file__).parent.parent / "sim"
CATALOGUE = SIM / "report" / "languages" / "da.po"
# Which arguments of a call are texts: `ratio` takes a reason as its third.
TEXTS = {"say": (0,), "say_number": (0, 1), "Undefined": (0,), "ratio": (2,), "explain": (0,)}
INSIDE = {"sim/report/language.py", "sim/measures/figure.py"}  # where these are defined


def calls() -> Iterator[tuple[str, ast.Module, ast.expr]]:
    """File, module and expression of every argument that is a text of reports."""
    for file in sorted(SIM.rglob("*.py")):
        name = str(file.relative_to(SIM.parent))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for place in TEXTS.get(called, ()):
                if name in INSIDE and called != "Undefined":
                    continue
                if place < len(node.args):
                    yield name, tree, node.args[place]


def literals(file: str, expression: ast.expr) -> list[str] | None:
    """The texts that an expression may be, None if they cannot be read off the code.

    A name in capitals is a constant, any other name what the file gives it anywhere; an
    expression of two ways is both.
    """
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return [expression.value]
    if isinstance(expression, ast.IfExp):
        ways = [literals(file, way) for way in (expression.body, expression.orelse)]
        return None if None in ways else [text for way in ways for text in way or []]
    if isinstance(expression, ast.Name) and expression.id.isupper():
        value = getattr(module(file), expression.id)
        return [value.template if isinstance(value, Undefined) else value]
    if isinstance(expression, ast.Name):
        given = [literals(file, value) for value in assigned(file, expression.id)]
        return [text for texts in given for text in texts or []] or None
    return None


def assigned(file: str, name: str) -> list[ast.expr]:
    """What a file assigns to a name, other than names."""
    found = []
    for node in ast.walk(ast.parse((SIM.parent / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(ast.unparse(to) == name for to in node.targets):
            found.append(node.value)
    return [value for value in found if isinstance(value, ast.Constant | ast.IfExp)]


@cache
def module(file: str) -> ModuleType:
    return importlib.import_module(file.removesuffix(".py").replace("/", "."))


@cache
def spoken() -> dict[str, set[str]]:
    """Every text of reports, with the files that say it."""
    found: dict[str, set[str]] = {}
    for file, _, expression in calls():
        for text in literals(file, expression) or []:
            if text:
                found.setdefault(text, set()).add(file)
    for scenario in (load_scenario("webshop_loop"), by_hand()):
        for one in parameters(scenario):  # each field's description, in the list of assumptions
            if one.words:
                found.setdefault(one.words, set()).add("sim/scenario")
    return found


@cache
def catalogue() -> list[tuple[str, str]]:
    with CATALOGUE.open("rb") as file:
        found = read_po(file, locale="da")
    return [(str(m.id), str(m.string)) for m in found if m.id]


def fields(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_a_text_is_a_literal_wherever_it_is_said() -> None:
    hidden = [
        f"{file}:{expression.lineno}"
        for file, tree, expression in calls()
        if literals(file, expression) is None and not _is_passed_on(tree, expression)
    ]
    assert hidden == []


def _is_passed_on(tree: ast.Module, expression: ast.expr) -> bool:
    """Whether it is a reason made elsewhere: a variable, or a part of something."""
    return isinstance(expression, ast.Name | ast.Attribute | ast.Subscript | ast.Call)


@pytest.mark.parametrize("text", sorted(spoken()))
def test_every_text_has_its_translation_with_the_same_fields(text: str) -> None:
    found = [danish for english, danish in catalogue() if english == text]
    assert len(found) == 1
    assert found[0]
    assert set(fields(found[0])) == set(fields(text))


def test_nothing_else_is_in_the_catalogue_and_nothing_twice() -> None:
    ids = [english for english, _ in catalogue()]
    assert set(ids) - set(spoken()) == set()
    written = re.findall(r'^msgid ((?:".*"\n)+)', CATALOGUE.read_text("utf-8"), re.MULTILINE)
    every = ["".join(ast.literal_eval(line) for line in m.splitlines()) for m in written]
    assert [text for text, times in Counter(every).items() if times > 1] == []
