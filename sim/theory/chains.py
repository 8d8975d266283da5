"""Constant hazards between phases: an absorbing Markov chain."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import Count, Reals
from sim.records.recorder import Records
from sim.theory import formulas as theory
from sim.theory.bare import CERTAIN_BIAS, MOST_NEEDS, Engine, by_customer, market, phases_by_night
from sim.theory.check import ERROR_TO_NOTICE, Check, all_near, near, shares_near
from sim.vocabulary import DAYS_PER_YEAR, EventCode

CASE = "absorbing chain"

# facts.md: three phases, moves per step, purchase from the third, else lost.
MOVES = np.array([[0.0, 0.3, 0.0], [0.1, 0.0, 0.4], [0.0, 0.2, 0.0]])
BOUGHT = np.array([0.0, 0.0, 0.25])
NEED_CHANCE = -math.expm1(-MOST_NEEDS / DAYS_PER_YEAR)
LONGEST = 20  # days of a journey; a longer one has a chance below 1e-9

# Four phases with every kind of movement, and the purchase phase.
LEAVE = np.array([0.15, 0.10, 0.12, 0.15, 0.20])
BACK = np.array([0.30, 0.15, 0.20, 0.25, 0.30])  # the first has nowhere to fall back to
PACE = np.array([0.80, 0.90, 0.70, 0.80, 0.50])
BIAS = np.array([0.30, 0.80, 0.00, 1.00])  # the purchase phase has neither this
SKIP = np.array([0.40, 0.35, 0.45, 0.40])  # nor this, and none jumps over it
TRUST, TRUST_WEIGHT = 0.625, 1.6


def absorbing_chain(run: Engine, size: float = 1.0) -> list[Check]:
    """Conversion chance, mean steps and occupancy by day, from the exact chain."""
    return _from_first(run, size) + _from_second(run, size) + _all_movements(run, size)


def _phases(before: dict[str, Any]) -> dict[str, Any]:
    """The chain's phases as scenario data, after those `before` it.

    A day asks first whether the journey ends, then whether it falls back, then whether it
    moves on; so the chances of the later ones are divided by what the earlier ones leave over.
    """
    phases: dict[str, Any] = {"latent": {"kind": "latent"}, **before}
    for k, name in enumerate(("one", "two", "three")):
        back = MOVES[k, k - 1] if k else 0.0
        on = BOUGHT[k] + MOVES[k, k + 1 :].sum()
        leave = 1.0 - back - on
        phases[name] = {
            "kind": "consider",
            "leave_per_day": leave,
            "back_per_day": back / (1.0 - leave),
            "pace_per_day": min(1.0, on / (1.0 - leave - back)),
            "bias": CERTAIN_BIAS,
        }
    phases["purchase"] = {"kind": "purchase", "pace_per_day": 1.0}
    return {"phases": {"only": phases}}


def _everybody(**start: float) -> dict[str, Any]:
    """A segment that feels a need nearly every day and knows the brand."""
    need = {"rate_per_year": MOST_NEEDS}
    return {"all": {"need": need, "start": {"awareness": 1.0, **start}}}


def _from_first(run: Engine, size: float) -> list[Check]:
    """Journeys that begin in the first phase, one after the other for each customer."""
    agents, days = round(360_000 * size), 16
    records = run(market("chain", agents, days, journey=_phases({}), segments=_everybody()))
    step = np.zeros((5, 5))
    step[1:4, 1:4], step[1:4, 4] = MOVES, BOUGHT
    step[:, 0] = 1.0 - step.sum(axis=1)
    return [*_journeys(records), _occupancy("three phases", records, _with_needs(step))]


def _with_needs(step: Reals) -> Reals:
    """The step of a night in the latent phase: a need moves the customer on the same day."""
    whole = step.copy()
    whole[0] = NEED_CHANCE * step[1]
    whole[0, 0] += 1.0 - NEED_CHANCE
    return whole


def _journeys(records: Records) -> list[Check]:
    """Chance of purchase and mean steps over all journeys of a run.

    Journeys under way on the last night count with what the chain still expects of them, so
    that both estimates have exactly the right mean (stopped martingales) and at most the
    variance of complete journeys.
    """
    nights = phases_by_night(records)
    journeys = float(records.counts[:, :, Count.NEEDS].sum())
    entered = float(records.flows[:, :, :, 4].sum())
    under_way = nights[-1, 1:4]
    chance, steps = theory.absorption(MOVES, BOUGHT), theory.mean_steps(MOVES)
    bought = (entered + float(under_way @ chance)) / journeys
    walked = (journeys + float(nights[:-1, 1:4].sum() + under_way @ steps)) / journeys
    error = math.sqrt(chance[0] * (1.0 - chance[0]) / journeys)
    spread = math.sqrt(theory.variance_of_steps(MOVES)[0] / journeys)
    return [
        near(
            CASE, "chance of purchase from phase 1", bought, exact=chance[0], standard_error=error
        ),
        near(CASE, "mean steps from phase 1", walked, exact=steps[0], standard_error=spread),
    ]


def _occupancy(what: str, records: Records, step: Reals) -> Check:
    """Customers in each phase night by night: multinomial around the exact chain."""
    start = np.eye(len(step))[0]
    days, people = len(records.flows), float(len(records.customers))
    slower = step.copy()
    slower[1:] += ERROR_TO_NOTICE * (np.eye(len(step)) - step)[1:]
    exact, wrong = (theory.chain_by_day(s, start, days) for s in (step, slower))
    return shares_near(
        CASE,
        f"occupancy by day, {what}",
        phases_by_night(records),
        shares=exact,
        of=people,
        wrong=[wrong],
    )


def _from_second(run: Engine, size: float) -> list[Check]:
    """Journeys that begin in the second phase, seen one by one in the event log.

    A phase in front of the chain jumps over the first one within a day, always.
    """
    front = {"kind": "consider", "pace_per_day": 1.0, "bias": CERTAIN_BIAS, "skip": 1.0}
    records = run(
        market(
            "chain_second",
            round(80_000 * size),
            LONGEST + 25,
            panel=1.0,
            journey=_phases({"front": front}),
            segments=_everybody(),
        )
    )
    events = by_customer(records)
    began = np.flatnonzero(events["event"] == EventCode.NEED)
    last = np.append(began[1:], len(events))
    whole = (events["day"][began] < len(records.flows) - LONGEST) & (last > began + 2)
    second = began[whole] + 2  # the need, the move to the front, the move to phase 2
    return _seen(events, second, last[whole], phase=2) + _seen(events, second, last[whole], phase=3)


def _seen(
    events: NDArray[np.void], first: NDArray[np.int64], last: NDArray[np.int64], *, phase: int
) -> list[Check]:
    """Chance and steps of the journeys that reach a phase, from their first day in it.

    `first`, `last`: rows of `events` between which each journey lies, to its end at most.
    """
    moved = events["event"] == EventCode.MOVE
    here = np.flatnonzero(moved & (events["to_phase"] == phase + 1))
    ends = np.flatnonzero(moved & np.isin(events["to_phase"], (0, 5)))
    place = np.searchsorted(here, first)
    entry = here[np.minimum(place, len(here) - 1)]
    entry = entry[(entry >= first) & (entry < last)]
    end = ends[np.searchsorted(ends, entry)]
    bought = events["to_phase"][end] == 5
    steps = events["day"][end] - events["day"][entry]

    chances, means = theory.absorption(MOVES, BOUGHT), theory.mean_steps(MOVES)
    chance, k = float(chances[phase - 1]), phase - 1
    error = math.sqrt(chance * (1.0 - chance) / len(entry))
    spread = math.sqrt(theory.variance_of_steps(MOVES)[k] / len(entry))
    found = [
        near(
            CASE,
            f"chance of purchase from phase {phase}",
            bought.mean(),
            exact=chance,
            standard_error=error,
        ),
        near(
            CASE,
            f"mean steps from phase {phase}",
            steps.mean(),
            exact=means[k],
            standard_error=spread,
        ),
    ]
    if phase == 2:
        # given that the purchase comes, the chain moves with chances weighted by it (Doob)
        given = MOVES * chances[None, :] / chances[:, None]
        spread = math.sqrt(theory.variance_of_steps(given)[k] / bought.sum())
        until = theory.mean_steps(given)[k]
        what = "mean steps to the purchase, of buyers, from phase 2"
        found.append(near(CASE, what, steps[bought].mean(), exact=until, standard_error=spread))
    return found


def _all_movements(run: Engine, size: float) -> list[Check]:
    """Leave, back, skip and a pace that trust raises, each with its own chance a day."""
    names = ("one", "two", "three", "four", "purchase")
    phases: dict[str, Any] = {"latent": {"kind": "latent"}}
    for k, name in enumerate(names):
        phases[name] = {
            "kind": "purchase" if name == "purchase" else "consider",
            "leave_per_day": LEAVE[k],
            "back_per_day": BACK[k],
            "pace_per_day": PACE[k],
        }
        if name != "purchase":
            trust = {"trust": TRUST_WEIGHT}
            phases[name] |= {"bias": BIAS[k], "skip": SKIP[k], "weights": trust}
    records = run(
        market(
            "chain_movements",
            round(500_000 * size),
            16,
            journey={"phases": {"only": phases}},
            segments=_everybody(trust=TRUST),
        )
    )
    step = _with_needs(_movements(LEAVE, BACK, PACE, skip=SKIP))
    return [_occupancy("all movements", records, step), _each_move(records)]


def _movements(leave: Reals, back: Reals, pace: Reals, *, skip: Reals) -> Reals:
    """One day's moves among latent, four phases and purchase, (6, 6); latent stays latent."""
    step = np.zeros((6, 6))
    for k in range(5):
        here, ready = k + 1, pace[k]
        if here < 5:
            ready = pace[k] / (1.0 + math.exp(-BIAS[k] - TRUST_WEIGHT * TRUST))
        stays = 1.0 - leave[k]
        falls = stays * back[k]
        on = stays * (1.0 - back[k]) * ready
        jumps = on * skip[k] if here < 4 else 0.0
        step[here, 0] += leave[k]
        step[here, here - 1 if here > 1 else here] += falls
        step[here, here + 1 if here < 5 else 0] += on - jumps
        if jumps:
            step[here, here + 2] += jumps
        step[here, here] += stays - falls - on
    step[0, 0] = 1.0
    return step


def _each_move(records: Records) -> Check:
    """Every move's share of the customer-days on which it was possible."""
    nights = phases_by_night(records)
    start = records.start.sum(axis=0)
    at_risk = np.vstack([start, nights[:-1]]).sum(axis=0).astype(np.float64)
    needs = records.counts[:, :, Count.NEEDS].sum()
    at_risk[1] += needs
    flows = records.flows.sum(axis=(0, 1)).astype(np.float64)
    exact = _movements(LEAVE, BACK, PACE, skip=SKIP)
    exact[0, 1], exact[0, 0] = NEED_CHANCE, 1.0 - NEED_CHANCE
    moves = (exact > 0.0) & ~np.eye(6, dtype=bool)
    people = np.broadcast_to(at_risk[:, None], exact.shape)[moves]
    chance = exact[moves]
    error = np.sqrt(chance * (1.0 - chance) / people)
    wrong = [chance + ERROR_TO_NOTICE * chance * one for one in np.eye(len(chance))]
    return all_near(
        CASE,
        "each move's chance per day",
        flows[moves] / people,
        exact=chance,
        standard_error=error,
        wrong=wrong,
    )
