"""Customers who renew, buy again or drop out: sBG, BG/NBD and customer value."""

import math
from collections.abc import Mapping

import numpy as np

from sim.model.columns import Count, Reals
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import LASTING, Engine, Piece, market
from sim.theory.check import ERROR_TO_NOTICE, Check, all_near, near
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS

SBG = "subscription"
VALUE = "customer value"
BGNBD = "repeat purchases"
DISCOUNT = 0.1
MORE = 1.0 + ERROR_TO_NOTICE

# Fader & Hardie 2007, fitted to seven years of two cohorts (facts.md).
COHORTS = {"high_end": (0.668, 3.806), "regular": (0.704, 1.182)}
# Fader, Hardie & Lee 2005, CDNOW; rates are per week.
CDNOW = (0.243, 4.414, 0.793, 2.426)


def _subscribers(
    name: str, agents: int, days: int, *, period: int, churn: Mapping[str, Piece], price: float
) -> Scenario:
    """Customers from the start, in equal segments that differ in churn; who leaves stays away."""
    segments = {
        segment: {
            "share": 1.0 / len(churn),
            "need": {"rate_per_year": 0.0},
            "start": {"customers": 1.0},
            "renewal": {"churn": chance},
        }
        for segment, chance in churn.items()
    }
    return market(
        name,
        agents,
        days,
        journey={"shape": "loop", "phases": {"relate": {"kind": "relate", "pace_per_day": 0.0}}},
        segments={"only": segments},
        offers={"offer": {"price": price, "subscription_days": period}},
    )


def _beta(a: float, b: float) -> Piece:
    return {"mean": a / (a + b), "concentration": a + b}


def subscription(run: Engine, size: float = 1.0) -> list[Check]:
    """Survival, retention by tenure and discounted lifetime of two cohorts.

    Renewals are spread over the period, so that after k periods everybody has had k of them.
    """
    period, renewals = 10, 7
    churn = {name: _beta(*shape) for name, shape in COHORTS.items()}
    agents = round(1_200_000 * size)
    records = run(
        _subscribers("sbg", agents, 1 + period * renewals, period=period, churn=churn, price=1.0)
    )
    long = run(_subscribers("sbg_long", agents // 7, 101, period=1, churn=churn, price=1.0))
    checks = []
    for s, (name, (a, b)) in enumerate(COHORTS.items()):
        left, people = _survivors(records, s)
        left = left[period::period]
        t = np.arange(1, renewals + 1)
        exact, wrong = (theory.sbg_survival(a, b, t) for b in (b, b * MORE))
        error = np.sqrt(exact * (1.0 - exact) / people)
        before = np.append(people, left[:-1])
        rate = (b + t - 1.0) / (a + b + t - 1.0)
        what = f"{name}: survival, {renewals} renewals"
        checks += [
            all_near(SBG, what, left / people, exact=exact, standard_error=error, wrong=[wrong]),
            all_near(
                SBG,
                f"{name}: retention by tenure",
                left / before,
                exact=rate,
                standard_error=np.sqrt(rate * (1.0 - rate) / before),
            ),
            near(
                SBG,
                f"{name}: share left at the end",
                left[-1] / people,
                exact=exact[-1],
                standard_error=error[-1],
            ),
            _lifetime(name, long, s),
        ]
    return checks


def _survivors(records: Records, segment: int) -> tuple[Reals, float]:
    """Customers left at the end of each day, (D,), and at the start."""
    people = float(records.start[segment].sum())
    gone = records.counts[:, segment, Count.CHURNED].cumsum()
    return people - gone, people


def _lifetime(name: str, records: Records, segment: int) -> Check:
    """Discounted expected lifetime, a renewal a day; after a hundred the rest is nothing."""
    left, people = _survivors(records, segment)
    days = len(left) - 1
    discount = (1.0 + DISCOUNT) ** -np.arange(days + 1.0)
    found = float((np.append(people, left[1:]) * discount).sum()) / people
    a, b = COHORTS[name]
    exact = float((theory.sbg_survival(a, b, np.arange(days + 1)) * discount).sum())
    error = math.sqrt(theory.sbg_lifetime_variance(a, b, DISCOUNT, renewals=days) / people)
    return near(
        SBG, f"{name}: discounted lifetime at 10 %", found, exact=exact, standard_error=error
    )


def customer_value(run: Engine, size: float = 1.0) -> list[Check]:
    """Discounted margin per customer when margin and retention are constant."""
    margin, retentions = 100.0, {"four_fifths": 0.8, "nine_tenths": 0.9}
    churn = {name: {"mean": 1.0 - r} for name, r in retentions.items()}
    records = run(
        _subscribers("value", round(160_000 * size), 121, period=1, churn=churn, price=margin)
    )
    checks = []
    for s, r in enumerate(retentions.values()):
        people = float(records.start[s].sum())
        day = np.arange(len(records.counts))
        earned = records.counts[:, s, Count.RENEWAL_MARGIN] / MINOR_UNITS
        found = float((earned * (1.0 + DISCOUNT) ** -day.astype(np.float64)).sum()) / people
        exact = theory.customer_value(margin, r, DISCOUNT)
        error = math.sqrt(theory.customer_value_variance(margin, r, DISCOUNT) / people)
        checks.append(
            near(
                VALUE, f"margin 100, retention {r}, d .1", found, exact=exact, standard_error=error
            )
        )
    return checks


def repeat_purchases(run: Engine, size: float = 1.0) -> list[Check]:
    """Purchases of customers who are loyal until they drop out after one of them.

    A run's purchases fall on whole days, one a day at most: its exact expectation is compared,
    and the value in continuous time printed beside.
    """
    weeks, agents = (1, 13, 26, 39), round(840_000 * size)
    r, alpha, a, b = CDNOW
    rate = r / alpha / theory.WEEK * DAYS_PER_YEAR
    days = weeks[-1] * int(theory.WEEK)
    records = run(
        _repeaters(agents, days, {"rate_per_year": rate, "gamma_shape": r}, dropout=_beta(a, b))
    )
    bought = records.counts[:, :, Count.PURCHASES].sum(axis=1).cumsum() / agents
    checks, values = [], []
    for week in weeks:
        night = week * int(theory.WEEK)
        mean, variance = theory.bgnbd_by_day(r, alpha, a, b=b, days=night)
        wrong = theory.bgnbd_by_day(r, alpha / MORE, a, b=b, days=night)[0]
        error = math.sqrt(variance / agents)
        values.append((bought[night - 1], mean, error, wrong))
        smooth = theory.bgnbd(r, alpha, a, b=b, weeks=week)
        if week > 1:
            what, note = f"purchases by week {week}", f"in continuous time {smooth:.4f}"
            checks.append(
                near(BGNBD, what, values[-1][0], exact=mean, standard_error=error, note=note)
            )
    found, exact, errors, others = np.array(values).T
    checks.append(
        all_near(
            BGNBD,
            "purchases by week 1, 13, 26, 39",
            found,
            exact=exact,
            standard_error=errors,
            wrong=[others],
        )
    )
    none = float((records.customers["purchases"] == 0).mean())
    chance = theory.none_bought(r, alpha, weeks[-1])
    error = math.sqrt(chance * (1.0 - chance) / agents)
    checks.append(
        near(BGNBD, "share who never bought again", none, exact=chance, standard_error=error)
    )
    return checks


def _repeaters(agents: int, days: int, need: Piece, *, dropout: Piece) -> Scenario:
    """Wholly loyal customers: a need is a purchase of the same day. Who has dropped out has
    forgotten the brand, and a need of theirs leads to a search without end.
    """
    return market(
        "bgnbd",
        agents,
        days,
        journey={
            "shape": "loop",
            "phases": {"relate": {"kind": "relate", "pace_per_day": 0.0}},
            "behaviour": {"loyalty_half_life_days": LASTING},
        },
        segments={
            "all": {
                "need": need,
                "start": {"customers": 1.0, "loyalty": 1.0},
                "lapse": {"per_purchase": dropout},
            }
        },
    )
