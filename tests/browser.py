"""A browser for the tests of pages: Chromium through Playwright, and questions put to a page.

Run as a program (`make browser`) it makes sure that there is one: that of the machine, or one
that is installed now.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE = (
    "There is no browser for the tests of pages: install Chromium"
    " (Debian and Ubuntu: apt install chromium; elsewhere: .venv/bin/playwright install chromium)."
)
ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LAPTOP, PHONE = (1280, 900), (390, 800)  # pixels
SIZES = {"laptop": LAPTOP, "phone": PHONE}
PAPER = 688  # pixels between the margins of A4: 210 mm less twice 14 mm, 96 to the inch

# Text that is cut off or lies on another text, in any drawing of the page.
DRAWN_TEXT = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('figure svg')) {
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim());
    const boxes = texts.map(t => t.getBoundingClientRect());
    texts.forEach((text, k) => {
      const b = boxes[k];
      if (b.left < box.left - 1 || b.right > box.right + 1
          || b.top < box.top - 3 || b.bottom > box.bottom + 3)  // of line height, not of ink
        found.push(`${text.textContent}: outside ${svg.getAttribute('aria-label').slice(0, 40)}`);
      const turned = /rotate\\(-?(?!0[) ])/.test(text.getAttribute('transform') || '');
      for (let j = 0; j < k && !turned; j++) {
        const a = boxes[j];
        if (/rotate\\(-?(?!0[) ])/.test(texts[j].getAttribute('transform') || '')) continue;
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 0.35 * Math.min(a.height, b.height))
          found.push(`${text.textContent}: on ${texts[j].textContent}`);
      }
    });
  }
  return found;
}"""

# Elements that reach over the edge of the page, outside a region that scrolls.
TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg, .table, pre')) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > wide + 1 || box.left < -1))
      found.push(`${element.tagName} ${element.className} ${element.textContent.slice(0, 40)}`);
  }
  if (document.documentElement.scrollWidth > wide) found.push('the page scrolls sideways');
  return found;
}"""

# Cells of tables without a text, and figures that are none.
NO_FIGURE = """() => {
  const found = [];
  for (const cell of document.querySelectorAll('td, th, dd, dt, figcaption, .caption, h2, p')) {
    const text = cell.textContent.trim();
    if (!text) found.push(`empty ${cell.tagName} in ${cell.closest('section')?.id}`);
  }
  const all = document.body.textContent + [...document.querySelectorAll('[aria-label]')]
    .map(e => e.getAttribute('aria-label')).join(' ');
  for (const word of all.match(/\\b(NaN|nan|inf|Infinity|None|null|undefined)\\b/g) || [])
    found.push(word);
  return found;
}"""


def browser_file(playwright: Playwright) -> str | None:
    """The browser to start: Playwright's, or the machine's own; None if there is none."""
    own = playwright.chromium.executable_path
    if own and Path(own).exists():
        return own
    return next((found for found in map(shutil.which, NAMES) if found), None)


@contextmanager
def started() -> Iterator[Browser]:
    """A running browser. Fails with one sentence where there is none."""
    with sync_playwright() as playwright:
        file = browser_file(playwright)
        assert file is not None, NONE
        browser = playwright.chromium.launch(executable_path=file, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, text: str, size: tuple[int, int]) -> Page:
    """The page in a window of `size`; nothing can be loaded from outside."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    page = context.new_page()
    page.set_content(text)
    return page


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2 (A and AA) and good practice, a line each."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": tags, "resultTypes": ["violations"]}
    found: dict[str, Any] = Axe().run(page, options=options).response
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:160]}"
        for rule in found["violations"]
    ]


def each(pages: list[str], *sizes: str) -> pytest.MarkDecorator:
    """Let a test see each page (`page_of` of its module makes them) at each of `SIZES`."""
    cases = [(name, size) for name in pages for size in sizes]
    return pytest.mark.parametrize("page", cases, ids=[" ".join(c) for c in cases], indirect=True)


def check_whole(page: Page) -> None:
    """Nothing is cut off, nothing lies on anything else, no figure is missing without a word."""
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(DRAWN_TEXT) == []
    assert page.evaluate(NO_FIGURE) == []


def check_fits_paper(page: Page) -> None:
    """Printed on A4, nothing is wider than what is between the margins."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 900})
    assert page.evaluate(TOO_WIDE) == []
    # what is folded away is not printed
    seen = "[...document.querySelectorAll('table')].filter(t => t.checkVisibility())"
    tables = f"{seen}.map(t => t.getBoundingClientRect().right)"
    assert max(page.evaluate(tables), default=0) <= PAPER + 1


def _install() -> None:
    """Install a browser in whichever way this machine allows."""
    with sync_playwright() as playwright:
        if browser_file(playwright) is not None:
            return
    root = os.name == "posix" and os.geteuid() == 0
    if shutil.which("apt-get") and (root or shutil.which("sudo")):
        before = [] if root else ["sudo", "-n"]
        subprocess.run([*before, "apt-get", "update", "-qq"], check=False)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run([*before, *install], check=False)


def _problem() -> str:
    """Why no browser starts, in a sentence; empty if one does."""
    try:
        with started() as browser:
            browser.new_page()
    except AssertionError:
        return NONE
    except Error as error:
        reason = str(error).strip().splitlines()[0]
        return f"The browser for the tests of pages does not start: {reason}"
    return ""


def main() -> int:
    """Make sure that a browser starts; 1, and one sentence, if none does."""
    _install()
    if _problem():  # none, or one that is a mere pointer to a shop of programs
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    problem = _problem()
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
