"""Every attribution model side by side: which touchpoint gets how many of the purchases.

The models share out what analytics sees: the conversions on the panel's tracked paths
(`sim.measures.attribution.tracked`). For touchpoint c and a model,

- *share* = credit of c / all conversions on the paths; the shares of a model add up to 1;
- *credit* = share x purchases of the whole run, of the whole population.

`(direct)` is a row of its own: purchases whose trail is lost. In all models but last click,
direct visits are left out of every path that has any other touch, which is the field's practice
(Google n.d.), so there its share is that of the purchases without a tracked touch.

Attribution is credit by rule, not effect: what a touchpoint truly adds is measured by runs with
and without it. And it rests on the panel alone: `paths` and `conversions` say on how much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.measures.attribution.markov import markov
from sim.measures.attribution.paths import DIRECT, Paths, Reals
from sim.measures.attribution.rules import (
    first_click,
    last_click,
    last_non_direct_click,
    linear,
    position_based,
    time_decay,
)
from sim.measures.attribution.shapley import MOST_PLAYERS, players, shapley, shapley_rate
from sim.measures.attribution.tracked import tracked_paths
from sim.measures.conversion import total
from sim.measures.figure import Figure, Undefined
from sim.recorder import Records
from sim.records import Count

NO_PANEL = "no customer was in the panel, so no path was tracked"
NO_CONVERSION = "nobody in the panel bought"
TOO_MANY = "{count} touchpoints are on the paths; it can be computed for {most}"

# Each takes paths and gives the conversions credited to each of their touchpoints.
MODELS: dict[str, Callable[[Paths], Reals]] = {
    "last_click": last_click,
    "last_non_direct_click": last_non_direct_click,
    "first_click": first_click,
    "linear": linear,
    "position_based": position_based,
    "time_decay": time_decay,
    "markov_1": markov,
    "markov_2": lambda paths: markov(paths, order=2),
    "shapley": shapley,
    "shapley_rate": shapley_rate,
}


class CreditRow(NamedTuple):
    """What one model credits one touchpoint with."""

    model: str
    touchpoint: str
    credit: Figure  # purchases, of the whole population
    share: Figure  # of all purchases
    paths: int  # tracked, that the model rests on
    conversions: int  # of these, that ended in a purchase


def attribution(records: Records) -> list[CreditRow]:
    """Every touchpoint and `(direct)` in every model, by model.

    The panel must be large enough for what is asked: `panel: 1` tracks everybody.
    """
    return credits_of(
        tracked_paths(records), total(records, Count.PURCHASES) * records.people_per_agent
    ) if len(records.events) else _without(records)
