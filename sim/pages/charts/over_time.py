"""Charts of what changes with time or age: of one run, or of several results side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from sim.measures.economics import ProfitRow, first_lasting
from sim.measures.figure import Undefined, in_months
from sim.measures.intervals import Estimate
from sim.measures.retention import ChurnRow, RepurchaseRow, SurvivalRow
from sim.pages.charts.chart import (
    MONTHS,
    Band,
    Bars,
    Chart,
    Line,
    Mark,
    NumberAxis,
    Numbers,
    Panel,
    Points,
    Role,
    Rule,
    Side,
    Size,
    TextMark,
    around,
    one_panel,
    scale,
)
from sim.pages.words import names, numbers
from sim.pages.words.language import explain, say
from sim.records.recorder import Records, end_of_day
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR, Purpose

HIGH = 11.0  # lines of a plot
DAILY_UP_TO = 200  # days; a longer run is drawn by weeks
SHORT = 90  # days; the time of a shorter run is told in days
DRAWN_MONTHS = 36  # with more, bars would be too thin to see


@dataclass(frozen=True)
class TimeCurve:
    """A curve, the text at its end, and the band around it if there is one."""

    x: Numbers
    y: Numbers
    end: str
    _: KW_ONLY
    role: Role = Role.MAIN
    low: Numbers = ()
    high: Numbers = ()


def curves_chart(
    told: tuple[str, str, str],
    curves: Sequence[TimeCurve],
    axes: tuple[NumberAxis, NumberAxis],
    *,
    dots: bool = False,
    filled: bool = False,
) -> Chart:
    """Curves on the same axes, each with a point and its text at its end.

    `told`: name, title and alternative text of the chart; `dots`: at every number of the curves;
    `filled`: what lies below a curve is shaded.
    """
    marks: list[Mark] = []
    for curve in curves:
        if curve.low:
            marks.append(Band(curve.x, curve.low, curve.high))
        elif filled:
            marks.append(Band(curve.x, [0.0] * len(curve.x), curve.y))
    if axes[1].low < 0.0:
        marks.append(Rule())
    for curve in curves:
        marks.append(Line(curve.x, curve.y, curve.role, dots=dots))
        if not dots:
            marks.append(Points(curve.x[-1:], curve.y[-1:], curve.role))
        marks.append(TextMark(curve.x[-1], curve.y[-1], curve.end))
    return Chart(*told, panels=one_panel(axes, marks, HIGH), size=Size.NARROW)


def percent_tick(share: float) -> str:
    """A share on an axis: 2.5%."""
    return numbers.short_percent(share)


def shares_axis(label: str, highest: float) -> NumberAxis:
    """The vertical axis of shares from 0 to a little above the highest."""
    return scale(label, (0.0, max(0.01, min(1.03, highest * 1.1))), percent_tick)


def months_axis(label: str, last: float, first: float = 0.0) -> NumberAxis:
    """The horizontal axis of months."""
    ends = first, max(last, first + 0.1)
    whole = last - first > 3.0
    return scale(
        label, ends, numbers.short, most=5, steps=MONTHS if whole else (1, 2, 5, 10), whole=whole
    )


# --- people in each phase ---


def phase_charts(records: Records) -> list[Chart]:
    """People in each phase over time: one chart a phase, each on its own scale."""
    people = end_of_day(records).sum(axis=1) * records.people_per_agent
    start = records.start.sum(axis=0) * records.people_per_agent
    held = np.vstack([start[None], people]).astype(float)
    scenario = records.scenario
    return [
        _phase_chart(name, names.phase_name(scenario, name), held[:, p].tolist())
        for p, name in enumerate(scenario.journey.phases)
    ]


def _phase_chart(phase: str, title: str, held: list[float]) -> Chart:
    """`held`: people on every day, the day before the run first."""
    step = 1 if len(held) <= DAILY_UP_TO else 7
    days = sorted({*range(0, len(held), step), len(held) - 1})
    most = max(held)
    write, tick = (numbers.scale(most, ticks) for ticks in (False, True))
    if len(held) <= SHORT:
        time = [float(day) for day in days]
        across = scale(
            say("days since the start"),
            (0.0, max(time[-1], 1.0)),
            numbers.short,
            most=5,
            whole=True,
        )
    else:
        time = [day * MONTHS_PER_YEAR / DAYS_PER_YEAR for day in days]
        across = months_axis(say("months since the start"), time[-1])
    alt = say(
        "People in {phase} over time: {first} at the start, {last} at the end, at most {most}.",
        phase=title,
        first=numbers.count(held[0]),
        last=numbers.count(held[-1]),
        most=numbers.count(most),
    )
    up = scale(say("people"), (0.0, max(1.0, most) * 1.12), tick, whole=True)
    curve = TimeCurve(time, [held[day] for day in days], write(held[-1]))
    return curves_chart((f"phase-{phase}", title, alt), [curve], (across, up), filled=True)


# --- customers who stay ---


def survival_chart(rows: Sequence[SurvivalRow]) -> Chart:
    """The share of new customers who still are customers, by age in months, with its band."""
    last = rows[-1]
    alt = say(
        "Retention rate by tenure: {first} at the end of the month of first purchase, {last}"
        " {months} later (95% CI {interval}).",
        first=numbers.percent(rows[0].share),
        last=numbers.percent(last.share),
        months=explain(in_months(last.age)),
        interval=numbers.interval(last.low, last.high, numbers.percent),
    )
    return survival_curves(alt, [survival_curve(rows, numbers.percent(last.share), Role.MAIN)])


def survival_curve(rows: Sequence[SurvivalRow], end: str, role: Role) -> TimeCurve:
    """The curve of one result, with the text at its end."""
    return TimeCurve(
        [float(row.age) for row in rows],
        [row.share for row in rows],
        end,
        role=role,
        low=[row.low for row in rows],
        high=[row.high for row in rows],
    )


def survival_curves(alt: str, curves: Sequence[TimeCurve]) -> Chart:
    """Those who stay, of one result or of several."""
    axes = (
        months_axis(
            say("months since the month of first purchase"), max(curve.x[-1] for curve in curves)
        ),
        shares_axis(say("of new customers"), 1.0),
    )
    told = "survival", say("Retention curve, with 95% CI"), alt
    return curves_chart(told, curves, axes, dots=len(curves) == 1)


def churn_chart(rows: Sequence[ChurnRow]) -> Chart:
    """The share of customers that a month took, net of those who came back, by age in months."""
    ages, shares = [float(row.age) for row in rows], [row.churn for row in rows]
    figures = ", ".join(
        say("month {month} {share}", month=row.age, share=numbers.percent(row.churn))
        for row in rows
    )
    alt = say("Net churn by month of tenure: {figures}", figures=figures)
    across = months_axis(
        say("months since the month of first purchase"), ages[-1] + 0.6, ages[0] - 0.6
    )
    up = scale(say("of customers a month before"), around([*shares, 0.01], 0.1), percent_tick)
    panels = one_panel((across, up), (Bars(ages, shares), Rule()), HIGH)
    return Chart("churn", say("Net churn by month of tenure"), alt, panels=panels, size=Size.NARROW)


def repurchase_chart(rows: Sequence[RepurchaseRow]) -> Chart:
    """The share of new customers who bought again, by months since their first purchase."""
    last = rows[-1]
    alt = say(
        "Repeat-purchase rate: {last} of new customers within {months} (95% CI {interval}).",
        last=numbers.percent(last.share),
        months=explain(in_months(last.age)),
        interval=numbers.interval(last.low, last.high, numbers.percent),
    )
    curve = TimeCurve(
        [0.0, *(float(row.age) for row in rows)],
        [0.0, *(row.share for row in rows)],
        numbers.percent(last.share),
        role=Role.MAIN,
        low=[0.0, *(row.low for row in rows)],
        high=[0.0, *(row.high for row in rows)],
    )
    axes = (
        months_axis(say("months since the first purchase"), float(last.age)),
        shares_axis(say("of new customers"), max(row.high for row in rows)),
    )
    told = "repurchase", say("Repeat-purchase rate, with 95% CI"), alt
    return curves_chart(told, [curve], axes, dots=True)


# --- money ---


def amounts_axis(label: str, amounts: Sequence[float], most: int = 4) -> NumberAxis:
    """The vertical axis of amounts, 0 among them."""
    ends = around(amounts)
    return scale(label, ends, numbers.scale(max(map(abs, ends)), ticks=True), most=most)


def profit_chart(scenario: Scenario, rows: Sequence[ProfitRow]) -> Chart | None:
    """Margin and spend by month, profit by month and so far; None if no money moved."""
    if not any(row.margin or row.spend for row in rows):
        return None
    currency = scenario.currency
    even = first_lasting([row.cumulative_profit for row in rows])
    last = rows[-1]
    alt = say(
        "Money by month: margin {margin} in the first month and {margin_end} in the last, profit"
        " {profit} and {profit_end}; cumulative profit {total} at the end.",
        margin=numbers.money(rows[0].margin, currency),
        margin_end=numbers.money(last.margin, currency),
        profit=numbers.money(rows[0].profit, currency),
        profit_end=numbers.money(last.profit, currency),
        total=numbers.money(last.cumulative_profit, currency),
    )
    if not isinstance(even, Undefined):
        alt += " " + say("Break-even month: {month}.", month=numbers.short(even))
    across = scale(
        say("month of the run"),
        (0.3, len(rows) + 0.7),
        numbers.short,
        most=6,
        steps=MONTHS,
        whole=True,
    )
    panels = (_by_month(currency, across, rows), *_profits(currency, across, rows))
    return Chart("profit", say("Margin, spend and profit"), alt, panels=panels, size=Size.NARROW)


def _by_month(currency: str, across: NumberAxis, rows: Sequence[ProfitRow]) -> Panel:
    """Margin as a line over spend by purpose."""
    month = [row.month + 1.0 for row in rows]
    wins = [row.spend_acquisition for row in rows]
    both = [row.spend_acquisition + row.spend_retention for row in rows]
    spend = [row.spend for row in rows]
    margin = [row.margin for row in rows]
    marks: list[Mark] = [Line(month, margin, Role.TOTAL, name=say("margin"), dots=True)]
    below: list[Mark] = []
    for purpose, role, start, end in (
        (Purpose.ACQUISITION, Role.ACQUISITION, [0.0] * len(rows), wins),
        (Purpose.RETENTION, Role.RETENTION, wins, both),
        (Purpose.DELIVERY, Role.DELIVERY, both, spend),
    ):
        if start == end:
            continue
        name = say("spend on {purpose}", purpose=names.purpose_name(purpose))
        if len(rows) <= DRAWN_MONTHS:
            below.append(Bars(month, end, role, name=name, start=start, wide=0.72))
        else:
            below.append(Band(month, start, end, role=role, name=name))
    up = amounts_axis(say("{currency} per month", currency=currency), [*margin, *spend], 5)
    return Panel(across, up, (*below, Rule(), *marks), lines=HIGH)


def _profits(currency: str, across: NumberAxis, rows: Sequence[ProfitRow]) -> tuple[Panel, Panel]:
    """Profit by month, and so far."""
    month, profit = [row.month + 1.0 for row in rows], [row.profit for row in rows]
    bars = [
        Bars([month[k] for k in places], [profit[k] for k in places], role, wide=0.72)
        for role, places in (
            (Role.GAIN, [k for k, value in enumerate(profit) if value >= 0.0]),
            (Role.LOSS, [k for k, value in enumerate(profit) if value < 0.0]),
        )
        if places
    ]
    over = amounts_axis(say("profit, {currency} per month", currency=currency), profit, 3)
    so_far = [0.0, *(row.cumulative_profit for row in rows)]
    start = [0.0, *month]
    marks: list[Mark] = [
        Band(start, [0.0] * len(start), so_far),
        Line(start, so_far, Role.TOTAL),
        Rule(),
    ]
    even = first_lasting(so_far[1:])
    if not isinstance(even, Undefined) and even > 1.0:
        at = so_far[int(even)]
        text = say("break-even: month {month}", month=numbers.short(even))
        marks += [Points([even], [at], Role.TRUTH), TextMark(even, at, text, side=Side.CORNER)]
    up = amounts_axis(say("profit since the start, {currency}", currency=currency), so_far, 3)
    return Panel(across, over, (*bars, Rule()), lines=5.2), Panel(
        across, up, tuple(marks), lines=5.0
    )


def regret_chart(
    title: str,
    whole: Sequence[Estimate],
    half: Sequence[Estimate],
    *,
    called: tuple[str, str],
    unit: str,
) -> Chart:
    """What two plans have earned less than a third, from the start to each month.

    `whole`: the plan that follows the belief, with its 95% interval; `half`: the one that leaves
    the spend on keeping customers as it is; `called`: their names; `unit`: of the vertical axis.
    """
    months = [float(month) for month in range(1, len(whole) + 1)]
    ends = [end for one in (*whole, *half) for end in one]
    write = numbers.scale(max(map(abs, [0.0, *ends])))
    shown = [month for month in range(1, len(whole) + 1) if month % 6 == 0 or month == len(whole)]
    alt = say(
        "{title}: {figures}",
        title=title,
        figures=", ".join(
            say("month {month} {amount}", month=m, amount=write(whole[m - 1].value)) for m in shown
        ),
    )
    first, second = called
    marks: list[Mark] = [
        Band(months, [one.low for one in whole], [one.high for one in whole]),
        Rule(),
        Line(months, [one.value for one in whole], Role.SERIES_1, name=first),
        Line(months, [one.value for one in half], Role.SERIES_2, name=second),
    ]
    axes = (
        months_axis(say("month of the run"), max(2.0, months[-1]), 1.0),
        amounts_axis(unit, ends, 5),
    )
    return Chart("regret", title, alt, panels=one_panel(axes, marks, HIGH), size=Size.WIDE)
