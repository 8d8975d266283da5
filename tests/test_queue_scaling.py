"""Waits must not depend on how many simulated customers stand for the people who come."""

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.model.columns import Touch
from sim.scenario.schema import Scenario
from sim.vocabulary import FIXED_POINT

PEOPLE = 4000


def market(agents: int, days: int) -> Scenario:
    """A desk with two servers at load .8, which 480 of 4,000 people visit a day."""
    return Scenario.model_validate(
        {
            "name": "desk",
            "population": PEOPLE,
            "agents": agents,
            "days": days,
            "journey": {
                "phases": {
                    "asleep": {"kind": "latent"},
                    "search": {"kind": "consider"},
                    "buy": {"kind": "purchase"},
                    "own": {"kind": "relate"},
                }
            },
            "segments": {"all": {"share": 1.0, "need": {"rate_per_year": 0.0}}},
            "offers": {"thing": {"price": 1.0}},
            "touchpoints": {
                "desk": {
                    "starts": "service",
                    "reach": {"asleep": 0.12},
                    "capacity": {
                        "servers": 2,
                        "opens_hour": 9.0,
                        "closes_hour": 19.0,
                        "service_minutes": 2.0,
                    },
                }
            },
        }
    )


def waits_by_queue_day(agents: int, queue_days: int) -> np.ndarray:
    """Mean wait in minutes of each day of the queue, (queue_days,)."""
    people_per_agent = PEOPLE // agents
    records = run_fast(market(agents, queue_days * people_per_agent), threads=1)
    per_day = records.touch[:, 0, 0].reshape(queue_days, people_per_agent, -1).sum(axis=1)
    return per_day[:, Touch.WAIT] / FIXED_POINT / per_day[:, Touch.ENCOUNTERS]


@pytest.mark.parametrize("agents", [1000, 200])
def test_an_agent_that_stands_for_many_waits_as_long(agents: int) -> None:
    """Means over days of the queue, which are independent; four standard errors."""
    one, many = waits_by_queue_day(PEOPLE, 150), waits_by_queue_day(agents, 150)
    error = np.hypot(one.std(ddof=1), many.std(ddof=1)) / np.sqrt(150)
    assert abs(one.mean() - many.mean()) < 4.0 * error
    assert error < 0.1 * one.mean(), "too noisy to see a queue that is not scaled"
