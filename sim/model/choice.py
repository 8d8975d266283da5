"""Choosing between offers, rivals and waiting, and getting through the checkout."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.elementary import exp, log
from sim.model.columns import (
    CHOICE_ENGAGEMENT,
    CHOICE_EXPERIENCE,
    CHOICE_FIT,
    CHOICE_LOYALTY,
    CHOICE_PRICE,
    CHOICE_SATISFACTION,
    CHOICE_TRUST,
)

SMALLEST = 1e-300
MOST_FRICTION = 700.0  # exp(710) is too large for a float; long before, nobody gets through


@rule
def gumbel(u: float) -> float:
    """A standard Gumbel value from a uniform: -log(-log u).

    The largest of utility + Gumbel follows the multinomial logit (McFadden 1974). One draw
    per option keeps everyone's luck with an option when another option changes.
    """
    return -log(-log(max(u, SMALLEST)))


@rule
def need_fit(attributes: NDArray[np.float64], weights: NDArray[np.floating]) -> float:
    """Fit of an offer with a customer's needs, 0 .. 1: weighted mean of its attributes."""
    fit = 0.0
    for k in range(len(attributes)):
        fit += attributes[k] * float(weights[k])
    return fit


@rule
def price_disutility(weight: float, sensitivity: float, price: float, budget: float) -> float:
    """What a price costs in utility: weight x sensitivity x price / budget."""
    if price <= 0.0:
        return 0.0
    return weight * sensitivity * price / budget


@rule
def brand_utility(
    weights: NDArray[np.float64],
    trust: float,
    engagement: float,
    experience: float,
    satisfaction: float,
    loyalty: float,
) -> float:
    """What the customer feels for the firm adds to each of its offers (linear, assumption).

    `weights`: columns CHOICE_* of the tables. Engagement counts as e / (1 + e).
    """
    utility: float = (
        weights[CHOICE_TRUST] * trust
        + weights[CHOICE_ENGAGEMENT] * (engagement / (1.0 + engagement))
        + weights[CHOICE_EXPERIENCE] * experience
        + weights[CHOICE_SATISFACTION] * satisfaction
        + weights[CHOICE_LOYALTY] * loyalty
    )
    return utility


@rule
def value_for_money(
    appeal: float,
    fit: float,
    price: float,
    sensitivity: float,
    budget: float,
    weights: NDArray[np.float64],
) -> float:
    """Utility of an offer, of the firm or a rival, before feelings and luck.

    `fit`: of `need_fit`; `weights`: columns CHOICE_* of the tables.
    """
    utility: float = (
        appeal
        + weights[CHOICE_FIT] * fit
        - price_disutility(weights[CHOICE_PRICE], sensitivity, price, budget)
    )
    return utility


@rule
def add_on_chance(chance: float, weight: float, needs: int) -> float:
    """Chance to take an add-on that answers a need of this weight, of so many needs.

    In proportion to the weight; at equal weights the chance as given (assumption).
    """
    return min(1.0, chance * weight * needs)


@rule
def habit_after(habit: float, gain: float, same: bool) -> float:
    """Habit with the brand bought: grows by a share of the headroom, or starts anew.

    A first-order habit, the same for every brand (Ehrenberg, Uncles & Goodhardt 2004 on what
    such markets show; the form is an assumption).
    """
    if same:
        return habit + gain * (1.0 - habit)
    return gain


@rule
def picks_anew_chance(trust: float) -> float:
    """Chance a day that a tentative choice does not hold: what is missing of trust.

    An assumption: commitment grows with trust (Morgan & Hunt 1994); the form is the simplest.
    """
    return 1.0 - trust


@rule
def abandon_chance(base: float, friction: float) -> float:
    """Chance to abandon the checkout: the base, times exp(friction), at most 1.

    `friction` is the sum of what this journey's encounters did to it; negative is easier.
    """
    return min(1.0, base * exp(min(friction, MOST_FRICTION)))
