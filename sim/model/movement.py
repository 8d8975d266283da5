"""Moving on, falling back and giving up."""

import math

from sim.compiled import rule
from sim.model.reach import chance_of


@rule
def sigmoid(x):  # type: ignore[no-untyped-def]
    """Logistic function."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


@rule
def readiness(bias, weights, awareness, engagement, trust, experience, satisfaction, loyalty):  # type: ignore[no-untyped-def]
    """Readiness to move on, in logits: bias + weights . stocks.

    Engagement counts as e / (1 + e): interest saturates (assumption).
    """
    return (
        bias
        + weights[0] * awareness
        + weights[1] * (engagement / (1.0 + engagement))
        + weights[2] * trust
        + weights[3] * experience
        + weights[4] * satisfaction
        + weights[5] * loyalty
    )


@rule
def advance_chance(pace, logit):  # type: ignore[no-untyped-def]
    """Daily chance to move on: pace x sigmoid(readiness)."""
    return pace * sigmoid(logit)


@rule
def advance_target(phase, next_phase, skips, purchase_phase):  # type: ignore[no-untyped-def]
    """Where a move leads: the next phase, or one further if it skips before the purchase."""
    if skips and next_phase < purchase_phase:
        return next_phase + 1
    return next_phase


@rule
def lapse_chance(rate_per_day, effect, satisfaction):  # type: ignore[no-untyped-def]
    """Daily chance to stop being a customer: hazard x exp(-effect x satisfaction)."""
    return chance_of(rate_per_day * math.exp(-effect * satisfaction))
