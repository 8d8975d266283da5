"""Rules of a scenario that span several fields; each broken one is a sentence and a place."""

from collections.abc import Iterable, Iterator

from sim.scenario.schema import Phase, Scenario, Touchpoint
from sim.vocabulary import Control, PhaseKind, Shape, Starts, Tracking, Trigger, code_of

Place = tuple[str, ...]
Finding = tuple[Place, str]

SHARE_TOLERANCE = 1e-6
# The field that says more about a trigger.
TOLD_BY = {
    Trigger.ENCOUNTER: "trigger_touchpoint",
    Trigger.PHASE: "trigger_phase",
    Trigger.PERIOD: "trigger_every_days",
}


def cross_check(scenario: Scenario) -> list[Finding]:
    """Every broken rule that spans fields, as (path of the field, one sentence)."""
    findings = list(_sizes(scenario))
    findings += _phases(scenario)
    findings += _segments(scenario)
    findings += _offers(scenario)
    for name in scenario.touchpoints:
        findings += _touchpoint(scenario, name)
    for name, state in scenario.day_states.items():
        for field in ("reach", "waiting"):
            place = ("day_states", name, field)
            findings += _names(
                place, getattr(state, field), scenario.touchpoints, what="touchpoint"
            )
    findings += _surveys(scenario)
    return findings


def _names(
    place: Place, given: Iterable[str], allowed: Iterable[str], *, what: str
) -> Iterator[Finding]:
    """A finding for each given name that is not allowed."""
    allowed_names = list(allowed)
    for name in given:
        if name not in allowed_names:
            yield (*place, name), f"does not name a {what}; allowed: {', '.join(allowed_names)}"


def _sizes(scenario: Scenario) -> Iterator[Finding]:
    agents, population = scenario.agents, scenario.population
    if agents > population:
        people = "1 person" if population == 1 else f"{population} people"
        yield (
            ("agents",),
            f"is {agents}, more than the population of {people} whom they stand for;"
            f" allowed: at most {population}",
        )


def _phases(scenario: Scenario) -> Iterator[Finding]:
    journey = scenario.journey
    kinds = [phase.kind for phase in journey.phases.values()]
    place = ("journey", "phases")
    order = [code_of(kind) for kind in kinds]
    if order != sorted(order):
        yield place, "are out of order; kinds come as " + ", ".join(PhaseKind)
    needed = [kind for kind in PhaseKind if kind.needed]
    for kind in needed:
        if kind.decides and kinds.count(kind) != 1:
            yield place, f"have {kinds.count(kind)} of kind {kind}; exactly 1 is needed"
        elif kind not in kinds and not kind.relates:
            yield place, f"have no phase of kind {kind}; at least one is needed"
    for name, phase in journey.phases.items():
        required = (*place, name, "requires")
        yield from _names(required, phase.requires, scenario.touchpoints, what="touchpoint")
        for field in _idle_fields(phase.kind):
            if getattr(phase, field) != Phase.model_fields[field].default:
                yield (*place, name, field), f"has no effect in a phase of kind {phase.kind}"
    first = next((name for name, phase in journey.phases.items() if phase.kind.searches), None)
    for field in ("same_day", "tentative"):
        if first is not None and getattr(journey.phases[first], field):
            yield (
                (*place, first, field),
                "has no effect in the first consider phase, which a need opens",
            )
    if journey.shape == Shape.FUNNEL and any(kind.relates for kind in kinds):
        yield place, "continue after the purchase; a funnel ends there (shape: loop continues)"
    for kind in needed:
        if journey.shape == Shape.LOOP and kind.relates and kind not in kinds:
            yield (
                place,
                f"have no phase of kind {kind}; a loop needs one (shape funnel needs none)",
            )
    memory = journey.behaviour.memory
    if abs(memory.peak + memory.end + memory.mean - 1.0) > SHARE_TOLERANCE:
        yield ("journey", "behaviour", "memory"), "weights do not add up to 1"
    if len(set(journey.needs)) != len(journey.needs):
        yield ("journey", "needs"), "name the same need attribute twice"


def _idle_fields(kind: PhaseKind) -> Iterator[str]:
    """Fields of a phase that its kind never asks for: set, they would be ignored in silence."""
    if not kind.searches:
        yield from ("leave_per_day", "leave_to_competitor")
    if kind.waits:
        yield from ("back_per_day", "back_after_bad", "requires", "same_day")
    if kind.decides:
        yield from ("bias", "weights")
    if kind.decides or not kind.searches:
        yield from ("skip", "tentative")


def _segments(scenario: Scenario) -> Iterator[Finding]:
    total = sum(segment.share for segment in scenario.segments.values())
    if abs(total - 1.0) > SHARE_TOLERANCE:
        yield ("segments",), f"have shares that add up to {total:.6g}; they must add up to 1"
    for name, segment in scenario.segments.items():
        place = ("segments", name)
        yield from _names(
            (*place, "need_weights"),
            segment.need_weights,
            scenario.journey.needs,
            what="need attribute",
        )
        yield from _names(
            (*place, "affinities"), segment.affinities, scenario.touchpoints, what="touchpoint"
        )
        if segment.start.customers > 0 and scenario.journey.shape == Shape.FUNNEL:
            yield (*place, "start", "customers"), "is not 0; a funnel has no phase for customers"
        weights = segment.need_weights.values()
        if weights and not any(weight.mean > 0 for weight in weights):
            yield (*place, "need_weights"), "are all 0; at least one must be above 0"


def _offers(scenario: Scenario) -> Iterator[Finding]:
    needs = scenario.journey.needs
    for name, offer in scenario.offers.items():
        place: Place = ("offers", name)
        yield from _names((*place, "attributes"), offer.attributes, needs, what="need attribute")
        if offer.subscription_days is not None and scenario.journey.shape == Shape.FUNNEL:
            yield (*place, "subscription_days"), "is set; a funnel has no phase for subscribers"
        for add_on, extra in offer.add_ons.items():
            if extra.need is not None and extra.need not in needs:
                field = (*place, "add_ons", add_on, "need")
                yield field, f"does not name a need attribute; allowed: {', '.join(needs)}"
        if len(offer.add_ons) > 8:
            yield (*place, "add_ons"), f"are {len(offer.add_ons)}; at most 8 are allowed"
    for rival, competitor in scenario.competitors.items():
        for name, rival_offer in competitor.offers.items():
            place = ("competitors", rival, "offers", name, "attributes")
            yield from _names(place, rival_offer.attributes, needs, what="need attribute")


def _touchpoint(scenario: Scenario, name: str) -> Iterator[Finding]:
    touchpoint = scenario.touchpoints[name]
    place = ("touchpoints", name)
    phases = scenario.journey.phases
    yield from _names((*place, "reach"), touchpoint.reach, phases, what="phase")
    yield from _names((*place, "effects_in"), touchpoint.effects_in, phases, what="phase")
    yield from _names(
        (*place, "only_on"), touchpoint.only_on, scenario.day_states, what="state of the day"
    )
    yield from _names((*place, "segments"), touchpoint.segments, scenario.segments, what="segment")
    yield from _names((*place, "quality_in"), touchpoint.quality_in, phases, what="phase")
    yield from _names(
        (*place, "requires"), touchpoint.requires, scenario.touchpoints, what="touchpoint"
    )
    if name in touchpoint.requires:
        yield (*place, "requires"), "names the touchpoint itself, which could never be met"
    yield from _names(
        (*place, "message"), touchpoint.message, scenario.journey.needs, what="need attribute"
    )
    if touchpoint.message and not any(touchpoint.message.values()):
        yield (*place, "message"), "has only zeros; at least one weight must be above 0"
    for field, names, what in (
        ("trigger_touchpoint", scenario.touchpoints, "touchpoint"),
        ("trigger_phase", phases, "phase"),
    ):
        named = getattr(touchpoint, field)
        if named is not None and named not in names:
            yield (*place, field), f"does not name a {what}; allowed: {', '.join(names)}"
    yield from _starts(place, touchpoint)
    yield from _money(place, touchpoint)
    yield from _talk(place, touchpoint)


def _talk(place: Place, touchpoint: Touchpoint) -> Iterator[Finding]:
    """A warning must not please: it is felt at -mean - norm."""
    if not touchpoint.carries_talk:
        return
    said = {"quality": touchpoint.quality} | {
        f"quality_in.{phase}": one for phase, one in touchpoint.quality_in.items()
    }
    for field, quality in said.items():
        here = (*place, *field.split("."), "mean")
        if quality.mean < 0.0:
            yield (
                here,
                f"is {quality.mean:g}; it is how good a recommendation is, and a warning its"
                " opposite, so it must be at least 0",
            )
        elif quality.mean + touchpoint.norm < 0.0:
            yield (
                (*place, "norm"),
                f"is {touchpoint.norm:g}; a warning of {-quality.mean:g} would please, so it must"
                f" be at least {-quality.mean:g}",
            )


def _starts(place: Place, touchpoint: Touchpoint) -> Iterator[Finding]:
    starts = touchpoint.starts
    if (starts == Starts.TRIGGERED) != (touchpoint.trigger is not None):
        yield (*place, "trigger"), "goes with starts: triggered, and only with it"
    if (starts == Starts.SERVICE) != (touchpoint.capacity is not None):
        yield (*place, "capacity"), "goes with starts: service, and only with it"
    if touchpoint.trigger not in (None, Trigger.NEED) and touchpoint.delay_days == 0:
        yield (*place, "delay_days"), "is 0; only trigger: need can start something the same day"
    for trigger, field in TOLD_BY.items():
        if (touchpoint.trigger == trigger) != (getattr(touchpoint, field) is not None):
            yield (*place, field), f"goes with trigger: {trigger}, and only with it"
    capacity = touchpoint.capacity
    if capacity is not None and capacity.closes_hour <= capacity.opens_hour:
        yield (*place, "capacity", "closes_hour"), "is not after opens_hour"


def _money(place: Place, touchpoint: Touchpoint) -> Iterator[Finding]:
    if touchpoint.cost.per_order_share > 0 and touchpoint.tracking == Tracking.NONE:
        yield (*place, "cost", "per_order_share"), "is set; it needs tracking: click or view"
    if touchpoint.budget_per_day is None:
        return
    if touchpoint.control != Control.PAID:
        yield (*place, "budget_per_day"), "is set; only control: paid has a budget"
    elif touchpoint.starts == Starts.PUSH and touchpoint.cost.per_contact <= 0:
        yield (*place, "cost", "per_contact"), "is 0; a push budget buys contacts at this price"
    elif touchpoint.starts == Starts.PULL and touchpoint.cost.per_click <= 0:
        yield (*place, "cost", "per_click"), "is 0; a pull budget buys clicks at this price"
    elif touchpoint.starts not in (Starts.PUSH, Starts.PULL):
        yield (*place, "budget_per_day"), "is set; only starts: push or pull can have a budget"


def _surveys(scenario: Scenario) -> Iterator[Finding]:
    last = scenario.days - 1
    for name, survey in scenario.surveys.items():
        place = ("surveys", name)
        if survey.day >= last:
            yield (
                (*place, "day"),
                f"is {survey.day}; a day must follow it, so with {scenario.days} days in the run"
                f" it is at most {last - 1}",
            )
        elif survey.day + survey.within_days > last:
            yield (
                (*place, "within_days"),
                f"is {survey.within_days}; after day {survey.day} the run has"
                f" {last - survey.day} more",
            )
