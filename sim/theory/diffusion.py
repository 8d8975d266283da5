"""Awareness spread by advertising and by talk, with full mixing: Bass diffusion."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import Touch
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import Engine, market
from sim.theory.check import ERROR_TO_NOTICE, Check, all_near, near
from sim.vocabulary import EventCode

CASE = "Bass diffusion"
INNOVATION, IMITATION = 0.03, 0.38  # per year: Sultan, Farley & Lehmann 1990
DAYS_PER_BASS_YEAR = 10  # each day is a tenth of the year that the figures speak of
YEARS = 10
DAYS = YEARS * DAYS_PER_BASS_YEAR
P, Q = INNOVATION / DAYS_PER_BASS_YEAR, IMITATION / DAYS_PER_BASS_YEAR


def bass_diffusion(run: Engine, size: float = 1.0) -> list[Check]:
    """Share aware day by day: an encounter with advertising or talk makes known, for good."""
    agents = round(1_060_000 * size)
    records = run(_scenario(agents))
    aware = _first_met(records).cumsum() / agents
    exact = theory.bass_by_day(P, Q, agents, days=DAYS)
    wrong = theory.bass_by_day(P, Q * (1.0 + ERROR_TO_NOTICE), agents, days=DAYS)
    told = float(records.touch[:, :, 0, Touch.ENCOUNTERS].sum()) / (agents * DAYS)
    checks = [
        near(
            CASE,
            "chance to meet advertising in a day",
            told,
            exact=P,
            standard_error=math.sqrt(P * (1.0 - P) / (agents * DAYS)),
        ),
        all_near(
            CASE,
            "share aware, day by day",
            aware,
            exact=exact.share,
            standard_error=exact.deviation,
            wrong=[wrong.share],
        ),
    ]
    for year in (5, 10):
        night = year * DAYS_PER_BASS_YEAR - 1
        smooth = theory.bass(INNOVATION, IMITATION, year)
        checks.append(
            near(
                CASE,
                f"share aware after {year} years",
                float(aware[night]),
                exact=float(exact.share[night]),
                standard_error=float(exact.deviation[night]),
                note=f"in continuous time {smooth:.4f}",
            )
        )
    return checks


def _scenario(agents: int) -> Scenario:
    """Everybody stays latent; who is aware tells one random person with chance Q a day."""
    known = {"reach": {"latent": P}, "effects": {"awareness": 1.0}}
    return market(
        "diffusion",
        agents,
        DAYS,
        panel=1.0,
        talk={"fan_per_day": Q, "listeners_positive": 1},
        touchpoints={
            "advertising": {**known, "starts": "push"},
            "talk": {**known, "starts": "earned", "control": "earned", "reach": {"latent": 1.0}},
        },
    )


def _first_met(records: Records) -> NDArray[np.int64]:
    """How many were met for the first time, by whatever touchpoint, on each day (D,)."""
    events = records.events  # by day, so that a customer's first event is its first encounter
    events = events[events["event"] == EventCode.ENCOUNTER]
    _, first = np.unique(events["customer"], return_index=True)
    return np.bincount(events["day"][first], minlength=DAYS)
