"""Options that several commands share, and exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DONE = 0
FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130
READER_LEFT = 141  # what a shell reports of a program that a broken pipe ended

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result.")]
Language = Annotated[
    str, typer.Option(metavar="en|da", help="Language of what is told; JSON stays English.")
]
Scenario = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file or library name.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated."),
]
Agents = Annotated[int | None, typer.Option(help="Simulated customers.")]
Days = Annotated[int | None, typer.Option(help="Days to simulate.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the draws; 0 is one.")]
Threads = Annotated[
    int | None, typer.Option(help="At most so many; the result does not depend on it.")
]
Dask = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Use the Dask cluster with this scheduler.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with what was interrupted; finished runs are kept.")
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Result folder; by default in results/, with --json none."),
]
