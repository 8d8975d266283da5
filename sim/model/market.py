"""The market's morning: each touchpoint's rate of encounters, cell by cell.

Uses last night's census and talk only, so that the order of customers cannot matter.
"""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.model.columns import (
    FIRST_TOUCHPOINT_SLOT,
    FLAGS,
    SLOT_ADVANCE,
    SLOT_BACK,
    SLOT_EXIT,
    SLOT_TALK,
    Tables,
)
from sim.model.movement import lapse_chance
from sim.model.reach import chance_of, may_meet, push_rate, rate_of
from sim.model.traits import SOCIABILITY_CAP
from sim.vocabulary import Relationship, Starts, code_of

PUSH, PULL, TRIGGERED = code_of(Starts.PUSH), code_of(Starts.PULL), code_of(Starts.TRIGGERED)
STRANGER = int(Relationship.NONE)


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
def daily_rates(
    t: Tables,
    day: int,
    census: NDArray[np.int64],
    messages: float,
    rates: NDArray[np.float64],
) -> None:
    """Fill `rates` (cells, J): encounters per customer and day, before the own affinity.

    `census` (cells,): customers last night; `messages`: word of mouth told yesterday, by
    listeners. Triggered touchpoints and talk along a network have no standing rate: 0.
    """
    for j in range(len(t.starts)):
        flight = t.flight[j, day]
        starts = t.starts[j]
        funded = t.budget[j] >= 0.0
        weighted = 0.0
        clicks = 0.0
        for cell in range(len(census)):
            rates[cell, j] = 0.0
            if flight <= 0.0 or starts == TRIGGERED:
                continue
            if starts == PUSH and funded:
                weighted += census[cell] * cell_weight(t, j, cell)
            elif t.carries_talk[j]:
                if not t.network:
                    rates[cell, j] = cell_weight(t, j, cell) * flight * messages / t.agents
            else:
                rates[cell, j] = standing_rate(t, j, cell)
                if starts == PULL and funded:
                    clicks += census[cell] * chance_of(rates[cell, j]) * t.click_chance[j]
                else:
                    rates[cell, j] *= flight
        if flight <= 0.0 or not funded:
            continue
        money = t.budget[j] * flight / t.people_per_agent
        if starts == PUSH:
            for cell in range(len(census)):
                weight = cell_weight(t, j, cell)
                rates[cell, j] = push_rate(money / t.contact_cost[j], weight, weighted)
        elif starts == PULL and clicks * t.click_cost[j] > money:
            served = money / (clicks * t.click_cost[j])
            for cell in range(len(census)):
                rates[cell, j] = rate_of(chance_of(rates[cell, j]) * served)


@rule
def movement_bounds(t: Tables, cell: int, bounds: NDArray[np.float64]) -> None:
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
def daily_bounds(t: Tables, rates: NDArray[np.float64], bounds: NDArray[np.float64]) -> None:
    """Fill `bounds` (cells, slots): the highest chance in the cell to win each slot today."""
    for cell in range(len(rates)):
        movement_bounds(t, cell, bounds[cell])
        spread = 1.0 + t.affinity_spread[cell // (FLAGS * len(t.pace))]
        for j in range(len(t.starts)):
            bounds[cell, FIRST_TOUCHPOINT_SLOT + j] = chance_of(rates[cell, j] * spread)
