"""The drawings of money in bars: winning against keeping, by segment, by touchpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.economics import margin_for, spend_for
from sim.measures.figure import Undefined
from sim.measures.segments_money import SegmentMoney
from sim.measures.value import HORIZON_MONTHS
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    SKY,
    Drawing,
    below_axis,
    sheet,
)
from sim.pages.charts.figures import bar_axes, label_bar
from sim.pages.charts.lettering import shortened
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose, Shape

WIDTH = 320.0  # points, as the other drawings that stand side by side
COLOURS = {Purpose.ACQUISITION: BLUE, Purpose.RETENTION: ORANGE}
SEGMENT = 74.0  # points that a segment's two bars take
SMALL = 10.0  # points, of the letters beside bars


def win_and_keep_drawing(records: Records, economics: Mapping[str, Any]) -> Drawing | None:
    """Spend and margin by purpose, and what a customer costs; None if nothing was spent.

    `economics`: those of the summary, for the cost of a customer.
    """
    currency = records.scenario.currency
    spend = {purpose: spend_for(records, purpose) for purpose in Purpose}
    if not any(spend.values()):
        return None
    totals = [
        (say("Spent to win customers"), spend[Purpose.ACQUISITION], BLUE, ""),
        (say("Margin of first purchases"), margin_for(records, Purpose.ACQUISITION), BLUE, "///"),
        (say("Spent to keep customers"), spend[Purpose.RETENTION], ORANGE, ""),
        (say("All other margin"), margin_for(records, Purpose.RETENTION), ORANGE, "///"),
    ]
    costs = [
        (say("To win a new customer"), economics["cac"], BLUE, ""),
        (say("To keep one for a year"), economics["keeping_cost_per_year"], ORANGE, ""),
    ]
    each = [(label, value, colour, hatch) for label, value, colour, hatch in costs if value]
    figures = ", ".join(
        f"{label} {numbers.money(value, currency)}" for label, value, _, _ in totals + each
    )
    title = say("Winning against keeping")
    with sheet("win-and-keep", title, figures) as made:
        height = 268.0 + 36 * len(each)
        upper = made.axes(WIDTH, height, 14, 66, 30, height - 30 - 4 * 36)
        _labelled(upper, totals)
        _heading(upper, say("{currency} in the run", currency=currency))
        if each:
            lower = made.figure.add_axes(
                (14 / WIDTH, 40 / height, 240 / WIDTH, 36 * len(each) / height)
            )
            _labelled(lower, each)
            _heading(lower, say("{currency} for each customer", currency=currency))
    return made.drawing


def _labelled(axes: Axes, bars: Sequence[tuple[str, float, str, str]]) -> None:
    """Horizontal bars with their names above them and their figures at their ends."""
    values = [value for _, value, _, _ in bars]
    write = numbers.scale(max(map(abs, values)))
    for place, (label, value, colour, hatch) in enumerate(bars):
        axes.barh(
            place,
            value,
            height=0.42,
            color="white" if hatch else colour,
            edgecolor=colour,
            hatch=hatch or None,
            linewidth=1.0,
        )
        axes.annotate(
            label,
            (0.0, place - 0.24),
            (0, 2),
            textcoords="offset points",
            color=INK,
            fontsize=SMALL,
            annotation_clip=False,
        )
        label_bar(axes, max(0.0, value), place, write(value))
    axes.set_ylim(len(bars) - 0.7, -0.7)
    axes.set_xlim(min(0.0, *values), max(*values, 0.0) or 1.0)
    axes.set_axis_off()


def _heading(axes: Axes, text: str) -> None:
    """What the bars below count."""
    axes.annotate(
        text,
        (0.0, 1.0),
        (0, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        color=MUTED,
        fontsize=SMALL,
        annotation_clip=False,
    )


def segments_drawing(scenario: Scenario, rows: Sequence[SegmentMoney]) -> Drawing | None:
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
    legend = [
        Patch(color=BLUE, label=say("cost of winning one")),
        Patch(color=SKY, label=say("value: first order")),
    ]
    if scenario.journey.shape == Shape.LOOP:
        rest = say("value: the rest of {months} months", months=HORIZON_MONTHS)
        legend.append(Patch(facecolor=PALE, edgecolor=SKY, label=rest))
    alt = ", ".join(
        f"{names.segment_name(scenario, row.segment)}: "
        + ", ".join(
            f"{word} {numbers.money(figure, currency)}"
            for word, figure in (
                (say("cost of a new customer"), row.cac),
                (say("value in {months} months", months=HORIZON_MONTHS), row.clv_projected),
            )
            if not isinstance(figure, Undefined)
        )
        for row in shown
    )
    with sheet("segments", say("Cost against value, by segment"), alt) as made:
        top, bottom = 56.0, 44.0
        height = top + SEGMENT * len(shown) + bottom
        axes = made.axes(WIDTH, height, 14, 60, top, bottom)
        most = max(_segment_bars(axes, scenario, row, place) for place, row in enumerate(shown))
        write = numbers.scale(most, ticks=True)
        axes.set_ylim(len(shown) - 0.42, -0.62)
        axes.set_xlim(right=most or 1.0)
        axes.set_yticks([])
        axes.grid(axis="y", visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
        axes.set_xlabel(say("{currency} for each new customer", currency=currency))
        axes.legend(
            handles=legend,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0 + 6.0 / (SEGMENT * len(shown))),
            frameon=False,
            fontsize=SMALL,
            handlelength=1.2,
            borderaxespad=0.0,
            borderpad=0.0,
            labelspacing=0.3,
        )
    return made.drawing


def _segment_bars(axes: Axes, scenario: Scenario, row: SegmentMoney, place: int) -> float:
    """The bars of one segment; returns how far they reach."""
    axes.annotate(
        shortened(names.segment_name(scenario, row.segment), WIDTH - 2 * 14),
        (0.0, place - 0.34),
        (0, 3),
        textcoords="offset points",
        color=INK,
        annotation_clip=False,
    )
    reach = 0.0
    if not isinstance(row.cac, Undefined):
        axes.barh(place - 0.16, row.cac, height=0.27, color=BLUE)
        label_bar(axes, row.cac, place - 0.16, numbers.count(row.cac))
        reach = row.cac
    if not isinstance(row.clv_projected, Undefined):
        value, first = row.clv_projected, row.first_order_margin
        now = value if isinstance(first, Undefined) or not 0.0 <= first <= value else first
        axes.barh(place + 0.16, now, height=0.27, color=SKY)
        axes.barh(
            place + 0.16,
            value - now,
            left=now,
            height=0.27,
            color=PALE,
            edgecolor=SKY,
            linewidth=0.8,
        )
        label_bar(axes, max(0.0, value), place + 0.16, numbers.count(value))
        reach = max(reach, value)
    return reach


def money_by_touchpoint(records: Records) -> Drawing | None:
    """Spend of each touchpoint that cost anything, by purpose; None if none did."""
    spend = records.spend.sum(axis=0)
    touchpoints = list(records.scenario.touchpoints.items())
    order = [int(j) for j in np.argsort(-spend, kind="stable") if spend[j] > 0.0]
    if not order:
        return None
    currency = records.scenario.currency
    called = [names.touchpoint_name(records.scenario, touchpoints[j][0]) for j in order]
    purposes = [touchpoints[j][1].purpose for j in order]
    text, tick = (numbers.scale(float(spend.max()), ticks) for ticks in (False, True))
    figures = ", ".join(
        f"{name} {numbers.money(float(spend[j]), currency)} {names.purpose_name(purpose)}"
        for name, j, purpose in zip(called, order, purposes, strict=True)
    )
    alt = say("Spend by touchpoint: {figures}", figures=figures)
    with sheet("touchpoint-money", say("Spend by touchpoint"), alt) as made:
        axes = bar_axes(made, called, 82, 34)
        axes.barh(
            range(len(order)), spend[order], height=0.62, color=[COLOURS[p] for p in purposes]
        )
        for place, j in enumerate(order):
            label_bar(axes, float(spend[j]), place, text(float(spend[j])))
        axes.set_xlim(0, float(spend.max()))
        axes.xaxis.set_major_locator(MaxNLocator(3))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        below_axis(axes, say("{currency} spent in the run", currency=currency))
        axes.legend(
            handles=[
                Patch(color=COLOURS[purpose], label=names.purpose_name(purpose))
                for purpose in Purpose
                if purpose in purposes
            ],
            loc="upper left",
            bbox_to_anchor=(0.0, 1.0),
            bbox_transform=made.figure.transFigure,
            ncols=2,
            frameon=False,
            handlelength=1.0,
            handleheight=1.0,
        )
    return made.drawing
