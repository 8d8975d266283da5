"""The few ways in which this program touches a disk: whole, flushed, and never through a link.

All other modules write and read through these, so that what must be on the disk before something
else happens is said in one place, and so that the tests can let any of them fail. `os` is asked
for everything; nothing here knows what a file is for.
"""

from __future__ import annotations

import ctypes
import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PIECE = 1 << 20  # bytes that are read at once
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe with nobody at its end must not be waited for
BINARY = getattr(os, "O_BINARY", 0)
AT_CWD = -100  # of Linux: paths are relative to the working folder
EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


class NotPlain(OSError):
    """What stands there is a link, a folder, a pipe: no plain file."""


class _Out(io.RawIOBase):
    """A new file, written by `os.write`."""

    def __init__(self, file: Path, flags: int) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | BINARY | flags, 0o666)

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def write(self, data: ReadableBuffer) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._descriptor)


@contextmanager
def new_file(file: Path) -> Iterator[IO[bytes]]:
    """A file that does not exist yet, to be written; it is on the disk when this ends.

    Raises FileExistsError if there is something already, and OSError.
    """
    raw = _Out(file, os.O_EXCL | NO_LINK)
    with raw, io.BufferedWriter(raw, PIECE) as stream:
        yield stream
        stream.flush()
        os.fsync(raw.fileno())


def write(file: Path, content: bytes) -> None:
    """Write a file that does not exist yet. Raises as `new_file` does."""
    with new_file(file) as stream:
        stream.write(content)


def write_text(file: Path, text: str) -> None:
    """Write the text as UTF-8, with the same line ends on every machine."""
    write(file, text.encode())


class Appended:
    """A file that grows by whole lines, each on the disk before the next thing happens."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(
            file, os.O_RDWR | os.O_CREAT | os.O_APPEND | NO_LINK | NO_WAIT | BINARY, 0o666
        )
        _refuse_unless_plain(self._descriptor, file)

    def read(self) -> bytes:
        """All that it holds."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return b"".join(_pieces(self._descriptor))

    def add(self, line: bytes) -> None:
        """Add a line. Raises OSError; a part of the line may be there then."""
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fsync(self._descriptor)

    def cut(self, size: int) -> None:
        """Keep the first `size` bytes only."""
        os.ftruncate(self._descriptor, size)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read(file: Path, most: int | None = None) -> bytes:
    """The bytes of a plain file, `most` at the most and one more if there are more.

    Raises `NotPlain` for anything else that stands there, and OSError.
    """
    descriptor = _open_plain(file)
    try:
        if most is None:
            return b"".join(_pieces(descriptor))
        content = b""
        while len(content) <= most:
            piece = os.read(descriptor, min(PIECE, most + 1 - len(content)))
            if not piece:
                break
            content += piece
        return content
    finally:
        os.close(descriptor)


def size_of(file: Path) -> int:
    """The bytes of a plain file, without reading it. Raises as `read` does."""
    found = os.lstat(file)
    if not stat.S_ISREG(found.st_mode):
        raise NotPlain(f"{file.name} is not a plain file")
    return found.st_size


def pieces(file: Path) -> Iterator[bytes]:
    """The bytes of a plain file, piece by piece. Raises as `read` does."""
    descriptor = _open_plain(file)
    try:
        yield from _pieces(descriptor)
    finally:
        os.close(descriptor)


def _open_plain(file: Path) -> int:
    if os.path.islink(file):
        raise NotPlain(f"{file.name} is a link")
    descriptor = os.open(file, os.O_RDONLY | NO_LINK | NO_WAIT | BINARY)
    _refuse_unless_plain(descriptor, file)
    return descriptor


def _refuse_unless_plain(descriptor: int, file: Path) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotPlain(f"{file.name} is not a plain file")


def _pieces(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, PIECE):
        yield piece


def flush_folder(folder: Path) -> None:
    """Put the names in a folder on the disk; where the system cannot, it does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(PermissionError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(old: Path, new: Path) -> None:
    """Give a file or folder another name, instead of a file of that name; on the disk after."""
    os.replace(old, new)
    flush_folder(new.parent)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change their names in one step; False where the system cannot do that."""
    if not _exchange()(os.fsencode(one), os.fsencode(other)):
        return False
    flush_folder(other.parent)
    return True


@cache
def _exchange() -> Callable[[bytes, bytes], bool]:
    """The system's call that exchanges two names, if it has one."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            swap = library.renamex_np
            return lambda one, other: swap(one, other, EXCHANGE) == 0
        if sys.platform == "linux":
            call = library.renameat2
            return lambda one, other: call(AT_CWD, one, AT_CWD, other, EXCHANGE) == 0
    except (OSError, AttributeError, TypeError):
        pass
    return lambda _one, _other: False


def link_tree(old: Path, new: Path) -> None:
    """Make a new folder that holds all that `old` holds, in the same room; on the disk after.

    No file of either may be changed in place from then on. Raises OSError.
    """
    os.mkdir(new)
    for name in sorted(os.listdir(old)):
        if stat.S_ISDIR(os.lstat(old / name).st_mode):
            link_tree(old / name, new / name)
            continue
        try:
            os.link(old / name, new / name)
        except OSError:  # a file system without second names
            write(new / name, read(old / name))
    flush_folder(new)


def remove(file: Path) -> None:
    """Remove a file or link, if there is one."""
    with suppress(FileNotFoundError):
        os.unlink(file)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all in it, as far as that is possible; links are not followed."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def sentence(place: Path, error: OSError) -> str:
    """What a user is told when `place` cannot be written."""
    return f"{place} cannot be written: {reason(error)}."


def reason(error: OSError) -> str:
    """Why the system refused, in a few words."""
    text = os.strerror(error.errno) if error.errno else str(error)
    if error.errno == errno.ENOSPC:
        text = "the disk is full"
    return f"{text[:1].lower()}{text[1:]}"
