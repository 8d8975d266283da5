"""Attribution models: published fixtures, chains solved by hand, and properties."""

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measures.attribution.markov import chain_of, markov, removal_effects
from sim.measures.attribution.paths import DIRECT, Paths, Reals, paths_of
from sim.measures.attribution.rules import (
    first_click,
    last_click,
    last_non_direct_click,
    linear,
    position_based,
    time_decay,
)
from sim.measures.attribution.shapley import (
    MOST_PLAYERS,
    shapley,
    shapley_of_game,
    shapley_rate,
)
from sim.measures.attribution.table import MODELS, model_shares
from sim.measures.figure import Undefined

EXACT = 1e-12  # a few hundred roundings of double precision
SOLVED = 1e-9  # a linear system of a few states, well conditioned


def one_path(names: str, conversions: float = 1.0, nulls: float = 0.0) -> Paths:
    """A path of one-letter touchpoints, a day apart, the last on the day of the purchase."""
    return chain((names, conversions, nulls))


def chain(*given: tuple[str, float, float]) -> Paths:
    """Paths of one-letter touchpoints with how often each ended with and without conversion."""
    rows = [
        ([(name, float(len(names) - 1 - i)) for i, name in enumerate(names)], conversions, nulls)
        for names, conversions, nulls in given
    ]
    return paths_of(rows)


# Rules of thumb.


def test_last_first_and_linear_share_a_path_as_they_say() -> None:
    paths = chain(("abca", 2.0, 0.0), ("b", 1.0, 5.0), ("cb", 0.0, 7.0))
    assert last_click(paths).tolist() == [2.0, 1.0, 0.0]
    assert first_click(paths).tolist() == [2.0, 1.0, 0.0]
    assert linear(paths) == pytest.approx([1.0, 1.5, 0.5], abs=EXACT)
    assert first_click(one_path("abc")).tolist() == [1.0, 0.0, 0.0]
    assert last_click(one_path("abc")).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("path", "shares"),
    [
        ("a", [1.0]),
        ("ab", [0.5, 0.5]),
        ("abc", [0.4, 0.2, 0.4]),
        ("abcd", [0.4, 0.1, 0.1, 0.4]),
        ("abcdef", [0.4, 0.05, 0.05, 0.05, 0.05, 0.4]),
        ("abca", [0.8, 0.1, 0.1]),
    ],
)
def test_position_based_is_40_20_40(path: str, shares: list[float]) -> None:
    assert position_based(one_path(path)) == pytest.approx(shares, abs=EXACT)


def test_time_decay_of_touches_three_two_one_and_no_weeks_ago() -> None:
    paths = paths_of([([("a", 21.0), ("b", 14.0), ("c", 7.0), ("d", 0.0)], 1.0, 0.0)])
    credit = time_decay(paths)
    assert credit.round(3).tolist() == [0.067, 0.133, 0.267, 0.533]
    assert credit == pytest.approx([1 / 15, 2 / 15, 4 / 15, 8 / 15], abs=EXACT)


def test_time_decay_of_touches_long_ago_is_as_of_recent_ones() -> None:
    long_ago = paths_of([([("a", 20007.0), ("b", 20000.0)], 1.0, 0.0)])
    assert time_decay(long_ago) == pytest.approx([1 / 3, 2 / 3], abs=EXACT)


def test_last_non_direct_click_passes_over_direct_unless_all_is_direct() -> None:
    rows = [
        ([("ad", 3.0), ("mail", 2.0), (DIRECT, 1.0), (DIRECT, 0.0)], 1.0, 0.0),
        ([(DIRECT, 5.0), (DIRECT, 0.0)], 1.0, 0.0),
        ([(DIRECT, 5.0), ("ad", 0.0)], 1.0, 0.0),
    ]
    paths = paths_of(rows, ("ad", "mail", DIRECT))
    assert last_click(paths).tolist() == [1.0, 0.0, 2.0]
    assert last_non_direct_click(paths).tolist() == [1.0, 1.0, 1.0]


# Markov chains.


def test_a_chain_solved_by_hand() -> None:
    """Three paths: a b converts, a does not, b converts.

    From start a 2/3, b 1/3; from a: b 1/2, null 1/2; from b: conversion 1. So P = 2/3 x 1/2 +
    1/3 = 2/3. Without a: 1/3, effect 1/2. Without b: 0, effect 1. Credit of the 2 conversions
    1 : 2.
    """
    paths = chain(("ab", 1.0, 0.0), ("a", 0.0, 1.0), ("b", 1.0, 0.0))
    steps = chain_of(paths)
    assert steps.first == pytest.approx([2 / 3, 1 / 3], abs=EXACT)
    assert steps.moves.tolist() == [[0.0, 0.5], [0.0, 0.0]]
    assert steps.converts.tolist() == [0.0, 1.0]
    assert removal_effects(paths) == pytest.approx([0.5, 1.0], abs=SOLVED)
    assert markov(paths) == pytest.approx([2 / 3, 4 / 3], abs=SOLVED)


def test_a_chain_with_a_loop_solved_by_hand() -> None:
    """a a converts, a b a does not, b converts.

    a is left 4 times: to a 1/4, to b 1/4, to conversion 1/4, to null 1/4. b is left twice: to a
    1/2, to conversion 1/2. With x and y the chances from a and b: x = x/4 + y/4 + 1/4, y = x/2 +
    1/2, so x = 3/5, y = 4/5, and P = 2/3 x 3/5 + 1/3 x 4/5 = 2/3. Without a: 1/3 x 1/2 = 1/6,
    effect 3/4. Without b: x = x/4 + 1/4 = 1/3, so 2/9, effect 2/3. Credit of 2: 18/17, 16/17.
    """
    paths = chain(("aa", 1.0, 0.0), ("aba", 0.0, 1.0), ("b", 1.0, 0.0))
    assert removal_effects(paths) == pytest.approx([3 / 4, 2 / 3], abs=SOLVED)
    assert markov(paths) == pytest.approx([18 / 17, 16 / 17], abs=SOLVED)


def test_the_second_order_tells_apart_what_the_first_cannot() -> None:
    """b converts after a and never after c: of second order a is needed for it, c harms none.

    First order: b converts 1/2 whoever came before, P = 1/2, and a and c look alike.
    """
    paths = chain(("ab", 4.0, 0.0), ("cb", 0.0, 4.0))
    assert removal_effects(paths) == pytest.approx([0.5, 1.0, 0.5], abs=SOLVED)
    assert removal_effects(paths, order=2) == pytest.approx([1.0, 1.0, 0.0], abs=SOLVED)
    assert markov(paths, order=2) == pytest.approx([2.0, 2.0, 0.0], abs=SOLVED)


Given = list[tuple[str, int, int]]
PATH = st.tuples(st.text("abcd", min_size=1, max_size=5), st.integers(0, 3), st.integers(0, 3))
PATH_SETS = st.lists(PATH, min_size=1, max_size=8)
CONVERTING = PATH_SETS.filter(lambda rows: any(row[1] for row in rows))
TOUCHPOINTS = "abcd"


def as_paths(rows: Given) -> Paths:
    return paths_of(chain_rows(rows), tuple(TOUCHPOINTS))


def chain_rows(rows: Given) -> list[tuple[list[tuple[str, float]], float, float]]:
    return [
        ([(name, float(len(names) - 1 - i)) for i, name in enumerate(names)], float(c), float(z))
        for names, c, z in rows
    ]


def chance_of_conversion(rows: Given, order: int, gone: str) -> Fraction:
    """By exact elimination over all states of a chain written down touch by touch."""
    moved: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for names, conversions, nulls in rows:
        state = ""
        for name in names:
            following = (state + name)[-order:]
            moved[state][following] += conversions + nulls
            state = following
        moved[state]["+"] += conversions
        moved[state]["-"] += nulls
    chances: dict[str, dict[str, Fraction]] = {}
    for state, ways in moved.items():
        whole = sum(ways.values())
        if whole:
            chances[state] = {to: Fraction(n, whole) for to, n in ways.items()}
    # a state is struck out by sending what leads into it along its own ways
    for state in [s for s in chances if s]:
        own = chances.pop(state)
        stays = own.pop(state, Fraction(0))
        if state[-1] == gone:
            own, stays = {"-": Fraction(1)}, Fraction(0)
        for ways in chances.values():
            into = ways.pop(state, Fraction(0)) / (1 - stays)
            for to, chance in own.items():
                ways[to] = ways.get(to, Fraction(0)) + into * chance
    return chances[""].get("+", Fraction(0))


@pytest.mark.parametrize("order", [1, 2])
@settings(deadline=None)
@given(rows=CONVERTING)
def test_removal_effects_are_those_of_exact_elimination(order: int, rows: Given) -> None:
    whole = chance_of_conversion(rows, order, "")
    effects = removal_effects(as_paths(rows), order)
    for place, name in enumerate(TOUCHPOINTS):
        expected = 1 - chance_of_conversion(rows, order, name) / whole
        assert effects[place] == pytest.approx(float(expected), abs=SOLVED)


def walks(rows: Given, gone: str) -> float:
    """Chance of conversion, by every walk through a first-order chain without loops."""
    left: dict[str, float] = defaultdict(float)
    moved: dict[tuple[str, str], float] = defaultdict(float)
    for names, conversions, nulls in rows:
        for here, there in zip("^" + names, names, strict=False):
            moved[here, there] += conversions + nulls
            left[here] += conversions + nulls
        moved[names[-1], "+"] += conversions
        left[names[-1]] += conversions + nulls

    def from_here(here: str) -> float:
        chance = 0.0
        for (start, there), count in moved.items():
            if start == here and count and there != gone:
                chance += count / left[here] * (1.0 if there == "+" else from_here(there))
        return chance

    return from_here("^")


@settings(deadline=None)
@given(rows=CONVERTING)
def test_removal_effects_are_those_of_enumerated_walks(rows: Given) -> None:
    ordered = [("".join(sorted(set(names))), c, z) for names, c, z in rows]
    whole = walks(ordered, "")
    effects = removal_effects(as_paths(ordered))
    for place, name in enumerate(TOUCHPOINTS):
        assert effects[place] == pytest.approx(1 - walks(ordered, name) / whole, abs=SOLVED)


@pytest.mark.parametrize("order", [1, 2])
@settings(deadline=None)
@given(rows=CONVERTING)
def test_the_chain_converts_as_often_as_the_data(order: int, rows: Given) -> None:
    paths = as_paths(rows)
    steps = chain_of(paths, order)
    chance = np.linalg.solve(np.eye(len(steps.first)) - steps.moves, steps.converts)
    share = paths.total / float((paths.conversions + paths.nulls).sum())
    assert steps.first @ chance == pytest.approx(share, abs=SOLVED)


@pytest.mark.parametrize("order", [0, 3])
def test_a_chain_has_order_1_or_2(order: int) -> None:
    with pytest.raises(ValueError, match="order 1 or 2"):
        chain_of(one_path("ab"), order)


# The Shapley value.

GAME = {"": 0.0, "a": 0.02, "b": 0.03, "c": 0.01, "ab": 0.07, "ac": 0.03, "bc": 0.05, "abc": 0.10}


def test_the_shapley_value_of_the_published_game() -> None:
    worth = np.zeros(8)
    for members, value in GAME.items():
        worth[sum(1 << "abc".index(name) for name in members)] = value
    assert shapley_of_game(worth).round(6).tolist() == [0.033333, 0.048333, 0.018333]


def by_orders_of_joining(worth: Reals, n: int) -> Reals:
    """The definition: what each adds on joining, averaged over all orders."""
    value = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        there = 0
        for player in order:
            value[player] += worth[there | 1 << player] - worth[there]
            there |= 1 << player
    return value / len(orders)


@settings(deadline=None)
@given(st.lists(st.floats(-10.0, 10.0), min_size=31, max_size=31))
def test_the_shapley_value_is_the_mean_over_all_orders_of_joining(worths: list[float]) -> None:
    worth = np.array([0.0, *worths])
    assert shapley_of_game(worth) == pytest.approx(by_orders_of_joining(worth, 5), abs=SOLVED)


def coalitions(rows: Given, is_rate: bool) -> Reals:
    """Worth of every set of touchpoints, by looking at every path for every set."""
    worth = np.zeros(1 << len(TOUCHPOINTS))
    for size in range(len(TOUCHPOINTS) + 1):
        for members in combinations(TOUCHPOINTS, size):
            inside = [row for row in rows if set(row[0]) <= set(members)]
            won, seen = sum(r[1] for r in inside), sum(r[1] + r[2] for r in inside)
            place = sum(1 << TOUCHPOINTS.index(name) for name in members)
            worth[place] = won if not is_rate else (won / seen if seen else 0.0)
    return worth


@settings(deadline=None)
@given(rows=CONVERTING)
def test_the_closed_form_for_counts_is_the_value_of_the_whole_game(rows: Given) -> None:
    expected = by_orders_of_joining(coalitions(rows, is_rate=False), len(TOUCHPOINTS))
    assert shapley(as_paths(rows)) == pytest.approx(expected, abs=SOLVED)


@settings(deadline=None)
@given(rows=CONVERTING)
def test_the_value_for_rates_is_that_of_the_whole_game(rows: Given) -> None:
    worth = coalitions(rows, is_rate=True)
    expected = by_orders_of_joining(worth, len(TOUCHPOINTS)) / worth[-1]
    paths = as_paths(rows)
    assert shapley_rate(paths) / paths.total == pytest.approx(expected, abs=SOLVED)


def test_twenty_two_touchpoints_share_alike_and_one_more_is_refused() -> None:
    names = [f"t{k:02d}" for k in range(MOST_PLAYERS + 1)]
    most = paths_of([([(name, 0.0) for name in names[:-1]], 11.0, 3.0)])
    assert shapley_rate(most) == pytest.approx([0.5] * MOST_PLAYERS, abs=SOLVED)
    more = paths_of([([(name, 0.0) for name in names], 1.0, 0.0)])
    assert shapley(more) == pytest.approx([1 / 23] * 23, abs=EXACT)
    with pytest.raises(ValueError, match="23 touchpoints occur"):
        shapley_rate(more)
    reason = model_shares(more, "shapley_rate")
    assert isinstance(reason, Undefined)
    assert "23" in reason


@pytest.mark.parametrize("worth", [[0.0, 1.0, 2.0], [1.0, 2.0]])
def test_a_game_has_all_coalitions_and_nothing_is_worth_nothing(worth: list[float]) -> None:
    with pytest.raises(ValueError, match=r"coalitions|nothing"):
        shapley_of_game(np.array(worth))


# Every model.


@pytest.mark.parametrize("model", MODELS)
@settings(deadline=None)
@given(rows=CONVERTING)
def test_shares_add_up_to_one(model: str, rows: Given) -> None:
    paths = as_paths(rows)
    shares = model_shares(paths, model)
    assert not isinstance(shares, Undefined)
    assert shares.sum() == pytest.approx(1.0, abs=SOLVED)
    if model != "shapley_rate":
        assert (shares >= -EXACT).all()


@pytest.mark.parametrize("model", MODELS)
@settings(deadline=None)
@given(rows=CONVERTING, seed=st.randoms(use_true_random=False))
def test_the_order_of_paths_and_names_does_not_matter(model: str, rows: Given, seed: Any) -> None:
    names = list(TOUCHPOINTS)
    other = list(rows)
    seed.shuffle(names)
    seed.shuffle(other)
    one = dict(zip(TOUCHPOINTS, MODELS[model](as_paths(rows)), strict=True))
    two = dict(zip(names, MODELS[model](paths_of(chain_rows(other), names)), strict=True))
    assert two == pytest.approx(one, abs=SOLVED)


@pytest.mark.parametrize("model", MODELS)
@settings(deadline=None)
@given(rows=CONVERTING)
def test_a_path_written_often_is_a_path_with_counts(model: str, rows: Given) -> None:
    single = [(n, 1, 0) for n, c, _ in rows for _ in range(c)]
    single += [(n, 0, 1) for n, _, z in rows for _ in range(z)]
    together, apart = MODELS[model](as_paths(rows)), MODELS[model](as_paths(single))
    assert apart == pytest.approx(together, abs=SOLVED)


@pytest.mark.parametrize("model", MODELS)
def test_without_a_conversion_there_is_no_credit_and_a_reason(model: str) -> None:
    paths = chain(("ab", 0.0, 3.0))
    assert MODELS[model](paths).tolist() == [0.0, 0.0]
    assert isinstance(model_shares(paths, model), Undefined)


@pytest.mark.parametrize("model", [name for name in MODELS if name != "last_click"])
def test_direct_gets_the_purchases_without_another_touch_and_the_model_the_rest(
    model: str,
) -> None:
    rows = [
        ([("ad", 3.0), (DIRECT, 0.0)], 3.0, 1.0),
        ([(DIRECT, 0.0)], 2.0, 5.0),
        ([("mail", 1.0)], 5.0, 4.0),
    ]
    shares = model_shares(paths_of(rows, ("ad", "mail", DIRECT)), model)
    assert not isinstance(shares, Undefined)
    assert shares[2] == pytest.approx(0.2, abs=EXACT)
    if model != "shapley_rate":
        assert shares[:2] == pytest.approx([0.3, 0.5], abs=SOLVED)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: paths_of([([], 1.0, 0.0)]), "no touch"),
        (lambda: paths_of([([("a", 0.0), ("b", 1.0)], 1.0, 0.0)]), "in order of time"),
        (lambda: paths_of([([("a", 0.0)], 1.0, 0.0)], ("b",)), "at no touchpoint"),
        (lambda: paths_of([([("a", 0.0)], -1.0, 0.0)]), "not below 0"),
        (lambda: paths_of([([("a", 0.0)], float("nan"), 0.0)]), "finite"),
    ],
)
def test_paths_that_make_no_sense_are_refused(wrong: Callable[[], Paths], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()
