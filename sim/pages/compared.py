"""What is compared on a page: variants or result folders, the first beside all others.

`Alternative` is one of them, whether a comparison ran it or a folder holds it; `Result` is what a
folder holds. `differing` tells what differs between their scenarios.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.errors import InputError, shown
from sim.measures.figure import Undefined
from sim.measures.replicates import Difference, are_paired, combine, difference
from sim.pages.folder import open_replicates
from sim.pages.words.headlines import NONE, Headline, headlines
from sim.pages.words.language import say
from sim.questions.compare.compare import Compared
from sim.runs.run import Run, read_run, scenario_of
from sim.scenario.schema import Scenario

LEAST, MOST = 2, 6  # folders: there are so many colours that differ
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMED = ("name", "title", "title_da", "description", "description_da")  # what a scenario is called
MOST_LETTERS = 40  # of a value

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Alternative:
    """One of the markets that are compared; `summaries`: of its replicates, or of its run.

    `letter` stands for it in drawings and heads of tables.
    """

    letter: str
    name: str
    scenario: Scenario
    summaries: Sequence[Summary]

    @property
    def title(self) -> str:
        """Letter and name."""
        return f"{self.letter} {self.name}"

    @cached_property
    def headlines(self) -> list[Headline]:
        """Its headline figures, in the language in which they are first asked for."""
        return headlines(_joint(self.summaries))

    def minus(self, first: Alternative, key: str) -> Difference | Undefined:
        """How a figure differs from that of the first."""
        return difference(first.summaries, self.summaries, key)

    def is_paired_with(self, first: Alternative) -> bool:
        """Whether it has the seeds and customers of the first."""
        return are_paired(first.summaries, self.summaries)


@dataclass(frozen=True)
class ComparedResult:
    """One result folder beside others.

    `name` is that of its folder, with as much of the path as tells it from the others'; `run` is
    the first replicate, `summaries` are of all of them.
    """

    letter: str
    name: str
    run: Run
    summaries: Sequence[Summary]

    @property
    def summary(self) -> Summary:
        """The figures of the run, or the means of the replicates."""
        return _joint(self.summaries)

    @property
    def place(self) -> int:
        """0 for the first result, 1 for the second, ..."""
        return LETTERS.index(self.letter)


def _joint(summaries: Sequence[Summary]) -> Summary:
    return summaries[0] if len(summaries) == 1 else combine(summaries)


def of_comparison(made: Compared) -> list[Alternative]:
    """The variants of a comparison, the baseline first."""
    return [
        Alternative(letter, variant.name, variant.scenario, summaries)
        for letter, variant, summaries in zip(LETTERS, made.variants, made.summaries, strict=False)
    ]


def of_folders(results: Sequence[ComparedResult]) -> list[Alternative]:
    """The results of folders."""
    return [Alternative(one.letter, one.name, one.run.scenario, one.summaries) for one in results]


# --- result folders ---


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


def read_results(folders: Sequence[Path]) -> list[ComparedResult]:
    """The results in the folders, the first being what the others are compared with.

    Raises `InputError` as `check_folders` and `sim.runs.run.read_folder` do.
    """
    check_folders(folders)
    return [
        ComparedResult(letter, name, *_read(folder))
        for letter, name, folder in zip(LETTERS, _names(folders), folders, strict=False)
    ]


def _read(folder: Path) -> tuple[Run, list[Summary]]:
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


# --- what differs between scenarios ---


def differing(scenarios: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Any]]]:
    """Dotted parameters whose values differ, each with the value in every scenario.

    A part that some scenarios lack is one line, `ABSENT` where it is lacking and `PRESENT`
    where it is there. Names, titles and descriptions are left out.
    """
    found = list(_walk([dict(scenario) for scenario in scenarios], ""))
    return [(path, values) for path, values in found if path not in NAMED]


class _Mark:
    """Stands for a part of a scenario."""


ABSENT, PRESENT = _Mark(), _Mark()


def _walk(values: Sequence[Any], path: str) -> Iterator[tuple[str, list[Any]]]:
    if all(isinstance(value, Mapping) for value in values):
        for part in dict.fromkeys(part for value in values for part in value):
            inner = [value.get(part, ABSENT) for value in values]
            yield from _walk(inner, f"{path}.{part}" if path else part)
    elif any(value is ABSENT for value in values) and any(
        isinstance(value, Mapping) for value in values
    ):
        yield path, [PRESENT if isinstance(value, Mapping) else value for value in values]
    elif any(value is ABSENT or written(value) != written(values[0]) for value in values):
        yield path, list(values)


def written(value: Any) -> str:
    """A value as it stands in a scenario file."""
    if value is PRESENT:
        return say("present")
    if value is ABSENT:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown(text, MOST_LETTERS)
