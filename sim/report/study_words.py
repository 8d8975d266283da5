"""What levers and measures are called in the language being written, and their units."""

from __future__ import annotations

from dataclasses import dataclass

from sim.report import names, numbers
from sim.report.language import say
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
        known = _measure_words().get(key)
        if known is None and key.startswith(f"{SHARE}."):
            return say("Best share: {part}", part=self._part(key.rpartition(".")[2]))
        return known or self._of_part(key, _figure_words())

    def unit(self, key: str) -> str:
        """The unit of a measure, as an axis says it."""
        group, _, _ = key.partition(".")
        last = key.rpartition(".")[2]
        special = {
            "payback_days": say("days"),
            "wait_minutes": say("minutes"),
            "clv_horizon_months": say("months"),
            "clv_cac_ratio": say("times"),
            "rating": say("stars"),
            "bad_share": say("share"),
            "quality": say("points, -1 to 1"),
            "mean_satisfaction": say("points, -1 to 1"),
            "recommendation_score": say("points"),
        }
        if last in special:
            return special[last]
        if group == GROUP:
            return self._unit_of_split(key)
        if group in ("conversion", "retention"):
            return say("share")
        if group == "economics" or last == "spend":
            return self.scenario.currency
        return say("people") if group == "customers" else say("times")

    def measure_and_unit(self, key: str) -> str:
        """A measure with its unit, as the head of a column says it; per cents tell their own."""
        if self.is_share(key):
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


def _figure_words() -> dict[str, str]:
    return {
        "encounters": say("encounters"),
        "contacts": say("contacts"),
        "visits": say("visits"),
        "spend": say("spend"),
        "quality": say("perceived quality"),
        "bad_share": say("bad encounters"),
        "wait_minutes": say("mean wait"),
    }


def _measure_words() -> dict[str, str]:
    return {
        "economics.profit": say("Profit"),
        "economics.revenue": say("Revenue"),
        "economics.margin": say("Margin"),
        "economics.spend": say("Marketing spend"),
        "economics.spend_acquisition": say("Spend to win customers"),
        "economics.spend_retention": say("Spend to keep customers"),
        "economics.cac": say("Cost of a new customer"),
        "economics.clv_projected": say("Value of a new customer"),
        "economics.clv_cac_ratio": say("Value against cost"),
        "economics.payback_days": say("Payback time"),
        "customers.new": say("New customers"),
        "customers.active_end": say("Customers at the end"),
        "customers.purchases": say("Purchases"),
        "conversion.overall": say("Conversion"),
        "retention.month_1": say("Still customers after 1 month"),
        "retention.month_6": say("Still customers after 6 months"),
        "retention.month_12": say("Still customers after 12 months"),
        "retention.repeat_rate": say("Repeat rate"),
        "experience.mean_satisfaction": say("Satisfaction"),
        "experience.recommendation_score": say("Recommendation score"),
        KEEPING: say("Best share for keeping customers"),
        GAIN: say("Gain of the best split"),
        SLOPE: say("Return of the next krone at the best split"),
    }
