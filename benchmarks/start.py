"""How long the command line takes to do little."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.common import Figure, median_seconds

COMMAND = str(Path(sys.executable).with_name("journeysim"))


def start(quick: bool) -> list[Figure]:
    """Warm start of a small run with its folder and report, and of --help."""
    times = 3 if quick else 7
    small = [COMMAND, "run", "webshop_loop", "--agents", "2000", "--days", "90", "--out"]

    def run_once() -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([*small, f"{folder}/run"], capture_output=True, check=True)

    def help_once() -> None:
        subprocess.run([COMMAND, "--help"], capture_output=True, check=True)

    run_once()
    return [
        Figure(
            "journeysim run, 2,000 customers x 90 days, warm",
            median_seconds(run_once, times),
            "seconds",
            3.0,
        ),
        Figure("journeysim --help", median_seconds(help_once, times), "seconds", 0.7),
    ]
