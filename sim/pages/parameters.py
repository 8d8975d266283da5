"""What differs between the scenarios of several results, parameter by parameter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.errors import shown
from sim.pages.compared import Result
from sim.pages.sections import Section, Table
from sim.pages.words.headlines import NONE
from sim.pages.words.language import say, say_number

NAMED = ("name", "title", "title_da", "description", "description_da")  # what a scenario is called
MOST_ROWS = 150
MOST_LETTERS = 40  # of a value


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
        return say("there")
    if value is ABSENT:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown(text, MOST_LETTERS)


def parameters_section(results: Sequence[Result]) -> Section:
    """The table of what differs between the scenarios."""
    title = say("What differs in the scenarios")
    found = differing([result.run.scenario.model_dump(mode="json") for result in results])
    if not found:
        return Section("parameters", title, [say("Nothing: all results are of one scenario.")])
    text = [
        say(
            "Each line is a parameter of the scenario file, by its path, as --set takes it; values"
            " are written as in the file."
        )
    ]
    if len(found) > MOST_ROWS:
        text.append(
            say_number(
                "The first {shown} are shown, one more is in the scenario files.",
                "The first {shown} are shown, {more} more are in the scenario files.",
                len(found) - MOST_ROWS,
                shown=MOST_ROWS,
                more=len(found) - MOST_ROWS,
            )
        )
    gaps = any(ABSENT in values for _, values in found[:MOST_ROWS])
    caption = say("Parameters that differ")
    if gaps:
        caption = say("Parameters that differ. {none}: the scenario has no such part", none=NONE)
    head = [say("Parameter"), *(f"{result.letter} {result.name}" for result in results)]
    rows = [[path, *(written(value) for value in values)] for path, values in found[:MOST_ROWS]]
    return Section("parameters", title, text, tables=[Table(caption, head, rows, head[1:])])
