"""What is kept of a finished run comes back as it was, is named by all it depends on, and is all
that stays in memory."""

import zlib
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import ref

import pytest

import sim.engine.day
from sim.errors import JourneysimError
from sim.measures.figure import Undefined
from sim.questions.budget.plans import divide
from sim.questions.budget.trials import TrialResult, keep_of
from sim.questions.compare.compare import SUMMARY
from sim.runs.run import run
from sim.runs.store import (
    Keep,
    MadeElsewhere,
    Store,
    asked_for,
    pack_json,
    unpack_json,
    version,
)
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from worlds.commands import TOWN, TRUE


def test_what_is_kept_of_a_plan_comes_back_to_the_bit() -> None:
    keep: Keep[TrialResult] = keep_of(divide(TOWN))
    result = keep.of(run(TOWN))
    again = keep.unpack(keep.pack(result))
    assert list(again.own) == list(result.own)
    for name, own in result.own.items():
        assert again.own[name].dtype == own.dtype
        assert again.own[name].tobytes() == own.tobytes()
    assert again.own["margin"].any()
    assert list(again.spent.items()) == list(result.spent.items())
    assert again.profit_by_month.tobytes() == result.profit_by_month.tobytes()
    assert again[1:5] == result[1:5]
    assert all(type(a) is type(b) for a, b in zip(again[1:5], result[1:5], strict=True))


def test_a_summary_comes_back_equal_with_its_reasons() -> None:
    summary = SUMMARY.of(run(TOWN))
    again = SUMMARY.unpack(SUMMARY.pack(summary))
    assert again == summary
    assert repr(again) == repr(summary)  # integers stay integers, and the order is the same
    reasons = [value for value in summary["undefined"].values() if value.values]
    assert reasons
    for key, reason in summary["undefined"].items():
        found = again["undefined"][key]
        assert type(found) is Undefined
        assert (found.template, dict(found.values)) == (reason.template, dict(reason.values))


def test_json_keeps_every_digit_and_refuses_what_is_no_number() -> None:
    inner = Undefined("{count} months", count=3)
    kept = {"a": [0.1 + 0.2, 5e-324, -0.0, 2**63, True, None], "b": Undefined("in {m}", m=inner)}
    again = unpack_json(pack_json(kept))
    assert repr(again) == repr(kept)
    assert type(again["b"].values["m"]) is Undefined
    with pytest.raises(ValueError, match="NaN is no figure"):
        pack_json({"a": float("nan")})
    with pytest.raises(ValueError, match="would not come back"):
        pack_json({"a": float("inf")})


def test_the_identity_sees_all_that_is_asked() -> None:
    asked = asked_for("compare", [TOWN, TRUE], ["a", "b"], {"replicates": 3})
    assert asked == asked_for("compare", [TOWN, TRUE], ["a", "b"], {"replicates": 3})
    others = [
        asked_for("optimise", [TOWN, TRUE], ["a", "b"], {"replicates": 3}),
        asked_for("compare", [TRUE, TOWN], ["a", "b"], {"replicates": 3}),
        asked_for("compare", [TOWN, TRUE], ["a", "c"], {"replicates": 3}),
        asked_for("compare", [TOWN, TRUE], ["a", "b"], {"replicates": 4}),
    ]
    assert len({asked.identity, *(one.identity for one in others)}) == 5


def test_two_keeps_of_one_run_are_two_files(tmp_path: Path) -> None:
    store = Store(tmp_path / "some")
    by_touchpoint, by_purpose = (keep_of(divide(TOWN, by)) for by in ("touchpoint", "purpose"))
    one = store.alone(TOWN, by_touchpoint)
    other = store.alone(TOWN, by_purpose)
    assert set(one.spent) != set(other.spent)
    assert store.count == 2
    assert store.alone(TOWN, by_touchpoint).spent == one.spent


@pytest.mark.parametrize("threads", [1, 2])
def test_no_more_records_in_memory_than_threads(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, lock = sim.engine.day.run_fast, Lock()
    seen: list[Any] = []
    alive: list[int] = []

    def run_fast(scenario: Scenario, **options: Any) -> Any:
        records = engine(scenario, **options)
        with lock:
            seen.append(ref(records))
            alive.append(sum(one() is not None for one in seen))
        return records

    monkeypatch.setattr(sim.engine.day, "run_fast", run_fast)
    markets = [with_settings(TOWN, overrides={"seed": seed}) for seed in (1, 2, 3, 4, 2, 5)]
    found = list(Store(tmp_path / "some", threads).results(markets, SUMMARY))
    assert [one["seed"] for one in found] == [1, 2, 3, 4, 2, 5]
    assert found[1] == found[4]
    assert len(alive) == 5  # what is asked for twice is run once
    assert max(alive) <= threads


def test_a_worker_elsewhere_with_other_sources_is_refused() -> None:
    """Nothing of it may come among the runs that are kept."""
    job = 0, zlib.compress(TOWN.model_dump_json().encode())
    assert SUMMARY.unpack(MadeElsewhere(SUMMARY, version())(job))["agents"] == TOWN.agents
    with pytest.raises(JourneysimError, match="another version of journeysim"):
        MadeElsewhere(SUMMARY, "another")(job)
