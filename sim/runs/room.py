"""Room before work: the memory and the disk that runs will need, beside what there is.

Memory is counted from the arrays themselves: those of the engine, then those of the records. What
measures, tables and a report need beside them was measured (`python -m benchmarks room` measures it
again) and is counted by the byte of records, by customer and by event. How much happens to the
customers of the panel is expected from the market's first morning.

The estimate is held against what is free now, so that nobody waits an hour for a run that the
system then stops.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InputError
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.model.columns import Tables

MEGA, GIGA = 1_000_000, 1_000_000_000

# Measured at 1,000 to 500,000 customers, 30 to 7,300 days, the panel a hundredth or everybody,
# in bytes; rounded up.
MEASURES = 12 * MEGA  # to measure a run, however small it is
REPORT = 30 * MEGA  # to measure it and to draw its report
ROW_WRITTEN = 200  # of the table of customers while its slice is written
CUSTOMER_MEASURED = 24  # of a customer, while measures count customers
RECORD_WRITTEN = 1.3  # tables and figures made of a byte of records
EVENT_KEPT = 25  # of the panel, in a run: a part of them is there twice when they are put in order
EVENT_MEASURED = 10  # by measures, beside the event
EVENT_WRITTEN = 80  # by the table of events and the report, beside the event
WORKER = 120 * MEGA  # a process that does runs, before its first

# Measured at the same sizes: bytes on the disk
FOLDER_ON_DISK = 1 * MEGA  # report, summary and scenario
CUSTOMER_ON_DISK = 36
EVENT_ON_DISK = 9
RECORD_ON_DISK = 0.03  # of a byte of records, if nothing happens
COUNTED_ON_DISK = 4  # what counts an event of any customer, until so much happens that
FULL_ON_DISK = 0.3  # this is the share of a byte of records

# What the log tells beside encounters, by need that arises, and how much more customers meet later,
# in other phases than on the first day. Fitted to the markets of the library and of the tests,
# where 0.8 to 1.2 events are expected for each that happens.
EVENTS_OF_A_NEED = 7.0
LATER = 1.3

CGROUP = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class _Sizes:
    """What a run is made of, in bytes or numbers."""

    engine: int  # customers with all that the engine has beside them, counters, arrivals
    customers: int  # customers as they are kept
    records: int  # counters by day, and cohorts
    events: float  # how many events of the panel are expected
    happening: float  # how many of all customers


def memory_needed(scenario: Scenario, written: bool = True) -> int:
    """Bytes that one run is expected to need at its peak, beside the program itself.

    `written`: with its result folder and report, not only with its summary.
    """
    return _memory(_sizes(scenario), scenario, written)


def _memory(sizes: _Sizes, scenario: Scenario, written: bool) -> int:
    from sim.model.columns import EVENT

    running = sizes.engine + sizes.records + EVENT_KEPT * sizes.events
    each = EVENT.itemsize + (EVENT_WRITTEN if written else EVENT_MEASURED)
    after = sizes.customers + CUSTOMER_MEASURED * scenario.agents + each * sizes.events
    if not written:
        return int(max(running, after + sizes.records) + MEASURES)
    writing = ROW_WRITTEN * min(scenario.agents, _rows_at_once())
    after += (1.0 + RECORD_WRITTEN) * sizes.records + max(writing, REPORT)
    return int(max(running + REPORT, after))  # what a run held is not given back at once


def disk_needed(scenario: Scenario) -> int:
    """Bytes that the result folder of a run is expected to take."""
    return _disk(_sizes(scenario), scenario)


def _disk(sizes: _Sizes, scenario: Scenario) -> int:
    return int(
        FOLDER_ON_DISK
        + CUSTOMER_ON_DISK * scenario.agents
        + EVENT_ON_DISK * sizes.events
        + RECORD_ON_DISK * sizes.records
        + min(COUNTED_ON_DISK * sizes.happening, FULL_ON_DISK * sizes.records)
    )


def memory_free() -> int:
    """Bytes of memory that this process may still take: of the machine, and of its container."""
    import psutil

    return max(0, min(int(psutil.virtual_memory().available), _container_free(), _limit_free()))


def disk_free(place: Path) -> int:
    """Bytes that can be written at the place, or where its folder will be."""
    there = place.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    return shutil.disk_usage(there).free


def check_room(
    scenario: Scenario,
    at_once: int = 1,
    folders: int = 0,
    *,
    place: Path | None = None,
    in_processes: bool = False,
    less: str = "use fewer --agents or --days",
) -> None:
    """Raise `InputError` if runs of the scenario will not fit into what is free now.

    `at_once`: how many are in memory at the same time; `folders`: of how many the result folder is
    written, at `place`; `in_processes`: each run has a process of its own; `less`: what a message
    says to do.
    """
    customers = f"{scenario.agents:,} simulated customers over {scenario.days:,} days"
    who = customers if at_once == 1 else f"{at_once} runs at once, of {customers},"
    sizes = _sizes(scenario)
    needed = _memory(sizes, scenario, written=folders > 0)
    needed = at_once * (needed + (WORKER if in_processes else 0))
    free = memory_free()
    if needed > free:
        raise InputError(
            f"{who} need about {amount(needed)} of memory and {amount(free)} are free; {less}."
        )
    if place is None or folders < 1:
        return
    needed, free = folders * _disk(sizes, scenario), disk_free(place)
    if needed > free:
        what = "need" if folders == 1 else f"in {folders} folders need"
        raise InputError(
            f"{customers} {what} about {amount(needed)} on the disk of {place} and"
            f" {amount(free)} are free; {less}."
        )


def check_pairs(
    scenarios: Sequence[Scenario],
    threads: int | None,
    less: str = "use fewer --agents, --days or --threads",
    *,
    held: int = 0,
) -> None:
    """Raise `InputError` if a study of paired runs will not fit into memory.

    `scenarios`: what it runs, or the like in size; `threads`: as for `sim.runs.many`, which
    has so many runs in memory. `less`: what a message says to do; `held`: how many whole runs the
    study holds while others are made.
    """
    largest = max(scenarios, key=lambda one: memory_needed(one, written=False))
    check_room(largest, (threads or os.cpu_count() or 1) + held, less=less)


def amount(size: int) -> str:
    """So many bytes, in words that a message can use."""
    if size < GIGA:
        return f"{size / MEGA:.0f} MB"
    return f"{size / GIGA:.1f} GB" if size < 10 * GIGA else f"{size / GIGA:,.0f} GB"


# --- what a run is made of ---


def _sizes(scenario: Scenario) -> _Sizes:
    """Count the bytes of a run, by making its arrays for one customer and one day."""
    from sim.engine.state import SMALLEST_CHUNK, new_arrivals, new_state
    from sim.model.columns import CUSTOMER, FLAGS, months_in
    from sim.records.recorder import DAILY, new_tally
    from sim.scenario.arrays import make_tables
    from sim.vocabulary import DAYS_PER_YEAR

    t = make_tables(scenario)
    cells = len(t.share_cumulative) * len(t.pace) * FLAGS
    one, two = (_bytes(new_state(t._replace(agents=agents), cells)) for agents in (1, 2))
    tally = new_tally(t, 1)
    chunks = min(os.cpu_count() or 1, -(-scenario.agents // SMALLEST_CHUNK))
    by_day = sum(getattr(tally, name).nbytes for name in DAILY)
    by_day += np.dtype(np.float64).itemsize * (len(t.starts) + 1)  # spend and rating
    months = months_in(scenario.days)
    active = np.dtype(np.int64).itemsize * months * len(t.share_cumulative) * (months + 1)
    arrivals = _arrivals(t) * _bytes(new_arrivals(1))
    met = new_state(t._replace(agents=1), cells).met.nbytes
    happening = scenario.agents * scenario.days * _events_a_day(scenario, t)
    # what a past leaves behind is kept for other runs out of it, and customers are copied when it
    # is taken over and at the end; as measured
    held = 5 if scenario.past_days else 1
    stays = 1.0 - min(scenario.turnover_per_year, 1.0 - 1e-12)
    people = scenario.agents * (1.0 - math.log(stays) * scenario.days / DAYS_PER_YEAR)
    return _Sizes(
        engine=int(scenario.agents * (held * (two - one) + arrivals))
        + chunks * _bytes(tally)
        + scenario.past_days * by_day,
        customers=int(people * (CUSTOMER.itemsize + met)),
        records=scenario.days * by_day + active + tally.cohorts.nbytes,
        events=scenario.panel * happening,
        happening=happening,
    )


def _bytes(arrays: tuple[Any, ...]) -> int:
    return sum(array.nbytes for array in arrays)


def _rows_at_once() -> int:
    from sim.records.people import SLICE

    return SLICE


def _arrivals(t: Tables) -> float:
    """How many times a customer comes to service touchpoints in a day, at most.

    The engine has room for more, which the system does not give before it is used.
    """
    serving = t.servers > 0
    if not serving.any():
        return 0.0
    reach = t.reach[serving] * t.flight[serving].max(axis=1)[:, None] * t.affinity.max()
    return float(min(np.count_nonzero(serving), reach.max(axis=1).sum()))


def _events_a_day(scenario: Scenario, t: Tables) -> float:
    """How many events a customer of the panel is expected to have in a day."""
    from sim.model.market import daily_rates, new_standing, stand
    from sim.vocabulary import DAYS_PER_YEAR

    census = _first_census(scenario, t)
    standing = new_standing(t)
    stand(t, standing)
    rates = np.zeros_like(standing.rates)
    whole = np.rint(census * t.agents).astype(np.int64)
    daily_rates(t, standing, 0, whole, 0.0, rates)
    met = float((1.0 - np.exp(-rates)).sum(axis=0) @ census)
    shares = np.diff(t.share_cumulative, prepend=0.0)
    needs = sum(
        share * -math.expm1(-segment.need.rate_per_year / DAYS_PER_YEAR)  # one a day at most
        for share, segment in zip(shares, scenario.segments.values(), strict=True)
    )
    return LATER * met + EVENTS_OF_A_NEED * float(needs)


def _first_census(scenario: Scenario, t: Tables) -> np.ndarray:
    """The share of customers in each cell on day 0, as the scenario expects them; (cells,)."""
    from sim.model.columns import (
        FLAGS,
        START_CUSTOMERS,
        START_PERMISSION,
        START_PERMISSION_PROSPECTS,
        cell_of,
    )
    from sim.vocabulary import Relationship

    phases = len(t.pace)
    census = np.zeros(len(t.share_cumulative) * phases * FLAGS)
    for s, share in enumerate(np.diff(t.share_cumulative, prepend=0.0)):
        owners = float(t.start[s, START_CUSTOMERS])
        for relationship, phase, part, column in (
            (Relationship.NONE, t.first_latent, 1.0 - owners, START_PERMISSION_PROSPECTS),
            (Relationship.CUSTOMER, t.first_relate, owners, START_PERMISSION),
        ):
            if part <= 0.0:
                continue
            allowed = float(t.start[s, column])
            for permission, with_it in ((0, 1.0 - allowed), (1, allowed)):
                cell = cell_of(s, phase, int(relationship), permission, 0, phases)
                census[cell] += share * part * with_it
    return census


# --- what there is ---


def _container_free() -> int:
    """What the containers around this process leave of their memory (cgroup version 2)."""
    free = _no_limit()
    try:
        name = next(
            line[3:] for line in OWN_CGROUP.read_text().splitlines() if line.startswith("0::")
        )
    except (OSError, StopIteration):
        name = ""
    folder = CGROUP / name.strip("/")
    for place in (folder, *folder.parents):
        if place == CGROUP.parent:
            break
        free = min(free, _left_in(place))
    return free


def _left_in(place: Path) -> int:
    """What one container leaves; files that it only remembers count as free."""
    try:
        limit = (place / "memory.max").read_text().strip()
        used = int((place / "memory.current").read_text())
        if not limit.isdigit():
            return _no_limit()
        told = dict(line.split() for line in (place / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return _no_limit()
    return int(limit) - used + int(told.get("inactive_file", 0))


def _limit_free() -> int:
    """What a limit of the process itself leaves (`ulimit -v`)."""
    try:
        import resource
    except ImportError:  # Windows has none
        return _no_limit()
    import psutil

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return _no_limit()
    return limit - int(psutil.Process().memory_info().vms)


def _no_limit() -> int:
    return 1 << 62
