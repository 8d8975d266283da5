"""YAML text to plain data, with the line of everything, and nothing else.

Only the events of ruamel.yaml's parser are used, never a constructor: whatever a file
says, the outcome is dicts, lists, texts, numbers, true, false and null. Anchors, aliases,
merge keys and tags are refused, nesting and numbers are limited, so that no text can
execute, construct or multiply anything.

Plain scalars follow YAML 1.2's core schema (`yes` and `1:30` are texts), with one
addition: digits may be grouped in threes by underscores (`500_000`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from sim.errors import (
    AliasUsed,
    BadKey,
    BrokenYaml,
    DuplicateKey,
    NotFinite,
    Problem,
    TagUsed,
    TooDeep,
    TooLarge,
)

MOST_DEPTH = 16  # a scenario needs seven levels
MOST_DIGITS = 64  # characters of a number
MOST_PROBLEMS = 200  # then the rest of the file is not looked at

Path = tuple[str | int, ...]
Plain = None | bool | int | float | str | list[Any] | dict[str, Any]

INTEGER = re.compile(r"[-+]?(\d+|\d{1,3}(_\d{3})+)")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.\d+|(\d+|\d{1,3}(_\d{3})+)(\.\d*)?)([eE][-+]?\d+)?")
INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False}
BOOLEANS["FALSE"] = False
SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass
class Document:
    """What a text says. `unsure` are the places whose data is a stand-in for a refused one."""

    data: Plain = None
    lines: dict[Path, int] = field(default_factory=dict)
    unsure: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


class _Stop(Exception):
    """Nothing sensible can be said about the rest of the text."""


def dotted(path: Path) -> str | None:
    """A path as a reader writes it: `touchpoints.newsletter.quality`."""
    return ".".join(str(part) for part in path) or None


def plain_scalar(text: str) -> Plain:
    """The value of an unquoted scalar.

    Raises ValueError for a number longer than any honest one. An infinity or NaN comes
    back as such; the caller refuses it.
    """
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    is_integer = INTEGER.fullmatch(text) is not None
    if is_integer or FLOAT.fullmatch(text):
        if len(text) > MOST_DIGITS:
            raise ValueError(text)
        digits = text.replace("_", "")
        return int(digits) if is_integer else float(digits)
    if OCTAL.fullmatch(text) or HEXADECIMAL.fullmatch(text):
        if len(text) > MOST_DIGITS:
            raise ValueError(text)
        return int(text, 0)
    return text


def _written(tag: object) -> str:
    """A tag as a file writes it."""
    return str(tag).replace("tag:yaml.org,2002:", "!!", 1)


def read_document(text: str, file: str | None) -> Document:
    """Read one YAML document; its problems are in the result, none is raised."""
    return _Reader(text, file).document


class _Reader:
    """Builds a `Document` from the parser's events."""

    def __init__(self, text: str, file: str | None) -> None:
        self.file = file
        self.document = Document()
        self.line = 1
        self.events = self._events(text)
        try:
            self._read()
        except _Stop:
            self.document.data = None

    def _events(self, text: str) -> Iterator[Any]:
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                mark = getattr(event, "start_mark", None)
                if mark is not None:
                    self.line = mark.line + 1
                yield event
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            if mark is not None:
                self.line = mark.line + 1
            what = " ".join(part for part in (error.context, error.problem) if part)
            self._stop(BrokenYaml, (), detail=what or "it cannot be read")
        except Exception as error:
            # The parser is not ours; a text that it chokes on is a broken text.
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            self._stop(BrokenYaml, (), detail=what)

    def _problem(self, kind: type[Problem], path: Path, **facts: Any) -> None:
        facts.setdefault("line", self.line)
        problem = kind(file=self.file, field=dotted(path), **facts)
        self.document.problems.append(problem)
        if len(self.document.problems) >= MOST_PROBLEMS:
            raise _Stop

    def _stop(self, kind: type[Problem], path: Path, **facts: Any) -> None:
        self._problem(kind, path, **facts)
        raise _Stop

    def _refuse(self, kind: type[Problem], path: Path, **facts: Any) -> None:
        """Note a problem of a value that has no stand-in, and read on."""
        self.document.unsure.add(path)
        self._problem(kind, path, **facts)

    def _read(self) -> None:
        documents = 0
        for event in self.events:
            if isinstance(event, StreamStartEvent | StreamEndEvent):
                continue
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(BrokenYaml, (), detail="a second document starts here")
                if event.tags or event.version not in (None, (1, 2)):
                    self._stop(BrokenYaml, (), detail="directives are not accepted")
                self.document.data = self._value(next(self.events), ())

    def _value(self, event: Any, path: Path) -> Plain:
        if len(path) > MOST_DEPTH:
            self._stop(TooDeep, path[:3], allowed=f"at most {MOST_DEPTH} levels")
        self.document.lines.setdefault(path, self.line)
        if isinstance(event, AliasEvent):
            self._refuse(AliasUsed, path, given=f"*{event.anchor}")
            return None
        if event.anchor is not None:
            self._problem(AliasUsed, path, given=f"&{event.anchor}")
        if event.tag is not None:
            self._refuse(TagUsed, path, given=_written(event.tag))
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path)

    def _scalar(self, event: ScalarEvent, path: Path) -> Plain:
        if event.style is not None:  # quoted or a block: a text
            return self._text(event.value)
        try:
            value = plain_scalar(event.value)
        except ValueError:
            allowed = f"at most {MOST_DIGITS} characters"
            self._refuse(TooLarge, path, given="a number", allowed=allowed)
            return None
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and not math.isfinite(value):
            self._refuse(NotFinite, path, given=event.value, allowed="a finite number")
            return None
        return value

    def _text(self, text: str) -> str:
        if SURROGATE.search(text):
            with suppress(UnicodeDecodeError):  # "\ud83d\ude00", as JSON writes one character
                return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        return text

    def _sequence(self, path: Path) -> list[Plain]:
        items: list[Plain] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Plain]:
        mapping: dict[str, Plain] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key_line = self.line
            key = self._key(event, path)
            place: Path = path if key is None else (*path, key)
            if key is None or key in mapping:
                if key is not None:
                    first = self.document.lines[place]
                    self._problem(
                        DuplicateKey, place, given=key, allowed=f"once; first given in line {first}"
                    )
                # the value is still read, for its own problems, and then dropped
                self._value(next(self.events), (*path, "?"))
                continue
            self.document.lines[place] = key_line
            mapping[key] = self._value(next(self.events), place)
        return mapping

    def _key(self, event: Any, path: Path) -> str | None:
        """The key that `event` gives, or None, with a problem, if it is no name."""
        if isinstance(event, AliasEvent):
            self._problem(AliasUsed, path, given=f"*{event.anchor}")
            return None
        if event.anchor is not None:
            self._problem(AliasUsed, path, given=f"&{event.anchor}")
        if event.tag is not None:
            self._problem(TagUsed, path, given=_written(event.tag))
        if not isinstance(event, ScalarEvent):
            self._problem(BadKey, path, given="a list or a mapping", allowed="a name")
            self._value(event, (*path, "?"))
            return None
        text: str = event.value
        if event.style is None:
            if text == "<<":
                self._problem(AliasUsed, path, given="<<")
                return None
            try:
                is_text = isinstance(plain_scalar(text), str)
            except ValueError:
                is_text = False
            if not is_text:
                self._problem(BadKey, path, given=text or "nothing", allowed="a name")
                return None
        if not text.isprintable():
            self._problem(BadKey, path, given=text, allowed="a name")
            return None
        return text
