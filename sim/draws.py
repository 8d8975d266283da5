"""Random numbers without a generator: each draw is a pure function of its address.

A draw is addressed by (seed, purpose, customer, day, item). Two scenarios that share a
seed therefore share the luck of everything they have in common, whatever order, engine
or thread computes it, and one more customer changes nobody else's draws.

The function is Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers:
as easy as 1, 2, 3"), with the counter (customer, day, purpose, item) and the seed as key.
All arithmetic is on signed 64-bit integers holding 32-bit words: a product may wrap, but
the masks below give the same bits as Python's unbounded integers do.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import cast

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.vocabulary import MAX_SEED as MAX_SEED  # seeds are 0 to this

Integers = NDArray[np.int64]

MASK32 = 0xFFFFFFFF
MULTIPLIER_0 = 0xD2511F53
MULTIPLIER_1 = 0xCD9E8D57
WEYL_0 = 0x9E3779B9
WEYL_1 = 0xBB67AE85
ROUNDS = 10
LOTS_PER_BLOCK = 8  # one Philox block gives eight 16-bit lots
LOT_RANGE = 65536
SETUP_DAY = 0


class Draw(IntEnum):
    """What a draw decides: the `purpose` part of its address. Never renumber."""

    SEGMENT = 0
    TRAIT = 1
    START = 2
    LOTS = 3
    LOT_FRACTION = 4
    NEED = 5
    CONSIDERATION = 6
    AFFINITY = 7
    QUALITY = 8
    CLICK = 9
    PERMISSION = 10
    ADDED = 11
    BACK = 12
    SKIP = 13
    DEPARTURE = 14
    CHOICE = 15
    CHECKOUT = 16
    ADD_ON = 17
    PERFORMANCE = 18
    LAPSE = 19
    RENEWAL = 20
    TALK_SIGN = 21
    REVIEW = 22
    ARRIVAL = 23
    SERVICE = 24
    PATIENCE = 25
    LISTENER = 26
    PANEL = 27
    DEVICE = 28
    PURCHASE_DEVICE = 29
    CONSENT = 30
    LOGIN = 31
    WITHDRAWAL = 32
    BASKET = 33
    TURNOVER = 34
    UNSERVED = 35
    DAY_STATE = 36
    COMPANION = 37
    COMPANION_QUALITY = 38
    SURVEY = 39
    PICK_ANEW = 40
    OWN_RULE = 1000


LOTS, LOT_FRACTION = int(Draw.LOTS), int(Draw.LOT_FRACTION)


@rule
def philox(
    customer: int, day: int, purpose: int, item: int, seed: int
) -> tuple[int, int, int, int]:
    """Philox4x32-10: four 32-bit words (as integers) for one address.

    `customer`, `day`, `purpose`, `item`: integers, 0 to 2**32 - 1, the counter;
    `seed`: 0 to 2**63 - 1, the key (low word, high word).
    """
    c0, c1, c2, c3 = customer, day, purpose, item
    k0 = seed & MASK32
    k1 = (seed >> 32) & MASK32
    for _ in range(ROUNDS):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        c0 = ((product_1 >> 32) & MASK32) ^ c1 ^ k0
        c1 = product_1 & MASK32
        c2 = ((product_0 >> 32) & MASK32) ^ c3 ^ k1
        c3 = product_0 & MASK32
        k0 = (k0 + WEYL_0) & MASK32
        k1 = (k1 + WEYL_1) & MASK32
    return c0, c1, c2, c3


@rule
def u01(seed: int, purpose: int, customer: int, day: int, item: int) -> float:
    """One uniform number in [0, 1) with 53 random bits, for one address."""
    w0, w1, _, _ = philox(customer, day, purpose, item, seed)
    return ((w0 >> 5) * 67108864 + (w1 >> 6)) * (1.0 / 9007199254740992.0)


def u01_of_all(
    seed: int, purpose: Draw, customers: Integers, *, day: Integers | int, item: int
) -> NDArray[np.float64]:
    """`u01` of each of `customers` (n,), on one day or on a day of its own; the same bits.

    The rule is typed for the single numbers that kernels pass; its arithmetic works on arrays too.
    """
    draw = cast(Callable[..., NDArray[np.float64]], u01)
    return draw(seed, int(purpose), customers, day, item)


@rule
def lot(seed: int, customer: int, day: int, slot: int) -> int:
    """The customer's lot in daily lottery `slot`: an integer 0 to 65535.

    Eight lots share one Philox block, which makes it cheap to ask every day of every
    customer whether anything happens. `lot_wins` compares a lot with a probability.
    """
    words = philox(customer, day, LOTS, slot // LOTS_PER_BLOCK, seed)
    place = slot % LOTS_PER_BLOCK
    return (words[place // 2] >> (16 * (place % 2))) & 0xFFFF


@rule
def lot_fraction(seed: int, customer: int, day: int, slot: int) -> float:
    """What follows a lot's 16 bits: uniform in [0, 1) with 37, so that lot + fraction is exact."""
    w0, w1, _, _ = philox(customer, day, LOT_FRACTION, slot, seed)
    return ((w0 << 5) + (w1 >> 27)) * (1.0 / 137438953472.0)


@rule
def lot_u01(lot_value: int, seed: int, customer: int, day: int, slot: int) -> float:
    """The uniform number in [0, 1) whose first 16 bits are the lot; the rest are drawn here."""
    return (lot_value + lot_fraction(seed, customer, day, slot)) * (1.0 / LOT_RANGE)


@rule
def lot_wins(lot_value: int, chance: float, seed: int, customer: int, day: int, slot: int) -> bool:
    """Whether `lot_u01(...) < chance`, drawing the lower bits only where they decide.

    `chance`: probability, any float; a chance of 1 or more always wins, 0 or less never.
    """
    scaled = chance * LOT_RANGE
    if lot_value + 1 <= scaled:
        return True
    if lot_value >= scaled:
        return False
    return lot_fraction(seed, customer, day, slot) < scaled - lot_value
