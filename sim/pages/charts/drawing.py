"""Drawings: their style and letters, and each as SVG that stands inside a page.

Drawings are made without pyplot and without a clock, so that the same figures give the same
bytes. Text stays text: it can be read aloud, searched and copied. Inside `keeping_figures()`
the figures behind the drawings are kept, so that they can be written as files too. Every drawing
is made inside `sheet(...)`, so that one that fails is named and nothing else is lost: a page, and
the runs behind it, are worth more than one of its pictures or sections.

A scenario may call its parts whatever it likes, in up to thousands of letters. A drawing gives
names a stated share of its width, measured with the letters that drawings are written in; a longer
one goes on to a second line, and what does not fit there is left out in its middle, since names of
a kind often differ in their last letters. The whole name stands in the tables of the page and in
what a drawing says of itself in words.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from sim.errors import SHOWN_DETAIL, note, shown
from sim.pages.charts.chart import Chart
from sim.pages.words.language import say

# --- what stands in the place of a part that could not be made ---


def tell_picture(name: str, error: Exception) -> str:
    """Tell the user that the picture `name` is missing; returns what stands in its place."""
    why = reason(error)
    note(f"the picture {name} could not be drawn: {why}")
    return say("This picture could not be drawn: {why}.", why=why)


def tell_file(name: str, error: Exception) -> None:
    """Tell the user that the picture `name` is not among the files."""
    note(f"the picture {name} could not be written as a file: {reason(error)}")


def tell_section(name: str, error: Exception) -> str:
    """Tell the user that the section `name` is missing; returns what stands in its place."""
    why = reason(error)
    note(f"the section {name} could not be made: {why}")
    return say("This section could not be made: {why}.", why=why)


def reason(error: Exception) -> str:
    """What went wrong, on one line and without a full stop."""
    text = " ".join(str(error).split()).rstrip(".")
    return shown(text or type(error).__name__, SHOWN_DETAIL)


# --- what of a name fits ---

FONT = "DejaVu Sans"
SIZE = 11.0  # points of letters, unless a drawing says otherwise
SMALL_SIZE = 9.5  # of names on two lines, so that they need no more height than others
NAME_SHARE = 0.45  # of the width of a drawing that names beside it may take
MOST_LETTERS = 400  # of a line; no drawing has room for more
LINES = 2
ELLIPSIS, KEPT = "…", 4  # what stands for the middle of a name, and the letters after it
EDGE = 3.0  # points between a text and the edge of a drawing


class Name(NamedTuple):
    """A name as a drawing has it: its lines, the size of its letters, the points it takes."""

    text: str
    size: float
    wide: float


@lru_cache(maxsize=8192)
def wide(text: str, size: float = SIZE, bold: bool = False) -> float:
    """The points that the longest line of a text takes."""
    letters = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
    measure = TextToPath().get_text_width_height_descent
    return max(float(measure(line, letters, False)[0]) for line in text.split("\n"))


def widest(texts: Iterable[str], size: float = SIZE, bold: bool = False) -> float:
    """The points that the longest of the texts takes; 0 if there is none."""
    return max((wide(text, size, bold) for text in texts), default=0.0)


def shortened(text: str, room: float, size: float = SIZE, *, bold: bool = False) -> str:
    """The text on one line of at most `room` points, without its middle if it is too long."""
    text = " ".join(text.split())
    if len(text) <= MOST_LETTERS and wide(text, size, bold) <= room:
        return text
    end = ELLIPSIS + text[-KEPT:]
    if wide(end, size, bold) > room / 2.0:
        end = ELLIPSIS
    return _beginning(text, room - wide(end, size, bold), size, bold=bold).rstrip() + end


def wrapped(
    text: str, room: float, lines: int = LINES, *, size: float = SIZE, bold: bool = False
) -> str:
    """The text on at most so many lines of at most `room` points, shortened if it must be."""
    rest = " ".join(text.split())
    found: list[str] = []
    while len(found) < lines - 1 and (len(rest) > MOST_LETTERS or wide(rest, size, bold) > room):
        head = _beginning(rest, room, size, bold=bold)
        gap = len(head) if rest[len(head)] == " " else head.rfind(" ")
        if gap > len(head) / 2.0:  # else a long word is broken rather than a line left empty
            head = head[:gap]
        found.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return "\n".join([*found, shortened(rest, room, size, bold=bold)])


def _beginning(text: str, room: float, size: float, *, bold: bool) -> str:
    """As many first letters as fit, at least one."""
    text = text[:MOST_LETTERS]
    places = range(1, len(text) + 1)
    count = bisect_right(places, room, key=lambda end: wide(text[:end], size, bold))
    return text[: max(1, count)]


def beside(names: Sequence[str], width: float, share: float = NAME_SHARE) -> list[Name]:
    """The names as they stand beside a drawing of `width` points: on one line, or small on two."""
    return [name_on(name, width * share) for name in names]


def name_on(name: str, room: float) -> Name:
    """A name on at most `room` points: on one line, or small on two."""
    text, size = " ".join(name.split()), SIZE
    if len(text) > MOST_LETTERS or wide(text) > room:
        text, size = wrapped(text, room, LINES, size=SMALL_SIZE), SMALL_SIZE
    return Name(text, size, wide(text, size))


def margin(names: Iterable[Name]) -> float:
    """The points that the widest of the names takes; 0 if there is none."""
    return max((name.wide for name in names), default=0.0)


def put_beside(axes: Axes, names: Sequence[Name], colour: str) -> None:
    """Write the names to the left of the axes, at 0, 1 and so on."""
    axes.set_yticks(range(len(names)), [name.text for name in names])
    axes.tick_params(axis="y", labelcolor=colour)
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        label.set_fontsize(name.size)
        label.set_multialignment("right")


# --- drawings ---

# Colours that the colour-blind tell apart (Okabe & Ito 2008), and that differ in grey too.
BLUE = "#0072B2"
ORANGE = "#E69F00"
INK = "#1B2733"
MUTED = "#57606A"
RULE = "#DDE2E7"
PALE = "#CFE3F0"
VERMILION = "#D55E00"
SKY = "#56B4E9"
YELLOW = "#F0E442"
POINTS_PER_INCH = 72.0

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "journeysim",
    "path.simplify": True,
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
}


_kept: ContextVar[dict[str, Figure] | None] = ContextVar("kept", default=None)


class Drawing(NamedTuple):
    """A drawing of the page: `name` is unique, `alt` says in words what it shows.

    `failed`: a sentence on why it could not be drawn, in place of the `svg`; `chart`: what it
    was drawn from, if it is a chart.
    """

    name: str
    title: str
    alt: str
    svg: str
    failed: str = ""
    chart: Chart | None = None


class Sheet:
    """A drawing in the making."""

    def __init__(self, name: str, title: str, alt: str) -> None:
        self.drawing = Drawing(name, title, alt, "")
        self.figure = Figure()

    def axes(
        self, width: float, height: float, left: float, *, right: float, top: float, bottom: float
    ) -> Axes:
        """The sheet as `new_axes` makes it."""
        self.figure, axes = new_axes(width, height, left, right=right, top=top, bottom=bottom)
        return axes


@contextmanager
def sheet(name: str, title: str, alt: str) -> Iterator[Sheet]:
    """Draw inside; afterwards `drawing` of the sheet is what the page shows.

    Whatever goes wrong inside is told in the place of this drawing and to the user, and ends
    there: a page, and the runs behind it, are worth more than one picture.
    """
    made = Sheet(name, title, alt)
    try:
        with style():
            yield made
            made.drawing = made.drawing._replace(svg=as_svg(made.figure, name, alt))
    except Exception as error:
        made.drawing = made.drawing._replace(failed=tell_picture(name, error))


def new_axes(
    width: float, height: float, left: float, *, right: float, top: float, bottom: float
) -> tuple[Figure, Axes]:
    """An empty drawing of `width` x `height` points with margins in points."""
    figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH))
    FigureCanvasSVG(figure)
    box = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - top - bottom) / height,
    )
    return figure, figure.add_axes(box)


def below_axis(axes: Axes, text: str) -> None:
    """What a horizontal axis counts: below its middle, or as near to that as there is room."""
    figure, box = axes.get_figure(root=True), axes.get_position()
    assert figure is not None  # axes are part of one
    width = figure.get_size_inches()[0] * POINTS_PER_INCH
    text = shortened(text, width - 2.0 * EDGE)
    room, middle = EDGE + wide(text) / 2.0, (box.x0 + box.x1) / 2.0 * width
    at = min(max(middle, room), width - room)
    axes.set_xlabel(text, x=0.5 + (at - middle) / width / box.width)


def style() -> Any:
    """The context in which drawings are made."""
    return matplotlib.rc_context(cast(Any, STYLE))


@contextmanager
def keeping_figures() -> Iterator[dict[str, Figure]]:
    """Keep the figure behind every drawing made inside, by the drawing's name."""
    kept: dict[str, Figure] = {}
    before = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(before)


def as_svg(figure: Figure, name: str, alt: str) -> str:
    """The drawing as an `<svg>` element whose ids no other drawing of the page has."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r' id="', f' id="{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    # the page sets the size and the font
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    kept = _kept.get()
    if kept is not None:
        kept[name] = figure
    label = plain_attribute(alt)
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1).strip()


def plain_attribute(text: str) -> str:
    """The text as it stands between double quotes in HTML and SVG."""
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
