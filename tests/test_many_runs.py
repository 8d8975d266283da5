"""Several runs at a time: the same records in the same order, and no run that nobody waits for."""

from contextlib import closing

import pytest

from sim.runs.many import runs_of
from sim.runs.run import run
from sim.scenario.schema import Scenario
from worlds.shop import shop

SEEDS = range(5)


def market(seed: int) -> Scenario:
    return shop({"seed": seed, "days": 20}).model_copy(update={"agents": 200})


@pytest.mark.parametrize("threads", [1, 2, 8, None])
def test_runs_come_in_order_whatever_the_threads(threads: int | None) -> None:
    told: list[float] = []
    found = [one.records for one in runs_of(map(market, SEEDS), threads, told.append)]
    alone = [run(market(seed)).records for seed in SEEDS]
    assert [one.customers.tobytes() for one in found] == [one.customers.tobytes() for one in alone]
    assert [one.scenario.seed for one in found] == list(SEEDS)
    assert told == sorted(told)
    assert told[-1] == len(SEEDS)


def test_runs_are_made_as_they_are_taken() -> None:
    asked: list[int] = []

    def markets():
        for seed in SEEDS:
            asked.append(seed)
            yield market(seed)

    with closing(runs_of(markets(), threads=2)) as runs:
        next(runs)
        assert asked == [0, 1]


def test_who_stops_taking_stops_the_runs() -> None:
    days: list[float] = []
    long = [market(seed).model_copy(update={"days": 3650}) for seed in (1, 2)]
    with closing(runs_of([market(0), *long], threads=2, progress=days.append)) as runs:
        next(runs)
    assert days[-1] < 3.0  # the long runs were not finished


def test_an_error_in_a_run_comes_through() -> None:
    def told(done: float) -> None:
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        list(runs_of([market(0)], threads=2, progress=told))
