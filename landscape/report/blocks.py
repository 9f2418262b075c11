"""Panels prepared for the page's template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landscape.figures.panel import Panel
from landscape.report.bodies import Body, body_of
from landscape.report.page_data import Download, PageData


@dataclass(frozen=True)
class Block:
    """A panel on the page: its texts, its body and the tables that a reader may save."""

    id: str
    title: str
    caption: str
    body: Body
    downloads: Sequence[Download]


def block_of(panel: Panel, data: PageData) -> Block:
    """`panel` as a block; what the page must carry for it is added to `data`.

    Raises TypeError for a body of an unknown type, and ValueError for content that a page cannot show."""
    name = data.next_id("panel")
    downloads = [data.download(name, frame) for name, frame in panel.downloads.items()]
    body = body_of(panel.body, panel.title, data)
    return Block(name, panel.title, panel.caption, body, [*body.downloads, *downloads])
