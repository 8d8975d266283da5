"""Fixtures of the tests that look at pages in a browser."""

from collections.abc import Iterator

import pytest
from browser import SIZES, opened, started
from playwright.sync_api import Browser, Page


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
