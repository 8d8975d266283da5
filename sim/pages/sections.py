"""Sections as the drawings' modules put them together, until these list blocks themselves."""

from __future__ import annotations

from collections.abc import Sequence

from sim.pages import blocks
from sim.pages.blocks import Figures, HeatMap, JourneyMap, Key, KeyItem, MapCell, Table
from sim.pages.charts.drawing import Drawing


class Section(blocks.Section):
    """A section of paragraphs, a key, drawings and tables, in this order."""

    def __init__(
        self,
        name: str,
        title: str,
        paragraphs: Sequence[str] = (),
        *,
        key: Sequence[KeyItem] = (),
        drawings: Sequence[Drawing] = (),
        tables: Sequence[Table] = (),
    ) -> None:
        keys = [Key(key)] if key else []
        super().__init__(name, title, [*paragraphs, *keys, Figures(drawings), *tables])


__all__ = ["HeatMap", "JourneyMap", "KeyItem", "MapCell", "Section", "Table"]
