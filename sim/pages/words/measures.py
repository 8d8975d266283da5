"""What a measure is called and how it is written, in the language being written.

Read off `sim.measures.catalogue`; a measure of a part of the market is called after it.
"""

from __future__ import annotations

from sim.measures.catalogue import Unit, measure_of, names_in
from sim.pages.words import names, numbers
from sim.pages.words.language import in_words, say
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose


def measure_name(scenario: Scenario, key: str) -> str:
    """A measure: `economics.cac` is Cost of a new customer, `touchpoints.web.spend` Web: spend."""
    measure = measure_of(key)
    if measure is None or not measure.name:
        return numbers.name(key.replace(".", ", "))
    owners = _owners(scenario, measure.key, names_in(key))
    text = in_words(measure.name)
    return f"{owners}: {text}" if owners else text


def unit_name(unit: Unit, currency: str) -> str:
    """A unit, as an axis says it; empty where there is none."""
    words = {
        Unit.MONEY: currency,
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
        return names.phase_name(scenario, found[0])
    if group == "by_segment":
        return names.segment_name(scenario, found[0])
    if group == "by_offer":
        return names.offer_name(scenario, found[0])
    if group in ("touchpoints", "next_krone"):
        return names.touchpoint_name(scenario, found[0])
    if group in ("return_by_purpose", "next_krone_purpose"):
        return names.purpose_name(Purpose(found[0]))
    return ", ".join(numbers.name(name) for name in found)
