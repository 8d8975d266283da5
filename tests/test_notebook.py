"""The notebook in docs: its cells run, and print what stands in it."""

import runpy
from pathlib import Path
from typing import Any

import nbformat

DOCS = Path(__file__).parent.parent / "docs"


def printed(notebook: Any) -> list[list[str]]:
    """What each cell of code shows, as text."""
    return [
        [output["data"]["text/plain"] for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_the_notebook_prints_what_stands_in_it() -> None:
    written = nbformat.read(DOCS / "first_steps.ipynb", as_version=4)
    nbformat.validate(written)
    made = runpy.run_path(str(DOCS / "notebook.py"))["notebook"]()
    assert [cell.source for cell in made.cells] == [cell.source for cell in written.cells]
    assert printed(made) == printed(written)
    assert len(printed(made)) == 5
    first = next(cell for cell in made.cells if cell.cell_type == "code")
    assert "<svg" in first.outputs[0]["data"]["text/html"]
