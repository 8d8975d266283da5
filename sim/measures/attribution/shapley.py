"""Shapley value: a touchpoint is worth what it adds to the others, over all orders of joining.

A *game* gives every set S of touchpoints a worth v(S), v of nothing being 0. The Shapley value
of touchpoint c among n is (Shapley 1953; for attribution: Dalessandro, Perlich, Stitelman &
Provost 2012)

    sum over S without c of |S|! (n - |S| - 1)! / n! x (v(S with c) - v(S)),

and the values add up to v of all. Only the set of touchpoints on a path counts here, not their
order or repetition. Two games are played:

- *count*: v(S) = conversions of paths whose touchpoints all lie in S. This is a sum of games,
  one for each path, worth its conversions as soon as all of its touchpoints are there; by
  symmetry such a game gives each of them the same. So the value is exact without a look at
  any coalition: each path with a set of k touchpoints gives each of them 1/k of its
  conversions. It takes any number of touchpoints. Paths without a conversion play no part.
- *rate*: v(S) = conversions / paths, of those whose touchpoints all lie in S; 0 where there are
  none. The values add up to the overall conversion rate and are scaled to the conversions.
  Unlike the count it sees paths without a conversion, and a touchpoint that people meet
  without buying may get less than nothing. A ratio is no sum of games, so all 2^n coalitions
  of the n touchpoints that occur are enumerated, in n 2^n steps, up to n = 22.
"""

from __future__ import annotations

import numpy as np

from sim.measures.attribution.paths import Paths, Reals, summed
from sim.model.columns import Integers

MOST_PLAYERS = 22  # whose coalitions fit in memory: 2^22 numbers are 32 MB


def shapley_of_game(worth: Reals) -> Reals:
    """The Shapley value of each of n players, (n,), in the unit of `worth`.

    `worth` (2^n,): v of the set whose members are the bits of the index; v of nothing is 0.
    Raises ValueError if the length is no power of 2, is above 2^22, or v of nothing is not 0.
    """
    n = len(worth).bit_length() - 1
    if len(worth) != 1 << n or n > MOST_PLAYERS:
        raise ValueError(f"a game has 2^n coalitions, n at most {MOST_PLAYERS}")
    if worth[0] != 0.0:
        raise ValueError("the worth of nothing is 0")
    size: Integers = np.zeros(1, dtype=np.int64)
    for _ in range(n):
        size = np.concatenate([size, size + 1])
    # |S|! (n - |S| - 1)! / n!, for |S| = 0 to n - 1, each from the one before
    weight = np.ones(max(1, n))
    for k in range(n):
        weight[k] = 1.0 / n if k == 0 else weight[k - 1] * k / (n - k)
    value: Reals = np.zeros(n)
    for c in range(n):
        halves = worth.reshape(-1, 2, 1 << c)
        others = size.reshape(-1, 2, 1 << c)[:, 0]
        value[c] = (weight[others] * (halves[:, 1] - halves[:, 0])).sum()
    return value


def shapley(paths: Paths) -> Reals:
    """Value in the game of conversion counts. (K,) conversions."""
    k = len(paths.names)
    members = np.unique(paths.path * k + paths.touch)
    path = members // k
    size = np.bincount(path, minlength=len(paths))
    return summed(members % k, paths.conversions[path] / size[path], k)


def players(paths: Paths) -> Integers:
    """The touchpoints that occur on any path."""
    found: Integers = np.unique(paths.touch)
    return found


def shapley_rate(paths: Paths) -> Reals:
    """Value in the game of conversion rates, scaled to the conversions. (K,) conversions.

    Raises ValueError if more than 22 touchpoints occur.
    """
    who = players(paths)
    n = len(who)
    if n > MOST_PLAYERS:
        raise ValueError(f"{n} touchpoints occur; coalitions of at most {MOST_PLAYERS}")
    credit: Reals = np.zeros(len(paths.names))
    if paths.total <= 0.0:
        return credit
    member = np.unique(paths.path * n + np.searchsorted(who, paths.touch))
    coalition = summed(member // n, 2.0 ** (member % n), len(paths)).astype(np.int64)
    won = _within(summed(coalition, paths.conversions, 1 << n))
    seen = _within(summed(coalition, paths.conversions + paths.nulls, 1 << n))
    rate = np.divide(won, seen, out=np.zeros_like(won), where=seen > 0.0)
    credit[who] = shapley_of_game(rate) * (paths.total / rate[-1])
    return credit


def _within(exactly: Reals) -> Reals:
    """For each set, the sum over its subsets. Both (2^n,)."""
    sums = exactly.copy()
    step = 1
    while step < len(sums):
        halves = sums.reshape(-1, 2, step)
        halves[:, 1] += halves[:, 0]
        step *= 2
    return sums
