"""Orders of many sizes, payers who are not the users, habit with a brand, and what scores say."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.day import run_fast
from sim.model.choice import habit_after
from sim.model.columns import CHOICE_HABIT, OWN_BRAND, Count
from sim.model.ownership import recommendation
from sim.model.talk import review_chance, stars_of
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.arrays import make_tables
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.theory.bare import CERTAIN_BIAS, LASTING, Piece, market, merged
from sim.vocabulary import MINOR_UNITS, EventCode
from tools.differences import differences

ERRORS = 4.0  # standard errors
PRICE, COST = 200.0, 80.0


def shoppers(agents: int, days: int, *parts: Piece) -> Scenario:
    """A need is a purchase of the same day or the next, again and again, from who has money."""
    base: Piece = {
        "panel": 1.0,
        "journey": {
            "shape": "loop",
            "phases": {
                "consider": {"pace_per_day": 1.0, "bias": CERTAIN_BIAS},
                "relate": {"kind": "relate", "pace_per_day": 0.0},
            },
        },
        "segments": {
            "all": {
                "need": {"rate_per_year": 60.0},
                "start": {"awareness": 1.0},
                "budget": {"mean": 1e6},
                "income_per_day": {"mean": 1e6},
            }
        },
        "offers": {"offer": {"price": PRICE, "unit_cost": COST, "judgement_days": 0}},
    }
    for part in parts:
        base = merged(base, part)
    return market("shoppers", agents, days, **base)


# --- how large orders are ---


@cache
def orders(cv: float, between: float) -> tuple[np.ndarray, np.ndarray, Records]:
    """(customer, value) of each order."""
    records = run_fast(
        shoppers(4000, 120, {"offers": {"offer": {"basket": {"cv": cv, "between": between}}}}),
        threads=1,
    )
    bought = records.events[records.events["event"] == EventCode.PURCHASE]
    return bought["customer"].astype(int), bought["value"].astype(float), records


@pytest.mark.parametrize("between", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("cv", [0.35, 0.96])
def test_orders_have_the_mean_and_the_spread_that_were_asked_for(cv: float, between: float) -> None:
    """Mean = price; sd / mean = cv; the share of the log's variance between customers = between."""
    who, value, records = orders(cv, between)
    log = np.log(value / PRICE)
    variance = math.log1p(cv * cv)
    # orders of a customer are alike as far as `between` says: its mean counts once
    per_head = np.bincount(who, value, minlength=4000)
    heads = np.bincount(who, minlength=4000)
    errors = (per_head - value.mean() * heads)[heads > 0]
    error = math.sqrt(float((errors**2).sum())) / len(value)
    assert value.mean() == pytest.approx(PRICE, abs=ERRORS * error)
    # a lognormal's own cv is dominated by a few; that of its logarithm is not
    enough = math.sqrt((1.0 + heads.mean() * between**2) / len(value))
    assert log.var() == pytest.approx(variance, rel=ERRORS * math.sqrt(2.0) * enough)
    assert log.mean() == pytest.approx(-variance / 2.0, abs=ERRORS * math.sqrt(variance) * enough)
    assert value.std() / value.mean() == pytest.approx(cv, rel=0.12)
    # analysis of variance: within customers, and between
    mean = np.bincount(who, log, minlength=4000)[heads > 0] / heads[heads > 0]
    many = heads[heads > 0]
    within = (
        (log - (np.bincount(who, log, minlength=4000) / np.maximum(heads, 1))[who]) ** 2
    ).sum()
    within /= len(log) - len(many)
    size = (len(log) - (many**2).sum() / len(log)) / (len(many) - 1)
    among = (many * (mean - log.mean()) ** 2).sum() / (len(many) - 1)
    share = max(0.0, (among - within) / size) / variance
    assert share == pytest.approx(between, abs=0.06)
    assert within == pytest.approx(variance * (1.0 - between), rel=0.05, abs=1e-4)
    # the margin is of the same basket
    totals = records.counts.sum(axis=(0, 1))
    assert totals[Count.REVENUE] == pytest.approx(value.sum() * MINOR_UNITS, rel=1e-6)
    ratio = totals[Count.MARGIN] / totals[Count.REVENUE]
    assert ratio == pytest.approx(1.0 - COST / PRICE, rel=1e-4)


def test_without_a_spread_every_order_is_the_price() -> None:
    _, value, records = orders(0.0, 0.5)
    assert (value == PRICE).all()
    assert records.counts[:, :, Count.REVENUE].sum() == len(value) * PRICE * MINOR_UNITS


def test_the_size_of_orders_changes_no_other_luck() -> None:
    """Where there is money enough."""
    plain, spread = orders(0.0, 0.5)[2], orders(0.96, 0.4)[2]
    assert np.array_equal(plain.flows, spread.flows)
    assert np.array_equal(plain.purchases, spread.purchases)


def test_what_others_pay_is_received_and_not_paid() -> None:
    """A hospital: the user pays nothing, or little, and the firm receives the rest."""
    poor = {"segments": {"all": {"budget": {"mean": 10.0}, "income_per_day": {"mean": 10.0}}}}
    fee = {"offers": {"offer": {"price": 5.0, "unit_cost": 30.0, "paid_by_others": 195.0}}}
    paid, dear = (run_fast(shoppers(500, 60, poor, part), threads=1) for part in (fee, {}))
    sold = paid.counts[:, :, Count.PURCHASES].sum()
    assert sold > 1000
    assert paid.counts[:, :, Count.REVENUE].sum() == sold * 200 * MINOR_UNITS
    assert paid.counts[:, :, Count.MARGIN].sum() == sold * 170 * MINOR_UNITS
    assert dear.counts[:, :, Count.PURCHASES].sum() == 0  # 200 is more than they have
    nobody_else = run_fast(
        shoppers(500, 60, poor, {"offers": {"offer": {"price": 5.0}}}), threads=1
    )
    assert np.array_equal(nobody_else.flows, paid.flows)  # behaviour does not know of it


# --- habit ---

BRANDS = {"big": 0.8, "middle": 0.4, "small": -0.4, "tiny": -0.8}


PEOPLE = 8000


def brands(habit: float, gain: float, *, agents: int = PEOPLE, days: int = 240) -> Scenario:
    """A firm among rivals that differ in strength alone; all have the same habit.

    Needs differ between customers, as in the market of Ehrenberg's model (gamma).
    """
    return shoppers(
        agents,
        days,
        {
            "panel": 0.0,
            "journey": {
                "choice": {"habit": habit, **dict.fromkeys(("price", "trust", "fit"), 0.0)},
                "behaviour": {"habit_gain": gain, "loyalty_gain": 0.0},
            },
            "competitors": {
                name: {"strength": strength, "offers": {"it": {"price": 1.0}}}
                for name, strength in BRANDS.items()
            },
            "segments": {"all": {"need": {"rate_per_year": 6.0, "gamma_shape": 0.8}}},
        },
    )


def all_alike(habit: float, gain: float) -> Scenario:
    """Rivals that are the same as the firm."""
    even = {f"competitors.{name}.strength": 0.0 for name in BRANDS}
    return with_settings(brands(habit, gain), overrides=even)


@cache
def bought_by_brand(habit: float, gain: float, *, alike: bool = False) -> np.ndarray:
    """Purchases of each customer (rows) of each brand, the firm's first, in the last 180 days."""
    scenario = all_alike(habit, gain) if alike else brands(habit, gain)
    records = run_fast(with_settings(scenario, overrides={"panel": 1.0}), threads=1)
    events = records.events[records.events["day"] >= 60]
    table = np.zeros((PEOPLE, 1 + len(BRANDS)))
    own = events["event"] == EventCode.PURCHASE
    lost = events["event"] == EventCode.LOST_TO_COMPETITOR
    np.add.at(table, (events["customer"][own], 0), 1)
    np.add.at(table, (events["customer"][lost], 1 + events["offer"][lost]), 1)
    return table


def test_double_jeopardy() -> None:
    """Small brands have fewer buyers, who buy a little less often: w (1 - b) is the same.

    Ehrenberg, Goodhardt & Barwise (1990); within 15 % over all brands.
    """
    table = bought_by_brand(1.0, 0.5)
    penetration = (table > 0).mean(axis=0)
    frequency = table.sum(axis=0) / (table > 0).sum(axis=0)
    order = np.argsort(penetration)
    assert penetration.max() > 3.0 * penetration.min()
    assert (np.diff(frequency[order]) > 0.0).all()  # the larger, the more often bought
    assert frequency.max() < 2.0 * frequency.min()  # but size is in the buyers
    constant = frequency * (1.0 - penetration)
    assert constant == pytest.approx(np.full(len(constant), constant.mean()), rel=0.15)


def test_brands_alike_have_the_same_buyers_as_often() -> None:
    """w (1 - b) of five equal brands, the firm among them: equal within its error."""
    table = bought_by_brand(1.0, 0.5, alike=True)

    def constant(rows: np.ndarray) -> np.ndarray:
        buyers = (rows > 0).sum(axis=0)
        return rows.sum(axis=0) / buyers * (1.0 - buyers / len(rows))

    parts = np.array([constant(rows) for rows in np.array_split(table, 20)])
    error = parts.std(axis=0, ddof=1) / math.sqrt(len(parts))
    found = constant(table)
    assert (np.abs(found - found.mean()) < ERRORS * error).all()
    assert (error < 0.03 * found).all()


def test_habit_makes_the_same_brand_be_bought_again() -> None:
    """Of two purchases in a row, more are of the same brand than without it."""

    def again(table: np.ndarray) -> float:
        pairs = table * (table - 1)
        total = table.sum(axis=1)
        return float(pairs.sum() / (total * (total - 1)).sum())

    assert again(bought_by_brand(2.0, 0.5)) > 1.1 * again(bought_by_brand(0.0, 0.5))


def test_who_has_a_habit_buys_the_same_brand_again() -> None:
    """Of a weight beyond all luck, and whole after one purchase: always the first brand."""
    often = {"panel": 1.0, "segments.all.need.rate_per_year": 60.0}
    scenario = with_settings(brands(50.0, 1.0, agents=60, days=60), overrides=often)
    events = run_fast(scenario, threads=1).events
    own = events["event"] == EventCode.PURCHASE
    lost = events["event"] == EventCode.LOST_TO_COMPETITOR
    who = np.concatenate([events["customer"][own], events["customer"][lost]])
    brand = np.concatenate([np.full(own.sum(), -1), events["offer"][lost]])
    assert len(who) > 2 * len(np.unique(who))
    assert len(np.unique(np.stack([who, brand], axis=1), axis=0)) == len(np.unique(who))
    assert len(np.unique(brand)) > 2


@pytest.mark.parametrize(("habit", "gain"), [(0.0, 0.7), (3.0, 0.0)])
def test_habit_of_no_weight_or_no_gain_is_none(habit: float, gain: float) -> None:
    counted = [
        run_fast(brands(*setting, agents=1500, days=90), threads=1)
        for setting in ((0.0, 0.0), (habit, gain))
    ]
    for name in ("flows", "counts", "purchases", "losses"):
        assert np.array_equal(getattr(counted[0], name), getattr(counted[1], name)), name


def test_rivals_that_are_the_same_share_alike() -> None:
    """With habit too: five brands alike have a fifth each, the firm's among them."""
    records = run_fast(all_alike(2.0, 0.5), threads=1)
    sold = records.counts[:, :, Count.PURCHASES].sum()
    lost = records.losses.sum(axis=(0, 1))
    total = float(sold + lost.sum())
    # a customer's purchases hang together by its habit: it counts as one at worst
    error = math.sqrt(0.2 * 0.8 / PEOPLE)
    for share in (sold / total, *(lost / total)):
        assert share == pytest.approx(0.2, abs=ERRORS * error)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_habit_stays_between_none_and_all(habit: float, gain: float) -> None:
    again, anew = habit_after(habit, gain, True), habit_after(habit, gain, False)
    assert habit <= again + 1e-12
    assert 0.0 <= again <= 1.0 + 1e-12
    assert anew == gain  # whatever it was with another brand


def test_the_habit_of_a_buyer_is_with_the_brand_bought_last() -> None:
    """After k purchases of one brand in a row it is 1 - (1 - gain)^k, where nothing fades."""
    gain = 0.3
    faithful = shoppers(
        300,
        100,
        {
            "journey": {
                "choice": {"habit": 1.0},
                "behaviour": {"habit_gain": gain, "loyalty_half_life_days": LASTING},
            }
        },
    )
    records = run_fast(faithful, threads=1)
    people = records.customers
    k = people["purchases"].astype(float)
    assert k.max() > 5
    assert people["habit"] == pytest.approx(1.0 - (1.0 - gain) ** k, abs=1e-3)
    assert (people["brand"][k > 0] == OWN_BRAND).all()
    assert make_tables(faithful).choice_weights[CHOICE_HABIT] == 1.0
    small = with_settings(faithful, overrides={"agents": 80, "population": 80})
    assert differences(run_fast(small, threads=1), run_reference(small)) == []


# --- what is said ---


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    st.floats(-1.0, 1.0),
    st.floats(-1.0, 1.0),
    st.floats(0.0, 10.0),
    st.floats(0.0, 20.0),
    st.floats(1.0, 5.0),
    st.floats(0.0, 10.0),
)
def test_scores_and_stars_rise_with_satisfaction(
    one: float, other: float, neutral: float, slope: float, stars: float, steep: float
) -> None:
    low, high = sorted((one, other))
    assert 0 <= recommendation(low, neutral, slope) <= recommendation(high, neutral, slope) <= 10
    assert 1 <= stars_of(low, stars, steep) <= stars_of(high, stars, steep) <= 5
    assert recommendation(0.0, neutral, slope) == math.floor(neutral + 0.5)


def test_the_default_mapping_uses_the_whole_range() -> None:
    answers = [recommendation(s, 5.0, 5.0) for s in np.linspace(-1.0, 1.0, 201)]
    assert sorted(set(answers)) == list(range(11))
    stars = [stars_of(s, 3.0, 2.0) for s in np.linspace(-1.0, 1.0, 201)]
    assert sorted(set(stars)) == [1, 2, 3, 4, 5]
    assert recommendation(0.7, 5.0, 5.0) == 9  # promoters from here
    assert recommendation(0.29, 5.0, 5.0) == 6  # detractors below .3


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_the_extreme_post_more_often(
    chance: float, extremity: float, one: float, other: float
) -> None:
    mild, strong = sorted((one, other), key=abs)
    quiet, loud = (review_chance(chance, extremity, s) for s in (mild, strong))
    assert 0.0 <= quiet <= loud + 1e-12 <= chance + 2e-12
    assert review_chance(chance, 0.0, mild) == chance
    assert review_chance(chance, 1.0, 0.0) == 0.0
    assert quiet == pytest.approx(review_chance(chance, extremity, -mild))


@cache
def judged(extremity: float) -> Records:
    """Judgements spread evenly enough over the whole range; satisfaction is the last of them."""
    parts: dict[str, Any] = {
        "journey": {"behaviour": {"satisfaction_speed": 1.0, "performance_weight": 1.0}},
        "offers": {"offer": {"performance": {"mean": 0.2, "sd": 0.6}}},
    }
    scenario = shoppers(4000, 90, parts)
    return run_fast(
        with_settings(scenario, overrides={"reviews.chance": 0.9, "reviews.extremity": extremity}),
        threads=1,
    )


@pytest.mark.parametrize("extremity", [0.0, 0.95])
def test_stars_and_scores_are_those_of_the_judgements(extremity: float) -> None:
    """The panel tells every judgement: scores exactly, stars by the chance to post each."""
    records = judged(extremity)
    said = records.events["value"][records.events["event"] == EventCode.JUDGEMENT].astype(float)
    assert len(said) > 20_000
    scores = np.bincount([recommendation(s, 5.0, 5.0) for s in said], minlength=11)
    assert np.array_equal(scores, records.scores.sum(axis=(0, 1)))
    chances = np.array([review_chance(0.9, extremity, s) for s in said])
    star = np.array([stars_of(s, 3.0, 2.0) for s in said])
    for value in range(1, 6):
        mine = chances[star == value]
        error = math.sqrt(float((mine * (1.0 - mine)).sum()))
        found = int(records.stars[:, value - 1].sum())
        assert found == pytest.approx(mine.sum(), abs=ERRORS * error + 1e-9)


def test_extremity_makes_the_j_of_published_ratings() -> None:
    """Most stars at the ends and few in the middle, from judgements that are most in the middle."""
    moderate, extreme = (judged(e).stars.sum(axis=0) for e in (0.0, 0.95))
    assert moderate[2] == moderate.max()  # a hump
    assert extreme[0] > extreme[1] > extreme[2] < extreme[3]
    assert extreme[4] > 1.5 * extreme[2]
    assert extreme[4] > extreme[0]  # a J: more good than bad


# --- small enough to be worked out ---

NOTHING_ELSE = dict.fromkeys(
    ("fit", "price", "trust", "engagement", "experience", "satisfaction", "loyalty"), 0.0
)


def against_one_rival(days: int, appeal: float, **choice: float) -> Records:
    """The firm and a rival that is the same, but for the appeal of its offer."""
    return run_fast(
        shoppers(
            500,
            days,
            {
                "journey": {
                    "choice": NOTHING_ELSE | choice,
                    "behaviour": {
                        "habit_gain": 1.0,
                        "loyalty_gain": 0.0,
                        "loyalty_half_life_days": LASTING,
                    },
                },
                "competitors": {"rival": {"offers": {"it": {"price": PRICE, "appeal": appeal}}}},
            },
        ),
        threads=1,
    )


def test_a_rival_s_buyer_has_the_same_habit() -> None:
    """Of two brands alike the one bought last is bought again by a logit of the habit's weight."""
    events = against_one_rival(50, 0.0, habit=2.0).events
    chosen = np.isin(events["event"], (EventCode.PURCHASE, EventCode.LOST_TO_COMPETITOR))
    events = events[chosen]
    events = events[np.argsort(events["customer"], kind="stable")]
    own = events["event"] == EventCode.PURCHASE
    pairs = events["customer"][1:] == events["customer"][:-1]
    again = (own[1:] == own[:-1])[pairs]
    chance = 1.0 / (1.0 + math.exp(-2.0))
    for last in (True, False):
        mine = again[own[:-1][pairs] == last]
        assert len(mine) > 800
        error = math.sqrt(chance * (1.0 - chance) / len(mine))
        assert mine.mean() == pytest.approx(chance, abs=ERRORS * error)


def test_a_rival_s_offer_has_its_own_appeal() -> None:
    records = against_one_rival(30, 1.0)
    totals = records.counts.sum(axis=(0, 1))
    lost, sold = float(totals[Count.LOST]), float(totals[Count.PURCHASES])
    chance = 1.0 / (1.0 + math.exp(-1.0))
    error = math.sqrt(chance * (1.0 - chance) / (lost + sold))
    assert lost / (lost + sold) == pytest.approx(chance, abs=ERRORS * error)
