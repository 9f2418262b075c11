"""Panels as the pieces a page is laid out from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from landscape.figures.panel import Panel
from landscape.report.bodies import Body, body_of
from landscape.report.page_data import Download, PageData


@dataclass(frozen=True)
class Block:
    """One panel on the page."""

    id: str
    title: str
    caption: str
    body: Body
    downloads: Sequence[Download]


def block_of(panel: Panel, data: PageData) -> Block:
    """`panel` as a block; `data` collects what the page must carry for it. Raises TypeError for a body of no known kind."""
    name = data.next_id("panel")
    downloads = [data.download(name, frame) for name, frame in panel.downloads.items()]
    body = body_of(panel.body, panel.title, data)
    return Block(name, panel.title, panel.caption, body, [*body.downloads, *downloads])
