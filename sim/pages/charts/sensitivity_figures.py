"""Drawings of a sensitivity analysis: two marks for each lever, and a tornado."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.pages.charts import lettering
from sim.pages.charts.drawing import BLUE, INK, MUTED, ORANGE, Drawing, below_axis, sheet
from sim.pages.charts.lettering import Name
from sim.pages.words import numbers

WIDTH = 380.0  # points
LINE, BAR = 32.0, 15.0  # points a lever takes, and a bar of a tornado
LEVEL_SIZE, LEVEL_ROOM = 10.0, 70.0  # points of letters of a level, and most that it takes
APART = 0.16  # of a line, from its middle to either mark
COLOURS, MARKS = (BLUE, ORANGE), ("o", "s")


class Mark(NamedTuple):
    """A value with its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None


class Marked(NamedTuple):
    """A lever with its two marks."""

    name: str
    first: Mark
    second: Mark


class Swing(NamedTuple):
    """A bar of a tornado: its ends beside the base, and the levels at which they are met."""

    name: str
    least: float
    most: float
    at_least: str
    at_most: str


def marked(
    name: str,
    title: str,
    alt: str,
    rows: Sequence[Marked],
    over: str,
    tick: numbers.Text,
    key: tuple[str, str],
) -> Drawing:
    """The drawing `name`: a line a lever with two marks on it, told in `key`."""
    names = [_lever(row.name) for row in rows]
    left = 14.0 + lettering.margin(names)
    ends = [0.0]
    for row in rows:
        for mark in (row.first, row.second):
            ends += [mark.value, *(end for end in (mark.low, mark.high) if end is not None)]
    margin = 0.04 * ((max(ends) - min(ends)) or 1.0)
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, LINE * len(rows) + 78.0, left, 16.0, 34.0, 44.0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(min(ends) - margin, max(ends) + margin)
        _plain(axes, over, tick, names)
        for place, row in enumerate(rows):
            for number, mark in enumerate((row.first, row.second)):
                height = place + (APART if number else -APART)
                if mark.low is not None and mark.high is not None:
                    axes.plot([mark.low, mark.high], [height] * 2, color=COLOURS[number], lw=2.0)
                axes.plot([mark.value], [height], MARKS[number], color=COLOURS[number], ms=6.5)
        axes.legend(
            handles=[
                Line2D([], [], color=colour, marker=mark, linewidth=2.0, label=text)
                for colour, mark, text in zip(COLOURS, MARKS, key, strict=True)
            ],
            loc="lower left",
            bbox_to_anchor=(-left / (WIDTH - left - 16.0), 1.0),
            ncols=2,
            frameon=False,
            labelcolor=MUTED,
        )
    return made.drawing


def tornado(
    name: str, title: str, alt: str, rows: Sequence[Swing], over: str, tick: numbers.Text
) -> Drawing:
    """The drawing `name`: a bar a lever, the widest on top, with the levels at its ends."""
    names = [_lever(row.name) for row in rows]
    left = 14.0 + lettering.margin(names)
    levels = {
        text: lettering.shortened(text, LEVEL_ROOM, LEVEL_SIZE)
        for row in rows
        for text in (row.at_least, row.at_most)
    }
    beside = 14.0 + lettering.widest(levels.values(), LEVEL_SIZE)
    least, most = min(row.least for row in rows), max(row.most for row in rows)
    wide = WIDTH - left - 16.0
    # room for the levels beside the longest bars
    room = beside * ((most - least) or 1.0) / max(60.0, wide - 2.0 * beside)
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, LINE * len(rows) + 54.0, left, 16.0, 10.0, 44.0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(least - room, most + room)
        _plain(axes, over, tick, names)
        for place, row in enumerate(rows):
            for end, colour, text, side in (
                (row.least, ORANGE, row.at_least, -1),
                (row.most, BLUE, row.at_most, 1),
            ):
                axes.barh([place], [end], height=BAR / LINE, color=colour, linewidth=0)
                if end == 0.0:
                    continue
                axes.annotate(
                    levels[text],
                    (end, place),
                    (5 * side, 0),
                    textcoords="offset points",
                    ha="left" if side > 0 else "right",
                    va="center",
                    color=INK,
                    fontsize=LEVEL_SIZE,
                )
    return made.drawing


def _plain(axes: Axes, over: str, tick: numbers.Text, names: Sequence[Name]) -> None:
    axes.grid(axis="y", visible=False)
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    axes.axvline(0.0, color=INK, linewidth=1.0)
    lettering.put_beside(axes, names, INK)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    below_axis(axes, over)


def _lever(name: str) -> Name:
    """The name of a lever on one line, or on two: the part and its field, or as it fits."""
    room = lettering.NAME_SHARE * WIDTH
    part, colon, field = name.partition(": ")
    if not colon or lettering.wide(name) <= room:
        text = lettering.wrapped(name, room)
    else:
        text = "\n".join(lettering.shortened(line, room) for line in (f"{part}:", field))
    return Name(text, lettering.SIZE, lettering.wide(text))
