"""Who stays a customer, as a section of a report: cohorts, survival, churn, and who comes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure
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
from sim.measures.retention import whole_months
from sim.recorder import Records
from sim.report import numbers
from sim.report.drawing import BLUE, INK, PALE, Drawing, as_svg, new_axes, style
from sim.report.headlines import NONE
from sim.report.sections import HeatCell, HeatLine, HeatMap, Section

TITLE = "Customers who stay"
LEAST_AT_RISK = 100  # simulated customers behind a bar of churn: at most 5 % standard error
MOST_LINES = 24  # of a heat map: more cohorts are taken together
SHADES = 10
WIDTH, HEIGHT = 320.0, 205.0  # points, as the drawings of phases


def keeping_section(records: Records) -> Section:
    """Cohorts as a heat map, the survival curve with its band, churn by tenure, reactivation."""
    why = why_no_cohorts(records)
    paragraphs = [] if why is None else [f"No cohorts are shown: {why}."]
    paragraphs += _back(records)
    if why is not None:
        return Section("keeping", TITLE, paragraphs)
    followed = survival(records)
    paragraphs.insert(
        0,
        "A cohort is the people who first bought in one month of the run; its age is the number"
        " of months since that month. Shown is the share who are customers at the end of each"
        " month, those who stopped and came back included. The band holds the true share with"
        " 95 % confidence (Wilson's interval) as far as the luck of the"
        f" {followed[0].followed:,} simulated customers goes; old ages rest on the oldest"
        " cohorts alone.",
    )
    drawings = [_survival(followed)]
    churn = [row for row in churn_by_tenure(records) if row.at_risk >= LEAST_AT_RISK]
    if churn:
        drawings.append(_churn(churn))
        paragraphs.append(
            "Churn is the share of those who were customers at the end of one month that is missing"
            f" at the end of the next, shown where it rests on {LEAST_AT_RISK} simulated customers"
            " or more. Below zero, more came back than stopped."
        )
    else:
        paragraphs.append(
            f"Churn is not shown: it would rest on fewer than {LEAST_AT_RISK} simulated customers."
        )
    return Section("keeping", TITLE, paragraphs, heat_map=_heat_map(records), drawings=drawings)


def _back(records: Records) -> list[str]:
    """A sentence about those who came back."""
    found = reactivation(records)
    if isinstance(found, Undefined):
        return []
    if isinstance(found.share, Undefined):
        return [f"No share of customers came back: {found.share}."]
    return [
        f"Customers stopped {numbers.count(found.stopped)} times in the run;"
        f" {numbers.count(found.came_back)} purchases brought such a customer back"
        f" ({numbers.percent(found.share)})."
    ]


def _heat_map(records: Records) -> HeatMap:
    step = math.ceil(whole_months(records) / MOST_LINES)
    rows = cohort_table(records, step)
    lines = [_heat_line(list(group)) for _, group in groupby(rows, lambda row: row.cohort)]
    ages = sorted({row.age for row in rows})
    gaps = any(isinstance(row.share, Undefined) for row in rows)
    nobody = f". {NONE}: nobody first bought in that month" if gaps else ""
    together = "" if step == 1 else f", {in_months(step)} of first purchases together"
    return HeatMap(
        f"Share still customers, in percent, by month of first purchase{together}{nobody}",
        ("First bought", "People"),
        "Months after that month" if step == 1 else "Months after those months",
        [str(age) for age in ages],
        lines,
    )


def _heat_line(rows: Sequence[CohortRow]) -> HeatLine:
    first, months = rows[0].cohort + 1, rows[0].months
    name = f"Month {first}" if months == 1 else f"Months {first}\u2013{first + months - 1}"
    cells = [
        HeatCell(0, NONE)
        if isinstance(row.share, Undefined)
        else HeatCell(min(int(row.share * SHADES), SHADES - 1), f"{row.share * 100.0:.0f}")
        for row in rows
    ]
    return HeatLine(name, numbers.whole(rows[0].new_customers), cells)


def _axes(ages: Sequence[int], low: float, high: float) -> tuple[Figure, Axes]:
    """Axes of percent by age in months."""
    figure, axes = new_axes(WIDTH, HEIGHT, left=48, right=54, top=14, bottom=40)
    axes.set_ylim(low, high)
    axes.grid(axis="x", visible=False)
    axes.spines["left"].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 1.2, 2, 3, 6, 10], integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(min(ages) - 0.3, max(ages) + 0.3)
    axes.set_xlabel("months after the month of purchase")
    return figure, axes


def _tick(share: float) -> str:
    return f"{numbers.MINUS if share < -1e-9 else ''}{abs(share) * 100.0:.3g} %"


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
    alt = (
        f"Share still customers by age: {numbers.percent(shares[0])} at the end of the month of"
        f" first purchase, {numbers.percent(last.share)} {in_months(last.age)} after"
        f" (95 % band {numbers.percent(last.low)} to {numbers.percent(last.high)})."
    )
    with style():
        figure, axes = _axes(ages, 0.0, 1.02)
        axes.fill_between(
            ages, [row.low for row in rows], [row.high for row in rows], color=PALE, linewidth=0
        )
        axes.plot(ages, shares, "o-", color=BLUE, linewidth=1.8, markersize=3.5)
        _at_end(axes, last.age, last.share)
        title = "Still customers, with 95 % band"
        return Drawing("survival", title, alt, as_svg(figure, "survival", alt))


def _churn(rows: Sequence[ChurnRow]) -> Drawing:
    ages, shares = [row.age for row in rows], [row.churn for row in rows]
    alt = "Net churn by month of age: " + ", ".join(
        f"month {age} {numbers.percent(share)}" for age, share in zip(ages, shares, strict=True)
    )
    low, high = min(0.0, *shares), max(0.01, *shares)
    with style():
        figure, axes = _axes(ages, low * 1.1, high * 1.12)
        axes.bar(ages, shares, width=0.62, color=BLUE)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.set_xlim(min(ages) - 0.6, max(ages) + 0.6)
        title = "Churn in each month"
        return Drawing("churn", title, alt, as_svg(figure, "churn", alt))
