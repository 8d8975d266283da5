"""Whom a touchpoint meets: rates of encounters from budgets, audiences and daily chances.

Everything is a Poisson intensity a day, because intensities multiply with affinity and add
up, and 1 - exp(-rate) is a chance whatever the lever does.
"""

import math

from sim.compiled import rule

CERTAIN = 50.0  # a rate whose chance rounds to 1 in double precision
AUDIENCE_ALL, AUDIENCE_PROSPECTS, AUDIENCE_CUSTOMERS = 0, 1, 2
AUDIENCE_LAPSED, AUDIENCE_VISITORS, AUDIENCE_PERMITTED = 3, 4, 5
RELATION_NONE, RELATION_CUSTOMER, RELATION_LAPSED = 0, 1, 2


@rule
def chance_of(rate):  # type: ignore[no-untyped-def]
    """Chance of at least one encounter at a Poisson rate: 1 - exp(-rate)."""
    return -math.expm1(-rate)


@rule
def rate_of(chance):  # type: ignore[no-untyped-def]
    """The Poisson rate whose chance of at least one encounter is `chance`."""
    if chance >= 1.0:
        return CERTAIN
    return -math.log1p(-chance)


@rule
def may_meet(audience, relationship, permission, visited):  # type: ignore[no-untyped-def]
    """Whether a customer in this state belongs to the touchpoint's audience."""
    if audience == AUDIENCE_PROSPECTS:
        return relationship == RELATION_NONE
    if audience == AUDIENCE_CUSTOMERS:
        return relationship == RELATION_CUSTOMER
    if audience == AUDIENCE_LAPSED:
        return relationship == RELATION_LAPSED
    if audience == AUDIENCE_VISITORS:
        return visited != 0
    if audience == AUDIENCE_PERMITTED:
        return permission != 0
    return True


@rule
def push_rate(contacts, weight, audience):  # type: ignore[no-untyped-def]
    """Contacts per customer and day when `contacts` fall at random on a weighted audience.

    With weight 1 for everybody: contacts / audience, so that the share reached is
    1 - exp(-contacts / audience) and the frequency is Poisson (Poisson exposure model;
    e.g. Danaher 1992). Dividing by the weighted audience makes the money buy `contacts`
    whatever the weights are.
    """
    if audience <= 0.0:
        return 0.0
    return weight * contacts / audience


@rule
def contacts_met(u, rate):  # type: ignore[no-untyped-def]
    """Poisson number of contacts at `rate`, by inversion from the upper tail.

    The number is at least m when u < P(N >= m): a small `u` means many contacts, and
    raising the rate never lowers the number. u < 1 - exp(-rate) means at least one.
    """
    tail = -math.expm1(-rate)
    term = math.exp(-rate)
    number = 0
    while u < tail and number < 1000:
        number += 1
        term = term * rate / number
        tail = tail - term
    return number
