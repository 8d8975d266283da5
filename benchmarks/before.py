"""This version against the one before: a slider, a whole run, compiling.

Slider and run are of the same market, the default one of then, which has none of the rules that
came since: they are off. One more run is of the default market that each version ships.

The version before is taken out of the history of this repository into a temporary folder. Each
version works in a process of its own, which does the same program line by line, in turns with the
other; its machine code is compiled once, into a folder of its own.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

from benchmarks.common import SCENARIO, Figure, left_out, ratio_in_turns

BEFORE = "5512531"
ROOT = Path(__file__).parent.parent
PARTS = ("sim", "scenarios", "experiments")
GOAL = 0.45
# Of a slider: the budgets that it is moved to, so that nothing of the last move can be kept.
LEVER, LEAST, STEP = "touchpoints.paid_social.budget_per_day", 3000, 10

# A line "slider MARKET AGENTS DAYS" or "run ..." is answered with processor seconds.
PROGRAM = f"""
import sys, time
from sim import load_scenario, run
from sim.engine.day import run_fast
from sim.scenario import levers
# what is moved today leaves the past as it was; the version before had no past
moved = getattr(levers, "from_today", levers.with_settings)
kept, moves = {{}}, 0
for line in sys.stdin:
    work, market, agents, days = line.split()
    size = market, int(agents), int(days)
    if size not in kept:
        kept[size] = load_scenario(market, agents=size[1], days=size[2])
    start = time.process_time()
    if work == "slider":
        moves += 1
        budget = {LEAST} + {STEP} * moves
        run(moved(kept[size], [f"{LEVER}={{budget}}"]), threads=1).summary
    else:
        run_fast(kept[size], threads=1)
    print(time.process_time() - start, flush=True)
"""


def taken_out(place: Path) -> bool:
    """Put the version before into a folder; False if it cannot be had."""
    archive = ["git", "-C", str(ROOT), "archive", BEFORE, *PARTS]
    try:
        made = subprocess.run(archive, capture_output=True)
    except OSError:  # no git
        return False
    if made.returncode != 0:
        return False
    with tarfile.open(fileobj=BytesIO(made.stdout)) as files:
        files.extractall(place, filter="data")
    return True


class Version:
    """A process that does the work of one version, given its folder and that of machine code."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def seconds(self, work: str, market: str | Path, size: tuple[int, int]) -> float:
        """Processor seconds of one piece of work on a market of so many customers and days."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(work, market, *size, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"a version ended while it did: {work} {market} {size}")
        return float(answer)

    def work(self, work: str, market: str | Path, size: tuple[int, int]) -> Callable[[], float]:
        """A measurement of a piece of work."""
        return lambda: self.seconds(work, market, size)


@contextmanager
def version(folder: Path, machine_code: Path) -> Iterator[Version]:
    """The version that lies in a folder, at work."""
    about = {"PYTHONPATH": str(folder), "JOURNEYSIM_CACHE": str(machine_code)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **about},
        text=True,
    )
    try:
        yield Version(process)
    finally:
        process.communicate()


def before(quick: bool) -> list[Figure]:
    """Processor time of this version / of the one before, medians in turns; one thread."""
    name = f"this version / the one before ({BEFORE})"
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Path(folder)
        if not taken_out(place / "before"):
            left_out(name, "that commit cannot be had here")
            return []
        folders = {"new": ROOT, "old": place / "before"}
        versions = {
            each: stack.enter_context(version(tree, place / f"code of {each}"))
            for each, tree in folders.items()
        }
        then = place / "before" / "scenarios" / f"{SCENARIO}.yaml"
        compiling = {each: one.seconds("run", then, (100, 2)) for each, one in versions.items()}

        def ratio(work: str, market: str | Path, size: tuple[int, int], times: int) -> float:
            new, old = (one.work(work, market, size) for one in versions.values())
            new(), old()
            return ratio_in_turns(new, old, times)

        small, size = (10_000, 365), (20_000, 60) if quick else (100_000, 365)
        where = f"{size[0]:,} customers x {size[1]} days"
        moved = ratio("slider", then, small, 3 if quick else 9)
        whole, own = (ratio("run", one, size, 3) for one in (then, SCENARIO))
        return [
            Figure(f"a slider, 10,000 customers x 365 days: {name}", moved, "ratio", GOAL),
            Figure(f"a run, {where}: {name}", whole, "ratio"),
            Figure(f"a run of each one's own default market: {name}", own, "ratio"),
            Figure(f"compiling: {name}", compiling["new"] / compiling["old"], "ratio"),
            Figure("compiling, this version", compiling["new"], "CPU s"),
        ]
