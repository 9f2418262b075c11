"""Scenes in a browser: drawing, turning, playing, reading values, and no messages in the console."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser.conftest import until

pytestmark = pytest.mark.browser

LOOP = "landscape.views[0].page.loop"
AT_REST = f"!{LOOP}.rough.size && ![...{LOOP}.waiting].some((view) => view.visible)"


def picture(page: Page, scene: int) -> np.ndarray:
    """A screenshot of a scene at rest: nothing is left to draw or to refine, and two screenshots are equal."""
    shot = b""
    for _ in range(20):
        page.wait_for_timeout(300)
        until(page, AT_REST)
        before, shot = shot, canvas(page, scene).screenshot()
        if shot == before:
            break
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def canvas(page: Page, scene: int) -> Locator:
    return page.locator("figure.scene").nth(scene).locator(".stage canvas")


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """The share of pixels that differ."""
    return float((np.abs(before - after).max(axis=2) > 24).mean())


def drag(page: Page, scene: int, dx: float, dy: float) -> None:
    box = canvas(page, scene).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()
    page.mouse.move(1, 1)


def show(page: Page, scene: int) -> None:
    page.locator("figure.scene").nth(scene).scroll_into_view_if_needed()
    until(page, f"landscape.views[{scene}].draws > 0")


def test_dragging_turns_and_double_clicking_resets(page: Page) -> None:
    before = picture(page, 0)
    assert len(np.unique(before.reshape(-1, 3), axis=0)) > 500
    drag(page, 0, 120, 40)
    assert changed(before, picture(page, 0)) > 0.05
    canvas(page, 0).dblclick(position={"x": 200, "y": 200})
    page.mouse.move(1, 1)
    assert changed(before, picture(page, 0)) < 0.01


def test_every_scene_draws(page: Page) -> None:
    for scene in range(page.evaluate("landscape.views.length")):
        show(page, scene)
        assert len(np.unique(picture(page, scene).reshape(-1, 3), axis=0)) > 300


def test_still_and_live_picture_agree(page: Page) -> None:
    live = picture(page, 0)
    page.evaluate("document.querySelector('figure.scene .stage').classList.remove('live')")
    still = page.locator("figure.scene").first.locator(".still").screenshot()
    assert changed(live, np.asarray(Image.open(io.BytesIO(still)).convert("RGB")).astype(int)) < 0.06


def test_hover_reads_the_value_and_says_where_there_is_none(page: Page) -> None:
    where = """([x, y, z]) => {
      const view = landscape.views[0];
      const box = view.canvas.getBoundingClientRect();
      const [px, py] = view.view.project([x, y, z]);
      return [box.left + px, box.top + py];
    }"""
    tip = page.locator("figure.scene").first.locator(".reading")
    page.mouse.move(*page.evaluate(where, [0.5, -0.5, 0.86]))
    assert tip.is_visible()
    assert tip.inner_text().startswith("x₁ ")
    assert "no value" not in tip.inner_text()
    page.locator("figure.scene").first.locator("select").select_option(label="with a hole")
    until(page, "landscape.views[0].sheet.codes.some((code) => code > landscape.views[0].scene.top)")
    page.wait_for_timeout(300)
    page.mouse.move(*page.evaluate(where, [0, 0, 0.79]))
    assert tip.inner_text().endswith("loss: no value")


def test_surface_slider_toggles_and_counts(page: Page) -> None:
    scene = page.locator("figure.scene").first
    assert "250 samples are hidden" in scene.locator(".counts").inner_text()
    scene.locator("input[type=range]").fill("0")
    scene.get_by_label("samples", exact=True).check()
    until(page, "document.querySelector('.counts').textContent.includes('9 of 250 samples outside the box')")
    before = picture(page, 0)
    scene.locator("input[type=range]").fill("12")
    after = picture(page, 0)
    assert changed(before, after) > 0.005
    assert scene.locator(".iterations output").inner_text() == "iteration 12 of 12"
    counted = scene.locator(".counts").inner_text()
    assert re.search(r"250 arrived: \d+ at \(0.2, 0.2\), \d+ at \(0.2, 0.8\)", counted)
    assert sum(map(int, re.findall(r"(\d+) at", counted))) == 250
    scene.get_by_text("paths").click()
    assert changed(after, picture(page, 0)) > 0.001
    scene.locator("select").select_option(label="with a cliff")
    assert changed(after, picture(page, 0)) > 0.02


def test_dots_behind_the_sheet_stay_faint_however_many_there_are(page: Page) -> None:
    colour = """(count) => {
      const { uploaded, view, scene, page } = landscape.views[0];
      const dots = new Float32Array(Array.from({ length: count }, () => [0, 0, -0.2, 1, 0, 0, 0, 20]).flat());
      const look = { colours: scene.colours, contours: null, dots, paths: [], rim: [1, 1, 1] };
      page.renderer.draw(uploaded, view, look, 1, false);
      const [x, y] = view.project([0, 0, -0.2]);
      const pixel = new Uint8Array(4);
      const { gl } = page.renderer;
      gl.readPixels(Math.round(x), Math.round(view.height - y), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      return [...pixel];
    }"""
    none, one, many = (page.evaluate(colour, count) for count in (0, 1, 50))
    assert none != one
    assert one == many


def test_play_moves_the_samples_until_the_end(page: Page) -> None:
    scene = page.locator("figure.scene").first
    scene.locator(".play").click()
    until(page, "landscape.views[0].iteration > 1")
    scene.locator(".play").click()
    stopped = page.evaluate("landscape.views[0].iteration")
    page.wait_for_timeout(300)
    assert page.evaluate("landscape.views[0].iteration") == stopped


def test_cameras_of_a_grid_are_linked_and_others_only_on_request(page: Page) -> None:
    show(page, 1)
    angles = "landscape.views.slice(0, 3).map((view) => view.camera.azimuth)"
    canvas(page, 1).focus()
    page.keyboard.press("ArrowLeft")
    first, grid, other = page.evaluate(angles)
    assert grid == other != first
    page.get_by_text("link cameras").click()
    page.keyboard.press("Escape")
    canvas(page, 1).focus()
    page.keyboard.press("ArrowLeft")
    first, grid, other = page.evaluate(angles)
    assert first == grid == other


def test_one_surface_everywhere_or_each_its_own(page: Page) -> None:
    chosen = "landscape.views.slice(1, 7).map((view) => view.surface)"
    page.get_by_role("button", name="side by side").click()
    controls = page.locator(".group-controls")
    controls.locator("select").select_option(label="highest")
    assert page.evaluate(chosen) == [2] * 6
    controls.get_by_text("same surface everywhere").click()
    show(page, 2)
    page.locator("figure.scene").nth(2).locator("select").select_option(label="lowest")
    assert page.evaluate(chosen) == [2, 1, 2, 2, 2, 2]


def test_full_screen_fills_the_window_and_escape_leaves_it(page: Page) -> None:
    page.locator("figure.scene").first.get_by_text("full screen").click()
    page.wait_for_timeout(400)
    box = canvas(page, 0).bounding_box()
    assert box is not None
    assert box["width"] == 1480
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)
    assert page.locator(".full").count() == 0


def test_context_loss_is_survived(page: Page) -> None:
    before = picture(page, 0)
    page.evaluate("landscape.lose()")
    page.wait_for_timeout(300)
    page.evaluate("landscape.restore()")
    page.wait_for_timeout(500)
    draws = page.evaluate("landscape.views[0].draws")
    canvas(page, 0).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.evaluate("document.activeElement.blur()")
    assert changed(before, picture(page, 0)) < 0.01
    assert page.evaluate("landscape.views[0].draws") > draws
