"""The commented scenario that `journeysim new` starts a user with: a small shop, or any market."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.errors import BadOption, FileProblem, InputError
from sim.scenario.fields import NAME_PATTERN, NAME_WORDS
from sim.scenario.load import parse_scenario, read_text, scenario_file
from sim.scenario.yaml_text import plain_scalar

TEMPLATE = Path(__file__).with_name("template.yaml")
TITLES = ("title", "title_da")
BLOCK = ("|", ">")  # styles of a text that ends with its line


def template_text(name: str, source: str | None = None) -> str:
    """The template, or the file of the scenario `source`, as the scenario `name`.

    Only its name and its titles change; comments stay. `source`: a library name or a file. Raises
    `InputError` if `name` is not a name that a scenario can have, and `ScenarioErrors` if there is
    no such source or it is not valid.
    """
    if not re.match(NAME_PATTERN, name) or name.endswith("\n"):
        problem = BadOption(field="NAME", given=f"`{name}`", allowed=NAME_WORDS)
        raise InputError(problems=[problem])
    if source is None:
        return _with_values(TEMPLATE.read_text(encoding="utf-8"), {"name": name})
    file = scenario_file(source)
    text = read_text(file)
    parse_scenario(text, str(file))
    title = name.replace("_", " ").capitalize()
    return _with_values(text, {"name": name} | dict.fromkeys(TITLES, title))


def write_template(
    name: str, folder: Path, replace: bool = False, *, source: str | None = None
) -> Path:
    """Write NAME.yaml into `folder`, whole or not at all; returns its path.

    `source`: as of `template_text`, which says what it raises; also `InputError` if the file exists
    and `replace` is not set, and OSError if the folder cannot be written to.
    """
    text = template_text(name, source)
    file = folder / f"{name}.yaml"
    temporary = folder / f".{name}.{os.getpid()}.tmp"
    try:
        temporary.write_text(text, encoding="utf-8", newline="")  # lines end as they are
        if replace:
            os.replace(temporary, file)
        else:
            _move_if_new(temporary, file)
    except FileExistsError as error:
        problem = FileProblem(file=str(file), detail="it exists already; use --force to replace it")
        raise InputError(problems=[problem]) from error
    finally:
        temporary.unlink(missing_ok=True)
    return file


def _with_values(text: str, values: dict[str, str]) -> str:
    """A scenario's text with other values at its top; what it does not have is left out."""
    found = [(key, event) for key, event in _top(text) if key in values]
    for key, event in reversed(found):
        value = values[key]
        written = value if isinstance(plain_scalar(value), str) else f'"{value}"'
        end = "\n" if event.style in BLOCK else ""
        text = text[: event.start_mark.index] + written + end + text[event.end_mark.index :]
    return text


def _top(text: str) -> list[tuple[str, Any]]:
    """The keys of a valid scenario's text whose value is a scalar, in order, and its event."""
    found: list[tuple[str, Any]] = []
    depth, key = 0, None
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
            key = None if depth == 1 else key
        elif isinstance(event, ScalarEvent) and depth == 1:
            if key is None:
                key = event.value
            else:
                found.append((key, event))
                key = None
    return found


def _move_if_new(temporary: Path, file: Path) -> None:
    """Move `temporary` to `file`. Raises FileExistsError if that exists."""
    try:
        os.link(temporary, file)  # in one step: fails even if the file came just now
    except FileExistsError:
        raise
    except OSError as error:  # a file system without links
        if file.exists():
            raise FileExistsError(file) from error
        os.replace(temporary, file)
