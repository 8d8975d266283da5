"""Two threads against one, beside a probe that only computes."""

from concurrent.futures import ThreadPoolExecutor

from numba import njit

from benchmarks.common import Figure, market, philox_chain, seconds
from sim.engine.day import run_fast

PROBE = 100_000_000


@njit(nogil=True)
def spin(times: int) -> int:
    """Pure computation without memory."""
    total: int = philox_chain(times)
    return total


def probe() -> float:
    """How much two threads give where nothing is shared."""
    spin(10)
    one = seconds(lambda: spin(PROBE))
    with ThreadPoolExecutor(2) as pool:
        two = seconds(lambda: list(pool.map(spin, [PROBE // 2, PROBE // 2])))
    return one / two


def threads(quick: bool) -> list[Figure]:
    """Speed-up at 1,000,000 customers; three pairs, the best of each side."""
    days = 20 if quick else 90
    scenario = market(1_000_000, days)
    run_fast(market(2_000, 5), threads=1)
    probes = [probe()]
    one, two = [], []
    for _ in range(3):
        one.append(seconds(lambda: run_fast(scenario, threads=1)))
        two.append(seconds(lambda: run_fast(scenario, threads=2)))
        probes.append(probe())
    name = f"two threads / one, 1,000,000 customers x {days} days"
    return [
        Figure("two threads / one, pure computation (probe)", max(probes), "ratio"),
        Figure(name, min(one) / min(two), "ratio", 1.7, at_most=False),
    ]
