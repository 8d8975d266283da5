"""What somebody asked by a survey intends, as the mind stands: the model's rules on a row."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.elementary import exp
from sim.model.choice import brand_utility, need_fit, value_for_money
from sim.model.columns import CHOICE_HABIT, OWN_BRAND, Reals, Tables
from sim.model.money import can_pay, refilled, wallet
from sim.model.perception import consider_chance, remembered
from sim.model.surveys import considered_then, need_within
from sim.vocabulary import Relationship


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
