"""A picture or a section that fails is named, and nothing else of the page is lost."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from matplotlib.figure import Figure

from sim.errors import Note
from sim.pages import parts
from sim.pages.blocks import Section
from sim.pages.charts import drawing, figure_files
from sim.pages.charts.drawing import keeping_figures
from sim.pages.charts.figure_files import FOLDER, report_with_figures
from sim.pages.pages import make_report, report_sections
from sim.pages.words.language import speaking
from tools.pages import PAGES, made, page

TROUBLE = "width and height\n must be positive."
WHY = "width and height must be positive"


def failing(name: str, error: BaseException) -> Callable[[Figure, str, str], str]:
    """`as_svg` for all drawings but one."""
    write = drawing.as_svg

    def as_svg(figure: Figure, own: str, alt: str) -> str:
        if own == name:
            raise error
        return write(figure, own, alt)

    return as_svg


def fake(figure: Figure, name: str, alt: str) -> str:
    """A drawing without a drawing, so that a page with many is made in no time."""
    return f'<svg role="img" id="{name}" aria-label="{len(alt)}"></svg>'


def drawn(kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """The undisturbed page, and the names of its drawings; every later one is as quick."""
    names: list[str] = []

    def noted(figure: Figure, name: str, alt: str) -> str:
        names.append(name)
        return fake(figure, name, alt)

    monkeypatch.setattr(figure_files, "figure_files", lambda found: {})
    monkeypatch.setattr(figure_files, "pictures", lambda found, kept: [])
    monkeypatch.setattr(drawing, "as_svg", noted)
    text = page(kind, made())
    monkeypatch.setattr(drawing, "as_svg", fake)
    return text, names


@pytest.mark.parametrize("kind", PAGES)
def test_one_drawing_that_fails_changes_its_place_only(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, names = drawn(kind, monkeypatch)
    assert names
    assert len(set(names)) == len(names)
    for name in names:
        with monkeypatch.context() as patched:
            patched.setattr(drawing, "as_svg", failing(name, ValueError(TROUBLE)))
            with pytest.warns(Note, match=f"the picture {name} could not be drawn: {WHY}$"):
                text = page(kind, made())
        place = re.escape(f'<svg role="img" id="{name}"') + ".*?</svg>"
        before, after = re.split(place, whole)
        assert text.startswith(before)
        assert text.endswith(after)
        inside = text[len(before) : len(text) - len(after)]
        assert inside.startswith(f"<p>This picture could not be drawn: {WHY}.</p>")
        assert inside.count("<p>") == 2  # and what it would have shown, in words


def test_a_drawing_may_fail_at_any_point_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any, **more: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(drawing, "new_axes", refuse)
    with speaking("da"), pytest.warns(Note) as told:
        text = make_report(made().run)
    for one in told:
        assert re.fullmatch(r"the picture \S+ could not be drawn: MemoryError", str(one.message))
    assert "<svg role" not in text
    count = text.count("<p>Dette billede kunne ikke tegnes: MemoryError.</p>")
    assert count == len(told) == text.count("<figure>") > 10
    assert text.count("<section") > 10


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_stops_the_work_stops_it(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "as_svg", failing("flow", error()))
    with pytest.raises(error):
        make_report(made().run)


# --- sections ---


@pytest.mark.parametrize("kind", PAGES)
def test_one_section_that_fails_changes_its_place_only(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = without_contents(drawn(kind, monkeypatch)[0])
    names = re.findall(r'<section id="([^"]+)"', whole)
    assert len(names) > (2 if kind == "claims" else 4)
    builds = _builders(kind, monkeypatch)
    assert set(names) <= {shown for shown_by in builds.values() for shown in shown_by}
    for name, shown in builds.items():
        if not shown:
            continue
        with monkeypatch.context() as patched:
            patched.setattr(parts, "tell_section", _telling)
            _fail(patched, name)
            text = without_contents(page(kind, made()))
        first, last = (f'<section id="{one}"' for one in (shown[0], shown[-1]))
        before = whole[: whole.index(first)]
        after = whole[whole.index("</section>", whole.index(last)) :]
        assert text.startswith(before)
        assert text.endswith(after)
        inside = text[len(before) : len(text) - len(after)]
        assert inside.count("<section") == 1
        assert f"<p>{name}: no</p>" in inside


def without_contents(text: str) -> str:
    """The page without its list of contents, in which a section that fails has another title."""
    return re.sub(r"<nav.*?</nav>", "", text, flags=re.DOTALL)


def _telling(name: str, error: Exception) -> str:
    return f"{name}: {error}"


def _builders(kind: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Sequence[str]]:
    """The names of the sections that each guarded builder of a page gives."""
    found: dict[str, Sequence[str]] = {}
    plain = parts.guarded

    def noted(name: str, build: Any, *args: Any, **named: Any) -> list[Section]:
        made = plain(name, build, *args, **named)
        found[name] = [one.name for one in made]
        return made

    with monkeypatch.context() as patched:
        _everywhere(patched, noted)
        page(kind, made())
    return found


def _fail(patched: pytest.MonkeyPatch, wanted: str) -> None:
    """Let the builder `wanted` fail, inside the guard."""
    plain = parts.guarded

    def broken(name: str, build: Any, *args: Any, **named: Any) -> list[Section]:
        return plain(name, _no if name == wanted else build, *args, **named)

    _everywhere(patched, broken)


def _no(*args: Any, **named: Any) -> Section:
    raise RuntimeError("no")


def _everywhere(patched: pytest.MonkeyPatch, guarded: Any) -> None:
    from sim.pages import (
        budget_pages,
        claim_page,
        claims_page,
        compare_page,
        credit,
        pages,
        sweep_page,
        touchpoints,
    )

    users = (budget_pages, compare_page, credit, pages, sweep_page, touchpoints)
    for module in (*users, claim_page, claims_page):
        patched.setattr(module, "guarded", guarded)


def test_a_section_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _fail(monkeypatch, "money")
    with speaking("da"), pytest.warns(Note, match="the section money could not be made: no$"):
        text = make_report(made().run)
    assert "Dette afsnit kunne ikke laves: no." in text
    assert '<section id="keeping"' in text


# --- files ---


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return report_with_figures(made().run)[1]


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if not re.match(_path(name), path)}


def _path(name: str) -> str:
    return rf"{FOLDER}/{re.escape(name)}\.(svg|png)$"


def test_a_drawing_that_fails_has_no_file(
    files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "as_svg", failing("flow", ValueError(TROUBLE)))
    with pytest.warns(Note) as told:
        found = report_with_figures(made().run)[1]
    assert len(told) == 1
    assert found == without(files, "flow") != files


@pytest.mark.parametrize("name", ["sentiment", "journey-map-faces"])
def test_a_file_that_fails_is_left_out(
    name: str, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = figure_files._as_png

    def as_png(picture: figure_files.Picture, box: Any) -> bytes:
        if picture.name == name:
            raise MemoryError
        return write(picture, box)

    monkeypatch.setattr(figure_files, "_as_png", as_png)
    with pytest.warns(Note, match=f"the picture {name} could not be written as a file: Mem"):
        text, found = report_with_figures(made().run)
    assert found == without(files, name) != files
    assert text == make_report(made().run)


def test_a_table_that_cannot_be_drawn_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(shown: Any) -> Figure:
        raise ValueError(TROUBLE)

    monkeypatch.setattr(figure_files, "draw_journey_map", refuse)
    with keeping_figures() as kept, pytest.warns(Note, match=f"journey-map-faces .*{WHY}$"):
        found = figure_files.pictures(report_sections(made().run), kept)
    assert "journey-map-faces" not in {picture.name for picture in found}
    assert len(found) > 10
