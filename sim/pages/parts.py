"""What pages have in common.

Sections that may fail, the section that says how to do it again, and drawings of estimates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec

from sim.pages.blocks import Command, Facts, Section
from sim.pages.charts.drawing import Drawing, tell_section
from sim.pages.charts.estimates import Whisker, whiskers
from sim.pages.charts.render import drawn
from sim.pages.words import names, numbers
from sim.pages.words.language import ENGLISH, language, say
from sim.vocabulary import Purpose

P = ParamSpec("P")


def guarded(
    name: str,
    build: Callable[P, Section | list[Section]],
    *args: P.args,
    **named: P.kwargs,
) -> list[Section]:
    """The sections that `build` makes; if it fails, one called `name` that says why."""
    try:
        made = build(*args, **named)
    except Exception as error:
        return [Section(name, say("Missing section"), [tell_section(name, error)])]
    return made if isinstance(made, list) else [made]


def reproduce_section(text: str, command: str, facts: Mapping[str, str]) -> Section:
    """How to reproduce it: what the folder holds, what to type in it, and what it rests on."""
    return Section(
        "reproduce", say("Reproduce these results"), [text, Command(command), Facts(facts)]
    )


def in_this_language(command: str) -> str:
    """The command, with the option that makes it write the language being written."""
    return command if language() == ENGLISH else f"{command} --language {language()}"


def estimates(
    name: str,
    title: str,
    rows: Sequence[Whisker],
    *,
    over: str,
    tick: numbers.Text,
    by_purpose: bool = False,
) -> Drawing | None:
    """Estimates with their 95% intervals, a line each; None if there are none.

    `over`: what the axis counts, with its unit; `tick`: how to write its numbers; `by_purpose`:
    the rows' groups are those of `purpose_group`.
    """
    if not rows:
        return None
    alt = f"{title}: " + "; ".join(f"{row.name} {row.text}" for row in rows)
    groups = [names.purpose_name(purpose) for purpose in Purpose] if by_purpose else []
    return drawn(whiskers((name, title, alt), rows, over, tick=tick, groups=groups))


def purpose_group(purpose: Purpose) -> int:
    """The group of a purpose in a drawing of estimates."""
    return list(Purpose).index(purpose)


def largest_end(rows: Sequence[Whisker]) -> float:
    """The end of an interval that is farthest from 0."""
    return max((max(abs(row.low), abs(row.high)) for row in rows), default=0.0)
