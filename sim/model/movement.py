"""Moving on, falling back and giving up."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.elementary import exp
from sim.model.columns import (
    READY_AWARENESS,
    READY_ENGAGEMENT,
    READY_EXPERIENCE,
    READY_LOYALTY,
    READY_SATISFACTION,
    READY_TRUST,
)
from sim.model.reach import chance_of

MOMENT_DAYS = 65_536  # more than the days of any run


@rule
def day_of_moment(day: int, moment: int) -> int:
    """The day in the address of a draw: a later moment of a day has luck of its own."""
    return day + MOMENT_DAYS * moment


@rule
def goes_on_today(
    here: int, there: int, same_day: int, searched: int, searches: int, bought: bool
) -> bool:
    """Whether a movement leads on into a phase that is lived on the same day.

    Phases by their place in the journey. Who gives up and is an owner again goes on with nothing.
    """
    return there > here and same_day != 0 and (bought or searched == 0 or searches != 0)


@rule
def sigmoid(x: float) -> float:
    """Logistic function."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


@rule
def readiness(
    bias: float,
    weights: NDArray[np.float64],
    awareness: float,
    engagement: float,
    trust: float,
    experience: float,
    satisfaction: float,
    loyalty: float,
) -> float:
    """Readiness to move on, in logits: bias + weights . stocks. `weights`: columns READY_*.

    Engagement counts as e / (1 + e): interest saturates (assumption).
    """
    logit: float = (
        bias
        + weights[READY_AWARENESS] * awareness
        + weights[READY_ENGAGEMENT] * (engagement / (1.0 + engagement))
        + weights[READY_TRUST] * trust
        + weights[READY_EXPERIENCE] * experience
        + weights[READY_SATISFACTION] * satisfaction
        + weights[READY_LOYALTY] * loyalty
    )
    return logit


@rule
def advance_chance(pace: float, logit: float) -> float:
    """Daily chance to move on: pace x sigmoid(readiness)."""
    return pace * sigmoid(logit)


@rule
def advance_target(phase: int, next_phase: int, skips: bool, purchase_phase: int) -> int:
    """Where a move leads: the next phase, or one further if it skips before the purchase."""
    if skips and next_phase < purchase_phase:
        return next_phase + 1
    return next_phase


@rule
def phase_after_search(
    owns: bool, owners_go_back: int, need_phase: int, first_relate: int, first_latent: int
) -> int:
    """Where a search leads that ends without a purchase from the firm.

    An owner goes to the first relate phase or, if `owners_go_back`, to where its need arose.
    """
    if not owns:
        return first_latent
    if owners_go_back != 0:
        return need_phase
    return first_relate


@rule
def lapse_chance(rate_per_day: float, effect: float, satisfaction: float) -> float:
    """Daily chance to stop being a customer: hazard x exp(-effect x satisfaction)."""
    return chance_of(rate_per_day * exp(-effect * satisfaction))
