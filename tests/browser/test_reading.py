"""Touch, keyboard and the address: reading values, moving, help, and links that open a view."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from landscape.figures.panel import Panel
from landscape.report import RunView, write_report
from landscape.report.poster import FlatPainter
from tests.browser.conftest import FIRST_SCENE_DRAWN, Watched, until
from tests.browser.test_sweep import SWEEP, grid
from tests.report.sample import curve_figure, hero_scene, kaleidoscope

pytestmark = pytest.mark.browser
FIRST = "landscape.views[0]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    panels = [
        Panel("A scene", "Three surfaces.", hero_scene(side=61)),
        Panel("A grid", "Depth × width.", grid(2, 3)),
        Panel("A figure", "Curves.", curve_figure()),
        Panel("Samples", "Rings.", kaleidoscope(samples=9, steps=3)),
    ]
    path = tmp_path_factory.mktemp("reading") / "report.html"
    return write_report([RunView("Reading", "", panels)], path, hand=FlatPainter()).as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, permissions=["clipboard-read", "clipboard-write"]
    )
    seen = Watched(context.new_page())
    seen.page.goto(address)
    until(seen.page, FIRST_SCENE_DRAWN)
    yield seen.page
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def first(page: Page) -> Locator:
    return page.locator("figure.scene").first


def camera(page: Page, view: str = FIRST) -> list[float]:
    return list(
        page.evaluate(
            f"(({{azimuth, elevation, zoom, target}}) => [azimuth, elevation, zoom, ...target])({view}.camera)"
        )
    )


def test_a_tap_reads_a_value_that_stays_while_the_surface_turns(page: Page) -> None:
    canvas = first(page).locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    before = camera(page)
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reading = first(page).locator(".reading")
    assert reading.is_visible()
    words = reading.inner_text()
    assert re.match(r"x₁ \S+   x₂ \S+\nloss", words)
    assert camera(page) == before
    place = first(page).locator(".reading-dot").bounding_box()
    canvas.focus()
    page.keyboard.press("t")
    until(page, f"{FIRST}.camera.elevation > 1.5")
    page.wait_for_timeout(300)
    assert reading.inner_text() == words
    assert first(page).locator(".reading-dot").bounding_box() != place


def test_two_fingers_move_and_zoom(page: Page) -> None:
    canvas = first(page).locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = camera(page)
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": px, "y": py, "id": index} for index, (px, py) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 30, y), (x + 50, y))
    touch("touchMove", (x - 10, y), (x + 70, y))
    touch("touchEnd")
    after = camera(page)
    assert after[:2] == before[:2]
    assert after[2] == pytest.approx(before[2], rel=0.3)
    assert after[3:] != before[3:]
    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 60, y), (x + 60, y))
    touch("touchMove", (x - 100, y), (x + 100, y))
    touch("touchEnd")
    assert camera(page)[2] < after[2] * 0.8


def test_the_keyboard_reads_values_and_says_them(page: Page) -> None:
    first(page).locator("canvas").focus()
    before = camera(page)
    page.keyboard.press("r")
    spoken = first(page).get_by_role("status")
    assert (spoken.text_content() or "").startswith("x₁ 0.500   x₂ 0.500\nloss ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert (spoken.text_content() or "").startswith("x₁ 0.575   x₂ 0.575\n")
    assert camera(page) == before
    page.keyboard.press("Escape")
    assert not first(page).locator(".reading").is_visible()
    page.keyboard.press("ArrowRight")
    assert camera(page) != before


def test_shift_and_arrows_move_the_picture_and_zero_brings_it_back(page: Page) -> None:
    first(page).locator("canvas").focus()
    before = camera(page)
    page.keyboard.press("Shift+ArrowRight")
    assert camera(page)[:3] == before[:3]
    assert camera(page)[3:] != before[3:]
    page.keyboard.press("0")
    assert camera(page) == before


def test_keys_step_and_play_the_iterations(page: Page) -> None:
    first(page).locator("canvas").focus()
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(",")
    assert page.evaluate(f"{FIRST}.iteration") == 1
    assert page.evaluate(f"{FIRST}.shown.samples")
    page.keyboard.press(" ")
    until(page, f"{FIRST}.iteration > 1.2")
    page.keyboard.press(" ")


def test_help_opens_by_button_and_by_key(page: Page) -> None:
    first(page).get_by_role("button", name="How to use this surface").click()
    text = page.locator("#scene-help")
    assert "Tap the surface to read a value" in text.inner_text()
    page.keyboard.press("Escape")
    assert not text.is_visible()
    first(page).locator("canvas").focus()
    page.keyboard.press("?")
    assert text.is_visible()


def copied(page: Page, panel: str) -> str:
    page.locator("article.panel", has_text=panel).get_by_role("button", name="copy link").click()
    until(page, "[...document.querySelectorAll('.copy-link')].some((button) => button.textContent === 'copied')")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_copied_link_opens_the_same_view_elsewhere(page: Page) -> None:
    canvas = first(page).locator("canvas")
    canvas.focus()
    for key in ("ArrowLeft", "+", "Shift+ArrowUp"):
        page.keyboard.press(key)
    first(page).locator("select").select_option(label="with a cliff")
    first(page).locator("input[type=range]").fill("7")
    wanted = camera(page)
    until(page, "location.hash.includes('iteration=7')")  # the address follows
    link = copied(page, "Three surfaces.")
    assert link == page.url
    other = page.context.new_page()
    other.goto(link)
    until(other, FIRST_SCENE_DRAWN)
    assert camera(other) == pytest.approx(wanted, abs=1e-3)
    assert other.evaluate(f"[{FIRST}.surface, {FIRST}.iteration, {FIRST}.shown.samples]") == [2, 7, True]
    other.close()


def test_a_link_to_a_grid_opens_its_place(page: Page) -> None:
    page.evaluate(f"{SWEEP}.goTo([1, 2])")
    link = copied(page, "Depth × width.")
    other = page.context.new_page()
    other.goto(link)
    until(other, f"{SWEEP}.draws > 0")
    assert other.evaluate(f"{SWEEP}.place") == [1, 2]
    for broken in ("place=9,9&camera=1,2", "place=0.5,0.5&surface=-1&iteration=x"):
        other.goto(re.sub(r"\?.*", f"?{broken}", link))
        other.reload()
        until(other, f"{SWEEP}.draws > 0")
        assert other.evaluate(f"{SWEEP}.place") == [0, 0]
    other.close()


def test_every_panel_has_a_link(page: Page) -> None:
    assert page.locator("article.panel .copy-link").count() == page.locator("article.panel").count() == 4
    assert re.search(r"#panel-\d+$", copied(page, "Curves."))
    assert re.search(r"#panel-\d+\?frame=\d+$", copied(page, "Rings."))
