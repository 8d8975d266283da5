"""Credit beside the truth: shares, factors, ranks and errors, by hand."""

import math
from typing import Any

import pytest

from sim.measures.attribution import DIRECT, CreditRow
from sim.measures.credit import (
    ADDS_NOTHING,
    ALL_EQUAL,
    NO_CREDIT,
    NOT_A_TOUCHPOINT,
    TOO_FEW_RANKS,
    UNSURE_TRUTH,
    CreditCompared,
    Judged,
    Truth,
    compared,
    judged,
    truths,
)
from sim.measures.figure import Undefined
from sim.measures.intervals import NORMAL_975, Effect

PURCHASES = 200.0  # of the whole run
# what each truly adds, and its error: 40, 30, 20 and 10 of 100
ADDED = {"a": (40.0, 2.0), "b": (30.0, 2.0), "c": (20.0, 2.0), "d": (10.0, 10.0)}
SHARES = {"a": 0.1, "b": 0.05, "c": 0.3, "d": 0.05, DIRECT: 0.5}


def true(added: dict[str, tuple[float, float]] = ADDED) -> list[Truth]:
    purchases = {name: [Effect(*one)] for name, one in added.items()}
    margin = {name: [Effect(10.0 * one.value**2, 1.0)] for name, (one,) in purchases.items()}
    return truths(purchases, margin)


def credited(shares: dict[str, Any] = SHARES, model: str = "m") -> list[CreditRow]:
    return [
        CreditRow(
            model, name, share if isinstance(share, Undefined) else share * PURCHASES, share, 9, 4
        )
        for name, share in shares.items()
    ]


def lines(shares: dict[str, Any] = SHARES) -> dict[str, CreditCompared]:
    return {line.touchpoint: line for line in compared(true(), credited(shares))}


def judge(
    shares: dict[str, Any] = SHARES,
    added: dict[str, tuple[float, float]] = ADDED,
    tracked: tuple[str, ...] = ("a", "b", "c"),
) -> Judged:
    (one,) = judged(compared(true(added), credited(shares)), tracked)
    return one


def test_true_shares_are_those_of_what_each_adds() -> None:
    found = {one.touchpoint: one for one in true()}
    share = found["a"].share
    assert not isinstance(share, Undefined)
    assert share == pytest.approx((0.4, 0.4 - NORMAL_975 * 0.02, 0.4 + NORMAL_975 * 0.02))
    margin = found["a"].margin_share  # 1600 of 1600 + 900 + 400 + 100
    assert not isinstance(margin, Undefined)
    assert margin.value == pytest.approx(1600 / 3000)
    assert found["a"].purchases.value == 40.0


def test_a_share_of_several_seeds_is_one_of_totals() -> None:
    seeds = {
        "a": [Effect(10.0, 0.0), Effect(30.0, 0.0)],
        "b": [Effect(10.0, 0.0), Effect(50.0, 0.0)],
    }
    share = truths(seeds, seeds)[0].share
    assert not isinstance(share, Undefined)
    assert share.value == pytest.approx(40.0 / 100.0)  # not the mean of 1/2 and 3/8


def test_shares_may_be_negative_and_add_up_to_one() -> None:
    found = true({"a": (30.0, 1.0), "b": (-10.0, 1.0)})
    shares = [one.share.value for one in found if not isinstance(one.share, Undefined)]
    assert shares == pytest.approx([1.5, -0.5])


def test_nothing_added_has_no_shares() -> None:
    for one in true({"a": (0.0, 0.0), "b": (0.0, 0.0)}):
        assert one.share == one.margin_share == ADDS_NOTHING


def test_credit_by_hand() -> None:
    found = lines()
    # among touchpoints: .1, .05, .3 and .05 of .5
    assert [found[name].share for name in "abcd"] == pytest.approx([0.2, 0.1, 0.6, 0.1])
    assert [found[name].true_share for name in "abcd"] == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert found["c"].factor == pytest.approx(60.0 / 20.0)
    half = 2.0 * NORMAL_975
    assert found["c"].factor_low == pytest.approx(60.0 / (20.0 + half))
    assert found["c"].factor_high == pytest.approx(60.0 / (20.0 - half))
    assert found["d"].factor == found["d"].factor_low == UNSURE_TRUTH  # 10 -+ 19.6
    direct = found[DIRECT]
    assert direct.share_of_all == 0.5
    assert direct.share == direct.factor == direct.true_share == NOT_A_TOUCHPOINT


def test_a_model_by_hand() -> None:
    one = judge()
    # ranks of .2 .1 .6 .1: 3, 1.5, 4, 1.5; true ones: 4, 3, 2, 1. Pearson's of these:
    # deviations .5 -1 1.5 -1 and 1.5 .5 -.5 -1.5
    top = 0.5 * 1.5 - 1.0 * 0.5 - 1.5 * 0.5 + 1.0 * 1.5
    expected = top / math.sqrt((0.25 + 1 + 2.25 + 1) * (2.25 + 0.25 + 0.25 + 2.25))
    assert one.rank_correlation == pytest.approx(expected)
    assert one.touchpoints == 4
    # a, b and c: ranks 2 1 3 and 3 2 1: 1 - 6 (1 + 1 + 4) / (3 x 8)
    assert one.rank_correlation_tracked == pytest.approx(1 - 36 / 24)
    assert one.tracked == 3
    assert one.mean_error == pytest.approx((0.2 + 0.2 + 0.4 + 0.0) / 4)
    assert one.misplaced == pytest.approx(0.4)
    assert one.direct == 0.5


def test_credit_that_follows_the_truth_is_faultless() -> None:
    one = judge({"a": 0.2, "b": 0.15, "c": 0.1, "d": 0.05, DIRECT: 0.5})
    assert one.rank_correlation == pytest.approx(1.0)
    assert one.mean_error == pytest.approx(0.0, abs=1e-12)
    assert one.misplaced == pytest.approx(0.0, abs=1e-12)


def test_where_there_is_no_figure_it_says_why() -> None:
    assert judge({"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0, DIRECT: 1.0}).mean_error == NO_CREDIT
    assert judge(tracked=("a", "b")).rank_correlation_tracked == TOO_FEW_RANKS
    even = dict.fromkeys("abcd", 0.1) | {DIRECT: 0.6}
    assert judge(even).rank_correlation == ALL_EQUAL
    why = Undefined("nobody bought")
    none = judge(dict.fromkeys([*"abcd", DIRECT], why))
    assert none.rank_correlation == none.misplaced == none.direct == why
    nothing = dict.fromkeys(ADDED, (0.0, 0.0))
    assert judge(added=nothing).misplaced == ADDS_NOTHING
