"""Markov removal effects: a touchpoint is worth the conversions that its loss would cost.

All paths together make a chain (Anderl, Becker, von Wangenheim & Schumann 2016): from *start*
through touches to *conversion* or to *null*. The state of a visitor is its last touch (first
order), or its last two (second order; after the first touch, that one). The chance to go from
state a to state b is the number of times that this happened in the paths / the number of times
that a was left.

- *conversion chance* P: from start, to reach conversion before null. It equals conversions /
  (conversions + nulls) of the data.
- *removal effect* of touchpoint c: 1 - P_c / P, P_c being the chance when everybody who would
  touch c goes to null instead.
- *credit* of c: all conversions x removal effect of c / sum of the removal effects.

Both chances are solved for, not simulated. With Q the chances between touch states and
N = (I - Q)^-1 the expected visits, let s be the row of first touches, x the chances of
conversion from each state, and C the states whose last touch is c. A visitor reaches C for
the first time in state j with chance h_j, h = (s N)_C (N_CC)^-1, so P_c = s x - h x_C.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve

from sim.measures.attribution.paths import Paths, Reals, summed
from sim.model.columns import Integers


class Chain(NamedTuple):
    """The chain of m touch states; what a row lacks to 1 goes to null."""

    first: Reals  # (m,) chance that the first touch leads to the state
    moves: Reals  # (m, m) chance to go from state to state
    converts: Reals  # (m,) chance to go from the state to conversion
    last: Integers  # (m,) the touchpoint of the state's last touch


def chain_of(paths: Paths, order: int = 1) -> Chain:
    """The chain of the paths. `order`: how many of the last touches a state remembers, 1 or 2.

    States are those that occur in a path with a conversion or a null. Raises ValueError for
    any other order.
    """
    if order not in (1, 2):
        raise ValueError("a chain has order 1 or 2")
    k = len(paths.names)
    weight = (paths.conversions + paths.nulls)[paths.path]
    counted = weight > 0.0
    before = np.full(len(paths.touch), -1, dtype=np.int64)
    if order == 2:
        before[1:] = paths.touch[:-1]
        before[paths.start[:-1]] = -1
    # the place of a state: its touch before the last (none: 0), and its last one
    known, state = np.unique(((before + 1) * k + paths.touch)[counted], return_inverse=True)
    m = len(known)
    path, place = paths.path[counted], paths.place[counted]
    weight = weight[counted]
    is_end = place == paths.lengths[path] - 1
    left = summed(state, weight, m)
    converted = summed(state[is_end], paths.conversions[path[is_end]], m)
    first = summed(state[place == 0], weight[place == 0], m)
    goes_on = np.flatnonzero(~is_end)
    pairs = state[goes_on] * m + state[goes_on + 1]
    moves = summed(pairs, weight[goes_on], m * m).reshape(m, m)
    whole = first.sum()
    return Chain(
        first=first / whole if whole else first,
        moves=moves / left[:, None],
        converts=converted / left,
        last=known % k,
    )


def removal_effects(paths: Paths, order: int = 1) -> Reals:
    """Share of the conversions that the loss of each touchpoint would cost, (K,), 0 to 1.

    All 0 if there is no conversion. Raises ValueError for an order other than 1 and 2.
    """
    effects: Reals = np.zeros(len(paths.names))
    chain = chain_of(paths, order)
    if paths.total <= 0.0:
        return effects
    m = len(chain.first)
    factors = lu_factor(np.eye(m) - chain.moves)
    visits = lu_solve(factors, chain.first, trans=1)
    chance = lu_solve(factors, chain.converts)
    whole = float(chain.first @ chance)
    for c in np.unique(chain.last):
        gone = np.flatnonzero(chain.last == c)
        returns = lu_solve(factors, _columns(m, gone))[gone]
        reached = np.linalg.solve(returns.T, visits[gone])
        effects[c] = float(reached @ chance[gone]) / whole
    return np.clip(effects, 0.0, 1.0)  # exact up to rounding


def _columns(m: int, places: NDArray[np.intp]) -> Reals:
    """The columns of the unit matrix of size m at these places."""
    unit: Reals = np.zeros((m, len(places)))
    unit[places, np.arange(len(places))] = 1.0
    return unit


def markov(paths: Paths, order: int = 1) -> Reals:
    """The conversions in proportion to the removal effects. (K,) conversions."""
    effects = removal_effects(paths, order)
    whole = effects.sum()
    return effects * (paths.total / whole) if whole else effects
