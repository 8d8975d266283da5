"""Service touchpoints: Erlang's formulas for waiting, giving up and being turned away.

Every customer comes once a day to every desk, at a time of its own, uniform over 24 hours.
So many arrivals are Poisson at the scale of a service. Days are independent and begin with an
empty desk; a day is thousands of services long, so that its first minutes hardly count: the
bias of a day's mean is `theory.opening_bias`, .3 % at most, well within the tolerances.
"""

from typing import NamedTuple

import numpy as np

from sim.model.columns import Reals, Touch
from sim.theory import formulas as theory
from sim.theory.bare import Engine, Piece, market
from sim.theory.check import ERROR_TO_NOTICE, Check, near_days
from sim.vocabulary import FIXED_POINT, MINUTES_PER_DAY

CASE = "queues"
ARRIVALS = 86_400  # a day at each desk
MORE = 1.0 + ERROR_TO_NOTICE


class QueueCase(NamedTuple):
    """Servers, and arrivals per service time."""

    servers: int
    load: float


# facts.md has the values of all of these but the one-server and the overloaded desk.
WAITING_ROOM = (QueueCase(2, 1.5), QueueCase(5, 4.0), QueueCase(10, 8.0))
CONSTANT = QueueCase(1, 0.8)
NO_WAITING_ROOM = (
    QueueCase(2, 1.0),
    QueueCase(5, 3.0),
    QueueCase(10, 5.0),
    QueueCase(10, 10.0),
    QueueCase(100, 90.0),
)
IMPATIENT = ((QueueCase(50, 48.0), 0.5), (QueueCase(50, 48.0), 1.0), (QueueCase(10, 15.0), 0.5))


def service_queues(run: Engine, size: float = 1.0) -> list[Check]:
    """Erlang C, Pollaczek-Khinchine, Erlang B and Erlang A."""
    checks = _endless_patience(run, round(18 * size)) + _no_patience(run, round(14 * size))
    for desk, patience_rate in IMPATIENT:
        checks += _some_patience(run, round(24 * size), desk, patience_rate=patience_rate)
    return checks


class Served(NamedTuple):
    """What happened at a desk, each day: (D,) each."""

    waited: Reals  # share of arrivals
    gave_up: Reals  # share of arrivals
    wait: Reals  # mean of all arrivals, in service times


def _service_minutes(desk: QueueCase) -> float:
    return desk.load * MINUTES_PER_DAY / ARRIVALS


def _days_at(
    run: Engine,
    name: str,
    desks: tuple[QueueCase, ...],
    *,
    days: int,
    patience: Piece,
    constant: int = 0,
) -> list[Served]:
    """Run all desks side by side; the last `constant` of them serve in constant time.

    What a wait takes from the quality makes it felt as bad, however short; so the count of
    bad encounters is that of customers who waited at all.
    """
    touchpoints: Piece = {}
    for k, desk in enumerate(desks):
        touchpoints[f"desk_{k}"] = {
            "starts": "service",
            "reach": {"latent": 1.0},
            "capacity": {
                "servers": desk.servers,
                "opens_hour": 0.0,
                "closes_hour": 24.0,
                "overtime": True,
                "service_minutes": _service_minutes(desk),
                "service_constant": k >= len(desks) - constant,
            },
        }
    records = run(
        market(
            name,
            ARRIVALS,
            days,
            journey={"behaviour": {"bad_threshold": 0.0}},
            segments={"all": patience},
            touchpoints=touchpoints,
        )
    )
    served = []
    for k, desk in enumerate(desks):
        counted = records.touch[:, 0, k].astype(np.float64) / ARRIVALS
        wait = counted[:, Touch.WAIT] / FIXED_POINT / _service_minutes(desk)
        served.append(Served(counted[:, Touch.BAD], counted[:, Touch.GAVE_UP], wait))
    return served


def _endless_patience(run: Engine, days: int) -> list[Check]:
    checks = []
    found = _days_at(run, "erlang_c", (*WAITING_ROOM, CONSTANT), days=days, patience={}, constant=1)
    for desk, served in zip(WAITING_ROOM, found, strict=False):
        waits, wait = theory.erlang_c(*desk)
        more_waits, more_wait = theory.erlang_c(desk.servers, desk.load * MORE)
        what = f"{desk.servers} servers, load {desk.load:g}"
        checks += [
            near_days(
                CASE,
                f"{what}: share who wait",
                served.waited,
                exact=waits,
                shift=more_waits - waits,
            ),
            near_days(CASE, f"{what}: mean wait", served.wait, exact=wait, shift=more_wait - wait),
        ]
    wait = theory.constant_service_wait(CONSTANT.load)
    more = theory.constant_service_wait(CONSTANT.load * MORE)
    what = f"1 server, load {CONSTANT.load:g}, constant service: mean wait"
    return [*checks, near_days(CASE, what, found[-1].wait, exact=wait, shift=more - wait)]


def _no_patience(run: Engine, days: int) -> list[Check]:
    checks = []
    nobody_waits = {"patience_minutes": {"mean": 0.0}}
    found = _days_at(run, "erlang_b", NO_WAITING_ROOM, days=days, patience=nobody_waits)
    for desk, served in zip(NO_WAITING_ROOM, found, strict=True):
        blocked = theory.erlang_b(*desk)
        more = theory.erlang_b(desk.servers, desk.load * MORE)
        what = f"{desk.servers} servers, load {desk.load:g}: turned away"
        checks.append(near_days(CASE, what, served.gave_up, exact=blocked, shift=more - blocked))
    return checks


def _some_patience(run: Engine, days: int, desk: QueueCase, *, patience_rate: float) -> list[Check]:
    """Exponential patience, of rate `patience_rate` per service time.

    The desk that is overloaded is there to notice an error of 2 % in the patience too.
    """
    mean = _service_minutes(desk) / patience_rate
    (served,) = _days_at(
        run, "erlang_a", (desk,), days=days, patience={"patience_minutes": {"mean": mean}}
    )
    exact = theory.erlang_a(desk.servers, desk.load, patience_rate)
    wrong = [theory.erlang_a(desk.servers, desk.load * MORE, patience_rate)]
    overloaded = desk.load > desk.servers
    if overloaded:
        wrong.append(theory.erlang_a(desk.servers, desk.load, patience_rate / MORE))
    checks = []
    about = f"{desk.servers} servers, load {desk.load:g}, patience {1 / patience_rate:g}"
    for k, (what, daily) in enumerate(
        (("share who wait", served.waited), ("give up", served.gave_up), ("mean wait", served.wait))
    ):
        # an overloaded desk keeps busy and loses the rest, whatever the patience
        asked = wrong if what == "mean wait" else wrong[:1]
        shift = min(abs(other[k] - exact[k]) for other in asked)
        checks.append(near_days(CASE, f"{about}: {what}", daily, exact=exact[k], shift=shift))
    return checks
