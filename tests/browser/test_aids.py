"""A reader's aids in a browser: text that is copied, and tables that are searched."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import until
from tests.report.sample import COMMAND

pytestmark = pytest.mark.browser


def test_a_command_is_copied_and_the_page_says_so(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box = page.locator("#run-1-data .copyable").first
    box.get_by_role("button", name="Copy the command").click()
    until(page, "document.querySelector('.announced')?.textContent === 'copied'")
    assert page.evaluate("navigator.clipboard.readText()") == COMMAND
    assert box.locator("button").inner_text() == "copied"


def test_text_that_cannot_be_copied_is_selected(page: Page) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("#run-1-data .copyable button").first.click()
    until(page, "document.querySelector('.announced')?.textContent === 'selected'")
    assert page.evaluate("getSelection().toString().trim()") == COMMAND


def test_a_table_is_searched_among_all_its_rows(page: Page) -> None:
    table = page.locator(".panel", has_text="A row per member.")
    table.get_by_label("Search rows").fill("39")
    foot = "[...document.querySelectorAll('.table-foot [role=status]')].find((one) => one.textContent.includes('matching'))"
    until(page, f"Boolean({foot})")
    rows = table.locator("tbody tr")
    assert 0 < rows.count() < 40
    assert all("39" in text for text in rows.all_inner_texts())
    table.get_by_label("Search rows").fill("")
    until(page, f"!{foot}")
    assert rows.count() == 30
