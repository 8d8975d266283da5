"""Word of mouth and reviews."""

import math

from sim.compiled import rule
from sim.model.perception import clip
from sim.model.traits import SOCIABILITY_CAP


@rule
def own_talk_chance(
    per_day: float,
    sociability: float,
    satisfaction: float,
    negative_factor: float,
    advocate_factor: float,
    fresh: float,
) -> float:
    """Daily chance that a customer talks: in proportion to how strongly it feels.

    The dissatisfied talk `negative_factor` times as often (assumption; direction:
    Chevalier & Mayzlin 2006), advocates `advocate_factor` times. `fresh`: what the time since
    the last purchase or judgement has left of the wish to talk, 0 .. 1.
    """
    strength = satisfaction
    if satisfaction < 0.0:
        strength = -satisfaction * negative_factor
    return min(1.0, per_day * sociability * strength * advocate_factor * fresh)


@rule
def fan_talk_chance(fan_per_day: float, sociability: float, awareness: float) -> float:
    """Daily chance that somebody who owns nothing recommends a brand: `awareness` without doubt."""
    return min(1.0, fan_per_day * sociability * awareness)


@rule
def capped_sociability(value: float, mean: float) -> float:
    """Sociability is cut at three times the segment's mean."""
    return min(value, SOCIABILITY_CAP * mean)


@rule
def stars_of(satisfaction: float, neutral: float, slope: float) -> int:
    """Stars 1 .. 5 that a judgement posts: `neutral` + `slope` x satisfaction, rounded."""
    return int(clip(math.floor(neutral + slope * satisfaction + 0.5), 1.0, 5.0))


@rule
def review_chance(chance: float, extremity: float, satisfaction: float) -> float:
    """Chance that a judgement is posted: grows with how extreme it is.

    chance x (1 - extremity + extremity x satisfaction^2). The polarised post more often than the
    moderate (Hu, Zhang & Pavlou 2009); the form is an assumption.
    """
    return chance * (1.0 - extremity + extremity * satisfaction * satisfaction)


@rule
def public_rating(
    start_rating: float, start_count: float, stars: int, reviews: int, people_per_agent: float
) -> float:
    """The rating that customers see: the mean of all reviews so far, and of those before day 0.

    `stars`, `reviews`: of simulated customers since day 0, each for so many people.
    """
    total = start_rating * start_count + people_per_agent * stars
    return total / (start_count + people_per_agent * reviews)


@rule
def talk_sign(satisfaction: float) -> int:
    """What somebody who knows the firm says: good (1) or, dissatisfied, bad (-1)."""
    return -1 if satisfaction < 0.0 else 1


@rule
def rating_quality(rating: float, usual_rating: float) -> float:
    """Quality that a rating shows: its distance in stars from the usual, halved, in -1 .. 1."""
    return clip((rating - usual_rating) / 2.0, -1.0, 1.0)


@rule
def listener(
    u_far: float, u_who: float, talker: int, friend: int, agents: int, far_share: float
) -> int:
    """The customer whom friend number `friend` of a talker is, or the talker itself if none.

    Friends are ring neighbours, alternately to either side; a share is replaced by random
    others (small world: Watts & Strogatz 1998).
    """
    if u_far < far_share:
        return int(u_who * agents)
    step = friend // 2 + 1
    if friend % 2 == 1:
        step = -step
    return (talker + step) % agents
