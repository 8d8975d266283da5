"""What pages have in common: sections that may fail, and the one that says how to do it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ParamSpec

from sim.pages.blocks import Command, Facts, Section
from sim.pages.charts.failures import tell_section
from sim.pages.words.language import ENGLISH, language, say

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
        return [Section(name, say("A section that is missing"), [tell_section(name, error)])]
    return made if isinstance(made, list) else [made]


def reproduce_section(text: str, command: str, facts: Mapping[str, str]) -> Section:
    """How to do it again: what the folder holds, what to type in it, and what it rests on."""
    return Section(
        "reproduce", say("How to reproduce this"), [text, Command(command), Facts(facts)]
    )


def in_this_language(command: str) -> str:
    """The command, with the option that makes it write the language being written."""
    return command if language() == ENGLISH else f"{command} --language {language()}"
