"""Kill a study, a worker, a Dask worker and three other commands, ten times each; compare tables.

`python -m benchmarks.kills [--times N] [--seed N]`. Each time the kill comes at a random
moment of the study (drawn from the seed); then the study goes on with --resume. Its table must
be that of the undisturbed study to the byte: nothing lost, nothing twice. `touchpoints`,
`compare` and `run --replicates` go on in the same way; their tables and their summary must be the
undisturbed ones, and nothing else may be left.
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
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from distributed import LocalCluster

from sim.pages.folder import SUMMARY
from sim.runs.dataset import JOURNAL, RUNS, read_runs

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
MARKET = ("webshop_loop", "--agents", "300", "--days", "30")
OTHERS = {
    "touchpoints": ("touchpoints", *MARKET, "--replicates", "2"),
    "compare": (
        "compare",
        *MARKET,
        "--replicates",
        "3",
        "--variant",
        "price:offers.everyday.price=379",
    ),
    "run --replicates": ("run", *MARKET, "--replicates", "3"),
}


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


def other(words: Sequence[str], place: Path) -> list[str]:
    """The line of a command that writes the folder `place`."""
    return [sys.executable, "-m", "sim.cli", *words, "--quiet", "--out", str(place)]


def found_in(place: Path) -> dict[str, bytes]:
    """Tables and summaries below a folder, by name; whatever is hidden, too."""
    files = [file for file in place.rglob("*") if file.is_file()]
    return {
        str(file.relative_to(place)): file.read_bytes()
        for file in files
        if file.suffix == ".parquet" or file.name == SUMMARY or file.name.startswith(".")
    }


def killed_once(words: Sequence[str], folder: Path, after: float) -> dict[str, bytes]:
    """What a command leaves that is killed after so many seconds and then given again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    line = other(words, folder / "made")
    with subprocess.Popen(line, stdout=subprocess.DEVNULL) as command:
        try:
            command.wait(after)
        except subprocess.TimeoutExpired:
            command.kill()
    subprocess.run([*line, "--resume"], check=True, stdout=subprocess.DEVNULL)
    return found_in(folder)


def kill_study(study: psutil.Process) -> None:
    """Kill the study itself."""
    study.send_signal(signal.SIGKILL)


def kill_worker(study: psutil.Process) -> None:
    """Kill one of the study's workers."""
    children = study.children(recursive=True)
    workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    if workers:
        workers[0].kill()


def kill_other(
    name: str, words: Sequence[str], folder: Path, times: int, luck: random.Random
) -> int:
    """Kill a command at random moments and give it again; returns how often that shows."""
    killed_once(words, folder, float("inf"))  # all is compiled then
    began = time.perf_counter()
    expected = killed_once(words, folder, 0.0)  # at once: what follows is undisturbed
    seconds = time.perf_counter() - began
    moments = [luck.uniform(0.1, 1.0) * seconds for _ in range(times)]
    good = sum(killed_once(words, folder, moment) == expected for moment in moments)
    print(f"{name} killed: {good} of {times} results are the undisturbed one", flush=True)
    return times - good


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
        for name, words in OTHERS.items():
            failures += kill_other(name, words, folder / "others", arguments.times, luck)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
