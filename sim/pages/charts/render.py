"""The one renderer of charts: from data to a figure, and to what a page shows.

It knows pens and room, and nothing of markets: how the role of a mark looks stands here, its
colour, mark, dash and shade. Every text is measured with the letters that it is drawn in; plots
get what the texts around them leave. The same chart gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke
from matplotlib.transforms import Affine2D, Transform

from sim.pages.charts import drawing
from sim.pages.charts.chart import (
    LINE,
    Axis,
    Band,
    Bars,
    Chart,
    HeatCells,
    Line,
    Mark,
    NameAxis,
    NumberAxis,
    Panel,
    Points,
    Role,
    Rule,
    Side,
    Size,
    TextMark,
    Tick,
)
from sim.pages.charts.drawing import (
    BLUE,
    EDGE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    POINTS_PER_INCH,
    RULE,
    SIZE,
    SKY,
    VERMILION,
    YELLOW,
    Drawing,
    Name,
    Sheet,
    below_axis,
    sheet,
)

# --- how the roles of marks look ---

DARK = "#003B5C"
SHADES = LinearSegmentedColormap.from_list("pale to dark", [PALE, BLUE, DARK])
FIRST_DARK = 0.4  # of the way from pale to dark, from which letters are white
MOST_DOT = 4.0  # points of a dot on a line


class Pen(NamedTuple):
    """How a role is drawn: told apart by colour, by mark and by dash, so that grey does no harm.

    `edge`: around areas and marks; `face`: of marks, where it is not the colour.
    """

    colour: str
    mark: str = "o"
    dash: tuple[float, tuple[float, ...]] | str = "-"
    edge: str = ""
    face: str = ""
    size: float = 6.5


PENS = {
    Role.MAIN: Pen(BLUE),
    Role.SPREAD: Pen(PALE),
    Role.ACQUISITION: Pen(BLUE),
    Role.RETENTION: Pen(ORANGE, "s"),
    Role.DELIVERY: Pen(MUTED, "^"),
    Role.TOTAL: Pen(INK, size=3.5),
    Role.GAIN: Pen(SKY),
    Role.LOSS: Pen(VERMILION),
    Role.REST: Pen(PALE, edge=SKY),
    Role.BASELINE: Pen(RULE),
    Role.MEASURED: Pen(MUTED, size=4.5),
    Role.TODAY: Pen(INK, "s", face="white", size=9.5),
    Role.PLAN: Pen(ORANGE, "D", edge=INK, size=8.5),
    Role.TRUTH: Pen(INK, size=7.5),
    Role.CREDIT_1: Pen(VERMILION, "s", face="none"),
    Role.CREDIT_2: Pen(BLUE, "^", face="none"),
    Role.CREDIT_3: Pen(ORANGE, "D", face="none"),
    Role.CREDIT_4: Pen(MUTED, "x", face="none"),
    Role.SERIES_1: Pen(BLUE),
    Role.SERIES_2: Pen(ORANGE, "s", (0, (5, 1.5))),
    Role.SERIES_3: Pen(INK, "^", (0, (1, 1))),
    Role.SERIES_4: Pen(SKY, "D", (0, (6, 2, 1, 2))),
    Role.SERIES_5: Pen(VERMILION, "v", (0, (3, 1))),
    Role.SERIES_6: Pen(YELLOW, "X", edge=INK),
}


OUTLINES = {  # the marks of several results again, as SVG paths in a square of 12
    "o": "M6 1 A5 5 0 0 1 6 11 A5 5 0 0 1 6 1 Z",
    "s": "M1.5 1.5 H10.5 V10.5 H1.5 Z",
    "^": "M6 1 L11 10.5 H1 Z",
    "D": "M6 .5 L11.5 6 L6 11.5 L.5 6 Z",
    "v": "M6 11 L11 1.5 H1 Z",
    "X": "M3.5 1 L6 3.5 L8.5 1 L11 3.5 L8.5 6 L11 8.5"
    " L8.5 11 L6 8.5 L3.5 11 L1 8.5 L3.5 6 L1 3.5 Z",
}


def colour_of(role: Role) -> str:
    """The colour of a role, as `#rrggbb`."""
    return PENS[role].colour


def outline_of(role: Role) -> str:
    """The mark of a role, as an SVG path in a square of 12."""
    return OUTLINES[PENS[role].mark]


def stroke(pen: Pen, wide: float = 1.8) -> dict[str, Any]:
    """A line, as matplotlib takes it."""
    outlined = [Stroke(linewidth=wide + 1.4, foreground=pen.edge), Normal()] if pen.edge else []
    return {
        "color": pen.colour,
        "linewidth": wide,
        "linestyle": pen.dash,
        "path_effects": outlined,
    }


def point(pen: Pen, hollow: bool = False) -> dict[str, Any]:
    """A point, as matplotlib takes it."""
    face = pen.face or ("white" if hollow else pen.colour)
    return {
        "linestyle": "",
        "marker": pen.mark,
        "markersize": pen.size,
        "markerfacecolor": face,
        "markeredgecolor": pen.edge or pen.colour,
        "markeredgewidth": 1.6 if face == "none" else 1.0,
    }


def dot(pen: Pen) -> float:
    """The size of a dot on a line."""
    return min(pen.size, MOST_DOT)


def area(pen: Pen, hatched: bool = False) -> dict[str, Any]:
    """A bar or a band, as matplotlib takes it."""
    if hatched:
        return {"facecolor": "white", "edgecolor": pen.colour, "hatch": "///", "linewidth": 1.0}
    return {
        "facecolor": pen.colour,
        "edgecolor": pen.edge or "none",
        "linewidth": 0.8 if pen.edge else 0.0,
    }


# --- charts ---

WIDTHS = {Size.NARROW: 320.0, Size.WIDE: 420.0}  # points: letters stay readable on a phone
KEY_SIZE, KEY_LINE = 10.0, 17.0  # points of letters of a key, and from line to line
SAMPLE, AFTER_ITEM = 18.0, 14.0  # points: a sample of a mark, and between two entries of a key
FIGURE_SIZE, CELL_SIZE = 10.0, 9.0  # points of letters of figures at marks, and in cells
ROW = 17.0  # points of a line of text above a plot
TICKS_BELOW, LABEL_BELOW = 24.0, 18.0  # points below a plot
TWO_LINES = 27.0  # points of a name on two lines, and of the gap to the next
BELOW_ROWS = 12.0  # points below a plot without numbers
BETWEEN = 20.0  # points from a plot to what stands above the next one
NAME_GAP, LETTER_GAP = 14.0, 6.0  # points between names, or letters, and a plot
TICK_GAP = 7.0  # points between numbers and a plot
LEAST_BETWEEN = 6.0  # points between numbers of an axis
TICK_HIGH = 13.0  # points of a number's height
AWAY = 5.0  # points between a mark and its figure
LABEL_AWAY, LABEL_HIGH = 8.0, 12.5  # points from a point to its label, and a label's height
ON_PLANE = 0.75  # of the size of points in rows, those between two axes of numbers
TILT = 35.0  # degrees, of names that have no room beside each other
TILTED = 0.36  # of the width that a tilted name may take
TO_THE_LEFT: dict[str, Any] = {"ha": "right", "va": "center"}
TO_THE_RIGHT: dict[str, Any] = {"ha": "left", "va": "center"}
BREADTH = 1.04  # by which letters may be wider where they are shown than where they are measured


def drawn(chart: Chart) -> Drawing:
    """The chart as a page shows it. If it cannot be drawn, that is told in its place."""
    with sheet(chart.name, chart.title, chart.alt) as made:
        _Picture(chart, made)
    return made.drawing._replace(chart=chart)


def figure_of(chart: Chart) -> Figure:
    """The chart as a figure; to be called inside `sim.pages.charts.drawing.style()`."""
    made = Sheet(chart.name, chart.title, chart.alt)
    _Picture(chart, made)
    return made.figure


# --- room ---


def _wide(text: str, size: float = SIZE, bold: bool = False) -> float:
    return drawing.wide(text, size, bold) * BREADTH


def _widest(texts: Iterable[str], size: float = SIZE) -> float:
    return max((_wide(text, size) for text in texts), default=0.0)


Point = tuple[float, float]


class _Reach(NamedTuple):
    """A text at a number of the horizontal axis, so many points to the left and to the right.

    `is_below`: below the plot, so that it may stand under what is beside it.
    """

    at: float
    left: float
    right: float
    is_below: bool = False


class _Ends(NamedTuple):
    """The points of a plot's left and right end, and the numbers there."""

    left: float
    right: float
    low: float
    high: float

    def at(self, number: float) -> float:
        share = (number - self.low) / ((self.high - self.low) or 1.0)
        return self.left + share * (self.right - self.left)


class _Entry(NamedTuple):
    """An entry of the key, so many points from the left, in a line of it.

    `share`: of the size of points, as its panel draws them.
    """

    mark: Mark | None
    text: str
    left: float
    line: int
    share: float


def _ends_of(axis: Axis) -> tuple[float, float]:
    return axis.ends() if isinstance(axis, NameAxis) else (axis.low, axis.high)


def _name(name: str, room: float) -> Name:
    """A name on one line, or small on two: broken where it says, or where it fits."""
    joined = " ".join(name.split())
    if "\n" not in name or _fits(joined, room):
        return drawing.name_on(joined, room)
    size = drawing.SMALL_SIZE
    text = "\n".join(drawing.shortened(line, room, size) for line in name.split("\n"))
    return Name(text, size, drawing.wide(text, size))


def _fits(text: str, room: float) -> bool:
    return len(text) <= drawing.MOST_LETTERS and drawing.wide(text) <= room


class _Picture:
    """Draws one chart: first all room is measured, then everything is put."""

    def __init__(self, chart: Chart, made: Sheet) -> None:
        self.chart, self.width = chart, WIDTHS[chart.size]
        self.names = [self._names_of(panel.y) for panel in chart.panels]
        self.beside = max(map(self._left_of, chart.panels, self.names))
        self.right = max(map(self._right_of, chart.panels))
        self.highs = list(map(self._high_of, chart.panels, self.names))
        self._make_room()
        self.entries = self._key()
        self._put(made)

    # --- measuring ---

    def _names_of(self, axis: Axis) -> list[Name]:
        """The names to the left of a plot."""
        if not isinstance(axis, NameAxis) or axis.is_above:
            return []
        room = drawing.NAME_SHARE * self.width - self._letters_of(axis)
        return [_name(name, room) for name in axis.names]

    def _letters_of(self, axis: NameAxis) -> float:
        if not axis.letters:
            return 0.0
        return LETTER_GAP + _widest((one.text for one in axis.letters), drawing.SMALL_SIZE)

    def _left_of(self, panel: Panel, names: Sequence[Name]) -> float:
        """The points that must stay free to the left of a plot."""
        if isinstance(panel.y, NameAxis):
            if panel.y.is_above:
                return EDGE
            return NAME_GAP + BREADTH * drawing.margin(names) + self._letters_of(panel.y)
        return EDGE + TICK_GAP + _widest(tick.text for tick in panel.y.ticks)

    def _right_of(self, panel: Panel) -> float:
        if isinstance(panel.y, NameAxis) and panel.y.figures:
            return EDGE + AWAY + _widest(panel.y.figures)
        return EDGE

    def _high_of(self, panel: Panel, names: Sequence[Name]) -> float:
        """The points of a plot's height: more where names on two lines would meet."""
        high = panel.lines * LINE
        if isinstance(panel.y, NameAxis) and any("\n" in name.text for name in names):
            low, top = panel.y.ends()
            steps = [after - here for here, after in pairwise(panel.y.at())]
            high = max([high, *(TWO_LINES * (top - low) / step for step in steps)])
        return high

    def _make_room(self) -> None:
        """Move both ends of the plots inwards until all texts at their marks have room."""
        reaches = [(panel, reach) for panel in self.chart.panels for reach in _reaches(panel)]
        left, right = self.beside, self.width - self.right
        inner = left, right
        for _ in range(40):  # each step leaves a part of what is missing
            missing_left = missing_right = 0.0
            for panel, reach in reaches:
                at = _Ends(left, right, *_ends_of(panel.x)).at(reach.at)
                first, last = (EDGE, self.width - EDGE) if reach.is_below else inner
                missing_left = max(missing_left, first - (at - reach.left))
                missing_right = max(missing_right, at + reach.right - last)
            if max(missing_left, missing_right) < 0.05:
                break
            left, right = left + missing_left, right - missing_right
        self.left, self.right = left, self.width - right
        for panel in self.chart.panels:
            if isinstance(panel.x, NameAxis) and self._is_tilted(panel.x):
                name = self._tilted(panel.x)[0]  # it ends below its place, left of it
                far = math.cos(math.radians(TILT)) * _wide(name) + TICK_GAP
                self.left = max(self.left, min(far + EDGE, self.width / 2.0))

    def _is_tilted(self, axis: NameAxis) -> bool:
        """Whether names below a plot have no room beside each other."""
        room = (self.width - self.left - self.right) / max(1, len(axis.names))
        return any(
            (_wide(one) + _wide(other)) / 2.0 + LEAST_BETWEEN > room
            for one, other in pairwise(axis.names)
        )

    def _tilted(self, axis: NameAxis) -> list[str]:
        return [drawing.shortened(name, TILTED * self.width) for name in axis.names]

    def _below(self, panel: Panel) -> float:
        """The points below a plot."""
        if isinstance(panel.x, NumberAxis):
            if not panel.x.ticks:
                return BELOW_ROWS
            return TICKS_BELOW + LABEL_BELOW
        high = TICKS_BELOW
        if self._is_tilted(panel.x):
            high += math.sin(math.radians(TILT)) * _widest(self._tilted(panel.x))
        return high + (LABEL_BELOW if panel.x.label else 0.0)

    def _above(self, panel: Panel) -> float:
        """The points above a plot."""
        rows = bool(panel.y.label) + bool(isinstance(panel.x, NameAxis) and panel.x.groups)
        rows += isinstance(panel.x, NumberAxis) and not panel.x.ticks
        return 5.0 + ROW * rows

    def _key(self) -> list[_Entry]:
        """The entries of the key, in lines as wide as the chart."""
        entries: list[_Entry] = []
        left, line = EDGE, 0
        for panel, mark, text in _in_key(self.chart):
            before = 0.0 if mark is None or isinstance(mark, HeatCells) else SAMPLE
            text = drawing.shortened(text, self.width - 3 * EDGE - before, KEY_SIZE)
            wide = before + _wide(text, KEY_SIZE)
            if left > EDGE and left + wide > self.width - EDGE:
                left, line = EDGE, line + 1
            share = 1.0 if panel.is_horizontal else ON_PLANE
            entries.append(_Entry(mark, text, left, line, share))
            left += wide + AFTER_ITEM
        return entries

    # --- putting ---

    def _put(self, made: Sheet) -> None:
        panels = self.chart.panels
        key_high = KEY_LINE * (self.entries[-1].line + 1) + 3.0 if self.entries else 0.0
        bottoms, low = list[float](), EDGE + key_high
        for place, panel in enumerate(panels):  # from the top
            low += self._above(panel) + self.highs[place]
            bottoms.append(low)
            low += BETWEEN if self._is_shared(place) else self._below(panel)
        self.height = low
        for place, bottom in enumerate(bottoms):
            top = bottom - self.highs[place]
            axes = self._axes(made, place, top, bottom=self.height - bottom)
            _PanelPicture(self, place, axes).put(self._is_shared(place))
        for entry in self.entries:
            _put_entry(made.figure, entry, self.height - EDGE - KEY_LINE * (entry.line + 0.5))

    def _is_shared(self, place: int) -> bool:
        """Whether the next panel has the same horizontal axis, and tells it."""
        panels = self.chart.panels
        return place + 1 < len(panels) and panels[place].x == panels[place + 1].x

    def _axes(self, made: Sheet, place: int, top: float, *, bottom: float) -> Axes:
        """The axes of a panel, so many points from the top and from the bottom."""
        if place == 0:
            return made.axes(
                self.width, self.height, self.left, right=self.right, top=top, bottom=bottom
            )
        wide = self.width - self.left - self.right
        box = self.left, bottom, wide, self.highs[place]
        across, up = self.width, self.height
        return made.figure.add_axes((box[0] / across, box[1] / up, box[2] / across, box[3] / up))


def _reaches(panel: Panel) -> Iterator[_Reach]:
    """The texts of a panel that may reach beyond its plot to the left or to the right."""
    if isinstance(panel.x, NumberAxis):
        for tick in panel.x.ticks:
            half = _wide(tick.text) / 2.0
            yield _Reach(tick.at, half, half, is_below=True)
    for mark in panel.marks:
        if isinstance(mark, Bars) and panel.is_horizontal:
            for _, at, away, text in _figures(mark):
                wide: float = AWAY + _wide(text, FIGURE_SIZE)
                yield _Reach(at, wide, 0.0) if away < 0.0 else _Reach(at, 0.0, wide)
        elif isinstance(mark, TextMark) and mark.side == Side.RIGHT:
            yield _Reach(mark.x, 0.0, LABEL_AWAY + _wide(mark.text, bold=True))


def _figures(mark: Bars) -> Iterator[tuple[float, float, float, str]]:
    """The figures at the ends of bars: where across and along, in which direction, the text."""
    for number, text in enumerate(mark.texts):
        end = mark.end[number]
        ends = [end, *(one[number] for one in (mark.low, mark.high) if one)]
        known = [one for one in ends if math.isfinite(one)] or [0.0]
        sign = -1.0 if end < 0.0 else 1.0
        yield mark.at[number], min(known) if sign < 0.0 else max(known), sign, text


def _in_key(chart: Chart) -> Iterator[tuple[Panel, Mark | None, str]]:
    for panel in chart.panels:
        if panel.key:
            yield panel, None, panel.key
        for mark in panel.marks:
            if not isinstance(mark, Rule | TextMark) and mark.name:
                yield panel, mark, mark.name


def _put_entry(figure: Figure, entry: _Entry, y: float) -> None:
    """An entry of the key at so many points from the bottom: a sample of its mark, and its name."""
    points = Affine2D().scale(1.0 / POINTS_PER_INCH) + figure.dpi_scale_trans
    left, mark = entry.left, entry.mark
    if isinstance(mark, Bars | Band):
        pen = PENS[mark.role]
        box = (left, y - 4.5), 11.0, 9.0
        hatched = isinstance(mark, Bars) and mark.hatched
        look = area(pen, hatched=hatched)
        figure.add_artist(Rectangle(*box, transform=points, **look))
    elif isinstance(mark, Line | Points):
        pen, middle = PENS[mark.role], left + SAMPLE / 2.0 - 2.0
        if isinstance(mark, Line) or mark.low:
            ends = [left, 2.0 * middle - left]
            figure.add_artist(Line2D(ends, [y, y], transform=points, **stroke(pen)))
        if isinstance(mark, Points) or mark.dots:
            hollow = isinstance(mark, Points) and mark.hollow
            look = point(pen, hollow=hollow)
            look["markersize"] = dot(pen) if isinstance(mark, Line) else entry.share * pen.size
            figure.add_artist(Line2D([middle], [y], transform=points, **look))
    before = 0.0 if mark is None or isinstance(mark, HeatCells) else SAMPLE
    wide, high = (side * POINTS_PER_INCH for side in figure.get_size_inches())
    figure.text(
        (left + before) / wide,
        y / high,
        entry.text,
        fontsize=KEY_SIZE,
        color=MUTED,
        va="center_baseline",
    )


# --- a panel ---


class _PanelPicture:
    """Puts one panel on its axes."""

    def __init__(self, picture: _Picture, place: int, axes: Axes) -> None:
        self.picture, self.axes = picture, axes
        self.panel, self.names = picture.chart.panels[place], picture.names[place]
        self.wide = picture.width - picture.left - picture.right
        self.high = picture.highs[place]

    def put(self, is_shared: bool) -> None:
        """Everything: axes, marks, texts. `is_shared`: the panel below tells the axis."""
        self._axes()
        self._across(is_shared)
        self._up()
        for mark in self.panel.marks:
            self._mark(mark)
        self._labels(
            [m for m in self.panel.marks if isinstance(m, TextMark) and m.side == Side.RIGHT]
        )

    def _axes(self) -> None:
        axes, panel = self.axes, self.panel
        axes.set_xlim(*_ends_of(panel.x))
        low, high = _ends_of(panel.y)
        axes.set_ylim(*((high, low) if panel.is_horizontal else (low, high)))
        axes.grid(axis="y" if panel.is_horizontal else "x", visible=False)
        axes.spines["left"].set_visible(False)
        below_zero = isinstance(panel.y, NumberAxis) and low < 0.0
        axes.spines["bottom"].set_visible(not (panel.is_horizontal or below_zero))
        if any(isinstance(mark, HeatCells) for mark in panel.marks):
            axes.grid(visible=False)
            axes.spines["bottom"].set_visible(False)

    def _across(self, is_shared: bool) -> None:
        """The horizontal axis."""
        axes, axis = self.axes, self.panel.x
        if isinstance(axis, NameAxis):
            self._names_below(axis)
        else:
            ends = _Ends(0.0, self.wide, axis.low, axis.high)
            ticks = _apart([(ends.at(one.at), _wide(one.text), one) for one in axis.ticks])
            texts = [""] * len(ticks) if is_shared else [one.text for one in ticks]
            axes.set_xticks([one.at for one in ticks], texts)
            if not axis.ticks:
                axes.spines["bottom"].set_visible(False)
                self._heading(axis.label, 6.0)
        axes.tick_params(axis="x", pad=TICK_GAP - 1.0)
        if axis.label and not is_shared and not (isinstance(axis, NumberAxis) and not axis.ticks):
            below_axis(axes, axis.label)

    def _names_below(self, axis: NameAxis) -> None:
        axes, tilted = self.axes, self.picture._is_tilted(axis)
        axes.set_xticks(
            axis.at(),
            self.picture._tilted(axis) if tilted else list(axis.names),
            rotation=TILT if tilted else 0,
            ha="right" if tilted else "center",
            rotation_mode="anchor" if tilted else "default",
        )
        axes.tick_params(axis="x", labelcolor=INK)
        start = 0
        for group in axis.groups:
            end = start + group.count
            if start:
                axes.axvline(start - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
            text = drawing.shortened(group.text, self.wide * group.count / len(axis.names))
            middle = (start + end) / 2.0 - 0.5, 1.0
            above = axes.get_xaxis_transform()
            self._write(text, middle, (0.0, 6.0), where=above, ha="center", fontweight="bold")
            start = end

    def _up(self) -> None:
        """The vertical axis."""
        axes, axis = self.axes, self.panel.y
        if isinstance(axis, NumberAxis):
            ends = _Ends(0.0, self.high, axis.low, axis.high)
            ticks = _apart(
                [(ends.at(one.at), TICK_HIGH - LEAST_BETWEEN, one) for one in axis.ticks]
            )
            axes.set_yticks([one.at for one in ticks], [one.text for one in ticks])
        elif axis.is_above:
            self._names_above(axis)
        else:
            self._names_beside(axis)
        if axis.label:
            has_groups = isinstance(self.panel.x, NameAxis) and self.panel.x.groups
            self._heading(axis.label, 9.0 + (ROW if has_groups else 0.0))

    def _names_beside(self, axis: NameAxis) -> None:
        axes, names = self.axes, self.names
        step = max(1, math.ceil(len(names) * TICK_HIGH / self.high))
        axes.set_yticks(axis.at()[::step], [name.text for name in names[::step]])
        between = self.picture.left - self.picture.beside  # for figures of bars to the left
        pad = TICK_GAP + self.picture._letters_of(axis) + between
        axes.tick_params(axis="y", labelcolor=INK, pad=pad)
        for label, name in zip(axes.get_yticklabels(), names[::step], strict=True):
            label.set_fontsize(name.size)
            label.set_multialignment("right")
        small = {"fontsize": drawing.SMALL_SIZE, "color": MUTED}
        across = axes.get_yaxis_transform()
        for letter in axis.letters:
            away = -LETTER_GAP - between, 0.0
            self._write(letter.text, (0.0, letter.at), away, where=across, **TO_THE_LEFT, **small)
        for place, figure in zip(axis.at(), axis.figures, strict=False):
            self._write(figure, (1.0, place), (AWAY, 0.0), where=across, va="center")

    def _names_above(self, axis: NameAxis) -> None:
        room = self.picture.width - 3 * EDGE
        self.axes.set_yticks([])
        across = self.axes.get_yaxis_transform()
        for place, name in zip(axis.at(), axis.names, strict=True):
            text = drawing.shortened(name, room)
            self._write(text, (0.0, place - 0.5), (0.0, -2.0), where=across, va="top")

    # --- texts ---

    def _heading(self, text: str, up: float) -> None:
        """What an axis counts, above the plot from the left edge of the chart."""
        text = drawing.shortened(text, self.picture.width - 3 * EDGE)
        away = EDGE - self.picture.left, up
        self._write(text, (0.0, 1.0), away, where=self.axes.transAxes, color=MUTED)

    def _write(
        self, text: str, at: Point, away: Point, *, where: Transform | None = None, **look: Any
    ) -> None:
        """A text so many points away from a place: of the data, or of another coordinate system."""
        self.axes.annotate(
            text,
            at,
            away,
            xycoords="data" if where is None else where,
            textcoords="offset points",
            annotation_clip=False,
            **{"color": INK} | look,
        )

    # --- marks ---

    def _mark(self, mark: Mark) -> None:
        axes, panel = self.axes, self.panel
        if isinstance(mark, Line):
            self._line(mark)
        elif isinstance(mark, Band):
            several = (
                sum(isinstance(one, Band) and one.role == mark.role for one in panel.marks) > 1
            )
            look = area(PENS[mark.role]) | {"alpha": 0.5 if several else 1.0}
            axes.fill_between(mark.x, mark.low, mark.high, **look)
        elif isinstance(mark, Bars):
            self._bars(mark)
        elif isinstance(mark, Points):
            self._points(mark)
        elif isinstance(mark, HeatCells):
            self._cells(mark)
        elif isinstance(mark, Rule):
            (axes.axvline if panel.is_horizontal else axes.axhline)(
                mark.at, color=INK, linewidth=0.9
            )
        elif mark.side != Side.RIGHT:
            self._label(mark)

    def _line(self, mark: Line) -> None:
        pen = PENS[mark.role]
        wide = 7.0 if mark.role == Role.BASELINE else 1.8
        look = stroke(pen, wide) | {"solid_capstyle": "butt" if wide > 2.0 else "projecting"}
        if mark.dots:
            look |= {"marker": pen.mark, "markersize": dot(pen)}
        self.axes.plot(mark.x, mark.y, **look)

    def _points(self, mark: Points) -> None:
        pen = PENS[mark.role]
        along: dict[str, Any] = {
            "color": pen.colour,
            "linewidth": 2.0 if self.panel.is_horizontal else 1.2,
        }
        look = point(pen, mark.hollow)
        if not self.panel.is_horizontal:
            look["markersize"] = ON_PLANE * pen.size
        if mark.low:
            draw = self.axes.hlines if self.panel.is_horizontal else self.axes.vlines
            draw(mark.y if self.panel.is_horizontal else mark.x, mark.low, mark.high, **along)
        self.axes.plot(mark.x, mark.y, clip_on=False, zorder=4, **look)

    def _bars(self, mark: Bars) -> None:
        axes, look = self.axes, area(PENS[mark.role], mark.hatched)
        start = mark.start or [0.0] * len(mark.end)
        long = [end - first for first, end in zip(start, mark.end, strict=True)]
        if self.panel.is_horizontal:
            axes.barh(mark.at, long, left=start, height=mark.wide, **look)
        else:
            axes.bar(mark.at, long, bottom=start, width=mark.wide, **look)
        if mark.low:
            along: dict[str, Any] = {"color": MUTED, "linewidth": 1.6, "zorder": 3}
            (axes.hlines if self.panel.is_horizontal else axes.vlines)(
                mark.at, mark.low, mark.high, **along
            )
            for ends in (mark.low, mark.high):
                at = (ends, mark.at) if self.panel.is_horizontal else (mark.at, ends)
                stop = "|" if self.panel.is_horizontal else "_"
                axes.plot(*at, stop, color=MUTED, markersize=6.0, zorder=3)
        if self.panel.is_horizontal:
            for place, end, sign, text in _figures(mark):
                side = TO_THE_RIGHT if sign > 0.0 else TO_THE_LEFT
                self._write(text, (end, place), (AWAY * sign, 0.0), fontsize=FIGURE_SIZE, **side)

    def _cells(self, mark: HeatCells) -> None:
        known = [value for row in mark.values for value in row if math.isfinite(value)]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        span = (high - low) or 1.0
        for row, values in enumerate(mark.values):
            for column, value in enumerate(values):
                is_known = math.isfinite(value)
                share = (value - low) / span if is_known else 0.0
                self.axes.add_patch(
                    Rectangle(
                        (column - 0.5, row - 0.5),
                        1.0,
                        1.0,
                        facecolor=SHADES(share) if is_known else "none",
                        edgecolor="white",
                        linewidth=1.2,
                    )
                )
                if mark.texts:
                    self.axes.text(
                        column,
                        row,
                        mark.texts[row][column],
                        ha="center",
                        va="center",
                        fontsize=CELL_SIZE,
                        color=INK if share < FIRST_DARK else "white",
                    )

    def _labels(self, labels: Sequence[TextMark]) -> None:
        """Labels to the right of their points; those that would meet are moved apart."""
        low, high = _ends_of(self.panel.y)
        for x in sorted({label.x for label in labels}):
            mine = [label for label in labels if label.x == x]
            wanted = [_Ends(0.0, self.high, low, high).at(label.y) for label in mine]
            for label, want, put in zip(mine, wanted, apart(wanted, LABEL_HIGH), strict=True):
                away = LABEL_AWAY, put - want
                self._write(label.text, (label.x, label.y), away, fontweight="bold", va="center")

    def _label(self, mark: TextMark) -> None:
        if mark.side == Side.CORNER:
            self.axes.annotate(
                mark.text,
                (mark.x, mark.y),
                (0.03, 0.80),
                textcoords="axes fraction",
                color=INK,
                fontsize=FIGURE_SIZE,
                arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.8, "shrinkB": 3.0},
            )
            return
        sign, va = (1.0, "bottom") if mark.side == Side.ABOVE else (-1.0, "top")
        box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
        away = 0.0, sign * LABEL_AWAY
        self._write(mark.text, (mark.x, mark.y), away, ha="center", va=va, bbox=box)


def _apart(ticks: Sequence[tuple[float, float, Tick]]) -> list[Tick]:
    """The ticks (their place and width, in points), or every other one, until none meet."""
    kept = list(ticks)
    while any(
        after - here < (wide + more) / 2.0 + LEAST_BETWEEN
        for (here, wide, _), (after, more, _) in pairwise(kept)
    ):
        kept = kept[::2]
    return [tick for _, _, tick in kept]


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
