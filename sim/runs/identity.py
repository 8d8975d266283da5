"""What names a run: everything that its figures depend on.

The name is a hash of the complete scenario, the seed in it included, and of the version of
the model: its sources, those of the measures, and the compiler. Two runs with the same name
have the same figures, so the second need not be done.

A run that measures the best split of a budget depends on more: on the sources of the search, and
on what is asked of it. Its name has both in it, and is no other run's.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sim.compile_cache import ROOT
from sim.runs.run import scenario_hash
from sim.scenario.schema import Scenario

QUESTIONS = ("sim.questions.", "sim.runs.")
LENGTH = 16  # hexadecimal digits: among a million runs two would share a name once in 30 million

# What stands between the engine's records and a figure, beside what the engine's own hash covers.
ALSO = ("records", "measures", "scenario")


@cache
def model_version() -> str:
    """Hash of all sources that a figure depends on, and of the compiler's versions."""
    from sim.engine import source_hash

    files: list[Path] = []
    for part in ALSO:
        place = ROOT / part
        files += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return _hash_of_files(source_hash(ROOT), files)


@cache
def search_version() -> str:
    """Hash of all that `model_version` covers, and of the search for the best split."""
    return _hash_of_files(model_version(), modules_behind("sim.questions.budget.best_split"))


def modules_behind(name: str) -> list[Path]:
    """The files of `sim.questions` and `sim.runs` that a module imports, step by step, and its own.

    Read off the import statements, so that no list can be out of date.
    """
    found: set[str] = set()
    todo = [name]
    while todo:
        module = todo.pop()
        if module in found:
            continue
        found.add(module)
        tree = ast.parse(_file_of(module).read_bytes())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(QUESTIONS):
                todo.append(node.module or "")
    return [_file_of(module) for module in sorted(found)]


def _file_of(module: str) -> Path:
    place = ROOT.parent / module.replace(".", "/")
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def run_name(scenario: Scenario, version: str, asked: str = "") -> str:
    """The name of the run of a complete scenario by a version of the model.

    `asked`: what is asked of the run beside its summary, as one text.
    """
    return _hash(f"{scenario_hash(scenario)} {version}{asked}")


def name_of_values(what: str, values: Mapping[str, Any], seed: int) -> str:
    """The name of an evaluation of something that is no scenario, such as a test function."""
    return _hash(json.dumps([what, dict(values), seed], ensure_ascii=False))


def _hash_of_files(text: str, files: Sequence[Path]) -> str:
    digest = hashlib.sha256(text.encode())
    for file in files:
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(ROOT).as_posix()} {len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:LENGTH]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
