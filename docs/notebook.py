"""Write `first_steps.ipynb`, a notebook with what its cells print: `python docs/notebook.py`.

The cells stand below. They are executed by a kernel of their own in an empty folder, so that they
need nothing but the installed package; a test executes them again and compares.
"""

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import v4

FILE = Path(__file__).parent / "first_steps.ipynb"
TEXT, CODE = "text", "code"
CELLS = (
    (
        TEXT,
        "# First steps\n\nA simulated market in eight cells. Small, so that each takes seconds; the"
        " first run compiles the engine, once, in a minute or two.",
    ),
    (
        CODE,
        "from journeysim import compare, run, touchpoints\n\n"
        'size = {"agents": 2_000, "days": 365}\n'
        'market = run("webshop_loop", **size)\n'
        "market",
    ),
    (
        TEXT,
        "The default market, a Danish web shop, as 2,000 simulated customers who stand for 500,000"
        " people. The arrows are people who move from phase to phase in a year.\n\n"
        "Every table is a pandas DataFrame:",
    ),
    (
        CODE,
        'days = market.daily.groupby("day").sum(numeric_only=True)\n'
        'days[["needs", "purchases", "new_customers"]].rolling(30).sum().iloc[29::60]',
    ),
    (TEXT, "Where do customers meet what, and how do they like it?"),
    (
        CODE,
        "met = market.journey_map\n"
        'columns = ["phase", "touchpoint", "encounters", "quality", "bad_share"]\n'
        'met.sort_values("encounters", ascending=False)[columns].head(8)',
    ),
    (
        TEXT,
        "What would a lower price do? Both runs use the same random draws, so that only the price"
        " differs; five replicates give a confidence interval.",
    ),
    (
        CODE,
        'answer = compare(market.scenario, "cheaper:offers.everyday.price=379", replicates=5)\n'
        'found = answer.tables()["differences"].set_index("key")\n'
        'found.loc[["economics.profit", "customers.new"], ["difference", "low", "high"]]',
    ),
    (TEXT, "What does each touchpoint add, found by running the market without it?"),
    (
        CODE,
        "truth = touchpoints(market.scenario, attribution=False, replicates=1)\n"
        'effects = truth.tables()["effects"]\n'
        "added = effects.query(\"kind == 'knock_out' and outcome == 'purchases'\")\n"
        'added.sort_values("value", ascending=False)[["name", "value", "low", "high"]].head(6)',
    ),
    (
        TEXT,
        "With so few simulated customers most intervals are wide. `agents=100_000` takes a minute"
        ' and narrows them. `market.report("report.html")` writes the whole report.',
    ),
)


def notebook() -> Any:
    """The notebook, executed: a `nbformat` node."""
    cells = [v4.new_markdown_cell(s) if kind == TEXT else v4.new_code_cell(s) for kind, s in CELLS]
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"  # else drawn anew each time
    made = v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(made, timeout=600, resources={"metadata": {"path": folder}})
        client.execute()
    for cell in made.cells:
        cell.metadata.clear()  # when it was executed
    made.metadata.pop("language_info", None)  # the version of the Python that did
    return made


def main() -> None:
    """Write it."""
    FILE.write_text(nbformat.writes(notebook()) + "\n", encoding="utf-8")
    print(FILE)


if __name__ == "__main__":
    main()
