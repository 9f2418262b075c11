"""`landscape export --figures`: the figures of a run's page as files for print."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from landscape import loading, reporting
from landscape.commands import faults
from landscape.commands.faults import bad_input, stoppable, writing_to
from landscape.commands.runs import named_or_newest
from landscape.figures import Panel
from landscape.figures.finish import finish
from landscape.figures.theme import any_script, styled
from landscape.presets import did_you_mean

FORMATS = ("pdf", "svg", "png")
DOTS_PER_INCH = 300  # of a PNG, as journals ask
# Text stays text, so that it can be searched and edited; fonts are embedded in a PDF.
SETTINGS: Any = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "landscape"}


def export_figures(
    run: str | None,
    form: str,
    to: Path | None,
    *,
    only: tuple[str, ...] = (),
    style: str | None = None,
    out: Path | None = None,
) -> int:
    """Write the figures of a run's page to the folder `to`, by default `figures` in the run's folder: a file each.

    The run is by default the newest. `only` are titles or parts of them.
    Surfaces, players and tables of the page are no figures, and are left out."""
    with bad_input():
        if form not in FORMATS:
            raise ValueError(f"`figures` must be one of {', '.join(FORMATS)}; got {form!r}")
        result = loading.load(named_or_newest(run, out), out)
        folder = to or result.path / "figures"
        with styled(style) if style else nullcontext():
            panels = reporting.panels_of(result)
            chosen = [panel for panel in panels if isinstance(panel.body, Figure) and _asked(panel, only)]
            if not chosen:
                titles = list(dict.fromkeys(panel.title for panel in panels if isinstance(panel.body, Figure)))
                near = did_you_mean(only[0], titles) if only else ""
                has = ", ".join(map(repr, titles)) or "none"
                raise ValueError(f"no figure of {result.path.name} is asked for; it has {has}{near}")
            with stoppable("the figures so far are kept"), writing_to(folder, option="--to"), any_script():
                folder.mkdir(parents=True, exist_ok=True)
                for file, panel in _named(chosen, form).items():
                    _save(panel.body, folder / file)
                    print(f"figure  {folder / file}")
    return faults.OK


def _asked(panel: Panel, only: tuple[str, ...]) -> bool:
    return not only or any(part.casefold() in panel.title.casefold() for part in only)


def _named(panels: list[Panel], form: str) -> dict[str, Panel]:
    """The panels by the names of their files: the title up to a colon, in small letters, with the section if two share it.

    What follows the colon is what was found, so that names do not depend on it."""
    topics = [panel.title.partition(": ")[0] for panel in panels]
    found: dict[str, Panel] = {}
    stems: Counter[str] = Counter()
    for topic, panel in zip(topics, panels, strict=True):
        words = topic if topics.count(topic) == 1 else f"{topic} {panel.section}"
        stem = re.sub(r"[^\w]+", "-", words.casefold()).strip("-") or "figure"
        stems[stem] += 1
        found[f"{stem}{f'-{stems[stem]}' if stems[stem] > 1 else ''}.{form}"] = panel
    return found


def _save(figure: object, file: Path) -> None:
    """Write a figure, whole or not at all."""
    assert isinstance(figure, Figure)
    finish(figure)
    part = file.with_name(f".{file.name}")
    with mpl.rc_context(SETTINGS):
        dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
        form = file.suffix.removeprefix(".")
        figure.savefig(part, format=form, dpi=DOTS_PER_INCH, metadata=dates.get(form))
    part.replace(file)
