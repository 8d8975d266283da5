"""Many runs of one size, several at a time: threads share a run less well than runs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from sim.runs.run import Run, run
from sim.scenario.schema import Scenario

Kept = TypeVar("Kept")  # what is kept of a run


class Stopped(Exception):
    """Ends a run that nobody waits for any more."""


def runs_of(
    markets: Iterable[Scenario],
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Generator[Run, None, None]:
    """A run of each market by the fast engine, in order, made as they are taken.

    `threads`: at most so many runs at once, one thread each, and so many in memory; by default as
    many as the machine has cores. What they hold does not depend on it. `progress`: called with
    the number of runs done, fractions included. Whoever stops taking stops the runs.
    """
    return results_of(markets, lambda one: one, threads, progress)


def results_of(
    markets: Iterable[Scenario],
    keep: Callable[[Run], Kept],
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Generator[Kept, None, None]:
    """What `keep` makes of the run of each market; all else as with `runs_of`.

    `keep` is called as soon as a run is finished, in the thread that made it, so that runs may
    be kept before others that began earlier.
    """
    workers = threads or os.cpu_count() or 1
    parts: list[float] = []
    lock, stopped = Lock(), False

    def make(place: int, market: Scenario) -> Kept:
        def tell(day: int) -> None:
            if stopped:
                raise Stopped
            with lock:
                parts[place] = day / market.days
                if progress is not None:
                    progress(sum(parts))

        return keep(run(market, threads=1, progress=tell))

    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Kept]] = deque()
        try:
            for place, market in enumerate(markets):
                parts.append(0.0)
                waiting.append(pool.submit(make, place, market))
                if len(waiting) == workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            stopped = True
            for future in waiting:
                future.cancel()
