"""Every attribution model side by side: which touchpoint gets how many of the purchases.

The models share out what analytics sees: the conversions on the panel's tracked paths
(`sim.measures.attribution.tracked`). For touchpoint c and a model,

- *share* = credit of c / all conversions on the paths; the shares of a model add up to 1;
- *credit* = share x purchases of the whole run, of the whole population.

`(direct)` is a row of its own: purchases whose trail is lost. In all models but last click,
direct visits are left out of every path that has any other touch, which is the field's practice
(Google n.d.); purchases on the paths that then have direct visits only are direct's, and the
model shares out the rest on the other paths.

Attribution is credit by rule, not effect: what a touchpoint truly adds is measured by runs with
and without it. And it rests on the panel alone: `paths` and `conversions` say on how much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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
from sim.measures.figure import Figure, Undefined, tidy
from sim.measures.totals import total
from sim.model.columns import Count
from sim.records.recorder import Records

if TYPE_CHECKING:
    import pandas as pd

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
    """Every touchpoint of the scenario and `(direct)` in every model, by model.

    The panel must be large enough for what is asked: with `panel: 1` everybody is in it.
    """
    paths = tracked_paths(records)
    purchases = total(records, Count.PURCHASES) * records.people_per_agent
    rows = []
    for model in MODELS:
        shares = model_shares(paths, model)
        if isinstance(shares, Undefined) and records.scenario.panel == 0.0:
            shares = Undefined(NO_PANEL)
        for place, name in enumerate(paths.names):
            share: Figure = shares if isinstance(shares, Undefined) else float(shares[place])
            credit = share if isinstance(share, Undefined) else share * purchases
            rows.append(CreditRow(model, name, credit, share, len(paths), round(paths.total)))
    return rows


def model_shares(paths: Paths, model: str) -> Reals | Undefined:
    """The share of each touchpoint of the paths in a model, (K,), adding up to 1.

    `model`: one of `MODELS`. Undefined without a conversion, and where `shapley_rate` would
    have to try out more coalitions than fit in memory.
    """
    if paths.total <= 0.0:
        return Undefined(NO_CONVERSION)
    if model == "last_click":
        return last_click(paths) / paths.total
    credit: Reals = np.zeros(len(paths.names))
    known = paths.without(DIRECT)
    if DIRECT in paths.names:
        is_lost = known.touch[known.start[:-1]] == paths.names.index(DIRECT)
        credit[paths.names.index(DIRECT)] = known.conversions[is_lost].sum()
        known = known.choose(~is_lost)
    if model == "shapley_rate" and len(players(known)) > MOST_PLAYERS:
        return Undefined(TOO_MANY, count=len(players(known)), most=MOST_PLAYERS)
    return (credit + MODELS[model](known)) / paths.total


def attribution_table(records: Records) -> pd.DataFrame:
    """`attribution` as a tidy pandas table, one line for each model and touchpoint."""
    return tidy(CreditRow, attribution(records))
