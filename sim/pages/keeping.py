"""Retention, as a section of a report: cohorts, retention curve, churn, and reactivation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from sim.measures.figure import Undefined, in_months
from sim.measures.retention import (
    CohortRow,
    churn_by_tenure,
    cohort_table,
    reactivation,
    repurchase,
    survival,
    whole_months,
    why_no_cohorts,
)
from sim.pages.blocks import Figures, HeatCell, HeatLine, HeatMap, Section
from sim.pages.charts.over_time import churn_chart, repurchase_chart, survival_chart
from sim.pages.charts.render import drawn
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, prose, say
from sim.records.recorder import Records

LEAST_AT_RISK = 100  # simulated customers behind a bar of churn: at most 5 % standard error
MOST_LINES = 24  # of a heat map: more cohorts are taken together
SHADES = 10


def keeping_section(records: Records) -> Section:
    """Retention, churn and repurchase as curves, reactivation in words, cohorts folded."""
    title, why = say("Retention and churn"), why_no_cohorts(records)
    if why is not None:
        shown = [say("No cohorts are shown: {why}.", why=explain(why))]
        return Section("keeping", title, shown + _back(records))
    paragraphs = _back(records)
    drawings = [drawn(survival_chart(survival(records)))]
    churn = [row for row in churn_by_tenure(records) if row.at_risk >= LEAST_AT_RISK]
    if churn:
        drawings.append(drawn(churn_chart(churn)))
    else:
        paragraphs.append(
            say(
                "Churn is not shown, because fewer than {least} simulated customers were at risk.",
                least=LEAST_AT_RISK,
            )
        )
    again = [row for row in repurchase(records) if row.followed >= LEAST_AT_RISK]
    if again:
        drawings.append(drawn(repurchase_chart(again)))
    else:
        paragraphs.append(
            say(
                "Repeat purchases are not shown, because fewer than {least} simulated customers"
                " were followed.",
                least=LEAST_AT_RISK,
            )
        )
    return Section("keeping", title, [*paragraphs, Figures(drawings), _heat_map(records)])


def _back(records: Records) -> list[str]:
    """A sentence about reactivated customers."""
    found = reactivation(records)
    if isinstance(found, Undefined):
        return []
    if isinstance(found.share, Undefined):
        return [say("No reactivation rate is shown: {why}.", why=explain(found.share))]
    return [
        say(
            "Customers churned {stopped} times; {back} purchases reactivated one ({share}).",
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
        caption += say(", in groups of {months}", months=explain(in_months(step)))
    if any(isinstance(row.share, Undefined) for row in rows):
        caption += say(". {none}: no first purchases in that month", none=NONE)
    return HeatMap(
        caption,
        (say("First purchase"), say("People")),
        say("Months since the first purchase"),
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
