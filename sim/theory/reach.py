"""A paid push buys contacts that fall at random: reach, frequency and the money behind it."""

import math

import numpy as np

from sim.model.columns import Touch
from sim.theory import formulas as theory
from sim.theory.bare import Engine, market
from sim.theory.check import ERROR_TO_NOTICE, Check, exactly, fits, near, shares_near

CASE = "paid push"
PEOPLE = 3.0  # real people an agent stands for: the budget is the whole population's
COST = 0.5
MORE = 1.0 + ERROR_TO_NOTICE
LIKING = 2.5  # the second segment meets the touchpoint this many times as often


def paid_push(run: Engine, size: float = 1.0) -> list[Check]:
    """Reach 1 - exp(-b / (c n)) and Poisson frequency, in a day and over several days."""
    return _one_day(run, round(250_000 * size)) + _many_days(run, round(600_000 * size))


def _one_day(run: Engine, agents: int) -> list[Check]:
    """1.5 contacts a head on one day; each contact adds one to the stock of engagement."""
    rate = 1.5
    budget = rate * COST * agents * PEOPLE
    records = run(
        market(
            "push_day",
            agents,
            1,
            population=round(agents * PEOPLE),
            touchpoints={
                "push": {
                    "starts": "push",
                    "control": "paid",
                    "budget_per_day": budget,
                    "cost": {"per_contact": COST},
                    "reach": {"latent": 1.0},
                    "effects": {"engagement": 1.0},
                }
            },
        )
    )
    contacts = np.rint(records.customers["engagement"]).astype(np.int64)
    most = 12
    counted = np.bincount(np.minimum(contacts, most), minlength=most + 1)
    chances, wrong = (theory.poisson_chances(r, most) for r in (rate, rate * MORE))
    reached = records.touch[:, :, :, Touch.ENCOUNTERS].sum() / agents
    exact = -math.expm1(-rate)
    return [
        near(
            CASE,
            "reach of a day",
            reached,
            exact=exact,
            standard_error=math.sqrt(exact * (1.0 - exact) / agents),
        ),
        fits(CASE, "contacts a head of a day are Poisson", counted, chances=chances, wrong=[wrong]),
        exactly(
            CASE,
            "spend of a day / budget",
            float(records.spend.sum()) / budget,
            exact=1.0,
            rounding=1e-12,
        ),
    ]


def _many_days(run: Engine, agents: int) -> list[Check]:
    """Two segments of unequal affinity, twelve days: who was reached by when, and how often."""
    days, rate = 12, 0.12
    weight = np.array([1.0, LIKING])
    people = agents * PEOPLE
    records = run(
        market(
            "push_days",
            agents,
            days,
            population=round(people),
            segments={
                "only": {
                    "cool": {"share": 0.5, "need": {"rate_per_year": 0.0}},
                    "warm": {
                        "share": 0.5,
                        "need": {"rate_per_year": 0.0},
                        "affinities": {"push": LIKING},
                    },
                }
            },
            touchpoints={
                "push": {
                    "starts": "push",
                    "control": "paid",
                    "budget_per_day": rate * COST * people,
                    "cost": {"per_contact": COST},
                    "reach": {"latent": 1.0},
                    "effects": {"engagement": 1.0},
                }
            },
        )
    )
    sizes = records.start.sum(axis=1)
    rates = rate * agents * weight / (sizes @ weight)
    met = records.touch[:, :, :, Touch.FIRST_MET].sum(axis=2).cumsum(axis=0) / sizes
    day = np.arange(1, days + 1)[:, None]
    checks = []
    for s, name in enumerate(("affinity 1", f"affinity {LIKING}")):
        exact, wrong = (-np.expm1(-rates[s] * more * day[:, 0]) for more in (1.0, MORE))
        counts = met[:, s] * sizes[s]
        what = f"people reached by day, {name}"
        checks.append(
            shares_near(CASE, what, counts, shares=exact, of=float(sizes[s]), wrong=[wrong])
        )
        mine = records.customers["segment"] == s
        contacts = np.rint(records.customers["engagement"][mine]).astype(np.int64)
        most = 15
        counted = np.bincount(np.minimum(contacts, most), minlength=most + 1)
        mean = float(rates[s]) * days
        right, other = (theory.poisson_chances(mean * more, most) for more in (1.0, MORE))
        what = f"contacts a head over {days} days, {name}"
        checks.append(fits(CASE, what, counted, chances=right, wrong=[other]))
    return checks
