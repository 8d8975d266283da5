"""Draw the picture of the README: `python docs/draw.py`, or `make pictures`.

People in each phase of the default market over two years, after a run at full size.
"""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim import load_scenario, run
from sim.pages.charts.drawing import BLUE, INK, MUTED, PALE, style
from sim.pages.words.numbers import name
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

TARGET = Path(__file__).parent / "images" / "journey.svg"
STEP = 7  # days between two points of a line


def main() -> None:
    """Run the default market and write the picture."""
    finished = run(load_scenario("webshop_loop"))
    phases = list(finished.scenario.journey.phases)
    held = finished.phases.groupby(["phase", "day"], observed=True)["customers"].sum()
    with style():
        figure = Figure(figsize=(10.5, 5.4))
        FigureCanvasSVG(figure)
        figure.patch.set_facecolor("white")
        for axes, phase in zip(figure.subplots(2, 3).flat, phases, strict=True):
            people = held[phase].to_numpy()[::STEP] / 1000.0
            months = np.arange(len(people)) * STEP * MONTHS_PER_YEAR / DAYS_PER_YEAR
            axes.fill_between(months, people, color=PALE, linewidth=0)
            axes.plot(months, people, color=BLUE, linewidth=1.8)
            axes.set_title(name(phase), loc="left", color=INK, fontsize=12, fontweight="bold")
            axes.set_xlim(0, months[-1])
            axes.set_ylim(0, people.max() * 1.15)
            axes.grid(axis="x", visible=False)
            axes.spines["left"].set_visible(False)
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.xaxis.set_major_locator(MaxNLocator(steps=[6, 10]))
        for axes in figure.axes[3:]:
            axes.set_xlabel("months since the start")
        for axes in figure.axes[::3]:
            axes.set_ylabel("thousand people", color=MUTED)
        figure.tight_layout(h_pad=1.6, w_pad=1.4)
        figure.savefig(TARGET, metadata={"Date": None, "Creator": None})
    print(TARGET)


if __name__ == "__main__":
    main()
