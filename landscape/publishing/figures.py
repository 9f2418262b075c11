"""The figures of a run's page, by name, as matplotlib draws them for print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from landscape import reporting
from landscape.figures import Panel
from landscape.figures.finish import finish
from landscape.figures.theme import any_script, styled
from landscape.presets import did_you_mean
from landscape.results import Result

DOTS_PER_INCH = 300  # of a PNG, as journals ask
# Text stays text, so that it can be searched and edited; fonts are embedded in a PDF.
SETTINGS: Any = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "landscape"}


def figures_of(result: Result, *, only: str | Sequence[str] = (), style: str | Path | None = None) -> dict[str, Figure]:
    """The figures of a run's page by their names, such as `depth-or-capacity`, in the order of the page.

    A name is the panel's title up to a colon, in small letters, with the section if two panels share it. `only` are titles or
    parts of them, `style` is a file of matplotlib's settings or the name of one of its styles. Surfaces, players and tables of
    the page are no figures, and are left out. Raises ValueError if no figure is asked for, for a style that cannot be read,
    for a run of another version of its study, and for a run without a finished cell."""
    asked = (only,) if isinstance(only, str) else tuple(only)
    with styled(style) if style else nullcontext():
        panels = [panel for panel in reporting.panels_of(result) if isinstance(panel.body, Figure)]
        chosen = [panel for panel in panels if _asked(panel, asked)]
        if not chosen:
            titles = list(dict.fromkeys(panel.title for panel in panels))
            near = did_you_mean(asked[0], titles) if asked else ""
            has = ", ".join(map(repr, titles)) or "none"
            raise ValueError(f"no figure of {result.path.name} is asked for; it has {has}{near}")
        named = _named(chosen)
        with any_script():
            for figure in named.values():
                finish(figure)
        return named


def save(figure: Figure, file: Path) -> None:
    """Write a figure in the form of the file's ending, whole or not at all; equal figures give equal files."""
    part = file.with_name(f".{file.name}")
    form = file.suffix.removeprefix(".")
    dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with mpl.rc_context(SETTINGS), any_script():
        figure.savefig(part, format=form, dpi=DOTS_PER_INCH, metadata=dates.get(form))
    part.replace(file)


def _asked(panel: Panel, only: Sequence[str]) -> bool:
    return not only or any(part.casefold() in panel.title.casefold() for part in only)


def _named(panels: Sequence[Panel]) -> dict[str, Figure]:
    """The figures of the panels by their names.

    What follows the colon of a title is what was found, so that names do not depend on it."""
    topics = [panel.title.partition(": ")[0] for panel in panels]
    found: dict[str, Figure] = {}
    stems: Counter[str] = Counter()
    for topic, panel in zip(topics, panels, strict=True):
        words = topic if topics.count(topic) == 1 else f"{topic} {panel.section}"
        stem = re.sub(r"[^\w]+", "-", words.casefold()).strip("-") or "figure"
        stems[stem] += 1
        assert isinstance(panel.body, Figure)
        found[f"{stem}{f'-{stems[stem]}' if stems[stem] > 1 else ''}"] = panel.body
    return found
