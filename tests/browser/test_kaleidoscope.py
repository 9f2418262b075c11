"""Kaleidoscopes in a browser: playing, scrubbing, pointing, saving, and what a page without scripts shows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, Page

from landscape.figures.panel import Panel
from landscape.report import RunView, write_report
from landscape.report.kaleidoscope import contact_sheet
from tests.browser.conftest import Watched, until
from tests.report.sample import kaleidoscope

pytestmark = pytest.mark.browser
READY = "landscape.kaleidoscopes.length === 2 && landscape.kaleidoscopes.every((one) => one.detail)"
# Reads a canvas through a copy: Chromium warns if a canvas of the page is read more than once.
READ = """globalThis.read = (drawn) => {
  const copy = new OffscreenCanvas(drawn.width, drawn.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(drawn, 0, 0);
  return copy.getImageData(0, 0, drawn.width, drawn.height).data;
};"""
GREY = kaleidoscope()
COLOUR = kaleidoscope(samples=9, side=8, colour=True)


@pytest.fixture(scope="module")
def grids(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of two kaleidoscopes, grey and in colour."""
    panels = [Panel("A kaleidoscope", "Rings and bars.", GREY), Panel("In colour", "", COLOUR)]
    return write_report([RunView("Samples", "", panels)], tmp_path_factory.mktemp("grids") / "report.html").as_uri()


@contextmanager
def opened(browser: Browser, address: str, *, ready: str = READY, **given: Any) -> Iterator[Page]:
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 2200}} | given))
    context.add_init_script(READ)
    seen = Watched(context.new_page())
    seen.page.goto(address)
    if ready:
        until(seen.page, ready)
    yield seen.page
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


@pytest.fixture
def desk(browser: Browser, grids: str) -> Iterator[Page]:
    with opened(browser, grids) as page:
        yield page


def figure(page: Page, index: int = 0) -> Locator:
    return page.locator("figure.kaleidoscope").nth(index)


def point(page: Page, tile: int, *, index: int = 0, act: str = "move") -> None:
    """Move the pointer onto a tile, or tap it."""
    spot = page.evaluate(
        """([index, tile]) => {
          const view = landscape.kaleidoscopes[index];
          const box = view.canvas.getBoundingClientRect();
          const [x, y, w, h] = view.onScreen(tile);
          const scale = box.width / view.canvas.width;
          return [box.left + (x + w / 2) * scale, box.top + (y + h / 2) * scale];
        }""",
        [index, tile],
    )
    {"move": page.mouse.move, "tap": page.touchscreen.tap}[act](*spot)


def card_picture(page: Page, which: int, *, index: int = 0) -> np.ndarray:
    """The card's picture of the sample (0) or of its neighbour (1), as the page draws it."""
    flat, width, height = page.evaluate(
        """([index, which]) => {
          const drawn = landscape.kaleidoscopes[index].figure.querySelectorAll(".pair canvas")[which];
          return [[...read(drawn)], drawn.width, drawn.height];
        }""",
        [index, which],
    )
    return np.reshape(flat, (height, width, 4))[..., :3]


def numbers(page: Page, index: int = 0) -> list[str]:
    return figure(page, index).locator("dd").all_inner_texts()


def test_hover_tells_the_sample_its_neighbour_its_distance_and_its_last_jump(desk: Page) -> None:
    figure(desk).get_by_role("slider", name="iteration").fill("9")
    for tile in (45, 42):  # the first jumped at iteration 7, the other never
        point(desk, tile)
        assert figure(desk).locator(".sample-name").inner_text() == f"Sample {tile + 1} of 64"
        distance = GREY.distance[9, tile]
        near = " (within 0.02)" if distance <= 0.02 else ""
        jump = "iteration 7" if tile % 5 == 0 else "none"
        shown, last = numbers(desk)
        assert float(shown.split()[0]) == pytest.approx(distance, rel=6e-3)
        assert shown.endswith(near)
        assert last == jump
        neighbour = GREY.neighbours[GREY.nearest[9, tile]]
        assert np.array_equal(card_picture(desk, 1), neighbour[..., None].repeat(3, 2))
        assert np.abs(card_picture(desk, 0)[..., 0] - GREY.frames[9, tile].astype(int)).mean() < 6
    desk.mouse.move(1, 1)
    assert figure(desk).locator(".sample-name").inner_text() == "Sample 1 of 64"


def test_scrubbing_shows_the_iteration_by_its_own_number(desk: Page) -> None:
    slider = figure(desk).get_by_role("slider", name="iteration")
    for frame in (0, 3, 12):
        slider.fill(str(frame))
        assert figure(desk).locator("output").inner_text() == f"iteration {GREY.iterations[frame]}"
        assert slider.get_attribute("aria-valuetext") == f"iteration {GREY.iterations[frame]}"
        assert np.abs(card_picture(desk, 0)[..., 0] - GREY.frames[frame, 0].astype(int)).mean() < 14
    near = int((GREY.distance[12] <= 0.02).sum())
    assert figure(desk).locator(".toggle").inner_text() == f"within 0.02 of a training image: {near} of 64"


def test_playing_moves_one_grid_alone_until_paused(desk: Page) -> None:
    figure(desk).get_by_role("button", name="Play").click()
    until(desk, "landscape.kaleidoscopes[0].frame > 2")
    figure(desk).get_by_role("button", name="Pause").click()
    stopped = desk.evaluate("landscape.kaleidoscopes.map((one) => one.frame)")
    desk.wait_for_timeout(400)
    assert desk.evaluate("landscape.kaleidoscopes.map((one) => one.frame)") == stopped
    assert stopped[1] == desk.evaluate("landscape.kaleidoscopes[1].last")  # where it opened


def test_keys_choose_step_and_play_and_the_card_is_spoken(desk: Page) -> None:
    grid = figure(desk).get_by_role("application", name="64 samples, from noise to rings and bars. Arrow keys")
    grid.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp", "End", "ArrowRight", "ArrowLeft", ",", ",", "."):
        desk.keyboard.press(key)
    assert desk.evaluate("[landscape.kaleidoscopes[0].chosen, landscape.kaleidoscopes[0].frame]") == [62, 11]
    assert (
        figure(desk)
        .get_by_role("status")
        .inner_text()
        .startswith(f"Sample 63 of 64, iteration {GREY.iterations[11]}: distance ")
    )
    desk.keyboard.press("Space")
    until(desk, "landscape.kaleidoscopes[0].frame !== 11")
    desk.keyboard.press("Space")
    assert not desk.evaluate("landscape.kaleidoscopes[0].bar.playing")


def test_every_frame_is_shown_for_one_step(desk: Page) -> None:
    """The test calls the page's timer itself. Each call must show the next frame."""
    frames = desk.evaluate("""() => {
      const { bar } = landscape.kaleidoscopes[0], timer = globalThis.setTimeout, frames = [];
      let next = null;
      globalThis.setTimeout = (run) => ((next = run), 1);
      bar.toggle();
      for (let run = 0; run < 5; run += 1) {
        next();
        frames.push(landscape.kaleidoscopes[0].frame);
      }
      bar.stop();
      globalThis.setTimeout = timer;
      return frames;
    }""")
    assert frames == [1, 2, 3, 4, 5]


def test_marks_are_green_corners_that_can_be_taken_away(desk: Page) -> None:
    figure(desk).get_by_role("slider", name="iteration").fill("12")
    greens = """() => {
      const data = read(landscape.kaleidoscopes[0].canvas);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) count += data[i] === 0 && data[i + 1] === 158 && data[i + 2] === 115;
      return count;
    }"""
    assert desk.evaluate(greens) > 1000
    figure(desk).get_by_role("checkbox").uncheck()
    assert desk.evaluate(greens) == 0


def saved(page: Page, name: str, index: int = 0) -> Download:
    with page.expect_download() as waiting:
        figure(page, index).get_by_role("button", name=name, exact=True).click()
    return waiting.value


def film(download: Download) -> np.ndarray:
    with Image.open(download.path()) as moving:
        frames = []
        for index in range(moving.n_frames):
            moving.seek(index)
            frames.append(np.asarray(moving.convert("RGB")).astype(int))
    return np.stack(frames)


@pytest.mark.parametrize(("index", "body", "error"), [(0, GREY, 9), (1, COLOUR, 20)])
def test_films_are_saved_as_webp_with_the_samples_in_the_frames(
    desk: Page, index: int, body: Any, error: float
) -> None:
    expected = np.stack([contact_sheet(frame) for frame in body.frames]).astype(int)
    download = saved(desk, "WebP", index)
    assert download.suggested_filename == ("a-kaleidoscope.webp", "in-colour.webp")[index]
    webp = film(download)
    assert webp.shape[1:] == expected.shape[1:]
    assert 10 <= len(webp) <= 13  # a frame that looks like the previous is merged with it
    assert np.abs(webp[0] - expected[0]).mean() < error


def test_an_iteration_is_saved_as_a_picture(desk: Page) -> None:
    figure(desk).get_by_role("slider", name="iteration").fill("12")
    download = saved(desk, "PNG")
    assert download.suggested_filename == "a-kaleidoscope-iteration-300.png"
    width, height = desk.evaluate("[landscape.kaleidoscopes[0].canvas.width, landscape.kaleidoscopes[0].canvas.height]")
    with Image.open(download.path()) as picture:
        assert picture.size == (width, height)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    x, y, w, h = desk.evaluate("landscape.kaleidoscopes[0].onScreen(9)")
    tile = pixels[y : y + h, x : x + w, 0].reshape(28, h // 28, 28, w // 28).mean((1, 3))
    assert np.abs(tile - GREY.frames[12, 9].astype(int)).mean() < 6
    gap = desk.evaluate("landscape.kaleidoscopes[0].spacing")
    assert (pixels[:gap] == 255).all()


def test_a_tap_on_a_telephone_chooses_and_nothing_scrolls_sideways(browser: Browser, grids: str) -> None:
    with opened(browser, grids, ready="", viewport={"width": 390, "height": 844}, has_touch=True) as page:
        figure(page).scroll_into_view_if_needed()
        until(page, "Boolean(landscape.kaleidoscopes[0].detail)")
        point(page, 18, act="tap")
        assert figure(page).locator(".sample-name").inner_text() == "Sample 19 of 64"
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_reduced_motion_plays_at_half_the_speed(browser: Browser, grids: str) -> None:
    with opened(browser, grids, reduced_motion="reduce") as page:
        assert figure(page).get_by_role("combobox", name="speed").input_value() == "0.5"
        assert page.evaluate("landscape.kaleidoscopes.every((one) => one.frame === one.last && !one.bar.playing)")


def test_without_scripts_and_on_paper_three_stills_show(browser: Browser, grids: str) -> None:
    with opened(browser, grids, ready="", java_script_enabled=False) as page:
        stills = figure(page).locator(".stills figcaption")
        assert stills.all_inner_texts() == ["iteration 0", "iteration 6", "iteration 300"]
        assert figure(page).locator(".stills img").last.is_visible()
    with opened(browser, grids) as page:
        assert not figure(page).locator(".stills").is_visible()
        page.emulate_media(media="print")
        assert figure(page).locator(".stills").is_visible()
        assert not figure(page).locator(".desk").is_visible()
        shot = Image.open(io.BytesIO(figure(page).locator(".stills img").first.screenshot())).convert("L")
        assert np.asarray(shot).std() > 40


def test_a_film_that_cannot_be_decoded_leaves_the_stills(browser: Browser, grids: str, tmp_path: Path) -> None:
    text = Path(grids.removeprefix("file://")).read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(re.sub(r'"film":"[^"]*"', '"film":"AAAA"', text), encoding="utf-8")
    with opened(
        browser, broken.as_uri(), ready="document.querySelector('figure.kaleidoscope:not(.live)') !== null"
    ) as page:
        assert figure(page).locator(".stills img").first.is_visible()
