"""Write `library.md`, the markets that ship, from their files: `python docs/library.py`."""

import re
from itertools import takewhile
from pathlib import Path

from sim.scenario.library import library_file, library_names
from sim.scenario.load import load_scenario

PAGE = Path(__file__).parent / "library.md"
HEAD = """\
# The library

`journeysim run NAME` simulates a market that ships; `journeysim new MINE --from NAME` starts a file
of your own from it. The texts are those at the head of each file, which also says where its numbers
come from. None is fitted to data: what-if, not forecast. `python docs/library.py` makes this page.
"""


def opening(name: str) -> str:
    """The comment that a file begins with, as paragraphs of Markdown."""
    lines = library_file(name).read_text(encoding="utf-8").splitlines()
    head = [line[1:].strip() for line in takewhile(lambda line: line.startswith("#"), lines)]
    text = "\n".join(head).strip()
    for word in ("Notice", "Try", "Left out", "Assumed"):
        text = re.sub(rf"^{word}:", f"\n- *{word}*:", text, flags=re.MULTILINE)
    text = re.sub(r'^("facts")', r"\n\1", text, flags=re.MULTILINE)
    return re.sub(r"_(?=\w)", r"\\_", text)


def section(name: str) -> str:
    """What is said of a market."""
    market = load_scenario(name)
    about = (
        f"[`{name}.yaml`](../scenarios/{name}.yaml); in Danish *{market.title_da}*. {market.days:,}"
        f" days, {market.agents:,} simulated customers for {market.population:,} people,"
        f" {len(market.journey.phases)} phases, {len(market.touchpoints)} touchpoints."
    )
    return f"## {market.title}\n\n{about}\n\n{opening(name)}"


def page() -> str:
    """The whole page."""
    rows = [f"| `{name}` | {load_scenario(name).description} |" for name in library_names()]
    table = "\n".join(["| market | what it is |", "|---|---|", *rows])
    return "\n\n".join([HEAD + "\n" + table, *map(section, library_names())]) + "\n"


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
