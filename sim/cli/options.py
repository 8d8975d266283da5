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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the result.")]
Language = Annotated[
    str,
    typer.Option(metavar="en|da", help="Language of printed text and reports. JSON is in English."),
]
Scenario = Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file or library name.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a field of the scenario; PATH*=FACTOR multiplies a number. Can be repeated.",
    ),
]
# Of questions that add seeds until they are sure enough.
Replicates = Annotated[
    int | None,
    typer.Option(
        help="Number of replicates (consecutive seeds from --seed), 2 or more. Default: as many as"
        " --precision needs."
    ),
]
ProfitPrecision = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Largest standard error of a profit difference, as a share of the baseline's"
        " margin; sets the number of replicates (5 to 100). Default: 0.01.",
    ),
]
Agents = Annotated[
    int | None, typer.Option(help="Number of simulated customers. Default: as in the scenario.")
]
Days = Annotated[
    int | None, typer.Option(help="Number of days to simulate. Default: as in the scenario.")
]
Seed = Annotated[
    int | None, typer.Option(help="Random seed (0 or greater). Default: as in the scenario.")
]
Threads = Annotated[
    int | None,
    typer.Option(help="Maximum number of threads. Does not affect results. Default: all cores."),
]
Dask = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Address of a Dask scheduler, to use its cluster."),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Resume an interrupted command; completed runs are reused.")
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Result folder. Default: in results/; none with --json."),
]
