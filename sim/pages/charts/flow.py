"""How people flow through the phases: a funnel as a funnel, a loop as a loop.

In a funnel each step is as wide as the number of journeys that reached it and stayed beyond
(`sim.measures.moves.steps`); what is missing at the next one left, or is still under way.

A loop has its phases on a track, in the order of the journey: down to the purchase on the left, up
again through ownership on the right, and back to the search with a new need. Arrows are as wide as
the number of people who moved in the run.

A diagram has no axes, so that it is drawn by itself, in points, and is no chart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Polygon
from matplotlib.patches import PathPatch as Stroke
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.errors import InputError
from sim.measures.conversion import phase_moves
from sim.measures.figure import Figure, Undefined
from sim.measures.moves import FunnelStep, days_in_phase, steps
from sim.measures.totals import total
from sim.model.columns import Count
from sim.pages.blocks import Aside, Figures, Section
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    PALE,
    Drawing,
    new_axes,
    sheet,
    shortened,
    style,
    widest,
)
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.pages.words.names import phase_name
from sim.records.recorder import Records
from sim.vocabulary import Shape

# --- arrows, boxes and letters ---

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


# --- the loop ---

WIDTH = 420.0  # points: letters stay readable when a phone shrinks it
GREY = "#B4BDC5"  # those who leave
LIGHT = "#F1F6FA"
BOX, BOX_HIGH = 112.0, 44.0
BOX_ROOM = BOX - 8.0
LEFT_X, RIGHT_X = 60.0 + BOX / 2, 250.0 + BOX / 2  # middles of the columns
PITCH = 86.0
TOP, BOTTOM = 8.0, 66.0
THICKEST, THINNEST = 30.0, 1.6
PANEL = 8.0  # by which the frame around the owners' phases is larger than they are


def loop_drawing(records: Records) -> Drawing:
    """The loop of a run."""
    return _Loop(records).drawing()


class _Loop:
    """Draws one loop."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.scenario = records.scenario
        phases = self.scenario.journey.phases
        self.names = [phase_name(self.scenario, name) for name in phases]
        kinds = [phase.kind for phase in phases.values()]
        self.latent = [p for p, kind in enumerate(kinds) if kind.waits]
        self.search = [p for p, kind in enumerate(kinds) if kind.searches]
        self.owned = [p for p, kind in enumerate(kinds) if kind.relates]
        self.buy = [kind.decides for kind in kinds].index(True)
        self.flows = records.flows.sum(axis=(0, 1)) * records.people_per_agent
        self.moves = phase_moves(records)
        self.people = records.people_per_agent
        self.days: dict[str, Figure] = days_in_phase(records)
        self.bought = total(records, Count.PURCHASES) * self.people
        self.needed = self._sum(self.owned, self.search[:1])
        self.shortcut = self._sum(self.owned, [p for p in [self.buy] if p != self.search[0]])
        self.at = self._places()

    def _sum(self, here: list[int], there: list[int]) -> float:
        return float(self.flows[np.ix_(here, there)].sum())

    def _places(self) -> dict[int, Point]:
        """The middle of each phase's box, from the top down; then turned upwards."""
        rows = max(len(self.search) - 1, len(self.owned), 1)
        first = TOP + BOX_HIGH / 2 + PITCH * len(self.latent)
        deep = rows * PITCH
        down = {p: (LEFT_X, TOP + BOX_HIGH / 2 + PITCH * k) for k, p in enumerate(self.latent)}
        for k, p in enumerate(self.search):
            down[p] = (LEFT_X, first + deep * k / max(1, len(self.search) - 1))
        for k, p in enumerate(self.owned):
            down[p] = (RIGHT_X, first + deep - deep * k / max(1, len(self.owned)))
        self.height = first + deep + BOX_HIGH / 2 + BOTTOM
        return {p: (x, self.height - y) for p, (x, y) in down.items()}

    def drawing(self) -> Drawing:
        """The whole loop."""
        with sheet("flow", say("The loop of the journey"), self._alt()) as made:
            self.draw(made.axes(WIDTH, self.height, 0, right=0, top=0, bottom=0))
        return made.drawing

    def draw(self, axes: Axes) -> None:
        """Draw it on axes, which are meant to be WIDTH x height points."""
        self.axes, self.most = axes, self._most()
        bare(axes, WIDTH, self.height)
        if self.owned:
            self._panel()
            self._purchase_and_return()
        for p in self.at:
            self._ways_from(p)
        for p, (x, y) in self.at.items():
            self._box(p, x, y)

    def _most(self) -> float:
        ways = [float(self.flows.max()), self.needed, self.shortcut, self.bought]
        return max(*ways, *(move.left * self.people for move in self.moves), 1.0)

    def _thick(self, people: float) -> float:
        return max(THINNEST, THICKEST * people / self.most)

    def _box(self, p: int, x: float, y: float) -> None:
        own = p in self.owned
        face = "#FFFFFF" if own else PALE if p in self.search else "#FFFFFF"
        rounded(
            self.axes, x - BOX / 2, y - BOX_HIGH / 2, wide=BOX, high=BOX_HIGH, face=face, edge=BLUE
        )
        lines = two_lines(self.names[p])
        size = fitting(lines, BOX_ROOM)
        lines = [shortened(line, BOX_ROOM, size, bold=True) for line in lines]
        for k, line in enumerate(lines):
            write(
                self.axes,
                (x, y + 8 + 5 * (len(lines) - 1) - 11 * k),
                line,
                size=size,
                weight="bold",
            )
        days = self.days[list(self.scenario.journey.phases)[p]]
        text = NONE if isinstance(days, Undefined) else numbers.days(days)
        write(self.axes, (x, y - 9 - 3 * (len(lines) - 1)), text, color=MUTED)

    def _panel(self) -> None:
        """The frame around the phases of owners."""
        ys = [self.at[p][1] for p in self.owned]
        low, high = min(ys) - BOX_HIGH / 2 - PANEL, max(ys) + BOX_HIGH / 2 + PANEL
        left = RIGHT_X - BOX / 2 - PANEL
        rounded(self.axes, left, low, wide=BOX + 2 * PANEL, high=high - low, face=LIGHT, edge=LIGHT)
        self.panel_left, self.panel_high, self.panel_low = left, high, low

    def _purchase_and_return(self) -> None:
        """The turn at the bottom, the way back on top, and the shortcut between the columns."""
        axes = self.axes
        (_, first), (_, buy) = self.at[self.search[0]], self.at[self.buy]
        if self.bought:
            low = buy - BOX_HIGH / 2 - 34
            ends = [(LEFT_X, buy - BOX_HIGH / 2), (LEFT_X, low), (RIGHT_X, low)]
            ends.append((RIGHT_X, self.at[self.owned[0]][1] - BOX_HIGH / 2))
            thick = self._thick(self.bought)
            band(axes, ends, thick, color=BLUE)
            text = say("{people} purchases", people=numbers.count(self.bought))
            middle = (LEFT_X + RIGHT_X) / 2
            write(axes, (middle, low - thick / 2 - 9), text, weight="bold")
        if self.needed:
            ends = [(RIGHT_X, self.panel_high), (RIGHT_X, first), (LEFT_X + BOX / 2, first)]
            thick = self._thick(self.needed)
            band(axes, ends, thick, color=ORANGE)
            text = say("{people} with a new need", people=numbers.count(self.needed))
            write(axes, ((LEFT_X + BOX / 2 + WIDTH) / 2, first + thick / 2 + 10), text)
        if self.shortcut:
            low = buy - 8  # below the end of a bow
            thick = self._thick(self.shortcut)
            band(axes, [(self.panel_left, low), (LEFT_X + BOX / 2, low)], thick, color=ORANGE)
            middle = (self.panel_left + LEFT_X + BOX / 2) / 2
            write(axes, (middle, low - thick / 2 - 9), numbers.count(self.shortcut))
            write(axes, (middle, low - thick / 2 - 22), say("by habit"))

    def _ways_from(self, p: int) -> None:
        x, y = self.at[p]
        up = 1.0 if p in self.owned else -1.0
        column = self.owned if p in self.owned else self.latent + self.search
        for q in column:
            if self.flows[p, q] and q > p:
                if column.index(q) == column.index(p) + 1:
                    self._advance(p, q, up)
                else:
                    self._jump(p, q)
        if self.moves[p].fell_back and column.index(p):
            self._fall_back(p, column[column.index(p) - 1], up)
        left = self.moves[p].left * self.people
        if left and p not in self.latent:
            side = 1.0 if p in self.owned else -1.0
            thick = self._thick(left)
            edge = x + side * BOX / 2
            band(self.axes, [(edge, y), (edge + side * 44, y)], thick, color=GREY)
            middle = edge + side * 30
            write(self.axes, (middle, y + thick / 2 + 8), numbers.count(left))
            word = say("churn") if p in self.owned else say("drop off")
            write(self.axes, (middle, y - thick / 2 - 9), word, color=MUTED)

    def _advance(self, p: int, q: int, up: float) -> None:
        (x, here), (_, there) = self.at[p], self.at[q]
        people = float(self.flows[p, q])
        thick = self._thick(people)
        ends = [(x, here + up * BOX_HIGH / 2), (x, there - up * BOX_HIGH / 2)]
        band(self.axes, ends, thick, color=BLUE)
        side = -up
        place = (x + side * (thick / 2 + 5), (here + there) / 2)
        ha = "left" if side > 0 else "right"
        write(self.axes, place, numbers.count(people), weight="bold", ha=ha)

    def _jump(self, p: int, q: int) -> None:
        """Past one phase or more: a bow on the inner side of the track."""
        (x, here), (_, there) = self.at[p], self.at[q]
        inner = 1.0 if x == LEFT_X else -1.0
        wide = 22.0 if p % 2 else 34.0  # so that neighbouring bows stay apart
        edge, bow = x + inner * BOX / 2, x + inner * (BOX / 2 + wide)
        ends = [(edge, here - 13), (bow, here - 13), (bow, there + 13), (edge, there + 13)]
        if here < there:
            ends = [(edge, here + 13), (bow, here + 13), (bow, there - 13), (edge, there - 13)]
        thick = self._thick(float(self.flows[p, q]))
        band(self.axes, ends, thick, color=BLUE)
        place = (bow + inner * (thick / 2 + 4), (here + there) / 2)
        ha = "left" if inner > 0 else "right"
        write(self.axes, place, numbers.count(float(self.flows[p, q])), ha=ha)

    def _fall_back(self, p: int, q: int, up: float) -> None:
        (x, here), (_, there) = self.at[p], self.at[q]
        side = 1.0 if up > 0 else -1.0  # the outer side
        line = x + side * (BOX / 2 - 15)
        ends = [(line, here - up * BOX_HIGH / 2), (line, there + up * BOX_HIGH / 2)]
        people = self.moves[p].fell_back * self.people
        band(self.axes, ends, self._thick(people), color=MUTED)
        ha = "left" if side > 0 else "right"
        place = (line + side * (self._thick(people) / 2 + 5), (here + there) / 2)
        text = say("{people} back", people=numbers.count(people))
        write(self.axes, place, text, color=MUTED, ha=ha)

    def _alt(self) -> str:
        """The loop in words."""
        parts = []
        for p, move in enumerate(self.moves):
            name, people = self.names[p], self.people
            parts.append(
                say(
                    "{phase}: {advanced} advanced, {left} dropped off",
                    phase=name,
                    advanced=numbers.count(move.advanced * people),
                    left=numbers.count(move.left * people),
                )
            )
        return say(
            "Loop through the phases. {parts}. {needed} returned with a new need, {shortcut} by"
            " habit straight to the purchase.",
            parts="; ".join(parts),
            needed=numbers.count(self.needed),
            shortcut=numbers.count(self.shortcut),
        )


# --- the funnel, and the section ---


def flow_section(records: Records) -> Section:
    """The flow through the phases, drawn by the shape of the journey."""
    title = say("Journey flow")
    drawing = flow_drawing(records)
    if drawing is None:
        return Section("flow", title, [say("Not shown: nobody moved between phases in this run.")])
    if records.scenario.journey.shape == Shape.FUNNEL:
        text = say(
            "The width of a step is the number of journeys that reached it and did not fall back"
            " for good. A person with several needs counts several times."
        )
        return Section("flow", title, [Figures([drawing]), Aside(_how_to_read(), [text])])
    text = say(
        "The width of an arrow is the number of people who moved between phases in the run, each"
        " counted every time; the thinnest arrows are widened. A curved arrow skips a phase. Below"
        " the name of a phase is the mean stay. People who drop off or churn wait for their next"
        " need; owners who abandon a search remain owners."
    )
    why = {explain(days) for days in days_in_phase(records).values() if isinstance(days, Undefined)}
    text += "".join(f" {NONE}: {reason}." for reason in sorted(why))
    return Section("flow", title, [Figures([drawing]), Aside(_how_to_read(), [text])])


def _how_to_read() -> str:
    return say("How to read this picture")


ROW, LAST_ROW, MIDDLE, WIDEST = 76.0, 40.0, 213.0, 160.0
STEP_ROOM = 132.0  # up to the widest step


def _funnel(records: Records) -> Drawing:
    found = steps(records)
    names = _step_names(records, found)
    alt = say("Funnel from the need to the purchase: {steps}.", steps=_in_words(found, names))
    with sheet("flow", say("From the need to the purchase"), alt) as made:
        _draw_funnel(
            made.axes(WIDTH, _funnel_height(found), 0, right=0, top=0, bottom=0), found, names
        )
    return made.drawing


def _step_names(records: Records, found: list[FunnelStep]) -> list[str]:
    scenario = records.scenario
    return [phase_name(scenario, step.phase) if step.phase else say("Bought") for step in found]


def _funnel_height(found: list[FunnelStep]) -> float:
    return ROW * (len(found) - 1) + LAST_ROW + 12


def _draw_funnel(axes: Axes, found: list[FunnelStep], names: list[str]) -> None:
    height = _funnel_height(found)
    most = max(step.reached for step in found) or 1.0
    bare(axes, WIDTH, height)
    for place, step in enumerate(found):
        top = height - 4 - ROW * place
        deep = ROW - 3 if step.phase else LAST_ROW
        wide = max(1.6, WIDEST * step.reached / most)
        after = found[place + 1].reached if step.phase else step.reached
        narrow = max(1.6, WIDEST * after / most)
        shade = _shade(place / (len(found) - 1))
        corners = [(-wide, top), (wide, top), (narrow, top - deep), (-narrow, top - deep)]
        outline = [(MIDDLE + x / 2, y) for x, y in corners]
        axes.add_patch(Polygon(outline, closed=True, facecolor=shade, linewidth=0))
        _funnel_labels(axes, step, names[place], found=found, place=place, top=top)


def flow_drawing(records: Records) -> Drawing | None:
    """The way through the phases, by the shape of the journey; None if nobody moved."""
    if not records.flows.any():
        return None
    if records.scenario.journey.shape == Shape.FUNNEL:
        return _funnel(records)
    return loop_drawing(records)


def draw_flow(records: Records, axes: Axes | None = None) -> Axes:
    """The same on axes of one's own, by default new ones of the size that it is meant for.

    Raises `InputError` if nobody moved.
    """
    if not records.flows.any():
        raise InputError("nobody moved in this run: there is nothing to draw.")
    is_funnel = records.scenario.journey.shape == Shape.FUNNEL
    found, loop = steps(records), None if is_funnel else _Loop(records)
    with style():
        if axes is None:
            height = _funnel_height(found) if loop is None else loop.height
            _, axes = new_axes(WIDTH, height, 0, right=0, top=0, bottom=0)
        if loop is None:
            _draw_funnel(axes, found, _step_names(records, found))
        else:
            loop.draw(axes)
    return axes


def _funnel_labels(
    axes: Axes, step: FunnelStep, name: str, *, found: list[FunnelStep], place: int, top: float
) -> None:
    """The step's name, people and share on the left, who drops out on the right."""
    size = fitting([name], STEP_ROOM)
    name = shortened(name, STEP_ROOM, size, bold=True)
    write(axes, (0, top - 8), name, size=size, weight="bold", ha="left")
    write(axes, (0, top - 24), numbers.count(step.reached), size=13, color=BLUE, ha="left")
    if place:
        before = found[place - 1].reached
        share = numbers.percent(step.reached / before) if before else NONE
        write(axes, (0, top - 39), say("{share} of the step above", share=share), ha="left")
    if not step.phase:
        return
    most = max(each.reached for each in found) or 1.0
    middle = top - ROW / 2
    edge = MIDDLE + WIDEST / 4 * (step.reached + found[place + 1].reached) / most
    band(axes, [(edge + 5, middle), (310, middle)], 1.6, color=GREY)
    write(axes, (316, middle + 8), numbers.count(step.left), size=12, weight="bold", ha="left")
    share = numbers.percent(step.left / step.reached) if step.reached else NONE
    write(axes, (316, middle - 7), say("dropped off ({share})", share=share), ha="left")


def _in_words(found: list[FunnelStep], names: list[str]) -> str:
    return ", ".join(
        f"{name} {numbers.count(step.reached)}" for name, step in zip(names, found, strict=True)
    )


def _shade(share: float) -> str:
    """From pale to deep blue: the steps differ in grey, too."""
    pale, deep = (0x9E, 0xC9, 0xE2), (0x00, 0x4B, 0x78)
    return "#" + "".join(
        f"{round(a + (b - a) * share):02X}" for a, b in zip(pale, deep, strict=True)
    )
