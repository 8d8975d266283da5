"""What the things of a scenario are called in the language being written, and what measures are.

Measures are read off `sim.measures.catalogue`; one of a part of the market is called after it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sim.measures.catalogue import Unit, measure_of, names_in
from sim.pages.words import language, numbers
from sim.pages.words.language import in_words, own_words, say
from sim.scenario.schema import Scenario
from sim.vocabulary import Label, Purpose


def phase_name(scenario: Scenario, name: str) -> str:
    """What a phase is called."""
    return _name(scenario.journey.phases, name)


def touchpoint_name(scenario: Scenario, name: str) -> str:
    """What a touchpoint is called."""
    return _name(scenario.touchpoints, name)


def segment_name(scenario: Scenario, name: str) -> str:
    """What a segment is called."""
    return _name(scenario.segments, name)


def offer_name(scenario: Scenario, name: str) -> str:
    """What one of the firm's offers is called."""
    return _name(scenario.offers, name)


def competitor_name(scenario: Scenario, name: str) -> str:
    """What a competitor is called."""
    return _name(scenario.competitors, name)


def competitor_offer_name(scenario: Scenario, competitor: str, name: str) -> str:
    """What an offer of a competitor is called."""
    return _name(scenario.competitors[competitor].offers, name)


def add_on_name(scenario: Scenario, offer: str, name: str) -> str:
    """What an add-on of one of the firm's offers is called."""
    return _name(scenario.offers[offer].add_ons, name)


def touchpoint_in_text(scenario: Scenario, name: str) -> str:
    """What a touchpoint is called inside a sentence."""
    return _name_in_text(scenario.touchpoints, name)


def phase_in_text(scenario: Scenario, name: str) -> str:
    """What a phase is called inside a sentence."""
    return _name_in_text(scenario.journey.phases, name)


def title(scenario: Scenario) -> str:
    """The scenario's title, or its name if it has none."""
    return own_words(scenario, "title") or numbers.name(scenario.name)


def description(scenario: Scenario) -> str:
    """The scenario's description, in the language being written if it has one in it."""
    return own_words(scenario, "description")


def label_name(label: str) -> str:
    """When a phase is, by its label: before, during or after the delivery."""
    words = {
        Label.BEFORE: say("Before"),
        Label.DURING: say("During"),
        Label.AFTER: say("After"),
    }
    return words[Label(label)]


def engine_name(engine: str) -> str:
    """What an engine is called."""
    return {"fast": say("fast"), "reference": say("reference")}[engine]


def purpose_name(purpose: Purpose) -> str:
    """What a touchpoint's money is for."""
    words = {
        Purpose.ACQUISITION: say("acquisition"),
        Purpose.RETENTION: say("retention"),
        Purpose.DELIVERY: say("delivery"),
    }
    return words[purpose]


def _name(parts: Mapping[str, object], name: str) -> str:
    return own_words(parts[name], "name") or numbers.name(name)


def _name_in_text(parts: Mapping[str, object], name: str) -> str:
    """An English name is written as a heading: it loses its capital, unless it is proper.

    It is taken for a proper name if it has any other capital, or begins with a word of
    `numbers.WRITTEN`. In other languages a name is a label, in quotation marks or after a colon.
    """
    own = own_words(parts[name], "name")
    if not own:
        return numbers.name_in_text(name)
    if language.language() != language.ENGLISH:
        return own
    first = re.split(r"[\W_]", own)[0]
    is_proper = any(letter.isupper() for letter in own[1:]) or first.lower() in numbers.WRITTEN
    return own if is_proper else own[:1].lower() + own[1:]


# --- measures ---


def measure_name(scenario: Scenario, key: str) -> str:
    """A measure, by its name in the catalogue: `touchpoints.web.spend` is Spend (Web)."""
    measure = measure_of(key)
    if measure is None or not measure.name:
        return numbers.name(key.replace(".", ", "))
    owners = _owners(scenario, measure.key, names_in(key))
    text = in_words(measure.name)
    return f"{numbers.capital(text)} ({owners})" if owners else text


def unit_name(unit: Unit, currency: str) -> str:
    """A unit, as an axis says it; empty where there is none."""
    words = {
        Unit.MONEY: language.currency(currency),
        Unit.PEOPLE: say("people"),
        Unit.TIMES: say("number"),
        Unit.SHARE: say("share"),
        Unit.RATIO: say("times"),
        Unit.DAYS: say("days"),
        Unit.MINUTES: say("minutes"),
        Unit.MONTHS: say("months"),
        Unit.POINTS: say("points"),
        Unit.SCALE: say("points, -1 to 1"),
        Unit.STARS: say("stars"),
        Unit.NONE: "",
    }
    return words[unit]


def writer(unit: Unit, currency: str) -> numbers.Text:
    """How a measure with this unit is written where it stands alone."""
    if unit == Unit.MONEY:
        return lambda amount: numbers.money(amount, currency)
    if unit == Unit.SHARE:
        return numbers.percent
    if unit == Unit.RATIO:
        return lambda factor: numbers.times(factor, 1)
    if unit == Unit.POINTS:
        return lambda score: numbers.decimal(score, 0)
    if unit == Unit.DAYS:
        return numbers.days
    if unit == Unit.MINUTES:
        return numbers.minutes
    return numbers.decimal if unit in (Unit.SCALE, Unit.STARS) else numbers.count


def _owners(scenario: Scenario, pattern: str, found: list[str]) -> str:
    """The parts of the market that the stars of a key name."""
    group = pattern.partition(".*")[0].rpartition(".")[2]
    if group == "by_phase" or group == "days_in_phase":
        return phase_name(scenario, found[0])
    if group == "by_segment":
        return segment_name(scenario, found[0])
    if group == "by_offer":
        return offer_name(scenario, found[0])
    if group == "to_competitor":
        competitor, offer = found
        of = competitor_name(scenario, competitor)
        return f"{of}, {competitor_offer_name(scenario, competitor, offer)}"
    if group in ("touchpoints", "next_krone"):
        return touchpoint_name(scenario, found[0])
    if group in ("return_by_purpose", "next_krone_purpose"):
        return purpose_name(Purpose(found[0]))
    return ", ".join(numbers.name(name) for name in found)
