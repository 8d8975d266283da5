"""Economics, as a section of a report: profit over time, acquisition and retention, segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.measures.economics import margin_for, profit_over_time, return_by_purpose, spend_for
from sim.measures.figure import Undefined
from sim.measures.segments_money import SegmentMoney, money_by_segment
from sim.measures.value import HORIZON_MONTHS
from sim.pages.blocks import Section, TableBlock, TableColumn, figures, table
from sim.pages.charts.amounts import segments_chart, win_and_keep_chart
from sim.pages.charts.over_time import profit_chart
from sim.pages.charts.render import drawn
from sim.pages.words import names, numbers
from sim.pages.words.headlines import why_none, winning_and_keeping
from sim.pages.words.language import explain, prose, say
from sim.records.recorder import Records
from sim.runs.run import Run
from sim.vocabulary import Purpose, Shape

NO_MARGIN = Undefined("no margin belongs to delivery")


def money_section(run: Run, summary: Mapping[str, Any]) -> Section:
    """Spend, margin and profit over time, acquisition and retention cost, CLV by segment.

    `summary`: that of several replicates, of which `run` is the first, or the run's own; the
    sentences give its figures, drawings and tables those of the run.
    """
    records = run.records
    months, segments = profit_over_time(records), money_by_segment(records)
    charts = (
        profit_chart(records.scenario, months),
        win_and_keep_chart(records, summary["economics"]),
        segments_chart(records.scenario, segments),
    )
    drawings = figures(*(drawn(chart) for chart in charts if chart is not None))
    paragraphs = [_profit(run, summary), " ".join(winning_and_keeping(summary))]
    if not months[-1].whole:
        paragraphs.insert(1, prose("report.short_month"))
    tables = [_purpose_table(records), _segment_table(records, segments)]
    return Section("money", say("Economics"), [*paragraphs, drawings, *tables])


def _profit(run: Run, summary: Mapping[str, Any]) -> str:
    """What came in, what was spent, and when the run had earned its spend."""
    currency, economics = run.scenario.currency, summary["economics"]
    text = say(
        "Contribution margin {margin} less marketing spend {spend} leaves a profit of {profit}.",
        **{key: numbers.money(economics[key], currency) for key in ("margin", "spend", "profit")},
    )
    even = economics["break_even_month"]
    if even is None:
        why = explain(summary["undefined"]["economics.break_even_month"])
        return f"{text} " + say("There is no break-even month, because {why}.", why=why)
    if even <= 1.0:
        return f"{text} " + say("Cumulative profit is positive from the first month.")
    return f"{text} " + say(
        "Break-even: cumulative profit is positive from the end of month {month}.",
        month=numbers.exact(round(even)),
    )


def _cash(amount: float) -> str:
    """An amount in a column."""
    return numbers.whole(amount) if abs(amount) >= 100.0 else numbers.decimal(amount)


def _purpose_table(records: Records) -> TableBlock:
    """Margin against spend, by purpose."""
    currency = records.scenario.currency
    returned = return_by_purpose(records)
    columns = [
        TableColumn(say("Purpose")),
        TableColumn(say("Spend, {currency}", currency=currency), numbers.whole),
        TableColumn(say("Margin, {currency}", currency=currency), numbers.whole),
        TableColumn(say("Margin-to-spend ratio"), numbers.decimal),
    ]
    rows = [
        [
            names.purpose_name(purpose),
            spend_for(records, purpose),
            margin_for(records, purpose) if purpose in returned else NO_MARGIN,
            returned.get(purpose, NO_MARGIN),
        ]
        for purpose in Purpose
        if purpose in returned or spend_for(records, purpose)
    ]
    caption = prose("report.purposes_table")
    caption += why_none({columns[3].head: returned.values()})
    return table(caption, columns, rows, fold=say("Margin-to-spend ratio by purpose"))


def _segment_table(records: Records, segments: Sequence[SegmentMoney]) -> TableBlock:
    """CAC and CLV of each segment; in a funnel, the margin of the one purchase."""
    scenario = records.scenario
    currency = scenario.currency
    caption = prose(
        "report.segments_table", currency=currency, months=numbers.months(HORIZON_MONTHS)
    )
    amounts = {
        say("CAC"): [row.cac for row in segments],
        say("First purchase"): [row.first_order_margin for row in segments],
    }
    if scenario.journey.shape == Shape.FUNNEL:
        caption = say(
            "CAC and margin of the one purchase of a new customer, in {currency}",
            currency=currency,
        )
    else:
        amounts[say("In the run")] = [row.clv_realised for row in segments]
        amounts[numbers.months(HORIZON_MONTHS)] = [row.clv_projected for row in segments]
    times = {say("CLV:CAC"): [row.clv_cac_ratio for row in segments]}
    told = amounts | times
    columns = [
        TableColumn(say("Segment")),
        TableColumn(say("New customers"), numbers.whole),
        *(TableColumn(head, _cash) for head in amounts),
        *(TableColumn(head, numbers.decimal) for head in times),
    ]
    rows = [
        [
            names.segment_name(scenario, row.segment),
            row.new_customers,
            *(column[place] for column in told.values()),
        ]
        for place, row in enumerate(segments)
    ]
    return table(caption + why_none(told), columns, rows, fold=say("CAC and CLV by segment"))
