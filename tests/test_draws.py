"""Draws: the published generator, luck that is uniform and independent, and addresses that hold."""

import itertools
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy import stats

from sim.bundles import bundle
from sim.draws import (
    LOT_RANGE,
    MAX_SEED,
    Draw,
    lot,
    lot_fraction,
    lot_u01,
    lot_wins,
    philox,
    u01,
)
from sim.engine.day import FastMarket, run_fast
from sim.engine.lots import tile_hits
from sim.engine.state import WORD_SLOTS
from sim.model.columns import CUSTOMER, Count, Touch
from sim.records.recorder import Records, has_met
from sim.reference.market import run_reference
from sim.runs.run import run
from sim.scenario.schema import MOST_TOUCHPOINTS, Scenario
from sim.theory.bare import Piece, market, merged
from tools.paired import without

# The smallest p-value that passes. Addresses are fixed, so a test passes always or never;
# of a hundred tests of a perfect generator one in a thousand sets would fail.
SMALLEST_P = 1e-5
LIMIT = float(stats.norm.isf(SMALLEST_P / 2))

# Random123 1.14, examples/kat_vectors: philox 4x32 10, counter, key, result.
KNOWN = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@njit
def compiled_philox(c0, c1, c2, c3, seed):
    return philox(c0, c1, c2, c3, seed)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(
    counter: tuple[int, int, int, int], key: tuple[int, int], answer: tuple[int, ...]
) -> None:
    seed = key[0] | key[1] << 32
    assert philox(*counter, seed) == answer
    signed = seed - (1 << 64) if seed > MAX_SEED else seed  # the same 64 bits
    assert compiled_philox(*counter, signed) == answer


def test_an_address_is_customer_day_purpose_item_and_the_seed_the_key() -> None:
    words = philox(11, 22, int(Draw.QUALITY), 33, 44)
    expected = ((words[0] >> 5) * 2**26 + (words[1] >> 6)) / 2**53
    assert u01(44, int(Draw.QUALITY), 11, 22, 33) == expected


# Uniform and independent, along each part of an address.

SIZE = 8192
HERE = {"seed": 20_240_601, "purpose": int(Draw.CHOICE), "customer": 4321, "day": 77, "item": 2}
STEPS = {
    "seed": 1,
    "seed's high word": 1 << 32,
    "purpose": 1,
    "customer": 1,
    "day": 1,
    "item": 1,
    "far customers": 65_536,
}


@cache
def along(part: str) -> NDArray[np.float64]:
    """Draws whose addresses differ in one part only, by equal steps."""
    name = {"seed's high word": "seed", "far customers": "customer"}.get(part, part)
    start = HERE | {"purpose": 0} if name == "purpose" else HERE
    step = STEPS[part]
    return np.array([u01(**(start | {name: start[name] + k * step})) for k in range(SIZE)])


def chi_square_p(counts: NDArray[np.int64]) -> float:
    """Two-sided: counts that are too even are as suspicious as those that are too uneven."""
    p = float(stats.chisquare(counts).pvalue)
    return 2 * min(p, 1 - p)


@pytest.mark.parametrize("part", STEPS)
def test_draws_are_uniform(part: str) -> None:
    draws = along(part)
    assert chi_square_p(np.bincount((draws * 128).astype(int), minlength=128)) > SMALLEST_P
    low = np.floor(draws * 2**40) % 64  # the bits below the first forty
    assert chi_square_p(np.bincount(low.astype(int), minlength=64)) > SMALLEST_P
    assert stats.kstest(draws, "uniform").pvalue > SMALLEST_P


@pytest.mark.parametrize("part", STEPS)
def test_neighbouring_draws_are_independent(part: str) -> None:
    draws = along(part)
    for lag in (1, 2, 3, 8):
        score = np.corrcoef(draws[:-lag], draws[lag:])[0, 1] * math.sqrt(SIZE - lag)
        assert abs(score) < LIMIT
    pairs = (draws[0::2] * 16).astype(int) * 16 + (draws[1::2] * 16).astype(int)
    assert chi_square_p(np.bincount(pairs, minlength=256)) > SMALLEST_P


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(STEPS, 2)))
def test_draws_along_different_parts_are_independent(one: str, other: str) -> None:
    score = np.corrcoef(along(one)[1:], along(other)[1:])[0, 1] * math.sqrt(SIZE - 1)
    assert abs(score) < LIMIT


def test_the_lots_of_a_block_are_uniform_and_independent() -> None:
    lots = np.array([[lot(5, i, 9, slot) for slot in range(8)] for i in range(4096)])
    for slot in range(8):
        assert chi_square_p(np.bincount(lots[:, slot] >> 9, minlength=128)) > SMALLEST_P
        assert chi_square_p(np.bincount(lots[:, slot] & 127, minlength=128)) > SMALLEST_P
    scores = np.corrcoef(lots.T)[np.triu_indices(8, 1)] * math.sqrt(len(lots))
    assert np.abs(scores).max() < LIMIT


def test_a_lot_and_what_follows_it_are_independent() -> None:
    lots = np.array([lot(5, i, 9, 3) for i in range(4096)])
    rest = np.array([lot_fraction(5, i, 9, 3) for i in range(4096)])
    assert abs(np.corrcoef(lots, rest)[0, 1]) * 64 < LIMIT
    assert stats.kstest(rest, "uniform").pvalue > SMALLEST_P


# Lots.


def test_a_lots_uniform_number_starts_with_the_lot() -> None:
    for i in range(500):
        ticket = lot(3, i, 4, 13)
        number = lot_u01(ticket, 3, i, 4, 13)
        assert math.floor(number * LOT_RANGE) == ticket
        assert number * LOT_RANGE - ticket == lot_fraction(3, i, 4, 13)  # nothing was rounded


def test_a_lot_wins_exactly_when_its_uniform_number_is_below_the_chance() -> None:
    for i in range(500):
        ticket = lot(3, i, 4, 13)
        number = lot_u01(ticket, 3, i, 4, 13)
        edges = (number, ticket / LOT_RANGE, (ticket + 1) / LOT_RANGE, 0.0, 1.0, 0.5)
        for edge in edges:
            for chance in (math.nextafter(edge, -1), edge, math.nextafter(edge, 2)):
                assert lot_wins(ticket, chance, 3, i, 4, 13) == (number < chance)


@pytest.mark.parametrize("ticket", [0, 1, 32_767, 32_768, 65_534, 65_535])
def test_certain_lots(ticket: int) -> None:
    for chance in (1.0, 1.5, math.inf):
        assert lot_wins(ticket, chance, 1, 2, 3, 4)
    for chance in (0.0, -0.5, -math.inf):
        assert not lot_wins(ticket, chance, 1, 2, 3, 4)


def test_lots_of_the_fast_engine_are_these_lots() -> None:
    """The engine compares lots with bounds, many at a time: bit s of the hits is lot s < bound."""
    touchpoints = {
        f"touchpoint_{j}": {"starts": "push", "reach": {"latent": 0.5}}
        for j in range(MOST_TOUCHPOINTS)
    }
    seed, day, agents = 7 + (3 << 32), 41, 300
    fast = FastMarket(market("lots", agents, 50, seed=seed, touchpoints=touchpoints))
    slots = fast.morning.thresholds.shape[1]
    tickets = np.array([[lot(seed, i, day, s) for s in range(slots)] for i in range(agents)])
    fast.morning.blocks[:] = 1
    scratch = fast.scratch[0]
    morning, memory = bundle(fast.morning), bundle(scratch)
    bounds = {0, 1, 32_768, LOT_RANGE - 1, LOT_RANGE}
    bounds |= {int(ticket) + more for ticket in tickets[:5, 4] for more in (0, 1)}
    for bound in bounds:
        fast.morning.thresholds[:] = bound
        tile_hits(day, 0, agents, fast.state.cell, morning, memory)
        word, bit = np.divmod(np.arange(slots, dtype=np.uint64), np.uint64(WORD_SLOTS))
        found = scratch.hits[word, :agents].T >> bit & np.uint64(1)
        assert np.array_equal(found == 1, tickets[scratch.who[:agents]] < bound)


# Seeds.


def a_market(**parts: Any) -> Scenario:
    """Nothing here couples customers: no budget, talk, rating or queue."""
    encounter = {"awareness": 0.3, "engagement": 0.4, "trust": 0.2, "friction": 0.1}
    searching = {"latent": 0.1, "consider": 0.4, "relate": 0.1}
    base: Piece = {
        "panel": 0.3,
        "journey": {
            "shape": "loop",
            "phases": {
                "consider": {
                    "pace_per_day": 0.4,
                    "weights": {"engagement": 1.0, "trust": 1.0},
                    "leave_per_day": 0.05,
                    "leave_to_competitor": 0.5,
                },
                "relate": {"kind": "relate", "pace_per_day": 0.0},
            },
            "checkout": {"abandon": 0.3, "retry": 0.5},
            "choice": {"waiting": 0.0},
        },
        "segments": {
            "all": {
                "need": {"rate_per_year": 20.0, "gamma_shape": 2.0},
                "affinity_spread": 0.5,
                "price_sensitivity": {"mean": 1.0, "cv": 0.5},
                "lapse": {"per_day": 0.01},
                "start": {"awareness": 0.3, "customers": 0.2, "loyalty": 0.5},
            }
        },
        "offers": {"offer": {"price": 300.0, "unit_cost": 100.0, "judgement_days": 3}},
        "competitors": {"rival": {"offers": {"it": {"price": 250.0}}}},
        "touchpoints": {
            name: {
                "starts": "push",
                "reach": searching,
                "quality": {"mean": quality, "sd": 0.5},
                "effects": encounter,
                "click_chance": 0.2,
            }
            for name, quality in (("first", 0.2), ("second", -0.1), ("third", 0.4))
        },
    }
    sizes = {"agents": 400, "days": 60}
    parts = merged({**sizes, **base}, parts)
    agents, days = parts.pop("agents"), parts.pop("days")
    return market("uncoupled", agents, days, **parts)


SEEDS = [0, 1, 2, 1 << 32, 1 + (1 << 32), MAX_SEED - (1 << 32), MAX_SEED]


@cache
def by_seed(seed: int) -> Records:
    return run_fast(a_market(seed=seed))


def test_every_seed_is_its_own_luck() -> None:
    """Also 0, the largest, and those that differ in the high word only."""
    for one, other in itertools.combinations(SEEDS, 2):
        a, b = by_seed(one), by_seed(other)
        assert not np.array_equal(a.counts, b.counts)
        assert not np.array_equal(a.customers["need_rate"], b.customers["need_rate"])
        score = np.corrcoef(a.customers["need_rate"], b.customers["need_rate"])[0, 1]
        assert abs(score) * math.sqrt(len(a.customers)) < LIMIT


@pytest.mark.parametrize("seed", [0, MAX_SEED])
def test_a_seed_is_taken_as_given(seed: int) -> None:
    """Twice the same run, in either engine, and not the scenario's own seed instead."""
    scenario = a_market(seed=seed, agents=60)
    fast, reference = run_fast(scenario), run_reference(scenario)
    assert np.array_equal(fast.customers, reference.customers)
    assert np.array_equal(fast.counts, reference.counts)
    given = run(a_market(seed=3, agents=60), seed=seed)
    assert given.scenario.seed == given.manifest.seed == seed
    assert np.array_equal(given.records.customers, fast.customers)


# Addresses hold when something else changes.


def rows_of_panel(records: Records, agents: int) -> NDArray[np.void]:
    return records.events[records.events["customer"] < agents]


@pytest.mark.parametrize("engine", [run_fast, run_reference])
def test_one_more_customer_changes_no_other(engine: Callable[[Scenario], Records]) -> None:
    agents = 150
    fewer, more = (engine(a_market(agents=n)) for n in (agents, agents + 1))
    assert len(more.customers) == agents + 1
    assert np.array_equal(fewer.customers, more.customers[:agents])
    assert np.array_equal(fewer.events, rows_of_panel(more, agents))
    assert len(fewer.events) > agents


def test_one_more_day_changes_no_day_before() -> None:
    fewer, more = (run_fast(a_market(days=days)) for days in (60, 61))
    assert np.array_equal(fewer.counts, more.counts[:60])
    assert np.array_equal(fewer.touch, more.touch[:60])
    assert np.array_equal(fewer.events, more.events[more.events["day"] < 60])


@pytest.mark.parametrize(("j", "name"), [(0, "first"), (1, "second"), (2, "third")])
def test_a_knock_out_changes_only_those_who_met_the_touchpoint(j: int, name: str) -> None:
    """To the last bit of everything about everybody else, and of their days in the log."""
    scenario = a_market(agents=2000, days=8)
    before = run_fast(scenario)
    after = run_fast(a_market(agents=2000, days=8, **without(name)))
    strangers = ~has_met(before, j)
    assert 400 < strangers.sum() < 1600
    assert np.array_equal(before.customers[strangers], after.customers[strangers])
    same = (records.events[strangers[records.events["customer"]]] for records in (before, after))
    assert np.array_equal(*same)
    assert not has_met(after, j).any()
    assert not np.array_equal(before.counts, after.counts)  # it had mattered to the others


def without_memory(records: Records) -> NDArray[np.void]:
    """Customers, but for what an encounter of no effect leaves: that it has happened."""
    kept = [
        field
        for field in CUSTOMER.names or ()
        if field not in ("peak", "end", "total", "recalled", "stocks_day")
    ]
    return records.customers[kept]


def test_a_touchpoint_of_no_effect_may_as_well_be_knocked_out() -> None:
    """Where nothing asks for remembered experience; everybody else's encounters are the same."""
    idle: Piece = {
        "starts": "push",
        "reach": {"latent": 0.3, "relate": 0.3},
        "quality": {"mean": 0.2},
        "norm": 0.2,
    }
    parts: Piece = {
        "journey": {"choice": {"experience": 0.0}, "behaviour": {"performance_weight": 1.0}},
        "touchpoints": {"second": {"only": idle}},
    }
    there = run_fast(a_market(agents=1000, **parts))
    idle["enabled"] = False
    gone = run_fast(a_market(agents=1000, **parts))
    for name in ("flows", "counts", "purchases", "losses", "messages", "scores", "commission"):
        assert np.array_equal(getattr(there, name), getattr(gone, name)), name
    kept, lost = without_memory(there), without_memory(gone)
    for field in kept.dtype.names or ():
        # fading stocks may stand at different days; what they are worth tonight is compared
        if field not in ("awareness", "engagement", "loyalty", "habit", "doubt", "money"):
            assert np.array_equal(kept[field], lost[field]), field
    rows = there.touch[:, :, :, Touch.ENCOUNTERS].sum(axis=(0, 1))
    others = gone.touch[:, :, :, Touch.ENCOUNTERS].sum(axis=(0, 1))
    assert (rows != others).sum() == 2  # its own two: in the latent and in the relate phase
    assert others[rows != others].tolist() == [0, 0]
    assert there.counts[:, :, Count.PURCHASES].sum() > 100
