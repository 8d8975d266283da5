"""The bars of the page side by side: conversion by phase, spend and quality by touchpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.measures.conversion import phase_conversion, phase_moves
from sim.measures.figure import Figure, Undefined
from sim.measures.journey_map import by_touchpoint
from sim.pages.blocks import Figures, Key, Section, Table
from sim.pages.charts.amounts import Bar, GroupOfBars, groups_chart, shares_across
from sim.pages.charts.chart import Scale, scale
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.render import drawn
from sim.pages.compared import Result
from sim.pages.side_parts import (
    Name,
    called,
    key,
    letters_of,
    only_some,
    phase_word,
    touchpoint_word,
    union,
)
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import say

MOST_GROUPS = 16  # of bars in a drawing; the table has all


def conversion_section(results: Sequence[Result]) -> Section:
    """The share of those who entered each phase that advanced from it."""
    rates = [phase_conversion(phase_moves(result.run.records)) for result in results]
    title = say("Conversion by phase")
    return Section(
        "conversion",
        title,
        [
            say(
                "People who advanced, of those who entered the phase (or were there on day 0). Out"
                " of the purchase phase, to advance is to buy from the firm."
            ),
            *only_some(results, [list(rate) for rate in rates], phase_word),
            Key(key(results)),
            Figures(
                _bars(
                    "conversion",
                    title,
                    results,
                    found=rates,
                    word=phase_word,
                    write=numbers.percent,
                    across=lambda ends: shares_across(),
                )
            ),
        ],
    )


def spend_section(results: Sequence[Result]) -> Section:
    """Money spent on each touchpoint."""
    title = say("Spend by touchpoint")
    currency = results[0].run.scenario.currency
    spent: list[dict[str, Figure]] = [
        {
            name: figures["spend"]
            for name, figures in result.run.summary["touchpoints"].items()
            if figures["spend"] > 0.0
        }
        for result in results
    ]
    if not any(spent):
        return Section("spend", title, [say("No touchpoint cost anything.")])
    largest = max(float(value) for mine in spent for value in mine.values())
    text, tick = (numbers.scale(largest, ticks) for ticks in (False, True))
    return Section(
        "spend",
        title,
        [
            *(only_some(results, [_names_of(result) for result in results], touchpoint_word)),
            Key(key(results)),
            Figures(
                _bars(
                    "spend",
                    title,
                    results,
                    found=_by_size(spent),
                    word=touchpoint_word,
                    write=text,
                    across=lambda ends: scale(
                        say("{currency} spent in the run", currency=currency), ends, tick
                    ),
                )
            ),
            _table(
                say("Spend by touchpoint, {currency}", currency=currency),
                results,
                spent,
                write=numbers.whole,
            ),
        ],
    )


def quality_section(results: Sequence[Result]) -> Section:
    """The perceived quality of each touchpoint, of the journey map."""
    title = say("Quality by touchpoint")
    felt: list[dict[str, Figure]] = [
        {
            row.touchpoint: row.quality
            for row in by_touchpoint(result.run.records)
            if not isinstance(row.quality, Undefined)
        }
        for result in results
    ]
    if not any(felt):
        return Section("quality", title, [say("There is none: nobody met a touchpoint.")])
    return Section(
        "quality",
        title,
        [
            say("Mean perceived quality of an encounter, −1 to 1; 0 is what is usual."),
            Key(key(results)),
            Figures(
                _bars(
                    "quality",
                    title,
                    results,
                    found=_by_size(felt),
                    word=touchpoint_word,
                    write=numbers.decimal,
                    across=lambda ends: scale(
                        say("perceived quality, 0 being what is usual"), ends, numbers.decimal
                    ),
                )
            ),
            _table(say("Quality by touchpoint"), results, felt, write=numbers.decimal),
        ],
    )


def _names_of(result: Result) -> list[str]:
    return list(result.run.scenario.touchpoints)


def _by_size(found: Sequence[dict[str, Figure]]) -> list[dict[str, Figure]]:
    """The same figures, the largest first."""
    order = sorted(
        union([list(mine) for mine in found]),
        key=lambda name: -max(abs(float(mine.get(name, 0.0))) for mine in found),
    )
    return [{name: mine[name] for name in order if name in mine} for mine in found]


def _order(found: Sequence[dict[str, Figure]]) -> list[str]:
    """All names, as nearly as possible in the order of every result."""
    places: dict[str, float] = {}
    for mine in found:
        for place, name in enumerate(mine):
            places[name] = max(places.get(name, 0.0), float(place))
    return sorted(places, key=lambda name: places[name])


def _bars(
    name: str,
    title: str,
    results: Sequence[Result],
    *,
    found: Sequence[dict[str, Figure]],
    word: Name,
    write: numbers.Text,
    across: Callable[[tuple[float, float]], Scale],
) -> list[Drawing]:
    """The first `MOST_GROUPS` things as groups of bars; none if no result has a figure.

    `across`: the axis for the ends of all bars.
    """
    call = called(results, [list(mine) for mine in found], word)
    groups = []
    for thing in _order(found):
        shown = []
        for result, mine in zip(results, found, strict=True):
            if thing in mine:
                value = mine[thing]
                shown.append(
                    Bar(result.place, None, NONE)
                    if isinstance(value, Undefined)
                    else Bar(result.place, value, write(value))
                )
        if any(bar.value is not None for bar in shown):
            groups.append(GroupOfBars(call(thing), shown))
    if not groups:
        return []
    alt = f"{title}: " + "; ".join(
        f"{group.name}: "
        + ", ".join(f"{results[bar.place].letter} {bar.text}" for bar in group.bars)
        for group in groups[:MOST_GROUPS]
    )
    if len(groups) > MOST_GROUPS:
        title = say("{title}: the first {count}", title=title, count=MOST_GROUPS)
    told = name, title, alt
    return [drawn(groups_chart(told, groups[:MOST_GROUPS], letters_of(results), across=across))]


def _table(
    caption: str,
    results: Sequence[Result],
    found: Sequence[dict[str, Figure]],
    *,
    write: numbers.Text,
) -> Table:
    """All touchpoints that any result has; a dash where one has no figure for it."""
    having = [_names_of(result) for result in results]
    call = called(results, having, touchpoint_word)
    rows = [
        [call(name), *(_written(mine.get(name), write) for mine in found)] for name in union(having)
    ]
    gaps = any(NONE in row for row in rows)
    why = say("{none}: it is not there, nobody met it, or it cost nothing", none=NONE)
    return Table(
        f"{caption}. {why}" if gaps else caption,
        [say("Touchpoint"), *letters_of(results)],
        rows,
    )


def _written(value: Figure | None, write: numbers.Text) -> str:
    return NONE if value is None or isinstance(value, Undefined) else write(value)
