"""Where journeysim keeps what it can make again: the compiled engine, traces of failures."""

from __future__ import annotations

import os
from pathlib import Path


def cache_root() -> Path | None:
    """The folder of everything that is kept; None if there is no place for one.

    JOURNEYSIM_CACHE moves it, then XDG_CACHE_HOME. It is not made here: to make it is part of
    writing to it, and may fail as writing may.
    """
    base = os.environ.get("JOURNEYSIM_CACHE") or os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "journeysim"
    except RuntimeError:  # a user without a home
        return None
