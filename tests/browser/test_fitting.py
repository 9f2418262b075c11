"""The figures of each study's page on a phone and on a desktop: nothing scrolls, nothing is cut off, and words can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from landscape import presets
from landscape.figures.panel import Panel
from landscape.figures.theme import new_figure, new_grid
from landscape.report import RunView, write_report
from tests.browser.conftest import Watched, until

pytestmark = pytest.mark.browser
LEAST = 8.45  # points; sides are whole pixels; exponents of powers of ten are smaller
FLOWED = """() => Promise.all([...document.querySelectorAll('.sheet')].map((sheet) => new Promise((done) => {
    sheet.closest('details')?.setAttribute('open', '');
    sheet.closest('.tabs > section')?.style.setProperty('display', 'block');
    new ResizeObserver((_, one) => { one.disconnect(); requestAnimationFrame(done); }).observe(sheet); })))"""
FAULTS = f"""() => [...document.querySelectorAll('.sheet')].flatMap((sheet) => {{
    const svg = sheet.querySelector('svg');
    const frame = svg.getBoundingClientRect();
    const name = sheet.closest('figure').dataset.file;
    const faults = sheet.scrollWidth > sheet.clientWidth ? [[name, 'scrolls', sheet.scrollWidth - sheet.clientWidth]] : [];
    for (const text of svg.querySelectorAll('text[font-size]')) {{
      const {{ left, top, right, bottom }} = text.getBoundingClientRect();
      const out = Math.max(frame.left - left, frame.top - top, right - frame.right, bottom - frame.bottom);
      if (out > 1.5) faults.push([name, 'cut off', text.textContent, out]);
      const {{ a, b }} = text.getScreenCTM();
      const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b) / 96 * 72;
      if (size < {LEAST}) faults.push([name, 'too small', text.textContent, size]);
    }}
    return faults; }})"""


def faults_of(browser: Browser, address: str, width: int) -> Sequence[Sequence[object]]:
    """What is wrong with the figures of a page in a window of this width: the figure, the fault and its size."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    seen = Watched(context.new_page())
    seen.page.goto(address)
    until(seen.page, "document.documentElement.classList.contains('has-script')")
    seen.page.evaluate(FLOWED)
    found: Sequence[Sequence[object]] = seen.page.evaluate(FAULTS)
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()
    return found


@pytest.mark.parametrize("name", presets.study_names())
def test_the_figures_of_a_study_fit_a_phone_and_a_desktop(
    browser: Browser, page_of_study: Callable[[str], str], name: str
) -> None:
    address = page_of_study(name)
    assert {width: faults_of(browser, address, width) for width in (390, 1280)} == {390: [], 1280: []}


def test_a_figure_that_does_not_fit_a_phone_is_seen(browser: Browser, tmp_path: Path) -> None:
    broad, _ = new_grid(1, 2, width=9.0, height=3.0, width_ratios=[4, 1])
    cut, axes = new_figure(width=6.0)
    axes.annotate("cut off", (1, 0.5), (1.2, 0.5), annotation_clip=False).set_in_layout(False)
    small, axes = new_figure()
    axes.set_xlabel("small", fontsize=6)
    figures = {"Broad": broad, "Cut": cut, "Small": small}
    panels = [Panel(title, "", figure) for title, figure in figures.items()]
    address = write_report([RunView("Figures", "", panels)], tmp_path / "figures.html").as_uri()
    assert [fault[:2] for fault in faults_of(browser, address, 390)] == [
        ["broad", "scrolls"],
        ["cut", "cut off"],
        ["small", "too small"],
    ]
