"""The commented scenario that `journeysim new` starts a user with."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sim.errors import BadOption, FileProblem, InputError
from sim.scenario.fields import NAME_PATTERN, NAME_WORDS

TEMPLATE = Path(__file__).with_name("template.yaml")
PLACEHOLDER = "name: my_shop"


def template_text(name: str) -> str:
    """The template as the scenario `name`.

    Raises `InputError` if that is not a name that a scenario can have.
    """
    if not re.match(NAME_PATTERN, name) or name.endswith("\n"):
        problem = BadOption(field="NAME", given=f"`{name}`", allowed=NAME_WORDS)
        raise InputError(problems=[problem])
    return TEMPLATE.read_text(encoding="utf-8").replace(PLACEHOLDER, f"name: {name}", 1)


def write_template(name: str, folder: Path, replace: bool = False) -> Path:
    """Write NAME.yaml into `folder`, whole or not at all; returns its path.

    Raises `InputError` for a bad name, or if the file exists and `replace` is not set;
    OSError if the folder cannot be written to.
    """
    text = template_text(name)
    file = folder / f"{name}.yaml"
    temporary = folder / f".{name}.{os.getpid()}.tmp"
    try:
        temporary.write_text(text, encoding="utf-8")
        if replace:
            os.replace(temporary, file)
        else:
            _move_if_new(temporary, file)
    except FileExistsError as error:
        problem = FileProblem(file=str(file), detail="it exists already; --force replaces it")
        raise InputError(problems=[problem]) from error
    finally:
        temporary.unlink(missing_ok=True)
    return file


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
