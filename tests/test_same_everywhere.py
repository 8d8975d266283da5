"""The same scenario and seed give the same bits on every processor.

A C library, numpy and scipy choose their elementary functions by processor; none of theirs may
decide a run, a record or a figure. One test reads the sources, the other takes a small market to
a lesser processor: this one, with instructions hidden that those libraries ask for.
"""

import ast
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from same_everywhere import LIBRARY

ROOT = Path(__file__).parent.parent
ROOMS = ("model", "engine", "reference", "scenario", "records", "measures")

# Of `math` and numpy: exact by IEEE 754, or made by Python itself of what is.
EXACT = {
    "ceil", "comb", "copysign", "fabs", "factorial", "floor", "frexp", "fsum", "gcd", "inf",
    "isclose", "isfinite", "isinf", "isnan", "isqrt", "ldexp", "modf", "nan", "nextafter", "prod",
    "sqrt", "trunc", "ulp",
}  # fmt: skip
INEXACT = {
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cbrt", "cos", "cosh",
    "corrcoef", "cov", "dot", "einsum", "exp", "exp2", "expm1", "float_power", "geomspace", "hypot",
    "inner", "linalg", "log", "log10", "log1p", "log2", "logaddexp", "logspace", "matmul",
    "polyfit", "pow", "power", "random", "sin", "sinc", "sinh", "tan", "tanh", "tensordot", "vdot",
}  # fmt: skip

# (file, what): why it may stay.
EXCEPTIONS = {
    ("records/steps.py", "math.hypot"): "Python's own, of exact steps (since 3.10)",
    ("measures/intervals.py", "math.hypot"): "Python's own, of exact steps (since 3.10)",
    ("measures/credit.py", "scipy"): "Spearman's, of ranks: sums of halves are exact",
    ("measures/value.py", "scipy"): "a search by + - * / and roots: minimize_scalar, bounded",
    ("measures/attribution/markov.py", "scipy"): "linear algebra; docs/engines.md says so",
    ("measures/attribution/markov.py", "numpy.linalg"): "linear algebra; docs/engines.md says so",
    ("measures/attribution/markov.py", "@"): "linear algebra; docs/engines.md says so",
    ("measures/journeys.py", "@"): "linear algebra of a handful of phases; docs/engines.md says so",
    ("measures/journeys.py", "**"): "squares",
    ("measures/attribution/shapley.py", "**"): "2 to a whole number: exact",
}


def findings(tree: ast.AST) -> Iterator[str]:
    """What a module uses that may depend on the processor, by the name that EXCEPTIONS gives it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "math" and node.attr not in EXACT:
                yield f"math.{node.attr}"
            if node.value.id in ("np", "numpy") and node.attr in INEXACT:
                yield f"numpy.{node.attr}"
        elif isinstance(node, ast.Import):
            yield from ("scipy" for name in node.names if name.name.startswith("scipy"))
            yield from ("import as" for name in node.names if name.name == "math" and name.asname)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module.startswith("scipy"):
                yield "scipy"
            if module in ("math", "numpy"):
                yield from (
                    f"{module}.{name.name}" for name in node.names if name.name not in EXACT
                )
        elif isinstance(node, ast.BinOp | ast.AugAssign):
            if isinstance(node.op, ast.MatMult):
                yield "@"
            if isinstance(node.op, ast.Pow) and not _is_constant(node):
                yield "**"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "pow":
                yield "pow"


def _is_constant(node: ast.BinOp | ast.AugAssign) -> bool:
    """Whether it is a power of 2, or of whole numbers, and written in numbers."""
    if isinstance(node, ast.AugAssign):
        return False
    base, exponent = node.left, node.right
    if isinstance(exponent, ast.UnaryOp):
        exponent = exponent.operand
    if not isinstance(base, ast.Constant):
        return False
    if isinstance(exponent, ast.Name):
        return base.value in (2, 2.0) and exponent.id.isupper()
    both_whole = isinstance(base.value, int) and isinstance(exponent, ast.Constant)
    return isinstance(exponent, ast.Constant) and (base.value in (2, 2.0) or both_whole)


def test_no_function_of_a_library_decides_a_run() -> None:
    found = {
        (file.relative_to(ROOT / "sim").as_posix(), name)
        for room in ROOMS
        for file in sorted((ROOT / "sim" / room).rglob("*.py"))
        for name in findings(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert found == set(EXCEPTIONS)


def test_the_ground_has_none() -> None:
    for name in ("elementary.py", "distributions.py", "draws.py", "compiled.py"):
        tree = ast.parse((ROOT / "sim" / name).read_text(encoding="utf-8"))
        assert list(findings(tree)) == [], name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("math.exp(1.0)", "math.exp"),
        ("np.log(x)", "numpy.log"),
        ("from math import exp, sqrt", "math.exp"),
        ("from scipy import special", "scipy"),
        ("import scipy.stats", "scipy"),
        ("x ** 2", "**"),
        ("x **= 0.5", "**"),
        ("a @ b", "@"),
        ("pow(x, 2)", "pow"),
    ],
)
def test_the_rule_sees(text: str, name: str) -> None:
    assert list(findings(ast.parse(text))) == [name]


def test_the_rule_lets_be() -> None:
    assert list(findings(ast.parse("math.sqrt(np.sqrt(2.0**-22)) + math.floor(x)"))) == []


# --- a lesser processor ---


def features_of_numpy() -> str:
    """What numpy asks the processor for, of what it was built to ask."""
    from numpy._core import _multiarray_umath as built

    known = getattr(built, "__cpu_features__", {})
    return " ".join(name for name in getattr(built, "__cpu_dispatch__", []) if known.get(name))


@cache
def hashes(lesser: bool) -> dict[str, str]:
    hidden = {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX2_Usable,-FMA_Usable",
        "NPY_DISABLE_CPU_FEATURES": features_of_numpy(),
        "OPENBLAS_CORETYPE": "Nehalem",
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("same_everywhere.py"))],
        env=os.environ | (hidden if lesser else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or platform.machine() != "x86_64",
    reason="only glibc on x86-64 can be told to choose as on another processor",
)
def test_a_lesser_processor_finds_the_same() -> None:
    here, there = hashes(False), hashes(True)
    if here.pop(LIBRARY) == there.pop(LIBRARY):
        pytest.skip("this processor has none of the instructions that would be hidden")
    assert here == there
