"""Charts of responses: what comes of how much there is of a lever, or of two levers at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.measures.figure import Undefined
from sim.measures.intervals import Effect, Estimate, normal_interval
from sim.pages.charts.chart import (
    SERIES,
    Axis,
    Band,
    Chart,
    HeatCells,
    Line,
    Mark,
    NameAxis,
    NumberAxis,
    Points,
    Role,
    Rule,
    Size,
    Tick,
    one_panel,
    scale,
)
from sim.pages.charts.over_time import HIGH, amounts_axis, percent_tick
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import say
from sim.pages.words.studies import Words
from sim.questions.budget.search import Measured
from sim.questions.contrasts import Found
from sim.questions.levers.responses import ResponsePoint, Sweep, heat, response, response_by
from sim.questions.levers.study import Draw, DrawingKind
from sim.questions.touchpoints.effects import CURVE, EffectsStudy
from sim.questions.touchpoints.tables import estimate
from sim.runs.plan import Value
from sim.scenario.schema import Scenario

UNIT = 1.0  # as much as there is
DOTS = 60  # along a curve
TALL = 18.0  # lines of a plot that stands alone
MOST_LINES = 4  # more cannot be told apart
MOST_TICKS = 8  # levels that are all written below the axis
MOST_FIGURES = 9  # columns of a heat map whose cells still have room for a figure
CELL = 2.8  # lines a row of a heat map takes
BESIDE_EACH_OTHER = 0.012  # of the width, between the intervals of neighbouring lines

# --- touchpoints: times as much as there is ---


class _Tried(NamedTuple):
    factor: float
    value: float
    low: float
    high: float


def touchpoint_curves(made: EffectsStudy) -> list[Chart]:
    """Extra profit by how much there is of a touchpoint, a chart each, all on one scale."""
    curves: dict[str, list[Sequence[Found]]] = {}
    for seeds in made.of(CURVE):
        curves.setdefault(seeds[0].contrast.name, []).append(seeds)
    tried = {
        name: points
        for name, found in curves.items()
        if len(points := _tried(made.scenario, found)) > 1
    }
    ends = [end for curve in tried.values() for one in curve for end in (one.low, one.high)]
    return [_touchpoint_curve(made, name, curve, ends=ends) for name, curve in tried.items()]


def _tried(scenario: Scenario, found: Sequence[Sequence[Found]]) -> list[_Tried]:
    """The points at which something was seen, and the market as it is."""
    points = [_Tried(UNIT, 0.0, 0.0, 0.0)]
    for seeds in found:
        factor = seeds[0].contrast.factor
        one = estimate(scenario, seeds, "profit")
        if not isinstance(one, Undefined):
            points.append(_Tried(math.nan if factor is None else factor, *one))
    return sorted(points)


def _touchpoint_curve(
    made: EffectsStudy, name: str, points: Sequence[_Tried], *, ends: Sequence[float]
) -> Chart:
    title = names.touchpoint_name(made.scenario, name)
    write = numbers.scale(max(map(abs, ends)))
    figures = ", ".join(
        f"{numbers.short(point.factor)}{numbers.SPACE}× {write(point.value)}" for point in points
    )
    alt = say(
        "{name}, extra profit by multiple of the current level: {figures}",
        name=title,
        figures=figures,
    )
    factors = [point.factor for point in points]
    marks = (
        Band(factors, [point.low for point in points], [point.high for point in points]),
        Rule(),
        Line(factors, [point.value for point in points]),
        Points([UNIT], [0.0]),
    )
    across = scale(
        say("times the current level"),
        (min(factors), max(factors)),
        numbers.short,
        whole=True,
    )
    up = amounts_axis(say("extra profit, {currency}", currency=made.scenario.currency), ends)
    return Chart(
        f"curve-{name}", title, alt, panels=one_panel((across, up), marks, HIGH), size=Size.NARROW
    )


# --- parts of a budget ---


def budget_curves(
    scenario: Scenario,
    each: Measured,
    amounts: tuple[Mapping[str, float], Mapping[str, float]],
    *,
    called: Mapping[str, str],
    unit: str,
) -> list[Chart]:
    """The measured response of each part in a round, a chart each, all on one scale.

    `amounts`: today's and the plan's, which are marked; `called`: what the parts are called;
    `unit`: of the worth.
    """
    shown = [name for name in called if each.points[name]]
    ends = [
        end
        for name in shown
        for point in each.points[name]
        for end in normal_interval(Effect(point.value, point.se))[1:]
    ]
    up = amounts_axis(unit, ends)
    over = say("{currency} spent on it", currency=scenario.currency)
    today, plan = amounts
    return [
        _budget_curve(each, name, called[name], amounts=(today[name], plan[name]), axes=(over, up))
        for name in shown
    ]


def _budget_curve(
    each: Measured,
    name: str,
    title: str,
    *,
    amounts: tuple[float, float],
    axes: tuple[str, NumberAxis],
) -> Chart:
    today, plan = amounts
    over, up = axes
    points, curve = each.points[name], each.curves[name]
    known = [normal_interval(Effect(point.value, point.se)) for point in points]
    most = max([curve.centre, plan, today, *(point.amount for point in points)]) or 1.0
    write, worth = numbers.scale(most), numbers.scale(max(abs(up.low), abs(up.high)), ticks=True)
    alt = say(
        "{name}, outcome by spend: {figures}; today {today}, the plan {plan}",
        name=title,
        figures=", ".join(f"{write(p.amount)}: {worth(p.value)}" for p in points),
        today=write(today),
        plan=write(plan),
    )
    along = [most * step / DOTS for step in range(DOTS + 1)]
    marks = (
        Rule(),
        Line(along, [curve.value(amount) for amount in along]),
        Points(
            [point.amount for point in points],
            [point.value for point in points],
            Role.MEASURED,
            low=[one.low for one in known],
            high=[one.high for one in known],
        ),
        Points([today], [curve.value(today)], Role.TODAY),
        Points([plan], [curve.value(plan)], Role.PLAN),
    )
    across = scale(over, (-0.03 * most, 1.03 * most), numbers.scale(most, ticks=True))
    panels = one_panel((across, up), marks, HIGH)
    return Chart(f"response-{name}", title, alt, panels=panels, size=Size.NARROW)


# --- the frontier ---


class OnPlane(NamedTuple):
    """A plan on the plane of the frontier: its name, its share on keeping, and its gain."""

    name: str
    share: float
    gain: Estimate


def frontier_chart(
    told: tuple[str, str], points: Sequence[OnPlane], others: Sequence[OnPlane], *, unit: str
) -> Chart:
    """A gain against the share spent on keeping customers, with its 95% band.

    `told`: name and title of the chart; `points`: the frontier; `others`: plans that stand on
    their own, today's first.
    """
    name, title = told
    ends = [end for one in (*points, *others) for end in (one.gain.low, one.gain.high)]
    write = numbers.scale(max(map(abs, ends)))
    alt = say(
        "{title} by retention share: {figures}; {others}",
        title=title,
        figures=", ".join(
            f"{numbers.whole_percent(one.share)}: {write(one.gain.value)}" for one in points
        ),
        others=", ".join(
            f"{one.name} ({numbers.whole_percent(one.share)}) {write(one.gain.value)}"
            for one in others
        ),
    )
    shares = [100.0 * one.share for one in points]
    marks: list[Mark] = [
        Band(shares, [one.gain.low for one in points], [one.gain.high for one in points]),
        Rule(),
        Line(
            shares,
            [one.gain.value for one in points],
            name=say("optimal allocation at each share"),
            dots=True,
        ),
    ]
    marks += [
        Points(
            [100.0 * one.share],
            [one.gain.value],
            role,
            name=one.name,
            low=[one.gain.low],
            high=[one.gain.high],
        )
        for role, one in zip((Role.TODAY, Role.PLAN), others, strict=False)
    ]
    axes = (
        scale(say("retention share, % of the total"), (-3.0, 103.0), numbers.short, most=5),
        amounts_axis(unit, ends, 5),
    )
    return Chart(name, title, alt, panels=one_panel(axes, marks, 12.0), size=Size.NARROW)


# --- sweeps ---


def sweep_chart(given: Draw, number: int, sweep: Sweep, *, words: Words) -> Chart:
    """The chart that a study file asks for; `number` makes its name unique."""
    name = f"{given.kind.value.replace('_', '-')}-{number}"
    if given.kind == DrawingKind.HEAT_MAP and given.y is not None:
        return heat_chart(name, sweep, given.measure, levers=(given.x, given.y), words=words)
    lines: dict[Value, list[ResponsePoint]] = {None: response(sweep, given.measure, given.x)}
    if given.by is not None:
        lines = spaced(response_by(sweep, given.measure, given.x, by=given.by))
    return lines_chart(name, lines, given, words=words)


def spaced(lines: dict[Value, list[ResponsePoint]]) -> dict[Value, list[ResponsePoint]]:
    """At most MOST_LINES of the lines, from the first to the last."""
    if len(lines) <= MOST_LINES:
        return lines
    keys = list(lines)
    places = np.unique(np.linspace(0, len(keys) - 1, MOST_LINES).round().astype(int))
    return {keys[place]: lines[keys[place]] for place in places}


def lines_chart(
    name: str, lines: Mapping[Value, Sequence[ResponsePoint]], given: Draw, *, words: Words
) -> Chart:
    """A measure against a lever: a line for each of `lines`, with its intervals."""
    levels = list(dict.fromkeys(point.level for points in lines.values() for point in points))
    means = [p.mean for points in lines.values() for p in points if p.mean is not None]
    write = _writer(means, words.is_share(given.measure))
    label, lever = words.measure(given.measure), words.lever(given.x)
    title = say("{measure} against {lever}", measure=label, lever=lever)
    alt = title + ": " + "; ".join(_told(line, points, write) for line, points in lines.items())
    across, place = _levels_axis(levels, lever)
    width = max(map(place, levels), default=0.0) - min(map(place, levels), default=0.0)
    marks: list[Mark] = []
    roles = SERIES if len(lines) > 1 else (Role.MAIN,)
    for number, ((line, points), role) in enumerate(zip(lines.items(), roles, strict=False)):
        beside = (number - (len(lines) - 1) / 2.0) * BESIDE_EACH_OTHER * width
        called = "" if line is None else level_text(line)
        known = [(place(p.level) + beside, p) for p in points if p.mean is not None]
        marks += _line_of(known, (role, called), across, alone=len(lines) == 1)
    ends = [
        end
        for points in lines.values()
        for p in points
        for end in (p.mean, p.low, p.high)
        if end is not None
    ]
    up = scale(words.unit(given.measure) or label, _close_around(ends), write, most=5)
    key = words.lever(given.by) if given.by is not None else ""
    panels = one_panel((across, up), marks, TALL, key=key)
    return Chart(name, title, alt, panels=panels)


def _line_of(
    known: Sequence[tuple[float, ResponsePoint]],
    pen: tuple[Role, str],
    across: Axis,
    *,
    alone: bool,
) -> list[Mark]:
    """One line of numbers, or points over names. Intervals of a line alone are a band; those of
    several would hide each other."""
    role, called = pen
    x = [at for at, _ in known]
    y = [math.nan if p.mean is None else p.mean for _, p in known]
    low = [math.nan if p.low is None else p.low for _, p in known]
    high = [math.nan if p.high is None else p.high for _, p in known]
    has_interval = any(map(math.isfinite, low))
    if isinstance(across, NameAxis):
        if not has_interval:
            low = high = []
        return [Points(x, y, role, name=called, low=low, high=high)]
    marks: list[Mark] = []
    if alone and has_interval:
        marks.append(Band(x, low, high))
    marks.append(Line(x, y, role, name=called, dots=True))
    if not alone and has_interval:
        marks.append(Points(x, y, role, low=low, high=high))
    return marks


def _levels_axis(levels: Sequence[Value], lever: str) -> tuple[Axis, Callable[[Value], float]]:
    """The axis of a lever's levels, and where each stands on it."""
    if not all(isinstance(level, int | float) for level in levels):
        order = {level: float(place) for place, level in enumerate(levels)}
        return NameAxis([level_text(level) for level in levels], lever), lambda level: order[level]
    places = sorted(float(level) for level in levels if level is not None)
    room = 0.04 * ((places[-1] - places[0]) or 1.0) if places else 1.0
    low, high = (places[0] - room, places[-1] + room) if places else (0.0, 1.0)
    across = scale(lever, (low, high), numbers.short, most=6)
    if len(places) <= MOST_TICKS:
        across = NumberAxis(lever, low, high, ticks=[Tick(at, level_text(at)) for at in places])
    return across, lambda level: math.nan if level is None else float(level)


def _close_around(ends: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis that shows differences between large numbers: 0 need not be on it."""
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - room, high + room


def heat_chart(
    name: str, sweep: Sweep, measure: str, *, levers: tuple[str, str], words: Words
) -> Chart:
    """The measure at every pair of levels of two levers, the darker the more."""
    x, y = levers
    cells = heat(sweep, measure, x, y=y)
    values = cells.to_numpy(dtype=float)
    known = values[~np.isnan(values)]
    write = _writer(known.tolist(), words.is_share(measure))
    x, y = (words.lever(lever) for lever in levers)
    title = say("{measure} by {x} and {y}", measure=words.measure(measure), x=x, y=y)
    alt, note = title + ".", ""
    if len(known):
        best = np.unravel_index(np.nanargmax(values), values.shape)
        low, high, unit = write(float(known.min())), write(float(known.max())), words.unit(measure)
        note = say("{low} (pale) to {high} (dark), {unit}", low=low, high=high, unit=unit)
        alt = say(
            "{title}: from {low} to {high} {unit}; highest where {x} is {x_level} and {y} is"
            " {y_level}.",
            title=title,
            low=low,
            high=high,
            unit=unit,
            x=x,
            x_level=level_text(cells.columns[int(best[1])]),
            y=y,
            y_level=level_text(cells.index[int(best[0])]),
        )
    upwards = values[::-1].tolist()  # the largest level on top
    texts = [[NONE if math.isnan(value) else write(value) for value in row] for row in upwards]
    marks = [HeatCells(upwards, texts if values.shape[1] <= MOST_FIGURES else (), note)]
    axes = (
        NameAxis([level_text(level) for level in cells.columns], x),
        NameAxis([level_text(level) for level in cells.index[::-1]], y),
    )
    lines = CELL * max(3, min(len(upwards), MOST_FIGURES))
    return Chart(name, title, alt, panels=one_panel(axes, marks, lines))


def level_text(level: object) -> str:
    """A level of a lever as people read it."""
    if isinstance(level, int | float) and not isinstance(level, bool):
        return numbers.short(float(f"{level:.4g}"))
    return str(level)


def _writer(values: Sequence[float], is_share: bool) -> numbers.Text:
    if is_share:
        return lambda value: percent_tick(float(f"{value:.3g}"))
    largest = max((abs(value) for value in values), default=0.0)
    return numbers.scale(largest) if largest >= 10.0 else lambda value: numbers.decimal(value, 3)


def _told(line: Value, points: Sequence[ResponsePoint], write: numbers.Text) -> str:
    """A line in words: its first and its last level."""
    shown = [point for point in points if point.mean is not None]
    if not shown:
        return say("no figure")
    ends = [
        f"{level_text(p.level)}: {write(p.mean)}"
        for p in (shown[0], shown[-1])
        if p.mean is not None
    ]
    head = "" if line is None else f"{level_text(line)}, "
    return head + " – ".join(ends)
