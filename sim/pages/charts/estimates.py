"""Charts of estimates: a row each, with points, their intervals and what they are held against."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sim.measures.intervals import Estimate
from sim.pages.charts.chart import (
    BESIDE,
    CREDITS,
    SERIES,
    Bars,
    Chart,
    Mark,
    NameAxis,
    NumberAxis,
    Points,
    Role,
    Rule,
    one_panel,
    scale,
)
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.vocabulary import Purpose

ROLES = (Role.ACQUISITION, Role.RETENTION, Role.DELIVERY)  # in the order of `Purpose`
APART = 0.2  # of a row, from its middle to either of two marks
ROOM = 0.04  # of the axis, beyond the marks


class Whisker(NamedTuple):
    """An estimate: its name, its interval, how it is written, and which group it is of."""

    name: str
    value: float
    low: float
    high: float
    text: str
    group: int = 0


def whiskers(
    told: tuple[str, str, str],
    rows: Sequence[Whisker],
    over: str,
    *,
    tick: Callable[[float], str],
    groups: Sequence[str] = (),
) -> Chart:
    """At least one estimate, a row each, with its figure.

    `told`: name, title and alternative text of the chart; `over`: what the axis counts, with its
    unit; `tick`: how to write its numbers; `groups`: names of up to three groups, told in a key.
    """
    marks: list[Mark] = [Rule()]
    for group, role in enumerate(ROLES):
        mine = [(float(place), row) for place, row in enumerate(rows) if row.group == group]
        if mine:
            marks.append(
                Points(
                    [row.value for _, row in mine],
                    [place for place, _ in mine],
                    role,
                    name=groups[group] if groups else "",
                    low=[row.low for _, row in mine],
                    high=[row.high for _, row in mine],
                )
            )
    ends = [end for row in rows for end in (row.low, row.high)]
    rows_axis = NameAxis([row.name for row in rows], figures=[row.text for row in rows])
    axes = scale(over, _around(ends), tick), rows_axis
    return Chart(*told, panels=one_panel(axes, marks, BESIDE * len(rows)))


def _around(ends: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis with room for marks at all of the `ends` and at 0."""
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = ROOM * ((high - low) or 1.0)
    return low - room, high + room


# --- levers ---


class MeasuredValue(NamedTuple):
    """A value with its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None


class TwoMeasured(NamedTuple):
    """A lever with its two values."""

    name: str
    first: MeasuredValue
    second: MeasuredValue


class Swing(NamedTuple):
    """A bar of a tornado: its ends beside the base, and the levels at which they are met."""

    name: str
    least: float
    most: float
    at_least: str
    at_most: str


def two_values(
    told: tuple[str, str, str],
    rows: Sequence[TwoMeasured],
    over: str,
    *,
    tick: numbers.Text,
    key: tuple[str, str],
) -> Chart:
    """A row a lever with two values in it, told in `key`; else as `whiskers`."""
    marks: list[Mark] = [Rule()]
    ends = list[float]()
    for number, (role, text) in enumerate(zip(SERIES, key, strict=False)):
        mine = [row.second if number else row.first for row in rows]
        low, high = ([_or_nan(getattr(one, end)) for one in mine] for end in ("low", "high"))
        has_interval = any(map(math.isfinite, low))
        marks.append(
            Points(
                [one.value for one in mine],
                [place + (APART if number else -APART) for place in range(len(rows))],
                role,
                name=text,
                low=low if has_interval else (),
                high=high if has_interval else (),
            )
        )
        ends += [end for end in (*low, *high, *(one.value for one in mine)) if math.isfinite(end)]
    axes = scale(over, _around(ends), tick), NameAxis([_in_two(row.name) for row in rows])
    return Chart(*told, panels=one_panel(axes, marks, LEVER * len(rows)))


LEVER = 2.5  # lines a lever takes


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _in_two(name: str) -> str:
    """The name of a lever, best broken between its part and its field."""
    part, colon, field = name.partition(": ")
    return f"{part}:\n{field}" if colon else name


def tornado(
    told: tuple[str, str, str], rows: Sequence[Swing], over: str, *, tick: numbers.Text
) -> Chart:
    """A bar a lever, the widest on top, with the levels at its ends; else as `whiskers`."""
    at = [float(place) for place in range(len(rows))]

    def bars(role: Role, ends: Sequence[float], levels: Sequence[str]) -> Bars:
        texts = ["" if end == 0.0 else text for end, text in zip(ends, levels, strict=True)]
        return Bars(at, ends, role, texts=texts, wide=0.5)

    marks = (
        bars(Role.SERIES_2, [row.least for row in rows], [row.at_least for row in rows]),
        bars(Role.SERIES_1, [row.most for row in rows], [row.at_most for row in rows]),
        Rule(),
    )
    ends = _around([end for row in rows for end in (row.least, row.most)])
    axes = scale(over, ends, tick), NameAxis([_in_two(row.name) for row in rows])
    return Chart(*told, panels=one_panel(axes, marks, LEVER * len(rows)))


# --- plans ---


class Move(NamedTuple):
    """A part of the budget: its name, its amounts today and in the plan, and its purpose."""

    name: str
    today: float
    plan: float
    purpose: Purpose


def plan_chart(name: str, title: str, moves: Sequence[Move], *, currency: str) -> Chart:
    """Today's amounts (hollow points) and the plan's (full ones), a row for each part."""
    most = max(max(move.today, move.plan) for move in moves)
    write, tick = (numbers.scale(most, ticks) for ticks in (False, True))
    figures = ", ".join(f"{m.name} {write(m.today)} → {write(m.plan)}" for m in moves)
    alt = say("{title}: {figures}", title=title, figures=figures)
    marks: list[Mark] = [
        Points((), (), Role.MEASURED, name=say("today"), hollow=True),
        Points((), (), Role.MEASURED, name=say("the plan")),
    ]
    for purpose, role in zip(Purpose, ROLES, strict=True):
        mine = [(float(place), move) for place, move in enumerate(moves) if move.purpose == purpose]
        if not mine:
            continue
        at = [place for place, _ in mine]
        today, plan = [move.today for _, move in mine], [move.plan for _, move in mine]
        marks.append(Points(today, at, role, low=today, high=plan, hollow=True))
        marks.append(Points(plan, at, role, name=names.purpose_name(purpose)))
    across = scale(
        say("{currency} in the window", currency=currency), (-0.03 * most, 1.04 * most or 1.0), tick
    )
    axes = across, NameAxis([move.name for move in moves])
    return Chart(name, title, alt, panels=one_panel(axes, marks, BESIDE * len(moves)))


# --- credit ---


def credit_chart(
    told: tuple[str, str, str],
    rows: Sequence[tuple[str, Estimate]],
    credited: Mapping[str, Sequence[float]],
) -> Chart:
    """True shares with their intervals, and a hollow point for what each model credits.

    `rows`: what touchpoints are called, and their true shares; `credited`: shares by the name of
    a model, in the same order.
    """
    at = [float(place) for place in range(len(rows))]
    shares = [share for _, share in rows]
    marks: list[Mark] = [
        Rule(),
        Points(
            [share.value for share in shares],
            at,
            Role.TRUTH,
            name=say("Incremental, with 95% CI"),
            low=[share.low for share in shares],
            high=[share.high for share in shares],
        ),
    ]
    marks += [
        Points(values, at, role, name=model)
        for role, (model, values) in zip(CREDITS, credited.items(), strict=False)
    ]
    ends = [end for share in shares for end in (share.low, share.high)]
    ends += [value for values in credited.values() for value in values]
    across = scale(
        say("share among touchpoints, of purchases"), _around(ends), numbers.whole_percent
    )
    axes: tuple[NumberAxis, NameAxis] = across, NameAxis([name for name, _ in rows])
    return Chart(*told, panels=one_panel(axes, marks, BESIDE * len(rows)))
