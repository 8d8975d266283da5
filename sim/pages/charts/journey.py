"""The chart of what was felt along the journey."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sim.measures.figure import Undefined
from sim.measures.journey_map import MapRow
from sim.pages.charts.chart import (
    Chart,
    Group,
    Line,
    Mark,
    NameAxis,
    Points,
    Role,
    Rule,
    Side,
    TextMark,
    one_panel,
    scale,
)
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.scenario.schema import Scenario


def sentiment_chart(
    scenario: Scenario, phases: Sequence[MapRow], labels: Sequence[MapRow]
) -> Chart:
    """Quality by phase as a curve, and behind it the means before, during and after."""
    called = [names.phase_name(scenario, row.phase) for row in phases]
    felt = [
        (float(place), row.quality)
        for place, row in enumerate(phases)
        if not isinstance(row.quality, Undefined)
    ]
    figures = ", ".join(
        f"{called[int(place)]} {numbers.decimal(quality)}" for place, quality in felt
    )
    values = [quality for _, quality in felt]
    groups = [(label, len(list(mine))) for label, mine in groupby(phases, lambda row: row.label)]
    marks: list[Mark] = []
    start = 0
    for label, count in groups:
        mean = next(row.quality for row in labels if row.label == label)
        if not isinstance(mean, Undefined):
            ends = [start - 0.45, start + count - 0.55]
            marks.append(Line(ends, [mean, mean], Role.BASELINE))
        start += count
    places = [place for place, _ in felt]
    marks += [Rule(), Line(places, values), Points(places, values)]
    for k, (place, quality) in enumerate(felt):
        beside = [*values[max(0, k - 1) : k], *values[k + 1 : k + 2]] or [0.0]
        above = quality >= sum(beside) / len(beside)  # where the line does not go
        side = Side.ABOVE if above else Side.BELOW
        marks.append(TextMark(place, quality, numbers.decimal(quality), side=side))
    low, high = min(0.0, *values), max(0.0, *values)
    room = max(0.1, (high - low) * 0.25)
    across = NameAxis(
        called, groups=[Group(names.label_name(label), count) for label, count in groups]
    )
    up = scale(
        say("perceived quality (0: category norm)"),
        (low - room, high + room),
        numbers.decimal,
        most=5,
        steps=(1.0, 2.0, 5.0, 10.0),
    )
    return Chart(
        "sentiment",
        say("Perceived quality by phase"),
        say("Mean perceived quality by phase: {figures}", figures=figures),
        panels=one_panel((across, up), marks, 13.0),
    )
