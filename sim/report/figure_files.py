"""The pictures of a report as files: `figures/NAME.svg` and `figures/NAME.png`.

A file stands alone, on white, under its title, with its letters as shapes, so that it looks the
same wherever it is put: in slides, in a document, in print. The same run gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.report.drawing import INK, POINTS_PER_INCH, plain_attribute, style
from sim.report.map_figures import draw_heat_map, draw_journey_map
from sim.report.sections import Section

FOLDER = "figures"
PRINT_DPI = 200.0  # dots an inch: 1,170 a drawing as wide as half a page, sharp in print
MOST_DOTS = 9000.0  # a side; a longer picture has fewer dots an inch
TITLE_SIZE = 13.0  # points
TITLE_GAP = 12.0  # points between title and drawing
MARGIN = 0.14  # inches of white around


class Picture(NamedTuple):
    """A picture of the page; `name` is unique, `alt` says in words what it shows."""

    name: str
    title: str
    alt: str
    figure: Figure


def pictures(sections: Iterable[Section], kept: Mapping[str, Figure]) -> list[Picture]:
    """The pictures of a page in its order: drawings, journey map and heat map.

    `kept`: the figures behind the drawings (`sim.report.drawing.keeping_figures`).
    """
    found = []
    for section in sections:
        if section.journey_map is not None:
            figure, alt = draw_journey_map(section.journey_map), section.journey_map.caption
            found.append(Picture(f"{section.name}-faces", section.title, alt, figure))
        if section.heat_map is not None:
            figure, alt = draw_heat_map(section.heat_map), section.heat_map.caption
            found.append(Picture(f"{section.name}-heat", section.title, alt, figure))
        for drawing in section.drawings:
            found.append(Picture(drawing.name, drawing.title, drawing.alt, kept[drawing.name]))
    return found


def figure_files(found: Sequence[Picture]) -> dict[str, bytes]:
    """The content of every file by its path in the result folder, as `figures/NAME.svg`.

    The numbers on axes are written in the language being spoken (`sim.report.language`).
    """
    files = {}
    for picture in found:
        title = picture.figure.text(
            MARGIN * POINTS_PER_INCH / _points(picture.figure)[0],
            1.0 + TITLE_GAP / _points(picture.figure)[1],
            picture.title,
            fontsize=TITLE_SIZE,
            fontweight="bold",
            color=INK,
            fontfamily="DejaVu Sans",
            parse_math=False,
        )
        files[f"{FOLDER}/{picture.name}.svg"] = _as_svg(picture)
        files[f"{FOLDER}/{picture.name}.png"] = _as_png(picture)
        title.remove()
    return files


def _points(figure: Figure) -> tuple[float, float]:
    wide, high = figure.get_size_inches()
    return wide * POINTS_PER_INCH, high * POINTS_PER_INCH


def _as_svg(picture: Picture) -> bytes:
    stream = io.StringIO()
    with style(), matplotlib.rc_context({"svg.fonttype": "path"}):
        picture.figure.savefig(
            stream,
            format="svg",
            facecolor="white",
            bbox_inches="tight",
            pad_inches=MARGIN,
            metadata={"Date": None, "Creator": None, "Title": picture.title},
        )
    label = plain_attribute(picture.alt)
    text = stream.getvalue().replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    return text.encode()


def _as_png(picture: Picture) -> bytes:
    stream = io.BytesIO()
    longest = max(picture.figure.get_size_inches())
    FigureCanvasAgg(picture.figure)
    with style():
        picture.figure.savefig(
            stream,
            format="png",
            dpi=min(PRINT_DPI, MOST_DOTS / longest),
            facecolor="white",
            bbox_inches="tight",
            pad_inches=MARGIN,
            metadata={"Software": None, "Title": picture.title, "Description": picture.alt},
        )
    return stream.getvalue()
