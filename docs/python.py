"""Write `python.md`, the public functions, from their docstrings: `python docs/python.py`."""

import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sim

PAGE = Path(__file__).parent / "python.md"
HEAD = """\
# Python

Each command has a function of the same name. `python docs/python.py` makes this page from their
docstrings, and the tests execute its examples.

`from journeysim import run` and `from sim import run` are the same. [A notebook](first_steps.ipynb)
shows the first steps.

`run` gives a `Run`: `run(...).summary` are the [measures](measures.md), `run(...).daily` and the
other [tables](tables.md) are pandas DataFrames; `run(...).journey_map` is one too.
`run(...).plot.loop(ax=...)` draws the way through the phases, `run(...).report(path)` writes the
report, and a notebook shows the run itself as a table and a picture. A question gives an *answer*:
`answer.summary()` is one object of plain values, `answer.tables()` are DataFrames by name,
`answer.command()` is the command that asks the same; `write(answer, "folder")` writes all of it
with its page, and `read("folder")` gives it back.
Wrong input raises an `InputError` with one clear sentence per error.

Runs are made on this machine, as many at once as there are cores, unless a `Store` says otherwise:
`store=Store(threads=2)`, or `store=Store(runner=Cluster("tcp://10.0.0.5:8786"))` with
`sim.runs.many.Cluster`. The answer depends on neither.
"""
SHOWN = (
    "load_scenario",
    "run",
    "compare",
    "touchpoints",
    "optimise",
    "export_mmm",
    "study",
    "read",
    "write",
    "verify",
)


def section(name: str) -> str:
    """What stands about a function."""
    function = getattr(sim, name)
    text = inspect.getdoc(function) or ""
    prose, *example = re.split(r"\n\n(?=    )", text)
    lines = [f"## `{name}{written(function)}`", "", prose]
    for block in example:
        code, _, rest = block.partition("\n\n")
        asked = [n for n in SHOWN if re.search(rf"\b{n}\(", code)]
        head = f"from sim import {', '.join(sorted(asked))}\n\n"
        lines += ["", "```python", f"{head}{textwrap.dedent(code)}", "```"]
        lines += ["", rest] if rest else []
    return "\n".join(lines)


def written(function: Callable[..., Any]) -> str:
    """The arguments as they are given, without their types."""
    parts, star = [], False
    for one in inspect.signature(function).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        default = "" if one.default is one.empty else f"={one.default!r}"
        parts.append(("**" if one.kind is one.VAR_KEYWORD else "") + one.name + default)
    return f"({', '.join(parts)})"


def page() -> str:
    """The whole page."""
    return "\n\n".join([HEAD.rstrip(), *map(section, SHOWN)]) + "\n"


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
