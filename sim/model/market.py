"""The market's morning: each touchpoint's rate of encounters, cell by cell.

Uses last night's census and talk only, so that the order of customers cannot matter.
"""

from typing import NamedTuple

import numpy as np

from sim.compiled import rule
from sim.model.columns import (
    FIRST_TOUCHPOINT_SLOT,
    FLAGS,
    SLOT_ADVANCE,
    SLOT_BACK,
    SLOT_EXIT,
    SLOT_TALK,
    Integers,
    Reals,
    Tables,
)
from sim.model.movement import lapse_chance
from sim.model.reach import chance_of, may_meet, most_chance, push_rate, rate_of
from sim.model.traits import SOCIABILITY_CAP
from sim.vocabulary import Relationship, Starts, code_of

PUSH, PULL, TRIGGERED = code_of(Starts.PUSH), code_of(Starts.PULL), code_of(Starts.TRIGGERED)
STRANGER = int(Relationship.NONE)


class Standing(NamedTuple):
    """What of the market's mornings no day changes, by cell."""

    weights: Reals  # (J, cells) affinity x reach; 0 where a touchpoint cannot meet the customer
    rates: Reals  # (J, cells) of a touchpoint without a budget: its daily chance, as a rate
    bounds: Reals  # (cells, 4) highest chance that anybody in the cell has to move or to talk


def new_standing(t: Tables) -> Standing:
    """Room for what `stand` fills."""
    cells = len(t.share_cumulative) * len(t.pace) * FLAGS
    shape = len(t.starts), cells
    return Standing(np.zeros(shape), np.zeros(shape), np.zeros((cells, FIRST_TOUCHPOINT_SLOT)))


@rule
def cell_weight(t: Tables, j: int, cell: int) -> float:
    """Affinity x reach of touchpoint `j` in a cell; 0 where it cannot meet the customer."""
    phases = len(t.pace)
    flags = cell % FLAGS
    phase = (cell // FLAGS) % phases
    segment = cell // (FLAGS * phases)
    if not may_meet(t.audience[j], flags // 4, (flags // 2) % 2, flags % 2):
        return 0.0
    weight: float = t.affinity[segment, j] * t.reach[j, phase]
    return weight


@rule
def standing_rate(t: Tables, j: int, cell: int) -> float:
    """Rate of a touchpoint without a budget: its daily chance, by affinity, as a rate."""
    phases = len(t.pace)
    phase = (cell // FLAGS) % phases
    if cell_weight(t, j, cell) <= 0.0:
        return 0.0
    rate: float = rate_of(t.reach[j, phase]) * t.affinity[cell // (FLAGS * phases), j]
    return rate


@rule
def stand(t: Tables, standing: Standing) -> None:
    """Fill what no day changes."""
    for cell in range(standing.weights.shape[1]):
        movement_bounds(t, cell, standing.bounds[cell])
        for j in range(len(t.starts)):
            standing.weights[j, cell] = cell_weight(t, j, cell)
            standing.rates[j, cell] = standing_rate(t, j, cell)


@rule
def daily_rates(
    t: Tables, standing: Standing, day: int, census: Integers, messages: float, rates: Reals
) -> None:
    """Fill `rates` (J, cells): encounters per customer and day, before the own affinity.

    `census` (cells,): customers last night; `messages`: word of mouth told yesterday, by
    listeners. Triggered touchpoints and talk along a network have no standing rate: 0.
    """
    cells = len(census)
    for j in range(len(t.starts)):
        flight = t.flight[j, day]
        starts = t.starts[j]
        funded = t.budget[j] >= 0.0
        mine = rates[j]
        weights = standing.weights[j]
        for cell in range(cells):
            mine[cell] = 0.0
        if flight <= 0.0 or starts == TRIGGERED:
            continue
        money = t.budget[j] * flight / t.people_per_agent
        if starts == PUSH and funded:
            audience = 0.0
            for cell in range(cells):
                audience += census[cell] * weights[cell]
            contacts = money / t.contact_cost[j]
            for cell in range(cells):
                mine[cell] = push_rate(contacts, weights[cell], audience)
        elif t.carries_talk[j]:
            if not t.network:
                for cell in range(cells):
                    mine[cell] = weights[cell] * flight * messages / t.agents
        elif starts == PULL and funded:
            clicks = 0.0
            for cell in range(cells):
                mine[cell] = standing.rates[j, cell]
                if census[cell] > 0 and mine[cell] > 0.0:
                    clicks += census[cell] * chance_of(mine[cell]) * t.click_chance[j]
            if clicks * t.click_cost[j] > money:
                served = money / (clicks * t.click_cost[j])
                for cell in range(cells):
                    if mine[cell] > 0.0:
                        mine[cell] = rate_of(chance_of(mine[cell]) * served)
        else:
            for cell in range(cells):
                mine[cell] = standing.rates[j, cell] * flight


@rule
def movement_bounds(t: Tables, cell: int, bounds: Reals) -> None:
    """Fill bounds[0:4]: the highest chance that anybody in the cell has to win each
    movement slot (exit, back, advance, talk). Customers below it are looked at closely."""
    phases = len(t.pace)
    flags = cell % FLAGS
    phase = (cell // FLAGS) % phases
    segment = cell // (FLAGS * phases)
    knows = flags // 4 != STRANGER
    bounds[SLOT_EXIT] = t.leave[phase]
    if t.relates[phase]:
        bounds[SLOT_EXIT] = lapse_chance(t.lapse_rate[segment], t.lapse_effect[segment], -1.0)
    bounds[SLOT_BACK] = t.back[phase]
    bounds[SLOT_ADVANCE] = t.pace[phase]
    if not t.decides[phase] and t.next_phase[phase] < 0:
        bounds[SLOT_ADVANCE] = 0.0
    most = SOCIABILITY_CAP * t.sociability_mean[segment]
    bounds[SLOT_TALK] = t.fan_per_day * most
    if knows:
        factor = max(1.0, t.negative_factor)
        if t.advocates[phase]:
            factor *= t.advocate_factor
        bounds[SLOT_TALK] = t.talk_per_day * most * factor


@rule
def daily_bounds(t: Tables, standing: Standing, rates: Reals, bounds: Reals) -> None:
    """Fill `bounds` (cells, slots): no chance in the cell to win a slot today is higher."""
    for cell in range(len(bounds)):
        for slot in range(FIRST_TOUCHPOINT_SLOT):
            bounds[cell, slot] = standing.bounds[cell, slot]
        spread = 1.0 + t.affinity_spread[cell // (FLAGS * len(t.pace))]
        for j in range(len(t.starts)):
            most = rates[j, cell] * (spread * t.most_exposure[j])
            bounds[cell, FIRST_TOUCHPOINT_SLOT + j] = most_chance(most)
