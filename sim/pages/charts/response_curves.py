"""Response curves: profit against how much there is of a touchpoint, a drawing each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from sim.measures.incrementality import interval
from sim.pages.charts.drawing import BLUE, INK, MUTED, PALE, Drawing, sheet
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.questions.contrasts import Found
from sim.questions.touchpoints.effects import CURVE, Study
from sim.questions.touchpoints.tables import outcome

WIDTH, HEIGHT = 320.0, 190.0  # points, as the drawings of phases
UNIT = 1.0  # as much as there is


class _Point(NamedTuple):
    factor: float
    value: float
    low: float
    high: float


def curve_drawings(made: Study) -> list[Drawing]:
    """A drawing for each touchpoint with a curve, all on one scale."""
    curves: dict[str, list[Sequence[Found]]] = {}
    for seeds in made.of(CURVE):
        curves.setdefault(seeds[0].contrast.name, []).append(seeds)
    points = {name: _points(found) for name, found in curves.items()}
    ends = [end for curve in points.values() for point in curve for end in (point.low, point.high)]
    return [_curve(made, name, curve, min(ends), max(ends)) for name, curve in points.items()]


def _points(found: Sequence[Sequence[Found]]) -> list[_Point]:
    points = [_Point(UNIT, 0.0, 0.0, 0.0)]
    for seeds in found:
        factor = seeds[0].contrast.factor
        points.append(
            _Point(math.nan if factor is None else factor, *interval(outcome(seeds, "profit")))
        )
    return sorted(points)


def _curve(made: Study, name: str, points: Sequence[_Point], low: float, high: float) -> Drawing:
    title = names.touchpoint_name(made.scenario, name)
    most = max(abs(low), abs(high))
    text, tick = (numbers.scale(most, ticks) for ticks in (False, True))
    factors = [point.factor for point in points]
    figures = ", ".join(
        f"{numbers.short(point.factor)}{numbers.SPACE}× {text(point.value)}" for point in points
    )
    alt = say(
        "Extra profit of {name} by how much there is of it: {figures}", name=title, figures=figures
    )
    room = 0.06 * ((high - low) or 1.0)
    key = f"curve-{name}"
    with sheet(key, title, alt) as drawn:
        axes = drawn.axes(WIDTH, HEIGHT, left=66, right=16, top=24, bottom=42)
        axes.fill_between(
            factors,
            [point.low for point in points],
            [point.high for point in points],
            color=PALE,
            linewidth=0,
        )
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.plot(factors, [point.value for point in points], color=BLUE, linewidth=1.8)
        axes.plot([UNIT], [0.0], "o", color=BLUE, markersize=5.5)
        axes.set_xlim(min(factors), max(factors))
        axes.set_ylim(low - room, high + room)
        axes.grid(axis="x", visible=False)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", pad=7)
        axes.xaxis.set_major_locator(FixedLocator([0.0, 1.0, 2.0, 3.0]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.short(value)))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.set_xlabel(say("times as much as there is"))
        over = say("extra profit, {currency}", currency=made.scenario.currency)
        axes.text(-0.24, 1.08, over, transform=axes.transAxes, color=MUTED)
    return drawn.drawing
