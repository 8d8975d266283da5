"""What a section of a report finds, in one sentence: by hand, and left out where there is none."""

from copy import deepcopy
from typing import Any

import pytest

from sim.pages.blocks import Section
from sim.pages.findings import with_findings
from sim.pages.words.language import speaking
from sim.scenario.load import load_scenario
from worlds.markets import MARKETS

SUMMARY: dict[str, Any] = {
    "intervals": {"economics.margin": [1.0, 2.0]},
    "conversion": {
        "per_need": 0.054,
        "bottlenecks": {
            "by_phase": {
                "interest": {"left": 100.0},
                "desire": {"left": None},
                "purchase": {"left": 900.0},
            }
        },
    },
    "retention": {"month_6": 0.554, "repeat_rate": 0.351},
    "touchpoints": {
        "web_shop": {"quality": 0.5, "spend": 30.0},
        "parcel": {"quality": -0.25, "spend": 10.0},
        "newsletter": {"quality": None, "spend": 0.0},
    },
    "economics": {"cac": 275.0, "clv_projected": 377.0, "clv_horizon_months": 36},
}


def found(section: str, market: str = "webshop_loop", **changes: Any) -> str:
    """The finding of a section; `changes`: of the summary, by dotted key with `__`."""
    summary = deepcopy(SUMMARY)
    for key, value in changes.items():
        *path, last = key.split("__")
        place = summary
        for part in path:
            place = place[part]
        place[last] = value
    scenario = load_scenario(market)
    (made,) = with_findings(scenario, summary, [Section(section, section)])
    return made.finding


def test_where_journeys_end() -> None:
    assert found("conversion") == (
        "5.40% of journeys end in a purchase here; most drop-offs are in the purchase phase."
    )
    nobody = {phase: {"left": 0.0} for phase in ("interest", "desire", "purchase")}
    assert "most" not in found("conversion", conversion__bottlenecks={"by_phase": nobody})
    assert found("conversion", conversion__per_need=None) == ""


def test_who_stays() -> None:
    assert found("keeping") == (
        "Retention after 6 months is 55.4%; 35.1% of customers buy again within a year."
    )
    assert found("keeping", retention__repeat_rate=None) == "Retention after 6 months is 55.4%."
    assert found("keeping", retention__month_6=None) == ""


@pytest.mark.parametrize(
    ("market", "cost", "says"),
    [
        ("webshop_loop", 275.0, "CLV over 36 months is DKK 377"),
        ("webshop_loop", 400.0, "CLV over 36 months is only DKK 377"),
        ("webshop_funnel", 275.0, "the first purchase brings DKK 377"),
        ("webshop_funnel", 400.0, "the first purchase brings only DKK 377"),
    ],
)
def test_what_a_new_customer_is_worth(market: str, cost: float, says: str) -> None:
    assert says in found("money", market, economics__cac=cost).replace("\N{NO-BREAK SPACE}", " ")


def test_where_quality_is_lowest_and_highest() -> None:
    assert found("journey-map") == (
        "Perceived quality is lowest at parcel (−0.25) and highest at web shop (0.50)."
    )
    same = {"quality": 0.5, "spend": 0.0}
    assert found("journey-map", touchpoints={"web_shop": same, "parcel": same}) == ""
    assert found("touchpoints", touchpoints={"web_shop": same}) == ""


def test_what_most_is_spent_on() -> None:
    assert found("touchpoints") == "Web shop takes 75.0% of marketing spend."


def test_without_a_cost_or_a_value_nothing_is_said() -> None:
    assert found("money", economics__cac=None) == ""
    assert found("money", economics__cac=0.0) == ""
    assert found("money", economics__clv_projected=None) == ""


@pytest.mark.parametrize(
    "section", ["journey-map", "conversion", "keeping", "money", "touchpoints"]
)
def test_a_handful_of_buyers_finds_nothing(section: str) -> None:
    """With three buyers a new customer's worth is no finding; nor is how many stay."""
    assert found(section) != ""
    assert found(section, intervals={}) == ""


def test_the_page_says_that_a_handful_bought() -> None:
    from sim.pages.pages import make_report
    from sim.runs.run import run

    told = "Fewer than 30 simulated customers bought, too few"
    assert told in make_report(run(load_scenario("webshop_loop", agents=50, days=60)))
    assert told not in make_report(run(load_scenario("webshop_loop", agents=2_000, days=90)))


def test_other_sections_find_nothing_and_danish_is_danish() -> None:
    assert found("assumptions") == ""
    with speaking("da"):
        assert found("money").startswith("Anskaffelsesprisen pr. kunde (CAC) er 275")


@pytest.mark.parametrize("name", MARKETS)
def test_every_market_has_its_findings_or_none(name: str) -> None:
    from sim.pages.pages import report_sections
    from sim.runs.run import run

    for section in report_sections(run(MARKETS[name])):
        assert "None" not in section.finding
        assert section.finding == "" or section.finding.endswith(".")
