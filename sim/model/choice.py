"""Choosing between offers, rivals and waiting, and getting through the checkout."""

import math

from sim.compiled import rule

SMALLEST = 1e-300


@rule
def gumbel(u):  # type: ignore[no-untyped-def]
    """A standard Gumbel value from a uniform: -log(-log u).

    The largest of utility + Gumbel follows the multinomial logit (McFadden 1974). One draw
    per option keeps everyone's luck with an option when another option changes.
    """
    return -math.log(-math.log(max(u, SMALLEST)))


@rule
def need_fit(attributes, weights):  # type: ignore[no-untyped-def]
    """Fit of an offer with a customer's needs, 0 .. 1: weighted mean of its attributes."""
    fit = 0.0
    for k in range(len(attributes)):
        fit += attributes[k] * float(weights[k])
    return fit


@rule
def price_disutility(weight, sensitivity, price, budget):  # type: ignore[no-untyped-def]
    """What a price costs in utility: weight x sensitivity x price / budget."""
    if price <= 0.0:
        return 0.0
    return weight * sensitivity * price / budget


@rule
def brand_utility(weights, trust, engagement, experience, satisfaction, loyalty):  # type: ignore[no-untyped-def]
    """What the customer feels for the firm adds to each of its offers (linear, assumption).

    `weights`: columns CHOICE_* of the tables. Engagement counts as e / (1 + e).
    """
    return (
        weights[2] * trust
        + weights[3] * (engagement / (1.0 + engagement))
        + weights[4] * experience
        + weights[5] * satisfaction
        + weights[6] * loyalty
    )


@rule
def abandon_chance(base, friction):  # type: ignore[no-untyped-def]
    """Chance to abandon the checkout: the base, times exp(friction), at most 1.

    `friction` is the sum of what this journey's encounters did to it; negative is easier.
    """
    return min(1.0, base * math.exp(friction))
