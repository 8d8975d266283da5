"""What commands print is said by the catalogue, every word of it.

A toy language shows it: its texts are their fields and nothing else, so that any word left in the
output is the market's own, or was never given to a translator.
"""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from sim.cli import COMMANDS as EVERY_COMMAND
from sim.cli import main
from sim.pages.words import language
from worlds.commands import COMMANDS, SMALL, write_files
from worlds.markets import MARKETS
from worlds.studies import write_tiny

CODE = "pl"  # of a language that numbers can be written in
FORMS = 3  # of what is counted, in this language
WORD = re.compile(r"[^\W\d_]{2,}")

# Commands that print an answer, as small as can be; all that take a language are among them.
PRINTING = {
    **COMMANDS,
    "run": ["run", "market.yaml", "--no-next-krone"],
    "replicates": ["run", "market.yaml", "--no-next-krone", "--replicates", "2"],
    "attribution": ["touchpoints", "market.yaml", "--replicates", "1", "--set", "panel=1"],
    "purpose": [
        *COMMANDS["optimise"],
        "--by",
        "purpose",
        "--set",
        "touchpoints.one.purpose=retention",
    ],
    "total": [*COMMANDS["optimise"], "--budget", "5000"],
    "study": ["experiment", "tiny.yaml", "--workers", "1"],
    "report": ["report", "made"],
    "move": ["move", "one:two=30%", "--scenario", "market.yaml", "--replicates", "5"],
}
SILENT = {"report"}  # prints paths alone


@pytest.fixture
def fields_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language whose texts are the fields of the English ones."""
    with (language.CATALOGUES / "da.po").open("rb") as file:
        known = read_po(file, locale="da")
    bare = Catalog(locale=CODE)
    for message in known:
        if isinstance(message.id, tuple):
            bare.add(message.id, (fields_of(message.id[1]),) * FORMS)
        elif message.id:
            bare.add(message.id, fields_of(message.id))
    with (tmp_path / f"{CODE}.po").open("wb") as file:
        write_po(file, bare)
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    monkeypatch.setattr(language, "LANGUAGES", (*language.LANGUAGES, CODE))
    language._catalogue.cache_clear()
    yield
    language._catalogue.cache_clear()


def fields_of(text: str) -> str:
    """The fields of a text, or a number where it has none: an empty translation is none."""
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return " ".join(f"{{{name}}}" for name in names) or "1"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the files that the commands read."""
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.chdir(there)
    write_files(there)
    write_tiny(there)
    return there


# What the market and the request are called, and what stands in every language.
OWN = {SMALL.name, SMALL.currency, *SMALL.touchpoints, "easier", "tiny", "ROAS"}
OWN |= {*MARKETS["town"].touchpoints, *MARKETS["town"].offers}
OWN_WORDS = {word.lower() for name in OWN for word in WORD.findall(name)}


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that a command prints, without the paths."""
    assert main(words) == 0
    return [line for line in capsys.readouterr().out.splitlines() if not is_path(line)]


def is_path(line: str) -> bool:
    return bool(re.fullmatch(r"\S+/\S+", line)) and Path(line).exists()


@pytest.mark.parametrize("name", [name for name in PRINTING if name not in SILENT])
def test_every_word_that_is_printed_is_of_the_catalogue(
    name: str, place: Path, fields_alone: None, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told([*PRINTING[name], "--language", CODE], capsys)
    assert any(char.isdigit() for line in lines for char in line)
    left = {word for line in lines for word in WORD.findall(line)}
    assert {word for word in left if word.lower() not in OWN_WORDS} == set()


@pytest.mark.parametrize("name", ["optimise", "attribution", "export-mmm", "belief"])
def test_danish_is_printed_as_danish(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    english = told([*PRINTING[name], "--out", "en"], capsys)
    danish = told([*PRINTING[name], "--out", "da", "--language", "da"], capsys)
    assert len(english) == len(danish)
    # a study's own name is the same in both
    written = {line for line in english if set(map(str.lower, WORD.findall(line))) - OWN_WORDS}
    assert written & set(danish) == set()


def test_every_command_with_a_language_is_tried() -> None:
    with_language = {
        name
        for name, command in EVERY_COMMAND
        if "language" in command.__annotations__ or name == "report"
    }
    assert {words[0] for words in PRINTING.values()} >= with_language
