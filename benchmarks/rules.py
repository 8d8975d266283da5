"""What the rules cost: the default market with each of some of them switched off, in turns.

And this engine on the default market of the version before (`benchmarks.before`), which has none of
them: what the rules cost where they are off, and how much busier the present market is.
"""

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.before import BEFORE, taken_out
from benchmarks.common import Figure, cpu_seconds, in_turns, left_out, market
from benchmarks.touchpoints import encounters
from sim.engine.day import run_fast
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

AGENTS, DAYS, PAST, TIMES = 20_000, 180, 365, 9


def without(scenario: Scenario) -> dict[str, Scenario]:
    """The market without a rule, by what is left out."""
    segments, touchpoints = scenario.segments, scenario.touchpoints
    triggered = [name for name, one in touchpoints.items() if one.trigger is not None]
    served = [name for name, one in touchpoints.items() if one.capacity is not None]
    levers: dict[str, dict[str, Any]] = {
        "talk": {"talk.per_day": 0.0, "talk.fan_per_day": 0.0},
        "spread of affinities": {f"segments.{name}.affinity_spread": 0.0 for name in segments},
        "people who come and go": {"turnover_per_year": 0.0},
        "baskets of many sizes": {f"offers.{name}.basket.cv": 0.0 for name in scenario.offers},
        "triggered touchpoints": {f"touchpoints.{name}.enabled": False for name in triggered},
        "a desk": {f"touchpoints.{name}.enabled": False for name in served},
        "unsubscribing": {f"touchpoints.{name}.unsubscribe": 0.0 for name in touchpoints},
    }
    return {name: with_settings(scenario, overrides=given) for name, given in levers.items()}


def before_today() -> Scenario | None:
    """The default market of the version before; None if it cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        if not taken_out(Path(folder)):
            return None
        file = Path(folder) / "scenarios" / "webshop_loop.yaml"
        return load_scenario(file, agents=AGENTS, days=DAYS)


def rules(quick: bool) -> list[Figure]:
    """A customer-day with everything, in nanoseconds, and with / without each rule."""
    days, times = (30, 3) if quick else (DAYS, TIMES)
    whole = with_settings(market(AGENTS, days), overrides={"past_days": PAST})
    others = without(whole)
    old = before_today()
    markets = [whole, *others.values(), *([] if old is None else [old])]
    for one in markets:
        run_fast(one, threads=1)  # its past is lived through, and kept
    turns = [lambda one=one: cpu_seconds(lambda: run_fast(one, threads=1)) for one in markets]
    costs = [
        min(each) / one.agents / one.days * 1e9
        for each, one in zip(in_turns(turns, times), markets, strict=True)
    ]
    first, size = costs[0], f"{AGENTS:,} customers x {days} days"
    figures = [Figure(f"{size}: time of a customer-day", first, "ns")]
    for name, cost in zip(others, costs[1:], strict=False):
        figures.append(Figure(f"  with {name} / without", first / cost, "ratio"))
    if old is None:
        left_out(f"the market of {BEFORE}", "that commit cannot be had here")
        return figures
    met = [encounters(run_fast(one, threads=1)) / one.agents / one.days for one in (old, whole)]
    figures.append(Figure(f"{size}: the market of {BEFORE}, without these rules", costs[-1], "ns"))
    figures.append(Figure("  its encounters a customer-day", met[0], ""))
    figures.append(Figure("  encounters a customer-day of the present market", met[1], ""))
    return figures
