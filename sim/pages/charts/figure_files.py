"""The pictures of a report as files: `figures/NAME.svg` and `figures/NAME.png`.

A file stands alone, on white, under its title, with its letters as shapes, so that it looks the
same wherever it is put: in slides, in a document, in print. The same run gives the same bytes.

Journey map and heat map of cohorts are tables on the page, which can be read aloud; as files they
are drawn from the very texts of the page, placed in points from the upper left corner; a map of
many touchpoints in several parts, so that letters have one size however many there are. Neither is
a chart of `sim.pages.charts.chart`: they repeat a table, text by text.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox

from sim.pages.blocks import HeatMap, JourneyMap, MapCell, MapLine, Section
from sim.pages.charts.drawing import (
    INK,
    MUTED,
    POINTS_PER_INCH,
    RULE,
    keeping_figures,
    new_axes,
    plain_attribute,
    style,
    tell_file,
    wide,
    wrapped,
)
from sim.pages.pages import render_report, report_sections
from sim.pages.words.headlines import NONE
from sim.pages.words.language import say
from sim.runs.run import Run

# --- journey map and heat map ---

# From pale to dark; letters on the last four are white. The page's style has the same.
SHADES = (
    "#f2f7fb",
    "#deecf5",
    "#cae1ef",
    "#b7d5e9",
    "#a3cae3",
    "#8fbfdd",
    "#3a7ca6",
    "#27668e",
    "#135076",
    "#003a5e",
)
FIRST_DARK = 6
SMALL = 8.5  # points, the size of letters
LINE = 11.5  # points from line to line
NATURAL_LINE = 1.2  # of matplotlib: from line to line, in letter heights
PAD = 7.0  # points around a text
FACE = 21.0  # points across
NAME_ROOM, HEAD_ROOM = 98.0, 78.0  # points of a line of a touchpoint's name, and of a phase's
MOST_LINES = 4  # of a name; the page has the whole one
FACE_BOX = 24.0  # the faces below are drawn in a square of this side
# Of a part of the journey map, in points: some two dozen touchpoints, and the head above them.
MOST_HIGH, HEAD_HIGH = 1900.0, 140.0
HEAT_CELL, HEAT_LINE = 25.0, 17.0  # points
WHITE = "#ffffff"


def _half_round(left: float, right: float, y: float, *, depth: float) -> Path:
    """Half an ellipse that hangs from a line, or stands on it if `depth` is below 0."""
    bow = 4.0 / 3.0 * depth  # two cubic curves' control points; off by under 3 % of the depth
    points = [(left, y), (left, y + bow), (right, y + bow), (right, y), (left, y)]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY])


def _bow(left: float, y: float, middle: float, *, right: float) -> Path:
    points = [(left, y), ((left + right) / 2.0, middle), (right, y)]
    return Path(points, [Path.MOVETO, Path.CURVE3, Path.CURVE3])


_BROWS = Path(
    [(5.8, 5.6), (9.8, 7.4), (18.2, 5.6), (14.2, 7.4)],
    [Path.MOVETO, Path.LINETO, Path.MOVETO, Path.LINETO],
)
# by the English word of the face's symbol: skin, lines, mouth, whether it is open
FACES: dict[str, tuple[str, str, Path, bool]] = {
    "delighted": ("#0072b2", WHITE, _half_round(7.0, 17.0, 13.5, depth=5.5), True),
    "pleased": ("#b5d6ea", INK, _bow(7.5, 14.5, 18.5, right=16.5), False),
    "neutral": ("#f1f3f5", INK, _bow(8.0, 15.8, 15.8, right=16.0), False),
    "displeased": ("#f3cf87", INK, _bow(7.5, 17.3, 13.3, right=16.5), False),
    "upset": ("#b84a00", WHITE, _half_round(7.3, 16.7, 18.6, depth=-4.9), True),
}


def journey_map_parts(shown: JourneyMap) -> list[JourneyMap]:
    """The map in as many parts as it takes for none to be too high, of about as many lines."""
    highs = [_line_high(line) for line in shown.lines]
    count = max(1, math.ceil(sum(highs) / (MOST_HIGH - HEAD_HIGH)))
    of_each = math.ceil(len(highs) / count)
    return [
        replace(shown, lines=shown.lines[first : first + of_each])
        for first in range(0, len(highs), of_each)
    ]


def draw_journey_map(shown: JourneyMap) -> Figure:
    """The journey map with its faces, all cells of a phase in one column."""
    names = [_line_name(line) for line in shown.lines]
    heads = [_wrapped(column, HEAD_ROOM) for column in shown.columns]
    widths = [
        max(
            [_wide(line, bold=True) for line in head]
            + [_cell_width(line.cells[place]) for line in shown.lines]
        )
        for place, head in enumerate(heads)
    ]
    first = max(_wide(text, bold=True) for lines in names for text in lines)
    lefts = [first + sum(widths[:place]) for place in range(len(widths) + 1)]
    highs = [_line_high(line) for line in shown.lines]
    head_high = LINE * (1.6 + max(len(head) for head in heads)) + PAD
    legend_high = 30.0
    with style():
        wide = max(lefts[-1], _legend_width(shown.legend))
        figure, axes = _canvas(wide, legend_high + head_high + sum(highs) + 2.0)
        _legend(axes, shown.legend, legend_high)
        place = 0
        for label, wide in shown.labels:
            _text(axes, lefts[place] + PAD, legend_high + LINE, text=label, colour=MUTED)
            place += wide
        for left, head in zip(lefts[:-1], heads, strict=True):
            _lines(axes, left + PAD, legend_high + 2.4 * LINE, lines=head, bold=True)
        top = legend_high + head_high
        _rule(axes, lefts[-1], top, thick=1.6)
        for name, line, high in zip(names, shown.lines, highs, strict=True):
            _lines(axes, 0.0, top + PAD + LINE * 0.7, lines=name[:-1], bold=True)
            _text(axes, 0.0, top + PAD + LINE * (len(name) - 0.3), text=name[-1], colour=MUTED)
            for left, cell in zip(lefts[:-1], line.cells, strict=True):
                _map_cell(axes, left + PAD, top + PAD, cell=cell)
            top += high
            _rule(axes, lefts[-1], top, thick=0.8)
        axes.plot([lefts[-2]] * 2, [legend_high, top], color=RULE, linewidth=0.8)
    return figure


def _line_name(line: MapLine) -> list[str]:
    """The lines that say which touchpoint it is, and whom it reached."""
    return [*_wrapped(line.name, NAME_ROOM), line.reached]


def _line_high(line: MapLine) -> float:
    cells = max((_cell_height(cell) for cell in line.cells), default=0.0)
    return 2.0 * PAD + max(LINE * len(_line_name(line)), cells)


def _cell_width(cell: MapCell | None) -> float:
    if cell is None:
        return _wide(NONE)
    wide = [_wide(text) for text in _cell_lines(cell)]
    return max([*wide, FACE + PAD + _wide(cell.word if cell.face else "", bold=True)])


def _cell_lines(cell: MapCell) -> Sequence[str]:
    """Figures stand one a line; a reason why there are none is broken into lines."""
    return cell.lines if cell.face else _wrapped(" ".join(cell.lines), HEAD_ROOM)


def _cell_height(cell: MapCell | None) -> float:
    if cell is None:
        return LINE
    return LINE * len(_cell_lines(cell)) + (FACE + 3.0 if cell.face else 0.0)


def _map_cell(axes: Axes, left: float, top: float, *, cell: MapCell | None) -> None:
    if cell is None:
        _text(axes, left, top + LINE * 0.7, text=NONE, colour=MUTED)
        return
    if cell.face:
        _face(axes, left, top - 2.0, side=FACE, name=cell.face)
        _text(
            axes, left + FACE + PAD, top + FACE / 2.0 + 1.0, text=cell.word, colour=INK, bold=True
        )
        top += FACE + 3.0
    _lines(axes, left, top + LINE * 0.7, lines=_cell_lines(cell), colour=MUTED)


def _legend(axes: Axes, legend: Sequence[tuple[str, str, str]], high: float) -> None:
    left = 0.0
    for face, word, meaning in legend:
        _face(axes, left, high / 2.0 - 14.0, side=16.0, name=face)
        text = f"{word} {meaning}"
        _text(axes, left + 20.0, high / 2.0 - 3.0, text=text, colour=MUTED)
        left += 20.0 + _wide(text) + PAD


def _legend_width(legend: Sequence[tuple[str, str, str]]) -> float:
    return sum(20.0 + _wide(f"{word} {meaning}") + PAD for _, word, meaning in legend)


def _face(axes: Axes, left: float, top: float, *, side: float, name: str) -> None:
    skin, line, mouth, is_open = FACES[name]
    place = Affine2D().scale(side / FACE_BOX).translate(left, top) + axes.transData
    parts = [
        Circle((12.0, 12.0), 11.0, facecolor=skin, edgecolor=INK, linewidth=0.8),
        Circle((8.2, 9.6), 1.4, color=line, linewidth=0.0),
        Circle((15.8, 9.6), 1.4, color=line, linewidth=0.0),
        PathPatch(
            mouth,
            facecolor=line if is_open else "none",
            edgecolor=line,
            linewidth=1.1,
            capstyle="round",
        ),
    ]
    if name == "upset":
        parts.append(PathPatch(_BROWS, facecolor="none", edgecolor=line, linewidth=1.1))
    for part in parts:
        part.set_transform(place)
        part.set_clip_on(False)
        axes.add_artist(part)


def draw_heat_map(shown: HeatMap) -> Figure:
    """The triangle of figures, darker where more."""
    name_wide = max(_wide(text) for text in [shown.head[0], *(line.name for line in shown.lines)])
    size_wide = max(_wide(text) for text in [shown.head[1], *(line.size for line in shown.lines)])
    left = name_wide + size_wide + PAD
    top = 2.0 * LINE + PAD
    wide = max(left + HEAT_CELL * len(shown.columns), left + _wide(shown.over))
    with style():
        figure, axes = _canvas(wide, top + HEAT_LINE * len(shown.lines) + 2.0)
        _text(axes, 0.0, 1.6 * LINE, text=shown.head[0], colour=MUTED)
        _text(axes, left - PAD, 1.6 * LINE, text=shown.head[1], colour=MUTED, align="right")
        _text(axes, left, 0.6 * LINE, text=shown.over, colour=MUTED)
        for place, column in enumerate(shown.columns):
            middle = left + HEAT_CELL * (place + 0.5)
            _text(axes, middle, 1.7 * LINE, text=column, colour=MUTED, align="center")
        for line in shown.lines:
            middle = top + HEAT_LINE * 0.5
            _text(axes, 0.0, middle, text=line.name, colour=INK)
            _text(axes, left - PAD, middle, text=line.size, colour=INK, align="right")
            for place, cell in enumerate(line.cells):
                box = Rectangle(
                    (left + HEAT_CELL * place, top),
                    HEAT_CELL,
                    HEAT_LINE,
                    facecolor=SHADES[cell.shade],
                    edgecolor=WHITE,
                    linewidth=1.0,
                )
                axes.add_artist(box)
                ink = WHITE if cell.shade >= FIRST_DARK else INK
                across = left + HEAT_CELL * (place + 0.5)
                _text(axes, across, middle, text=cell.text, colour=ink, align="center")
            top += HEAT_LINE
    return figure


def _canvas(wide: float, high: float) -> tuple[Figure, Axes]:
    """An empty drawing measured in points from its upper left corner."""
    figure, axes = new_axes(wide, high, 0.0, right=0.0, top=0.0, bottom=0.0)
    axes.set_xlim(0.0, wide)
    axes.set_ylim(high, 0.0)
    axes.set_axis_off()
    return figure, axes


def _wide(text: str, bold: bool = False) -> float:
    return wide(text, SMALL, bold) + 2.0 * PAD


def _wrapped(text: str, room: float) -> list[str]:
    return wrapped(text, room, MOST_LINES, size=SMALL, bold=True).split("\n")


def _rule(axes: Axes, wide: float, y: float, *, thick: float) -> None:
    axes.plot([0.0, wide], [y, y], color=RULE, linewidth=thick)


def _lines(
    axes: Axes,
    left: float,
    top: float,
    *,
    lines: Sequence[str],
    colour: str = INK,
    bold: bool = False,
) -> None:
    axes.text(
        left,
        top - LINE / 2.0,
        "\n".join(lines),
        color=colour,
        fontsize=SMALL,
        fontweight="bold" if bold else "normal",
        linespacing=LINE / SMALL / NATURAL_LINE,
        va="top",
    )


def _text(
    axes: Axes,
    x: float,
    y: float,
    *,
    text: str,
    colour: str,
    bold: bool = False,
    align: str = "left",
) -> None:
    axes.text(
        x,
        y,
        text,
        color=colour,
        fontsize=SMALL,
        fontweight="bold" if bold else "normal",
        ha=align,
        va="center",
    )


# --- files ---

FOLDER = "figures"
PRINT_DPI = 200.0  # dots an inch: 1,170 a drawing as wide as half a page, sharp in print
MOST_DOTS = 3500.0  # across, that of A4 at 300 an inch; a wider picture has fewer an inch
TITLE_SIZE = 13.0  # points
TITLE_LINES = 3  # at most
TITLE_GAP, TITLE_LINE = 10.0, 17.0  # points: below the title, and from line to line
MARGIN = 12.0  # points of white around


M = TypeVar("M", JourneyMap, HeatMap)


class Picture(NamedTuple):
    """A picture of the page; `name` is unique, `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    figure: Figure


def report_with_figures(
    run: Run, summary: Mapping[str, Any] | None = None
) -> tuple[str, dict[str, bytes]]:
    """The page of `sim.pages.pages.make_report`, and its figures as files (`figure_files`)."""
    with keeping_figures() as kept:
        sections = report_sections(run, summary)
    return render_report(run, summary, sections), figure_files(pictures(sections, kept))


def pictures(sections: Iterable[Section], kept: Mapping[str, Figure]) -> list[Picture]:
    """The pictures of a page in its order: drawings, journey map and heat map.

    `kept`: the figures behind the drawings (`sim.pages.charts.drawing.keeping_figures`).
    """
    found = []
    for section in sections:
        if section.journey_map is not None:
            name = f"{section.name}-faces"
            found += _of_table(name, section.title, section.journey_map, draw=draw_map)
        if section.heat_map is not None:
            name = f"{section.name}-heat"
            found += _of_table(name, section.title, section.heat_map, draw=draw_heat)
        found += [
            Picture(drawing.name, drawing.title, drawing.alt, kept[drawing.name])
            for drawing in section.drawings
            if not drawing.failed
        ]
    return found


def draw_map(shown: JourneyMap) -> list[Figure]:
    """The journey map, in parts where it is long."""
    return [draw_journey_map(part) for part in journey_map_parts(shown)]


def draw_heat(shown: HeatMap) -> list[Figure]:
    """The heat map, in one part."""
    return [draw_heat_map(shown)]


def _of_table(
    name: str, title: str, shown: M, *, draw: Callable[[M], list[Figure]]
) -> list[Picture]:
    """The pictures of what the page shows as a table; none if one fails, which is told."""
    try:
        figures = draw(shown)
    except Exception as error:
        tell_file(name, error)
        return []
    if len(figures) == 1:
        return [Picture(name, title, shown.caption, figures[0])]
    return [
        Picture(
            f"{name}-{part}",
            say("{title}, {part} of {parts}", title=title, part=part, parts=len(figures)),
            shown.caption,
            figure,
        )
        for part, figure in enumerate(figures, 1)
    ]


def figure_files(found: Sequence[Picture]) -> dict[str, bytes]:
    """The content of every file by its path in the result folder, as `figures/NAME.svg`.

    A picture that cannot be written is left out, and the user is told.
    """
    files: dict[str, bytes] = {}
    for picture in found:
        try:
            files |= _files_of(picture)
        except Exception as error:
            tell_file(picture.name, error)
    return files


def _files_of(picture: Picture) -> dict[str, bytes]:
    with style():
        title, box = _title(picture)
        files = {
            f"{FOLDER}/{picture.name}.svg": _as_svg(picture, box),
            f"{FOLDER}/{picture.name}.png": _as_png(picture, box),
        }
        title.remove()
    return files


def _title(picture: Picture) -> tuple[Text, Bbox]:
    """Set the title above the drawing; returns it and the part to be written, in inches."""
    wide, high = (side * POINTS_PER_INCH for side in picture.figure.get_size_inches())
    lines = wrapped(picture.title, wide, TITLE_LINES, size=TITLE_SIZE, bold=True).split("\n")
    title = picture.figure.text(
        0.0,
        1.0 + TITLE_GAP / high,
        "\n".join(lines),
        fontsize=TITLE_SIZE,
        fontweight="bold",
        linespacing=TITLE_LINE / TITLE_SIZE / NATURAL_LINE,
    )
    top = high + TITLE_GAP + TITLE_LINE * len(lines) + MARGIN
    sides = (-MARGIN, -MARGIN, wide + MARGIN, top)
    return title, Bbox.from_extents(*(side / POINTS_PER_INCH for side in sides))


def _as_svg(picture: Picture, box: Bbox) -> bytes:
    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path"}):
        picture.figure.savefig(
            stream,
            format="svg",
            facecolor="white",
            bbox_inches=box,
            metadata={"Date": None, "Creator": None, "Title": picture.title},
        )
    label = plain_attribute(picture.alt)
    text = stream.getvalue().replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    return text.encode()


def _as_png(picture: Picture, box: Bbox) -> bytes:
    stream = io.BytesIO()
    picture.figure.savefig(
        stream,
        format="png",
        dpi=min(PRINT_DPI, MOST_DOTS / box.width),
        facecolor="white",
        bbox_inches=box,
        metadata={"Software": None, "Title": picture.title, "Description": picture.alt},
    )
    return stream.getvalue()
