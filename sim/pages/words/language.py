"""The language that a report is written in.

Texts stand in the code in English, inside `say(...)`; `languages/da.po` holds them in Danish
(gettext's format, which translators' tools read), with the language's rule for plurals. A text
without a translation stays English. The language is that of the surrounding `speaking(...)`, so
that no function has to pass it on. `docs/languages.md` says how to add one.

Standing prose, what a page explains whatever its figures are, stands in
`templates/prose/PAGE.txt`, where writers can read and mend it: a name in brackets, and below it a
paragraph in English, with `{fields}` for the few words that differ. Its translation is found by
the paragraph itself, as that of every other text. Sentences that are built from figures stand in
the code, beside their rule.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from sim.errors import BadOption, InputError, nearest
from sim.measures.figure import Undefined

CATALOGUES = Path(__file__).parent / "languages"
ENGLISH = "en"
LANGUAGES = (ENGLISH, "da")  # by their codes of Unicode's CLDR, which knows how they write numbers
# Reasons that count something (`sim.measures.figure.in_months`): the form for many, that for one.
COUNTED = {"{count} months": "1 month"}
MANY = 2  # what a number that is not whole counts as
CURRENCIES = {("da", "DKK"): "kr."}  # that a language does not write by their codes
UNITS_OF_CURRENCIES = {("da", "DKK"): "krone"}  # that it has a noun for
STOP_OF_ABBREVIATION = re.compile(r"\b(kr|mia|min|mio)\.\.(?!\.)")  # also ends the sentence

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


def own_words(thing: object, field: str) -> str:
    """What a thing of a file says in the language being written: of `title_da` and `title`, say.

    Empty where it says nothing.
    """
    own: str = getattr(thing, f"{field}_{language()}", "")
    return own or getattr(thing, field, "")


def own_texts(thing: object, field: str) -> Sequence[str]:
    """As `own_words`, of a field that is a list of texts."""
    own: Sequence[str] = getattr(thing, f"{field}_{language()}", ())
    return own or getattr(thing, field, ())


def say(text: str, /, **values: Any) -> str:
    """The text in the language being written, with its `{fields}` filled in.

    A field `currency` is given as a code and written as the language does. Always call it with a
    literal, so that a test finds the texts without a translation.
    """
    return _filled(in_words(text), values)


def say_number(one: str, many: str, number: float, /, **values: Any) -> str:
    """As `say`, in the form that the language has for so many; `number` itself is not filled in.

    `one` and `many` are the English forms; the catalogue has as many as its language needs.
    """
    return _filled(_counted(one, many, number), values)


def currency(code: str) -> str:
    """A currency as the language writes it: its code, or a sign of its own."""
    return CURRENCIES.get((language(), code), code)


def currency_noun(code: str) -> str:
    """One unit of a currency inside a sentence: its name, or its code."""
    return UNITS_OF_CURRENCIES.get((language(), code), code)


def _filled(text: str, values: Mapping[str, Any]) -> str:
    if "currency" in values:
        values = {**values, "currency": currency(values["currency"])}
    return STOP_OF_ABBREVIATION.sub(r"\1.", text.format(**values))


def in_words(text: str) -> str:
    """A text that stands in a table of the code, such as the description of a field."""
    return _catalogue(_current.get()).gettext(text) if text else ""


def explain(why: str) -> str:
    """Why a figure does not exist, in the language being written."""
    if not isinstance(why, Undefined):
        return in_words(why)
    values = {
        name: explain(value) if isinstance(value, Undefined) else value
        for name, value in why.values.items()
    }
    template = why.template
    if template in COUNTED:
        return _counted(COUNTED[template], template, why.values["count"]).format(**values)
    if template in COUNTED.values():
        return _counted(template, template, 1).format(count=1)
    return in_words(template).format(**values)


def _counted(one: str, many: str, number: float) -> str:
    count = int(number) if float(number).is_integer() else MANY
    return _catalogue(_current.get()).ngettext(one, many, count)


@cache
def _catalogue(code: str) -> NullTranslations:
    """The translations into a language; those into English are the texts themselves."""
    if code == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{code}.po").open("rb") as file:
        read = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return GNUTranslations(compiled)


# --- standing prose ---

PROSE = Path(__file__).parent.parent / "templates" / "prose"
HEADING = re.compile(r"^\[(.+)\]$", re.MULTILINE)


def prose(name: str, /, **values: Any) -> str:
    """The paragraph `PAGE.NAME` in the language being written, with its `{fields}` filled in.

    Always call it with a literal, so that a test finds the paragraphs that nobody uses.
    """
    page, _, own = name.partition(".")
    return _filled(in_words(paragraphs(page)[own]), values)


@cache
def paragraphs(page: str) -> dict[str, str]:
    """All paragraphs of a page in English, by their names; what comes before them is a note."""
    _, *found = HEADING.split((PROSE / f"{page}.txt").read_text(encoding="utf-8"))
    return {
        name: " ".join(text.split()) for name, text in zip(found[::2], found[1::2], strict=True)
    }
