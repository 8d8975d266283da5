"""Choice and nothing else: multinomial logit."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import Count, Reals
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import CERTAIN_BIAS, MOST_NEEDS, Engine, market
from sim.theory.check import ERROR_TO_NOTICE, Check, fits

CASE = "multinomial logit"
BUDGET = 1000.0
PRICES = np.array([100.0, 250.0, 400.0])
FITS = np.array([[0.7, 0.7], [0.8, 0.1], [0.2, 0.8]])  # of offers, by need attribute
APPEALS = np.array([0.1, -0.2, 0.5])
RIVAL_PRICES = np.array([150.0, 300.0])
RIVAL_FITS = np.array([[0.6, 0.3], [0.4, 0.9]])
STRENGTHS = np.array([0.4, 0.9])
NEEDS = np.array([0.3, 0.7])
TRUST, ENGAGEMENT = 0.625, 1.5
WEIGHTS = {"fit": 4.0, "price": 6.0, "trust": 0.8, "engagement": 0.5, "waiting": 0.6}
SPREAD = 0.8  # coefficient of variation of the price sensitivity, where it differs


def logit_choice(run: Engine, size: float = 1.0) -> list[Check]:
    """Shares of three offers, two rivals and waiting; and of customers who differ."""
    alike = run(_scenario("choice", round(200_000 * size), 16, spread=0.0))
    differ = run(_scenario("choice_mixed", round(700_000 * size), 2, spread=SPREAD))
    more = 1.0 + ERROR_TO_NOTICE
    wrong = ((more, 1.0), (1.0, more))  # the weight on fit, the weight on price
    return [
        fits(
            CASE,
            "shares of options, all alike",
            _picks(alike),
            chances=_shares(1.0, 1.0),
            wrong=[_shares(*factors) for factors in wrong],
        ),
        fits(
            CASE,
            "shares, price sensitivity differs",
            _picks(differ),
            chances=_mixed(1.0, 1.0),
            wrong=[_mixed(*factors) for factors in wrong],
        ),
    ]


def _scenario(name: str, agents: int, days: int, *, spread: float) -> Scenario:
    """Everybody is ready to choose on the day after the need, and who waits chooses again.

    On two days a customer chooses once, so that those who wait are not counted twice.
    """
    names = ("first", "second")

    def attributes(row: Reals) -> dict[str, float]:
        return dict(zip(names, map(float, row), strict=True))

    return market(
        name,
        agents,
        days,
        journey={
            "needs": list(names),
            "phases": {"consider": {"pace_per_day": 1.0, "bias": CERTAIN_BIAS}},
            "choice": WEIGHTS,
        },
        segments={
            "all": {
                "need": {"rate_per_year": MOST_NEEDS},
                "need_weights": {n: {"mean": w} for n, w in attributes(NEEDS).items()},
                "budget": {"mean": BUDGET},
                "income_per_day": {"mean": BUDGET},
                "price_sensitivity": {"mean": 1.0, "cv": spread},
                "start": {"awareness": 1.0, "trust": TRUST, "engagement": ENGAGEMENT},
            }
        },
        offers={
            "only": {
                f"offer_{k}": {
                    "price": float(PRICES[k]),
                    "appeal": float(APPEALS[k]),
                    "attributes": attributes(FITS[k]),
                }
                for k in range(len(PRICES))
            }
        },
        competitors={
            f"rival_{k}": {
                "strength": float(STRENGTHS[k]),
                "offers": {
                    "it": {"price": float(RIVAL_PRICES[k]), "attributes": attributes(RIVAL_FITS[k])}
                },
            }
            for k in range(len(RIVAL_PRICES))
        },
    )


def _picks(records: Records) -> NDArray[np.int64]:
    """How often each option was chosen: offers, rivals, waiting."""
    offers = records.purchases.sum(axis=(0, 1, 3))
    rivals = records.losses.sum(axis=(0, 1))
    waited = records.counts[:, :, Count.WAITED].sum()
    return np.concatenate([offers, rivals, [waited]])


def _shares(fit_factor: float, price_factor: float, sensitivity: float = 1.0) -> Reals:
    """Exact shares of customers with one sensitivity; factors on the weights of the logit."""
    fit = fit_factor * WEIGHTS["fit"]
    price = price_factor * WEIGHTS["price"] * sensitivity
    brand = WEIGHTS["trust"] * TRUST + WEIGHTS["engagement"] * ENGAGEMENT / (1.0 + ENGAGEMENT)
    own = APPEALS + brand + fit * FITS @ NEEDS - price * PRICES / BUDGET
    rivals = STRENGTHS + fit * RIVAL_FITS @ NEEDS - price * RIVAL_PRICES / BUDGET
    return theory.logit_shares(np.concatenate([own, rivals, [WEIGHTS["waiting"]]]))


def _mixed(fit_factor: float, price_factor: float) -> Reals:
    """Exact shares when the sensitivity is lognormal with mean 1 (mixed logit)."""
    variance = math.log1p(SPREAD**2)
    points, weights = theory.normal_points(60)
    sensitivities = np.exp(math.sqrt(variance) * points - variance / 2.0)
    by_point = np.array([_shares(fit_factor, price_factor, float(s)) for s in sensitivities])
    shares: Reals = weights @ by_point
    return shares
