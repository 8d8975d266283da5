"""The sections of the page side by side that show each figure of all results on shared axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.frames.build import end_of_day
from sim.measures.cohorts import survival, why_no_cohorts
from sim.measures.conversion import phase_conversion, phase_moves
from sim.measures.figure import Figure, Undefined, in_months
from sim.measures.journey_map import by_touchpoint
from sim.measures.profit import ProfitRow, profit_over_time
from sim.report import names, numbers
from sim.report.compared import Result
from sim.report.drawing import Drawing
from sim.report.headlines import NONE
from sim.report.language import explain, say
from sim.report.sections import KeyItem, Section, Table
from sim.report.side_figures import WIDTH, Bar, Group, Line, bars, key_of, lines
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

STEPS = 60  # points of a curve at least; more would not be seen
MOST_GROUPS = 16  # of bars in a drawing; the table has all
Name = Callable[[Result, str], str]


def key(results: Sequence[Result]) -> list[KeyItem]:
    """What stands for each result in the drawings."""
    return [key_of(result.letter, result.name, result.place) for result in results]


def _letters(results: Sequence[Result]) -> list[str]:
    return [result.letter for result in results]


def _union(found: Sequence[Sequence[str]]) -> list[str]:
    """All names: those of the first in its order, then what each other one adds."""
    return list(dict.fromkeys(name for names_ in found for name in names_))


def _called(
    results: Sequence[Result], having: Sequence[Sequence[str]], word: Name
) -> Callable[[str], str]:
    """What a thing is called by the first result that has it."""

    def call(name: str) -> str:
        owner = next(r for r, mine in zip(results, having, strict=True) if name in mine)
        return word(owner, name)

    return call


def _only_some(results: Sequence[Result], having: Sequence[Sequence[str]], word: Name) -> list[str]:
    """A sentence that names what not all results have."""
    call = _called(results, having, word)
    told = []
    for name in _union(having):
        mine = [r.letter for r, own in zip(results, having, strict=True) if name in own]
        if len(mine) < len(results):
            told.append(f"{call(name)} ({', '.join(mine)})")
    return [say("Not in all results: {names}.", names=", ".join(told))] if told else []


def _phase_name(result: Result, name: str) -> str:
    return names.phase_name(result.run.scenario, name)


def _touchpoint_name(result: Result, name: str) -> str:
    return names.touchpoint_name(result.run.scenario, name)


# --- phases over time ---


def phases_section(results: Sequence[Result]) -> Section:
    """Shares of people in each phase over time, a drawing a phase."""
    having = [list(result.run.scenario.journey.phases) for result in results]
    call = _called(results, having, _phase_name)
    held = []
    for result in results:
        records = result.run.records
        days = np.vstack([records.start.sum(axis=0)[None], end_of_day(records).sum(axis=1)])
        held.append(days / records.scenario.agents)
    drawings = []
    for phase in _union(having):
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
                _letters(results),
                say("of all people"),
                say("months since the start"),
                _tick_percent,
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
            *_only_some(results, having, _phase_name),
        ],
        key=key(results),
        drawings=drawings,
    )


def _thinned(days: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Months and values of a daily curve that starts before day 0."""
    step = max(1, (len(days) - 1) // STEPS)
    shown = np.unique(np.append(np.arange(0, len(days), step), len(days) - 1))
    return shown * MONTHS_PER_YEAR / DAYS_PER_YEAR, days[shown].astype(np.float64)


def _tick_percent(share: float) -> str:
    return f"{numbers.short(round(share * 100.0, 6))}{numbers.SPACE}%"


def _at_the_end(results: Sequence[Result], shown: Sequence[Line]) -> str:
    return ", ".join(
        f"{results[line.place].letter} {numbers.percent(float(line.y[-1]))}" for line in shown
    )


# --- bars, and the table below them ---


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
            *_only_some(results, [list(rate) for rate in rates], _phase_name),
        ],
        key=key(results),
        drawings=_bars(
            "conversion",
            title,
            results,
            rates,
            _phase_name,
            numbers.percent,
            say("advanced, of those who entered the phase"),
            _tick_percent,
            span=(0.0, 1.0),
        ),
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
        _only_some(results, [_names_of(result) for result in results], _touchpoint_name),
        key=key(results),
        drawings=_bars(
            "spend",
            title,
            results,
            _by_size(spent),
            _touchpoint_name,
            text,
            say("{currency} spent in the run", currency=currency),
            tick,
        ),
        tables=[
            _table(
                say("Spend by touchpoint, {currency}", currency=currency),
                results,
                spent,
                numbers.whole,
            )
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
        [say("Mean perceived quality of an encounter, −1 to 1; 0 is what is usual.")],
        key=key(results),
        drawings=_bars(
            "quality",
            title,
            results,
            _by_size(felt),
            _touchpoint_name,
            numbers.decimal,
            say("perceived quality, 0 being what is usual"),
            numbers.decimal,
        ),
        tables=[_table(say("Quality by touchpoint"), results, felt, numbers.decimal)],
    )


def _names_of(result: Result) -> list[str]:
    return list(result.run.scenario.touchpoints)


def _by_size(found: Sequence[dict[str, Figure]]) -> list[dict[str, Figure]]:
    """The same figures, the largest first."""
    order = sorted(
        _union([list(mine) for mine in found]),
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
    found: Sequence[dict[str, Figure]],
    word: Name,
    write: numbers.Text,
    across: str,
    tick: numbers.Text,
    span: tuple[float, float] | None = None,
) -> list[Drawing]:
    """The first `MOST_GROUPS` things as groups of bars; none if no result has a figure."""
    call = _called(results, [list(mine) for mine in found], word)
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
            groups.append(Group(call(thing), shown))
    if not groups:
        return []
    alt = f"{title}: " + "; ".join(
        f"{group.name}: "
        + ", ".join(f"{results[bar.place].letter} {bar.text}" for bar in group.bars)
        for group in groups[:MOST_GROUPS]
    )
    if len(groups) > MOST_GROUPS:
        title = say("{title}: the first {count}", title=title, count=MOST_GROUPS)
    return [
        bars(name, title, alt, groups[:MOST_GROUPS], _letters(results), across, tick, span=span)
    ]


def _table(
    caption: str,
    results: Sequence[Result],
    found: Sequence[dict[str, Figure]],
    write: numbers.Text,
) -> Table:
    """All touchpoints that any result has; a dash where one has no figure for it."""
    having = [_names_of(result) for result in results]
    call = _called(results, having, _touchpoint_name)
    rows = [
        [call(name), *(_written(mine.get(name), write) for mine in found)]
        for name in _union(having)
    ]
    gaps = any(NONE in row for row in rows)
    why = say("{none}: it is not there, nobody met it, or it cost nothing", none=NONE)
    return Table(
        f"{caption}. {why}" if gaps else caption,
        [say("Touchpoint"), *_letters(results)],
        rows,
    )


def _written(value: Figure | None, write: numbers.Text) -> str:
    return NONE if value is None or isinstance(value, Undefined) else write(value)


# --- curves over time ---


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
                _letters(results),
                say("of new customers"),
                say("months after the month of purchase"),
                _tick_percent,
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
                _letters(results),
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
