"""Pictures of users' measures: functions of theirs that give each network a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from landscape.figures.panel import Panel
from landscape.figures.rows import stand_for
from landscape.figures.theme import INK, MUTED, ORANGE, PALETTE, drawn, new_figure

MAX_CELL_NAMES = 24  # with more cells, their names are left out


def panel_of(table: pd.DataFrame, name: str, keys: Sequence[str]) -> Panel:
    """A panel of the measure in the column `name`: a dot for each network, by cell; the columns `keys` identify the cell."""
    swept = [key for key in keys if table[key].nunique() > 1] or list(keys[:1])
    shown = pd.DataFrame({"cell": table[swept].astype(str).agg(", ".join, axis=1), name: table[name].astype(float)})
    shown["converged"] = table["status"] == "converged" if "status" in table else True
    middle = shown.groupby("cell", sort=False)[name].median()
    low, high = (str(middle.idxmin()), str(middle.idxmax())) if middle.notna().any() else ("", "")
    extremes = (
        f"; by {', '.join(swept)} from {middle[low]:.3g} at {low} to {middle[high]:.3g} at {high}"
        if low != high
        else ""
    )
    caption = (
        f"Median {shown[name].median():.3g} over {len(shown)} networks{extremes}. A dot is a network, a line a cell's median; "
        "hollow dots did not converge."
    )
    words = {"cell": ", ".join(swept), name: name}
    return Panel(f"Your measure: {name}", caption, by_cell(shown, words), downloads={name: table[[*keys, name]]})


@drawn
def by_cell(shown: pd.DataFrame, words: dict[str, str]) -> Figure:
    """A figure of a dot for each network, by cell, with a line at each cell's median.

    `shown` has the columns cell, converged and the measure's. `words` maps cell and the measure's column to axis labels."""
    name = list(words)[1]
    figure, axes = new_figure()
    cells, spread = list(shown["cell"].unique()), np.random.default_rng(0)
    for place, (_, rows) in enumerate(shown.groupby("cell", sort=False)):
        x = place + spread.uniform(-0.18, 0.18, len(rows))
        fill = np.where(rows["converged"], PALETTE[0], "none")
        dots = axes.scatter(x, rows[name], s=16, c=fill, edgecolors=PALETTE[0], lw=0.7, alpha=0.7)
        stand_for(dots, rows)
        axes.hlines(rows[name].median(), place - 0.3, place + 0.3, color=ORANGE, lw=1.8)
    axes.set(xlabel=words["cell"], ylabel=name, xlim=(-0.6, len(cells) - 0.4))
    axes.set_xticks(range(len(cells)), cells if len(cells) <= MAX_CELL_NAMES else [""] * len(cells), color=INK)
    if len(cells) > 4:
        axes.tick_params(axis="x", rotation=30)
    axes.grid(axis="x", visible=False)
    axes.axhline(0, color=MUTED, lw=0.6, zorder=0) if (shown[name] < 0).any() else None
    return figure
