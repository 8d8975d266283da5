"""The curves of the page side by side: phases, customers who stay, and money over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.measures.cohorts import survival, why_no_cohorts
from sim.measures.figure import in_months
from sim.measures.profit import ProfitRow, profit_over_time
from sim.pages.charts.side_figures import WIDTH, Line, lines
from sim.pages.compared import Result
from sim.pages.sections import Section
from sim.pages.side_parts import (
    called,
    key,
    letters_of,
    only_some,
    phase_word,
    tick_percent,
    union,
)
from sim.pages.words import numbers
from sim.pages.words.language import explain, say
from sim.records.recorder import end_of_day
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

STEPS = 60  # points of a curve at least; more would not be seen


def phases_section(results: Sequence[Result]) -> Section:
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
            Line(result.place, *_thinned(days[:, own.index(phase)]))
            for result, own, days in zip(results, having, held, strict=True)
            if phase in own
        ]
        title = call(phase)
        alt = say(
            "Share of people in {phase} at the end: {shares}.",
            phase=title,
            shares=_at_the_end(results, shown),
        )
        drawings.append(
            lines(
                f"phase-{phase}",
                title,
                alt,
                shown,
                letters_of(results),
                say("of all people"),
                say("months since the start"),
                tick_percent,
            )
        )
    return Section(
        "phases",
        say("Customers in each phase over time"),
        [
            say(
                "Each drawing has a scale of its own, starting at zero; all results are on the"
                " same one. Shares are of all people of the market."
            ),
            *only_some(results, having, phase_word),
        ],
        key=key(results),
        drawings=drawings,
    )


def _thinned(days: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Months and values of a daily curve that starts before day 0."""
    step = max(1, (len(days) - 1) // STEPS)
    shown = np.unique(np.append(np.arange(0, len(days), step), len(days) - 1))
    return shown * MONTHS_PER_YEAR / DAYS_PER_YEAR, days[shown].astype(np.float64)


def _at_the_end(results: Sequence[Result], shown: Sequence[Line]) -> str:
    return ", ".join(
        f"{results[line.place].letter} {numbers.percent(float(line.y[-1]))}" for line in shown
    )


def survival_section(results: Sequence[Result]) -> Section:
    """The share of new customers who still are customers, by age."""
    title = say("Customers who stay")
    told, shown, alts = [], [], []
    for result in results:
        why = why_no_cohorts(result.run.records)
        if why is not None:
            told.append(say("{letter} shows none: {why}.", letter=result.letter, why=explain(why)))
            continue
        rows = survival(result.run.records)
        shown.append(
            Line(
                result.place,
                np.array([float(row.age) for row in rows]),
                *(
                    np.array([getattr(row, part) for row in rows])
                    for part in ("share", "low", "high")
                ),
            )
        )
        alts.append(
            f"{result.letter} {numbers.percent(rows[-1].share)}, {explain(in_months(rows[-1].age))}"
        )
    drawings = []
    if shown:
        drawings = [
            lines(
                "survival",
                say("Still customers, with 95 % band"),
                say("Share still customers at the oldest age: {shares}.", shares="; ".join(alts)),
                shown,
                letters_of(results),
                say("of new customers"),
                say("months after the month of purchase"),
                tick_percent,
                high=1.04,
                width=WIDTH,
            )
        ]
    text = say(
        "The share of new customers who are customers so many months after, those who stopped and"
        " came back included; old ages rest on the oldest cohorts alone. The band tells the luck"
        " of the simulated customers."
    )
    return Section(
        "keeping",
        title,
        [text, *told] if shown else told,
        key=key(results) if shown else [],
        drawings=drawings,
    )


def money_section(results: Sequence[Result]) -> Section:
    """Margin and spend month by month, and profit so far."""
    title = say("Money over time")
    months = [[row for row in profit_over_time(r.run.records) if row.whole] for r in results]
    told = [
        say("{letter} shows none: it is shorter than a month.", letter=result.letter)
        for result, rows in zip(results, months, strict=True)
        if not rows
    ]
    if not any(months):
        return Section("over-time", title, told)
    wanted: list[tuple[str, str, Callable[[ProfitRow], float]]] = [
        ("margin", say("Margin a month"), lambda row: row.margin),
        ("month-spend", say("Marketing spend a month"), lambda row: row.spend),
        ("profit", say("Profit so far"), lambda row: row.cumulative_profit),
    ]
    currency = results[0].run.scenario.currency
    drawings = []
    for name, label, part in wanted:
        shown = [
            Line(
                result.place,
                np.array([row.month + 1.0 for row in rows]),
                np.array([part(row) for row in rows]),
            )
            for result, rows in zip(results, months, strict=True)
            if rows
        ]
        ends = ", ".join(
            f"{results[line.place].letter} {numbers.money(float(line.y[-1]), currency)}"
            for line in shown
        )
        largest = max(float(np.abs(line.y).max()) for line in shown)
        drawings.append(
            lines(
                f"money-{name}",
                label,
                say("{figure}, in the last whole month: {amounts}.", figure=label, amounts=ends),
                shown,
                letters_of(results),
                currency,
                say("months since the start"),
                numbers.scale(largest, ticks=True),
                low=None,
            )
        )
    text = say(
        "Margin and marketing spend of each whole month, and profit (margin less marketing spend)"
        " summed from the start."
    )
    return Section("over-time", title, [text, *told], key=key(results), drawings=drawings)
