"""Where runs are done: in this process, in processes of this machine, or on a Dask cluster.

An executor takes an `evaluate` and jobs and yields each job with its outcome, in the order in
which they are finished. Scheduling is the library's: a bounded number of jobs is handed over,
and another one for each that comes back.

A worker that is killed loses nothing but the run it was doing: that is done again, by a new
worker. Workers end with the process that started them, even if that is killed.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from concurrent.futures import Executor as Pool
from dataclasses import dataclass
from multiprocessing import connection, get_context
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from sim.errors import InputError, JourneysimError
from sim.studies.plan import Evaluate, Job, Outcome

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 2  # jobs handed over for each worker, so that none waits for the next
MOST_BREAKS = 3  # in a row, without a finished run between them
RETRIES = 3  # of a job on a cluster whose worker was lost
SECONDS_TO_ANSWER = 20  # for the scheduler of a cluster
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

Finished = Generator[tuple[Job, Outcome], None, None]


class WorkersLost(JourneysimError):
    """Workers were stopped again and again."""


class Executor(Protocol):
    """Something that does jobs."""

    def run(self, evaluate: Evaluate, jobs: Iterable[Job]) -> Finished:
        """Do the jobs; yields each with its outcome as it is finished.

        Whatever `evaluate` raises is raised here.
        """


class _Jobs:
    """Jobs still to be handed over; those that a lost worker had come back to the front."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._rest = iter(jobs)
        self._back: deque[Job] = deque()

    def take(self) -> Job | None:
        return self._back.popleft() if self._back else next(self._rest, None)

    def put_back(self, jobs: Iterable[Job]) -> None:
        self._back.extend(jobs)


@dataclass(frozen=True)
class Here:
    """In this process, one after the other."""

    def run(self, evaluate: Evaluate, jobs: Iterable[Job]) -> Finished:
        for job in jobs:
            yield job, evaluate(job)


@dataclass(frozen=True)
class Processes:
    """In `workers` processes of this machine, each with one thread."""

    workers: int

    def run(self, evaluate: Evaluate, jobs: Iterable[Job]) -> Finished:
        """See `Executor`. Raises `WorkersLost` if workers stop again and again."""
        todo = _Jobs(jobs)
        breaks = 0
        while breaks < MOST_BREAKS:
            waiting: dict[Future[Outcome], Job] = {}
            pool, stop = self._open(evaluate)
            try:
                for finished in _as_finished(pool, _evaluate, todo, waiting, AHEAD * self.workers):
                    breaks = 0
                    yield finished
                return
            except BrokenExecutor:
                breaks += 1
                todo.put_back(waiting.values())
            finally:
                stop.close()
                pool.shutdown(wait=True, cancel_futures=True)
        raise WorkersLost(
            f"worker processes were stopped {MOST_BREAKS} times in a row, perhaps because memory"
            " ran out; fewer workers or agents need less."
        )

    def _open(self, evaluate: Evaluate) -> tuple[Pool, connection.Connection]:
        """A pool, and the end of the pipe whose closing ends its workers."""
        from concurrent.futures import ProcessPoolExecutor

        listen, stop = connection.Pipe(duplex=False)
        pool = ProcessPoolExecutor(
            self.workers,
            mp_context=get_context("spawn"),
            initializer=_start_worker,
            initargs=(evaluate, listen),
        )
        return pool, stop


_work: Evaluate | None = None  # of a worker process, set once when it starts


def _start_worker(evaluate: Evaluate, listen: connection.Connection) -> None:
    """Prepare a worker: one thread, Ctrl-C left to the parent, an end with the parent."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    Thread(target=_end_with, args=(listen,), daemon=True).start()
    _work = evaluate


def _end_with(listen: connection.Connection) -> None:
    """End this process when the other end of the pipe is closed: by the parent, or its death."""
    connection.wait([listen])
    os._exit(1)


def _evaluate(job: Job) -> Outcome:
    assert _work is not None  # the initializer has run
    return _work(job)


@dataclass(frozen=True)
class Cluster:
    """On the Dask cluster whose scheduler is at `address`, such as tcp://10.0.0.5:8786."""

    address: str

    def run(self, evaluate: Evaluate, jobs: Iterable[Job]) -> Finished:
        """See `Executor`. Raises `InputError` if there is no cluster at the address."""
        with self._client() as client:
            from distributed import KilledWorker

            threads = sum(client.nthreads().values())
            if not threads:
                raise InputError(f"the Dask cluster at {self.address} has no workers yet.")
            pool = client.get_executor(pure=False, retries=RETRIES)
            waiting: dict[Future[Outcome], Job] = {}
            try:
                yield from _as_finished(pool, evaluate, _Jobs(jobs), waiting, AHEAD * threads)
            except KilledWorker as error:
                raise WorkersLost(f"the Dask cluster gave a run up: {error}") from error
            except CancelledError as error:
                raise WorkersLost(f"the Dask cluster at {self.address} is gone.") from error
            finally:
                for future in waiting:
                    future.cancel()
                pool.shutdown(wait=False)

    def _client(self) -> Client:
        try:
            from distributed import Client
        except ImportError:
            raise InputError(
                "--dask needs the extra `cluster`: pip install 'journeysim[cluster]'."
            ) from None
        try:
            return Client(self.address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise InputError(f"no Dask scheduler answers at {self.address}.") from error


def _as_finished(
    pool: Pool,
    evaluate: Evaluate,
    jobs: _Jobs,
    waiting: dict[Future[Outcome], Job],
    most: int,
) -> Finished:
    """Keep `most` jobs handed over, in `waiting`, and yield each as it is finished.

    If the pool breaks, that is raised after all that was finished before has been yielded;
    the jobs to do again are then in `waiting`.
    """
    while True:
        while len(waiting) < most and (job := jobs.take()) is not None:
            try:
                waiting[pool.submit(evaluate, job)] = job
            except BrokenExecutor:
                jobs.put_back([job])
                raise
        if not waiting:
            return
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        broken: BaseException | None = None
        for future in done:
            error: Any = future.exception()
            if isinstance(error, BrokenExecutor):
                broken = error
                continue
            yield waiting.pop(future), future.result()
        if broken is not None:
            raise broken
