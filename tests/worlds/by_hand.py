"""Records made by hand: a small scenario, and records of it in which nothing happened yet."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from sim.model.columns import CUSTOMER, Count
from sim.records.recorder import Recorder, Records, new_tally
from sim.runs.run import Run, make_manifest
from sim.scenario.arrays import make_tables
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario
from sim.vocabulary import NEVER, Relationship

LOOP = {
    "idle": {"kind": "latent"},
    "look": {"kind": "consider"},
    "compare": {"kind": "consider"},
    "buy": {"kind": "purchase"},
    "own": {"kind": "relate"},
    "praise": {"kind": "advocate"},
}
IDLE, LOOK, COMPARE, BUY, OWN, PRAISE = range(6)
FUNNEL = {name: LOOP[name] for name in ("idle", "look", "buy")}
WEB, SHOP = 0, 1  # touchpoints
DAY_COLUMNS = (
    "need_began",
    "first_day",
    "second_day",
    "last_day",
    "lapse_day",
    "need_day",
    "judge_day",
    "renewal_day",
    "abandoned_day",
    "bad_day",
    "leave_day",
)


def by_hand(days: int = 60, agents: int = 12, loop: bool = True, **given: Any) -> Scenario:
    """A scenario of one segment, two people to a customer, two offers and two touchpoints."""
    phases = LOOP if loop else FUNNEL
    usual: dict[str, Any] = {
        "name": "by_hand",
        "population": 2 * agents,
        "agents": agents,
        "days": days,
        "discount_rate_per_year": 0.1,
        "journey": {"shape": "loop" if loop else "funnel", "phases": phases},
        "segments": {"all": {"share": 1.0}},
        "offers": {"small": {"price": 100.0}, "large": {"price": 200.0}},
        "touchpoints": {
            "web": {"starts": "pull", "reach": {"look": 0.5}, "click_chance": 0.5},
            "shop": {"starts": "pull", "reach": {"buy": 0.5}, "purpose": "retention"},
        },
    }
    scenario = Scenario.model_validate({**usual, **given})
    assert cross_check(scenario) == []
    return scenario


def alone() -> Scenario:
    """The least there can be: one customer, one day, nothing to meet."""
    return by_hand(days=1, agents=1, touchpoints={})


def nothing_happened(scenario: Scenario) -> Records:
    """Records of a run in which nobody did anything; the arrays may be filled."""
    tables = make_tables(scenario)
    tally = new_tally(tables, 1)
    customers = np.zeros(scenario.agents, dtype=CUSTOMER)
    for column in DAY_COLUMNS:
        customers[column] = NEVER
    start = np.zeros((len(scenario.segments), len(scenario.journey.phases)), dtype=np.int64)
    start[0, IDLE] = scenario.agents
    return Recorder(scenario, tables).finish(
        start,
        tally.cohorts.sum(axis=0),
        customers,
        met=np.zeros((scenario.agents, 1), dtype=np.uint64),
        events=[],
    )


def unmeasured(records: Records) -> Records:
    """The same records, of which nothing was measured yet; the arrays may be filled further."""
    held = {each.name: getattr(records, each.name) for each in fields(records)}
    copies = {name: one.copy() for name, one in held.items() if isinstance(one, np.ndarray)}
    return replace(records, **copies)


def run_of(records: Records) -> Run:
    """The records as a run that took one second."""
    return Run(records.scenario, records, make_manifest(records.scenario, "fast", 1, seconds=1.0))


def win(records: Records, day: int, customers: int) -> None:
    """Count so many new customers on a day."""
    records.counts[day, 0, Count.NEW_CUSTOMERS] += customers


def first_bought(records: Records, place: int, first: int, second: int = NEVER) -> None:
    """Let a customer have bought for the first, and perhaps the second, time."""
    row = records.customers[place]
    row["need_began"], row["first_day"], row["second_day"] = first, first, second
    row["purchases"] = 1 if second == NEVER else 2
    row["relationship"] = Relationship.CUSTOMER
    row["began_as"] = Relationship.CUSTOMER if first < NEVER else Relationship.NONE
