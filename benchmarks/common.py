"""What the benchmarks share: a figure with its goal, and a clock around a run."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter

from numba import njit

from sim.draws import philox
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

SCENARIO = "webshop_loop"


@dataclass(frozen=True)
class Figure:
    """One measured figure. `at_most` tells on which side of the goal is good."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_most: bool = True

    def line(self) -> str:
        """The figure as a line of text."""
        text = f"{self.name:<66}{self.value:>10.4g} {self.unit:<12}"
        if self.goal is None:
            return text
        good = self.value <= self.goal if self.at_most else self.value >= self.goal
        sign = "<=" if self.at_most else ">="
        return f"{text} goal {sign} {self.goal:g}: {'reached' if good else 'MISSED'}"

    def as_dict(self) -> dict[str, object]:
        """The figure for a file."""
        return asdict(self)


def market(agents: int, days: int, seed: int = 1) -> Scenario:
    """The default market at this size."""
    return load_scenario(SCENARIO, agents=agents, days=days, seed=seed)


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Median wall seconds of several calls."""
    return sorted(seconds(work) for _ in range(times))[times // 2]


@njit(cache=False)
def philox_chain(times: int) -> int:
    """So many scalar Philox4x32-10 draws, each waiting for the one before."""
    total = 0
    for i in range(times):
        w0, w1, _, _ = philox(i & 0xFFFF, total & 1, 3, 2, 7)
        total += w0 ^ w1
    return total


def philox_nanoseconds(times: int = 5_000_000) -> float:
    """Cost of one scalar draw, measured now (median of 5)."""
    philox_chain(10)
    return median_seconds(lambda: philox_chain(times), 5) / times * 1e9
