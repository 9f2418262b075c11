"""A story in Markdown: what it may hold, and what it may not do to a page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landscape.report import render
from landscape.report.story import read_story, story_html
from tests.report.sample import sample_run


def test_html_of_a_story_is_shown_as_it_is_written() -> None:
    said = story_html("A <script>alert(1)</script> and\n\n<div onclick='x()'>b</div>\n")
    assert "<script" not in said
    assert "<div" not in said
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in said


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "//host/x",
        "x",
    ],
)
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    assert "href" not in story_html(f"[here]({address})")
    assert "href" not in story_html(f"<{address}>")
    assert 'href="https://arxiv.org/abs/2402.11793" rel="noopener' in story_html(
        "[x](https://arxiv.org/abs/2402.11793)"
    )


def test_a_picture_is_not_fetched() -> None:
    assert "<img" not in story_html("![a](https://host/a.png)")


def test_headings_of_a_story_stand_below_those_of_the_page() -> None:
    said = story_html("# One\n\ntext\n\n## Two\n\n###### Six\n")
    assert [tag in said for tag in ("<h3>One", "<h4>Two", "<h6>Six", "<h1", "<h2")] == [True, True, True, False, False]
    assert "<h3>Two" in story_html("## Two")


def test_tables_and_lists_are_read() -> None:
    said = story_html("| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n")
    assert said.count("<td>") == 2
    assert said.count("<li>") == 2


def test_a_page_has_its_story_below_its_heading() -> None:
    text = render([sample_run(side=9)], title="Mine", story="Why *this* matters.")
    assert text.index("<h1>Mine</h1>") < text.index("<p>Why <em>this</em> matters.</p>") < text.index("<main>")


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), (b"\xff\xfe", "is no text in UTF-8"), (b"a" * 1_000_001, "more than")]
)
def test_a_file_that_holds_no_story_is_refused_in_a_line(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "story.md"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=why) as caught:
        read_story(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_heading_of_several_runs_names_their_studies() -> None:
    runs = [replace(sample_run(side=9), title=title) for title in ("Basins: where · seed 1", "Basins: where · seed 2")]
    assert "<h1>Basins</h1>" in render(runs)
    assert "<h1>Basins, Depth and Corners</h1>" in render(
        [*runs, replace(runs[0], title="Depth"), replace(runs[0], title="Corners: fall")]
    )
