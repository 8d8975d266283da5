"""The journey map with its faces, and experience by phase, as sections of a report."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby

from sim.measures.experience import NOT_MET
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
from sim.pages.blocks import (
    Figures,
    JourneyMap,
    MapCell,
    MapLine,
    Section,
    TableColumn,
    table,
)
from sim.pages.charts.journey import sentiment_chart
from sim.pages.charts.render import drawn
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, prose, say
from sim.records.recorder import Records
from sim.vocabulary import Label

LEAST_RATE = 0.005  # encounters a year; what is less would round to 0.00


def journey_map_section(records: Records) -> Section:
    """The journey map: touchpoints down, phases across, a face in each cell."""
    cells = {(row.phase, row.touchpoint): row for row in journey_map(records)}
    why = _why_none(cells.values())
    if why:
        return Section("journey-map", say("Journey map"), [why])
    scenario = records.scenario
    phases = by_phase(records)
    lines = [
        MapLine(
            names.touchpoint_name(scenario, row.touchpoint),
            _reached(row),
            [_cell(cells.get((phase.phase, row.touchpoint))) for phase in phases] + [_cell(row)],
        )
        for row in _in_order(records, cells)
    ]
    together = [_cell(row) for row in [*phases, overall(records)]]
    lines.append(MapLine(say("All touchpoints"), "", together))
    labels = [
        (names.label_name(label), len(list(group)))
        for label, group in groupby(phases, lambda row: row.label)
    ]
    return Section(
        "journey-map",
        say("Journey map"),
        [
            prose(
                "report.faces",
                some=numbers.whole_percent(SOME_BAD),
                many=numbers.whole_percent(MANY_BAD),
            ),
            JourneyMap(
                prose("report.journey_map_table", none=NONE),
                say("Touchpoint"),
                [*labels, (say("All phases"), 1)],
                [*(names.phase_name(scenario, row.phase) for row in phases), say("Together")],
                lines,
                _legend(),
                say("Figures behind the faces"),
                prose("report.journey_map_figures", none=NONE),
            ),
        ],
    )


def face_word(face: str) -> str:
    """What a face shows, in a word."""
    words = {
        Face.DELIGHTED: say("delighted"),
        Face.PLEASED: say("pleased"),
        Face.NEUTRAL: say("neutral"),
        Face.DISPLEASED: say("displeased"),
        Face.UPSET: say("upset"),
    }
    return words[Face(face)]


def _legend() -> list[tuple[str, str, str]]:
    """Each face, its word, and the quality that it stands for."""
    much, clear = numbers.decimal(STRONG, 1), numbers.decimal(CLEAR)
    minus = numbers.MINUS
    meanings = [
        say("{limit} and more", limit=much),
        say("{low} to {high}", low=clear, high=much),
        say("about 0"),
        say("{low} to {high}", low=f"{minus}{clear}", high=f"{minus}{much}"),
        say("{limit} and less", limit=f"{minus}{much}"),
    ]
    return [(str(face), face_word(face), text) for face, text in zip(Face, meanings, strict=True)]


def _why_none(rows: Collection[MapRow]) -> str:
    """Why there is nothing to show; empty if there is."""
    if not rows:
        return say("Not shown: the scenario has no touchpoint that people can meet.")
    if any(row.encounters for row in rows):
        return ""
    return say("Not shown: nobody met a touchpoint in this run.")


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
        return MapCell("", "", [explain(NOT_MET)])
    lines = [
        say("quality {quality}", quality=numbers.decimal(row.quality)),
        say("{share} bad", share=numbers.percent(row.bad_share)),
        say("{number} a year", number=_rate(row.per_person_year)),
    ]
    if not isinstance(row.wait_minutes, Undefined) and not isinstance(row.gave_up, Undefined):
        lines.append(say("wait {time}", time=numbers.minutes(row.wait_minutes)))
        lines.append(say("{share} gave up", share=numbers.percent(row.gave_up)))
    return MapCell(str(row.face), face_word(str(row.face)), lines)


def _reached(row: MapRow) -> str:
    if isinstance(row.reach, Undefined):
        return ""
    return say("reached {share}", share=numbers.percent(row.reach))


def _rate(value: float) -> str:
    """Encounters per person and year."""
    if 0.0 < value < LEAST_RATE:
        return say("under {number}", number=numbers.decimal(2.0 * LEAST_RATE))
    return numbers.count(value)


def sentiment_section(records: Records) -> Section:
    """The perceived quality along the journey, and performance and experience by phase."""
    title = say("Experience by phase")
    why = _why_none(journey_map(records))
    if why:
        return Section("sentiment", title, [why])
    scenario, phases, labels = records.scenario, by_phase(records), by_label(records)
    told = [_told(row) for row in labels if not isinstance(row.quality, Undefined)]
    text = prose("report.sentiment", figures=", ".join(told))
    caption = prose("report.sentiment_table", none=NONE)
    columns = [
        TableColumn(say("Phase")),
        TableColumn(say("When"), words=True),
        TableColumn(say("Encounters"), numbers.whole),
        TableColumn(say("A year"), _rate),
        TableColumn(say("Wait"), numbers.minutes),
        TableColumn(say("Gave up"), numbers.percent),
        TableColumn(say("Quality"), numbers.decimal),
        TableColumn(say("Bad"), numbers.percent),
        TableColumn(say("Face"), words=True),
    ]
    called = [(names.phase_name(scenario, row.phase), row) for row in phases]
    called += [(say("All phases"), row) for row in labels]
    rows: list[list[numbers.Cell]] = [
        [
            name,
            names.label_name(row.label),
            row.encounters,
            row.per_person_year,
            row.wait_minutes,
            row.gave_up,
            row.quality,
            row.bad_share,
            row.face if isinstance(row.face, Undefined) else face_word(row.face),
        ]
        for name, row in called
    ]
    drawing = drawn(sentiment_chart(scenario, phases, labels))
    shown = table(caption, columns, rows, fold=say("Performance and experience by phase"))
    return Section("sentiment", title, [text, Figures([drawing]), shown])


def _told(row: MapRow) -> str:
    """The mean quality of a label in a sentence."""
    quality = "" if isinstance(row.quality, Undefined) else numbers.decimal(row.quality)
    words = {
        Label.BEFORE: say("{quality} before the delivery", quality=quality),
        Label.DURING: say("{quality} during it", quality=quality),
        Label.AFTER: say("{quality} after it", quality=quality),
    }
    return words[Label(row.label)]
