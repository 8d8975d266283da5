"""One command at a time in one place: a lock beside it that ends with the process that holds it.

The sign is the system's lock on the hidden file `.NAME.lock`, not the file itself: whatever ends
the process, the lock is gone, and what is left of the file is taken up by the next command. The
file says who is at work. Nothing waits: the second command is refused.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sim import disk
from sim.errors import InputError, NotWritten, shown

LOCK = re.compile(r"\.(?P<name>.+)\.lock")
BEGINS = b'{"process"'  # a lock file that is not empty
MOST_SAID = 1000  # bytes of a lock file that are read
TRIES = 100  # to lock a file that others remove at the same moment


Stamp = tuple[int, int]


class AtWork(InputError):
    """Another command is at work in the place that is asked for."""


@dataclass
class _Held:
    """A lock of this process: its file, the thread it belongs to, how often that took it.

    `found`: the stamp of the file when it was locked, before anything was written to it.
    """

    descriptor: int
    file: Path
    found: Stamp
    thread: int
    times: int = 1


_held: dict[Path, _Held] = {}
_guard = threading.Lock()


@contextmanager
def at_work(place: Path) -> Iterator[None]:
    """Keep every other command out of `place`, a folder or file that this one writes.

    A thread may take it again inside. The folder around `place` is made. Raises `AtWork` if
    somebody else is at work there, or came before this command had the lock; `NotWritten` if the
    folder around it cannot be written.
    """
    place = place.resolve()
    if not place.name:
        raise InputError(f"{place} cannot hold a result; choose a folder with a name.")
    # who is at work now and ends before the lock is ours is known by the lock file, if not by the
    # place: another file of that name is locked then
    lock, before = _stamp(_lock_file(place)), _stamp(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        mine = _take(place)
    except OSError as error:
        raise NotWritten(disk.sentence(place.parent, error)) from error
    try:
        others = lock is not None and mine.times == 1 and mine.found != lock
        if others or _stamp(place) != before:
            raise AtWork(f"another command has just written {place}. Choose another, or try again.")
        yield
    finally:
        _release(place)


def is_lock(file: Path) -> bool:
    """Whether a file is what a killed command left of its lock, and nobody's own."""
    if not LOCK.fullmatch(file.name):
        return False
    try:
        return BEGINS.startswith(disk.read(file, MOST_SAID)[: len(BEGINS)])
    except OSError:
        return False


def _lock_file(place: Path) -> Path:
    return place.with_name(f".{place.name}.lock")


def _take(place: Path) -> _Held:
    with _guard:
        mine = _held.get(place)
        if mine is not None:
            if mine.thread != threading.get_ident():
                raise AtWork(f"{place} is in use by another thread of this process.")
            mine.times += 1
            return mine
        file = _lock_file(place)
        descriptor, found = _locked(file, place)
        mine = _held[place] = _Held(descriptor, file, found, threading.get_ident())
        return mine


def _release(place: Path) -> None:
    with _guard:
        mine = _held[place]
        mine.times -= 1
        if mine.times:
            return
        del _held[place]
        # removed while it is locked: who has it open by now sees that it is no longer the file
        with suppress(OSError):
            disk.remove(mine.file)
        os.close(mine.descriptor)


def _locked(file: Path, place: Path) -> tuple[int, Stamp]:
    """The lock file, opened and locked, with our name in it, and its stamp before that."""
    for _ in range(TRIES):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | disk.NO_LINK | disk.NO_WAIT, 0o666)
        try:
            if not _lock(descriptor):
                raise AtWork(_sentence(file, place))
            if _is_same(descriptor, file):
                found = _stamp_of(os.fstat(descriptor))
                said = {"process": os.getpid(), "command": _command()}
                with suppress(OSError):  # it is locked, whatever it says
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, json.dumps(said).encode())
                return descriptor, found
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was removed when its command ended: there is a new one, or none
    raise AtWork(f"{place} is in use by other commands. Wait for them to finish.")


def _lock(descriptor: int) -> bool:
    """Lock the file for this process; False if another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks: nobody can be kept out
    return True


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(file))
    except OSError:
        return False


def _sentence(file: Path, place: Path) -> str:
    who = "another command"
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        said = json.loads(disk.read(file, MOST_SAID))
        who = f"{shown(str(said['command']))} (process {int(said['process'])})"
    return f"{place} is in use by {who}. Wait for it to finish, or choose another."


def _command() -> str:
    """What this process is called: the command and its first word."""
    name = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    if Path(sys.argv[0] if sys.argv else "").parent.name == "cli":  # python -m sim.cli
        name = "journeysim"
    word = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1].replace("-", "").isalpha() else ""
    return f"{name} {word}".strip()


def _stamp(place: Path) -> Stamp | None:
    """What stands at the place, as far as a change of it must be seen."""
    try:
        return _stamp_of(os.stat(place))
    except OSError:
        return None


def _stamp_of(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_mtime_ns
