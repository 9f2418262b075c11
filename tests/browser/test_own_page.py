"""A page of a user's own panels in a browser, by itself and within a notebook's frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Frame

import landscape
from landscape.report.own_page import Page
from tests.browser.conftest import FIRST_SCENE_DRAWN, Watched, until

pytestmark = pytest.mark.browser
LOADED = "landscape.kaleidoscopes.length === 2 && landscape.kaleidoscopes.every((one) => one.detail)"


@pytest.fixture(scope="module")
def own() -> Page:
    rng = np.random.default_rng(0)
    goal, start = rng.random((2, 9, 8, 8))
    orbits = np.stack([goal + 0.6**t * (start - goal) for t in range(8)])
    heights = {name: rng.random((20, 30)) for name in ("one", "two")}
    heights["two"][:5] = np.nan
    return landscape.page(
        [
            "A paragraph.",
            landscape.surface(heights, points=[[0.5, 0.5]], orbits=rng.random((4, 6, 2)), title="Noise"),
            landscape.player(orbits, goal, title="To the goal"),
            landscape.player(orbits, title="Alone"),
            pd.DataFrame({"a": [1, 2]}),
            landscape.Panel("Last", "", "<p>The end.</p>", section="Later"),
        ],
        title="Own",
    )


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seen = Watched(context.new_page())
    yield seen
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def test_everything_of_the_page_works(watched: Watched, own: Page, tmp_path: Path) -> None:
    watched.page.goto(own.save(tmp_path / "own.html").as_uri())
    until(watched.page, FIRST_SCENE_DRAWN)
    watched.page.locator("select.surfaces").select_option("two")
    for kaleidoscope in watched.page.locator("figure.kaleidoscope").all():
        kaleidoscope.scroll_into_view_if_needed()
    until(watched.page, LOADED)
    cards = watched.page.locator(".sample-card")
    cards.first.scroll_into_view_if_needed()
    assert "distance" in cards.nth(0).inner_text()
    assert cards.nth(0).locator("canvas").count() == 2
    assert "distance" not in cards.nth(1).inner_text()
    assert cards.nth(1).locator("canvas").count() == 1
    canvas = watched.page.locator("figure.kaleidoscope canvas").first
    canvas.focus()
    for key in (",", ","):  # it opens on the last frame
        watched.page.keyboard.press(key)
    assert "sample at iteration 5" in cards.nth(0).inner_text()


def test_a_notebook_shows_the_page_and_stays_where_it_is(watched: Watched, own: Page, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><title>n</title>{own._repr_html_()}<p>below</p>", encoding="utf-8")
    watched.page.goto(notebook.as_uri())
    watched.page.frame_locator("iframe").locator("h1").wait_for()
    frame = inner(watched)
    until_in(watched, frame, FIRST_SCENE_DRAWN)
    with watched.page.expect_download() as saved:
        frame.locator("button.download").first.click()
    assert saved.value.suggested_filename == "table-1.csv"
    frame.get_by_role("button", name="dark page").click()
    frame.get_by_role("link", name="Later").click()
    until_in(watched, frame, "scrollY > 500")
    assert frame.url == "about:srcdoc"
    assert watched.page.locator("p").inner_text() == "below"
    assert frame.evaluate(
        "(() => { try { return String(parent.document) } catch (error) { return error.name } })()"
    ) == ("SecurityError")


def inner(watched: Watched) -> Frame:
    (frame,) = watched.page.frames[1:]
    return frame


def until_in(watched: Watched, frame: Frame, expression: str) -> None:
    for _ in range(1000):
        if frame.evaluate(expression):
            return
        watched.page.wait_for_timeout(20)
    pytest.fail(f"not within 20 s: {expression}")
