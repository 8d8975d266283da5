"""Owning: satisfaction, loyalty, renewal and recovery."""

import math

from sim.compiled import rule
from sim.elementary import exp
from sim.model.perception import clip


@rule
def verdict(
    performance: float, expectation: float, experience: float, performance_weight: float
) -> float:
    """The judgement of one purchase: performance against expectation, mixed with experience.

    Disconfirmation (Oliver 1980), plus the remembered experience; in -1 .. 1.
    """
    disconfirmation = performance - expectation
    mixed = performance_weight * disconfirmation + (1.0 - performance_weight) * experience
    return clip(mixed, -1.0, 1.0)


@rule
def satisfaction_after(satisfaction: float, judgement: float, speed: float) -> float:
    """Satisfaction moves a share `speed` towards the newest judgement."""
    return satisfaction + speed * (judgement - satisfaction)


@rule
def served_satisfaction(
    satisfaction: float, weight: float, perceived: float, bad_is_stronger: float
) -> float:
    """What one encounter after the purchase does, in proportion to the room left."""
    if perceived >= 0.0:
        return satisfaction + weight * perceived * (1.0 - satisfaction) / 2.0
    step = min(1.0, weight * bad_is_stronger)
    return satisfaction + step * perceived * (1.0 + satisfaction) / 2.0


@rule
def hurt_by_judgement(hurt: float, before: float, after: float) -> float:
    """Hurt after a judgement: what satisfaction lost below 0 can be given back by recovery."""
    return hurt + max(0.0, min(before, 0.0) - after)


@rule
def hurt_by_service(hurt: float, before: float, after: float) -> float:
    """Hurt after an encounter of an owner: all that it took can be given back."""
    return hurt + max(0.0, before - after)


@rule
def regained(hurt: float, share: float, felt: float, served: bool) -> float:
    """What recovery gives back: a share of the hurt, if one was served and not badly."""
    if served and felt >= 0.0 and share > 0.0:
        return share * hurt
    return 0.0


@rule
def loyalty_after(loyalty: float, gain: float, satisfaction: float) -> float:
    """Habit grows with a satisfying purchase and shrinks with a disappointing one."""
    if satisfaction >= 0.0:
        return loyalty + gain * satisfaction * (1.0 - loyalty)
    return loyalty + gain * satisfaction * loyalty


@rule
def shifted_chance(chance: float, effect: float, satisfaction: float) -> float:
    """A chance whose log-odds satisfaction lowers by effect x satisfaction; exact at 0."""
    return chance / (chance + (1.0 - chance) * exp(effect * satisfaction))


@rule
def recommendation(satisfaction: float, neutral: float, slope: float) -> int:
    """Answer 0 .. 10 to "how likely are you to recommend us", from satisfaction.

    `neutral` + `slope` x satisfaction, rounded. With 5 and 5: 9 and 10 (promoters) from .7, 6 and
    below (detractors) under .3.
    """
    return int(clip(math.floor(neutral + slope * satisfaction + 0.5), 0.0, 10.0))


@rule
def price_against_renewal(
    effect: float,
    sensitivity: float,
    price: float,
    usual: float,
    income: float,
) -> float:
    """What the price adds to the log-odds of ending a subscription.

    effect x sensitivity x (price - usual) / income, with `usual` what one compares it with
    (`usual_price`) and the income of a period. A reference price (Winer 1986); linear, as an
    assumption.
    """
    if income <= 0.0:
        return 0.0
    return effect * sensitivity * (price - usual) / income


@rule
def usual_price(paid: float, rival: float, switching_cost: float) -> float:
    """What a subscriber compares the price with: what it paid last, or what a rival would cost.

    `rival`: the cheapest of its offers; `switching_cost`: what going there costs beside it.
    """
    return min(paid, rival + switching_cost)


@rule
def cancel_chance(
    churn: float,
    satisfaction_effect: float,
    satisfaction: float,
    loyalty_effect: float,
    loyalty: float,
    price: float,
) -> float:
    """Chance not to renew: `churn`, whose log-odds satisfaction and loyalty lower and `price`
    (`price_against_renewal`) raises. With these effects at 0 each customer has its own `churn` in
    every period: the shifted-beta-geometric model (Fader & Hardie 2007).
    """
    holds = satisfaction_effect * satisfaction + loyalty_effect * loyalty - price
    return churn / (churn + (1.0 - churn) * exp(holds))


@rule
def left_after_lapse(stock: float, forgets: float) -> float:
    """What is left of a stock when somebody stops being a customer."""
    return stock * (1.0 - forgets)


@rule
def withdrawal_chance(chance: float, felt: float, bad_is_stronger: float) -> float:
    """Chance that a permitted contact ends the permission; an unpleasant one more often.

    chance x (1 + bad_is_stronger x -felt) where it was felt below 0 (the form is an assumption).
    """
    if felt >= 0.0:
        return chance
    return min(1.0, chance * (1.0 - bad_is_stronger * felt))
