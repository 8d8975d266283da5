"""Pages of the documentation, read: blocks of code, tables, and the table of all fields."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    """The contents of the fenced blocks of a language."""
    return [body for _, found, body in FENCE.findall(text) if found == language]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return FENCE.sub("", text)


def tables(text: str, first: str) -> list[dict[str, str]]:
    """The rows of every table whose first column has this heading, by heading."""
    rows: list[dict[str, str]] = []
    names: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            names = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not names:
            names = cells
        elif names[0] == first and set(line) - set("|- "):
            assert len(cells) == len(names), line
            rows.append(dict(zip(names, cells, strict=True)))
    return rows


def code(cell: str) -> str:
    """What stands in a cell between backticks."""
    found = re.fullmatch(r"(`+)(.+?)\1", cell)
    assert found, cell
    return found.group(2)


ROWS = {code(row["field"]): row for row in tables(MODEL, "field")}
