"""Results to be shown side by side: read, named, and checked that they can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.measures.differences import are_paired
from sim.measures.replicates import combine
from sim.pages.replicates import open_replicates
from sim.runs.run import Run, read_run, scenario_of

LEAST, MOST = 2, 6  # folders: there are so many colours that differ
LETTERS = "ABCDEF"


@dataclass(frozen=True)
class Result:
    """One result beside others.

    `letter` stands for it in drawings; `name` is that of its folder, with as much of the path
    as tells it from the others'; `run` is the first replicate, `summaries` are of all of them.
    """

    letter: str
    name: str
    run: Run
    summaries: Sequence[Mapping[str, Any]]

    @property
    def summary(self) -> Mapping[str, Any]:
        """The figures of the run, or the means of the replicates."""
        return self.summaries[0] if len(self.summaries) == 1 else combine(self.summaries)

    @property
    def place(self) -> int:
        """0 for the first result, 1 for the second, ..."""
        return LETTERS.index(self.letter)


def check_folders(folders: Sequence[Path]) -> None:
    """Raises `InputError` unless the folders can be shown side by side.

    They are two to six different results in one currency.
    """
    if len(folders) > MOST:
        raise InputError(f"at most {MOST} results fit side by side; {len(folders)} are given.")
    places = [folder.resolve() for folder in folders]
    for folder, place in zip(folders, places, strict=True):
        if places.count(place) > 1:
            raise InputError(f"{folder} is given twice; a result differs from itself by nothing.")
    currencies = {}
    for folder in folders:
        currencies[folder] = scenario_of(open_replicates(folder)[0]).currency
    first = folders[0]
    for folder, currency in currencies.items():
        if currency != currencies[first]:
            raise InputError(
                f"{first} is in {currencies[first]} and {folder} in {currency}; results side by"
                " side need one currency."
            )


def read_results(folders: Sequence[Path]) -> list[Result]:
    """The results in the folders, the first being what the others are compared with.

    Raises `InputError` as `check_folders` and `sim.runs.run.read_folder` do.
    """
    check_folders(folders)
    return [
        Result(letter, name, *_read(folder))
        for letter, name, folder in zip(LETTERS, _names(folders), folders, strict=False)
    ]


def all_paired(results: Sequence[Result]) -> bool:
    """Whether every result has the seeds and customers of the first."""
    return all(are_paired(results[0].summaries, result.summaries) for result in results[1:])


def _read(folder: Path) -> tuple[Run, list[Mapping[str, Any]]]:
    folders = open_replicates(folder)
    first = read_run(folders[0])
    return first, [first.summary, *(read_run(other).summary for other in folders[1:])]


def _names(folders: Sequence[Path]) -> list[str]:
    """The folders' names, with the folders around them where the names are the same."""
    parts = [folder.resolve().parts for folder in folders]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-depth:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [str(folder) for folder in folders]
