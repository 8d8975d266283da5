"""Cost of a customer-day in the fast engine, in scalar Philox draws: processor time of both."""

from typing import NamedTuple

from benchmarks.common import Figure, cpu_seconds, in_turns, market, philox_nanoseconds
from sim.engine.day import run_fast


class Size(NamedTuple):
    """Customers, how often they are run, and the draws that a customer-day may cost."""

    agents: int
    times: int
    goal: float


SIZES = (Size(10_000, 9, 2.5), Size(100_000, 5, 2.0), Size(1_000_000, 3, 2.0))


def measured(size: Size, days: int) -> tuple[float, float]:
    """A customer-day in nanoseconds and in draws: the least of the runs by the least of the probes.

    Runs and probes take turns. What else the machine does only ever adds to either, and more to a
    run, which needs the caches and both halves of a core, than to a probe.
    """
    scenario = market(size.agents, days)
    runs, probes = in_turns(
        [lambda: cpu_seconds(lambda: run_fast(scenario, threads=1)), philox_nanoseconds],
        size.times,
    )
    cost = min(runs) / size.agents / days * 1e9
    return cost, cost / min(probes)


def speed(quick: bool) -> list[Figure]:
    """One thread, at 10,000, 100,000 and 1,000,000 customers."""
    days = 60 if quick else 365
    run_fast(market(2_000, 5), threads=1)
    figures: list[Figure] = []
    draws: dict[int, float] = {}
    for size in SIZES:
        cost, draws[size.agents] = measured(size, days)
        where = f"{size.agents:,} customers x {days} days"
        figures.append(Figure(f"{where}: time of a customer-day", cost, "ns"))
        figures.append(
            Figure(
                f"{where}: customer-day / scalar Philox draw",
                draws[size.agents],
                "ratio",
                size.goal,
            )
        )
    flat = draws[1_000_000] / draws[100_000]
    figures.append(Figure("cost at 1,000,000 / cost at 100,000 customers", flat, "ratio", 1.1))
    return figures
