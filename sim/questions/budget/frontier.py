"""The frontier: the best plan for each share of the total that is spent on keeping customers.

For a share k, the parts that win customers split (1 - k) of the total among them, and those that
keep customers split k of it, each side by Lagrange's condition on the response curves that were
measured around today's plan. Far from it the curves are carried on, which is an assumption; what
the plans truly do is found by runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sim.questions.budget.search import Limits
from sim.questions.budget.surrogate import Curve, best_split

POINTS = 10  # steps from 0 to 100 %


class PurposeSide(NamedTuple):
    """The parts with one purpose, their curves, and how far each can go."""

    names: Sequence[str]
    curves: Mapping[str, Curve]
    limits: Mapping[str, Limits]

    def split(self, total: float) -> dict[str, float]:
        """The best amounts of these parts that add up to the total, as far as they can."""
        curves = {name: self.curves[name] for name in self.names}
        high = {name: min(total, self.limits[name].high) for name in self.names}
        low = {name: min(self.limits[name].low, high[name]) for name in self.names}
        return best_split(curves, total, low, high=high).amounts


def shares_of() -> list[float]:
    """The shares that are tried: 0, 0.1, ... 1."""
    return [step / POINTS for step in range(POINTS + 1)]


def sides_at(sides: Sequence[PurposeSide], total: float, share: float) -> dict[str, float]:
    """The amounts with `share` of the total on the second side, the rest on the first."""
    winning, keeping = sides
    return winning.split(total * (1.0 - share)) | keeping.split(total * share)
