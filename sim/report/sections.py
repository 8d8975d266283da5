"""What the sections of a page are made of; the template knows nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.report.drawing import Drawing
from sim.report.headlines import Headline


class MapCell(NamedTuple):
    """A meeting of touchpoint and phase: a face in words, and lines of figures below it.

    `face` is empty where nobody met it.
    """

    face: str
    lines: Sequence[str]


class MapLine(NamedTuple):
    """A line of the journey map, a cell for each column; None: it is never met there."""

    name: str
    reached: str
    cells: Sequence[MapCell | None]


class JourneyMap(NamedTuple):
    """The drawn journey map: columns with the label above each, and lines."""

    caption: str
    labels: Sequence[tuple[str, int]]  # and how many columns each spans
    columns: Sequence[str]
    lines: Sequence[MapLine]
    legend: Sequence[tuple[str, str]]  # each face and its meaning


class HeatCell(NamedTuple):
    """A cell of a heat map: its shade, 0 (pale) to 9, and its figure."""

    shade: int
    text: str


class HeatLine(NamedTuple):
    """A line of a heat map: its name, a figure beside it, and its cells."""

    name: str
    size: str
    cells: Sequence[HeatCell]


class HeatMap(NamedTuple):
    """A triangle of figures; lines may have fewer cells than there are columns."""

    caption: str
    head: tuple[str, str]  # of the names, and of the figures beside them
    over: str  # what the columns count
    columns: Sequence[str]
    lines: Sequence[HeatLine]


class Table(NamedTuple):
    """A table; the first column holds names, the others text, of which `words` are no numbers."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    name: str
    title: str
    paragraphs: Sequence[str] = ()
    cards: Sequence[Headline] = ()
    journey_map: JourneyMap | None = None
    heat_map: HeatMap | None = None
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    commands: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
