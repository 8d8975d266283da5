"""The compiled code's cache never outlives the sources that it was made of."""

import ast
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim.engine
from sim.engine import SOURCES, cache_folder, source_files, source_hash

ROOT = Path(sim.engine.__file__).parent.parent  # of the package
COMPILES = {"rule", "kernel", "part"}  # the decorators of sim.compiled

# A kernel as small as can be, beside the real ones: it compiles in a second.
PROBE = """
from sim.compiled import kernel
from sim.model.movement import advance_chance


@kernel
def probe(pace, logit):
    return advance_chance(pace, logit)
"""
ASK = "from sim.engine.probe import probe; print(probe(0.5, 0.0), len(probe.stats.cache_hits))"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may change."""
    return Path(
        shutil.copytree(ROOT, tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    )


def module_name(file: Path) -> str:
    """`sim.model.reach` for .../sim/model/reach.py."""
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> list[tuple[str, str]]:
    """(module, name) of all that a file imports from the package."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return [
        (node.module, alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim.")
        for alias in node.names
        if node.module is not None
    ]


def test_hash_changes_with_a_byte_of_any_source(copy: Path) -> None:
    hashes = {source_hash(copy)}
    files = list(source_files(copy))
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content + b"#")
        hashes.add(source_hash(copy))
        file.write_bytes(content)
    assert len(hashes) == 1 + len(files)
    assert source_hash(copy) in hashes


def test_hash_changes_with_the_name_of_a_source(copy: Path) -> None:
    before = source_hash(copy)
    (copy / "model" / "need.py").rename(copy / "model" / "needs.py")
    assert source_hash(copy) != before


def test_hash_keeps_when_no_kernel_is_touched(copy: Path) -> None:
    before = source_hash(copy)
    (copy / "cli.py").write_text("")
    assert source_hash(copy) == before


def test_a_missing_source_is_an_error(copy: Path) -> None:
    (copy / "draws.py").unlink()
    with pytest.raises(FileNotFoundError):
        source_hash(copy)


def test_sources_hold_everything_that_is_compiled() -> None:
    """Whatever is compiled, and each number that it takes from elsewhere, is in the hash."""
    sources = set(source_files(ROOT))
    known = {module_name(file) for file in sources}
    assert {"sim.draws", "sim.model.market", "sim.engine.day", "sim.scenario.arrays"} <= known
    for file in ROOT.rglob("*.py"):
        if any(module == "sim.compiled" and name in COMPILES for module, name in imports(file)):
            assert file in sources, f"{file} is compiled but not among {SOURCES}"
    numbers = 0
    for file in sources:
        for module, name in imports(file):
            value = getattr(importlib.import_module(module), name)
            if isinstance(value, int | float | np.generic | np.ndarray | np.dtype):
                numbers += 1
                # the module that a re-export comes from is among these too
                assert module in known, f"{module_name(file)} takes {name} from {module}"
    assert numbers > 50


def test_changed_rule_is_compiled_anew(copy: Path, tmp_path: Path) -> None:
    """The trap itself: the kernel's own file stays, a rule in another file changes."""
    (copy / "engine" / "probe.py").write_text(PROBE)
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JOURNEYSIM_CACHE": str(tmp_path / "cache"),
    }

    def answer() -> tuple[float, int]:
        """What the probe says, and how often it was found in the cache."""
        command = [sys.executable, "-c", ASK]
        run = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        chance, hits = run.stdout.split()
        return float(chance), int(hits)

    assert answer() == (0.25, 0)  # 0.5 x sigmoid(0), compiled
    assert answer() == (0.25, 1)  # the same, from the cache
    rule = copy / "model" / "movement.py"
    text = rule.read_text()
    changed = text.replace("    return pace * sigmoid(logit)\n", "    return 0.0 * logit\n")
    assert changed != text
    rule.write_text(changed)
    assert answer() == (0.0, 0)
    rule.write_text(text)
    assert answer() == (0.25, 1)


def test_cache_is_named_by_the_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JOURNEYSIM_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "journeysim" / source_hash(ROOT)
