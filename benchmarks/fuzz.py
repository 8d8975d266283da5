"""Change folders as disks, people and forgers do, ten thousand times, and read each.

`python -m benchmarks.fuzz [--count N] [--seed N] [--only SEED] [--workers N]`. The folders are
results, studies, unfinished studies and kept runs (`fuzz_bases`); what is done to them is in
`fuzz_changes`; what may come of it in `fuzz_check`. `--only` repeats one case by the seed that a
failure prints, and says more of it.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from benchmarks.fuzz_bases import BASES, quick
from benchmarks.fuzz_check import CASES_OF_A_SEED, Case, Fuzz, Verdict

PIECE = 100  # cases that a process takes at once
MOST_TOLD = 50  # failures
DOTS = 500  # cases from line to line while it goes on

_fuzz: list[Fuzz] = []  # of a worker process
_open = ExitStack()  # it closes when the process ends


def seeds_of(count: int, seed: int) -> range:
    """The seeds of the cases of one seed."""
    return range(seed * CASES_OF_A_SEED, seed * CASES_OF_A_SEED + count)


def cases(seeds: Iterable[int], around: Path) -> Iterator[Case]:
    """Do the cases in this process; `around`: an empty folder."""
    with quick():
        fuzz = Fuzz(around)
        for seed in seeds:
            yield fuzz.case(seed)


def _begin() -> None:
    """Make a worker process ready."""
    name = _open.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-"))
    _open.enter_context(quick())
    _fuzz.append(Fuzz(Path(name)))


def _piece(seeds: Sequence[int]) -> list[Case]:
    return [_fuzz[0].case(seed) for seed in seeds]


def in_processes(seeds: Sequence[int], workers: int) -> Iterator[Case]:
    """Do the cases in several processes; they come in the order of the seeds."""
    pieces = [seeds[start : start + PIECE] for start in range(0, len(seeds), PIECE)]
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin) as pool:
        for found in pool.map(_piece, pieces):
            yield from found


def table(found: Sequence[Case]) -> list[str]:
    """How many cases of each base and change came to what."""
    counts = Counter((case.base, case.changes[0], case.verdict) for case in found)
    lines = [f"{'folder':<32}{'change':<12}{'cases':>7}" + "".join(f"{v:>16}" for v in Verdict)]
    for base in BASES:
        changes = list(dict.fromkeys(case.changes[0] for case in found))
        for change in [*changes, ""]:
            row = [
                sum(
                    n
                    for (b, c, v), n in counts.items()
                    if b == base.name and v == verdict and change in ("", c)
                )
                for verdict in Verdict
            ]
            if sum(row):
                lines.append(_line(base.name, change or "all", row))
    lines.append(_line("all", "all", [sum(c.verdict == v for c in found) for v in Verdict]))
    return lines


def _line(base: str, change: str, row: Sequence[int]) -> str:
    return f"{base:<32}{change:<12}{sum(row):>7}" + "".join(f"{number:>16}" for number in row)


def told(case: Case) -> str:
    """A case in words."""
    said = " | ".join(case.said.splitlines())[:600]
    changes = ", ".join(case.changes)
    return (
        f"seed {case.seed}: {case.base} ({changes}), {case.command}: {case.verdict}"
        f"{f', {case.why}' if case.why else ''}\n    {said}"
    )


def main() -> None:
    """Do the cases, print what came of them, and end with 1 if any failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the seed of one case")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    began = perf_counter()
    if arguments.only is not None:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
            (case,) = cases([arguments.only], Path(name))
        print(told(case))
        sys.exit(case.verdict == Verdict.FAILED)
    found: list[Case] = []
    failed = 0
    for case in in_processes(seeds_of(arguments.count, arguments.seed), arguments.workers):
        found.append(case)
        if case.verdict == Verdict.FAILED:
            failed += 1
            if failed <= MOST_TOLD:
                print(told(case), flush=True)
        if len(found) % DOTS == 0:
            print(f"{len(found)} cases, {perf_counter() - began:.0f} seconds", flush=True)
    print("\n".join(table(found)))
    print(f"{len(found)} cases, {failed} failed, {perf_counter() - began:.0f} seconds")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
