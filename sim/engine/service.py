"""Queues of the service touchpoints: first come, first served, by several servers."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.engine.state import Arrivals
from sim.scenario.tables import Tables


@kernel
def serve(
    order: NDArray[np.int64],
    minute: NDArray[np.float64],
    service: NDArray[np.float64],
    patience: NDArray[np.float64],
    wait: NDArray[np.float64],
    served: NDArray[np.uint8],
    free: NDArray[np.float64],
) -> None:
    """Let customers, sorted by `order` of arrival, through the queue of one touchpoint.

    `free` (servers,): minute at which each server is free. A customer who would wait longer
    than its patience leaves; nobody behind it notices, so the recursion of Kiefer &
    Wolfowitz (1955) holds with the leavers left out. Fills `wait` (minutes) and `served`.
    """
    for k in order:
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


def run_queues(t: Tables, arrivals: Arrivals, spans: list[tuple[int, int]]) -> None:
    """Serve everybody who came today. `spans`: (first, last) places of each chunk's arrivals."""
    places = np.concatenate([np.arange(first, last) for first, last in spans])
    for j in np.flatnonzero(t.servers):
        mine = places[arrivals.touchpoint[places] == j]
        key = (arrivals.customer[mine], arrivals.minute[mine])
        order = mine[np.lexsort(key)]
        serve(
            order,
            arrivals.minute,
            arrivals.service,
            arrivals.patience,
            arrivals.wait,
            arrivals.served,
            np.full(t.servers[j], t.opens[j]),
        )
        arrivals.wait[mine] += t.response[j]
