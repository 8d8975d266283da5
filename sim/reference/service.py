"""A service touchpoint's day: customers come, wait, are served or lose patience."""

import math
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from itertools import groupby

import simpy

from sim.model.queue import minutes_waited, outcome_of
from sim.vocabulary import Outcome

# A customer stands in line this much longer than its patience and a millionth of it. It is
# the comparison at its turn that decides; the moment more keeps rounding out of the race
# between two alarms that ring at the same time.
A_MOMENT = 1e-6  # minutes


@dataclass(slots=True)
class Visit:
    """One customer's visit to a service touchpoint; times in minutes."""

    customer: int  # key
    touchpoint: int
    day: int  # of the queue, see `sim.model.queue.queue_time`
    minute: float  # of arrival, since midnight
    service: float  # how long serving will take
    patience: float  # the longest wait it bears
    wait: float = 0.0
    outcome: Outcome = Outcome.SERVED
    ends: float = 0.0  # when serving it is done


@dataclass(slots=True)
class Desk:
    """A touchpoint's servers, as the run's last day left them."""

    servers: int
    shuts: float  # minute at which those who wait go home
    day: int = 0  # of the queue
    busy_until: list[float] = field(default_factory=list)  # minutes of that day

    def change(self, servers: int, shuts: float) -> None:
        """From today on it has so many servers: of too many, those stay who are free first."""
        idle = [0.0] * (self.servers - len(self.busy_until))
        self.busy_until = sorted(idle + self.busy_until)[:servers]
        self.servers, self.shuts = servers, shuts

    def serve(self, visits: Iterable[Visit]) -> None:
        """Let the day's visitors through: first come, first served, ties by customer.

        Fills each visit's `wait` and `outcome`; a wait as long as the patience is still borne.
        A new day of the queue finds all servers free.
        """
        in_order = sorted(visits, key=lambda visit: (visit.day, visit.minute, visit.customer))
        for day, arrivals in groupby(in_order, key=lambda visit: visit.day):
            if day != self.day:
                self.day, self.busy_until = day, []
            self.play(list(arrivals))

    def play(self, visits: list[Visit]) -> None:
        """Play visits of one day of the queue, after those that were played before."""
        clock = simpy.Environment()
        desk = simpy.Resource(clock, capacity=self.servers)
        for minute in self.busy_until:
            clock.process(stay_busy(clock, desk, minute))
        for visit in visits:
            clock.process(come(clock, desk, visit, shuts=self.shuts))
        clock.run()
        ends = [visit.ends for visit in visits if visit.outcome == Outcome.SERVED]
        self.busy_until = sorted(self.busy_until + ends)[-self.servers :]


def stay_busy(
    clock: simpy.Environment, desk: simpy.Resource, until: float
) -> Generator[simpy.Event, object, None]:
    """A server that is still at work on somebody who came earlier."""
    with desk.request() as turn:
        yield turn
        yield clock.timeout(until)


def come(
    clock: simpy.Environment, desk: simpy.Resource, visit: Visit, *, shuts: float
) -> Generator[simpy.Event, object, None]:
    """One customer: arrives, stands in line, is served, leaves or is sent home."""
    yield clock.timeout(visit.minute)
    bears = min(visit.patience, shuts - visit.minute)
    with desk.request() as turn:
        yield turn | clock.timeout(bears * (1.0 + 1e-6) + A_MOMENT)
        start = clock.now if turn.triggered else math.inf
        came = visit.minute, visit.patience, start, shuts
        visit.outcome = Outcome(outcome_of(*came))
        visit.wait = minutes_waited(visit.outcome, *came)
        if visit.outcome == Outcome.SERVED:
            yield clock.timeout(visit.service)
            visit.ends = clock.now
