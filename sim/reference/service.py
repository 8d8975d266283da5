"""A service touchpoint's day: customers come, wait, are served or lose patience."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import simpy

# A customer stands in line this much longer than its patience and a millionth of it. It is
# the comparison at its turn that decides; the moment more keeps rounding out of the race
# between two alarms that ring at the same time.
A_MOMENT = 1e-6  # minutes


@dataclass(slots=True)
class Visit:
    """One customer's visit to a service touchpoint; times in minutes."""

    customer: int  # key
    touchpoint: int
    minute: float  # of arrival, since midnight
    service: float  # how long serving will take
    patience: float  # the longest wait it bears
    wait: float = 0.0
    served: bool = True


def serve_in_order(visits: Iterable[Visit], servers: int) -> None:
    """Play one touchpoint's day: first come, first served, ties by customer.

    Fills each visit's `wait` and `served`; a wait as long as the patience is still borne.
    """
    clock = simpy.Environment()
    desk = simpy.Resource(clock, capacity=servers)
    for visit in sorted(visits, key=lambda visit: (visit.minute, visit.customer)):
        clock.process(come(clock, desk, visit))
    clock.run()


def come(
    clock: simpy.Environment, desk: simpy.Resource, visit: Visit
) -> Generator[simpy.Event, object, None]:
    """One customer: arrives, stands in line, is served or leaves."""
    yield clock.timeout(visit.minute)
    with desk.request() as turn:
        yield turn | clock.timeout(visit.patience * (1.0 + 1e-6) + A_MOMENT)
        visit.wait = clock.now - visit.minute
        visit.served = bool(turn.triggered) and visit.wait <= visit.patience
        if visit.served:
            yield clock.timeout(visit.service)
        else:
            visit.wait = visit.patience
