"""Charts are data: what each of them says, what JSON keeps of it, and where its texts stand."""

import json
import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from sim.pages.charts import drawing, figure_files
from sim.pages.charts.chart import (
    Bars,
    Chart,
    HeatCells,
    Line,
    NameAxis,
    NumberAxis,
    Panel,
    Points,
    Role,
    Rule,
    Side,
    Size,
    TextMark,
    Tick,
    around,
    as_data,
    one_panel,
    round_numbers,
    scale,
)
from sim.pages.charts.drawing import style
from sim.pages.charts.render import PENS, drawn, figure_of
from sim.pages.words.language import speaking
from tools.cut_off import texts_outside, texts_over_texts
from tools.pages import PAGES, made, page

DIAGRAMS = {"flow"}  # drawings of their own, not charts of marks


def charts_of(
    kind: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Chart], dict[str, Figure]]:
    """The charts of a page in their order, and the figures of all its drawings."""
    found: list[Chart] = []
    figures: dict[str, Figure] = {}

    def noted(figure: Figure, name: str, alt: str) -> str:
        figures[name] = figure
        return "<svg></svg>"

    with speaking(language), monkeypatch.context() as patched:
        patched.setattr(drawing, "as_svg", noted)
        patched.setattr(figure_files, "figure_files", lambda pictures: {})
        patched.setattr(figure_files, "pictures", lambda sections, kept: [])
        replace = drawing.Drawing._replace

        def kept(one: drawing.Drawing, /, **change: object) -> drawing.Drawing:
            chart = change.get("chart")
            if isinstance(chart, Chart):
                found.append(chart)
            return replace(one, **change)

        patched.setattr(drawing.Drawing, "_replace", kept)
        page(kind, made())
    return found, figures


def axes_of(chart: Chart) -> Iterator[NumberAxis | NameAxis]:
    for panel in chart.panels:
        yield from (panel.x, panel.y)


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("kind", PAGES)
def test_every_chart_of_every_page(
    kind: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    charts, figures = charts_of(kind, language, monkeypatch)
    assert {chart.name for chart in charts} == set(figures) - DIAGRAMS
    for chart in charts:
        data = as_data(chart)
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        assert chart.title
        assert len(chart.alt) > len(chart.title)
        for axis in axes_of(chart):
            if isinstance(axis, NumberAxis):
                assert axis.label, chart.name  # what it counts, with its unit
                assert axis.low < axis.high
                assert all(axis.low <= tick.at <= axis.high for tick in axis.ticks)
                assert len({tick.text for tick in axis.ticks}) == len(axis.ticks), chart.name
    outside = {name: texts_outside(figure, monkeypatch) for name, figure in figures.items()}
    assert {name: texts for name, texts in outside.items() if texts} == {}
    over = {
        name: texts_over_texts(figure, monkeypatch)
        for name, figure in figures.items()
        if name not in DIAGRAMS
    }
    assert {name: texts for name, texts in over.items() if texts} == {}


# --- data ---

NOTHING = math.nan
ONE_OF_ALL = Chart(
    "all",
    "Everything",
    "One of every mark.",
    panels=(
        Panel(
            scale("krone", (-2.0, 3.0), str),
            NameAxis(["a", "b"], figures=["1", "2"], letters=[Tick(0.0, "A")]),
            (
                Bars([0.0, 1.0], [1.0, NOTHING], texts=["1", "–"], low=[0.5, NOTHING], high=[2, 0]),
                Points([1.0], [0.0], Role.TRUTH, name="true", low=[0.0], high=[2.0]),
                Rule(),
            ),
            lines=6.0,
        ),
        Panel(
            NameAxis(["x", "y"]),
            NameAxis(["p"]),
            (HeatCells([[1.0, NOTHING]], [["1", "–"]], "cells"),),
            lines=3.0,
        ),
        Panel(
            scale("days", (0.0, 9.0), str),
            scale("people", (0.0, 9.0), str),
            (
                Line([0.0, 9.0], [1.0, 2.0]),
                TextMark(9.0, 2.0, "end"),
                TextMark(1.0, 1.0, "x", side=Side.ABOVE),
            ),
            lines=6.0,
        ),
    ),
    size=Size.NARROW,
)


def test_data_says_what_the_chart_says() -> None:
    data = as_data(ONE_OF_ALL)
    assert (data["name"], data["title"], data["size"]) == ("all", "Everything", "narrow")
    first, second, third = data["panels"]
    assert [mark["kind"] for mark in first["marks"]] == ["bars", "points", "rule"]
    assert first["x"]["kind"] == "scale"
    assert first["y"] | {"kind": "names", "names": ["a", "b"], "figures": ["1", "2"]} == first["y"]
    assert first["marks"][0]["end"] == [1.0, None]
    assert first["marks"][0]["high"] == [2.0, 0.0]
    assert first["marks"][1]["role"] == "truth"
    assert second["marks"][0]["values"] == [[1.0, None]]
    assert third["x"]["ticks"][0] == {"at": 0.0, "text": "0.0"}
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_a_chart_of_everything_is_drawn_the_same_every_time() -> None:
    once, again = drawn(ONE_OF_ALL), drawn(ONE_OF_ALL)
    assert once == again
    assert once.chart is ONE_OF_ALL
    assert not once.failed
    for text in ("Everything", "krone", "people", "end"):
        assert (text in once.svg) == (text != "Everything")  # the title is the page's


def test_every_role_has_a_pen() -> None:
    assert set(PENS) == set(Role)


# --- round numbers ---

ENDS = st.floats(-1e9, 1e9, allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(ENDS, st.floats(1e-6, 1e9), st.integers(2, 8), st.booleans())
def test_ticks_are_round_few_and_inside(low: float, wide: float, most: int, whole: bool) -> None:
    high = low + wide
    if wide < 1e-6 * abs(low):
        return  # an axis of numbers that differ in the seventh digit cannot be read
    found = round_numbers(low, high, most, whole=whole)
    assert len(found) <= most + 1
    slack = 1e-6 * (high - low)
    assert all(low - slack <= at <= high + slack for at in found)
    if whole:
        assert all(at == round(at) for at in found)
    elif wide > 1e-3 * abs(low):
        assert found  # of ten steps, one is not passed over


@pytest.mark.parametrize(
    ("ends", "most", "expected"),
    [
        ((0.0, 1.0), 5, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ((0.0, 1.03), 4, [0.0, 0.25, 0.5, 0.75, 1.0]),
        ((-3.0, 2.0), 5, [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0]),
        ((5.0, 5.0), 4, [5.0]),
    ],
)
def test_ticks_by_hand(ends: tuple[float, float], most: int, expected: list[float]) -> None:
    assert round_numbers(*ends, most) == pytest.approx(expected)


def test_zero_is_always_on_the_axis() -> None:
    assert around([2.0, 4.0], 0.25) == (0.0, 5.0)
    assert around([-4.0], 0.25) == (-5.0, 0.0)
    assert around([]) == (0.0, 0.06)
    assert around([math.nan, 1.0], 0.0) == (0.0, 1.0)


# --- room ---


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.text("aWm å", min_size=1, max_size=60), st.floats(-1e6, 1e6)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(list(Size)),
)
def test_figures_of_any_bars_have_room(rows: list[tuple[str, float]], size: Size) -> None:
    values = [value for _, value in rows]
    low, high = min(0.0, *values), max(0.0, *values)
    bars = Bars(
        [float(place) for place in range(len(rows))],
        values,
        texts=[f"{value:,.0f} DKK" for value in values],
        name="amounts",
    )
    axes = (
        scale("amount, DKK", (low, high if high > low else 1.0), lambda v: f"{v:,.6g}"),
        NameAxis([name for name, _ in rows]),
    )
    panels = one_panel(axes, (bars, Rule()), 2.0 * len(rows))
    with style():
        figure = figure_of(Chart("bars", "Bars", "bars", panels=panels, size=size))
    with pytest.MonkeyPatch.context() as patched:
        assert texts_outside(figure, patched) == []
        assert texts_over_texts(figure, patched) == []
