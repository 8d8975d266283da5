"""The curves of the page side by side: phases, customers who stay, and money over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.measures.economics import ProfitRow, profit_over_time
from sim.measures.figure import in_months
from sim.measures.retention import survival, why_no_cohorts
from sim.pages.blocks import Figures, Key, Section
from sim.pages.charts.over_time import (
    Curve,
    amounts_axis,
    curves_chart,
    months_axis,
    shares_axis,
    survival_curve,
    survival_curves,
)
from sim.pages.charts.render import drawn
from sim.pages.compared import Result
from sim.pages.side_parts import (
    called,
    key,
    only_some,
    phase_word,
    role_of,
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
            Key(key(results)),
            Figures(drawings),
        ],
    )


def _curve_of(result: Result, days: NDArray[np.float64]) -> Curve:
    """A daily curve that starts before day 0, thinned, by months."""
    step = max(1, (len(days) - 1) // STEPS)
    shown = np.unique(np.append(np.arange(0, len(days), step), len(days) - 1))
    months = shown * MONTHS_PER_YEAR / DAYS_PER_YEAR
    return Curve(months.tolist(), days[shown].tolist(), result.letter, role=role_of(result))


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
        shown.append(survival_curve(rows, result.letter, role_of(result)))
        alts.append(
            f"{result.letter} {numbers.percent(rows[-1].share)}, {explain(in_months(rows[-1].age))}"
        )
    drawings = []
    if shown:
        alt = say("Share still customers at the oldest age: {shares}.", shares="; ".join(alts))
        drawings = [drawn(survival_curves(alt, shown))]
    text = say(
        "The share of new customers who are customers so many months after, those who stopped and"
        " came back included; old ages rest on the oldest cohorts alone. The band tells the luck"
        " of the simulated customers."
    )
    return Section(
        "keeping",
        title,
        [
            *([text] if shown else []),
            *told,
            *([Key(key(results))] if shown else []),
            Figures(drawings),
        ],
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
            Curve(
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
        "Margin and marketing spend of each whole month, and profit (margin less marketing spend)"
        " summed from the start."
    )
    return Section("over-time", title, [text, *told, Key(key(results)), Figures(drawings)])
