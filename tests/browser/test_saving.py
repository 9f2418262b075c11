"""Saving a surface: pictures of two to four times the size with title and legend, and films of whatever moves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Page

from landscape.figures.panel import Panel, Scene, Surface
from landscape.report import RunView, write_report
from landscape.report.poster import FlatPainter
from tests.browser.conftest import FIRST_SCENE_DRAWN, Watched, until
from tests.browser.test_sweep import SWEEP, grid
from tests.report.sample import CENTRES, bowl_surface, linear_scene, pulled_orbits

pytestmark = pytest.mark.browser
HEAD, FOOT, WIDTH, HEIGHT = 44, 34, 960, 638  # pixels of export.js
STEPS = 2


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    surface = Surface("a member", bowl_surface(4, side=61), CENTRES, pulled_orbits(0.6, samples=40, steps=STEPS))
    scene = Scene("With samples", (surface,), (0, 1, 0, 1), (1e-8, 1.0), near=0.3)
    panels = [Panel("Loss", "", scene), Panel("Depth × width", "", grid(1, 3)), Panel("A wave", "", linear_scene())]
    path = tmp_path_factory.mktemp("saving") / "report.html"
    return write_report([RunView("Saving", "", panels)], path, hand=FlatPainter()).as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    seen = Watched(context.new_page())
    seen.page.goto(address)
    until(seen.page, FIRST_SCENE_DRAWN)
    yield seen.page
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def saved(page: Page, figure: str, choice: str) -> Download:
    """What is downloaded after a choice of the list of a figure."""
    page.locator(figure).get_by_role("button", name="save", exact=True).click()
    with page.expect_download(timeout=120_000) as waiting:
        page.locator(figure).locator(".save").get_by_role("button", name=choice).click()
    return waiting.value


def opened(download: Download) -> Image.Image:
    return Image.open(io.BytesIO(Path(download.path()).read_bytes()))


def dark_pixels(picture: np.ndarray) -> int:
    return int((picture.max(axis=2) < 120).sum())


@pytest.mark.parametrize("scale", [2, 4])
def test_a_picture_has_the_size_asked_for_and_a_title_a_bar_and_a_legend(page: Page, scale: int) -> None:
    page.locator("figure.scene").first.locator("input[type=range]").fill("2")
    download = saved(page, "figure.scene >> nth=0", f"PNG {scale}×")
    assert download.suggested_filename == "loss-with-samples.png"
    picture = np.asarray(opened(download).convert("RGB")).astype(int)
    assert picture.shape[:2] == (HEIGHT * scale, WIDTH * scale)
    head, foot = picture[: HEAD * scale], picture[-FOOT * scale :]
    assert dark_pixels(head) > 100 * scale**2  # the title, on white also where the page is dark
    assert (picture[0, 0] == 255).all()
    green = np.abs(foot - [0, 158, 115]).max(axis=2) < 12
    assert green.sum() > 40 * scale**2  # the square of samples that have arrived
    bar = picture[HEAD * scale : -FOOT * scale, -100 * scale :]
    assert len(np.unique(bar.reshape(-1, 3), axis=0)) > 100
    assert page.evaluate("landscape.views[0].page.renderer.canvas.width") < WIDTH * scale  # the memory is given back


def test_a_film_of_the_iterations_is_an_animated_webp(page: Page) -> None:
    page.evaluate("landscape.views[0].setIteration(1)")
    download = saved(page, "figure.scene >> nth=0", "animated WebP: iteration")
    assert download.suggested_filename == "loss-with-samples-iteration.webp"
    film = opened(download)
    assert film.size == (WIDTH, HEIGHT)
    assert film.n_frames > 6  # type: ignore[attr-defined]
    frames = []
    for index in (0, film.n_frames - 1):  # type: ignore[attr-defined]
        film.seek(index)
        frames.append(np.asarray(film.convert("RGB")).astype(int))
    assert (np.abs(frames[0] - frames[1]).max(axis=2) > 40).mean() > 0.002
    assert page.evaluate("landscape.views[0].iteration") == 1  # as before
    assert "Saved" in page.locator(".save [role=status]").first.inner_text()


def test_a_film_along_a_grid_begins_and_ends_at_networks(page: Page) -> None:
    page.locator("figure.sweep").first.scroll_into_view_if_needed()
    until(page, f"{SWEEP}.draws > 0")
    page.evaluate(f"{SWEEP}.goTo([0, 1])")
    film = opened(saved(page, "figure.sweep >> nth=0", "animated WebP: width"))
    assert film.n_frames == 25  # type: ignore[attr-defined]
    assert page.evaluate(f"{SWEEP}.place") == [0, 1]


def test_any_scene_turns_in_a_film_and_videos_are_recorded_where_the_browser_can(page: Page) -> None:
    figure = "figure.scene >> nth=-1"
    page.locator(figure).scroll_into_view_if_needed()
    until(page, "landscape.views.at(-1).draws > 0")
    azimuth = page.evaluate("landscape.views.at(-1).camera.azimuth")
    video = saved(page, figure, "as a video: turn")
    content = Path(video.path()).read_bytes()
    assert content[:4] == b"\x1aE\xdf\xa3" or content[4:8] == b"ftyp"
    assert len(content) > 20_000
    assert page.evaluate("landscape.views.at(-1).camera.azimuth") == pytest.approx(azimuth)
