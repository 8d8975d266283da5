"""Money, as a section of a report: profit over time, winning against keeping, and segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.measures.economics import margin_for, return_by_purpose, spend_for
from sim.measures.figure import Figure, Undefined
from sim.measures.profit import profit_over_time
from sim.measures.segments_money import SegmentMoney, money_by_segment
from sim.measures.value import HORIZON_MONTHS
from sim.pages.charts.amounts import segments_chart, win_and_keep_chart
from sim.pages.charts.over_time import profit_chart
from sim.pages.charts.render import drawn
from sim.pages.sections import Section, Table
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE, why_none
from sim.pages.words.language import explain, say
from sim.records.recorder import Records
from sim.runs.run import Run
from sim.vocabulary import Purpose, Shape


def money_section(run: Run, summary: Mapping[str, Any]) -> Section:
    """Spend, margin and profit over time, what winning and keeping cost, value by segment.

    `summary`: that of several replicates, of which `run` is the first, or the run's own; the
    sentences tell its figures, drawings and tables those of the run.
    """
    records = run.records
    months, segments = profit_over_time(records), money_by_segment(records)
    charts = (
        profit_chart(records.scenario, months),
        win_and_keep_chart(records, summary["economics"]),
        segments_chart(records.scenario, segments),
    )
    paragraphs = [_profit(run, summary), _purposes(run, summary), _value(run)]
    if not months[-1].whole:
        paragraphs.insert(1, say("The run ends within the last month, which is therefore short."))
    return Section(
        "money",
        say("Money"),
        [text for text in paragraphs if text],
        drawings=[drawn(chart) for chart in charts if chart is not None],
        tables=[_purpose_table(records), _segment_table(records, segments)],
    )


def _profit(run: Run, summary: Mapping[str, Any]) -> str:
    """What came in, what was spent, and when the run had earned its spend."""
    currency, economics = run.scenario.currency, summary["economics"]
    text = say(
        "A margin of {margin} less {spend} of marketing leaves {profit}.",
        **{key: numbers.money(economics[key], currency) for key in ("margin", "spend", "profit")},
    )
    even = economics["break_even_month"]
    if even is None:
        why = explain(summary["undefined"]["economics.break_even_month"])
        return f"{text} " + say("There is no break-even month: {why}.", why=why)
    if even <= 1.0:
        return f"{text} " + say("From the first month on, cumulative profit is never below zero.")
    return f"{text} " + say(
        "Cumulative profit stays above zero from the end of month {month} on.",
        month=numbers.exact(round(even)),
    )


def _purposes(run: Run, summary: Mapping[str, Any]) -> str:
    """What winning and keeping cost, in all and for each customer."""
    currency, economics = run.scenario.currency, summary["economics"]
    win, keep, paid = economics["cac"], economics["keeping_cost_per_year"], economics["cac_paid"]
    won = numbers.money(economics["spend_acquisition"], currency)
    kept = numbers.money(economics["spend_retention"], currency)
    if not economics["spend_acquisition"] and not economics["spend_retention"]:
        return say("No touchpoint cost anything.")
    first = say("To win customers: {spend}.", spend=won)
    if win:
        first = say(
            "To win customers: {spend}, {each} for each of {count} new customers.",
            spend=won,
            each=numbers.money(win, currency),
            count=numbers.count(summary["customers"]["new"]),
        )
    if win and paid:
        first += " " + say(
            "Of the {each}, {paid} was paid for contacts and clicks, whoever won the customer.",
            each=numbers.money(win, currency),
            paid=numbers.money(paid, currency),
        )
    second = say("To keep customers: {spend}.", spend=kept)
    if keep:
        second = say(
            "To keep customers: {spend}, {each} for each customer and year.",
            spend=kept,
            each=numbers.money(keep, currency),
        )
    ratio = economics["keep_to_win_ratio"]
    if not ratio:
        return f"{first} {second}"
    return f"{first} {second} " + say(
        "Keeping a customer for a year costs {ratio} times what winning one does.",
        ratio=numbers.decimal(ratio),
    )


def _value(run: Run) -> str:
    """What the value and the cost by segment are."""
    value = say(
        "Value is the discounted margin of a new customer over {months} months, projected where"
        " the run ends.",
        months=HORIZON_MONTHS,
    )
    if run.scenario.journey.shape == Shape.FUNNEL:
        value = say("Value is the margin of a new customer's one order: a funnel keeps nobody.")
    return f"{value} " + say(
        "The cost of winning one splits the spend of each touchpoint over the segments by the"
        " contacts, visits or encounters that it is paid for: an assumption."
    )


def _cash(figure: Figure) -> str:
    """An amount in a column."""
    if isinstance(figure, Undefined):
        return NONE
    return numbers.whole(figure) if abs(figure) >= 100.0 else numbers.decimal(figure, 1)


def _times(figure: Figure) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.decimal(figure)


def _purpose_table(records: Records) -> Table:
    """Margin against spend, by purpose."""
    currency = records.scenario.currency
    returned = return_by_purpose(records)
    head = [
        say("Purpose"),
        say("Spend, {currency}", currency=currency),
        say("Margin set against it, {currency}", currency=currency),
        say("Margin / spend"),
    ]
    rows = [
        [
            names.purpose_name(purpose),
            numbers.whole(spend_for(records, purpose)),
            numbers.whole(margin_for(records, purpose)),
            _times(returned[str(purpose)]),
        ]
        for purpose in Purpose
    ]
    caption = say(
        "Return by purpose, as accounting: the margin of new customers' first purchases against"
        " the spend to win customers, all other margin against the spend to keep them. It is no"
        " causal return: much of that margin would have come without the spend"
    )
    return Table(caption + why_none({head[3]: returned.values()}), head, rows)


def _segment_table(records: Records, segments: Sequence[SegmentMoney]) -> Table:
    """What a new customer of each segment costs and brings; in a funnel, with its one order."""
    scenario = records.scenario
    currency = scenario.currency
    caption = say(
        "A new customer of each segment, {currency}: what winning one cost, and the margin of the"
        " first order, of all orders in the run and of {months} months, discounted to the first"
        " purchase",
        currency=currency,
        months=HORIZON_MONTHS,
    )
    amounts = {
        say("Cost of one"): [row.cac for row in segments],
        say("First order"): [row.first_order_margin for row in segments],
    }
    if scenario.journey.shape == Shape.FUNNEL:
        caption = say(
            "A new customer of each segment, {currency}: what winning one cost, and the margin of"
            " the one order",
            currency=currency,
        )
    else:
        amounts[say("In the run")] = [row.clv_realised for row in segments]
        amounts[say("{months} months", months=HORIZON_MONTHS)] = [
            row.clv_projected for row in segments
        ]
    times = {say("Value / cost"): [row.clv_cac_ratio for row in segments]}
    rows = [
        [
            names.segment_name(scenario, row.segment),
            numbers.whole(row.new_customers),
            *(_cash(figures[place]) for figures in amounts.values()),
            *(_times(figures[place]) for figures in times.values()),
        ]
        for place, row in enumerate(segments)
    ]
    head = [say("Segment"), say("New customers"), *amounts, *times]
    return Table(caption + why_none(amounts | times), head, rows)
