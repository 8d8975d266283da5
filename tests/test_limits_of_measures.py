"""Limiting cases through a whole run and its summary: sBG retention, customer value, cac.

`sim.theory` checks what the engines count; here it is what the measures make of it. Everybody
is a stranger who needs something at once, buys once, and has no money for a second purchase.
"""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import beta

from sim.measures import retention, value
from sim.runs.run import Run, run
from sim.theory.bare import market

Reals = NDArray[np.float64]

STANDARD_ERRORS = 4.0
ERROR_TO_NOTICE = 0.02  # of a figure
# Fader & Hardie 2007, fitted to seven years of two cohorts of subscribers
COHORTS = {"high_end": (0.668, 3.806), "regular": (0.704, 1.182)}


def buyers(agents: int, days: int, offer: dict[str, Any], **parts: Any) -> Run:
    """Everybody buys the offer in the first days, and cannot pay for another."""
    churn = parts.pop("churn", {"mean": 0.0})
    sure = {"pace_per_day": 1.0, "bias": 50.0}
    return run(
        market(
            "buyers",
            agents,
            days,
            journey={
                "shape": "loop",
                "phases": {"consider": sure, "relate": {"kind": "relate", "pace_per_day": 0.0}},
                "choice": {"subscriptions_by_income": False},
            },
            segments={
                "all": {
                    "need": {"rate_per_year": 1000.0},
                    "start": {"awareness": 1.0},
                    "budget": {"mean": 100.0},
                    "income_per_day": {"mean": 0.0},
                    "renewal": {"churn": churn},
                }
            },
            offers={"offer": {"price": 100.0, **offer}},
            **parts,
        )
    )


def survival(shape: tuple[float, float], renewals: Reals) -> Reals:
    """sBG: the share who have renewed so often, B(a, b + t) / B(a, b)."""
    a, b = shape
    share: Reals = beta(a, b + renewals) / beta(a, b)
    return share


@pytest.mark.parametrize("shape", list(COHORTS.values()), ids=list(COHORTS))
def test_retention_of_a_run_follows_the_shifted_beta_geometric(shape: tuple[float, float]) -> None:
    a, b = shape
    agents, days, period = 300_000, 400, 30
    churn = {"mean": a / (a + b), "concentration": a + b}
    made = buyers(agents, days, {"subscription_days": period}, churn=churn)
    records = made.records
    won = made.daily.groupby("day")["new_customers"].sum().to_numpy()
    assert won.sum() == agents
    assert not won[31:].any()  # one cohort
    first_day = np.arange(days)
    ends = [math.ceil((month + 1) * 365 / 12) - 1 for month in range(13)]  # of months
    share = np.array([won @ survival(shape, (end - first_day) // period) for end in ends]) / agents
    error = np.sqrt(share * (1.0 - share) / agents)
    assert (ERROR_TO_NOTICE * share > STANDARD_ERRORS * error).all()
    found = np.array([row.share for row in retention.survival(records)])
    assert (np.abs(found - share) <= STANDARD_ERRORS * error).all()  # at first nobody renews
    for months in (1, 6, 12):
        assert retention.retention(records, months) == found[months]
        assert made.summary["retention"][f"month_{months}"] == found[months]
    # who stays is whoever churns less: retention rises with tenure though nobody changes
    churned = np.array([row.churn for row in retention.churn_by_tenure(records)])
    rate = 1.0 - share[1:] / share[:-1]
    error = np.sqrt(rate * (1.0 - rate) / (agents * share[:-1]))
    assert (np.abs(churned - rate) < STANDARD_ERRORS * error).all()
    assert churned[0] > churned[5] > churned[11]  # months with one renewal of nearly all


@pytest.mark.parametrize("stays", [0.8, 0.9])
def test_value_of_a_customer_who_stays_with_a_constant_chance(stays: float) -> None:
    """m (1 + d) / (1 + d - r), the first margin now: 366.67 and 550 (facts of the project)."""
    margin, rate, years, agents = 100.0, 0.1, 20, 30_000
    made = buyers(agents, 365 * years, {"subscription_days": 365}, churn={"mean": 1.0 - stays})
    endless = margin * (1 + rate) / (1 + rate - stays)
    assert endless == pytest.approx({0.8: 366.67, 0.9: 550.0}[stays], abs=0.005)
    step = stays / (1 + rate)
    exact = endless * (1 - step**years)  # the run sees so many payments
    # the spread between customers: paid so often with chance r^(n - 1) (1 - r)
    often = np.arange(1, years + 1)
    chance = stays ** (often - 1.0) * np.where(often < years, 1 - stays, 1.0)
    paid = margin * (1 - (1 + rate) ** -often.astype(float)) / (1 - 1 / (1 + rate))
    assert chance @ paid == pytest.approx(exact)
    error = math.sqrt((chance @ paid**2 - exact**2) / agents)
    assert ERROR_TO_NOTICE * exact > STANDARD_ERRORS * error
    found = made.summary["economics"]["clv_realised"]
    assert abs(found - exact) < STANDARD_ERRORS * error
    # over 36 months there are three payments, all seen
    three = margin * (1 + step + step**2)
    assert abs(made.summary["economics"]["clv_projected"] - three) < STANDARD_ERRORS * error
    assert len(value.value_by_age(made.records).observed) > value.HORIZON_MONTHS


@pytest.mark.parametrize("people", [1, 25])
def test_the_cost_of_a_customer_is_arithmetic_where_all_buy(people: int) -> None:
    agents, days_on = 400, 12
    posters = {
        "starts": "push",
        "control": "paid",
        "budget_per_day": 70.0,
        "cost": {"per_contact": 0.5, "per_day": 30.0},
        "reach": {"purchase": 1.0},  # where those without money wait: too late
        "flight": {"start_day": 20, "days_on": days_on, "days_off": 365},
    }
    own = {"starts": "pull", "reach": {"consider": 0.5}, "cost": {"per_day": 2.0}}
    keep = {"starts": "push", "purpose": "retention", "reach": {"relate": 0.5}}
    made = buyers(
        agents,
        90,
        {"unit_cost": 58.0},
        population=agents * people,
        touchpoints={"posters": posters, "own": own, "keep": keep | {"cost": {"per_day": 11.0}}},
    )
    found, bought = made.summary["economics"], agents * people
    assert made.summary["customers"]["new"] == bought
    assert found["cac_paid"] == pytest.approx(12 * (70 + 30) / bought)
    assert found["cac"] == pytest.approx((12 * (70 + 30) + 90 * 2) / bought)
    assert found["clv_realised"] == pytest.approx(42.0)
    assert found["spend_retention"] == pytest.approx(90 * 11)
    # who has bought needs more, has no money, and stays a customer to the end
    assert made.summary["customers"]["active_end"] == bought
    assert found["keeping_cost_per_year"] == pytest.approx(90 * 11 / (bought * 90 / 365))
