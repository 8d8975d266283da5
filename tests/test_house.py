"""Rules of the house that no checker of names, types or layers knows.

No function takes more than seven arguments, and none more than three by position: a call that
says what its values are can be read without the function. Compiled code is let off (numba takes no
records that own memory, and inlines), and so are the commands, whose arguments are options.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

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
