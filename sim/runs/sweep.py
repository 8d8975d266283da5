"""Sweep: all runs of a plan, each once, into one table that does not depend on how it was made.

    names of all runs (every row is checked)  ->  those not finished  ->  runner  ->  dataset

The same plan gives the same `runs.parquet` to the byte, on any number of workers, interrupted
or not. What is held in memory is the name of each run; nothing else grows with their number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import FileProblem, InputError, Problem
from sim.locks import at_work
from sim.runs.dataset import RUNS, Dataset, read_runs, remove_scaffold
from sim.runs.identity import LENGTH
from sim.runs.many import Runner
from sim.runs.plan import Evaluate, Job, Plan
from sim.runs.unfinished import clause, telling_how_to_go_on

if TYPE_CHECKING:
    import pandas as pd

MOST_BAD_ROWS = 5  # that are told

Progress = Callable[[str, int, int], None]  # what is being done, how far, of how many


def silent(what: str, done: int, of: int) -> None:
    """Show no progress."""


def sweep(
    plan: Plan,
    evaluate: Evaluate,
    runner: Runner,
    *,
    place: str | Path,
    resume: bool = False,
    progress: Progress = silent,
    again: str = "resume=True",
) -> pd.DataFrame:
    """Do all runs of a plan that are not done yet; returns the whole table.

    `evaluate`: does one run, in whatever process the runner has; `place`: the folder of the
    study; `resume`: go on with what is there; `again`: what a message says to go on with.
    A row a run, by design row and replicate: `row`, `replicate`, `seed`, `run`, the levers, the
    measures (NaN: there is no such figure) and what is true of all.
    Raises `InputError` if a row or the place is wrong, before any run; `Interrupted` on Ctrl-C
    and `NotWritten` when nothing can be written, both with what is kept and how to go on.
    """
    index = RunIndex(plan, progress)
    data = Dataset(Path(place), plan, index.identity)
    with at_work(data.place):
        data.check(resume)
        if data.is_finished:
            remove_scaffold(data.place)
            progress("simulating", index.size, index.size)
        else:
            runner.reach()
            _fill(data, index, evaluate, runner=runner, progress=progress, again=again)
        found: pd.DataFrame = read_runs(data.place).to_pandas()
    return found


def _fill(
    data: Dataset,
    index: RunIndex,
    evaluate: Evaluate,
    *,
    runner: Runner,
    progress: Progress,
    again: str,
) -> None:
    """Do the runs that are not finished, and finish the table."""
    with closing(data), telling_how_to_go_on(lambda: _kept(index, data, again)):
        index.tick(data.open(index, index.size))
        for run, outcome in data.journalled.items():
            data.wait_for_part(run, outcome, index.rows(run))
        progress("simulating", data.kept, index.size)
        with closing(runner.run(evaluate, index.jobs())) as results:
            for job, outcome in results:
                data.add(job.run, outcome, index.rows(job.run))
                progress("simulating", data.kept, index.size)
        data.finish()


def _kept(index: RunIndex, data: Dataset, again: str) -> str:
    kept = f"{data.kept} of {index.size} runs are finished and kept in {data.place}"
    return f"{kept}; go on with {again}."


class RunIndex:
    """The name of each run of a plan, and which rows share it.

    Every row of the design is checked when the names are made. Raises `InputError` with the
    problems of the first few rows that are not valid.
    """

    def __init__(self, plan: Plan, progress: Progress = silent) -> None:
        self.plan = plan
        self._replicates = len(plan.seeds)
        rows = plan.design.size
        names = np.empty(rows * self._replicates, dtype=f"S{LENGTH}")
        for row, found in self._checked(rows, progress):
            names[row * self._replicates : (row + 1) * self._replicates] = found
        self.identity = self._identity(names)
        # each name once, where it first stands, and the places that share it
        self._names, self._first, which = np.unique(names, return_index=True, return_inverse=True)
        self._places = np.argsort(which, kind="stable")
        self._starts = np.searchsorted(which[self._places], np.arange(len(self._names) + 1))
        self._todo = np.ones(len(self._names), dtype=bool)

    @property
    def size(self) -> int:
        """How many different runs there are."""
        return len(self._names)

    def _checked(self, rows: int, progress: Progress) -> Iterator[tuple[int, list[str]]]:
        problems: dict[tuple[str | None, str | None, str | None], Problem] = {}
        bad = 0
        for row in range(rows):
            values = self.plan.values(row)
            try:
                yield row, list(self.plan.identify(values, self.plan.seeds))
            except InputError as error:
                bad += 1
                where = f"row {row} of the design"
                told = error.problems or [FileProblem(detail=clause(error))]
                for problem in told:  # each once, where it is first met
                    key = (problem.field, problem.given, problem.detail)
                    problems.setdefault(key, replace(problem, file=where))
                if bad == MOST_BAD_ROWS:
                    break
            progress("checking", row + 1, rows)
        if problems:
            raise InputError(problems=list(problems.values()))

    def _identity(self, names: np.ndarray) -> str:
        digest = hashlib.sha256(names.tobytes())
        for part in (self.plan.columns, self.plan.measures, self.plan.about):
            digest.update(repr(list(part)).encode())
        return digest.hexdigest()[:LENGTH]

    def tick(self, finished: set[str]) -> None:
        """Note the runs that are finished."""
        for name in finished:
            self._todo[self._place_of(name)] = False

    def jobs(self) -> Iterator[Job]:
        """The runs that are not finished, each once, in the order of the design."""
        for unique in np.argsort(self._first, kind="stable"):
            if self._todo[unique]:
                row, replicate = divmod(int(self._first[unique]), self._replicates)
                name = self._names[unique].decode()
                yield Job(name, self.plan.values(row), self.plan.seeds[replicate])

    def __contains__(self, run: object) -> bool:
        """Whether the plan has a run of that name."""
        if not isinstance(run, str) or not run.isascii():
            return False
        place = self._place_of(run)
        return place < len(self._names) and self._names[place] == run.encode()

    def rows(self, run: str) -> list[tuple[int, int]]:
        """Design row and replicate of every row that this run is for."""
        unique = self._place_of(run)
        places = self._places[self._starts[unique] : self._starts[unique + 1]]
        return [divmod(int(place), self._replicates) for place in places]

    def _place_of(self, run: str) -> int:
        return int(np.searchsorted(self._names, run.encode()))


__all__ = ["RUNS", "Progress", "RunIndex", "sweep"]
