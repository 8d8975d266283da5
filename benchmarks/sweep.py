"""Two workers against one on a sweep, beside two processes that only compute.

`python -m benchmarks.sweep [--runs N] [--agents N] [--days N] [--pairs N]` takes other sizes.
The throughput is that of the whole study: starting workers, checking rows and writing the
table included.
"""

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.common import SCENARIO, Figure, philox_chain, seconds
from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study import Range, Study
from sim.runs.dataset import RUNS
from sim.runs.many import Processes
from sim.runs.sweep import sweep as do_sweep
from sim.scenario.load import load_scenario

GOAL = 1.7
PROBE = 200_000_000
LEVER = "touchpoints.paid_search_generic.budget_per_day"


def spin(times: int) -> int:
    """Pure computation without memory, compiled in the process that does it."""
    return int(philox_chain(times))


def probe() -> float:
    """How much two processes give where nothing is shared; their start is not counted."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        work = [10, 10, 10, 10]
        list(pool.map(spin, work))
        one = seconds(lambda: _spin(pool, [PROBE]))
        two = seconds(lambda: _spin(pool, [PROBE // 2, PROBE // 2]))
    return one / two


def _spin(pool: Executor, work: list[int]) -> None:
    list(pool.map(spin, work))


def study(runs: int, agents: int, days: int) -> Callable[[Path, int], bytes]:
    """A sweep of so many runs: a function of the folder and the workers, to the table's bytes."""
    asked = Study(
        name="benchmark",
        scenario=SCENARIO,
        vary={LEVER: Range(low=0.0, high=2000.0, points=max(2, runs // 4))},
        replicates=4,
        measure=["economics.profit", "customers.new", "economics.cac"],
    )
    scenario = load_scenario(SCENARIO, agents=agents, days=days)
    plan = market_plan(asked, scenario)
    work = market_run(plan, scenario)

    def do(place: Path, workers: int) -> bytes:
        do_sweep(plan, work, Processes(workers), place=place)
        return (place / RUNS).read_bytes()

    return do


def measured(runs: int, agents: int, days: int, pairs: int) -> list[Figure]:
    """The ratio of throughputs, and the probes around it."""
    do = study(runs, agents, days)
    times: dict[int, list[float]] = {1: [], 2: []}
    tables: set[bytes] = set()
    probes = [probe()]
    with tempfile.TemporaryDirectory() as folder:
        for pair in range(pairs):
            for workers, taken in times.items():
                place = Path(folder) / f"{pair}-{workers}"
                taken.append(seconds(lambda p=place, w=workers: tables.add(do(p, w))))
            probes.append(probe())
    if len(tables) != 1:
        raise SystemExit("the tables differ")
    one, two = min(times[1]), min(times[2])
    what = f"{runs} runs of {agents:,} customers x {days} days"
    return [
        Figure("two processes / one, pure computation (probe)", max(probes), "ratio"),
        Figure(f"one worker, {what}", runs / one, "runs/s"),
        Figure(f"two workers / one, {what}", one / two, "ratio", GOAL, at_most=False),
    ]


def sweep(quick: bool) -> list[Figure]:
    """A sweep of the default market on one worker and on two."""
    if quick:
        return measured(40, 10_000, 120, 1)
    return measured(200, 20_000, 365, 1)


def main() -> None:
    """Measure at the sizes that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--agents", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--pairs", type=int, default=1)
    arguments = parser.parse_args()
    for figure in measured(arguments.runs, arguments.agents, arguments.days, arguments.pairs):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
