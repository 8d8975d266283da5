"""How the budgets of media move from week to week: whether a model can learn from them at all.

The *deviation* of a week is a medium's budget of the week / the mean over the region's weeks - 1.
Over the weeks of all regions:

- a budget *varies* if the root mean square of its deviations is LEAST_VARIATION or more;
- two budgets that vary *move together* if their deviations correlate by TOGETHER or more. A model
  then sees one medium where there are two.

Budgets rather than spend, which scatters by itself where a contact has a price. Differences between
regions do not count: a model gives each region a level of its own. Both limits are assumptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np

from sim.model.columns import Reals
from sim.questions.mix.mmm import MixData
from sim.runs.exports.periods import DAYS_PER_WEEK
from sim.scenario.schema import Scenario
from sim.scenario.tables_by_day import tables_by_day

LEAST_VARIATION = 0.01
TOGETHER = 0.9


def movement_notes(data: MixData) -> list[str]:
    """What a modeller should know of the budgets before using the data, a sentence each."""
    weeks = deviations((market.region.scenario for market in data.markets), data.media)
    return notes_of(weeks, vary=data.request.vary)


def notes_of(weeks: Mapping[str, Reals], *, vary: float) -> list[str]:
    """A sentence on media whose budgets do not vary, and one on each group that moves together.

    `weeks`: the deviations of each medium; `vary`: how much the regions were made to vary.
    """
    still = [name for name, found in weeks.items() if _size(found) < LEAST_VARIATION]
    notes = []
    if still:
        do = "budgets of {} do" if len(still) > 1 else "budget of {} does"
        more = "; --vary above 0 makes budgets vary" if vary == 0.0 else ""
        notes.append(
            f"the {do.format(_listed(still))} not vary from week to week, so a media mix model"
            f" learns little there{more}."
        )
    moving = {name: found for name, found in weeks.items() if name not in still}
    for group in _groups(moving):
        notes.append(
            f"the budgets of {_listed(group)} move together from week to week (correlation"
            f" {TOGETHER:g} or more), so a media mix model cannot tell them apart."
        )
    return notes


def deviations(scenarios: Iterable[Scenario], media: Iterable[str]) -> dict[str, Reals]:
    """The deviations of each medium's budget, the weeks of a scenario after another's, (n,)."""
    budgets = [weekly_budgets(scenario) for scenario in scenarios]
    return {name: np.concatenate([_deviation(each[name]) for each in budgets]) for name in media}


def weekly_budgets(scenario: Scenario) -> dict[str, Reals]:
    """The budget of each touchpoint by whole week, (W,), without a run; 0 where it has none."""
    touchpoints = list(scenario.touchpoints)
    daily = np.zeros((len(touchpoints), scenario.days))
    for day, tables in tables_by_day(scenario):
        budget = np.maximum(tables.budget, 0.0)[:, None]
        daily[:, day:] = tables.flight[:, scenario.past_days + day :] * budget
    weeks = scenario.days // DAYS_PER_WEEK
    whole = daily[:, : weeks * DAYS_PER_WEEK].reshape(-1, weeks, DAYS_PER_WEEK).sum(axis=2)
    return dict(zip(touchpoints, whole, strict=True))


def correlation(one: Reals, other: Reals) -> float:
    """The correlation of deviations, whose mean is 0; 0 if either does not vary."""
    product = _size(one) * _size(other)
    return float(np.mean(one * other)) / product if product else 0.0


def _deviation(budget: Reals) -> Reals:
    mean = budget.mean()
    found: Reals = budget / mean - 1.0 if mean > 0.0 else np.zeros(len(budget))
    return found


def _size(deviation: Reals) -> float:
    return float(np.sqrt(np.mean(deviation**2)))


def _groups(weeks: Mapping[str, Reals]) -> Iterator[list[str]]:
    """The media that move together, directly or by way of another, in the order of the media."""
    group = {name: {name} for name in weeks}
    for one, other in combinations(weeks, 2):
        if correlation(weeks[one], weeks[other]) >= TOGETHER:
            joined = group[one] | group[other]
            group |= dict.fromkeys(joined, joined)
    told: set[str] = set()
    for name, members in group.items():
        if len(members) > 1 and name not in told:
            told |= members
            yield [each for each in weeks if each in members]


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
