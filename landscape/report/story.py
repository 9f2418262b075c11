"""A story in Markdown as HTML that cannot harm a page: no HTML of its own, no pictures, links to http and https alone."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

HIGHEST_HEADING = 3  # the page and its story have the first two
LOWEST_HEADING = 6
LONGEST_STORY = 1_000_000  # bytes


def read_story(path: Path) -> str:
    """The text of a story's file. Raises ValueError, in a line, for a file that cannot be read or is no text."""
    try:
        if path.stat().st_size > LONGEST_STORY:
            raise ValueError(f"the story {path} has more than {LONGEST_STORY:,} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"the story {path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"the story {path} is no text in UTF-8: byte {error.start} is no letter") from error


def story_html(text: str) -> Markup:
    """CommonMark with tables as HTML.

    1. HTML in the text is shown as it is written.
    2. A link to anything but http and https stays text, and so does a picture, which the page would have to fetch.
    3. Headings become those below the page's, the highest of them an h3."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
    reader.validateLink = _is_web  # type: ignore[assignment,method-assign]
    tokens = reader.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + HIGHEST_HEADING, LOWEST_HEADING)}"
    for link in (inner for token in tokens for inner in token.children or () if inner.type == "link_open"):
        link.attrSet("rel", "noopener noreferrer")
    return Markup(reader.renderer.render(tokens, reader.options, {}))


def _is_web(address: str) -> bool:
    return address.strip().lower().startswith(("https://", "http://"))
