"""What a section of a report finds, in one sentence above its figures, built by rule.

A sentence is left out where its figure does not exist; the section says why below. None is made of
a handful of buyers: where money has no interval, there are too few (`sim.measures.spread`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.pages.blocks import Section
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.scenario.schema import Scenario
from sim.vocabulary import Shape

Summary = Mapping[str, Any]


def with_findings(
    scenario: Scenario, summary: Summary, sections: Sequence[Section]
) -> list[Section]:
    """The sections, each with what it finds. `summary`: of a run or of replicates."""
    if "economics.margin" not in summary["intervals"]:
        return list(sections)
    made = {
        "journey-map": _experience,
        "conversion": _conversion,
        "keeping": _keeping,
        "money": _money,
        "touchpoints": _spend,
    }
    return [
        replace(section, finding=made[section.name](scenario, summary))
        if section.name in made
        else section
        for section in sections
    ]


def _experience(scenario: Scenario, summary: Summary) -> str:
    """Where the perceived quality is lowest, and where it is highest."""
    felt = {
        name: own["quality"]
        for name, own in summary.get("touchpoints", {}).items()
        if own["quality"] is not None
    }
    if len(set(felt.values())) < 2:
        return ""
    low, high = min(felt, key=lambda name: felt[name]), max(felt, key=lambda name: felt[name])
    return say(
        "Perceived quality is lowest at {worst} ({low}) and highest at {best} ({high}).",
        worst=names.touchpoint_in_text(scenario, low),
        low=numbers.decimal(felt[low]),
        best=names.touchpoint_in_text(scenario, high),
        high=numbers.decimal(felt[high]),
    )


def _spend(scenario: Scenario, summary: Summary) -> str:
    """Which touchpoint most is spent on."""
    spend = {name: float(own["spend"]) for name, own in summary.get("touchpoints", {}).items()}
    if not any(spend.values()):
        return ""
    most = max(spend, key=lambda name: spend[name])
    return say(
        "{touchpoint} takes {share} of marketing spend.",
        touchpoint=names.touchpoint_name(scenario, most),
        share=numbers.percent(spend[most] / sum(spend.values())),
    )


def _conversion(scenario: Scenario, summary: Summary) -> str:
    """How many journeys end in a purchase, and where most of the others are lost."""
    bought = summary["conversion"]["per_need"]
    if bought is None:
        return ""
    found = summary["conversion"]["bottlenecks"]["by_phase"]
    left = {name: row["left"] or 0.0 for name, row in found.items()}
    where = max(left, key=lambda name: left[name])
    share = numbers.percent(bought)
    if left[where] <= 0.0:
        return say("{share} of journeys end in a purchase here.", share=share)
    return say(
        "{share} of journeys end in a purchase here; most drop-offs are in the {phase} phase.",
        share=share,
        phase=names.phase_in_text(scenario, where),
    )


def _keeping(scenario: Scenario, summary: Summary) -> str:
    """The retention rate, and how many buy again."""
    stay, again = summary["retention"]["month_6"], summary["retention"]["repeat_rate"]
    if stay is None:
        return ""
    share = numbers.percent(stay)
    if again is None:
        return say("Retention after 6 months is {share}.", share=share)
    return say(
        "Retention after 6 months is {share}; {again} of customers buy again within a year.",
        share=share,
        again=numbers.percent(again),
    )


def _money(scenario: Scenario, summary: Summary) -> str:
    """CLV against CAC."""
    economics = summary["economics"]
    cost, worth = economics["cac"], economics["clv_projected"]
    if not cost or worth is None:
        return ""
    values = {
        "cost": numbers.money(cost, scenario.currency),
        "worth": numbers.money(worth, scenario.currency),
    }
    if scenario.journey.shape == Shape.FUNNEL:
        if worth < cost:
            return say("CAC is {cost}, and the first purchase brings only {worth}.", **values)
        return say("CAC is {cost}, and the first purchase brings {worth}.", **values)
    values["months"] = numbers.months(int(economics["clv_horizon_months"]))
    if worth < cost:
        return say("CAC is {cost}, and CLV over {months} is only {worth}.", **values)
    return say("CAC is {cost}, and CLV over {months} is {worth}.", **values)
