"""Many runs: in threads of this process, in processes of this machine, or on a Dask cluster.

A *runner* takes work and jobs and yields each job with what came of it, in the order in which
they are finished. Scheduling is the library's: a bounded number of jobs is handed over, and
another one for each that comes back. Threads share a run less well than runs, so a run among many
has one thread.

A worker that is killed loses nothing but the run it was doing: that is done again, by a new
worker. Workers end with the process that started them, even if that is killed.

A cluster is reached before the first run and before anything is written: its address is read,
then a plain connection is tried, then the scheduler is asked who it is. Only if all is well does
the library's client begin: one that has met something else talks of it until the program ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import connection, get_context
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

from sim.errors import InputError, JourneysimError, check_installed, shown
from sim.runs.run import Run, run
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 2  # jobs handed over for each worker, so that none waits for the next
MOST_BREAKS = 3  # in a row, without a finished run between them
RETRIES = 3  # of a job on a cluster whose worker was lost
# Assumptions: who is there answers in a fraction of a second; whoever waits in vain waits no
# longer than some twenty seconds for both.
SECONDS_TO_CONNECT = 5.0  # for the machine of a scheduler
SECONDS_TO_ANSWER = 12.0  # for the scheduler itself
PROTOCOLS = ("tcp", "tls", "ws", "wss")  # of Dask, between machines
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

Job = TypeVar("Job")  # what is to be done
Made = TypeVar("Made")  # what comes of it
Kept = TypeVar("Kept")  # what is kept of a run
Done = Generator[tuple[Job, Made], None, None]
Work = Callable[[Job], Made]


@dataclass(frozen=True)
class Means:
    """With what runs are made: threads here, or the Dask cluster at an address; going on or not.

    `again`: what a message says to go on with.
    """

    threads: int | None = None
    dask: str | None = None
    resume: bool = False
    again: str = "the same command and --resume"


class WorkersLost(JourneysimError):
    """Workers were stopped again and again."""


class Runner(Protocol):
    """Something that does jobs."""

    def reach(self) -> None:
        """Raise `InputError` unless there is something that can do jobs; before any is done."""

    def run(self, work: Work[Job, Made], jobs: Iterable[Job]) -> Done[Job, Made]:
        """Do the jobs; yields each with what came of it as it is finished.

        Whatever `work` raises is raised here.
        """


class _Jobs(Generic[Job]):
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

    def reach(self) -> None:
        """See `Runner`."""

    def run(self, work: Work[Job, Made], jobs: Iterable[Job]) -> Done[Job, Made]:
        """See `Runner`."""
        for job in jobs:
            yield job, work(job)


@dataclass(frozen=True)
class Processes:
    """In `workers` processes of this machine, each with one thread."""

    workers: int

    def reach(self) -> None:
        """See `Runner`."""

    def run(self, work: Work[Job, Made], jobs: Iterable[Job]) -> Done[Job, Made]:
        """See `Runner`. Raises `WorkersLost` if workers stop again and again."""
        todo = _Jobs(jobs)
        breaks = 0
        while breaks < MOST_BREAKS:
            waiting: dict[Future[Made], Job] = {}
            pool, stop = self._open(work)
            try:
                for finished in _as_finished(
                    pool, _evaluate, todo, waiting=waiting, most=AHEAD * self.workers
                ):
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
            " ran out; use fewer workers or agents."
        )

    def _open(self, work: Work[Any, Any]) -> tuple[Executor, connection.Connection]:
        """A pool, and the end of the pipe whose closing ends its workers."""
        from concurrent.futures import ProcessPoolExecutor

        listen, stop = connection.Pipe(duplex=False)
        pool = ProcessPoolExecutor(
            self.workers,
            mp_context=get_context("spawn"),
            initializer=_start_worker,
            initargs=(work, listen),
        )
        return pool, stop


_work: Work[Any, Any] | None = None  # of a worker process, set once when it starts


def _start_worker(work: Work[Any, Any], listen: connection.Connection) -> None:
    """Prepare a worker: one thread, Ctrl-C left to the parent, an end with the parent."""
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    Thread(target=_end_with, args=(listen,), daemon=True).start()
    _work = work


def _end_with(listen: connection.Connection) -> None:
    """End this process when the other end of the pipe is closed: by the parent, or its death."""
    connection.wait([listen])
    os._exit(1)


def _evaluate(job: Any) -> Any:
    assert _work is not None  # the initializer has run
    return _work(job)


@dataclass(frozen=True)
class Cluster:
    """On the Dask cluster whose scheduler is at `address`, such as tcp://10.0.0.5:8786."""

    address: str

    def reach(self) -> None:
        """See `Runner`. Nothing of a connection is left behind."""
        check_installed("--dask", "cluster")
        place = _place_of(self.address)
        if place is None:
            allowed = ", ".join(f"{name}://HOST:PORT" for name in PROTOCOLS)
            raise InputError(
                f"no Dask scheduler answers at {shown(self.address)}: that is not an address;"
                f" allowed: {allowed}."
            )
        try:
            socket.create_connection(place[:2], SECONDS_TO_CONNECT).close()
        except (OSError, UnicodeError) as error:  # a name too long for a host is no Unicode
            reason = "there is no answer" if isinstance(error, TimeoutError) else _reason(error)
            raise InputError(f"no Dask scheduler answers at {self.address}: {reason}.") from error
        found = _identity(f"{place.protocol}://{place.netloc}")
        if found.get("type") != SCHEDULER:
            raise InputError(
                f"no Dask scheduler answers at {self.address}: another program answers there."
            )
        if not found.get("workers"):
            raise self._without_workers()

    def run(self, work: Work[Job, Made], jobs: Iterable[Job]) -> Done[Job, Made]:
        """See `Runner`. Raises `InputError` if there is no cluster at the address."""
        with self._client() as client:
            from distributed import KilledWorker

            threads = sum(client.nthreads().values())
            if not threads:
                raise self._without_workers()
            pool = client.get_executor(pure=False, retries=RETRIES)
            waiting: dict[Future[Made], Job] = {}
            try:
                yield from _as_finished(
                    pool, work, _Jobs(jobs), waiting=waiting, most=AHEAD * threads
                )
            except KilledWorker as error:
                raise WorkersLost(f"the Dask cluster abandoned a run: {error}") from error
            except CancelledError as error:
                raise WorkersLost(f"the Dask cluster at {self.address} is gone.") from error
            finally:
                for future in waiting:
                    future.cancel()
                pool.shutdown(wait=False)

    def _without_workers(self) -> InputError:
        return InputError(
            f"the Dask cluster at {self.address} has no workers yet; start at least one."
        )

    def _client(self) -> Client:
        check_installed("--dask", "cluster")
        from distributed import Client

        try:
            return Client(self.address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise InputError(f"no Dask scheduler answers at {self.address}.") from error


SCHEDULER = "Scheduler"  # what one calls itself when it is asked


class _Place(NamedTuple):
    """Where a scheduler is looked for."""

    host: str
    port: int
    protocol: str
    netloc: str  # host and port as they were written


def _place_of(address: str) -> _Place | None:
    """The parts of an address, PROTOCOL://HOST:PORT or HOST:PORT; None if it is no such text."""
    try:
        parts = urlsplit(address if "://" in address else f"{PROTOCOLS[0]}://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, or too large; brackets that do not close
        return None
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in PROTOCOLS or not host or not port or more:
        return None
    return _Place(host, port, parts.scheme, parts.netloc)


def _reason(error: Exception) -> str:
    """Why there is no connection, as the end of a sentence."""
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{said[:1].lower()}{said[1:]}".rstrip(".")


def _identity(address: str) -> Mapping[str, Any]:
    """What the one at the address says of itself; nothing if that is no part of a cluster.

    Whatever else may be there can answer anything, so every error means the same.
    """

    async def ask() -> Any:
        from distributed.comm.core import connect
        from distributed.core import send_recv
        from distributed.security import Security

        secrets = Security().get_connection_args("client")
        stream = await connect(address, timeout=SECONDS_TO_ANSWER, **secrets)
        try:
            return await send_recv(stream, op="identity", reply=True)
        finally:
            stream.abort()

    async def ask_in_time() -> Any:
        return await asyncio.wait_for(ask(), SECONDS_TO_ANSWER)

    with _no_log():
        try:
            found = asyncio.run(ask_in_time())
        except Exception:
            return {}
    return found if isinstance(found, Mapping) else {}


@contextmanager
def _no_log() -> Iterator[None]:
    """Keep the log lines of a library back: what they would tell is told in one sentence."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _as_finished(
    pool: Executor,
    work: Work[Job, Made],
    jobs: _Jobs[Job],
    *,
    waiting: dict[Future[Made], Job],
    most: int,
) -> Done[Job, Made]:
    """Keep `most` jobs handed over, in `waiting`, and yield each as it is finished.

    If the pool breaks, that is raised after all that was finished before has been yielded;
    the jobs to do again are then in `waiting`.
    """
    while True:
        while len(waiting) < most and (job := jobs.take()) is not None:
            try:
                waiting[pool.submit(work, job)] = job
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


# --- runs of markets, in order ---


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
    return results_of(markets, lambda one: one, threads, progress=progress)


def results_of(
    markets: Iterable[Scenario],
    keep: Callable[[Run], Kept],
    threads: int | None = None,
    *,
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


def in_order(done: Generator[tuple[int, Made], None, None]) -> Generator[Made, None, None]:
    """What came of jobs 0, 1, 2, ... in their order, from a runner that finishes them in any."""
    early: dict[int, Made] = {}
    wanted = 0
    with closing(done):
        for place, made in done:
            early[place] = made
            while wanted in early:
                yield early.pop(wanted)
                wanted += 1
