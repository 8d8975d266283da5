"""Charts of amounts as bars, a row a thing: of one run, or of several results side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.measures.bottlenecks import CHECKOUT, Bottleneck
from sim.measures.conversion import PhaseMoves
from sim.measures.economics import margin_for, spend_for
from sim.measures.figure import Undefined
from sim.measures.segments_money import SegmentMoney
from sim.measures.value import HORIZON_MONTHS
from sim.pages.charts.chart import (
    BESIDE,
    SERIES,
    Bars,
    Chart,
    Mark,
    NameAxis,
    NumberAxis,
    Panel,
    Role,
    Rule,
    Size,
    Tick,
    one_panel,
    scale,
)
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import say
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose, Shape

ROLES = {
    Purpose.ACQUISITION: Role.ACQUISITION,
    Purpose.RETENTION: Role.RETENTION,
    Purpose.DELIVERY: Role.DELIVERY,
}
ABOVE = 3.0  # lines of a bar and its name above it
SEGMENT = 6.0  # lines of a segment's name and two bars
GROUP_GAP = 1.0  # lines between two groups of bars; a bar takes one


def extent(values: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis from the least to the largest value, 0 among them."""
    low, high = min(0.0, *values), max(0.0, *values)
    return low, high if high > low else low + 1.0


# --- a bar a row ---


def money_by_touchpoint(records: Records) -> Chart | None:
    """Spend of each touchpoint that cost anything, by purpose; None if none did."""
    spend = records.spend.sum(axis=0)
    touchpoints = list(records.scenario.touchpoints.items())
    order = [int(j) for j in np.argsort(-spend, kind="stable") if spend[j] > 0.0]
    if not order:
        return None
    currency = records.scenario.currency
    called = [names.touchpoint_name(records.scenario, touchpoints[j][0]) for j in order]
    purposes = [touchpoints[j][1].spend_purpose for j in order]
    amounts = [float(spend[j]) for j in order]
    write, tick = (numbers.scale(amounts[0], ticks) for ticks in (False, True))
    figures = ", ".join(
        f"{name} {numbers.money(amount, currency)} {names.purpose_name(purpose)}"
        for name, amount, purpose in zip(called, amounts, purposes, strict=True)
    )
    marks: list[Mark] = []
    for purpose, role in ROLES.items():
        places = [place for place, mine in enumerate(purposes) if mine == purpose]
        if places:
            marks.append(
                Bars(
                    [float(place) for place in places],
                    [amounts[place] for place in places],
                    role,
                    name=names.purpose_name(purpose),
                    texts=[write(amounts[place]) for place in places],
                )
            )
    across = scale(
        say("{currency} spent in the run", currency=currency), extent(amounts), tick, most=3
    )
    return Chart(
        "touchpoint-money",
        say("Spend by touchpoint"),
        say("Spend by touchpoint: {figures}", figures=figures),
        panels=one_panel((across, NameAxis(called)), [*marks, Rule()], BESIDE * len(order)),
    )


def advanced_chart(moves: Sequence[PhaseMoves], scenario: Scenario) -> Chart:
    """The share of those who entered each phase that advanced from it."""
    rated = [move for move in moves[:-1] if move.entered] + [
        move for move in moves[-1:] if move.entered and move.advanced
    ]
    shares = [float(move.advanced / move.entered) for move in rated]
    phases = [names.phase_name(scenario, move.phase) for move in rated]
    figures = ", ".join(
        f"{name} {numbers.percent(share)}" for name, share in zip(phases, shares, strict=True)
    )
    return _rows(
        (
            "conversion",
            say("Advance rate by phase"),
            say("Advance rate by phase: {figures}", figures=figures),
        ),
        phases,
        shares,
        write=numbers.percent,
        across=shares_across(),
    )


def shares_across() -> NumberAxis:
    """The axis of shares of those who entered a phase."""
    label = say("advanced, of those who entered the phase")
    return scale(label, (0.0, 1.0), numbers.whole_percent, most=5)


def bottlenecks_chart(title: str, gains: Sequence[Bottleneck], scenario: Scenario) -> Chart:
    """The margin that fewer leavers would bring, the largest first."""
    currency = scenario.currency
    worth = [0.0 if isinstance(row.worth, Undefined) else row.worth for row in gains]
    places = [
        say("Checkout") if row.where == CHECKOUT else names.phase_name(scenario, row.where)
        for row in gains
    ]
    write, tick = (numbers.scale(max(*worth, 0.0), ticks) for ticks in (False, True))
    figures = ", ".join(
        f"{place} {numbers.money(money, currency)}"
        for place, money in zip(places, worth, strict=True)
    )
    across = scale(say("{currency} in the run", currency=currency), extent(worth), tick)
    return _rows(
        ("bottlenecks", title, f"{title}: {figures}"), places, worth, write=write, across=across
    )


def _rows(
    told: tuple[str, str, str],
    called: Sequence[str],
    values: Sequence[float],
    *,
    write: numbers.Text,
    across: NumberAxis,
) -> Chart:
    """A bar a name, with its figure; `told`: name, title and alternative text of the chart."""
    at = [float(place) for place in range(len(called))]
    bars = Bars(at, values, texts=[write(value) for value in values])
    panels = one_panel((across, NameAxis(called)), (bars, Rule()), BESIDE * len(called))
    return Chart(*told, panels=panels, size=Size.NARROW)


# --- winning against keeping ---


class _Amount(NamedTuple):
    label: str
    value: float
    purpose: Purpose
    is_margin: bool = False


def win_and_keep_chart(records: Records, economics: Mapping[str, Any]) -> Chart | None:
    """Spend and margin by purpose, and what a customer costs; None if nothing was spent.

    `economics`: those of the summary, for the cost of a customer.
    """
    currency = records.scenario.currency
    win, keep, serve = Purpose.ACQUISITION, Purpose.RETENTION, Purpose.DELIVERY
    spend = {purpose: spend_for(records, purpose) for purpose in Purpose}
    if not any(spend.values()):
        return None
    totals = [
        _Amount(say("Acquisition spend"), spend[win], win),
        _Amount(say("Margin of first purchases"), margin_for(records, win), win, True),
        _Amount(say("Retention spend"), spend[keep], keep),
        _Amount(say("All other margin"), margin_for(records, keep), keep, True),
    ]
    if spend[serve]:
        totals.append(_Amount(say("Delivery spend"), spend[serve], serve))
    costs = [
        _Amount(say("Per new customer (CAC)"), economics["cac"], win),
        _Amount(say("Per customer and year (retention)"), economics["keeping_cost_per_year"], keep),
    ]
    each = [one for one in costs if one.value]
    figures = ", ".join(
        f"{one.label} {numbers.money(one.value, currency)}" for one in [*totals, *each]
    )
    panels = [_amounts(say("{currency} in the run", currency=currency), totals)]
    if each:
        panels.append(_amounts(say("{currency} per customer", currency=currency), each))
    return Chart(
        "win-and-keep", say("Acquisition and retention"), figures, panels=panels, size=Size.NARROW
    )


def _amounts(label: str, amounts: Sequence[_Amount]) -> Panel:
    """Bars with their names above them, and their figures at their ends."""
    values = [one.value for one in amounts]
    write = numbers.scale(max(map(abs, values)))
    bars = [
        Bars(
            [place + 0.2],
            [one.value],
            ROLES[one.purpose],
            texts=[write(one.value)],
            wide=0.42,
            hatched=one.is_margin,
        )
        for place, one in enumerate(amounts)
    ]
    rows = NameAxis([one.label for one in amounts], is_above=True)
    return Panel(NumberAxis(label, *extent(values)), rows, tuple(bars), lines=ABOVE * len(amounts))


def segments_chart(scenario: Scenario, rows: Sequence[SegmentMoney]) -> Chart | None:
    """What winning a customer of each segment costs against its value; None without figures."""
    shown = [
        row
        for row in rows
        if not isinstance(row.clv_projected, Undefined)
        or (not isinstance(row.cac, Undefined) and row.cac > 0.0)
    ]
    if not shown:
        return None
    currency = scenario.currency
    called = [names.segment_name(scenario, row.segment) for row in shown]
    alt = ", ".join(
        f"{name}: "
        + ", ".join(
            f"{word} {numbers.money(figure, currency)}"
            for word, figure in (
                (say("CAC"), row.cac),
                (say("CLV over {months} months", months=HORIZON_MONTHS), row.clv_projected),
            )
            if not isinstance(figure, Undefined)
        )
        for name, row in zip(called, shown, strict=True)
    )
    bars = _segment_bars(scenario, shown)
    ends = extent([end for one in bars for end in one.end])
    across = scale(
        say("{currency} per new customer", currency=currency),
        ends,
        numbers.scale(ends[1], ticks=True),
    )
    panel = Panel(
        across, NameAxis(called, is_above=True), (*bars, Rule()), lines=SEGMENT * len(shown)
    )
    return Chart("segments", say("CAC and CLV by segment"), alt, panels=[panel], size=Size.NARROW)


def _segment_bars(scenario: Scenario, rows: Sequence[SegmentMoney]) -> list[Bars]:
    """The cost of winning a customer, and below it the value: of the first order, and the rest."""
    costs = [
        (place - 0.1, row.cac)
        for place, row in enumerate(rows)
        if not isinstance(row.cac, Undefined)
    ]
    values, firsts = [], []
    for place, row in enumerate(rows):
        if isinstance(row.clv_projected, Undefined):
            continue
        value, first = row.clv_projected, row.first_order_margin
        values.append((place + 0.19, value))
        firsts.append(value if isinstance(first, Undefined) or not 0.0 <= first <= value else first)
    wide = 0.27
    bars = [
        Bars(
            [at for at, _ in costs],
            [cost for _, cost in costs],
            Role.ACQUISITION,
            name=say("CAC"),
            texts=[numbers.count(cost) for _, cost in costs],
            wide=wide,
        ),
        Bars(
            [at for at, _ in values], firsts, Role.GAIN, name=say("CLV: first purchase"), wide=wide
        ),
        Bars(
            [at for at, _ in values],
            [value for _, value in values],
            Role.REST,
            name=say("CLV: rest of {months} months", months=HORIZON_MONTHS)
            if scenario.journey.shape == Shape.LOOP
            else "",
            start=firsts,
            texts=[numbers.count(value) for _, value in values],
            wide=wide,
        ),
    ]
    return [one for one in bars if one.at]


# --- several results side by side ---


class Bar(NamedTuple):
    """A bar of a group; `low` and `high`: ends of the interval around its figure."""

    place: int
    value: float | None
    text: str
    low: float | None = None
    high: float | None = None


class GroupOfBars(NamedTuple):
    """The bars of one thing, one for each result that has it."""

    name: str
    bars: Sequence[Bar]


def groups_chart(
    told: tuple[str, str, str],
    groups: Sequence[GroupOfBars],
    letters: Sequence[str],
    *,
    across: Callable[[tuple[float, float]], NumberAxis],
    longest: float = math.inf,
) -> Chart:
    """Groups of bars on one axis, a bar for each result, with its letter and its figure.

    `told`: name, title and alternative text of the chart; `letters`: of the results, by their
    places; `across`: the axis for the ends of all bars; `longest`: bars beyond it are cut there,
    with an arrow.
    """
    middles, at, top = list[float](), list[tuple[float, Bar]](), 0.0
    for group in groups:
        middles.append(top + (len(group.bars) - 1) / 2.0)
        at += [(top + number, bar) for number, bar in enumerate(group.bars)]
        top += len(group.bars) + GROUP_GAP
    marks: list[Mark] = []
    for place in sorted({bar.place for _, bar in at}):
        mine = [(where, bar) for where, bar in at if bar.place == place]
        marks.append(_bars_of(SERIES[place], mine, longest))
    ends = [
        end
        for one in marks
        if isinstance(one, Bars)
        for end in (*one.end, *one.low, *one.high)
        if math.isfinite(end)
    ]
    rows = NameAxis(
        [group.name for group in groups],
        places=middles,
        letters=[Tick(where, letters[bar.place]) for where, bar in at],
        low=-0.5 - GROUP_GAP / 2.0,
        high=top - 0.5 - GROUP_GAP / 2.0,
    )
    panel = Panel(across(extent(ends)), rows, (*marks, Rule()), lines=top)
    return Chart(*told, panels=[panel])


def _bars_of(role: Role, mine: Sequence[tuple[float, Bar]], longest: float) -> Bars:
    """The bars of one result at their places."""

    def cut(value: float | None) -> float:
        return math.nan if value is None else max(-longest, min(longest, value))

    def text(bar: Bar) -> str:
        if bar.value is None:
            return NONE
        if abs(bar.value) <= longest:
            return bar.text
        return f"{bar.text} ▸" if bar.value > 0.0 else f"◂ {bar.text}"

    has_interval = any(bar.low is not None for _, bar in mine)
    return Bars(
        [where for where, _ in mine],
        [cut(bar.value) for _, bar in mine],
        role,
        texts=[text(bar) for _, bar in mine],
        low=[cut(bar.low) for _, bar in mine] if has_interval else (),
        high=[cut(bar.high) for _, bar in mine] if has_interval else (),
        wide=0.8,
    )
