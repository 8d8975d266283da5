"""People leave the market, and newcomers who know nothing take their places."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.draws import SETUP_DAY
from sim.engine.day import run_fast
from sim.measures.retention import customers_at_start
from sim.model.columns import CUSTOMER, NOT_YET, Count
from sim.model.turnover import leaving_day, leaving_until
from sim.records import frame
from sim.records.recorder import Records, end_of_day
from sim.reference.customer import Customer
from sim.reference.market import Market, run_reference
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.theory.bare import market
from sim.vocabulary import NEVER, EventCode, Relationship
from tools.differences import differences
from worlds.markets import MARKETS

YEAR = 365
SURE = 4.0  # standard errors: of some twenty figures none is further off by chance
THEATRE = with_settings(MARKETS["theatre"], overrides={"turnover_per_year": 0.9, "changes": []})


@cache
def after(share: float, agents: int = 40_000, past: int = 3 * YEAR, days: int = YEAR) -> Records:
    """A market in which nothing happens but that people come and go."""
    return run_fast(market("passing", agents, days, past_days=past, turnover_per_year=share))


def present(records: Records) -> np.ndarray:
    """Those who are in the market at the end."""
    return records.customers[records.customers["leave_day"] == NEVER]


def ages(records: Records) -> np.ndarray:
    """Days that those have been there who came in the run."""
    here = present(records)
    came = here["number"] >= records.scenario.agents
    return records.scenario.days - 1 - here["born"][came].astype(int)


# --- how many, and how long ---


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_in_a_year_the_share_leaves_that_was_asked_for(share: float) -> None:
    """Of those who are there on day 0, whenever they came: the hazard is constant."""
    records = after(share)
    first = records.customers[: records.scenario.agents]
    left = float((first["leave_day"] != NEVER).mean())
    # leaving on one of the days 0 to 364: as many as there are nights in a year
    assert left == pytest.approx(share, abs=SURE * math.sqrt(share * (1 - share) / len(first)))


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_as_many_leave_on_each_day(share: float) -> None:
    """n q of Poisson-like days, q = 1 - (1 - share)^(1 / 365): no day of the run differs."""
    records = after(share)
    daily = records.counts[:, :, Count.MOVED_AWAY].sum(axis=1)
    agents = records.scenario.agents
    chance = 1.0 - (1.0 - share) ** (1.0 / YEAR)
    error = math.sqrt(agents * chance * (1.0 - chance))
    assert daily.mean() == pytest.approx(agents * chance, abs=SURE * error / math.sqrt(YEAR))
    assert daily.std() == pytest.approx(error, rel=SURE / math.sqrt(2 * YEAR))
    first, second = daily[: YEAR // 2].mean(), daily[YEAR // 2 :].mean()
    assert first == pytest.approx(second, abs=SURE * error * 2 / math.sqrt(YEAR))


@pytest.mark.parametrize("share", [0.6, 0.95])
def test_ages_are_geometric_and_stationary(share: float) -> None:
    """Share older than k days: (1 - share)^((k + 1) / 365), at the end of any run."""
    for records in (after(share), after(share, past=0)):
        agents = records.scenario.agents
        found = ages(records)
        for k in (30, 180, 330):
            kept = (1.0 - share) ** ((k + 1.0) / YEAR)
            older = 1.0 - (found <= k).sum() / agents
            error = math.sqrt(kept * (1.0 - kept) / agents)
            assert older == pytest.approx(kept, abs=SURE * error), k


def test_the_mean_age_after_a_long_past_is_that_of_a_geometric_time() -> None:
    """(1 - q) / q days, but for those who were there from the first day on."""
    share, past = 0.95, 3 * YEAR
    market_of_objects = run_fast(
        market("passing", 20_000, 1, past_days=past, turnover_per_year=share)
    )
    assert market_of_objects.customers["born"].max() <= 0  # nobody's age is told from the past
    long = run_fast(market("passing", 20_000, past + 1, turnover_per_year=share))
    here = present(long)
    age = past - here["born"].astype(float)
    stays = (1.0 - share) ** (1.0 / YEAR)
    mean = stays / (1.0 - stays) * (1.0 - stays**past)  # cut at the past's first day
    spread = math.sqrt(stays) / (1.0 - stays)
    assert age.mean() == pytest.approx(mean, abs=SURE * spread / math.sqrt(len(age)))


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    st.integers(0, 2**63 - 1),
    st.integers(0, 10**6),
    st.integers(0, 900),
    st.floats(0.0, 20.0),
    st.integers(1, 1000),
)
def test_whoever_comes_leaves_later_or_not_within_the_run(
    seed: int, place: int, born: int, rate: float, days: int
) -> None:
    day = leaving_day(seed, place, born, rate, days)
    assert day == NEVER or born < day < days
    if rate == 0.0:
        assert day == NEVER
    many, at = 0, day
    while at != NEVER:
        many, at = many + 1, leaving_day(seed, place, at, rate, days)
    assert leaving_until(seed, place, day, rate, days) == many
    if day != NEVER:  # a longer run changes nobody's day
        assert leaving_day(seed, place, born, rate, days + 500) == day


# --- who they are, in every table ---


@cache
def theatre(fast: bool = True) -> Records:
    run = run_fast if fast else run_reference
    return run(with_settings(THEATRE, overrides={"panel": 1.0}), check=True)


def test_a_newcomer_is_a_new_person_with_a_number_of_its_own() -> None:
    records = theatre()
    people, agents = records.customers, THEATRE.agents
    moved = int(records.counts[:, :, Count.MOVED_AWAY].sum())
    assert moved > 20
    assert np.array_equal(people["number"], np.arange(agents + moved))
    assert (people["leave_day"] != NEVER).sum() == moved
    assert len(present(records)) == agents
    newcomers = people[agents:]
    assert (newcomers["born"] >= 0).all()
    gone = newcomers["leave_day"] != NEVER
    assert (newcomers["leave_day"][gone] > newcomers["born"][gone]).all()
    # each comes on the day on which somebody left
    left = np.sort(people["leave_day"][people["leave_day"] != NEVER])
    assert np.array_equal(np.sort(newcomers["born"]), left)


def test_every_table_knows_newcomers_by_their_numbers() -> None:
    records = theatre()
    customers, panel = frame(records, "customers"), frame(records, "panel")
    assert customers["customer_key"].tolist() == list(range(len(records.customers)))
    assert customers["joined_day"].notna().sum() == len(customers) - THEATRE.agents
    assert customers["left_day"].notna().sum() == len(customers) - THEATRE.agents
    assert set(panel["case_id"]) <= set(customers["customer_key"])
    assert panel["case_id"].max() >= THEATRE.agents
    told = records.events
    for number in np.unique(told["customer"]):
        person = records.customers[number]
        days = told["day"][told["customer"] == number]
        assert days.min() >= person["born"]
        if person["leave_day"] != NEVER:
            assert days.max() <= person["leave_day"]  # on that day it moves away


def test_what_the_panel_tells_of_a_person_is_what_its_row_says() -> None:
    """Purchases and revenue, of those who left and of newcomers too."""
    records = theatre()
    events = records.events
    for code, column in ((EventCode.PURCHASE, "purchases"),):
        who = events["customer"][events["event"] == code]
        counted = np.bincount(who, minlength=len(records.customers))
        assert np.array_equal(counted, records.customers[column])
        assert counted[THEATRE.agents :].sum() > 0
    paid = np.isin(events["event"], (EventCode.PURCHASE, EventCode.RENEWAL))
    money = np.bincount(
        events["customer"][paid], events["value"][paid], minlength=len(records.customers)
    )
    assert money == pytest.approx(records.customers["revenue"] / 100.0, abs=0.01)


def test_a_newcomer_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lived at the place before: nothing of it is left."""
    scenario = with_settings(THEATRE, overrides={"turnover_per_year": 1.0})
    live = Market(scenario)
    seen = 0
    original = live.replace

    def watched(leaver: Customer) -> Customer:
        nonlocal seen
        newcomer = original(leaver)
        t, s = live.t, newcomer.segment
        assert newcomer.segment == leaver.segment
        assert newcomer.relationship == Relationship.NONE
        assert newcomer.phase == t.first_latent
        for stock in ("awareness", "engagement", "doubt", "loyalty", "habit", "satisfaction"):
            assert getattr(newcomer, stock) == 0.0
        for count in ("purchases", "revenue", "permission", "brand", "considered", "hurt"):
            assert getattr(newcomer, count) == 0
        assert newcomer.trust == np.float32(t.start[s, 3])
        assert newcomer.money == newcomer.budget
        assert newcomer.met == newcomer.done == 0
        assert not any(newcomer.familiarity)
        assert newcomer.first_day == newcomer.last_day == NOT_YET
        assert newcomer.born == live.day
        seen += 1
        return newcomer

    monkeypatch.setattr(live, "replace", watched)
    while live.running:
        live.step()
    assert seen > 100
    assert live.records is not None
    assert differences(run_fast(scenario), live.records) == []


# --- luck that people have in common ---


def same_people(one: Records, other: Records, columns: tuple[str, ...]) -> None:
    for column in columns:
        assert np.array_equal(one.customers[column], other.customers[column]), column


BORN_WITH = ("number", "born", "leave_day", "segment", "need_rate", "price_sensitivity", "budget")


def test_runs_that_differ_in_a_lever_have_the_same_people() -> None:
    dear = with_settings(THEATRE, overrides={"panel": 1.0, "offers.ticket.price": 60.0})
    other = run_fast(dear)
    same_people(theatre(), other, BORN_WITH)
    assert not np.array_equal(theatre().counts, other.counts)


def test_one_more_customer_changes_no_other() -> None:
    """Where nothing is shared: no talk, no rating, no queue, no budget."""
    alone = {
        "talk.per_day": 0.0,
        "reviews.chance": 0.0,
        **{f"touchpoints.{name}.enabled": False for name in ("clerk", "stars", "banner")},
        **{f"journey.phases.{phase}.requires": [] for phase in ("try", "pay")},
        "touchpoints.letter.requires": [],
    }
    few, more = (
        run_fast(with_settings(THEATRE, overrides={**alone, "agents": n, "population": n}))
        for n in (100, 101)
    )
    # who has which number depends on how many come to the places before; the place does not
    for column in CUSTOMER.names or ():
        if column == "number":
            continue
        assert np.array_equal(few.customers[column][:100], more.customers[column][:100]), column
    newcomers = [r.customers[n:] for r, n in ((few, 100), (more, 101))]
    many = len(newcomers[0])
    assert len(newcomers[1]) >= many > 10
    for column in CUSTOMER.names or ():
        if column != "number":
            mine, theirs = newcomers[0][column], newcomers[1][column][:many]
            assert mine.tobytes() == theirs.tobytes(), column


def test_the_engines_agree_on_who_comes_and_goes() -> None:
    assert differences(theatre(), theatre(fast=False)) == []


# --- what is counted ---


def test_nobody_is_lost_or_doubled() -> None:
    records = theatre()
    assert (end_of_day(records).sum(axis=(1, 2)) == THEATRE.agents).all()
    assert records.start.sum() == THEATRE.agents
    # those who are in the market at the end stand where the flows left them
    here = present(records)
    phases = len(THEATRE.journey.phases)
    place = here["segment"].astype(int) * phases + here["phase"]
    counted = np.bincount(place, minlength=end_of_day(records)[-1].size)
    assert np.array_equal(counted, end_of_day(records)[-1].reshape(-1))


def test_customers_are_those_of_day_0_and_who_was_won_and_not_lost() -> None:
    """Owners tonight = on day 0, + won, + won back, - lapsed, - moved away."""
    records = theatre()
    totals = records.counts.sum(axis=(0, 1))
    began = int((records.customers["began_as"] == Relationship.CUSTOMER).sum())
    owners = int((present(records)["relationship"] == Relationship.CUSTOMER).sum())
    won = totals[Count.NEW_CUSTOMERS] + totals[Count.REACTIVATIONS]
    lost = totals[Count.LAPSED] + totals[Count.CUSTOMERS_MOVED]
    assert owners == began + won - lost
    assert totals[Count.CUSTOMERS_MOVED] > 0
    assert records.active[-1].sum() == owners
    at_start = frame(records, "customers")["relationship_at_start"]
    assert (at_start[: THEATRE.agents] == "customer").sum() == began
    assert (at_start[THEATRE.agents :] == "none").all()  # whoever came since was a stranger
    assert customers_at_start(records) == began * records.people_per_agent


def test_without_turnover_everybody_stays() -> None:
    records = run_fast(with_settings(THEATRE, overrides={"turnover_per_year": 0.0}))
    assert len(records.customers) == THEATRE.agents
    assert (records.customers["leave_day"] == NEVER).all()
    assert records.counts[:, :, Count.MOVED_AWAY].sum() == 0


def test_the_born_are_those_of_the_first_day_and_of_each_leaving() -> None:
    """Without a past the first are born on the setup day."""
    records = run_fast(with_settings(THEATRE, overrides={"past_days": 0}))
    assert (records.customers["born"][: THEATRE.agents] == SETUP_DAY).all()


def test_the_market_comes_to_rest_with_people_who_come_and_go() -> None:
    """Start values are forgotten: two markets that begin apart meet, but for their luck."""

    def known(awareness: float) -> float:
        scenario: Scenario = market(
            "rest",
            20_000,
            30,
            past_days=6 * YEAR,
            turnover_per_year=0.9,
            segments={"all": {"start": {"awareness": awareness}}},
        )
        return float(run_fast(scenario).customers["awareness"].mean())

    assert known(1.0) == pytest.approx(0.1**6, abs=SURE * 0.1**3 / math.sqrt(20_000))
    assert known(0.0) == 0.0


def test_a_year_turns_over_the_share_that_was_asked_for() -> None:
    """Of which so many days have their part: 1 - (1 - share)^(days / 365)."""
    people, days, share = 1000, 100, 0.9
    records = run_fast(market("passing", people, days, turnover_per_year=share))
    left = float((records.customers["leave_day"][:people] != NEVER).mean())
    chance = 1.0 - (1.0 - share) ** (days / YEAR)
    assert left == pytest.approx(chance, abs=SURE * math.sqrt(chance * (1.0 - chance) / people))
