"""What can go wrong with an input, each broken rule by name.

A `Problem` is one broken rule: where it is, what was given and what is allowed. It is
data, not an exception, because a file is checked to its end and all problems are told
at once. `InputError` and its subclasses are raised with the problems they carry; the
command line turns them into sentences and exit codes.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

SHOWN_LENGTH = 60  # characters of a given value that a sentence quotes
SHOWN_DETAIL = 300  # characters of an explanation
# What the extras of pyproject.toml bring, as it is imported.
EXTRAS = {
    "reference": ("mesa", "simpy"),
    "studies": ("SALib",),
    "cluster": ("distributed",),
    "spreadsheet": ("xlsxwriter",),
}
SHOWN_PATH = 200  # characters of a file name or a dotted path


def shown(value: object, length: int = SHOWN_LENGTH) -> str:
    """`value` as a sentence may quote it: one line, printable, not too long."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(mark if mark.isprintable() else f"\\x{ord(mark):02x}" for mark in text)
    return text if len(text) <= length else text[: length - 3] + "..."


def one_line(reason: object) -> str:
    """Why something failed, for the middle of a sentence: one line, printable, without an end."""
    text = shown(str(reason).strip().partition("\n")[0], SHOWN_DETAIL).rstrip(". ")
    return text or type(reason).__name__


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` was most likely meant to be, if any comes near."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(name[:200].lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule of an input.

    `file`: the file, or `--set`; `line`: 1-based; `field`: dotted path; `given`: what was
    found there; `detail`: what is wrong with it, where the kind alone does not say;
    `allowed`: what may stand there; `nearest`: the valid name or number that comes nearest.
    Each is None where it has no meaning.
    """

    file: str | None = None
    line: int | None = None
    field: str | None = None
    given: str | None = None
    detail: str | None = None
    allowed: str | None = None
    nearest: str | None = None

    complaint: ClassVar[str] = "{given} is not valid"

    @property
    def kind(self) -> str:
        """Name of the broken rule."""
        return type(self).__name__

    def sentence(self) -> str:
        """The problem in one sentence: file, line, field, given, allowed, nearest."""
        place = [] if self.file is None else [shown(self.file, SHOWN_PATH)]
        if self.line is not None:
            place.append(f"line {self.line}")
        if self.field and "{field}" not in self.complaint:
            place.append(shown(self.field, SHOWN_PATH))
        text = self._complaint().format(
            given="this" if self.given is None else shown(self.given),
            detail="it is not valid" if self.detail is None else shown(self.detail, SHOWN_DETAIL),
            field=f"`{shown(self.field, SHOWN_PATH)}`" if self.field else "the scenario",
            allowed=self.allowed,
        )
        if self.allowed is not None and "{allowed}" not in self._complaint():
            text += f"; allowed: {self.allowed}"
        text += f"; did you mean `{self.nearest}`?" if self.nearest is not None else "."
        return f"{', '.join(place)}: {text}" if place else text

    def _complaint(self) -> str:
        """What is wrong, with braces for what the problem knows."""
        return self.complaint

    def as_dict(self) -> dict[str, str | int | None]:
        """The problem as one JSON object."""
        return {
            "kind": self.kind,
            "file": self.file,
            "line": self.line,
            "field": self.field,
            "given": None if self.given is None else shown(self.given),
            "allowed": self.allowed,
            "nearest": self.nearest,
            "message": self.sentence(),
        }


# --- the file itself ---


class FileProblem(Problem):
    """A file that is missing, a folder, empty or not readable."""

    complaint = "{detail}"


class TooLarge(Problem):
    """A file or a number longer than any honest one."""

    complaint = "{given} is too long"


class NotUtf8(Problem):
    """Bytes or characters that are no plain UTF-8 text."""

    complaint = "{detail}"


class BrokenYaml(Problem):
    """Text that is not one YAML document with a mapping at its top."""

    complaint = "this is not a YAML scenario: {detail}"


class AliasUsed(Problem):
    """An anchor, an alias or a merge key, which can hide or multiply content."""

    complaint = "{given} is not accepted: anchors, aliases and merge keys are refused"


class TagUsed(Problem):
    """A YAML tag, which asks the reader to construct something."""

    complaint = "the tag {given} is not accepted: a scenario holds plain values only"


class TooDeep(Problem):
    """Nesting deeper than any scenario has."""

    complaint = "the nesting is too deep"


class DuplicateKey(Problem):
    """The same key twice in one mapping."""

    complaint = "`{given}` is given twice"


class BadKey(Problem):
    """A key that is not a plain name."""

    complaint = "the key {given} is not a name"


# --- what it says ---


class UnknownKey(Problem):
    """A key that the scenario format, or the scenario itself, does not have."""

    complaint = "`{given}` is not a known name"


class MissingField(Problem):
    """A field without a default that was left out."""

    complaint = "the field is missing"


class WrongType(Problem):
    """A text where a number is wanted, and the like."""

    complaint = "{given} is of the wrong type"

    def _complaint(self) -> str:
        if self.allowed is None:
            return self.complaint
        if len(self.allowed) > SHOWN_LENGTH:  # what was found would stand too far off
            return "found {given}, expected {allowed}"
        return "expected {allowed}, found {given}"


class OutOfRange(Problem):
    """A number outside its bounds, or too few or too many entries."""

    complaint = "{given} is out of range"


class NotOneOf(Problem):
    """A word that is not one of the choices."""

    complaint = "{given} is not one of the choices"


class NotFinite(Problem):
    """An infinity, or something that is not a number."""

    complaint = "{given} is not a finite number"


class BrokenRule(Problem):
    """Fields that are valid one by one and do not fit together.

    `detail` is the rest of a sentence whose subject is the field.
    """

    complaint = "{field} {detail}"


# --- names and settings ---


class UnknownScenario(Problem):
    """Neither a file nor a scenario of the library. `detail`: what it is instead, if known."""

    complaint = "`{given}` is neither a file nor a scenario of the library"

    def _complaint(self) -> str:
        return self.complaint if self.detail is None else "`{given}` {detail}"


class UnknownLever(Problem):
    """A dotted path that leads to nothing in this scenario."""

    complaint = "{field} is not a field of this scenario"


class BadSetting(Problem):
    """A setting that is not PATH=VALUE, or a path that cannot be set by itself."""

    complaint = "`{given}` cannot be set: {detail}"


class BadOption(Problem):
    """An option of a command or an argument of a function that makes no sense.

    `detail`: what is wrong, where it is more than the value given.
    """

    complaint = "{given} is not valid"

    def _complaint(self) -> str:
        return self.complaint if self.detail is None else "{detail}"


class JourneysimError(Exception):
    """Anything that journeysim itself gives up on. `exit_code` is the command's."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.message = message or "\n".join(problem.sentence() for problem in self.problems)
        super().__init__(self.message)

    def as_dicts(self) -> list[dict[str, str | int | None]]:
        """What went wrong, as JSON objects: one a problem, at least one."""
        if self.problems:
            return [problem.as_dict() for problem in self.problems]
        return [{"kind": type(self).__name__, "message": self.message}]


class InputError(JourneysimError):
    """The input is wrong, and the user can put it right."""

    exit_code = 2


class ScenarioErrors(InputError):
    """A scenario, a setting or a name of one is wrong; carries every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems=problems)

    def __reduce__(self) -> tuple[type[ScenarioErrors], tuple[tuple[Problem, ...]]]:
        # worker processes hand their errors back by pickling them
        return type(self), (self.problems,)


class NotWritten(JourneysimError):
    """A folder or file could not be written; the message says why."""


class Interrupted(JourneysimError):
    """The user stopped the work; the message says what is kept and how to go on."""

    exit_code = 130


class Note(UserWarning):
    """Something a user should know that stops nothing; commands print it on standard error."""


def note(message: str) -> None:
    """Tell the user one sentence and go on."""
    warnings.warn(message, Note, stacklevel=2)


def check_installed(what: str, extra: str) -> None:
    """Raise `InputError` unless the packages of one of our extras are installed.

    `what`: for which they are needed, as the beginning of a sentence.
    """
    if any(find_spec(package) is None for package in EXTRAS[extra]):
        raise InputError(f"{what} needs the extra `{extra}`: pip install 'journeysim[{extra}]'.")
