"""What nobody foresaw: one sentence for the user, and a trace in a file for who looks into it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.caches import cache_root
from sim.errors import JourneysimError, shown

MOST_TRACES = 20
TRACE = re.compile(r"trace-\d{8}-\d{6}-\d{6}-\d+\.txt")
LONGEST = 300  # characters of a message
PACKAGES = (
    "journeysim",
    "numpy",
    "numba",
    "llvmlite",
    "pandas",
    "pyarrow",
    "pydantic",
    "ruamel.yaml",
    "matplotlib",
    "typer",
    "rich",
)


class Unforeseen(JourneysimError):
    """An exception that no rule of ours is about."""


def unforeseen(error: Exception, arguments: Sequence[str]) -> Unforeseen:
    """The sentence about `error`; its trace is saved, if that is possible."""
    saved = save_trace(error, arguments)
    details = f"for details see {saved}" if saved else "for details add --debug"
    return Unforeseen(
        f"journeysim failed with an unforeseen error: {in_one_line(error)}; {details}"
    )


def in_one_line(error: Exception) -> str:
    """`Type: message`."""
    message = " ".join(str(error).split())
    name = type(error).__name__
    return shown(f"{name}: {message}" if message else name, LONGEST)


def save_trace(error: Exception, arguments: Sequence[str]) -> Path | None:
    """Write what led to `error`, and keep the latest traces; None if nothing can be written."""
    root = cache_root()
    if root is None:
        return None
    now = datetime.now(UTC)
    file = root / "traces" / f"trace-{now:%Y%m%d-%H%M%S-%f}-{os.getpid()}.txt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        text = trace_text(error, arguments, now)
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
        _remove_old(file.parent)
    except OSError:
        return None
    return file


def trace_text(error: Exception, arguments: Sequence[str], now: datetime) -> str:
    """Command line, time, platform, versions and traceback."""
    lines = [
        shlex.join(["journeysim", *arguments]),
        f"{now:%Y-%m-%d %H:%M:%S} UTC",
        f"{platform.platform()}, Python {sys.version}",
        ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
        "",
        *traceback.format_exception(error),
    ]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _remove_old(folder: Path) -> None:
    """Remove all but the latest traces, which their names sort; no other file is touched."""
    traces = sorted(file for file in folder.iterdir() if TRACE.fullmatch(file.name))
    for file in traces[:-MOST_TRACES]:
        if file.is_file():
            file.unlink(missing_ok=True)
