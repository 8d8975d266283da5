"""What a drawing may not do: cut off its own letters."""

from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.pages.charts.drawing import style


def texts_outside(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Letters that reach over the edge of a drawing by more than a point."""
    drawn: list[Text] = []
    draw = Text.draw

    def noted(text: Text, renderer: Any) -> None:
        drawn.append(text)
        draw(text, renderer)

    canvas = FigureCanvasAgg(figure)
    with style(), monkeypatch.context() as patched:
        patched.setattr(Text, "draw", noted)
        canvas.draw()
    edge, page = figure.dpi / 72.0, figure.bbox
    outside = []
    for text in drawn:
        box = text.get_window_extent(canvas.get_renderer())
        over = max(page.x0 - box.x0, box.x1 - page.x1, page.y0 - box.y0, box.y1 - page.y1)
        if text.get_text().strip() and over > edge:
            outside.append(f"{text.get_text()[:60]} by {over / edge:.0f}")
    return outside
