"""One small market in the fast engine, and written by hand for numba and for numpy."""

from functools import partial
from math import log
from statistics import median
from typing import Any

from benchmarks.common import Figure, cpu_seconds, in_turns
from benchmarks.peers_by_hand import PHASES, SMALL, Small, Sums, by_hand, whole_arrays
from benchmarks.touchpoints import encounters
from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR

KINDS = ("latent", "consider", "consider", "purchase", "relate", "advocate")
LASTING = 1e6  # days; the brand is known to everybody all the time
BY_HAND, NUMPY = 1.1, 6.0  # goals


def scenario_of(market: Small, agents: int, days: int, *, seed: int) -> Scenario:
    """The small market as a scenario. Raises ValueError if a rule of scenarios is broken."""
    phases: dict[str, Any] = {}
    for p, name in enumerate(PHASES):
        phase: dict[str, Any] = {"kind": KINDS[p], "pace_per_day": market.pace[p]}
        if KINDS[p] != "purchase":
            phase |= {"bias": market.bias[p], "weights": {"engagement": market.weight[p]}}
        if KINDS[p] in ("consider", "purchase"):
            phase["leave_per_day"] = market.leave[p]
        if KINDS[p] != "latent":
            phase["back_per_day"] = market.back[p]
        phases[name] = phase
    buying = PHASES.index("purchase")
    nothing = dict.fromkeys(("fit", "price", "trust", "experience", "satisfaction", "loyalty"), 0.0)
    made = Scenario.model_validate(
        {
            "name": "small",
            "agents": agents,
            "population": agents,
            "days": days,
            "seed": seed,
            "panel": 0.0,
            "journey": {
                "shape": "loop",
                "phases": phases,
                "checkout": {"abandon": 0.0},
                "choice": {**nothing, "engagement": market.weight[buying], "waiting": 0.0},
                "behaviour": {
                    "awareness_half_life_days": LASTING,
                    "engagement_half_life_days": market.half_life,
                    "loyalty_gain": 0.0,
                },
            },
            "segments": {
                "all": {
                    "share": 1.0,
                    "need": {"rate_per_year": -log(1.0 - market.need) * DAYS_PER_YEAR},
                    "start": {"customers": market.customers, "awareness": 1.0},
                    "lapse": {"per_day": market.leave[-1], "satisfaction_effect": 0.0},
                }
            },
            "offers": {"offer": {"price": 1.0, "appeal": market.bias[buying]}},
            "touchpoints": {
                f"touchpoint_{j}": {
                    "starts": "pull",
                    "reach": {
                        name: float(chance)
                        for name, chance in zip(PHASES, reach, strict=True)
                        if chance > 0.0
                    },
                    "effects": {"engagement": market.gain[j]},
                }
                for j, reach in enumerate(market.reach)
            },
        }
    )
    findings = cross_check(made)
    if findings:
        raise ValueError(f"small: {findings}")
    return made


def in_the_engine(market: Small, agents: int, days: int, *, seed: int) -> Sums:
    """The market in the fast engine, one thread."""
    records = run_fast(scenario_of(market, agents, days, seed=seed), threads=1)
    return Sums(int(records.counts[:, :, Count.PURCHASES].sum()), encounters(records))


def peers(quick: bool) -> list[Figure]:
    """The fast engine by the loops, and the whole arrays by the fast engine: processor time."""
    agents, days, times = (100_000, 30, 3) if quick else (100_000, 180, 5)
    scenario = scenario_of(SMALL, agents, days, seed=1)
    for warm in (by_hand, in_the_engine):
        warm(SMALL, 100, 5, seed=1)
    works = [
        partial(cpu_seconds, partial(run_fast, scenario, threads=1)),
        partial(cpu_seconds, partial(by_hand, SMALL, agents, days, seed=1)),
        partial(cpu_seconds, partial(whole_arrays, SMALL, agents, days, seed=1)),
    ]
    engine, loops, arrays = in_turns(works, times)
    where = f"small market, {agents:,} customers x {days} days"

    def ratio(one: list[float], other: list[float]) -> float:
        return median(a / b for a, b in zip(one, other, strict=True))

    return [
        Figure(f"{where}: numba by hand", min(loops) / agents / days * 1e9, "ns"),
        Figure(f"{where}: fast engine / numba by hand", ratio(engine, loops), "ratio", BY_HAND),
        Figure(
            f"{where}: numpy, whole arrays / fast engine",
            ratio(arrays, engine),
            "ratio",
            NUMPY,
            at_most=False,
        ),
    ]
