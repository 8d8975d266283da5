"""What levers and measures are called in the language being written, and their units."""

from __future__ import annotations

from dataclasses import dataclass

from sim.measures.catalogue import Unit, measure_of
from sim.report import names, numbers
from sim.report.language import say
from sim.report.measure_words import measure_name, unit_name
from sim.scenario.schema import Scenario
from sim.studies.best_split import GAIN, GROUP, KEEPING, SHARE, SLOPE
from sim.studies.study import Goal
from sim.vocabulary import Purpose


@dataclass(frozen=True)
class Words:
    """The words for the levers and measures of one scenario; `goal`: of its best split."""

    scenario: Scenario
    goal: Goal = Goal.PROFIT

    def lever(self, path: str) -> str:
        """A lever: `touchpoints.newsletter.budget_per_day` is Newsletter: budget per day."""
        known = _lever_words()
        return known.get(path) or self._of_part(path, known)

    def measure(self, key: str) -> str:
        """A measure: `economics.cac` is Cost of a new customer."""
        known = _split_words().get(key)
        if known is None and key.startswith(f"{SHARE}."):
            return say("Best share: {part}", part=self._part(key.rpartition(".")[2]))
        return known or measure_name(self.scenario, key)

    def unit(self, key: str) -> str:
        """The unit of a measure, as an axis says it."""
        if key.partition(".")[0] == GROUP:
            return self._unit_of_split(key)
        measure = measure_of(key)
        unit = Unit.NONE if measure is None else measure.unit
        return unit_name(unit, self.scenario.currency)

    def measure_and_unit(self, key: str) -> str:
        """A measure with its unit, as the head of a column says it; per cents tell their own."""
        if self.is_share(key) or not self.unit(key):
            return self.measure(key)
        return say("{measure}, {unit}", measure=self.measure(key), unit=self.unit(key))

    def is_share(self, key: str) -> bool:
        """Whether a measure is written in per cent."""
        return self.unit(key) == say("share")

    def _unit_of_split(self, key: str) -> str:
        currency, in_people = self.scenario.currency, self.goal == Goal.NEW_CUSTOMERS
        if key == GAIN:
            return say("people") if in_people else currency
        if key != SLOPE:
            return say("share")
        if in_people:
            return say("people per {currency}", currency=currency)
        return say("{currency} per {currency}", currency=currency)

    def _part(self, name: str) -> str:
        """A part of a budget."""
        if name in self.scenario.touchpoints:
            return names.touchpoint_in_text(self.scenario, name)
        return names.purpose_name(Purpose(name))

    def _of_part(self, path: str, known: dict[str, str]) -> str:
        """A path whose first parts name a piece of the scenario, in the scenario's own words."""
        group, _, rest = path.partition(".")
        piece, _, end = rest.partition(".")
        owner = self._piece(group, piece)
        if owner is None:
            end, owner = (rest or path), numbers.name(group) if rest else ""
        words = known.get(end) or end.replace(".", ", ").replace("_", " ")
        return f"{owner}: {words}" if owner else numbers.name(words)

    def _piece(self, group: str, piece: str) -> str | None:
        scenario = self.scenario
        if group == "touchpoints" and piece in scenario.touchpoints:
            return names.touchpoint_name(scenario, piece)
        if group == "segments" and piece in scenario.segments:
            return names.segment_name(scenario, piece)
        if group == "offers" and piece in scenario.offers:
            return names.offer_name(scenario, piece)
        return None


def _lever_words() -> dict[str, str]:
    """The levers that studies move most; others are called as the scenario file has them."""
    return {
        "budget_per_day": say("budget per day"),
        "price": say("price"),
        "unit_cost": say("unit cost"),
        "cost.per_contact": say("cost per contact"),
        "journey.behaviour.awareness_half_life_days": say("Awareness: half-life in days"),
        "quality.mean": say("quality"),
        "quality.sd": say("spread of the quality"),
        "norm": say("usual quality"),
        "performance.mean": say("performance"),
        "capacity.servers": say("servers"),
        "capacity.comfort": say("comfort while waiting"),
        "personalised": say("personalised"),
        "delay_days": say("delay in days"),
        "habituation": say("habituation"),
    }


def _split_words() -> dict[str, str]:
    return {
        KEEPING: say("Best share for keeping customers"),
        GAIN: say("Gain of the best split"),
        SLOPE: say("Return of the next krone at the best split"),
    }
