"""Paired seeds share their luck, so that a small change of a lever shows through the noise.

A small measurement: twelve seeds of a small shop. A ratio of two variances of twelve values
each is off by a factor of 8 at most (F distribution, .999), and the bounds leave room for it.
"""

import pytest

from sim.model.columns import Count
from sim.theory.bare import Piece
from tools.paired import count, values
from worlds.shop import SHOP, shop

SEEDS, OTHER_SEEDS = range(12), range(100, 112)
BETTER = 1.05
bought = count(Count.PURCHASES)


def quality(name: str) -> Piece:
    """5 % better quality of one touchpoint."""
    mean = SHOP["touchpoints"][name]["quality"]["mean"]
    return {"touchpoints": {name: {"quality": {"mean": mean * BETTER}}}}


def reach(name: str) -> Piece:
    """5 % more reach of one touchpoint, in every phase."""
    reaches = SHOP["touchpoints"][name]["reach"]
    return {"touchpoints": {name: {"reach": {k: v * BETTER for k, v in reaches.items()}}}}


def variance_ratio(change: Piece) -> float:
    """Variance of the difference in purchases with other seeds, over that with the same seeds."""
    base = values(shop(), bought, SEEDS)
    paired = values(shop(change), bought, SEEDS) - base
    apart = values(shop(change), bought, OTHER_SEEDS) - base
    return float(apart.var(ddof=1) / paired.var(ddof=1))


@pytest.mark.parametrize("name", ["site", "phone"])
def test_five_percent_of_quality_shows_through_the_noise(name: str) -> None:
    assert variance_ratio(quality(name)) > 30.0


@pytest.mark.parametrize("name", ["site", "letter"])
def test_five_percent_of_reach_shows_through_the_noise(name: str) -> None:
    assert variance_ratio(reach(name)) > 20.0
