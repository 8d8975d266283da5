"""Awareness spread by advertising and by talk, with full mixing: Bass diffusion."""

import numpy as np

from sim.verify import theory
from sim.verify.bare import Engine, by_customer, market
from sim.verify.check import ERROR_TO_NOTICE, Check, all_near, near
from sim.vocabulary import EventCode

CASE = "Bass diffusion"
INNOVATION, IMITATION = 0.03, 0.38  # per year: Sultan, Farley & Lehmann 1990
DAYS_PER_STEP_YEAR = 20  # here a year of Bass's is twenty days
YEARS = 10


def bass_diffusion(run: Engine, size: float = 1.0) -> list[Check]:
    """Share aware day by day: each encounter with advertising or talk makes known, for good."""
    agents, days = round(400_000 * size), YEARS * DAYS_PER_STEP_YEAR
    p, q = INNOVATION / DAYS_PER_STEP_YEAR, IMITATION / DAYS_PER_STEP_YEAR
    records = run(
        market(
            "diffusion",
            agents,
            days,
            panel=1.0,
            talk={"fan_per_day": q, "listeners_positive": 1},
            touchpoints={
                "advertising": {
                    "starts": "push",
                    "reach": {"latent": p},
                    "effects": {"awareness": 1.0},
                },
                "talk": {
                    "starts": "earned",
                    "control": "earned",
                    "reach": {"latent": 1.0},
                    "effects": {"awareness": 1.0},
                },
            },
        )
    )
    events = by_customer(records)
    events = events[events["event"] == EventCode.ENCOUNTER]
    _, first = np.unique(events["customer"], return_index=True)
    aware = np.bincount(events["day"][first], minlength=days).cumsum() / agents
    exact = theory.bass_by_day(p, q, agents, days)
    more = 1.0 + ERROR_TO_NOTICE
    wrong = [theory.bass_by_day(p * more, q, agents, days), theory.bass_by_day(p, q * more, agents, days)]
    checks = [
        all_near(
            CASE,
            "share aware, day by day",
            aware,
            exact.share,
            exact.deviation,
            [spread.share for spread in wrong],
        )
    ]
    for year in (5, 10):
        night = year * DAYS_PER_STEP_YEAR - 1
        smooth = theory.bass(INNOVATION, IMITATION, year)
        checks.append(
            near(
                CASE,
                f"share aware after {year} years",
                float(aware[night]),
                float(exact.share[night]),
                float(exact.deviation[night]),
                note=f"in continuous time {smooth:.4f}",
            )
        )
    return checks
