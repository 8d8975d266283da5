"""What names a run: everything that its figures depend on.

The name is a hash of the complete scenario, the seed in it included, and of the version of
the model: its sources, those of the measures, and the compiler. Two runs with the same name
have the same figures, so the second need not be done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sim.run import scenario_hash
from sim.scenario.schema import Scenario

LENGTH = 16  # hexadecimal digits: among a million runs two would share a name once in 30 million

# What stands between the engine's records and a figure, beside what the engine's own hash covers.
ALSO = ("recorder.py", "frames", "measures", "scenario")


@cache
def model_version() -> str:
    """Hash of all sources that a figure depends on, and of the compiler's versions."""
    from sim.engine import source_hash

    root = Path(__file__).parent.parent
    digest = hashlib.sha256(source_hash(root).encode())
    for part in ALSO:
        place = root / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            content = file.read_bytes()
            digest.update(f"\0{file.relative_to(root).as_posix()} {len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:LENGTH]


def run_name(scenario: Scenario, version: str) -> str:
    """The name of the run of a complete scenario by a version of the model."""
    return _hash(f"{scenario_hash(scenario)} {version}")


def name_of_values(what: str, values: Mapping[str, Any], seed: int) -> str:
    """The name of an evaluation of something that is no scenario, such as a test function."""
    return _hash(json.dumps([what, dict(values), seed], ensure_ascii=False))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
