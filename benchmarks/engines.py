"""The fast engine against the readable one, on the same market."""

from benchmarks.common import Figure, cpu_seconds, market
from sim.engine.day import run_fast
from sim.reference.market import run_reference
from sim.scenario.levers import with_settings

AGENTS = 10_000


def engines(quick: bool) -> list[Figure]:
    """Customer-days per processor second of both engines, one thread, 10,000 customers."""
    days = 3 if quick else 10
    # no past: the fast engine keeps it from run to run, and the readable one would live through it
    scenario = with_settings(market(AGENTS, days), overrides={"past_days": 0})
    run_fast(scenario, threads=1)
    fast = min(cpu_seconds(lambda: run_fast(scenario, threads=1)) for _ in range(5))
    slow = cpu_seconds(lambda: run_reference(scenario))
    name = f"reference / fast engine, {AGENTS:,} customers x {days} days"
    return [
        Figure("reference engine: customer-days a CPU second", AGENTS * days / slow, "a second"),
        Figure(name, slow / fast, "ratio", 150.0, at_most=False),
    ]
