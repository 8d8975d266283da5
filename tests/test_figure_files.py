"""The figures of a report as files, and what a drawing may not do: cut off its own letters."""

import json
import os
import re
import shutil
import struct
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sim.errors import InputError
from sim.folders import change_files, open_folder
from sim.pages.charts.chart import SERIES
from sim.pages.charts.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    keeping_figures,
)
from sim.pages.charts.figure_files import (
    FACES,
    FIRST_DARK,
    FOLDER,
    MOST_HIGH,
    PRINT_DPI,
    SHADES,
    Picture,
    figure_files,
    journey_map_parts,
    pictures,
    report_with_figures,
)
from sim.pages.charts.render import PENS, outline_of
from sim.pages.folder import remake_report, write_folder
from sim.pages.pages import make_report, report_sections
from sim.pages.render import TEMPLATES
from sim.pages.words.language import speaking
from sim.runs.run import Run, run
from tools.cut_off import texts_outside
from worlds.by_hand import alone, by_hand, nothing_happened, run_of
from worlds.markets import LONG_CLUB, MARKETS

WHITE = "#ffffff"


@cache
def made(name: str) -> Run:
    if name == "club":  # long enough for cohorts
        return run(LONG_CLUB)
    return run(MARKETS[name])


@cache
def files(name: str) -> dict[str, bytes]:
    return report_with_figures(made(name))[1]


# --- which files there are ---


@pytest.mark.parametrize("name", ["town", "stall", "club"])
def test_every_picture_of_the_page_is_a_file_twice(name: str) -> None:
    sections = report_sections(made(name))
    expected = {drawing.name for section in sections for drawing in section.drawings}
    expected |= {f"{section.name}-faces" for section in sections if section.journey_map}
    expected |= {f"{section.name}-heat" for section in sections if section.heat_map}
    assert {"journey-map-faces", "sentiment"} < expected
    assert ("keeping-heat" in expected) == (name == "club")
    assert set(files(name)) == {f"figures/{n}.{kind}" for n in expected for kind in ("svg", "png")}
    assert report_with_figures(made(name))[0] == make_report(made(name))


def test_the_same_run_gives_the_same_files() -> None:
    assert report_with_figures(run(MARKETS["town"]))[1] == files("town")


def test_a_file_stands_alone() -> None:
    for name, content in files("club").items():
        if name.endswith(".png"):
            assert content.startswith(b"\x89PNG\r\n")
            wide, high = struct.unpack(">II", content[16:24])
            assert min(wide, high) > 400
            assert max(wide, high) <= 3501
            assert b"Software" not in content
            continue
        text = content.decode()
        assert "<text" not in text  # letters are shapes: no font is needed
        assert "<dc:date>" not in text
        assert re.search(r'<svg role="img" aria-label="[^"]+"', text)
        links = re.findall(r'(?:href="|url\()([^")]+)', text)
        assert links
        assert all(link.startswith("#") for link in links)


@pytest.mark.parametrize("count", [1, 20, 60])
def test_letters_have_one_size_however_many_touchpoints_there_are(count: int) -> None:
    """As many dots an inch, and a long map in parts; each touchpoint in one of them."""
    touchpoints = {
        f"touchpoint_number_{place}": {
            "starts": "push",
            "reach": {"look": 0.5},
            "quality": {"mean": -0.5},
            "cost": {"per_contact": 1.0},
        }
        for place in range(count)
    }
    with keeping_figures() as kept:
        sections = report_sections(run(by_hand(agents=50, days=10, touchpoints=touchpoints)))
        found = pictures(sections, kept)
    (shown,) = (section.journey_map for section in sections if section.journey_map)
    parts = journey_map_parts(shown)
    assert [line for part in parts for line in part.lines] == list(shown.lines)
    assert len({len(part.lines) for part in parts[:-1]}) <= 1
    maps = [picture for picture in found if picture.name.startswith("journey-map-faces")]
    assert len(maps) == len(parts) == {1: 1, 20: 1, 60: 3}[count]
    written = figure_files(found)
    for picture in found:
        wide, high = struct.unpack(">II", written[f"figures/{picture.name}.png"][16:24])
        inches = picture.figure.get_size_inches() + 24 / 72
        assert wide / inches[0] == pytest.approx(PRINT_DPI, rel=0.01)
        if picture in maps:
            assert high <= 1.1 * MOST_HIGH / 72 * PRINT_DPI


def test_titles_are_in_the_language_of_the_report() -> None:
    with speaking("da"):
        danish = report_with_figures(made("town"))[1]
    assert set(danish) == set(files("town"))
    assert "<title>Journey map</title>" in files("town")["figures/journey-map-faces.svg"].decode()
    assert "<title>Kunderejsekort</title>" in danish["figures/journey-map-faces.svg"].decode()


# --- in the result folder ---


@pytest.fixture(scope="module")
def remade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder whose report was made again; not to be changed."""
    place = tmp_path_factory.mktemp("results") / "stall"
    write_folder(made("stall"), place)
    assert not (place / FOLDER).exists()
    remake_report(place)
    return place


@pytest.fixture
def place(remade: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(remade, tmp_path / "stall"))


def inside(place: Path) -> set[str]:
    return {f"{FOLDER}/{name}" for name in os.listdir(place / FOLDER)}


def listed(place: Path) -> set[str]:
    found = json.loads((place / "manifest.json").read_text())["files"]
    return {name for name in found if name.startswith(f"{FOLDER}/")}


def put(place: Path, figures: dict[str, bytes]) -> None:
    change_files(open_folder(place), {"report.html": b"page", **figures})


def test_the_folder_lists_its_figures_and_is_replaced_with_them(place: Path) -> None:
    assert inside(place) == listed(place) == set(files("stall"))
    for name, content in files("stall").items():
        assert (place / name).read_bytes() == content
    write_folder(made("hermit"), place)
    assert not (place / FOLDER).exists()


def test_somebody_s_own_picture_is_never_removed(place: Path) -> None:
    mine = place / FOLDER / "mine.png"
    mine.write_text("a photograph")
    with pytest.raises(InputError, match=r"it also holds figures/mine\.png"):
        write_folder(made("hermit"), place)
    put(place, {f"{FOLDER}/other.svg": b"<svg/>"})
    assert inside(place) == {f"{FOLDER}/mine.png", f"{FOLDER}/other.svg"}
    assert mine.read_text() == "a photograph"


def test_a_remade_report_has_its_own_figures_only(place: Path) -> None:
    put(place, {f"{FOLDER}/other.svg": b"<svg/>"})
    assert inside(place) == listed(place) == {f"{FOLDER}/other.svg"}
    put(place, dict(files("stall")))
    assert inside(place) == listed(place) == set(files("stall"))


def test_the_report_alone_can_be_remade(place: Path) -> None:
    before = {name: (place / name).stat().st_mtime_ns for name in files("stall")}
    (place / "report.html").write_text("lost")
    remake_report(place, figures=False)
    assert (place / "report.html").read_text() == make_report(made("stall"))
    assert {name: (place / name).stat().st_mtime_ns for name in files("stall")} == before


# --- what a drawing may not do ---


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("name", ["town", "stall", "club"])
def test_no_drawing_cuts_off_its_letters(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with speaking(language), keeping_figures() as kept:
        report_sections(made(name))
        cut = {drawing: texts_outside(figure, monkeypatch) for drawing, figure in kept.items()}
    assert {drawing: texts for drawing, texts in cut.items() if texts} == {}


def test_a_long_title_is_broken_into_lines() -> None:
    figure = Figure(figsize=(2.0, 1.0))
    title = "a title that is much longer than its drawing is wide"
    found = figure_files([Picture("long", title, "nothing", figure)])
    wide, high = struct.unpack(">II", found["figures/long.png"][16:24])
    assert wide == pytest.approx((2.0 + 24 / 72) * 200, abs=2)
    assert high > (1.0 + 3 * 17 / 72) * 200


def test_a_market_where_nothing_happens_has_figures() -> None:
    bare = run_of(nothing_happened(alone()))
    assert "figures/phase-idle.png" in report_with_figures(bare)[1]


# --- colours ---


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2)."""
    parts = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21.0)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.005)  # the known near miss


def test_letters_can_be_read() -> None:
    for ink in (INK, MUTED):
        assert contrast(ink, WHITE) >= 4.5
    for shade, colour in enumerate(SHADES):
        assert contrast(colour, INK if shade < FIRST_DARK else WHITE) >= 4.5
    for skin, line, _, _ in FACES.values():
        assert contrast(skin, line) >= 4.5


def test_colours_that_stand_together_differ_in_grey() -> None:
    assert contrast(BLUE, ORANGE) >= 2.0
    colours = [PENS[role].colour for role in SERIES]
    for one, other in pairwise(colours):
        assert contrast(one, other) >= 1.6
    shades = [luminance(shade) for shade in SHADES]
    assert shades == sorted(shades, reverse=True)
    for one, other in pairwise(SHADES):
        assert contrast(one, other) >= 1.08
    marks = [PENS[role].mark for role in SERIES]
    outlines = [outline_of(role) for role in SERIES]
    assert len(set(colours)) == len(set(marks)) == len(set(outlines)) == len(SERIES)


def test_page_and_files_have_the_same_shades_and_faces() -> None:
    sheet = (TEMPLATES / "report.css").read_text()
    found = re.findall(r"\.heat \.s(\d) \{ background: (#[0-9a-f]{6});( color: #fff;)?", sheet)
    assert [(int(k), colour) for k, colour, _ in found] == list(enumerate(SHADES))
    assert [bool(white) for *_, white in found] == [k >= FIRST_DARK for k in range(len(SHADES))]
    page = (TEMPLATES / "faces.html.j2").read_text()
    skins = re.findall(r'\("(\w+)", "(#[0-9a-f]{6})", "(#[0-9a-f]{6})"', page)
    assert skins == [(name, skin, line.lower()) for name, (skin, line, _, _) in FACES.items()]
