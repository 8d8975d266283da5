"""How people flow through the phases: a funnel as a funnel, a loop as a loop.

In a funnel each step is as wide as the number of journeys that reached it and stayed beyond
(`sim.measures.moves.steps`); what is missing at the next one left, or is still under way.
A diagram has no axes, so that it is drawn by itself (`sim.pages.charts.pens`) and is no chart.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from sim.measures.figure import Undefined
from sim.measures.moves import Step, days_in_phase, steps
from sim.pages.blocks import Figures, Section
from sim.pages.charts.drawing import BLUE, Drawing, sheet
from sim.pages.charts.lettering import shortened
from sim.pages.charts.loop import GREY, WIDTH, loop_drawing
from sim.pages.charts.pens import band, bare, fitting, write
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.pages.words.names import phase_name
from sim.records.recorder import Records
from sim.vocabulary import Shape


def flow_section(records: Records) -> Section:
    """The flow through the phases, drawn by the shape of the journey."""
    title = say("The flow through the phases")
    if not records.flows.any():
        return Section("flow", title, [say("There is none: nobody moved in this run.")])
    if records.scenario.journey.shape == Shape.FUNNEL:
        text = say(
            "Journeys from the need to the purchase. A step is as wide as the number of journeys"
            " that reached it and did not fall back for good; a person with several needs counts"
            " several times. In a funnel the picture ends with the purchase."
        )
        return Section("flow", title, [text, Figures([_funnel(records)])])
    text = say(
        "People who moved between phases in the run; a person counts once for each time. Arrows"
        " are as wide as the number of people, only the thinnest are drawn wider than they are; a"
        " bow skips a phase. Below the name of a phase stands the mean length of a stay. Who"
        " leaves, or stops being a customer, waits for the next need; owners who give up a search"
        " stay owners."
    )
    why = {explain(days) for days in days_in_phase(records).values() if isinstance(days, Undefined)}
    text += "".join(f" {NONE}: {reason}." for reason in sorted(why))
    return Section("flow", title, [text, Figures([loop_drawing(records)])])


ROW, LAST_ROW, MIDDLE, WIDEST = 76.0, 40.0, 213.0, 160.0
NAME_ROOM = 132.0  # up to the widest step


def _funnel(records: Records) -> Drawing:
    found = steps(records)
    scenario = records.scenario
    names = [phase_name(scenario, step.phase) if step.phase else say("Bought") for step in found]
    most = max(step.reached for step in found) or 1.0
    height = ROW * (len(found) - 1) + LAST_ROW + 12
    alt = say("Funnel from the need to the purchase: {steps}.", steps=_in_words(found, names))
    with sheet("flow", say("From the need to the purchase"), alt) as made:
        axes = made.axes(WIDTH, height, 0, right=0, top=0, bottom=0)
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
    return made.drawing


def _funnel_labels(
    axes: Axes, step: Step, name: str, *, found: list[Step], place: int, top: float
) -> None:
    """The step's name, people and share on the left, who drops out on the right."""
    size = fitting([name], NAME_ROOM)
    name = shortened(name, NAME_ROOM, size, bold=True)
    write(axes, (0, top - 8), name, size=size, weight="bold", ha="left")
    write(axes, (0, top - 24), numbers.count(step.reached), size=13, color=BLUE, ha="left")
    if place:
        before = found[place - 1].reached
        share = numbers.percent(step.reached / before) if before else NONE
        write(axes, (0, top - 39), say("{share} of those above", share=share), ha="left")
    if not step.phase:
        return
    most = max(each.reached for each in found) or 1.0
    middle = top - ROW / 2
    edge = MIDDLE + WIDEST / 4 * (step.reached + found[place + 1].reached) / most
    band(axes, [(edge + 5, middle), (310, middle)], 1.6, color=GREY)
    write(axes, (316, middle + 8), numbers.count(step.left), size=12, weight="bold", ha="left")
    share = numbers.percent(step.left / step.reached) if step.reached else NONE
    write(axes, (316, middle - 7), say("left ({share})", share=share), ha="left")


def _in_words(found: list[Step], names: list[str]) -> str:
    return ", ".join(
        f"{name} {numbers.count(step.reached)}" for name, step in zip(names, found, strict=True)
    )


def _shade(share: float) -> str:
    """From pale to deep blue: the steps differ in grey, too."""
    pale, deep = (0x9E, 0xC9, 0xE2), (0x00, 0x4B, 0x78)
    return "#" + "".join(
        f"{round(a + (b - a) * share):02X}" for a, b in zip(pale, deep, strict=True)
    )
