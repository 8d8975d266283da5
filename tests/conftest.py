"""Fixtures that several files share: pages in a browser, and studies that are interrupted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser import SIZES, opened, started
from tools.unfinished import counted, plain_pages
from worlds.commands import write_files


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as running:
        yield running


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """The page and size that `browser.each` names, made by `page_of` of the test's module."""
    name, size = request.param
    shown = opened(browser, request.module.page_of(name), SIZES[size])
    yield shown
    shown.context.close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the markets and the studies of `worlds.commands`."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path)
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that the engine finished, by the hash of their scenario."""
    return counted(monkeypatch)


@pytest.fixture
def plain_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn where it is not looked at."""
    plain_pages(monkeypatch)
