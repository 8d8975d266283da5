"""Drawings of a budget that was optimised: the plan, response curves, and the frontier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.incrementality import Estimate
from sim.pages.charts import lettering
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    Drawing,
    above_axis,
    below_axis,
    sheet,
)
from sim.pages.charts.whiskers import COLOURS, LINE, MARKS
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.questions.budget.search import Measured
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

WIDTH = 420.0  # points, as whiskers
SMALL_WIDTH, SMALL_HEIGHT = 320.0, 190.0  # as response curves elsewhere
HEIGHT = 270.0
DOTS = 60  # along a curve


class Move(NamedTuple):
    """A part of the budget: its name, its amounts today and in the plan, and its purpose."""

    name: str
    today: float
    plan: float
    purpose: Purpose


class Mark(NamedTuple):
    """A plan on the plane of the frontier: its name, its share on keeping, and its gain."""

    name: str
    share: float
    gain: Estimate


def plan_drawing(name: str, title: str, moves: Sequence[Move], currency: str) -> Drawing:
    """Today's amounts (open marks) and the plan's (full ones), a line for each part."""
    most = max(max(move.today, move.plan) for move in moves)
    write, tick = numbers.scale(most), numbers.scale(most, ticks=True)
    figures = ", ".join(f"{m.name} {write(m.today)} → {write(m.plan)}" for m in moves)
    alt = say("{title}: {figures}", title=title, figures=figures)
    beside = lettering.beside([move.name for move in moves], WIDTH)
    left = 14.0 + lettering.margin(beside)
    top, bottom, right = 34.0, 44.0, 24.0
    purposes = list(Purpose)
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, LINE * len(moves) + top + bottom, left, right, top, bottom)
        axes.set_ylim(len(moves) - 0.4, -0.6)
        axes.set_xlim(-0.03 * most, 1.04 * most)
        axes.grid(axis="y", visible=False)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        for place, move in enumerate(moves):
            group = purposes.index(move.purpose)
            colour, mark = COLOURS[group], MARKS[group]
            axes.annotate(
                "",
                (move.plan, place),
                (move.today, place),
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 2.2},
            )
            axes.plot(
                [move.today], [place], mark, markerfacecolor="white", color=colour, markersize=7
            )
            axes.plot([move.plan], [place], mark, color=colour, markersize=7)
        lettering.put_beside(axes, beside, INK)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        below_axis(axes, say("{currency} in the window", currency=currency))
        handles = [
            Line2D([], [], linestyle="", color=MUTED, marker="o", markerfacecolor="white"),
            Line2D([], [], linestyle="", color=MUTED, marker="o"),
        ]
        said = [say("today"), say("the plan")]
        for place, purpose in enumerate(purposes):
            if any(move.purpose == purpose for move in moves):
                handles.append(
                    Line2D([], [], linestyle="", color=COLOURS[place], marker=MARKS[place])
                )
                said.append(names.purpose_name(purpose))
        axes.legend(
            handles,
            said,
            loc="lower left",
            bbox_to_anchor=(-left / (WIDTH - left - right), 1.0),
            ncols=4,
            frameon=False,
            labelcolor=MUTED,
            handletextpad=0.2,
            columnspacing=0.9,
            fontsize=9.5,
        )
    return made.drawing


def curve_drawings(
    scenario: Scenario,
    each: Measured,
    plan: Mapping[str, float],
    today: Mapping[str, float],
    called: Mapping[str, str],
    unit: str,
) -> list[Drawing]:
    """The measured response of each part in a round, a drawing each, all on one scale.

    `plan`, `today`: amounts, which are marked; `called`: what the parts are called; `unit`: of
    the worth.
    """
    shown = [name for name in called if each.points[name]]
    ends = [0.0]
    for name in shown:
        ends += [p.value - 1.96 * p.se for p in each.points[name]]
        ends += [p.value + 1.96 * p.se for p in each.points[name]]
    return [
        _curve(
            scenario,
            each,
            name,
            called[name],
            plan[name],
            today[name],
            (min(ends), max(ends)),
            unit,
        )
        for name in shown
    ]


def _curve(
    scenario: Scenario,
    each: Measured,
    name: str,
    title: str,
    plan: float,
    today: float,
    ends: tuple[float, float],
    unit: str,
) -> Drawing:
    points, curve = each.points[name], each.curves[name]
    most = max([curve.centre, plan, today, *(point.amount for point in points)])
    across, up = numbers.scale(most, ticks=True), numbers.scale(max(map(abs, ends)), ticks=True)
    write = numbers.scale(most)
    alt = say(
        "What {name} brings by what is spent on it: {figures}; today {today}, the plan {plan}",
        name=title,
        figures=", ".join(f"{write(p.amount)}: {up(p.value)}" for p in points),
        today=write(today),
        plan=write(plan),
    )
    amounts = [most * step / DOTS for step in range(DOTS + 1)]
    room = 0.06 * ((ends[1] - ends[0]) or 1.0)
    key = f"response-{name}"
    with sheet(key, title, alt) as made:
        axes = made.axes(SMALL_WIDTH, SMALL_HEIGHT, 66, 20, 24, 42)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.plot(amounts, [curve.value(a) for a in amounts], color=BLUE, linewidth=1.8)
        for point in points:
            spread = 1.96 * point.se
            axes.plot(
                [point.amount] * 2,
                [point.value - spread, point.value + spread],
                color=MUTED,
                linewidth=1.2,
            )
            axes.plot([point.amount], [point.value], "o", color=MUTED, markersize=4)
        axes.plot([today], [curve.value(today)], "o", color=BLUE, markerfacecolor="white", ms=7)
        axes.plot([plan], [curve.value(plan)], "D", color=ORANGE, markeredgecolor=INK, ms=6.5)
        axes.set_xlim(-0.03 * most, 1.03 * most)
        axes.set_ylim(ends[0] - room, ends[1] + room)
        axes.grid(axis="x", visible=False)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", pad=7)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: across(value)))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: up(value)))
        axes.set_xlabel(say("{currency} spent on it", currency=scenario.currency))
        axes.text(-0.24, 1.08, unit, transform=axes.transAxes, color=MUTED)
    return made.drawing


def frontier_drawing(
    name: str, title: str, points: Sequence[Mark], marks: Sequence[Mark], unit: str
) -> Drawing:
    """A gain against the share spent on keeping customers, with its 95 % band.

    `points`: the frontier; `marks`: plans that stand on their own, today's first.
    """
    every = [*points, *marks]
    ends = [end for one in every for end in (one.gain.low, one.gain.high)]
    write = numbers.scale(max(map(abs, ends)))
    tick = numbers.scale(max(map(abs, ends)), ticks=True)
    figures = ", ".join(
        f"{numbers.whole_percent(one.share)}: {write(one.gain.value)}" for one in points
    )
    others = ", ".join(
        f"{one.name} ({numbers.whole_percent(one.share)}) {write(one.gain.value)}" for one in marks
    )
    alt = say(
        "{title} by the share spent on keeping customers: {figures}; {others}",
        title=title,
        figures=figures,
        others=others,
    )
    shares = [100.0 * one.share for one in points]
    room = 0.07 * ((max(ends) - min(ends)) or 1.0)
    left = 66.0
    with sheet(name, title, alt) as made:
        axes = made.axes(SMALL_WIDTH, HEIGHT, left, 18, 82, 44)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.fill_between(
            shares,
            [one.gain.low for one in points],
            [one.gain.high for one in points],
            color=PALE,
            linewidth=0,
        )
        axes.plot(shares, [one.gain.value for one in points], "-o", color=BLUE, ms=4.5)
        handles = [Line2D([], [], color=BLUE, marker="o", ms=4.5)]
        said = [say("best split at each share")]
        for mark, face, colour, one in zip(
            ("s", "D"), ("white", ORANGE), (INK, INK), marks, strict=False
        ):
            axes.plot(
                [100.0 * one.share] * 2, [one.gain.low, one.gain.high], color=colour, linewidth=1.2
            )
            axes.plot(
                [100.0 * one.share],
                [one.gain.value],
                mark,
                color=face,
                markeredgecolor=colour,
                markersize=7.5,
            )
            handles.append(
                Line2D([], [], linestyle="", marker=mark, color=face, markeredgecolor=colour)
            )
            said.append(one.name)
        axes.set_xlim(-3.0, 103.0)
        axes.set_ylim(min(ends) - room, max(ends) + room)
        axes.grid(axis="x", visible=False)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.set_xlabel(say("spent on keeping customers, % of the total"))
        above_axis(axes, unit, left)
        axes.legend(
            handles,
            said,
            loc="lower left",
            bbox_to_anchor=(-left / (SMALL_WIDTH - left - 18), 1.13),
            ncols=1,
            labelspacing=0.25,
            frameon=False,
            labelcolor=MUTED,
            handletextpad=0.4,
            columnspacing=1.0,
            fontsize=9.5,
        )
    return made.drawing
