"""The drawing of money over time: margin against spend, profit by month and so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.figure import Figure, Undefined
from sim.measures.profit import ProfitRow, first_lasting
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    Drawing,
    sheet,
)
from sim.pages.charts.money_drawings import COLOURS, SMALL, WIDTH
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

PROFIT_HEIGHT = 418.0  # points
DRAWN_MONTHS = 36  # with more, bars would be too thin to see


def profit_drawing(scenario: Scenario, rows: Sequence[ProfitRow]) -> Drawing | None:
    """Margin and spend by month, profit by month and so far; None if no money moved."""
    if not any(row.margin or row.spend for row in rows):
        return None
    currency = scenario.currency
    even = first_lasting([row.cumulative_profit for row in rows])
    last = rows[-1]
    alt = say(
        "Money by month: margin {margin} in the first month and {margin_end} in the last, profit"
        " {profit} and {profit_end}; cumulative profit {total} at the end.",
        margin=numbers.money(rows[0].margin, currency),
        margin_end=numbers.money(last.margin, currency),
        profit=numbers.money(rows[0].profit, currency),
        profit_end=numbers.money(last.profit, currency),
        total=numbers.money(last.cumulative_profit, currency),
    )
    if not isinstance(even, Undefined):
        month = numbers.short(even)
        alt += " " + say("Break-even month: {month}.", month=month)
    left, right = 64.0, 14.0
    panels = ((222.0, 132.0), (130.0, 62.0), (40.0, 60.0))  # points from below, height
    with sheet("profit", say("Margin, spend and profit"), alt) as made:
        upper = made.axes(
            WIDTH, PROFIT_HEIGHT, left, right, PROFIT_HEIGHT - sum(panels[0]), panels[0][0]
        )
        middle, lower = (
            made.figure.add_axes(
                (
                    left / WIDTH,
                    low / PROFIT_HEIGHT,
                    (WIDTH - left - right) / WIDTH,
                    height / PROFIT_HEIGHT,
                ),
                sharex=upper,
            )
            for low, height in panels[1:]
        )
        _by_month(upper, rows)
        _unit(upper, say("{currency} a month", currency=currency))
        _profit_by_month(middle, rows)
        _unit(middle, say("profit, {currency} a month", currency=currency))
        _cumulative(lower, rows, even)
        _unit(lower, say("profit since the start, {currency}", currency=currency))
    return made.drawing


def _by_month(axes: Axes, rows: Sequence[ProfitRow]) -> None:
    month = np.array([row.month + 1 for row in rows])
    wins = np.array([row.spend_acquisition for row in rows])
    keeps = np.array([row.spend_retention for row in rows])
    if len(rows) <= DRAWN_MONTHS:
        axes.bar(month, wins, width=0.72, color=BLUE)
        axes.bar(month, keeps, width=0.72, bottom=wins, color=ORANGE)
    else:
        axes.stackplot(month, wins, keeps, colors=[BLUE, ORANGE], linewidth=0)
    margin = [row.margin for row in rows]
    axes.plot(month, margin, "-o", color=INK, linewidth=1.6, markersize=3.2)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.tick_params(axis="x", labelbottom=False)
    _money_scale(axes, min(*margin, 0.0), max(*margin, *(wins + keeps)), 5)
    axes.legend(
        handles=[
            Line2D([], [], color=INK, marker="o", markersize=3.2, label=say("margin")),
            *(
                Patch(color=COLOURS[p], label=say("spend {purpose}", purpose=names.purpose_name(p)))
                for p, spent in ((Purpose.ACQUISITION, wins), (Purpose.RETENTION, keeps))
                if spent.any()
            ),
        ],
        loc="lower left",
        bbox_to_anchor=(-50.0 / 250.0, 1.0 + 22.0 / 132.0),
        frameon=False,
        fontsize=SMALL,
        handlelength=1.4,
        borderaxespad=0.0,
        borderpad=0.0,
        labelspacing=0.3,
    )


def _profit_by_month(axes: Axes, rows: Sequence[ProfitRow]) -> None:
    month, profit = [row.month + 1 for row in rows], [row.profit for row in rows]
    colours = [SKY if value >= 0.0 else VERMILION for value in profit]
    axes.bar(month, profit, width=0.72, color=colours)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.tick_params(axis="x", labelbottom=False)
    axes.spines["bottom"].set_visible(False)
    _money_scale(axes, min(*profit, 0.0), max(*profit, 0.0), 3)


def _cumulative(axes: Axes, rows: Sequence[ProfitRow], even: Figure) -> None:
    month = [0, *(row.month + 1 for row in rows)]
    so_far = [0.0, *(row.cumulative_profit for row in rows)]
    axes.fill_between(month, so_far, color=PALE, linewidth=0)
    axes.plot(month, so_far, color=INK, linewidth=1.6)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(0.3, month[-1] + 0.7)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 1.2, 2, 3, 6, 10], integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.short(value)))
    axes.set_xlabel(say("month of the run"))
    _money_scale(axes, min(so_far), max(so_far), 3)
    if isinstance(even, Undefined) or even <= 1.0:
        return
    axes.plot([even], [so_far[int(even)]], "o", color=INK, markersize=5.0)
    axes.annotate(
        say("break-even: month {month}", month=numbers.short(even)),
        (even, so_far[int(even)]),
        (0.03, 0.80),
        textcoords="axes fraction",
        color=INK,
        fontsize=SMALL,
        arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.8, "shrinkB": 3.0},
    )


def _money_scale(axes: Axes, low: float, high: float, ticks: int) -> None:
    """The vertical axis of amounts from low to high, zero among them."""
    room = 0.06 * ((high - low) or 1.0)
    axes.set_ylim(low - room if low < 0.0 else 0.0, high + room)
    write = numbers.scale(max(-low, high), ticks=True)
    axes.grid(axis="x", visible=False)
    axes.spines["left"].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(ticks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))


def _unit(axes: Axes, text: str) -> None:
    """What the vertical axis counts, above it."""
    axes.annotate(
        text,
        (0.0, 1.0),
        (-50, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        color=MUTED,
        fontsize=SMALL,
        annotation_clip=False,
    )
