"""Renewal is a choice; without its weights it is the shifted-beta-geometric model."""

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.model.money import can_pay, wallet
from sim.model.ownership import (
    cancel_chance,
    price_against_renewal,
    shifted_chance,
    usual_price,
)
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.levers import from_today, with_settings
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import SURE as CHOSEN
from sim.theory.bare import Piece, market, merged
from sim.theory.customer_base import COHORTS, DISCOUNT
from sim.vocabulary import MINOR_UNITS, Relationship
from tools.differences import differences
from tools.paired import CERTAIN, Figure, count, score, values

SURE = 4.0
SEEDS = range(6)
PERIOD, RENEWALS = 10, 7
renewed, churned = count(Count.RENEWALS), count(Count.CHURNED)


def subscribers(agents: int, days: int, *parts: Piece) -> Scenario:
    """Everybody subscribes on day 0, and who leaves stays away."""
    base: Piece = {
        "journey": {
            "shape": "loop",
            "phases": {"relate": {"kind": "relate", "pace_per_day": 0.0}},
        },
        "segments": {"all": {"start": {"customers": 1.0}}},
        "offers": {"offer": {"price": 100.0, "subscription_days": PERIOD}},
    }
    for part in parts:
        base = merged(base, part)
    return market("subscribers", agents, days, **base)


def renewal(**more: Any) -> Piece:
    return {"segments": {"all": {"renewal": more}}}


def rivals(price: float | None, *, days: int | None = PERIOD) -> Piece:
    if price is None:
        return {}
    offer = {"price": price, "subscription_days": days}
    return {"competitors": {"rival": {"offers": {"card": offer}}}}


# --- without weights ---


@pytest.mark.parametrize("rival", [None, 0.0, 12.5, 1000.0])
@pytest.mark.parametrize("cohort", COHORTS)
def test_without_weights_it_is_the_shifted_beta_geometric(cohort: str, rival: float | None) -> None:
    """Whatever a rival's subscription costs; renewals are spread over the period."""
    a, b = COHORTS[cohort]
    agents = 20_000
    churn = {"mean": a / (a + b), "concentration": a + b}
    scenario = subscribers(
        agents, 1 + PERIOD * RENEWALS, renewal(churn=churn, switching_cost=3.0), rivals(rival)
    )
    records = run_fast(scenario, threads=1)
    left = agents - records.counts[:, 0, Count.CHURNED].cumsum()
    exact = theory.sbg_survival(a, b, np.arange(1, RENEWALS + 1))
    error = np.sqrt(exact * (1.0 - exact) / agents)
    assert (np.abs(left[PERIOD::PERIOD] / agents - exact) < SURE * error).all()


def test_without_weights_a_rival_changes_no_bit() -> None:
    def counted(rival: float | None) -> np.ndarray:
        return run_fast(subscribers(2000, 60, rivals(rival)), threads=1).counts

    assert np.array_equal(counted(None), counted(1.0))


# --- with them ---


NUMBER = st.floats(0.0, 1e4)


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    st.floats(0.0, 1.0), NUMBER, NUMBER, NUMBER, NUMBER, st.floats(0.0, 20.0), st.floats(0.0, 9.0)
)
def test_dearer_than_usual_never_keeps_anybody(
    churn: float,
    price: float,
    paid: float,
    rival: float,
    more: float,
    effect: float,
    sensitivity: float,
) -> None:
    """Own price up, rival's price down, cost of switching down: never less chance to leave."""

    def chance(price: float, rival: float, switching: float) -> float:
        usual = usual_price(paid, rival, switching)
        against = price_against_renewal(effect, sensitivity, price, usual, 500.0)
        against = min(max(against, -300.0), 300.0)
        return cancel_chance(churn, 1.0, 0.3, 1.0, 0.2, against)

    here = chance(price, rival, 50.0)
    assert 0.0 <= here <= 1.0
    assert chance(price + more, rival, 50.0) >= here - 1e-12
    assert chance(price, rival + more, 50.0) <= here + 1e-12
    assert chance(price, rival, 50.0 + more) <= here + 1e-12
    nothing = cancel_chance(churn, 0.7, 0.3, 0.0, 0.2, 0.0)
    assert nothing == shifted_chance(churn, 0.7, 0.3)
    assert price_against_renewal(0.0, sensitivity, price, rival, 500.0) == 0.0
    assert price_against_renewal(effect, sensitivity, price, rival, 0.0) == 0.0


def test_a_period_is_paid_out_of_its_income_and_a_purchase_out_of_the_budget() -> None:
    assert wallet(1000.0, 20.0, 0) == 1000.0
    assert wallet(1000.0, 20.0, 30) == 600.0
    assert can_pay(600.0, 0.0, 20.0, 30)  # with an empty purse too
    assert not can_pay(600.01, 1e9, 20.0, 30)
    assert not can_pay(600.01, 600.0, 20.0, 0)


WEIGHING = renewal(churn={"mean": 0.15}, price_effect=4.0)


def kept(figure: Figure, *parts: Piece) -> np.ndarray:
    return values(subscribers(1000, 100, WEIGHING, *parts), figure, SEEDS)


def test_a_lower_price_of_a_rival_never_raises_renewals() -> None:
    """And where it is below what one pays, it lowers them."""
    found = [kept(renewed, rivals(price)) for price in (None, 200.0, 100.0, 60.0, 12.5)]
    for dearer, cheaper in itertools.pairwise(found):
        assert score(cheaper - dearer) < CERTAIN
    assert np.array_equal(found[0], found[2])  # a rival as dear as we: no reason to leave
    assert score(found[3] - found[2]) < -CERTAIN
    assert score(found[4] - found[3]) < -CERTAIN


def test_only_a_subscription_of_a_rival_is_compared_with() -> None:
    once = kept(renewed, rivals(1.0, days=None))
    assert np.array_equal(once, kept(renewed))


def test_a_higher_own_price_never_raises_renewals() -> None:
    """From today on: the first renewal at the new price is weighed, and later ones are usual."""
    base = with_settings(
        subscribers(1000, 60, WEIGHING), overrides={"past_days": 2 * PERIOD, "seed": 3}
    )
    found = []
    for price in (100.0, 110.0, 141.0, 200.0):
        changed = [
            from_today(
                with_settings(base, overrides={"seed": seed}),
                overrides={"offers.offer.price": price},
            )
            for seed in SEEDS
        ]
        found.append(np.array([renewed(run_fast(each, threads=1)) for each in changed]))
    for lower, higher in itertools.pairwise(found):
        assert score(higher - lower) < -CERTAIN


def test_the_first_renewal_at_a_higher_price_is_by_the_odds_that_are_said() -> None:
    """log-odds of leaving rise by effect x (new - paid) / income of the period; then no more."""
    agents, churn, effect, income = 20_000, 0.15, 4.0, 100.0
    base = with_settings(
        subscribers(
            agents,
            3 * PERIOD,
            renewal(churn={"mean": churn}, price_effect=effect),
            {"segments": {"all": {"income_per_day": {"mean": income / PERIOD * 10.0}}}},
        ),
        overrides={"past_days": PERIOD},
    )
    dear = run_fast(from_today(base, overrides={"offers.offer.price": 200.0}), threads=1)
    odds = churn / (1.0 - churn) * math.exp(effect * 100.0 / (income * PERIOD))
    wanted = [odds / (1.0 + odds), churn, churn]
    people = float((dear.customers["began_as"] == Relationship.CUSTOMER).sum())
    left = dear.counts[:, 0, Count.CHURNED].reshape(3, PERIOD).sum(axis=1)
    for gone, chance in zip(left, wanted, strict=True):
        error = math.sqrt(chance * (1.0 - chance) / people)
        assert gone / people == pytest.approx(chance, abs=SURE * error)
        people -= gone


def test_what_switching_costs_delays_it() -> None:
    found = [
        kept(renewed, rivals(40.0), renewal(switching_cost=cost))
        for cost in (0.0, 20.0, 60.0, 80.0)
    ]
    for cheaper, costlier in itertools.pairwise(found[:3]):
        assert score(costlier - cheaper) > CERTAIN
    assert np.array_equal(found[2], found[3])  # 40 and 60 is what one pays: no reason to leave
    assert np.array_equal(found[2], kept(renewed))


def test_loyalty_holds() -> None:
    loyal = {"segments": {"all": {"start": {"loyalty": 0.8}}}}
    assert score(kept(renewed, loyal, renewal(loyalty_effect=2.0)) - kept(renewed, loyal)) > CERTAIN


# --- where they go ---


@cache
def leaving(looks: float, *, other: bool, rival: float | None, appeal: float = 0.0) -> Records:
    offers = {"second": {"price": 90.0, "subscription_days": 20, "appeal": appeal}} if other else {}
    return run_fast(
        subscribers(
            5000,
            31,
            renewal(churn={"mean": 0.3}, looks_around=looks),
            {"offers": offers},
            rivals(rival),
        ),
        threads=1,
    )


def test_whoever_looks_around_and_finds_only_another_own_offer_changes_to_it() -> None:
    """A change is a renewal: nobody is lost, and the new period holds."""
    records = leaving(1.0, other=True, rival=None, appeal=CHOSEN)
    totals = records.counts.sum(axis=(0, 1))
    assert totals[Count.CHURNED] == totals[Count.LAPSED] == 0
    assert 0 < totals[Count.CHANGED_OFFER] < totals[Count.RENEWALS]
    assert (records.customers["relationship"] == Relationship.CUSTOMER).all()
    second = records.customers["offer"] == 1
    assert second.sum() > 1000
    # the first renewal of everybody falls in the first ten days: three in ten change
    first = records.counts[: PERIOD + 1, 0]
    shares = first[:, Count.CHANGED_OFFER].sum() / first[:, Count.RENEWALS].sum()
    error = math.sqrt(0.3 * 0.7 / 5000)
    assert shares == pytest.approx(0.3, abs=SURE * error)
    paid = totals[Count.RENEWAL_REVENUE] / MINOR_UNITS
    # who is on the second offer pays 90, and may change back to the first
    assert 90.0 < paid / totals[Count.RENEWALS] < 100.0


def test_so_many_look_around_as_were_said() -> None:
    """Nobody renews: those who compare take the other offer, all others just end."""
    agents, looks = 400, 0.6
    second = {"price": 90.0, "subscription_days": 20, "appeal": CHOSEN}
    records = run_fast(
        subscribers(
            agents,
            PERIOD + 1,
            renewal(churn={"mean": 1.0}, looks_around=looks),
            {"offers": {"second": second}},
        ),
        threads=1,
    )
    totals = records.counts.sum(axis=(0, 1))
    assert totals[Count.CHANGED_OFFER] + totals[Count.CHURNED] == agents
    error = math.sqrt(looks * (1.0 - looks) / agents)
    assert totals[Count.CHANGED_OFFER] / agents == pytest.approx(looks, abs=SURE * error)


def test_whoever_does_not_look_around_just_ends() -> None:
    records = leaving(0.0, other=True, rival=1.0, appeal=CHOSEN)
    totals = records.counts.sum(axis=(0, 1))
    assert totals[Count.CHANGED_OFFER] == totals[Count.CHURNED_TO_RIVAL] == 0
    assert totals[Count.CHURNED] > 1000


def test_without_an_alternative_looking_around_ends_it_too() -> None:
    """One cannot change to the offer that one gives up."""
    alone, not_looking = (
        leaving(1.0, other=False, rival=None),
        leaving(0.0, other=False, rival=None),
    )
    assert np.array_equal(alone.counts, not_looking.counts)


def test_the_shares_of_where_they_go_are_the_logit_of_their_utilities() -> None:
    """Nothing, another own offer, a rival's: as in any choice."""
    scenario = subscribers(
        40_000,
        PERIOD + 1,
        renewal(churn={"mean": 0.5}, looks_around=0.6),
        {
            "offers": {"second": {"price": 90.0, "subscription_days": 20, "appeal": 0.5}},
            "journey": {"choice": {"waiting": 0.3, "fit": 0.0, "price": 0.0, "trust": 0.0}},
        },
        rivals(50.0),
    )
    records = run_fast(scenario, threads=1)
    totals = records.counts.sum(axis=(0, 1))
    n = float(totals[Count.CHURNED] + totals[Count.CHANGED_OFFER])
    shares = theory.logit_shares([0.3, 0.5, 0.0]) * 0.6
    for found, share in (
        (totals[Count.CHANGED_OFFER], shares[1]),
        (totals[Count.CHURNED_TO_RIVAL], shares[2]),
    ):
        assert found / n == pytest.approx(share, abs=SURE * math.sqrt(share * (1 - share) / n))
    assert n / 40_000 == pytest.approx(0.5, abs=SURE * math.sqrt(0.25 / 40_000))


def test_the_engines_agree_on_a_market_that_weighs_everything() -> None:
    scenario = subscribers(
        300,
        60,
        renewal(
            churn={"mean": 0.3, "concentration": 2.0},
            price_effect=5.0,
            loyalty_effect=2.0,
            switching_cost=10.0,
            looks_around=0.7,
        ),
        {"offers": {"second": {"price": 90.0, "subscription_days": 7}}, "past_days": 30},
        rivals(40.0),
    )
    variant = from_today(scenario, overrides={"offers.offer.price": 130.0})
    for each in (scenario, variant):
        assert differences(run_fast(each, threads=1), run_reference(each)) == []


# --- what keeping is worth ---


@cache
def worth(retention: float, seed: int) -> float:
    """Discounted margin of a customer, a renewal a day (the first one a day from now)."""
    scenario = subscribers(
        30_000,
        151,
        {"offers": {"offer": {"subscription_days": 1}}, "seed": seed},
        renewal(churn={"mean": 1.0 - retention}),
    )
    records = run_fast(scenario, threads=1)
    earned = records.counts[:, 0, Count.RENEWAL_MARGIN] / MINOR_UNITS
    days = np.arange(len(earned), dtype=float)
    return float((earned * (1.0 + DISCOUNT) ** -days).sum()) / 30_000


@pytest.mark.parametrize("retention", [0.6, 0.8, 0.9])
def test_the_retention_elasticity_of_customer_value(retention: float) -> None:
    """(1 + d) / (1 + d - r) within 10 %, by paired runs a few per cent apart."""
    step = 0.02
    seeds = range(4)
    low, high = (
        np.array([worth(retention * (1.0 + sign * step), seed) for seed in seeds])
        for sign in (-1.0, 1.0)
    )
    found = np.log(high / low) / math.log((1.0 + step) / (1.0 - step))
    exact = (1.0 + DISCOUNT) / (1.0 + DISCOUNT - retention)
    assert found.mean() == pytest.approx(exact, rel=0.1)
    margin = theory.customer_value(100.0, retention, DISCOUNT)
    assert worth(retention, 0) == pytest.approx(margin, rel=0.03)


# --- one renewal each ---


def share_leaving(*parts: Piece) -> float:
    """Of 4,000 who each come to one renewal."""
    records = run_fast(subscribers(4000, PERIOD + 1, *parts), threads=1)
    totals = records.counts.sum(axis=(0, 1))
    assert totals[Count.RENEWALS] + totals[Count.CHURNED] == 4000
    return float(totals[Count.CHURNED]) / 4000


def test_who_renews_is_by_the_odds_of_what_they_feel() -> None:
    """Satisfaction .8 of weight 1 and loyalty .8 of weight 1.2 lower the log-odds by 1.76."""
    found = share_leaving(
        {"segments": {"all": {"start": {"satisfaction": 0.8, "loyalty": 0.8}}}},
        renewal(churn={"mean": 0.6}, satisfaction_effect=1.0, loyalty_effect=1.2),
    )
    chance = 0.6 / (0.6 + 0.4 * math.exp(1.76))
    assert found == pytest.approx(chance, abs=SURE * math.sqrt(chance * (1.0 - chance) / 4000))


def test_a_rival_that_costs_less_raises_the_odds_of_leaving() -> None:
    """100 is paid, 60 and 10 to switch would do, of an income of 100: log-odds 4 x .3 higher."""
    found = share_leaving(
        {"segments": {"all": {"income_per_day": {"mean": 100.0 / PERIOD}}}},
        rivals(60.0),
        renewal(churn={"mean": 0.15}, price_effect=4.0, switching_cost=10.0),
    )
    odds = 0.15 / 0.85 * math.exp(1.2)
    chance = odds / (1.0 + odds)
    assert found == pytest.approx(chance, abs=SURE * math.sqrt(chance * (1.0 - chance) / 4000))
