"""Conversion, leaving and bottlenecks against hand counts, exact chains and paired runs."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from sim import load_scenario
from sim.engine.day import run_fast
from sim.measures import bottlenecks, conversion, leaving, moves, stays
from sim.measures.figure import Undefined, tidy
from sim.measures.intervals import wilson
from sim.measures.journey_map import ALL
from sim.measures.stays import Ending
from sim.model.columns import Count, Touch
from sim.records.recorder import Records
from sim.runs.run import run
from sim.scenario.levers import from_today, get
from sim.scenario.schema import Scenario
from sim.theory import formulas as theory
from sim.theory.bare import merged
from sim.theory.chains import BOUGHT, MOVES
from sim.vocabulary import NEVER, EventCode, PhaseKind
from tools.paired import count, runs, values
from worlds.by_hand import (
    BUY,
    COMPARE,
    IDLE,
    LOOK,
    OWN,
    PRAISE,
    by_hand,
    nothing_happened,
    unmeasured,
)
from worlds.markets import MARKETS
from worlds.shop import shop

CERTAIN = 4.0  # standard errors


@cache
def seen_whole(name: str) -> Records:
    """A run of a small market in which everybody is in the panel."""
    return run(MARKETS[name].model_copy(update={"panel": 1.0, "days": 60})).records


# --- chains ------------------------------------------------------------------------------


def test_absorption_solves_the_published_chain() -> None:
    # facts: moves per step .3, .1 and .4, .2; purchase .25 from the third; of 100 people each
    kept = [[0, 30, 0], [10, 0, 40], [0, 20, 0]]
    found = moves.absorption(kept, [0, 0, 25], [100, 100, 100])
    assert found == [Fraction(3, 89), Fraction(10, 89), Fraction(97, 356)]
    assert [round(float(b), 6) for b in found if b is not None] == [0.033708, 0.11236, 0.272472]
    assert [float(b or 0) for b in found] == pytest.approx(theory.absorption(MOVES, BOUGHT))


def test_no_chance_is_told_where_nobody_comes_to_an_end() -> None:
    kept = [[0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert moves.absorption(kept, [0, 0, 1, 0], [2, 2, 4, 0]) == [None, None, Fraction(1, 4), None]


def searched() -> Records:
    """Sixteen needs; the numbers of the chain can be worked out on paper."""
    records = nothing_happened(by_hand())
    flows, counts = records.flows[3, 0], records.counts[3, 0]
    flows[IDLE, LOOK] = 16
    flows[LOOK, COMPARE], flows[LOOK, IDLE] = 12, 8
    flows[COMPARE, BUY], flows[COMPARE, LOOK], flows[COMPARE, IDLE] = 6, 4, 2
    flows[BUY, OWN], flows[BUY, IDLE] = 3, 3
    counts[[Count.NEEDS, Count.PURCHASES, Count.NEW_CUSTOMERS]] = 16, 3, 3
    counts[[Count.CHECKOUTS_STARTED, Count.CHECKOUTS_ABANDONED]] = 5, 2
    counts[Count.MARGIN], counts[Count.LEFT], counts[Count.LOST] = 30_000, 9, 4
    return records


def test_the_chance_of_purchase_by_hand() -> None:
    # buy: 3 / 6. compare: b = 6/12 x 1/2 + 4/12 look; look: 12/20 b; so b = .25 / .8
    found = moves.chance_of_purchase(searched())
    assert found[BUY] == 0.5
    assert found[COMPARE] == 0.3125
    assert found[LOOK] == found[IDLE] == 0.1875
    assert isinstance(found[OWN], Undefined)
    assert isinstance(found[PRAISE], Undefined)


def test_steps_of_the_search_lose_exactly_those_who_left() -> None:
    records = searched()
    found = moves.steps(records)
    assert [(s.phase, s.reached, s.left, s.under_way) for s in found] == [
        ("look", 32.0, 16.0, 0.0),
        ("compare", 16.0, 4.0, 0.0),
        ("buy", 12.0, 6.0, 0.0),
        ("", 6.0, 0.0, 0.0),
    ]


@pytest.mark.parametrize("name", list(MARKETS))
def test_steps_of_any_run_add_up(name: str) -> None:
    found = moves.steps(seen_whole(name))
    assert found[0].reached > 0
    for step, after in pairwise(found):
        assert step.reached == pytest.approx(after.reached + step.left + step.under_way, rel=1e-12)


# --- moving on ---------------------------------------------------------------------------


def test_days_in_a_phase_are_nights_by_departures() -> None:
    # two enter on day 3 and leave on days 5 and 9: 2 + 6 nights
    records = nothing_happened(by_hand())
    records.flows[3, 0, IDLE, LOOK] = 2
    records.flows[5, 0, LOOK, COMPARE] = 1
    records.flows[9, 0, LOOK, IDLE] = 1
    rows = {(row.segment, row.phase): row for row in moves.move_table(records)}
    look = rows[ALL, "look"]
    assert (look.went_out, look.chance, look.days) == (4.0, 0.5, 4.0)
    assert rows["all", "look"][2:] == look[2:]
    assert isinstance(rows[ALL, "compare"].days, Undefined)  # one is in it, none went out
    assert isinstance(rows[ALL, "praise"].chance, Undefined)
    # ten of twelve wait 60 nights, two until day 3, one from day 9 on: 600 + 6 + 51 nights
    assert rows[ALL, "idle"].days == (600 + 6 + 51) / 2


def test_constant_chances_give_geometric_stays() -> None:
    """A phase that people only leave, against the geometric law."""
    leave = 0.05
    phases = {
        "idle": {"kind": "latent"},
        "look": {"kind": "consider", "pace_per_day": 0.0, "leave_per_day": leave},
        "buy": {"kind": "purchase"},
    }
    journey = {"shape": "funnel", "phases": phases}
    need = {"share": 1.0, "need": {"rate_per_year": 20.0}}
    scenario = by_hand(
        agents=6000, days=200, journey=journey, touchpoints={}, segments={"all": need}
    )
    records = run(scenario).records
    days = moves.days_in_phase(records)["look"]
    out = float(records.flows[:, 0, 1].sum())
    # who comes may leave on the same day: nights before the end are geometric from 0 on
    exact, spread = (1.0 - leave) / leave, math.sqrt(1.0 - leave) / leave
    assert abs(float(days) - exact) < CERTAIN * spread / math.sqrt(out)
    assert CERTAIN * spread / math.sqrt(out) < 0.03 * exact  # an error of 3 % would fail


# --- the panel's stays -------------------------------------------------------------------


@pytest.mark.parametrize("name", list(MARKETS))
def test_stays_of_a_whole_panel_are_the_run(name: str) -> None:
    records = seen_whole(name)
    found = stays.stays_of_panel(records)
    for p, move in enumerate(conversion.phase_moves(records)):
        here = found.ending[found.phase == p]
        forward = [Ending.BOUGHT] if move.kind == PhaseKind.PURCHASE else [Ending.ADVANCED]
        assert np.isin(here, forward).sum() == move.advanced
        assert (here == Ending.FELL_BACK).sum() == move.fell_back
        assert (here == Ending.NEEDED).sum() == move.needed
        assert np.isin(here, stays.LEFT).sum() == move.left
    total = records.counts.sum(axis=(0, 1))
    assert (found.ending == Ending.GAVE_UP).sum() == total[Count.LEFT]
    assert (found.ending == Ending.LOST).sum() == total[Count.LOST]
    lost = np.bincount(found.rival[found.rival != NEVER], minlength=records.losses.shape[2])
    assert lost.tolist() == records.losses.sum(axis=(0, 1)).tolist()
    known = (found.began != NEVER) & (found.ended != NEVER)
    assert (found.ended[known] >= found.began[known]).all()
    retried = records.scenario.journey.checkout.retry
    ended_there = int(found.at_checkout.sum())
    assert (ended_there == total[Count.CHECKOUTS_ABANDONED]) or retried > 0.0
    assert ended_there <= total[Count.CHECKOUTS_ABANDONED]


def log(records: Records, rows: list[tuple[int, int, EventCode, int, int, float]]) -> Records:
    """Give the records an event log: (customer, day, event, phase, to phase, value)."""
    events = np.zeros(len(rows), dtype=records.events.dtype)
    for place, (customer, day, event, phase, there, value) in enumerate(rows):
        events[place]["customer"], events[place]["day"] = customer, day
        events[place]["event"], events[place]["phase"] = event, phase
        events[place]["to_phase"], events[place]["value"] = there, value
    object.__setattr__(records, "events", events)
    return records


def looked(left_after_bad: int, bad: int, left_after_other: int, other: int) -> Records:
    """Stays in `look` that met `web` twice: first badly or well, then the other way round."""
    agents = bad + other
    records = nothing_happened(by_hand(agents=agents, panel=1.0))
    rows = []
    for i in range(agents):
        first, second = (-0.9, 0.9) if i < bad else (0.9, -0.9)
        leaves = i < left_after_bad or bad <= i < bad + left_after_other
        rows += [
            (i, 1, EventCode.NEED, IDLE, LOOK, 0.0),
            (i, 1, EventCode.MOVE, IDLE, LOOK, 0.0),
            (i, 2, EventCode.ENCOUNTER, LOOK, NEVER, first),
            (i, 3, EventCode.ENCOUNTER, LOOK, NEVER, second),
            (i, 4, EventCode.MOVE, LOOK, IDLE if leaves else COMPARE, 0.0),
        ]
    return log(records, rows)


def test_reasons_go_by_the_first_encounter() -> None:
    # Newcombe 1998, table II: 56 of 70 against 48 of 80, method 10: .0524 to .3339
    (row,) = leaving.reasons(looked(56, 70, 48, 80))
    assert row[:6] == ("look", "web", 70, 56, 80, 48)
    assert row.difference == pytest.approx(0.2)
    assert (round(row.low, 4), round(row.high, 4)) == (0.0524, 0.3339)
    assert row.leavers == pytest.approx(0.2 * 70 * 2)  # two people to a customer


def test_reasons_that_rest_on_few_journeys_are_left_out() -> None:
    assert leaving.reasons(looked(20, 29, 20, 80)) == []
    assert leaving.reasons(looked(20, 80, 20, 29)) == []
    assert len(leaving.reasons(looked(20, 30, 20, 30))) == 1
    assert leaving.reasons(nothing_happened(by_hand())) == []


def test_a_clear_difference_is_beyond_luck_and_none_is_not() -> None:
    (harmless,) = leaving.reasons(looked(15, 50, 30, 100))
    assert harmless.low < 0.0 < harmless.high
    assert harmless.difference == 0.0
    (harmful,) = leaving.reasons(looked(40, 50, 30, 100))
    assert harmful.low > 0.3


def test_the_median_stay_counts_those_that_began_in_the_run() -> None:
    records = nothing_happened(by_hand(agents=40))
    rows = [(39, 5, EventCode.MOVE, LOOK, COMPARE, 0.0)]  # nobody knows when it began
    for i in range(39):
        rows.append((i, 1, EventCode.MOVE, IDLE, LOOK, 0.0))
        there = COMPARE if i < 31 else IDLE
        rows.append((i, 1 + (i if i < 31 else 0), EventCode.MOVE, LOOK, there, 0.0))
    found = {row.phase: row for row in moves.days_to_advance(log(records, rows))}
    assert found["look"][1:] == (31, 15.0)  # 0 to 30 nights
    assert found["idle"].stays == 0  # they began before the log did
    assert isinstance(found["idle"].median_days, Undefined)


def test_bad_encounters_of_the_log_are_those_the_run_counts() -> None:
    records = seen_whole("town")
    threshold = np.float32(records.scenario.journey.behaviour.bad_threshold)
    met = records.events[records.events["event"] == EventCode.ENCOUNTER]
    assert (met["value"] < threshold).sum() == records.touch[..., Touch.BAD].sum()


def test_where_leavers_went_by_phase() -> None:
    records = seen_whole("stall")
    rows = leaving.where_to(records)
    assert rows
    left = {row.phase: row.left for row in leaving.leaving_table(records) if row.segment == ALL}
    for phase in {row.phase for row in rows}:
        mine = [row for row in rows if row.phase == phase]
        assert sum(row.stays for row in mine) == mine[0].of
        assert mine[0].of * records.people_per_agent == pytest.approx(left[phase])
        assert all((row.low, row.high) == wilson(row.stays, row.of) for row in mine)
    lost = sum(row.people for row in leaving.lost_table(records))
    everybody = leaving.gave_up(records) + lost
    assert everybody == pytest.approx(sum(left.values()))


# --- by segment and offer ----------------------------------------------------------------


def test_segments_add_up_to_the_whole() -> None:
    records = seen_whole("town")
    needing = records.customers["need_began"] >= 0
    weight = np.bincount(records.customers["segment"][needing]) / needing.sum()
    shares = list(conversion.conversion_by_segment(records).values())
    assert float(weight @ np.array(shares, dtype=float)) == pytest.approx(
        float(conversion.conversion(records))
    )
    whole = conversion.phase_moves(records)
    parts = [conversion.phase_moves(records, s) for s in range(len(records.scenario.segments))]
    for p, move in enumerate(whole):
        assert move[2:] == tuple(np.sum([part[p][2:] for part in parts], axis=0))


@pytest.mark.parametrize("name", list(MARKETS))
def test_revenue_of_offers_and_renewals_is_all_revenue(name: str) -> None:
    records = seen_whole(name)
    rows = conversion.offer_table(records)
    total = records.counts.sum(axis=(0, 1))
    money = (total[Count.REVENUE] - total[Count.RENEWAL_REVENUE]) / 100 * records.people_per_agent
    assert sum(row.revenue for row in rows) == pytest.approx(float(money), rel=1e-12)
    people = total[Count.PURCHASES] * records.people_per_agent
    assert sum(row.purchases for row in rows) == pytest.approx(float(people))
    first = [row.first_share for row in rows]
    if not isinstance(first[0], Undefined):
        assert sum(float(share) for share in first) == pytest.approx(1.0)


def test_tables_are_tidy() -> None:
    frame = tidy(moves.MoveRow, moves.move_table(searched()))
    assert list(frame.columns) == ["segment", "phase", "went_out", "chance", "days"]
    assert frame.days.isna().sum() == 4  # own and praise, of everybody and of the segment


# --- bottlenecks -------------------------------------------------------------------------


def test_bottlenecks_by_hand() -> None:
    # 30,000 minor units of margin over 3 purchases: 100 each; two people to a customer
    rows = {row.where: row for row in bottlenecks.bottlenecks(searched())}
    assert rows["look"][1:] == (16.0, 0.0, 0.1875, pytest.approx(0.1 * 8 * 0.1875 * 100 * 2))
    # two left, and four fell back to a chance that is .125 lower
    gained = 2 * 0.3125 + 4 * 0.125
    assert rows["compare"][1:] == (4.0, 8.0, gained / 6, pytest.approx(0.1 * gained * 100 * 2))
    assert rows["buy"][1:] == (6.0, 0.0, 0.5, pytest.approx(0.1 * 3 * 0.5 * 100 * 2))
    assert rows[bottlenecks.CHECKOUT][1:] == (4.0, 0.0, 1.0, pytest.approx(0.1 * 2 * 100 * 2))
    assert rows["own"].worth == 0.0
    assert isinstance(rows["own"].chance, Undefined)
    order = [row.where for row in bottlenecks.bottlenecks(searched())]
    assert order[:4] == [bottlenecks.CHECKOUT, "look", "buy", "compare"]


CHAINS = {
    "facts.md": (MOVES, BOUGHT),  # 8,900 journeys pay 9,200, 3,000 and 1,200 visits to its phases
    # three in five of those who go out of the second phase go back to the first, one in ten leave
    "back": (
        np.array([[0.0, 0.85, 0.0], [0.6, 0.0, 0.3], [0.0, 0.1, 0.0]]),
        np.array([0.0, 0.0, 0.4]),
    ),
}


def walked(name: str, journeys: int) -> Records:
    """The journeys of a chain as it expects them, from its first phase on; one margin a sale."""
    kept, bought = CHAINS[name]
    visits = journeys * np.linalg.inv(np.eye(3) - kept)[0]
    records = nothing_happened(by_hand())
    records.flows[1, 0, IDLE, LOOK] = journeys
    records.flows[2, 0, LOOK : BUY + 1, LOOK : BUY + 1] = np.rint(visits[:, None] * kept)
    records.flows[2, 0, LOOK : BUY + 1, IDLE] = np.rint(visits * (1.0 - kept.sum(axis=1)))
    sold = int(np.rint(visits @ bought))
    records.counts[2, 0, [Count.NEEDS, Count.PURCHASES]] = journeys, sold
    records.counts[2, 0, Count.MARGIN] = 100 * sold
    return records


def mended(name: str, phase: int, fewer: float) -> float:
    """The chain's chance of purchase if so many fewer leave a phase or fall back from it."""
    kept, bought = (each.copy() for each in CHAINS[name])
    on = np.append(np.arange(3) > phase, True)  # to later phases, to the purchase, nowhere
    row = np.append(kept[phase], [bought[phase], 1.0 - kept[phase].sum() - bought[phase]])
    row = row * np.where(np.append(on, False), 1.0, 1.0 - fewer)
    row /= row.sum()
    kept[phase], bought[phase] = row[:3], row[3]
    return float(theory.absorption(kept, bought)[0])


@pytest.mark.parametrize("name", CHAINS)
def test_the_worth_of_a_phase_is_the_derivative_of_the_chance_of_purchase(name: str) -> None:
    journeys, step = 8_900_000, 1e-5
    records = walked(name, journeys)
    rows = {row.where: row for row in bottlenecks.bottlenecks(records)}
    people = records.people_per_agent
    for p, phase in enumerate(("look", "compare", "buy")):
        slope = (mended(name, p, step) - mended(name, p, -step)) / (2.0 * step)
        assert float(rows[phase].worth) == pytest.approx(0.1 * journeys * people * slope, rel=1e-5)


def test_the_weakest_phase_may_be_one_that_hardly_anybody_leaves() -> None:
    """Ranked by those who leave alone, mending the first phase would seem to earn most."""
    rows = {row.where: row for row in bottlenecks.of_phases(walked("back", 8_900_000))}
    chances = theory.absorption(*CHAINS["back"])
    alone = {name: rows[name].left * chances[p] for p, name in enumerate(("look", "compare"))}
    assert alone["look"] > alone["compare"]
    assert float(rows["compare"].worth) > 1.1 * float(rows["look"].worth)
    gains = [mended("back", p, 0.1) - mended("back", p, 0.0) for p in range(2)]
    assert gains[1] > 1.1 * gains[0]


def test_who_stops_being_a_customer_by_hand() -> None:
    # of 8 who go out of `own` 4 have a need and 4 stop; customers buy in 3 of 4, others in 3 of 16
    records = searched()
    records.flows[9, 0, OWN, LOOK], records.flows[9, 0, OWN, IDLE] = 4, 4
    records.counts[9, 0, Count.NEEDS], records.counts[9, 0, Count.PURCHASES] = 4, 3
    records.counts[9, 0, Count.LAPSED] = 4
    records.counts[9, 0, Count.MARGIN] = 30_000
    (row,) = [row for row in bottlenecks.bottlenecks(records) if row.where == "own"]
    gained = 0.5 * (3 / 4 - 3 / 16)
    assert (row.left, row.chance) == (8.0, pytest.approx(gained))
    assert row.worth == pytest.approx(0.1 * 4 * gained * 100 * 2)
    # had they all been subscribers, the margin of a period
    records = unmeasured(records)
    records.counts[9, 0, [Count.CHURNED, Count.RENEWALS]] = 4, 5
    records.counts[9, 0, [Count.MARGIN, Count.RENEWAL_MARGIN]] = 30_000 + 10_000, 10_000
    (row,) = [row for row in bottlenecks.bottlenecks(records) if row.where == "own"]
    assert row.worth == pytest.approx(0.1 * 4 * 20 * 2)


def test_without_a_purchase_nothing_is_worth_anything() -> None:
    rows = bottlenecks.bottlenecks(nothing_happened(by_hand()))
    assert all(isinstance(row.worth, Undefined) for row in rows)


LESS = {
    "interest": {"journey": {"phases": {"interest": {"leave_per_day": 0.054}}}},
    "desire": {"journey": {"phases": {"desire": {"leave_per_day": 0.054, "back_after_bad": 0.27}}}},
    bottlenecks.CHECKOUT: {"journey": {"checkout": {"abandon": 0.36}}},
}
BIG = {"agents": 20_000}
FEW_SEEDS = range(4)


@cache
def gained(where: str) -> tuple[float, float]:
    """Margin gained in paired runs with a tenth less leaving and falling back; standard error."""
    margin = count(Count.MARGIN)
    base, better = shop(BIG), shop(merged(BIG, LESS[where]))
    more = values(better, margin, FEW_SEEDS) - values(base, margin, FEW_SEEDS)
    people = runs(base, FEW_SEEDS)[0].people_per_agent
    more = more / 100.0 * people
    return float(more.mean()), float(more.std(ddof=1)) / math.sqrt(len(more))


@cache
def estimated(where: str) -> float:
    """The worth of a bottleneck, as the mean over the same seeds."""
    found = []
    for records in runs(shop(BIG), FEW_SEEDS):
        (row,) = [row for row in bottlenecks.bottlenecks(records) if row.where == where]
        found.append(float(row.worth))
    return float(np.mean(found))


@pytest.mark.parametrize(
    ("where", "low", "high"),
    # with 200,000 customers the chain was 1.21 (interest), 1.22 (desire) and 1.02 (checkout)
    # times what the paired runs gained: it forgets that those who linger are less ready
    [("interest", 0.9, 1.5), ("desire", 0.9, 1.5), (bottlenecks.CHECKOUT, 0.85, 1.15)],
)
def test_the_worth_of_a_bottleneck_is_near_what_a_paired_run_gains(
    where: str, low: float, high: float
) -> None:
    real, error = gained(where)
    assert real > CERTAIN * error
    assert low * (real - CERTAIN * error) < estimated(where) < high * (real + CERTAIN * error)


# A step of log(1 / .9) in the log-odds of being chosen; a tenth less leaving and falling back.
STEP = 0.10536
MENDED = {
    "purchase": ("offers.everyday.appeal", "offers.premium.appeal"),
    "interest": ("journey.phases.interest.leave_per_day",),
    "desire": (
        "journey.phases.desire.leave_per_day",
        "journey.phases.desire.back_per_day",
        "journey.phases.desire.back_after_bad",
    ),
}


def with_steps(scenario: Scenario, paths: Sequence[str]) -> Scenario:
    """The market from today on, with a phase mended by a step."""
    now = {path: get(scenario, path) for path in paths}
    better = {
        path: value + STEP if path.endswith("appeal") else 0.9 * value
        for path, value in now.items()
    }
    return from_today(scenario, overrides=better)


@pytest.mark.slow
def test_mending_the_phases_of_the_web_shop_gains_what_the_ranking_says() -> None:
    """Measured with six seeds the worths were .90 (interest), .99 and 1.05 times the gains."""

    def margins(paths: Sequence[str]) -> np.ndarray:
        sizes = {"agents": 20_000, "days": 365}
        found = []
        for seed in FEW_SEEDS:
            scenario = load_scenario("webshop_loop", seed=seed, **sizes)
            records = run_fast(with_steps(scenario, paths))
            found.append((records, count(Count.MARGIN)(records) / 100.0 * records.people_per_agent))
        return np.array(found, dtype=object)

    base = margins(())
    found: dict[str, tuple[float, float]] = {}
    for phase, paths in MENDED.items():
        more = (margins(paths)[:, 1] - base[:, 1]).astype(float)
        error = float(more.std(ddof=1)) / math.sqrt(len(more))
        rows = [{row.where: row for row in bottlenecks.bottlenecks(one)} for one in base[:, 0]]
        worth = float(np.mean([float(each[phase].worth) for each in rows]))
        found[phase] = worth, float(more.mean())
        assert abs(worth - more.mean()) < CERTAIN * error + 0.15 * worth
    by_worth, by_gain = (sorted(found, key=lambda name: -found[name][k]) for k in (0, 1))
    assert by_worth[0] == by_gain[0] == "purchase"


def test_the_paired_runs_gain_in_the_order_of_the_ranking() -> None:
    checkout, error = gained(bottlenecks.CHECKOUT)
    for where in ("interest", "desire"):
        real, own_error = gained(where)
        assert estimated(bottlenecks.CHECKOUT) > estimated(where)
        assert checkout - real > CERTAIN * math.hypot(error, own_error)
