"""People who come and go, permissions that end, days that all share, and what is required."""

import math

import numpy as np
from numpy.typing import ArrayLike

from sim.model.columns import Count, Reals, Touch
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import CERTAIN_BIAS, Engine, Piece, market
from sim.theory.check import (
    ERROR_TO_NOTICE,
    Check,
    exactly,
    fits,
    near,
    near_days,
    shares_near,
)
from sim.vocabulary import DAYS_PER_YEAR, MINUTES_PER_DAY, NEVER

TURNOVER, PERMISSION = "turnover", "permission"
SHARED_DAYS, REQUIRED, PAST = "states of the day", "required desk", "past"
SERVICE = 0.7  # minutes
MORE = 1.0 + ERROR_TO_NOTICE


def turnover(run: Engine, size: float = 1.0) -> list[Check]:
    """A constant hazard: a day's leavers, and how long those who are there have been."""
    share, days = 0.6, 400
    scenario = market("turnover", round(500_000 * size), days, turnover_per_year=share)
    records = run(scenario)
    people = scenario.agents
    hazard = -math.expm1(math.log1p(-share) / DAYS_PER_YEAR)
    more = -math.expm1(MORE * math.log1p(-share) / DAYS_PER_YEAR)
    left = records.counts[1:, :, Count.MOVED_AWAY].sum(axis=1) / people
    there = records.customers[records.customers["leave_day"] == NEVER]
    newcomers = there["number"] >= people
    age = np.where(newcomers, days - 1 - there["born"].astype(np.int64), days - 1)
    counts = np.bincount(age, minlength=days)
    ages = np.arange(days)
    classes = np.minimum(ages // 50, days // 50 - 1)

    def by_class(values: ArrayLike) -> Reals:
        summed: Reals = np.bincount(classes, np.asarray(values, dtype=np.float64)).astype(
            np.float64
        )
        return summed

    exact, wrong = ((1.0 - q) ** ages * np.where(ages < days - 1, q, 1.0) for q in (hazard, more))
    return [
        near_days(TURNOVER, "leavers a day", left, exact=hazard, shift=more - hazard),
        fits(
            TURNOVER,
            "days in the market",
            by_class(counts),
            chances=by_class(exact),
            wrong=[by_class(wrong)],
        ),
    ]


def permission(run: Engine, size: float = 1.0) -> list[Check]:
    """A mail a day to all who may be written to: what is left of permissions is geometric."""
    chance, days = 0.02, 60
    mail: Piece = {
        "starts": "pull",
        "audience": "permitted",
        "reach": {"latent": 1.0},
        "unsubscribe": chance,
    }
    records = run(
        market(
            "unsubscribing",
            round(300_000 * size),
            days,
            segments={"all": {"start": {"permission_prospects": 1.0}}},
            touchpoints={"mail": mail},
        )
    )
    mails = records.touch[:, 0, 0, Touch.ENCOUNTERS]
    exact, wrong = ((1.0 - u) ** np.arange(days) for u in (chance, chance * MORE))
    return [
        shares_near(
            PERMISSION,
            "who still gets the mail",
            mails,
            shares=exact,
            of=float(len(records.customers)),
            wrong=[wrong],
        )
    ]


def shared_days(run: Engine, size: float = 1.0) -> list[Check]:
    """States side by side, each with a touchpoint that runs on its days alone: the share of days
    and the length of spells are those of a Markov chain of two states."""
    share, spell, states = 0.5, 1.5, 20
    days = round(7000 * max(size, 0.1))
    signs: Piece = {
        f"sign_{k}": {"starts": "pull", "reach": {"latent": 1.0}, "only_on": [f"state_{k}"]}
        for k in range(states)
    }
    records = run(
        market(
            "shared_days",
            1,
            days,
            touchpoints=signs,
            day_states={f"state_{k}": {"share": share, "mean_days": spell} for k in range(states)},
        )
    )
    holds = records.touch[:, 0, :, Touch.ENCOUNTERS] > 0
    ends, begins = 1.0 / spell, share / (1.0 - share) / spell
    memory = 1.0 - ends - begins
    spread = math.sqrt(share * (1.0 - share) * (1.0 + memory) / (1.0 - memory))
    stopped = ~holds[1:][holds[:-1]]
    return [
        near(
            SHARED_DAYS,
            "share of days",
            holds.mean(),
            exact=share,
            standard_error=spread / math.sqrt(holds.size),
        ),
        near(
            SHARED_DAYS,
            "chance that a spell ends",
            stopped.mean(),
            exact=ends,
            standard_error=math.sqrt(ends * (1.0 - ends) / len(stopped)),
        ),
    ]


def required_desk(run: Engine, size: float = 1.0) -> list[Check]:
    """Who must be served to buy, does not wait, and gives up: a loss system (Erlang B)."""
    servers, days = 8, round(60 * size)
    desk: Piece = {
        "starts": "service",
        "reach": {"purchase": 1.0},
        "capacity": {
            "servers": servers,
            "opens_hour": 0.0,
            "closes_hour": 24.0,
            "overtime": True,
            "service_minutes": SERVICE,
            "unserved_leave": 1.0,
        },
    }
    records = run(
        market(
            "required_desk",
            60_000,
            days,
            segments={
                "all": {
                    "need": {"rate_per_year": 100.0},
                    "patience_minutes": {"mean": 0.0},
                    "start": {"awareness": 1.0},
                }
            },
            journey={
                "phases": {
                    "consider": {"pace_per_day": 1.0, "bias": CERTAIN_BIAS},
                    "purchase": {"requires": ["desk"]},
                }
            },
            touchpoints={"desk": desk},
        )
    )
    first = 10  # of days with as many at the desk as on any other
    came = records.touch[first:, 0, 0, Touch.ENCOUNTERS]
    counts = records.counts[first:, 0]
    load = float(came.mean()) * SERVICE / MINUTES_PER_DAY
    lost = counts[:, Count.LEFT] / (counts[:, Count.LEFT] + counts[:, Count.PURCHASES])
    exact, more = theory.erlang_b(servers, load), theory.erlang_b(servers, load * MORE)
    served = came - records.touch[first:, 0, 0, Touch.GAVE_UP]
    unserved = int((counts[:, Count.PURCHASES] - served).sum())
    return [
        near_days(REQUIRED, "lost unserved", lost, exact=exact, shift=more - exact),
        exactly(REQUIRED, "bought and not served", unserved, exact=0.0),
    ]


def past(run: Engine, size: float = 1.0) -> list[Check]:
    """A run of past and window is the window of one long run, to the bit."""
    agents, before, days = round(20_000 * size), 90, 60

    def shop(**sizes: float) -> Scenario:
        return market(
            "past",
            agents,
            int(sizes.pop("days")),
            turnover_per_year=0.4,
            journey={
                "shape": "loop",
                "phases": {
                    "consider": {"pace_per_day": 0.4},
                    "relate": {"kind": "relate", "pace_per_day": 0.1},
                },
            },
            segments={
                "all": {
                    "need": {"rate_per_year": 8.0, "gamma_shape": 1.0},
                    "start": {"awareness": 0.4},
                    "lapse": {"per_day": 0.01},
                }
            },
            touchpoints={
                "sign": {"starts": "pull", "reach": {"latent": 0.1}, "effects": {"awareness": 0.2}},
                "talk": {
                    "starts": "earned",
                    "reach": {"latent": 1.0},
                    "effects": {"awareness": 0.2},
                },
            },
            talk={"per_day": 0.1},
            offers={"offer": {"performance": {"mean": 0.3, "sd": 0.5}}},
            **sizes,
        )

    long, short = run(shop(days=before + days)), run(shop(days=days, past_days=before))

    def apart(name: str) -> float:
        return float(np.abs(getattr(long, name)[before:] - getattr(short, name)).sum())

    return [
        exactly(PAST, f"{name}, summed differences", apart(name), exact=0.0)
        for name in ("flows", "counts", "purchases", "messages", "spend")
    ]
