"""The opening of the report: every sentence that it can say, word for word."""

from dataclasses import replace
from typing import Any

import pytest

from sim.measures.catalogue import HEADLINES
from sim.measures.replicates import combine
from sim.model.columns import Count
from sim.pages.blocks import Actions, Cards, Section, Sentence
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

NOT_TRIED = "Marginal return: Not estimated in this run; journeysim run --marginal-return does it."
FUNNEL = "Every purchase is a first purchase, because a funnel retains nobody."
FEW = " Fewer than 30 simulated customers bought, too few to show profit or loss reliably."


def opening(run: Run, summary: Any = None) -> Section:
    given = run.summary if summary is None else summary
    return opening_section(run.scenario, given, run.next_krone)


def sentences(run: Run, summary: Any = None) -> list[str]:
    """The result and its driver."""
    found = opening(run, summary).of(Sentence)
    return [sentence.text.replace(numbers.SPACE, " ") for sentence in found]


def actions(run: Run) -> list[str]:
    """What to do, each with its label."""
    (found,) = opening(run).of(Actions)
    return [f"{one.about}: {one.text}".replace(numbers.SPACE, " ") for one in found.items]


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


# The result.


def test_nothing_was_bought_or_spent() -> None:
    run = run_of(nothing_happened(by_hand(days=1)))
    assert sentences(run) == [
        "In 1 day nobody bought, and the firm spent nothing. It acquired no new customers.",
        "No need arose, so no journey began.",
    ]
    assert actions(run) == [NOT_TRIED]


def test_money_was_spent_for_nothing() -> None:
    records = nothing_happened(by_hand(days=2 * DAYS_PER_YEAR))
    records.spend[0, WEB] = 750.0
    assert sentences(run_of(records))[0] == (
        "In 2 years nobody bought, and the firm lost the DKK 750 it spent on marketing."
        " It acquired no new customers."
    )


def test_a_gain_with_customers_that_are_worth_more_than_they_cost() -> None:
    records = sold(nothing_happened(by_hand(loop=False)), 4, 400.0, new=4, new_margin=400.0)
    records.spend[0, WEB] = 200.0
    assert sentences(run_of(records))[0] == (
        "In 60 days the firm earned DKK 600 after unit costs and marketing, on revenue of"
        " DKK 1,600. It acquired 8 new customers at a customer acquisition cost (CAC) of DKK 25,"
        " and each brings a margin of DKK 100." + FEW
    )


def test_a_loss_with_customers_that_are_worth_less_than_they_cost() -> None:
    records = sold(nothing_happened(by_hand(loop=False)), 4, 400.0, new=4, new_margin=400.0)
    records.spend[0, WEB] = 1000.0
    assert sentences(run_of(records))[0] == (
        "In 60 days the firm lost DKK 200 after unit costs and marketing, on revenue of"
        " DKK 1,600. It acquired 8 new customers at a customer acquisition cost (CAC) of DKK 125,"
        " but each brings a margin of only DKK 100." + FEW
    )


def test_neither_gain_nor_loss_and_one_customer_who_cost_nothing() -> None:
    scenario = by_hand(loop=False, population=12)
    records = sold(nothing_happened(scenario), 1, 100.0, new=1, new_margin=100.0)
    records.spend[0, SHOP] = 100.0
    assert sentences(run_of(records))[0] == (
        "In 60 days the firm broke even, on revenue of DKK 200. It acquired 1 new customer at no"
        " acquisition cost, and each brings a margin of DKK 100." + FEW
    )


def test_figures_of_enough_buyers_have_no_warning_but_an_interval() -> None:
    run = run_of(sold(nothing_happened(by_hand()), 4, 400.0))
    summary = {**run.summary, "intervals": {"economics.profit": (700.0, 900.0)}}
    assert "DKK 800 (95% confidence interval DKK 700 to 900)" in sentences(run, summary)[0]
    assert FEW not in sentences(run, summary)[0]
    assert FEW in sentences(run)[0]


def test_four_headline_figures_stand_in_the_opening() -> None:
    (cards,) = opening(run_of(nothing_happened(by_hand()))).of(Cards)
    assert [card.key for card in cards.cards] == list(HEADLINES[:4])


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
            "It acquired 8 new customers at a customer acquisition cost (CAC) of DKK 25, and"
            " customer lifetime value (CLV) over 36 months is DKK 317.",
        ),
        (
            {"clv_projected": 21.0},
            "It acquired 8 new customers at a customer acquisition cost (CAC) of DKK 25, but"
            " customer lifetime value (CLV) over 36 months is only DKK 21.",
        ),
        (
            {"clv_projected": None, "clv_realised": 90.0},
            "It acquired 8 new customers at a customer acquisition cost (CAC) of DKK 25, and each"
            " has brought a margin of DKK 90 so far.",
        ),
        (
            {"clv_projected": None, "clv_realised": 9.5},
            "It acquired 8 new customers at a customer acquisition cost (CAC) of DKK 25, but each"
            " has brought a margin of only DKK 9.50 so far.",
        ),
        (
            {"clv_projected": None, "clv_realised": None, "cac": 0.0},
            "It acquired 8 new customers at no acquisition cost.",
        ),
    ],
)
def test_what_a_new_customer_is_worth(figures: dict[str, Any], text: str) -> None:
    run = run_of(nothing_happened(by_hand()))
    assert sentences(run, summary_of(**figures))[0].endswith(f". {text}{FEW}")


def with_spend(spend: float) -> Run:
    records = sold(nothing_happened(by_hand(loop=False)), 4, 400.0, new=4, new_margin=400.0)
    records.spend[0, WEB] = spend
    return run_of(records)


@pytest.mark.parametrize(
    ("spends", "text"),
    [
        # profits of 500 and 700: half of the interval is 12.7062 x 100 sqrt(2) / sqrt(2)
        ((100.0, 300.0), "earned DKK 600 (95% confidence interval DKK −671 to 1,870) after"),
        ((1100.0, 1300.0), "lost DKK 400 (95% confidence interval DKK −871 to 1,670) after"),
    ],
)
def test_replicates_say_how_sure_the_profit_is(spends: tuple[float, float], text: str) -> None:
    runs = [with_spend(spend) for spend in spends]
    assert text in sentences(runs[0], combine([run.summary for run in runs]))[0]


# Its main driver.


def drives(loop: bool = True, spend: float = 0.0, **figures: Any) -> str:
    records = needed(nothing_happened(by_hand(loop=loop)), 8)
    sold(records, 4, figures.pop("margin", 400.0), **figures)
    records.spend[0, WEB] = spend
    return sentences(run_of(records))[1]


def test_the_driver_is_the_first_that_holds() -> None:
    assert drives(margin=-40.0, spend=9e3) == "Sales do not even cover their unit costs."
    assert drives(margin=0.0) == "Sales do not even cover their unit costs."
    assert drives(spend=900.0) == (
        "Marketing costs DKK 900, more than the contribution margin of DKK 800."
    )
    assert drives(loop=False) == FUNNEL
    assert drives(new=3, new_margin=300.0) == (
        "First purchases bring 75.0% of the margin, repeat purchases the rest."
    )
    assert drives(new=1, new_margin=100.0) == (
        "Repeat purchases bring 75.0% of the margin, first purchases the rest."
    )
    assert drives() == "Repeat purchases bring 100% of the margin, first purchases the rest."


def test_the_leak_is_where_a_tenth_of_the_leavers_is_worth_most() -> None:
    records = needed(nothing_happened(by_hand(loop=False)), 8)
    flows = records.flows[0, 0]
    # of 8 who look, 6 go on to buy and 2 leave; of these 6, 4 buy and 2 leave, at 100 each:
    # a leaver from the first phase would have brought 6/8 x 4/6 x 100, one from the second
    # 4/6 x 100; a tenth of 2 x 2 people
    flows[LOOK, 2], flows[LOOK, IDLE], flows[2, IDLE] = 6, 2, 6
    sold(records, 4, 400.0, new=4, new_margin=400.0)
    assert actions(run_of(records))[0] == (
        "Reduce drop-off: The costliest drop-off is in the buy phase: 10% fewer would add"
        " DKK 26.67 of margin."
    )
    # a checkout completed is a sale at once: a tenth of 2 x 5 people at 100 each
    records = unmeasured(records)
    records.counts[0, 0, Count.CHECKOUTS_ABANDONED] = 5
    assert actions(run_of(records))[0] == (
        "Reduce drop-off: Checkout is the costliest drop-off: recovering 10% of abandoned"
        " checkouts would add DKK 100 of margin."
    )


def test_without_a_sale_the_leak_is_where_most_left() -> None:
    records = needed(nothing_happened(by_hand()), 8)
    assert sentences(run_of(records))[1] == (
        "Every journey that began was still in progress at the end."
    )
    records = unmeasured(records)
    flows = records.flows[0, 0]
    flows[LOOK, COMPARE], flows[COMPARE, BUY] = 6, 1
    flows[LOOK, IDLE], flows[COMPARE, IDLE] = 2, 3
    assert sentences(run_of(records))[1] == "Most drop-offs were in the compare phase: 6 people."


# What to do.


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


def to_do(*steps: Step, **fields: Any) -> list[str]:
    run = run_of(nothing_happened(by_hand(**fields)))
    return actions(replace(run, next_krone=NextKrone(1.25, 12, list(steps), {})))


def test_more_spend_that_significantly_gains() -> None:
    assert to_do(step("web", 0.30, 0.20), step("shop", -0.50, 0.20)) == [
        "Spend more: Web has the highest marginal return: DKK 0.30 of profit per extra DKK by the"
        " end of the run (95% CI DKK 0.10 to 0.50).",
        "Spend less: Shop has the lowest marginal return: a loss of DKK 0.50 per extra DKK (95% CI"
        " DKK 0.30 to 0.70).",
    ]


def test_more_spend_that_may_gain_elsewhere_as_well() -> None:
    assert to_do(step("web", 0.30, 0.50), step("shop", 0.10, 0.20)) == [
        "Test more spend: Web has the highest marginal return, DKK 0.30 of profit per extra DKK by"
        " the end of the run, but it is not significant (95% CI DKK −0.20 to 0.80). The CI of Shop"
        " overlaps with it."
    ]


def test_several_that_may_do_as_much() -> None:
    kiosk = {"starts": "pull", "reach": {"look": 0.5}}
    touchpoints = dict.fromkeys(("web", "shop", "kiosk"), kiosk)
    steps = [step("web", 0.2, 0.4), step("shop", 0.3, 0.2), step("kiosk", 0.2, 0.4)]
    assert to_do(*steps, touchpoints=touchpoints, currency="EUR") == [
        "Spend more: Shop has the highest marginal return: EUR 0.30 of profit per extra EUR by the"
        " end of the run (95% CI EUR 0.10 to 0.50). The CIs of 2 other touchpoints overlap with"
        " it."
    ]


def test_more_spend_that_loses_everywhere() -> None:
    assert to_do(step("web", -0.30, 0.20), step("shop", -0.90, 0.10)) == [
        "Do not spend more: No touchpoint recovers its extra cost by the end of the run. Even the"
        " best, Web, loses DKK 0.30 per extra DKK (95% CI DKK 0.10 to 0.50)."
    ]
    assert to_do(step("web", -0.30, 0.50), step("shop", -0.95, 0.10)) == [
        "Do not spend more: No touchpoint significantly recovers its extra cost by the end of the"
        " run. The best estimate is Web, with a loss of DKK 0.30 per extra DKK (95% CI of the"
        " profit DKK −0.80 to 0.20)."
    ]


def test_what_can_be_had_only_by_assumption_stands_apart() -> None:
    shop = (
        "Spend more: Shop has the highest marginal return: DKK 0.30 of profit per extra DKK by the"
        " end of the run (95% CI DKK 0.10 to 0.50)."
    )
    assert to_do(step("web", 0.80, 0.20, assumed=True), step("shop", 0.30, 0.20)) == [
        f"{shop} If more of it could be bought, Web would return more: DKK 0.80 (DKK 0.60 to 1.00)."
    ]
    assert to_do(step("web", 0.20, 0.10, assumed=True), step("shop", 0.30, 0.20)) == [shop]
    assert to_do(step("web", 0.80, 0.20, assumed=True)) == [
        "Spend more: Web (if more of it can be bought) has the highest marginal return: DKK 0.80"
        " of profit per extra DKK by the end of the run (95% CI DKK 0.60 to 1.00)."
    ]


def test_purposes_are_no_touchpoints_and_a_step_without_spend_has_no_return() -> None:
    nothing = ["Marginal return: No touchpoint that costs anything can be scaled."]
    assert to_do() == nothing
    assert to_do(step("acquisition", 0.5, 0.1, together=True)) == nothing
    assert to_do(step("web", 0.5, 0.1, placed=0.0)) == nothing


def test_what_is_not_sure_to_gain_comes_after_the_costliest_drop_off() -> None:
    records = needed(nothing_happened(by_hand(loop=False)), 8)
    flows = records.flows[0, 0]
    flows[LOOK, 2], flows[LOOK, IDLE], flows[2, IDLE] = 6, 2, 6
    run = run_of(sold(records, 4, 400.0, new=4, new_margin=400.0))
    for half, first in ((0.2, "Spend more"), (0.5, "Reduce drop-off")):
        steps = [step("web", 0.3, half)]
        tried = replace(run, next_krone=NextKrone(1.25, 12, steps, {}))
        assert actions(tried)[0].startswith(first)


def test_the_opening_in_danish() -> None:
    scenario = by_hand(loop=False)
    records = sold(nothing_happened(scenario), 4, 4000.0, new=4, new_margin=4000.0)
    records.spend[0, WEB] = 200.0
    run = replace(run_of(records), next_krone=NextKrone(1.25, 12, [step("web", 0.3, 0.2)], {}))
    with speaking("da"):
        result, _ = sentences(run)
        (more,) = actions(run)
    assert result == (
        "På 60 dage tjente virksomheden 7.800 kr. efter variable omkostninger og marketing, med en"
        " omsætning på 16.000 kr. Den fik 8 nye kunder til en anskaffelsespris pr. kunde (CAC) på"
        " 25 kr., og hver giver et dækningsbidrag på 1.000 kr. Færre end 30 simulerede kunder"
        " købte, hvilket er for få til at vise overskud eller tab pålideligt."
    )
    assert more == (
        "Brug mere: Web har det højeste marginale afkast: 0,30 kr. i overskud pr. ekstra krone,"
        " inden simuleringen slutter (95 %-interval 0,10–0,50 kr.)."
    )
