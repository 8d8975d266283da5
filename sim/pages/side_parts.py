"""What the sections of the page side by side share: letters, names, and what only some have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.pages.blocks import KeyItem
from sim.pages.charts.chart import SERIES, Role
from sim.pages.charts.looks import colour_of, outline_of
from sim.pages.compared import Result
from sim.pages.words import names
from sim.pages.words.language import say

Name = Callable[[Result, str], str]


def key(results: Sequence[Result]) -> list[KeyItem]:
    """What stands for each result in the drawings."""
    return [
        KeyItem(result.letter, result.name, colour_of(role_of(result)), outline_of(role_of(result)))
        for result in results
    ]


def role_of(result: Result) -> Role:
    """What a result is in charts of several."""
    return SERIES[result.place]


def letters_of(results: Sequence[Result]) -> list[str]:
    """The letters of all results."""
    return [result.letter for result in results]


def union(found: Sequence[Sequence[str]]) -> list[str]:
    """All names: those of the first in its order, then what each other one adds."""
    return list(dict.fromkeys(name for names_ in found for name in names_))


def called(
    results: Sequence[Result], having: Sequence[Sequence[str]], word: Name
) -> Callable[[str], str]:
    """What a thing is called by the first result that has it."""

    def call(name: str) -> str:
        owner = next(r for r, mine in zip(results, having, strict=True) if name in mine)
        return word(owner, name)

    return call


def only_some(results: Sequence[Result], having: Sequence[Sequence[str]], word: Name) -> list[str]:
    """A sentence that names what not all results have."""
    call = called(results, having, word)
    told = []
    for name in union(having):
        mine = [r.letter for r, own in zip(results, having, strict=True) if name in own]
        if len(mine) < len(results):
            told.append(f"{call(name)} ({', '.join(mine)})")
    return [say("Not in all results: {names}.", names=", ".join(told))] if told else []


def phase_word(result: Result, name: str) -> str:
    """What a result calls a phase."""
    return names.phase_name(result.run.scenario, name)


def touchpoint_word(result: Result, name: str) -> str:
    """What a result calls a touchpoint."""
    return names.touchpoint_name(result.run.scenario, name)
