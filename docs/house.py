"""Draw the house, its rooms from the top down, from the contract that is checked:
`python docs/house.py`."""

import re
import tomllib
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

HERE = Path(__file__).parent
TARGET = HERE / "images" / "house.svg"

# What a room is, in a few words; a room of the contract that is not here is an error.
ROOMS = {
    "cli": "commands: options to a question, an answer to lines",
    "app": "the engine in WebAssembly, a market as bytes",
    "pages": "answers shown: pages of blocks, charts, words, texts of a terminal",
    "theory": "limiting cases against theory",
    "questions": "a family a folder: question, answer, tables",
    "runs": "one run or many: threads, processes, a cluster; the store; folders; exports",
    "measures": "what a run measures, each declared once",
    "engine": "the fast one",
    "reference": "the readable one",
    "records": "what a run leaves, and its tables, each declared once",
    "scenario": "what may be said, each field declared once",
    "model": "the rules: small pure functions that both engines call",
    "distributions": "probabilities and quantiles",
    "draws": "random numbers by address",
    "elementary": "exp, log, cosine: one set of bits",
    "folders": "result folders, whole or not at all",
    "locks": "one command per place",
    "disk": "all access to the disk",
    "vocabulary": "words of files",
    "errors": "one clear sentence",
    "bundles": "many arrays as one pointer",
    "compiled": "what is compiled",
    "compile_cache": "machine code, kept",
    "caches": "where caches lie",
}
WIDTH, HEIGHT, GAP = 9.0, 0.5, 0.1
WALL, LINE, INK = "#eef2f6", "#5b6b7b", "#33404d"
MANY = 3  # rooms on a floor


def layers() -> list[list[str]]:
    """The rooms of each layer, from the top down."""
    text = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
    (contract,) = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return [re.findall(r"\w+", layer) for layer in contract["layers"]]


def main() -> None:
    """Draw it."""
    floors = layers()
    pyplot.rcParams.update({"svg.hashsalt": "house", "svg.fonttype": "none", "font.size": 9})
    figure, axes = pyplot.subplots(figsize=(WIDTH, len(floors) * (HEIGHT + GAP) + GAP))
    for level, rooms in enumerate(floors):
        top = -level * (HEIGHT + GAP)
        width = (WIDTH - GAP * (len(rooms) - 1)) / len(rooms)
        for place, room in enumerate(rooms):
            left = place * (width + GAP)
            wall = pyplot.Rectangle((left, top), width, HEIGHT, facecolor=WALL, edgecolor=LINE)
            axes.add_patch(wall)
            axes.text(left + 0.12, top + HEIGHT / 2, room, va="center", weight="bold")
            if len(rooms) < MANY:  # with more there is no room to say what each is
                axes.text(left + 1.3, top + HEIGHT / 2, ROOMS[room], va="center", color=INK)
    lowest = -len(floors) * (HEIGHT + GAP) + GAP / 2
    axes.set(xlim=(-GAP, WIDTH + GAP), ylim=(lowest, HEIGHT + GAP))
    axes.axis("off")
    figure.savefig(TARGET, metadata={"Date": None}, bbox_inches="tight")
    print(TARGET)


if __name__ == "__main__":
    main()
