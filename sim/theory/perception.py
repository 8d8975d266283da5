"""What encounters leave behind: adstock, the peak-end memory, and nothing where all is usual."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import BEFORE_START, Count, Reals, Touch
from sim.records.recorder import Records
from sim.scenario.arrays import pair_names
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import CERTAIN_BIAS, MOST_NEEDS, Engine, Piece, by_customer, market
from sim.theory.check import Check, exactly, near
from sim.vocabulary import FIXED_POINT, EventCode

ADSTOCK = "adstock"
MEMORY = "peak, end and mean"
USUAL = "usual quality"
SINGLE = 2.0**-20  # a few roundings of numbers of size 1 in single precision

HALF_LIFE = 8.0
DAYS = 45
REACH, RATE = 0.3, 0.4  # per day: owned push, paid push
GAIN, TEACHES = 0.5, 0.1  # of engagement, of awareness, per contact


def adstock(run: Engine, size: float = 1.0) -> list[Check]:
    """Engagement after many days of encounters at a constant rate: mean and variance."""
    agents = round(300_000 * size)
    owned = {"starts": "push", "reach": {"latent": REACH}}
    paid = {
        "starts": "push",
        "control": "paid",
        "reach": {"latent": 1.0},
        "budget_per_day": RATE * agents,
        "cost": {"per_contact": 1.0},
    }
    checks = []
    for name, piece, gain in (
        ("one encounter at most a day", owned, theory.bernoulli(REACH)),
        ("Poisson contacts", paid, theory.poisson(RATE)),
    ):
        effects = {"engagement": GAIN, "awareness": TEACHES}
        records = run(
            market(
                "adstock",
                agents,
                DAYS,
                journey={
                    "behaviour": {
                        "engagement_half_life_days": HALF_LIFE,
                        "awareness_half_life_days": HALF_LIFE,
                    }
                },
                touchpoints={"push": {**piece, "effects": effects}},
            )
        )
        kept = 0.5 ** (1.0 / HALF_LIFE)
        stock = theory.adstock(gain, kept, DAYS)
        found = _tonight(records, "engagement", kept) / GAIN
        error = float(np.sqrt(stock.variance / agents))
        spread = theory.variance_error(stock, agents)
        checks += [
            near(
                ADSTOCK, f"mean stock, {name}", found.mean(), exact=stock.mean, standard_error=error
            ),
            near(
                ADSTOCK,
                f"variance of it, {name}",
                found.var(),
                exact=stock.variance,
                standard_error=spread,
            ),
        ]
        if piece is owned:
            checks.append(_mean_awareness(_tonight(records, "awareness", kept), kept))
    return checks


def _tonight(records: Records, stock: str, kept: float) -> Reals:
    """A decaying stock of every customer on the last night, (n,)."""
    customers = records.customers
    idle = len(records.flows) - 1 - customers["stocks_day"].astype(np.float64)
    value: Reals = customers[stock].astype(np.float64) * kept**idle
    return value


def _mean_awareness(awareness: Reals, kept: float) -> Check:
    """Each encounter closes a share of the headroom, so that with m = E A, s = E A^2 and
    room kept g = 1 - gain: an encounter makes A into 1 - g (1 - A), linear in A.
    """
    g = 1.0 - TEACHES
    mean, square = 0.0, 0.0
    for _ in range(DAYS):
        mean, square = kept * mean, kept**2 * square
        after = 1.0 - g * (1.0 - mean)
        after_square = 1.0 - 2.0 * g * (1.0 - mean) + g**2 * (1.0 - 2.0 * mean + square)
        mean = REACH * after + (1.0 - REACH) * mean
        square = REACH * after_square + (1.0 - REACH) * square
    error = float(np.sqrt((square - mean**2) / len(awareness)))
    return near(
        ADSTOCK, "mean awareness, decaying to 0", awareness.mean(), exact=mean, standard_error=error
    )


def peak_end_mean(run: Engine, size: float = 1.0) -> list[Check]:
    """The judgement of a purchase that rests on remembered experience alone, recomputed from
    the log of every encounter; and a journey whose encounters are all certain.
    """
    checks = []
    for k, name in enumerate(("peak", "end", "mean")):
        memory = {other: float(other == name) for other in ("peak", "end", "mean")}
        records = run(
            _journey("memory", round(4_000 * size), 25, memory=memory, chance=0.5, spread=0.5)
        )
        found, expected = _remembered(by_customer(records), k)
        error = float(np.abs(found - expected).max())
        what = f"{name}: largest error of {len(found)} judgements"
        checks.append(exactly(MEMORY, what, error, exact=0.0, rounding=SINGLE))
        sure = run(_journey("memory_sure", 100, 25, memory=memory, chance=1.0, spread=0.0))
        judged = sure.counts.sum(axis=(0, 1))
        mean = judged[Count.SATISFACTION] / FIXED_POINT / judged[Count.JUDGEMENTS]
        checks.append(
            exactly(
                MEMORY,
                f"{name} of .2, -.6, .5, .4",
                mean,
                exact=(-0.6, 0.4, 0.125)[k],
                rounding=SINGLE,
            )
        )
    return checks


def _journey(
    name: str, agents: int, days: int, *, memory: Piece, chance: float, spread: float
) -> Scenario:
    """Three touchpoints while considering, a fourth at the purchase, judged the same day."""
    where = {"consider": (0.2, -0.6, 0.5), "purchase": (0.4,)}
    touchpoints = {
        f"{phase}_{k}": {
            "starts": "push",
            "reach": {phase: chance},
            "quality": {"mean": quality, "sd": spread},
            "salience": 1.0,
        }
        for phase, qualities in where.items()
        for k, quality in enumerate(qualities)
    }
    return market(
        name,
        agents,
        days,
        panel=1.0,
        journey={
            "shape": "loop",
            "phases": {
                "consider": {"pace_per_day": chance, "bias": CERTAIN_BIAS},
                "relate": {"kind": "relate", "pace_per_day": 0.0},
            },
            "behaviour": {
                "memory": memory,
                "performance_weight": 0.0,
                "satisfaction_speed": 1.0,
                "loyalty_gain": 0.0,
            },
        },
        segments={"all": {"need": {"rate_per_year": MOST_NEEDS}, "start": {"awareness": 1.0}}},
        touchpoints=touchpoints,
    )


def _remembered(events: NDArray[np.void], which: int) -> tuple[Reals, Reals]:
    """Every judgement in the log, and the peak (0), end (1) or mean (2) of its journey."""
    found, expected = [], []
    felt: list[float] = []
    for event, value in zip(events["event"].tolist(), events["value"].tolist(), strict=True):
        if event == EventCode.NEED:
            felt = []
        elif event == EventCode.ENCOUNTER:
            felt.append(value)
        elif event == EventCode.JUDGEMENT:
            answers = (
                (max(felt[::-1], key=abs), felt[-1], sum(felt) / len(felt)) if felt else (0.0,) * 3
            )
            found.append(value)
            expected.append(answers[which])
    return np.array(found), np.array(expected)


def usual_quality(run: Engine, size: float = 1.0) -> list[Check]:
    """Touchpoints of every kind that give what is usual leave trust and memory as they were."""
    trust = 0.625
    everywhere = {"latent": 0.3, "consider": 0.4, "relate": 0.3}
    common = {"reach": everywhere, "effects": {"trust": 0.5}}
    capacity = {"servers": 1, "service_minutes": 30.0, "comfort": 1.0, "overtime": True}
    records = run(
        market(
            "usual",
            round(4_000 * size),
            30,
            journey={
                "shape": "loop",
                "phases": {
                    "consider": {"leave_per_day": 0.1},
                    "relate": {"kind": "relate", "pace_per_day": 0.0},
                },
            },
            segments={
                "all": {
                    "need": {"rate_per_year": 40.0},
                    "start": {"customers": 0.5, "trust": trust, "satisfaction": 0.25},
                }
            },
            reviews={"start_rating": 3.5, "usual_rating": 3.5},
            talk={"per_day": 0.3, "fan_per_day": 0.1},
            touchpoints={
                "push": {**common, "starts": "push", "quality": {"mean": 0.3}, "norm": 0.3},
                "pull": {**common, "starts": "pull", "quality": {"mean": -0.2}, "norm": -0.2},
                "worn": {
                    **common,
                    "starts": "push",
                    "quality": {"mean": 0.7},
                    "norm": 0.7,
                    "habituation": 3.0,
                },
                "after_need": {**common, "starts": "triggered", "trigger": "need"},
                "talk": {**common, "starts": "earned", "control": "earned"},
                "reviews": {**common, "starts": "pull", "shows_rating": True},
                "desk": {
                    **common,
                    "starts": "service",
                    "quality": {"mean": 0.1},
                    "norm": 0.1,
                    "capacity": capacity,
                },
            },
        )
    )
    met = records.touch[:, :, :, Touch.ENCOUNTERS].sum(axis=(0, 1))
    names = [name for _, name in pair_names(records.scenario)]
    least = min(
        sum(int(n) for n, name in zip(met, names, strict=True) if name == touchpoint)
        for touchpoint in records.scenario.touchpoints
    )
    customers = records.customers
    owners = customers["satisfaction"][customers["first_day"] == BEFORE_START]
    largest = {
        "trust": customers["trust"] - np.float32(trust),
        "peak": customers["peak"],
        "end": customers["end"],
        "sum of experience": customers["total"],
        "satisfaction": owners - np.float32(0.25),
    }
    checks = [
        exactly(USUAL, f"largest change of {what}", float(np.abs(change).max()), exact=0.0)
        for what, change in largest.items()
    ]
    few = f"each of 7 touchpoints met at least {least} times"
    return [replace(check, note=few) for check in checks]
