"""What of a name fits into a drawing, measured with the letters that drawings are written in.

A scenario may call its parts whatever it likes, in up to thousands of letters. A drawing gives
names a stated share of its width; a longer one goes on to a second line, and what does not fit
there is left out in its middle, since names of a kind often differ in their last letters. The
whole name stands in the tables of the page and in what a drawing says of itself in words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

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
