"""Where would the next krone do most? A quick answer beside a run, by paired runs.

The market of the run, on at most `MOST_CUSTOMERS` of its simulated customers, is run again
with a quarter more of each touchpoint that can be scaled and costs something, then with a
quarter more of all that are to win customers, and of all that are to keep them. Every pair has
the run's own seed. `journeysim touchpoints` gives the slow, precise answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from sim.measures.figure import Undefined
from sim.measures.incrementality import step_between
from sim.questions.scaling import FREE, Scaling, is_costly, scaled, scaling
from sim.records.steps import NextKrone
from sim.runs.many import runs_of
from sim.runs.run import Run
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

# Assumptions: a step large enough to be seen through the luck of so many customers, and small
# enough to be called the next krone; enough customers for that, in a few seconds.
FACTOR = 1.25
MOST_CUSTOMERS = 50_000
LEAST_CUSTOMERS = 5_000  # where many seeds share the work


Plan = tuple[dict[str, Scaling], dict[str, str]]
Progress = Callable[[float], None]


def planned(scenario: Scenario, factor: float = FACTOR) -> Plan:
    """How to scale each touchpoint that can be scaled and costs something; why not the others."""
    plan: dict[str, Scaling] = {}
    left_out: dict[str, str] = {}
    for name in scenario.touchpoints:
        found: Scaling | Undefined = Undefined(FREE)
        if is_costly(scenario, name):
            found = scaling(scenario, name, factor)
        if isinstance(found, Undefined):
            left_out[name] = str(found)
        else:
            plan[name] = found
    return plan, left_out


def customers_for(scenario: Scenario, seeds: int = 1) -> int:
    """On how many simulated customers the steps are tried out, where `seeds` share the work."""
    return min(scenario.agents, max(LEAST_CUSTOMERS, MOST_CUSTOMERS // seeds))


def runs_needed(scenario: Scenario, seeds: int = 1) -> int:
    """How many runs of `customers_for` customers `try_next_krone` makes."""
    plan, _ = planned(scenario)
    own_base = customers_for(scenario, seeds) < scenario.agents
    return len(_steps(scenario, plan)) + (own_base if plan else 0)


def try_next_krone(
    made: Run,
    threads: int | None = None,
    seeds: int = 1,
    *,
    progress: Progress | None = None,
) -> NextKrone:
    """The steps of a run, in the order of its touchpoints, then for each purpose.

    `threads`: at most so many; the result does not depend on it. `seeds`: how many seeds share
    the work. `progress`: called with the number of runs done, fractions included. The fast
    engine does it, whichever engine made the run: they agree to the last bit.
    """
    scenario = made.scenario
    plan, left_out = planned(scenario)
    customers = customers_for(scenario, seeds)
    own_base = bool(plan) and customers < scenario.agents
    smaller = with_settings(scenario, overrides={"agents": customers}) if own_base else scenario
    wanted = _steps(scenario, plan)
    markets = [scaled(smaller, (plan[name] for name in names)) for names, _ in wanted]
    with closing(runs_of([smaller] * own_base + markets, threads, progress)) as runs:
        base = next(runs).records if own_base else made.records
        steps = [
            step_between(base, with_more.records, names, **about)
            for (names, about), with_more in zip(wanted, runs, strict=True)
        ]
    return NextKrone(FACTOR, customers, steps, left_out)


def _steps(
    scenario: Scenario, plan: dict[str, Scaling]
) -> Sequence[tuple[list[str], dict[str, Any]]]:
    """The touchpoints of each step, and what a `Step` says about them."""

    def about(name: str, names: list[str], purpose: Purpose, *, together: bool) -> dict[str, Any]:
        return {
            "name": name,
            "together": together,
            "purpose": purpose,
            "assumed": any(plan[one].assumed for one in names),
            "clipped": any(plan[one].clipped for one in names),
        }

    steps = [
        ([name], about(name, [name], scenario.touchpoints[name].spend_purpose, together=False))
        for name in plan
    ]
    for purpose in Purpose:
        names = [name for name in plan if scenario.touchpoints[name].spend_purpose == purpose]
        if names:
            steps.append((names, about(purpose.value, names, purpose, together=True)))
    return steps
