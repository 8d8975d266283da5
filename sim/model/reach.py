"""Whom a touchpoint meets: rates of encounters from budgets, audiences and daily chances.

Everything is a Poisson intensity a day, because intensities multiply with affinity and add
up, and 1 - exp(-rate) is a chance whatever the lever does.
"""

from sim.compiled import rule
from sim.elementary import exp, expm1, log1p
from sim.vocabulary import Audience, Relationship, code_of

ROUNDED_UP = 1.0 + 1e-9  # far above what a few roundings of doubles can take away
CERTAIN = 50.0  # a rate whose chance rounds to 1 in double precision
PROSPECTS, CUSTOMERS = code_of(Audience.PROSPECTS), code_of(Audience.CUSTOMERS)
LAPSED, VISITORS = code_of(Audience.LAPSED), code_of(Audience.VISITORS)
PERMITTED = code_of(Audience.PERMITTED)
NOBODY, OWNER, GONE = (int(relationship) for relationship in Relationship)


@rule
def chance_of(rate: float) -> float:
    """Chance of at least one encounter at a Poisson rate: 1 - exp(-rate)."""
    return -expm1(-rate)


@rule
def most_chance(rate: float) -> float:
    """What `chance_of(rate)` does not exceed, from + and x alone.

    1 - exp(-r) <= r - r^2 / 2 + r^3 / 6 (its series alternates), a little more for rounding.
    """
    return min(1.0, rate * (1.0 - rate * (0.5 - rate / 6.0)) * ROUNDED_UP)


@rule
def rate_of(chance: float) -> float:
    """The Poisson rate whose chance of at least one encounter is `chance`."""
    if chance >= 1.0:
        return CERTAIN
    return -log1p(-chance)


@rule
def may_meet(audience: int, relationship: int, permission: int, visited: int) -> bool:
    """Whether a customer in this state belongs to the touchpoint's audience."""
    if audience == PROSPECTS:
        return relationship == NOBODY
    if audience == CUSTOMERS:
        return relationship == OWNER
    if audience == LAPSED:
        return relationship == GONE
    if audience == VISITORS:
        return visited != 0
    if audience == PERMITTED:
        return permission != 0
    return True


@rule
def push_rate(contacts: float, weight: float, audience: float) -> float:
    """Contacts per customer and day when `contacts` fall at random on a weighted audience.

    With weight 1 for everybody: contacts / audience, so that the share reached is
    1 - exp(-contacts / audience) and the frequency is Poisson (Poisson exposure model;
    Danaher 2007). Dividing by the weighted audience makes the money buy `contacts`
    whatever the weights are.
    """
    if audience <= 0.0:
        return 0.0
    return weight * contacts / audience


@rule
def contacts_met(u: float, rate: float) -> int:
    """Poisson number of contacts at `rate`, by inversion from the upper tail.

    The number is at least m when u < P(N >= m): a small `u` means many contacts, and
    raising the rate never lowers the number. u < 1 - exp(-rate) means at least one.
    """
    tail = -expm1(-rate)
    term = exp(-rate)
    number = 0
    while u < tail and number < 1000:
        number += 1
        term = term * rate / number
        tail = tail - term
    return number
