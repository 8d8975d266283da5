"""Measure how far off three estimates are in the default market: the tables of measures.md.

`python docs/accuracy.py [windows bottlenecks forecast]`; some ten minutes. An estimate is held
against what the same market came to: conversion against the same needs followed to their end, the
worth of a bottleneck against a paired run, the projected value against a run that saw all of it.
"""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from figures import Rows, with_table, written

from sim.engine.day import run_fast
from sim.measures.bottlenecks import bottlenecks
from sim.measures.figure import Undefined
from sim.measures.journeys import conversion_per_need, under_way
from sim.measures.retention import cohort_sizes
from sim.measures.value import clv_projected
from sim.model.columns import Cohort, Count
from sim.records.recorder import Records
from sim.scenario.levers import from_today
from sim.scenario.load import load_scenario
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, EventCode

PAGE = Path(__file__).parent / "measures.md"
MARKETS = ("webshop_loop", "webshop_funnel")
WINDOWS = (14, 30, 90, 365)  # days
FOLLOWED = 60  # days after which hardly a journey is under way
LONG = 1461  # days: the last month of the first year is seen for 36 months
HORIZON = 36  # months
BETTER = math.log(1.0 / 0.9)  # logits: a tenth fewer of those who leave move on instead
CHANGES = {
    "purchase": "log-odds of each own offer + 0.105 (`appeal`)",
    "interest": "`leave_per_day` x 0.9",
    "desire": "`leave_per_day`, `back_per_day`, `back_after_bad` x 0.9",
}


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean over seeds, and its standard error."""
    found = np.array(values)
    return float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found)))


def with_error(values: Sequence[float], digits: int, scale: float = 1.0) -> str:
    """A mean with its standard error in brackets."""
    mean, error = mean_and_error(values)
    return f"{signed(mean / scale, digits)} ({error / scale:,.{digits}f})"


def signed(value: float, digits: int, plus: str = "") -> str:
    """A figure with a true minus sign."""
    return f"{value:{plus},.{digits}f}".replace("-", "−")


# --- conversion of journeys in short windows ---


def followed(records: Records, days: int) -> float:
    """Of the needs of the first days, the share that ended in a purchase."""
    events = records.events[np.argsort(records.events["customer"], kind="stable")]
    events = events[np.isin(events["event"], (EventCode.NEED, EventCode.PURCHASE))]
    need = events["event"] == EventCode.NEED
    mine = np.flatnonzero(need & (events["day"] < days))
    after = np.minimum(mine + 1, len(events) - 1)
    bought = ~need[after] & (events["customer"][after] == events["customer"][mine])
    return float(bought.sum() / len(mine))


def windows(agents: int = 5_000, seeds: int = 40) -> Rows:
    """What windows tell of conversion, against the same needs."""
    heads = (f"`{market}`: same needs" for market in MARKETS)
    yield "days", "under way", *(cell for head in heads for cell in (head, "off by"))
    for days in WINDOWS:
        cells, waiting = [], []
        for market in MARKETS:
            same, off = [], []
            for seed in range(1, seeds + 1):
                sizes = {"agents": agents, "seed": seed}
                whole = load_scenario(market, ["panel=1", "past_days=0"], **sizes)
                long = run_fast(whole.model_copy(update={"days": days + FOLLOWED}))
                short = run_fast(whole.model_copy(update={"days": days, "panel": 0.0}))
                same.append(followed(long, days))
                off.append(known(conversion_per_need(short)) - same[-1])
                waiting.append(known(under_way(short)))
            cells += [f"{np.mean(same):.4f}", with_error(off, 4)]
        yield str(days), f"{100.0 * np.mean(waiting):.0f}%", *cells


def known(figure: Any) -> float:
    """A figure that there is."""
    assert not isinstance(figure, Undefined)
    return float(figure)


# --- the worth of bottlenecks ---


def changed(market: str, phase: str, seed: int, agents: int) -> dict[str, Any]:
    """What is better in a phase, from day 0 on."""
    scenario = load_scenario(market, agents=agents, seed=seed)
    if phase == "purchase":
        return {f"offers.{name}.appeal": o.appeal + BETTER for name, o in scenario.offers.items()}
    fields = ["leave_per_day"]
    fields += ["back_per_day", "back_after_bad"] if phase == "desire" else []
    here = scenario.journey.phases[phase]
    return {f"journey.phases.{phase}.{field}": 0.9 * getattr(here, field) for field in fields}


def worths(agents: int = 20_000, seeds: int = 6) -> Rows:
    """What 10% less drop-off is said to be worth, and what it brings, thousand DKK."""
    heads = (cell for market in MARKETS for cell in (f"`{market}`: worth", "gained"))
    yield "phase", "what was changed", *heads
    for phase, words in CHANGES.items():
        cells = []
        for market in MARKETS:
            worth, gained = [], []
            for seed in range(1, seeds + 1):
                sizes = {"agents": agents, "seed": seed, "days": DAYS_PER_YEAR}
                scenario = load_scenario(market, ["panel=0"], **sizes)
                today = run_fast(from_today(scenario))
                better = from_today(scenario, overrides=changed(market, phase, seed, agents))
                row = next(one for one in bottlenecks(today) if one.where == phase)
                worth.append(known(row.worth))
                gained.append(margin(run_fast(better)) - margin(today))
            cells += [f"{np.mean(worth) / 1000.0:,.0f}", with_error(gained, 0, 1000.0)]
        yield phase, words, *cells


def margin(records: Records) -> float:
    """Of the whole run, in currency."""
    whole = records.counts[:, :, Count.MARGIN].sum() / MINOR_UNITS
    return float(whole * records.people_per_agent)


# --- the forecast of a customer's value ---


def realised(records: Records, months: int = 12) -> float:
    """Discounted margin over 36 months of each customer won in the first months."""
    of_ages = records.cohorts[:, 1 : months + 1, :HORIZON, Cohort.MARGIN].sum(axis=(0, 1))
    factors = (1.0 + records.scenario.discount_rate_per_year) ** (-np.arange(HORIZON) / 12.0)
    return float(of_ages @ factors) / MINOR_UNITS / int(cohort_sizes(records)[:months].sum())


def forecast(agents: int = 100_000, seeds: int = 3) -> Rows:
    """Projected after a year, against what came of it."""
    yield "`webshop_loop`, seed", "projected, DKK", "realised, DKK", "error"
    for seed in range(1, seeds + 1):
        scenario = load_scenario("webshop_loop", ["panel=0"], agents=agents, seed=seed)
        year = run_fast(scenario.model_copy(update={"days": DAYS_PER_YEAR}))
        long = run_fast(scenario.model_copy(update={"days": LONG}))
        said, came = known(clv_projected(year)), realised(long)
        yield (
            str(seed),
            f"{said:.1f}",
            f"{came:.1f}",
            f"{signed(100.0 * (said / came - 1.0), 1, '+')}%",
        )


TABLES: dict[str, Callable[[], Rows]] = {
    "windows": windows,
    "bottlenecks": worths,
    "forecast": forecast,
}


def main(names: Sequence[str]) -> None:
    """Measure, and write the tables."""
    for name in names or TABLES:
        table = written(TABLES[name]())
        page = with_table(PAGE.read_text(encoding="utf-8"), name, table)
        PAGE.write_text(page, encoding="utf-8", newline="\n")
        print(table, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
