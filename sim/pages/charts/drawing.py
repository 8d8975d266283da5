"""The style of drawings, and drawings as SVG that stands inside a page.

Drawings are made without pyplot and without a clock, so that the same figures give the same
bytes. Text stays text: it can be read aloud, searched and copied. Inside `keeping_figures()`
the figures behind the drawings are kept, so that they can be written as files too. Every drawing
is made inside `sheet(...)`, so that one that fails is named and nothing else is lost.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from sim.pages.charts.chart import Chart
from sim.pages.charts.failures import tell_picture
from sim.pages.charts.lettering import EDGE, FONT, SIZE, shortened, wide

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
