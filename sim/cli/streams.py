"""What is printed may not arrive: a closed stream, a full disk, a reader that went away.

Python tells of that in a traceback, or in a message as the program ends, when nobody can catch
it. `guarded` puts streams in place for a while that tell it as `OutputLost`, once, for standard
output; what cannot be said on standard error is left out, as it must not stop the work.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


SPELLED = "spelled"  # how streams write what their encoding lacks
SPELLING = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{NO-BREAK SPACE}": " ",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{DIVISION SIGN}": "/",
    "\N{PLUS-MINUS SIGN}": "+/-",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": '"',
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\u00e6": "ae",
    "\u00f8": "oe",
    "\u00e5": "aa",
    "\u00c6": "Ae",
    "\u00d8": "Oe",
    "\u00c5": "Aa",
}


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """What a stream writes that lacks a sign: its nearest letters, or its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    escaped = (sign.encode("ascii", "backslashreplace").decode("ascii") for sign in lacking)
    spelled = (SPELLING.get(sign, own) for sign, own in zip(lacking, escaped, strict=True))
    return "".join(spelled), error.end


codecs.register_error(SPELLED, _spelled)


class OutputLost(Exception):
    """Nothing more arrives on standard output. No OSError, so that nobody takes it for one."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.reader_left = error.errno == errno.EPIPE
        self.closed = error.errno == errno.EBADF

    def sentence(self) -> str:
        """What happened, for standard error."""
        reason = "it is closed" if self.closed else str(self).rstrip(".")
        return f"nothing can be written to standard output: {reason}."


class _Guarded(io.RawIOBase):
    """The bytes of a stream; the first that cannot be written are told of, if `tells`."""

    def __init__(self, raw: Any, tells: bool) -> None:
        self._raw = raw
        self._tells = tells
        self._lost = False

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw is not None and bool(self._raw.isatty())

    def fileno(self) -> int:
        if self._raw is None:
            raise io.UnsupportedOperation("fileno")
        return int(self._raw.fileno())

    def write(self, data: ReadableBuffer) -> int | None:
        size = memoryview(data).nbytes
        if self._lost:
            return size
        try:
            if self._raw is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            written: int | None = self._raw.write(data)
        except OSError as error:
            self._lost = True
            if self._tells:
                raise OutputLost(error) from error
            return size
        return written


@contextmanager
def guarded() -> Iterator[None]:
    """Guard standard output and standard error, where they are the process's own.

    Raises `OutputLost` from whatever prints, at the latest from the end of the `with`.
    """
    _occupy_closed()
    before = sys.stdout, sys.stderr
    sys.stdout = _stand_in(sys.stdout, sys.__stdout__, tells=True)
    sys.stderr = _stand_in(sys.stderr, sys.__stderr__, tells=False)
    try:
        yield
        sys.stdout.flush()
    finally:
        mine = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = before
        for stream, other in zip(mine, before, strict=True):
            if stream is not other:
                _forget(stream)


def _occupy_closed() -> None:
    """Let no file that is opened later become standard input, output or error."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free: this one


def _stand_in(stream: TextIO | None, own: TextIO | None, tells: bool) -> TextIO:
    """A guarded stream instead of the process's own; one that a caller put there stays."""
    if stream is not None and (stream is not own or not hasattr(stream, "buffer")):
        return stream
    raw = None
    if stream is not None:
        stream.flush()
        raw = getattr(stream.buffer, "raw", stream.buffer)  # unbuffered, it is the raw one
    return io.TextIOWrapper(
        io.BufferedWriter(_Guarded(raw, tells)),
        encoding=stream.encoding if stream is not None else "utf-8",
        errors=SPELLED,
        line_buffering=stream is None or getattr(stream, "line_buffering", False) or not tells,
        write_through=getattr(stream, "write_through", False),
    )


def _forget(stream: TextIO) -> None:
    """Write what is left, and keep the descriptor open."""
    try:
        stream.close()
    except OutputLost:
        stream.close()  # told already; what is left is dropped now
