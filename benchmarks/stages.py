"""What each nanosecond is spent on: `python -m benchmarks.stages [--quick]` writes docs/speed.md.

The stages of a day are calls of their own here, one after the other, as the engine makes them
where several threads share a day; what such a call costs when it has nothing to do is taken off.
The filter is measured again by itself, on the same mornings. All times are processor times of one
thread.
"""

import argparse
import textwrap
from collections.abc import Callable
from pathlib import Path
from time import thread_time

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.common import cpu_seconds, load, machine, market, philox_nanoseconds
from benchmarks.touchpoints import encounters
from sim.bundles import bundle
from sim.compiled import OPTIONS
from sim.engine.day import BIRTH, LIVE, MORNING, NIGHT, NOTICE, QUEUES, FastMarket, run_fast
from sim.engine.lots import compare_block, sort_tile, tile_hits
from sim.engine.state import LANES, TILE, Morning, Scratch, chunk_for
from sim.records.recorder import Records
from sim.runs.run import Run, make_manifest
from sim.scenario.arrays import make_tables
from sim.scenario.schema import Scenario

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
BEGIN, END = "<!-- benchmarks.stages -->", "<!-- end of what is measured -->"
SIZES = (10_000, 100_000)
DAYS, QUICK_DAYS = 365, 30
TIMES = 3
WIDTH = 100  # of a line of the page
EMPTY_CALLS = 2_000
EVERY = 10  # days between two mornings on which the filter is measured by itself

STAGES = {"morning": MORNING, "notice": NOTICE, "queues": QUEUES, "live": LIVE, "night": NIGHT}
# What is measured, in the order of the page; ns per customer-day.
ROWS = {
    "morning": "morning: rates of encounters, thresholds of lots",
    "notice": "notice: the filter, needs, who comes to be served",
    "filter": "of this the filter by itself",
    "sort": "of this sorting customers by cell",
    "drawing": "of this drawing lots and comparing them",
    "queues": "queues of service touchpoints",
    "live": "live: encounters, movement, purchase",
    "night": "night: adding up, writing down",
    "tables": "tables of the market, once a run; curves that another run has made are kept",
    "birth": "birth of the customers, once a run",
    "records": "records of the run",
    "whole": "a run, all of the above and its memory",
    "summary": "summary: the measures of the run",
}
INDENT = {"filter": 1, "sort": 2, "drawing": 2}

Found = dict[str, float]


# --- the filter by itself ---


@njit(**OPTIONS)
def filter_alone(day: int, cells: NDArray[np.uint16], morning: Morning, scratch: Scratch) -> None:
    """The filter of a day, with nobody who looks at what it finds."""
    for first in range(0, len(cells), TILE):
        tile_hits(day, first, min(TILE, len(cells) - first), cells, morning, scratch)


@njit(**OPTIONS)
def sort_alone(day: int, cells: NDArray[np.uint16], morning: Morning, scratch: Scratch) -> None:
    """Only its sorting."""
    for first in range(0, len(cells), TILE):
        count = min(TILE, len(cells) - first)
        sort_tile(cells, first, count, scratch.places, scratch.who)


@njit(**OPTIONS)
def sort_and_draw(day: int, cells: NDArray[np.uint16], morning: Morning, scratch: Scratch) -> None:
    """Its sorting and its drawing, without putting together what was drawn."""
    places, who, hits = scratch.places, scratch.who, scratch.block_hits
    for first in range(0, len(cells), TILE):
        sort_tile(cells, first, min(TILE, len(cells) - first), places, who)
        start = 0
        for c in range(len(places) - 1):
            end = places[c]
            if end == start:
                continue
            filled = -(-(end - start) // LANES) * LANES
            for block in range(morning.blocks.shape[1]):
                if morning.blocks[c, block]:
                    limits = morning.thresholds[c, block * 8 : block * 8 + 8]
                    compare_block(who[start:], filled, day, block, morning.keys, limits, hits)
            start = end


FILTERS: dict[str, Callable[..., None]] = {
    "filter": filter_alone,
    "sort": sort_alone,
    "drawing": sort_and_draw,
}


class Filter:
    """The filter of a market, measured on some mornings."""

    def __init__(self, made: FastMarket) -> None:
        self._cells = made.state.cell
        self._given = bundle(made.morning), bundle(made.scratch[0])
        self._seconds = dict.fromkeys(FILTERS, 0.0)
        self._mornings = 0
        for work in FILTERS.values():
            work(0, self._cells, *self._given)

    def measure(self, day: int) -> None:
        """Once more, on the morning of this day."""
        for name, work in FILTERS.items():
            self._seconds[name] += cpu_seconds(lambda do=work: do(day, self._cells, *self._given))
        self._mornings += 1

    def found(self) -> Found:
        """Seconds a day of the filter, its sorting and its drawing."""
        a_day = {name: taken / self._mornings for name, taken in self._seconds.items()}
        a_day["drawing"] -= a_day["sort"]
        return a_day


# --- a run, stage by stage ---


def stage_seconds(made: FastMarket, days: int) -> Found:
    """Live through the days stage by stage: seconds of each stage in all, and of the filter.

    What is before day 0 has been lived through when it begins.
    """
    made.begin()
    past = made.t.past
    empty = min(
        cpu_seconds(lambda: [made._do(0, 0, 1) for _ in range(EMPTY_CALLS)]) / EMPTY_CALLS
        for _ in range(3)
    )
    alone = Filter(made)
    taken = dict.fromkeys(STAGES, -empty * days)
    for day in range(days):
        for name, stage in STAGES.items():
            start = thread_time()
            made._do(stage, past + day, past + day + 1)
            taken[name] += thread_time() - start
            if stage == MORNING and day % EVERY == 0:
                alone.measure(past + day)
        for chunk, used in enumerate(made.log.used):
            if used:
                made.events.append(made.log.events[chunk, :used].copy())
        made.log.used[:] = 0
    return {**taken, **{name: a_day * days for name, a_day in alone.found().items()}}


def measured(agents: int, days: int) -> tuple[Found, Found]:
    """Nanoseconds per customer-day of every row; and what a customer-day is made of.

    Each is the least of `TIMES`, all measured in turns.
    """
    scenario = market(agents, days)
    records = run_fast(scenario, threads=1)  # from here on compiled, imported and kept
    summary_seconds(run_fast(market(1_000, 5), threads=1))
    passes = [once(scenario, records) for _ in range(TIMES)]
    per = 1e9 / agents / days
    draw = min(philox_nanoseconds() for _ in range(TIMES))
    about = {"encounters": encounters(records) / agents / days, "draw": draw}
    return {name: min(each[name] for each in passes) * per for name in ROWS}, about


def once(scenario: Scenario, records: Records) -> Found:
    """Seconds of every row, once. `records`: of the scenario's run."""
    seconds: Found = {
        "tables": cpu_seconds(lambda: make_tables(scenario)),
        "whole": cpu_seconds(lambda: run_fast(scenario, threads=1)),
        "summary": summary_seconds(records),
    }
    made = FastMarket(scenario, chunk=chunk_for(scenario.agents, 1))
    seconds |= stage_seconds(made, scenario.days)
    seconds["records"] = cpu_seconds(made.finish)
    seconds["birth"] = cpu_seconds(lambda: made._do(BIRTH))  # once more, now that all is over
    return seconds


def summary_seconds(records: Records) -> float:
    """Processor seconds of a run's measures."""
    made = Run(records.scenario, records, make_manifest(records.scenario, "fast", 1, seconds=1.0))
    return cpu_seconds(lambda: made.summary)


# --- the page ---


def table(found: dict[int, Found]) -> str:
    """The rows as a table of Markdown, a column for each number of customers."""
    head = " | ".join(f"{agents:,} customers" for agents in found)
    lines = [f"| ns per customer-day | {head} |", "|---|" + "---|" * len(found)]
    for name, words in ROWS.items():
        cells = " | ".join(f"{each[name]:.2f}" for each in found.values())
        lines.append(f"| {'&emsp;' * INDENT.get(name, 0)}{words} | {cells} |")
    return "\n".join(lines)


def with_figures(page: str, figures: str, *, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """The page with these figures between its marks. Raises ValueError if it has no marks."""
    begin, end = marks
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page has not once {begin} and {end}")
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    return f"{before}{begin}\n{figures.strip()}\n{end}{after}"


def main() -> None:
    """Measure, print the table, and write it into the page unless it is rough."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few days, and no page is written")
    arguments = parser.parse_args()
    days = QUICK_DAYS if arguments.quick else DAYS
    began = load()
    found, about = dict[int, Found](), dict[int, Found]()
    for agents in SIZES:
        found[agents], about[agents] = measured(agents, days)
    each = " and ".join(f"{made['encounters']:.3f}" for made in about.values())
    draw = np.mean([made["draw"] for made in about.values()])
    told = (
        f"Measured on {machine()}, over {days} days of the default market; {began:.1f} programs"
        f" wanted a core when it began and {load():.1f} when it ended. Encounters per customer-day:"
        f" {each}. A scalar Philox draw took {draw:.1f} ns."
    )
    figures = f"{table(found)}\n\n{textwrap.fill(told, WIDTH)}"
    print(figures)
    if not arguments.quick:
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
