"""Measure the bands of the default market and write them into its page.

`python docs/default_market.py`

Every figure is of paired runs: what is changed, is changed on day 0, out of the same past and with
the same random draws. `--agents 10000 --seeds 11 --only shape` takes a few seconds; all of it with
three seeds of 50,000 customers about ten minutes.
"""

import argparse
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.engine.day import run_fast
from sim.measures.economics import cac
from sim.measures.value import clv_to_cac
from sim.model.columns import Cohort, Count, Touch
from sim.pages.charts.drawing import BLUE, INK, MUTED, PALE, style
from sim.records.recorder import Records
from sim.scenario.levers import from_today
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, EventCode, Purpose

PAGE = Path(__file__).parent / "default_market.md"
TARGET = Path(__file__).parent / "images" / "default_market.svg"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
MARKET = "webshop_loop"
QUARTER = 91  # days
STEP = 1.25  # factor on budgets, up and down: 1 % moves too few purchases to be seen
REST_YEARS, LIFE_YEARS = 8, 3  # years that must be alike; years in which a customer's value comes
WIDE = 1.1  # factor on own prices, up and down: 5 % moves few orders
PRICES = (0.85, 0.925, 1.0, 1.075, 1.15)
BOUGHT = ("display", "paid_social", "sponsorship", "retargeting", "paid_search_generic")
COMMISSION, OWN_NAME = "affiliate", "paid_search_brand"

Found = dict[str, float]


class Market(NamedTuple):
    """Whose runs are asked for: a scenario's name or file, its size and its luck."""

    source: str
    agents: int
    seed: int

    def scenario(self, years: float, **overrides: Any) -> Scenario:
        """The market as it is written."""
        days = round(years * DAYS_PER_YEAR)
        size = {"agents": self.agents, "seed": self.seed, "days": days, "panel": 0.0}
        return load_scenario(self.source, **(size | overrides))

    def run(self, years: float, changes: dict[str, Any] | None = None) -> Records:
        """A run out of the market's past, with changes from day 0 on."""
        scenario = self.scenario(years)
        return run_fast(from_today(scenario, overrides=changes or {}), threads=1)


# --- what a run is asked ---


def yearly(run: Records, count: Count) -> NDArray[np.float64]:
    """A counter by year of the run."""
    daily = run.counts[:, :, count].sum(axis=1)
    years = len(daily) // DAYS_PER_YEAR
    return daily[: years * DAYS_PER_YEAR].reshape(years, DAYS_PER_YEAR).sum(axis=1).astype(float)


def total(run: Records, count: Count) -> float:
    """A counter of the whole run."""
    return float(run.counts[:, :, count].sum())


def acquisition_spend(run: Records) -> NDArray[np.float64]:
    """Spend to win customers, by year, in currency for each simulated customer's people."""
    touchpoints = run.scenario.touchpoints.values()
    winning = np.array([t.spend_purpose == Purpose.ACQUISITION for t in touchpoints])
    daily = run.spend[:, winning].sum(axis=1) / run.people_per_agent
    years = len(daily) // DAYS_PER_YEAR
    return daily[: years * DAYS_PER_YEAR].reshape(years, DAYS_PER_YEAR).sum(axis=1)


def value_of_year(run: Records, year: int) -> float:
    """Discounted margin, in the 36 months from the first order on, of those won in a year."""
    ages = np.arange(36)
    margin = run.cohorts[:, 1 + 12 * year : 13 + 12 * year, :36, Cohort.MARGIN].sum(axis=(0, 1))
    rate = 1.0 + run.scenario.discount_rate_per_year
    won = yearly(run, Count.NEW_CUSTOMERS)[year]
    return float(margin @ rate ** (-ages / 12.0)) / MINOR_UNITS / won


def profit(run: Records, first_year: int, last_year: int) -> float:
    """Margin less marketing, of the years first .. last - 1, in currency."""
    days = slice(first_year * DAYS_PER_YEAR, last_year * DAYS_PER_YEAR)
    margin = run.counts[days, :, Count.MARGIN].sum() / MINOR_UNITS * run.people_per_agent
    return float(margin - run.spend[days].sum())


# --- families of bands: each a function of a market ---


def shape(market: Market) -> Found:
    """What two years of the market look like."""
    run = market.run(2)
    visits = float(run.touch[..., Touch.VISITS].sum())
    bought, lost = total(run, Count.PURCHASES), float(run.losses.sum())
    scores = run.scores.sum(axis=(0, 1)) / run.scores.sum()
    stars = run.stars.sum(axis=0) / run.stars.sum()
    revenue = np.sort(run.customers["revenue"][run.customers["revenue"] > 0])[::-1]
    top = revenue[: round(0.2 * len(revenue))].sum() / revenue.sum()
    good, bad = run.messages.sum(axis=0)
    scale = run.people_per_agent / MINOR_UNITS
    margin, spend = total(run, Count.MARGIN) * scale, float(run.spend.sum())
    income = total(run, Count.REVENUE) * scale
    return {
        "abandoned": total(run, Count.CHECKOUTS_ABANDONED) / total(run, Count.CHECKOUTS_STARTED),
        "journeys": bought / (bought + lost + total(run, Count.LEFT)),
        "visits": bought / visits,
        "score": 100.0 * float(scores[9:].sum() - scores[:7].sum()),
        "tens": float(scores[10]),
        "fives": float(stars[4]),
        "ones_to_twos": float(stars[0] / stars[1]),
        "ones_to_threes": float(stars[0] / stars[2]),
        "top_fifth": float(top),
        "good_to_bad": float(good / bad),
        "unit_margin": margin / income,
        "marketing_share": spend / income,
        "profit_share": (margin - spend) / income,
    }


def orders(market: Market) -> Found:
    """One more order within a year, order values, and brands' buyers, from a log of people."""
    scenario = market.scenario(5, panel=min(1.0, 20_000 / market.agents))
    run = run_fast(scenario, threads=1)
    events = run.events
    mine = events[events["event"] == EventCode.PURCHASE]
    values = mine["value"].astype(float)
    found = {"order_cv": float(values.std() / values.mean())}
    found |= repeats(run, mine)
    found |= buyers_of_brands(run, events)
    return found


def repeats(run: Records, bought: NDArray[np.void]) -> Found:
    """Chance of another order within a year after the first, second, third of those won."""
    by = np.argsort(bought, order=("customer", "day"))
    who, day = bought["customer"][by].astype(np.int64), bought["day"][by].astype(int)
    rows = run.customers[np.searchsorted(run.customers["number"], who)]
    new = np.flatnonzero(np.append(True, who[1:] != who[:-1]))
    place = np.arange(len(who)) - np.repeat(new, np.diff(np.append(new, len(who))))
    gone = np.where(rows["leave_day"] >= 0, rows["leave_day"], run.scenario.days)
    followed = (rows["first_day"] >= 0) & (
        day + DAYS_PER_YEAR < np.minimum(gone, run.scenario.days)
    )
    again = np.append((who[1:] == who[:-1]) & (day[1:] - day[:-1] <= DAYS_PER_YEAR), False)
    return {f"repeat_{k + 1}": float(again[followed & (place == k)].mean()) for k in range(4)}


def buyers_of_brands(run: Records, events: NDArray[np.void]) -> Found:
    """w (1 - b) of each brand: orders per buyer and year times the share who do not buy there.

    People who are in the market all of the third year.
    """
    first, last = 2 * DAYS_PER_YEAR, 3 * DAYS_PER_YEAR
    rows = run.customers
    there = rows["panel"].astype(bool) & (rows["born"] <= first)
    there &= (rows["leave_day"] < 0) | (rows["leave_day"] >= last)
    people = set(rows["number"][there].tolist())
    within = (events["day"] >= first) & (events["day"] < last)
    within &= np.isin(events["customer"], rows["number"][there])
    rivals = run.scenario.competitors
    brand_of = [name for name, rival in rivals.items() for _ in rival.offers]
    found: Found = {}
    for brand in ("own", *rivals):
        if brand == "own":
            chosen = events["event"] == EventCode.PURCHASE
        else:
            theirs = [o for o, name in enumerate(brand_of) if name == brand]
            chosen = (events["event"] == EventCode.LOST_TO_COMPETITOR) & np.isin(
                events["offer"], theirs
            )
        who = events["customer"][chosen & within]
        buyers = len(np.unique(who))
        share = buyers / len(people)
        found[f"w1b_{brand}"] = len(who) / buyers * (1.0 - share)
        found[f"b_{brand}"], found[f"w_{brand}"] = share, len(who) / buyers
    each = [v for k, v in found.items() if k.startswith("w1b_")]
    found["w1b_spread"] = max(abs(v / np.mean(each) - 1.0) for v in each)
    return found


def rest(market: Market) -> Found:
    """Year by year with nothing changed."""
    run = market.run(REST_YEARS + LIFE_YEARS)
    bought, new = yearly(run, Count.PURCHASES), yearly(run, Count.NEW_CUSTOMERS)
    cost = acquisition_spend(run) / new
    value = np.array([value_of_year(run, y) for y in range(REST_YEARS)])
    messages = run.messages[: REST_YEARS * DAYS_PER_YEAR].reshape(REST_YEARS, -1, 2).sum(axis=1)
    found: Found = {}
    for y in range(REST_YEARS):
        found[f"bought_{y + 1}"] = bought[y]
        found[f"new_{y + 1}"] = new[y]
        found[f"cost_{y + 1}"] = cost[y]
        found[f"value_{y + 1}"] = value[y]
        found[f"worth_{y + 1}"] = value[y] / cost[y]
        found[f"talk_{y + 1}"] = float(messages[y, 0] / messages[y, 1])
    for years in (1, 2, 4):
        short = market.run(years)
        found[f"headline_cac_{years}"] = float(cac(short))
        found[f"headline_worth_{years}"] = float(clv_to_cac(short))
        found[f"headline_bought_{years}"] = total(short, Count.PURCHASES) / years
    return found


def priced(market: Market, factor: float) -> dict[str, Any]:
    """All own prices times a factor, as changes."""
    offers = market.scenario(1).offers
    changes = {f"offers.{n}.price": o.price * factor for n, o in offers.items()}
    for n, offer in offers.items():
        for a, add_on in offer.add_ons.items():
            changes[f"offers.{n}.add_ons.{a}.price"] = add_on.price * factor
    return changes


def elasticity(market: Market) -> Found:
    """Elasticity of orders and of volume to the own price, in the first year."""
    factors = (1.0, 1.05, 1.0 / WIDE, WIDE)
    today, dearer, low, high = (market.run(1, priced(market, factor)) for factor in factors)
    orders = total(dearer, Count.PURCHASES) / total(today, Count.PURCHASES)
    volume = total(dearer, Count.REVENUE) / 1.05 / total(today, Count.REVENUE)
    wide = total(high, Count.REVENUE) / WIDE / (total(low, Count.REVENUE) * WIDE)
    return {
        "elasticity": float(np.log(volume) / np.log(1.05)),
        "elasticity_orders": float(np.log(orders) / np.log(1.05)),
        "elasticity_wide": float(np.log(wide) / np.log(WIDE**2)),
    }


def best_price(market: Market) -> Found:
    """The price factor of highest profit in years 3 and 4: the top of a parabola."""
    profits = [profit(market.run(4, priced(market, factor)), 2, 4) for factor in PRICES]
    found = {f"profit_{factor}": p / profits[2] for factor, p in zip(PRICES, profits, strict=True)}
    curve = np.polyfit(PRICES, profits, 2)
    best = -curve[1] / (2.0 * curve[0]) if curve[0] < 0.0 else PRICES[int(np.argmax(profits))]
    return found | {"best_price": float(np.clip(best, 0.5, 2.0))}


def budgets(market: Market, factor: float, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Paid budgets times a factor, as changes."""
    touchpoints = market.scenario(1).touchpoints
    return {
        f"touchpoints.{n}.budget_per_day": t.budget_per_day * factor
        for n, t in touchpoints.items()
        if t.budget_per_day is not None and (names is None or n in names)
    }


def advertising(market: Market) -> Found:
    """Elasticity of purchases to all paid budgets, in the first quarter and the third year."""
    less, more = (market.run(3, budgets(market, f)) for f in (1.0 / STEP, STEP))
    spans = {"first_quarter": slice(0, QUARTER), "long_run": slice(2 * DAYS_PER_YEAR, None)}
    found = {}
    for name, span in spans.items():
        bought = [run.counts[span, :, Count.PURCHASES].sum() for run in (less, more)]
        found[f"ads_{name}"] = float(np.log(bought[1] / bought[0]) / np.log(STEP**2))
    found["ads_growth"] = found["ads_long_run"] / found["ads_first_quarter"]
    return found


def channels(market: Market) -> Found:
    """Marginal over mean return of each paid channel: the sale of half more and half less against
    that of all of it, over two years."""
    today = market.run(2)

    def margin(run: Records) -> float:
        return total(run, Count.MARGIN) / MINOR_UNITS

    found: Found = {}
    for name in BOUGHT:
        less, more = (market.run(2, budgets(market, f, [name])) for f in (0.5, 1.5))
        none = market.run(2, budgets(market, 0.0, [name]))
        whole = margin(today) - margin(none)
        found[f"gain_{name}"] = whole / margin(today)
        found[f"ratio_{name}"] = (margin(more) - margin(less)) / whole
        spent = today.spend[:, list(today.scenario.touchpoints).index(name)].sum()
        found[f"return_{name}"] = whole * today.people_per_agent / spent
    found |= commission(market, today)
    none = market.run(2, budgets(market, 0.0, [OWN_NAME]))
    found["gain_own_name"] = 1.0 - total(none, Count.PURCHASES) / total(today, Count.PURCHASES)
    return found


def commission(market: Market, today: Records) -> Found:
    """The same of the channel that is paid by the order, by its reach instead of a budget."""
    touchpoint = today.scenario.touchpoints[COMMISSION]
    place = list(today.scenario.touchpoints).index(COMMISSION)

    def reached(factor: float) -> tuple[float, float]:
        changes = {
            f"touchpoints.{COMMISSION}.reach.{p}": r * factor for p, r in touchpoint.reach.items()
        }
        run = market.run(2, changes)
        sold = total(run, Count.MARGIN) / MINOR_UNITS * run.people_per_agent
        return sold, float(run.spend[:, place].sum())

    (none, no), (less, low), (more, high) = reached(0.0), reached(0.5), reached(1.5)
    sold = total(today, Count.MARGIN) / MINOR_UNITS * today.people_per_agent
    spent = float(today.spend[:, place].sum())
    mean, marginal = (sold - none) / (spent - no), (more - less) / (high - low)
    return {"ratio_affiliate": marginal / mean, "gain_affiliate": 1.0 - none / sold}


def keeping(market: Market) -> Found:
    """What half the lapse does to a customer's value; what talk and reviews sell."""
    today = market.run(4)
    halved: dict[str, Any] = {}
    for name, segment in today.scenario.segments.items():
        place = f"segments.{name}.lapse"
        halved[f"{place}.per_day"] = segment.lapse.per_day / 2.0
        halved[f"{place}.per_purchase.mean"] = segment.lapse.per_purchase.mean / 2.0
    kept = market.run(4, halved)
    silent = {f"touchpoints.{n}.enabled": False for n in ("word_of_mouth", "reviews")}
    quiet = market.run(4, silent)
    late = slice(2 * DAYS_PER_YEAR, None)
    bought = [run.counts[late, :, Count.PURCHASES].sum() for run in (today, quiet)]
    return {
        "half_lapse": value_of_year(kept, 0) / value_of_year(today, 0) - 1.0,
        "talk_sells": float(1.0 - bought[1] / bought[0]),
    }


FAMILIES: dict[str, Callable[[Market], Found]] = {
    "shape": shape,
    "orders": orders,
    "rest": rest,
    "elasticity": elasticity,
    "best_price": best_price,
    "advertising": advertising,
    "channels": channels,
    "keeping": keeping,
}


# --- the bands ---


class Band(NamedTuple):
    """A figure of the market, where it ought to lie, and what says so."""

    what: str
    source: str
    key: str
    low: float
    high: float
    form: str = ".2f"


ASKED = "a working market"
BANDS = (
    Band("checkouts abandoned", "carts: 65 to 70%", "abandoned", 0.60, 0.75),
    Band("journeys that end in a purchase here", ASKED, "journeys", 0.03, 0.08, ".3f"),
    Band("visits that buy", "1.1 to 4.1%", "visits", 0.01, 0.04, ".3f"),
    Band("NPS", "web shops: 20 to 60 (vendors)", "score", 20.0, 60.0, ".0f"),
    Band("answers of 10", ASKED, "tens", 0.05, 1.0),
    Band("five stars, of reviews", "Hu, Zhang & Pavlou 2009: J", "fives", 0.4, 1.0),
    Band("one star for each two", "the same", "ones_to_twos", 1.0, np.inf),
    Band("one star for each three", "the same", "ones_to_threes", 1.0, np.inf),
    Band("again within a year of order 1", "RJMetrics 0.32; vendor 0.20", "repeat_1", 0.20, 0.35),
    Band("of order 2", "0.53; 0.40", "repeat_2", 0.35, 0.60),
    Band("of order 3", "0.64; 0.53", "repeat_3", 0.50, 0.70),
    Band("revenue of the top fifth of buyers", "CDNOW 0.67", "top_fifth", 0.50, 0.70),
    Band("order value's coefficient of variation", "CDNOW 0.96", "order_cv", 0.6, 1.1),
    Band(
        "own-price elasticity of volume, 5%",
        "−2.62: Bijmolt et al. 2005",
        "elasticity",
        -3.2,
        -2.3,
    ),
    Band("the same, 10% up and down", "the same", "elasticity_wide", -3.2, -2.3),
    Band("best own price, years 3 and 4", ASKED, "best_price", 0.85, 1.15),
    Band("margin of an order", ASKED, "unit_margin", 0.30, 0.38),
    Band(
        "1% more on paid budgets, first quarter, %",
        "0.12: Sethuraman et al. 2011",
        "ads_first_quarter",
        0.05,
        0.20,
        ".3f",
    ),
    Band("the same, third year, %", "0.24: the same", "ads_long_run", 0.10, 0.40, ".3f"),
    Band("third year for each first quarter", "2: the same", "ads_growth", 1.4, 3.0),
    *(
        Band(f"marginal over mean return, `{name}`", "concave response", f"ratio_{name}", 0.4, 0.9)
        for name in BOUGHT
    ),
    Band(f"the same, `{COMMISSION}`", "a share of each order", "ratio_affiliate", 0.85, 1.05),
    Band(
        "sold by branded paid search",
        "0: Blake et al. 2015",
        "gain_own_name",
        -0.01,
        0.01,
        ".3f",
    ),
    Band(
        "value gained by half the lapse", "Gupta et al. 2004, less", "half_lapse", 0.10, 0.20, ".3f"
    ),
    Band("sold by talk and reviews", "Trusov et al. 2009: some", "talk_sells", 0.05, 0.15, ".3f"),
    Band("w (1 - b): own", "alike: Ehrenberg et al. 2004", "w1b_own", 0.0, np.inf),
    Band("w (1 - b): marketplace", "the same", "w1b_marketplace", 0.0, np.inf),
    Band("w (1 - b): chain store", "the same", "w1b_chain_store", 0.0, np.inf),
    Band("the furthest from their mean", "within 0.15", "w1b_spread", 0.0, 0.15),
)
ALIKE = (
    ("purchases", "bought", 0.03),
    ("new customers", "new", 0.05),
    ("CAC", "cost", 0.05),
    ("CLV:CAC over 36 months", "worth", 0.03),
)
EVERY_YEAR = (
    ("recommendations for each warning", "3: East et al. 2008", "talk", 2.0, 5.0),
    ("CLV:CAC over 36 months", ASKED, "worth", 1.0, 5.0),
)
HEADLINES = (
    ("purchases a year", "headline_bought", 0.03),
    ("CAC", "headline_cac", 0.05),
    ("projected CLV:CAC", "headline_worth", 0.03),
)


def mean_and_error(found: list[Found], key: str) -> tuple[float, float]:
    """A figure's mean over seeds, and its standard error; 0 of one seed."""
    each = np.array([one[key] for one in found])
    if len(each) < 2:
        return float(each.mean()), 0.0
    return float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each)))


def furthest(found: list[Found], key: str, times: Iterable[int]) -> tuple[float, float]:
    """Largest difference of two years, in logarithms, and the standard error of one, pooled."""
    logs = np.log([[one[f"{key}_{time}"] for time in times] for one in found])
    mean = logs.mean(axis=0)
    pairs = logs[:, :, None] - logs[:, None, :]
    rows, columns = np.triu_indices(len(mean), 1)
    error = 0.0
    if len(found) > 1:
        error = float(np.sqrt(pairs.var(axis=0, ddof=1)[rows, columns].mean() / len(found)))
    return float(mean.max() - mean.min()), error


def rows(found: list[Found]) -> Iterable[str]:
    """The table, line by line."""
    yield "| band | rests on | from | to | measured | holds |"
    yield "|---|---|---|---|---|---|"
    for what, key, most in ALIKE:
        if f"{key}_1" in found[0]:
            most_far, error = furthest(found, key, range(1, REST_YEARS + 1))
            holds = "yes" if most_far <= max(most, 3.0 * error) else "no"
            yield (
                f"| {what}, years 1 to {REST_YEARS}: largest difference of two | nothing changes |"
                f" | {most:.2f} or 3 errors | {most_far:.3f} ({error:.3f}) | {holds} |"
            )
    for what, key, most in HEADLINES:
        if f"{key}_1" in found[0]:
            most_far, error = furthest(found, key, (1, 2, 4))
            holds = "yes" if most_far <= max(most, 3.0 * error) else "no"
            yield (
                f"| {what}, runs of 1, 2 and 4 years: largest difference | nothing changes |"
                f" | {most:.2f} or 3 errors | {most_far:.3f} ({error:.3f}) | {holds} |"
            )
    for what, source, key, low_end, high_end in EVERY_YEAR:
        if f"{key}_1" in found[0]:
            each = [mean_and_error(found, f"{key}_{y}") for y in range(1, REST_YEARS + 1)]
            least, most_of_all = min(each), max(each)
            holds = "yes" if low_end <= least[0] and most_of_all[0] <= high_end else "no"
            yield (
                f"| {what}, least and most of {REST_YEARS} years | {source} | {low_end:.2f} |"
                f" {high_end:.2f} | {least[0]:.2f} ({least[1]:.2f}) to"
                f" {most_of_all[0]:.2f} ({most_of_all[1]:.2f}) | {holds} |"
            )
    for band in BANDS:
        if band.key not in found[0]:
            continue
        mean, error = mean_and_error(found, band.key)
        low, high = (
            f"{end:{band.form}}" if np.isfinite(end) else "" for end in (band.low, band.high)
        )
        holds = "yes" if band.low <= mean <= band.high else "no"
        row = (
            f"| {band.what} | {band.source} | {low} | {high} |"
            f" {mean:{band.form}} ({error:{band.form}}) | {holds} |"
        )
        yield re.sub(r"(?<=[ (])-(?=\d)", "−", row)  # true minus signs


def draw(found: list[Found]) -> None:
    """Two drawings: year by year with nothing changed; profit by the own price."""
    with style():
        figure = Figure(figsize=(10.5, 3.6))
        FigureCanvasSVG(figure)
        figure.patch.set_facecolor("white")
        left, right = figure.subplots(1, 2)
        years = np.arange(1, REST_YEARS + 1)
        for (what, key, _), colour in zip(ALIKE, (BLUE, INK, MUTED, PALE), strict=True):
            line = np.array([mean_and_error(found, f"{key}_{y}")[0] for y in years])
            left.plot(years, 100.0 * line / line.mean(), color=colour, linewidth=1.8, label=what)
        left.set_ylim(80, 120)
        left.set_xlabel("year")
        left.set_ylabel("of eight years' mean, %", color=MUTED)
        left.legend(frameon=False, fontsize=8)
        prices = np.array(PRICES)
        profits = [mean_and_error(found, f"profit_{price}")[0] for price in PRICES]
        right.plot(100.0 * prices, 100.0 * np.array(profits), color=BLUE, linewidth=1.8, marker="o")
        right.set_xlabel("own prices, % of today's")
        right.set_ylabel("profit of years 3 and 4, % of today's", color=MUTED)
        figure.tight_layout(w_pad=2.0)
        figure.savefig(TARGET, metadata={"Date": None, "Creator": None})


def main() -> None:
    """Measure, and print the table or write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", default=MARKET, help="a scenario's name or file")
    parser.add_argument("--agents", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--only", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    asked = parser.parse_args()
    found: list[Found] = []
    for seed in asked.seeds:
        market = Market(asked.source, asked.agents, seed)
        mine: Found = {}
        for family in asked.only:
            mine |= FAMILIES[family](market)
        found.append(mine)
    table = "\n".join(rows(found))
    if list(asked.only) != list(FAMILIES) or asked.source != MARKET:
        print(table)
        return
    seeds = ", ".join(map(str, asked.seeds))
    said = f"{asked.agents:,} simulated customers, seeds {seeds}; standard errors over the seeds."
    page = PAGE.read_text(encoding="utf-8")
    before, rest_of_page = page.split(BEGIN)
    after = rest_of_page.split(END)[1]
    made = f"{before}{BEGIN}\n{said}\n\n{table}\n{END}{after}"
    PAGE.write_text(made, encoding="utf-8")
    draw(found)
    print(PAGE, TARGET)


if __name__ == "__main__":
    main()
