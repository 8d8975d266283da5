"""What commands cost in processor time, beside what they cannot do without."""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.common import SCENARIO, Figure, ratio_in_turns

COMMAND = str(Path(sys.executable).with_name("journeysim"))
LIBRARIES = [sys.executable, "-c", "import numba, pandas, matplotlib"]
RUN = [COMMAND, "run", SCENARIO, "--quiet"]
SMALL = ["--agents", "2000", "--days", "90"]


def command_seconds(words: list[str]) -> float:
    """Processor seconds of a command and of all processes that it waits for."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before = used()
    subprocess.run(words, capture_output=True, check=True)
    return used() - before


def run_seconds(*options: str) -> float:
    """Processor seconds of `journeysim run` with its folder and report."""
    with tempfile.TemporaryDirectory() as folder:
        return command_seconds([*RUN, "--out", f"{folder}/run", *options])


def commands(quick: bool) -> list[Figure]:
    """`run` at its defaults with the next krone and without, and a small `run`."""
    size = ["--agents", "10000", "--days", "180"] if quick else []
    where = "10,000 customers x 180 days" if quick else "at its defaults"
    times = 3 if quick else 5
    run_seconds(*SMALL)
    command_seconds(LIBRARIES)
    return [
        Figure(
            f"journeysim run {where}: with / without the next krone",
            ratio_in_turns(
                lambda: run_seconds(*size),
                lambda: run_seconds(*size, "--no-next-krone"),
                1,
            ),
            "ratio",
            2.0,
        ),
        Figure(
            "journeysim run, 2,000 customers x 90 days, warm / its libraries' import",
            ratio_in_turns(lambda: run_seconds(*SMALL), lambda: command_seconds(LIBRARIES), times),
            "ratio",
            1.5,
        ),
    ]
