"""The pictures of a report as files: `figures/NAME.svg` and `figures/NAME.png`.

A file stands alone, on white, under its title, with its letters as shapes, so that it looks the
same wherever it is put: in slides, in a document, in print. The same run gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import matplotlib
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.pages.blocks import HeatMap, JourneyMap, Section
from sim.pages.charts.drawing import POINTS_PER_INCH, keeping_figures, plain_attribute, style
from sim.pages.charts.failures import tell_file
from sim.pages.charts.lettering import wrapped
from sim.pages.charts.map_figures import draw_heat_map, draw_journey_map
from sim.pages.pages import render_report, report_sections
from sim.runs.run import Run

FOLDER = "figures"
PRINT_DPI = 200.0  # dots an inch: 1,170 a drawing as wide as half a page, sharp in print
MOST_DOTS = 3500.0  # a side, that of A4 at 300 an inch; a longer picture has fewer an inch
TITLE_SIZE = 13.0  # points
TITLE_LINES = 3  # at most
TITLE_GAP, TITLE_LINE = 10.0, 17.0  # points: below the title, and from line to line
NATURAL_LINE = 1.2  # of matplotlib: from line to line, in letter heights
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
            found += _of_table(name, section.title, section.journey_map, draw=draw_journey_map)
        if section.heat_map is not None:
            name = f"{section.name}-heat"
            found += _of_table(name, section.title, section.heat_map, draw=draw_heat_map)
        found += [
            Picture(drawing.name, drawing.title, drawing.alt, kept[drawing.name])
            for drawing in section.drawings
            if not drawing.failed
        ]
    return found


def _of_table(name: str, title: str, shown: M, *, draw: Callable[[M], Figure]) -> list[Picture]:
    """The picture of what the page shows as a table; none if it fails, which is told."""
    try:
        return [Picture(name, title, shown.caption, draw(shown))]
    except Exception as error:
        tell_file(name, error)
        return []


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
        dpi=min(PRINT_DPI, MOST_DOTS / max(box.size)),
        facecolor="white",
        bbox_inches=box,
        metadata={"Software": None, "Title": picture.title, "Description": picture.alt},
    )
    return stream.getvalue()
