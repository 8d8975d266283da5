"""Result folders side by side, each figure on shared axes: curves and bars of their first runs.

Curves of phases, of customers who stay and of money over time; bars of conversion by phase, spend
and quality by touchpoint. What only some of the results have is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.measures.conversion import phase_conversion, phase_moves
from sim.measures.economics import ProfitRow, profit_over_time
from sim.measures.figure import Figure, Undefined, in_months
from sim.measures.journey_map import by_touchpoint
from sim.measures.retention import survival, why_no_cohorts
from sim.pages.blocks import Figures, KeyItem, LegendKey, Section, TableBlock
from sim.pages.charts.amounts import Bar, GroupOfBars, groups_chart, shares_across
from sim.pages.charts.chart import SERIES, NumberAxis, Role, scale
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.over_time import (
    TimeCurve,
    amounts_axis,
    curves_chart,
    months_axis,
    shares_axis,
    survival_curve,
    survival_curves,
)
from sim.pages.charts.render import colour_of, drawn, outline_of
from sim.pages.compared import ComparedResult
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.records.recorder import end_of_day
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

Name = Callable[[ComparedResult, str], str]


def key(results: Sequence[ComparedResult]) -> list[KeyItem]:
    """What stands for each result in the drawings."""
    return [
        KeyItem(result.letter, result.name, colour_of(role_of(result)), outline_of(role_of(result)))
        for result in results
    ]


def role_of(result: ComparedResult) -> Role:
    """What a result is in charts of several."""
    return SERIES[result.place]


def letters_of(results: Sequence[ComparedResult]) -> list[str]:
    """The letters of all results."""
    return [result.letter for result in results]


def union(found: Sequence[Sequence[str]]) -> list[str]:
    """All names: those of the first in its order, then what each other one adds."""
    return list(dict.fromkeys(name for names_ in found for name in names_))


def called(
    results: Sequence[ComparedResult], having: Sequence[Sequence[str]], word: Name
) -> Callable[[str], str]:
    """What a thing is called by the first result that has it."""

    def call(name: str) -> str:
        owner = next(r for r, mine in zip(results, having, strict=True) if name in mine)
        return word(owner, name)

    return call


def only_some(
    results: Sequence[ComparedResult], having: Sequence[Sequence[str]], word: Name
) -> list[str]:
    """A sentence that names what not all results have."""
    call = called(results, having, word)
    told = []
    for name in union(having):
        mine = [r.letter for r, own in zip(results, having, strict=True) if name in own]
        if len(mine) < len(results):
            told.append(f"{call(name)} ({', '.join(mine)})")
    return [say("Not in all results: {names}.", names=", ".join(told))] if told else []


def phase_word(result: ComparedResult, name: str) -> str:
    """What a result calls a phase."""
    return names.phase_name(result.run.scenario, name)


def touchpoint_word(result: ComparedResult, name: str) -> str:
    """What a result calls a touchpoint."""
    return names.touchpoint_name(result.run.scenario, name)


# --- curves ---

STEPS = 60  # points of a curve at least; more would not be seen


def phases_section(results: Sequence[ComparedResult]) -> Section:
    """Shares of people in each phase over time, a drawing a phase."""
    having = [list(result.run.scenario.journey.phases) for result in results]
    call = called(results, having, phase_word)
    held = []
    for result in results:
        records = result.run.records
        days = np.vstack([records.start.sum(axis=0)[None], end_of_day(records).sum(axis=1)])
        held.append(days / records.scenario.agents)
    drawings = []
    for phase in union(having):
        shown = [
            _curve_of(result, days[:, own.index(phase)])
            for result, own, days in zip(results, having, held, strict=True)
            if phase in own
        ]
        title = call(phase)
        alt = say(
            "Share of people in {phase} at the end: {shares}.",
            phase=title,
            shares=", ".join(f"{one.end} {numbers.percent(one.y[-1])}" for one in shown),
        )
        axes = (
            months_axis(say("months since the start"), max(one.x[-1] for one in shown)),
            shares_axis(say("of all people"), max(max(one.y) for one in shown)),
        )
        drawings.append(drawn(curves_chart((f"phase-{phase}", title, alt), shown, axes)))
    return Section(
        "phases",
        say("Customers in each phase over time"),
        [
            say(
                "Each drawing has a scale of its own, starting at zero; all results are on the"
                " same one. Shares are of all people of the market."
            ),
            *only_some(results, having, phase_word),
            LegendKey(key(results)),
            Figures(drawings),
        ],
    )


def _curve_of(result: ComparedResult, days: NDArray[np.float64]) -> TimeCurve:
    """A daily curve that starts before day 0, thinned, by months."""
    step = max(1, (len(days) - 1) // STEPS)
    shown = np.unique(np.append(np.arange(0, len(days), step), len(days) - 1))
    months = shown * MONTHS_PER_YEAR / DAYS_PER_YEAR
    return TimeCurve(months.tolist(), days[shown].tolist(), result.letter, role=role_of(result))


def survival_section(results: Sequence[ComparedResult]) -> Section:
    """The share of new customers who still are customers, by age."""
    title = say("Customer retention")
    told, shown, alts = [], [], []
    for result in results:
        why = why_no_cohorts(result.run.records)
        if why is not None:
            told.append(say("{letter} shows none: {why}.", letter=result.letter, why=explain(why)))
            continue
        rows = survival(result.run.records)
        shown.append(survival_curve(rows, result.letter, role_of(result)))
        alts.append(
            f"{result.letter} {numbers.percent(rows[-1].share)}, {explain(in_months(rows[-1].age))}"
        )
    drawings = []
    if shown:
        alt = say("Share still customers at the longest tenure: {shares}.", shares="; ".join(alts))
        drawings = [drawn(survival_curves(alt, shown))]
    text = say(
        "Share of new customers who are customers this many months later, including those who"
        " churned and were won back. The longest tenures rest on the oldest cohorts alone. The"
        " band covers random variation among the simulated customers."
    )
    return Section(
        "keeping",
        title,
        [
            *([text] if shown else []),
            *told,
            *([LegendKey(key(results))] if shown else []),
            Figures(drawings),
        ],
    )


def money_section(results: Sequence[ComparedResult]) -> Section:
    """Margin and spend month by month, and profit so far."""
    title = say("Economics over time")
    months = [[row for row in profit_over_time(r.run.records) if row.whole] for r in results]
    told = [
        say("{letter} shows none: it is shorter than a month.", letter=result.letter)
        for result, rows in zip(results, months, strict=True)
        if not rows
    ]
    if not any(months):
        return Section("over-time", title, told)
    wanted: list[tuple[str, str, Callable[[ProfitRow], float]]] = [
        ("margin", say("Margin per month"), lambda row: row.margin),
        ("month-spend", say("Marketing spend per month"), lambda row: row.spend),
        ("profit", say("Cumulative profit"), lambda row: row.cumulative_profit),
    ]
    currency = results[0].run.scenario.currency
    drawings = []
    for name, label, part in wanted:
        shown = [
            TimeCurve(
                [row.month + 1.0 for row in rows],
                [part(row) for row in rows],
                result.letter,
                role=role_of(result),
            )
            for result, rows in zip(results, months, strict=True)
            if rows
        ]
        alt = say(
            "{figure}, in the last whole month: {amounts}.",
            figure=label,
            amounts=", ".join(f"{one.end} {numbers.money(one.y[-1], currency)}" for one in shown),
        )
        axes = (
            months_axis(say("months since the start"), max(one.x[-1] for one in shown)),
            amounts_axis(currency, [value for one in shown for value in one.y]),
        )
        drawings.append(drawn(curves_chart((f"money-{name}", label, alt), shown, axes)))
    text = say(
        "Margin and marketing spend per whole month, and cumulative profit (margin minus"
        " marketing spend)."
    )
    return Section("over-time", title, [text, *told, LegendKey(key(results)), Figures(drawings)])


# --- bars ---

MOST_GROUPS = 16  # of bars in a drawing; the table has all


def conversion_section(results: Sequence[ComparedResult]) -> Section:
    """The share of those who entered each phase that advanced from it."""
    rates = [phase_conversion(phase_moves(result.run.records)) for result in results]
    title = say("Phase conversion (advance rate)")
    return Section(
        "conversion",
        title,
        [
            say(
                "Share of people entering a phase (or there on day 0) who advanced. From the"
                " purchase phase, to advance is to buy from the firm."
            ),
            *only_some(results, [list(rate) for rate in rates], phase_word),
            LegendKey(key(results)),
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


def spend_section(results: Sequence[ComparedResult]) -> Section:
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
            LegendKey(key(results)),
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


def quality_section(results: Sequence[ComparedResult]) -> Section:
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
            LegendKey(key(results)),
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


def _names_of(result: ComparedResult) -> list[str]:
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
    results: Sequence[ComparedResult],
    *,
    found: Sequence[dict[str, Figure]],
    word: Name,
    write: numbers.Text,
    across: Callable[[tuple[float, float]], NumberAxis],
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
    results: Sequence[ComparedResult],
    found: Sequence[dict[str, Figure]],
    *,
    write: numbers.Text,
) -> TableBlock:
    """All touchpoints that any result has; a dash where one has no figure for it."""
    having = [_names_of(result) for result in results]
    call = called(results, having, touchpoint_word)
    rows = [
        [call(name), *(_written(mine.get(name), write) for mine in found)] for name in union(having)
    ]
    gaps = any(NONE in row for row in rows)
    why = say("{none}: it does not exist, nobody met it, or it cost nothing", none=NONE)
    return TableBlock(
        f"{caption}. {why}" if gaps else caption,
        [say("Touchpoint"), *letters_of(results)],
        rows,
    )


def _written(value: Figure | None, write: numbers.Text) -> str:
    return NONE if value is None or isinstance(value, Undefined) else write(value)
