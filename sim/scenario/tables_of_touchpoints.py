"""Where customers are met: the tables of touchpoints, (J, ...)."""

import numpy as np

from sim.scenario.arrays import Fields, Reals, integers, reals
from sim.scenario.schema import Effects, Scenario
from sim.scenario.tables_of_segments import need_weights, season_factors
from sim.vocabulary import MINUTES_PER_HOUR, NEVER, Starts, Tracking, code_of


def touchpoint_tables(scenario: Scenario) -> Fields:
    """The fields of `Tables` under the heading touchpoints."""
    touchpoints = list(scenario.touchpoints.values())
    phases = list(scenario.journey.phases)
    pairs = pair_names(scenario)
    names = list(scenario.touchpoints)
    pair = np.full((len(phases), len(touchpoints)), NEVER, dtype=np.int64)
    for row, (phase, name) in enumerate(pairs):
        pair[phases.index(phase), names.index(name)] = row
    habits = [j for j, t in enumerate(touchpoints) if t.habituation is not None]
    capacities = [t.capacity for t in touchpoints]
    return {
        "starts": integers([code_of(t.starts) for t in touchpoints]),
        "audience": integers([code_of(t.audience) for t in touchpoints]),
        "reach": reals([[t.reach.get(p, 0.0) for p in phases] for t in touchpoints]).reshape(
            len(touchpoints), len(phases)
        ),
        "pair": pair,
        "quality": reals([[t.quality.mean, t.quality.sd] for t in touchpoints]).reshape(-1, 2),
        "norm": reals([t.norm for t in touchpoints]),
        "habituation": reals([t.habituation or 0.0 for t in touchpoints]),
        "habit": integers([habits.index(j) if j in habits else NEVER for j in range(len(names))]),
        "message": _messages(scenario),
        "promise": reals([t.promise for t in touchpoints]),
        "effects": reals(
            [[_effect_row(t.effects_in.get(p, t.effects)) for t in touchpoints] for p in phases]
        ).reshape(len(phases), len(touchpoints), len(Effects.model_fields)),
        "contact_cost": reals([t.cost.per_contact for t in touchpoints]),
        "click_cost": reals([t.cost.per_click + t.cost.per_visit for t in touchpoints]),
        "budget": reals(
            [NEVER if t.budget_per_day is None else t.budget_per_day for t in touchpoints]
        ),
        "flight": _flights(scenario),
        "click_chance": reals([t.click_chance for t in touchpoints]),
        "is_source": integers([int(t.tracking != Tracking.NONE) for t in touchpoints]),
        "shows_rating": integers([int(t.shows_rating) for t in touchpoints]),
        "carries_talk": integers(
            [int(t.starts == Starts.EARNED and not t.shows_rating) for t in touchpoints]
        ),
        "trigger": integers(
            [NEVER if t.trigger is None else code_of(t.trigger) for t in touchpoints]
        ),
        "delay": integers([t.delay_days for t in touchpoints]),
        "servers": integers([c.servers if c else 0 for c in capacities]),
        "opens": reals([c.opens_hour * MINUTES_PER_HOUR if c else 0.0 for c in capacities]),
        "closes": reals([c.closes_hour * MINUTES_PER_HOUR if c else 0.0 for c in capacities]),
        "service": reals([c.service_minutes if c else 0.0 for c in capacities]),
        "service_constant": integers([int(c.service_constant) if c else 0 for c in capacities]),
        "response": reals([c.response_minutes if c else 0.0 for c in capacities]),
        "comfort": reals([c.comfort if c else 0.0 for c in capacities]),
    }


def pair_names(scenario: Scenario) -> list[tuple[str, str]]:
    """(phase, touchpoint) of each row that `Tables.pair` numbers, in that order."""
    return [
        (phase, name)
        for phase in scenario.journey.phases
        for name, touchpoint in scenario.touchpoints.items()
        if touchpoint.reach.get(phase, 0.0) > 0.0
    ]


def _effect_row(effects: Effects) -> list[float]:
    return list(effects.model_dump().values())


def _messages(scenario: Scenario) -> Reals:
    """Message weights that add up to 1, (S, J, K)."""
    mean, _ = need_weights(scenario)
    needs, touchpoints = scenario.journey.needs, list(scenario.touchpoints.values())
    table = np.ones((len(scenario.segments), len(touchpoints), len(needs)))
    for j, touchpoint in enumerate(touchpoints):
        if touchpoint.personalised:
            table[:, j] = mean
        elif touchpoint.message:
            table[:, j] = [touchpoint.message.get(need, 0.0) for need in needs]
    total: Reals = table / table.sum(axis=2, keepdims=True)
    return total


def _flights(scenario: Scenario) -> Reals:
    """Factor on each touchpoint's reach or budget, (J, D); 0 on the days it is off."""
    day = np.arange(scenario.days)
    rows = np.zeros((len(scenario.touchpoints), scenario.days))
    for j, touchpoint in enumerate(scenario.touchpoints.values()):
        flight = touchpoint.flight
        since = day - flight.start_day
        on = (since >= 0) & (since % (flight.days_on + flight.days_off) < flight.days_on)
        season = season_factors(flight.season.amplitude, flight.season.peak_day, scenario.days)
        rows[j] = on * season * float(touchpoint.enabled)
    return rows
