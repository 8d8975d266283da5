"""The language that a report is written in.

Texts stand in the code in English, inside `say(...)`; `languages/da.po` holds them in Danish
(gettext's format, which translators' tools read). A text without a translation stays English.
The language is that of the surrounding `speaking(...)`, so that no function has to pass it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import BadOption, InputError, nearest
from sim.measures.figure import Undefined

CATALOGUES = Path(__file__).parent / "languages"
ENGLISH = "en"
LANGUAGES = (ENGLISH, "da")
MARKS = {ENGLISH: (",", "."), "da": (".", ",")}  # between thousands, before decimals

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


def check_language(code: str) -> None:
    """Raises `InputError` for a language that is not one of `LANGUAGES`."""
    if code not in LANGUAGES:
        problem = BadOption(
            field="language",
            given=code,
            allowed=" or ".join(LANGUAGES),
            nearest=nearest(code, LANGUAGES),
        )
        raise InputError(problems=[problem])


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Write everything inside in the language `code`, one of `LANGUAGES`.

    Raises `InputError` for any other language.
    """
    check_language(code)
    before = _current.set(code)
    try:
        yield
    finally:
        _current.reset(before)


def language() -> str:
    """The code of the language being written."""
    return _current.get()


def marks() -> tuple[str, str]:
    """The marks between thousands and before decimals of the language being written."""
    return MARKS[language()]


def say(text: str, /, **values: Any) -> str:
    """The text in the language being written, with its `{fields}` filled in.

    Always call it with a literal, so that a test finds the texts without a translation.
    """
    return _translated(text).format(**values)


def say_number(one: str, many: str, number: float, /, **values: Any) -> str:
    """As `say`, in the singular or the plural; `{number}` is not filled in unless given."""
    return say(one if number == 1 else many, **values)


def in_words(text: str) -> str:
    """A text that stands in a table of the code, such as the description of a field."""
    return _translated(text)


def explain(why: str) -> str:
    """Why a figure does not exist, in the language being written."""
    if not isinstance(why, Undefined):
        return _translated(why)
    values = {
        name: explain(value) if isinstance(value, Undefined) else value
        for name, value in why.values.items()
    }
    return _translated(why.template).format(**values)


def _translated(text: str) -> str:
    code = _current.get()
    return text if code == ENGLISH else _catalogue(code).get(text) or text


@cache
def _catalogue(code: str) -> dict[str, str]:
    """English text: translation."""
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{code}.po").open("rb") as file:
        found = read_po(file, locale=code)
    # the text without letters is the head of the file
    return {str(message.id): str(message.string) for message in found if message.id}
