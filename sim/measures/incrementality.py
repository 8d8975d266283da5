"""Incrementality: what a change truly does, as the difference between paired runs.

Two runs of the same market and seed share their luck (common random numbers), so the figure of
the run with the change less that of the run without is due to the change alone. It holds
everything from day 0 to the end of the horizon, carry-over included; what comes later is left
out. All of it is for the whole population: a simulated customer stands for population / agents
people.

- *incremental purchases, new customers, revenue, margin*: the difference of the totals. A new
  customer is one whose first purchase falls into the run (in a funnel: every purchase).
- *incremental retained customers*: the difference of the active customers, end of run of
  the horizon, whenever they were won. In a funnel nobody is kept: it is 0.
- *incremental spend*: the difference of marketing spend on all touchpoints. More visits may
  cost something elsewhere; it counts.
- *incremental profit* = incremental margin - incremental spend.
- *standard error over customers*: with D_i customer i's own outcome with the change less
  without it, the total sum D_i over n simulated customers has the standard error
  s(D) sqrt(n), s being the standard deviation. It takes customers for independent of one
  another, though queues, talk and the public rating join them, and spend as it was found;
  replicates show how much that leaves out.
- *unseen*: where not one simulated customer differs there is no spread to go by. An effect of 0 is
  then neither found nor excluded: too few customers were there to see it, and no figure is told.
- *roas* = incremental revenue / incremental spend, a ratio of totals, carry-over included.
- *margin_per_krone* = incremental margin / incremental spend.

The next krone. With a step up of a touchpoint (`sim.questions.scaling`):

- *placed* = extra spend on the touchpoint itself;
- *return* = extra profit / placed, the extra profit counting what is spent and saved on all
  touchpoints: 0 breaks even, 0.4 gives back the krone and 40 oere of profit;
- *interval of the return*, 95 %: return -+ z SE(margin) / placed, z the normal's 97.5 % point;
- *cac_marginal* = extra acquisition spend / extra new customers, of all acquisition touchpoints
  scaled together. Its interval is the spend / the interval of the new customers (the spend is
  hardly random); there is none, nor a figure, if that interval holds 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measures.economics import spend_for
from sim.measures.figure import Figure, Undefined, plain
from sim.measures.intervals import (
    Effect,
    Estimate,
    error_of_total,
    normal_interval,
)
from sim.measures.retention import is_funnel
from sim.records.recorder import Records
from sim.records.steps import NextKrone, Step
from sim.vocabulary import MINOR_UNITS, NEVER, Purpose, Relationship

OUTCOMES = ("purchases", "new_customers", "retained_customers", "revenue", "margin")
MONEY = ("revenue", "margin")
NOT_TRIED = "marginal returns were not estimated in this run"
NO_SUCH_STEP = "no acquisition touchpoint that costs anything can be scaled"
NOTHING_PLACED = "it cannot spend more than it does"
UNSURE = "the number of extra customers is not significant"
UNSEEN = "no simulated customer behaved differently, so there are too few to measure it"


def is_seen(seeds: Iterable[Effect]) -> bool:
    """Whether any simulated customer differs, in any of the seeds."""
    return any(one.value != 0.0 or one.se != 0.0 for one in seeds)


def seen(found: Estimate) -> Estimate | Undefined:
    """An estimate of what a change does; undefined where nothing was seen of it."""
    return Undefined(UNSEEN) if found == (0.0, 0.0, 0.0) else found


def own_outcomes(records: Records) -> dict[str, NDArray[np.float64]]:
    """Each simulated customer's own outcomes over the run, (n,) each; money in minor units.

    All are whole numbers, so that sums are exact; they add up to the totals that the run
    counted day by day.
    """
    customers = records.customers
    purchases = customers["purchases"].astype(np.float64)
    new = purchases if is_funnel(records) else (customers["first_day"] >= 0).astype(np.float64)
    there = customers["leave_day"] == NEVER
    kept = there & (customers["relationship"] == Relationship.CUSTOMER)
    return {
        "purchases": purchases,
        "new_customers": new,
        "retained_customers": kept.astype(np.float64),
        "revenue": customers["revenue"].astype(np.float64),
        "margin": customers["margin"].astype(np.float64),
    }


def effect(name: str, own: NDArray[np.float64], scale: float) -> Effect:
    """The total of an outcome's differences and its standard error over customers.

    `own` (n,): each customer's difference, as `own_outcomes` counts it; `scale`: people each.
    """
    unit = scale / (MINOR_UNITS if name in MONEY else 1.0)
    return Effect(float(own.sum()) * unit, error_of_total(own) * unit)


def effects(before: Records, after: Records) -> dict[str, Effect]:
    """The incremental total of each of `OUTCOMES` between paired runs."""
    scale = before.people_per_agent
    first, second = own_outcomes(before), own_outcomes(after)
    return {name: effect(name, second[name] - first[name], scale) for name in OUTCOMES}


def spend_on(records: Records, names: list[str]) -> float:
    """Money spent on the touchpoints named, in currency."""
    every = list(records.scenario.touchpoints)
    return float(records.spend[:, [every.index(name) for name in names]].sum())


def step_between(before: Records, after: Records, names: list[str], **about: Any) -> Step:
    """The step that scaled the touchpoints `names`. `about`: the fields of what was scaled."""
    found = effects(before, after)
    winning = Purpose.ACQUISITION
    return Step(
        placed=spend_on(after, names) - spend_on(before, names),
        spend=float(after.spend.sum()) - float(before.spend.sum()),
        spend_acquisition=spend_for(after, winning) - spend_for(before, winning),
        margin=found["margin"].value,
        margin_se=found["margin"].se,
        new_customers=found["new_customers"].value,
        new_customers_se=found["new_customers"].se,
        **about,
    )


def extra_profit(step: Step) -> Estimate:
    """Extra profit of a step, in currency."""
    return normal_interval(Effect(step.margin - step.spend, step.margin_se))


def step_return(step: Step) -> Estimate | Undefined:
    """Extra profit per krone placed; undefined if the step placed none, or nobody did anything
    else."""
    if step.placed <= 0.0:
        return Undefined(NOTHING_PLACED)
    if not is_seen([Effect(step.margin, step.margin_se)]):
        return Undefined(UNSEEN)
    return Estimate(*(amount / step.placed for amount in extra_profit(step)))


def cac_marginal(found: NextKrone | None) -> Estimate | Undefined:
    """Extra acquisition spend per extra new customer, all acquisition touchpoints scaled."""
    if found is None:
        return Undefined(NOT_TRIED)
    wanted = [s for s in found.steps if s.together and s.purpose == Purpose.ACQUISITION]
    if not wanted:
        return Undefined(NO_SUCH_STEP)
    step = wanted[0]
    won = normal_interval(Effect(step.new_customers, step.new_customers_se))
    if won.low <= 0.0 <= won.high:
        return Undefined(UNSURE)
    bounds = [step.spend_acquisition / end for end in (won.low, won.high)]
    return Estimate(step.spend_acquisition / won.value, min(bounds), max(bounds))


def cac_marginal_value(found: NextKrone | None) -> Figure:
    """`cac_marginal` without its interval."""
    cost = cac_marginal(found)
    return cost if isinstance(cost, Undefined) else cost.value


def next_krone_figures(found: NextKrone | None, together: bool) -> dict[str, dict[str, Figure]]:
    """`return`, `low` and `high` by touchpoint, or by purpose if `together`; for summaries."""
    figures: dict[str, dict[str, Figure]] = {}
    for step in found.steps if found is not None else ():
        if step.together != together:
            continue
        one = step_return(step)
        cells: tuple[Figure, ...] = (one, one, one) if isinstance(one, Undefined) else one
        figures[step.name] = dict(zip(("return", "low", "high"), cells, strict=True))
    return figures


def with_next_krone(joint: Mapping[str, Any], found: NextKrone | None) -> dict[str, Any]:
    """The joint summary of replicates with the figures of their joined steps.

    Means of ratios give way to ratios of means, with intervals over all customers.
    """
    groups: dict[str, Any] = {
        "next_krone": next_krone_figures(found, together=False),
        "next_krone_purpose": next_krone_figures(found, together=True),
    }
    cost = cac_marginal(found)
    old = ("economics.cac_marginal", *(f"{name}." for name in groups))
    intervals = {k: v for k, v in joint["intervals"].items() if not k.startswith(old)}
    reasons = {k: v for k, v in joint["undefined"].items() if not k.startswith(old)}
    if isinstance(cost, Undefined):
        reasons["economics.cac_marginal"] = cost
    else:
        intervals["economics.cac_marginal"] = [cost.low, cost.high]
    for group, figures in groups.items():
        for name, cells in figures.items():
            if not any(isinstance(cell, Undefined) for cell in cells.values()):
                intervals[f"{group}.{name}.return"] = [cells["low"], cells["high"]]
    plain_groups, missing = plain(groups)
    marginal = None if isinstance(cost, Undefined) else cost.value
    return {
        **joint,
        "economics": {**joint["economics"], "cac_marginal": marginal},
        **plain_groups,
        "intervals": intervals,
        "undefined": reasons | missing,
    }
