"""Names of any length that a scenario or the command line allows, in every picture and page."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.pages.charts import drawing, figure_files
from sim.pages.charts.drawing import POINTS_PER_INCH, keeping_figures, style
from sim.pages.words.language import speaking
from sim.questions.compare.variants import NAME
from sim.scenario.fields import NAME_PATTERN
from sim.scenario.schema import Scenario
from tools.cut_off import texts_outside, texts_over_texts
from tools.pages import PAGES, Made, made, page

LONGEST_KEY, LONGEST_TEXT, LONGEST_VARIANT = 40, 4000, 60
WIDE = "WmåM@—Æ"


def longest(name: str) -> str:
    """A key of the longest length, of the widest letters."""
    return name + "w" * (LONGEST_KEY - len(name))


def test_these_are_the_longest_names_that_are_allowed() -> None:
    assert re.fullmatch(NAME_PATTERN, "w" * LONGEST_KEY)
    assert not re.fullmatch(NAME_PATTERN, "w" * (LONGEST_KEY + 1))
    assert NAME.fullmatch("W" * LONGEST_VARIANT)
    assert not NAME.fullmatch("W" * (LONGEST_VARIANT + 1))
    limits = [m.max_length for m in Scenario.model_fields["title"].metadata]
    assert limits == [LONGEST_TEXT]


# --- letters ---

TEXTS = st.text(st.sampled_from("aiWmåØ_- .1"), min_size=1, max_size=90)
ROOMS = st.floats(min_value=30.0, max_value=400.0)


@settings(max_examples=150, deadline=None)
@given(TEXTS, ROOMS, st.integers(1, 4), st.sampled_from([8.5, 11.0, 13.0]), st.booleans())
def test_what_is_fitted_fits(text: str, room: float, lines: int, size: float, bold: bool) -> None:
    plain = " ".join(text.split())
    found = drawing.wrapped(text, room, lines, size=size, bold=bold)
    assert drawing.wide(found, size, bold) <= room
    assert found.count("\n") < lines
    if drawing.wide(plain, size, bold) <= room:
        assert found == plain
    if drawing.ELLIPSIS not in found:
        assert "".join(found.split()) == "".join(plain.split())
    else:
        assert found[0] == plain[0]


def test_names_of_a_kind_stay_apart() -> None:
    first, second = (drawing.shortened(f"{'poster ' * 9}{number}", 90.0) for number in (1, 2))
    assert first != second
    assert drawing.ELLIPSIS in first


def test_a_measure_is_that_of_what_is_drawn() -> None:
    for text in ("Webbutikken og kassen", WIDE, "iiiiii"):
        figure = Figure(dpi=POINTS_PER_INCH)
        with style():
            drawn = figure.text(0.0, 0.0, text)
            canvas = FigureCanvasAgg(figure)
            box = drawn.get_window_extent(canvas.get_renderer())
        assert box.width == pytest.approx(drawing.wide(text), rel=0.06, abs=2.0)


# --- pictures and pages ---


def faults(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is wrong with a figure: letters beyond its edge, and axes without room."""
    sizes = [(axes.bbox.width, axes.bbox.height) for axes in figure.axes]
    narrow = [f"axes of {wide:.0f} by {high:.0f}" for wide, high in sizes if min(wide, high) < 20.0]
    return texts_outside(figure, monkeypatch) + narrow


def wrong(kind: str, of: Made, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, list[str]]:
    """What is wrong with the pictures of a page, by their names."""
    shown: dict[str, Figure] = {}

    def noted(found: list[figure_files.Picture]) -> dict[str, bytes]:
        shown.update({picture.name: picture.figure for picture in found})
        return {}

    with keeping_figures() as kept, monkeypatch.context() as patched:
        patched.setattr(figure_files, "figure_files", noted)  # writing them takes long
        text = page(kind, of)
    shown.update(kept)
    assert shown
    assert text.count("<figure>") == text.count("</figure>") == text.count("<svg role")
    found = {name: faults(figure, monkeypatch) for name, figure in shown.items()}
    for name, figure in kept.items():
        found[name] += texts_over_texts(figure, monkeypatch)
    return {name: texts for name, texts in found.items() if texts}


@pytest.mark.parametrize("kind", PAGES)
def test_ordinary_names_fit(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(kind, made(), monkeypatch) == {}


@pytest.mark.parametrize("kind", PAGES)
def test_the_longest_keys_fit(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(kind, made(longest), monkeypatch) == {}


names = st.builds(
    lambda word, count, end: (word * count)[: LONGEST_TEXT - 1] + end,
    st.text(st.sampled_from(WIDE + "ai1 "), min_size=1, max_size=12).filter(str.strip),
    st.sampled_from([1, 4, 5, 8, 400, 4000]),
    st.sampled_from("aWå1"),
)


@pytest.mark.parametrize("kind", PAGES)
def test_any_name_fits(kind: str) -> None:
    results = made()

    @settings(max_examples=2, deadline=None, derandomize=True)
    @given(names, st.integers(1, LONGEST_VARIANT))
    @example("W" * LONGEST_TEXT, LONGEST_VARIANT)
    @example("å m" * 19, 1)
    def check(name: str, letters: int) -> None:
        variant = ("W " * letters)[:letters].strip() or "W"
        with speaking("da"), pytest.MonkeyPatch.context() as monkeypatch:
            assert wrong(kind, results.called(name, variant), monkeypatch) == {}

    check()


def test_files_of_the_longest_names_are_written() -> None:
    with speaking("da"):
        text, files = figure_files.report_with_figures(made().called("W" * 4000, "x").run)
    assert len(files) > 20
    assert "could not" not in text
