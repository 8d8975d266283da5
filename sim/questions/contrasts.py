"""Weighted sums of runs that share their luck, customer by customer.

What a touchpoint adds is one run less another; a Shapley value is a weighted sum of many. All
of them are *contrasts*: sum over runs k of w_k x outcome of run k. Because every run has the
same customers with the same luck, the sum is formed for each customer i first,
C_i = sum_k w_k x_ik, and its total has the standard error s(C) sqrt(n) over n customers, as in
`sim.measures.incrementality`. Runs are made one at a time and let go.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sim.measures.incrementality import OUTCOMES, effect, own_outcomes
from sim.measures.intervals import Effect
from sim.model.columns import Reals
from sim.records.recorder import Records
from sim.runs.run import Run
from sim.runs.store import Keep, pack_arrays, unpack_arrays
from sim.vocabulary import MINOR_UNITS

BASE = "base"  # the run in which nothing is changed


class Contrast(NamedTuple):
    """A weighted sum of runs: `weights` by the name of a run."""

    kind: str
    name: str  # the touchpoint or group it is about
    factor: float | None  # of a point on a response curve
    placed_on: Sequence[str]  # the touchpoints whose own spend counts as placed
    weights: Mapping[str, float]


class Found(NamedTuple):
    """A contrast of one seed: people and money of the whole population."""

    contrast: Contrast
    outcomes: Mapping[str, Effect]  # of OUTCOMES
    spend: float
    placed: float
    independent_se: float  # of its margin, had every run luck of its own

    @property
    def profit(self) -> Effect:
        """Margin less spend; its standard error takes the spend as it was found."""
        margin = self.outcomes["margin"]
        return Effect(margin.value - self.spend, margin.se)


@dataclass
class _Sum:
    """What a contrast has added up so far."""

    own: dict[str, Reals]
    spend: Reals
    variance: float = 0.0  # of the margin, with independent luck; per customer
    missing: set[str] = field(default_factory=set)

    def add(self, weight: float, own: Mapping[str, Reals], spend: Reals) -> None:
        """Add a run."""
        for name in OUTCOMES:
            self.own[name] += weight * own[name]
        self.spend += weight * spend
        self.variance += weight * weight * float(own["margin"].var())


class Lived(NamedTuple):
    """What came of one run, customer by customer."""

    own: Mapping[str, Reals]  # of OUTCOMES, (n,) each, as `own_outcomes` counts them
    spend: Reals  # (touchpoints,) over the run, in currency
    touchpoints: Sequence[str]
    scale: float  # people that a simulated customer stands for


def lived(one: Run) -> Lived:
    """What came of a run."""
    return lived_in(one.records)


def lived_in(records: Records) -> Lived:
    """What came of the run that left these records."""
    names = list(records.scenario.touchpoints)
    return Lived(own_outcomes(records), records.spend.sum(axis=0), names, records.people_per_agent)


def pack_lived(found: Lived) -> bytes:
    """What came of a run, for `unpack_lived`."""
    return pack_arrays(
        {
            **found.own,
            "spend": found.spend,
            "touchpoints": np.array(found.touchpoints, dtype=np.str_),
            "scale": np.array([found.scale]),
        }
    )


def unpack_lived(content: bytes) -> Lived:
    """What was packed, equal to the last bit."""
    found = unpack_arrays(content)
    own = {name: found[name] for name in OUTCOMES}
    return Lived(own, found["spend"], found["touchpoints"].tolist(), float(found["scale"][0]))


LIVED = Keep("outcomes of each customer", lived, pack_lived, unpack_lived)


def evaluate(
    contrasts: Sequence[Contrast], runs: Sequence[str], make: Callable[[str], Lived]
) -> list[Found]:
    """Every contrast, in the order given.

    `runs`: names of the runs in the order in which `make` is to give them, `BASE` first.
    """
    base_own, base_spend, touchpoints, scale = make(BASE)
    customers = len(base_own["margin"])
    sums: dict[int, _Sum] = {}
    found: dict[int, Found] = {}

    def finish(place: int, total: _Sum) -> None:
        contrast = contrasts[place]
        weight = contrast.weights.get(BASE, 0.0)
        total.add(weight, base_own, base_spend)
        outcomes = {name: effect(name, total.own[name], scale) for name in OUTCOMES}
        on = [list(touchpoints).index(name) for name in contrast.placed_on]
        found[place] = Found(
            contrast,
            outcomes,
            float(total.spend.sum()),
            float(total.spend[on].sum()),
            math.sqrt(total.variance * customers) * scale / MINOR_UNITS,
        )

    for run in (name for name in runs if name != BASE):
        own, spend, _, _ = make(run)
        for place, contrast in enumerate(contrasts):
            if run not in contrast.weights:
                continue
            if place not in sums:
                sums[place] = _Sum(
                    {name: np.zeros(customers) for name in OUTCOMES},
                    np.zeros(len(touchpoints)),
                    missing=set(contrast.weights) - {BASE},
                )
            sums[place].add(contrast.weights[run], own, spend)
            sums[place].missing.discard(run)
            if not sums[place].missing:
                finish(place, sums.pop(place))
    return [found[place] for place in range(len(contrasts))]


def shapley_weights(players: Sequence[str]) -> dict[str, dict[frozenset[str], float]]:
    """The Shapley value of each player as weights of coalitions, by the set that takes part.

    With n players, a coalition S that holds the player counts (|S| - 1)! (n - |S|)! / n!, one
    that does not -|S|! (n - |S| - 1)! / n! (Shapley 1953): the mean, over all orders in which
    the players may come in, of what each adds when it comes.
    """
    n = len(players)
    every = [
        frozenset(player for place, player in enumerate(players) if number >> place & 1)
        for number in range(1 << n)
    ]
    orders = math.factorial(n)
    weights: dict[str, dict[frozenset[str], float]] = {}
    for player in players:
        mine: dict[frozenset[str], float] = {}
        for coalition in every:
            size = len(coalition)
            if player in coalition:
                mine[coalition] = math.factorial(size - 1) * math.factorial(n - size) / orders
            else:
                mine[coalition] = -math.factorial(size) * math.factorial(n - size - 1) / orders
        weights[player] = mine
    return weights
