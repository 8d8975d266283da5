"""People are asked on an evening: what they say, what is so, what the same people then do."""

import math
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from sim.draws import Draw, u01
from sim.engine.day import run_fast
from sim.errors import BrokenRule, NotOneOf, OutOfRange, ScenarioErrors
from sim.measures.surveys import survey_figures
from sim.model.columns import CHOICE_FIT, CHOICE_PRICE, CUSTOMER
from sim.model.surveys import (
    considered_then,
    need_within,
    stated_importance,
    stated_intention,
)
from sim.pages.folder import write_folder
from sim.records import frame
from sim.records.intentions import intention_of
from sim.records.interviews import sampled
from sim.records.recorder import Records
from sim.reference.market import Market, run_reference
from sim.runs.run import read_folder, run
from sim.scenario.arrays import make_tables
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario, Survey
from sim.scenario.validate import Origin, validate
from tools.differences import differences
from worlds.markets import MARKETS

ALL = {"day": 20, "sample": 1.0, "within_days": 30, "levelling": 0.4, "kept": 0.8}
HONEST = {"day": 20, "sample": 1.0, "within_days": 30, "levelling": 0.0, "kept": 1.0}
FLAT = {"day": 20, "sample": 0.5, "within_days": 1, "levelling": 1.0}
OWNERS = {"day": 40, "sample": 0.5, "within_days": 15, "audience": "customers"}
SURVEYS = {"everybody": ALL, "honest": HONEST, "flat": FLAT, "owners": OWNERS}
ASKED = ("town", "club", "stall", "theatre")  # a loop, subscriptions, a funnel, a past


def asking(name: str, surveys: dict[str, Any]) -> Scenario:
    """A toy market in which everybody's every event is logged, and people are asked."""
    scenario = with_settings(MARKETS[name], overrides={"panel": 1.0})
    data = scenario.model_dump(mode="json") | {"surveys": surveys}
    return validate(data, Origin())


@cache
def asked(name: str) -> Records:
    return run_fast(asking(name, surveys_of(name)))


def surveys_of(name: str) -> dict[str, Any]:
    """The surveys, as far as they fit in the market's days."""
    days = MARKETS[name].days
    return {n: s for n, s in SURVEYS.items() if int(s["day"]) + int(s["within_days"]) < days}


def table(name: str, survey: str) -> pd.DataFrame:
    answers = frame(asked(name), "survey_answers")
    return answers[answers.survey == survey]


# --- what is said ---


def test_importances_are_levelled() -> None:
    assert stated_importance(0.7, 2, 0.0) == 0.7
    assert stated_importance(0.7, 2, 1.0) == stated_importance(0.3, 2, 1.0) == 0.5
    assert stated_importance(0.7, 2, 0.5) == pytest.approx(0.6)
    said = [stated_importance(w, 3, 0.3) for w in (0.5, 0.3, 0.2)]
    assert sum(said) == pytest.approx(1.0)


def test_intentions_are_overstated() -> None:
    assert stated_intention(0.3, 1.0) == 0.3
    assert stated_intention(0.3, 0.75) == pytest.approx(0.4)
    assert stated_intention(0.9, 0.75) == 1.0


@pytest.mark.parametrize("name", ASKED)
def test_without_levelling_and_overstatement_people_say_what_is_so(name: str) -> None:
    mine = table(name, "honest")
    pd.testing.assert_series_equal(mine.stated_intention, mine.intention, check_names=False)
    needs = frame(asked(name), "survey_needs")
    honest, flat = needs[needs.survey == "honest"], needs[needs.survey == "flat"]
    assert (honest.stated == honest.weight.astype(float)).all()
    assert (flat.stated == 1.0 / len(MARKETS[name].journey.needs)).all()
    sums = needs.groupby(["survey", "customer_key"], observed=True).stated.sum()
    np.testing.assert_allclose(sums, 1.0, rtol=1e-6)


def test_who_has_owned_nothing_has_no_judgement_and_a_subscriber_no_intention() -> None:
    mine = table("town", "everybody")
    strangers = mine.relationship == "none"
    assert 0 < strangers.sum() < len(mine)
    for column in ("stars", "score", "satisfaction"):
        assert (mine[column].isna() == strangers).all(), column
    mine = table("club", "everybody")
    assert mine.intention.isna().any()
    assert (mine[mine.intention.isna()].relationship == "customer").all()
    assert mine[mine.intention.isna()].stated_intention.isna().all()


def test_scores_and_stars_are_the_judgements_own() -> None:
    """Neutral + slope x judgement, rounded, within the scale."""
    mine = table("town", "everybody").dropna(subset="satisfaction")
    scenario = asked("town").scenario
    behaviour, stars = scenario.journey.behaviour, scenario.reviews.stars
    felt = mine.satisfaction.astype(float)
    score = np.floor(behaviour.score.neutral + behaviour.score.slope * felt + 0.5).clip(0, 10)
    assert (mine.score == score).all()
    assert (mine.stars == np.floor(stars.neutral + stars.slope * felt + 0.5).clip(1, 5)).all()
    assert mine.score.nunique() > 3


# --- what is intended, by hand ---


def by_hand(**fields: Any) -> tuple[Any, Any, np.ndarray]:
    """The town's tables, a blank person of its first segment, and equal weights."""
    t = make_tables(MARKETS["town"])
    c = np.zeros(1, dtype=CUSTOMER)[0]
    values = {"renewal_day": -1, "need_rate": 0.01, "budget": 1e6, "money": 1e6}
    for field, value in (values | {"price_sensitivity": 1.0} | fields).items():
        c[field] = value
    return t, c, np.full(t.weight_mean.shape[1], 0.5, dtype=np.float32)


def logit(t: Any, own: float, weights: np.ndarray) -> float:
    """Share of the firm's offers, with `own` added to each; nothing is too dear."""

    def utility(appeal: np.ndarray, attributes: np.ndarray, price: np.ndarray) -> np.ndarray:
        fit = t.choice_weights[CHOICE_FIT] * (attributes @ weights)
        return np.asarray(appeal + fit - t.choice_weights[CHOICE_PRICE] * price / 1e6)

    on_sale = t.launch <= 20
    mine = np.exp(utility(t.appeal, t.offer_attributes, t.price) + own)[on_sale].sum()
    theirs = np.exp(utility(t.rival_strength, t.rival_attributes, t.rival_price)).sum()
    return float(mine / (mine + theirs))


def test_on_a_journey_the_choice_decides() -> None:
    t, c, weights = by_hand(stocks_day=20, considered=1)
    c["phase"] = t.purchase_phase
    found = intention_of(t, c, weights, day=20, within_days=30)
    assert found == pytest.approx(logit(t, 0.0, weights), rel=1e-9)
    c["considered"] = 0
    assert intention_of(t, c, weights, day=20, within_days=30) == 0.0


def test_without_a_need_one_must_arise_and_lead_to_the_brand() -> None:
    t, c, weights = by_hand(stocks_day=10, awareness=0.6, doubt=0.2)
    season = t.season_cumulative[0]
    arises = 1.0 - math.exp(-float(c["need_rate"]) * (season[51] - season[21]))
    left = t.awareness_decay[10]
    found = intention_of(t, c, weights, day=20, within_days=30)
    expected = arises * 0.4 * left * logit(t, 0.0, weights)
    assert found == pytest.approx(expected, rel=1e-6)
    assert intention_of(t, c, weights, day=20, within_days=40) > found


def test_a_loyal_customer_needs_no_memory() -> None:
    assert considered_then(True, 0.3, 0.0) == 0.3
    assert considered_then(True, 0.3, 0.5) == pytest.approx(0.65)
    assert considered_then(False, 0.3, 0.5) == 0.5
    steady = np.arange(40.0)
    assert need_within(0.1, steady, 5, 7) == pytest.approx(1.0 - math.exp(-0.7))


def test_who_can_pay_for_nothing_of_the_firm_intends_nothing() -> None:
    t, c, weights = by_hand(stocks_day=20, considered=1, money=0.0, budget=0.5)
    c["phase"] = t.purchase_phase
    assert intention_of(t, c, weights, day=20, within_days=30) == 0.0


def test_a_subscriber_has_no_need() -> None:
    t, c, weights = by_hand(renewal_day=25)
    assert math.isnan(intention_of(t, c, weights, day=20, within_days=30))


# --- who is asked ---


def test_the_sample_is_the_share_that_was_asked_for() -> None:
    people = np.zeros(20_000, dtype=CUSTOMER)
    for share in (0.0, 0.03, 0.4, 1.0):
        found = sampled(3, "spring", Survey(day=0, sample=share), customers=people)
        error = math.sqrt(share * (1.0 - share) / len(people))
        assert found.mean() == pytest.approx(share, abs=4.0 * error)


def test_who_is_asked_hangs_on_seed_survey_and_person_alone() -> None:
    people = np.zeros(300, dtype=CUSTOMER)
    people["born"][::3] = 17
    survey = Survey(day=5, sample=0.3)
    found = sampled(8, "spring", survey, customers=people)
    alone = [
        u01(8, int(Draw.SURVEY), i, int(people["born"][i]), crc32(b"spring")) < 0.3
        for i in range(300)
    ]
    assert found.tolist() == alone
    assert sampled(8, "spring", survey, customers=people[:120]).tolist() == alone[:120]
    assert (sampled(8, "autumn", survey, customers=people) != found).any()
    assert (sampled(9, "spring", survey, customers=people) != found).any()
    more = sampled(8, "spring", Survey(day=5, sample=0.5), customers=people)
    assert (more | ~found).all()


def test_an_audience_is_asked_alone() -> None:
    mine = table("town", "owners")
    assert len(mine) > 10
    assert (mine.relationship == "customer").all()


def test_a_second_survey_changes_no_answer_of_the_first() -> None:
    alone = frame(run_fast(asking("town", {"flat": FLAT})), "survey_answers")
    beside = table("town", "flat").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside, check_categorical=False)


# --- the market and the engines ---


@pytest.mark.parametrize("name", ASKED)
def test_being_asked_changes_nobody(name: str) -> None:
    nobody_asked = run_fast(asking(name, {}))
    assert len(nobody_asked.answers) == len(nobody_asked.importances) == 0
    changed = differences(asked(name), nobody_asked)
    assert [line for line in changed if not line.startswith(("answers", "importances"))] == []
    assert len(asked(name).answers) > 0


@pytest.mark.parametrize("name", ASKED)
def test_both_engines_hear_the_same_answers(name: str) -> None:
    assert differences(asked(name), run_reference(asking(name, surveys_of(name)))) == []


def test_threads_and_chunks_do_not_show() -> None:
    scenario = asking("town", surveys_of("town"))
    assert differences(run_fast(scenario, threads=2, chunk=50, check=True), asked("town")) == []


def test_a_change_between_the_survey_and_its_windows_end_is_lived_through() -> None:
    change = [{"day": 30, "set": ["offers.basic.price=1.0"]}]
    scenario = asking("town", {"everybody": ALL}).model_copy(update={"changes": []})
    data = scenario.model_dump(mode="json") | {"changes": change}
    changed = run_fast(validate(data, Origin()))
    assert differences(changed, run_reference(validate(data, Origin()))) == []
    before = table("town", "everybody")
    after = frame(changed, "survey_answers")
    pd.testing.assert_series_equal(
        after.intention, before.intention.reset_index(drop=True), check_names=False
    )
    assert after.bought.sum() > before.bought.sum()


# --- what the same people then did ---


@pytest.mark.parametrize(
    ("name", "survey"),
    [
        (name, survey)
        for name in ASKED
        for survey in ("everybody", "honest", "flat", "owners")
        if survey in surveys_of(name)
    ],
)
def test_what_they_did_is_what_the_log_says(name: str, survey: str) -> None:
    asks = SURVEYS[survey]
    panel = frame(asked(name), "panel")
    day = (panel.timestamp - pd.Timestamp("2025-01-01")).dt.days
    window = panel[(day > asks["day"]) & (day <= int(asks["day"]) + int(asks["within_days"]))]
    until = panel[day <= int(asks["day"]) + int(asks["within_days"])]
    mine = table(name, survey).set_index("customer_key")
    purchases = window[window.event == "purchase"].groupby("case_id").size()
    expected = purchases.reindex(mine.index, fill_value=0)
    assert (mine.bought == expected).all()
    lapses = window[window.event == "lapse"].case_id.unique()
    assert (mine.lapsed == mine.index.isin(lapses)).all()
    if name == "town":  # there nobody had bought before, and nobody subscribes
        ends = until[until.event.isin(["purchase", "lost_to_competitor"])]
        last = ends.groupby("case_id").last()
        lost = last[last.event == "lost_to_competitor"].offer
        expected = {who: str(offer).split(".")[0] for who, offer in lost.items()}
        found = mine.last_competitor.dropna().to_dict()
        assert found == {who: rival for who, rival in expected.items() if who in mine.index}
        assert found


def test_who_left_the_market_did_what_they_did_before() -> None:
    """With turnover a place may hold another person by the window's end."""
    mine = table("theatre", "everybody").set_index("customer_key")
    people = frame(asked("theatre"), "customers").set_index("customer_key")
    left = people.left_day.reindex(mine.index)
    expected = (left > ALL["day"]) & (left <= int(ALL["day"]) + int(ALL["within_days"]))
    assert (mine.left == expected.fillna(False)).all()
    assert mine.left.any()
    assert not mine.left.all()


# --- files and figures ---


def test_answers_come_back_from_the_folder_as_they_were(tmp_path: Any) -> None:
    made = run(asking("town", surveys_of("town")))
    write_folder(made, tmp_path / "town")
    back = read_folder(tmp_path / "town")
    for name in ("survey_answers", "survey_needs"):
        pd.testing.assert_frame_equal(made.tables[name], back.tables[name])
    assert back.summary["surveys"] == made.summary["surveys"]


def test_figures_are_those_of_the_table() -> None:
    figures = survey_figures(asked("town"))
    assert list(figures) == list(surveys_of("town"))
    for name, found in figures.items():
        mine = table("town", name)
        assert found.asked == len(mine) * asked("town").people_per_agent
        scores = mine.score.dropna()
        lead = (scores >= 9).mean() - (scores <= 6).mean()
        assert found.recommendation_score == pytest.approx(100.0 * lead)
        may_buy = mine.dropna(subset="intention")
        assert found.intention == pytest.approx(may_buy.intention.mean())
        assert found.stated_intention == pytest.approx(may_buy.stated_intention.mean())
        assert found.bought == pytest.approx((may_buy.bought > 0).mean())
    assert run(asking("town", {})).summary.get("surveys", {}) == {}


def test_a_survey_of_nobody_has_no_figures() -> None:
    summary = run(asking("town", {"silent": {"day": 3, "sample": 0.0}})).summary
    assert summary["surveys"]["silent"]["asked"] == 0.0
    assert summary["surveys"]["silent"]["bought"] is None
    assert "surveys.silent.bought" in summary["undefined"]


# --- what is refused ---


def refused(**survey: Any) -> list[Any]:
    with pytest.raises(ScenarioErrors) as error:
        asking("town", {"late": survey})
    return error.value.problems


def test_days_outside_the_run_are_refused() -> None:
    last = MARKETS["town"].days - 1
    asking("town", {"late": {"day": last - 1, "within_days": 1}})
    (late,) = refused(day=last, within_days=1)
    assert isinstance(late, BrokenRule)
    assert late.detail == (
        f"is {last}; a day must follow it, so with {last + 1} days in the run it is at most"
        f" {last - 1}"
    )
    (long,) = refused(day=last - 5, within_days=6)
    assert long.detail == f"is 6; after day {last - 5} the run has 5 more"
    (before,) = refused(day=-1)
    assert isinstance(before, OutOfRange)


def test_unknown_audiences_and_a_share_of_nothing_meant_are_refused() -> None:
    (audience,) = refused(day=3, audience="customer")
    assert isinstance(audience, NotOneOf)
    (kept,) = refused(day=3, kept=0.0)
    assert isinstance(kept, OutOfRange)


def test_a_change_cannot_reach_a_survey() -> None:
    data = asking("town", {"flat": FLAT}).model_dump(mode="json")
    data["changes"] = [{"day": 5, "set": ["surveys.flat.sample=0.1"]}]
    with pytest.raises(ScenarioErrors):
        Market(validate(data, Origin()))
