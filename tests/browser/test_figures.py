"""Figures of the page in a browser: in light and dark, saved as SVG and PNG, read by pointer and keys, linked with tables."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import Browser, Page

from landscape.figures.panel import Panel
from landscape.figures.theme import BLUE, INK, ORANGE, new_figure, new_grid, themed
from landscape.report import RunView, write_report
from landscape.report.marks import MOST_MARKS
from landscape.report.slim import MOST_ENLARGED, SLIM_WIDTH
from tests.browser.conftest import Watched, until

pytestmark = pytest.mark.browser
LIT = "document.querySelectorAll('tr.lit').length"


def networks() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "hidden": np.repeat([2, 4], 20),
            "member": np.tile(np.arange(20), 2),
            "loss": 10.0 ** rng.uniform(-6, -2, 40),
            "share": rng.uniform(0, 1, 40),
        }
    )


def two_panels(table: pd.DataFrame) -> Figure:
    figure, (axes,) = new_grid(1, 2, width=9, height=3)
    with themed():
        axes[0].scatter(table.loss, table.share, color=BLUE, label="networks")
        axes[0].set(xscale="log", xlabel="loss", ylabel="share near", title="All")
        axes[1].bar([0, 1], [0.25, 0.5], color=ORANGE, label="copies")
        axes[1].set_xticks([0, 1], ["mlp", "cnn"])
        axes[1].set(ylabel="share")
    return figure


def strip(table: pd.DataFrame) -> Figure:
    figure, axes = new_figure()
    axes.scatter(table.hidden + 0.013, table.share, color=INK)
    axes.set(xlabel="hidden layers", ylabel="share near")
    return figure


def many() -> Figure:
    figure, axes = new_figure()
    axes.scatter(*np.random.default_rng(0).random((2, MOST_MARKS + 1)), color=BLUE)
    axes.set(xlabel="many", ylabel="marks")
    return figure


def broad() -> Figure:
    figure, (axes,) = new_grid(1, 2, width=9, height=3, width_ratios=[4, 1])
    axes[0].set_xlabel("a broad panel")
    return figure


def rows() -> Figure:
    """Two rows of panels, of which the upper has titles."""
    figure, axes = new_grid(2, 2, width=9, height=4, sharey=True)
    axes[0, 0].set_title("upper")
    for ax in axes.flat:
        ax.plot([0, 1])
    return figure


def shared() -> Figure:
    """Two panels that share an axis of powers of ten, whose words stand on the left of the first."""
    figure, (axes,) = new_grid(1, 2, width=9, height=3, sharey=True)
    with themed():
        for one, title in zip(axes, ("First", "Second"), strict=True):
            one.plot([0, 1], [1e-3, 1], color=BLUE, label=title)
            one.set(yscale="log", title=title)
        axes[0].set_ylabel("a shared loss")
        figure.legend(loc="outside lower center")
    return figure


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    table = networks()
    panels = [
        Panel("Two panels", "", two_panels(table)),
        Panel("A strip", "", strip(table)),
        Panel("Many marks", "", many()),
        Panel("A broad panel", "", broad()),
        Panel("Rows", "", rows()),
        Panel("Shared words", "", shared()),
        Panel("Networks", "", table.head(25), downloads={}),
    ]
    run = RunView("Figures", "", panels, tables={"members": table})
    return write_report([run], tmp_path_factory.mktemp("figures") / "figures.html").as_uri()


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    seen = Watched(context.new_page())
    seen.page.goto(address)
    until(seen.page, "document.documentElement.classList.contains('has-script')")
    yield seen
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


# the sizes at which the page shows the text of figures, in points; exponents of powers of ten are smaller
SIZES = """(words) => [...document.querySelectorAll(`.drawing ${words}`)].map((text) => {
    const { a, b } = text.getScreenCTM();
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b) / 96 * 72; })"""


def colour_of(page: Page, selector: str, name: str = "fill") -> str:
    return str(page.evaluate(f"getComputedStyle(document.querySelector(`{selector}`)).{name}"))


def test_one_drawing_serves_light_dark_and_paper(page: Page) -> None:
    words, dots = ".drawing text", ".drawing g[data-label=networks] use"
    light = colour_of(page, words)
    assert light == "rgb(38, 38, 38)"
    assert colour_of(page, dots) == "rgb(0, 114, 178)"
    page.get_by_role("button", name="dark page").click()
    assert colour_of(page, words) == "rgb(213, 221, 230)"
    page.emulate_media(media="print")
    assert colour_of(page, words) == light


def test_text_is_in_the_font_of_the_page_and_nowhere_below_eight_and_a_half_points(page: Page) -> None:
    assert page.evaluate(
        "document.fonts.check('12px \"Landscape Sans\"') && [...document.fonts].some((face) => face.status === 'loaded')"
    )
    sizes = page.evaluate(SIZES, "text[font-size]")
    assert len(sizes) > 10
    assert min(sizes) >= 8.49
    wide = page.evaluate(
        "[...document.querySelectorAll('.sheet')].map((sheet) => sheet.scrollWidth - sheet.clientWidth)"
    )
    assert max(wide) == 0  # nothing is scrolled at 1280 pixels


def test_a_figure_is_saved_as_a_drawing_that_stands_by_itself(page: Page, browser: Browser) -> None:
    page.get_by_role("button", name="dark page").click()
    page.locator("figure.drawing").first.hover()
    with page.expect_download() as waiting:
        page.locator("figure.drawing").first.get_by_role("button", name="SVG").click()
    assert waiting.value.suggested_filename == "two-panels.svg"
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.find("{*}rect").attrib["fill"] == "#ffffff"  # type: ignore[union-attr]
    assert "@font-face" in text
    assert "var(" not in text
    assert "data-mark" not in text
    assert f'fill="{BLUE}"' in text


def test_a_figure_is_saved_as_a_picture_in_light_colours(page: Page) -> None:
    page.get_by_role("button", name="dark page").click()
    figure = page.locator("figure.drawing").first
    figure.hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="PNG").click()
    with Image.open(waiting.value.path()) as picture:
        assert picture.size == (3 * 595, 3 * 288)
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert (pixels[0] == 255).all()
    assert (pixels == [0, 114, 178]).all(1).sum() > 1000  # the dots
    assert (pixels.max(1) < 70).sum() > 500  # the words are dark


def test_a_figure_with_pixels_is_saved_with_a_png(page: Page) -> None:
    figure = page.locator("figure.drawing", has=page.locator("image"))
    assert figure.count() == 1
    figure.hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="SVG").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "data:image/png" in text
    assert "image/webp" not in text


def test_the_mark_under_the_pointer_is_read_with_its_row(page: Page) -> None:
    table = networks()
    page.locator(".drawing g[data-label=networks] use").nth(7).hover(force=True)
    until(page, "document.querySelector('.mark-reading').textContent.includes('member')")
    words = page.locator(".mark-reading").first.inner_text().split("\n")
    assert words[0] == "a\u2002All · networks"
    place = page.evaluate("[...document.querySelectorAll('.drawing g[data-label=networks] use')][7].getAttribute('x')")
    assert place
    assert words[3:5] == [f"hidden: {table.hidden[7]}", "member: 7"]
    assert words[1].startswith("loss: ")
    assert float(words[1].removeprefix("loss: ").replace("−", "-")) == pytest.approx(table.loss[7], rel=0.01)
    assert float(words[2].removeprefix("share near: ")) == pytest.approx(table.share[7], rel=0.02)


def test_bars_are_read_by_their_category_and_value(page: Page) -> None:
    page.locator(".drawing g[data-mark=bar]").nth(1).hover()
    assert page.locator(".mark-reading").first.inner_text().split("\n") == ["b · copies", "cnn", "share: 0.5"]


def test_marks_are_reached_by_the_keyboard(page: Page) -> None:
    page.locator(".sheet").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".mark-reading").first.is_visible()
    first = page.locator(".mark-reading").first.inner_text()
    page.keyboard.press("ArrowRight")
    assert page.locator(".mark-reading").first.inner_text() != first
    page.keyboard.press("Escape")
    assert not page.locator(".mark-reading").first.is_visible()


def test_a_network_lights_up_in_every_figure_and_table(page: Page) -> None:
    rings = "[...document.querySelectorAll('.rings')].map((group) => group.childElementCount)"
    page.locator("table.data tbody tr").nth(3).hover()
    until(page, f"{LIT} === 1")
    assert page.evaluate(rings) == [1, 1]
    ring = page.locator(".rings circle").first
    dot = page.locator(".drawing g[data-label=networks] use").nth(3)
    assert ring.get_attribute("cx") == str(float(dot.get_attribute("x") or 0)).removesuffix(".0")
    page.mouse.move(2, 2)
    until(page, f"{LIT} === 0")
    assert page.evaluate(rings) == [0, 0]
    page.locator("thead button").nth(2).click()  # sorted by loss
    lowest = networks().head(25).loss.idxmin()
    page.wait_for_timeout(200)
    dot = page.locator(".drawing g[data-label=networks] use").nth(int(lowest))
    dot.hover(force=True)
    until(page, f"{LIT} === 1")
    assert page.evaluate("document.querySelector('tr.lit').rowIndex") == 1


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    seen = Watched(context.new_page())
    seen.page.goto(address)
    until(seen.page, "document.querySelectorAll('svg[data-drawn]').length === 4")  # the figures of two panels
    yield seen.page
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


def test_on_a_phone_panels_stand_below_each_other_and_letters_keep_their_size(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    for figure in (phone.locator("figure.drawing").first, phone.locator("figure.drawing").last):
        assert figure.locator(".sheet").evaluate("(sheet) => sheet.scrollWidth - sheet.clientWidth") == 0
        first, second = (part.bounding_box() for part in figure.locator("g[data-part=panel]").all())
        assert first is not None
        assert second is not None
        assert second["y"] >= first["y"] + first["height"]
    sizes = phone.evaluate(SIZES, "text[font-size]")
    assert len(sizes) > 10
    assert 8.49 <= min(sizes) < 9
    assert phone.locator(".saving button").first.is_visible()


def test_on_a_phone_a_panel_has_the_words_of_the_axis_that_it_shares(phone: Page) -> None:
    lines = phone.locator("figure.drawing").last.locator("g[data-part=panel]").all()
    words = [[text.text_content() for text in line.locator("text").all()] for line in lines]
    assert set(words[0]) - {"a\u2002First"} <= set(words[1])
    assert "a shared loss" in words[1]
    places = [
        [text.bounding_box() for text in line.locator("text", has_text=re.compile("10|a shared loss")).all()]
        for line in lines
    ]
    frames = [line.locator("path").first.bounding_box() for line in lines]
    assert len(places[0]) == len(places[1]) > 2
    for before, after in zip(*places, strict=True):  # the same words at the same places beside their frames
        for side in ("x", "y"):
            gaps = [box[side] - frame[side] for box, frame in zip((before, after), frames, strict=True)]  # type: ignore[index]
            assert gaps[0] == pytest.approx(gaps[1], abs=0.6)


def test_a_title_that_a_panel_borrows_on_a_phone_has_no_letter_of_another(phone: Page) -> None:
    panels = phone.locator("figure.drawing", has_text="upper").locator("g[data-part=panel]").all()
    titles = [[text for text in panel.locator("text").all_text_contents() if "upper" in text] for panel in panels]
    assert titles == [["a\u2002upper"], [], ["upper"], []]


def test_on_a_phone_marks_are_read_where_they_are_shown(phone: Page) -> None:
    table = networks()
    phone.locator(".drawing g[data-label=networks] use").nth(7).tap(force=True)
    until(phone, "document.querySelector('.mark-reading').textContent.includes('member: 7')")
    words = phone.locator(".mark-reading").first.inner_text().split("\n")
    assert float(words[2].removeprefix("share near: ")) == pytest.approx(table.share[7], rel=0.02)
    phone.locator(".drawing g[data-mark=bar]").nth(1).tap(force=True)
    assert phone.locator(".mark-reading").first.inner_text().split("\n") == ["b · copies", "cnn", "share: 0.5"]
    ring, bar = (
        phone.locator(".rings rect").bounding_box(),
        phone.locator(".drawing g[data-mark=bar]").nth(1).bounding_box(),
    )
    assert ring is not None
    assert bar is not None
    assert [ring[side] for side in ("x", "y")] == pytest.approx([bar[side] for side in ("x", "y")], abs=2)


def test_a_figure_saved_on_a_phone_is_as_it_was_drawn(phone: Page) -> None:
    with phone.expect_download() as waiting:
        phone.locator("figure.drawing").last.get_by_role("button", name="SVG").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert text.count("a shared loss") == 1
    assert int(re.findall(r' width="(\d+)"', text)[0]) > 500


def test_a_plot_of_one_panel_fits_a_phone_at_its_full_size_and_is_larger_where_there_is_room(
    phone: Page, page: Page
) -> None:
    widths = [seen.locator(".slim svg").first.bounding_box()["width"] for seen in (phone, page)]  # type: ignore[index]
    assert widths == pytest.approx([96 * SLIM_WIDTH, 96 * SLIM_WIDTH * MOST_ENLARGED], abs=1.5)
    figure = phone.locator("figure.drawing", has_text="hidden layers").locator(".sheet")
    assert figure.evaluate("(sheet) => sheet.scrollWidth - sheet.clientWidth") == 0


def test_a_drawing_that_is_wider_than_a_phone_is_scrolled_and_shows_it(phone: Page) -> None:
    sheet = phone.locator("figure.drawing", has_text="a broad panel").locator(".sheet")
    assert sheet.evaluate("(one) => one.scrollWidth > one.clientWidth + 50")
    sheet.scroll_into_view_if_needed()

    def edge() -> np.ndarray:
        with Image.open(io.BytesIO(sheet.screenshot())) as picture:
            return np.asarray(picture.convert("L"))[2, -3:]

    assert edge().max() < 240  # a shadow
    sheet.evaluate("(one) => one.scrollTo(1000, 0)")
    phone.wait_for_timeout(100)
    assert edge().min() > 250


def test_without_scripts_figures_show_and_nothing_else(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    seen = Watched(context.new_page())
    seen.page.goto(address)
    assert seen.page.locator(".drawing svg").first.is_visible()
    assert seen.page.locator(".saving").count() == 0
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()
