"""What an installation takes: packages and bytes, with and without the extras."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.common import Figure
from sim.errors import EXTRAS

MEGA = 1e6


def installed(_: bool) -> list[Figure]:
    """Packages that the program needs, those of its extras, and their size on the disk."""
    figures = []
    for name, extras in (("core", ()), ("with all extras", tuple(EXTRAS))):
        needed = needs(extras)
        size = sum(size_of(found) for found in needed.values()) / MEGA
        figures += [
            Figure(f"packages installed, {name}", len(needed), "packages"),
            Figure(f"size installed, {name}", size, "MB"),
        ]
    return figures


def needs(extras: Iterable[str]) -> dict[str, Distribution]:
    """The installed packages that the program and some of its extras ask for, step by step."""
    found: dict[str, Distribution] = {}
    todo = [(line, "") for line in distribution("journeysim").requires or []]
    todo = [(line, extra) for line, _ in todo for extra in ("", *extras)]
    while todo:
        line, extra = todo.pop()
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name in found or name == "journeysim":
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system
        more = ("", *requirement.extras)
        todo += [(line, part) for line in found[name].requires or [] for part in more]
    return found


@cache
def size_of(found: Distribution) -> int:
    """Bytes of a package's files on the disk."""
    places = (Path(str(found.locate_file(file))) for file in found.files or [])
    return sum(place.stat().st_size for place in places if place.is_file())
