"""Names behind the indices of a run's records."""

from __future__ import annotations

from functools import cached_property

from sim.scenario.arrays import pair_names
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode, Relationship, Route


class Names:
    """The names of a scenario, in the order in which arrays count them."""

    relationships = tuple(item.name.lower() for item in Relationship)
    routes = tuple(item.name.lower() for item in Route)
    events = tuple(item.name.lower() for item in EventCode)

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.segments = tuple(scenario.segments)
        self.phases = tuple(scenario.journey.phases)
        self.touchpoints = tuple(scenario.touchpoints)
        self.offers = tuple(scenario.offers)
        self.add_ons = tuple(tuple(offer.add_ons) for offer in scenario.offers.values())
        self.rivals = tuple(
            (competitor, offer)
            for competitor, rival in scenario.competitors.items()
            for offer in rival.offers
        )

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """(phase, touchpoint) as indices, of each row of the touch counters."""
        return tuple(
            (self.phases.index(phase), self.touchpoints.index(touchpoint))
            for phase, touchpoint in pair_names(self.scenario)
        )

    @cached_property
    def most_add_ons(self) -> int:
        """Places for add-ons that counters have for each offer."""
        return max(1, *(len(own) for own in self.add_ons))

    @cached_property
    def all_add_ons(self) -> tuple[str, ...]:
        """Every name of an add-on, each once."""
        return tuple(dict.fromkeys(name for names in self.add_ons for name in names))

    @cached_property
    def all_offers(self) -> tuple[str, ...]:
        """Own offers, then `competitor.offer` of each rival offer."""
        return self.offers + tuple(f"{competitor}.{offer}" for competitor, offer in self.rivals)

    @cached_property
    def competitors(self) -> tuple[str, ...]:
        """Competitors that have offers."""
        return tuple(dict.fromkeys(competitor for competitor, _ in self.rivals))

    @cached_property
    def rival_offers(self) -> tuple[str, ...]:
        """Every name of a competitor's offer, each once."""
        return tuple(dict.fromkeys(offer for _, offer in self.rivals))
