"""Rules of the house that no checker of names, types or layers knows.

No function takes more than seven arguments, and none more than three by position: a call that
says what its values are can be read without the function. Compiled code is let off (numba takes no
records that own memory, and inlines), and so are the commands, whose arguments are options.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST, MOST_BY_POSITION = 7, 3
COMPILED = {"rule", "kernel", "part"}  # of `sim.compiled`
COMMANDS = {"sim/cli/files.py", "sim/cli/runs.py", "sim/cli/studies.py"}

# How numba calls what writes machine code by hand, and Python what shows a warning.
CALLED_BY_OTHERS = {
    ("sim/compiled.py", "generate"),
    ("sim/engine/prefetch.py", "make_hint"),
    ("sim/engine/prefetch.py", "generate"),
    ("sim/cli/__init__.py", "tell"),
    ("sim/bundles.py", "_load"),  # numba says how
}


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the program, with its file."""
    for file in sorted((ROOT / "sim").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield file.relative_to(ROOT).as_posix(), node


def is_let_off(file: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether somebody else decides how the function is called."""
    marks = {mark.id for mark in function.decorator_list if isinstance(mark, ast.Name)}
    return bool(marks & COMPILED) or file in COMMANDS or (file, function.name) in CALLED_BY_OTHERS


def breaks_the_rule(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function takes too many arguments, or too many by position."""
    by_position = [*function.args.posonlyargs, *function.args.args]
    if by_position and by_position[0].arg in ("self", "cls"):
        by_position = by_position[1:]
    count = len(by_position) + len(function.args.kwonlyargs)
    return count > MOST or len(by_position) > MOST_BY_POSITION


BROKEN = [
    (file, function.name)
    for file, function in functions()
    if breaks_the_rule(function) and not is_let_off(file, function)
]


# Two classes of one name, and why that stays.
NAMED_TWICE = {
    "Draw": "what a draw decides, and a drawing in the JSON Schema of study files",
}


def test_no_class_is_named_as_another() -> None:
    names = Counter(
        node.name
        for file in (ROOT / "sim").rglob("*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, count in names.items() if count > 1} == set(NAMED_TWICE)


def test_no_function_takes_many_arguments() -> None:
    assert [f"{file}: {name}" for file, name in BROKEN] == []


def test_the_rule_is_the_rule() -> None:
    def of(text: str) -> ast.FunctionDef:
        found = ast.parse(text).body[0]
        assert isinstance(found, ast.FunctionDef)
        return found

    assert not breaks_the_rule(of("def f(self, a, b, c, *, d, e, f, g): ..."))
    assert breaks_the_rule(of("def f(a, b, c, d): ..."))
    assert breaks_the_rule(of("def f(a, *, b, c, d, e, f, g, h): ..."))
    assert is_let_off("sim/model/any.py", of("@rule\ndef f(a, b, c, d): ..."))
    assert not is_let_off("sim/model/any.py", of("def f(a, b, c, d): ..."))


# What tests share: `tests/worlds/` and `tests/tools/`, with the programs beside them.

TESTS = ROOT / "tests"
PACKAGES = ("worlds", "tools")
BESIDE = {
    *("browser", "coverage_of_intervals", "proof", "same_everywhere", "verdicts_on_fresh_seeds"),
}
ROW = re.compile(r"^    (\w+) {2,}\S", re.MULTILINE)  # of a table: other lines are indented more


def said(package: str) -> list[str]:
    """The modules that the table of a package names."""
    text = (TESTS / package / "__init__.py").read_text(encoding="utf-8")
    return ROW.findall(ast.get_docstring(ast.parse(text), clean=False) or "")


def imported(file: Path) -> set[str]:
    """The modules that a file imports, as it calls them; of a package, its modules too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_that_tests_share_is_said_what_it_is(package: str) -> None:
    modules = {file.stem for file in (TESTS / package).glob("*.py")} - {"__init__"}
    beside = BESIDE if package == "tools" else set()
    assert sorted(said(package)) == sorted(modules | beside)


def test_every_module_that_tests_share_is_used_by_a_test_or_a_program() -> None:
    files = {f"{p}.{file.stem}": file for p in PACKAGES for file in (TESTS / p).glob("*.py")}
    files = {name: file for name, file in files.items() if file.stem != "__init__"}
    used: set[str] = set()
    new = {name for file in TESTS.glob("*.py") for name in imported(file)}
    while new := (new & files.keys()) - used:
        used |= new
        new = {inner for name in new for inner in imported(files[name])}
    assert files.keys() - used == set()


def test_what_stands_beside_the_tests_is_a_program_and_no_test_imports_another() -> None:
    tests = {file.stem for file in TESTS.glob("test_*.py")}
    others = {file.stem for file in TESTS.glob("*.py")} - tests
    assert others == BESIDE | {"conftest"}
    borrowed = {name: imported(TESTS / f"{name}.py") & tests for name in tests | others}
    assert {name: names for name, names in borrowed.items() if names} == {}
