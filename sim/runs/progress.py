"""What long work shows on a terminal: a bar with the time left; nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim.runs.run import is_compiled

Progress = Callable[[float, float], None]  # what is done, fractions included, and of how much


def tell_if_compiling() -> None:
    """Say on standard error that the fast engine's machine code has to be made first."""
    if sys.stderr is not None and not is_compiled():  # where it is closed Python has None
        print("Compiling the engine (once, about a minute) ...", file=sys.stderr)


@contextmanager
def progress_bar(silent: bool, what: str = "runs", compiles: bool = True) -> Iterator[Progress]:
    """A bar on standard error, called with what is done and all that there is to do.

    `silent`: show nothing at all. `what`: what is counted. `compiles`: the fast engine is used;
    where it is not compiled yet, one line says that this takes its time.
    """
    if compiles and not silent:
        tell_if_compiling()
    if silent or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
