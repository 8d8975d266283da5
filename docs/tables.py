"""Write `tables.md`, every file and its columns, from declarations: `python docs/tables.py`."""

import textwrap
from collections.abc import Iterable
from pathlib import Path

from sim.questions.budget import tables as budget
from sim.questions.compare import tables as compare
from sim.questions.levers import tables as levers
from sim.questions.mix import tables as mix
from sim.questions.touchpoints import tables as touchpoints
from sim.records import TABLES
from sim.records.table import Column, Table
from sim.runs.exports.events import EVENTS
from sim.runs.exports.periods import DAILY, WEEKLY

PAGE = Path(__file__).parent / "tables.md"

HEAD = """\
# Tables

Every file of figures that a command writes, column by column. `python docs/tables.py` makes this
page from the declarations that the files are written by.

Files are Parquet: pandas, Polars, DuckDB and R read them. A figure that does not exist is null,
never a special number; columns without "or null" have no empty cells. Money is in the scenario's
currency. Names (a segment, a phase, ...) are those of the scenario.
"""

GROUPS: tuple[tuple[str, str, tuple[Table, ...]], ...] = (
    (
        "A run",
        "`journeysim run` writes these into its folder; they are `run.daily`, `run.flows`, ... in"
        " Python too. A table that adds up over customers counts people and money of the whole"
        " population: every figure is a simulated count times `people_per_agent` (in"
        " `manifest.json`). `customers` and `panel` have a row for each simulated customer and"
        " event, and hold that customer's own figures. Days count from 0; a year is 365 days and"
        " has twelve equal months; ages and cohorts are such months. A column whose name ends in"
        " `_sum` is a sum: divide by the count next to it for a mean. Units and meanings are in the"
        " metadata of the files' schemas.",
        tuple(TABLES.values()),
    ),
    (
        "Exports of a run",
        "[`journeysim export`](exports.md) writes them, as CSV, Parquet or .xlsx.",
        (EVENTS, DAILY, WEEKLY),
    ),
    (
        "A comparison",
        "[`journeysim compare`](studies.md) writes them.",
        (compare.DIFFERENCES, compare.RUNS),
    ),
    (
        "Touchpoints",
        "[`journeysim touchpoints`](touchpoints.md) writes them; the last four unless"
        " [`--no-attribution`](attribution.md) is given.",
        (
            touchpoints.EFFECTS,
            touchpoints.MONEY_TABLE,
            touchpoints.REPLICATES,
            touchpoints.CREDIT,
            touchpoints.MODELS,
            touchpoints.PLANS,
            touchpoints.REGRET,
        ),
    ),
    (
        "Optimal budget allocation",
        "[`journeysim optimise`](optimise.md) writes them.",
        (budget.PLANS, budget.CURVES),
    ),
    (
        "A study",
        "[`journeysim experiment`](studies.md) writes them; `sensitivity` for designs that have"
        " one.",
        (levers.RUNS, levers.SENSITIVITY),
    ),
    (
        "Test data for media mix models",
        "[`journeysim export-mmm`](media_mix.md) writes them, as CSV and Parquet.",
        (mix.WEEKLY, mix.TRUTH, mix.WEEKLY_TRUTH, mix.CURVES),
    ),
)


def page() -> str:
    """The page."""
    parts = [HEAD]
    for title, text, tables in GROUPS:
        parts.append(f"\n## {title}\n\n{textwrap.fill(text, 100, break_on_hyphens=False)}\n")
        parts += [_table(table) for table in tables]
    return "".join(parts)


def _table(table: Table) -> str:
    head = f"\n### `{table.name}`\n\n{table.meaning}\n\n"
    return f"{head}| column | type | unit | meaning |\n|---|---|---|---|\n{_rows(table.columns)}"


def _rows(columns: Iterable[Column]) -> str:
    rows = []
    for column in columns:
        kind = column.type + " or null" * column.nullable
        meaning = column.meaning.replace("|", "\\|")
        unit = column.unit if column.unit != "name" else ""
        rows.append(f"| `{column.name}` | {kind} | {unit} | {meaning} |\n")
    return "".join(rows)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
