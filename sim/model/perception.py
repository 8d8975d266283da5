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
def shared_quality(own: float, companions: float, weight: float) -> float:
    """Quality of an encounter that a companion had too: both experiences, by the companion's
    weight 0 .. 1 (assumption: linear). `weight` 0: off."""
    return own + weight * (companions - own)


@rule
def waiting_penalty(wait_minutes: float, penalty_per_minute: float, comfort: float) -> float:
    """What a wait takes from the quality: proportional to its length and to 1 - comfort.

    Assumption: linear in minutes (Maister 1985 gives the direction and the role of
    comfort, no form).
    """
    return wait_minutes * penalty_per_minute * (1.0 - comfort)


@rule
def unserved_quality(norm: float, penalty: float) -> float:
    """Quality of leaving unserved, before the wait: below the usual by a penalty (assumption)."""
    return norm - penalty


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
def annoyed(felt: float, familiarity: float, annoys_after: float) -> float:
    """What is left of a pleasant encounter when too many have annoyed: it turns unpleasant.

    felt x (1 - familiarity / annoys_after), in -1 .. 1: an inverted U over exposures (Schmidt &
    Eisend 2015; the form is an assumption). `annoys_after` 0: off.
    """
    if felt <= 0.0 or annoys_after <= 0.0:
        return felt
    return clip(felt * (1.0 - familiarity / annoys_after), -1.0, 1.0)


@rule
def norm_after(norm: float, quality: float, follows: float) -> float:
    """What is usual tomorrow: rivals copy a share `follows` of what is better, or worse."""
    return norm + follows * (quality - norm)


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
    """Each contact closes a share gain x fit of the headroom to full awareness."""
    for _ in range(contacts):
        awareness = awareness + gain * fit * (1.0 - awareness)
    return awareness


@rule
def welcome(felt: float, bad_takes: float) -> float:
    """How an encounter's interest is taken: 1, or 1 + `bad_takes` x felt if it is unpleasant.

    So an encounter felt at -1 / `bad_takes` wins no interest and a worse one costs some
    (assumption; continuous at 0, so that an encounter at its norm is no cliff). 0: off.
    """
    if felt >= 0.0:
        return 1.0
    return 1.0 + bad_takes * felt


@rule
def engagement_after(
    engagement: float, gain: float, fit: float, contacts: int, felt: float, bad_takes: float
) -> float:
    """Each contact adds gain x fit to the stock of interest (adstock: Broadbent 1979).

    An unpleasant one adds less, or takes: see `welcome`.
    """
    return max(0.0, engagement + gain * fit * contacts * welcome(felt, bad_takes))


@rule
def put_off(deters: float, felt: float) -> float:
    """Share that a warning (`felt` below 0) puts off, 0 .. 1; a recommendation none."""
    return max(0.0, -felt * deters)


@rule
def doubt_after(
    doubt: float, known: float, awareness: float, share: float, sells_unknown: float
) -> float:
    """Awareness that is doubt after a warning which raised it from `known` to `awareness`.

    A `share` of what was known without doubt turns into it, and so does what the warning itself
    made known, but for `sells_unknown` of that (that bad news can sell the unknown: Berger,
    Sorensen & Rasmussen 2010). Doubt fades with the awareness that it is part of, so that time
    alone never makes a warning an advertisement. The form is an assumption.
    """
    return doubt + share * max(0.0, known - doubt) + (1.0 - sells_unknown) * (awareness - known)


@rule
def consider_chance(awareness: float, doubt: float) -> float:
    """Chance that the brand is in the set when a need arises: what is known without doubt."""
    return max(0.0, awareness - doubt)


@rule
def adding_chance(awareness: float, doubt: float, felt: float, bad_takes: float) -> float:
    """Chance that an encounter brings the brand into the set; less if it was unpleasant."""
    return consider_chance(awareness, doubt) * max(0.0, welcome(felt, bad_takes))


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
def recalled_share(salience: float, felt: float) -> float:
    """How much of an encounter is remembered, 0 .. 1.

    s |felt| / (1 - s + s |felt|): the salience at |felt| = 1, less the nearer the encounter was to
    the usual, nothing at the usual itself; everything at salience 1 (assumption; that what is
    neither good nor bad is forgotten first: Kahneman et al. 1993).
    """
    if salience >= 1.0:
        return 1.0
    strength = salience * abs(felt)
    return strength / (1.0 - salience + strength)


@rule
def peak_after(peak: float, felt: float, recalled: float) -> float:
    """The moment of largest absolute quality so far, each as strong as it is remembered."""
    moment = recalled * felt
    if abs(moment) >= abs(peak):
        return moment
    return peak


@rule
def end_after(end: float, felt: float, recalled: float) -> float:
    """The last moment: moves to what is felt by the share of it that is remembered."""
    return (1.0 - recalled) * end + recalled * felt


@rule
def remembered(
    peak: float,
    end: float,
    total: float,
    recalled: float,
    weight_peak: float,
    weight_end: float,
    weight_mean: float,
) -> float:
    """Remembered experience: w_peak peak + w_end end + w_mean mean; 0 without encounters.

    `total`: the felt qualities of the journey's encounters, each times its `recalled_share`;
    `recalled`: the sum of these shares. The mean is over at least one whole encounter, so that a
    glimpse is not all there is to remember. Peak-end rule (Kahneman et al. 1993); the weights are
    parameters because the plain mean predicts about as well (Alaybek et al. 2022).
    """
    mean = total / max(1.0, recalled)
    return weight_peak * peak + weight_end * end + weight_mean * mean
