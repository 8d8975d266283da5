"""A chart as data: what is to be seen, not how it is drawn.

A chart has panels, one below the other; a panel has two axes and marks. Data are plain numbers;
whatever is read as text (names, figures, numbers at the ticks) is written in the chart, in the
language that was spoken when it was made. Colours are roles: `sim.pages.charts.render` gives
each its pen. `as_data` turns a chart into what JSON can hold, for who draws it elsewhere.

Of the two axes at least one has numbers. Where the other has names, marks stand at 0, 1, ... on
it, the first name on top; bars and intervals lie along the axis of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from enum import StrEnum
from typing import Any, TypeAlias

Numbers: TypeAlias = Sequence[float]

LINE = 12.0  # points: heights are told in lines
BESIDE = 2.0  # lines of a name beside bars or marks, and of the gap to the next
MONTHS = (1.0, 1.2, 2.0, 3.0, 6.0, 10.0)  # steps of ticks that suit months: 1, 3, 6, 12, 36
PLAIN = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)


class Role(StrEnum):
    """What a mark stands for; its pen is the renderer's."""

    MAIN = "main"  # the one thing that a chart is about
    SPREAD = "spread"  # how sure it is
    ACQUISITION = "acquisition"  # money to win customers
    RETENTION = "retention"  # money to keep them
    DELIVERY = "delivery"  # money to serve them
    TOTAL = "total"  # the sum that others are held against
    GAIN = "gain"
    LOSS = "loss"
    REST = "rest"  # what follows a gain, later
    BASELINE = "baseline"  # a mean behind single values
    MEASURED = "measured"  # observations below a curve
    TODAY = "today"
    PLAN = "plan"
    TRUTH = "truth"
    CREDIT_1 = "credit-1"  # rules of attribution
    CREDIT_2 = "credit-2"
    CREDIT_3 = "credit-3"
    CREDIT_4 = "credit-4"
    SERIES_1 = "series-1"  # results side by side, and levels of a lever
    SERIES_2 = "series-2"
    SERIES_3 = "series-3"
    SERIES_4 = "series-4"
    SERIES_5 = "series-5"
    SERIES_6 = "series-6"


CREDITS = (Role.CREDIT_1, Role.CREDIT_2, Role.CREDIT_3, Role.CREDIT_4)
SERIES = (
    Role.SERIES_1,
    Role.SERIES_2,
    Role.SERIES_3,
    Role.SERIES_4,
    Role.SERIES_5,
    Role.SERIES_6,
)


class Size(StrEnum):
    """How wide a chart is: narrow ones stand beside others."""

    NARROW = "narrow"
    WIDE = "wide"


class Side(StrEnum):
    """Where a label stands from its point; CORNER: in the panel's upper left, with a line to it."""

    RIGHT = "right"
    ABOVE = "above"
    BELOW = "below"
    CORNER = "corner"


# --- axes ---


@dataclass(frozen=True)
class Tick:
    """A number on an axis, as it is written."""

    at: float
    text: str


@dataclass(frozen=True)
class NumberAxis:
    """An axis of numbers from `low` to `high`; `label`: what it counts, with its unit.

    Without `ticks` the figures stand at the marks, and the label stands above them.
    """

    label: str
    low: float
    high: float
    _: KW_ONLY
    ticks: Sequence[Tick] = ()


@dataclass(frozen=True)
class Group:
    """So many names in a row that belong together."""

    text: str
    count: int


@dataclass(frozen=True)
class NameAxis:
    """An axis of names, at 0, 1, ... or at `places`.

    `figures`: written at the other end of each row. `letters`: short texts between a name and its
    marks, with their places. `groups`: headings over names in a row. `is_above`: names stand above
    their marks rather than beside them. `low`, `high`: the ends of the axis, by default half a
    place beyond the first and the last name. A line break in a name is where it is best broken.
    """

    names: Sequence[str]
    label: str = ""
    _: KW_ONLY
    places: Numbers = ()
    figures: Sequence[str] = ()
    letters: Sequence[Tick] = ()
    groups: Sequence[Group] = ()
    is_above: bool = False
    low: float | None = None
    high: float | None = None

    def at(self) -> Numbers:
        """The place of each name."""
        return self.places or [float(place) for place in range(len(self.names))]

    def ends(self) -> tuple[float, float]:
        """From the first end of the axis to the last."""
        places = self.at() or [0.0]
        low = min(places) - 0.5 if self.low is None else self.low
        return low, max(places) + 0.5 if self.high is None else self.high


Axis: TypeAlias = NumberAxis | NameAxis

# --- marks; `name`: what the key calls a mark, if it is in the key ---


@dataclass(frozen=True)
class Line:
    """A line through points, with a dot at each if `dots`."""

    x: Numbers
    y: Numbers
    role: Role = Role.MAIN
    _: KW_ONLY
    name: str = ""
    dots: bool = False


@dataclass(frozen=True)
class Band:
    """What lies between two lines."""

    x: Numbers
    low: Numbers
    high: Numbers
    _: KW_ONLY
    role: Role = Role.SPREAD
    name: str = ""


@dataclass(frozen=True)
class Bars:
    """Bars from `start` (0, unless given) to `end` at places of the other axis.

    `texts`: the figure at the end of each; `low`, `high`: the intervals around the ends, NaN where
    there is none; `wide`: of the room from one place to the next; `hatched`: money that came in,
    beside money spent.
    """

    at: Numbers
    end: Numbers
    role: Role = Role.MAIN
    _: KW_ONLY
    name: str = ""
    start: Numbers = ()
    texts: Sequence[str] = ()
    low: Numbers = ()
    high: Numbers = ()
    wide: float = 0.62
    hatched: bool = False


@dataclass(frozen=True)
class Points:
    """Points, with their intervals along the axis of numbers (`low`, `high`; NaN: none).

    Without any point it is an entry of the key alone. `hollow`: what lies below is seen.
    """

    x: Numbers
    y: Numbers
    role: Role = Role.MAIN
    _: KW_ONLY
    name: str = ""
    low: Numbers = ()
    high: Numbers = ()
    hollow: bool = False


@dataclass(frozen=True)
class HeatCells:
    """A heat map: a value for each pair of names, the darker the more; NaN: there is none.

    `values[row][column]` and its `texts`, which are empty where cells have no room for them.
    """

    values: Sequence[Numbers]
    texts: Sequence[Sequence[str]] = ()
    name: str = ""


@dataclass(frozen=True)
class Rule:
    """A line across the panel at a number; usually the zero."""

    at: float = 0.0


@dataclass(frozen=True)
class TextMark:
    """A text at a point."""

    x: float
    y: float
    text: str
    _: KW_ONLY
    side: Side = Side.RIGHT


Mark: TypeAlias = Line | Band | Bars | Points | HeatCells | Rule | TextMark

# --- charts ---


@dataclass(frozen=True)
class Panel:
    """Two axes and the marks on them, those behind first; `lines`: how high, in lines of text.

    `key`: what the entries of the key are, before them.
    """

    x: Axis
    y: Axis
    marks: Sequence[Mark]
    _: KW_ONLY
    lines: float
    key: str = ""

    @property
    def is_horizontal(self) -> bool:
        """Whether bars and intervals are horizontal: things are listed downwards."""
        return isinstance(self.y, NameAxis)


@dataclass(frozen=True)
class Chart:
    """A chart: `name` is unique on its page, `alt` says in words what it shows.

    Panels with the same horizontal axis share it.
    """

    name: str
    title: str
    alt: str
    _: KW_ONLY
    panels: Sequence[Panel]
    size: Size = Size.WIDE


def one_panel(
    axes: tuple[Axis, Axis], marks: Sequence[Mark], lines: float, *, key: str = ""
) -> Sequence[Panel]:
    """The only panel of a chart, with its horizontal and its vertical axis."""
    return (Panel(*axes, tuple(marks), lines=lines, key=key),)


def as_data(chart: Chart) -> dict[str, Any]:
    """The chart as JSON can hold it: dictionaries, lists, texts, numbers; None for NaN.

    Every mark has its `kind` ("line", "bars", ...), every axis too ("scale", "names").
    """
    found = _data(chart)
    assert isinstance(found, dict)
    return found


KINDS: dict[type, str] = {
    NumberAxis: "scale",
    NameAxis: "names",
    Line: "line",
    Band: "band",
    Bars: "bars",
    Points: "points",
    HeatCells: "cells",
    Rule: "rule",
    TextMark: "label",
}


def _data(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "__dataclass_fields__"):
        kind = {"kind": KINDS[type(value)]} if type(value) in KINDS else {}
        return kind | {one.name: _data(getattr(value, one.name)) for one in fields(value)}
    return [_data(one) for one in value]


# --- axes from data ---


def scale(
    label: str,
    ends: tuple[float, float],
    write: Callable[[float], str],
    *,
    most: int = 4,
    steps: Sequence[float] = PLAIN,
    whole: bool = False,
) -> NumberAxis:
    """An axis from end to end with at most `most` + 1 ticks at round numbers.

    `write`: how to write a number; `steps`: mantissas of the distances between ticks, from 1 to
    10; `whole`: ticks are whole numbers.
    """
    low, high = ends
    return NumberAxis(
        label,
        low,
        high,
        ticks=[
            Tick(at, write(at)) for at in round_numbers(low, high, most, steps=steps, whole=whole)
        ],
    )


def round_numbers(
    low: float, high: float, most: int, *, steps: Sequence[float] = PLAIN, whole: bool = False
) -> list[float]:
    """All multiples of a round step from low to high: of the least step of which `most` + 1 fit."""
    if not high > low:
        return [low]
    size = math.floor(math.log10((high - low) / (most + 1)))
    for power in range(size, max(size + 2, 0) + 2):
        for step in (each * 10.0**power for each in steps):
            if whole and abs(step - round(step)) > 1e-9:
                continue
            slack = 1e-9 * (high - low) / step
            first, last = math.ceil(low / step - slack), math.floor(high / step + slack)
            if last - first <= most:
                return [float(f"{place * step:.12g}") for place in range(first, last + 1)]
    raise AssertionError("a step of ten times the range always fits")


def around(values: Iterable[float], room: float = 0.06) -> tuple[float, float]:
    """Ends of an axis on which the values and 0 stand, with a share of it as room beyond them.

    There is no room below or above 0 itself.
    """
    known = [0.0, *(value for value in values if math.isfinite(value))]
    low, high = min(known), max(known)
    beyond = room * ((high - low) or 1.0)
    return low - (beyond if low < 0.0 else 0.0), high + (
        beyond if high > 0.0 or low == 0.0 else 0.0
    )
