"""Formulas of figures: arithmetic over keys of the summaries of several variants.

`umbrellas:economics.profit - today:economics.profit` is a formula: numbers, `+ - * / ( )`, and for
a figure of a variant its name, a colon and the key of a run's summary.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sim.measures.replicates import figure_at

REFERENCE = re.compile(r"([a-z][a-z0-9_]*):([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)")
STAND_IN = "_{place}"
OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FORM = "numbers, + - * / ( ), and figures as variant:key"
DEEPEST = 50  # brackets within brackets


class Reference(NamedTuple):
    """A figure of a variant: the variant's name, and the key in its summary."""

    variant: str
    key: str


class Formula(NamedTuple):
    """A formula that was read: its tree, and the figures that it needs."""

    tree: ast.expr
    references: Sequence[Reference]

    def value(self, summaries: Mapping[str, Mapping[str, Any]]) -> float | None:
        """What it comes to, by the summaries of a seed, by variant.

        None if a figure does not exist, or something is divided by 0.
        """
        given = [figure_at(summaries[one.variant], one.key) for one in self.references]
        values = [value for value in given if value is not None]
        if len(values) < len(given):
            return None
        try:
            return _evaluate(self.tree, values)
        except (ZeroDivisionError, OverflowError):
            return None


def read_formula(text: str) -> Formula | None:
    """The formula that a text is; None if it is none."""
    references: list[Reference] = []

    def stand_in(found: re.Match[str]) -> str:
        references.append(Reference(*found.groups()))
        return STAND_IN.format(place=len(references) - 1)

    plain = REFERENCE.sub(stand_in, text)
    if ":" in plain or len(text) > 4000 or _depth(plain) > DEEPEST:
        return None
    try:
        tree = ast.parse(f"({plain})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Formula(tree, references) if _is_arithmetic(tree, len(references)) else None


def _depth(text: str) -> int:
    deepest = depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    return deepest


def _place(name: str, references: int) -> int | None:
    digits = name.removeprefix("_")
    if name == digits or not digits.isdecimal() or int(digits) >= references:
        return None
    return int(digits)


def _is_arithmetic(tree: ast.expr, references: int) -> bool:
    if isinstance(tree, ast.BinOp):
        both = (tree.left, tree.right)
        return type(tree.op) in OPERATIONS and all(_is_arithmetic(one, references) for one in both)
    if isinstance(tree, ast.UnaryOp):
        return isinstance(tree.op, ast.USub) and _is_arithmetic(tree.operand, references)
    if isinstance(tree, ast.Name):
        return _place(tree.id, references) is not None
    return isinstance(tree, ast.Constant) and type(tree.value) in (int, float)


def _evaluate(tree: ast.expr, values: Sequence[float]) -> float:
    if isinstance(tree, ast.BinOp):
        left, right = (_evaluate(one, values) for one in (tree.left, tree.right))
        return OPERATIONS[type(tree.op)](left, right)
    if isinstance(tree, ast.UnaryOp):
        return -_evaluate(tree.operand, values)
    if isinstance(tree, ast.Name):
        place = _place(tree.id, len(values))
        assert place is not None  # the formula was read
        return values[place]
    assert isinstance(tree, ast.Constant)
    assert isinstance(tree.value, int | float)
    return float(tree.value)
