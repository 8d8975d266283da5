"""What the sections of a page are made of; the template knows nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, ParamSpec

from sim.pages.charts.drawing import Drawing
from sim.pages.charts.failures import tell_section
from sim.pages.words.headlines import Headline
from sim.pages.words.language import say

P = ParamSpec("P")


class MapCell(NamedTuple):
    """A meeting of touchpoint and phase: a face, its word, and lines of figures below it.

    `face` is empty where nobody met it.
    """

    face: str
    word: str
    lines: Sequence[str]


class MapLine(NamedTuple):
    """A line of the journey map, a cell for each column; None: it is never met there."""

    name: str
    reached: str
    cells: Sequence[MapCell | None]


class JourneyMap(NamedTuple):
    """The drawn journey map: columns with the label above each, and lines."""

    caption: str
    head: str  # of the names of lines
    labels: Sequence[tuple[str, int]]  # and how many columns each spans
    columns: Sequence[str]
    lines: Sequence[MapLine]
    legend: Sequence[tuple[str, str, str]]  # each face, its word and its meaning


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


class KeyItem(NamedTuple):
    """What stands for a result in the drawings: a letter, and the outline of its mark."""

    letter: str
    name: str
    colour: str
    outline: str  # an SVG path in a square of 12


class ComparedCell(NamedTuple):
    """A figure of a result; `change` from the first result, with how sure it is."""

    text: str
    change: str = ""
    interval: str = ""
    is_sure: bool = False


class ComparedLine(NamedTuple):
    """A figure in words, and a cell for each result."""

    name: str
    note: str
    cells: Sequence[ComparedCell]


class Comparison(NamedTuple):
    """A table of figures of several results, each beside the first."""

    caption: str
    head: Sequence[str]
    lines: Sequence[ComparedLine]


class Table(NamedTuple):
    """A table; the first column holds names, the others text, of which `words` are no numbers."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[str] = ()


class Sentence(NamedTuple):
    """A sentence that stands large, and what it is about."""

    about: str
    text: str


class Setting(NamedTuple):
    """A parameter: its path, what it is, its value, its default and what it rests on."""

    path: str
    words: str
    value: str
    default: str
    basis: str


class Fold(NamedTuple):
    """Parameters that belong together, folded away below a line that counts them."""

    title: str
    note: str
    prefix: str  # of their paths
    settings: Sequence[Setting]


class Folds(NamedTuple):
    """Folds below a heading, with the heads of their columns."""

    title: str
    head: tuple[str, str, str, str]
    folds: Sequence[Fold]


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    name: str
    title: str
    paragraphs: Sequence[str] = ()
    cards: Sequence[Headline] = ()
    sentences: Sequence[Sentence] = ()
    folds: Sequence[Folds] = ()
    journey_map: JourneyMap | None = None
    heat_map: HeatMap | None = None
    comparison: Comparison | None = None
    key: Sequence[KeyItem] = ()  # of the drawings
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    commands: Sequence[str] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def guarded(
    name: str, build: Callable[P, Section | list[Section]], *args: P.args, **named: P.kwargs
) -> list[Section]:
    """The sections that `build` makes; if it fails, one called `name` that says why."""
    try:
        made = build(*args, **named)
    except Exception as error:
        return [Section(name, say("A section that is missing"), [tell_section(name, error)])]
    return made if isinstance(made, list) else [made]
