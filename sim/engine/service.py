"""Queues of the service touchpoints: first come, first served, by several servers."""

from sim.compiled import part
from sim.engine.state import Arrivals, Cursor, Desks
from sim.model.columns import Tables
from sim.model.queue import SERVED, minutes_waited, outcome_of


@part
def comes_before(arrivals: Arrivals, one: int, other: int) -> bool:
    """Whether one arrival is served before another: by day, minute and customer."""
    if arrivals.day[one] != arrivals.day[other]:
        first: bool = arrivals.day[one] < arrivals.day[other]
    elif arrivals.minute[one] != arrivals.minute[other]:
        first = arrivals.minute[one] < arrivals.minute[other]
    else:
        first = arrivals.customer[one] < arrivals.customer[other]
    return first


@part
def line_up(t: Tables, arrivals: Arrivals, cursor: Cursor, desks: Desks, j: int) -> int:
    """Fill the desks' `order` with the places of touchpoint `j`'s arrivals of today, first come
    first (Shell 1959: no memory, and short lists). Returns how many they are."""
    order = desks.order
    queues = len(t.desks)
    many = 0
    for chunk in range(len(cursor.arrivals)):
        base = cursor.first[chunk] * queues
        for place in range(base, base + cursor.arrivals[chunk]):
            if arrivals.touchpoint[place] == j:
                order[many] = place
                many += 1
    gap = many // 2
    while gap > 0:
        for k in range(gap, many):
            mine = order[k]
            at = k
            while at >= gap and comes_before(arrivals, mine, order[at - gap]):
                order[at] = order[at - gap]
                at -= gap
            order[at] = mine
        gap //= 2
    return many


@part
def serve(t: Tables, arrivals: Arrivals, desks: Desks, j: int, many: int) -> None:
    """Let the first `many` of the desks' `order` through the queue of touchpoint `j`.

    A customer who would wait longer than its patience, or until closing, leaves; nobody behind it
    notices, so the recursion of Kiefer & Wolfowitz (1955) holds with the leavers left out. A new
    day of the queue finds all servers free. Fills `wait` (minutes, to the answer) and `outcome`.
    """
    free = desks.free[j]
    for k in range(many):
        place = desks.order[k]
        if arrivals.day[place] != desks.day[j]:
            desks.day[j] = arrivals.day[place]
            for server in range(t.servers[j]):
                free[server] = 0.0
        best = 0
        for server in range(1, t.servers[j]):
            if free[server] < free[best]:
                best = server
        minute, patience = arrivals.minute[place], arrivals.patience[place]
        start = max(minute, free[best])
        outcome = outcome_of(minute, patience, start, t.shuts[j])
        waited = minutes_waited(outcome, minute, patience, start, t.shuts[j])
        arrivals.wait[place] = waited + t.response[j]
        arrivals.outcome[place] = outcome
        if outcome == SERVED:
            free[best] = start + arrivals.service[place]


@part
def serve_queues(t: Tables, arrivals: Arrivals, cursor: Cursor, desks: Desks) -> None:
    """Serve everybody who came today."""
    for j in t.desks:
        many = line_up(t, arrivals, cursor, desks, j)
        serve(t, arrivals, desks, j, many)
