"""The report: figures, form, and what a page may not contain."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sim.measures.replicates import combine
from sim.pages.charts.drawing import keeping_figures
from sim.pages.charts.over_time import phase_charts
from sim.pages.charts.render import drawn
from sim.pages.folder import remake_report, write_folder
from sim.pages.pages import make_report
from sim.pages.words import numbers
from sim.pages.words.headlines import as_text, headlines
from sim.runs.run import Run, run
from worlds.by_hand import LOOK, WEB, alone, by_hand, nothing_happened, run_of
from worlds.markets import MARKETS

VOID = {"meta", "br", "hr", "img", "link", "input"}


@cache
def made(name: str) -> Run:
    return run(MARKETS[name])


@cache
def page(name: str) -> str:
    return make_report(made(name))


class Reader(HTMLParser):
    """Checks that tags are balanced; keeps ids, tags, attributes, figures and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.data: dict[str, tuple[float, str]] = {}
        self.words: list[str] = []
        self.key = ("", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes += given.items()
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "data":
            self.key = (given["data-key"], given["value"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "data":
            self.data[self.key[0]] = (float(self.key[1]), data)
        elif self.open and self.open[-1] != "style":
            self.words.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def at(summary: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        summary = summary[part]
    return summary


@pytest.mark.parametrize("name", list(MARKETS))
def test_a_report_stands_alone(name: str) -> None:
    text, reader = page(name), read(page(name))
    assert text.startswith("<!DOCTYPE html>")
    assert reader.tags.isdisjoint({"script", "link", "iframe", "img", "object", "embed"})
    assert not [a for a, _ in reader.attributes if a.startswith("on")]
    links = [v for a, v in reader.attributes if a in ("href", "xlink:href", "src")]
    assert all(link.startswith("#") for link in links)
    assert "@import" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\((.*?)\)", text))
    assert len(text.encode()) < 600_000
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in links} <= set(reader.ids)


@pytest.mark.parametrize("name", list(MARKETS))
def test_every_headline_is_the_summary_s(name: str) -> None:
    summary, reader = made(name).summary, read(page(name))
    found = headlines(summary)
    assert len(found) == 12
    assert set(reader.data) == {line.key for line in found if line.value is not None}
    for line in found:
        assert line.value == at(summary, line.key)
        if line.value is None:
            assert summary["undefined"][line.key] in " ".join(reader.words)
        else:
            assert reader.data[line.key] == (line.value, line.text)


@pytest.mark.parametrize("name", list(MARKETS))
def test_no_figure_is_missing_in_silence(name: str) -> None:
    words = " ".join(read(page(name)).words)
    assert not re.search(r"\b(nan|inf|None|null)\b", words)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    assert make_report(run(MARKETS["town"])) == page("town")
    first = write_folder(made("town"), tmp_path / "town").read_bytes()
    assert first == page("town").encode()
    (tmp_path / "town" / "report.html").write_text("lost")
    assert remake_report(tmp_path / "town").read_bytes() == first


def test_every_phase_and_every_paid_touchpoint_is_drawn() -> None:
    town = made("town")
    reader = read(page("town"))
    labels = [value for name, value in reader.attributes if name == "aria-label"]
    for phase in town.scenario.journey.phases:
        assert [label for label in labels if f"People in {numbers.name(phase)} over" in label]
    spend = next(label for label in labels if label.startswith("Spend by touchpoint"))
    for name, figures in town.summary["touchpoints"].items():
        assert (numbers.name(name) + " " in spend) == (figures["spend"] > 0)
    assert all(value for name, value in reader.attributes if name == "aria-label")


def test_text_of_the_scenario_is_text() -> None:
    scenario = by_hand(title="<script>alert(1)</script> & co", description='"<b>bold</b>"')
    text = make_report(run_of(nothing_happened(scenario)))
    assert "<script>" not in text
    assert "<b>bold" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in text


def test_a_market_without_touchpoints_has_a_report() -> None:
    text = make_report(run_of(nothing_happened(alone())))
    assert "No touchpoint cost anything." in text
    read(text)


def test_long_names_and_large_sums_fit() -> None:
    name = "a" + "_very_long_name" * 2 + "_indeed"
    web = {"starts": "pull", "reach": {"look": 0.5}}
    records = nothing_happened(by_hand(touchpoints={name: web}, population=10**10))
    records.spend[0, WEB] = 5.2e12
    records.flows[0, 0, 0, LOOK] = 3
    text = make_report(run_of(records))
    assert "DKK 5,200bn" in text.replace(numbers.SPACE, " ")
    read(text)


@pytest.mark.parametrize(("days", "unit"), [(1, "days"), (89, "days"), (90, "months")])
def test_a_short_run_is_drawn_by_days(days: int, unit: str) -> None:
    records = nothing_happened(by_hand(days=days))
    with keeping_figures() as kept:
        assert all(drawn(chart).svg for chart in phase_charts(records))
    for figure in kept.values():
        axes = figure.axes[0]
        assert axes.get_xlabel() == f"{unit} since the start"
        assert axes.get_xlim() == (0, days if unit == "days" else pytest.approx(days * 12 / 365))


def test_commands_in_the_text_stay_on_one_line() -> None:
    assert "(<code>--replicates 10</code>)" in page("town")
    assert "<code>journeysim run --marginal-return</code>" in page("town")


def test_replicates_show_their_intervals() -> None:
    seeds = [run(MARKETS["stall"], seed=seed).summary for seed in (1, 2, 3)]
    joint = combine(seeds)
    reader = read(make_report(run(MARKETS["stall"], seed=1), joint))
    words = " ".join(reader.words)
    assert "Means of 3 replicates (seeds 1 to 3)" in words
    assert "--replicates 3" in words
    profit = next(line for line in headlines(joint) if line.key == "economics.profit")
    assert profit.interval in words
    assert reader.data["economics.profit"][0] == joint["economics"]["profit"]
    assert any(profit.interval in line for line in as_text(joint))


def test_the_terminal_shows_every_headline() -> None:
    lines = as_text(made("town").summary)
    assert "town: 2,200 people as 220 simulated customers, 75 days, seed 0" in lines[0]
    for headline in headlines(made("town").summary):
        row = next(line for line in lines if line.startswith(headline.label))
        assert headline.text in row
        assert (f"95% CI {headline.interval}" if headline.interval else headline.note) in row


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (951, "951"),
        (7.5, "7.50"),
        (999.6, "1,000"),
        (51_870, "51,900"),
        (999_499, "999,000"),
        (999_501, "1.00m"),
        (1_240_000, "1.24m"),
        (12_400_000, "12.4m"),
        (345_000_000, "345m"),
        (2_500_000_000, "2.50bn"),
        (-51_870, "−51,900"),
    ],
)
def test_counts_as_people_read_them(value: float, text: str) -> None:
    assert numbers.count(value).replace(numbers.SPACE, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "DKK 0"),
        (0.0349, "DKK 0.03"),
        (4.378, "DKK 4.38"),
        (5.0, "DKK 5.00"),
        (25.0, "DKK 25"),
        (33.24, "DKK 33.24"),
        (184.3, "DKK 184"),
        (951_234.0, "DKK 951,000"),
        (12_400_000.0, "DKK 12.4m"),
        (-12_400_000.0, "DKK −12.4m"),
    ],
)
def test_money_as_people_read_it(value: float, text: str) -> None:
    assert numbers.money(value, "DKK").replace(numbers.SPACE, " ") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.00384, "0.38%"), (0.0411, "4.11%"), (0.67, "67.0%"), (1.0, "100%")],
)
def test_shares_as_people_read_them(share: float, text: str) -> None:
    assert numbers.percent(share).replace(numbers.SPACE, " ") == text


def test_other_numbers() -> None:
    assert numbers.decimal(-0.25) == "−0.25"
    assert numbers.decimal(-0.001) == "0.00"
    assert numbers.whole(2_481_234.0) == "2,480,000"
    assert numbers.name("paid_search_generic") == "Paid search generic"
    write, tick = numbers.scale(2_500_000.0), numbers.scale(2_500_000.0, ticks=True)
    assert write(500_000.0).replace(numbers.SPACE, " ") == "0.50m"
    assert tick(500_000.0).replace(numbers.SPACE, " ") == "0.5m"
    assert tick(0.0) == "0"
    assert numbers.scale(20_000.0)(15_000.0) == "15,000"
