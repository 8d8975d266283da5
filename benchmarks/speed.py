"""Cost of a customer-day in the fast engine, in scalar Philox draws."""

from benchmarks.common import Figure, market, philox_nanoseconds, seconds
from sim.engine.day import run_fast


def speed(quick: bool) -> list[Figure]:
    """One thread, at 100,000 and 1,000,000 customers; a probe before and after each run."""
    sizes = (100_000, 1_000_000)
    days = 60 if quick else 365
    run_fast(market(2_000, 5), threads=1)
    figures: list[Figure] = []
    costs: dict[int, float] = {}
    for agents in sizes:
        before = philox_nanoseconds()
        scenario = market(agents, days)
        cost = seconds(lambda s=scenario: run_fast(s, threads=1)) / agents / days * 1e9
        draw = (before + philox_nanoseconds()) / 2.0
        costs[agents] = cost / draw
        where = f"fast engine, {agents:,} customers x {days} days"
        figures.append(Figure(f"{where}: time of a customer-day", cost, "ns"))
        figures.append(
            Figure(f"{where}: customer-day / scalar Philox draw", cost / draw, "ratio", 5.0)
        )
    flat = costs[sizes[1]] / costs[sizes[0]]
    figures.append(Figure("cost at 1,000,000 / cost at 100,000 customers", flat, "ratio", 1.1))
    return figures
