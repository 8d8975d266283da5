"""Folders that appear whole or not at all.

A folder is filled under a hidden name beside its place and then renamed into it. Whatever
stops the program, at the place there is the old folder, the new one, or none; hidden
leftovers of a program that was killed are removed the next time. Only a folder that this
program wrote, and that holds nothing else, is ever replaced: it has a manifest that lists
its files.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from zlib import crc32

from sim.errors import InputError, JourneysimError

MANIFEST = "manifest.json"
RESULTS = Path("results")  # where commands write if nothing is said
NEW, OLD = "new", "old"
LEFTOVER = re.compile(
    r"\.(?P<name>.+)\.(?P<machine>[0-9a-f]{8})\.(?P<process>\d+)\.(?P<what>new|old)"
)


class NotWritten(JourneysimError):
    """A folder or file could not be written; the message says why."""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder that this program wrote; None for any other folder."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(content, dict) and isinstance(content.get("files"), list)
    return content if ours else None


def check_place(place: Path) -> None:
    """Make sure, before long work, that a folder can be put at `place`.

    Raises `InputError` if something stands there that must not be replaced, and
    `NotWritten` if the folder around it cannot be written.
    """
    if place.is_symlink() and not place.exists():
        raise InputError(f"{place} is a link that leads nowhere; choose another folder.")
    if place.exists():
        if not place.is_dir():
            raise InputError(f"{place} is a file; choose another folder.")
        foreign = _foreign(place)
        if foreign is not None:
            raise InputError(f"{place} is left as it is: {foreign}; choose another folder.")
    around = place.resolve().parent
    try:
        around.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(_sentence(around, error)) from error
    if not os.access(around, os.W_OK | os.X_OK):
        raise NotWritten(f"{around} cannot be written: permission denied.")


def _foreign(place: Path) -> str | None:
    """What in the folder at `place` is not this program's own, if anything."""
    try:
        inside = sorted(os.listdir(place))
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if not inside:
        return None
    manifest = read_manifest(place)
    if manifest is None:
        return "it is not a result folder"
    listed = {str(name) for name in manifest["files"]}
    for part in sorted({name.partition("/")[0] for name in listed if "/" in name}):
        listed.add(part)
        inside += [f"{part}/{name}" for name in _inside(place / part)]
    others = [
        name
        for name in inside
        if name not in listed and not LEFTOVER.fullmatch(name.rpartition("/")[2])
    ]
    return f"it also holds {', '.join(others[:3])}" if others else None


def _inside(folder: Path) -> list[str]:
    """The names in a folder, sorted; none if it is no folder or cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def put_folder(place: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a new folder and put that folder, finished, at `place`.

    A folder of ours that stands there is replaced. Raises as `check_place` does, and
    `NotWritten` when the disk is full or the like; nothing is left behind then.
    """
    check_place(place)
    place = place.resolve()
    remove_leftovers(place)
    new = _hidden(place, NEW)
    try:
        new.mkdir()
        fill(new)
        move_folder(new, place)
    except OSError as error:
        raise NotWritten(_sentence(place, error)) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def move_folder(new: Path, place: Path) -> None:
    """Rename a finished folder to `place`, instead of a folder of ours that stands there.

    Raises as `check_place` does, and `OSError` if a name cannot be changed.
    """
    check_place(place)
    place = place.resolve()
    if not place.exists():
        os.rename(new, place)
        return
    old = _hidden(place, OLD)
    try:
        os.rename(place, old)
        os.rename(new, place)
    except BaseException:
        if old.exists() and not place.exists():
            os.rename(old, place)
        raise
    finally:
        if place.exists():
            shutil.rmtree(old, ignore_errors=True)


def put_file(place: Path, content: str) -> None:
    """Write a text file, whole or not at all. Raises `NotWritten`."""
    make_file(place, lambda new: write_text(new, content))


def write_text(file: Path, content: str) -> None:
    """Write the text as UTF-8, with the same line ends on every machine."""
    file.write_text(content, encoding="utf-8", newline="\n")


def make_file(place: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write a new file and put that file, finished, at `place`.

    Whatever file stands there is replaced. The folders around it are made. Raises
    `NotWritten`; nothing is left behind then.
    """
    new = _hidden(place, NEW)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(place)
        fill(new)
        os.replace(new, place)
    except OSError as error:
        raise NotWritten(_sentence(place, error)) from error
    finally:
        with suppress(OSError):  # there is none if the folder around it is none
            new.unlink()


def lock(stream: IO[bytes], place: Path) -> None:
    """Make sure that no other process fills the folder `place`; an open file of it is the sign.

    The lock ends with the process, or with the stream, which is closed if there is another
    process: `InputError` is raised then.
    """
    if os.name == "nt":
        return  # there a file that another process has open is locked by itself
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise InputError(f"another process is at work in {place}; let it finish.") from None
    except OSError:
        return  # a file system without locks


def remove_leftovers(place: Path) -> None:
    """Remove what killed programs left beside `place`; living ones keep theirs.

    A folder that one had moved aside, and not replaced yet, is moved back.
    """
    for hidden in sorted(place.parent.iterdir()):
        found = LEFTOVER.fullmatch(hidden.name)
        if found is None or (found["name"], found["machine"]) != (place.name, _machine()):
            continue
        if _is_alive(int(found["process"])):
            continue
        if found["what"] == OLD and not place.exists():
            os.rename(hidden, place)
        elif hidden.is_dir():
            shutil.rmtree(hidden, ignore_errors=True)
        else:
            hidden.unlink(missing_ok=True)


def _hidden(place: Path, what: str) -> Path:
    """The hidden name of this process beside `place`."""
    return place.with_name(f".{place.name}.{_machine()}.{os.getpid()}.{what}")


def _machine() -> str:
    """A short name of this machine: a folder may be shared with others."""
    return f"{crc32(socket.gethostname().encode()):08x}"


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False  # what this process left earlier is no longer in use
    if os.name == "nt":
        return True  # there the question itself would end the process
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sentence(place: Path, error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.ENOSPC:
        reason = "the disk is full"
    return f"{place} cannot be written: {reason[:1].lower()}{reason[1:]}."
