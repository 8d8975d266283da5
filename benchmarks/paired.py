"""What the second run of a pair costs, whose market differs in one touchpoint's budget."""

from benchmarks.common import Figure, cpu_seconds, market, ratio_in_turns
from sim.engine.day import run_fast
from sim.scenario.levers import get, with_settings

AGENTS = 50_000
LEVER = "touchpoints.paid_social.budget_per_day"
STEP = 0.05
GOAL = 0.35


def paired(quick: bool) -> list[Figure]:
    """+5 % on a budget, the same seed: what the pair costs beyond one run, by that run.

    Each is a run of its own, so that the ratio is that of their processor times.
    """
    days = 60 if quick else 365
    base = market(AGENTS, days)
    other = with_settings(base, [f"{LEVER}={float(get(base, LEVER)) * (1.0 + STEP)}"])
    run_fast(market(2_000, 5), threads=1)
    found = ratio_in_turns(
        lambda: cpu_seconds(lambda: run_fast(other, threads=1)),
        lambda: cpu_seconds(lambda: run_fast(base, threads=1)),
        3 if quick else 5,
    )
    name = f"paired run, +5 % on one budget / a run, {AGENTS:,} customers x {days} days"
    return [Figure(name, found, "ratio", GOAL)]
