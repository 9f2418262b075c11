"""Pages on paper: the answer on the first page, every tab, nothing wider than the paper, and pictures of surfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from landscape import presets
from tests.browser.conftest import until

pytestmark = pytest.mark.browser
MILLIMETRE = 96 / 25.4
PAPER: ViewportSize = {"width": round(190 * MILLIMETRE), "height": round(277 * MILLIMETRE)}  # A4 with margins of 10 mm

# What reaches beyond the right edge of the paper, by its class or name.
BEYOND = """() => [...document.querySelectorAll('main *, header *')].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.width && box.height && box.right > innerWidth + 1 && getComputedStyle(part).visibility === 'visible'
        && !part.closest('.unseen, svg svg, svg g, details:not([open]) > :not(summary)');
}).map((part) => `${part.tagName}.${part.getAttribute('class')} in ${part.closest('[id]')?.id}`)"""


@pytest.fixture(params=presets.study_names())
def paper(request: pytest.FixtureRequest, browser: Browser, page_of_study: Callable[[str], str]) -> Iterator[Page]:
    """The page of a study as it is printed, on one endless sheet."""
    address = page_of_study(request.param)
    context = browser.new_context(viewport=PAPER, color_scheme="dark")
    page = context.new_page()
    page.goto(address)
    until(page, "document.documentElement.classList.contains('has-script')")
    page.emulate_media(media="print")
    yield page
    context.close()


def test_a_page_on_paper_begins_with_its_answer_and_loses_nothing(paper: Page) -> None:
    answer = paper.locator(".answer, .lead").first.bounding_box()
    assert answer is not None
    assert answer["y"] + answer["height"] <= PAPER["height"]
    assert paper.evaluate(BEYOND) == []
    assert all(tab.is_visible() for tab in paper.locator(".tabs > section").all())
    controls = paper.locator("main :is(button:not(th button), input, select)").all()
    assert [part.evaluate("(part) => part.outerHTML") for part in controls if part.is_visible()] == []
    assert paper.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


# The colours of a surface's picture, row by row, as red, green, blue, opacity.
PIXELS = """() => { const canvas = document.querySelector('figure.scene .stage canvas');
    return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]; }"""


def test_surfaces_of_a_dark_page_are_printed_in_light_colours(
    browser: Browser, page_of_study: Callable[[str], str]
) -> None:
    context = browser.new_context(viewport=PAPER, color_scheme="dark")
    page = context.new_page()
    page.goto(page_of_study("depth-sweep"))
    page.locator("figure.scene .stage").first.scroll_into_view_if_needed()
    until(page, "Boolean(globalThis.landscape?.views[0].draws)")
    assert page.evaluate(PIXELS)[:3] == [26, 32, 40]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    pixels = np.array(page.evaluate(PIXELS)).reshape(-1, 4)[:, :3]
    assert pixels[0].tolist() == [255, 255, 255]
    assert (pixels.max(1) < 40).mean() < 0.1  # not black
    assert (np.ptp(pixels, axis=1) > 60).mean() > 0.1  # the colours of the surface
    context.close()
