"""Headless Chromium and the sample report, for tests that open the report in a browser."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from landscape import disk, reporting, results
from landscape.report import write_report
from tests.programs import program
from tests.report.sample import sample_run

QUIET_FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOFTWARE_GL_FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


FIRST_SCENE_DRAWN = "Boolean(globalThis.landscape?.views[0].draws)"


def until(page: Page, expression: str, *, seconds: float = 60) -> None:
    """Wait until a JavaScript expression is true.

    Playwright's wait_for_function evaluates text, which the page's policy forbids."""
    start = time.perf_counter()
    while not page.evaluate(expression):
        assert time.perf_counter() - start < seconds, f"not within {seconds} s: {expression}"
        page.wait_for_timeout(20)


def chromium() -> str:
    """The path of a Chromium."""
    return program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report([sample_run()], tmp_path_factory.mktemp("browser") / "report.html").as_uri()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    chromium()
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium(), args=QUIET_FLAGS + SOFTWARE_GL_FLAGS)
    yield started
    started.close()


@pytest.fixture(scope="session")
def browser_without_gl(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium(), args=[*QUIET_FLAGS, "--disable-3d-apis"])
    yield started
    started.close()


@dataclass
class Watched:
    """A page, with all its console messages and errors (`said`) and its requests (`asked`)."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def is_quiet(self) -> bool:
        """Whether it gave no message, and requested only the file itself and what the file carries."""
        outside = [url for url in self.asked if not url.startswith(("file:", "data:", "blob:"))]
        return self.said == [] and outside == []


@pytest.fixture
def watched(browser: Browser, report: str) -> Iterator[Watched]:
    """The report in a desktop window, its first surface in view and drawn. Its messages and requests are checked at the end.

    The device has two pixels for each CSS pixel. There, quick and slow machines draw the same picture at rest
    (FINEST_DENSITY in loop.js), so that pictures can be compared."""
    context = browser.new_context(viewport={"width": 1480, "height": 900}, device_scale_factor=2)
    seen = Watched(context.new_page())
    seen.page.goto(report)
    seen.page.locator("figure.scene").first.scroll_into_view_if_needed()
    until(seen.page, FIRST_SCENE_DRAWN)
    yield seen
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@pytest.fixture(scope="session")
def page_of_study(
    run_of_test_preset: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """The address of the page of a study's run with its preset for tests: written once, also for several processes of xdist."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pages-of-test-presets"

    def page(name: str) -> str:
        folder.mkdir(exist_ok=True)
        run, path = run_of_test_preset(name), folder / f"{name}.html"
        with disk.locked(folder / f"{name}.lock"):
            if not path.exists():
                reporting.write([results.load(run)], path)
        return path.as_uri()

    return page
