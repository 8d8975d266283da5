"""The drawings of a sweep: response lines with bands, and heat maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation, Transform

from sim.pages.charts import lettering
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    POINTS_PER_INCH,
    Drawing,
    below_axis,
    sheet,
)
from sim.pages.words import numbers
from sim.pages.words.language import say
from sim.pages.words.studies import Words
from sim.questions.levers.responses import Point, Sweep, heat, response, response_by
from sim.questions.levers.study import Draw, DrawingKind
from sim.runs.plan import Value

WIDTH, HEIGHT = 460.0, 300.0  # points
LEFT, RIGHT = 66.0, 22.0  # points beside the axes of lines
KEY_SIZE, KEY_ROOM = 9.5, 55.0  # points of letters of a key's head, and most that a line takes
MOST_LINES = 4  # more cannot be told apart
LEVEL_ROOM = 0.36 * WIDTH  # points of a level beside a heat map
MOST_TICKS = 8  # levels that are all written below the axis
MOST_FIGURES = 9  # columns of a heat map whose cells still have room for a figure
WHISKER_GAP = 0.012  # of the width, between the whiskers of neighbouring lines
DARK = "#003B5C"
# dark to pale: lines that differ in grey as well, each with a mark of its own
LINES = ((DARK, "o"), (ORANGE, "s"), (BLUE, "^"), (MUTED, "D"))
SHADES = LinearSegmentedColormap.from_list("pale to dark", [PALE, BLUE, DARK])


def draw(given: Draw, number: int, sweep: Sweep, words: Words) -> Drawing:
    """The drawing that a study file asks for; `number` makes its name unique."""
    name = f"{given.kind.value.replace('_', '-')}-{number}"
    if given.kind == DrawingKind.HEAT_MAP and given.y is not None:
        return heat_map(name, sweep, given.measure, given.x, given.y, words)
    lines: dict[Value, list[Point]] = {None: response(sweep, given.measure, given.x)}
    if given.by is not None:
        lines = spaced(response_by(sweep, given.measure, given.x, by=given.by))
    return response_lines(name, lines, given.measure, given.x, given.by, words)


def spaced(lines: dict[Value, list[Point]]) -> dict[Value, list[Point]]:
    """At most MOST_LINES of the lines, from the first to the last."""
    if len(lines) <= MOST_LINES:
        return lines
    keys = list(lines)
    places = np.unique(np.linspace(0, len(keys) - 1, MOST_LINES).round().astype(int))
    return {keys[place]: lines[keys[place]] for place in places}


def response_lines(
    name: str,
    lines: dict[Value, list[Point]],
    measure: str,
    x: str,
    by: str | None,
    words: Words,
) -> Drawing:
    """The measure against a lever: a line with its band for each of `lines`."""
    levels = list(dict.fromkeys(point.level for points in lines.values() for point in points))
    is_number = all(isinstance(level, int | float) for level in levels)
    place = _places(levels, is_number)
    width = max(map(place, levels), default=0.0) - min(map(place, levels), default=0.0)
    means = [p.mean for points in lines.values() for p in points if p.mean is not None]
    text = _scale(means, words.is_share(measure))
    title = say("{measure} against {lever}", measure=words.measure(measure), lever=words.lever(x))
    alt = title + ": " + "; ".join(_told(line, points, text) for line, points in lines.items())
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, HEIGHT, LEFT, RIGHT, 46 if by else 26, 50)
        for number, ((line, points), (colour, mark)) in enumerate(
            zip(lines.items(), LINES, strict=False)
        ):
            beside = (number - (len(lines) - 1) / 2.0) * WHISKER_GAP * width
            shown = [(place(p.level) + beside, p.mean) for p in points if p.mean is not None]
            bands = [
                (place(p.level) + beside, p.low, p.high)
                for p in points
                if p.low is not None and p.high is not None
            ]
            _draw_bands(axes, bands, colour, len(lines) == 1 and is_number)
            axes.plot(
                [at for at, _ in shown],
                [mean for _, mean in shown],
                color=colour,
                marker=mark,
                markersize=5,
                linewidth=1.8 if is_number else 0.0,
                label="" if line is None else lettering.shortened(_level(line), KEY_ROOM),
            )
        _x_axis(axes, levels, is_number, words.lever(x))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
        axes.text(0.0, 1.03, words.unit(measure), transform=axes.transAxes, color=MUTED)
        if by:
            legend = axes.legend(
                title=lettering.shortened(words.lever(by), WIDTH - LEFT - RIGHT, KEY_SIZE),
                loc="lower right",
                bbox_to_anchor=(1.0, 1.01),
                ncols=MOST_LINES,
                frameon=False,
                columnspacing=1.1,
                handlelength=1.6,
            )
            legend.get_title().set_color(MUTED)
            legend.get_title().set_fontsize(KEY_SIZE)
    return made.drawing


def _draw_bands(
    axes: Axes,
    bands: Sequence[tuple[float, float, float]],
    colour: str,
    as_area: bool,
) -> None:
    """An area for a line alone; whiskers for several, where areas would hide each other."""
    if not bands:
        return
    where, low, high = zip(*bands, strict=True)
    if as_area:
        axes.fill_between(where, low, high, color=colour, alpha=0.18, linewidth=0)
    else:
        axes.vlines(where, low, high, color=colour, linewidth=1.2)


def heat_map(name: str, sweep: Sweep, measure: str, x: str, y: str, words: Words) -> Drawing:
    """The measure at every pair of levels of two levers, the darker the more."""
    cells = heat(sweep, measure, x, y=y)
    values = cells.to_numpy(dtype=float)
    known = values[~np.isnan(values)]
    text = _scale(list(known), words.is_share(measure))
    unit = words.unit(measure)
    title = say(
        "{measure} by {x} and {y}",
        measure=words.measure(measure),
        x=words.lever(x),
        y=words.lever(y),
    )
    alt = title + "."
    if len(known):
        best = np.unravel_index(np.nanargmax(values), values.shape)
        alt = say(
            "{title}: from {low} to {high} {unit}; the most at {x} {x_level}, {y} {y_level}.",
            title=title,
            low=text(float(known.min())),
            high=text(float(known.max())),
            unit=unit,
            x=words.lever(x),
            x_level=_level(cells.columns[int(best[1])]),
            y=words.lever(y),
            y_level=_level(cells.index[int(best[0])]),
        )
    tall, wide = values.shape
    rows = [lettering.shortened(_level(level), LEVEL_ROOM) for level in cells.index]
    left = 20.0 + lettering.widest(rows)
    with sheet(name, title, alt) as made:
        axes = made.axes(WIDTH, 92.0 + max(120.0, 34.0 * min(tall, 9)), left, 14, 42, 50)
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        span = (high - low) or 1.0
        axes.pcolormesh(
            np.arange(wide + 1) - 0.5,
            np.arange(tall + 1) - 0.5,
            np.ma.masked_invalid(values),
            cmap=SHADES,
            vmin=low,
            vmax=low + span,
            edgecolors="white",
            linewidth=1.2,
        )
        if wide <= MOST_FIGURES:
            for row, column in np.ndindex(tall, wide):
                value = float(values[row, column])
                missing = np.isnan(value)
                axes.text(
                    column,
                    row,
                    "–" if missing else text(value),
                    ha="center",
                    va="center",
                    fontsize=9.0,
                    color=INK if missing or (value - low) / span < 0.4 else "white",
                )
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
        step = max(1, -(-wide // MOST_FIGURES))
        shown = list(cells.columns[::step])
        _level_ticks(axes, range(0, wide, step), shown, (WIDTH - left - 14) / len(shown))
        step = max(1, -(-tall // MOST_FIGURES))
        axes.set_yticks(range(0, tall, step), rows[::step])
        below_axis(axes, words.lever(x))
        over = lettering.shortened(words.lever(y), WIDTH - left - 14)
        axes.text(0.0, 1.0, over, transform=_above(axes, 8), ha="left", color=MUTED)
        note = say(
            "{low} (pale) to {high} (dark), {unit}", low=text(low), high=text(high), unit=unit
        )
        axes.text(1.0, 1.0, note, transform=_above(axes, 26), ha="right", color=INK, fontsize=10.0)
    return made.drawing


def _above(axes: Axes, points: float) -> Transform:
    """Places relative to the axes, so many points higher."""
    return axes.transAxes + ScaledTranslation(
        0.0, points / POINTS_PER_INCH, _figure_of(axes).dpi_scale_trans
    )


def _figure_of(axes: Axes) -> Figure:
    figure = axes.figure
    assert isinstance(figure, Figure)  # not a part of one
    return figure


def _number(level: Value) -> float:
    assert level is not None  # levels on an axis of numbers are numbers
    return float(level)


def _places(levels: Sequence[Value], is_number: bool) -> Callable[[Value], float]:
    if is_number:
        return _number
    order = {level: float(place) for place, level in enumerate(levels)}
    return lambda level: order[level]


def _x_axis(axes: Axes, levels: Sequence[Value], is_number: bool, x: str) -> None:
    axes.grid(axis="x", visible=False)
    below_axis(axes, x)
    if not is_number:
        _level_ticks(axes, range(len(levels)), levels, (WIDTH - LEFT - RIGHT) / len(levels))
        axes.set_xlim(-0.5, len(levels) - 0.5)
        return
    if len(levels) <= MOST_TICKS:
        axes.set_xticks(sorted(float(level) for level in levels if level is not None))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.short(value)))


def _level_ticks(axes: Axes, places: Sequence[int], levels: Sequence[object], room: float) -> None:
    """Levels below the axis, each on at most `room` points."""
    axes.set_xticks(places, [lettering.shortened(_level(level), room - 4.0) for level in levels])


def _level(level: object) -> str:
    """A level of a lever as people read it."""
    if isinstance(level, int | float) and not isinstance(level, bool):
        return numbers.short(float(f"{level:.4g}"))
    return str(level)


def _scale(values: Sequence[float], is_share: bool) -> Callable[[float], str]:
    if is_share:
        return lambda value: f"{numbers.short(float(f'{value * 100.0:.3g}'))}{numbers.SPACE}%"
    largest = max((abs(value) for value in values), default=0.0)
    return numbers.scale(largest) if largest >= 10.0 else lambda value: numbers.decimal(value, 3)


def _told(line: Value, points: Sequence[Point], text: Callable[[float], str]) -> str:
    """A line in words: its first and its last level."""
    shown = [point for point in points if point.mean is not None]
    if not shown:
        return say("no figure")
    ends = [
        f"{_level(p.level)}: {text(p.mean)}" for p in (shown[0], shown[-1]) if p.mean is not None
    ]
    head = "" if line is None else f"{_level(line)}, "
    return head + " – ".join(ends)
