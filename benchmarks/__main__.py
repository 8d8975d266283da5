"""`python -m benchmarks [NAME ...] [--quick]`: run the benchmarks and print a table.

`python -m benchmarks mutants [WORD]` is another thing: see `benchmarks.mutants`.

Each line gives the figure, the goal it is held against, and whether this run reached it. Below
the lines of a benchmark stands how busy the machine was. A shared machine is noisy: read the
ratios, and run it again.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.before import before
from benchmarks.commands import commands
from benchmarks.common import Figure, load, machine
from benchmarks.engines import engines
from benchmarks.installed import installed
from benchmarks.luck import luck
from benchmarks.memory import memory
from benchmarks.mutants import main as mutants
from benchmarks.paired import paired
from benchmarks.peers import peers
from benchmarks.room import room
from benchmarks.rules import rules
from benchmarks.speed import speed
from benchmarks.start import start
from benchmarks.sweep import sweep
from benchmarks.threads import threads
from benchmarks.touchpoints import touchpoints

BENCHMARKS: dict[str, Callable[[bool], list[Figure]]] = {
    "speed": speed,
    "rules": rules,
    "before": before,
    "touchpoints": touchpoints,
    "paired": paired,
    "peers": peers,
    "engines": engines,
    "threads": threads,
    "memory": memory,
    "room": room,
    "start": start,
    "installed": installed,
    "commands": commands,
    "luck": luck,
    "sweep": sweep,
}


def main() -> None:
    """Run what was asked for and keep the figures in results/benchmarks.json."""
    if sys.argv[1:2] == ["mutants"]:
        sys.exit(mutants(sys.argv[2:]))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="small sizes, rough figures")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    rows: list[dict[str, object]] = []
    for name in arguments.names or BENCHMARKS:
        began = round(load(), 2)
        figures = BENCHMARKS[name](arguments.quick)
        ended = round(load(), 2)
        for figure in figures:
            print(figure.line(), flush=True)
            rows.append(
                {"benchmark": name, **figure.as_dict(), "load_before": began, "load_after": ended}
            )
        print(f"  ({name}: load {began:g} before, {ended:g} after, {machine()})", flush=True)
    target = Path("results")
    target.mkdir(exist_ok=True)
    (target / "benchmarks.json").write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
