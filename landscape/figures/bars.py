"""Stacked horizontal bars whose parts differ in colour and hatching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from landscape.figures.theme import GREEN, GRID, INK, ORANGE, PURPLE, drawn, new_figure, roomy

STATE_COLOURS = {"memorised": ORANGE, "spurious": PURPLE, "new": GREEN, "unlike the data": GRID}
HATCHES = ("", "//", "...", "xxx", "\\\\", "")


def stacked_bars(ax: Axes, parts: pd.DataFrame, colours: Sequence[str]) -> list[BarContainer]:
    """Draw each row of `parts` as a horizontal bar, and return the bars of each column.

    Bars stand in the order of the rows, from the top, and are named by the index. Columns are stacked in their order, each
    with its colour and its entry in the legend. A missing number has no length."""
    left, made = np.zeros(len(parts)), []
    for index, (word, colour) in enumerate(zip(parts.columns, colours, strict=True)):
        values, hatch = parts[word].fillna(0).to_numpy(float), HATCHES[index % len(HATCHES)]
        style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white", "lw": 0}
        made.append(ax.barh(range(len(parts)), values, left=left, height=0.73, label=word, **style))
        left += values
    ax.set_yticks(
        range(len(parts)), [f"{name:g}" if isinstance(name, int | float) else str(name) for name in parts.index]
    )
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    ax.grid(visible=False)
    return made


def label_bars(ax: Axes, bars: BarContainer, texts: Sequence[str]) -> None:
    """Write a text into the middle of each bar, on white, so that it can be read on every colour. An empty text has no box."""
    for text in ax.bar_label(bars, texts, label_type="center", fontsize=8.5, color=INK):
        box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
        text.set_bbox(box if text.get_text() else None)


@drawn
def state_shares(table: pd.DataFrame, *, setting: str, width: float = 6.8) -> Figure:
    """A figure of what samples are: for each setting a bar of the mean shares of memorised, spurious and new samples.

    `table` has a row per network and the columns `setting` and those of STATE_COLOURS, whose last is what the others leave. The
    numbers in the bars are percentages. Settings keep the order in which they first appear, from the top."""
    *words, rest = STATE_COLOURS
    shares = table.groupby(setting, sort=False)[words].mean()
    shares = shares.assign(**{rest: 1 - shares.sum(axis=1, skipna=False)})
    figure, ax = new_figure(width, 1.3 + 0.36 * len(shares))
    for word, bars in zip(STATE_COLOURS, stacked_bars(ax, shares, list(STATE_COLOURS.values())), strict=True):
        label_bars(ax, bars, [f"{part:.0%}" if part > 0.04 else "" for part in shares[word]])
    ax.set(xlim=(0, 1), xlabel="share of samples, mean over networks", ylabel=setting)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    figure.legend(loc="outside lower center", ncols=len(STATE_COLOURS))
    roomy(figure)
    return figure
