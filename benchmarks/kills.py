"""Kill a study, a worker and a Dask worker, ten times each, and compare the tables.

`python -m benchmarks.kills [--times N] [--seed N]`. Each time the kill comes at a random
moment of the study (drawn from the seed); then the study goes on with --resume. Its table must
be that of the undisturbed study to the byte: nothing lost, nothing twice.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from distributed import LocalCluster

from sim.studies.dataset import JOURNAL, RUNS, read_runs

STUDY = """\
name: kills
scenario: webshop_loop
agents: 500
days: 60
replicates: 3
vary:
  touchpoints.paid_search_generic.budget_per_day: {low: 0, high: 2000, points: 8}
  offers.everyday.price: [349, 399, 449]
measure: [economics.profit, customers.new]
"""
RUNS_OF_STUDY = 72


def command(place: Path, *options: str) -> list[str]:
    """The command that does the study."""
    line = [sys.executable, "-m", "sim.cli", "experiment", "kills.yaml", "--quiet"]
    return [*line, "--out", str(place), *options]


def finished(place: Path) -> int:
    """How many runs are safe, seen from outside."""
    if (place / RUNS).exists():
        return RUNS_OF_STUDY
    try:
        lines = (place / JOURNAL).read_bytes().count(b"\n")
        return max(lines, len(read_runs(place)))
    except Exception:  # the study is being begun
        return 0


def disturbed(folder: Path, place: Path, at: int, kill: Callable[[psutil.Process], None]) -> bytes:
    """The table of a study that is disturbed when so many runs are finished."""
    options = ["--dask", os.environ["KILLS_DASK"]] if "KILLS_DASK" in os.environ else []
    options = options or ["--workers", "2"]
    with subprocess.Popen(command(place, *options), cwd=folder, stdout=subprocess.DEVNULL) as study:
        while study.poll() is None and finished(place) < at:
            time.sleep(0.002)
        if study.poll() is None:
            kill(psutil.Process(study.pid))
        study.wait()
    if not (place / RUNS).exists():
        again = command(place, *options, "--resume")
        subprocess.run(again, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (place / RUNS).read_bytes()


def kill_study(study: psutil.Process) -> None:
    """Kill the study itself."""
    study.send_signal(signal.SIGKILL)


def kill_worker(study: psutil.Process) -> None:
    """Kill one of the study's workers."""
    children = study.children(recursive=True)
    workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    if workers:
        workers[0].kill()


def main() -> None:
    """Do it, and say how often the table was the undisturbed one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    luck = random.Random(arguments.seed)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "kills.yaml").write_text(STUDY)
        subprocess.run(
            command(folder / "whole", "--workers", "2"),
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        expected = (folder / "whole" / RUNS).read_bytes()

        def times(what: str, kill: Callable[[psutil.Process], None]) -> None:
            nonlocal failures
            good = 0
            for _ in range(arguments.times):
                place = folder / "disturbed"
                shutil.rmtree(place, ignore_errors=True)
                at = luck.randrange(1, RUNS_OF_STUDY - 5)
                good += disturbed(folder, place, at, kill) == expected
            failures += arguments.times - good
            print(f"{what}: {good} of {arguments.times} tables are the undisturbed one", flush=True)

        times("study killed", kill_study)
        times("worker killed", kill_worker)
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster:
            os.environ["KILLS_DASK"] = cluster.scheduler_address

            def kill_dask_worker(_: psutil.Process) -> None:
                worker = luck.choice(list(cluster.workers.values()))
                psutil.Process(worker.pid).kill()

            times("Dask worker killed", kill_dask_worker)
            times("study on Dask killed", kill_study)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
