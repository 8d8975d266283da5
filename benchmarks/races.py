"""Let two commands work in one place at the same time, in many interleavings, and look who won.

`python -m benchmarks.races [--times N] [--seed N] [--again CASE]`

Both are forked copies of one process. Before every call that touches the place each asks a
controller and waits for its turn; who goes on is drawn by a seed, so that an interleaving can be
repeated. What must hold after both have ended:

- at the place stands the result of one of the two, whole and to the byte, or what was there;
- both end well only if one began (its first look at the lock) after the other had ended (its last
  one), or if neither takes anything from the other;
- who is refused is told in one sentence who is at work, or that somebody has been;
- no lock and nothing hidden is left, and a third command, undisturbed, works.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement
from pathlib import Path
from typing import NamedTuple

from benchmarks.small import (
    COMMANDS,
    MADE,
    WORK,
    Ended,
    begin,
    check_whole,
    do,
    files_of,
    fresh,
    hidden,
    tables_of,
    wait,
    warm,
    workshop,
)
from benchmarks.tap import Call, Tap, counting
from sim.errors import InputError
from sim.folders import MANIFEST
from sim.runs.dataset import RUNS
from sim.runs.unfinished import STUDY

TIMES = 200  # interleavings
READ = "read.csv"
EVENTS = ("--format", "events")
FOLDERS = (
    "run",
    "run --replicates",
    "compare",
    "optimise",
    "touchpoints",
    "export-mmm",
    "experiment",
)
PAIRS = [*combinations_with_replacement(FOLDERS, 2)]
PAIRS += [(name, "report") for name in FOLDERS] + [("report", "report"), ("export", "export")]
READING = "export of it"  # reads the place that the other one writes
PAIRS += [("run", READING), ("report", READING)]
RATES = (0.5, 0.1, 0.02)  # how often the other one goes on
SEEDS = ("11", "22")  # of the first command and of the second
REFUSED = (
    "is in use by",
    "has just written",
    "holds this study, unfinished",
    "another study",
    "by another command meanwhile",
)


class Case(NamedTuple):
    """One interleaving: two commands, whether an old result stands there, and the luck."""

    first: str
    second: str
    old: bool
    seed: int

    def __str__(self) -> str:
        return f"{self.first}:{self.second}:{int(self.old)}:{self.seed}"


class Side:
    """One of the two processes, as the controller sees it."""

    def __init__(self, line: list[str], said: Path) -> None:
        asks, self._asked = os.pipe()
        self._may, goes = os.pipe()
        self.said = said
        self.began = self.ended_at = -1  # its first and its last look at a lock, by a clock of both
        self.at_lock = False  # whether it is about to look at one
        self.ended: Ended | None = None

        def listen(call: Call, half: Callable[[], None]) -> None:
            os_write(self._asked, b"l" if call.about.endswith(".lock") else b".")
            if not os_read(self._may, 1):
                os._exit(1)

        os_write, os_read = os.write, os.read  # before they are tapped

        def before() -> None:
            os.close(asks)
            os.close(goes)
            Tap(WORK, listen).put_in()

        self.process = begin(line, said, before)
        os.close(self._asked)
        os.close(self._may)
        self.asks, self._goes = asks, goes

    def wait(self) -> bool:
        """Wait until it asks for its turn; False if it ended instead."""
        if asked := os.read(self.asks, 1):
            self.at_lock = asked == b"l"
            return True
        self.ended = wait(self.process, self.said)
        os.close(self.asks)
        os.close(self._goes)
        return False

    def go(self, clock: int) -> None:
        """Let it make one call."""
        if self.at_lock:
            self.began = clock if self.began < 0 else self.began
            self.ended_at = clock
        os.write(self._goes, b".")


def interleave(first: list[str], second: list[str], luck: random.Random, most: int) -> list[Side]:
    """Let two commands go on in turns; `most`: how many calls the first makes alone, about."""
    sides = [Side(first, Path("said-1.txt"))]
    sides.append(Side(second, Path("said-2.txt")))
    ahead, rate, clock, turn = luck.randrange(most), luck.choice(RATES), 0, 0
    waiting = [side.wait() for side in sides]
    while any(waiting):
        clock += 1
        if clock > ahead and luck.random() < rate:
            turn = 1 - turn
        now = turn if waiting[turn] else 1 - turn
        side = sides[now]
        side.go(clock)
        waiting[now] = side.wait()
    return sides


class Races:
    """The interleavings that were tried, and what did not hold."""

    def __init__(self) -> None:
        self.results: dict[tuple[str, int], dict[str, bytes]] = {}  # by command and side
        self.calls: dict[str, int] = {}
        self.exports: list[bytes] = []
        self.tried: Counter[tuple[str, str]] = Counter()
        self.ends: Counter[str] = Counter()
        self.failures: list[str] = []

    def line(self, name: str, side: int) -> list[str]:
        """The command line of a side."""
        if name == READING:
            return ["export", str(WORK / MADE), *EVENTS, "--out", str(WORK / READ), "--quiet"]
        words = list(COMMANDS[name].words)
        if name == "experiment":
            words[1] = f"small-{SEEDS[side]}.yaml"
        elif name == "export":
            words = list((COMMANDS[name].old, COMMANDS[name].words)[side])
        elif name != "report":
            words += ["--seed", SEEDS[side]]
        return words

    def prepare(self, names: Iterator[str]) -> None:
        """Do each command undisturbed, and keep what it makes and how many calls it takes."""
        text = Path("small.yaml").read_text()
        for seed in SEEDS:
            Path(f"small-{seed}.yaml").write_text(text.replace("replicates: 2", f"seed: {seed}"))
        fresh(None)
        warm(COMMANDS["run"].old)
        shutil.copytree(WORK, "old")
        for name in names:
            if name == READING:
                self._prepare_reading()
                continue
            for side in (0, 1):
                fresh(Path("old") if name == "report" else None)
                warm(self.line(name, side))
                self.results[name, side] = tables_of(COMMANDS[name].place)
            fresh(Path("old") if name == "report" else None)
            calls = Path("calls.txt")
            do(self.line(name, 0), counting(calls, WORK))
            self.calls[name] = len(calls.read_text().splitlines())
        self.old = tables_of(Path("old") / "made")

    def _prepare_reading(self) -> None:
        """What may be read: the old result, or the new one of the first command."""
        fresh(Path("old"))
        for lines in ([], [self.line("run", 0)]):
            warm(*lines, self.line(READING, 1))
            self.exports.append((WORK / READ).read_bytes())
            (WORK / READ).unlink()
        self.calls[READING] = self.calls.get("run", 100)

    def try_out(self, case: Case) -> None:
        """Do one interleaving and look at what is left."""
        names = (case.first, case.second)
        luck = random.Random(str(case))
        fresh(Path("old") if case.old else None)
        lines = [self.line(name, side) for side, name in enumerate(names)]
        if luck.random() < 0.5:  # who goes first is drawn, too
            order = (1, 0)
        else:
            order = (0, 1)
        sides = interleave(lines[order[0]], lines[order[1]], luck, self.calls[names[order[0]]] + 10)
        sides = [sides[order.index(0)], sides[order.index(1)]]
        self.tried[names] += 1
        found = [*self._found(case, sides), *self._third(case)]
        told = "\n".join(
            f"    {name}: {side.ended} (from {side.began} to {side.ended_at})"
            for name, side in zip(names, sides, strict=True)
        )
        self.failures += [f"{case}  {what}\n{told}" for what in found]

    def _found(self, case: Case, sides: list[Side]) -> Iterator[str]:
        names = (case.first, case.second)
        ends = [side.ended for side in sides if side.ended is not None]
        well = [end.code == 0 for end in ends]
        self.ends[{2: "both end well", 1: "one is refused", 0: "both are refused"}[sum(well)]] += 1
        for end in ends:
            if end.code and (len(end.problems) != 1 or end.code not in (1, 2)):
                yield "it is not refused in one sentence"
            if "Traceback" in end.said or "unforeseen" in end.said:
                yield "nobody foresaw it"
            if "is damaged" in end.said:
                yield "it takes what is whole for damaged"
            elif end.code and not self._is_foreseen(case, end):
                yield "it does not say who was at work"
        if not any(well) and "report" not in names:
            yield "both are refused"
        if hidden():
            yield f"it leaves {hidden()}"
        if READING in names and well[1]:
            if (WORK / READ).read_bytes() not in self.exports:
                yield "what was read is of neither"
            (WORK / READ).unlink()
        yield from self._of_place(case, well)
        one, other = sides
        apart = one.ended_at < other.began or other.ended_at < one.began
        if all(well) and not apart and not self._alike(names):
            yield "both end well, at the same time, and one result is lost"

    def _is_foreseen(self, case: Case, end: Ended) -> bool:
        missing = (
            "does not exist",
            "is not a result folder",
            "is not a study folder",
            "not finished",
        )
        missing += ("is not the result of a single run",)
        other = ("it is not a result folder", "was not changed")  # over the folder of a study
        texts = REFUSED
        if "report" in (case.first, case.second):
            texts += missing
        if "experiment" in (case.first, case.second):
            texts += other
        return any(text in end.said for text in texts)

    def _alike(self, names: tuple[str, str]) -> bool:
        """Whether nothing is lost if both write: one only makes the page of the other's result."""
        return "report" in names or READING in names

    def _of_place(self, case: Case, well: list[bool]) -> Iterator[str]:
        names = (case.first, case.second)
        place = COMMANDS[case.first].place
        if not place.exists():
            if any(well) or case.old:
                yield "nothing is there"
            return
        manifest = STUDY if (place / STUDY).is_file() else MANIFEST
        try:
            check_whole(place, manifest)
        except InputError as error:
            yield f"it is not whole: {error}"
        tables = tables_of(place)
        may = [
            self.results[name, side]
            for side, name in enumerate(names)
            if well[side] and name != READING
        ]
        may = [*may, *([self.old] if not any(well) or "report" in names else [])]
        if tables not in may:
            yield f"what stands there is of neither: {sorted(tables)}"

    def _third(self, case: Case) -> Iterator[str]:
        """A command that nothing disturbs, afterwards."""
        command, side = case.first, 0
        place = COMMANDS[command].place
        line = self.line(command, side)
        study = (place / STUDY).is_file()
        if study and command != "experiment":
            command, line = "report", self.line("report", 0)
        elif command == "experiment":
            if not study and place.exists():
                command, line = "report", self.line("report", 0)
            elif study and RUNS in tables_of(place):
                if tables_of(place) != self.results[command, 0]:
                    line = self.line(command, 1)
            if command == "experiment":
                line.append("--resume")
        elif command == "report" and not place.exists():
            return
        ended = do(line)
        if ended.code or ended.problems:
            yield f"a third one fails: {ended}"
        if hidden() or set(os.listdir(WORK)) - {place.name}:
            yield f"a third one leaves {sorted(files_of(WORK))}"


def cases(times: int, seed: int) -> list[Case]:
    """So many interleavings, over all pairs as evenly as can be."""
    luck = random.Random(seed)
    found: list[Case] = []
    while len(found) < times:
        for first, second in luck.sample(PAIRS, len(PAIRS)):
            old = "report" in (first, second) or second == READING or luck.random() < 0.5
            if "export" in (first, second) or "experiment" in (first, second):
                old = "report" in (first, second) and "experiment" not in (first, second)
            found.append(Case(first, second, old, luck.randrange(1_000_000)))
    return found[:times]


def main() -> None:
    """Try them, and say what did not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", metavar="CASE", action="append", help="as a failure is printed")
    arguments = parser.parse_args()
    began = time.perf_counter()
    chosen = cases(arguments.times, arguments.seed)
    if arguments.again:
        parts = [text.split(":") for text in arguments.again]
        chosen = [Case(a, b, c == "1", int(d)) for a, b, c, d in parts]
    races, told = Races(), 0
    with workshop():
        names = [name for case in chosen for name in case[:2]]
        races.prepare(iter(dict.fromkeys(names)))
        for case in chosen:
            races.try_out(case)
            for failure in races.failures[told:]:
                print(failure, flush=True)
            told = len(races.failures)
    for (first, second), count in sorted(races.tried.items()):
        print(f"{first + ', ' + second:<40}{count:>4}")
    print(", ".join(f"{what}: {count}" for what, count in sorted(races.ends.items())))
    seconds = time.perf_counter() - began
    print(f"{len(chosen)} interleavings in {seconds:.0f} s; {told} did not hold what must hold")
    sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()
