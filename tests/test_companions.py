"""A companion's own experience of an encounter counts beside the customer's."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.day import run_fast
from sim.model.perception import shared_quality
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode
from worlds.markets import market

SURE, SD = 4.0, 0.2

# Everybody meets two touchpoints daily, of one of which a companion may be part.
PLACE = market(
    name="place",
    population=500,
    agents=500,
    days=40,
    panel=1.0,
    journey={
        "phases": {
            "home": {"kind": "latent"},
            "think": {"kind": "consider"},
            "buy": {"kind": "purchase"},
            "own": {"kind": "relate"},
        }
    },
    segments={
        "pairs": {"share": 0.5, "companion_share": 1.0, "companion_weight": 0.4},
        "some": {"share": 0.5, "companion_share": 0.3, "companion_weight": 1.0},
    },
    offers={"car": {"price": 100.0}},
    touchpoints={
        name: {
            "starts": "pull",
            "reach": {"home": 1.0},
            "quality": {"mean": 0.1, "sd": SD},
            "accompanied": name == "drive",
        }
        for name in ("drive", "site")
    },
)


def met(records: Records, touchpoint: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Segment and perceived quality of every encounter with a touchpoint."""
    events = records.events
    j = list(records.scenario.touchpoints).index(touchpoint)
    mine = events[(events["event"] == EventCode.ENCOUNTER) & (events["touchpoint"] == j)]
    return records.customers["segment"][mine["customer"]], mine["value"].astype(float)


@pytest.fixture(scope="module")
def lived() -> Records:
    return run_fast(PLACE, threads=1)


def test_two_experiences_vary_less_than_one_and_their_mean_is_the_same(lived: Records) -> None:
    """The variance is sd^2 ((1 - w)^2 + w^2); mean and variance of normal draws, 4 errors."""
    segment, quality = met(lived, "drive")
    for s, factor in ((0, math.sqrt(0.6**2 + 0.4**2)), (1, 1.0)):
        found, sd = quality[segment == s], SD * factor
        n = len(found)
        assert abs(found.mean() - 0.1) < SURE * sd / math.sqrt(n)
        assert abs(found.std() / sd - 1.0) < SURE / math.sqrt(2.0 * n)


def test_a_touchpoint_without_a_companion_is_as_before(lived: Records) -> None:
    """So is everybody who has none: the same draws, to the bit."""
    alone = run_fast(with_settings(PLACE, overrides=ALONE), threads=1)
    assert np.array_equal(met(lived, "site")[1], met(alone, "site")[1])
    segment, with_one = met(lived, "drive")
    _, without = met(alone, "drive")
    same = with_one == without
    assert not same[segment == 0].any()
    # each of 250 has one or not for good, and weighs as many encounters as any other
    people = np.count_nonzero(lived.customers["segment"] == 1)
    share = 1.0 - same[segment == 1].mean()
    assert abs(share - 0.3) < SURE * math.sqrt(0.3 * 0.7 / people)


ALONE = {f"segments.{name}.companion_share": 0.0 for name in ("pairs", "some")}


@pytest.mark.parametrize("field", ["companion_share", "companion_weight"])
def test_without_share_or_weight_it_is_off(field: str) -> None:
    off = {f"segments.{name}.{field}": 0.0 for name in ("pairs", "some")}
    nobody = with_settings(PLACE, overrides={"touchpoints.drive.accompanied": False})
    found, expected = (
        run_fast(one, threads=1).events for one in (with_settings(PLACE, overrides=off), nobody)
    )
    assert np.array_equal(found, expected)


def test_both_engines_find_the_same() -> None:
    small: Scenario = with_settings(PLACE, overrides={"agents": 60, "population": 60})
    fast, reference = run_fast(small, threads=1), run_reference(small)
    for name in ("drive", "site"):
        assert np.array_equal(met(fast, name)[1], met(reference, name)[1])


def test_whoever_has_a_companion_along_feels_what_it_feels() -> None:
    """Its own quality alone, the companion's alone, and half of each."""

    def felt(weight: float, *, along: bool = True) -> NDArray[np.float64]:
        few = {"agents": 30, "population": 30, "days": 4, "touchpoints.drive.accompanied": along}
        everybody = {f"segments.{name}.companion_share": 1.0 for name in ("pairs", "some")}
        weights = {f"segments.{name}.companion_weight": weight for name in ("pairs", "some")}
        changed = with_settings(PLACE, overrides=few | everybody | weights)
        return met(run_fast(changed, threads=1), "drive")[1]

    own, companions = felt(1.0, along=False), felt(1.0)
    assert len(own) == 120
    assert (own != companions).all()
    assert felt(0.5) == pytest.approx((own + companions) / 2.0, abs=1e-6)


def test_weights_from_one_s_own_to_the_companion_s() -> None:
    assert shared_quality(0.2, -0.6, 0.0) == 0.2
    assert shared_quality(0.2, -0.6, 0.5) == pytest.approx(-0.2)
    assert shared_quality(0.25, -0.5, 1.0) == -0.5
