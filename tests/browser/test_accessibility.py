"""Pages under axe-core, the accessibility engine: none of its rules is broken, light or dark, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from landscape import presets
from landscape.findings import Answer, Finding
from landscape.report import write_report
from landscape.report.own_page import page as own_page
from tests.browser.conftest import Watched, until
from tests.browser.test_overview import page_of
from tests.report.sample import curve_figure, members, sample_run

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.browser
# The first frame arranges what was opened; in the second it is at rest.
OPENED = """() => new Promise((done) => {
    document.querySelectorAll('details:not(.menu)').forEach((one) => { one.open = true; });
    requestAnimationFrame(() => requestAnimationFrame(done)); })"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The sample run with an answer, beside another run, bare panels as a page, and the overview of runs."""
    folder = Path(tmp_path_factory.mktemp("accessibility"))
    bare = own_page([curve_figure(), members(), "Words."]).save(folder / "own.html")
    answer = Answer("Do samples settle?", [Finding("Settled: yes.", "The burn-in is 5 iterations.")])
    run = replace(sample_run(side=21), answer=answer)
    return {
        "one run": write_report([run], folder / "one.html").as_uri(),
        "two runs": write_report([run, replace(run, title="Another")], folder / "two.html").as_uri(),
        "own": bare.as_uri(),
        "overview": page_of(folder, 0),
    }


@pytest.mark.parametrize("name", ["one run", "two runs", "own", "overview"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_no_rule_of_axe_is_broken(browser: Browser, pages: dict[str, str], name: str, scheme: str, width: int) -> None:
    assert broken_rules(browser, pages[name], scheme, width) == []


@pytest.mark.parametrize("name", presets.study_names())
def test_no_rule_of_axe_is_broken_by_the_page_of_a_study(
    browser: Browser, page_of_study: Callable[[str], str], name: str
) -> None:
    address = page_of_study(name)
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)):
        assert broken_rules(browser, address, scheme, width) == [], (scheme, width)


def broken_rules(browser: Browser, address: str, scheme: str, width: int) -> list[tuple[str, object, str]]:
    """The rules that the page breaks with all that it folds opened, and where. It must give no message meanwhile."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen = Watched(context.new_page())
    seen.page.goto(address)
    until(seen.page, "document.documentElement.classList.contains('has-script')")
    seen.page.evaluate(OPENED)
    broken = [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in axe.Axe().run(seen.page).response["violations"]
        for node in rule["nodes"]
    ]
    assert seen.is_quiet(), (seen.said, seen.asked)
    context.close()
    return broken


def test_axe_sees_what_is_wrong(browser: Browser) -> None:
    """The same engine on a page with a picture without words, so that its silence above means something."""
    page = browser.new_page()
    page.set_content("<main><h1>A page</h1><img src='data:,'></main>")
    assert "image-alt" in [rule["id"] for rule in axe.Axe().run(page).response["violations"]]
    page.close()
