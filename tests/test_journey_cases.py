"""The event log with one case a journey: from a need to the next one."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pm4py
import pytest

from sim.cli import main
from sim.errors import InputError
from sim.pages.folder import write_folder
from sim.records.recorder import Records
from sim.runs.exports import event_log, write_export
from sim.runs.run import Run, run
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode, PhaseKind
from worlds.by_hand import by_hand, nothing_happened, run_of
from worlds.markets import MARKETS

WORLDS = ["town", "club", "theatre"]  # the last with a past and turnover


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    """Runs of the markets."""
    return {name: run(MARKETS[name]) for name in WORLDS}


def log_of(market: Run) -> pd.DataFrame:
    """The log by journey, with the customer and the journey's number."""
    log = event_log(market, "journey")
    parts = log.case_id.str.extract(r"^(customer \d+) journey (\d+)$")
    return log.assign(customer=parts[0], number=parts[1].astype(int))


def happened(scenario: Scenario, *events: tuple[int, int, EventCode]) -> Records:
    """Records with these events: customer, day, what."""
    records = nothing_happened(scenario)
    rows = np.zeros(len(events), dtype=records.events.dtype)
    for row, (customer, day, event) in zip(rows, events, strict=True):
        row["customer"], row["day"], row["event"] = customer, day, event
    return replace(records, events=rows)


def test_journeys_by_hand() -> None:
    need, buy, talk, met = (
        EventCode.NEED,
        EventCode.PURCHASE,
        EventCode.TALK,
        EventCode.ENCOUNTER,
    )
    events = [(2, 0, met), (7, 0, need), (2, 3, need), (2, 3, buy), (2, 9, talk), (2, 20, need)]
    events += [(11, 20, talk)]
    found = event_log(run_of(happened(by_hand(), *events)), "journey")
    assert list(found.case_id) == [
        "customer 2 journey 0",
        "customer 2 journey 1",
        "customer 2 journey 1",
        "customer 2 journey 1",
        "customer 2 journey 2",
        "customer 7 journey 1",
        "customer 11 journey 0",
    ]


def test_nobody_has_no_journeys() -> None:
    assert event_log(run_of(nothing_happened(by_hand())), "journey").empty


@pytest.mark.parametrize("market", WORLDS)
def test_only_the_cases_differ(runs: dict[str, Run], market: str) -> None:
    log, whole = log_of(runs[market]), event_log(runs[market])
    pd.testing.assert_frame_equal(
        log.drop(columns=["case_id", "customer", "number"]), whole.drop(columns="case_id")
    )
    assert list(log.customer) == list(whole.case_id)


@pytest.mark.parametrize("market", WORLDS)
def test_a_journey_begins_with_a_need_and_has_no_other(runs: dict[str, Run], market: str) -> None:
    log = log_of(runs[market])
    needs = log.kind == "need"
    for number, case in log.groupby("case_id").number.first().groupby(level=0):
        assert len(number) > 0
        assert len(case) == 1
    by_case = log.assign(need=needs).groupby("case_id")
    first = by_case.agg(number=("number", "first"), kind=("kind", "first"), needs=("need", "sum"))
    later = first[first.number > 0]
    assert (later.kind == "need").all()
    assert (later.needs == 1).all()
    assert (first[first.number == 0].needs == 0).all()
    assert len(later) == needs.sum() > 50
    assert (first.number == 0).any()
    # numbers of a customer's journeys follow one another
    own = log.drop_duplicates("case_id").groupby("customer").number
    assert own.agg(lambda numbers: set(np.diff(numbers)) <= {1}).all()


@pytest.mark.parametrize("market", WORLDS)
def test_a_journey_ends_before_the_next_need(runs: dict[str, Run], market: str) -> None:
    """Bought, lost to a competitor, or given up: back where needs are waited for. In a phase of
    owners or of waiting, each need arises; never on a journey."""
    log, phases = log_of(runs[market]), runs[market].scenario.journey.phases
    searching = [n for n, phase in phases.items() if PhaseKind(phase.kind).searches]
    ends = ("purchase", "lost_to_competitor")
    for _, case in log[log.number > 0].groupby("case_id"):
        begun = case.kind.isin(ends) | (
            (case.kind == "move") & ~case.to_phase.isin(searching).fillna(False)
        )
        after = log[
            (log.customer == case.customer.iloc[0]) & (log.number == case.number.iloc[0] + 1)
        ]
        if not after.empty:
            assert begun.any()
            assert after.phase.iloc[0] not in searching


@pytest.mark.parametrize("market", WORLDS)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_pm4py_reads_journeys(
    runs: dict[str, Run], market: str, ending: str, tmp_path: Path
) -> None:
    file = tmp_path / f"log.{ending}"
    write_export(runs[market], "events", file, case="journey")
    read = (
        pd.read_csv(file, parse_dates=["timestamp"]) if ending == "csv" else pd.read_parquet(file)
    )
    follows, first, last = pm4py.discover_dfg(
        read, case_id_key="case_id", activity_key="event", timestamp_key="timestamp"
    )
    cases = [list(case) for _, case in event_log(runs[market], "journey").groupby("case_id").event]
    assert follows == Counter(pair for case in cases for pair in pairwise(case))
    assert first == Counter(case[0] for case in cases)
    assert last == Counter(case[-1] for case in cases)
    assert first["need"] > 50


def test_the_command_writes_what_the_function_gives(
    runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(runs["town"], tmp_path / "town")
    monkeypatch.chdir(tmp_path)
    told = ("export", "town", "--format", "events", "--out", "log.parquet", "--quiet")
    assert main([*told, "--case", "journey"]) == 0
    found = pd.read_parquet("log.parquet")
    pd.testing.assert_frame_equal(found, event_log(runs["town"], "journey"))
    assert main([*told]) == 0  # an export of the same format: it may be replaced
    assert pd.read_parquet("log.parquet").case_id.nunique() < found.case_id.nunique()


def test_another_case_is_refused(runs: dict[str, Run], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="case: visit is not valid; allowed: customer or journey"):
        event_log(runs["town"], "visit")
    with pytest.raises(InputError, match="weekly has no cases"):
        write_export(runs["town"], "weekly", tmp_path / "w.csv", case="journey")
    assert not list(tmp_path.iterdir())
