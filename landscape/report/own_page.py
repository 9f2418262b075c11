"""Pages of your own: panels, figures, tables and text as one file, shown inline in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from landscape.figures.panel import Animation, Kaleidoscope, Panel, Scene, SceneGrid
from landscape.report.page import render
from landscape.report.run_view import RunView
from landscape.report.target import write_page

NOTEBOOK_HEIGHT = 720  # CSS pixels of a page in a notebook
PANEL_NAMES = {Figure: "Figure", pd.DataFrame: "Table", Scene: "Surface", SceneGrid: "Surfaces"}
PANEL_NAMES |= {Animation: "Animation", Kaleidoscope: "Samples"}


@dataclass(frozen=True, eq=False)
class Page:
    """A finished page: `html` is the whole file, which needs no other. A notebook shows it inline, `height` pixels high."""

    title: str
    html: str = field(repr=False)
    height: int = NOTEBOOK_HEIGHT

    def save(self, path: str | Path) -> Path:
        """Write the page to a file at once, and return its path.

        Raises FileExistsError for a file that is no HTML page, which would be lost."""
        write_page(self.html, Path(path))
        return Path(path)

    def _repr_html_(self) -> str:
        """The page in a frame of its own. Its scripts run there, and reach neither the notebook nor the network."""
        limits = 'sandbox="allow-scripts allow-downloads" allow="fullscreen"'
        size = f'width="100%" height="{self.height}" style="border:1px solid #ddd"'
        return f'<iframe title="{escape(self.title)}" {limits} {size} srcdoc="{escape(self.html)}"></iframe>'


def page(
    panels: Any,
    *,
    title: str = "Landscape",
    text: str = "",
    path: str | Path | None = None,
    height: int = NOTEBOOK_HEIGHT,
) -> Page:
    """A page of `panels`, in their order; written to `path` if one is given.

    A panel is a Panel, as landscape.surface and landscape.player return, or bare: a matplotlib Figure, a DataFrame, a Scene or
    another body of a panel, or plain text, whose paragraphs are separated by empty lines. Bare panels are numbered. `text`
    stands below the title.

    An empty page takes 126 KB, a surface of 256 × 256 heights 40 KB, a player of 64 orbits × 100 iterations × 28 × 28 pixels
    600 KB. Of a table that takes more than 400 KB compressed, the first rows are shown. Raises ValueError if there is no panel,
    or for a panel that no page can show."""
    given = [panels] if isinstance(panels, Panel | str | Figure | pd.DataFrame) else list(panels)
    if not given:
        raise ValueError(
            "a page needs at least one panel: landscape.surface(…), landscape.player(…), a Figure, a table, text"
        )
    made = Page(title, render([RunView(title, text, list(_panels(given)))]), height)
    if path is not None:
        made.save(path)
    return made


def _panels(given: Iterable[Any]) -> Iterator[Panel]:
    """Each item as a panel. A bare item belongs to the section of the panel before it."""
    section, numbers = "", dict.fromkeys(PANEL_NAMES.values(), 0)
    for place, item in enumerate(given, 1):
        if isinstance(item, Panel):
            section = item.section
            yield item
        elif isinstance(item, str):
            yield Panel("", "", _paragraphs(item), section)
        elif isinstance(item, pd.Series):
            yield Panel(str(item.name or "Column"), "", item.to_frame(), section)
        elif name := next((name for kind, name in PANEL_NAMES.items() if isinstance(item, kind)), ""):
            numbers[name] += 1
            yield Panel(getattr(item, "title", "") or f"{name} {numbers[name]}", "", item, section)
        else:
            raise ValueError(
                f"a panel must be a Panel, a Figure, a DataFrame, a Scene or text; number {place} is {type(item).__name__}. "
                "Arrays go through landscape.surface(heights) or landscape.player(orbits, data)"
            )


def _paragraphs(text: str) -> str:
    """Plain text as HTML, a paragraph for each block between empty lines."""
    return "".join(f"<p>{escape(part.strip(), quote=False)}</p>" for part in text.split("\n\n") if part.strip())
