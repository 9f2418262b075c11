"""The page of the paper: the ledger first, then the questions, then each figure in the paper's layout."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from landscape.figures import Panel, SceneGrid
from landscape.figures.panel import MAX_CAPTION_WORDS
from landscape.reproduce.as_published import compared
from landscape.reproduce.choice import choose
from landscape.reproduce.figure_panels import LAYOUT, figure_panels, schematic_panel
from landscape.reproduce.ledger import ledger
from landscape.reproduce.made import Made, found_of
from landscape.reproduce.paper_page import TITLE, _few_beside, _otherwise, write_page
from landscape.reproduce.rows import rows

MAX_BYTES = 3_000_000


@pytest.fixture(scope="module")
def text(made: dict[str, Made], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page about three figures."""
    table = ledger({name: found_of(one) for name, one in made.items()})
    path = Path(tmp_path_factory.mktemp("page")) / "report.html"
    found = write_page(
        table, made, path, choice=choose([], "test", ["film"]), failed={"fig4": "no luck"}, quirks=compared({})
    )
    return found.read_text(encoding="utf-8")


def test_the_ledger_comes_before_the_questions_and_the_figures(text: str) -> None:
    assert f"<h1>{TITLE}</h1>" in text
    places = [
        text.index(words)
        for words in ('id="claim-C1b"', "Ten questions</h3>", "Figure 1: what", '<section class="run" id="run-2">')
    ]
    assert places == sorted(places)
    assert text.count('<tr id="claim-') == len(rows())
    assert len(text.encode()) < MAX_BYTES


def test_every_link_within_the_page_leads_somewhere(text: str) -> None:
    there = set(re.findall(r'\bid="([^"]+)"', text))
    links = set(re.findall(r'href="#([^"]+)"', text))
    assert links <= there
    assert {"run-2", "run-2-claims", "run-2-data"} <= links


def test_what_failed_and_what_was_not_run_is_said(text: str) -> None:
    assert "fig4 (no luck)" in text
    assert "Left out when this was run: Training as a film." in text
    assert "landscape reproduce all --preset test --without film" in text
    assert text.count("not yet run</span>") == len(rows()) - 2
    assert "(14 differences)" in text


def test_figures_have_the_papers_layout(made: dict[str, Made]) -> None:
    for name, one in made.items():
        panels = list(figure_panels(one))
        assert panels, name
        assert {panel.section for panel in panels} == {LAYOUT}
    surfaces = list(figure_panels(made["fig5"]))[-1].body
    assert isinstance(surfaces, SceneGrid)
    assert len(surfaces.columns) == 3  # one point, and four points with both readings of L


def test_a_caption_counts_in_the_table(made: dict[str, Made]) -> None:
    result = made["fig2"].result

    def panel_with(share: float) -> Panel:
        changed = replace(result, tables=result.tables | {"members": result.table.assign(share_early=share)})
        return next(figure_panels(replace(made["fig2"], result=changed)))

    assert panel_with(1.0).title.endswith(": most samples arrive within 5 iterations")
    assert panel_with(0.0).title.endswith(": most samples do not arrive within 5 iterations")
    assert "After 5 iterations 100 % of the samples are near a training point (" in panel_with(1.0).caption


def test_captions_are_short_and_say_once_how_training_ended(made: dict[str, Made]) -> None:
    for one in made.values():
        panels = list(figure_panels(one))
        assert max(len(panel.caption.split()) for panel in panels) <= MAX_CAPTION_WORDS
        words = " ".join(panel.how for panel in panels)
        assert words.count("(training loss at most 1e-6)") + words.count("each trained for all its steps") == 1


def test_a_run_without_a_layout_has_no_figure(made: dict[str, Made]) -> None:
    other = replace(made["fig2"], run=replace(made["fig2"].run, name="depth"))
    assert list(figure_panels(other)) == []
    assert isinstance(schematic_panel(), Panel)


def test_a_claim_keeps_its_parts_and_its_only_estimate_whatever_stands_beside_them() -> None:
    """A claim without any estimate would stand among those that the run does not test."""
    parts = [("S2", 0, math.nan, True), ("S2", 1, 0.1, False), *[("S2", 2, 0.1, False)] * 13]
    alone = [("C14", 0, math.nan, True), *[("C14", 1, 0.1, False)] * 13]
    few = [("C8", 0, 0.1, True), *[("C8", 1, 0.1, False)] * 12]
    claims = pd.DataFrame([*parts, *alone, *few], columns=["key", "level", "estimate", "primary"])
    kept, apart = _few_beside(claims)
    assert apart == {"S2": 13}
    assert list(kept.key.value_counts(sort=False)) == [2, 14, 13]


def test_a_run_says_that_it_contradicts_the_run_which_decides(made: dict[str, Made]) -> None:
    run = next(one for one in made.values() if {"C14", "C6"}.isdisjoint(one.run.claims))
    columns = ["key", "statement", "level", "verdict", "estimate", "low", "high"]
    rows = [("C14", "No copies", 0, "refuted", 0.28, 0.19, 0.4), ("C6", "Falls", 0, "mixed", 0.5, 0.4, 0.6)]
    claims = pd.DataFrame(rows, columns=columns)
    words = _otherwise(claims, run, {"C14": "supported", "C6": "refuted"})
    assert words == (
        " In this run “No copies” (C14) is refuted, 0.28 (95 % CI 0.19 to 0.4); the run that decides it says supported."
    )
    assert _otherwise(claims, run, {"C14": "refuted", "C6": "refuted"}) == ""
