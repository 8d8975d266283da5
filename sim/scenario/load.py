"""Scenario files: find, read and validate, with every problem told at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.errors import FileProblem, NotUtf8, Problem, ScenarioErrors, TooLarge
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import checked, with_settings
from sim.scenario.library import library_file, library_names, nearest_scenario, unknown_scenario
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin, validate
from sim.scenario.yaml_text import read_document

__all__ = [
    "dump_scenario",
    "load_scenario",
    "origin_of",
    "parse_scenario",
    "read_text",
    "scenario_file",
]

MOST_BYTES = 1_000_000  # a large scenario has 100,000
SUFFIXES = (".yaml", ".yml", ".json")


def load_scenario(source: str | Path, settings: Sequence[str] = (), **overrides: Any) -> Scenario:
    """The scenario in a file, or of that name in the library, with settings applied.

    `source`: a path, or a library name; `settings`: `PATH=VALUE` or `PATH*=FACTOR` texts, see
    `sim.scenario.levers`; `overrides`: top-level fields such as `agents`, `days`, `seed`, of which
    None leaves what the file has.
    Raises `ScenarioErrors` with every problem found.
    """
    file = scenario_file(source)
    scenario = parse_scenario(read_text(file), str(file))
    return with_settings(scenario, settings, overrides)


def parse_scenario(text: str, file_name: str | None = None) -> Scenario:
    """The scenario that a YAML text describes; `file_name` is what problems name.

    Raises `ScenarioErrors` with every problem found (of broken YAML: the first).
    """
    document = read_document(text, file_name)
    if not document.problems and not isinstance(document.data, dict):
        raise ScenarioErrors([_no_mapping(document.data, file_name)])
    if document.data is None:
        raise ScenarioErrors(document.problems)
    origin = Origin(file_name, document.lines)
    scenario = validate(document.data, origin, document.problems, unsure=document.unsure)
    return checked(scenario, file_name)


def origin_of(file: Path) -> Origin:
    """Where each part of a scenario file stands. Raises as `read_text` does."""
    return Origin(str(file), read_document(read_text(file), str(file)).lines)


def scenario_file(source: str | Path) -> Path:
    """The file that `source` means: a library scenario's, or a path.

    A plain name is a library name first. Raises `ScenarioErrors` if it is neither.
    """
    if isinstance(source, Path):
        return source
    if source in library_names():
        return library_file(source)
    path = Path(source)
    is_path = path.name != source or path.suffix in SUFFIXES
    try:
        if is_path or path.is_file():
            return path
    except (OSError, ValueError):
        pass
    raise ScenarioErrors([unknown_scenario(source)])


def read_text(file: Path) -> str:
    """The text of a scenario file.

    Raises `ScenarioErrors` if it is missing, a folder, unreadable, too large or not UTF-8.
    """
    name = str(file)
    try:
        if file.is_dir():
            inside = file / "scenario.yaml"
            near = str(inside) if inside.is_file() else None
            problem = FileProblem(file=name, detail="it is a folder, not a file", nearest=near)
            raise ScenarioErrors([problem])
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        near = nearest_scenario(name, file.parent)
        problem = FileProblem(file=name, detail="there is no such file", nearest=near)
        raise ScenarioErrors([problem]) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        detail = f"it cannot be read ({reason})"
        raise ScenarioErrors([FileProblem(file=name, detail=detail)]) from error
    return text_of(content, name)


def text_of(content: bytes, name: str) -> str:
    """The text in the bytes of a scenario file; `name` is what problems name.

    Raises `ScenarioErrors` if there are too many or they are not UTF-8.
    """
    if len(content) > MOST_BYTES:
        allowed = f"at most {MOST_BYTES} bytes"
        raise ScenarioErrors([TooLarge(file=name, given="the file", allowed=allowed)])
    allowed = "plain text in UTF-8"
    problem: Problem
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        detail = f"byte {error.start + 1} of the file is not UTF-8"
        problem = NotUtf8(file=name, line=line, detail=detail, allowed=allowed)
        raise ScenarioErrors([problem]) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        problem = NotUtf8(
            file=name, line=line, detail="it contains a NUL character", allowed=allowed
        )
        raise ScenarioErrors([problem])
    return text


def _no_mapping(data: object, file_name: str | None) -> Problem:
    if data is None:
        return FileProblem(file=file_name, detail="it is empty, or has only comments")
    what = "a list" if isinstance(data, list) else "a single value"
    allowed = "a mapping that starts with name, journey, segments, offers"
    return FileProblem(file=file_name, detail=f"it holds {what}", allowed=allowed)
