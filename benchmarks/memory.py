"""Memory per customer: what a larger run's process holds more than a smaller one's."""

import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.common import Figure

SMALL, LARGE = 100_000, 1_000_000
PROGRAM = """
import sys
from benchmarks.common import market
from benchmarks.memory import own_peak_bytes
from sim.engine.day import run_fast
records = run_fast(market(int(sys.argv[1]), int(sys.argv[2])), threads=1)
print(own_peak_bytes())
"""
PROGRAM_FOLDER = """
import sys, tempfile
from pathlib import Path
from benchmarks.common import market
from benchmarks.memory import own_peak_bytes
from sim import run, write_folder
made = run(market(int(sys.argv[1]), int(sys.argv[2])), threads=1)
with tempfile.TemporaryDirectory() as folder:
    write_folder(made, Path(folder) / "run")
print(own_peak_bytes())
"""


def own_peak_bytes() -> int:
    """Peak resident memory of this process.

    Linux's own count of this program: `getrusage` would hand down what its parent once used.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_bytes(program: str, agents: int, days: int) -> int:
    """Peak resident memory of a process that runs so many customers."""
    command = [sys.executable, "-c", program, str(agents), str(days)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def memory(quick: bool) -> list[Figure]:
    """Bytes a customer, of a run, and of a run that is written to a folder with a report."""
    days = 30 if quick else 365
    figures = []
    for what, program in (("run", PROGRAM), ("run and result folder", PROGRAM_FOLDER)):
        more = peak_bytes(program, LARGE, days) - peak_bytes(program, SMALL, days)
        per_customer = more / (LARGE - SMALL)
        figures.append(
            Figure(f"memory of a customer, {what}, {days} days", per_customer, "bytes", 250.0)
        )
    return figures
