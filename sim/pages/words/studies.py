"""What levers and measures are called in the language being written, and their units."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sim.measures.catalogue import Unit, measure_of
from sim.pages.words import names, numbers
from sim.pages.words.language import in_words, say
from sim.pages.words.names import measure_name, unit_name
from sim.questions.budget.best_split import GAIN, GROUP, KEEPING, SHARE, SLOPE
from sim.questions.levers.study import Goal
from sim.runs.plan import Value
from sim.scenario.named import PathStep, place_of
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

# Fields whose chosen names are those of phases, of touchpoints.
OF_PHASES = ("reach", "effects_in")
AFFINITIES = "affinities"


@dataclass(frozen=True)
class Words:
    """The words for the levers and measures of one scenario; `goal`: of its best split."""

    scenario: Scenario
    goal: Goal = Goal.PROFIT

    def lever(self, path: str) -> str:
        """A lever: `touchpoints.newsletter.budget_per_day` is Budget per day (Newsletter)."""
        place = place_of(path.split("."))
        if place is None:
            return numbers.name(path.replace(".", ", "))
        said = ", ".join(self._step(step, place.owner) for step in place.steps)
        words = numbers.capital(said)
        return f"{words} ({self._owner(place.owner)})" if place.owner else words

    def measure(self, key: str) -> str:
        """A measure: `economics.cac` is its name in the catalogue."""
        known = _split_words().get(key)
        if known is None and key.startswith(f"{SHARE}."):
            return say("Optimal share: {part}", part=self._part(key.rpartition(".")[2]))
        return known or measure_name(self.scenario, key)

    def unit(self, key: str) -> str:
        """The unit of a measure, as an axis says it."""
        currency = self.scenario.currency
        if key == SLOPE:
            goal = unit_name(self._goal_unit(), currency)
            return say("{unit} per {currency}", unit=goal, currency=currency)
        return unit_name(self._unit(key), currency)

    def measure_and_unit(self, key: str) -> str:
        """A measure with its unit, as the head of a column says it; per cents tell their own."""
        if self.is_share(key) or not self.unit(key):
            return self.measure(key)
        return say("{measure}, {unit}", measure=self.measure(key), unit=self.unit(key))

    def written(self, key: str, value: float) -> str:
        """A figure of a measure, with its unit."""
        if self.is_share(key):
            return numbers.percent(value)
        unit = self.unit(key)
        if unit == self.scenario.currency:
            return numbers.money(value, unit)
        return numbers.with_unit(numbers.rough(value), unit) if unit else numbers.rough(value)

    def is_share(self, key: str) -> bool:
        """Whether a measure is written in per cent."""
        return self._unit(key) == Unit.SHARE

    def _unit(self, key: str) -> Unit:
        if key == GAIN:
            return self._goal_unit()
        if key == SLOPE:
            return Unit.NONE  # two of them
        if key.partition(".")[0] == GROUP:
            return Unit.SHARE
        measure = measure_of(key)
        return Unit.NONE if measure is None else measure.unit

    def _goal_unit(self) -> Unit:
        """What the goal of the best split is counted in."""
        return Unit.PEOPLE if self.goal == Goal.NEW_CUSTOMERS else Unit.MONEY

    def _part(self, name: str) -> str:
        """A part of a budget."""
        if name in self.scenario.touchpoints:
            return names.touchpoint_in_text(self.scenario, name)
        return names.purpose_name(Purpose(name))

    def _step(self, step: PathStep, owner: tuple[str, ...]) -> str:
        """A piece of a lever's name: words of its declaration, or a name of the scenario's own."""
        if owner[:1] == ("competitors",) and step.among == "offers":
            competitor = self.scenario.competitors.get(owner[1])
            if competitor is not None and step.text in competitor.offers:
                return names.competitor_offer_name(self.scenario, owner[1], step.text)
        if owner[:1] == ("offers",) and step.among == "add_ons":
            offer = self.scenario.offers.get(owner[1])
            if offer is not None and step.text in offer.add_ons:
                return names.add_on_name(self.scenario, owner[1], step.text)
        if step.among in OF_PHASES and step.text in self.scenario.journey.phases:
            return names.phase_in_text(self.scenario, step.text)
        if step.among == AFFINITIES and step.text in self.scenario.touchpoints:
            return names.touchpoint_in_text(self.scenario, step.text)
        return numbers.name_in_text(step.text) if step.among else in_words(step.text)

    def _owner(self, owner: tuple[str, ...]) -> str:
        """What the part of the scenario that a lever belongs to is called."""
        *group, piece = owner
        called: dict[str, tuple[Collection[str], Callable[[Scenario, str], str]]] = {
            "touchpoints": (self.scenario.touchpoints, names.touchpoint_name),
            "segments": (self.scenario.segments, names.segment_name),
            "offers": (self.scenario.offers, names.offer_name),
            "competitors": (self.scenario.competitors, names.competitor_name),
            "phases": (self.scenario.journey.phases, names.phase_name),
        }
        known, name_of = called.get(group[-1], ((), None))
        if name_of is None or piece not in known:
            return numbers.name(piece)
        return name_of(self.scenario, piece)


def lever_value(value: Value) -> str:
    """A value of a lever as people read it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.short(float(f"{value:.5g}")) if isinstance(value, int | float) else value


def _split_words() -> dict[str, str]:
    return {
        KEEPING: say("Optimal retention share"),
        GAIN: say("Gain from the optimal allocation"),
        SLOPE: say("Marginal return at the optimal allocation"),
    }
