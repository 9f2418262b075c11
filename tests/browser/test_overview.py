"""The overview of runs in a browser: it loads nothing from elsewhere, fits a phone, and keeps its place when it loads again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from landscape.report.overview import FINISHED, RUNNING, RunCard, overview
from tests.browser.conftest import Watched, until

pytestmark = pytest.mark.browser
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="30" height="20"/></svg>'
LONG = "landscape study depth-sweep --" + "x" * 200


def card(number: int, state: str = FINISHED) -> RunCard:
    found = [("Sooner: yes.", "Many words stand here. " * 10)]
    return RunCard(
        f"run-{number}", f"Title {number}", state, 2, 1, 5, LONG, "Why?", found, picture="picture.svg", size=(30, 20)
    )


def page_of(folder: Path, seconds: float) -> str:
    (folder / "picture.svg").write_text(PICTURE)
    cards = [card(0, RUNNING), *(card(number) for number in range(1, 12))]
    (folder / "index.html").write_text(overview(cards, ["one cannot be read"], written="now", seconds=seconds))
    return (folder / "index.html").as_uri()


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_window_shows_its_pictures_and_says_nothing(browser: Browser, tmp_path: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    seen = Watched(context.new_page())
    seen.page.goto(page_of(tmp_path, 0))
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    until(seen.page, "document.querySelector('.hero img').naturalWidth === 30")
    assert seen.page.locator(".state.running").first.inner_text() == "1 running"
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def test_loading_again_keeps_the_place_and_waits_for_marked_text(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(page_of(tmp_path, 1))
    page.evaluate("document.querySelector('#run-7').scrollIntoView({ behavior: 'instant' }); globalThis.first = true")
    page.locator("#run-7 button").focus(timeout=5000)
    top = page.evaluate("document.querySelector('#run-7').getBoundingClientRect().top")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#run-7 code'))")
    page.wait_for_timeout(1500)
    assert page.evaluate("globalThis.first")
    page_of(tmp_path, 0)  # the run has ended
    with page.expect_navigation():
        page.evaluate("getSelection().removeAllRanges()")
    assert not page.evaluate("globalThis.first")
    until(page, f"Math.abs(document.querySelector('#run-7').getBoundingClientRect().top - {top}) < 2", seconds=5)
    assert page.evaluate("document.activeElement.closest('.run-card').id") == "run-7"
    page.close()
