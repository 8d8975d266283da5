"""Tables of the pages that hold the default market's figures: each has its place, and its form."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    """`docs/figures.py`."""
    about = importlib.util.spec_from_file_location("figures", ROOT / "docs" / "figures.py")
    assert about is not None
    assert about.loader is not None
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    return module


def test_every_table_has_its_place(figures: ModuleType) -> None:
    """As wide as its head, and nothing else between the comments."""
    for name, (page_name, _, _) in figures.TABLES.items():
        page = (ROOT / "docs" / f"{page_name}.md").read_text(encoding="utf-8")
        table = page.split(f"<!-- figures: {name} -->")[1].split(f"<!-- end of {name} -->")[0]
        lines = table.strip().splitlines()
        assert len(lines) > 2
        assert len({line.count("|") for line in lines}) == 1
        assert figures.with_table(page, name, table.strip()) == page


def test_a_place_that_is_not_there_is_refused(figures: ModuleType) -> None:
    with pytest.raises(ValueError, match="do not stand once"):
        figures.with_table("a page", "models", "")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.5, 2, "0.50"),
        (-0.5, 1, "−0.5"),
        (1234.5, 0, "1,234"),
        (-0.001, 2, "0"),
        (-12.345, 2, "−12.35"),
    ],
)
def test_a_number_is_written_as_in_prose(
    figures: ModuleType, value: float, digits: int, text: str
) -> None:
    assert figures.number(value, digits) == text


def test_an_interval_is_a_figure_and_its_ends(figures: ModuleType) -> None:
    assert figures.interval([2e6, 1e6, 3.5e6], 1e6) == "2.00 (1.00 to 3.50)"
    assert figures.interval([0.0, 0.0, 0.0]) == "0"
    assert figures.interval(None) == "–"


def test_what_a_lever_moves_is_a_mean_over_seeds_that_both_rows_share(
    figures: ModuleType, tmp_path: Path
) -> None:
    """Student's t with three seeds: 4.303 standard errors; rows may come in any order of seeds."""
    lever = "offers.everyday.unit_cost"
    rows = [
        (0, 0, 260.0, 0.1, 5e6),
        (0, 1, 260.0, 0.2, 6e6),
        (0, 2, 260.0, 0.3, 7e6),
        (1, 2, 234.0, 0.34, 9e6),
        (1, 0, 234.0, 0.12, 7e6),
        (1, 1, 234.0, 0.23, 8e6),
    ]
    columns = ["row", "replicate", lever, "best_split.share_keeping", "economics.profit"]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "runs.parquet")
    _, row = figures.movers(tmp_path)
    # 2, 3 and 4 points: standard error 1 / root 3, so 3 - 2.48 to 3 + 2.48
    wanted = ["260", "234", "3.0 (0.5 to 5.5)", "2.00"]
    assert list(row) == [figures.LEVERS[lever], *wanted]
