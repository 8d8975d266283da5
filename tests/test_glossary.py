"""One word for one thing: the glossary, its pages, and the check that finds retired words."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import typer

from sim.measures.catalogue import KEYS
from tools.catalogue import catalogue

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def glossary() -> ModuleType:
    """`docs/glossary.py`."""
    about = importlib.util.spec_from_file_location("glossary", ROOT / "docs" / "glossary.py")
    assert about is not None
    assert about.loader is not None
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    return module


def found(glossary: ModuleType, texts: object) -> list[str]:
    """Every retired word of some texts."""
    return list(glossary.found_in(texts, glossary.read().retired))


# What is declared, and its pages.


def test_the_pages_are_those_that_the_declarations_make(glossary: ModuleType) -> None:
    """If not: `python docs/glossary.py`."""
    assert list(glossary.outdated(glossary.read())) == []


def test_a_page_that_was_edited_by_hand_is_told(
    glossary: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = glossary.read()
    for language, name in glossary.PAGES.items():
        text = glossary.page(declared, language)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(glossary, "HERE", tmp_path)
    assert list(glossary.outdated(declared)) == []
    (tmp_path / "glossary_da.md").write_text("# Ordliste\n", encoding="utf-8")
    (told,) = glossary.outdated(declared)
    assert told.startswith("docs/glossary_da.md: ")


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_page_is_in_the_order_of_its_alphabet(glossary: ModuleType, language: str) -> None:
    page = glossary.page(glossary.read(), language)
    titles = [title.lower() for title in re.findall(r"^### (.+)$", page, re.MULTILINE)]
    assert len(titles) == len(glossary.read().terms)
    letters = " %(),-.0123456789:abcdefghijklmnopqrstuvwxyzæøå"
    order = {letter: place for place, letter in enumerate(letters)}
    names = [[order[letter] for letter in re.sub(r" \(.+\)$", "", title)] for title in titles]
    assert names == sorted(names)


def test_no_word_stands_for_two_things(glossary: ModuleType, tmp_path: Path) -> None:
    entry = "  - {term: loop, da: kredsløb, means: One., means_da: En.}\n"
    file = tmp_path / "two.yaml"
    file.write_text(f"terms:\n{entry}{entry}words: {{}}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="two things are called loop"):
        glossary.read(file)


def test_no_term_is_a_word_that_another_retires(glossary: ModuleType) -> None:
    declared = glossary.read()
    assert found(glossary, glossary.declarations(declared)) == []


def test_every_term_is_used_somewhere_in_the_product(glossary: ModuleType) -> None:
    declared = glossary.read()
    assert len(declared.terms) > 50
    texts = [t for t in glossary.all_texts(declared) if not t.place.startswith("docs/glossary")]
    words = " ".join(" ".join(text.words.split()) for text in texts if text.language == "en")
    names = {term.name["en"]: [term.name["en"], term.short["en"]] for term in declared.terms}
    unused = [
        name
        for name, ways in names.items()
        if not any(re.search(rf"\b{re.escape(way)}", words, re.IGNORECASE) for way in ways if way)
    ]
    assert unused == []


def test_every_key_is_one_of_a_summary(glossary: ModuleType) -> None:
    assert [key for term in glossary.read().terms for key in term.keys if key not in KEYS] == []


# The page that explains the report, in both languages.


def test_the_pages_about_the_report_name_its_sections_as_it_does() -> None:
    danish = dict(catalogue())
    named = []
    for page in ("how_to_read_the_report", "saadan_laeses_rapporten"):
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| \[\d+\. .+?\) \| (.+) \|$", text, re.MULTILINE)
        named.append([re.findall(r"`([^`]+)`", row) for row in rows])
    english, translated = named
    assert len(english) == 10
    assert [title for row in english for title in row if title not in danish] == []
    assert [[danish[title] for title in row] for row in english] == translated


# A retired word, planted in each kind of place.


def test_in_a_page_of_the_documentation(glossary: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "CONTRIBUTING.md"):
        (tmp_path / name).write_text("# A page\n", encoding="utf-8")
    page = tmp_path / "docs" / "page.md"
    page.write_text("# A heading\n\nTwo runs\nshare their\nluck.\n", encoding="utf-8")
    danish = tmp_path / "docs" / "saadan_laeses_rapporten.md"
    danish.write_text("Det er luck, og det er held.\n", encoding="utf-8")
    (tmp_path / "README.da.md").write_text("Det er luck, og det er held.\n", encoding="utf-8")
    assert found(glossary, glossary.documents(tmp_path)) == [
        "README.da.md:1: “held”: write tilfældige udsving; samme tilfældigheder",
        "docs/page.md:5: “luck”: write random variation; the same random draws",
        "docs/saadan_laeses_rapporten.md:1: “held”: write tilfældige udsving; samme tilfældigheder",
    ]


def test_in_a_template_of_prose(glossary: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text("[luck]\nSo it is\nluck, {luck}.\n", encoding="utf-8")
    (told,) = found(glossary, glossary.templates(tmp_path))
    assert "run.txt:3: “luck”" in told


def test_in_either_side_of_the_catalogue(glossary: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "da.po"
    head = (
        'msgid ""\nmsgstr ""\n"Language: da\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    )
    pairs = [("By luck", "Ved et tilfælde"), ("By chance", "Ved et held"), ("Profit", "")]
    body = "".join(f'\nmsgid "{text}"\nmsgstr "{danish}"\n' for text, danish in pairs)
    file.write_text(head + body, encoding="utf-8")
    told = found(glossary, glossary.messages(file))
    assert [re.sub(r"^.*da\.po", "da.po", line).split(": write")[0] for line in told] == [
        "da.po:6: “luck”",
        "da.po:9: “held”",
    ]
    (missing,) = glossary.untranslated(file)
    assert missing.endswith("da.po:12: no Danish text: Profit")


def test_in_what_a_scenario_or_a_study_says_to_its_readers(
    glossary: ModuleType, tmp_path: Path
) -> None:
    for folder in ("scenarios", "experiments"):
        (tmp_path / folder).mkdir()
    market = "name: luck\ntouchpoints:\n  luck: {name: Luck, name_da: Held, trigger: luck}\n"
    (tmp_path / "scenarios" / "one.yaml").write_text(market, encoding="utf-8")
    study = "title: No such thing\ntitle_da: Ikke held\nmeasure: [luck]\n"
    (tmp_path / "experiments" / "two.yaml").write_text(study, encoding="utf-8")
    told = [line.split(": “")[0] for line in found(glossary, glossary.library(tmp_path))]
    assert told == [
        "scenarios/one.yaml, name",
        "scenarios/one.yaml, touchpoints.luck.name",
        "scenarios/one.yaml, touchpoints.luck.name_da",
        "experiments/two.yaml, title_da",
    ]


def test_in_the_help_of_a_command_and_of_its_options(glossary: ModuleType) -> None:
    app = typer.Typer(help="Good luck.")

    @app.command("go")
    def go(far: int = typer.Option(1, help="By luck.")) -> None:
        """Go with luck."""

    @app.command("stay")
    def stay() -> None:
        """Stay."""

    told = [line.split(": “")[0] for line in found(glossary, glossary.helps(app))]
    assert told == ["journeysim --help", "journeysim go --help", "journeysim go --help, --far"]


@pytest.mark.parametrize(
    "text",
    [
        "the key `luck`",
        "```\nluck\n```",
        "[a link](luck.md#luck)",
        "<!-- luck -->",
        "{luck} of it",
        "the file luck.yaml",
        "pluck",
        "## References\n\n- Taleb, N. (2001). Fooled by luck.\n",
    ],
)
def test_not_where_it_is_no_word_of_ours(glossary: ModuleType, text: str) -> None:
    assert found(glossary, [glossary.Text("page", "en", glossary.masked(text), 1)]) == []


def test_after_the_references_and_in_the_text_of_a_link(glossary: ModuleType) -> None:
    text = "## References\n\n- Luck.\n\n## More\n\n[luck](page.md)\n"
    (told,) = found(glossary, [glossary.Text("page", "en", glossary.masked(text), 1)])
    assert told.startswith("page:7: ")


@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("it gains .28", "a zero before the point, 0.28"),
        ("82 % of it", "a figure and the sign without a space, 82%"),
        ("a next\nkrone", "marginal return"),
    ],
)
def test_numbers_and_words_over_a_line(glossary: ModuleType, text: str, write: str) -> None:
    told = found(glossary, [glossary.Text("page", "en", text, 1)])
    assert f"write {write}" in told[0]


@pytest.mark.parametrize("text", ["it gains 0.28", "82% of it", "version 1.2", "in page 3."])
def test_numbers_as_they_are_written(glossary: ModuleType, text: str) -> None:
    assert found(glossary, [glossary.Text("page", "en", text, 1)]) == []


def test_the_check_ends_with_1_if_a_place_is_wrong(
    glossary: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [glossary.Text("docs/a.md", "en", "luck", 1)]
    monkeypatch.setattr(glossary, "all_texts", lambda declared: texts)
    monkeypatch.setattr(glossary, "untranslated", list)
    assert glossary.main(["--check"]) == 1
    assert capsys.readouterr().out.startswith("docs/a.md:1: “luck”")
    assert glossary.main(["--check", "README.md"]) == 0
