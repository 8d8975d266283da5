"""What a drawing may not do: cut off its own letters, or write one text over another."""

from itertools import combinations
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.pages.charts.drawing import style

GRAZE = 1.5  # points by which frames of letters may meet: they hold the room of all letters


def texts_outside(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Letters that reach over the edge of a drawing by more than a point."""
    edge, page = figure.dpi / 72.0, figure.bbox
    outside = []
    for text, box in _frames(figure, monkeypatch):
        over = max(page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
        if over > edge:
            outside.append(f"{text.get_text()[:60]} by {over / edge:.0f}")
    return outside


def texts_over_texts(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pairs of texts of which one is written over the other; tilted ones are not looked at."""
    graze = GRAZE * figure.dpi / 72.0
    level = [
        (text.get_text()[:40], box)
        for text, box in _frames(figure, monkeypatch)
        if text.get_rotation() % 90.0 == 0.0
    ]
    return [
        f"{one} / {other}"
        for (one, here), (other, there) in combinations(level, 2)
        if min(here.x1, there.x1) - max(here.x0, there.x0) > graze
        and min(here.y1, there.y1) - max(here.y0, there.y0) > graze
    ]


def _frames(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Text, Bbox]]:
    """The texts that are drawn, and the frame of the letters of each."""
    drawn: list[Text] = []
    draw = Text.draw

    def noted(text: Text, renderer: Any) -> None:
        drawn.append(text)
        draw(text, renderer)

    canvas = FigureCanvasAgg(figure)
    with style(), monkeypatch.context() as patched:
        patched.setattr(Text, "draw", noted)
        canvas.draw()
        return [
            (text, text.get_window_extent(canvas.get_renderer()))
            for text in drawn
            if text.get_text().strip()
        ]
