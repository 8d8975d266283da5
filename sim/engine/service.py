"""Queues of the service touchpoints: first come, first served, by several servers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.engine.state import Arrivals
from sim.model.columns import Tables


class Desk(NamedTuple):
    """Where a touchpoint's queue stands; it is carried from one day of the run to the next."""

    free: NDArray[np.float64]  # (servers,) minute at which each is free
    day: NDArray[np.int64]  # (1,) the day of the queue that this holds for


def new_desks(t: Tables) -> dict[int, Desk]:
    """An empty queue for each service touchpoint."""
    return {
        int(j): Desk(np.full(t.servers[j], t.opens[j]), np.zeros(1, dtype=np.int64))
        for j in np.flatnonzero(t.servers)
    }


@kernel
def serve(
    order: NDArray[np.int64],
    day: NDArray[np.int64],
    minute: NDArray[np.float64],
    service: NDArray[np.float64],
    patience: NDArray[np.float64],
    wait: NDArray[np.float64],
    served: NDArray[np.uint8],
    desk: Desk,
) -> None:
    """Let customers, sorted by `order` of arrival, through the queue of one touchpoint.

    A customer who would wait longer than its patience leaves; nobody behind it notices, so
    the recursion of Kiefer & Wolfowitz (1955) holds with the leavers left out. A new `day` of
    the queue finds all servers free. Fills `wait` (minutes) and `served`.
    """
    free = desk.free
    for k in order:
        if day[k] != desk.day[0]:
            desk.day[0] = day[k]
            for server in range(len(free)):
                free[server] = 0.0
        best = 0
        for server in range(1, len(free)):
            if free[server] < free[best]:
                best = server
        start = max(minute[k], free[best])
        waited = start - minute[k]
        if waited > patience[k]:
            wait[k] = patience[k]
            served[k] = 0
        else:
            wait[k] = waited
            served[k] = 1
            free[best] = start + service[k]


def run_queues(
    t: Tables, arrivals: Arrivals, *, spans: list[tuple[int, int]], desks: dict[int, Desk]
) -> None:
    """Serve everybody who came today. `spans`: (first, last) places of each chunk's arrivals."""
    places = np.concatenate([np.arange(first, last) for first, last in spans])
    for j, desk in desks.items():
        mine = places[arrivals.touchpoint[places] == j]
        key = (arrivals.customer[mine], arrivals.minute[mine], arrivals.day[mine])
        order = mine[np.lexsort(key)]
        serve(
            order,
            arrivals.day,
            arrivals.minute,
            arrivals.service,
            arrivals.patience,
            arrivals.wait,
            arrivals.served,
            desk,
        )
        arrivals.wait[mine] += t.response[j]
