"""What the things of a scenario are called in the language being written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sim.pages.words import numbers
from sim.pages.words.language import own_words, say
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


def purpose_name(purpose: Purpose) -> str:
    """What a touchpoint's money is for."""
    words = {
        Purpose.ACQUISITION: say("to win customers"),
        Purpose.RETENTION: say("to keep customers"),
    }
    return words[purpose]


def _name(parts: Mapping[str, object], name: str) -> str:
    return own_words(parts[name], "name") or numbers.name(name)


def _name_in_text(parts: Mapping[str, object], name: str) -> str:
    """A name of the language is written as a heading: it loses its capital, unless it is proper.

    It is taken for a proper name if it has any other capital, or begins with a word of
    `numbers.WRITTEN`.
    """
    own = own_words(parts[name], "name")
    if not own:
        return numbers.name_in_text(name)
    first = re.split(r"[\W_]", own)[0]
    is_proper = any(letter.isupper() for letter in own[1:]) or first.lower() in numbers.WRITTEN
    return own if is_proper else own[:1].lower() + own[1:]
