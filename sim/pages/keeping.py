"""Who stays a customer, as a section of a report: cohorts, survival, churn, and who comes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.cohorts import (
    ChurnRow,
    CohortRow,
    SurvivalRow,
    churn_by_tenure,
    cohort_table,
    reactivation,
    survival,
    why_no_cohorts,
)
from sim.measures.figure import Undefined, in_months
from sim.measures.repurchase import RepurchaseRow, repurchase
from sim.measures.retention import whole_months
from sim.pages.blocks import Figures, HeatCell, HeatLine, HeatMap, Section
from sim.pages.charts.drawing import BLUE, INK, PALE, Drawing, Sheet, sheet
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.pages.words.prose import prose
from sim.records.recorder import Records

LEAST_AT_RISK = 100  # simulated customers behind a bar of churn: at most 5 % standard error
MOST_LINES = 24  # of a heat map: more cohorts are taken together
SHADES = 10
WIDTH, HEIGHT = 320.0, 205.0  # points, as the drawings of phases


def keeping_section(records: Records) -> Section:
    """Cohorts as a heat map, survival, churn and repurchase as curves, reactivation in words."""
    title, why = say("Customers who stay"), why_no_cohorts(records)
    if why is not None:
        shown = [say("No cohorts are shown: {why}.", why=explain(why))]
        return Section("keeping", title, shown + _back(records))
    followed = survival(records)
    paragraphs = [
        prose("report.cohorts", count=numbers.exact(followed[0].followed)),
        *_back(records),
    ]
    drawings = [_survival(followed)]
    churn = [row for row in churn_by_tenure(records) if row.at_risk >= LEAST_AT_RISK]
    if churn:
        drawings.append(_churn(churn))
        paragraphs.append(prose("report.churn", least=LEAST_AT_RISK))
    else:
        paragraphs.append(
            say(
                "Churn is not shown: it would rest on fewer than {least} simulated customers.",
                least=LEAST_AT_RISK,
            )
        )
    again = [row for row in repurchase(records) if row.followed >= LEAST_AT_RISK]
    if again:
        drawings.append(_repurchase(again))
        paragraphs.append(prose("report.bought_again"))
    else:
        paragraphs.append(
            say(
                "How many bought again is not shown: it would rest on fewer than {least} simulated"
                " customers.",
                least=LEAST_AT_RISK,
            )
        )
    return Section("keeping", title, [*paragraphs, _heat_map(records), Figures(drawings)])


def _back(records: Records) -> list[str]:
    """A sentence about those who came back."""
    found = reactivation(records)
    if isinstance(found, Undefined):
        return []
    if isinstance(found.share, Undefined):
        return [say("No share of customers came back: {why}.", why=explain(found.share))]
    return [
        say(
            "Customers stopped {stopped} times in the run; {back} purchases brought such a customer"
            " back ({share}).",
            stopped=numbers.count(found.stopped),
            back=numbers.count(found.came_back),
            share=numbers.percent(found.share),
        )
    ]


def _heat_map(records: Records) -> HeatMap:
    step = math.ceil(whole_months(records) / MOST_LINES)
    rows = cohort_table(records, step)
    lines = [_heat_line(list(group)) for _, group in groupby(rows, lambda row: row.cohort)]
    ages = sorted({row.age for row in rows})
    caption = prose("report.cohorts_table")
    if step > 1:
        caption += say(", {months} of first purchases together", months=explain(in_months(step)))
    if any(isinstance(row.share, Undefined) for row in rows):
        caption += say(". {none}: nobody first bought in that month", none=NONE)
    return HeatMap(
        caption,
        (say("First bought"), say("People")),
        say("Months after that month") if step == 1 else say("Months after those months"),
        [str(age) for age in ages],
        lines,
    )


def _heat_line(rows: Sequence[CohortRow]) -> HeatLine:
    first, months = rows[0].cohort + 1, rows[0].months
    name = say("Month {month}", month=first)
    if months > 1:
        name = say("Months {first}–{last}", first=first, last=first + months - 1)
    cells = [
        HeatCell(0, NONE)
        if isinstance(row.share, Undefined)
        else HeatCell(min(int(row.share * SHADES), SHADES - 1), f"{row.share * 100.0:.0f}")
        for row in rows
    ]
    return HeatLine(name, numbers.whole(rows[0].new_customers), cells)


def _axes(made: Sheet, ages: Sequence[int], over: str, *, low: float, high: float) -> Axes:
    """Axes of percent by age in months; `over`: since when they count."""
    axes = made.axes(WIDTH, HEIGHT, left=48, right=54, top=14, bottom=40)
    axes.set_ylim(low, high)
    axes.grid(axis="x", visible=False)
    axes.spines["left"].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 1.2, 2, 3, 6, 10], integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.short(value)))
    axes.set_xlim(min(ages) - 0.3, max(ages) + 0.3)
    axes.set_xlabel(over)
    return axes


def _tick(share: float) -> str:
    return f"{numbers.short(float(f'{share * 100.0:.3g}'))} %"


def _at_end(axes: Axes, age: int, share: float) -> None:
    """The last point and its figure."""
    axes.annotate(
        numbers.percent(share),
        (age, share),
        (8, 0),
        textcoords="offset points",
        va="center",
        color=INK,
        fontweight="bold",
        annotation_clip=False,
    )


def _survival(rows: Sequence[SurvivalRow]) -> Drawing:
    ages, shares = [row.age for row in rows], [row.share for row in rows]
    last = rows[-1]
    alt = say(
        "Share still customers by age: {first} at the end of the month of first purchase, {last}"
        " {months} after (95 % band {low} to {high}).",
        first=numbers.percent(shares[0]),
        last=numbers.percent(last.share),
        months=explain(in_months(last.age)),
        low=numbers.percent(last.low),
        high=numbers.percent(last.high),
    )
    with sheet("survival", say("Still customers, with 95 % band"), alt) as made:
        axes = _axes(made, ages, say("months after the month of purchase"), low=0.0, high=1.02)
        axes.fill_between(
            ages, [row.low for row in rows], [row.high for row in rows], color=PALE, linewidth=0
        )
        axes.plot(ages, shares, "o-", color=BLUE, linewidth=1.8, markersize=3.5)
        _at_end(axes, last.age, last.share)
    return made.drawing


def _churn(rows: Sequence[ChurnRow]) -> Drawing:
    ages, shares = [row.age for row in rows], [row.churn for row in rows]
    figures = ", ".join(
        say("month {month} {share}", month=age, share=numbers.percent(share))
        for age, share in zip(ages, shares, strict=True)
    )
    alt = say("Net churn by month of age: {figures}", figures=figures)
    low, high = min(0.0, *shares), max(0.01, *shares)
    with sheet("churn", say("Churn in each month"), alt) as made:
        over = say("months after the month of purchase")
        axes = _axes(made, ages, over, low=low * 1.1, high=high * 1.12)
        axes.bar(ages, shares, width=0.62, color=BLUE)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.set_xlim(min(ages) - 0.6, max(ages) + 0.6)
    return made.drawing


def _repurchase(rows: Sequence[RepurchaseRow]) -> Drawing:
    ages, last = [0, *(row.age for row in rows)], rows[-1]
    alt = say(
        "Share of new customers who bought again: {last} within {months} (95 % band {low} to"
        " {high}).",
        last=numbers.percent(last.share),
        months=explain(in_months(last.age)),
        low=numbers.percent(last.low),
        high=numbers.percent(last.high),
    )
    with sheet("repurchase", say("Bought again, with 95 % band"), alt) as made:
        top = max(row.high for row in rows)
        over = say("months since the first purchase")
        axes = _axes(made, ages, over, low=0.0, high=max(0.01, min(1.02, top * 1.12)))
        low, high = [0.0, *(row.low for row in rows)], [0.0, *(row.high for row in rows)]
        axes.fill_between(ages, low, high, color=PALE, linewidth=0)
        shares = [0.0, *(row.share for row in rows)]
        axes.plot(ages, shares, "o-", color=BLUE, linewidth=1.8, markersize=3.5)
        _at_end(axes, last.age, last.share)
    return made.drawing
