"""A small market written by hand, twice: loops for numba, and whole arrays for numpy.

Six phases, twelve touchpoints, interest that fades, a logistic chance to move on, purchase,
repeated purchase, and customers who drift away. `benchmarks.peers` holds the same market as a
scenario.

Both take a day after the other, as a market must whose customers act on each other through it.
"""

from dataclasses import dataclass, field
from math import exp
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.draws import MULTIPLIER_0, MULTIPLIER_1, ROUNDS, WEYL_0, WEYL_1, philox

LATENT, INTEREST, DESIRE, PURCHASE, LOYALTY, ADVOCACY = range(6)
PHASES = ("awareness", "interest", "desire", "purchase", "loyalty", "advocacy")
TOUCHPOINTS = 12

# What may happen to a customer on a day, in this order; each luck is its own.
NEED, FIRST_TOUCHPOINT = 0, 1
LEAVE, BACK, ADVANCE = 13, 14, 15
CANDIDATES = 16


def _reach() -> NDArray[np.float64]:
    """Chance of an encounter on a day, (touchpoint, phase)."""
    reach = np.zeros((TOUCHPOINTS, len(PHASES)))
    reach[0] = 0.02, 0.02, 0.01, 0.0, 0.01, 0.01  # of five, all but those who are buying
    reach[1] = 0.015, 0.015, 0.01, 0.0, 0.015, 0.015
    reach[2] = 0.005, 0.005, 0.005, 0.0, 0.0, 0.0
    reach[3] = 0.005, 0.005, 0.005, 0.0, 0.005, 0.01
    reach[4] = 0.01, 0.01, 0.01, 0.0, 0.02, 0.02
    reach[5, INTEREST:LOYALTY] = 0.06, 0.05, 0.04  # of five, those who search
    reach[6, INTEREST:LOYALTY] = 0.03, 0.02, 0.0
    reach[7, INTEREST:LOYALTY] = 0.04, 0.03, 0.02
    reach[8, INTEREST:LOYALTY] = 0.1, 0.2, 0.3
    reach[9, INTEREST:LOYALTY] = 0.01, 0.05, 0.05
    reach[10, LOYALTY:] = 0.01, 0.015  # of two, customers
    reach[11, LOYALTY:] = 0.01, 0.02
    return reach


@dataclass(frozen=True)
class Small:
    """The small market's numbers; per phase where they are tuples, and a day."""

    need: float = 0.008  # chance of a need, where none is felt
    reach: NDArray[np.float64] = field(default_factory=_reach)
    gain: tuple[float, ...] = (0.02, 0.03, 0.02, 0.05, 0.1, 0.1, 0.2, 0.1, 0.15, 0.05, 0.2, 0.1)
    half_life: float = 17.5  # days, of interest
    leave: tuple[float, ...] = (0.0, 0.03, 0.03, 0.1, 0.003, 0.003)
    back: tuple[float, ...] = (0.0, 0.0, 0.02, 0.0, 0.0, 0.01)
    pace: tuple[float, ...] = (0.0, 0.3, 0.35, 0.4, 0.02, 0.0)
    bias: tuple[float, ...] = (0.0, -0.5, -0.5, -3.0, -1.0, 0.0)
    weight: tuple[float, ...] = (0.0, 1.5, 1.5, 2.0, 1.0, 0.0)  # of e / (1 + e)
    customers: float = 0.15  # share who are customers at the start

    def chances(self) -> NDArray[np.float64]:
        """The highest chance of each candidate, (phase, candidate)."""
        found = np.zeros((len(PHASES), CANDIDATES))
        found[[LATENT, LOYALTY, ADVOCACY], NEED] = self.need
        found[:, FIRST_TOUCHPOINT:LEAVE] = self.reach.T
        found[:, LEAVE], found[:, BACK], found[:, ADVANCE] = self.leave, self.back, self.pace
        return found


SMALL = Small()


@dataclass(frozen=True)
class Sums:
    """What a run of so many customers and days came to."""

    purchases: int
    encounters: int


# --- for numba ---

PURPOSES = BEGIN, DAYS, MORE = 0, 1, 2  # of draws
SHARE = 1.0 / 4294967296.0  # of a word
u32, u64 = np.uint32, np.uint64
M0, M1, HIGH = u64(MULTIPLIER_0), u64(MULTIPLIER_1), u64(32)
MASK = 0xFFFFFFFF


@njit
def fill_words(four_days: int, keys: NDArray[np.uint32], words: NDArray[np.uint32]) -> None:
    """A word for each customer and each of four days, (4, n): one block gives a customer's four."""
    for i in range(words.shape[1]):  # compiled to vector instructions
        c0, c1, c2, c3 = u32(i), u32(four_days), u32(DAYS), u32(0)
        for r in range(ROUNDS):
            p0, p1 = M0 * u64(c0), M1 * u64(c2)
            c0 = u32(p1 >> HIGH) ^ c1 ^ keys[r, 0]
            c2 = u32(p0 >> HIGH) ^ c3 ^ keys[r, 1]
            c1, c3 = u32(p1), u32(p0)
        words[0, i] = c0
        words[1, i] = c1
        words[2, i] = c2
        words[3, i] = c3


@njit
def pick(
    words: NDArray[np.uint32],
    phase: NDArray[np.uint8],
    below: NDArray[np.uint32],
    active: NDArray[np.uint32],
) -> int:
    """Fill `active` with those to whom anything may happen today; returns how many they are."""
    used = 0
    for i in range(len(phase)):
        active[used] = i
        used += words[i] < below[phase[i]]
    return used


@njit
def live_by_hand(
    seed: int,
    day: int,
    words: NDArray[np.uint32],
    active: NDArray[np.uint32],
    phase: NDArray[np.uint8],
    owner: NDArray[np.uint8],
    interest: NDArray[np.float32],
    since: NDArray[np.int16],
    ever: NDArray[np.float64],
    bias: NDArray[np.float64],
    weight: NDArray[np.float64],
    gain: NDArray[np.float64],
    decay: NDArray[np.float64],
    sums: NDArray[np.int64],
) -> None:
    """A day of the active. `ever[p, k]`: chance that any of the candidates 0 .. k happens.

    The word says which candidate is the first; what is left says which is the next, each time with
    one more draw, the last of which decides whether a move that may happen does.
    """
    for place in range(len(active)):
        i = active[place]
        p = phase[i]
        u = words[i] * SHARE
        k = 0
        w0, w1, w2, w3, left = 0, 0, 0, 0, 0
        drawn = 0
        while True:
            while k < CANDIDATES and ever[p, k] <= u:
                k += 1
            if k == CANDIDATES:
                break
            if left == 0:
                w0, w1, w2, w3 = philox(i, day, MORE, drawn, seed)
                drawn += 1
                left = 4
            more = w0 * SHARE
            w0, w1, w2 = w1, w2, w3
            left -= 1
            if k == NEED:
                p = INTEREST
                u = more
                k = FIRST_TOUCHPOINT
                continue
            if k < LEAVE:
                j = k - FIRST_TOUCHPOINT
                interest[i] = interest[i] * decay[day - since[i]] + gain[j]
                since[i] = day
                sums[FIRST_TOUCHPOINT + j] += 1
            elif k == LEAVE:
                if p >= LOYALTY:
                    owner[i] = 0
                p = LOYALTY if owner[i] else LATENT
                break
            elif k == BACK:
                p -= 1
                break
            else:
                e = interest[i] * decay[day - since[i]]
                if more * (1.0 + exp(-bias[p] - weight[p] * (e / (1.0 + e)))) < 1.0:
                    if p == PURCHASE:
                        sums[0] += 1
                        owner[i] = 1
                    p += 1
                break
            u = ever[p, k] + more * (1.0 - ever[p, k])
            k += 1
        phase[i] = p


@njit
def begin_by_hand(
    seed: int, customers: float, phase: NDArray[np.uint8], owner: NDArray[np.uint8]
) -> None:
    """Who is a customer on day 0."""
    for i in range(len(phase)):
        if philox(i, 0, BEGIN, 0, seed)[0] * SHARE < customers:
            phase[i] = LOYALTY
            owner[i] = 1


def by_hand(market: Small, agents: int, days: int, *, seed: int) -> Sums:
    """The market in loops of numba, thinned: one word asks whether anything happens on a day."""
    ever = 1.0 - np.cumprod(1.0 - market.chances(), axis=1)
    below = np.ceil(ever[:, -1] / SHARE).astype(np.uint32)
    low, high = seed & MASK, seed >> 32
    keys = [((low + r * WEYL_0) & MASK, (high + r * WEYL_1) & MASK) for r in range(ROUNDS)]
    round_keys = np.array(keys, dtype=np.uint32)
    phase = np.zeros(agents, np.uint8)
    owner = np.zeros(agents, np.uint8)
    interest = np.zeros(agents, np.float32)
    since = np.zeros(agents, np.int16)
    active = np.zeros(agents + 1, np.uint32)
    words = np.zeros((4, agents), np.uint32)
    bias, weight, gain = (np.array(each) for each in (market.bias, market.weight, market.gain))
    decay = 0.5 ** (np.arange(days) / market.half_life)
    sums = np.zeros(1 + TOUCHPOINTS, np.int64)
    begin_by_hand(seed, market.customers, phase, owner)
    for day in range(days):
        if day % 4 == 0:
            fill_words(day // 4, round_keys, words)
        today = words[day % 4]
        used = pick(today, phase, below, active)
        who = active[:used]
        mind = phase, owner, interest, since
        live_by_hand(seed, day, today, who, *mind, ever, bias, weight, gain, decay, sums)
    return Sums(int(sums[0]), int(sums[1:].sum()))


# --- for numpy ---


def whole_arrays(market: Small, agents: int, days: int, *, seed: int) -> Sums:
    """The market in whole arrays of numpy: every touchpoint asks every customer on every day."""
    draws = np.random.default_rng(seed)
    reach, gain, pace, leave, back, bias, weight = (
        np.array(each, np.float32)
        for each in (
            market.reach,
            market.gain,
            market.pace,
            market.leave,
            market.back,
            market.bias,
            market.weight,
        )
    )
    decay = np.float32(0.5 ** (1.0 / market.half_life))
    purchases = encounters = 0

    def below(chance: Any) -> NDArray[np.bool_]:
        return draws.random(agents, np.float32) < chance

    owner = below(market.customers)
    phase = np.where(owner, LOYALTY, LATENT).astype(np.int8)
    interest = np.zeros(agents, np.float32)
    for _ in range(days):
        phase[below(market.need) & ((phase == LATENT) | (phase >= LOYALTY))] = INTEREST
        interest *= decay
        for j in range(TOUCHPOINTS):
            met = below(reach[j][phase])
            interest += gain[j] * met
            encounters += int(np.count_nonzero(met))
        leaves = below(leave[phase])
        falls = below(back[phase]) & ~leaves
        logit = bias[phase] + weight[phase] * (interest / (1.0 + interest))
        moves = below(pace[phase] / (1.0 + np.exp(-logit))) & ~leaves & ~falls
        owner[leaves & (phase >= LOYALTY)] = False
        bought = moves & (phase == PURCHASE)
        purchases += int(np.count_nonzero(bought))
        owner |= bought
        phase += moves
        phase -= falls
        phase[leaves] = np.where(owner[leaves], LOYALTY, LATENT)
    return Sums(purchases, encounters)
