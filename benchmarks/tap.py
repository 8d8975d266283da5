"""Every call of the system's that touches one folder, seen before it happens.

The calls that Python code makes for a folder go through a handful of functions of `os`
(`pathlib` and `shutil` call them too). In a process that was forked for it, `Tap` replaces them by
ones that tell a listener first. The code under test has no hooks and knows nothing of it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import sim.disk

# by the name that is printed: the functions of `os` that do it
FUNCTIONS = {
    "write": ("write", "ftruncate"),
    "flush": ("fsync",),
    "rename": ("replace", "rename"),
    "link": ("link", "symlink"),
    "remove": ("unlink", "remove", "rmdir"),
    "mkdir": ("mkdir",),
    "open": ("open",),
    "read": ("read",),
    "look": ("stat", "lstat", "listdir", "scandir", "access"),
}
CHANGING = ("write", "flush", "rename", "link", "remove", "mkdir")


class Call(NamedTuple):
    """One call, about to be made."""

    kind: str  # of FUNCTIONS
    function: str
    about: str  # what it is done to, as a file's path
    makes: bool  # whether it needs room on the disk


Listener = Callable[[Call, Callable[[], None]], None]
Begin = Callable[[], None]


class Tap:
    """Tells `listener` of every call on what lies in `root`, before it is made.

    The listener may raise OSError, which is what the call does then, or end the process. Its
    second argument writes half of what the call would write, where it is one that writes.
    """

    def __init__(self, root: Path, listener: Listener) -> None:
        self._root = os.path.abspath(root)
        self._listener = listener
        self._paths: dict[int, str] = {}  # of the open files in `root`
        self._lock = threading.RLock()
        self._inside = threading.local()

    def put_in(self) -> None:
        """Replace the functions, for the rest of this process."""
        for kind, functions in FUNCTIONS.items():
            for function in functions:
                setattr(os, function, self._told(kind, function, getattr(os, function)))
        close = os.close

        def closed(descriptor: int) -> None:
            self._paths.pop(descriptor, None)
            close(descriptor)

        os.close = closed
        exchange = sim.disk._exchange()
        sim.disk._exchange = lambda: self._exchange(exchange)

    def _told(self, kind: str, function: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            about = self._about(function, given, named)
            if about is None or getattr(self._inside, "call", False):
                return do(*given, **named)

            def half() -> None:
                if function == "write":
                    do(given[0], memoryview(given[1])[: len(given[1]) // 2])

            self._tell(Call(kind, function, about, _makes(kind, given)), half)
            found = do(*given, **named)
            if function == "open":
                self._paths[found] = about
            return found

        return call

    def _exchange(self, do: Callable[[bytes, bytes], bool]) -> Callable[[bytes, bytes], bool]:
        def exchange(one: bytes, other: bytes) -> bool:
            try:
                self._tell(Call("rename", "exchange", os.fsdecode(other), True), lambda: None)
            except OSError as error:
                ctypes.set_errno(error.errno or errno.EIO)
                return False
            return do(one, other)

        return exchange

    def _tell(self, call: Call, half: Callable[[], None]) -> None:
        with self._lock:
            self._inside.call = True
            try:
                self._listener(call, half)
            finally:
                self._inside.call = False

    def _about(self, function: str, given: tuple[Any, ...], named: dict[str, Any]) -> str | None:
        """The path that a call is about, if it lies in the folder."""
        first = given[0] if given else named.get("path", ".")
        if isinstance(first, int):
            return self._paths.get(first)
        if function in ("replace", "rename", "link", "symlink") and len(given) > 1:
            first = given[1]  # what is made or replaced
        path = os.fsdecode(first)
        directory = named.get("dir_fd")
        if directory is not None:
            around = self._paths.get(directory)
            return None if around is None else f"{around}/{path}"
        path = os.path.abspath(path)
        return path if path == self._root or path.startswith(f"{self._root}/") else None


def counting(file: Path, root: Path, kinds: Collection[str] = tuple(FUNCTIONS)) -> Begin:
    """What writes down every call of these kinds, a line each, in the copy that calls it."""
    stream = file.open("w")

    def listen(call: Call, half: Callable[[], None]) -> None:
        if call.kind in kinds:
            print(*call, sep="\t", file=stream, flush=True)

    return lambda: Tap(root, listen).put_in()


def read_calls(file: Path) -> list[Call]:
    """The calls that were written down."""
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    return [Call(kind, function, about, makes == "True") for kind, function, about, makes in lines]


def _makes(kind: str, given: tuple[Any, ...]) -> bool:
    """Whether a call needs room on the disk."""
    if kind == "open":
        return len(given) > 1 and bool(given[1] & os.O_CREAT)
    return kind in ("write", "flush", "rename", "link", "mkdir")
