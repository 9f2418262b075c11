"""A film in a browser: the slider morphs the surface, points glide; by keyboard, in a grid, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from landscape.figures.panel import FixedPlaces, Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.report import RunView, write_report
from tests.browser.conftest import FIRST_SCENE_DRAWN, Watched, until
from tests.browser.test_live import changed, picture
from tests.report.sample import CENTRES, bowl_surface

pytestmark = pytest.mark.browser

STEPS = (0, 10, 100, 1000)


def film(title: str = "A film", *, gap: bool = False) -> Scene:
    """Dimples that deepen. A fixed point moves from the middle to the first centre, and attracts there; one is born last."""
    heights = [bowl_surface(1 + 3 * frame, side=61) for frame in range(len(STEPS))]
    if gap:
        heights[1][20:30, 20:30] = np.nan
    surfaces = []
    for frame, height in enumerate(heights):
        places = np.array([[0.5, 0.5]]) * (1 - frame / 3) + CENTRES[:1] * frame / 3
        fixed = FixedPlaces(places, np.array([frame > 1]), np.array([0]))
        if frame == 3:
            fixed = FixedPlaces(np.vstack([places, CENTRES[3:]]), np.array([True, False]), np.array([0, 1]))
        surfaces.append(Surface(f"{STEPS[frame]:,}", height, CENTRES, fixed=fixed))
    return Scene(title, tuple(surfaces), (0, 1, 0, 1), scene_limits(heights), film="step")


@pytest.fixture(scope="module")
def film_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    grid = SceneGrid(("loss",), ("2 hidden", "6 hidden"), ((film("2 hidden"), film("6 hidden", gap=True)),))
    panels = [Panel("A film", "Four dimples deepen.", film()), Panel("Two films", "Side by side.", grid)]
    return write_report([RunView("Films", "", panels)], tmp_path_factory.mktemp("film") / "report.html").as_uri()


@pytest.fixture
def shown(browser: Browser, film_report: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
    seen = Watched(context.new_page())
    seen.page.goto(film_report)
    until(seen.page, FIRST_SCENE_DRAWN)
    yield seen.page
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def first(page: Page) -> Locator:
    return page.locator("figure.scene").first


def test_a_film_begins_with_its_last_frame_and_the_slider_morphs_it(shown: Page) -> None:
    assert first(shown).locator(".iterations output").inner_text() == "step 1,000"
    assert first(shown).locator("select").count() == 0  # frames are no surfaces to choose among
    assert first(shown).locator(".counts").inner_text().split("\n") == [
        "1 fixed point attracts",
        "1 fixed point does not",
    ]
    last = picture(shown, 0)
    first(shown).locator("input[type=range]").fill("0")
    begin = picture(shown, 0)
    assert changed(last, begin) > 0.05
    assert first(shown).locator(".iterations output").inner_text() == "step 0"
    assert first(shown).locator(".counts").inner_text().split("\n") == [
        "0 fixed points attract",
        "1 fixed point does not",
    ]
    first(shown).locator("input[type=range]").fill("3")
    assert changed(last, picture(shown, 0)) < 0.01


def test_between_two_frames_the_surface_and_the_points_are_between_them(shown: Page) -> None:
    heights = "[0, 1, 0.5].map((at) => landscape.views[0].frames.at(at).codes[500])"
    before, after, between = shown.evaluate(heights)
    assert before != after
    assert between == pytest.approx((before + after) / 2, abs=1)
    shown.evaluate("landscape.views[0].setIteration(0.5)")
    assert shown.evaluate("landscape.views[0].fixed") == [[pytest.approx(0.45), pytest.approx(0.45), False]]
    assert shown.evaluate("landscape.views[0].sheet.codes[500]") == between


def test_the_keyboard_steps_through_the_frames(shown: Page) -> None:
    slider = first(shown).locator("input[type=range]")
    slider.focus()
    assert slider.get_attribute("aria-label") == "step"
    shown.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "step 100"
    shown.keyboard.press("ArrowLeft")
    assert first(shown).locator(".iterations output").inner_text() == "step 10"
    shown.keyboard.press("ArrowRight")
    assert first(shown).locator(".iterations output").inner_text() == "step 100"


def test_play_begins_anew_and_ends_at_the_last_frame(shown: Page) -> None:
    play = first(shown).locator("button.play")
    play.click()
    until(shown, "landscape.views[0].iteration < 2")
    until(shown, "landscape.views[0].iteration === 3")
    until(shown, "document.querySelector('figure.scene button.play').textContent === '▶'")
    assert play.get_attribute("title") == "Play the film over steps"


def test_the_films_of_a_grid_move_together_gaps_or_not(shown: Page) -> None:
    for scene in (1, 2):
        shown.locator("figure.scene").nth(scene).scroll_into_view_if_needed()
        until(shown, f"landscape.views[{scene}].draws > 0")
    slider = shown.locator(".group-controls input[type=range]")
    slider.fill("1")
    positions = "landscape.views.map((view) => view.iteration)"
    assert shown.evaluate(positions) == [3, 1, 1]
    assert shown.evaluate("landscape.views[2].sheet.codes.some((code) => code > landscape.views[2].scene.top)")
    with_gap = picture(shown, 2)
    slider.fill("2")
    assert changed(with_gap, picture(shown, 2)) > 0.01


def test_without_scripts_the_last_frame_is_a_poster_with_its_points(browser: Browser, film_report: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(film_report)
    poster = first(page).locator("svg.still")
    assert poster.is_visible()
    assert poster.locator(".dots.arrived").count() == 1
    assert poster.locator(".dots.moving").count() == 1
    context.close()


def test_a_printed_film_is_the_frame_that_was_shown(shown: Page) -> None:
    first(shown).locator("input[type=range]").fill("1")
    until(shown, "landscape.views[0].surface === 1")
    shown.emulate_media(media="print")
    assert len(shown.pdf()) > 10_000
    assert first(shown).locator("canvas").is_visible()
