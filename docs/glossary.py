"""Write the pages of the glossary, and find the words that it retires.

`python docs/glossary.py` writes `glossary.md` and `glossary_da.md` from `glossary.yaml`. With
`--check` it writes nothing: it says which page is not what it would write, which text of the
catalogue has no Danish, and every place where a retired word stands (`--check docs README.md`: only
places whose names begin so), and ends with 1 if there is any.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer
from babel.messages.pofile import read_po
from ruamel.yaml import YAML

from sim import cli
from sim.pages.words.language import CATALOGUES, PROSE

HERE = Path(__file__).parent
ROOT = HERE.parent
DECLARED = HERE / "glossary.yaml"
LANGUAGES = ("en", "da")
PAGES = {"en": "glossary.md", "da": "glossary_da.md"}
IN_DANISH = {"README.da.md", "saadan_laeses_rapporten.md"}
DANISH_ORDER = str.maketrans({"æ": "z1", "ø": "z2", "å": "z3"})

# What is not read as words: code, comments, fields in braces, link targets, names of files and of
# paragraphs, and publications, whose titles are their authors'.
NOT_WORDS = re.compile(
    r"^( *)```.*?^\1```$"
    r"|(?P<ticks>`+)(?:(?!\n\n).)+?(?P=ticks)"
    r"|<!--.*?-->"
    r"|(?<=\])\([^)\s]*\)"
    r"|https?://\S+"
    r"|\b[\w-]+\.(?:csv|html|jsonl?|md|parquet|png|svg|txt|ya?ml)\b"
    r"|\{[^{}\n]*\}"
    r"|^\[[\w.]+\]$"
    r"|^## References$.*?(?=^## |\Z)",
    re.DOTALL | re.MULTILINE,
)
SHOWN = re.compile(r"(name|title|description|expected)(_da)?")  # fields of files that pages show
MASK = "·"  # no letter and no space, so that no word reaches over it

HEADS = {
    "en": (
        "# Glossary\n\nOne word for one thing, in reports, commands and documentation; the same in"
        " [Danish](glossary_da.md). Keys are those of `summary.json`; [measures](measures.md)"
        " have the definitions in full, [the model](model.md) the rules. `python docs/glossary.py`"
        " writes this page from `glossary.yaml`.\n"
    ),
    "da": (
        "# Ordliste\n\nÉt ord for én ting i rapporter, kommandoer og dokumentation; de samme ord på"
        " [engelsk](glossary.md). Nøglerne står i `summary.json`; de fulde definitioner er i"
        " [measures](measures.md), reglerne i [modellen](model.md), begge på engelsk."
        " `python docs/glossary.py` skriver siden ud fra `glossary.yaml`.\n"
    ),
}
LABELS = {
    "en": {"formula": "Formula", "keys": "Key", "other": "Danish"},
    "da": {"formula": "Formel", "keys": "Nøgle", "other": "Engelsk"},
}


class Term(NamedTuple):
    """A word for a thing; texts by language."""

    name: Mapping[str, str]
    short: Mapping[str, str]
    means: Mapping[str, str]
    formula: Mapping[str, str]
    keys: Sequence[str]

    def title(self, language: str) -> str:
        """The word, with its abbreviation."""
        short = self.short[language]
        return self.name[language] + (f" ({short})" if short else "")

    def anchor(self, language: str) -> str:
        """Its place in a page, as it is made on GitHub."""
        title = self.title(language).lower()
        return re.sub(r"[^\w -]", "", title).replace(" ", "-")


class Retired(NamedTuple):
    """A word that is not written, and what is."""

    language: str
    pattern: re.Pattern[str]
    write: str


class Glossary(NamedTuple):
    """Everything that is declared."""

    terms: Sequence[Term]
    retired: Sequence[Retired]


class Text(NamedTuple):
    """Something that is read: where it stands, its language, and the line on which it begins."""

    place: str
    language: str
    words: str
    line: int | None = None


# --- what is declared ---


def read(path: Path = DECLARED) -> Glossary:
    """The glossary. Raises ValueError if a word stands for two things."""
    document = YAML(typ="safe").load(path)
    terms, retired = [], []
    for entry in document["terms"]:
        terms.append(term_of(entry))
        name = terms[-1].name
        retired += retired_by(entry.get("retires", {}), name)
    for language in LANGUAGES:
        names = [term.name[language].lower() for term in terms]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two things are called {', '.join(twice)}")
    return Glossary(terms, [*retired, *retired_by(document["words"], {})])


def term_of(entry: Mapping[str, Any]) -> Term:
    """A term as it is declared."""
    english, danish = entry.get("short", ""), entry.get("short_da", "")
    formula = entry.get("formula", "")
    return Term(
        name={"en": entry["term"], "da": entry["da"]},
        short={"en": english, "da": danish},
        means={"en": entry["means"], "da": entry["means_da"]},
        formula={"en": formula, "da": entry.get("formula_da", formula)},
        keys=entry.get("keys", ()),
    )


def retired_by(
    words: Mapping[str, Mapping[str, str | None]], name: Mapping[str, str]
) -> list[Retired]:
    """The words of each language that are not written any more."""
    found = []
    for language, patterns in words.items():
        for text, write in patterns.items():
            spaced = text.replace(" ", r"\s+")
            pattern = re.compile(rf"(?<!\w)(?:{spaced})(?!\w)", re.IGNORECASE)
            found.append(Retired(language, pattern, write or name[language]))
    return found


# --- the pages ---


def page(glossary: Glossary, language: str) -> str:
    """The glossary in a language."""
    (other,) = set(LANGUAGES) - {language}

    def order(term: Term) -> str:
        return term.name[language].lower().translate(DANISH_ORDER)

    terms = sorted(glossary.terms, key=order)
    links = " · ".join(f"[{term.name[language]}](#{term.anchor(language)})" for term in terms)
    parts = [HEADS[language], links + "\n"]
    labels = LABELS[language]
    for term in terms:
        more = []
        if term.formula[language]:
            more.append(f"{labels['formula']}: `{term.formula[language]}`.")
        if term.keys:
            more.append(f"{labels['keys']}: {', '.join(f'`{key}`' for key in term.keys)}.")
        link = f"[{term.title(other)}]({PAGES[other]}#{term.anchor(other)})"
        more.append(f"{labels['other']}: {link}.")
        parts.append(
            f"### {term.title(language)}\n\n{term.means[language]}\n\n" + "\\\n".join(more) + "\n"
        )
    return "\n".join(parts)


# --- the texts of the product ---


def masked(text: str) -> str:
    """The text with all that is not read as words blotted out, as long as before."""
    return NOT_WORDS.sub(lambda found: re.sub(r"[^\n]", MASK, found[0]), text)


def declarations(glossary: Glossary) -> Iterator[Text]:
    """What the glossary says itself; its pages are made of it."""
    for term in glossary.terms:
        for language in LANGUAGES:
            words = f"{term.name[language]}. {term.means[language]}"
            yield Text(f"docs/{DECLARED.name}, {term.name['en']}", language, masked(words))


def documents(root: Path = ROOT) -> Iterator[Text]:
    """The READMEs, the page for contributors, the documentation (not the glossary), the lessons."""
    for file in [
        *sorted(root.glob("README*.md")),
        root / "CONTRIBUTING.md",
        *sorted((root / "docs").glob("*.md")),
        *sorted((root / "docs" / "lessons").glob("*/*.md")),
    ]:
        if file.name in PAGES.values():
            continue
        language = "da" if file.name in IN_DANISH or file.parent.name == "da" else "en"
        text = file.read_text(encoding="utf-8")
        yield Text(file.relative_to(root).as_posix(), language, masked(text), 1)


def templates(folder: Path = PROSE) -> Iterator[Text]:
    """The paragraphs that pages explain with."""
    for file in sorted(folder.glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        yield Text(place_of(file), "en", masked(text), 1)


def messages(file: Path = CATALOGUES / "da.po") -> Iterator[Text]:
    """The English and the Danish texts of the catalogue."""
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale="da")
    for message in catalogue:
        if message.id:
            for language, texts in (("en", message.id), ("da", message.string)):
                for text in forms(texts):
                    yield Text(place_of(file), language, masked(text), message.lineno)


def untranslated(file: Path = CATALOGUES / "da.po") -> Iterator[str]:
    """Every text of the catalogue without a Danish one, and where it stands."""
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale="da")
    for message in catalogue:
        if message.id and not all(forms(message.string)):
            yield f"{place_of(file)}:{message.lineno}: no Danish text: {forms(message.id)[0]}"


def forms(texts: str | Sequence[str]) -> list[str]:
    """The text, or those for one and for many."""
    return [texts] if isinstance(texts, str) else list(texts)


def helps(app: typer.Typer = cli.app) -> Iterator[Text]:
    """What `--help` says of the program, its commands and their options."""
    group: Any = typer.main.get_command(app)
    for name, command in [("", group), *group.commands.items()]:
        place = f"journeysim {name}".strip()
        for text in (command.help, command.epilog):
            if text:
                yield Text(f"{place} --help", "en", masked(text))
        for parameter in command.params:
            if getattr(parameter, "help", None):
                own = parameter.opts[-1] if parameter.opts else parameter.name
                yield Text(f"{place} --help, {own}", "en", masked(parameter.help))


def library(root: Path = ROOT) -> Iterator[Text]:
    """Titles, names and other texts for readers, of the scenarios and studies that ship."""
    for file in [
        *sorted((root / "scenarios").glob("*.yaml")),
        *sorted((root / "experiments").glob("*.yaml")),
    ]:
        for path, words in for_readers(YAML(typ="safe").load(file)):
            language = "da" if path.endswith("_da") else "en"
            yield Text(f"{file.relative_to(root).as_posix()}, {path}", language, masked(words))


def for_readers(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a file that pages show, by the names on the way to them."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from for_readers(value, f"{path}.{key}".removeprefix("."))
    elif isinstance(part, str) and SHOWN.fullmatch(path.rpartition(".")[2]):
        yield path, part


def place_of(file: Path) -> str:
    """A file as it is named from the top of the project; others by their whole path."""
    return file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else str(file)


def all_texts(glossary: Glossary) -> Iterator[Text]:
    """Everything that is read as words."""
    yield from declarations(glossary)
    yield from documents()
    yield from templates()
    yield from messages()
    yield from library()
    yield from helps()


# --- the check ---


def found_in(texts: Iterable[Text], retired: Sequence[Retired]) -> Iterator[str]:
    """Every retired word of some texts: where it stands, and what to write."""
    for text in texts:
        hits = []
        for word in retired:
            if word.language == text.language:
                hits += [
                    (hit.start(), hit[0], word.write) for hit in word.pattern.finditer(text.words)
                ]
        for start, words, write in sorted(hits):
            line = "" if text.line is None else f":{text.line + lines_before(text, start)}"
            yield f"{text.place}{line}: “{' '.join(words.split())}”: write {write}"


def lines_before(text: Text, start: int) -> int:
    """How many lines of a file lie before a place; a text of the catalogue counts as one."""
    return text.words.count("\n", 0, start) if not text.place.endswith(".po") else 0


def outdated(glossary: Glossary) -> Iterator[str]:
    """The pages that are not what the declarations make."""
    for language, name in PAGES.items():
        file = HERE / name
        if not file.exists() or file.read_text(encoding="utf-8") != page(glossary, language):
            yield f"docs/{name}: not what glossary.yaml says; run python docs/glossary.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, find what is wrong")
    parser.add_argument("places", nargs="*", help="how the names of the places to check begin")
    given = parser.parse_args(arguments)
    glossary = read()
    if given.check:
        places = tuple(given.places) or ("",)
        wrong = [
            *outdated(glossary),
            *untranslated(),
            *found_in(all_texts(glossary), glossary.retired),
        ]
        wrong = [line for line in wrong if line.startswith(places)]
        print("\n".join(wrong) or "one word for one thing")
        return int(bool(wrong))
    for language, name in PAGES.items():
        (HERE / name).write_text(page(glossary, language), encoding="utf-8", newline="\n")
        print(HERE / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
