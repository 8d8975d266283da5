"""How the roles of marks look: colours, marks, dashes, shades."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import Normal, Stroke

from sim.pages.charts.chart import Role
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    RULE,
    SKY,
    VERMILION,
    YELLOW,
)

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
