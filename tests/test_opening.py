"""The opening of the report: every sentence that it can say, word for word."""

from dataclasses import replace
from typing import Any

import pytest

from sim.measures.replicates import combine
from sim.model.columns import Count
from sim.pages.blocks import Sentence
from sim.pages.opening import opening_section
from sim.pages.words import numbers
from sim.pages.words.language import speaking
from sim.records.recorder import Records
from sim.records.steps import NextKrone, Step
from sim.runs.run import Run
from sim.vocabulary import DAYS_PER_YEAR, Purpose
from worlds.by_hand import (
    BUY,
    COMPARE,
    IDLE,
    LOOK,
    SHOP,
    WEB,
    by_hand,
    nothing_happened,
    run_of,
    unmeasured,
)

NOT_TRIED = "Where it would do most was not tried out; journeysim run --next-krone does that."
NO_LEAK = "Every sale is to a stranger, as a funnel keeps nobody."


def sentences(run: Run, summary: Any = None) -> list[str]:
    given = run.summary if summary is None else summary
    section = opening_section(run.scenario, given, run.next_krone)
    return [sentence.text.replace(numbers.SPACE, " ") for sentence in section.of(Sentence)]


def sold(
    records: Records, purchases: int, margin: float, new: int = 0, new_margin: float = 0.0
) -> Records:
    """Let customers buy on day 0, at twice the margin; money of simulated customers."""
    day = records.counts[0, 0]
    day[Count.PURCHASES] += purchases
    day[Count.NEW_CUSTOMERS] += new
    day[Count.MARGIN] += round(100 * margin)
    day[Count.REVENUE] += round(100 * abs(2 * margin))
    day[Count.NEW_MARGIN] += round(100 * new_margin)
    return records


def needed(records: Records, customers: int) -> Records:
    """Let a need bring so many customers to the phase where they look around."""
    records.counts[0, 0, Count.NEEDS] += customers
    records.flows[0, 0, IDLE, LOOK] += customers
    records.customers["need_began"][:customers] = 0
    return records


# What happened.


def test_nothing_was_bought_or_spent() -> None:
    happened, drives, krone = sentences(run_of(nothing_happened(by_hand(days=1))))
    assert happened == (
        "In 1 day nobody bought, and the firm spent nothing; it won no new customer."
    )
    assert drives == "No need arose, so nobody set out on the journey."
    assert krone == NOT_TRIED


def test_money_was_spent_for_nothing() -> None:
    records = nothing_happened(by_hand(days=2 * DAYS_PER_YEAR))
    records.spend[0, WEB] = 750.0
    assert sentences(run_of(records))[0] == (
        "In 2 years nobody bought, and the firm lost the 750 DKK it spent on marketing;"
        " it won no new customer."
    )


def test_a_gain_with_customers_that_are_worth_more_than_they_cost() -> None:
    records = sold(nothing_happened(by_hand(loop=False)), 4, 400.0, new=4, new_margin=400.0)
    records.spend[0, WEB] = 200.0
    assert sentences(run_of(records))[0] == (
        "In 60 days the firm earned 600 DKK after unit costs and marketing, on a revenue of"
        " 1,600 DKK; it won 8 new customers at 25.0 DKK each, and the one order of a new customer"
        " brings 100 DKK."
    )


def test_a_loss_with_customers_that_are_worth_less_than_they_cost() -> None:
    records = sold(nothing_happened(by_hand(loop=False)), 4, 400.0, new=4, new_margin=400.0)
    records.spend[0, WEB] = 1000.0
    assert sentences(run_of(records))[0] == (
        "In 60 days the firm lost 200 DKK after unit costs and marketing, on a revenue of"
        " 1,600 DKK; it won 8 new customers at 125 DKK each, but the one order of a new customer"
        " brings only 100 DKK."
    )


def test_neither_gain_nor_loss_and_one_customer_who_cost_nothing() -> None:
    scenario = by_hand(loop=False, population=12)
    records = sold(nothing_happened(scenario), 1, 100.0, new=1, new_margin=100.0)
    records.spend[0, SHOP] = 100.0
    assert sentences(run_of(records))[0] == (
        "In 60 days the firm neither earned nor lost, on a revenue of 200 DKK; it won 1 new"
        " customer without spending on it, and the one order of a new customer brings 100 DKK."
    )


def summary_of(**economics: Any) -> dict[str, Any]:
    """The summary of a loop that earned 600 on 1,600 with 8 customers, with other figures."""
    records = sold(nothing_happened(by_hand()), 4, 400.0, new=4, new_margin=300.0)
    records.spend[0, WEB] = 200.0
    summary = run_of(records).summary
    return {**summary, "economics": {**summary["economics"], **economics}}


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        (
            {"clv_projected": 317.4},
            "it won 8 new customers at 25.0 DKK each, and a new customer is worth 317 DKK over 36"
            " months.",
        ),
        (
            {"clv_projected": 21.0},
            "it won 8 new customers at 25.0 DKK each, but a new customer is worth only 21.0 DKK"
            " over 36 months.",
        ),
        (
            {"clv_projected": None, "clv_realised": 90.0},
            "it won 8 new customers at 25.0 DKK each, and a new customer has brought 90.0 DKK so"
            " far.",
        ),
        (
            {"clv_projected": None, "clv_realised": 9.0},
            "it won 8 new customers at 25.0 DKK each, but a new customer has brought only 9.00 DKK"
            " so far.",
        ),
        (
            {"clv_projected": None, "clv_realised": None, "cac": 0.0},
            "it won 8 new customers without spending on it.",
        ),
    ],
)
def test_what_a_new_customer_is_worth(figures: dict[str, Any], text: str) -> None:
    run = run_of(nothing_happened(by_hand()))
    assert sentences(run, summary_of(**figures))[0].endswith("; " + text)


def with_spend(spend: float) -> Run:
    records = sold(nothing_happened(by_hand(loop=False)), 4, 400.0, new=4, new_margin=400.0)
    records.spend[0, WEB] = spend
    return run_of(records)


@pytest.mark.parametrize(
    ("spends", "text"),
    [
        # profits of 500 and 700: half of the interval is 12.7062 x 100 sqrt(2) / sqrt(2)
        ((100.0, 300.0), "earned 600 DKK (95 % interval −671 to 1,870 DKK) after"),
        ((1100.0, 1300.0), "lost 400 DKK (95 % interval −871 to 1,670 DKK) after"),
    ],
)
def test_replicates_say_how_sure_the_profit_is(spends: tuple[float, float], text: str) -> None:
    runs = [with_spend(spend) for spend in spends]
    assert text in sentences(runs[0], combine([run.summary for run in runs]))[0]


# What drives it.


def drives(loop: bool = True, spend: float = 0.0, **figures: Any) -> str:
    records = needed(nothing_happened(by_hand(loop=loop)), 8)
    sold(records, 4, figures.pop("margin", 400.0), **figures)
    records.spend[0, WEB] = spend
    return sentences(run_of(records))[1]


def test_the_driver_is_the_first_that_holds() -> None:
    assert drives(margin=-40.0, spend=9e3) == "What is sold does not cover its own unit costs."
    assert drives(margin=0.0) == "What is sold does not cover its own unit costs."
    assert drives(spend=900.0) == (
        "Marketing costs 900 DKK, more than the 800 DKK that sales leave after unit costs."
    )
    assert drives(loop=False) == NO_LEAK
    assert drives(new=3, new_margin=300.0) == (
        "First orders bring 75.0 % of the margin, repeat business the rest."
    )
    assert drives(new=1, new_margin=100.0) == (
        "Repeat business brings 75.0 % of the margin, first orders the rest."
    )
    assert drives() == ("Repeat business brings 100 % of the margin, first orders the rest.")


def test_the_leak_is_where_a_tenth_of_the_leavers_is_worth_most() -> None:
    records = needed(nothing_happened(by_hand(loop=False)), 8)
    flows = records.flows[0, 0]
    # of 8 who look, 6 go on to buy and 2 leave; of these 6, 4 buy and 2 leave, at 100 each:
    # a leaver from the first phase would have brought 6/8 x 4/6 x 100, one from the second
    # 4/6 x 100; a tenth of 2 x 2 people
    flows[LOOK, 2], flows[LOOK, IDLE], flows[2, IDLE] = 6, 2, 6
    sold(records, 4, 400.0, new=4, new_margin=400.0)
    assert sentences(run_of(records))[1] == (
        NO_LEAK[:-1] + "; most is lost in the buy phase: keeping 10 % of those who leave it or"
        " fall back would bring 26.7 DKK of margin."
    )
    # a checkout completed is a sale at once: a tenth of 2 x 5 people at 100 each
    records = unmeasured(records)
    records.counts[0, 0, Count.CHECKOUTS_ABANDONED] = 5
    assert sentences(run_of(records))[1] == (
        NO_LEAK[:-1] + "; most is lost at the checkout: keeping 10 % of those who abandon it would"
        " bring 100 DKK of margin."
    )


def test_without_a_sale_the_leak_is_where_most_left() -> None:
    records = needed(nothing_happened(by_hand()), 8)
    assert sentences(run_of(records))[1] == (
        "Whoever set out on the journey was still on the way at the end."
    )
    records = unmeasured(records)
    flows = records.flows[0, 0]
    flows[LOOK, COMPARE], flows[COMPARE, BUY] = 6, 1
    flows[LOOK, IDLE], flows[COMPARE, IDLE] = 2, 3
    assert sentences(run_of(records))[1] == (
        "Of those who set out on the journey, most were lost in the compare phase: 6 of them left"
        " there."
    )


# The next krone.


def step(name: str, profit: float, half: float, assumed: bool = False, **other: Any) -> Step:
    """A step of 100 kroner that brings `profit` a krone, with `half` the 95 % interval."""
    about: dict[str, Any] = {
        "together": False,
        "purpose": Purpose.ACQUISITION,
        "clipped": False,
        "placed": 100.0,
        "spend": 100.0,
        "spend_acquisition": 100.0,
        "margin": 100.0 * (1.0 + profit),
        "margin_se": 100.0 * half / 1.959963984540054,
        "new_customers": 1.0,
        "new_customers_se": 0.1,
    }
    return Step(**{**about, "name": name, "assumed": assumed, **other})


def krone(*steps: Step, **fields: Any) -> str:
    run = run_of(nothing_happened(by_hand(**fields)))
    return sentences(replace(run, next_krone=NextKrone(1.25, 12, list(steps), {})))[2]


def test_a_krone_that_surely_gains() -> None:
    assert krone(step("web", 0.30, 0.20), step("shop", -0.50, 0.20)) == (
        "It does most at web: 0.30 DKK of profit by the end of the run (95 % interval"
        " 0.10 to 0.50 DKK); shop does least: a loss of 0.50 DKK."
    )


def test_a_krone_that_may_gain_elsewhere_as_well() -> None:
    assert krone(step("web", 0.30, 0.50), step("shop", 0.10, 0.20)) == (
        "It seems to do most at web: 0.30 DKK of profit by the end of the run, but"
        " perhaps a loss (95 % interval −0.20 to 0.80 DKK); shop may do as much."
    )


def test_several_that_may_do_as_much() -> None:
    kiosk = {"starts": "pull", "reach": {"look": 0.5}}
    touchpoints = dict.fromkeys(("web", "shop", "kiosk"), kiosk)
    steps = [step("web", 0.2, 0.4), step("shop", 0.3, 0.2), step("kiosk", 0.2, 0.4)]
    assert krone(*steps, touchpoints=touchpoints, currency="EUR") == (
        "It does most at shop: 0.30 EUR of profit by the end of the run (95 % interval"
        " 0.10 to 0.50 EUR); 2 other touchpoints may do as much."
    )


def test_a_krone_that_loses_everywhere() -> None:
    assert krone(step("web", -0.30, 0.20), step("shop", -0.90, 0.10)) == (
        "It does not come back in full anywhere by the end of the run: even at web it"
        " loses 0.30 DKK (95 % interval 0.10 to 0.50 DKK)."
    )
    assert krone(step("web", -0.30, 0.50), step("shop", -0.95, 0.10)) == (
        "It seems to come back in full nowhere by the end of the run: at web, the best"
        " place, it loses 0.30 DKK, or perhaps gains (95 % interval of the profit −0.80 to"
        " 0.20 DKK)."
    )


def test_what_can_be_had_only_by_assumption_stands_apart() -> None:
    assert krone(step("web", 0.80, 0.20, assumed=True), step("shop", 0.30, 0.20)) == (
        "It does most at shop: 0.30 DKK of profit by the end of the run (95 % interval"
        " 0.10 to 0.50 DKK); if more of it could be had, web would do more: 0.80 DKK"
        " (0.60 to 1.00 DKK)."
    )
    assert krone(step("web", 0.20, 0.10, assumed=True), step("shop", 0.30, 0.20)) == (
        "It does most at shop: 0.30 DKK of profit by the end of the run (95 % interval"
        " 0.10 to 0.50 DKK)."
    )
    assert krone(step("web", 0.80, 0.20, assumed=True)) == (
        "It does most at web (if more of it can be bought): 0.80 DKK of profit by the end of the"
        " run (95 % interval 0.60 to 1.00 DKK)."
    )


def test_purposes_are_no_touchpoints_and_a_step_without_a_krone_has_no_return() -> None:
    nothing = "It has no place: no touchpoint that costs anything can have more of it."
    assert krone() == nothing
    assert krone(step("acquisition", 0.5, 0.1, together=True)) == nothing
    assert krone(step("web", 0.5, 0.1, placed=0.0)) == nothing


def test_the_opening_in_danish() -> None:
    scenario = by_hand(loop=False)
    records = sold(nothing_happened(scenario), 4, 4000.0, new=4, new_margin=4000.0)
    records.spend[0, WEB] = 200.0
    run = replace(run_of(records), next_krone=NextKrone(1.25, 12, [step("web", 0.3, 0.2)], {}))
    with speaking("da"):
        happened, _, next_krone = sentences(run)
    assert happened == (
        "På 60 dage tjente virksomheden 7.800 DKK efter vareomkostninger og marketing, ved en"
        " omsætning på 16.000 DKK; den vandt 8 nye kunder til 25,0 DKK stykket, og en ny kundes ene"
        " ordre giver 1.000 DKK."
    )
    assert next_krone == (
        "Den gør mest gavn ved web: 0,30 DKK i overskud, inden simuleringen slutter"
        " (95 %-interval 0,10 til 0,50 DKK)."
    )
