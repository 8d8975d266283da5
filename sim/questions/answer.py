"""Answers as files: what a question found is written whole, and read back from what was written.

A page or a text is made from an answer alone, so that it can be made anew in another language, or
by a better page, without a run. `answer.json` holds every field of the answer, nested as its
classes are: records as objects, tuples and sequences as lists. Reading checks every field against
the classes (pydantic); nothing that is read is executed.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError

from sim.errors import InputError, one_line
from sim.folders import Folder
from sim.runs.plain import to_plain, with_reasons
from sim.runs.run import SCENARIO, make_manifest
from sim.scenario.dump import dump_scenario
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

ANSWER = "answer.json"  # in a folder

Any_Answer = TypeVar("Any_Answer", bound="Answer")


class Answer(ABC):
    """What a question found: a frozen dataclass of plain data, from which all that is told is made.

    Every field has a type that pydantic knows; there are no arrays and no functions in it.
    """

    kind: ClassVar[str]  # of the question, as manifests and `sim.pages.answers` name it

    @property
    @abstractmethod
    def scenario(self) -> Scenario:
        """The market that was asked about; the baseline if there are several."""

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """Everything found as one object of plain values, None where a figure does not exist."""

    @abstractmethod
    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything found as tidy tables, by the name of their file."""

    @abstractmethod
    def command(self) -> str:
        """The command that asks the same again, in the folder of the answer."""

    def about(self) -> dict[str, Any]:
        """What the manifest says beside kind, command and versions: seeds, runs, seconds."""
        return {}

    def files(self) -> dict[str, str]:
        """The texts of the folder, by file: what is needed to ask again."""
        return {SCENARIO: dump_scenario(self.scenario)}

    def manifest(self) -> dict[str, Any]:
        """What the manifest of its folder says."""
        market = make_manifest(self.scenario, "fast", 1, seconds=0.0).as_dict()
        return {
            "study": self.kind,
            "kind": self.kind,
            "command": self.command(),
            **self.about(),
            "market": {key: market[key] for key in ("scenario", "scenario_hash", "source_hash")},
            "versions": market["versions"],
        }


def answer_text(answer: Answer) -> str:
    """The answer as JSON; `read_answer` gives an equal one. Raises TypeError for what is no plain
    data."""
    return json.dumps(to_plain(answer), ensure_ascii=False, allow_nan=False) + "\n"


def read_answer(folder: Folder, kind: type[Any_Answer]) -> Any_Answer:
    """The answer in an open folder. Raises `InputError` if there is none, or it is damaged."""
    if ANSWER not in folder.names:
        raise InputError(
            f"{folder.place} was written by an older version of journeysim, which kept no answer to"
            f" make the page from; make it again: {folder.said.get('command', 'the same command')}"
        )
    try:
        found: Any_Answer = _adapter(kind).validate_json(folder.read(ANSWER))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise folder.damage(ANSWER, f"{where}: {one_line(first['msg'])}") from error
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise folder.damage(ANSWER, one_line(error)) from error
    return found


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


# An object of any plain values, such as the summary of a run.
Summary = Annotated[Mapping[str, Any], AfterValidator(with_reasons)]
