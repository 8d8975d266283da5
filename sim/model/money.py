"""Money: what a touchpoint's day costs the firm, and what a customer has to spend."""

import math

from sim.compiled import rule
from sim.model.traits import lognormal
from sim.vocabulary import Starts, code_of

PUSH = code_of(Starts.PUSH)


@rule
def refilled(money: float, income_per_day: float, days: int, budget: float) -> float:
    """What a customer has to spend after so many days: income fills it up to the budget."""
    return min(budget, money + income_per_day * days)


@rule
def wallet(budget: float, income_per_day: float, period_days: int) -> float:
    """What a price is held against: the budget, or for a subscription a period's income."""
    if period_days > 0:
        return income_per_day * period_days
    return budget


@rule
def can_pay(price: float, money: float, income_per_day: float, period_days: int) -> bool:
    """Whether a price can be paid: out of what there is, or a subscription's out of income."""
    return price <= wallet(money, income_per_day, period_days)


@rule
def basket_factor(sd_between: float, sd_within: float, z_customer: float, z_order: float) -> float:
    """Size of an order against the offer's: lognormal with mean 1.

    `sd_between`, `sd_within`: of its logarithm, between customers and between a customer's
    orders; `z_customer`, `z_order`: standard normal, cut at five.
    """
    variance = sd_between * sd_between + sd_within * sd_within
    if variance <= 0.0:
        return 1.0
    own = lognormal(0.0, sd_between, z_customer)
    return own * lognormal(-variance / 2.0, sd_within, z_order)


@rule
def in_basket(minor: int, factor: float) -> int:
    """Minor units of money times the size of an order, to whole units."""
    return int(math.floor(minor * factor + 0.5))


@rule
def running_cost(
    per_day: float,
    visits: int,
    per_visit: float,
    sales: float,
    commission: float,
    staff: float,
    people_per_agent: float,
) -> float:
    """What a touchpoint's day costs beside contacts and budgets: currency, whole population.

    `visits`: simulated, each click and visit at `per_visit`; `sales`: revenue of simulated orders,
    of which `commission` is a share; `staff`: the wages of the day.
    """
    money = per_day
    money += visits * per_visit * people_per_agent
    money += sales * commission * people_per_agent
    return money + staff


@rule
def spend_of_day(
    running: float,
    contacts: int,
    per_contact: float,
    people_per_agent: float,
    starts: int,
    budget: float,
    has_audience: float,
    unspent: float,
    cap: int,
) -> float:
    """Money spent on a touchpoint today: currency, whole population.

    `running`: see `running_cost`; `budget`: today's, below 0 where there is none. Without one each
    contact is paid. A paid push spends its budget where anybody can meet it; with a cap on the
    contacts of a day (`cap`, 0: none) no more than its contacts cost. A search pays its
    clicks, within what its budgets of all days so far have left (`unspent`, today's included):
    clicks vary by chance around what a day's budget buys, and platforms let a dear day pass and
    hold to the budget of many: support.google.com/google-ads/answer/1704443
    """
    if budget < 0.0:
        return running + contacts * per_contact * people_per_agent
    if starts == PUSH:
        spent = budget * has_audience
        if cap > 0:
            spent = min(spent, contacts * per_contact * people_per_agent)
        return running + spent
    return min(running, unspent)
