"""The contents, the words that explain themselves, and the links from a claim to its tests, in a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from landscape.findings import Answer, Finding
from landscape.report import write_report
from tests.browser.conftest import Watched, until
from tests.report.sample import sample_run


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample run with an answer, as a page."""
    answer = Answer("Do samples settle?", [Finding("Settled: yes.", "The burn-in is 5 iterations.")])
    run = replace(sample_run(side=21), answer=answer)
    return write_report([run], Path(tmp_path_factory.mktemp("contents")) / "report.html").as_uri()


def test_the_rail_marks_the_section_that_is_read(browser: Browser, answered: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    seen = Watched(page)
    page.goto(answered)
    assert page.locator(".rail").is_visible()
    assert not page.locator(".menu").is_visible()
    until(page, "document.querySelector('.rail a[aria-current]')?.textContent === 'Answer'")
    page.locator(".rail a", has_text="Tables").click()
    until(page, "document.querySelector('.rail a[aria-current]')?.textContent === 'Tables'")
    assert page.locator(".page-controls").is_visible()  # it stays in view
    assert seen.is_quiet(), (seen.said, seen.asked)
    page.close()


def test_a_phone_has_a_menu_that_closes_when_a_place_is_chosen(browser: Browser, answered: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(answered)
    assert not page.locator(".rail").is_visible()
    page.locator(".menu summary").click()
    page.locator(".menu a", has_text="Every test").click()
    assert not page.locator(".menu .links").is_visible()
    assert page.evaluate("location.hash") == "#run-1-tests"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


def test_a_word_opens_its_meaning_and_escape_closes_it(browser: Browser, answered: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(answered)
    meaning = page.locator("#term-burn-in")
    assert not meaning.is_visible()
    page.get_by_role("button", name="burn-in").click()
    assert "95\u00a0% of the samples that finally settle" in meaning.inner_text()
    page.keyboard.press("Escape")
    assert not meaning.is_visible()
    page.close()


def test_a_claims_link_opens_its_tests(browser: Browser, answered: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(answered)
    page.evaluate("document.querySelectorAll('details.forest').forEach((one) => { one.open = false; })")
    card = page.locator("article.claim", has_text="Depth beats width")
    card.locator("footer a").click()
    until(page, "document.getElementById('run-1-C10').open")
    assert page.locator("#run-1-C10 .strip").first.is_visible()
    page.close()


def test_data_sets_are_tabs_that_links_and_keys_open(browser: Browser, tmp_path: Path) -> None:
    run = sample_run(side=21)
    panels = [replace(run.panels[0], section=name, group="Each data set") for name in ("circle", "line")]
    path = write_report([replace(run, panels=panels)], tmp_path / "report.html")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(path.as_uri())
    circle, line = (page.locator(f"section#run-1-{name}") for name in ("circle", "line"))
    assert (circle.is_visible(), line.is_visible()) == (True, False)
    page.locator(".rail a", has_text="line").click()
    until(page, "document.getElementById('run-1-line-tab').checked")
    assert (circle.is_visible(), line.is_visible()) == (False, True)
    page.locator("#run-1-line-tab").focus()
    page.keyboard.press("ArrowLeft")
    assert (circle.is_visible(), line.is_visible()) == (True, False)
    page.emulate_media(media="print")
    assert (circle.is_visible(), line.is_visible()) == (True, True)
    page.close()
