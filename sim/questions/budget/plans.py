"""What a plan for a budget is: parts of the market that can have more or less, and their money.

A *part* is what a plan gives an amount to: one touchpoint, or all of one purpose scaled together.
Which touchpoints take part, `sim.questions.scaling` says: its budget is scaled if it has one,
otherwise its reach, at most 1, so that the money follows from whom it meets. One with a fixed cost
a day, or a budget of 0, takes part only if a bound names it.

An *amount* is the money spent on a part within the window, which is from day D to the end of the
run. A *factor* is how many times as much of the part there is as today. Money that is no budget
cannot be ordered, only found: the factors of a plan are those whose runs spend its amounts.

**A change at day D.** The first D days have today's budgets; then the plan begins. In the market
that is run each part's touchpoint stands twice, with flights that end and begin at day D; the
second alone is scaled. Awareness, trust and all else that customers remember is carried over the
day; only habituation to the touchpoint begins anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.errors import InputError
from sim.measures.figure import Undefined
from sim.questions.levers.study import By
from sim.questions.scaling import FAINT, Scaling, awake, divisible, most_factor, scaling
from sim.scenario.arrays import make_tables
from sim.scenario.levers import from_today
from sim.scenario.parts import MOST_DAYS
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin, validate
from sim.vocabulary import Purpose

TOUCHPOINT, PURPOSE = BY = tuple(by.value for by in By)
LATER = "_later"  # what the second of a touchpoint that stands twice is called
LONGEST_NAME = 40

Factors = Mapping[str, float]
Amounts = Mapping[str, float]


class BudgetPart(NamedTuple):
    """A part of the budget: the touchpoints that are scaled, and those whose spend is its own."""

    name: str
    purpose: Purpose
    scaled: tuple[str, ...]
    counted: tuple[str, ...]


@dataclass(frozen=True)
class Divided:
    """A market whose budget is divided: the scenario that is run, its parts and who is left out.

    `scenario`: with touchpoints twice where the plan begins after day 0 (`from_day`), and with next
    to nothing where a budget is 0 today (`sim.questions.scaling.awake`). `faint`: how little that
    is over the window, by part; today's plan does not count it.
    """

    scenario: Scenario
    parts: Sequence[BudgetPart]
    left_out: Mapping[str, Undefined]
    from_day: int
    faint: Mapping[str, float] = field(default_factory=dict)

    def market(self, factors: Factors, seed: int) -> Scenario:
        """The scenario with each part scaled by its factor (1 if it is not named)."""
        levers: dict[str, Any] = {"seed": seed}
        for part in self.parts:
            factor = factors.get(part.name, 1.0)
            for name in part.scaled:
                found = scaling(self.scenario, name, factor) if factor != 1.0 else None
                if isinstance(found, Scaling):
                    levers |= found.levers
        return from_today(self.scenario, overrides=levers)

    def is_exact(self, part: BudgetPart) -> bool:
        """Whether the part spends in proportion to its factor: all of it has a budget."""
        touchpoints = self.scenario.touchpoints
        return all(touchpoints[name].budget_per_day is not None for name in part.scaled)

    def most(self, part: BudgetPart) -> float:
        """The factor beyond which no touchpoint of the part grows; infinite with a budget."""
        return max(most_factor(self.scenario, name) for name in part.scaled)


def divide(
    scenario: Scenario, by: str = TOUCHPOINT, named: Collection[str] = (), *, from_day: int = 0
) -> Divided:
    """The parts of a market's budget. `by`: touchpoint or purpose; `named`: touchpoints that take
    part though they have a fixed cost, or a budget of 0.

    Raises `InputError` if `from_day` > 0 and a touchpoint's flight plan cannot be cut there.
    """
    scenario, asleep = awake(scenario, named)
    taking, left_out = divisible(scenario, named)
    seconds: Mapping[str, str] = {name: name for name in taking}
    if from_day > 0:
        scenario, seconds = _twice(scenario, taking, from_day)
    parts = []
    if by == PURPOSE:
        for purpose in Purpose:
            mine = [n for n in taking if scenario.touchpoints[n].spend_purpose == purpose]
            if mine:
                parts.append(_part(purpose.value, purpose, mine, seconds=seconds))
    else:
        parts = [
            _part(n, scenario.touchpoints[n].spend_purpose, [n], seconds=seconds) for n in taking
        ]
    faint = {part.name: _faint(scenario, part, from_day) for part in parts if part.name in asleep}
    return Divided(scenario, parts, left_out, from_day, faint)


def _faint(scenario: Scenario, part: BudgetPart, from_day: int) -> float:
    """What a part with next to nothing has over the window."""
    flight, every = make_tables(scenario).flight, list(scenario.touchpoints)
    return FAINT * sum(float(flight[every.index(name)][from_day:].sum()) for name in part.scaled)


def _part(
    name: str, purpose: Purpose, mine: Sequence[str], *, seconds: Mapping[str, str]
) -> BudgetPart:
    later = tuple(seconds[one] for one in mine)
    return BudgetPart(name, purpose, later, tuple(dict.fromkeys((*mine, *later))))


def _twice(
    scenario: Scenario, names: Sequence[str], day: int
) -> tuple[Scenario, Mapping[str, str]]:
    """The scenario with each of `names` until `day`, and again from it; the second's names."""
    data = scenario.model_dump(mode="json")
    touchpoints: dict[str, Any] = {}
    seconds: dict[str, str] = {}
    for name, one in data["touchpoints"].items():
        if name not in names:
            touchpoints[name] = one
            continue
        flight = one["flight"]
        if flight["days_off"] > 0 and flight["days_on"] < scenario.days:
            raise InputError(
                f"{name} has a flight of days on and off, which cannot change on day {day};"
                " leave out --from-day or the flight."
            )
        second = f"{name[: LONGEST_NAME - len(LATER)]}{LATER}"
        while second in data["touchpoints"] or second in touchpoints:
            second = f"{second[: LONGEST_NAME - 1]}_"
        start = flight["start_day"]
        until = {"start_day": start, "days_on": max(1, day - start), "days_off": MOST_DAYS}
        if start < day:  # otherwise it would not run before the day anyhow
            touchpoints[name] = one | {"flight": flight | until}
        else:
            touchpoints[name] = one | {"enabled": False}
        touchpoints[second] = one | {"flight": flight | {"start_day": max(start, day)}}
        seconds[name] = second
        for segment in data["segments"].values():
            if name in segment["affinities"]:
                segment["affinities"][second] = segment["affinities"][name]
    return validate(data | {"touchpoints": touchpoints}, Origin()), seconds
