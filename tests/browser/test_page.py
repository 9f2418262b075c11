"""The page around the scenes: tables, downloads, players, and pages without scripts, without WebGL, narrow or printed."""

from __future__ import annotations

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import FIRST_SCENE_DRAWN, Watched, until
from tests.report.sample import claims, members

pytestmark = pytest.mark.browser


def test_download_holds_every_row_in_full_precision(page: Page) -> None:
    with page.expect_download() as waiting:
        page.locator(".files button", has_text="members.csv").click()
    read = pd.read_csv(waiting.value.path(), keep_default_na=False, na_values={"loss": [""]})
    pd.testing.assert_frame_equal(read, members(), check_dtype=False, check_exact=True)


def test_claims_are_downloadable(page: Page) -> None:
    with page.expect_download() as waiting:
        page.locator(".files button", has_text="claims.csv").click()
    assert pd.read_csv(waiting.value.path())["verdict"].tolist() == claims()["verdict"].tolist()


def test_headings_sort_and_the_foot_shows_all(page: Page) -> None:
    table = page.locator(".panel", has_text="A row per member.")
    assert table.locator("tbody tr").count() == 30
    first = table.locator("tbody tr").first.locator("td")
    table.locator("thead button").nth(2).click(click_count=2)
    assert table.locator("th[aria-sort=descending]").inner_text().startswith("member")
    until(
        page,
        "document.querySelector('th[aria-sort]').closest('table').tBodies[0].rows[0].cells[2].textContent === '39'",
    )
    assert first.nth(2).inner_text() == "39"
    table.get_by_role("button", name="show all").click()
    page.wait_for_timeout(300)
    assert table.locator("tbody tr").count() == len(members())
    assert table.locator(".table-foot span").inner_text() == "40 of 40 rows"


def test_player_plays_and_scrubs(page: Page) -> None:
    player = page.locator("figure.player")
    assert player.locator("img").count() == 0
    player.locator("input").fill("3")
    assert player.locator("output").inner_text() == "iteration 3"
    player.locator("button").click()
    until(page, "document.querySelector('figure.player input').value !== '3'")
    player.locator("button").click()


def test_dark_page_is_chosen_and_remembered(page: Page, report: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="dark page").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.goto(report)
    until(page, FIRST_SCENE_DRAWN)
    assert page.evaluate(ground) == dark


def test_without_scripts_stills_tables_and_figures_show(browser: Browser, report: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    seen = Watched(context.new_page())
    seen.page.goto(report)
    assert seen.page.locator("figure.scene .still").first.is_visible()
    assert seen.page.locator("figure.player img").is_visible()
    assert seen.page.locator("table.data tbody tr").first.is_visible()
    assert not seen.page.locator(".download").first.is_visible()
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def test_without_webgl_stills_stay_and_the_rest_works(browser_without_gl: Browser, report: str) -> None:
    context = browser_without_gl.new_context(viewport={"width": 1280, "height": 900})
    seen = Watched(context.new_page())
    seen.page.goto(report)
    seen.page.wait_for_selector("html.still-scenes")
    assert seen.page.locator("figure.scene .still").first.is_visible()
    assert not seen.page.locator(".controls").first.is_visible()
    assert seen.page.locator(".download").first.is_visible()
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_page_never_scrolls_sideways(browser: Browser, report: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    seen = Watched(context.new_page())
    seen.page.goto(report)
    seen.page.locator("figure.scene").first.scroll_into_view_if_needed()
    until(seen.page, FIRST_SCENE_DRAWN)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def test_printing_keeps_the_pictures(page: Page) -> None:
    assert len(page.pdf()) > 50_000
