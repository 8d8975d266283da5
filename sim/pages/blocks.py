"""What a page is made of: sections, and in each section blocks, one below the other.

A page is plain data; how a block looks is said once, by the macro of its name in
`templates/blocks.html.j2`, and only `sim.pages.render` knows that there are templates. A paragraph
is a string. A new kind of block is a class here, one more in `Block`, and a macro there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypeVar

from sim.pages.charts.drawing import Drawing
from sim.pages.words import numbers
from sim.pages.words.headlines import Headline

B = TypeVar("B")


@dataclass(frozen=True)
class Sentence:
    """A sentence that stands large, and what it is about."""

    about: str
    text: str


@dataclass(frozen=True)
class Actions:
    """What to do, a sentence each, below a heading."""

    title: str
    items: Sequence[Sentence]


@dataclass(frozen=True)
class Aside:
    """Paragraphs that few readers need, folded away below their title."""

    title: str
    paragraphs: Sequence[str]


@dataclass(frozen=True)
class Cards:
    """Headline figures, a card each."""

    cards: Sequence[Headline]


@dataclass(frozen=True)
class Figures:
    """Drawings beside one another, as many as there is room for; nothing if there are none."""

    drawings: Sequence[Drawing]


def figures(*drawings: Drawing | None) -> Figures:
    """Those of the drawings that there are."""
    return Figures([drawing for drawing in drawings if drawing is not None])


class TableColumn(NamedTuple):
    """A column of figures: its head, and how it writes a number; `words`: it holds none."""

    head: str
    write: numbers.Text = str
    words: bool = False


@dataclass(frozen=True)
class TableBlock:
    """A table; the first column holds names, the others text, of which `words` are no numbers.

    `words`: the heads of these columns; `fold`: the line that it is folded away below, if it is.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[str] = ()
    fold: str = ""


def table(
    caption: str,
    columns: Sequence[TableColumn],
    rows: Sequence[Sequence[numbers.Cell]],
    *,
    fold: str = "",
) -> TableBlock:
    """A table of names and figures, each written as its column says.

    A cell that is text stands as it is; None and `Undefined` become the sign for no figure.
    `fold`: as in `TableBlock`.
    """
    return TableBlock(
        caption,
        [column.head for column in columns],
        [
            [numbers.cell(cell, column.write) for cell, column in zip(row, columns, strict=True)]
            for row in rows
        ],
        [column.head for column in columns if column.words],
        fold,
    )


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


@dataclass(frozen=True)
class Comparison:
    """A table of figures of several results, each beside the first."""

    caption: str
    head: Sequence[str]
    lines: Sequence[ComparedLine]


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


@dataclass(frozen=True)
class JourneyMap:
    """The drawn journey map: columns with the label above each, and lines.

    A page shows its faces, and its figures folded away below `fold`.
    """

    caption: str
    head: str  # of the names of lines
    labels: Sequence[tuple[str, int]]  # and how many columns each spans
    columns: Sequence[str]
    lines: Sequence[MapLine]
    legend: Sequence[tuple[str, str, str]]  # each face, its word and its meaning
    fold: str
    figures: str  # what they are


class HeatCell(NamedTuple):
    """A cell of a heat map: its shade, 0 (pale) to 9, and its figure."""

    shade: int
    text: str


class HeatLine(NamedTuple):
    """A line of a heat map: its name, a figure beside it, and its cells."""

    name: str
    size: str
    cells: Sequence[HeatCell]


@dataclass(frozen=True)
class HeatMap:
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


@dataclass(frozen=True)
class LegendKey:
    """The key to drawings of several results."""

    items: Sequence[KeyItem]


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


@dataclass(frozen=True)
class Folds:
    """Folds below a heading, with the heads of their columns."""

    title: str
    head: tuple[str, str, str, str]
    folds: Sequence[Fold]


@dataclass(frozen=True)
class Command:
    """What to type."""

    text: str


@dataclass(frozen=True)
class Facts:
    """What a page rests on, each by its name."""

    facts: Mapping[str, str]


Block: TypeAlias = (
    str
    | Sentence
    | Actions
    | Aside
    | Cards
    | Figures
    | TableBlock
    | Comparison
    | JourneyMap
    | HeatMap
    | LegendKey
    | Folds
    | Command
    | Facts
)


@dataclass(frozen=True)
class Section:
    """A part of a page; `name` is unique on it, `finding` what it comes to, in a sentence."""

    name: str
    title: str
    blocks: Sequence[Block] = ()
    finding: str = ""

    def of(self, kind: type[B]) -> list[B]:
        """The blocks of one kind, in their order."""
        return [block for block in self.blocks if isinstance(block, kind)]

    @property
    def paragraphs(self) -> list[str]:
        """What it says in paragraphs."""
        return self.of(str)

    @property
    def tables(self) -> list[TableBlock]:
        """Its tables."""
        return self.of(TableBlock)

    @property
    def drawings(self) -> list[Drawing]:
        """Its drawings, wherever they stand."""
        return [drawing for block in self.of(Figures) for drawing in block.drawings]

    @property
    def journey_map(self) -> JourneyMap | None:
        """Its journey map, if it has one."""
        return next(iter(self.of(JourneyMap)), None)

    @property
    def heat_map(self) -> HeatMap | None:
        """Its heat map, if it has one."""
        return next(iter(self.of(HeatMap)), None)


@dataclass(frozen=True)
class Page:
    """A page: `kind` says what made it, `lead` what it is about."""

    kind: str
    title: str
    lead: str
    sections: Sequence[Section]
    description: str = ""
