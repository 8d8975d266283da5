"""The integers that stand for words and columns follow from one list each."""

import subprocess
import sys

import pytest
from pydantic import BaseModel

from sim.draws import LOT_FRACTION, LOTS, Draw
from sim.model import columns, market, reach
from sim.scenario.schema import Choice, Effects, PhaseWeights, Start
from sim.vocabulary import (
    Audience,
    Control,
    PhaseKind,
    Starts,
    Tracking,
    Trigger,
    code_of,
)


@pytest.mark.parametrize("words", [PhaseKind, Starts, Trigger, Audience, Control, Tracking])
def test_codes_count_the_words(words: type[PhaseKind]) -> None:
    assert [code_of(word) for word in words] == list(range(len(words)))


def test_rules_use_the_same_codes() -> None:
    assert code_of(Starts.PUSH) == market.PUSH
    assert code_of(Starts.PULL) == market.PULL
    assert code_of(Starts.TRIGGERED) == market.TRIGGERED
    for word in Audience:
        if word != Audience.ALL:
            assert getattr(reach, word.name) == code_of(word)
    assert (LOTS, LOT_FRACTION) == (Draw.LOTS, Draw.LOT_FRACTION)


@pytest.mark.parametrize(
    ("prefix", "model"),
    [("CHOICE_", Choice), ("EFFECT_", Effects), ("READY_", PhaseWeights), ("START_", Start)],
)
def test_columns_follow_the_fields(prefix: str, model: type[BaseModel]) -> None:
    """Rows of these tables are a model's values in order; the constants must count along."""
    found = {name: value for name, value in vars(columns).items() if name.startswith(prefix)}
    numbers = [name for name, field in model.model_fields.items() if field.annotation is not bool]
    assert found == {prefix + name.upper(): k for k, name in enumerate(numbers)}


def test_schema_loads_without_compiler() -> None:
    """Checking a scenario file must not wait for numba or scipy."""
    command = "import sys, sim.scenario.schema; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert "pydantic" in loaded
    assert loaded.isdisjoint({"numba", "scipy", "mesa", "matplotlib"})
