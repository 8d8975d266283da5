"""A run as Python shows it: three lines as text, a table and a picture in a notebook, its report.

What is heavy, drawing above all, is imported when it is first asked for.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FIRST = ("economics.profit", "customers.new")  # of the text, with their intervals


class ShownRun(Run):
    """One finished run, with its pictures and its report."""

    @classmethod
    def of(cls, made: Run) -> ShownRun:
        """The same run, to be shown."""
        return cls(made.scenario, made.records, made.manifest, made.next_krone)

    def __repr__(self) -> str:
        from sim.pages.words.headlines import headlines

        about = self.manifest
        found = {one.key: one for one in headlines(self.summary)}
        told = [
            f"{one.label}: {one.text}" + (f" (95% CI {one.interval})" if one.interval else "")
            for one in map(found.__getitem__, FIRST)
        ]
        return "\n".join(
            [
                f"Run of {about.scenario}, seed {about.seed}: {about.agents:,} simulated customers"
                f" for {about.population:,} people over {about.days:,} days",
                "; ".join(told),
                'More in .summary, .tables, .journey_map, .plot.loop(), .report("report.html")',
            ]
        )

    def _repr_html_(self) -> str:
        """The key metrics as a table, next to the drawing of the journey."""
        from sim.pages.charts.flow import flow_drawing
        from sim.pages.render import render_run
        from sim.pages.words.headlines import headlines

        about, _, _ = repr(self).partition("\n")
        return render_run(about, headlines(self.summary), flow_drawing(self.records))

    @cached_property
    def journey_map(self) -> pd.DataFrame:
        """A row a phase and touchpoint: encounters, reach, waits, quality, bad share, face.

        A figure that does not exist is NA; the column `undefined` says why.
        """
        import pandas as pd

        from sim.measures.figure import Undefined
        from sim.measures.journey_map import journey_map

        rows = []
        for row in journey_map(self.records):
            cells: dict[str, Any] = row._asdict()
            missing = {k: str(v) for k, v in cells.items() if isinstance(v, Undefined)}
            why = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
            rows.append({**cells, **dict.fromkeys(missing, pd.NA), "undefined": why})
        return pd.DataFrame(rows).convert_dtypes()

    @property
    def plot(self) -> RunPlots:
        """Its pictures, on axes of matplotlib."""
        return RunPlots(self)

    def report(self, path: str | Path, language: str = "en") -> Path:
        """Write its report, one self-contained HTML page; returns the path.

        Raises `sim.errors.InputError` for a language that there is not, and
        `sim.errors.NotWritten` if it cannot be written.
        """
        from sim.folders import put_file
        from sim.pages.pages import make_report
        from sim.pages.words.language import check_language, speaking

        check_language(language)
        with speaking(language):
            page = make_report(self)
        put_file(Path(path), page)
        return Path(path)


class RunPlots:
    """The pictures of a run."""

    def __init__(self, run: ShownRun) -> None:
        self._run = run

    def loop(self, ax: Axes | None = None) -> Axes:
        """The way through the phases, as a loop or a funnel; returns the axes.

        `ax`: where it is drawn, best 420 x 500 points; by default axes of a figure of their own
        (`.figure.savefig(...)`). Raises `sim.errors.InputError` if nobody moved.
        """
        from sim.pages.charts.flow import draw_flow

        return draw_flow(self._run.records, ax)
