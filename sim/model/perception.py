"""What an encounter does to a customer's mind."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule


@rule
def clip(value: float, low: float, high: float) -> float:
    """`value`, kept within low .. high."""
    return min(max(value, low), high)


@rule
def delivered_quality(mean: float, sd: float, z: float) -> float:
    """Quality delivered this time: normal around the mean, kept within -1 .. 1."""
    return clip(mean + sd * z, -1.0, 1.0)


@rule
def waiting_penalty(wait_minutes: float, penalty_per_minute: float, comfort: float) -> float:
    """What a wait takes from the quality: proportional to its length and to 1 - comfort.

    Assumption: linear in minutes (Maister 1985 gives the direction and the role of
    comfort, no form).
    """
    return wait_minutes * penalty_per_minute * (1.0 - comfort)


@rule
def perceived_quality(delivered: float, norm: float, penalty: float) -> float:
    """Only the difference from the usual is felt: delivered - norm - penalty, in -1 .. 1."""
    return clip(delivered - norm - penalty, -1.0, 1.0)


@rule
def dulled(perceived: float, familiarity: float, habituation: float) -> float:
    """A pleasant encounter loses half its effect after `habituation` exposures; a bad one none.

    Hyperbolic dulling 1 / (1 + familiarity / habituation): assumption. `habituation` 0: off.
    """
    if perceived <= 0.0 or habituation <= 0.0:
        return perceived
    return perceived / (1.0 + familiarity / habituation)


@rule
def message_fit(message: NDArray[np.float64], weights: NDArray[np.floating]) -> float:
    """Overlap of a message with a customer's needs, 0 .. 1: sum over needs of the smaller.

    Both add up to 1. A message that speaks of everything overlaps with nobody fully
    (histogram intersection; the form is an assumption).
    """
    fit = 0.0
    for k in range(len(message)):
        fit += min(message[k], float(weights[k]))
    return fit


@rule
def awareness_after(awareness: float, gain: float, fit: float, contacts: int) -> float:
    """Each contact closes a share gain x fit of the room left to full awareness."""
    for _ in range(contacts):
        awareness = awareness + gain * fit * (1.0 - awareness)
    return awareness


@rule
def engagement_after(engagement: float, gain: float, fit: float, contacts: int) -> float:
    """Each contact adds gain x fit to the stock of interest (adstock: Broadbent 1979)."""
    return engagement + gain * fit * contacts


@rule
def trust_after(trust: float, gain: float, perceived: float, bad_is_stronger: float) -> float:
    """Trust moves with the perceived quality, in proportion to the room left.

    The room-left form follows East et al. (2008); bad is stronger than good (Baumeister
    et al. 2001), by a factor that is an assumption.
    """
    if perceived >= 0.0:
        return trust + gain * perceived * (1.0 - trust)
    return trust + min(1.0, gain * bad_is_stronger) * perceived * trust


@rule
def expectation_after(expectation: float, gain: float, fit: float, promise: float) -> float:
    """What the messages promised: moves a share gain x fit towards the promise."""
    return expectation + gain * fit * (promise - expectation)


@rule
def peak_after(peak: float, perceived: float, count: int) -> float:
    """The encounter of largest absolute quality so far; the first one always counts."""
    if count == 0 or abs(perceived) >= abs(peak):
        return perceived
    return peak


@rule
def remembered(
    peak: float,
    end: float,
    total: float,
    count: int,
    weight_peak: float,
    weight_end: float,
    weight_mean: float,
) -> float:
    """Remembered experience: w_peak peak + w_end end + w_mean mean; 0 without encounters.

    Peak-end rule (Kahneman et al. 1993); the weights are parameters because the plain mean
    predicts about as well (Alaybek et al. 2022).
    """
    if count == 0:
        return 0.0
    return weight_peak * peak + weight_end * end + weight_mean * (total / count)
