"""Drawings that show several results on the same axes.

A result is told by its letter, by its mark and by its colour, so that it is known in grey too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.pages.charts import lettering
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    YELLOW,
    Drawing,
    above_axis,
    below_axis,
    sheet,
)
from sim.pages.sections import KeyItem
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE

COLOURS = (BLUE, ORANGE, INK, SKY, VERMILION, YELLOW)  # dark and light in turn
MARKERS = ("o", "s", "^", "D", "v", "X")
DASHES: tuple[tuple[float, tuple[float, ...]] | str, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1)),
    "-",
)
OUTLINES = (  # the marks again, as paths in a square of 12
    "M6 1 A5 5 0 0 1 6 11 A5 5 0 0 1 6 1 Z",
    "M1.5 1.5 H10.5 V10.5 H1.5 Z",
    "M6 1 L11 10.5 H1 Z",
    "M6 .5 L11.5 6 L6 11.5 L.5 6 Z",
    "M6 11 L11 1.5 H1 Z",
    "M3.5 1 L6 3.5 L8.5 1 L11 3.5 L8.5 6 L11 8.5 L8.5 11 L6 8.5 L3.5 11 L1 8.5 L3.5 6 L1 3.5 Z",
)
WIDTH = 390.0  # points, of bars
LINE_WIDTH, LINE_HEIGHT = 320.0, 200.0  # points, of lines
BAR, GAP = 12.0, 10.0  # points: a bar, and between two groups of bars
SMALL, NAME_SIZE = 9.5, 10.5  # points, the size of a figure beside its bar, and of a name
LEAST_APART = 10.0  # points between the letters at the ends of lines


class Line(NamedTuple):
    """A curve: `place` of its result, and optionally a band around it."""

    place: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None


class Bar(NamedTuple):
    """A bar of a group; `low` and `high`: ends of the interval around its figure."""

    place: int
    value: float | None
    text: str
    low: float | None = None
    high: float | None = None


class Group(NamedTuple):
    """The bars of one thing, one for each result that has it."""

    name: str
    bars: Sequence[Bar]


def key_of(letter: str, name: str, place: int) -> KeyItem:
    """How the result at `place` is explained beside a drawing."""
    return KeyItem(letter, name, COLOURS[place], OUTLINES[place])


def lines(
    name: str,
    title: str,
    alt: str,
    shown: Sequence[Line],
    letters: Sequence[str],
    unit: str,
    across: str,
    tick: numbers.Text,
    low: float | None = 0.0,
    high: float | None = None,
    width: float = LINE_WIDTH,
) -> Drawing:
    """Curves on the same axes, each with its result's letter at its end.

    `unit` stands above the vertical axis, `across` below the horizontal one; `low` and `high`:
    ends of the vertical axis, None where the curves set it; `width`: in points.
    """
    with sheet(name, title, alt) as made:
        axes = made.axes(width, LINE_HEIGHT, left=52, right=30, top=24, bottom=38)
        least = min(0.0, *(float(line.y.min()) for line in shown)) if low is None else low
        most = max(float((line.y if line.high is None else line.high).max()) for line in shown)
        room = (max(most, 0.0) - least) * 0.08 or 1.0
        axes.set_ylim(least - (room if least < 0.0 else 0.0), high or max(most, 0.0) + room)
        last = max(float(line.x[-1]) for line in shown)
        axes.set_xlim(min(0.0, *(float(line.x[0]) for line in shown)), last or 1.0)
        for line in shown:
            _curve(axes, line)
        _letters(axes, shown, letters)
        if least < 0.0:
            axes.axhline(0.0, color=MUTED, linewidth=0.9)
        axes.grid(axis="x", visible=False)
        axes.spines["left"].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 1.2, 2, 3, 6, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.short(value)))
        axes.set_xlabel(across)
        above_axis(axes, unit, 52.0)
    return made.drawing


def _curve(axes: Axes, line: Line) -> None:
    colour = COLOURS[line.place]
    outlined = [Stroke(linewidth=3.2, foreground=INK), Normal()] if colour == YELLOW else []
    if line.low is not None and line.high is not None:
        axes.fill_between(line.x, line.low, line.high, color=PALE, alpha=0.5, linewidth=0)
    axes.plot(
        line.x,
        line.y,
        color=colour,
        linewidth=1.8,
        linestyle=DASHES[line.place],
        path_effects=outlined,
    )
    axes.plot(
        line.x[-1:],
        line.y[-1:],
        MARKERS[line.place],
        color=colour,
        markeredgecolor=INK,
        markeredgewidth=0.7,
        markersize=5.5,
        clip_on=False,
        zorder=4,
    )


def _letters(axes: Axes, shown: Sequence[Line], letters: Sequence[str]) -> None:
    """The letter of each curve beside its end; letters that would meet are moved apart."""
    low, high = axes.get_ylim()
    per_unit = (LINE_HEIGHT - 24 - 38) / (high - low)
    for end in sorted({float(line.x[-1]) for line in shown}):
        mine = [line for line in shown if float(line.x[-1]) == end]
        wanted = [float(line.y[-1]) * per_unit for line in mine]
        for line, want, put in zip(mine, wanted, apart(wanted, LEAST_APART), strict=True):
            axes.annotate(
                letters[line.place],
                (end, float(line.y[-1])),
                (8, put - want),
                textcoords="offset points",
                va="center",
                color=INK,
                fontweight="bold",
                annotation_clip=False,
            )


def apart(wanted: Sequence[float], least: float) -> list[float]:
    """Places near the `wanted` ones, in the same order, at least `least` apart.

    Places that come too near make one block, whose middle stays where it was.
    """
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    blocks: list[list[int]] = []
    for k in order:
        blocks.append([k])
        while len(blocks) > 1 and _start(blocks[-1], wanted, least) < (
            _start(blocks[-2], wanted, least) + least * len(blocks[-2])
        ):
            last = blocks.pop()
            blocks[-1] += last
    placed = list(wanted)
    for block in blocks:
        for step, k in enumerate(block):
            placed[k] = _start(block, wanted, least) + least * step
    return placed


def _start(block: Sequence[int], wanted: Sequence[float], least: float) -> float:
    return sum(wanted[k] for k in block) / len(block) - least * (len(block) - 1) / 2.0


def bars(
    name: str,
    title: str,
    alt: str,
    groups: Sequence[Group],
    letters: Sequence[str],
    across: str,
    tick: Callable[[float], str],
    longest: float | None = None,
    span: tuple[float, float] | None = None,
) -> Drawing:
    """Groups of bars on one axis, a bar for each result, with its letter and its figure.

    `longest`: bars beyond it are cut there, with an arrow; `span`: ends of the axis.
    """
    room = lettering.NAME_SHARE * WIDTH
    names = [lettering.shortened(group.name, room, NAME_SIZE) for group in groups]
    left = 30.0 + lettering.widest(names, NAME_SIZE)
    right = 14.0 + _widest_figure(groups)
    high = sum(BAR * len(group.bars) + GAP for group in groups)
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, high + 50, left, right, 4, 46)
        axes.set_ylim(high, 0.0)
        axes.set_xlim(*(_span(groups, longest, WIDTH - left - right) if span is None else span))
        top = GAP / 2.0
        for label, group in zip(names, groups, strict=True):
            middle = top + BAR * len(group.bars) / 2.0
            _beside(axes, middle, -20.0, label, INK, NAME_SIZE)
            for bar in group.bars:
                _beside(axes, top + BAR / 2.0, -6.0, letters[bar.place], MUTED, SMALL)
                _bar(axes, bar, top + BAR / 2.0, longest)
                top += BAR
            top += GAP
        if axes.get_xlim()[0] < 0.0:
            axes.axvline(0.0, color=MUTED, linewidth=0.9)
        axes.set_yticks([])
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(3))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.tick_params(axis="x", labelsize=SMALL)
        below_axis(axes, across)
    return made.drawing


def _span(groups: Sequence[Group], longest: float | None, wide: float) -> tuple[float, float]:
    """The ends of an axis of `wide` points on which all bars and their figures have room."""
    ends = [0.0]
    for group in groups:
        for bar in group.bars:
            ends += [end for end in (bar.value, bar.low, bar.high) if end is not None]
    low, high = min(ends), max(ends)
    if longest is not None:
        low, high = max(low, -longest), min(high, longest)
    if low == high:
        high = 1.0
    if low == 0.0:
        return low, high
    # a figure to the left of its bar needs room, one to the right has it beside the axes
    room = 8.0 + _widest_figure(groups)
    return low - (high - low) * room / (wide - room), high


def _widest_figure(groups: Sequence[Group]) -> float:
    """The points that the longest figure takes, with the mark of a bar that is cut."""
    return lettering.widest((f"{bar.text} ▸" for g in groups for bar in g.bars), SMALL)


def _bar(axes: Axes, bar: Bar, y: float, longest: float | None) -> None:
    if bar.value is None:
        _figure(axes, 0.0, y, 5.0, NONE)
        return
    cut = bar.value if longest is None else max(-longest, min(longest, bar.value))
    axes.barh(
        [y],
        [cut],
        height=BAR - 2.5,
        color=COLOURS[bar.place],
        edgecolor=INK if COLOURS[bar.place] == YELLOW else "none",
        linewidth=0.7,
    )
    ends = [cut]
    if bar.low is not None and bar.high is not None:
        limit = float("inf") if longest is None else longest
        ends = [max(-limit, min(limit, end)) for end in (bar.low, bar.high)]
        axes.plot(ends, [y, y], color=MUTED, linewidth=1.6, solid_capstyle="butt", zorder=3)
        axes.plot(ends, [y, y], "|", color=MUTED, markersize=6.0, zorder=3)
    sign = -1.0 if bar.value < 0.0 else 1.0
    text = bar.text
    if cut != bar.value:
        text = f"{text} ▸" if sign > 0.0 else f"◂ {text}"
    _figure(axes, min([cut, *ends]) if sign < 0.0 else max([cut, *ends]), y, 5.0 * sign, text)


def _figure(axes: Axes, x: float, y: float, away: float, text: str) -> None:
    axes.annotate(
        text,
        (x, y),
        (away, 0),
        textcoords="offset points",
        ha="left" if away > 0.0 else "right",
        va="center",
        color=INK,
        fontsize=SMALL,
        annotation_clip=False,
    )


def _beside(axes: Axes, y: float, away: float, text: str, colour: str, size: float) -> None:
    """A text to the left of the axes."""
    axes.annotate(
        text,
        (0.0, y),
        (away, 0),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="center",
        color=colour,
        fontsize=size,
        annotation_clip=False,
    )
