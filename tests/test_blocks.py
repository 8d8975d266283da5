"""Blocks and how they are written: each has its macro, and pages know nothing of HTML."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from sim.measures.figure import Undefined
from sim.pages import blocks, render
from sim.pages.blocks import (
    Actions,
    Aside,
    Block,
    Figures,
    Page,
    Section,
    Sentence,
    TableBlock,
    TableColumn,
    figures,
    table,
)
from sim.pages.charts.drawing import Drawing
from sim.pages.words import numbers
from sim.pages.words.language import speaking

PAGES = Path(blocks.__file__).parent
MACROS = (render.TEMPLATES / "blocks.html.j2").read_text(encoding="utf-8")
HELPERS = {"written", "captioned"}  # of other macros
ONE = Drawing("one", "One", "a drawing", "<svg></svg>")


def rendered(*parts: Block) -> str:
    return render.render(Page("kind", "Title", "lead", [Section("part", "Part", parts)]))


def test_every_block_has_its_macro_and_every_macro_its_block() -> None:
    kinds = {"Paragraph" if kind is str else kind.__name__ for kind in get_args(Block)}
    assert set(re.findall(r"macro (\w+)\(", MACROS)) - HELPERS == kinds


@pytest.mark.parametrize("file", sorted(PAGES.glob("*.py")), ids=lambda file: str(file.name))
def test_only_the_renderer_knows_of_templates_and_html(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert ("jinja2" in imported) == (file.name == "render.py")
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if re.search(r"</?[a-z]+( [a-z-]+=|>)", text)] == []


def test_blocks_stand_in_the_order_of_the_section() -> None:
    shown = TableBlock("Caption", ["Name", "Figure"], [["a", "1"]])
    text = rendered("First --set a", Sentence("About", "Second"), Figures([ONE]), shown, "Last")
    places = [text.index(each) for each in ("First", "Second", "<svg>", "Caption.", "Last")]
    assert places == sorted(places)
    assert "<code>--set</code>" in text
    assert ' id="part-4"' in text
    assert 'aria-labelledby="part-4"' in text
    assert "<figure>" not in rendered(figures(None))
    assert "&lt;b&gt;" in rendered("<b>")


def test_what_few_readers_need_is_folded_away() -> None:
    shown = TableBlock("Caption", ["Name"], [["a"]], fold="The table")
    text = rendered(shown, Aside("Why", ["Because", "And --set b"]))
    table, note = re.findall(r'<details class="folded">(.*?)</details>', text, re.DOTALL)
    assert "<summary>The table" in table.replace("\n", "")
    assert table.index("Caption.") < table.index("<table>")
    assert "<p>Because" in note.replace("\n", "")
    assert "<code>--set</code>" in note
    assert "<details" not in rendered(TableBlock("Caption", ["Name"], [["a"]]))


def test_a_caption_ends_with_one_full_stop() -> None:
    for caption in ("In kr.", "In kr"):
        assert "In kr.</p>" in rendered(TableBlock(caption, ["Name"], [])).replace("\n", "")


def test_actions_are_a_list_below_their_heading() -> None:
    text = rendered(Actions("To do", [Sentence("Spend more", "On a."), Sentence("Less", "On b.")]))
    assert text.index("<h3>To do</h3>") < text.index("<ol") < text.index("<b>Spend more.</b>")
    assert text.count("<li>") == 2


def test_a_table_writes_figures_as_its_columns_say() -> None:
    columns = [
        TableColumn("Name"),
        TableColumn("Share", numbers.percent),
        TableColumn("What", words=True),
        TableColumn("Amount", numbers.whole),
    ]
    with speaking("da"):
        made = table(
            "Caption", columns, [["a", 0.25, "b", 1234.0], ["c", None, "d", Undefined("?")]]
        )
    assert made.head == ["Name", "Share", "What", "Amount"]
    assert made.words == ["What"]
    assert made.rows[0][1].replace(numbers.SPACE, " ") == "25,0 %"
    assert made.rows[0][3] == "1.230"
    assert made.rows[1] == ["c", numbers.NONE, "d", numbers.NONE]
    with pytest.raises(ValueError, match="longer"):
        table("Caption", columns, [["a"]])


def test_a_section_gives_its_blocks_by_their_kind() -> None:
    shown = TableBlock("Caption", ["Name"], [["a"]])
    section = Section("part", "Part", ["text", Figures([ONE]), shown, Figures([ONE])])
    assert section.paragraphs == ["text"]
    assert section.tables == [shown]
    assert section.drawings == [ONE, ONE]
    assert section.journey_map is None is section.heat_map
