"""The scenario library: where it is and what is in it.

In a checkout the scenarios stand in the top folder `scenarios/`; an installed wheel has
them inside the package. Both are found from any working directory.
"""

from __future__ import annotations

import re
from pathlib import Path

from sim.errors import ScenarioErrors, UnknownScenario, nearest

PACKAGE = Path(__file__).resolve().parents[1]
SUFFIX = ".yaml"
TITLE = re.compile(r"^title:[ \t]+(.+?)[ \t]*$", re.MULTILINE)


def library_folder(kind: str = "scenarios") -> Path:
    """The folder of the library's `scenarios` or `experiments`."""
    shipped = PACKAGE / "library" / kind
    return shipped if shipped.is_dir() else PACKAGE.parent / kind


def library_names(kind: str = "scenarios") -> list[str]:
    """Names of the library's `scenarios` or `experiments`, sorted."""
    return sorted(file.stem for file in library_folder(kind).glob(f"*{SUFFIX}"))


def library_file(name: str) -> Path:
    """The file of the library scenario `name`.

    Raises `ScenarioErrors` (with the nearest name) if the library has no such scenario.
    """
    names = library_names()
    if name not in names:
        raise ScenarioErrors([unknown_scenario(name)])
    return library_folder() / f"{name}{SUFFIX}"


def library_title(name: str) -> str:
    """The title of the library scenario `name`, read without validating the file."""
    from sim.scenario.yaml_text import read_document

    found = TITLE.search(library_file(name).read_text(encoding="utf-8"))
    title = read_document(found.group(1), None).data if found else None
    return title if isinstance(title, str) else ""


def unknown_scenario(name: str) -> UnknownScenario:
    """The problem of a name that is neither a file nor in the library."""
    names = library_names()
    if name in library_names("experiments"):
        detail = f"is a study, not a scenario; run it with journeysim experiment {name}"
        return UnknownScenario(given=name, detail=detail)
    return UnknownScenario(
        given=name,
        allowed=", ".join([*names, "or a file"]),
        nearest=nearest_scenario(name, Path()),
    )


def nearest_scenario(name: str, folder: Path) -> str | None:
    """What `name` was most likely meant to be: a library name, or a file in `folder`.

    Of a library name and a file that are called the same, the one of the kind that `name` is.
    """
    try:
        files = {file.stem: str(file) for file in folder.glob(f"*{SUFFIX}")}
    except OSError:
        files = {}
    library = {known: known for known in library_names()}
    known = library | files if Path(name).suffix == SUFFIX else files | library
    near = nearest(Path(name).stem, known)
    return None if near is None else known[near]
