"""Arrows, boxes and letters for drawings of flows, in axes that are measured in points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Polygon
from matplotlib.patches import PathPatch as Stroke
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.pages.charts.drawing import INK
from sim.pages.charts.lettering import widest

SMALL = 10.0  # points of letters
LARGEST, LEAST = 11.5, 8.5
LONG = 16  # letters from which a name is better written on two lines

Point = tuple[float, float]


def bare(axes: Axes, width: float, height: float) -> None:
    """Axes in points, without anything on them."""
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")


def write(
    axes: Axes,
    place: Point,
    text: str,
    *,
    size: float = SMALL,
    color: str = INK,
    weight: str = "normal",
    ha: str = "center",
) -> None:
    """Letters around the place."""
    axes.text(
        *place, text, fontsize=size, color=color, fontweight=weight, ha=ha, va="center_baseline"
    )


def fitting(lines: Sequence[str], room: float) -> float:
    """The size of bold letters at which the lines fit, as far as it stays readable."""
    return max(LEAST, min(LARGEST, LARGEST * room / max(widest(lines, LARGEST, bold=True), 1.0)))


def two_lines(name: str) -> list[str]:
    """A long name of several words on two lines, as even as can be; any other on one."""
    gaps = [place for place, letter in enumerate(name) if letter == " "]
    if len(name) < LONG or not gaps:
        return [name]
    middle = min(gaps, key=lambda place: abs(place - len(name) / 2))
    return [name[:middle], name[middle + 1 :]]


def rounded(
    axes: Axes, x: float, y: float, *, wide: float, high: float, face: str, edge: str
) -> None:
    """A box with round corners; (x, y) is its lower left one."""
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            wide,
            high,
            boxstyle="round,pad=0,rounding_size=8",
            facecolor=face,
            edgecolor=edge,
            linewidth=1.2,
        )
    )


def band(axes: Axes, ends: list[Point], thick: float, *, color: str) -> None:
    """An arrow of constant thickness along the points, with round corners."""
    tip, before = np.array(ends[-1]), np.array(ends[-2])
    ahead = (tip - before) / float(np.hypot(*(tip - before)))
    head = min(6.0 + thick / 3, 11.0)
    neck = tip - ahead * head
    points = [np.array(end) for end in ends[:-1]] + [neck + ahead * 0.5]  # no gap shows
    axes.add_patch(
        Stroke(
            _track(points, 10.0 + thick / 2),
            facecolor="none",
            edgecolor=color,
            linewidth=thick,
            capstyle="butt",
            joinstyle="round",
        )
    )
    across = np.array([-ahead[1], ahead[0]]) * (thick / 2 + 4.0)
    corners = [tuple(corner) for corner in (tip, neck + across, neck - across)]
    axes.add_patch(Polygon(corners, closed=True, facecolor=color, linewidth=0))


def _track(points: list[NDArray[np.float64]], radius: float) -> Path:
    """The way through the points, with corners rounded as far as there is room."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, out = corner - before, after - corner
        reach = min(radius, float(np.hypot(*into)) / 2, float(np.hypot(*out)) / 2)
        start = corner - into / float(np.hypot(*into)) * reach
        end = corner + out / float(np.hypot(*out)) * reach
        vertices += [start, corner, end]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])
