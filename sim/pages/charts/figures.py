"""The drawings of a report. Each takes a run's records and gives a `Drawing`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.pages.charts import lettering
from sim.pages.charts.drawing import BLUE, INK, PALE, Drawing, Sheet, above_axis, sheet
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.records.recorder import Records, end_of_day
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

DAILY_UP_TO = 200  # days; a longer run is drawn by weeks
SHORT = 90  # days; the time of a shorter run is told in days
WIDTH = 420.0  # points: letters stay readable when a phone shrinks it
LEAST_BARS = 120.0  # points for the bars, however long their names are
BAR = 24.0  # points a bar and its gap take


def customers_per_phase(records: Records) -> list[Drawing]:
    """People in each phase over time: one drawing a phase, each on its own scale."""
    people = end_of_day(records).sum(axis=1) * records.people_per_agent
    start = records.start.sum(axis=0) * records.people_per_agent
    held = np.vstack([start[None], people])
    scenario = records.scenario
    return [
        _one_phase(name, names.phase_name(scenario, name), held[:, p])
        for p, name in enumerate(scenario.journey.phases)
    ]


def _one_phase(phase: str, title: str, held: NDArray[np.float64]) -> Drawing:
    days = np.arange(len(held))
    step = 1 if len(held) <= DAILY_UP_TO else 7
    shown = np.unique(np.append(days[::step], days[-1]))
    is_short = len(held) <= SHORT
    time = shown if is_short else shown * MONTHS_PER_YEAR / DAYS_PER_YEAR
    text, tick = (numbers.scale(float(held.max()), ticks) for ticks in (False, True))
    alt = say(
        "People in {phase} over time: {first} at the start, {last} at the end, at most {most}.",
        phase=title,
        first=numbers.count(held[0]),
        last=numbers.count(held[-1]),
        most=numbers.count(float(held.max())),
    )
    with sheet(f"phase-{phase}", title, alt) as made:
        axes = made.axes(320, 190, left=52, right=58, top=24, bottom=38)
        axes.fill_between(time, held[shown], color=PALE, linewidth=0)
        axes.plot(time, held[shown], color=BLUE, linewidth=1.8)
        axes.plot(time[-1:], held[-1:], "o", color=BLUE, markersize=4.5, clip_on=False)
        axes.annotate(
            text(held[-1]),
            (time[-1], held[-1]),
            (7, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontweight="bold",
            annotation_clip=False,
        )
        axes.set_xlim(0, time[-1])
        axes.set_ylim(0, max(1.0, float(held.max())) * 1.12)
        axes.grid(axis="x", visible=False)
        axes.spines["left"].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.xaxis.set_major_locator(
            MaxNLocator(5, integer=True) if is_short else _month_ticks(float(time[-1]))
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.short(value)))
        axes.set_xlabel(say("days since the start") if is_short else say("months since the start"))
        above_axis(axes, say("people"), 52.0)
    return made.drawing


def _month_ticks(months: float) -> MaxNLocator:
    steps = [1, 1.2, 2, 3, 6, 10] if months > 5 else [1, 2, 5, 10]
    return MaxNLocator(5, steps=steps, integer=months > 3)


def bar_axes(
    made: Sheet, called: Sequence[str], right: float, top: float, width: float = WIDTH
) -> Axes:
    """Axes for horizontal bars with their names, the first one on top.

    `right`, `top`: room beside the bars, in points; `width`: of all, in points, more where long
    names need it.
    """
    count, beside = len(called), lettering.beside(called, WIDTH)
    left = 14 + lettering.margin(beside)
    width = max(width, left + LEAST_BARS + right)
    axes = made.axes(width, BAR * count + top + 44, left, right, top, 44)
    axes.set_ylim(count - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.spines["bottom"].set_visible(False)
    lettering.put_beside(axes, beside, INK)
    return axes


def label_bar(axes: Axes, value: float, place: float, text: str) -> None:
    """The figure at the end of a bar."""
    axes.annotate(
        text,
        (value, place),
        (5, 0),
        textcoords="offset points",
        va="center",
        color=INK,
        annotation_clip=False,
    )
