"""A run's counters added up over its days: whole numbers, of which most measures are ratios."""

from __future__ import annotations

from sim.measures.once import once
from sim.model.columns import Count, Integers
from sim.records.recorder import Records


@once
def counts(records: Records) -> Integers:
    """The daily counters, (S, Count); money in minor units."""
    found: Integers = records.counts.sum(axis=0)
    return found


@once
def flows(records: Records) -> Integers:
    """The moves from phase to phase, (S, P, P)."""
    found: Integers = records.flows.sum(axis=0)
    return found


@once
def touches(records: Records) -> Integers:
    """The counters of touchpoints in phases, (S, pairs, Touch)."""
    found: Integers = records.touch.sum(axis=0)
    return found


def of_segment(totals: Integers, segment: int | None) -> Integers:
    """Totals (S, ...) of one segment, by its place in the scenario, or of all."""
    found: Integers = totals.sum(axis=0) if segment is None else totals[segment]
    return found


def total(records: Records, count: Count, segment: int | None = None) -> int:
    """A daily counter over the run, of one segment or of all; money in minor units."""
    return int(of_segment(counts(records), segment)[count])


def people(records: Records, count: Count) -> float:
    """A daily counter of people or events over the run, of the whole population."""
    return total(records, count) * records.people_per_agent
