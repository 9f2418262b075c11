"""One large surface that moves along a grid: what it shows at and between the networks, its thumbnails, and large pages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from landscape.figures.panel import Panel, Scene, SceneGrid, Surface
from landscape.figures.scene import scene_limits
from landscape.report import RunView, write_report
from landscape.report.poster import FlatPainter
from tests.browser.conftest import Watched, until
from tests.browser.test_live import AT_REST
from tests.report.sample import CENTRES, bowl_surface, pulled_orbits

pytestmark = pytest.mark.browser
SWEEP = "landscape.sweeps[0]"
ORBITS = pulled_orbits(0.3, samples=30, steps=5)


def grid(rows: int, columns: int, *, side: int = 31, absent: bool = False, wider: bool = False) -> SceneGrid:
    """Dimples that are deeper from row to row and from column to column."""
    heights = {(r, c): bowl_surface(1 + r + 3 * c, side=side) for r in range(rows) for c in range(columns)}
    limits = scene_limits(heights.values())

    def scene(r: int, c: int) -> Scene | None:
        extent = (0, 1, 0, 2) if wider and c == columns - 1 else (0, 1, 0, 1)
        if absent and (r, c) == (0, columns - 1):
            return None
        surface = Surface("median", heights[r, c], CENTRES, ORBITS)
        return Scene(f"{r}, {c}", (surface,), extent, limits, note=f"row {r}", near=0.05)

    return SceneGrid(
        tuple(f"{2 + 2 * r} hidden" for r in range(rows)),
        tuple(f"width {5 * (c + 1)}" for c in range(columns)),
        tuple(tuple(scene(r, c) for c in range(columns)) for r in range(rows)),
    )


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> str:
    panels = [
        Panel("Depth × width", "A grid.", grid(2, 3, absent=True)),
        Panel("Different axes", "A grid.", grid(1, 3, wider=True)),
        Panel("Two", "A pair.", grid(1, 2)),
    ]
    path = tmp_path_factory.mktemp("sweep") / "report.html"
    return write_report([RunView("Grids", "", panels)], path, hand=FlatPainter()).as_uri()


@pytest.fixture
def shown(browser: Browser, swept: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seen = Watched(context.new_page())
    seen.page.goto(swept)
    until(seen.page, f"{SWEEP}.draws > 0")
    yield seen.page
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def large(page: Page, index: int = 0) -> Locator:
    return page.locator("figure.sweep").nth(index)


def codes(page: Page, place: str) -> np.ndarray:
    """The heights that the large surface shows at a place of the grid."""
    page.evaluate(f"{SWEEP}.goTo({place})")
    return np.array(page.evaluate(f"[...{SWEEP}.sheet.codes]"))


def test_between_two_networks_the_heights_are_between_theirs_and_the_page_says_so(shown: Page) -> None:
    before, after, between = (codes(shown, place) for place in ("[0, 0]", "[1, 0]", "[0.25, 0]"))
    assert (before != after).any()
    assert np.abs(between - (0.75 * before + 0.25 * after)).max() <= 1
    caption = large(shown).locator("figcaption b")
    assert caption.inner_text() == "between 2 hidden, width 5 and 4 hidden, width 5, interpolated"
    until(shown, "document.querySelector('.sweep .counts').textContent === ''")  # no network's samples
    assert shown.evaluate(f"{SWEEP}.orbits") is None
    shown.evaluate(f"{SWEEP}.goTo([1, 0])")
    until(shown, f"{SWEEP}.orbits !== null")
    assert caption.inner_text() == "4 hidden, width 5"
    assert (codes(shown, "[1, 0]") == after).all()


def test_sliders_move_along_rows_and_columns_and_rest_on_a_network(shown: Page) -> None:
    slider = large(shown).get_by_role("slider", name="width")
    slider.focus()
    shown.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "width 10"
    assert shown.evaluate(f"{SWEEP}.place") == [0, 1]
    large(shown).get_by_role("slider", name="hidden").fill("0.7")  # a release of the slider follows
    until(shown, f"{SWEEP}.place.join() === '1,1'")
    assert large(shown).locator("figcaption").inner_text().split("\n") == ["4 hidden, width 10", "row 1"]


def test_a_thumbnail_is_shown_large_when_pressed(shown: Page) -> None:
    thumbnail = shown.get_by_role("button", name="Show 4 hidden, width 15 large")
    thumbnail.click()
    assert shown.evaluate(f"{SWEEP}.place") == [1, 2]
    assert thumbnail.get_attribute("aria-pressed") == "true"
    assert shown.locator(".scene-grid").first.locator(".thumbnail[aria-pressed=true]").count() == 1


def test_an_empty_place_keeps_the_surface_before_and_says_that_there_is_none(shown: Page) -> None:
    codes(shown, "[0, 1]")
    shown.evaluate(f"{SWEEP}.goTo([0, 2])")
    assert large(shown).locator("figcaption b").inner_text() == "2 hidden, width 15: no surface"


def test_surfaces_with_different_axes_are_never_mixed(shown: Page) -> None:
    sweep = "landscape.sweeps[1]"
    large(shown, 1).scroll_into_view_if_needed()
    until(shown, f"{sweep}.draws > 0")
    for place, extent in (("[0, 1.25]", [0, 1, 0, 1]), ("[0, 1.75]", [0, 1, 0, 2])):
        shown.evaluate(f"{sweep}.goTo({place})")
        assert shown.evaluate(f"{sweep}.scene.extent") == extent
        assert "nothing in between" in large(shown, 1).locator("figcaption b").inner_text()


def test_a_grid_stands_side_by_side_on_request_and_where_it_is_a_pair(shown: Page) -> None:
    first, pair = shown.locator(".scene-grid").nth(0), shown.locator(".scene-grid").nth(2)
    assert not pair.locator("figure.sweep").is_visible()
    first.get_by_role("button", name="side by side").click()
    assert not large(shown).is_visible()
    until(shown, "landscape.views[0].draws > 0")
    assert first.locator(".group-controls").is_visible()
    first.get_by_role("button", name="one surface").click()
    assert large(shown).is_visible()


def test_playing_iterates_the_samples_of_all(shown: Page) -> None:
    large(shown).get_by_role("slider", name="iteration").fill("5")
    assert shown.evaluate(f"[{SWEEP}.iteration, landscape.views[0].iteration]") == [5, 5]
    until(shown, "document.querySelector('.sweep .counts').textContent.includes('arrived')")


@pytest.mark.parametrize(("rows", "columns"), [(10, 6), (25, 8)])
def test_a_page_of_many_scenes_is_live_soon_and_its_thumbnails_open_large(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int
) -> None:
    panel = Panel("Many", "", grid(rows, columns, side=61))
    path = tmp_path_factory.mktemp("many") / "report.html"
    write_report([RunView("Many", "", [panel])], path, hand=FlatPainter())
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    seen = Watched(context.new_page())
    seen.page.goto(path.as_uri())
    until(seen.page, f"{SWEEP}.draws > 0", seconds=20)
    last = seen.page.locator(".thumbnail").last
    last.scroll_into_view_if_needed()
    last.tap()
    until(seen.page, f"{SWEEP}.place.join() === '{rows - 1},{columns - 1}'")
    until(seen.page, AT_REST)
    assert seen.page.evaluate("landscape.views.filter((view) => view.draws).length") == 0  # thumbnails stay still
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 390
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()
