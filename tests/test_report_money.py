"""The money section of the report: every figure is a measure's, and nothing is left unsaid."""

import re
from functools import cache

import numpy as np
import pytest

from sim.measures import economics
from sim.measures.economics import profit_over_time
from sim.measures.replicates import combine
from sim.measures.segments_money import money_by_segment
from sim.model.columns import Cohort, Count
from sim.pages.blocks import Section
from sim.pages.charts.amounts import segments_chart
from sim.pages.charts.chart import Band, Bars, Chart, Line
from sim.pages.charts.drawing import keeping_figures
from sim.pages.charts.over_time import profit_chart
from sim.pages.charts.render import drawn
from sim.pages.money import money_section
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import speaking
from sim.runs.run import Run, run
from sim.vocabulary import Purpose
from worlds.by_hand import alone, by_hand, nothing_happened, run_of, unmeasured, win
from worlds.markets import LONG_TOWN, MARKETS


@cache
def town() -> Run:
    return run(LONG_TOWN)


def words(section: Section) -> str:
    return " ".join(section.paragraphs).replace(numbers.SPACE, " ")


def money_of(made: Run) -> Section:
    return money_section(made, made.summary)


def test_the_sentences_tell_the_summary_s_figures() -> None:
    found, figures = words(money_of(town())), town().summary["economics"]

    def cash(key: str) -> str:
        return numbers.money(figures[key], "DKK").replace(numbers.SPACE, " ")

    for key in ("margin", "spend", "profit", "spend_acquisition", "cac", "cac_paid"):
        assert cash(key) in found, key
    assert "The last month is short" in found


def test_the_tables_tell_the_measures() -> None:
    records = town().records
    purposes, segments = money_of(town()).tables
    for row, purpose in zip(purposes.rows, Purpose, strict=True):
        assert row[1] == numbers.whole(economics.spend_for(records, purpose))
    for row, purpose in zip(purposes.rows, (Purpose.ACQUISITION, Purpose.RETENTION), strict=False):
        assert row[2] == numbers.whole(economics.margin_for(records, purpose))
    assert purposes.rows[2][2:] == [NONE, NONE]  # what delivers has no margin of its own
    rows = money_by_segment(records)
    assert [line[0] for line in segments.rows] == [numbers.name(row.segment) for row in rows]
    for line, row in zip(segments.rows, rows, strict=True):
        assert line[1] == numbers.whole(row.new_customers)
        assert line[6] == numbers.decimal(float(row.clv_cac_ratio))


def bars_of(chart: Chart | None, panel: int = 0) -> list[Bars]:
    assert chart is not None
    return [mark for mark in chart.panels[panel].marks if isinstance(mark, Bars)]


def test_drawings_show_every_month_and_segment() -> None:
    with keeping_figures() as kept:
        section = money_of(town())
    assert [drawing.name for drawing in section.drawings] == ["profit", "win-and-keep", "segments"]
    months = profit_over_time(town().records)
    profit, _, segments = (drawing.chart for drawing in section.drawings)
    assert profit is not None
    spends = [
        end - start
        for one in bars_of(profit)
        for start, end in zip(one.start, one.end, strict=True)
    ]
    parts = [
        [getattr(row, f"spend_{purpose}") for row in months]
        for purpose in ("acquisition", "retention", "delivery")
    ]
    assert spends == pytest.approx([amount for part in parts if any(part) for amount in part])
    (margin,) = (mark for mark in profit.panels[0].marks if isinstance(mark, Line))
    assert margin.y == [row.margin for row in months]
    by_month = sorted(
        pair for one in bars_of(profit, 1) for pair in zip(one.at, one.end, strict=True)
    )
    assert [end for _, end in by_month] == [row.profit for row in months]
    (so_far,) = (mark for mark in profit.panels[2].marks if isinstance(mark, Line))
    assert so_far.y == [0.0, *(row.cumulative_profit for row in months)]
    assert list(kept["profit"].axes[2].lines[0].get_ydata()) == so_far.y
    cost, first, value = bars_of(segments)
    for k, row in enumerate(money_by_segment(town().records)):
        assert cost.end[k] == row.cac
        assert value.start[k] == first.end[k]
        assert value.end[k] == row.clv_projected
    for drawing in section.drawings:
        assert 'role="img"' in drawing.svg
        assert drawing.alt


def test_the_break_even_month_is_marked() -> None:
    records = nothing_happened(by_hand(days=365))
    records.spend[0, 0] = 250.0
    for day in range(0, 365, 31):
        records.counts[day, 0, Count.MARGIN] = 5_000  # 100 a month: even in the third
    made = run_of(records)
    assert made.summary["economics"]["break_even_month"] == 3.0
    assert "positive from the end of month 3" in words(money_of(made))
    chart = profit_chart(made.scenario, profit_over_time(records))
    assert chart is not None
    assert "break-even: month 3" in drawn(chart).svg
    assert chart.alt.endswith("Break-even month: 3.")
    records = unmeasured(records)
    records.spend[300, 0] = 10_000.0
    late = run_of(records)
    assert "There is no break-even month, because cumulative profit is below zero" in words(
        money_of(late)
    )


def test_without_money_the_section_says_so() -> None:
    section = money_of(run_of(nothing_happened(alone())))
    assert section.drawings == []
    assert "No touchpoint cost anything." in words(section)
    purposes, segments = section.tables
    assert segments.caption.endswith(" (–: no new customer was acquired)")
    assert segments.rows[0][2:] == ["–"] * 5
    assert purposes.caption.endswith(
        " (–: nothing was spent on acquisition; nothing was spent on retention)"
    )
    assert [row[3] for row in purposes.rows] == ["–"] * 2


def test_in_a_funnel_a_customer_is_worth_one_order() -> None:
    records = nothing_happened(by_hand(days=60, loop=False))
    win(records, 0, 3)
    records.counts[0, 0, Count.NEW_MARGIN] = 30_000
    records.spend[0, 0] = 90.0
    section = money_of(run_of(records))
    assert "margin of the one purchase" in section.tables[1].caption
    assert section.tables[1].head[-2:] == ["First purchase", "CLV:CAC"]
    assert section.tables[1].rows[0][2:] == ["15.00", "100", "6.67"]
    drawing = next(each for each in section.drawings if each.name == "segments")
    assert "the rest of" not in drawing.svg


def test_without_a_projection_only_the_cost_is_drawn() -> None:
    records = nothing_happened(by_hand(days=60))
    win(records, 0, 3)
    records.spend[0, 0] = 90.0
    segments = money_of(run_of(records)).tables[1]
    assert segments.rows[0][5:] == ["–"] * 2
    assert "a projection needs 4 whole months of customer data" in segments.caption
    chart = segments_chart(records.scenario, money_by_segment(records))
    assert len(bars_of(chart)) == 1
    assert chart is not None
    assert chart.alt.replace(numbers.SPACE, " ") == "All: CAC DKK 15"


def test_a_customer_who_loses_money_is_drawn() -> None:
    records = nothing_happened(by_hand(days=365))
    win(records, 0, 10)
    records.counts[0, 0, Count.NEW_MARGIN] = -10_000
    records.counts[0, 0, Count.MARGIN] = -10_000
    records.cohorts[0, 1, 0, Cohort.MARGIN] = -10_000
    records.active[0, 0, 1] = 10
    section = money_of(run_of(records))
    svg = " ".join(drawing.svg for drawing in section.drawings)
    assert not re.search(r"\b(nan|inf)\b", svg + words(section))
    assert len(section.drawings) == 2


def test_long_runs_are_drawn_as_areas() -> None:
    records = nothing_happened(by_hand(days=365 * 4))
    records.spend[:, 0] = np.linspace(1, 2, 365 * 4)
    chart = profit_chart(records.scenario, profit_over_time(records))
    assert bars_of(chart) == []
    assert chart is not None
    assert [type(mark) for mark in chart.panels[0].marks].count(Band) == 1  # nothing for keeping


def test_replicates_tell_means_and_draw_the_first() -> None:
    both = [run(MARKETS["town"], seed=seed) for seed in (1, 2)]
    joint = combine([made.summary for made in both])
    found = words(money_section(both[0], joint))
    cash = numbers.money(joint["economics"]["margin"], "DKK").replace(numbers.SPACE, " ")
    assert f"Contribution margin {cash} less" in found


def test_in_danish_nothing_is_english() -> None:
    with speaking("da"):
        section = money_of(town())
    assert section.title == "Økonomi"
    text = words(section) + " ".join(drawing.svg + drawing.alt for drawing in section.drawings)
    assert not re.search(
        r"\b(the|of|customers|spend|month|margin)\b", re.sub(r"<[^>]*>", " ", text)
    )
