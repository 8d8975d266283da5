"""A page as HTML: the one place that knows of the templates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sim.pages.blocks import Block, Page
from sim.pages.charts.drawing import Drawing
from sim.pages.words import numbers
from sim.pages.words.headlines import Headline
from sim.pages.words.language import language, say

TEMPLATES = Path(__file__).parent / "templates"
# A command or an option as our own sentences have it, or anything between backticks.
COMMAND = re.compile(r"(`[^`]+`|(?:journeysim [a-z]+ )?--[a-z][a-z-]*(?: \d+)?)")


def render(page: Page) -> str:
    """The page in the language of the surrounding `speaking`; the same page, the same bytes."""
    return (
        _environment()
        .get_template("page.html.j2")
        .render(page=page, language=language(), contents=say("Contents"))
    )


def render_run(about: str, headlines: Sequence[Headline], drawing: Drawing | None) -> str:
    """A run as a notebook shows it: its key metrics as a table, and the drawing of its journey."""
    template = _environment().get_template("run.html.j2")
    return template.render(about=about, headlines=headlines, drawing=drawing)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(with_commands=_with_commands, macro=_macro, closed=_closed)
    return made


def _macro(block: Block) -> str:
    """The name of the macro that writes a block."""
    return "Paragraph" if isinstance(block, str) else type(block).__name__


def _closed(text: str) -> str:
    """A text that is no sentence, with the stop that ends one."""
    return text if text.endswith((".", "?")) else f"{text}."


def _with_commands(text: str) -> list[tuple[str, str]]:
    """The text in parts, each with how it is set; no line ends at a `%`.

    `option`: a command or an option, which stays on one line; `code`: what stood between
    backticks, which may be long; or nothing.
    """
    text = text.replace(" %", f"{numbers.SPACE}%").replace("%-", f"%{numbers.HYPHEN}")
    return [(part.strip("`"), _set_as(part)) for part in COMMAND.split(text) if part]


def _set_as(part: str) -> str:
    if COMMAND.fullmatch(part) is None:
        return ""
    return "code" if part.startswith("`") else "option"
