"""Stacked horizontal bars, told apart by colour and by hatching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

HATCHES = ("", "//", "...", "xxx", "\\\\", "")


def stacked_bars(ax: Axes, parts: pd.DataFrame, colours: Sequence[str]) -> list[BarContainer]:
    """A bar a row of `parts`, from the top, named by its index; its columns stacked in their order, a colour and a word of
    the legend each. Missing numbers have no length. Returns each column's bars."""
    left, drawn = np.zeros(len(parts)), []
    for index, (word, colour) in enumerate(zip(parts.columns, colours, strict=True)):
        values, hatch = parts[word].fillna(0).to_numpy(float), HATCHES[index % len(HATCHES)]
        style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white", "lw": 0}
        drawn.append(ax.barh(range(len(parts)), values, left=left, height=0.73, label=word, **style))
        left += values
    ax.set_yticks(range(len(parts)), [f"{one:g}" if isinstance(one, int | float) else str(one) for one in parts.index])
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    ax.grid(visible=False)
    return drawn
