"""What is valid and doubtful: a scenario that says this runs, and may not mean what it says.

Each `DoubtRule` of `RULES` is one kind of doubt. A doubt names the field, what was given there and
why that is doubtful; it stops nothing. `journeysim check` and `run` tell of them.

Figures used to judge are assumptions: `LEAST_NEEDS` and `FEW_CUSTOMERS`, `MANY_PEOPLE`. A desk's
load is what it is at the least: its visitors among people who wait for a need or are customers on
day 0, and on a journey, where each stay is as short as the phase's pace allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sim.errors import Problem
from sim.scenario.schema import Phase, Scenario, Touchpoint
from sim.scenario.validate import Origin
from sim.scenario.yaml_text import dotted
from sim.vocabulary import DAYS_PER_YEAR, Audience, Shape, Tracking

LEAST_NEEDS = 2_500  # at 4 in 100 that end in a purchase, 100 purchases: a standard error of 10 %
FEW_CUSTOMERS = 1_000  # simulated, for a budget that is made for many people each
MANY_PEOPLE = 100  # that one simulated customer stands for
MINUTES_PER_HOUR = 60.0

Place = tuple[str, ...]
SEGMENTS: Place = ("segments",)
TOUCHPOINTS: Place = ("touchpoints",)
PHASES: Place = ("journey", "phases")


class Doubt(NamedTuple):
    """Something doubtful: where, what was given there, and why, as the end of a sentence."""

    place: Place
    given: str
    why: str


class DoubtRule(NamedTuple):
    """One kind of doubt: its name, and what finds it in a scenario."""

    name: str
    find: Callable[[Scenario], Iterable[Doubt]]


@dataclass(frozen=True, kw_only=True)
class Doubtful(Problem):
    """A doubt about a file: `rule` is the name of its kind."""

    rule: str = ""

    complaint = "{given}; {detail}"

    @property
    def kind(self) -> str:
        """Name of the kind of doubt."""
        return self.rule or type(self).__name__


def doubts(scenario: Scenario, origin: Origin | None = None) -> list[Doubtful]:
    """All that is doubtful in a scenario, in the order of `RULES`."""
    origin = origin or Origin()
    return [
        Doubtful(
            rule=rule.name,
            file=origin.file,
            line=origin.line(found.place) if origin.lines else None,
            field=dotted(found.place),
            given=found.given,
            detail=found.why,
        )
        for rule in RULES
        for found in rule.find(scenario)
    ]


# --- people ---


def _never_lapse(scenario: Scenario) -> Iterator[Doubt]:
    """Segments whose customers stay customers for ever."""
    if scenario.journey.shape == Shape.FUNNEL:
        return
    subscribed = any(offer.subscription_days is not None for offer in scenario.offers.values())
    for name, segment in scenario.segments.items():
        lapse = segment.lapse
        if lapse.per_day > 0.0 or lapse.per_purchase.mean > 0.0:
            continue
        if subscribed and segment.renewal.churn.mean > 0.0:
            continue
        yield Doubt(
            (*SEGMENTS, name, "lapse"),
            "no lapse and no renewal that is declined",
            "every buyer stays a customer forever, so retention shows nothing",
        )


def _few_customers(scenario: Scenario) -> Iterator[Doubt]:
    needs = scenario.agents * scenario.days * _needs_per_day(scenario)
    if needs < LEAST_NEEDS:
        yield Doubt(
            ("agents",),
            f"{scenario.agents:,} simulated customers over {scenario.days:,} days",
            f"about {needs:,.0f} needs arise among them; with fewer than {LEAST_NEEDS:,}, key"
            " metrics are mostly random variation",
        )


def _large_budgets(scenario: Scenario) -> Iterator[Doubt]:
    people = scenario.population / scenario.agents
    if people < MANY_PEOPLE or scenario.agents >= FEW_CUSTOMERS:
        return
    for name, touchpoint in _used(scenario):
        if touchpoint.budget_per_day:
            yield Doubt(
                (*TOUCHPOINTS, name, "budget_per_day"),
                f"{touchpoint.budget_per_day:,.10g} {scenario.currency} for {scenario.population:,}"
                f" people, with {scenario.agents:,} simulated customers",
                f"each stands for {people:,.0f} people, so the budget reaches few of them and"
                " its effect cannot be measured",
            )


# --- the journey ---


def _stuck(scenario: Scenario) -> Iterator[Doubt]:
    """Phases of the search that nobody, or not everybody, can get out of."""
    rivals = any(competitor.offers for competitor in scenario.competitors.values())
    first = True
    for name, phase in scenario.journey.phases.items():
        if not phase.kind.searches:
            continue
        back = not first and (phase.back_per_day > 0.0 or phase.back_after_bad > 0.0)
        first = False
        if phase.leave_per_day > 0.0 or back:
            continue
        place = (*PHASES, name)
        if phase.pace_per_day == 0.0:
            yield Doubt(
                (*place, "pace_per_day"),
                "0, with no leave_per_day and no way back",
                "nobody can leave the phase",
            )
        elif phase.kind.decides and not rivals:
            yield Doubt(
                (*place, "leave_per_day"),
                "0, without competitors",
                "people who do not consider the brand, or cannot pay for it, never leave the phase",
            )


def _searching(scenario: Scenario) -> list[tuple[str, Phase]]:
    return [(n, phase) for n, phase in scenario.journey.phases.items() if phase.kind.searches]


# --- touchpoints ---


def _used(scenario: Scenario) -> list[tuple[str, Touchpoint]]:
    return [(name, one) for name, one in scenario.touchpoints.items() if one.enabled]


def _overloaded(scenario: Scenario) -> Iterator[Doubt]:
    if scenario.past_days:
        return  # who is there on day 0 is known when the past has been lived
    for name, touchpoint in _used(scenario):
        capacity = touchpoint.capacity
        if capacity is None or touchpoint.audience not in (Audience.ALL, Audience.PROSPECTS):
            continue  # nobody knows beforehand how many belong to the others
        hours = capacity.closes_hour - capacity.opens_hour
        minutes = capacity.servers * hours * MINUTES_PER_HOUR
        visitors = _visitors(scenario, name, touchpoint)
        needed = visitors * capacity.service_minutes
        if needed > minutes:
            yield Doubt(
                (*TOUCHPOINTS, name, "capacity"),
                f"{capacity.servers:,} at work for {hours:g} hours a day",
                f"about {visitors:,.0f} people or more come a day and need {needed:,.0f} minutes of"
                f" service, of which there are {minutes:,.0f}, so the queue never ends",
            )


def _visitors(scenario: Scenario, name: str, touchpoint: Touchpoint) -> float:
    """People who come to a service on a day, at the least."""
    owners = touchpoint.audience == Audience.ALL
    found = 0.0
    for segment in scenario.segments.values():
        people = scenario.population * segment.share
        customers = people * segment.start.customers
        stays = _people_searching(scenario, people * segment.need.rate_per_year / DAYS_PER_YEAR)
        latent = next(p for p, phase in scenario.journey.phases.items() if phase.kind.waits)
        related = [p for p, phase in scenario.journey.phases.items() if phase.kind.relates]
        stays[latent] = max(0.0, people - customers - sum(stays.values()))
        if related and owners:
            stays[related[0]] = customers
        affinity = segment.affinities.get(name, 1.0)
        found += affinity * sum(touchpoint.reach.get(p, 0.0) * stays[p] for p in stays)
    return found


def _people_searching(scenario: Scenario, needs_per_day: float) -> dict[str, float]:
    """People in each phase of the search, were every stay as short as the pace allows."""
    there = {}
    coming = needs_per_day
    for name, phase in _searching(scenario):
        going = min(1.0, phase.pace_per_day + phase.leave_per_day + phase.back_per_day)
        there[name] = coming / going if going > 0.0 else 0.0
        coming *= phase.pace_per_day / going if going > 0.0 else 0.0
    return there


def _needs_per_day(scenario: Scenario) -> float:
    """Needs that arise per person and day, nobody being on a journey."""
    each = (s.share * s.need.rate_per_year for s in scenario.segments.values())
    return sum(each) / DAYS_PER_YEAR


def _unheard(scenario: Scenario) -> Iterator[Doubt]:
    talk = scenario.talk
    if any(one.carries_talk and any(one.reach.values()) for _, one in _used(scenario)):
        return
    for field in ("per_day", "fan_per_day"):
        chance = getattr(talk, field)
        if chance > 0.0:
            yield Doubt(
                ("talk", field),
                f"{chance:g}",
                "no touchpoint carries talk (starts: earned, with reach), so nobody hears it",
            )


def _untracked(scenario: Scenario) -> Iterator[Doubt]:
    visited = [name for name, one in _used(scenario) if one.click_chance > 0.0]
    tracked = any(one.tracking != Tracking.NONE for _, one in _used(scenario))
    if visited and not tracked:
        yield Doubt(
            (*TOUCHPOINTS, visited[0], "tracking"),
            "none, as of all touchpoints",
            "tracking is off: web analytics would see no source of any purchase",
        )
    elif tracked and scenario.tracking.consent == 0.0:
        yield Doubt(
            ("tracking", "consent"),
            "0",
            "tracking is off: nobody leaves a trail, whatever the touchpoints track",
        )


def _endless_flights(scenario: Scenario) -> Iterator[Doubt]:
    """Flights whose days on, or pauses, change nothing within the run."""
    for name, touchpoint in _used(scenario):
        flight, place = touchpoint.flight, (*TOUCHPOINTS, name, "flight")
        if flight.start_day >= scenario.days:
            yield Doubt(
                (*place, "start_day"),
                f"{flight.start_day:,}, in a run of {scenario.days:,} days",
                "it never begins",
            )
        elif flight.start_day + flight.days_on < scenario.days:
            continue
        elif flight.days_off > 0:
            yield Doubt(
                (*place, "days_off"),
                f"{flight.days_off:,}, after {flight.days_on:,} days on",
                "the run ends before the first pause: the flight never ends",
            )
        elif flight.days_on != type(flight).model_fields["days_on"].default:
            yield Doubt(
                (*place, "days_on"),
                f"{flight.days_on:,}, in a run of {scenario.days:,} days",
                "the run ends before it does: the flight never ends",
            )


# --- what changes nothing ---


def _idle(scenario: Scenario) -> Iterator[Doubt]:
    yield from _idle_journey(scenario)
    for name, touchpoint in _used(scenario):
        yield from _idle_touchpoint(scenario, (*TOUCHPOINTS, name), touchpoint)
    rated = any(one.shows_rating and any(one.reach.values()) for _, one in _used(scenario))
    if scenario.reviews.chance > 0.0 and not rated:
        yield _nothing(
            ("reviews", "chance"),
            scenario.reviews.chance,
            "no touchpoint with reach has shows_rating, so nobody reads them",
        )
    if all(offer.subscription_days is None for offer in scenario.offers.values()):
        for name, segment in scenario.segments.items():
            if segment.renewal != type(segment).model_fields["renewal"].default:
                place = (*SEGMENTS, name, "renewal")
                yield _nothing(place, "set", "no offer is a subscription")


def _idle_journey(scenario: Scenario) -> Iterator[Doubt]:
    rivals = any(competitor.offers for competitor in scenario.competitors.values())
    checkout = scenario.journey.checkout
    for field in ("retry", "to_competitor"):
        share = getattr(checkout, field)
        place: Place = ("journey", "checkout", field)
        if share > 0.0 and checkout.abandon == 0.0:
            yield _nothing(place, share, "no checkout is abandoned")
        elif share > 0.0 and field == "to_competitor" and not rivals:
            yield _nothing(place, share, "there is no competitor's offer")
    firsts = set()
    for name, phase in scenario.journey.phases.items():
        place = (*PHASES, name)
        if phase.leave_to_competitor > 0.0:
            why = "leave_per_day is 0" if phase.leave_per_day == 0.0 else ""
            why = why or ("" if rivals else "there is no competitor's offer")
            if why:
                yield _nothing((*place, "leave_to_competitor"), phase.leave_to_competitor, why)
        if phase.kind.searches not in firsts and not phase.kind.waits:
            firsts.add(phase.kind.searches)
            for field in ("back_per_day", "back_after_bad"):
                if getattr(phase, field) > 0.0:
                    yield Doubt(
                        (*place, field),
                        f"{getattr(phase, field):g}",
                        "it moves nobody back, as no phase of this part of the journey comes"
                        " before" + (", and only delays people" if phase.kind.searches else ""),
                    )


def _idle_touchpoint(scenario: Scenario, place: Place, one: Touchpoint) -> Iterator[Doubt]:
    if not any(one.reach.values()):
        yield _nothing((*place, "reach"), "0 in all phases", "it meets nobody")
        return
    if one.budget_per_day == 0.0:
        yield _nothing((*place, "budget_per_day"), 0.0, "it buys no contact")
        return
    effects = [one.effects, *one.effects_in.values()]
    told = any(each.awareness or each.engagement or each.expectation for each in effects)
    if (one.message or one.personalised) and not told:
        field = "message" if one.message else "personalised"
        why = "it works through awareness, engagement and expectation, and has effect on none"
        yield _nothing((*place, field), "set", why)
    if one.promise and not any(each.expectation for each in effects):
        yield _nothing((*place, "promise"), one.promise, "its effect on expectation is 0")
    permitted = any(other.audience == Audience.PERMITTED for _, other in _used(scenario))
    if not permitted and any(each.permission for each in effects):
        given = max(each.permission for each in effects)
        why = "no touchpoint has audience: permitted"
        yield _nothing((*place, "effects", "permission"), given, why)


def _nothing(place: Place, given: float | str, why: str) -> Doubt:
    """A doubt about what is set and changes nothing."""
    told = given if isinstance(given, str) else f"{given:g}"
    return Doubt(place, told, f"it changes nothing, because {why}")


RULES: tuple[DoubtRule, ...] = (
    DoubtRule("never_lapse", _never_lapse),
    DoubtRule("few_customers", _few_customers),
    DoubtRule("large_budget", _large_budgets),
    DoubtRule("no_way_out", _stuck),
    DoubtRule("overload", _overloaded),
    DoubtRule("unheard_talk", _unheard),
    DoubtRule("tracking_off", _untracked),
    DoubtRule("endless_flight", _endless_flights),
    DoubtRule("changes_nothing", _idle),
)
