"""Folders that are changed by disks, people and forgers are refused, or give the same figures.

`make fuzz` does ten thousand of them; here are a few hundred, of each folder and change.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fuzz import cases, seeds_of, table, told
from benchmarks.fuzz_bases import BASES
from benchmarks.fuzz_changes import CHANGES
from benchmarks.fuzz_check import Case, Verdict

COUNT = 300
SEED = 7


@pytest.fixture(scope="module")
def found() -> Iterator[list[Case]]:
    with tempfile.TemporaryDirectory() as name:
        yield list(cases(seeds_of(COUNT, SEED), Path(name)))


def test_no_changed_folder_is_believed(found: list[Case]) -> None:
    failed = [told(case) for case in found if case.verdict == Verdict.FAILED]
    assert failed == []


def test_every_folder_and_every_change_is_met(found: list[Case]) -> None:
    assert {case.base for case in found} == {base.name for base in BASES}
    assert {change for case in found for change in case.changes} == set(CHANGES)
    assert {case.verdict for case in found} == set(Verdict) - {Verdict.FAILED}


def test_the_table_counts_every_case_once(found: list[Case]) -> None:
    lines = table(found)
    assert lines[-1].split()[2] == str(COUNT)
    of_folders = [line.split(" all ")[1].split()[0] for line in lines[1:-1] if " all " in line]
    assert sum(map(int, of_folders)) == COUNT
