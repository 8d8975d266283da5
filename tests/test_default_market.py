"""The default market: its two files, and the bands that a run of it must lie in.

Every band is a published figure (named beside it) or a plain condition of a working market.
The figures are computed from the raw counters. A band must hold with three standard errors to
spare where a run is large enough; of paired runs with several seeds, the band must not be missed by
more than three. docs/default_market.py measures all bands, with more people and other seeds.
"""

import math
import re
import runpy
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.day import run_fast
from sim.model.columns import Cohort, Count, Touch
from sim.records.recorder import Records
from sim.scenario.arrays import pair_names
from sim.scenario.levers import with_settings
from sim.scenario.library import library_file
from sim.scenario.load import load_scenario
from sim.scenario.rules import cross_check
from sim.scenario.schema import Lapse, Scenario, Start
from sim.vocabulary import (
    DAYS_PER_YEAR,
    FIXED_POINT,
    MINOR_UNITS,
    MONTHS_PER_YEAR,
    Audience,
    Label,
    PhaseKind,
    Purpose,
    Relationship,
    Route,
    Shape,
    Starts,
)

LOOP, FUNNEL = "webshop_loop", "webshop_funnel"
SPARE = 3.0  # standard errors
ORDERS_TOGETHER = 2.0  # variance / mean of orders: some people place several (assumption)
ROOT = Path(__file__).parent.parent

# The channels of each phase in the source's picture of the digital customer journey. (Its
# reactivation campaigns in the loyalty phase go to lapsed customers, who are in the first.)
CHANNELS = {
    "awareness": {"display", "paid_social", "pr", "affiliate", "sponsorship", "reactivation"},
    "interest": {"organic_search", "paid_search_generic", "paid_search_brand", "social"}
    | {"newsletter", "autoresponder", "content", "display", "retargeting"},
    "desire": {"organic_search", "paid_search_generic", "paid_search_brand", "retargeting"}
    | {"newsletter", "email_automation", "social"},
    "purchase": {"email_automation", "web_shop"},
    "loyalty": {"newsletter", "social", "retargeting", "loyalty_offers", "recovery", "parcel"},
    "advocacy": {"newsletter", "social", "reviews", "word_of_mouth"},
}

# Keys of the file, beside the touchpoints, over or behind which a comment says where from.
NUMBERED = ["population:", "past_days:", "  phases:", "  checkout:", "  choice:"]
NUMBERED += ["    awareness_half_life_days:", "    performance_weight:", "    score:"]
NUMBERED += ["segments:", "offers:", "competitors:", "touchpoints:", "talk:", "reviews:"]


@pytest.fixture(scope="session")
def loop() -> Scenario:
    return load_scenario(LOOP)


@pytest.fixture(scope="session")
def run(loop: Scenario) -> Records:
    """The default run: 100,000 customers, two years."""
    return run_fast(loop)


@pytest.fixture(scope="session")
def long_run() -> Records:
    """Four years, so that everybody who first buys in the first has three years after it."""
    return run_fast(load_scenario(LOOP, agents=30_000, days=4 * DAYS_PER_YEAR))


def total(run: Records, count: Count) -> int:
    """A count of the whole run."""
    return int(run.counts[:, :, count].sum())


def touched(run: Records) -> dict[str, NDArray[np.int64]]:
    """Per touchpoint, its row of `Touch` counts, summed over days, segments and phases."""
    rows = run.touch.sum(axis=(0, 1))
    pairs = pair_names(run.scenario)
    return {
        name: rows[[row for row, (_, other) in enumerate(pairs) if other == name]].sum(axis=0)
        for name in run.scenario.touchpoints
    }


def share_and_error(part: float, whole: float) -> tuple[float, float]:
    """A share and its binomial standard error."""
    share = part / whole
    return share, math.sqrt(share * (1.0 - share) / whole)


def assert_within(value: float, error: float, low: float, high: float) -> None:
    """Assert that value +- SPARE standard errors lies in low .. high."""
    assert low + SPARE * error <= value <= high - SPARE * error, f"{value:.4f} +- {error:.4f}"


# the files


@pytest.mark.parametrize("name", [LOOP, FUNNEL])
def test_a_file_breaks_no_rule(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert cross_check(scenario) == []


def test_the_market_is_the_one_described(loop: Scenario) -> None:
    assert (loop.currency, loop.population) == ("DKK", 500_000)
    assert (loop.agents, loop.days) == (100_000, 2 * DAYS_PER_YEAR)
    assert len(loop.competitors) == 2
    kinds = [PhaseKind.LATENT, PhaseKind.CONSIDER, PhaseKind.CONSIDER]
    kinds += [PhaseKind.PURCHASE, PhaseKind.RELATE, PhaseKind.ADVOCATE]
    assert list(loop.journey.phases) == list(CHANNELS)
    assert [phase.kind for phase in loop.journey.phases.values()] == kinds
    assert all(phase.name_da for phase in loop.journey.phases.values())
    assert all(segment.name_da for segment in loop.segments.values())
    assert all(touchpoint.name_da for touchpoint in loop.touchpoints.values())
    assert all(competitor.name_da for competitor in loop.competitors.values())
    assert all(phase.label for phase in loop.journey.phases.values())


def test_three_segments_differ_in_needs_budget_and_price_sensitivity(loop: Scenario) -> None:
    segments = list(loop.segments.values())
    assert len(segments) == 3
    first_needs = {max(s.need_weights, key=lambda n: s.need_weights[n].mean) for s in segments}
    assert first_needs == set(loop.journey.needs)
    for traits in ("budget", "price_sensitivity", "income_per_day"):
        assert len({getattr(segment, traits).mean for segment in segments}) == 3
    assert len({segment.need.rate_per_year for segment in segments}) == 3


def test_touchpoints_act_in_the_phases_of_the_source(loop: Scenario) -> None:
    for phase, names in CHANNELS.items():
        acting = {n for n, t in loop.touchpoints.items() if t.reach.get(phase, 0.0) > 0.0}
        assert names <= acting


def test_touchpoints_that_draw_lots_fit_in_three_blocks(loop: Scenario) -> None:
    """Three blocks of 8 hold 4 movements and 20 touchpoints; triggered ones draw no lots."""
    touchpoints = list(loop.touchpoints.values())
    assert 12 <= len(touchpoints) <= 22
    assert all(touchpoint.starts == Starts.TRIGGERED for touchpoint in touchpoints[20:])


def test_every_group_of_numbers_names_its_source(loop: Scenario) -> None:
    """In the comments over a touchpoint, or over a part of the file, stands where it is from."""
    lines = library_file(LOOP).read_text(encoding="utf-8").splitlines()
    for key in [f"  {name}:" for name in loop.touchpoints] + NUMBERED:
        (place,) = [i for i, line in enumerate(lines) if line == key or line.startswith(f"{key} ")]
        comment = lines[place].partition("#")[2]
        for line in reversed(lines[:place]):
            if not line.lstrip().startswith("#"):
                break
            comment += line
        assert re.search(r"assumption|facts", comment, re.IGNORECASE), key


def test_the_funnel_is_the_loop_up_to_the_purchase(loop: Scenario) -> None:
    """Leaving out of the loop all that lies after the purchase gives the funnel's file."""
    given: dict[str, Any] = load_scenario(FUNNEL).model_dump()
    expected: dict[str, Any] = loop.model_dump()
    journey, touchpoints = expected["journey"], expected["touchpoints"]
    journey["shape"] = Shape.FUNNEL
    for name in [n for n, p in loop.journey.phases.items() if p.label == Label.AFTER]:
        del journey["phases"][name]
        for touchpoint in touchpoints.values():
            touchpoint["reach"].pop(name, None)
    for segment in expected["segments"].values():
        known = ("awareness", "engagement", "trust", "permission_prospects")
        kept = {k: segment["start"][k] for k in known}
        segment["start"] = {**Start().model_dump(), **kept}
        segment["lapse"] = Lapse().model_dump()
    after = (Audience.CUSTOMERS, Audience.LAPSED)
    expected["touchpoints"] = {n: t for n, t in touchpoints.items() if t["audience"] not in after}
    assert list(given["touchpoints"]) == list(expected["touchpoints"])
    its_own = {"name", "title", "title_da", "description", "description_da", "talk", "reviews"}
    for part in set(given) - its_own:
        assert given[part] == expected[part], part
    for part, fields in (
        ("talk", ("fan_per_day", "listeners_positive", "mixing")),
        ("reviews", ("start_rating", "start_count", "usual_rating")),
    ):
        assert all(given[part][field] == expected[part][field] for field in fields)


def test_the_funnel_runs_and_nobody_stays() -> None:
    run = run_fast(load_scenario(FUNNEL, agents=2_000, days=DAYS_PER_YEAR), check=True)
    assert total(run, Count.PURCHASES) > 0
    assert not (run.customers["relationship"] == Relationship.CUSTOMER).any()
    assert all(row[Touch.ENCOUNTERS] > 0 for row in touched(run).values())


# the bands


def test_checkouts_abandoned(run: Records) -> None:
    """65 to 70 % of carts (facts), with room: 60 to 75 %."""
    abandoned, started = total(run, Count.CHECKOUTS_ABANDONED), total(run, Count.CHECKOUTS_STARTED)
    assert_within(*share_and_error(abandoned, started), 0.60, 0.75)


def test_visits_that_buy(run: Records) -> None:
    """1.1 to 4.1 % of a shop's visits (facts)."""
    visits = sum(int(row[Touch.VISITS]) for row in touched(run).values())
    assert_within(*share_and_error(total(run, Count.PURCHASES), visits), 0.01, 0.04)


def test_recommendation_score(run: Records) -> None:
    """Promoters (9, 10) less detractors (0 to 6); 20 to 60 for web shops (facts)."""
    scores = run.scores.sum(axis=(0, 1))
    answers = int(scores.sum())
    promoters, detractors = scores[9:].sum() / answers, scores[:7].sum() / answers
    score = promoters - detractors
    error = math.sqrt((promoters + detractors - score**2) / answers)
    assert_within(100.0 * score, 100.0 * error, 20.0, 60.0)
    assert_within(*share_and_error(scores[10], answers), 0.05, 0.50)


def test_stars_are_many_fives_some_ones_and_few_in_between(run: Records) -> None:
    """The J of published ratings (facts: Hu, Zhang & Pavlou 2009), of two seeds' few reviews."""
    more = run_fast(with_settings(run.scenario, overrides={"seed": run.scenario.seed + 1}))
    ones, twos, threes, fours, fives = (run.stars + more.stars).sum(axis=0).astype(float)
    between = (twos + threes) / 2.0
    assert ones - between > SPARE * math.sqrt(ones + between / 2.0)
    assert fives > ones + twos + threes + fours


def test_the_top_fifth_of_buyers_bring_half_of_the_revenue(run: Records) -> None:
    """CDNOW's: 67 % in 78 weeks (facts)."""
    revenue = np.sort(run.customers["revenue"][run.customers["revenue"] > 0])
    top = revenue[-len(revenue) // 5 :].sum() / revenue.sum()
    assert 0.50 < top < 0.70


@pytest.fixture(scope="session")
def bands() -> dict[str, Any]:
    """The program that measures the bands."""
    return runpy.run_path(str(ROOT / "docs" / "default_market.py"))


def measured(bands: dict[str, Any], family: str, agents: int, seeds: int) -> dict[str, list[float]]:
    """A family of figures, each a list over seeds."""
    markets = [bands["Market"](LOOP, agents, seed) for seed in range(1, seeds + 1)]
    found = [bands["FAMILIES"][family](market) for market in markets]
    return {key: [one[key] for one in found] for key in found[0]}


def assert_not_outside(each: list[float], low: float, high: float) -> None:
    """Assert that the mean over seeds is at most SPARE standard errors outside low .. high."""
    mean, error = np.mean(each), np.std(each, ddof=1) / math.sqrt(len(each))
    assert low - SPARE * error <= mean <= high + SPARE * error, f"{mean:.4f} +- {error:.4f}"


def test_one_percent_more_on_all_budgets(bands: dict[str, Any]) -> None:
    """.12 % in the first quarter, .24 in the long run (facts: Sethuraman, Tellis & Briesch 2011).

    Bands: .05 to .20, and about (1.4 to 3 times) twice that.
    """
    found = measured(bands, "advertising", 12_000, 3)
    assert_not_outside(found["ads_first_quarter"], 0.05, 0.20)
    assert_not_outside(found["ads_long_run"], 0.10, 0.40)
    assert_not_outside(found["ads_growth"], 1.4, 3.0)


def test_what_own_prices_do_to_volume(bands: dict[str, Any]) -> None:
    """An elasticity of -2.3 to -3.2 in the first year; -2.62 (facts: Bijmolt et al. 2005)."""
    found = measured(bands, "elasticity", 12_000, 3)
    assert_not_outside(found["elasticity_wide"], -3.2, -2.3)
    assert np.mean(found["elasticity_orders"]) < -1.0


def test_what_keeping_and_talk_are_worth(bands: dict[str, Any]) -> None:
    """Half the lapse: 10 to 20 % of a customer's value. Talk and reviews: 5 to 15 % of sales."""
    found = measured(bands, "keeping", 8_000, 3)
    assert_not_outside(found["half_lapse"], 0.10, 0.20)
    assert_not_outside(found["talk_sells"], 0.05, 0.15)


def test_orders_follow_orders_and_brands_differ_in_buyers(bands: dict[str, Any]) -> None:
    """One more order within a year: .20 to .32 after the first, .53 to .64 after the third (facts).

    w (1 - b), orders per buyer times the share who buy elsewhere, is alike for all brands
    (facts: Ehrenberg, Uncles & Goodhardt 2004), within 15 %.
    """
    found = {k: v[0] for k, v in measured(bands, "orders", 12_000, 1).items()}
    assert 0.20 < found["repeat_1"] < 0.37
    assert found["repeat_1"] < found["repeat_2"] < found["repeat_3"]
    assert 0.45 < found["repeat_3"] < 0.70
    assert 0.6 < found["order_cv"] < 1.1
    assert found["w1b_spread"] < 0.17


def acquisition_cost(run: Records) -> float:
    """Money spent on acquisition per new customer, in the whole run."""
    purposes = [touchpoint.spend_purpose for touchpoint in run.scenario.touchpoints.values()]
    acquiring = np.array([purpose == Purpose.ACQUISITION for purpose in purposes])
    new = total(run, Count.NEW_CUSTOMERS) * run.people_per_agent
    return float(run.spend[:, acquiring].sum()) / new


def test_acquiring_costs_about_the_first_margin_or_more(run: Records) -> None:
    first_margin = total(run, Count.NEW_MARGIN) / MINOR_UNITS / total(run, Count.NEW_CUSTOMERS)
    assert acquisition_cost(run) > 0.9 * first_margin


def test_three_years_of_a_customer_are_worth_more_than_acquiring_it(long_run: Records) -> None:
    """Margin of the 36 months from the first purchase, discounted at 10 % a year."""
    months = 3 * MONTHS_PER_YEAR
    first = long_run.customers["first_day"]
    new = (first >= 0) & (first < DAYS_PER_YEAR)  # the twelve cohorts after number 0
    margin = long_run.cohorts[:, 1:13, :months, Cohort.MARGIN].sum(axis=(0, 1)) / MINOR_UNITS
    rate = 1.0 + long_run.scenario.discount_rate_per_year
    discount = rate ** (-(np.arange(months) + 0.5) / MONTHS_PER_YEAR)
    value = float(margin @ discount) / int(new.sum())
    # The undiscounted margin of up to four years varies more than what is measured here.
    spread = float(np.std(long_run.customers["margin"][new])) / MINOR_UNITS
    error = spread / math.sqrt(int(new.sum()))
    assert_within(value, error, acquisition_cost(long_run), 5.0 * acquisition_cost(long_run))


def test_repeat_rate_within_a_year(run: Records) -> None:
    """Of those whose first purchase has a year after it, 20 to 35 % buy again in it."""
    first = run.customers["first_day"].astype(int)
    second = run.customers["second_day"].astype(int)
    followed = (first >= 0) & (first + DAYS_PER_YEAR < run.scenario.days)
    again = followed & (second >= 0) & (second - first <= DAYS_PER_YEAR)
    assert_within(*share_and_error(int(again.sum()), int(followed.sum())), 0.20, 0.37)


def test_retention_rises_with_tenure(run: Records) -> None:
    """A month's survival of cohorts 0 to 2, 3 to 11 and 12 to 22 months old, each above the last.

    Lapsed customers who come back count again in their old cohort, so that this is net.
    """
    active = run.active.sum(axis=1)  # (months, cohorts); cohort 0 is from before day 0
    ages = np.arange(len(active))[:, None] - np.arange(active.shape[1])[None, :] + 1
    known = (np.arange(active.shape[1]) > 0)[None, :] & (ages >= 0)
    found = []
    for low, high in ((0, 2), (3, 11), (12, 22)):
        chosen = (known & (ages >= low) & (ages <= high))[:-1]
        before, after = active[:-1][chosen].sum(), active[1:][chosen].sum()
        found.append(share_and_error(int(after), int(before)))
    for (young, young_error), (old, old_error) in pairwise(found):
        assert old - young > SPARE * math.hypot(young_error, old_error), found


def test_purchases_by_all_three_routes(run: Records) -> None:
    """From the start, added on the way, by loyalty: none under 5 %, none over 75 %."""
    purchases = run.purchases.sum(axis=(0, 1, 2))
    assert purchases[Route.NONE] == 0
    for route in (Route.INITIAL, Route.ADDED, Route.LOYALTY):
        assert_within(*share_and_error(purchases[route], purchases.sum()), 0.05, 0.75)


# a working market


def test_every_phase_is_populated_every_day(run: Records) -> None:
    """Once the first journeys have got through, after a month."""
    moves = run.flows.sum(axis=1)
    census = run.start.sum(axis=0) + np.cumsum(moves.sum(axis=1) - moves.sum(axis=2), axis=0)
    assert (census[30:] > 0.003 * run.scenario.agents).all()
    latent = census[30:, 0] / run.scenario.agents
    assert 0.6 < latent.min() <= latent.max() < 0.95


def test_awareness_neither_saturates_nor_dies(run: Records) -> None:
    for relationship in Relationship:
        mine = run.customers["relationship"] == relationship
        assert 0.1 < run.customers["awareness"][mine].mean() < 0.65


def test_one_year_is_like_the_next(long_run: Records) -> None:
    """Purchases within 3 %, new customers within 5 %, each with three standard errors."""
    for count, most in ((Count.PURCHASES, 0.03), (Count.NEW_CUSTOMERS, 0.05)):
        daily = long_run.counts[:, :, count].sum(axis=1)
        years = daily.reshape(-1, DAYS_PER_YEAR).sum(axis=1)
        error = math.sqrt(2.0 * ORDERS_TOGETHER / years.mean())
        assert np.log(years.max() / years.min()) < most + SPARE * error, years


def test_the_market_starts_where_it_stays(run: Records) -> None:
    """Owners at the end as at the start; the rating where its buyers keep it."""
    owners = run.active.sum(axis=(1, 2))
    assert 0.9 < owners[-1] / run.start[:, 4:].sum() < 1.1
    assert abs(run.rating[-1] - run.rating[0]) < 0.05


def test_customers_notice_the_brand_now_and_then(run: Records) -> None:
    """So that a day on which nothing happens is the rule: encounters per customer and day."""
    rows = touched(run)
    met = sum(int(row[Touch.ENCOUNTERS]) for row in rows.values())
    assert 0.05 < met / (run.scenario.agents * run.scenario.days) < 0.15
    for name, row in rows.items():
        assert row[Touch.ENCOUNTERS] > 0.005 * run.scenario.agents, name
        assert row[Touch.BAD] < 0.3 * row[Touch.ENCOUNTERS], name


def test_money_is_plausible(run: Records) -> None:
    """Marketing 10 to 30 % of revenue, a profit that leaves room for rent and wages, which are no
    touchpoint and hence no cost here, and no budget left unused."""
    scale = run.people_per_agent / MINOR_UNITS
    revenue, margin = total(run, Count.REVENUE) * scale, total(run, Count.MARGIN) * scale
    spend = run.spend.sum(axis=0)
    assert 0.1 < spend.sum() / revenue < 0.3
    assert 0.0 < margin - spend.sum() < 0.25 * revenue
    for touchpoint, spent in zip(run.scenario.touchpoints.values(), spend, strict=True):
        budget = touchpoint.budget_per_day
        if budget is not None:
            assert 0.8 * budget * run.scenario.days < spent <= 1.05 * budget * run.scenario.days


def test_rivals_win_most_of_what_is_bought(run: Records) -> None:
    won, lost = total(run, Count.PURCHASES), run.losses.sum(axis=(0, 1))
    assert 0.03 < won / (won + lost.sum()) < 0.15
    assert (lost > 0.05 * lost.sum()).all()


def test_about_three_recommendations_for_a_warning(run: Records) -> None:
    """Among messages heard; about 3 to 1 (facts: East et al. 2008)."""
    good, bad = run.messages.sum(axis=0)
    assert 2.0 < good / bad < 5.0


def test_waits_in_customer_service(run: Records) -> None:
    row = touched(run)["customer_service"]
    wait = row[Touch.WAIT] / FIXED_POINT / row[Touch.ENCOUNTERS]
    assert 0.5 < wait < 10.0
    assert row[Touch.GAVE_UP] < 0.25 * row[Touch.ENCOUNTERS]
