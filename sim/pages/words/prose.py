"""Standing prose: what a page explains whatever its figures are.

It stands in `templates/prose/PAGE.txt`, where writers can read and mend it: a name in brackets, and
below it a paragraph in English, with `{fields}` for the few words that differ. Its translation is
found by the paragraph itself, as that of every other text. Sentences that are built from figures
stand in the code, beside their rule.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from sim.pages.words.language import in_words

FOLDER = Path(__file__).parent.parent / "templates" / "prose"
NAME = re.compile(r"^\[(.+)\]$", re.MULTILINE)


def prose(name: str, /, **values: Any) -> str:
    """The paragraph `PAGE.NAME` in the language being written, with its `{fields}` filled in.

    Always call it with a literal, so that a test finds the paragraphs that nobody uses.
    """
    page, _, own = name.partition(".")
    return in_words(paragraphs(page)[own]).format(**values)


@cache
def paragraphs(page: str) -> dict[str, str]:
    """All paragraphs of a page in English, by their names; what comes before them is a note."""
    _, *found = NAME.split((FOLDER / f"{page}.txt").read_text(encoding="utf-8"))
    return {
        name: " ".join(text.split()) for name, text in zip(found[::2], found[1::2], strict=True)
    }
