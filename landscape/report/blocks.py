"""Panels prepared for the page's template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from landscape.figures.panel import Panel
from landscape.report.bodies import Body, body_of
from landscape.report.page_data import Download, PageData
from landscape.report.snippets import snippet

_END = re.compile(r"(?<=[.!?])(?<!Fig\.)(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)\s+(?=[^a-z])")


@dataclass(frozen=True)
class Block:
    """A panel on the page: its texts, its body and the tables that a reader may save. `finding` is the caption's beginning.

    `snippet` is Python that makes what the panel shows."""

    id: str
    title: str
    finding: str
    rest: str
    how: str
    body: Body
    downloads: Sequence[Download]
    snippet: str = ""


def block_of(panel: Panel, data: PageData, run: str = "", room: str = "") -> Block:
    """`panel` of the run of this name as a block; what the page must carry for it is added to `data`.

    `room` is that of the body, see `body_of`. Raises TypeError for a body of an unknown type, and ValueError for content that a
    page cannot show."""
    name = data.next_id("panel")
    downloads = [data.download(name, frame) for name, frame in panel.downloads.items()]
    body = body_of(panel.body, panel.title, data, room)
    finding, rest = first_sentence(panel.caption)
    return Block(name, panel.title, finding, rest, panel.how, body, [*body.downloads, *downloads], snippet(panel, run))


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence of `text` and the rest. A sentence ends at . ! ? before anything but a small letter."""
    end = _END.search(text)
    return (text[: end.start()], text[end.end() :]) if end else (text, "")
