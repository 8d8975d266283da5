"""What people asked by a survey think, and what they say."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.elementary import exp
from sim.model.choice import brand_utility, need_fit, value_for_money
from sim.model.columns import CHOICE_HABIT, OWN_BRAND, Reals, Tables
from sim.model.money import can_pay, refilled, wallet
from sim.model.perception import consider_chance, remembered
from sim.vocabulary import Relationship


@rule
def stated_importance(weight: float, needs: int, levelling: float) -> float:
    """What people say a need weighs, of so many: drawn towards all the same by `levelling`.

    (1 - levelling) x weight + levelling / needs, so that what is said adds up to 1 too. The form
    is an assumption.
    """
    return (1.0 - levelling) * weight + levelling / needs


@rule
def stated_intention(intention: float, kept: float) -> float:
    """The chance to buy that people state, of which they mean the share `kept`; at most 1.

    That intentions overstate: Chandon, Morwitz & Reinartz (2005); the form is an assumption.
    """
    return min(1.0, intention / kept)


@rule
def need_within(
    rate_per_day: float, season_cumulative: NDArray[np.float64], today: int, days: int
) -> float:
    """Chance that a need arises on one of the `days` after `today`; see `need.need_day`."""
    mass = rate_per_day * (season_cumulative[today + days + 1] - season_cumulative[today + 1])
    return 1.0 - exp(-mass)


@rule
def considered_then(owns: bool, loyalty: float, known: float) -> float:
    """Chance that a need that arises leads to the brand: out of loyalty, or by what is `known`."""
    loyal = 0.0
    if owns:
        loyal = min(1.0, loyalty)
    return loyal + (1.0 - loyal) * known


def intention_of(
    t: Tables, c: np.void, weights: NDArray[np.float32], *, day: int, within_days: int
) -> float:
    """The chance that somebody buys from the firm within so many days, as the mind stands tonight.

    Who is on a journey has the need, and considers the brand or not; for the others a need must
    arise and lead to the brand. Then the offers that can be paid are chosen between, the firm's
    against its rivals' (the shares of the logit without waiting). What is still to be met on the
    way, giving up and the checkout are not foreseen: more is intended than done. A subscriber has
    no needs: NaN. `c`: a row of CUSTOMER; `weights` (K,): on the needs; `day`: counted from the
    past's first.
    """
    if c["renewal_day"] >= 0:
        return float("nan")
    elapsed = day - int(c["stocks_day"])
    engagement = float(c["engagement"]) * float(t.engagement_decay[elapsed])
    loyalty = float(c["loyalty"]) * float(t.loyalty_decay[elapsed])
    experience = 0.0
    if t.searches[c["phase"]]:
        comes = float(c["considered"] != 0)
        held = (float(c[name]) for name in ("peak", "end", "total", "recalled"))
        experience = remembered(*held, *t.memory)
    else:
        left = float(t.awareness_decay[elapsed])
        known = consider_chance(float(c["awareness"]) * left, float(c["doubt"]) * left)
        season = t.season_cumulative[c["segment"]]
        comes = need_within(float(c["need_rate"]), season, day, within_days)
        comes *= considered_then(c["relationship"] == Relationship.CUSTOMER, loyalty, known)
    if comes <= 0.0:
        return 0.0
    feeling = brand_utility(
        t.choice_weights,
        float(c["trust"]),
        engagement,
        experience,
        float(c["satisfaction"]),
        loyalty,
    )
    own, rivals = _values(t, c, weights, day=day)
    return float(comes) * _share([value + feeling for value in own], rivals)


def _values(
    t: Tables, c: np.void, weights: NDArray[np.float32], *, day: int
) -> tuple[list[float], list[float]]:
    """Utilities, before feelings and luck, of the firm's and its rivals' offers that can be paid.

    The habit with the brand bought last is among them.
    """
    elapsed = day - int(c["stocks_day"])
    budget, income = float(c["budget"]), float(c["income"])
    money = refilled(float(c["money"]), income, elapsed, budget)
    habit = float(c["habit"]) * float(t.loyalty_decay[elapsed]) * t.choice_weights[CHOICE_HABIT]

    def value(appeal: float, attributes: Reals, price: float, *, period: int) -> float:
        """Of an offer; minus infinity where it cannot be paid."""
        if not can_pay(price, money, income, period):
            return -math.inf
        fit, held = need_fit(attributes, weights), wallet(budget, income, period)
        sensitivity = float(c["price_sensitivity"])
        return value_for_money(appeal, fit, price, sensitivity, held, t.choice_weights)

    own = [
        value(t.appeal[o], t.offer_attributes[o], price, period=int(t.income_days[o]))
        + (habit if c["brand"] == OWN_BRAND else 0.0)
        for o, price in enumerate(t.price)
        if day >= t.launch[o]
    ]
    rivals = [
        value(t.rival_strength[r], t.rival_attributes[r], price, period=int(t.rival_income_days[r]))
        + (habit if c["brand"] == t.rival_brand[r] else 0.0)
        for r, price in enumerate(t.rival_price)
    ]
    return [v for v in own if v > -math.inf], [v for v in rivals if v > -math.inf]


def _share(own: list[float], rivals: list[float]) -> float:
    """The chance that one of `own` is best when each has a Gumbel added; 0 if there is none."""
    if not own:
        return 0.0
    best = max(own + rivals)
    mine = sum(exp(float(value) - best) for value in own)
    return mine / (mine + sum(exp(float(value) - best) for value in rivals))
