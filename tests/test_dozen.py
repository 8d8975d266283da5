"""The log and the summary of the dozen, held against the ledger in `worlds.dozen`."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from sim.measures.catalogue import KEYS
from worlds.dozen import (
    AGENTS,
    CUSTOMERS,
    NEEDS,
    OFFERS,
    PHASES,
    SEEDS,
    TOUCHPOINTS,
    both,
    dozen,
    keys,
    made,
    one,
)
from worlds.dozen_figures import (
    ABANDONED,
    BROUGHT,
    BY_AGE,
    LAPSES,
    LOSSES,
    MAILS,
    MET,
    MONTH,
    PURCHASES,
    RENEWALS,
    SATISFACTION,
    SECOND_WAITED,
    TALKS,
    by_hand,
    worth,
)


def names_of(seed: int) -> list[str]:
    """The customer of the ledger that each key is."""
    by_key = {key: name for name, key in keys(seed).items()}
    return [by_key[key] for key in range(AGENTS)]


# What happened.


@both
def test_the_log_is_the_ledger(engine: str, seed: int) -> None:
    log = made(engine, seed).panel
    names = names_of(seed)
    days = ((log["timestamp"] - log["timestamp"].min()).dt.days).tolist()
    found: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    met: dict[tuple[str, str, str], dict[int, float]] = defaultdict(dict)
    for row, day in zip(log.itertuples(), days, strict=True):
        name = names[row.case_id]
        if row.event == "encounter":
            met[name, row.touchpoint, row.phase][day] = row.value
        elif row.event != "move":
            found[row.event][name][day] = row.value

    def when(event: str) -> dict[str, tuple[int, ...]]:
        return {name: tuple(each) for name, each in found[event].items()}

    assert when("need") == {name: each for name, each in NEEDS.items() if each}
    assert when("purchase") == PURCHASES
    assert when("renewal") == RENEWALS
    assert when("lost_to_competitor") == LOSSES
    assert when("lapse") == LAPSES
    assert when("checkout_abandoned") == ABANDONED
    assert when("talk") == TALKS
    waited = met["second", "desk", "buy"][2] < -0.1
    pair = {"first": {9: 0.5}, "second": {9: 0.125}}
    desk = dict(SECOND_WAITED)
    if not waited:
        pair = {"first": pair["second"], "second": pair["first"]}
        desk = dict(zip(desk, reversed(desk.values()), strict=True))
    for name, judged in (SATISFACTION | pair).items():
        assert found["judgement"][name] == pytest.approx(judged, abs=2e-6), name
    for place, each in (MET | desk | MAILS).items():
        assert met[place] == pytest.approx(each, abs=2e-6), place
    assert set(met) == set(MET | desk | MAILS)
    assert set(found["judgement"]) == set(SATISFACTION | pair)


# The summary.


MACHINE = {"seed", "engine", "threads", "seconds", "customer_days_per_second"}
# The member's projection: see `test_a_segment_that_left_and_came_back_starts_where_it_stands`.
ELSEWHERE = {
    "economics.by_segment.member.clv_projected",
    "economics.by_segment.member.clv_cac_ratio",
}


UNKEYED = ("intervals", "undefined")  # of the summary: what is said of its figures


def leaves(nested: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Figures by dotted key."""
    found = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            found |= leaves(value, f"{path}{key}.")
        else:
            found[f"{path}{key}"] = value
    return found


def near(key: str, figure: float) -> Any:
    """Exact but for sums of floats; qualities and waits are added up in steps of 2^-20, and the
    desk's door stands open for .0036 seconds."""
    if key.endswith("wait_minutes"):
        return pytest.approx(figure, abs=1e-4)
    if key.endswith(("quality", "mean_satisfaction")):
        return pytest.approx(figure, abs=2e-6)
    return pytest.approx(figure, rel=1e-12, abs=1e-12)


@both
def test_every_figure_of_the_summary_by_hand(engine: str, seed: int) -> None:
    summary = made(engine, seed).summary
    found = leaves({key: value for key, value in summary.items() if key not in UNKEYED})
    hand = leaves(by_hand())
    assert set(found) - MACHINE == set(hand)
    wrong = {
        key: (found[key], figure)
        for key, figure in hand.items()
        if key not in ELSEWHERE
        and (found[key] != figure if not is_number(figure) else found[key] != near(key, figure))
    }
    assert wrong == {}
    none = {key for key, figure in hand.items() if figure is None} - ELSEWHERE
    assert none == set(summary["undefined"]) - ELSEWHERE
    assert all(summary["undefined"].values())


def is_number(figure: object) -> bool:
    return isinstance(figure, int | float)


def test_every_key_has_a_number_of_the_ledger() -> None:
    """A new measure without a hand-made number fails here."""
    names = {*CUSTOMERS, *PHASES, *OFFERS, *TOUCHPOINTS, "rival", "copy"}
    names |= {"initial", "added", "loyalty", "acquisition", "retention"}
    groups = set(by_hand())
    found = set()
    for key, figure in leaves(by_hand()).items():
        parts = key.split(".")
        pattern = ".".join(
            "*" if part in names and place and part not in groups - names else part
            for place, part in enumerate(parts)
        )
        if figure is not None or pattern == "economics.cac_marginal" or "next_krone" in pattern:
            found.add(pattern)
    surveys = {key for key in KEYS if key.startswith("surveys.")}  # nobody here is asked
    assert surveys
    assert found | MACHINE | surveys | {"intervals.*", "undefined.*"} == set(KEYS)


def test_a_segment_that_left_and_came_back_starts_where_it_stands() -> None:
    """ "S starts from the share seen at the last age": the member's is 1 at the age of 11."""
    back, order = 1 / 177 * MONTH, 30.0  # lapsed from day 92 to 268, one purchase of 30
    # ages 2 to 11: lost at 3, and by `back` at 4 to 7; at risk at 2, 3, 9, 10, 11
    leaves = (1 + 4 * back) / 5
    # margins of 30 at 8 to 11; a customer at 2 and 8 to 11, lapsed at 3 to 7
    each = (4 * 30 - 5 * back * order) / 5
    share, curve = 1.0, {age: BROUGHT["member"].get(age, 0.0) for age in range(12)}
    for age in range(12, 36):
        share = share * (1 - leaves) + (1 - share) * back
        curve[age] = share * each + (1 - share) * back * order
    found = one().summary["economics"]["by_segment"]["member"]
    assert found["clv_projected"] == pytest.approx(worth(curve))
    assert found["clv_cac_ratio"] == pytest.approx(worth(curve) / 252.0)


def test_what_has_no_figure_says_why() -> None:
    reasons = one().summary["undefined"]
    assert reasons["conversion.by_segment.idle"] == "no need arose"
    assert reasons["economics.by_segment.offended.cac"] == "no new customer was acquired"
    assert reasons["economics.by_segment.friend.clv_cac_ratio"] == "acquisition cost nothing"
    assert "not significant" in reasons["economics.cac_marginal"]


# The ledger itself.


def test_the_ledger_adds_up() -> None:
    bought = sum(len(days) for days in PURCHASES.values())
    assert (bought, sum(len(days) for days in NEEDS.values())) == (16, 29)
    assert sum(len(days) for days in RENEWALS.values()) == 32
    by_age = np.zeros(13)
    for brought in BROUGHT.values():
        for age, margin in brought.items():
            by_age[age] += margin
    assert by_age.tolist() == BY_AGE
    met = sum(len(days) for days in (MET | SECOND_WAITED | MAILS).values())
    assert met == sum(found["encounters"] for found in by_hand()["touchpoints"].values()) / 2


def test_a_seed_is_taken_for_its_needs_alone() -> None:
    assert len(set(SEEDS)) == len(SEEDS)
    assert all(math.isclose(sum(shares.values()), 1.0) for shares in map(segment_shares, SEEDS))
    assert len({tuple(keys(seed).values()) for seed in SEEDS}) == len(SEEDS)


def segment_shares(seed: int) -> dict[str, float]:
    return {name: segment.share for name, segment in dozen(seed).segments.items()}
