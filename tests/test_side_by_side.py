"""Several results on one page: the differences, their intervals, and what cannot be compared."""

import json
import math
import random
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.errors import InputError
from sim.measures.figure import Undefined
from sim.measures.intervals import student
from sim.measures.replicates import Difference, are_paired, difference
from sim.pages.charts.render import apart
from sim.pages.compare_page import make_side_by_side
from sim.pages.compared import ComparedResult, check_folders, differing, read_results
from sim.pages.folder import write_folder
from sim.pages.words.headlines import headlines
from sim.pages.words.language import speaking
from sim.pages.words.numbers import signed
from sim.runs.run import Run, run
from sim.scenario.levers import with_settings
from worlds.by_hand import alone, nothing_happened, run_of
from worlds.markets import MARKETS

KEY = "economics.profit"


@cache
def made(name: str, *settings: str, seed: int = 1) -> Run:
    return run(with_settings(MARKETS[name], settings, {"seed": seed}))


def result(letter: str, *runs: Run, name: str = "") -> ComparedResult:
    return ComparedResult(letter, name or runs[0].scenario.name, runs[0], [r.summary for r in runs])


def summary(value: float | None, seed: int = 1, agents: int = 10) -> dict[str, Any]:
    return {"seed": seed, "agents": agents, "population": 100, "economics": {"profit": value}}


def section(text: str, name: str) -> str:
    return text[text.index(f'<section id="{name}"') :].split("</section>")[0]


# --- differences ---


def test_a_difference_of_single_runs_is_arithmetic() -> None:
    found = difference([summary(-200.0)], [summary(-150.0)], KEY)
    assert found == Difference(-200.0, -150.0, 50.0, 0.25, None, None)
    assert not found.is_sure
    nothing = difference([summary(0.0)], [summary(7.0)], KEY)
    assert isinstance(nothing, Difference)
    assert isinstance(nothing.relative, Undefined)
    assert isinstance(difference([summary(None)], [summary(7.0)], KEY), Undefined)
    assert isinstance(difference([summary(1.0)], [summary(7.0)], "economics.new"), Undefined)


def test_the_interval_of_paired_replicates_is_worked_out_by_hand() -> None:
    first = [summary(value, seed) for seed, value in enumerate((10.0, 20.0, 30.0))]
    other = [summary(value, seed) for seed, value in enumerate((11.0, 23.0, 32.0))]
    found = difference(first, other, KEY)  # changes 1, 3, 2: mean 2, standard deviation 1
    assert isinstance(found, Difference)
    half = 4.302652729911275 / math.sqrt(3.0)  # Student's 97.5 % point with 2 degrees, tables
    assert (found.low, found.high) == pytest.approx((2.0 - half, 2.0 + half))
    assert found.difference == pytest.approx(2.0)
    assert not found.is_sure
    surely = [summary(value, seed) for seed, value in enumerate((20.0, 30.5, 40.0))]
    again = difference(first, surely, KEY)
    assert isinstance(again, Difference)
    assert again.is_sure


def test_the_interval_of_unpaired_replicates_is_welch_s() -> None:
    first = [summary(value, seed) for seed, value in enumerate((1.0, 3.0))]  # variance 2
    other = [summary(value, seed) for seed, value in enumerate((10.0, 13.0, 16.0), 7)]  # 9
    found = difference(first, other, KEY)
    assert isinstance(found, Difference)
    error = math.sqrt(2.0 / 2.0 + 9.0 / 3.0)
    freedom = (1.0 + 3.0) ** 2 / (1.0 / 1.0 + 9.0 / 2.0)
    assert found.difference == pytest.approx(11.0)
    assert found.high == pytest.approx(11.0 + student(freedom) * error)
    assert found.low == pytest.approx(11.0 - student(freedom) * error)
    same = difference(first[:1] * 2, [summary(5.0, 9)] * 2, KEY)
    assert isinstance(same, Difference)
    assert (same.low, same.high) == (4.0, 4.0)


@pytest.mark.parametrize("paired", [True, False])
def test_intervals_hold_the_true_difference_as_often_as_they_say(paired: bool) -> None:
    luck = random.Random(5)
    times, held = 2000, 0
    for _ in range(times):
        common = [luck.gauss(0.0, 3.0) if paired else 0.0 for _ in range(5)]
        first = [summary(c + luck.gauss(0.0, 1.0), seed) for seed, c in enumerate(common)]
        start = 0 if paired else 100
        other = [summary(c + luck.gauss(2.0, 1.0), seed) for seed, c in enumerate(common, start)]
        found = difference(first, other, KEY)
        assert isinstance(found, Difference)
        assert found.low is not None
        assert found.high is not None
        held += found.low < 2.0 < found.high
    assert held / times == pytest.approx(0.95, abs=4.0 * math.sqrt(0.95 * 0.05 / times))


def test_paired_are_the_same_seeds_and_customers() -> None:
    assert are_paired([summary(1.0)], [summary(2.0)])
    assert not are_paired([summary(1.0)], [summary(2.0, seed=2)])
    assert not are_paired([summary(1.0)], [summary(2.0, agents=11)])
    assert not are_paired([summary(1.0)], [summary(1.0), summary(1.0, seed=2)])


# --- the page ---


def test_the_page_tells_every_headline_and_its_difference() -> None:
    one, other = result("A", made("town")), result("B", made("town", "talk.per_day=0.0"))
    text = section(make_side_by_side([one, other]), "differences")
    for line, new in zip(headlines(one.summary), headlines(other.summary), strict=True):
        row = re.search(rf'<th scope="row">{re.escape(line.label)}<.*?</tr>', text, re.DOTALL)
        assert row is not None
        assert f"<b>{line.text}</b>" in row[0]
        assert f"<b>{new.text}</b>" in row[0]
        found = difference(one.summaries, other.summaries, line.key)
        if isinstance(found, Difference) and line.key == KEY:
            assert f"<span>{signed(found.difference, line.write)} (" in row[0]
    assert "The results are paired" in text
    assert "differences have no confidence interval" in text
    assert "<td" in text


def test_the_page_says_what_differs_in_the_scenarios() -> None:
    text = make_side_by_side(
        [result("A", made("town")), result("B", made("town", "talk.per_day=0.0"))]
    )
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', section(text, "parameters"))
    before = made("town").scenario.talk.per_day
    assert [name for name, _ in rows] == ["talk.per_day"]
    assert re.findall(r"<td[^>]*>(.*?)</td>", rows[0][1]) == [str(before), "0.0"]
    same = make_side_by_side([result("A", made("town")), result("B", made("town"))])
    assert "all results are of one scenario" in section(same, "parameters")


def test_parameters_that_differ() -> None:
    one = {"name": "a", "x": {"y": 1, "z": 2}, "only": {"part": 1}, "list": [1, 2], "title": "t"}
    other = {"name": "b", "x": {"y": 1, "z": 3.0}, "list": [1, 3], "title": "u", "new": 5}
    found = dict(differing([one, other]))
    assert list(found) == ["x.z", "only", "list", "new"]
    assert found["x.z"] == [2, 3.0]
    assert found["list"] == [[1, 2], [1, 3]]


def test_different_markets_fit_on_one_page() -> None:
    results = [
        result("A", made("town")),
        result("B", made("stall")),
        result("C", made("club"), made("club", seed=2)),
        result("D", made("clinic")),
        result("E", made("hermit")),
        result("F", made("town", seed=2)),
    ]
    for language in ("en", "da"):
        with speaking(language):
            text = make_side_by_side(results)
            assert text == make_side_by_side(results)
        assert len(text.encode()) < 600_000
        assert not re.search(r"\b(nan|inf|None|null)\b", re.sub(r"<[^>]*>", " ", text))
    text = make_side_by_side(results)
    assert "The results differ in people (2,200, 10,000, 180, 300, 1, 2,200), length" in text
    assert "The results are not paired" in text
    assert "B shows none: a funnel ends at the purchase." in text
    assert "E shows none: it is shorter than a month." in text
    assert re.search(r"Not in all results: Unaware \(A, F\)", text)


def test_what_never_happened_has_a_page() -> None:
    bare = run_of(nothing_happened(alone()))
    text = make_side_by_side([result("A", bare), result("B", bare)])
    assert "No touchpoint cost anything." in text
    assert "nobody met a touchpoint" in text


def test_scenario_text_and_folder_names_are_text() -> None:
    odd = result("B", made("hermit"), name="<b>&")
    text = make_side_by_side([result("A", made("hermit")), odd])
    assert "<b>&" not in text
    assert "&lt;b&gt;&amp;" in text


# --- numbers and letters ---


def test_a_difference_has_its_sign() -> None:
    def write(value: float) -> str:
        return f"{value:.1f}"

    assert [signed(v, write) for v in (1.25, -1.25, 0.0, 0.01)] == ["+1.2", "-1.2", "0.0", "0.0"]


def test_letters_are_moved_apart() -> None:
    assert apart([5.0, 50.0], 10.0) == [5.0, 50.0]
    assert apart([5.0, 5.0], 10.0) == [0.0, 10.0]
    assert apart([8.0, 0.0], 10.0) == [9.0, -1.0]
    assert apart([0.0, 0.0, 0.0, 12.0], 10.0) == pytest.approx([-12.0, -2.0, 8.0, 18.0])
    luck = random.Random(1)
    for _ in range(200):
        wanted = [luck.uniform(0.0, 40.0) for _ in range(luck.randint(1, 6))]
        placed = apart(wanted, 10.0)
        order = sorted(range(len(wanted)), key=lambda k: wanted[k])
        assert sum(placed) == pytest.approx(sum(wanted))
        for low, high in pairwise(order):
            assert placed[high] - placed[low] >= 10.0 - 1e-9


# --- the command ---


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    places = [tmp_path / name for name in ("one", "two")]
    for place, settings in zip(places, ((), ("talk.per_day=0.0",)), strict=True):
        write_folder(made("stall", *settings), place)
    return places


def test_two_folders_give_a_page_beside_the_first(
    folders: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *map(str, folders)]) == 0
    page = folders[0].parent / "one-beside-two.html"
    assert capsys.readouterr().out.splitlines() == [
        *(str(folder / "report.html") for folder in folders),
        str(page),
    ]
    assert page.read_text() == make_side_by_side(read_results(folders))
    assert (folders[1] / "figures").is_dir()


def test_the_page_goes_where_it_is_told(
    folders: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    page = folders[0].parent / "new" / "page.html"
    given = ["report", *map(str, folders), "--out", str(page), "--language", "da", "--json"]
    assert main(given) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["side_by_side"] == str(page)
    assert printed["reports"] == [str(folder / "report.html") for folder in folders]
    assert '<html lang="da">' in page.read_text()


def test_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    places = [tmp_path / part / "run" for part in ("a", "b")]
    for place in places:
        place.parent.mkdir()
        write_folder(made("hermit"), place)
    assert [each.name for each in read_results(places)] == ["a/run", "b/run"]


def test_what_cannot_be_shown_side_by_side_is_told(
    folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = map(str, folders)
    write_folder(made("hermit", "currency=EUR"), tmp_path / "euro")
    report = folders[0] / "report.html"
    report.write_text("as it was")
    for given, told in (
        ([one, str(tmp_path / "euro")], "is in DKK and"),
        ([one, one], "is given twice"),
        ([one, two, one], "is given twice"),
        ([one, "nowhere"], "nowhere does not exist"),
        ([one, str(tmp_path)], "is not a result folder"),
        ([one, "--out", "page.html"], "--out names the page of several"),
        ([one, two, "--out", "page.txt"], "must end with .html"),
        ([one, two, "--language", "xx"], "language"),
    ):
        assert main(["report", *given]) == 2
        written = capsys.readouterr()
        assert told in written.err
        assert len(written.err.strip().splitlines()) == 1
        assert written.out == ""
    assert report.read_text() == "as it was"
    assert not list(tmp_path.glob("*.html"))


def test_seven_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at most 6 results"):
        check_folders([tmp_path / str(k) for k in range(7)])
