"""Pages of a user's own panels: what may stand on them, how they are written, and what a notebook is given."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import landscape
from landscape.figures.panel import Panel
from landscape.figures.theme import new_figure
from landscape.report.own_page import Page, page

TABLE = pd.DataFrame({"size": [1, 2], "loss": [0.5, 0.25]})


def titles(made: Page) -> list[str]:
    return re.findall(r"<h4>(.*?)</h4>", made.html)


def test_bare_panels_are_numbered_by_kind_and_text_has_no_title() -> None:
    figures = [new_figure()[0] for _ in range(2)]
    made = page(["Words.", figures[0], TABLE, Panel("Named", "", TABLE), figures[1], TABLE["loss"]], title="Mine")
    assert titles(made) == ["Figure 1", "Table 1", "Named", "Figure 2", "loss"]
    assert "<h1>Mine</h1>" in made.html


def test_text_is_plain_in_paragraphs() -> None:
    made = page("a < b & <script>c</script>\n\nsecond", title="<Title>", text="under <it>")
    assert "<p>a &lt; b &amp; &lt;script&gt;c&lt;/script&gt;</p><p>second</p>" in made.html
    assert "<h1>&lt;Title&gt;</h1>" in made.html
    assert "under &lt;it&gt;" in made.html


def test_a_page_of_ones_own_says_nothing_of_runs() -> None:
    made = page([TABLE])
    words = re.sub(r"<(script|style).*?</\1>", "", made.html, flags=re.DOTALL)
    assert not re.search(r"\brun's|Provenance|reproduce|<h3>", words)


def test_bare_panels_belong_to_the_section_before_them() -> None:
    made = page([Panel("A", "", TABLE, section="First"), "of the first", Panel("B", "", TABLE, section="Second")])
    first = made.html.index('id="run-1-first"')
    assert first < made.html.index("of the first") < made.html.index('id="run-1-second"')
    assert '<a href="#run-1-first">First</a>' in made.html


def test_a_page_is_written_and_replaces_pages_alone(tmp_path: Path) -> None:
    target = tmp_path / "new" / "mine.html"
    made = page([TABLE], path=target)
    assert target.read_text(encoding="utf-8") == made.html
    assert made.save(str(target)) == target
    assert [file.name for file in target.parent.iterdir()] == ["mine.html"]
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    with pytest.raises(FileExistsError, match="no HTML page"):
        made.save(other)
    assert other.read_text() == "mine"


def test_a_notebook_is_given_the_whole_page_in_a_frame_of_its_own() -> None:
    made = page([TABLE], title='"quoted"', height=300)
    frame = made._repr_html_()
    assert html.unescape(re.findall(r'srcdoc="([^"]*)"', frame)[0]) == made.html
    assert 'sandbox="allow-scripts allow-downloads"' in frame
    assert 'height="300"' in frame
    assert len(repr(made)) < 100


def test_the_page_has_the_strict_policy_of_reports() -> None:
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', page([TABLE]).html)[0]
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("panels", "line"),
    [
        ([], r"a page needs at least one panel"),
        ([TABLE, np.zeros((2, 2))], r"number 2 is ndarray\. Arrays go through landscape\.surface\(heights\)"),
    ],
)
def test_what_no_page_shows_gives_a_line(panels: list[object], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        page(panels)


def test_sizes_stay_near_those_of_the_documentation() -> None:
    """docs/using.md: 203 KB without panels, about 600 KB for a player of 64 orbits × 100 iterations × 28 × 28."""
    empty = len(page(["x"]).html)
    assert 190_000 < empty < 220_000
    rng = np.random.default_rng(0)
    start, goal = rng.random((2, 16, 28, 28))
    orbits = np.stack([goal + 0.9**t * (start - goal) for t in range(20)])
    assert len(page([landscape.player(orbits, goal)]).html) - empty < 610_000
