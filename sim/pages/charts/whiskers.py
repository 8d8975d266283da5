"""A drawing of estimates with their 95 % intervals: a line each, one above the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.pages.charts import lettering
from sim.pages.charts.drawing import BLUE, INK, MUTED, ORANGE, Drawing, below_axis, sheet

WIDTH = 420.0  # points: letters stay readable when a phone shrinks it
LINE = 25.0  # points a line takes
MARKS = ("o", "s")  # of groups: told apart by shape, colour and grey
COLOURS = (BLUE, ORANGE)


class Whisker(NamedTuple):
    """An estimate: its name, its interval, how it is written, and which group it is of."""

    name: str
    value: float
    low: float
    high: float
    text: str
    group: int = 0


def whiskers(
    name: str,
    title: str,
    alt: str,
    rows: Sequence[Whisker],
    over: str,
    tick: Callable[[float], str],
    groups: Sequence[str] = (),
) -> Drawing:
    """The drawing `name` of at least one row. `over`: what the axis counts, with its unit;
    `tick`: how to write its numbers; `groups`: names of one or two groups, told in a key."""
    names = lettering.beside([row.name for row in rows], WIDTH)
    left = 14.0 + lettering.margin(names)
    right = 14.0 + lettering.widest(row.text for row in rows)
    top = 34.0 if groups else 10.0
    ends = [end for row in rows for end in (row.low, row.high, 0.0)]
    margin = 0.04 * ((max(ends) - min(ends)) or 1.0)
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, LINE * len(rows) + top + 44.0, left, right, top, 44.0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(min(ends) - margin, max(ends) + margin)
        axes.grid(axis="y", visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.axvline(0.0, color=INK, linewidth=1.0)
        for place, row in enumerate(rows):
            colour = COLOURS[row.group]
            axes.plot([row.low, row.high], [place, place], color=colour, linewidth=2.2)
            axes.plot([row.value], [place], MARKS[row.group], color=colour, markersize=6.5)
            axes.annotate(
                row.text,
                (1.0, place),
                (6, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                color=INK,
                annotation_clip=False,
            )
        lettering.put_beside(axes, names, INK)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        below_axis(axes, over)
        if groups:
            axes.legend(
                handles=[
                    Line2D([], [], color=COLOURS[place], marker=MARKS[place], label=group)
                    for place, group in enumerate(groups)
                    if any(row.group == place for row in rows)
                ],
                loc="lower left",
                bbox_to_anchor=(-left / (WIDTH - left - right), 1.0),
                ncols=2,
                frameon=False,
                labelcolor=MUTED,
            )
    return made.drawing
