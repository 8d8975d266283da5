"""What a run truly needs beside what it is expected to: memory and disk over a grid of sizes."""

import subprocess
import sys
from typing import NamedTuple

from benchmarks.common import SCENARIO, Figure

PROGRAM = """
import gc, sys, tempfile
from pathlib import Path
from benchmarks.room import own, start_again
from sim import run, write_folder
from sim.runs.room import disk_needed, memory_needed
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
source, written = sys.argv[1], sys.argv[5] == "written"
base = load_scenario(source)
sizes = {"agents": int(sys.argv[2]), "days": int(sys.argv[3]), "panel": float(sys.argv[4])}
asked = with_settings(base, overrides=sizes)
with tempfile.TemporaryDirectory() as folder:
    first = run(with_settings(base, overrides={"agents": 200, "days": 40, "panel": 0.05}))
    write_folder(first, Path(folder) / "first")
    del first
    gc.collect()
    start_again()
    before = own("VmRSS")
    made = run(asked, threads=1)
    made.summary
    place = Path(folder) / "made"
    if written:
        write_folder(made, place)
    peak = own("VmHWM") - before
    disk = sum(file.stat().st_size for file in place.rglob("*")) if written else 0
print(memory_needed(asked, written), peak, disk_needed(asked), disk)
"""

GRID = (
    (SCENARIO, 1_000, 30, 0.01),
    (SCENARIO, 1_000, 730, 0.01),
    (SCENARIO, 1_000, 7_300, 0.01),
    (SCENARIO, 30_000, 365, 0.01),
    (SCENARIO, 300_000, 30, 0.01),
    (SCENARIO, 300_000, 365, 0.01),
    (SCENARIO, 300_000, 30, 1.0),
    (SCENARIO, 30_000, 365, 1.0),
    ("webshop_funnel", 100_000, 365, 0.01),
    ("webshop_funnel", 300_000, 90, 0.1),
    (SCENARIO, 500_000, 30, 0.01),
)


class Measured(NamedTuple):
    """Bytes of one run: expected and true."""

    memory_needed: int
    memory: int
    disk_needed: int
    disk: int


def own(name: str) -> int:
    """A size of this process, as Linux counts it."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def start_again() -> None:
    """Let the peak of this process be what it holds now."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def measure(source: str, agents: int, days: int, panel: float, written: bool = True) -> Measured:
    """Do one run in a process of its own, which has made a small one before."""
    options = [source, str(agents), str(days), str(panel), "written" if written else "not"]
    command = [sys.executable, "-c", PROGRAM, *options]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Measured(*map(int, told.split()))


def room(quick: bool) -> list[Figure]:
    """Expected by measured memory and disk; memory of 20 MB and more should be 1.0 to 1.6."""
    figures = []
    for source, agents, days, panel in GRID[:: 3 if quick else 1]:
        for written in (True, False):
            found = measure(source, agents, days, panel, written)
            after = "with its folder" if written else "alone"
            what = f"{source}, {agents:,} x {days}, panel {panel:g}, {after}"
            ratio = found.memory_needed / max(found.memory, 1)
            told = f"expected ({found.memory_needed / 1e6:.0f} MB) by measured"
            figures.append(Figure(f"{what}: {told}", ratio, "", 1.6))
            if written:
                ratio = found.disk_needed / max(found.disk, 1)
                figures.append(Figure(f"{what}: disk", ratio, ""))
    return figures


if __name__ == "__main__":
    for figure in room(quick=False):
        print(figure.line(), flush=True)
