"""Results to be shown side by side: read, named, and checked that they can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.folders import read_manifest
from sim.measures.differences import are_paired
from sim.measures.replicates import combine
from sim.run import SCENARIO, Run, read_folder
from sim.scenario.load import load_scenario

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
        currencies[folder] = load_scenario(_first(folder) / SCENARIO).currency
    first = folders[0]
    for folder, currency in currencies.items():
        if currency != currencies[first]:
            raise InputError(
                f"{first} is in {currencies[first]} and {folder} in {currency}; results side by"
                " side need one currency."
            )


def read_results(folders: Sequence[Path]) -> list[Result]:
    """The results in the folders, the first being what the others are compared with.

    Raises `InputError` as `check_folders` and `sim.run.read_folder` do.
    """
    check_folders(folders)
    return [
        Result(letter, name, *_read(folder))
        for letter, name, folder in zip(LETTERS, _names(folders), folders, strict=False)
    ]


def all_paired(results: Sequence[Result]) -> bool:
    """Whether every result has the seeds and customers of the first."""
    return all(are_paired(results[0].summaries, result.summaries) for result in results[1:])


def _replicates(folder: Path) -> list[str]:
    manifest = read_manifest(folder)
    if manifest is None:
        what = "is not a result folder" if folder.exists() else "does not exist"
        raise InputError(f"{folder} {what}.")
    return list(manifest.get("replicates", []))


def _first(folder: Path) -> Path:
    """The folder with the first run's tables."""
    names = _replicates(folder)
    return folder / names[0] if names else folder


def _read(folder: Path) -> tuple[Run, list[Mapping[str, Any]]]:
    first = read_folder(_first(folder))
    others = [read_folder(folder / name).summary for name in _replicates(folder)[1:]]
    return first, [first.summary, *others]


def _names(folders: Sequence[Path]) -> list[str]:
    """The folders' names, with the folders around them where the names are the same."""
    parts = [folder.resolve().parts for folder in folders]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-depth:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [str(folder) for folder in folders]
