"""The journey map with its faces, and the sentiment curve, as sections of a report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.figure import Undefined
from sim.measures.journey_map import (
    CLEAR,
    MANY_BAD,
    SOME_BAD,
    STRONG,
    Face,
    MapRow,
    by_label,
    by_phase,
    by_touchpoint,
    journey_map,
    overall,
)
from sim.recorder import Records
from sim.report import numbers
from sim.report.drawing import BLUE, INK, MUTED, RULE, Drawing, as_svg, new_axes, style
from sim.report.headlines import NONE
from sim.report.sections import JourneyMap, MapCell, MapLine, Section, Table
from sim.vocabulary import Label

NO_TOUCHPOINT = "There is none: the scenario has no touchpoint that anybody may meet."
NOBODY_MET = "There is none: nobody met a touchpoint in this run."
WIDTH, HEIGHT = 420.0, 240.0  # points
LETTER = 6.2  # points a letter takes, on average
MOST_LETTERS = 24  # of a name below the curve; the table below it has them whole
LABEL_WORDS = {
    Label.BEFORE: "before the delivery",
    Label.DURING: "during it",
    Label.AFTER: "after it",
}


def journey_map_section(records: Records) -> Section:
    """The journey map: touchpoints down, phases across, a face in each cell."""
    cells = {(row.phase, row.touchpoint): row for row in journey_map(records)}
    why = _why_none(cells.values())
    if why:
        return Section("journey-map", "Journey map", [why])
    phases = by_phase(records)
    touchpoints = _in_order(records, cells)
    lines = [
        MapLine(
            numbers.name(row.touchpoint),
            _reached(row),
            [_cell(cells.get((phase.phase, row.touchpoint))) for phase in phases] + [_cell(row)],
        )
        for row in touchpoints
    ]
    lines.append(
        MapLine("All touchpoints", "", [_cell(row) for row in [*phases, overall(records)]])
    )
    labels = [
        (label.capitalize(), len(list(group)))
        for label, group in groupby(phases, lambda row: row.label)
    ]
    return Section(
        "journey-map",
        "Journey map",
        [
            "Touchpoints where they meet customers, in the order of the journey. The face shows"
            " what was felt: perceived quality (−1 to 1, 0 being what is usual) and the share"
            " of encounters that felt bad. Below it, what was done: encounters per person and"
            " year, and in queues the mean wait and who gave up.",
            f"Faces go by quality, as follows; from {_whole(SOME_BAD)} of bad encounters on they"
            f" are one step worse, from {_whole(MANY_BAD)} two.",
        ],
        journey_map=JourneyMap(
            f"Faces by touchpoint and phase. {NONE}: it does not meet anybody in this phase."
            " Reached: people who met it at least once in the run, of all people",
            [*labels, ("All phases", 1)],
            [*(numbers.name(row.phase) for row in phases), "Together"],
            lines,
            _legend(),
        ),
    )


def _legend() -> list[tuple[str, str]]:
    """Each face and the quality that it stands for."""
    much, clear = numbers.decimal(STRONG, 1), numbers.decimal(CLEAR)
    words = [
        f"{much} and more",
        f"{clear} to {much}",
        "about 0",
        f"{numbers.MINUS}{clear} to {numbers.MINUS}{much}",
        f"{numbers.MINUS}{much} and less",
    ]
    return [(str(face), text) for face, text in zip(Face, words, strict=True)]


def _whole(share: float) -> str:
    return f"{share * 100.0:.0f}{numbers.SPACE}%"


def _why_none(rows: Collection[MapRow]) -> str:
    """Why there is nothing to show; empty if there is."""
    if not rows:
        return NO_TOUCHPOINT
    return "" if any(row.encounters for row in rows) else NOBODY_MET


def _in_order(records: Records, cells: dict[tuple[str, str], MapRow]) -> list[MapRow]:
    """Touchpoints by the phase in which they are met, on average; those never met last."""
    phases = list(records.scenario.journey.phases)

    def place(row: MapRow) -> float:
        mine = [
            (phases.index(phase), cell.encounters)
            for (phase, touchpoint), cell in cells.items()
            if touchpoint == row.touchpoint
        ]
        met = sum(encounters for _, encounters in mine)
        return sum(p * n for p, n in mine) / met if met else float(len(phases))

    return sorted(by_touchpoint(records), key=place)


def _cell(row: MapRow | None) -> MapCell | None:
    if row is None:
        return None
    if isinstance(row.quality, Undefined) or isinstance(row.bad_share, Undefined):
        return MapCell("", [str(row.quality)])
    lines = [
        f"quality {numbers.decimal(row.quality)}",
        f"{numbers.percent(row.bad_share)} bad",
        f"{_rate(row.per_person_year)} a year",
    ]
    if not isinstance(row.wait_minutes, Undefined) and not isinstance(row.gave_up, Undefined):
        lines.append(f"wait {_minutes(row.wait_minutes)}")
        lines.append(f"{numbers.percent(row.gave_up)} gave up")
    return MapCell(str(row.face), lines)


def _reached(row: MapRow) -> str:
    return "" if isinstance(row.reach, Undefined) else f"reached {numbers.percent(row.reach)}"


def _rate(value: float) -> str:
    """Encounters per person and year."""
    return "under 0.01" if 0.0 < value < 0.005 else numbers.count(value)


def _minutes(value: float) -> str:
    return f"{numbers.decimal(value, 1 if value < 10.0 else 0)}{numbers.SPACE}min"


def sentiment_section(records: Records) -> Section:
    """The sentiment curve along the journey, and performance and experience beside each other."""
    phases, labels = by_phase(records), by_label(records)
    why = _why_none(journey_map(records))
    if why:
        return Section("sentiment", "Sentiment along the journey", [why])
    told = [
        f"{numbers.decimal(row.quality)} {LABEL_WORDS[Label(row.label)]}"
        for row in labels
        if not isinstance(row.quality, Undefined)
    ]
    head = ["Phase", "When", "Encounters", "A year", "Wait", "Gave up", "Quality", "Bad", "Face"]
    rows = [[numbers.name(row.phase), row.label.capitalize(), *_figures(row)] for row in phases] + [
        ["All phases", row.label.capitalize(), *_figures(row)] for row in labels
    ]
    return Section(
        "sentiment",
        "Sentiment along the journey",
        [
            f"Mean perceived quality of an encounter: {', '.join(told)}. Each touchpoint weighs by"
            " its encounters; 0 is what is usual. The line goes through the phases; the grey bars"
            " are the means before, during and after."
        ],
        drawings=[_curve(phases, labels)],
        tables=[
            Table(
                "Performance (encounters, encounters per person and year, mean wait and share who"
                " gave up in queues) and experience (quality, share of bad encounters, face)."
                f" {NONE}: no queue, or nobody met anything",
                head,
                rows,
                ["When", "Face"],
            )
        ],
    )


def _figures(row: MapRow) -> list[str]:
    return [
        numbers.whole(row.encounters),
        _rate(row.per_person_year),
        NONE if isinstance(row.wait_minutes, Undefined) else _minutes(row.wait_minutes),
        NONE if isinstance(row.gave_up, Undefined) else numbers.percent(row.gave_up),
        NONE if isinstance(row.quality, Undefined) else numbers.decimal(row.quality),
        NONE if isinstance(row.bad_share, Undefined) else numbers.percent(row.bad_share),
        NONE if isinstance(row.face, Undefined) else str(row.face),
    ]


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def _curve(phases: Sequence[MapRow], labels: Sequence[MapRow]) -> Drawing:
    """Quality by phase as a curve, the means before, during and after as lines behind it."""
    names = [numbers.name(row.phase) for row in phases]
    felt = [
        (place, row.quality)
        for place, row in enumerate(phases)
        if not isinstance(row.quality, Undefined)
    ]
    alt = "Mean perceived quality by phase: " + ", ".join(
        f"{names[place]} {numbers.decimal(quality)}" for place, quality in felt
    )
    values = [quality for _, quality in felt]
    low, high = min(0.0, *values), max(0.0, *values)
    room = max(0.1, (high - low) * 0.25)
    left, right, top = 44.0, 14.0, 24.0
    longest = max(map(len, names))
    slanted = longest * LETTER > (WIDTH - left - right) / len(names) - 4
    bottom = 14 + min(longest, MOST_LETTERS) * LETTER * 0.72 if slanted else 28.0
    if slanted:  # the first name ends below the first point and begins left of it
        left = max(left, min(len(names[0]), MOST_LETTERS) * LETTER * 0.87 - 15.0)
    with style():
        figure, axes = new_axes(WIDTH, HEIGHT - 60 + bottom, left, right, top, bottom)
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set_ylim(low - room, high + room)
        start = 0
        for label, group in groupby(phases, lambda row: row.label):
            end = start + len(list(group))
            if start:
                axes.axvline(start - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (3, 3)))
            axes.annotate(
                label.capitalize(),
                ((start + end) / 2 - 0.5, 1.0),
                (0, 9),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha="center",
                color=INK,
                fontweight="bold",
            )
            mean = next(row.quality for row in labels if row.label == label)
            if not isinstance(mean, Undefined):
                axes.hlines(mean, start - 0.45, end - 0.55, color=RULE, linewidth=7, zorder=1)
            start = end
        axes.axhline(0.0, color=MUTED, linewidth=0.9)
        axes.plot(*zip(*felt, strict=True), "o-", color=BLUE, linewidth=1.8, markersize=6)
        for k, (place, quality) in enumerate(felt):
            beside = [*values[max(0, k - 1) : k], *values[k + 1 : k + 2]] or [0.0]
            above = quality >= sum(beside) / len(beside)  # where the line does not go
            axes.annotate(
                numbers.decimal(quality),
                (place, quality),
                (0, 8 if above else -18),
                textcoords="offset points",
                ha="center",
                color=INK,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            )
        axes.set_xticks(
            range(len(names)),
            [_short(name) for name in names],
            rotation=35 if slanted else 0,
            ha="right" if slanted else "center",
            rotation_mode="anchor" if slanted else "default",
        )
        axes.tick_params(axis="x", labelcolor=INK)
        axes.grid(axis="x", visible=False)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.decimal(value)))
        title = "Perceived quality by phase"
        return Drawing("sentiment", title, alt, as_svg(figure, "sentiment", alt))
