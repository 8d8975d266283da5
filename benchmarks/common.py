"""What the benchmarks share: a figure with its goal, and clocks around a run.

Two clocks. Wall time counts what a user waits for. Processor time leaves out what other programs
take of a busy machine, though not what they take of its caches and its clock rate.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter, thread_time

from numba import njit

from sim.draws import philox
from sim.scenario.levers import with_settings
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
        text = f"{self.name:<74}{self.value:>10.4g} {self.unit:<12}"
        if self.goal is None:
            return text
        good = self.value <= self.goal if self.at_most else self.value >= self.goal
        sign = "<=" if self.at_most else ">="
        return f"{text} goal {sign} {self.goal:g}: {'reached' if good else 'MISSED'}"

    def as_dict(self) -> dict[str, object]:
        """The figure for a file."""
        return asdict(self)


def load() -> float:
    """Programs that want a core of this machine, on average over the last minute."""
    return os.getloadavg()[0]


def machine() -> str:
    """The kind of machine, in general words."""
    return f"{os.cpu_count()} cores, {os.uname().machine.replace('_', '-')}"


def left_out(what: str, why: str) -> None:
    """Say of a benchmark that it was not measured."""
    print(f"{what}: left out, {why}", flush=True)


def market(agents: int, days: int, seed: int = 1) -> Scenario:
    """The default market at this size.

    With more customers than it has people, its people, budgets and servers are multiplied, so that
    each customer is met as often as before.
    """
    whole = load_scenario(SCENARIO)
    sizes: dict[str, object] = {"agents": agents, "days": days, "seed": seed}
    if agents > whole.population:
        times = -(-agents // whole.population)
        sizes["population"] = times * whole.population
        for name, touchpoint in whole.touchpoints.items():
            if touchpoint.budget_per_day is not None:
                path = f"touchpoints.{name}.budget_per_day"
                sizes[path] = times * touchpoint.budget_per_day
            if touchpoint.capacity is not None:
                path = f"touchpoints.{name}.capacity.servers"
                sizes[path] = times * touchpoint.capacity.servers
    return with_settings(whole, overrides=sizes)


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Median wall seconds of several calls."""
    return sorted(seconds(work) for _ in range(times))[times // 2]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this thread in one call."""
    start = thread_time()
    work()
    return thread_time() - start


def in_turns(works: Sequence[Callable[[], float]], times: int) -> list[list[float]]:
    """What each of several measurements gives, `times` each, one after the other in turns."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for mine, work in zip(found, works, strict=True):
            mine.append(work())
    return found


def ratio_in_turns(one: Callable[[], float], other: Callable[[], float], times: int) -> float:
    """Measurement `one` by `other`: the median over `times` pairs, taken in turns."""
    return median(a / b for a, b in zip(*in_turns([one, other], times), strict=True))


@njit(cache=False)
def philox_chain(times: int) -> int:
    """So many scalar Philox4x32-10 draws, each waiting for the one before."""
    total = 0
    for i in range(times):
        w0, w1, _, _ = philox(i & 0xFFFF, total & 1, 3, 2, 7)
        total += w0 ^ w1
    return total


def philox_nanoseconds(times: int = 3_000_000) -> float:
    """Processor time of one scalar draw, measured now (median of 3)."""
    philox_chain(10)
    return median(cpu_seconds(lambda: philox_chain(times)) for _ in range(3)) / times * 1e9
