"""Let every call to the disk fail once, in every command that writes, and look at what is left.

`python -m benchmarks.faults [--cases N] [--seed N] [--command NAME] [--again CASE]`

For each command, with nothing at its place and with an old result there, each write, flush,
rename, removal, new folder, opening and reading fails in turn: the disk is full (half of the bytes
are written), for this once or from then on; the disk is broken; or the process is killed there.
What must hold after it:

- at the place stands the old result or the new one, whole and to the byte, or nothing if nothing
  was there;
- a command that was not killed says in one sentence what is wrong, with exit code 1 or 2, or it
  ends well and the new result is there;
- the same command again ends well, with what an undisturbed one writes to the byte, and nothing
  hidden is left.

`--cases`: so many, drawn by the seed over all commands and calls, instead of all.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.small import (
    COMMANDS,
    WORK,
    Ended,
    Small,
    check_whole,
    do,
    files_of,
    fresh,
    hidden,
    tables_of,
    warm,
    workshop,
)
from benchmarks.tap import CHANGING, Call, Tap, counting, read_calls
from sim.errors import InputError
from sim.runs.dataset import RUNS

ENOSPC, FULL, EIO, KILLED = "no room", "full", "broken", "killed"
WAYS = (ENOSPC, FULL, EIO, KILLED)
COUNTED = ("write", "flush", "rename", "link", "remove", "mkdir", "open", "read")
NOTHING, OLD, BEGUN = "nothing", "old", "begun"


class Case(NamedTuple):
    """One fault: in which command, over what, at which call, and how it fails."""

    command: str
    before: str
    number: int
    way: str

    def __str__(self) -> str:
        return ":".join(map(str, self))


class Known(NamedTuple):
    """What a command does that nothing disturbs, over one thing that stands at its place."""

    calls: list[Call]
    before: dict[str, bytes]  # the tables that stand there before
    after: dict[str, bytes]  # those that stand there after
    files: dict[str, bytes]  # all that is in WORK after


def failing(number: int, way: str) -> Callable[[], None]:
    """What lets call `number` fail, to be called in the process that makes it."""
    seen = 0

    def listen(call: Call, half: Callable[[], None]) -> None:
        nonlocal seen
        if call.kind not in COUNTED:
            return
        seen += 1
        if seen < number or (seen > number and not (way == FULL and call.makes)):
            return
        if way in (ENOSPC, FULL, KILLED):
            half()
        if way == KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        if way == EIO or call.makes:
            code = errno.EIO if way == EIO else errno.ENOSPC
            raise OSError(code, os.strerror(code), call.about)

    return lambda: Tap(WORK, listen).put_in()


class Faults:
    """The commands, what they do undisturbed, and the faults that were tried."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = {}
        self.tried: Counter[tuple[str, str]] = Counter()
        self.failures: list[str] = []

    def states(self, command: Small) -> list[str]:
        """What may stand at the place of a command before it."""
        states = [NOTHING] if command.empty else []
        return [*states, OLD] + ([BEGUN] if command.name == "experiment" else [])

    def prepare(self, command: Small) -> None:
        """Do the command undisturbed over each that may stand at its place; count its calls."""
        fresh(None)
        warm(*([command.old] if command.old else []), command.words)
        for before in self.states(command):
            fresh(None)
            self._make_old(command, before)
            shutil.rmtree(self._kept(command, before), ignore_errors=True)
            shutil.copytree(WORK, self._kept(command, before))
            stood = tables_of(command.place) if command.place.exists() else {}
            file = Path("calls.txt")
            ended = do(self._line(command, before), counting(file, WORK, COUNTED))
            if ended.code:
                raise SystemExit(f"{command.name} over {before} fails undisturbed: {ended}")
            self._known[command.name, before] = Known(
                read_calls(file), stood, tables_of(command.place), files_of(WORK)
            )

    def _make_old(self, command: Small, before: str) -> None:
        if before == OLD:
            ended = do([*command.old])
            if ended.code:
                raise SystemExit(f"the old result of {command.name} cannot be made: {ended}")
        if before == BEGUN:
            calls = self._known[command.name, NOTHING].calls
            at = max(n for n, call in enumerate(calls, 1) if call.about.endswith("finished.jsonl"))
            do([*command.words], failing(at * 2 // 3, KILLED))

    def _kept(self, command: Small, before: str) -> Path:
        return Path("before") / command.name / before

    def _line(self, command: Small, before: str) -> list[str]:
        return command.line(*(["--resume"] if before == BEGUN else []))

    def cases(self, command: Small) -> Iterator[Case]:
        """Every fault of a command. To be killed matters before what changes something only."""
        for before in self.states(command):
            for number, call in enumerate(self._known[command.name, before].calls, 1):
                for way in WAYS:
                    if way == EIO or call.makes or (way == KILLED and call.kind in CHANGING):
                        yield Case(command.name, before, number, way)

    def try_out(self, case: Case) -> None:
        """Let it fail and look at what is left."""
        command = COMMANDS[case.command]
        known = self._known[case.command, case.before]
        call = known.calls[case.number - 1]
        self.tried[case.command, call.kind] += 1
        fresh(self._kept(command, case.before))
        ended = do(self._line(command, case.before), failing(case.number, case.way))
        found = [*self._after_fault(command, case, known, call, ended)]
        found += self._after_more(command, case, known, ended)
        where = call.about.removeprefix(f"{WORK.resolve()}/")
        self.failures += [
            f"{case}  ({call.function} {where})  {what}\n    it said: {ended.code} {ended.said!r}"
            for what in found
        ]

    def _after_fault(
        self, command: Small, case: Case, known: Known, call: Call, ended: Ended
    ) -> Iterator[str]:
        """What does not hold after the fault."""
        if case.way == KILLED:
            if ended.code != -signal.SIGKILL:
                yield "it was not killed"
        elif ended.code not in (0, 1, 2):
            yield "its exit code"
        elif ended.code and len(ended.problems) != 1:
            yield f"it says {len(ended.problems)} sentences"
        elif not ended.code and ended.problems:
            yield "it ends well and tells of problems"
        if "Traceback" in ended.said or "unforeseen" in ended.said:
            yield "nobody foresaw it"
        if ended.code in (1, 2) and "work" not in ended.said and "runs/" not in ended.said:
            yield "it does not say where"
        left = sorted({*hidden()} - {*hidden(self._kept(command, case.before))})
        if case.way != KILLED and call.kind not in ("remove", "open", "read") and left:
            yield f"it leaves {left}"
        yield from self._of_place(command, case, known, ended)

    def _of_place(self, command: Small, case: Case, known: Known, ended: Ended) -> Iterator[str]:
        """What is wrong with what stands at the place."""
        place = command.place
        if not place.exists():
            if case.before != NOTHING:
                yield "what stood there is gone"
            elif ended.code == 0:
                yield "it ends well and nothing is there"
            return
        try:
            check_whole(place, command.manifest)
        except InputError as error:
            yield f"it is not whole: {error}"
        if ended.code == 0:
            files, wanted = files_of(place), files_of_place(known, command)
            if "could not be removed" in ended.said:  # then more is there, and it is told
                files = {name: content for name, content in files.items() if name in wanted}
            if files != wanted:
                yield "it ends well and the result is another"
            return
        tables = tables_of(place)
        if command.name == "experiment" and RUNS not in tables:
            if case.before == OLD:
                yield "the finished study is gone"
        elif command.name == "experiment":
            if tables[RUNS] != known.after[RUNS]:
                yield "its table is another"
        elif tables not in (known.before, known.after) or not tables:
            yield f"it is neither the old result nor the new: {sorted(tables)}"

    def _after_more(self, command: Small, case: Case, known: Known, ended: Ended) -> Iterator[str]:
        """What does not hold after the same command again."""
        line = self._line(command, case.before)
        resume = command.resumes and "--resume" not in line
        if resume and "--resume" in ended.said:
            line.append("--resume")
            resume = False
        again = do(line)
        if again.code == 2 and resume and "--resume" in again.said:
            again = do([*line, "--resume"])
        if again.code or again.problems:
            yield f"again: {again.code} {again.said!r}"
            return
        files = files_of(WORK)
        if files != known.files:
            names = sorted(
                n for n in files.keys() | known.files if files.get(n) != known.files.get(n)
            )
            yield f"again: these differ: {names}"

    def table(self) -> str:
        """How many faults of each kind were tried in each command."""
        rows = [f"{'':<22}" + "".join(f"{kind:>8}" for kind in COUNTED)]
        for name in COMMANDS:
            counts = [self.tried[name, kind] for kind in COUNTED]
            if any(counts):
                rows.append(f"{name:<22}" + "".join(f"{count:>8}" for count in counts))
        return "\n".join(rows)


def files_of_place(known: Known, command: Small) -> dict[str, bytes]:
    """What an undisturbed command leaves at its place."""
    if command.place.is_file():
        return {}
    start = f"{command.file}/"
    return {n.removeprefix(start): c for n, c in known.files.items() if n.startswith(start)}


def main() -> None:
    """Try the faults, and say what did not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", choices=list(COMMANDS), action="append")
    parser.add_argument("--again", metavar="CASE", action="append", help="as a failure is printed")
    arguments = parser.parse_args()
    began = time.perf_counter()
    again = [text.split(":") for text in arguments.again or ()]
    wanted = arguments.command or [a[0] for a in again] or list(COMMANDS)
    faults = Faults()
    with workshop():
        for name in dict.fromkeys(wanted):
            faults.prepare(COMMANDS[name])
        cases = [case for name in wanted for case in faults.cases(COMMANDS[name])]
        count = len(cases)
        if again:
            cases = [Case(a, b, int(c), d) for a, b, c, d in again]
        elif arguments.cases is not None:
            luck = random.Random(arguments.seed)
            cases = luck.sample(cases, min(arguments.cases, count))
        told = 0
        for case in cases:
            faults.try_out(case)
            for failure in faults.failures[told:]:
                print(failure, flush=True)
            told = len(faults.failures)
    print(faults.table())
    seconds = time.perf_counter() - began
    print(f"{len(cases)} of {count} faults in {seconds:.0f} s; {told} did not hold what must hold")
    sys.exit(1 if told else 0)


if __name__ == "__main__":
    main()
